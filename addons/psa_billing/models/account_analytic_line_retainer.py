"""Time on retainers: what it draws on, and what it costs over it."""

from odoo import models
from odoo.exceptions import UserError


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    def _psa_retainers(self):
        """The retainers (first lines of their groups) that bounded work of these entries draws on."""
        lines = self.so_line.filtered(lambda line: line._psa_is_drawn())
        return lines.browse(dict.fromkeys(line._psa_group_head().id for line in lines))

    def _psa_overage_price(self, retainer, period, prices):
        """The price of an hour of this entry over ``retainer``, as it stands on a line."""
        self.ensure_one()
        if retainer.psa_retainer_overage_rate:
            return retainer.psa_retainer_overage_rate
        if (retainer, self) in prices:
            return prices[retainer, self][1]
        return (period.sale_line_id if period else retainer)._psa_hour_price()

    def _psa_check_reopen(self):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_check_reopen()
        # sudo: see super
        entries = (
            self.env["psa.wip.entry"]
            .sudo()
            .search(
                [
                    ("analytic_line_id", "in", self.ids),
                    ("state", "=", "covered"),
                    ("retainer_period_id.is_closed", "=", True),
                ],
                limit=1,
            )
        )
        if entries:
            raise UserError(entries._psa_closed_period_message())

    def _psa_after_reopen(self):  # pylint: disable=missing-return  # a hook without a value
        # sudo: see super. Hours that somebody moved onto a retainer draw on it, too.
        parts = self.env["psa.wip.entry"].sudo().search([("analytic_line_id", "in", self.ids)])
        retainers = parts.retainer_line_id | self.sudo()._psa_retainers()
        super()._psa_after_reopen()
        self.env["psa.retainer.period"]._psa_draw(retainers)
