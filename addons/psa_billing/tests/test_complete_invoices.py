"""Invoices that are computed before they are stored are stored as the host stores them."""

from odoo import Command, fields
from odoo.tests import tagged

from .common_complete import CompleteInvoicesCase


@tagged("post_install", "-at_install")
class TestCompleteInvoices(CompleteInvoicesCase):
    def test_one_tax(self):
        self.assert_stored_alike(self._two_lines())

    def test_no_tax(self):
        self.assert_stored_alike(self._two_lines(self.env["account.tax"]))

    def test_several_taxes_with_tags_and_fixed_fees(self):
        order = self._two_lines(self.tax | self.small | self.eco, self.small)
        self.assert_stored_alike(order)

    def test_groups_of_taxes(self):
        self.assert_stored_alike(self._two_lines(self.group, self.tax))

    def test_included_taxes(self):
        self.assert_stored_alike(self._two_lines(self.included, self.small))

    def test_taxes_rounded_on_the_invoice(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        self.assert_stored_alike(self._two_lines(self.tax | self.small, self.included))

    def test_instalments(self):
        self.assert_stored_alike(self._two_lines(payment_term_id=self.instalments.id))

    def test_foreign_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.3), ("2026-03-20", 1.7)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        order = self._two_lines(
            self.tax | self.small,
            self.included,
            pricelist_id=pricelist.id,
            payment_term_id=self.instalments.id,
        )
        self.assertEqual(self.assert_stored_alike(order).currency_id, euro)

    def test_several_currencies_with_journals_of_their_own(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.3)])
        journal = self.company_data["default_journal_sale"].copy({"name": "EUR", "currency_id": euro.id})
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        terms = {"payment_term_id": self.instalments.id}
        orders = self._two_lines(**terms) | self._two_lines(pricelist_id=pricelist.id, **terms)
        orders |= self._two_lines(**terms) | self._two_lines(pricelist_id=pricelist.id, **terms)
        self.assert_stored_alike(orders)
        journals = {order.currency_id: order.invoice_ids.journal_id for order in orders}
        self.assertEqual(journals[euro], journal)
        self.assertNotEqual(journals[self.company.currency_id], journal)

    def test_foreign_currency_without_a_date(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.3), ("2026-03-20", 1.7)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        self.assert_stored_alike(self._two_lines(pricelist_id=pricelist.id), invoice_date=False)

    def test_fiscal_positions_map_taxes_and_accounts(self):
        income = self.company_data["default_account_revenue"]
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Abroad",
                "account_ids": [
                    Command.create({"account_src_id": income.id, "account_dest_id": income.copy().id})
                ],
            }
        )
        self.small.write({"fiscal_position_ids": [Command.link(position.id)], "original_tax_ids": self.tax})
        order = self._two_lines(None, fiscal_position_id=position.id)
        invoice = self.assert_stored_alike(order)
        self.assertNotEqual(invoice.invoice_line_ids.account_id, income)

    def test_clients_who_belong_to_a_firm_with_a_receivable_account(self):
        account = self.company_data["default_account_receivable"].copy()
        self.client.property_account_receivable_id = account
        contact = self.env["res.partner"].create(
            {"name": "Books", "parent_id": self.client.id, "type": "invoice"}
        )
        invoice = self.assert_stored_alike(self._two_lines(partner_invoice_id=contact.id))
        self.assertIn(account, invoice.line_ids.account_id)

    def test_analytic_taxes_and_distributions(self):
        plan = self.env["account.analytic.plan"].create({"name": "Units"})
        account = self.env["account.analytic.account"].create({"name": "Advice", "plan_id": plan.id})
        self.small.analytic = True
        order = self._two_lines(self.small | self.tax, self.small)
        order.order_line[0].analytic_distribution = {account.id: 60}
        self.assert_stored_alike(order)

    def test_sections_caps_and_fixed_prices(self):
        order = self._sow(
            Command.create({"display_type": "line_section", "name": "Design"}),
            self._line(self.architect, cap=1000),
            Command.create({"display_type": "line_section", "name": "Build"}),
            self._line(self.developer, 10, "fixed", price_unit=33.33),
        )
        self._work(order.order_line[1], 8)
        invoice = self.assert_stored_alike(order)
        # 6.66 h × 150.00 + 1.00 up to the cap + 10 × 33.33
        self.assertEqual(invoice.amount_untaxed, 1333.3)

    def test_several_invoices_at_once(self):
        # With terms on each: the host mistakes due dates where it makes invoices with and without at once.
        orders = self.env["sale.order"].union(
            *(
                self._two_lines(tax, payment_term_id=self.instalments.id)
                for tax in (self.tax, self.small, self.eco)
            )
        )
        self.assertEqual(len(self.assert_stored_alike(orders)), 3)

    def test_invoices_without_a_date_are_dated_as_the_host_dates_them(self):
        """The host dates one after the other as it posts them; here all get their date at once."""
        early = self.env["account.payment.term"].create(
            {
                "name": "2 % within 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        orders = (
            self._two_lines(self.tax | self.small, payment_term_id=self.instalments.id)
            | self._two_lines(self.included, payment_term_id=early.id)
            | self._two_lines(self.group, self.eco, payment_term_id=self.instalments.id)
        )
        invoices = self.assert_stored_alike(orders, invoice_date=False)
        self.assertEqual(set(invoices.mapped("invoice_date")), {fields.Date.context_today(invoices)})

    def test_invoices_without_a_date_and_without_terms(self):
        orders = self._two_lines(self.small) | self._two_lines(self.env["account.tax"])
        self.assert_stored_alike(orders, invoice_date=False)

    def test_invoices_with_and_without_terms_are_dated_together(self):
        """Each is due as its own terms say, the other one on its day."""
        orders = self._two_lines(payment_term_id=self.instalments.id) | self._two_lines()
        proposals = self._proposal_of(orders, invoice_date=False)
        # made one by one: see test_several_invoices_at_once
        invoices = self.env["account.move"].union(*(self._invoice(proposal) for proposal in proposals))
        due = []
        for posted in (invoices[0], invoices[1], invoices):
            savepoint = self.env.cr.savepoint(flush=True)
            posted.action_post()
            terms = posted.line_ids.filtered(lambda line: line.display_type == "payment_term")
            due.append(
                sorted((line.move_id.id, line.date_maturity, line.balance) for line in terms)
                + [(move.id, move.invoice_date_due) for move in posted]
            )
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        self.assertEqual(sorted(due[0] + due[1], key=str), sorted(due[2], key=str))

    def test_several_payers_with_taxes_of_their_own(self):
        fund = self.env["res.partner"].create({"name": "Fund", "country_id": self.env.ref("base.ch").id})
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self.small.write({"fiscal_position_ids": [Command.link(position.id)], "original_tax_ids": self.tax})
        fund.property_account_position_id = position
        fund.property_payment_term_id = self.instalments
        # Terms on both: see test_several_invoices_at_once.
        order = self._two_lines(
            payment_term_id=self.instalments.id,
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(((self.client, 33.33), (fund, 66.67)))
            ],
        )
        invoices = self.assert_stored_alike(order, count=2).psa_proposal_id.invoice_ids
        self.assertEqual(len(invoices.invoice_line_ids.tax_ids), 2)

    def test_a_line_for_each_entry_below_sections_by_role(self):
        order = self._two_lines(self.tax | self.small, self.small)
        order.sudo().write({"psa_invoice_detail": "entry", "psa_invoice_sections": "role"})
        # two sections, four entries; 824.92 + 129.99 are a cent more than 9.55 h x 99.99 = 954.90
        self.assertEqual(len(self.assert_stored_alike(order).invoice_line_ids), 7)

    def test_negative_totals_and_down_payments_are_left_to_the_host(self):
        order = self._two_lines()
        for line in order.order_line:
            self._work(line, -20, "2026-03-10")
        proposal = self._proposal_of(order)
        self.assertEqual(self.env["account.move"]._psa_complete_values([self._values_of(proposal)]), [None])
        order = self._two_lines()
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create({"advance_payment_method": "fixed", "fixed_amount": 115}).create_invoices()
        order.invoice_ids.action_post()
        proposal = self._proposal_of(order)
        vals = proposal._prepare_invoice(
            self.env["res.partner"], proposal.line_ids._psa_bills(), {}, proposal._psa_deposits_of_sows(), {}
        )
        self.assertEqual(self.env["account.move"]._psa_complete_values([vals]), [None])

    def test_what_an_unsaved_invoice_does_not_know_is_left_to_the_host(self):
        discount = self.env["account.payment.term"].create(
            {
                "name": "2 % in 5 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 5,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        order = self._two_lines(payment_term_id=discount.id)
        proposal = self._proposal_of(order)
        vals = self._values_of(proposal)
        self.assertEqual(self.env["account.move"]._psa_complete_values([vals]), [None])
        self.company.account_discount_expense_allocation_id = self.company_data["default_account_expense"]
        order = self._two_lines()
        proposal = self._proposal_of(order)
        vals = self._values_of(proposal)
        self.assertEqual(self.env["account.move"]._psa_complete_values([vals]), [None])
