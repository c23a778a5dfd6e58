"""The statement of a retainer period: for the client, on the invoice and in the portal."""

from dataclasses import dataclass
from datetime import date

from odoo import fields, models

from ..core.money import dec

REPORT = "psa_billing.action_report_retainer_statement"


@dataclass(frozen=True)
class StatementWork:
    """An entry on a statement: hours that the retainer paid for, and hours over it, whatever became of those.

    ``late``: of an earlier period.
    """

    day: date
    role: str
    name: str
    drawn: float
    over: float
    late: bool


class PsaRetainerPeriod(models.Model):
    _inherit = "psa.retainer.period"

    statement_move_id = fields.Many2one(
        "account.move",
        string="Statement on",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The invoice that the statement of the period is attached to.",
    )

    def _psa_statement_rows(self):
        """[(label, hours or money)] of the balance, the last one what is left."""
        self.ensure_one()
        before = [(self.env._("Used or expired, brought forward"), -self.used_before)]
        return [
            (self.env._("Opening"), self.opening),
            (self.env._("Granted"), self.granted),
            *(before if self.used_before else []),
            (self.env._("Used"), -round(self.used - self.used_before, 6)),
            (self.env._("Expired"), -self.expired),
            (self.env._("Left"), self.closing),
        ]

    def _psa_is_paid_back(self):
        """Whether what this period leaves is paid back, as the retainer has ended with it."""
        self.ensure_one()
        # sudo: what was agreed, for the client who reads the statement
        refund = self.sudo().retainer_line_id.psa_retainer_true_up == "refund"
        ended = self.ends_retainer and self.date_end <= fields.Date.context_today(self)
        return bool(refund and ended and self.closing > 0)

    def _psa_statement_work(self):
        """``[StatementWork]`` in the order of their days: one an entry, into however many parts the balance
        of the period and caps cut it."""
        # sudo: whoever may print the statement prints the work on it
        parts = self.sudo().wip_ids.sorted(lambda part: (part.date, part.analytic_line_id.id, part.part))
        return [work._psa_statement_row() for work in parts.grouped("analytic_line_id").values()]

    def _psa_attach_statement(self, move):
        """Attach the statement of each of these periods to the draft invoice ``move``."""
        report = self.env["ir.actions.report"].sudo()  # sudo: part of the invoice that the user makes
        values = []
        for period in self:
            named = period.with_context(lang=period.partner_id.lang or self.env.lang)  # as the statement
            content, _kind = report._render_qweb_pdf(REPORT, res_ids=period.ids)
            values.append(
                {
                    "name": f"{named.display_name}.pdf".replace("/", "-"),
                    "raw": content,
                    "res_model": move._name,
                    "res_id": move.id,
                    "mimetype": "application/pdf",
                }
            )
        self.env["ir.attachment"].create(values)
        self.statement_move_id = move


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_statement_row(self):
        """``StatementWork`` of these parts of one entry, which draw on one period or are over it."""
        drawn = self.filtered(lambda part: part.state == "covered")
        hours = [float(sum(map(dec, parts.mapped("raw_hours")), dec(0))) for parts in (drawn, self - drawn)]
        first = self[0]
        return StatementWork(first.date, first.role_id.name or "", first.name or "", *hours, first.is_late)


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_create_invoices(self):
        stated = self.filtered(lambda proposal: proposal.company_id.psa_retainer_statement)
        billed_until = stated.order_ids._psa_billed_until() if stated else {}
        moves = super()._psa_create_invoices()
        stated._psa_attach_statements(billed_until)
        return moves

    def _psa_attach_statements(self, billed_until):
        """Attach to the invoices of these proposals the statements of the periods that they close: those that
        end after what was billed before, whatever first day the run has.

        :param billed_until: ``{SOW: last day that was billed}`` before these were invoiced
        """
        periods = self.env["psa.retainer.period"].search(
            [
                ("order_id", "in", self.order_ids.ids),
                ("is_closed", "=", True),
                ("statement_move_id", "=", False),
                ("granted", "!=", 0),
            ],
            order="date_start",
        )
        periods = (periods - periods._psa_opened()).filtered(
            lambda period: period.date_end > billed_until.get(period.order_id, date.min)
        )
        for proposal in self.sorted(lambda proposal: proposal._psa_last_day()):
            last, orders = proposal._psa_last_day(), proposal.order_ids
            closed = periods.filtered(
                lambda period, last=last, orders=orders: period.order_id in orders and period.date_end <= last
            )
            closed._psa_attach_statement(proposal.invoice_id)
            periods -= closed


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_portal_retainer_periods(self):
        """The periods that the client sees of this order: those that have begun and grant something."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        # sudo: the order was opened by its own client
        return (
            self.env["psa.retainer.period"]
            .sudo()
            .search(
                [("order_id", "=", self.id), ("date_start", "<=", today), ("granted", "!=", 0)],
                order="date_start",
            )
        )
