from odoo import fields, models
from odoo.exceptions import UserError

from .psa_billing_proposal import PENDING_STATES
from .rights import REVIEWER_GROUPS


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_wip_ids = fields.One2many(
        "psa.wip.entry",
        "analytic_line_id",
        string="Work in Progress",
        groups=REVIEWER_GROUPS,
    )

    # Time that somebody put on its line by hand stays there: a re-rate finds the few among the many.
    _psa_line_by_hand = models.Index("(id) WHERE is_so_line_edited")

    def _psa_after_approve(self):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_after_approve()
        # sudo: rating follows from the approval, which was checked; approvers need not see orders or prices.
        self.env["psa.wip.entry"].sudo()._psa_rate(self.sudo())

    def _psa_check_reopen(self):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_check_reopen()
        # sudo: the approver must learn that the time is billed even where they may not read invoices.
        entries = (
            self.env["psa.wip.entry"]
            .sudo()
            .search(
                [
                    ("analytic_line_id", "in", self.ids),
                    "|",
                    ("proposal_line_id", "!=", False),
                    ("state", "=", "written_off"),
                ]
            )
        )
        fixed = entries.filtered(
            lambda entry: (
                entry.state in ("proposed", "billed", "written_off")
                or entry.proposal_id.state in PENDING_STATES
            )
        )
        if fixed:
            raise UserError(fixed[0]._psa_reopen_message())

    def _psa_after_reopen(self):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_after_reopen()
        # sudo: see _psa_after_approve
        entries = self.env["psa.wip.entry"].sudo().search([("analytic_line_id", "in", self.ids)])
        orders = entries.order_id.filtered(lambda order: order._psa_is_capped())
        days = entries._psa_rounded_days()
        entries.unlink()
        entries._psa_recut(orders, days=days)

    def _check_can_write(self, values):
        if "so_line" in values:
            # sudo: whether there is work in progress, whoever asks
            rated = self.sudo().filtered(
                lambda line: line.psa_wip_ids and line.so_line.id != values["so_line"]
            )
            if rated:
                raise UserError(
                    self.env._(
                        "%(entry)s of %(date)s is approved and rated on %(line)s: it cannot move to another "
                        "line. Recall it first.",
                        entry=rated[0].name,
                        date=fields.Date.to_string(rated[0].date),
                        line=rated[0].so_line.display_name,
                    )
                )
        return super()._check_can_write(values)
