"""A vendor credits a bill that is the cost of hours, and takes that back: the hours are billed, it is not."""

from odoo.tests import Form, tagged

from .common_expense import PsaContractorCase


@tagged("post_install", "-at_install")
class TestExpenseContractorCredited(PsaContractorCase):
    """Dev (60.00 an hour) works ten hours of March for Freelance Ltd, which bills 700.00 for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bill = cls._vendor_bill(cls._account(cls.order))
        cls._match(cls.bill)

    @classmethod
    def _vendor_bill(cls, distribution=None, price=700):
        return cls._bill((cls.hotel, price, distribution), day="2026-04-08")

    @classmethod
    def _match(cls, bill):
        Form(cls.env["psa.expense.match"].with_context(default_move_id=bill.id)).save().action_match()

    def _credited(self, bill=None, price=None):
        refund = self._reverse(bill or self.bill)
        if price:
            refund.invoice_line_ids.price_unit = price
        refund.action_post()
        return refund

    def _figures(self):
        """Cost of the project, own cost of the hours, and what waits of bills."""
        return self._cost(), sum(self.entries.mapped("amount")), self._parts(self.order)

    def test_the_bill_pays_for_the_hours_again_when_its_credit_note_is_reset(self):
        """700.00 by the bill; credited, the hours cost 10 h x 60.00; reset or cancelled, 700.00 again."""
        self.assertEqual(self._figures(), (-700, 0, []))
        refund = self._credited()
        self.assertEqual(self._figures(), (-600, -600, []))
        refund.button_draft()
        self.assertEqual(self._figures(), (-700, 0, []))
        refund.action_post()
        self.assertEqual(self._figures(), (-600, -600, []))
        refund.button_draft()
        refund.button_cancel()
        self.assertEqual(self._figures(), (-700, 0, []))
        self.assertEqual(self._propose().amount, 1000)  # 10 h x 100.00, and no bill

    def test_two_parts_that_come_to_all_of_it(self):
        """500.00 and 200.00 are credited. Without the second, the bill is the cost still: 700.00 - 500.00."""
        self._credited(price=500)
        self.assertEqual(self._figures(), (-200, 0, []))
        refund = self._credited(price=200)
        self.assertEqual(self._figures(), (-600, -600, []))
        refund.button_draft()
        self.assertEqual(self._figures(), (-200, 0, []))

    def test_the_bill_itself_is_reset_while_it_is_credited(self):
        """Draft, it costs nothing; its credit note stands. Posted again, both come to nothing."""
        refund = self._credited()
        self.bill.button_draft()
        self.bill.action_post()
        self.assertEqual(self._figures(), (-600, -600, []))
        refund.button_draft()
        self.assertEqual(self._figures(), (-700, 0, []))

    def test_hours_of_a_credited_bill_are_corrected(self):
        """Nine hours cost 540.00 while the bill is credited, and nothing once it pays again."""
        refund = self._credited()
        self.entries.action_psa_recall()
        self.entries[0].unit_amount = 5
        self.assertEqual(self._figures(), (-540, -540, []))
        refund.button_draft()
        self.assertEqual(self._figures(), (-700, 0, []))
        self.bill.action_psa_unmatch_hours()
        self.assertEqual(sum(self.entries.mapped("amount")), -540)

    def test_another_bill_pays_for_the_hours_of_a_credited_one(self):
        """The right bill of 650.00 comes in place of the credited one. If that is credited no more, it is on
        no project, and no client pays it beside the hours. Without the right one it pays for them again."""
        refund = self._credited()
        other = self._vendor_bill(self._account(self.order), 650)
        self._match(other)
        self.assertEqual(self._figures(), (-650, 0, []))
        self.assertEqual((self.bill.psa_hour_count, other.psa_hour_count), (0, 2))
        refund.button_draft()
        self.assertEqual(self._figures(), (-650, 0, []))
        other.action_psa_unmatch_hours()
        other.button_draft()
        other.button_cancel()
        self._match(self.bill)
        self.assertEqual(self._figures(), (-700, 0, []))

    def test_other_lines_of_a_credited_bill_stay_on_their_project(self):
        """A hotel of 80.00 is on the bill, too, and credited with it. Another bill pays for the hours; the
        hotel stays on the project and is taken back there, and is billed once it is taken back no more."""
        account = self._account(self.order)
        both = self._bill((self.hotel, 700, account), (self.hotel, 80, account), day="2026-04-08")
        self.bill.action_psa_unmatch_hours()
        self.bill.button_draft()
        self.bill.button_cancel()
        self._match(both)
        self.assertEqual(self._figures(), (-780, 0, [("bill", "open", 1, 80)]))
        refund = self._credited(both)
        self.assertEqual(self._figures(), (-600, -600, []))
        self._match(self._vendor_bill(self._account(self.order), 650))
        self.assertEqual(self._figures(), (-650, 0, []))
        refund.button_draft()
        self.assertEqual(self._figures(), (-730, 0, [("bill", "open", 1, 80)]))

    def test_the_match_is_undone_while_the_bill_is_credited(self):
        """What is credited is not billed. Without its credit note the bill is: it pays for no hours now."""
        refund = self._credited()
        self.bill.action_psa_unmatch_hours()
        self.assertEqual(self._figures(), (-600, -600, []))
        refund.button_draft()
        self.assertEqual(self._figures(), (-1300, -600, [("bill", "open", 1, 700)]))


@tagged("post_install", "-at_install")
class TestExpenseContractorSpreadCredited(TestExpenseContractorCredited):
    """The bill says no project: its hours put it there, and its credit note with it."""

    @classmethod
    def _vendor_bill(cls, distribution=None, price=700):
        return super()._vendor_bill(None, price)

    def test_the_match_is_undone_while_the_bill_is_credited(self):
        """No hours say any more on which project the bill and its credit note are."""
        refund = self._credited()
        self.bill.action_psa_unmatch_hours()
        self.assertEqual(self._figures(), (-600, -600, []))
        refund.button_draft()
        self.assertEqual(self._figures(), (-600, -600, []))

    def test_the_match_is_undone_while_a_part_is_credited(self):
        """200.00 of the vendor are no money of the client, who never paid the bill."""
        self._credited(price=200)
        self.assertEqual(self._figures(), (-500, 0, []))
        self.bill.action_psa_unmatch_hours()
        self.assertEqual(self._figures(), (-600, -600, []))
