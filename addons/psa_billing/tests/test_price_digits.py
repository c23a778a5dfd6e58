"""Prices of four digits: proposal, invoice and reports agree to the cent. A line bills its quantity times its
price, rounded once, as the client reads it; the cents that its entries round by themselves are a row of the
reports."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestPriceDigits(PsaExpenseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("product.decimal_price").sudo().digits = 4

    def assert_agrees(self, proposal, amount, work=None):
        """Proposal, invoice and reports come to ``amount``; its entries, each rounded to the cent, to
        ``work`` where that is another sum."""
        entries = proposal.line_ids.wip_ids
        order = proposal.order_id
        self.assertAlmostEqual(sum(entries.mapped("amount")), amount if work is None else work, 2)
        self.assertAlmostEqual(proposal.amount, amount, 2)
        before = self._reported(order)
        invoice = self._invoice(proposal, post=True)
        self.assertAlmostEqual(invoice.amount_untaxed, amount, 2)
        self.assertAlmostEqual(self._reported(order) - before, amount, 2)
        self.assertAlmostEqual(sum(order.order_line.mapped("untaxed_amount_to_invoice")), 0, 2)

    def _reported(self, order):
        self.env.flush_all()
        domain = [("order_id", "=", order.id)]
        return self.env["psa.billing.analysis"]._read_group(domain, [], ["billed_amount:sum"])[0][0] or 0

    def test_hours(self):
        """100.1235 an hour: 1.11 h are 111.137085, 2.22 h 222.27417, 3.33 h 333.411255; to the cent 111.14 +
        222.27 + 333.41 = 666.82, and 6.66 h x 100.1235 = 666.82251. Seven times 0.11 h: 7 x 11.01 = 77.07,
        but 0.77 h x 100.1235 = 77.095095: 77.10."""
        line = self._sow(self._line(self.architect, price_unit=100.1235)).order_line
        self.assertEqual(line.price_unit, 100.1235)
        for hours in (1.11, 2.22, 3.33):
            self._work(line, hours)
        self.assert_agrees(self._propose(), 666.82)
        for _number in range(7):
            self._work(line, 0.11)
        self.assert_agrees(self._propose(), 77.10, work=77.07)

    def test_kilometres(self):
        """0.4235 a km: 171 km are 72.4185, 33 km 13.9755, 7 km 2.9645; 72.42 + 13.98 + 2.96 = 89.36, and
        211 km x 0.4235 = 89.3585."""
        order = self._sow(
            self._line(self.architect),
            self._terms("unit", price_unit=0.4235, tax_ids=[Command.set(self.tax.ids)]),
        )
        for number, kilometres in enumerate((171, 33, 7)):
            self._expense(order, product=self.mileage, quantity=kilometres, day=f"2026-03-0{number + 2}")
        self.assertEqual([part[3] for part in self._parts(order)], [72.42, 13.98, 2.96])
        self.assert_agrees(self._propose(), 89.36)

    def _taxed_kilometres(self, day, product_tax, **terms):
        """171 km on a SOW without a cap: what the order line asks for one, what the costs and the proposal
        come to, and the lines of the invoice."""
        self.mileage.taxes_id = product_tax
        order = self._sow(self._line(self.architect), self._terms("unit", **terms))
        self._expense(order, product=self.mileage, quantity=171, day=day)
        proposal = self._propose()
        costs = sum(part[3] for part in self._parts(order))
        price, amount = order.order_line.filtered("psa_rebills").price_unit, proposal.amount
        return price, costs, amount, self._invoice(proposal).invoice_line_ids.mapped("price_subtotal")

    def test_kilometres_with_taxes_in_the_price(self):
        """0.4235 a km with 15 % in it: 171 km are 72.4185, net 62.9726. Agreed without, and billed by a
        product with taxes in its price, a km is 0.487025: 83.281275, net 72.4185. The other way round a km is
        0.368261, times 171 the same 62.97."""
        included = self.tax.copy({"name": "In the price", "price_include_override": "tax_included"})
        within, beside = [Command.set(included.ids)], [Command.set(self.tax.ids)]
        figures = self._taxed_kilometres("2026-03-02", included, price_unit=0.4235, tax_ids=within)
        self.assertEqual(figures, (0.4235, 62.97, 62.97, [62.97]))
        figures = self._taxed_kilometres("2026-03-03", included, price_unit=0.4235, tax_ids=beside)
        self.assertEqual(figures, (0.487025, 72.42, 72.42, [72.42]))
        price, *amounts = self._taxed_kilometres("2026-03-04", self.tax, price_unit=0.4235, tax_ids=within)
        self.assertAlmostEqual(price, 0.368261, 6)
        self.assertEqual(amounts, [62.97, 62.97, [62.97]])

    def test_kilometres_at_another_price_are_a_line_of_their_own(self):
        """0.4235 a km, then 0.42: 171 km are 72.42 and 1,000 km 420.00, not 1,171 km x 0.4235 = 495.92."""
        order = self._sow(self._line(self.architect))
        self.mileage.list_price = 0.4235
        self._expense(order, product=self.mileage, quantity=171)
        self.mileage.list_price = 0.42
        self._expense(order, product=self.mileage, quantity=1000, day="2026-03-06")
        proposal = self._propose()
        lines = sorted(proposal.line_ids.mapped(lambda line: (line.quantity, line.price_unit, line.amount)))
        self.assertEqual(lines, [(171, 0.4235, 72.42), (1000, 0.42, 420)])
        self.assert_agrees(proposal, 492.42)

    def test_a_capped_line_bills_the_cents_of_its_entries(self):
        """A cap counts entries, so its line bills their sum: 7 x 11.01 = 77.07."""
        line = self._sow(self._line(self.architect, price_unit=100.1235, cap=1000)).order_line
        for _number in range(7):
            self._work(line, 0.11)
        self.assert_agrees(self._propose(), 77.07)

    def test_many_kilometres_of_half_cents(self):
        """0.3315 a km: nine times 1 km are 9 x 0.33 = 2.97, and 9 km x 0.3315 = 2.9835: 2.98."""
        order = self._sow(
            self._line(self.architect),
            self._terms("unit", price_unit=0.3315, tax_ids=[Command.set(self.tax.ids)]),
        )
        for number in range(9):
            self._expense(order, product=self.mileage, quantity=1, day=f"2026-03-0{number + 1}")
        self.assert_agrees(self._propose(), 2.98, work=2.97)

    def test_taxes_in_the_price(self):
        """99.99 with 15 % in it are 86.9478 net. 0.33 h are 32.9967, to the client 33.00, net 28.70 (33.00
        less 4.30); 0.33 h at the net price were 28.69."""
        included = self.tax.copy({"name": "In the price", "price_include_override": "tax_included"})
        values = {"price_unit": 99.99, "tax_ids": [Command.set(included.ids)]}
        self.company.tax_calculation_rounding_method = "round_per_line"
        line = self._sow(self._line(self.architect, **values)).order_line
        self._work(line, 0.33)
        proposal = self._propose()
        self.assertAlmostEqual(proposal.adjustment_amount, 0, 2)
        self.assert_agrees(proposal, 28.70, work=28.69)
        # the other setting rounds the taxes of an invoice, not its lines
        self.company.tax_calculation_rounding_method = "round_globally"
        self._work(line, 0.33, "2026-03-03")
        proposal = self._propose()
        self.assertAlmostEqual(proposal.amount, 28.69, 2)
        self.assertAlmostEqual(self._invoice(proposal).invoice_line_ids.price_subtotal, 28.69, 2)

    def test_taxes_in_the_price_under_a_cap_and_after_a_review(self):
        """What is said to the cent is billed so: 28.69 under a cap, 25.00 as somebody decided."""
        self.company.tax_calculation_rounding_method = "round_per_line"
        included = self.tax.copy({"name": "In the price", "price_include_override": "tax_included"})
        values = {"price_unit": 99.99, "tax_ids": [Command.set(included.ids)]}
        line = self._sow(self._line(self.architect, cap=500, **values)).order_line
        self._work(line, 0.33)
        self.assert_agrees(self._propose(), 28.69)
        line = self._sow(self._line(self.architect, **values)).order_line
        self._work(line, 0.33)
        proposal = self._propose()
        wizard = self.env["psa.adjust.work"].browse(proposal.action_adjust()["res_id"])
        goodwill = self.env.ref("psa_billing.reason_goodwill")
        wizard.write({"how": "amount", "amount": 25, "reason_id": goodwill.id})
        wizard.action_apply()
        self.assertEqual(proposal.amount, 25)
        self.assertAlmostEqual(self._invoice(proposal).amount_untaxed, 25, 2)


@tagged("post_install", "-at_install")
class TestOddPrices(PsaExpenseCase):
    """The price of an order line has more digits than prices show: 133.333 an hour, 0.4235 a kilometre."""

    def test_they_are_proposed_and_invoiced(self):
        order = self._sow(
            self._line(self.architect, price_unit=133.333),
            self._terms("unit", price_unit=0.4235, tax_ids=[Command.set(self.tax.ids)]),
            self._line(self.developer, 3, "fixed", price_unit=33.333),
        )
        self._work(order.order_line[0], 2.5)
        self._expense(order, product=self.mileage, quantity=171)
        proposal = self._propose()
        # 333.3325, 72.4185 and 99.999
        self.assertEqual(sorted(proposal.line_ids.mapped("amount")), [72.42, 100, 333.33])
        proposal.action_approve()
        told = {line["unit_price"] for line in proposal.sudo()._psa_export_document()["lines"]}
        self.assertEqual(told, {"133.333", "0.4235", "33.333"})
        proposal.action_create_invoice()
        self.assertAlmostEqual(proposal.invoice_id.amount_untaxed, 505.75, 2)

    def test_another_price_is_still_noticed(self):
        line = self._sow(self._line(self.architect, price_unit=133.333)).order_line
        self._work(line, 2)
        proposal = self._propose()
        proposal.action_approve()
        line.sudo().with_context(sale_write_from_compute=True).price_unit = 133.334
        with self.assertRaisesRegex(UserError, "price of .* has changed"):
            proposal.action_create_invoice()
