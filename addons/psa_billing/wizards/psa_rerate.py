"""Unbilled work at the prices of today's rate cards: first shown, then moved to the lines of these prices."""

import json

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.money import amount_of, dec
from ..models.copied import CopiedMany2one
from ..models.psa_wip_entry_rerate import Converted
from ..models.rights import check_billing_manager
from .psa_rerate_prices import RerateSpans, first_ordered, summary


class PsaRerate(models.TransientModel):
    _name = "psa.rerate"
    _description = "Re-rate Unbilled Work"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    order_ids = fields.Many2many(
        "sale.order",
        string="SOWs",
        domain="[('psa_kind', '=', 'sow'), ('state', '=', 'sale'), ('company_id', '=', company_id)]",
        help="Empty: all.",
    )
    partner_ids = fields.Many2many("res.partner", string="Clients", help="Empty: all.")
    role_ids = fields.Many2many("project.role", string="Roles", help="Empty: all.")
    date_from = fields.Date(
        string="Work from", help="First day of the work that gets new prices. Empty: all unbilled work."
    )
    line_ids = fields.One2many("psa.rerate.line", "rerate_id", string="Preview", readonly=True)
    state = fields.Selection([("draft", "Choose"), ("preview", "Preview")], default="draft", readonly=True)
    difference_text = fields.Char(string="Difference", compute="_compute_difference_text")
    missing_count = fields.Integer(compute="_compute_difference_text")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        records = self.env.context.get("active_model"), self.env.context.get("active_ids") or []
        values.update(self._psa_scope_of(*records))
        return values

    @api.model
    def _psa_scope_of(self, model, ids):
        """What to re-rate where the wizard is opened from rate cards, SOWs or work in progress."""
        if model == "sale.order":
            return {"order_ids": [Command.set(self.env[model].browse(ids)._psa_sow().ids)]}
        if model == "psa.wip.entry":
            entries = self.env[model].browse(ids)
            roles = [Command.set(entries.role_id.ids)]
            return {"order_ids": [Command.set(entries.order_id.ids)], "role_ids": roles}
        if model == "psa.rate.card":
            cards = self.env[model].browse(ids)
            values = {"role_ids": [Command.set(cards.line_ids.role_id.ids)]}
            if all(cards.mapped("partner_id")):
                values["partner_ids"] = [Command.set(cards.partner_id.ids)]
            if all(cards.mapped("order_id")):
                values["order_ids"] = [Command.set(cards.order_id.ids)]
            return values
        return {}

    @api.depends("line_ids.difference", "line_ids.is_missing")
    def _compute_difference_text(self):
        for wizard in self:
            found = wizard.line_ids.filtered(lambda row: not row.is_missing)
            sums = {
                currency: sum(rows.mapped("difference"))
                for currency, rows in found.grouped("currency_id").items()
            }
            wizard.difference_text = ", ".join(currency.format(total) for currency, total in sums.items())
            wizard.missing_count = len(wizard.line_ids - found)

    # -- what a button calls ---------------------------------------------------------------

    def action_preview(self):
        """Show which unbilled work has another price by today's rate cards; nothing is changed.

        :raises AccessError: for users who are no billing managers
        """
        self.ensure_one()
        check_billing_manager(self)
        self._psa_preview()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Re-rate"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_apply(self):
        """Move the work of the preview to the lines of its new prices; caps are cut anew.

        :raises AccessError: for users who are no billing managers
        :raises UserError: where nothing is to be re-rated any more
        """
        self.ensure_one()
        check_billing_manager(self)
        # sudo: the right was checked; work and its lines are written by buttons only
        wips = self.env["psa.wip.entry"].sudo()
        self._psa_preview()
        rows = self.sudo().line_ids.filtered(lambda row: not row.is_missing)
        if not rows:
            raise UserError(
                self.env._(
                    "All unbilled work has the prices of today's rate cards: there is nothing to re-rate. "
                    "Work on proposals keeps its price; hold it or cancel the proposal first."
                )
            )
        # Of two who re-rate a SOW at once the second is run again on what the first did.
        wips._psa_lock_orders(rows.order_id._psa_sow())
        self._psa_apply()
        self._psa_note(rows)
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_wip_entry_action")
        return {**action, "domain": [("order_id", "in", rows.order_id._psa_sow().ids)], "context": {}}

    def _psa_apply(self):
        wips = self.env["psa.wip.entry"].sudo()  # sudo: see action_apply
        wips._psa_rerate(wips.browse(self._psa_wip_ids()))

    def _psa_note(self, rows):
        for order, of_order in rows.grouped(lambda row: row.order_id._psa_sow()).items():
            items = Markup().join(Markup("<li>%s</li>") % text for text in summary(self.env, of_order))
            body = Markup("<p>%s</p><ul>%s</ul>") % (self.env._("Unbilled work was re-rated:"), items)
            order.message_post(body=body, author_id=self.env.user.partner_id.id)

    # -- the preview -----------------------------------------------------------------------

    def _psa_preview(self):
        """Fill the preview: the rows are grouped and stored by the database in one statement."""
        self.company_id.check_access("read")  # work of a company that the user does not work in stays hidden
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM psa_rerate_line WHERE rerate_id = %s", self.id))
        found = self._psa_spans()
        if found:
            with self._psa_whole_tables():
                self.env.cr.execute(self._psa_preview_query(found))
                converted = self._psa_converted(found)
            self._psa_preview_converted(converted)
        self.state = "preview"
        self.invalidate_recordset(["line_ids", "difference_text", "missing_count"])
        self.env["psa.rerate.line"].invalidate_model()

    def _psa_spans(self):
        """The ``RerateSpans`` of the work in scope, None where no line has another price."""
        rows = self.env.execute_query(
            SQL(
                "SELECT wip.sale_line_id, wip.employee_id FROM psa_wip_entry wip WHERE %s GROUP BY 1, 2",
                self._psa_scope(),
            )
        )
        # sudo: prices follow from the cards of the SOWs, whoever may read them
        lines = self.env["sale.order.line"].sudo().browse({line for line, _employee in rows})
        lines = lines.filtered(
            lambda line: line.psa_role_id and line._psa_is_time_material() and not line.psa_rebills
        ).sorted("id")
        if not lines:
            return None
        employees = self.env["hr.employee"].sudo().browse({employee for _line, employee in rows if employee})
        found = RerateSpans(lines, employees.sorted("id"))
        if not found.spans:
            return None
        found.elsewhere = self._psa_elsewhere(found.groups)
        return found

    def _psa_preview_query(self, found):
        """Stores the rows of work whose unit stays, or that keeps its price. An entry is worth its whole
        quantity, rounded once."""
        return SQL(
            """
            WITH found AS (
                 SELECT wip.sale_line_id, wip.employee_id, wip.unit_price, %(why)s AS why,
                        CASE WHEN %(why)s IS NULL THEN span.answer END AS answer, currency.rounding,
                        several.analytic_line_id AS several,
                        sum(wip.raw_hours) AS hours, sum(wip.billable_quantity) AS quantity,
                        sum(wip.amount) AS amount,
                        sum(round(wip.billable_quantity * span.price / currency.rounding)) AS units
                        %(rerated)s
               GROUP BY 1, 2, 3, 4, 5, 6, 7
                 ),
                 summed AS (
                 SELECT sale_line_id, employee_id, unit_price, answer, why,
                        sum(hours) AS hours, sum(quantity) AS quantity, sum(amount) AS amount,
                        sum(rounding * CASE WHEN why IS NOT NULL THEN NULL
                                             WHEN several IS NULL THEN units ELSE
                            round(quantity * (%(prices)s::numeric[])[answer] / rounding) END) AS new_amount
                   FROM found
               GROUP BY 1, 2, 3, 4, 5
                 )
            INSERT INTO psa_rerate_line
                   (rerate_id, sale_line_id, employee_id, hours, quantity, old_price, new_price, amount,
                    new_amount, difference, reason, is_missing, create_date, write_date)
            SELECT %(wizard)s, sale_line_id, employee_id, hours, quantity, unit_price,
                   (%(prices)s::numeric[])[answer], amount, new_amount, new_amount - amount,
                   COALESCE((%(reasons)s::text[])[answer], %(keep)s::jsonb ->> why),
                   (%(prices)s::numeric[])[answer] IS NULL,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM summed
            """,
            rerated=self._psa_rerated(
                found, SQL("(span.unit_id IS NULL OR %s IS NOT NULL)", self._psa_why())
            ),
            why=self._psa_why(),
            keep=json.dumps(self._psa_reasons_to_keep()),
            prices=[price for price, _reason in found.answers],
            reasons=[reason for _price, reason in found.answers],
            wizard=self.id,
        )

    def _psa_converted(self, found):
        """The work whose unit changes, an entry a row: ``[(line, employee, entry, unit, price before, price,
        reason, hours, quantity, amount)]``."""
        if not any(span.unit for span in found.spans):
            return []
        answers = list(found.answers)
        rows = self.env.execute_query(
            SQL(
                """SELECT wip.sale_line_id, wip.employee_id, wip.analytic_line_id, span.unit_id,
                          wip.unit_price, span.answer, sum(wip.raw_hours), sum(wip.billable_quantity),
                          sum(wip.amount)
                          %s GROUP BY 1, 2, 3, 4, 5, 6""",
                self._psa_rerated(found, SQL("span.unit_id IS NOT NULL AND %s IS NULL", self._psa_why())),
            )
        )
        return [(*row[:5], *answers[row[5] - 1], *row[6:]) for row in rows]

    def _psa_preview_converted(self, rows):
        """Store what work is worth in another unit: its quantity is worked out entry by entry.

        :param rows: see ``_psa_converted``
        """
        converted, sums = self._psa_converted_entries(rows), {}
        quantities = self.env["psa.wip.entry"].sudo()._psa_converted_quantities(converted)
        for found, quantity, row in zip(converted, quantities, rows, strict=True):
            worth = amount_of(quantity, row[5], dec(found.line.currency_id.rounding))
            own = sums.setdefault((*row[:2], *row[4:7]), [dec(0)] * 4)
            for number, value in enumerate((row[7], row[8], row[9], worth)):
                own[number] += dec(value)
        # sudo: nobody writes the rows of a preview
        self.env["psa.rerate.line"].sudo().create(
            [
                {
                    "rerate_id": self.id,
                    "sale_line_id": line,
                    "employee_id": employee,
                    "hours": float(hours),
                    "quantity": float(quantity),
                    "old_price": float(before),
                    "new_price": float(price),
                    "amount": float(amount),
                    "new_amount": float(worth),
                    "difference": float(worth - amount),
                    "reason": reason,
                }
                for (line, employee, before, price, reason), (hours, quantity, amount, worth) in sums.items()
            ]
        )

    def _psa_converted_entries(self, rows):
        """``[Converted]``; work goes to the line of its group with the unit and price, or makes one.

        :param rows: see ``_psa_converted``
        """
        # sudo: see _psa_spans
        lines = self.env["sale.order.line"].sudo().browse([row[0] for row in rows])
        entries = self.env["account.analytic.line"].sudo().browse([row[2] for row in rows])
        units = self.env["uom.uom"].browse([row[3] for row in rows])
        members, targets = lines._psa_group_members(), {}
        converted = []
        for line, entry, unit, row in zip(lines, entries, units, rows, strict=True):
            head, price = line._psa_group_head(), row[5]
            key = head, unit, price
            if key not in targets:
                same = members[head].filtered(
                    lambda member, unit=unit, price=price: (
                        member.product_uom_id == unit and member._psa_net_price() == price
                    )
                )
                targets[key] = first_ordered(same) or key
            converted.append(Converted(entry, line, dec(row[8]), unit, targets[key]))
        return converted

    def _psa_wip_ids(self):
        """Ids of the work that gets a new price."""
        found = self._psa_spans()
        if not found:
            return []
        condition = SQL("span.price IS NOT NULL AND %s IS NULL", self._psa_why())
        with self._psa_whole_tables():
            rows = self.env.execute_query(SQL("SELECT wip.id %s", self._psa_rerated(found, condition)))
        return [row[0] for row in rows]


class PsaRerateLine(models.TransientModel):
    _name = "psa.rerate.line"
    _description = "Work to Re-rate"
    _order = "is_missing desc, sale_line_id, employee_id, id"

    # Without foreign keys: rows live for minutes, and the database would look up each link of thousands.
    rerate_id = CopiedMany2one("psa.rerate", required=True, index=True)
    sale_line_id = CopiedMany2one("sale.order.line", string="SOW Line")
    order_id = fields.Many2one(related="sale_line_id.order_id", string="SOW")
    role_id = fields.Many2one(related="sale_line_id.psa_role_id")
    employee_id = CopiedMany2one("hr.employee", string="Person")
    currency_id = fields.Many2one(related="sale_line_id.currency_id")
    hours = fields.Float(string="Worked")
    quantity = fields.Float(string="Billable", digits="Product Unit")
    old_price = fields.Float(digits=(16, 6), min_display_digits="Product Price", aggregator=None)
    new_price = fields.Float(digits=(16, 6), min_display_digits="Product Price", aggregator=None)
    amount = fields.Monetary()
    new_amount = fields.Monetary()
    difference = fields.Monetary()
    reason = fields.Char(string="Why")
    is_missing = fields.Boolean(
        string="Keeps Its Price",
        help="No card says a price, or the work does not move from its line: it keeps the price that it has.",
    )
