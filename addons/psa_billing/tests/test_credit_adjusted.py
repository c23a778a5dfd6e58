"""Entries that a review or a cap adjusted are credited with what was billed of them."""

from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_payers import PayersCase


class CreditAdjustedCase(PayersCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goodwill = cls.env.ref("psa_billing.reason_goodwill")
        cls.extra = cls.env.ref("psa_billing.reason_extra")

    def _wizard(self, invoice, *entries, quantity=None):
        """*Credit Work* with these entries chosen, or a quantity typed on its first line."""
        wizard = self.env["psa.credit.work"].with_context(default_move_id=invoice.id)
        with Form(wizard) as form:
            for entry in entries:
                parts = entry.psa_wip_ids.filtered(lambda part: part.invoice_line_id.move_id == invoice)
                form.wip_ids.add(parts)
        if quantity:
            form.record.line_ids[0].quantity = quantity
        return form.record

    def _credit_note(self, wizard, post=True):
        """The credit note that it makes; it comes to what the dialog said."""
        said = wizard.amount
        note = self.env["account.move"].browse(wizard.action_credit()["res_id"])
        self.assertAlmostEqual(note.amount_untaxed, said)
        if post:
            note.action_post()
        return note

    def _assert_line(self, line, delivered, invoiced, money):
        """The host's figures of a SOW line, with what its adjustments billed."""
        self.assert_host_figures(line, delivered, invoiced, (delivered - invoiced) * line.price_unit)
        self.env.invalidate_all()
        billed = line | line.order_id.order_line.filtered(lambda other: other.psa_adjusts_line_id == line)
        self.assertAlmostEqual(sum(billed.mapped("untaxed_amount_invoiced")), money)
        for beside in billed - line:
            self.assertEqual(beside.product_uom_qty, beside.qty_invoiced)
            self.assertAlmostEqual(beside.untaxed_amount_to_invoice, 0)


@tagged("post_install", "-at_install")
class TestCreditAdjusted(CreditAdjustedCase):
    """Monday 3 h, Tuesday 5 h, Wednesday 4 h of an architect at 150.00: 1,800.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow()
        cls.line = cls.order.order_line
        cls.monday, cls.tuesday, cls.wednesday = [
            cls._work(cls.line, hours, f"2026-03-0{day}") for hours, day in ((3, 2), (5, 3), (4, 4))
        ]

    def _for(self, amount):
        """The invoice of all three for ``amount``, pro rata."""
        proposal = self._propose()
        proposal.sudo().line_ids._psa_bill_amount(amount, self.goodwill)
        return self._invoice(proposal, post=True)

    def test_an_entry_is_credited_with_what_was_billed_of_it(self):
        """10 % off all: 1,620.00; Tuesday's 5 h are 675.00 of it. They wait as they were rated, 750.00; the
        invoice still bills 3 h and 4 h for 405.00 and 540.00, which are credited with the rest: 945.00."""
        invoice = self._for(1620)
        wizard = self._wizard(invoice, self.tuesday)
        self.assertEqual((wizard.wip_ids.amount, wizard.line_ids.amount, wizard.amount), (675, 675, 675))
        note = self._credit_note(wizard)
        self.assertEqual(
            note.invoice_line_ids.mapped(lambda line: (line.quantity, line.price_unit)), [(5, 150), (1, -75)]
        )
        self.assertEqual(note.psa_credited_work_ids.mapped("amount"), [675])
        self.assert_wip(self.tuesday, ("open", 5, 5, 750))
        self.assert_wip(self.monday, ("billed", 3, 3, 405), ("written_off", 0, 0, 45))
        self.assert_wip(self.wednesday, ("billed", 4, 4, 540), ("written_off", 0, 0, 60))
        self._assert_line(self.line, 12, 7, 945)
        again = self._invoice(self._propose(), post=True)
        self.assertEqual(again.amount_untaxed, 750)
        self._assert_line(self.line, 12, 12, 1695)
        # the rest, in two steps
        for entry, amount in ((self.wednesday, 540), (self.monday, 405)):
            self.assertEqual(self._credit_note(self._wizard(invoice, entry)).amount_untaxed, amount)
        self._assert_line(self.line, 12, 5, 750)
        self.assert_refused(lambda: self._wizard(invoice), "credited already")
        self.assertEqual(self._propose().amount, 1050)  # 3 h and 4 h as rated

    def test_units_are_credited_with_the_whole_entries_that_go(self):
        """7 of the 12 h for 1,620.00: Wednesday's 4 h are 540.00; of Tuesday's 5 h, 675.00, 3 h go at their
        price, 450.00, and the 75.00 that were taken off stay with the other two: 225.00."""
        invoice = self._for(1620)
        wizard = self._wizard(invoice, quantity=7)
        self.assertEqual(wizard.amount, 990)
        self._credit_note(wizard)
        self.assert_wip(self.wednesday, ("open", 4, 4, 600))
        self.assert_wip(self.tuesday, ("billed", 2, 2, 225), ("written_off", 0, 0, 75), ("open", 3, 3, 450))
        self._assert_line(self.line, 12, 5, 630)  # 405.00 and 225.00
        self.assertEqual(self._credit_note(self._wizard(invoice, quantity=5)).amount_untaxed, 630)
        self.assertEqual(self._propose().amount, 1800)

    def test_what_a_note_says_otherwise_stays_with_the_invoice(self):
        """Tuesday is 675.00 of 1,620.00. On the draft somebody takes the share of what was taken off away:
        750.00 are credited, and all of the 180.00 stay with the other 7 h: 870.00."""
        invoice = self._for(1620)
        note = self._credit_note(self._wizard(invoice, self.tuesday), post=False)
        note.invoice_line_ids[1].unlink()
        note.action_post()
        self.assertEqual(note.amount_untaxed, 750)
        self.assertEqual(sum(self.monday.psa_wip_ids.filtered("invoice_line_id").mapped("amount")), 330)
        self.assert_wip(self.tuesday, ("open", 5, 5, 750))
        self.assert_wip(self.wednesday, ("billed", 4, 4, 540), ("written_off", 0, 0, 60))
        self._assert_line(self.line, 12, 7, 870)
        self.assertEqual(self._credit_note(self._wizard(invoice, quantity=7)).amount_untaxed, 870)

    def test_another_share_is_a_concession(self):
        """675.00 for Tuesday; somebody makes the -75.00 on the draft -50.00: 700.00 are credited, 750.00
        for the hours, and 50.00 taken back from the client as a line of its own."""
        invoice = self._for(1620)
        note = self._credit_note(self._wizard(invoice, self.tuesday), post=False)
        note.invoice_line_ids[1].price_unit = -50
        note.action_post()
        self.assertEqual(note.amount_untaxed, 700)
        self.assertFalse(note.invoice_line_ids[1].psa_credits_line_id)
        self.assert_wip(self.tuesday, ("open", 5, 5, 750))
        self._assert_line(self.line, 12, 7, 920)

    def test_what_was_taken_off_one_and_added_to_another(self):
        """Monday is billed 50.00 less, Tuesday 30.00 more: 1,780.00. Monday is credited with 400.00; of the
        rest, 1,380.00, 30.00 are beside the hours."""
        proposal = self._propose()
        self.monday.psa_wip_ids.sudo()._psa_bill_amount(400, self.goodwill)
        self.tuesday.psa_wip_ids.sudo()._psa_bill_amount(780, self.extra)
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(self._credit_note(self._wizard(invoice, self.monday)).amount_untaxed, 400)
        self._assert_line(self.line, 12, 9, 1380)
        self.assertEqual(self._credit_note(self._wizard(invoice, self.wednesday)).amount_untaxed, 600)
        self.assertEqual(self._credit_note(self._wizard(invoice, self.tuesday)).amount_untaxed, 780)
        self._assert_line(self.line, 12, 0, 0)
        self.assertEqual(self._propose().amount, 1800)

    def test_what_was_taken_off_one_alone_leaves_no_adjustment(self):
        """Wednesday is 500.00 of 1,700.00 and credited; the other 8 h, 1,200.00, have nothing beside them:
        5 h are credited by hand, then the last 3."""
        proposal = self._propose()
        self.wednesday.psa_wip_ids.sudo()._psa_bill_amount(500, self.goodwill)
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(self._credit_note(self._wizard(invoice, self.wednesday)).amount_untaxed, 500)
        note = self._draft_credit(invoice)
        self.assert_refused(note.action_post, "was billed with 12, and 4 of that is credited already")
        note.invoice_line_ids[1].unlink()
        note.invoice_line_ids.quantity = 5
        note.action_post()
        self.assert_wip(self.tuesday, ("open", 5, 5, 750))
        self.assertEqual(self._credit_note(self._wizard(invoice, quantity=3)).amount_untaxed, 450)
        self._assert_line(self.line, 12, 0, 0)

    def test_all_of_the_adjustment_by_hand_after_a_share(self):
        """Tuesday is credited with its 75.00 of the 180.00: a note by hand cannot take 180.00 back again."""
        invoice = self._for(1620)
        self._credit_note(self._wizard(invoice, self.tuesday))
        note = self._draft_credit(invoice)
        note.invoice_line_ids[0].quantity = 7
        self.assert_refused(note.action_post, "cannot take back 1 more")
        note.invoice_line_ids[1].price_unit = -105
        note.action_post()
        self.assertEqual(note.amount_untaxed, 945)
        self._assert_line(self.line, 12, 0, 0)
        self.assertEqual(self._propose().amount, 1800)


@tagged("post_install", "-at_install")
class TestCreditAdjustedLines(CreditAdjustedCase):
    def _by_person(self):
        """Ann 6 h and Eve 4 h at 150.00, a line of the invoice each, for 1,350.00: Ann is 810.00, Eve 540.00.

        :return: (time of Ann, time of Eve, invoice)
        """
        line = self._sow(psa_invoice_detail="person").order_line
        ann = self._work(line, 6)
        other = self._work(line, 4, employee=self._employee("eve", self.architect))
        proposal = self._propose()
        proposal.sudo().line_ids._psa_bill_amount(1350, self.goodwill)
        return ann, other, self._invoice(proposal, post=True)

    def test_one_person_of_a_line(self):
        """Ann's line is credited as a whole, without a word of entries: 810.00."""
        ann, other, invoice = self._by_person()
        self.assertEqual(self._credit_note(self._wizard(invoice, quantity=6)).amount_untaxed, 810)
        self.assert_wip(ann, ("open", 6, 6, 900))
        self.assert_wip(other, ("billed", 4, 4, 540), ("written_off", 0, 0, 60))
        self._assert_line(ann.so_line, 10, 4, 540)

    def test_one_person_of_a_line_by_hand(self):
        """The note is typed: 6 h at 150.00, 900.00. What was taken off, 150.00, is Eve's then:
        450.00."""
        ann, other, invoice = self._by_person()
        note = self._draft_credit(invoice)
        note.invoice_line_ids.filtered(lambda line: line.quantity != 6).unlink()
        note.action_post()
        self.assertEqual(note.amount_untaxed, 900)
        self.assert_wip(ann, ("open", 6, 6, 900))
        billed = other.psa_wip_ids.filtered(lambda part: part.state == "billed")
        self.assertEqual((billed.amount, billed.remainder), (450, -150))
        self._assert_line(ann.so_line, 10, 4, 450)

    def test_taxes_in_the_price(self):
        """119.00 with 19 %: 100.00 net. 4 h and 6 h for 900.00 net, 10 % off; the 4 h are 360.00: 476.00 less
        47.60 with taxes, 428.40."""
        tax = self.tax.copy({"name": "19 % in", "amount": 19, "price_include_override": "tax_included"})
        line = self._line(self.architect, price_unit=119, tax_ids=[Command.set(tax.ids)])
        order = self._sow(line)
        first = self._work(order.order_line, 4)
        self._work(order.order_line, 6, "2026-03-03")
        proposal = self._propose()
        proposal.sudo().line_ids._psa_bill_amount(900, self.goodwill)
        invoice = self._invoice(proposal, post=True)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_total), (900, 1071))
        note = self._credit_note(self._wizard(invoice, first))
        self.assertEqual((note.amount_untaxed, note.amount_total), (360, 428.4))
        self._assert_line_money(order, 540)
        note = self._credit_note(self._wizard(invoice, quantity=6))
        self.assertEqual((note.amount_untaxed, note.amount_total), (540, 642.6))
        self._assert_line_money(order, 0)

    def _assert_line_money(self, order, money):
        self.env.invalidate_all()
        self.assertAlmostEqual(sum(order.order_line.mapped("untaxed_amount_invoiced")), money)

    def test_one_payer(self):
        """3 h and 6 h at 150.00 for 1,200.00 (50.00 less on Monday, 100.00 on Tuesday), half each: 600.00.
        The fund is credited with its half of Tuesday: 450.00 less 50.00. The client's half stays."""
        order = self._shared(self._line(self.architect))
        monday = self._work(order.order_line, 3)
        tuesday = self._work(order.order_line, 6, "2026-03-03")
        proposal = self._propose()
        monday.psa_wip_ids.sudo()._psa_bill_amount(400, self.goodwill)
        tuesday.psa_wip_ids.sudo()._psa_bill_amount(800, self.goodwill)
        invoices = self._billed(proposal)
        for move in invoices.values():
            self.assertEqual(move.amount_untaxed, 600)
        fund = invoices[self.fund]
        fund.invoice_date = "2026-04-01"
        fund.action_post()
        self.assertEqual(self._credit_note(self._wizard(fund, tuesday)).amount_untaxed, 400)
        states = sorted(
            (part.payer_id.name, part.state, part.amount)
            for part in tuesday.psa_wip_ids
            if part.state != "written_off"
        )
        self.assertEqual(states, [("Client Ltd", "billed", 400), ("Fund", "open", 450)])
        again = self._billed(self._propose())
        self.assertEqual({payer: move.amount_untaxed for payer, move in again.items()}, {self.fund: 450})

    def test_the_money_up_to_a_cap(self):
        """2 h and 8 h at 150.00 up to 1,000.00: 2 h, then 4.66 h and 1.00. The 8 h are credited with 700.00;
        they wait as they were, 300.00 of room are used by the 2 h."""
        order = self._sow(self._line(self.architect, cap=1000))
        self._work(order.order_line, 2)
        entry = self._work(order.order_line, 8, "2026-03-03")
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 1000)
        self.assertEqual(self._credit_note(self._wizard(invoice, entry)).amount_untaxed, 700)
        self.assert_wip(entry, ("open", 4.66, 4.66, 700), ("over_cap", 3.34, 3.34, 500))
        self.assertEqual(self._propose().amount, 700)
