"""Nothing of an option that the client did not take is billed, and all of one that they took."""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestOptionalPhases(PsaRetainerCase):
    @classmethod
    def _offer(cls, quantity):
        """40 h of an architect, and as an option ``quantity`` of each: support without end at 1,500 a month,
        and a concept for 3,000 in two halves."""
        section = Command.create({"display_type": "line_section", "name": "Support", "is_optional": True})
        sow = cls._sow(
            cls._line(cls.architect, 40),
            section,
            cls._retainer(quantity=quantity, psa_retainer_open_ended=True, name="Helpdesk"),
            cls._line(cls.architect, quantity, "fixed", price_unit=3000, name="Concept"),
            confirm=False,
        )
        concept = sow.order_line[-1]
        sow.psa_instalment_ids = [
            Command.create({"sale_line_id": concept.id, "name": half, "percent": 50, "date": day})
            for half, day in (("First half", "2026-03-10"), ("Second half", "2026-03-20"))
        ]
        # the host keeps under which section a line stands for as long as a request lasts
        cls.env.invalidate_all()
        sow.sudo().action_confirm()
        return sow

    @freeze_time("2026-04-01")
    def test_nothing_of_what_was_not_taken_is_billed(self):
        """An endless retainer grows by the month: not one that nobody ordered."""
        sow = self._offer(0)
        sow._psa_plan_retainers()  # as every night
        self.assertFalse(self._periods(sow))
        self.assertFalse(self._propose("2026-03-01", "2026-03-31"))
        self._work(sow.order_line[0], 5)
        proposal = self._propose("2026-03-01", "2026-03-31")
        self.assertEqual(proposal.line_ids.sale_line_id, sow.order_line[0])

    @freeze_time("2026-04-01")
    def test_what_was_taken_is_billed(self):
        """March: 1,500.00 of the retainer and 2 × 1,500.00 of the concept."""
        sow = self._offer(1)
        proposal = self._propose("2026-03-01", "2026-03-31")
        self.assertEqual(proposal.order_id, sow)
        self.assertEqual(proposal.amount, 4500)

    @freeze_time("2026-04-01")
    def test_what_is_taken_later_is_billed_under_the_terms_that_were_offered(self):
        """Support from April at 1,500.00 a month, and the concept at 3,000.00 in two halves, both due."""
        sow = self._offer(0)
        change = self.env["sale.order"].browse(sow.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "They want it now",
                "psa_requested_by_id": self.client.id,
                "psa_effective_date": "2026-04-01",
            }
        )
        wizard = self.env["psa.change.lines"].with_context(default_order_id=change.id).create({})
        for row in wizard.line_ids.filtered("head_id.psa_declined"):
            row.new_quantity = 1
        wizard.action_apply()
        self.env.invalidate_all()
        self.assertEqual(change.order_line.sorted().mapped("name"), ["Support", "Helpdesk", "Concept"])
        self.assertEqual(change.psa_instalment_ids.mapped("amount"), [1500, 1500])
        change.sudo().action_confirm()
        proposals = self._propose("2026-04-01", "2026-04-30")
        [period] = proposals.line_ids.retainer_period_ids
        self.assertEqual(str(period.date_start), "2026-04-01")
        billed = {line.sale_line_id.name: line.amount for line in proposals.line_ids}
        self.assertEqual(billed, {"Helpdesk": 1500, "Concept": 3000})
