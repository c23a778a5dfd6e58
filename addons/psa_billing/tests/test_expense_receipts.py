from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestExpenseReceipts(PsaExpenseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect), cls._terms())

    def _receipt(self, record, name):
        values = {"name": name, "raw": name.encode(), "res_model": record._name, "res_id": record.id}
        return self.env["ir.attachment"].create(values)

    def _with_receipts(self):
        expense = self._expense(self.order, 40)
        self._receipt(expense, "hotel.pdf")
        bill = self._bill((self.hotel, 60, self._account(self.order)))
        self._receipt(bill, "bill.pdf")
        return expense, bill

    def _attached(self, invoice):
        domain = [("res_model", "=", "account.move"), ("res_id", "=", invoice.id), ("res_field", "=", False)]
        return self.env["ir.attachment"].sudo().search(domain).mapped("name")

    def test_the_invoice_carries_the_receipts(self):
        self._with_receipts()
        invoice = self._invoice(self._propose())
        self.assertEqual(sorted(self._attached(invoice)), ["bill.pdf", "hotel.pdf"])

    def test_a_bill_with_costs_of_others_is_no_clients_to_read(self):
        """Of one bill a client read what the vendor takes for the work of another one, or of the firm."""
        other = self.env["res.partner"].create({"name": "Other Ltd"})
        theirs = self._sow(self._line(self.architect), self._terms(), partner_id=other.id)
        second = self._sow(self._line(self.architect), self._terms())
        mine, same = self._account(self.order), self._account(second)
        half = dict.fromkeys(mine, 50)
        shared = self._bill((self.hotel, 60, mine), (self.hotel, 70, self._account(theirs)))
        own = self._bill((self.hotel, 80, mine), (self.meals, 20, mine))
        part = self._bill((self.hotel, 90, half))
        plain = self._bill((self.hotel, 30, mine), (self.hotel, 40, same))
        for name, bill in (("shared", shared), ("own", own), ("part", part), ("plain", plain)):
            self._receipt(bill, f"{name}.pdf")
        proposals = self._propose()
        self._invoice(proposals)
        invoices = {proposal.order_id: proposal.invoice_id for proposal in proposals}
        self.assertEqual(self._attached(invoices[self.order]), ["plain.pdf"])
        self.assertEqual(self._attached(invoices[second]), ["plain.pdf"])
        self.assertEqual(self._attached(invoices[theirs]), [])
        self.assertIn(shared.name, "".join(invoices[theirs].message_ids.mapped("body")))
        for bill in (shared, own, part):
            self.assertIn(bill.name, "".join(invoices[self.order].message_ids.mapped("body")))

    def test_the_company_may_keep_them(self):
        self.company.psa_attach_receipts = False
        self._with_receipts()
        self.assertEqual(self._attached(self._invoice(self._propose())), [])

    def test_who_reviews_opens_the_receipt(self):
        self._with_receipts()
        reviewer = self._user("pm", "psa_project.group_psa_project_manager")
        parts = self.env["psa.wip.entry"].search([("order_id", "=", self.order.id)], order="id")
        self.assertEqual(parts.mapped("receipt_count"), [1, 1])
        action = parts[0].with_user(reviewer).action_open_receipts()
        self.assertIn("access_token=", action["url"])
        with self.assertRaises(AccessError):
            parts[0].with_user(self.dev.user_id).action_open_receipts()
        self._receipt(parts[1].bill_id, "second.pdf")
        action = parts[1].with_user(reviewer).action_open_receipts()
        self.assertEqual([link["label"] for link in action["params"]["links"]], ["bill.pdf", "second.pdf"])
