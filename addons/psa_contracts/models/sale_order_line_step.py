"""Where a rate steps, the SOW line steps into one line a rate (DESIGN section 4, "Rates").

A step continues its line at another price: same role, product, task, phase, taxes and discount, nothing
ordered, so that what was signed stays what it is. Steps that are known when the SOW is confirmed are made
then, the others when time at their price is approved.
"""

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.billing_models import TIME_MATERIAL
from ..core.rates import DAY, MissingRate
from .lock import touch


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_make_known_steps(self):
        """Make the steps of these confirmed orders that are known today. Repeatable.

        A price in another currency is known from its first day on: its exchange rate is one of that day.

        :raises UserError: where a step's currency has no exchange rate on its first day
        """
        heads = self.order_line.filtered(lambda line: line._psa_can_step())
        if not heads:
            return
        pricer = heads._psa_pricer()
        today = fields.Date.context_today(self)
        wanted = []
        for head in heads:
            order = head.order_id
            end = order._psa_sow()._psa_period()[1]
            start = order._psa_price_day()
            if not end or end < start:
                continue
            for day, answer in pricer.steps(
                order, head.psa_role_id, head.psa_employee_id, head.psa_location_id, start, end, head
            )[1:]:
                if answer and (day <= today or not pricer.is_foreign(order, answer)):
                    wanted.append((head, answer))
        if wanted:
            heads._psa_make_steps(wanted, pricer)

    def _psa_lock(self):
        """Two transactions that make steps of one order at once: see ``touch``."""
        touch(self)

    def _psa_make_room(self, heads):
        """Let lines added to ``heads`` at their sequence stand right below them, also where all lines have
        one sequence; one query, and only where lines have to move."""
        moved = {}
        for order in self:
            last, number = self.env["sale.order.line"], None
            for line in order.order_line.sorted(lambda line: (line.sequence, line.id)):
                previous, head = number, last._psa_group_head() if last else last
                number = max(line.sequence, previous if previous is not None else line.sequence)
                if head in heads and line._psa_group_head() != head:
                    number = max(number, previous + 1)
                if number != line.sequence:
                    moved[line.id] = number
                last = line
        if moved:
            # SQL: where a line stands changes nothing else, and each line takes a number of its own
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    "UPDATE sale_order_line line SET sequence = place.sequence FROM "
                    "(SELECT unnest(%s) AS id, unnest(%s) AS sequence) place WHERE place.id = line.id",
                    list(moved),
                    list(moved.values()),
                )
            )
            self.env["sale.order.line"].browse(moved).invalidate_recordset(["sequence"], flush=False)
            self.invalidate_recordset(["order_line"], flush=False)

    def action_draft(self):
        reopened = self.filtered(
            lambda order: order.state in ("cancel", "sent")
        )  # the host's; it may write them
        result = super().action_draft()
        # sudo: steps follow from the card; a SOW that is open again gets them when it is confirmed again
        reopened.sudo().filtered(lambda order: order.psa_kind and order.state == "draft")._psa_drop_steps()
        return result

    def _psa_drop_steps(self):
        """Remove the steps that nothing stands on."""
        steps = self.order_line.filtered(lambda line: line._psa_is_step() and not line.invoice_lines)
        # a change order that was drafted or cancelled may name them
        steps -= self.search([("psa_parent_id", "in", self.ids)]).order_line.psa_amends_line_id
        if steps:
            rows = self.env["account.analytic.line"]._read_group([("so_line", "in", steps.ids)], ["so_line"])
            (steps - self.env["sale.order.line"].union(*(line for (line,) in rows))).unlink()

    def _get_copiable_order_lines(self):
        return super()._get_copiable_order_lines().filtered(lambda line: not line._psa_is_step())


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    _psa_step_once = models.UniqueIndex(
        "(order_id, psa_group_line_id, price_unit, product_uom_id) "
        "WHERE psa_group_line_id IS NOT NULL AND psa_amends_line_id IS NULL",
        "A line steps to a price once only.",
    )

    def _psa_is_step(self):
        """Whether this line continues another at a rate of its own (and changes no signed line)."""
        self.ensure_one()
        return bool(self.psa_group_line_id and not self.psa_amends_line_id)

    def _psa_can_step(self):
        """Whether this is the first line of its group, sold by time at the price of the card."""
        self.ensure_one()
        return bool(
            self.order_id.psa_kind
            and self.psa_role_id
            and self.psa_billing_model == TIME_MATERIAL
            and not (self.display_type or self.psa_group_line_id or self.psa_amends_line_id)
            and self._psa_is_by_card()
            and not self._psa_is_declined()
        )

    def _psa_make_steps(self, wanted, pricer):
        """The lines at the prices of ``wanted``, made where their group has none: ``{(head, answer): line}``.

        :param wanted: ``[(head, answer)]`` of confirmed orders, in sudo
        :param pricer: ``RatePricer`` that gave the answers
        :raises UserError: where a currency has no exchange rate
        """
        heads = self.browse(dict.fromkeys(head.id for head, _answer in wanted))
        heads.order_id._psa_lock()
        members = heads._psa_group_members()
        found, new = {}, {}
        try:
            for head, answer in wanted:
                same = pricer.at_price(head.order_id, answer, members[head] | head)
                if same:
                    found[head, answer] = same[0]
                else:
                    values = head._prepare_step(answer, pricer)
                    key = head, values["price_unit"], values["product_uom_id"]
                    new.setdefault(key, (values, []))[1].append(answer)
        except MissingRate as missing:
            raise UserError(str(missing)) from None
        if new:
            heads = self.browse(dict.fromkeys(head.id for head, _price, _unit in new))
            heads.order_id._psa_make_room(heads)
            for (head, *_key), (values, _answers) in new.items():
                values["sequence"] = head.sequence
            steps = self.with_context(sale_no_log_for_new_lines=True).create(
                [values for values, _answers in new.values()]
            )
            for ((head, *_key), (_values, answers)), step in zip(new.items(), steps, strict=True):
                found.update({(head, answer): step.with_env(self.env) for answer in answers})
            pricer.keep_factors()
        return found

    def _prepare_step(self, answer, pricer):
        """Values of the line that continues this one at the price of ``answer``."""
        self.ensure_one()
        unit = self.env["uom.uom"]._psa_day() if answer.row.unit == DAY else self.product_uom_id
        day = pricer.first_day(self.order_id, answer)
        price, reason = pricer.price(self.order_id, answer, unit, day)
        return {
            "order_id": self.order_id.id,
            "product_id": self.product_id.id,
            "name": self.name,
            "psa_role_id": self.psa_role_id.id,
            "psa_employee_id": self.psa_employee_id.id,
            "psa_location_id": self.psa_location_id.id,
            "psa_billing_model": self.psa_billing_model,
            "product_uom_id": unit.id,
            "product_uom_qty": 0.0,
            "price_unit": self._psa_with_taxes(price),
            "psa_card_price": price,
            "psa_card_reason": reason,
            "psa_rate_id": answer.row.row_id,
            "discount": self.discount,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "analytic_distribution": self.analytic_distribution,
            "psa_group_line_id": self.id,
            "psa_step_date": day,
            "psa_phase_id": self.psa_phase_id.id,
            # the head's, so that the host makes neither a second project nor a second task
            "project_id": self.project_id.id,
            "task_id": self.task_id.id,
        }
