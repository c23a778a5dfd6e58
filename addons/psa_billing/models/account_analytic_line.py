from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.psa_project.models.defaults import only_own_defaults

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
        orders, days = entries.order_id._psa_under_caps(), entries._psa_rounded_days()
        with entries._psa_corrections_under_caps()._psa_keeping_caps():
            entries.unlink()
            entries._psa_recut(orders, days=days)

    @api.model
    def default_get(self, fields):
        return only_own_defaults(self, super().default_get(fields), {"timesheet_invoice_id"})

    @api.model_create_multi
    def create(self, vals_list):
        """:raises UserError: where somebody says of new time on a SOW that it is billed"""
        lines = super().create(vals_list)
        if not self.env.su and any(vals.get("timesheet_invoice_id") for vals in vals_list):
            lines.filtered("timesheet_invoice_id")._psa_check_billed_by(None)
        return lines

    def _psa_check_billed_by(self, invoice_id):
        """:raises UserError: where somebody says of time on a SOW that another invoice bills it, or none

        Proposals, invoices and credit notes say that themselves, in sudo.
        """
        # sudo: whether there is work in progress, whoever asks
        other = self.sudo().filtered(lambda line: line.timesheet_invoice_id.id != (invoice_id or False))
        typed = other.filtered(lambda line: line.psa_wip_ids or line._psa_sold_by().psa_kind)
        if typed:
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s is work on the statement of work %(order)s: its proposal and its "
                    "invoice say what bills it, nobody types it. To bill it again, credit the invoice or "
                    "delete its draft.",
                    entry=typed[0].name or "",
                    date=format_date(self.env, typed[0].date),
                    order=typed[0]._psa_sold_by().name,
                )
            )

    def _psa_sold_by(self):
        """The order that sells this time; also where the host looks for none, because it is billed."""
        self.ensure_one()
        line = self.so_line or self._timesheet_determine_sale_line()
        return line.order_id if line else self.env["sale.order"]

    def _check_can_write(self, values):
        if "timesheet_invoice_id" in values and not self.env.su:
            self._psa_check_billed_by(values["timesheet_invoice_id"])
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
                        date=format_date(self.env, rated[0].date),
                        line=rated[0].so_line.display_name,
                    )
                )
        return super()._check_can_write(values)
