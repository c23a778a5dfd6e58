"""What is unusual about a proposal: what of the work until its last day is not on it, and what was billed
last time."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from .psa_billing_proposal import PENDING_STATES

#: States of hours (``psa.hour.state``) that no proposal of their days bills as they are.
LEFT_OUT_STATES = ("unapproved", "refused", "role_not_sold", "held", "over_cap")
#: The rows in these states, and the costs that have no amount for want of an exchange rate.
LEFT_OUT = Domain("state", "in", LEFT_OUT_STATES) | Domain(
    [("state", "=", "open"), ("kind", "in", ("expense", "bill")), ("amount", "=", 0)]
)


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    last_amount = fields.Monetary(
        string="Last Time",
        compute="_compute_last_amount",
        help="Without taxes, of the proposal that was invoiced before this one for the same statement of "
        "work.",
    )
    left_out = fields.Char(
        compute="_compute_left_out",
        help="Work on its statements of work until the last day that is not billed by it, and why.",
    )
    left_out_total = fields.Char(
        string="All Left Out",
        compute="_compute_left_out",
        help="Work on its statements of work until the last day that is not billed by it: not approved, on "
        "hold, over a cap, or in a role that was not sold.",
    )

    @api.depends("order_id", "currency_id")
    def _compute_last_amount(self):
        last = self._psa_last_amounts()
        for proposal in self:
            proposal.last_amount = last.get(proposal._origin.id, 0.0)

    def _psa_last_amounts(self):
        """``{proposal id: net amount of the proposal invoiced before it}``, in the currency of both."""
        self.env["psa.billing.proposal"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (mine.id) mine.id, before.amount
                      FROM psa_billing_proposal mine
                      JOIN psa_billing_proposal_sale_order_rel rel ON rel.sale_order_id = mine.order_id
                      JOIN psa_billing_proposal before ON before.id = rel.psa_billing_proposal_id
                     WHERE mine.id = ANY(%s) AND before.id < mine.id AND before.state = 'invoiced'
                       AND before.currency_id = mine.currency_id
                  ORDER BY mine.id, before.id DESC
                    """,
                    self.ids,
                )
            )
        )

    @api.depends("order_ids", "period_end", "run_id.date_to", "state")
    def _compute_left_out(self):
        pending = self.filtered(lambda proposal: proposal.state in PENDING_STATES)
        for proposal in self - pending:
            proposal.left_out = proposal.left_out_total = False
        for last, proposals in pending.grouped(lambda proposal: proposal._psa_last_day()).items():
            figures = proposals._psa_left_out(last)
            for proposal in proposals:
                own = defaultdict(lambda: [0.0, 0.0])
                for order in proposal.order_ids._origin:
                    for state, (hours, amount) in figures.get(order, {}).items():
                        own[state][0] += hours
                        own[state][1] += amount
                proposal.left_out = proposal._psa_left_out_text(own)
                totals = (sum(figure[place] for figure in own.values()) for place in (0, 1))
                proposal.left_out_total = proposal._psa_told(*totals)

    def _psa_left_out(self, last):
        """``{SOW: {state: (hours, net amount)}}`` of work until ``last``, inclusive, that is left out, as far
        as the user sees it."""
        rows = self.env["psa.hour.state"]._read_group(
            [*self._psa_left_out_rows(last), ("state", "in", LEFT_OUT_STATES)],
            ["order_id", "state"],
            ["hours:sum", "amount:sum"],
        )
        figures = defaultdict(dict)
        for order, state, hours, amount in rows:
            figures[order][state] = (hours, amount)
        return figures

    def _psa_left_out_rows(self, last):
        """The work on these SOWs until ``last``, inclusive, as a domain."""
        return [
            ("order_id", "in", self.order_ids.ids),
            # found by an index, as SOWs of time without approval are not: there may be a million others
            ("project_id", "in", [*self.order_ids._psa_worked_projects().ids, False]),
            ("date", "<=", last),
        ]

    def _psa_left_out_text(self, figures):
        """:param figures: ``{state: [hours, net amount]}``"""
        self.ensure_one()
        texts = {
            ("unapproved", "refused"): self.env._("not approved: %s"),
            ("role_not_sold",): self.env._("role not sold: %s"),
            ("held",): self.env._("on hold: %s"),
            ("over_cap",): self.env._("over a cap: %s"),
        }
        parts = []
        for states, text in texts.items():
            hours, amount = (sum(figures[state][place] for state in states) for place in (0, 1))
            told = self._psa_told(hours, amount)
            if told:
                parts.append(text % told)
        return ", ".join(parts) or False

    def _psa_told(self, hours, amount):
        """Hours and money in words; nothing where there is neither."""
        parts = [self.env._("%s h", formatLang(self.env, hours, grouping=False))] if round(hours * 60) else []
        if not self.currency_id.is_zero(amount):
            parts.append(self.currency_id.format(amount))
        return " / ".join(parts)

    def action_view_left_out(self):
        """The work on these SOWs that the proposal leaves out."""
        self.ensure_one()
        domain = list(Domain(self._psa_left_out_rows(self._psa_last_day())) & LEFT_OUT)
        return self.run_id._psa_view_left_out(domain, views="list,pivot,kanban")
