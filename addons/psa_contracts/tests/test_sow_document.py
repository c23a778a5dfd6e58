"""The SOW as a document: what the client reads in the PDF and in the portal, and what they must not."""

import re
from html import unescape

from lxml.html import fromstring, tostring

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, tagged

from .common import PsaContractsCase


class SowDocumentCase(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create(
            {"name": "Clara Contact", "parent_id": cls.client.id, "email": "clara@client.example"}
        )
        cls.architect.psa_hourly_cost = 77.77

    def _signed_texts(self):
        return {
            "psa_scope": "<p>Renewal of the <b>warehouse</b> software</p>",
            "psa_deliverables": "<ul><li>Concept</li><li>Running system</li></ul>",
            "psa_assumptions": "<p>Access within a week</p>",
            "psa_acceptance_criteria": "<p>Ten days of test</p>",
        }

    def _document(self, **values):
        """A hybrid SOW with everything on it that the document can show."""
        order = self._hybrid(
            partner_id=self.contact.id,
            psa_cap_amount=40000,
            client_order_ref="PO-4711",
            note="<p>General terms apply</p>",
            **self._signed_texts(),
            **values,
        )
        order.psa_agreement_id = self.env["psa.agreement"].create(
            {"name": "MSA 2026", "partner_id": self.client.id, "date_start": "2026-01-01"}
        )
        order.payment_term_id = self.env.ref("account.account_payment_term_30days")
        architect = order.order_line.filtered(lambda line: line.psa_billing_model == "time_material")
        architect.write({"psa_employee_id": self.bob.id, "psa_cap_amount": 9000})
        order.psa_success_fee_ids.write(
            {
                "formula": "percent",
                "percent": 7.5,
                "metric": "Annual savings",
                "floor_amount": 5000,
                "cap_amount": 60000,
            }
        )
        return order

    def _html(self, order):
        """The report as text, white space collapsed."""
        report = self.env["ir.actions.report"]
        html = report._render_qweb_html("sale.report_saleorder", order.ids)[0].decode()
        return self._text(html)

    @staticmethod
    def _text(html):
        """What a desktop and paper show of it."""
        page = fromstring(html)
        for only_on_a_phone in page.find_class("d-sm-none"):
            only_on_a_phone.drop_tree()
        html = tostring(page, encoding="unicode")
        text = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
        text = unescape(re.sub(r"<[^>]+>", " ", text)).replace("\xa0", " ")
        return re.sub(r"\s+", " ", text)


@tagged("post_install", "-at_install")
class TestSowDocument(SowDocumentCase):
    def test_the_document_shows_all_that_is_signed(self):
        text = self._html(self._document())
        for expected in (
            "Statement of Work SOW/",
            "MSA 2026",
            "03/01/2026 – 05/31/2026",
            "PO-4711",
            "Clara Contact, clara@client.example",
            "Renewal of the warehouse software",
            "Running system",
            "Access within a week",
            "Ten days of test",
            "Design 03/01/2026 – 03/31/2026 $ 11,000.00",
            "Architect, Bob",
            "40.00 Hours $ 200.00 $ 8,000.00",
            "Concept Design $ 3,000.00",
            "Go-live Build $ 5,000.00",
            "Support 3 × Month 10.00 $ 1,500.00 $ 4,500.00",
            "Travel Build $ 800.00",
            "Savings 7.5 % of: Annual savings, at least $ 5,000.00, at most $ 60,000.00 $ 10,000.00",
            "Statement of Work $ 40,000.00",
            "Architect, Bob $ 9,000.00",
            "30 Days",
            "General terms apply",
            "For Client Ltd",
        ):
            with self.subTest(expected):
                self.assertIn(expected, text)
        self.assertNotIn("Quotation", text)

    def test_the_document_comes_in_reading_order(self):
        text = self._html(self._document())
        headings = (
            "Supplier",
            "Scope",
            "Deliverables",
            "Assumptions",
            "Acceptance Criteria",
            "Phases",
            "Roles and Rates",
            "Fixed Prices",
            "Milestones",
            "Retainers",
            "Expenses",
            "Success Fees",
            "Not to Exceed",
            "Payment Terms",
            "Terms & Conditions",
            "Signatures",
        )
        places = [text.index(f" {heading} ") for heading in headings]
        self.assertEqual(places, sorted(places))

    def test_the_layout_of_german_firms_has_its_title(self):
        """The layout of l10n_din5008 prints ``din5008_document_title``, else the number alone."""
        layout = self.env["ir.ui.view"].create(
            {
                "name": "Like DIN 5008",
                "type": "qweb",
                "key": "psa_contracts.test_layout_din5008",
                "arch": """<t t-name="psa_contracts.test_layout_din5008">
                    <h2>Titled <t t-out="din5008_document_title or ''" /></h2><t t-out="0" />
                </t>""",
            }
        )
        order = self._document()
        order.company_id.external_report_layout_id = layout
        self.assertIn(f"Titled {order.type_name} {order.name}", self._html(order))

    def test_nothing_internal_is_printed(self):
        order = self._document()
        line = order.order_line.filtered(lambda line: line.psa_billing_model == "time_material")
        self.assertTrue(line.psa_rate_reason)
        text = self._html(order)
        for secret in (line.psa_rate_reason, "Standard", "77.77", "Margin", "3,110.80"):
            with self.subTest(secret):
                self.assertNotIn(secret, text)

    def test_empty_sections_have_no_heading(self):
        order = self._sow(self._sold("fixed", 100, psa_role_id=self.architect.id), psa_scope="<p><br></p>")
        order.payment_term_id = order.note = False
        text = self._html(order)
        for heading in (
            "Scope",
            "Deliverables",
            "Phases",
            "Roles and Rates",
            "Milestones",
            "Retainers",
            "Success Fees",
            "Not to Exceed",
            "Payment Terms",
            "Conditions",
            "Your Reference",
        ):
            with self.subTest(heading):
                self.assertNotIn(heading, text)
        self.assertIn("Fixed Prices", text)

    def test_what_a_section_hides_stays_hidden(self):
        order = self._document()
        design, build = order.order_line.filtered(lambda line: line.display_type == "line_section")
        design.collapse_prices = True
        build.collapse_composition = True
        text = self._html(order)
        self.assertIn("40.00 Hours", text)
        self.assertNotIn("$ 8,000.00", text)
        self.assertNotIn("Go-live", text)
        # 5,000 + 4,500 + 800 + 10,000
        self.assertIn("Build 04/01/2026 – 05/31/2026 $ 20,300.00", text)

    def test_a_drawn_signature_stands_on_it(self):
        order = self._document()
        pixel = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
            b"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )
        order.write({"signature": pixel, "signed_by": "Clara Contact", "signed_on": "2026-02-20"})
        self.assertIn("Clara Contact , 02/20/2026", self._html(order))

    def test_rates_that_step_inside_the_period_are_listed(self):
        order = self._document()
        head = order.order_line.filtered(lambda line: line.psa_billing_model == "time_material")
        self.assertEqual(order._psa_document_rates(), [])
        step = head.copy({"order_id": order.id, "product_uom_qty": 0, "price_unit": 210})
        step.write({"psa_group_line_id": head.id, "psa_step_date": "2026-05-01"})
        text = self._html(order)
        self.assertIn(
            "Rates That Change Within the Period Role From Rate Architect 05/01/2026 $ 210.00", text
        )
        # the step is not a second line of the order
        self.assertEqual(text.count("Architect, Bob 4"), 1)

    def test_other_orders_print_as_in_the_host(self):
        product = self.env["product.product"].create({"name": "Goods", "list_price": 10})
        order = self.env["sale.order"].create(
            {"partner_id": self.client.id, "order_line": [Command.create({"product_id": product.id})]}
        )
        text = self._html(order)
        self.assertIn(f"Quotation # {order.name}", text)
        self.assertNotIn("Signatures", text)
        self.assertEqual(order._get_name_portal_content_view(), "sale.sale_order_portal_content")

    def test_a_pro_forma_of_a_sow_is_the_hosts(self):
        order = self._document()
        report = self.env["ir.actions.report"]
        html = report._render_qweb_html("sale.report_saleorder_pro_forma", order.ids)[0].decode()
        self.assertIn("Pro-Forma Invoice #", self._text(html))

    def test_the_texts_are_written_on_the_form_and_locked_once_signed(self):
        form = Form(self.env["sale.order"].with_user(self.sales.user_id).with_context(default_psa_kind="sow"))
        form.partner_id = self.client
        form.psa_date_start = "2026-03-01"
        for name, text in self._signed_texts().items():
            form[name] = text
        with form.order_line.new() as line:
            line.psa_role_id = self.architect
        order = form.save()
        self.assertIn("warehouse", order.psa_scope)
        order.sudo().action_confirm()
        for name in self._signed_texts():
            with self.subTest(name), self.assertRaisesRegex(UserError, "is signed"):
                order.with_user(self.sales.user_id).write({name: "<p>More for nothing</p>"})

    def test_scripts_in_the_texts_are_removed(self):
        order = self._sow(psa_scope="<p>Fine<script>alert(1)</script></p>")
        self.assertNotIn("script", order.psa_scope)

    def test_it_is_sent_as_what_it_is(self):
        order = self._document()
        template = order._find_mail_template()
        values = template._generate_template(order.ids, ("subject", "body_html"))[order.id]
        self.assertIn(f"Statement of Work (Ref {order.name})", values["subject"])
        body = self._text(str(values["body_html"]))
        self.assertIn(f"your statement of work {order.name} (your reference: PO-4711) over", body)
        self.assertIn("ready for your review", body)
        self.assertEqual(template.report_template_ids.report_name, "psa_contracts.report_sow")
        html = self.env["ir.actions.report"]._render_qweb_html("psa_contracts.report_sow", order.ids)[0]
        self.assertIn("Running system", html.decode())
        self.assertEqual(
            order.with_context(proforma=True)._find_mail_template(),
            self.env.ref("sale.email_template_proforma"),
        )

    def test_links_lead_to_the_form_of_sows(self):
        form = self.env.ref("psa_contracts.sow_view_form").id
        self.assertEqual(self._sow().get_formview_id(), form)
        self.assertNotEqual(self._sow(psa_kind=False).get_formview_id(), form)

    def test_it_is_called_what_it_is(self):
        order = self._sow()
        self.assertEqual((order.type_name, order.psa_sow_state), ("Statement of Work", "draft"))
        self.assertRegex(order._get_report_base_filename(), r"^Statement of Work SOW-\d{4}-\d{4}$")
        order.action_confirm()
        change = self._change(order, self._hours(self.developer, 5))
        self.assertEqual(change.type_name, "Change Order")


@tagged("post_install", "-at_install")
class TestSowPages(HttpCase, SowDocumentCase):
    def test_the_pdf_is_made(self):
        order = self._document()
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        pdf, kind = report._render_qweb_pdf("sale.report_saleorder", order.ids)
        self.assertEqual((kind, pdf[:4]), ("pdf", b"%PDF"))

    def test_a_letterhead_of_many_lines_covers_nothing(self):
        """Details below the logo, 31.5 + 6.8 mm a line + 3 mm: 2 lines fit into the 52 mm of the paper, 4
        need 61.7. Beside the logo, 11 mm instead: 4 need 41.2, 8 need 68.4."""
        order = self._document()
        company = order.company_id
        company.paperformat_id = self.env.ref("base.paperformat_us")
        report = self.env["ir.actions.report"]
        for layout, lines, top in (
            ("standard", 2, None),
            ("standard", 4, 62),
            ("bold", 4, None),
            ("bold", 8, 69),
        ):
            company.external_report_layout_id = self.env.ref(f"web.external_layout_{layout}")
            company.company_details = "<br/>".join(f"Line {number}" for number in range(lines))
            html = report._render_qweb_html("sale.report_saleorder", order.ids)[0].decode()
            wanted = f'data-report-margin-top="{top}" data-report-header-spacing="{top}"'
            with self.subTest(layout=layout, lines=lines):
                self.assertEqual(wanted in html, bool(top))
                self.assertEqual("data-report-margin-top" in html, bool(top))
        plain = self.env["sale.order"].create({"partner_id": order.partner_id.id})
        html = report._render_qweb_html("sale.report_saleorder", plain.ids)[0].decode()
        self.assertNotIn("data-report-margin-top", html)

    def test_the_client_reads_the_same_in_the_portal(self):
        order = self._document(state="sent", require_signature=True)
        page = self.url_open(order.get_portal_url()).text
        text = self._text(page)
        for expected in (
            "Renewal of the warehouse software",
            "Architect, Bob",
            "at least $ 5,000.00",
            "Statement of Work $ 40,000.00",
            "General terms apply",
        ):
            with self.subTest(expected):
                self.assertIn(expected, text)
        self.assertIn("Sign", text)
        for secret in ("77.77", "Standard: Architect"):
            self.assertNotIn(secret, page)

    def test_the_page_runs_in_a_browser_without_errors(self):
        order = self._document(state="sent", require_signature=True)
        self.browser_js(
            order.get_portal_url(),
            "console.log('test successful')",
            ready="!!document.querySelector('.o_psa_sow #sales_order_table')",
        )

    def test_a_wrong_token_opens_nothing(self):
        order = self._document(state="sent")
        order.get_portal_url()
        answer = self.url_open(f"/my/orders/{order.id}?access_token=guessed")
        self.assertNotIn("warehouse", answer.text)
