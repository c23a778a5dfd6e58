"""Unbilled work at the prices of today's rate cards: first shown, then moved to the lines of these prices."""

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..models.psa_wip_entry import UNFIXED_STATES
from ..models.rights import check_billing_manager
from .psa_rerate_prices import RerateSpans, summary


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
        wips._psa_lock_orders(self.sudo().line_ids.order_id._psa_sow())
        self._psa_preview()
        rows = self.sudo().line_ids.filtered(lambda row: not row.is_missing)
        if not rows:
            raise UserError(
                self.env._(
                    "All unbilled work has the prices of today's rate cards: there is nothing to re-rate. "
                    "Work on proposals keeps its price; hold it or cancel the proposal first."
                )
            )
        wips._psa_rerate(wips.browse(self._psa_wip_ids()))
        self._psa_note(rows)
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_wip_entry_action")
        return {**action, "domain": [("order_id", "in", rows.order_id._psa_sow().ids)], "context": {}}

    def _psa_note(self, rows):
        for order, of_order in rows.grouped(lambda row: row.order_id._psa_sow()).items():
            items = Markup().join(Markup("<li>%s</li>") % text for text in summary(self.env, of_order))
            body = Markup("<p>%s</p><ul>%s</ul>") % (self.env._("Unbilled work was re-rated:"), items)
            order.message_post(body=body, author_id=self.env.user.partner_id.id)

    # -- the preview -----------------------------------------------------------------------

    def _psa_preview(self):
        """Fill the preview: the rows are grouped and stored by the database in one statement."""
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM psa_rerate_line WHERE rerate_id = %s", self.id))
        spans, kinds = self._psa_spans()
        if spans:
            # PostgreSQL knows no statistics of the spans and would look up each entry for itself.
            self.env.cr.execute(SQL("SET LOCAL enable_nestloop = off"))
            self.env.cr.execute(self._psa_preview_query(spans, kinds))
            self.env.cr.execute(SQL("RESET enable_nestloop"))
        self.state = "preview"
        self.invalidate_recordset(["line_ids", "difference_text", "missing_count"])
        self.env["psa.rerate.line"].invalidate_model()

    def _psa_spans(self):
        """(spans whose price differs, {employee: kind}) of the work in scope"""
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
            return [], {}
        employees = self.env["hr.employee"].sudo().browse({employee for _line, employee in rows if employee})
        found = RerateSpans(lines, employees.sorted("id"))
        return found.spans(), found.kinds

    def _psa_scope(self):
        """Condition on ``wip``: unbilled time of the chosen SOWs, clients, roles and days.

        Work that a proposal holds keeps its price, and so does an entry of which a part is proposed, billed
        or written off: its parts stay on one line.
        """
        conditions = [
            SQL("wip.company_id = %s", self.company_id.id),
            SQL("wip.kind = 'time' AND wip.state IN %s AND wip.proposal_line_id IS NULL", UNFIXED_STATES),
            SQL("wip.retainer_line_id IS NULL"),  # which the rates of its retainer bill
        ]
        if self.order_ids:
            conditions.append(SQL("wip.order_id = ANY(%s)", self.order_ids.sudo()._psa_sow().ids))
        if self.partner_ids:
            clients = self.env["res.partner"].search([("id", "child_of", self.partner_ids.ids)])
            conditions.append(SQL("wip.partner_id = ANY(%s)", clients.ids))
        if self.role_ids:
            conditions.append(SQL("wip.role_id = ANY(%s)", self.role_ids.ids))
        if self.date_from:
            conditions.append(SQL("wip.date >= %s", self.date_from))
        return SQL(" AND ").join(conditions)

    def _psa_rerated(self, spans, kinds):
        """FROM and WHERE: unbilled work ``wip``, and the ``span`` that re-rates it."""
        return SQL(
            """
              FROM psa_wip_entry wip
              JOIN unnest(%(employees)s::int[], %(kinds)s::int[]) AS who (employee_id, kind)
                ON who.employee_id = wip.employee_id
              JOIN unnest(%(lines)s::int[], %(of)s::int[], %(firsts)s::date[], %(lasts)s::date[],
                          %(prices)s::numeric[], %(reasons)s::text[])
                   AS span (line_id, kind, first_day, last_day, price, reason)
                ON span.line_id = wip.sale_line_id AND span.kind = who.kind
               AND wip.date BETWEEN span.first_day AND span.last_day
              JOIN account_analytic_line entry ON entry.id = wip.analytic_line_id
             WHERE %(scope)s AND entry.is_so_line_edited IS NOT TRUE
               AND NOT EXISTS (SELECT 1 FROM psa_wip_entry other
                                WHERE other.analytic_line_id = wip.analytic_line_id
                                  AND (other.state NOT IN %(unfixed)s OR other.proposal_line_id IS NOT NULL
                                       OR other.slice_number != 0))
            """,
            employees=list(kinds),
            kinds=list(kinds.values()),
            lines=[span.line for span in spans],
            of=[span.kind for span in spans],
            firsts=[span.first for span in spans],
            lasts=[span.last for span in spans],
            prices=[span.price for span in spans],
            reasons=[span.reason for span in spans],
            scope=self._psa_scope(),
            unfixed=UNFIXED_STATES,
        )

    def _psa_preview_query(self, spans, kinds):
        return SQL(
            """
            WITH found AS (
                 SELECT wip.sale_line_id, wip.employee_id, wip.unit_price, span.price, span.reason,
                        sum(wip.raw_hours) AS hours,
                        sum(wip.billable_quantity) AS quantity, sum(wip.amount) AS amount,
                        sum(round(wip.billable_quantity * span.price,
                                  (SELECT decimal_places FROM res_currency
                                    WHERE res_currency.id = wip.currency_id))) AS new_amount
                        %(rerated)s
               GROUP BY 1, 2, 3, 4, 5
                 )
            INSERT INTO psa_rerate_line
                   (rerate_id, sale_line_id, employee_id, hours, quantity, old_price, new_price, amount,
                    new_amount, difference, reason, is_missing, create_uid, create_date)
            SELECT %(wizard)s, sale_line_id, employee_id, hours, quantity, unit_price, price, amount,
                   new_amount, new_amount - amount, reason, price IS NULL, %(user)s, now() AT TIME ZONE 'UTC'
              FROM found
            """,
            rerated=self._psa_rerated(spans, kinds),
            wizard=self.id,
            user=self.env.uid,
        )

    def _psa_wip_ids(self):
        """Ids of the work that gets a new price."""
        spans, kinds = self._psa_spans()
        priced = [span for span in spans if span.price is not None]
        if not priced:
            return []
        rows = self.env.execute_query(SQL("SELECT wip.id %s", self._psa_rerated(priced, kinds)))
        return [row[0] for row in rows]


class PsaRerateLine(models.TransientModel):
    _name = "psa.rerate.line"
    _description = "Work to Re-rate"
    _order = "is_missing desc, sale_line_id, employee_id, id"

    rerate_id = fields.Many2one("psa.rerate", required=True, ondelete="cascade", index=True)
    sale_line_id = fields.Many2one("sale.order.line", string="SOW Line", ondelete="cascade")
    order_id = fields.Many2one(related="sale_line_id.order_id", string="SOW")
    role_id = fields.Many2one(related="sale_line_id.psa_role_id")
    employee_id = fields.Many2one("hr.employee", string="Person", ondelete="cascade")
    currency_id = fields.Many2one(related="sale_line_id.currency_id")
    hours = fields.Float(string="Worked")
    quantity = fields.Float(string="Billable", digits="Product Unit")
    old_price = fields.Float(digits=(16, 6), min_display_digits="Product Price", aggregator=None)
    new_price = fields.Float(digits=(16, 6), min_display_digits="Product Price", aggregator=None)
    amount = fields.Monetary()
    new_amount = fields.Monetary()
    difference = fields.Monetary()
    reason = fields.Char(string="Why")
    is_missing = fields.Boolean(string="No Rate", help="No card says a price: the work keeps the one it has.")


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_rerate(self, entries):
        """Move this unbilled work to the lines at the prices of today's cards, then cut the caps anew.

        :param entries: WIP entries in sudo, none of whose parts is proposed, billed or written off
        """
        days, orders = entries._psa_rounded_days(), entries.order_id
        lines = entries.analytic_line_id
        lines._psa_move_to_steps()
        moved = entries.filtered(lambda part: part.sale_line_id != part.analytic_line_id.so_line)
        for (old, new), parts in moved.grouped(
            lambda part: (part.sale_line_id, part.analytic_line_id.so_line)
        ).items():
            if old.product_uom_id != new.product_uom_id:
                factor = old._psa_unit_hours() / (new._psa_unit_hours() or 1.0)
                for part in parts:
                    # Worth nothing until it is cut anew: cents beside the old quantity are none of the new.
                    part.write(
                        {
                            "billable_quantity": part.billable_quantity * factor,
                            "unit_price": 0,
                            "amount": 0,
                            "remainder": 0,
                        }
                    )
            parts.sale_line_id = new
        self._psa_recut(orders, days=days | moved._psa_rounded_days())
