"""A proposal shows the sections of its invoice with what each comes to, as the reviewer sees it."""

from odoo import Command
from odoo.tests import HttpCase, tagged

from .test_adjustments import ReviewCase

SUMS = ("section", "lines", "worked_hours", "quantity", "worked_amount", "adjustment_amount", "amount")


class SectionCase(ReviewCase):
    """Analysis: Dev 1 h at 100.00. Build: Ann 4 h at 150.00, of which 1 h is written off; a fixed price of
    900.00, which is no hours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._line(cls.architect),
            Command.create({"display_type": "line_section", "name": "Analysis"}),
            cls._line(cls.developer),
            Command.create({"display_type": "line_section", "name": "Build"}),
            cls._line(cls.architect),
            cls._line(cls.developer, 1, "fixed", price_unit=900),
        )
        cls.first, cls.analysis, cls.build, cls.fixed = cls.order.order_line.filtered("psa_role_id")
        cls._work(cls.analysis, 1)
        cls._work(cls.build, 3)
        cls.lost = cls._work(cls.build, 1, "2026-03-03")

    def _sections(self, proposal):
        return [tuple(part[name] for name in SUMS) for part in proposal.section_sums]


@tagged("post_install", "-at_install")
class TestProposalSections(SectionCase):
    def test_each_section_has_its_sums(self):
        proposal = self._propose()
        self._adjust(self.lost.psa_wip_ids, "write_off")
        self.assertEqual(
            self._sections(proposal),
            [
                ("Analysis", 1, 1, 1, 100, 0, 100),
                # 4 h of 600.00, of which 1 h is off, and 900.00 that are no hours
                ("Build", 2, 4, None, 1500, -150, 1350),
            ],
        )
        amounts = [part["amount"] for part in proposal.section_sums]
        self.assertEqual(sum(amounts), proposal.amount)
        lines = proposal.line_ids.sorted("sequence")
        self.assertEqual([part["first"] for part in proposal.section_sums], [lines[0].id, lines[1].id])

    def test_held_lines_are_no_part_of_a_sum(self):
        proposal = self._propose()
        line = proposal.line_ids.filtered(lambda line: line.sale_line_id == self.build)
        line.action_hold()
        self.assertEqual(
            self._sections(proposal), [("Analysis", 1, 1, 1, 100, 0, 100), ("Build", 2, 0, None, 900, 0, 900)]
        )
        line.action_release()
        self.assertEqual(self._sections(proposal)[1][-1], 1500)
        proposal.line_ids.action_hold()
        self.assertEqual([part[-1] for part in self._sections(proposal)], [0, 0])

    def test_work_in_no_section_comes_first_and_an_invoice_without_sections_has_none(self):
        self._work(self.first, 2)
        proposal = self._propose()
        self.assertEqual([part[0] for part in self._sections(proposal)], ["", "Analysis", "Build"])
        plain = self._sow(self._line(self.architect), self._line(self.developer))
        for line in plain.order_line:
            self._work(line, 1, "2026-04-02")
        proposal = self._propose("2026-04-01", "2026-04-30").filtered(lambda one: one.order_id == plain)
        self.assertEqual(self._sections(proposal), [("", 2, 2, 2, 250, 0, 250)])
        proposal.action_cancel()

    def test_sections_of_the_same_name_are_each_their_own(self):
        order = self._sow(
            Command.create({"display_type": "line_section", "name": "Support"}),
            self._line(self.architect),
            Command.create({"display_type": "line_section", "name": "Work"}),
            self._line(self.developer),
            Command.create({"display_type": "line_section", "name": "Support"}),
            self._line(self.developer, 50, price_unit=80),
        )
        for line in order.order_line.filtered("psa_role_id"):
            self._work(line, 1, "2026-04-02")
        proposal = self._propose("2026-04-01", "2026-04-30").filtered(lambda one: one.order_id == order)
        found = [(part[0], part[-1]) for part in self._sections(proposal)]
        self.assertEqual([name for name, _amount in found], ["Support", "Work", "Support"])
        self.assertEqual(sum(amount for _name, amount in found), proposal.amount)

    def test_who_may_not_see_the_lines_reads_no_sums(self):
        proposal = self._propose()
        project = self.analysis.task_id.project_id
        project.write({"privacy_visibility": "followers", "user_id": False})
        project.message_unsubscribe(project.message_partner_ids.ids)
        other = self._user("other", "psa_project.group_psa_project_manager")
        self.env.invalidate_all()
        with self.assertRaisesRegex(Exception, "access"):
            proposal.with_user(other).read(["section_sums"])


@tagged("post_install", "-at_install")
class TestProposalSectionsOnScreen(SectionCase, HttpCase):
    def test_the_form_heads_lines_by_their_sections(self):
        proposal = self._propose()
        self._adjust(self.lost.psa_wip_ids, "write_off")
        proposal.line_ids.filtered(lambda line: line.sale_line_id == self.fixed).action_hold()
        build = proposal.line_ids.filtered(lambda line: line.sale_line_id == self.build)
        build.sudo().name = "Architect: design of the interfaces and guidance of the team of the client"
        reviewer = self._user("reviewer", "psa_project.group_psa_project_manager")
        path = f"/odoo/action-psa_billing.psa_billing_proposal_action_review/{proposal.id}"
        for size, tour in (
            ("1400x900", "psa_billing_sections_tour"),
            ("390x844", "psa_billing_sections_phone_tour"),
        ):
            self.browser_size = size
            self.start_tour(path, tour, login=reviewer.login)
