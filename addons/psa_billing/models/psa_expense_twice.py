"""A cost that looks like another one is billed only after somebody has decided that it is another one."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from .psa_billing_proposal import EDITABLE_STATES
from .rights import REVIEWER_GROUPS, check_reviewer


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_twice_reason = fields.Char(
        string="Billed Though Alike",
        readonly=True,
        copy=False,
        help="Why this cost is billed although another one looks the same.",
    )


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    is_twice = fields.Boolean(
        string="Perhaps Twice",
        compute="_compute_is_twice",
        search="_search_is_twice",
        compute_sudo=True,
        help="Another expense or vendor bill has the same day, product and amount (among expenses: of the "
        "same employee; among bills: of the same vendor), and nobody has decided yet whether this one is "
        "billed.",
    )
    twice_reason = fields.Char(related="analytic_line_id.psa_twice_reason", string="Billed Though Alike")
    expense_warning = fields.Char(string="Remark", compute="_compute_expense_warning", compute_sudo=True)

    @api.model
    def _psa_twice_query(self, condition, columns=None):
        """``columns`` (their ids by default) of the costs on SOWs for which there is another one of the same
        day, product and amount: a second expense of the employee, a second bill of the vendor, or a bill for
        what an employee paid. A cent is no difference: of receipts that are posted together one takes the
        rest of the taxes.

        Costs that somebody has decided on, and those that are given up, are none.
        """
        return SQL(
            """
            SELECT %s
              FROM psa_wip_entry wip
              JOIN account_analytic_line entry ON entry.id = wip.analytic_line_id
               AND entry.psa_twice_reason IS NULL
              JOIN res_company company ON company.id = wip.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
              JOIN account_move_line cost ON cost.id = entry.move_line_id
              JOIN psa_wip_entry other ON other.kind IN ('expense', 'bill') AND other.date = wip.date
                                      AND other.company_id = wip.company_id AND other.amount > 0
                                      AND other.state != 'written_off'
                                      AND other.analytic_line_id != wip.analytic_line_id
                                      AND (other.kind != wip.kind
                                           OR other.employee_id IS NOT DISTINCT FROM wip.employee_id)
              JOIN account_analytic_line other_entry ON other_entry.id = other.analytic_line_id
                                                    AND abs(other_entry.amount - entry.amount)
                                                  <= currency.rounding
              JOIN account_move_line other_cost ON other_cost.id = other_entry.move_line_id
                                               AND other_cost.id != cost.id
                                               AND other_cost.product_id = cost.product_id
                                               AND (wip.kind = 'expense' OR other.kind = 'expense'
                                                    OR other_cost.partner_id = cost.partner_id)
             WHERE wip.kind IN ('expense', 'bill') AND wip.amount > 0 AND wip.state != 'written_off' AND %s
            """,
            columns or SQL("wip.id"),
            condition,
        )

    @api.depends("date", "kind", "employee_id", "amount", "state", "analytic_line_id.psa_twice_reason")
    def _compute_is_twice(self):
        self.flush_model()
        self.env["account.analytic.line"].flush_model(["psa_twice_reason", "amount", "move_line_id"])
        ids = [part.id for part in self if part.kind != "time" and part.id]
        twice = set()
        if ids:
            rows = self.env.execute_query(self._psa_twice_query(SQL("wip.id = ANY(%s)", ids)))
            twice = {row[0] for row in rows}
        for part in self:
            part.is_twice = part.id in twice

    @api.model
    def _search_is_twice(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        return [("id", "in", self._psa_twice_query(SQL("TRUE")))]

    @api.depends("is_twice", "twice_reason", "expense_note")
    def _compute_expense_warning(self):
        twice = self.env._("Perhaps billed twice")
        for part in self:
            notes = [twice if part.is_twice else False, part.twice_reason, part.expense_note]
            part.expense_warning = ". ".join(note for note in notes if note) or False

    def action_decide_twice(self):
        """Ask whether costs among these that look like others are billed.

        :raises UserError: where none of them does
        """
        costs = self.filtered(lambda part: part.is_twice and part.state != "billed")
        if not costs:
            raise UserError(self.env._("None of these looks like another cost any more: reload the page."))
        return self.env["psa.twice.decision"]._psa_open(costs)

    def _psa_alike(self):
        """These costs by what makes them look alike, the oldest first."""
        # sudo: whoever reviews a cost is told which others look like it, without rights on ledgers
        costs = self.sudo().sorted(lambda part: part.analytic_line_id.amount)
        groups = costs.grouped(
            lambda part: (part.company_id, part.date, part.analytic_line_id.move_line_id.product_id)
        )
        alike = []
        for (company, _day, _product), parts in groups.items():
            last, currency = None, company.currency_id
            for part in parts:
                amount = part.analytic_line_id.amount
                if last is None or currency.compare_amounts(amount - last, currency.rounding) > 0:
                    alike.append([])
                alike[-1].append(part.id)
                last = amount
        return [self.browse(sorted(ids)) for ids in alike]

    @api.model
    def _psa_entries_alike(self, entry_ids):
        """``{id of an entry nobody has decided on: ids of all that look like it, decided on or not}``"""
        self.flush_model()
        self.env["account.analytic.line"].flush_model(["psa_twice_reason", "amount", "move_line_id"])
        rows = self.env.execute_query(
            self._psa_twice_query(
                SQL("wip.analytic_line_id = ANY(%s)", list(entry_ids)),
                SQL("wip.analytic_line_id, other.analytic_line_id"),
            )
        )
        alike = {}
        for entry_id, other_id in rows:
            alike.setdefault(entry_id, set()).add(other_id)
        return alike

    def _psa_others_of_pairs(self):
        """Costs that look like one of these and like nothing else, where that one looks like nothing else
        either: whoever says that the one is another cost has said it of both. Only what the user may
        review is among them."""
        alike = self._psa_entries_alike(self.sudo().analytic_line_id.ids)  # sudo: see _psa_alike
        pairs = {others.pop(): one for one, others in alike.items() if len(others) == 1}
        back = self._psa_entries_alike(pairs) if pairs else {}
        twins = [other for other, one in pairs.items() if back.get(other) == {one}]
        parts = self.search([("analytic_line_id", "in", twins), ("state", "!=", "written_off")]) - self
        return parts.filtered(lambda part: part._psa_may_review())

    def _psa_may_review(self):
        try:
            check_reviewer(self)
        except AccessError:
            return False
        return True

    def _psa_bill_though_alike(self, reason):
        """:param reason: why these costs are no others' doubles; it stays with them, and with the other of a
        pair that no third looks like"""
        check_reviewer(self)
        # sudo: the right to review was checked; the reason is written by its button only
        costs = (self | self._psa_others_of_pairs()).sudo()
        costs.analytic_line_id.psa_twice_reason = reason
        for proposal, parts in costs.grouped(lambda part: part.proposal_line_id.proposal_id).items():
            if proposal:
                proposal._message_log(
                    body=self.env._(
                        "Billed although another cost looks the same: %(costs)s. %(reason)s",
                        costs=parts._psa_names(),
                        reason=reason,
                    )
                )

    def _psa_names(self):
        return ", ".join(dict.fromkeys(f"{part.name} ({format_date(self.env, part.date)})" for part in self))


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    undecided_cost_ids = fields.Many2many(
        "psa.wip.entry",
        string="Perhaps Billed Twice",
        compute="_compute_undecided_cost_ids",
        compute_sudo=True,
        groups=REVIEWER_GROUPS,
        help="Costs on this proposal that look like another one; somebody has to decide whether they are "
        "billed.",
    )
    expense_warning = fields.Char(compute="_compute_undecided_cost_ids", compute_sudo=True)
    problems = fields.Text(
        string="What Is to Solve", compute="_compute_problems", help="What keeps the proposal from approval."
    )

    @api.depends("state", "line_ids.is_held", "line_ids.wip_ids.is_twice")
    def _compute_undecided_cost_ids(self):
        costs = self.env["psa.wip.entry"].search(
            [
                ("proposal_line_id.proposal_id", "in", self.ids),
                ("proposal_line_id.is_held", "!=", True),
                ("kind", "!=", "time"),
                ("state", "=", "proposed"),
            ]
        )
        twice = costs.filtered("is_twice").grouped(lambda part: part.proposal_line_id.proposal_id)
        for proposal in self:
            undecided = twice.get(proposal._origin, costs.browse())
            if proposal.state not in EDITABLE_STATES:
                undecided = costs.browse()
            proposal.undecided_cost_ids = undecided
            proposal.expense_warning = (
                self.env._(
                    "Another expense or vendor bill has the same day, product and amount. Decide whether "
                    "these are billed: %s",
                    undecided._psa_names(),
                )
                if undecided
                else False
            )

    @api.depends("state", "message", "expense_warning")
    def _compute_problems(self):
        for proposal in self:
            texts = [proposal.message, proposal.expense_warning] if proposal.state in EDITABLE_STATES else []
            proposal.problems = "\n".join(filter(None, texts)) or False

    def action_decide_twice(self):
        """Ask whether costs on the proposal that look like others are billed."""
        self.ensure_one()
        return self.undecided_cost_ids.action_decide_twice()

    def _psa_check_solved(self):
        """:raises UserError: where a cost may be billed twice and nobody has decided on it"""
        result = super()._psa_check_solved()
        if self.expense_warning:
            raise UserError(
                self.env._(
                    "%(proposal)s: %(warning)s. Press Decide on the proposal: bill them for a reason, or do "
                    "not.",
                    proposal=self.display_name,
                    warning=self.expense_warning,
                )
            )
        return result
