"""The backup report: what stands behind an invoice, for its client."""

import io

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestBackupReport(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.fund = cls.env["res.partner"].create({"name": "Fund", "lang": "fr_FR"})

    def _billed(self, **values):
        order = self._sow(self._line(self.architect), self._line(self.developer), **values)
        first, second = order.order_line.filtered("psa_role_id")
        self._work(first, 3, "2026-03-03", name="=1+1")
        self._work(first, 2.5, "2026-03-02", name="Sketch")
        self._work(second, 1, "2026-03-02", name="Code")
        self._invoice(self._propose())
        return self.env["psa.billing.proposal"].search([("order_id", "=", order.id)]).invoice_ids

    def _worksheet(self, move):
        file = move.psa_backup_ids.filtered(lambda attachment: attachment.name.endswith(".xlsx"))
        return load_workbook(io.BytesIO(file.raw)).active

    def _sheet(self, move):
        """Its rows from the titles of the columns on, which stand below the title of the sheet."""
        return [list(row) for row in self._worksheet(move).values][3:]

    def _html(self, move):
        content, kind = self.env["ir.actions.report"]._render_qweb_html(
            "psa_billing.action_report_backup", move.ids
        )
        self.assertEqual(kind, "html")
        return content.decode()

    def test_the_button_attaches_pdf_and_spreadsheet(self):
        invoice = self._billed()
        invoice.action_psa_backup()
        names = sorted(name.rsplit(".", 1)[1] for name in invoice.psa_backup_ids.mapped("name"))
        self.assertEqual(names, ["pdf", "xlsx"])
        rows = self._sheet(invoice)
        self.assertEqual(rows[0], ["Person", "Task", "Day", "Description", "Hours", "Billed Hours"])
        self.assertEqual(
            [(row[0], str(row[2])[:10], *row[3:]) for row in rows[1:4]],
            [
                ("ann", "2026-03-02", "Sketch", 2.5, 2.5),
                ("ann", "2026-03-03", "=1+1", 3, 3),
                ("dev", "2026-03-02", "Code", 1, 1),
            ],
        )
        # of the rows that a filter shows
        self.assertEqual(rows[4], ["Total", None, None, None, "=SUBTOTAL(9,E5:E7)", "=SUBTOTAL(9,F5:F7)"])
        html = self._html(invoice)
        for text in ("Sketch", "03/02/2026", "5.50", "6.50"):
            self.assertIn(text, html)
        self.assertNotIn("Amount", html)
        # again: in place of the old ones
        invoice.action_psa_backup()
        self.assertEqual(len(invoice.psa_backup_ids), 2)
        sent = self.env["account.move.send"]._get_invoice_extra_attachments(invoice)
        self.assertEqual(sent & invoice.psa_backup_ids, invoice.psa_backup_ids)

    def test_further_pages_begin_below_the_letterhead_and_tear_no_row(self):
        """31.5 mm, four lines of 6.8 mm and 3 mm are 62 mm, more than the 52 mm of the paper; one fits."""
        invoice = self._billed()
        self.company.paperformat_id = self.env.ref("base.paperformat_us")
        self.company.external_report_layout_id = self.env.ref("web.external_layout_standard")
        self.company.company_details = "<br/>".join(["Line"] * 4)
        html = self._html(invoice)
        self.assertIn('data-report-margin-top="62" data-report-header-spacing="62"', html)
        # three entries and the totals of two people, and of all
        self.assertEqual(html.count("page-break-inside: avoid"), 6)
        self.company.company_details = "Line"
        self.assertNotIn("data-report-margin-top", self._html(invoice))

    def test_the_spreadsheet_is_ready_to_read_and_to_print(self):
        invoice = self._billed()
        invoice.action_post()
        invoice.action_psa_backup()
        sheet = self._worksheet(invoice)
        self.assertEqual(sheet["A1"].value, f"Work on {invoice.display_name}")
        self.assertIn(invoice.name, sheet["A1"].value)
        self.assertEqual(sheet["A2"].value, f"{self.client.display_name}, 03/02/2026 – 03/03/2026")
        # numbers under numbers, dates as the reader writes them, long texts in full
        self.assertEqual([sheet[cell].alignment.horizontal for cell in ("A4", "E4")], ["left", "right"])
        self.assertEqual((sheet["C5"].is_date, sheet["E5"].number_format), (True, "#,##0.00"))
        self.assertTrue(sheet["D5"].alignment.wrap_text)
        self.assertEqual((sheet.freeze_panes, sheet.auto_filter.ref), ("A5", "A4:F7"))
        page = sheet.page_setup
        self.assertTrue(sheet.sheet_properties.pageSetUpPr.fitToPage)
        self.assertEqual((page.orientation, page.fitToHeight), ("landscape", 0))  # one page wide
        self.assertEqual(sheet.print_title_rows, "$4:$4")

    def test_amounts_and_hours_alone_by_setting(self):
        self.company.psa_backup_columns = "amount"
        invoice = self._billed()
        invoice.action_psa_backup()
        rows = self._sheet(invoice)
        self.assertEqual(
            [row[6] for row in rows[:4]], [f"Amount ({invoice.currency_id.name})", 375, 450, 100]
        )
        self.company.psa_backup_columns = "hours"
        invoice.action_psa_backup()
        self.assertEqual(len(self._sheet(invoice)[0]), 5)

    def test_each_payer_reads_its_share_in_its_language(self):
        invoices = self._billed(
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(((self.client, 60), (self.fund, 40)))
            ]
        )
        invoices.action_psa_backup()
        fund = invoices.filtered(lambda move: move.psa_payer_id == self.fund)
        rows = self._sheet(fund)
        # 40 % of 2.5, 3 and 1 h
        self.assertEqual([row[4] for row in rows[1:4]], [1, 1.2, 0.4])
        self.assertIn("02/03/2026", self._html(fund))
        other = self._sheet(invoices - fund)
        self.assertEqual([row[4] for row in other[1:4]], [1.5, 1.8, 0.6])

    def test_at_posting_by_setting(self):
        invoice = self._billed()
        invoice.action_post()
        self.assertFalse(invoice.psa_backup_ids)
        self.company.psa_backup_report = "post"
        other = self._billed()
        other.action_post()
        self.assertEqual(len(other.psa_backup_ids), 2)
        self.assertIn("INV_2026", other.psa_backup_ids[0].name)

    def test_at_sending_by_setting(self):
        self.company.psa_backup_report = "send"
        invoice = self._billed()
        invoice.action_post()
        self.env["account.move.send"]._generate_and_send_invoices(invoice, sending_methods=["email"])
        self.assertEqual(len(invoice.psa_backup_ids), 2)
        mail = invoice.message_ids.filtered(lambda message: len(message.attachment_ids) > 1)
        self.assertEqual(
            len(mail.attachment_ids.filtered(lambda file: file.name.endswith((".xlsx", ".pdf")))), 3
        )

    def test_a_credit_note_reports_what_it_credits(self):
        invoice = self._billed()
        invoice.action_post()
        note = self._credit(invoice)
        self.assertEqual([person.name for person in note._psa_backup_people()], ["ann", "dev"])
        self.assertEqual([str(person.hours) for person in note._psa_backup_people()], ["5.5", "1.0"])

    def test_an_invoice_without_work_and_wrong_users_are_refused(self):
        invoice = self._billed()
        manager = self._user("pm", "psa_project.group_psa_project_manager")
        with self.assertRaises(AccessError):
            invoice.with_user(manager).action_psa_backup()
        accountant = self._user("acc", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            invoice.with_user(accountant).action_psa_backup()
        other = self.init_invoice("out_invoice", products=self.product_a)
        with self.assertRaisesRegex(UserError, "nothing to report"):
            other.action_psa_backup()
