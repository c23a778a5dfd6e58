"""What is unusual about proposals: work that they leave out, and what was billed last time."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestLeftOut(PsaBillingCase):
    """An architect at 100.00 up to 1,000.00, a developer at 80.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._line(cls.architect, price_unit=100, cap=1000), cls._line(cls.developer, price_unit=80)
        )
        cls.architects, cls.developers = cls.order.order_line

    def _left_out(self, proposal):
        return (proposal.left_out or "").replace("\N{NO-BREAK SPACE}", " ")

    def test_each_reason_with_its_hours_and_money(self):
        """12 h, of which the cap lets 10 through; 3 h that nobody approved; 2.5 h on hold."""
        self._work(self.architects, 12)
        self._log(self.architects, 3, "2026-03-05")
        self._log(self.architects, 4, "2026-04-02")
        self._work(self.developers, 2.5).psa_wip_ids.action_hold()
        self._work(self.developers, 1)
        proposal = self._propose()
        self.assertEqual(proposal.amount, 1080)
        self.assertEqual(
            self._left_out(proposal),
            "not approved: 3.00 h / $ 300.00, on hold: 2.50 h / $ 200.00, over a cap: 2.00 h / $ 200.00",
        )
        self.assertEqual(proposal.left_out_total.replace("\N{NO-BREAK SPACE}", " "), "7.50 h / $ 700.00")
        rows = self.env["psa.hour.state"].search(proposal.action_view_left_out()["domain"])
        self.assertEqual(
            sorted(rows.mapped(lambda row: (row.state, row.hours))),
            [("held", 2.5), ("over_cap", 2), ("unapproved", 3)],
        )

    def test_nothing_is_left_out(self):
        self._work(self.architects, 5)
        self.assertFalse(self._propose().left_out)

    def test_time_in_a_role_that_was_not_sold(self):
        """Approved, and in the role of nobody's line: hours without a price."""
        self._work(self.developers, 1)
        tester = self.env["project.role"].create({"name": "Tester"})
        self._work(self.architects, 2, psa_role_id=tester.id)
        self.assertEqual(self._left_out(self._propose()), "role not sold: 2.00 h")

    def test_time_on_a_fixed_price_has_hours_only(self):
        order = self._sow(self._line(self.architect, 1, "fixed", price_unit=5000))
        self._log(order.order_line, 2)
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self.assertEqual(self._left_out(proposal), "not approved: 2.00 h")

    def test_an_invoiced_proposal_tells_nothing_more(self):
        self._work(self.architects, 5)
        self._log(self.architects, 3)
        proposal = self._propose()
        self.assertTrue(proposal.left_out)
        self._invoice(proposal)
        self.assertFalse(proposal.left_out)

    def test_last_time(self):
        """1,000.00 in March, 240.00 in April: less than half of it."""
        self._work(self.architects, 10)
        march = self._propose()
        self.assertEqual(march.last_amount, 0)
        self._invoice(march, post=True)
        self._work(self.developers, 3, "2026-04-02")
        april = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual((april.amount, april.last_amount), (240, 1000))
        april.action_cancel()
        self._work(self.developers, 1, "2026-05-04")
        may = self._propose("2026-04-01", "2026-05-31")
        self.assertEqual((may.amount, may.last_amount), (320, 1000), "what was cancelled was not billed")

    def test_the_preview_shows_both(self):
        self._work(self.architects, 10)
        self._invoice(self._propose(), post=True)
        self._work(self.developers, 3, "2026-04-02")
        self._log(self.developers, 1, "2026-04-03")
        run = self._run("2026-04-01", "2026-04-30")
        preview = self.env["psa.billing.preview"].browse(run.action_preview()["res_id"])
        self.assertEqual(preview.line_ids.last_amount, 1000)
        told = preview.line_ids.left_out_total.replace("\N{NO-BREAK SPACE}", " ")
        self.assertEqual(told, "1.00 h / $ 80.00")

    def test_a_run_shows_what_it_leaves_out_without_any_proposal(self):
        """Nothing of the second SOW is approved: it has no proposal, its hours are shown all the same."""
        other = self._sow(self._line(self.developer, price_unit=80))
        self._work(self.architects, 5)
        self._log(other.order_line, 4)
        self._log(other.order_line, 6, "2026-04-01")
        run = self._propose().run_id
        rows = self.env["psa.hour.state"].search(run.action_view_left_out()["domain"])
        self.assertEqual([(row.order_id, row.state, row.hours) for row in rows], [(other, "unapproved", 4)])

    def test_a_run_with_filters_shows_its_own_statements_of_work(self):
        other = self._sow(self._line(self.developer, price_unit=80))
        self._log(other.order_line, 4)
        self._log(self.architects, 2)
        run = self._run(order_ids=[Command.set(self.order.ids)])
        rows = self.env["psa.hour.state"].search(run.action_view_left_out()["domain"])
        self.assertEqual([(row.order_id, row.hours) for row in rows], [(self.order, 2)])

    def test_only_billing_managers_see_what_a_run_leaves_out(self):
        run = self._run()
        with self.assertRaises(AccessError):
            run.with_user(self._user("reader", "psa_project.group_psa_user")).action_view_left_out()

    def test_queries_do_not_grow_with_the_proposals(self):
        def count(orders):
            for _number in range(orders):
                order = self._sow(self._line(self.developer, price_unit=80))
                self._work(order.order_line, 2)
                self._log(order.order_line, 1)
            proposals = self._propose()
            self.env.invalidate_all()
            proposals = proposals.browse(proposals.ids)  # read together
            proposals.mapped("order_ids.name")
            counted = self._count_queries(lambda: proposals.mapped(lambda p: (p.left_out, p.last_amount)))
            proposals.action_cancel()
            return counted

        few = count(1)
        self.assertLessEqual(count(5), few)
