from lxml import etree

from odoo.tests import tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase

#: The sequence of elements in the schema of UBL 2.1 (OASIS, UBL-Invoice-2.1.xsd; InvoiceLineType and
#: PeriodType of the common aggregate components).
INVOICE = (
    "UBLExtensions UBLVersionID CustomizationID ProfileID ProfileExecutionID ID CopyIndicator UUID IssueDate "
    "IssueTime DueDate InvoiceTypeCode Note TaxPointDate DocumentCurrencyCode TaxCurrencyCode "
    "PricingCurrencyCode PaymentCurrencyCode PaymentAlternativeCurrencyCode AccountingCostCode "
    "AccountingCost LineCountNumeric BuyerReference InvoicePeriod OrderReference BillingReference "
    "DespatchDocumentReference "
    "ReceiptDocumentReference StatementDocumentReference OriginatorDocumentReference "
    "ContractDocumentReference AdditionalDocumentReference ProjectReference Signature "
    "AccountingSupplierParty AccountingCustomerParty PayeeParty BuyerCustomerParty SellerSupplierParty "
    "TaxRepresentativeParty Delivery DeliveryTerms PaymentMeans PaymentTerms PrepaidPayment AllowanceCharge "
    "TaxExchangeRate PricingExchangeRate PaymentExchangeRate PaymentAlternativeExchangeRate TaxTotal "
    "WithholdingTaxTotal LegalMonetaryTotal InvoiceLine"
).split()
INVOICE_LINE = (
    "ID UUID Note InvoicedQuantity LineExtensionAmount TaxPointDate AccountingCostCode AccountingCost "
    "PaymentPurposeCode FreeOfChargeIndicator InvoicePeriod OrderLineReference DespatchLineReference "
    "ReceiptLineReference BillingReference DocumentReference PricingReference OriginatorParty Delivery "
    "PaymentTerms AllowanceCharge TaxTotal WithholdingTaxTotal Item Price DeliveryTerms SubInvoiceLine "
    "ItemPriceExtension"
).split()
PERIOD = "StartDate StartTime EndDate EndTime DurationMeasure DescriptionCode Description".split()


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
        cls.order = order = cls._sow(
            cls._line(cls.architect),
            cls._line(cls.developer, 1, "fixed", price_unit=500),
            cls._line(cls.developer),
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

    def assert_order(self, node, sequence):
        """The children of ``node`` are elements of the schema, in its order."""
        names = [etree.QName(child).localname for child in node]
        self.assertFalse(set(names) - set(sequence))
        self.assertEqual(names, sorted(names, key=sequence.index))

    def test_all_stands_where_the_schema_wants_it(self):
        tree, _errors = self._export(self.invoice)
        self.assert_order(tree, INVOICE)
        lines = self._texts(tree, "cac:InvoiceLine")
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assert_order(line, INVOICE_LINE)
        periods = self._texts(tree, "//cac:InvoicePeriod")
        self.assertEqual(len(periods), 2)  # of the invoice, and of the line that bills time
        for period in periods:
            self.assert_order(period, PERIOD)

    def test_the_period_of_the_invoice_spans_those_of_its_lines(self):
        self._work(self.order.order_line[0], 1, "2026-04-20")
        self._work(self.order.order_line[2], 2, "2026-04-08")
        invoice = self._invoice(self._propose("2026-04-01", "2026-04-30"), post=True)
        tree, _errors = self._export(invoice)
        period = "cac:InvoicePeriod/cbc:%s/text()"
        self.assertEqual(
            [self._texts(tree, period % name) for name in ("StartDate", "EndDate")],
            [["2026-04-08"], ["2026-04-20"]],
        )
        lines = [
            (self._texts(line, period % "StartDate")[0], self._texts(line, period % "EndDate")[0])
            for line in self._texts(tree, "cac:InvoiceLine")
        ]
        self.assertEqual(lines, [("2026-04-20", "2026-04-20"), ("2026-04-08", "2026-04-08")])

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
