from datetime import date, timedelta

from lxml import etree

from odoo import Command, fields
from odoo.tests import Form, HttpCase, tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestDuplicatePayments(PsaBillingCase):
    """A payment of 1,150.00 of the client on 10 April; the window is 7 days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls._payment(date(2026, 4, 10))
        cls.payment.action_post()

    @classmethod
    def _payment(cls, day, amount=1150, **values):
        return cls.env["account.payment"].create(
            {
                "partner_id": cls.client.id,
                "amount": amount,
                "payment_type": "inbound",
                "partner_type": "customer",
                "date": day,
                **values,
            }
        )

    def test_same_partner_amount_and_direction_within_the_window_is_asked_about(self):
        self.assertEqual(self._payment(date(2026, 4, 10)).duplicate_payment_ids, self.payment)
        self.env["account.payment"].search([("state", "=", "draft")]).unlink()
        self.assertEqual(self._payment(date(2026, 4, 17)).duplicate_payment_ids, self.payment)

    def test_other_days_amounts_directions_currencies_and_partners_are_other_payments(self):
        euro = self.setup_other_currency("EUR")
        other = self.env["res.partner"].create({"name": "Other Ltd"})
        for payment in (
            self._payment(date(2026, 4, 18)),
            self._payment(date(2026, 4, 10), 1150.01),
            self._payment(date(2026, 4, 10), payment_type="outbound"),
            self._payment(date(2026, 4, 10), currency_id=euro.id),
            self._payment(date(2026, 4, 10), partner_id=other.id),
        ):
            self.assertFalse(payment.duplicate_payment_ids, payment)

    def test_cancelled_payments_do_not_count_and_paid_ones_do(self):
        self.payment.state = "paid"
        second = self._payment(date(2026, 4, 12))
        self.assertEqual(second.duplicate_payment_ids, self.payment)
        self.payment.action_draft()
        self.payment.action_cancel()
        second.invalidate_recordset()
        self.assertFalse(second.duplicate_payment_ids)

    def test_the_window_is_a_setting(self):
        self.company.psa_duplicate_days = 0
        self.assertFalse(self._payment(date(2026, 4, 11)).duplicate_payment_ids)
        self.assertEqual(self._payment(date(2026, 4, 10)).duplicate_payment_ids, self.payment)

    def test_the_form_warns_while_it_is_filled_in(self):
        with Form(self.env["account.payment"]) as form:
            form.partner_id = self.client
            form.date = "2026-04-12"
            form.amount = 1150
            self.assertEqual(form.duplicate_payment_ids[:].ids, self.payment.ids)

    def test_the_form_asks_before_a_payment_like_another_one_is_confirmed(self):
        """*Confirm* gives way to a button that asks first."""
        form = etree.fromstring(self.env["account.payment"].get_view(view_type="form")["arch"])
        plain, asking = form.findall(".//header/button[@name='action_post']")
        self.assertEqual(plain.get("invisible"), "(state != 'draft') or (duplicate_payment_ids)")
        self.assertEqual(asking.get("invisible"), "state != 'draft' or not duplicate_payment_ids")
        self.assertIn("Is this really another one?", asking.get("confirm"))

    def test_several_are_compared_in_one_query(self):
        payments = self.env["account.payment"]
        for day in range(12, 17):
            payments += self._payment(date(2026, 4, day), 1150 if day != 14 else 20)
        self.env.flush_all()
        payments.invalidate_recordset()
        with self.assertQueryCount(3):
            found = payments._fetch_duplicate_reference()
        self.assertEqual(found[payments[0].id], self.payment | payments[1] | payments[3] | payments[4])
        self.assertNotIn(payments[2].id, found)

    def test_registering_a_payment_of_an_invoice_asks_and_does_not_block(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": "2026-04-01",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Work", "price_unit": 1000, "tax_ids": [Command.set(self.tax.ids)]}
                    )
                ],
            }
        )
        invoice.action_post()
        wizards = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        with Form(wizards) as form:
            form.payment_date = "2026-04-20"
            self.assertFalse(form.duplicate_payment_ids[:])
            form.payment_date = "2026-04-13"
            self.assertEqual(form.duplicate_payment_ids[:].ids, self.payment.ids)
        wizard = form.record
        wizard.action_create_payments()
        self.assertEqual(invoice.amount_residual, 0)
        buttons = etree.fromstring(wizards.get_view(view_type="form")["arch"]).findall(
            ".//footer/button[@name='action_create_payments']"
        )
        shown = [(button.get("invisible"), bool(button.get("confirm"))) for button in buttons]
        self.assertEqual(
            shown,
            [
                ("(total_payments_amount == 1) or (duplicate_payment_ids)", False),
                ("(total_payments_amount != 1) or (duplicate_payment_ids)", False),
                ("not duplicate_payment_ids", True),
            ],
        )

    def test_the_dialog_names_the_payment_that_was_entered_before(self):
        """What the browser reads of it, as the dialog is not saved."""
        shown = self.env["account.payment"].new(origin=self.payment)
        self.assertEqual(shown.display_name, self.payment.name)
        self.assertTrue(self.payment.name)
        draft = self._payment(date(2026, 4, 11))
        self.assertEqual(draft.display_name, "Draft Payment")
        self.assertEqual(self.env["account.payment"].new(origin=draft).display_name, "Draft Payment")

    def test_a_vendor_bill_that_is_entered_twice_is_the_host_s_to_warn_of(self):
        """Same vendor and reference in a year, or same vendor, amount and day: also posted bills."""
        values = {
            "move_type": "in_invoice",
            "partner_id": self.client.id,
            "invoice_date": "2026-04-01",
            "ref": "B-17",
            "invoice_line_ids": [Command.create({"name": "Rent", "price_unit": 800, "tax_ids": False})],
        }
        bill = self.env["account.move"].create(values)
        bill.action_post()
        same_ref = self.env["account.move"].create({**values, "invoice_date": "2026-05-02"})
        same_day = self.env["account.move"].create({**values, "ref": "17/B"})
        other = self.env["account.move"].create({**values, "ref": "B-18", "invoice_date": "2026-05-01"})
        self.assertEqual(same_ref.duplicated_ref_ids, bill)
        self.assertEqual(same_day.duplicated_ref_ids, bill)
        self.assertFalse(other.duplicated_ref_ids)


@tagged("post_install", "-at_install")
class TestDuplicatePaymentsOnPhone(PsaBillingCase, HttpCase):
    """An invoice of 1,150.00 with taxes, and a payment of that amount two days ago."""

    browser_size = "390x844"

    def setUp(self):
        super().setUp()
        today = fields.Date.today()  # the browser's day, too
        self.invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": today,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Work", "price_unit": 1000, "tax_ids": [Command.set(self.tax.ids)]}
                    )
                ],
            }
        )
        self.invoice.action_post()
        self.first = self._payment(today - timedelta(days=2))
        self.first.action_post()
        self.cashier = self._user("cash", "account.group_account_invoice")

    def _payment(self, day):
        return self.env["account.payment"].create(
            {
                "partner_id": self.client.id,
                "amount": 1150,
                "payment_type": "inbound",
                "partner_type": "customer",
                "date": day,
            }
        )

    def _payments(self, *states):
        domain = [("partner_id", "=", self.client.id), ("state", "in", states)]
        return self.env["account.payment"].search(domain)

    def _walk(self, record, tour):
        self.start_tour(f"/odoo/{record._name}/{record.id}", tour, login=self.cashier.login)
        self.env.invalidate_all()

    def test_a_payment_that_was_entered_before_is_dropped(self):
        self._walk(self.invoice, "psa_billing_drop_payment_phone_tour")
        self.assertEqual(self._payments("draft", "in_process", "paid"), self.first)
        self.assertEqual(self.invoice.amount_residual, 1150)

    def test_another_payment_is_made_all_the_same(self):
        self._walk(self.invoice, "psa_billing_make_payment_phone_tour")
        second = self._payments("in_process", "paid") - self.first
        self.assertEqual((len(second), second.amount), (1, 1150))
        self.assertEqual(self.invoice.amount_residual, 0)

    def test_a_draft_that_was_entered_before_is_cancelled(self):
        draft = self._payment(fields.Date.today())
        self._walk(draft, "psa_billing_cancel_payment_phone_tour")
        self.assertEqual(draft.state, "canceled")
        self.assertEqual(self._payments("draft", "in_process", "paid"), self.first)
