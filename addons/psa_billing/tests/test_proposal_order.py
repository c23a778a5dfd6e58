"""Lines of a proposal stand as on its invoice."""

from odoo import Command
from odoo.tests import tagged

from .test_adjustments import ReviewCase


@tagged("post_install", "-at_install")
class TestProposalOrder(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            Command.create({"display_type": "line_section", "name": "Analysis"}),
            cls._line(cls.developer),
            Command.create({"display_type": "line_section", "name": "Build"}),
            cls._line(cls.architect),
            cls._line(cls.developer, 1, "fixed", price_unit=900),
        )
        cls.analysis, cls.build, cls.fixed = cls.order.order_line.filtered("psa_role_id")
        cls._work(cls.build, 2)
        cls.entry = cls._work(cls.analysis, 1)

    def _lines(self, proposal):
        return [(line.section, line.sale_line_id) for line in proposal.line_ids.sorted("sequence")]

    def _invoice_lines(self, invoice):
        lines = invoice.invoice_line_ids.filtered("psa_proposal_line_id").sorted("sequence")
        return [line.sale_line_ids for line in lines]

    def test_as_the_statement_of_work(self):
        proposal = self._propose()
        self.assertEqual(
            self._lines(proposal),
            [("Analysis", self.analysis), ("Build", self.build), ("Build", self.fixed)],
        )
        self.assertEqual(
            self._invoice_lines(self._invoice(proposal)), [self.analysis, self.build, self.fixed]
        )

    def test_by_role(self):
        self.order.sudo().psa_invoice_sections = "role"
        proposal = self._propose()
        expected = [self.build, self.analysis, self.fixed]
        self.assertEqual(
            self._lines(proposal),
            list(zip(("Architect", "Developer", "Developer"), expected, strict=True)),
        )
        self.assertEqual(self._invoice_lines(self._invoice(proposal)), expected)

    def test_work_that_is_moved_and_lines_that_are_added_find_their_place(self):
        proposal = self._propose()
        self.entry.psa_wip_ids.sudo()._psa_move(self.build)
        self.assertEqual(self._lines(proposal), [("Build", self.build), ("Build", self.fixed)])
        self.entry.psa_wip_ids.sudo()._psa_move(self.analysis)
        self.assertEqual([line for _section, line in self._lines(proposal)][0], self.analysis)

    def test_several_sows_one_after_the_other(self):
        agreement = self._agreement(billing_grouping="client")
        first = self._sow(self._line(self.developer, sequence=50), psa_agreement_id=agreement.id)
        second = self._sow(self._line(self.architect, sequence=5), psa_agreement_id=agreement.id)
        for order in first | second:
            self._work(order.order_line, 1, "2026-04-02")
        proposal = self._propose("2026-04-01", "2026-04-30").filtered(
            lambda one: one.order_ids == first | second
        )
        self.assertEqual(
            self._lines(proposal), [(first.name, first.order_line), (second.name, second.order_line)]
        )
        self.assertEqual(self._invoice_lines(self._invoice(proposal)), [first.order_line, second.order_line])
