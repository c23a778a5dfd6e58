"""A contractor's bill is the cost of the hours it is for: their own cost counts no more, never both.

Hours that are matched with a line of a vendor bill cost nothing themselves while the bill is posted and not
credited in full. The bill is reset or credited: the hours have their own cost again and stay matched, as that
may be undone. It is cancelled or deleted, or another one pays for the hours of a credited one: they are
matched with it no more. The credited one goes off the projects, or the client would pay it beside the hours
once it is credited no more.
"""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

COST_FIELDS = {"unit_amount", "employee_id", "account_id", "product_uom_id"}


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_cost_bill_line_id = fields.Many2one(
        "account.move.line",
        string="Cost Billed By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="account.group_account_invoice",
        help="The line of the vendor bill that is the cost of these hours.",
    )
    psa_own_cost = fields.Monetary(
        string="Own Cost",
        currency_field="currency_id",
        readonly=True,
        copy=False,
        groups="account.group_account_invoice",
        help="What these hours cost by themselves, while a vendor bill is their cost.",
    )

    psa_cost_is_spread = fields.Boolean(
        readonly=True,
        copy=False,
        groups="account.group_account_invoice",
        help="The bill was put on the projects by these hours.",
    )

    def _psa_match(self, bill_line, is_spread=False):
        """The line of a vendor bill is the cost of these hours; they are in sudo.

        :param is_spread: whether the hours say on which projects the bill is
        """
        self.write({"psa_cost_bill_line_id": bill_line.id, "psa_cost_is_spread": is_spread})
        self._psa_sync_cost()

    def _psa_unmatch(self):
        """These hours, in sudo, cost again what they cost by themselves."""
        self._psa_sync_cost(posted=False)
        self.psa_cost_bill_line_id = False

    def _psa_release_bills(self, lines):
        """As ``_psa_unmatch``; ``lines`` of bills, in sudo, that pay for no hours then go off their projects,
        with what takes them back."""
        lines = lines.filtered(lambda line: line.psa_hour_ids <= self)
        taking_back = lines.move_id.reversal_move_ids.line_ids._psa_reversed()
        # left on the project alone, it would be the client's money
        taking_back = [entry for entry, cost in taking_back.items() if cost.move_line_id in lines]
        lines.union(*(entry.move_line_id for entry in taking_back)).analytic_distribution = False
        self._psa_unmatch()

    def _psa_sync_cost(self, posted=True):
        """Hours cost nothing while a bill is their cost (``_psa_paying``), else what they cost themselves."""
        paying = posted and self.psa_cost_bill_line_id.move_id._psa_paying()
        for entry in self:
            replaced = paying and entry.psa_cost_bill_line_id.move_id in paying
            if replaced and not entry.psa_own_cost:
                entry.write({"psa_own_cost": entry.amount, "amount": 0.0})
            elif not replaced and entry.psa_own_cost:
                entry.write({"amount": entry.psa_own_cost, "psa_own_cost": 0.0})

    def _psa_paid_for(self):
        """These hours, in sudo, without those of bills that are credited in full: these pay for nothing."""
        credited = self.psa_cost_bill_line_id.move_id.filtered(lambda bill: bill._psa_is_credited())
        return self.filtered(lambda entry: entry.psa_cost_bill_line_id.move_id not in credited)

    def _psa_check_unmatched(self):
        """:raises UserError: where a vendor bill is the cost of one of these hours"""
        # sudo: that hours are paid for counts also for who sees no bills
        matched = self.sudo().filtered("psa_cost_bill_line_id")._psa_paid_for()
        if matched:
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s is paid by %(bill)s. Have an accountant undo the match on that "
                    "bill first.",
                    entry=matched[0].name or "",
                    date=format_date(self.env, matched[0].date),
                    bill=matched[0].psa_cost_bill_line_id.move_id.display_name,
                )
            )

    def write(self, vals):
        if COST_FIELDS & vals.keys():
            self._psa_check_unmatched()
        return super().write(vals)

    def unlink(self):
        self._psa_check_unmatched()
        return super().unlink()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    psa_hour_ids = fields.One2many(
        "account.analytic.line",
        "psa_cost_bill_line_id",
        string="Matched Hours",
        groups="account.group_account_invoice",
    )

    def _psa_is_rebillable(self):
        """What pays for hours is not billed itself: the client pays for the hours."""
        return super()._psa_is_rebillable() and not self.sudo().psa_hour_ids  # sudo: see _psa_hours

    def unlink(self):
        self.move_id._psa_hours(self)._psa_unmatch()
        return super().unlink()


class AccountMove(models.Model):
    _inherit = "account.move"

    psa_hour_count = fields.Integer(
        string="Matched Entries", compute="_compute_psa_hour_count", groups="account.group_account_invoice"
    )

    def _psa_hours(self, lines=None):
        """The hours that these vendor bills (their ``lines``) are the cost of."""
        # sudo: whoever may change a bill changes what it is the cost of, without seeing the time
        hours = self.env["account.analytic.line"].sudo()
        bills = self.filtered(lambda move: move.move_type == "in_invoice")
        if not bills.ids:
            return hours
        lines = bills.line_ids if lines is None else lines
        return hours.search([("psa_cost_bill_line_id", "in", lines.ids)])

    def _compute_psa_hour_count(self):
        for move in self:
            move.psa_hour_count = len(move._psa_hours())

    def action_psa_match_hours(self):
        """Choose the hours of a contractor that this bill is the cost of."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_expense_match_action")
        return {**action, "context": {"default_move_id": self.id}}

    def action_psa_unmatch_hours(self):
        """The hours that this bill was the cost of cost again what they cost by themselves; what the bill is
        for is billed to the client again, where clients pay for it.

        :raises UserError: where no hours are matched
        """
        self.check_access("write")
        hours = self._psa_hours()
        if not hours:
            raise UserError(self.env._("No hours are matched with %s.", self.display_name))
        # what only hours had put on projects
        hours._psa_release_bills(hours.filtered("psa_cost_is_spread").psa_cost_bill_line_id)
        self.sudo()._psa_bill_again()  # sudo: as when it was posted

    def action_view_psa_hours(self):
        """The hours that this bill is the cost of: the entries, or their sums for who does not see these."""
        self.ensure_one()
        hours = self._psa_hours()
        if self.env["account.analytic.line"].search_count([("id", "in", hours.ids)]) < len(hours):
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Matched Hours"),
                "res_model": "psa.expense.match",
                "res_id": self.env["psa.expense.match"].create({"move_id": self.id}).id,
                "views": [(self.env.ref("psa_billing.psa_expense_match_view_form_matched").id, "form")],
                "target": "new",
            }
        action = self.env["ir.actions.act_window"]._for_xml_id("hr_timesheet.timesheet_action_all")
        return {**action, "domain": [("psa_cost_bill_line_id", "in", self.line_ids.ids)], "context": {}}

    def _post(self, soft=True):
        posted = super()._post(soft)
        bills = posted.filtered(lambda move: move.move_type == "in_invoice")
        if bills:
            bills._psa_hours()._psa_sync_cost()
        posted._psa_credited_bills()._psa_hours()._psa_sync_cost()
        return posted

    def _psa_credited_bills(self):
        """The vendor bills that these credit notes take back, in whole or in part."""
        return self.filtered(lambda move: move.move_type == "in_refund").reversed_entry_id

    def _psa_is_credited(self):
        """Whether posted credit notes take back all of this bill."""
        self.ensure_one()
        refunds = self.reversal_move_ids.filtered(lambda move: move.state == "posted")
        taken_back = sum(refunds.mapped("amount_untaxed"))
        return bool(refunds) and self.currency_id.compare_amounts(taken_back, self.amount_untaxed) >= 0

    def _psa_paying(self):
        """Those of these bills that are the cost of their hours now."""
        return self.filtered(lambda bill: bill.state == "posted" and not bill._psa_is_credited())

    def button_draft(self):
        hours = (self | self._psa_credited_bills())._psa_hours()
        result = super().button_draft()
        hours._psa_sync_cost()
        return result

    def button_cancel(self):
        hours = self._psa_hours()
        result = super().button_cancel()
        hours._psa_unmatch()
        return result

    def unlink(self):
        if self:  # the host calls it with nothing at each write of a line
            self._psa_hours()._psa_unmatch()
        return super().unlink()
