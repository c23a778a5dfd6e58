from lxml import etree

from odoo.tests import tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestUbl(PsaBillingCase):
    """March: Ann 10 h at 150.00 from the 2nd to the 5th; a fixed price of 500.00; PO-4711."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        country = cls.company.account_fiscal_country_id
        address = {"country_id": country.id, "city": "Springfield", "zip": "9000", "street": "Main Street 1"}
        cls.company.partner_id.write(address)
        cls.client.write(address)
        order = cls._sow(
            cls._line(cls.architect),
            cls._line(cls.developer, 1, "fixed", price_unit=500),
            client_order_ref="PO-4711",
        )
        cls._work(order.order_line[0], 4, "2026-03-02")
        cls._work(order.order_line[0], 6, "2026-03-05")
        cls.invoice = cls._invoice(cls._propose(), post=True)

    def _export(self, move):
        content, errors = self.env["account.edi.xml.ubl_bis3"]._export_invoice(move)
        return etree.fromstring(content), errors

    def _texts(self, tree, path):
        return tree.xpath(
            path,
            namespaces={
                "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
                "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
            },
        )

    def test_an_invoice_of_a_proposal_has_the_po_number_and_the_days_of_the_work(self):
        tree, _errors = self._export(self.invoice)
        self.assertEqual(self._texts(tree, "cac:OrderReference/cbc:ID/text()"), ["PO-4711"])
        period = "cac:InvoiceLine/cac:InvoicePeriod/cbc:%s/text()"
        self.assertEqual(self._texts(tree, period % "StartDate"), ["2026-03-02"])
        self.assertEqual(self._texts(tree, period % "EndDate"), ["2026-03-05"])
        # 10 × 150.00 + 500.00, and 15 % of it
        amounts = [
            self._texts(tree, f"cac:LegalMonetaryTotal/cbc:{name}/text()")[0]
            for name in ("LineExtensionAmount", "TaxInclusiveAmount", "PayableAmount")
        ]
        self.assertEqual(amounts, ["2000.00", "2300.00", "2300.00"])

    def test_the_period_stands_where_the_schema_wants_it(self):
        """In an InvoiceLine of UBL 2.1 the period comes after the amount and before the item."""
        tree, _errors = self._export(self.invoice)
        line = self._texts(tree, "cac:InvoiceLine[cac:InvoicePeriod]")[0]
        names = [etree.QName(node).localname for node in line]
        self.assertLess(names.index("LineExtensionAmount"), names.index("InvoicePeriod"))
        self.assertLess(names.index("InvoicePeriod"), names.index("Item"))

    def test_nothing_of_ours_makes_the_export_complain(self):
        _tree, errors = self._export(self.invoice)
        self.assertFalse([error for error in errors if "period" in error.lower() or "order" in error.lower()])

    def test_a_credit_note_has_the_days_too(self):
        tree, _errors = self._export(self._credit(self.invoice))
        self.assertEqual(
            self._texts(tree, "cac:CreditNoteLine/cac:InvoicePeriod/cbc:StartDate/text()"), ["2026-03-02"]
        )

    def test_other_invoices_are_the_host_s(self):
        plain = self.init_invoice("out_invoice", partner=self.client, amounts=[100], post=True)
        tree, _errors = self._export(plain)
        self.assertFalse(self._texts(tree, "//cac:InvoicePeriod"))
