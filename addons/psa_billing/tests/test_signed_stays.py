"""What was signed and rated stays where something that it was made of is another one later."""

from odoo.tests import tagged

from .common import PsaBillingCase
from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestSignedDays(PsaBillingCase):
    """Architects are sold at 1,200.00 a day of 8 h; once the SOW was signed, the firm works 7.5 h a day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.company.resource_calendar_id
        cls.calendar.hours_per_day = 8
        cls._rate_changes(cls.architect, 1200, unit="day")
        cls.order = cls._sow(cls._line(cls.architect, 10))
        cls.line = cls.order.order_line

    def test_eight_hours_are_a_day_before_and_after(self):
        """Each entry of 8 h is 1 day = 1,200.00; at 7.5 h the second would be 1.07 = 1,284.00."""
        rated = self._work(self.line, 8, "2026-03-02")
        self.calendar.hours_per_day = 7.5
        for entry in (rated, self._work(self.line, 8, "2026-03-03")):
            self.assert_wip(entry, ("open", 8, 1, 1200))
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 2400)

    def test_a_day_that_was_rounded_as_a_whole_goes_on_in_the_same_days(self):
        """3.5 h are rounded up to 4 h = 0.50; with another 3.5 h of that day they are 7 h = 0.88: 0.44 and
        0.44 (each keeps its hours, 3.5 ÷ 8, and the last takes the difference)."""
        order = self._sow(self._line(self.architect, 10), psa_rounding_minutes="60", psa_rounding_scope="day")
        first = self._work(order.order_line, 3.5)
        self.assert_wip(first, ("open", 3.5, 0.5, 600))
        self.calendar.hours_per_day = 7.5
        second = self._work(order.order_line, 3.5)
        self.assert_wip(first, ("open", 3.5, 0.44, 528))
        self.assert_wip(second, ("open", 3.5, 0.44, 528))

    def test_the_report_values_what_waits_for_approval_as_it_will_be_rated(self):
        """8 h that nobody has approved are worth 1,200.00."""
        self._log(self.line, 8)
        self.calendar.hours_per_day = 7.5
        self.env.flush_all()
        rows = self.env["psa.hour.state"].search([("order_id", "=", self.order.id)])
        self.assertEqual(rows.mapped("amount"), [1200])


@tagged("post_install", "-at_install")
class TestSignedRounding(PsaBillingCase):
    """The agreement rounds each entry up to 15 minutes; once a SOW was signed under it, to whole hours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agreement(rounding_minutes="15")
        cls.order = cls._sow(psa_agreement_id=cls.agreement.id)

    def _billable(self, order):
        return self._work(order.order_line, 1.1).psa_wip_ids.billable_quantity

    def test_what_the_client_signed_is_how_time_is_rounded(self):
        """1.1 h are 1.25 h, before and after; on what is signed later they are 2 h."""
        told = self.order._psa_document_rounding()
        self.assertEqual(self._billable(self.order), 1.25)
        self.agreement.rounding_minutes = "60"
        self.assertEqual(self._billable(self.order), 1.25)
        self.assertEqual(self.order._psa_document_rounding(), told)
        self.assertEqual(self._billable(self._sow(psa_agreement_id=self.agreement.id)), 2)

    def test_the_agreement_says_which_keep_it(self):
        draft = self._sow(psa_agreement_id=self.agreement.id, confirm=False)
        self.agreement.write({"rounding_minutes": "60", "name": "Frame 2"})
        note = self.agreement.message_ids[0].body
        self.assertIn(f"keeps how it rounds: {self.order.name}.", note)
        self.assertEqual(draft._psa_billing_terms().rounding_minutes, 60)
        notes = len(self.agreement.message_ids)
        self.agreement.write({"rounding_minutes": "60", "billing_frequency": "weekly"})
        self.assertEqual(len(self.agreement.message_ids), notes)

    def test_what_a_sow_says_itself_it_says_still(self):
        """Of the first the agreement says nothing but the scope, of the second all: nothing else of what it
        says counts without minutes of its own."""
        own = self._sow(
            psa_agreement_id=self.agreement.id, psa_rounding_minutes="30", psa_rounding_direction="nearest"
        )
        ignored = self._sow(psa_agreement_id=self.agreement.id, psa_rounding_direction="nearest")
        before = [order._psa_billing_terms() for order in own | ignored]
        self.agreement.write({"rounding_minutes": "60", "rounding_scope": "day"})
        self.assertEqual([order._psa_billing_terms() for order in own | ignored], before)


@tagged("post_install", "-at_install")
class TestAnotherAnalyticAccount(PsaExpenseCase):
    """A night in a hotel at 100.00 is on a vendor bill; then the project of the SOW gets another analytic
    account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect), cls._terms())
        cls.bill = cls._bill((cls.hotel, 100, cls._account(cls.order)))

    def _replace_account(self):
        self.order.project_id.account_id = self.order.project_id.account_id.copy({"name": "Another"})

    def _credit_of_vendor(self):
        return self._reverse(self.bill).action_post()

    def test_the_client_gets_back_what_the_vendor_credits(self):
        """The client has paid 100.00, and gets 100.00 back."""
        self._invoice(self._propose(), post=True)
        self._replace_account()
        self._credit_of_vendor()
        self.assertEqual(self._parts(self.order), [("bill", "billed", 1, 100), ("bill", "open", -1, -100)])

    def test_what_is_not_billed_yet_never_is(self):
        self._replace_account()
        self._credit_of_vendor()
        self.assertEqual(self._parts(self.order), [])

    def test_bills_that_wait_on_the_former_account_are_told(self):
        """70.00 that were posted there later would be billed to nobody."""
        late = self._bill((self.hotel, 70, self._account(self.order)), post=False)
        self._bill((self.meals, 20, self._account(self.order)), post=False)  # clients do not pay for it
        project, account = self.order.project_id, self.order.project_id.account_id
        self._replace_account()
        note = project.message_ids[0].body
        self.assertIn(f"{account.display_name} ({late.display_name}): put them on the new one", note)
        self.assertIn(f"the client of {self.order.name} is not billed", note)
        notes = len(project.message_ids)
        late.unlink()
        self._replace_account()
        self.assertEqual(len(project.message_ids), notes)

    def test_it_is_the_client_who_paid_also_where_the_account_is_that_of_another_project(self):
        other = self._sow(self._line(self.architect), self._terms())
        self._invoice(self._propose(), post=True)
        account = self.order.project_id.account_id
        self._replace_account()
        other.project_id.account_id = account
        self._credit_of_vendor()
        self.assertEqual(self._parts(self.order)[1:], [("bill", "open", -1, -100)])
        self.assertEqual(self._parts(other), [])


@tagged("post_install", "-at_install")
class TestSignedUnderForeignCap(PsaBillingCase):
    """The agreement is in euros with a cap of 600.00; 1.00 is 0.50 € when the SOW is signed: 1,200.00. The
    rate of that day is entered after that: 1.00 is 1.00 €."""

    def setUp(self):
        super().setUp()
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        self.agreement = self._agreement(cap_amount=600, currency_id=euro.id)
        self.order = self._sow(psa_agreement_id=self.agreement.id)
        self.later = {"currency_id": euro.id, "name": self.order.date_order.date(), "rate": 1}

    def test_an_exchange_rate_that_comes_later_holds_nothing_back(self):
        """5 h are 750.00, and 3 h are 450.00: 1,200.00 in all, which the cap lets through."""
        first = self._work(self.order.order_line, 5)
        self.env["res.currency.rate"].create({**self.later, "company_id": self.company.id})
        second = self._work(self.order.order_line, 3)
        self.assert_wip(first, ("open", 5, 5, 750))
        self.assert_wip(second, ("open", 3, 3, 450))
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 1200)

    def test_signed_anew_it_counts_at_the_rate_of_then(self):
        """1,200.00 of work at 1.00 €: 600.00 are over the cap."""
        self.env["res.currency.rate"].create({**self.later, "company_id": self.company.id})
        self.order._action_cancel()
        self.order.action_draft()
        self.order.sudo().action_confirm()
        self.assert_wip(self._work(self.order.order_line, 8), ("open", 4, 4, 600), ("over_cap", 4, 4, 600))

    def test_a_rate_that_is_missing_may_be_entered_yet(self):
        """Without any rate 1.00 counts as 1.00 €; of 8 h (1,200.00) 600.00 wait over the cap, until somebody
        enters that 1.00 is 0.25 €: all of it is 300.00 €."""
        euro = self.agreement.currency_id
        euro.rate_ids.unlink()
        order = self._sow(partner_id=self.client.id, psa_agreement_id=self.agreement.id)
        entry = self._work(order.order_line, 8)
        self.assert_wip(entry, ("open", 4, 4, 600), ("over_cap", 4, 4, 600))
        self.env["res.currency.rate"].create({**self.later, "rate": 0.25, "company_id": self.company.id})
        self._work(order.order_line, 1)
        self.assert_wip(entry, ("open", 8, 8, 1200))
