"""Whatever happens to SOWs that are billed together: what was sold is billed once, and the money adds up."""

import random
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import Form, tagged
from odoo.tools import groupby

from .cost_invariants import HourCostInvariants
from .money_invariants import MoneyInvariants
from .money_sows import RATES, MoneySows
from .test_hour_state_random import STEPS, RandomWork

#: Steps of ``RandomWork`` that its SOWs alone can take.
OTHERS = ("unsold", "expense", "refuse")
WORKED = tuple(step for step in STEPS if step not in OTHERS)
EARNED = ("reach", "reach", "accept", "accept", "unreach", "unaccept", "instalment", "phase", "fee", "fee")
BILLED = ("run", "run", "run", "run_again", "bill", "bill", "bill", "bill", "make_again", "review", "reset")
BILLED += ("junior", "write_off_lines", "add_line", "close_all", "hold_fixed")
GIVEN_BACK = ("credit_all", "credit_units", "credit_units", "cancel_invoice", "delete_invoice", "redraft")
TERMS = ("grouping", "order_number", "layout", "payment_term", "two_steps", "new_rate", "new_rate")
PAID = ("pay_in_advance", "pay_in_advance", "advance_given_back", "open_again", "contractor", "unmatch")
MONEY = (*EARNED, *BILLED, *GIVEN_BACK, *TERMS, *PAID)
MONTHS = (("2026-03-01", "2026-03-31"), (False, "2026-03-03"), (False, "2026-03-31"), (False, "2026-04-30"))


#: After these somebody typed what a credit note takes back.
TYPED = ("edited_note", "lower_price")


class RandomMoney(MoneySows, MoneyInvariants, HourCostInvariants, RandomWork):
    """Steps that people take on SOWs which are billed together, in any order."""

    @classmethod
    def _make_sows(cls):
        cls._make_frame()

    # -- records that a step takes ---------------------------------------------------------

    def _one(self, rnd, records):
        """One of ``records``; the step is no step where there is none."""
        return rnd.choice(records.sorted("id"))

    def _milestones(self):
        return self.env["project.milestone"].search([("sale_line_id", "in", self.sows.order_line.ids)])

    def _moves(self, *states):
        moves = self._proposals("invoiced").invoice_ids
        return moves.filtered(lambda move: move.state in states and move.payment_state != "reversed")

    def _make(self, run):
        run.action_make_proposals()
        plan = self.sows.sudo().psa_instalment_ids
        self.due |= plan.filtered(lambda part: part._psa_is_due(run.date_to))
        self.reached |= self._milestones().filtered(
            lambda one: one.is_reached and one.psa_acceptance != "waits"
        )

    def _propose(self, first="2026-03-01", last="2026-03-31"):
        run = self._run(first, last)
        self._make(run)
        return run.proposal_ids

    def _figures(self):
        """What proposals say, to compare."""
        lines = self.env["psa.billing.proposal.line"].search([("sale_line_id.order_id", "in", self.sows.ids)])
        wip = self.env["psa.wip.entry"].search([("order_id", "in", self.sows.ids)])
        return (
            {(line, line.proposal_id, line.proposal_state): (line.quantity, line.amount) for line in lines},
            {(part, part.state): (part.proposal_line_id, part.amount) for part in wip},
        )

    # -- what was earned -------------------------------------------------------------------

    def _step_log(self, rnd):
        entry = super()._step_log(rnd)
        if rnd.random() < 0.3 and entry.employee_id == self.ann:
            entry.action_psa_recall()
            entry.employee_id = self.eve
            entry.action_psa_submit()
        return entry

    def _step_reach(self, rnd):
        self._one(rnd, self._milestones().filtered(lambda one: not one.is_reached)).is_reached = True

    def _step_unreach(self, rnd):
        self._one(rnd, self._milestones().filtered("is_reached")).is_reached = False

    def _step_accept(self, rnd):
        milestone = self._one(rnd, self._milestones().filtered(lambda one: one.psa_acceptance == "waits"))
        action = milestone.action_psa_accept()
        self.env[action["res_model"]].with_context(**action["context"]).create({}).action_apply()

    def _step_unaccept(self, rnd):
        accepted = self._milestones().filtered(lambda one: one.psa_acceptance == "accepted")
        self._one(rnd, accepted).action_psa_withdraw_acceptance()

    def _step_instalment(self, rnd):
        self._one(rnd, self.staged.psa_instalment_ids).action_reached()

    def _step_phase(self, rnd):
        self.phase.state = "active" if self.phase.state == "done" else "done"

    def _step_fee(self, rnd):
        fee = self.staged.psa_success_fee_ids
        if fee.state == "approved":
            fee.action_withdraw()
        elif fee.state == "claimed":
            (fee.action_approve if rnd.random() < 0.8 else fee.action_reject)()
        else:
            fee = fee.with_user(self.seller)
            proof = {"name": "report.pdf", "raw": b"savings", "res_model": fee._name, "res_id": fee.id}
            fee.write(
                {
                    "result_amount": rnd.choice((10000, 33333.33)),
                    "result_date": "2026-03-20",
                    "evidence_ids": [Command.create(proof)],
                }
            )
            fee.action_claim()

    # -- billing ---------------------------------------------------------------------------

    def _step_run(self, rnd):
        self._propose(*rnd.choice(MONTHS))

    def _step_run_again(self, rnd):
        """A run that is made again has nothing new, and neither has another one of its days."""
        run = self._one(rnd, self.env["psa.billing.run"].search([]))
        self._make(run)
        before = self._figures()
        self._make(run)
        self._propose(run.date_from, run.date_to)
        self.assertEqual(self._figures(), before)

    def _step_make_again(self, rnd):
        draft = self._one(rnd, self._proposals("draft"))
        draft.action_make_again()
        self._make(draft.run_id)

    def _step_review(self, rnd):
        self._some(rnd, self._proposals("draft")).action_review()

    def _step_reset(self, rnd):
        self._some(rnd, self._proposals("reviewed", "approved", "closed")).action_reset()

    def _step_junior(self, rnd):
        """Who may approve 500.00 in the currency of the company approves no more."""
        proposal = self._one(rnd, self._proposals("draft", "reviewed")).with_user(self.junior)
        action = proposal.action_approve()
        amount = abs(proposal.amount) / RATES.get(proposal.currency_id.name, 1)
        self.assertEqual(proposal.state == "approved", amount <= 500.004, amount)
        self.assertEqual(action is None, proposal.state == "approved")

    def _step_bill(self, rnd):
        """Proposals are approved and invoiced together."""
        proposals = self._some(rnd, self._proposals("draft", "reviewed", "approved"))
        amounts = {proposal: proposal.invoice_amount for proposal in proposals}
        to_come = self.bills_to_come(proposals)
        (proposals - self._proposals("approved")).action_approve()
        proposals.action_create_invoice()
        for proposal, amount in amounts.items():
            # line by line: the host rounds the total of an invoice by its taxes
            invoiced = self._net(proposal.invoice_ids.invoice_line_ids)
            self.assertAlmostEqual(invoiced, amount, 2, proposal.display_name)
        self.assert_billed_by_hand(to_come, "bill")
        if rnd.random() < 0.6:
            for move in proposals.invoice_ids:
                self._post_invoice(move)

    def _step_write_off_lines(self, rnd):
        line = self._one(rnd, self._proposals("draft", "reviewed").line_ids)
        wizard = self.env["psa.adjust.work"].browse(line.action_adjust()["res_id"])
        how = rnd.choice(("write_off", "percent", "percent", "amount"))
        wizard.write(
            {
                "how": how,
                "percent": rnd.choice((-33.33, 7)),
                "amount": line.currency_id.round(line.amount / 3),
            }
        )
        wizard.reason_id = self.env.ref("psa_billing.reason_goodwill")
        wizard.action_apply()

    def _step_close_all(self, rnd):
        proposal = self._one(rnd, self._proposals("draft", "reviewed"))
        wizard = self.env["psa.adjust.work"].browse(proposal.action_adjust()["res_id"])
        wizard.write({"how": "write_off", "reason_id": self.env.ref("psa_billing.reason_goodwill").id})
        wizard.action_apply()
        proposal.action_close()

    def _step_hold_fixed(self, rnd):
        lines = self._proposals("draft").line_ids.filtered(lambda line: not line.wip_ids)
        line = self._one(rnd, lines)
        (line.action_release if line.is_held else line.action_hold)()

    def _step_add_line(self, rnd):
        proposal = self._one(rnd, self._proposals("draft", "reviewed"))
        wizard = self.env["psa.add.line"].browse(proposal.action_add_line()["res_id"])
        reason = self.env.ref("psa_billing.reason_goodwill")
        amount = proposal.currency_id.round(rnd.choice((77.77, -12.5)))
        wizard.write({"name": "Travel", "amount": amount, "reason_id": reason.id})
        wizard.action_apply()

    # -- given back ------------------------------------------------------------------------

    def _step_credit_all(self, rnd):
        self._credit(self._one(rnd, self._moves("posted")))

    def _step_credit_units(self, rnd):
        """By the wizard: units of the lines of a posted invoice, without naming the work."""
        invoice = self._one(rnd, self._moves("posted"))
        wizard = self.env["psa.credit.work"].with_context(default_move_id=invoice.id).create({})
        for line in wizard.line_ids:
            line.quantity = rnd.choice((0, line.billed, round(line.billed / 3, 2)))
        note = self.env["account.move"].browse(wizard.action_credit()["res_id"])
        note.action_post()

    def _step_cancel_invoice(self, rnd):
        self._one(rnd, self._moves("draft")).button_cancel()

    def _step_delete_invoice(self, rnd):
        self._one(rnd, self._moves("draft")).unlink()

    def _step_redraft(self, rnd):
        self._one(rnd, self._moves("posted")).button_draft()

    # -- terms -----------------------------------------------------------------------------

    def _step_grouping(self, rnd):
        self.agreement.billing_grouping = rnd.choice(("sow", "client", "po", "project"))

    def _step_order_number(self, rnd):
        self._one(rnd, self.sows).client_order_ref = rnd.choice(("4711", "4712", False))

    def _step_layout(self, rnd):
        self.agreement.psa_invoice_detail = rnd.choice(("line", "role", "person", "entry"))
        self.agreement.psa_invoice_sections = rnd.choice(("sow", "role", "none"))

    def _step_payment_term(self, rnd):
        term = self.env.ref("account.account_payment_term_30days")
        self._one(rnd, self.sows).payment_term_id = rnd.choice((term, False))

    def _step_new_rate(self, rnd):
        """The price of a card is another one from a day on."""
        rows = self.sows.sudo().psa_rate_card_id.line_ids
        row, day = self._one(rnd, rows.filtered(lambda row: not row.date_end)), rnd.choice(("03", "04"))
        day = fields.Date.to_date(f"2026-03-{day}")
        if row.date_start < day:
            row.date_end = day - timedelta(days=1)
            price = row.currency_id.round(row.price * rnd.choice((0.9, 1.07)))
            row.copy({"date_start": day, "date_end": False, "price": price})

    def _step_two_steps(self, rnd):
        self.company.psa_billing_review = not self.company.psa_billing_review

    # -- paid in advance, costs ------------------------------------------------------------

    def _step_pay_in_advance(self, rnd):
        order = self._one(rnd, self.sows)
        before = order.invoice_ids
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create(
            {
                "advance_payment_method": "fixed",
                "fixed_amount": order.currency_id.round(rnd.choice((115, 402.5, 1150))),
            }
        ).create_invoices()
        invoice = order.invoice_ids - before
        if rnd.random() < 0.9:
            self._post_invoice(invoice)

    def _step_advance_given_back(self, rnd):
        """What was invoiced in advance and is not deducted yet."""
        lines = self.sows.order_line.filtered(lambda line: line.is_downpayment and not line.display_type)
        line = self._one(rnd, lines)
        invoice = line.invoice_lines.move_id.filtered(lambda move: not move.psa_proposal_id)
        if len(line.invoice_lines) == 1 and invoice.state == "posted":
            self._credit(invoice)
        else:  # one that was given back has a credit note beside it
            invoice.filtered(lambda move: move.state == "draft").unlink()

    def _step_open_again(self, rnd):
        """The import is repeated with another figure."""
        line = self._one(rnd, self.capped.order_line.psa_opening_ids.sale_line_id)
        amounts = {"billed_amount": rnd.choice((300, 1666.67))}
        if line._psa_is_time_material():
            amounts = {"billed_amount": rnd.choice((150, 299.6)), "unbilled_amount": rnd.choice((0, 250.25))}
        self.env["psa.opening.balance"].create({"sale_line_id": line.id, "date": "2026-02-28", **amounts})
        self.over = {}  # no cap bounds what a former system billed

    def _step_contractor(self, rnd):
        """The bill of the vendor for whom Dev works is the cost of the hours of March."""
        bill = self._bill((self.meals, rnd.choice((100, 700)), None), day="2026-04-08")
        Form(self.env["psa.expense.match"].with_context(default_move_id=bill.id)).save().action_match()

    def _step_unmatch(self, rnd):
        bills = self.env["account.move"].search(
            [("partner_id", "=", self.vendor.id), ("move_type", "=", "in_invoice")]
        )
        bill = self._one(rnd, bills)
        if rnd.random() < 0.5:
            bill.action_psa_unmatch_hours()
        else:
            self._reverse(bill).action_post()

    # -- one example -----------------------------------------------------------------------

    def steps(self, rnd):
        more = rnd.choices(MONEY * 2 + WORKED, k=12)
        return ("work", "work", "week", "layout", "grouping", "reach", *more)

    def check_histories(self, seeds, each=5):
        """:param each: histories on the same SOWs"""
        for number, own in groupby(seeds, lambda seed: seed // each):
            savepoint = self.env.cr.savepoint()
            try:
                self._sell(random.Random(number))
                for seed in own:
                    self.check_any_order_of_steps(seed)
            finally:
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def check_any_order_of_steps(self, seed):  # pylint: disable=missing-return  # a check
        self.due = self.env["psa.instalment"].sudo()
        self.reached = self.env["project.milestone"]
        super().check_any_order_of_steps(seed)

    def assert_invariants(self, orders, message):  # pylint: disable=missing-return  # a check
        super().assert_invariants(orders, message)
        self.assert_money(orders.sudo(), message)
        self.assert_costs(message)

    def assert_adds_up(self, message):  # pylint: disable=missing-return  # a check
        super().assert_adds_up(message)
        self.assert_settles(message)

    def assert_settles(self, message):
        """All that was earned is billed in the end, once, and then there is nothing left."""
        self._draft_notes().unlink()
        self.company.psa_billing_review = False
        self.agreement.cap_amount = 0
        # out of reach, whatever change orders take off
        self.capped.sudo().psa_cap_amount = 1000000
        for line in self.sows.sudo().order_line.filtered("psa_cap_amount"):
            line.psa_cap_amount = 1000000
        self._proposals("reviewed", "approved", "closed").action_reset()
        self._proposals("draft").action_cancel()
        wip = self.env["psa.wip.entry"].search([("order_id", "in", self.sows.ids)])
        if held := wip.filtered(lambda part: part.state == "held"):
            held.action_release()
        self._milestones().is_reached = True
        for milestone in self._milestones().filtered(lambda one: one.psa_acceptance == "waits"):
            milestone.sudo()._psa_accept("Carla", fields.Date.to_date("2026-04-01"))
        self.phase.state = "done"
        proposals = self._propose(False, "2026-12-31")
        self._bill_all(proposals, message)
        self.assert_invariants(self.sows, f"{message}, then all")
        lines = self.sows.sudo()._psa_contract().order_line
        typed = any(step in message for step in TYPED)
        for line in self._fixed(lines):
            self.assert_all_billed(line, f"{message}, then all")
            if not typed:
                self.assert_nothing_to_invoice(line, f"{message}, then all")
        if not typed:
            self.assert_work_is_billed(self.sows.sudo(), f"{message}, then all")
        left = self._propose(False, "2026-12-31")
        self.assertFalse(left, f"{message}, then all: {left.mapped('amount')}")

    def _bill_all(self, proposals, message):
        self.assertFalse([one.message for one in proposals if one.message], message)
        for proposal in proposals:
            if proposal.currency_id.is_zero(proposal.amount):
                continue  # no invoice, no credit note: it waits
            to_come = self.bills_to_come(proposal)
            proposal.action_approve()
            proposal.action_create_invoice()
            self.assert_billed_by_hand(to_come, message)
        for move in self._moves("draft"):
            self._post_invoice(move)


@tagged("post_install", "-at_install")
class TestMoneyAddsUp(RandomMoney):
    def test_fifteen_random_histories(self):
        self.check_histories(range(15))


@tagged("post_install", "-at_install", "slow")
class TestMoneyAlwaysAddsUp(RandomMoney):
    def test_five_hundred_random_histories(self):
        self.check_histories(range(1000, 1500), each=2)
