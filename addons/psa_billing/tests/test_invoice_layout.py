"""The layout of invoices: lines by role, person or entry, sections, texts; the host's figures stay right."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestInvoiceLayout(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eve = cls._employee("eve", cls.architect)
        cls.order = cls._sow(
            [0, 0, {"display_type": "line_section", "name": "Build"}],
            cls._line(cls.developer),
            [0, 0, {"display_type": "line_section", "name": "Design"}],
            cls._line(cls.architect, price_unit=133.33),
        )
        cls.devl, cls.arch = cls.order.order_line.filtered("psa_role_id")
        # 0.25 h x 133.33 = 33.33 each, 0.75 h x 133.33 = 100.00
        cls._work(cls.arch, 0.25, "2026-03-02", name="Sketch")
        cls._work(cls.arch, 0.25, "2026-03-03", name="=Model")
        cls._work(cls.arch, 0.25, "2026-03-04", cls.eve, name="Review")
        cls._work(cls.devl, 2, "2026-03-05", name="Code")

    def _lines(self, **layout):
        self.order.sudo().write(layout)
        self.invoice = self._invoice(self._propose(), post=True)
        lines = self.invoice.invoice_line_ids.sorted("sequence")
        return [
            line.name
            if line.display_type == "line_section"
            else (line.name, line.quantity, line.price_subtotal)
            for line in lines
        ]

    def assert_figures(self):
        self.assertEqual((self.arch.qty_delivered, self.arch.qty_invoiced), (0.75, 0.75))
        self.assertEqual((self.devl.qty_delivered, self.devl.qty_invoiced), (2, 2))
        self.assertAlmostEqual(sum(self.order.order_line.mapped("untaxed_amount_invoiced")), 300)
        self.assertAlmostEqual(sum(self.order.order_line.mapped("untaxed_amount_to_invoice")), 0, 1)
        for line in self.invoice.invoice_line_ids.filtered("psa_proposal_line_id"):
            self.assertEqual(len(line.sale_line_ids), 1)
            work = self.env["psa.wip.entry"].search([("invoice_line_id", "=", line.id)])
            if not line.sale_line_ids.psa_adjusts_line_id:
                self.assertAlmostEqual(sum(work.mapped("billable_quantity")), line.quantity)
                self.assertEqual(line.psa_service_start, min(work.mapped("date")))
                self.assertEqual(line.psa_service_end, max(work.mapped("date")))
        self.assertEqual(
            self.order.order_line.psa_wip_ids.analytic_line_id.timesheet_invoice_id, self.invoice
        )
        project = self.arch.task_id.project_id
        revenues = project._get_profitability_items(with_action=False)["revenues"]["total"]
        self.assertAlmostEqual(revenues["invoiced"], 300)

    def test_one_line_for_each_line(self):
        names = self._lines()
        self.assertEqual(
            names,
            [
                "Build",
                ("Developer\n03/05/2026", 2, 200),
                "Design",
                ("Architect\n03/02/2026 – 03/04/2026", 0.75, 100),
            ],
        )
        self.assert_figures()

    def test_one_line_for_each_person(self):
        found = self._lines(psa_invoice_detail="person", psa_invoice_sections="none")
        # 0.50 h = 66.67 (66.665), 0.25 h = 33.33: 100.00 together
        self.assertEqual(
            found,
            [
                ("Developer\ndev, 03/05/2026", 2, 200),
                ("Architect\nann, 03/02/2026 – 03/03/2026", 0.5, 66.67),
                ("Architect\neve, 03/04/2026", 0.25, 33.33),
            ],
        )
        self.assert_figures()

    def test_one_line_for_each_entry_with_the_cents_that_those_lose(self):
        found = self._lines(
            psa_invoice_detail="entry",
            psa_invoice_sections="role",
            psa_invoice_text="{period} {person}: {description}",
        )
        # 3 x 33.33 = 99.99: a cent stands on a line of its own
        self.assertEqual(
            found,
            [
                "Architect",
                ("03/02/2026 ann: Sketch", 0.25, 33.33),
                ("03/03/2026 ann: =Model", 0.25, 33.33),
                ("03/04/2026 eve: Review", 0.25, 33.33),
                ("Rounding: Architect", 1, 0.01),
                "Developer",
                ("03/05/2026 dev: Code", 2, 200),
            ],
        )
        self.assert_figures()

    def test_one_line_for_each_role(self):
        found = self._lines(
            psa_invoice_detail="role", psa_invoice_text="{phase}: {role}, {hours} h in {period}"
        )
        self.assertEqual(
            [line for line in found if not isinstance(line, str)],
            [
                ("Build: Developer, 2.00 h in 03/05/2026", 2, 200),
                ("Design: Architect, 0.75 h in 03/02/2026 – 03/04/2026", 0.75, 100),
            ],
        )
        self.assert_figures()

    def test_a_credit_of_the_line_of_one_person_frees_that_persons_work(self):
        self._lines(psa_invoice_detail="person")
        note = self._draft_credit(self.invoice)
        note.invoice_line_ids.filtered(lambda line: "eve," not in (line.name or "")).unlink()
        note.action_post()
        freed = self.arch.psa_wip_ids.filtered(lambda part: part.state == "open")
        self.assertEqual(freed.employee_id, self.eve)
        self.assertEqual(self._propose().amount, 33.33)

    def test_the_sow_outweighs_the_agreement_and_that_the_company(self):
        self.company.psa_invoice_detail = "entry"
        self.company.psa_invoice_sections = "none"
        self.assertEqual(self.order._psa_layout().detail, "entry")
        agreement = self.env["psa.agreement"].create(
            {
                "name": "Frame",
                "partner_id": self.client.id,
                "company_id": self.company.id,
                "psa_invoice_detail": "role",
            }
        )
        self.order.sudo().psa_agreement_id = agreement
        layout = self.order._psa_layout()
        self.assertEqual((layout.detail, layout.sections), ("role", "none"))
        self.order.sudo().psa_invoice_detail = "person"
        self.assertEqual(self.order._psa_layout().detail, "person")

    def test_a_text_with_an_unknown_placeholder_is_refused(self):
        for text in ("{rate}", "{}", "{line.order_id}"):
            with self.subTest(text=text):
                if text == "{line.order_id}":
                    # no attribute is ever read: it stays as it is written
                    self.company.psa_invoice_text = text
                    continue
                with self.assertRaisesRegex(ValidationError, "invoice texts know no"):
                    self.company.psa_invoice_text = text
