"""The UBL of invoices and credit notes of proposals is valid by the schemas of OASIS."""

from lxml import etree

from odoo import Command
from odoo.tests import tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase

from psa_cli import schemas


@tagged("post_install", "-at_install")
class TestUblSchema(PsaBillingCase):
    """March: Ann 10 h at 150.00 with 20 % tax, Dev 2 h at 100.00 with 10 %, a fixed price of 500.00 with
    20 %, and 300.00 without tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        country = cls.company.account_fiscal_country_id
        address = {"country_id": country.id, "city": "Springfield", "zip": "9000", "street": "Main Street 1"}
        cls.company.partner_id.write({**address, "vat": "US12345671"})
        cls.client.write({**address, "email": "client@example.com"})
        cls.full, cls.reduced, cls.zero = cls.env["account.tax"].create(
            [
                {"name": f"{rate} %", "amount": rate, "type_tax_use": "sale", "tax_exigibility": "on_invoice"}
                for rate in (20, 10, 0)
            ]
        )
        cls.order = cls._sow(
            cls._taxed(cls._line(cls.architect), cls.full),
            cls._taxed(cls._line(cls.developer, discount=5), cls.reduced),
            cls._taxed(cls._line(cls.developer, 1, "fixed", price_unit=500), cls.full),
            cls._taxed(cls._line(cls.architect, 1, "fixed", price_unit=300), cls.zero),
            client_order_ref="PO-4711 <a & b>",
        )
        cls._work(cls.order.order_line[0], 4, "2026-03-02")
        cls._work(cls.order.order_line[0], 6, "2026-03-05")
        cls._work(cls.order.order_line[1], 2, "2026-03-30")
        cls.invoice = cls._invoice(cls._propose(), post=True)

    @staticmethod
    def _taxed(command, tax):
        command[2]["tax_ids"] = [Command.set(tax.ids)]
        return command

    def _schema(self, kind):
        return etree.XMLSchema(file=str(schemas.ubl() / f"maindoc/UBL-{kind}-2.1.xsd"))

    def _tree(self, move):
        return etree.fromstring(self.env["account.edi.xml.ubl_bis3"]._export_invoice(move)[0])

    def assert_valid(self, move, kind):
        tree, schema = self._tree(move), self._schema(kind)
        self.assertTrue(schema.validate(tree), schema.error_log)
        return tree

    def test_an_invoice_with_periods_and_several_taxes(self):
        # 1,500.00 + 2 × 100.00 less 5 % + 500.00 + 300.00; 20 % of 2,000.00 and 10 % of 190.00
        self.assertEqual((self.invoice.amount_untaxed, self.invoice.amount_tax), (2490, 419))
        tree = self.assert_valid(self.invoice, "Invoice")
        self.assertEqual(len(tree.findall("{*}InvoiceLine")), 4)
        self.assertEqual(len(tree.findall("{*}InvoiceLine/{*}InvoicePeriod")), 2)
        self.assertEqual(len(tree.findall("{*}TaxTotal/{*}TaxSubtotal")), 3)

    def test_a_credit_note(self):
        tree = self.assert_valid(self._credit(self.invoice), "CreditNote")
        self.assertEqual(len(tree.findall("{*}CreditNoteLine/{*}InvoicePeriod")), 2)

    def test_an_invoice_of_a_payer_by_their_share(self):
        other = self.env["res.partner"].create(
            {"name": "Payer", "country_id": self.client.country_id.id, "city": "Shelbyville", "zip": "1"}
        )
        order = self._sow(
            self._taxed(self._line(self.architect), self.full),
            psa_payer_ids=[
                Command.create({"partner_id": self.client.id, "share": 66.67}),
                Command.create({"partner_id": other.id, "share": 33.33}),
            ],
        )
        self._work(order.order_line[0], 1.75, "2026-04-09")
        proposals = self._propose("2026-04-01", "2026-04-30")
        self._invoice(proposals)
        moves = proposals.invoice_ids
        moves.invoice_date = "2026-05-04"
        moves.action_post()
        # 262.50: 66.67 % are 175.01, and the rest
        self.assertEqual(sorted(moves.mapped("amount_untaxed")), [87.49, 175.01])
        for move in moves:
            for line in self.assert_valid(move, "Invoice").findall("{*}InvoiceLine"):
                self.assertEqual(line.findtext("{*}InvoicePeriod/{*}StartDate"), "2026-04-09")

    def test_what_stands_in_another_place_is_found(self):
        """The test of the test: a period behind the item of its line is no UBL."""
        tree = self._tree(self.invoice)
        line = tree.find("{*}InvoiceLine")
        line.append(line.find("{*}InvoicePeriod"))
        self.assertFalse(self._schema("Invoice").validate(tree))
