from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .test_adjustments import ReviewCase


@tagged("post_install", "-at_install")
class TestAdjustProposals(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._line(cls.architect),
            cls._line(cls.developer),
            cls._line(cls.architect, 1, "fixed", price_unit=500),
        )
        cls.first, cls.second, cls.fixed = cls.order.order_line
        cls.entries = [cls._work(cls.first, 1, f"2026-03-0{day}") for day in (2, 3, 4)]
        cls.other = cls._work(cls.second, 2)
        cls.proposal = cls._propose()  # 3 × 150.00 + 2 × 100.00 + 500.00

    def _line_of(self, sale_line):
        return self.proposal.line_ids.filtered(lambda line: line.sale_line_id == sale_line)

    def test_a_proposal_comes_to_a_round_amount_pro_rata(self):
        # 1,150.00 to 1,000.00: −150.00, shares 19.5652 of each 150.00, 26.0870 of 200.00, 65.2174 of 500.00.
        # What the running sum gains: 19.57, 19.56, 19.57; 26.08 (84.78 − 58.70); 65.22 (150.00 − 84.78).
        self._adjust(self.proposal, "amount", amount=1000)
        self.assert_proposal(self.proposal, 1150, -150, 1000)
        self.assertEqual(
            [entry.psa_wip_ids.sorted("part")[0].amount for entry in self.entries], [130.43, 130.44, 130.43]
        )
        self.assertEqual(
            [self._line_of(line).amount for line in (self.first, self.second, self.fixed)],
            [391.3, 173.92, 434.78],
        )
        self.assertEqual(self.proposal.adjustment_count, 3)
        invoice = self._invoice(self.proposal, post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (1000, 150))
        self.assert_host_figures(self.first, delivered=3, invoiced=3, amount_to_invoice=0)
        self.assert_host_figures(self.fixed, delivered=0, invoiced=1, amount_to_invoice=0)
        self._credit(invoice)
        self.assertFalse(self.proposal.adjustment_count)
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 1150)

    def test_what_is_given_away_after_a_round_amount_is_worth_more_without_it(self):
        """Of 150.00 an hour has 130.43 left, which are given away; without the round amount it is 150.00."""
        self._adjust(self.proposal, "amount", amount=1000)
        rounded = self.proposal.adjustment_ids
        self._adjust(self.entries[0].psa_wip_ids.filtered(lambda part: not part.adjusts_wip_id), "write_off")
        given_away = self.proposal.adjustment_ids - rounded
        self.assertEqual((given_away.amount, given_away.hours), (-130.43, -1))
        rounded.action_undo()
        self.assert_wip(self.entries[0], ("written_off", 1, 1, 150))
        self.assertEqual((given_away.amount, given_away.state), (-150, "done"))
        self.assert_proposal(self.proposal, 1150, -150, 1000)

    def test_a_line_bills_another_amount(self):
        self._adjust(self._line_of(self.second), "amount", amount=150)
        self._adjust(self._line_of(self.fixed), "percent", self.entered, percent=10)
        self.assert_proposal(self.proposal, 1150, 0, 1150)  # −50.00 + 50.00
        self.assertEqual(self._line_of(self.fixed).amount, 550)
        self._line_of(self.fixed).action_undo_adjustments()
        self.assertEqual(self._line_of(self.fixed).amount, 500)
        self.assert_proposal(self.proposal, 1150, -50, 1100)
        with self.assertRaisesRegex(UserError, "Nothing on these lines"):
            self._line_of(self.fixed).action_undo_adjustments()

    def test_lines_are_written_off(self):
        self._adjust(self._line_of(self.first) + self._line_of(self.fixed), "write_off")
        self.assert_proposal(self.proposal, 1150, -950, 200)
        self.assertEqual(self._line_of(self.first).worked_hours, 3)
        self.proposal.action_cancel()
        self.assertEqual(self._propose().amount, 1150)

    def test_what_is_fixed_keeps_its_adjustment_when_the_run_looks_again(self):
        self._adjust(self._line_of(self.fixed), "amount", amount=450)
        self._adjust(self.entries[0].psa_wip_ids, "amount", amount=100)
        self._work(self.second, 1, "2026-03-05")
        self.proposal.action_make_again()
        self.assert_proposal(self.proposal, 1250, -100, 1150)

    def test_more_than_a_proposal_comes_to_is_not_written_off(self):
        for records in (self.proposal, self._line_of(self.fixed), self._line_of(self.first)):
            with self.assertRaisesRegex(UserError, "not more than that can be written off"):
                self._adjust(records, "amount", amount=-5)
        self._line_of(self.fixed).action_hold()
        with self.assertRaisesRegex(UserError, "is held"):
            self._adjust(self._line_of(self.fixed), "amount", amount=5)

    def test_a_deleted_line_of_the_draft_invoice_takes_back_what_was_adjusted_on_it(self):
        self._adjust(self._line_of(self.second), "amount", amount=150)
        self._adjust(self.entries[0].psa_wip_ids, "amount", amount=100)
        invoice = self._invoice(self.proposal)
        second = self._line_of(self.second)
        invoice.invoice_line_ids.filtered(lambda line: line.psa_proposal_line_id == second).unlink()
        self.assert_wip(self.other, ("open", 2, 2, 200))
        self.assert_wip(self.entries[0], ("billed", 1, 1, 100), ("written_off", 0, 0, 50))
        self.assert_adjustments(
            self.order, ("undone", "write_off", 0, 0, -50), ("done", "write_off", 0, 0, -50)
        )

    def test_the_text_of_a_line_goes_on_the_invoice(self):
        line = self._line_of(self.fixed)
        wizard = self.env["psa.edit.text"].browse(line.action_edit_text()["res_id"])
        self.assertEqual(wizard.name, self.fixed.name)
        wizard.name = "Concept, version 2"
        wizard.action_apply()
        invoice = self._invoice(self.proposal)
        names = invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids == self.fixed).mapped(
            "name"
        )
        self.assertEqual(names, ["Concept, version 2"])

    def test_an_empty_text_is_that_of_the_statement_of_work(self):
        line = self._line_of(self.fixed)
        for typed in ("Other", "  "):
            wizard = self.env["psa.edit.text"].browse(line.action_edit_text()["res_id"])
            wizard.name = typed
            wizard.action_apply()
        self.assertFalse(line.name)

    def _add(self, text="Travel, flat", amount=120.5, proposal=None, **values):
        proposal = proposal or self.proposal
        wizard = self.env["psa.add.line"].browse(proposal.action_add_line()["res_id"])
        wizard.write({"name": text, "amount": amount, "reason_id": self.entered.id, **values})
        wizard.action_apply()
        return proposal.line_ids.filtered("is_added")

    def test_a_fixed_line_is_added_on_a_line_of_its_own(self):
        added = self._add()
        self.assert_proposal(self.proposal, 1150, 120.5, 1270.5)
        self.assertEqual(added.sale_line_id.order_id, self.order)
        invoice = self._invoice(self.proposal, post=True)
        # 1,270.50 and 15 %
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (1270.5, 190.58))
        line = invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids == added.sale_line_id)
        self.assertEqual((line.name, line.price_subtotal), ("Travel, flat", 120.5))
        self.assert_host_figures(added.sale_line_id, delivered=0, invoiced=1, amount_to_invoice=0)
        self.assertFalse(self._propose())

    def test_an_added_line_goes_with_its_proposal_or_invoice(self):
        added = self._add(amount=-50)
        self.assertEqual(self.proposal.amount, 1100)
        sale_line = added.sale_line_id
        invoice = self._invoice(self.proposal)
        self.assertEqual(invoice.amount_untaxed, 1100)
        invoice.unlink()
        self.assertEqual(sale_line.product_uom_qty, 0)
        proposal = self._propose()
        self.assertEqual(proposal.amount, 1150)
        added = self._add(proposal=proposal)
        proposal.action_cancel()
        self.assertEqual(added.sale_line_id.product_uom_qty, 0)
        self.assertEqual(self._propose().amount, 1150)

    def test_an_added_line_is_taken_back(self):
        added = self._add()
        sale_line = added.sale_line_id
        with self.assertRaisesRegex(UserError, "was added here"):
            self._adjust(added, "amount", amount=100)
        added.action_undo_adjustments()
        self.assertFalse(added.exists())
        self.assertEqual(sale_line.product_uom_qty, 0)
        self.assert_proposal(self.proposal, 1150, 0, 1150)
        adjustment = self.env["psa.adjustment"].search([("sale_line_id", "=", sale_line.id)])
        self.assertEqual((adjustment.state, adjustment.proposal_id), ("undone", self.proposal))

    def test_a_line_to_add_says_what_why_and_how_much(self):
        for values in ({"text": " "}, {"reason_id": False}, {"sale_line_id": False}):
            with self.assertRaisesRegex(UserError, "needs its text"):
                self._add(**values)
        with self.assertRaisesRegex(UserError, "cannot be zero"):
            self._add(amount=0)
        foreign = self._sow().order_line
        with self.assertRaisesRegex(UserError, "is no line of"):
            self._add(sale_line_id=foreign.id)

    def test_the_reason_of_an_added_line_is_chosen_not_proposed(self):
        wizard = self.env["psa.add.line"].browse(self.proposal.action_add_line()["res_id"])
        self.assertFalse(wizard.reason_id)
        wizard.write({"name": "Travel, flat", "amount": 120.5})
        with self.assertRaisesRegex(UserError, "needs its text, a reason"):
            wizard.action_apply()
        with self.assertRaisesRegex(AssertionError, "reason_id is a required field"):
            Form(wizard).save()
        extra = self.env.ref("psa_billing.reason_extra")
        with self.assertRaisesRegex(ValidationError, "needs a note"):
            self._add(reason_id=extra.id)
        added = self._add(reason_id=extra.id, note="Train to the plant, agreed by phone")
        self.assertEqual(added.adjustment_reason, extra.name)
        self.assertEqual(self.env["psa.adjustment"].search([("reason_id", "!=", extra.id)]).ids, [])

    def test_a_write_up_over_the_cap_is_refused(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        entry = self._work(line, 4, "2026-04-02")
        proposal = self._propose("2026-04-01", "2026-04-30")
        with self.assertRaisesRegex(UserError, "more than the cap of"), self.env.cr.savepoint():
            self._adjust(proposal, "amount", self.entered, amount=600.01)
        self.assert_wip(entry, ("proposed", 4, 4, 600))

    def test_what_is_written_off_on_a_proposal_gives_room_under_the_cap(self):
        line = self._sow(self._line(self.architect, cap=600)).order_line
        entry, over = self._work(line, 4, "2026-04-02"), self._work(line, 2, "2026-04-03")
        proposal = self._propose("2026-04-01", "2026-04-30")
        self._adjust(entry.psa_wip_ids, "amount", amount=450)
        # 150.00 of room: one of the two hours
        self.assert_wip(over, ("over_cap", 1, 1, 150), ("open", 1, 1, 150))
        proposal.action_make_again()
        self.assertEqual((proposal.amount, proposal.worked_amount), (600, 750))
        # it is taken: the write-off cannot be taken back on this proposal
        with self.assertRaisesRegex(UserError, "150.00 more than the cap"), self.env.cr.savepoint():
            entry.psa_wip_ids.filtered(lambda part: part.state == "proposed").action_undo_adjustments()
        # nor can less be written off than before
        with self.assertRaisesRegex(UserError, "50.00 more than the cap"), self.env.cr.savepoint():
            self._adjust(
                entry.psa_wip_ids.filtered(lambda part: part.state == "proposed"), "amount", amount=500
            )
        proposal.action_cancel()
        self.assert_wip(entry, ("open", 4, 4, 600))
        self.assert_wip(over, ("over_cap", 2, 2, 300))
