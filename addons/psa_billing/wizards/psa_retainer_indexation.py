"""A retainer costs more from a day on: a line of its own in the group, nothing that was signed is written."""

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.psa_contracts.core.billing_models import RETAINER

from ..core.money import dec, round_to

RATE_MANAGER = "psa_contracts.group_psa_rate_manager"


class PsaRetainerIndexation(models.TransientModel):
    _name = "psa.retainer.indexation"
    _description = "New Price of Retainers from a Date"

    retainer_line_ids = fields.Many2many(
        "sale.order.line", string="Retainers", required=True, help="Retainers whose later periods cost more."
    )
    percent = fields.Float(string="Increase", default=3.0, required=True, help="In percent; negative lowers.")
    date = fields.Date(
        string="From",
        required=True,
        default=lambda self: (
            fields.Date.start_of(fields.Date.context_today(self), "year") + relativedelta(years=1)
        ),
        help="Periods that start on this day or later have the new price. What is due already keeps its own.",
    )
    reason = fields.Char(help="What was agreed, such as the index and its months: noted on the SOW.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "sale.order" and "retainer_line_ids" in fields_list:
            orders = self.env["sale.order"].browse(self.env.context.get("active_ids") or [])
            lines = orders._psa_contract().order_line.filtered(
                lambda line: line.psa_billing_model == RETAINER and line._psa_group_head() == line
            )
            values.setdefault("retainer_line_ids", [Command.set(lines.ids)])
        return values

    def action_apply(self):
        """Make the lines with the new prices, and bring the periods to them.

        :raises AccessError: for users who manage no rates
        :raises UserError: where a retainer has no period from that day on that is not due yet
        """
        self.ensure_one()
        if not self.env.user.has_group(RATE_MANAGER):
            raise AccessError(self.env._("Only rate managers index the prices of retainers."))
        self.retainer_line_ids.check_access("read")
        # sudo: the right to set prices was checked; the line that is made follows from the signed one
        heads = self.retainer_line_ids.sudo()._psa_group_members()
        if self.percent <= -100 or not self.percent:
            raise UserError(self.env._("Enter a percentage: 3 for 3 % more, -3 for 3 % less."))
        if not heads:
            raise UserError(self.env._("None of these statements of work has a retainer."))
        heads = self.env["sale.order.line"].sudo().union(*heads)
        heads.with_context(sale_no_log_for_new_lines=True).create(
            [self._prepare_step(head) for head in heads]
        )
        heads.order_id._psa_sow()._psa_plan_retainers()
        for sow in heads.order_id._psa_sow():
            sow.message_post(
                body=self.env._(
                    "The retainer costs %(percent)s %% more from %(date)s on. %(reason)s",
                    percent=f"{self.percent:g}",
                    date=fields.Date.to_string(self.date),
                    reason=self.reason or "",
                ),
                author_id=self.env.user.partner_id.id,
            )
        return {"type": "ir.actions.act_window_close"}

    def _prepare_step(self, head):
        """Values of the line that continues ``head`` at the new price."""
        period = self._psa_first_period(head)
        base = period.sale_line_id
        if (
            self.env["sale.order.line"]
            .sudo()
            .search_count(  # sudo: see action_apply
                [
                    ("psa_group_line_id", "=", head.id),
                    ("psa_amends_line_id", "=", False),
                    ("psa_step_date", ">=", self.date),
                ]
            )
        ):
            raise UserError(
                self.env._(
                    "%(retainer)s has a price from %(date)s on, or later, already.",
                    retainer=head.display_name,
                    date=fields.Date.to_string(self.date),
                )
            )
        price = dec(base.price_unit) * (100 + dec(self.percent)) / 100
        return {
            "order_id": head.order_id.id,
            "product_id": head.product_id.id,
            "name": head.name,
            "psa_role_id": head.psa_role_id.id,
            "psa_billing_model": head.psa_billing_model,
            "psa_retainer_period": head.psa_retainer_period,
            "psa_retainer_hours": base.psa_retainer_hours,
            "psa_retainer_amount": base.psa_retainer_amount,
            "product_uom_id": head.product_uom_id.id,
            "product_uom_qty": 0.0,
            "price_unit": float(round_to(price, dec(head.currency_id.rounding))),
            "discount": base.discount,
            "tax_ids": [Command.set(head.tax_ids.ids)],
            "analytic_distribution": head.analytic_distribution,
            "sequence": head.sequence,
            "psa_group_line_id": head.id,
            "psa_step_date": self.date,
            "psa_phase_id": head.psa_phase_id.id,
            "project_id": head.project_id.id,
            "task_id": head.task_id.id,
        }

    def _psa_first_period(self, head):
        # sudo: see action_apply
        periods = self.env["psa.retainer.period"].sudo()
        period = periods.search(
            [("retainer_line_id", "=", head.id), ("date_start", ">=", self.date), ("is_due", "=", False)],
            order="date_start",
            limit=1,
        )
        if not period or period._psa_is_fixed():
            raise UserError(
                self.env._(
                    "%(retainer)s has no period from %(date)s on whose price is still open. Choose a "
                    "later day.",
                    retainer=head.display_name,
                    date=fields.Date.to_string(self.date),
                )
            )
        return period
