"""Another tax by law: what is not billed yet of signed statements of work is billed with it."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestReplaceTax(PsaRetainerCase):
    """Everything is sold with 15 %; from 1 April on the law has 20 %. SOWs run from March to June."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            login="replaces.taxes",
            groups="account.group_account_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.new_tax = cls.tax.copy({"name": "20 %", "amount": 20})

    def setUp(self):
        super().setUp()
        frozen = freeze_time("2026-04-02 12:00:00")
        frozen.start()
        self.addCleanup(frozen.stop)

    def _dialog(self, *orders, **values):
        return (
            self.env["psa.replace.tax"]
            .with_user(self.accountant)
            .create(
                {
                    "tax_id": self.tax.id,
                    "new_tax_id": self.new_tax.id,
                    "order_ids": [Command.set([order.id for order in orders])],
                    **values,
                }
            )
        )

    def test_march_is_billed_with_the_old_tax_and_april_with_the_new_one(self):
        """March: 10 h at 150.00, 225.00 of tax. April: 4 h and a fixed price of 1,000.00, together 1,600.00,
        and 320.00. Before taxes nothing changes: 100 h and 1,000.00 are 16,000.00, with taxes 19,200.00."""
        order = self._sow(
            self._line(self.architect), self._line(self.developer, 1, "milestone", price_unit=1000)
        )
        work, milestone = order.order_line
        self._work(work, 10, "2026-03-10")
        march = self._invoice(self._propose("2026-03-01", "2026-03-31"), post=True)
        self.assertEqual((march.amount_untaxed, march.amount_tax), (1500, 225))
        self._work(work, 4, "2026-04-01")
        milestone.task_id.project_id.milestone_ids.filtered(
            lambda one: one.sale_line_id == milestone
        ).is_reached = True
        proposal = self._propose("2026-04-01", "2026-04-30")

        dialog = self._dialog(order)
        self.assertEqual(dialog.line_ids, order.order_line)
        dialog.action_replace()
        self.assertEqual(order.order_line.tax_ids, self.new_tax)
        self.assertEqual((order.amount_untaxed, order.amount_total), (16000, 19200))
        self.assertRegex(
            order.message_ids[0].body, f"The tax {self.tax.name} was replaced with 20 % on: .*Architect"
        )
        april = self._invoice(proposal, post=True)
        self.assertEqual((april.amount_untaxed, april.amount_tax), (1600, 320))
        self.assertEqual((march.amount_untaxed, march.amount_tax), (1500, 225))
        with self.assertRaisesRegex(UserError, "is on no line of these statements of work"):
            self._dialog(order).action_replace()

    def test_change_orders_rate_steps_and_retainers_go_along(self):
        """The step is made afterwards."""
        retainer = self._sow(self._retainer(price=1000)).order_line
        order = self._sow()
        change = self._change_order(order, self._line(self.developer, 5))
        self._dialog(order, retainer.order_id).action_replace()
        self.assertEqual((order | change | retainer.order_id).order_line.tax_ids, self.new_tax)
        self._rate_changes(self.architect, 165, "2026-04-01")
        step = self._work(order.order_line, 2, "2026-04-01").so_line
        self.assertEqual((step.price_unit, step.tax_ids), (165, self.new_tax))

    def test_what_is_billed_over_or_no_sow_keeps_its_tax(self):
        fixed = self._sow(self._line(self.developer, 1, "fixed", price_unit=2000))
        self._invoice(self._propose("2026-03-01", "2026-03-31"), post=True)
        over = self._sow(psa_date_end="2026-03-31")
        waits, held = (self._sow(psa_date_end="2026-03-31") for _number in range(2))
        self._work(waits.order_line, 1, "2026-03-31")
        capped = held.order_line
        capped.sudo().psa_cap_amount = 100  # of 150.00 the rest waits over the cap
        self._work(held.order_line, 1, "2026-03-31")
        self._invoice(self._propose("2026-03-01", "2026-03-31").filtered(lambda one: one.order_id == held))
        # 0.66 h and a line of 1.00, which is billed and done
        self.assertEqual((capped.qty_to_invoice, len(held.order_line - capped)), (0, 1))
        cancelled = self._sow(confirm=False)
        cancelled.action_cancel()
        draft = self._sow(confirm=False)
        other = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [Command.create({"product_id": fixed.order_line.product_id.id})],
            }
        )
        other.order_line.tax_ids = self.tax
        untaxed = self._sow()
        untaxed.order_line.sudo().tax_ids = self.new_tax
        kept = fixed | over | cancelled | other
        lines = self._dialog().line_ids
        found = lines & (kept | waits | held | draft | untaxed).order_line
        self.assertEqual(found, (waits | draft).order_line | capped)

    def test_a_down_payment_is_deducted_with_the_tax_that_was_paid(self):
        """Of 500.00 with 75.00 the fixed price of 200.00 takes what it can, with its own 15 %. Then 300.00
        are left with a tax that no line has any more: 10 h at 150.00 with 20 %, less 300.00 with 15 %."""
        order = self._sow(self._line(self.architect), self._line(self.developer, 1, "fixed", price_unit=200))
        work, fixed = order.order_line
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create({"advance_payment_method": "fixed", "fixed_amount": 575}).create_invoices()
        deposit = order.invoice_ids
        deposit.invoice_date = "2026-03-01"
        deposit.action_post()
        paid = order.order_line.filtered(lambda line: line.is_downpayment and not line.display_type)
        self.assertEqual((deposit.amount_untaxed, paid.tax_ids), (500, self.tax))
        march = self._invoice(self._propose("2026-03-01", "2026-03-31"), post=True)
        self.assertEqual((march.amount_untaxed, march.amount_tax), (0, 0))

        self._dialog(order).action_replace()
        self.assertEqual((paid.tax_ids, fixed.tax_ids), (self.tax, self.tax))
        self.assertEqual(work.tax_ids, self.new_tax)
        self._work(work, 10, "2026-04-01")
        april = self._invoice(self._propose("2026-04-01", "2026-04-30"))
        self.assertEqual((april.amount_untaxed, april.amount_tax), (1200, 255))

    def test_a_locked_order_stays_locked(self):
        order = self._sow()
        order.sudo().action_lock()
        self._dialog(order).action_replace()
        self.assertEqual((order.locked, order.order_line.tax_ids), (True, self.new_tax))

    def test_only_that_tax_is_replaced(self):
        beside = self.tax.copy({"name": "City", "amount": 1})
        order = self._sow()
        order.order_line.sudo().tax_ids = self.tax | beside
        self._dialog(order).action_replace()
        self.assertEqual(order.order_line.tax_ids, self.new_tax | beside)

    def test_what_cannot_be_replaced_says_why(self):
        order = self._sow()
        included = self.tax.copy({"name": "In it", "price_include_override": "tax_included"})
        cases = (
            ({"new_tax_id": self.tax.id}, "Choose the tax that takes the place"),
            ({"new_tax_id": included.id}, "In it is part of the price"),
            ({"tax_id": included.id}, "In it is part of the price"),
            ({"tax_id": self.new_tax.id, "new_tax_id": self.tax.id}, "is on no line"),
        )
        for values, message in cases:
            with self.subTest(message), self.assertRaisesRegex(UserError, message):
                self._dialog(order, **values).action_replace()
        self.assertEqual(order.order_line.tax_ids, self.tax)

    def test_the_form_shows_the_lines_before_anything_changes(self):
        order = self._sow()
        form = Form(self.env["psa.replace.tax"].with_user(self.accountant))
        form.tax_id = self.tax
        self.assertIn(order.order_line.id, form.line_ids.ids)
        form.order_ids.add(self._sow())
        self.assertNotIn(order.order_line.id, form.line_ids.ids)
        form.new_tax_id = self.new_tax
        form.save()
        self.assertEqual(order.order_line.tax_ids, self.tax)

    def test_others_do_not(self):
        order = self._sow()
        people = {
            group: new_test_user(self.env, login=f"{number}.taxes", groups=group)
            for number, group in enumerate(
                (
                    "psa_billing.group_psa_billing_manager",
                    "sales_team.group_sale_manager",
                    "base.group_portal",
                )
            )
        }
        dialog = self._dialog(order)
        for group, user in people.items():
            with self.subTest(group), self.assertRaises(AccessError):
                dialog.with_user(user).action_replace()
            with self.subTest(group), self.assertRaises(AccessError):
                self.env["psa.replace.tax"].with_user(user).create(
                    {"tax_id": self.tax.id, "new_tax_id": self.new_tax.id}
                )
        self.assertEqual(order.order_line.tax_ids, self.tax)

    def test_a_company_s_tax_stands_on_its_own_lines_only(self):
        other = self.env["res.company"].create({"name": "Sister"})
        with self.assertRaisesRegex(UserError, "company"), self.cr.savepoint():
            self._dialog(company_id=other.id)
