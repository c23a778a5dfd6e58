"""Time that is no work in progress: what a report shows beside it, found by an index of its own."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

#: Condition on ``entry``: time that has no WIP entries. The index makes the few found among the many.
BESIDE_WIP = SQL(
    "entry.project_id IS NOT NULL "
    "AND (entry.so_line IS NULL OR entry.psa_state != 'approved' OR entry.psa_billed_before)"
)


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_billed_before = fields.Boolean(
        string="Billed Before",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="Time on a statement of work that was billed before PSA Billing was installed.",
    )

    _psa_beside_wip = models.Index(
        "(project_id) WHERE project_id IS NOT NULL "
        "AND (so_line IS NULL OR psa_state != 'approved' OR psa_billed_before)"
    )

    @api.model
    def _psa_mark_billed_before(self):
        """Note which time on SOWs is billed without being work in progress; called when the addon comes."""
        # sudo: called by the machine, for all companies
        billed = self.sudo().search(
            [
                ("psa_state", "=", "approved"),
                ("so_line.order_id.psa_kind", "!=", False),
                ("timesheet_invoice_id", "!=", False),
                ("psa_wip_ids", "=", False),
            ]
        )
        billed.psa_billed_before = True

    def _psa_check_reopen(self):  # pylint: disable=missing-return  # a hook without a value
        super()._psa_check_reopen()
        # sudo: the approver must learn that the time is billed even where they may not read invoices
        billed = self.sudo().filtered("psa_billed_before")
        if billed:
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s is billed on %(invoice)s. Delete the draft invoice or credit the "
                    "posted one, then recall the time.",
                    entry=billed[0].name or "",
                    date=format_date(self.env, billed[0].date),
                    invoice=billed[0].timesheet_invoice_id.display_name,
                )
            )

    def write(self, vals):
        if vals.get("timesheet_invoice_id", True):
            return super().write(vals)
        # sudo: what an invoice that was billed by the host gives back is work to bill, whoever credits it
        freed = self.sudo().filtered("psa_billed_before")
        result = super().write(vals)
        if freed:
            freed.psa_billed_before = False
            self.env["psa.wip.entry"].sudo()._psa_rate(freed)
        return result
