from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .test_adjustments import EntriesCase, ReviewCase


@tagged("post_install", "-at_install")
class TestMoveWork(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._line(cls.architect),
            cls._line(cls.developer),
            cls._line(cls.architect, 10, "fixed", price_unit=90),
        )
        cls.first, cls.second, cls.fixed = cls.order.order_line
        cls.entry = cls._work(cls.first, 2)

    def _move(self, wip, target, hours=None):
        wizard = wip.env["psa.move.work"].browse(wip.action_move()["res_id"])
        wizard.sale_line_id = target
        if hours is not None:
            wizard.hours = hours
        wizard.action_apply()

    def test_work_on_a_proposal_moves_with_its_entry(self):
        proposal = self._propose()
        self._adjust(self.entry.psa_wip_ids, "amount", amount=250)
        self._move(self.entry.psa_wip_ids.filtered(lambda part: part.state == "proposed"), self.second)
        # 2 h at 100.00 instead of 150.00; what was adjusted is taken back
        self.assert_wip(self.entry, ("proposed", 2, 2, 200))
        self.assertEqual(self.entry.so_line, self.second)
        self.assertEqual(proposal.line_ids.sale_line_id, self.second | self.fixed)
        self.assert_proposal(proposal, 1100, 0, 1100)  # with the fixed price, 10 × 90.00
        self.assert_adjustments(self.order, ("undone", "write_off", 0, 0, -50))
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(invoice.amount_untaxed, 1100)
        self.assertEqual(self.entry.timesheet_invoice_id, invoice)
        self.assert_host_figures(self.first, delivered=0, invoiced=0, amount_to_invoice=0)
        self.assert_host_figures(self.second, delivered=2, invoiced=2, amount_to_invoice=0)
        with self.assertRaisesRegex(UserError, "is billed on"):
            self._move(self.entry.psa_wip_ids, self.first)

    def test_the_line_is_asked_for_when_somebody_goes_on(self):
        form = Form(self.env["psa.move.work"].browse(self.entry.psa_wip_ids.action_move()["res_id"]))
        wizard = form.save()  # nothing is marked as missing on a dialog that has just opened
        with self.assertRaisesRegex(UserError, "Choose the line that the work goes to"):
            wizard.action_apply()
        self.assertEqual(self.entry.so_line, self.first)

    def test_held_work_stays_held_and_open_work_open(self):
        other = self._work(self.first, 1)
        self.entry.psa_wip_ids.action_hold()
        self._move((self.entry + other).psa_wip_ids, self.second)
        self.assert_wip(self.entry, ("held", 2, 2, 200))
        self.assert_wip(other, ("open", 1, 1, 100))

    def test_work_of_several_days_moves_to_the_lines_at_their_prices(self):
        row = self.card.line_ids.filtered(lambda row: row.role_id == self.developer)
        row.date_end = "2026-03-02"
        row.copy({"date_start": "2026-03-03", "date_end": False, "price": 120})
        order = self._sow(self._line(self.architect), self._line(self.developer))
        architect, developer, step = order.order_line
        for target in (developer, step):
            there = self._work(developer, 1)
            entries = there + self._work(architect, 1) + self._work(architect, 1, "2026-03-03")
            self._move(entries.psa_wip_ids, target)
            self.assertEqual(entries.mapped(lambda entry: entry.so_line.id), [developer.id] * 2 + [step.id])
            self.assertEqual(entries.mapped("psa_wip_ids.amount"), [100, 100, 120])
        # twice 2 h at 100.00 and 1 h at 120.00
        proposal = self._propose().filtered(lambda proposal: proposal.order_id == order)
        self.assertEqual(proposal.amount, 640)

    def test_work_moved_to_a_fixed_price_is_covered_and_back(self):
        self._move(self.entry.psa_wip_ids, self.fixed)
        self.assert_wip(self.entry, ("covered", 2, 0, 0))
        self._move(self.entry.psa_wip_ids, self.first)
        self.assert_wip(self.entry, ("open", 2, 2, 300))

    def test_the_choice_stays_when_the_time_is_recalled(self):
        self._move(self.entry.psa_wip_ids, self.second)
        self.entry.action_psa_recall()
        self.assertFalse(self.entry.psa_wip_ids)
        self.entry.action_psa_submit()
        self.entry.action_psa_approve()
        self.assert_wip(self.entry, ("open", 2, 2, 200))

    def test_time_that_is_recalled_and_put_on_another_sow_is_paid_there(self):
        """2 h were moved to the developer's line, 200.00; they were worked for another client, who pays
        300.00 for an architect. The first client paid 200.00 for them."""
        other = self._sow(partner_id=self.env["res.partner"].create({"name": "Other Ltd"}).id)
        self._move(self.entry.psa_wip_ids, self.second)
        self.entry.action_psa_recall()
        task = other.order_line.task_id
        self.entry.write({"project_id": task.project_id.id, "task_id": task.id})
        self.entry.action_psa_submit()
        self.entry.action_psa_approve()
        self.assert_wip(self.entry, ("open", 2, 2, 300))
        self.assertEqual(self.entry.psa_wip_ids.order_id, other)

    def test_work_stays_within_its_statement_of_work(self):
        foreign = self._sow().order_line
        with self.assertRaisesRegex(UserError, "was worked for"):
            self._move(self.entry.psa_wip_ids, foreign)
        section = self.order.order_line.sudo().create(
            {"order_id": self.order.id, "display_type": "line_section", "name": "Section"}
        )
        with self.assertRaisesRegex(UserError, "is not sold by work"):
            self._move(self.entry.psa_wip_ids, section)
        self.second.sudo().price_unit = 0
        with self.assertRaisesRegex(UserError, "has no price. Choose a line that has one"):
            self._move(self.entry.psa_wip_ids, self.second)
        self._adjust(self.entry.psa_wip_ids, "write_off")
        with self.assertRaisesRegex(UserError, "is written off"):
            self._move(self.entry.psa_wip_ids, self.first)

    def test_caps_are_consumed_on_the_new_line(self):
        self.second.sudo().psa_cap_amount = 150
        self._move(self.entry.psa_wip_ids, self.second)
        # 150.00 at 100.00: 1.5 h
        self.assert_wip(self.entry, ("open", 1.5, 1.5, 150), ("over_cap", 0.5, 0.5, 50))

    # -- parts -----------------------------------------------------------------------------

    def _split(self, wip, hours):
        wizard = wip.env["psa.split.work"].browse(wip.action_split()["res_id"])
        wizard.hours = hours
        wizard.action_apply()

    def _part(self, entry, number):
        return entry.psa_wip_ids.filtered(lambda part: part.part == number)

    def test_a_part_of_an_entry_on_a_proposal_is_moved(self):
        entry = self._work(self.first, 8, "2026-03-03")
        self._move(self.entry.psa_wip_ids, self.fixed)
        proposal = self._propose()
        self.assertEqual(proposal.amount, 2100)  # 8 h × 150.00 and the fixed 900.00
        self._move(entry.psa_wip_ids, self.second, hours=3)
        # 5 h × 150.00 stay, 3 h × 100.00 go to the developer's line
        self.assert_wip(entry, ("proposed", 5, 5, 750), ("proposed", 3, 3, 300))
        self.assertEqual(entry.so_line, self.first)
        self.assertEqual(self._part(entry, 2).sale_line_id, self.second)
        self.assertEqual(proposal.amount, 1950)
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(
            {line.sale_line_ids: line.price_subtotal for line in invoice.invoice_line_ids},
            {self.first: 750, self.second: 300, self.fixed: 900},
        )
        self.assert_host_figures(self.first, delivered=5, invoiced=5, amount_to_invoice=0)
        self.assert_host_figures(self.second, delivered=3, invoiced=3, amount_to_invoice=0)
        # the invoice gives back both parts, each to its line
        self._credit(invoice)
        self.assert_wip(entry, ("open", 5, 5, 750), ("open", 3, 3, 300))
        self.assertEqual(self._propose().amount, 1950)

    def test_a_part_moves_further_and_all_of_the_entry_back(self):
        self._move(self.entry.psa_wip_ids, self.second, hours=0.5)
        self.assert_wip(self.entry, ("open", 1.5, 1.5, 225), ("open", 0.5, 0.5, 50))
        self._move(self._part(self.entry, 2), self.fixed)
        self.assert_wip(self.entry, ("open", 1.5, 1.5, 225), ("covered", 0.5, 0, 0))
        self._move(self._part(self.entry, 2), self.second)
        self.assert_wip(self.entry, ("open", 1.5, 1.5, 225), ("open", 0.5, 0.5, 50))
        self._move(self._part(self.entry, 2), self.first, hours=2)
        self.assert_wip(self.entry, ("open", 2, 2, 300))
        self._move(self.entry.psa_wip_ids, self.second, hours=0.5)
        self.entry.action_psa_recall()
        self.entry.action_psa_submit()
        self.entry.action_psa_approve()
        self.assert_wip(self.entry, ("open", 2, 2, 300))

    def test_what_was_written_off_of_a_part_is_taken_back_when_it_moves(self):
        proposal = self._propose()
        self._adjust(self.entry.psa_wip_ids, "amount", amount=250)
        proposed = self.entry.psa_wip_ids.filtered(lambda part: part.state == "proposed")
        self._move(proposed, self.second, hours=1)
        self.assertEqual(
            self.entry.psa_wip_ids.mapped(lambda part: (part.state, part.raw_hours, part.amount)),
            [("proposed", 1, 100), ("proposed", 1, 150)],
        )
        self.assert_adjustments(self.order, ("undone", "write_off", 0, 0, -50))
        self.assertEqual(proposal.amount, 1150)  # 150.00 + 100.00 + 900.00

    def test_a_part_comes_under_the_cap_of_its_line(self):
        self.second.sudo().psa_cap_amount = 50
        self._move(self.entry.psa_wip_ids, self.second, hours=1.25)
        # 0.75 h × 150.00 stay; of 1.25 h × 100.00 half an hour is under the cap of 50.00
        self.assert_wip(
            self.entry, ("open", 0.75, 0.75, 112.5), ("open", 0.5, 0.5, 50), ("over_cap", 0.75, 0.75, 75)
        )
        self.assertEqual(self.entry.psa_wip_ids.sorted("part")[2].sale_line_id, self.second)
        self.second.sudo().psa_cap_amount = 1000
        self.assert_wip(self.entry, ("open", 0.75, 0.75, 112.5), ("open", 1.25, 1.25, 125))

    def test_waiting_work_is_split_and_a_part_held(self):
        entry = self._work(self.first, 8, "2026-03-03")
        self._split(entry.psa_wip_ids, 3)
        self.assert_wip(entry, ("open", 5, 5, 750), ("open", 3, 3, 450))
        self._part(entry, 2).action_hold()
        self.assert_wip(entry, ("open", 5, 5, 750), ("held", 3, 3, 450))
        proposal = self._propose()
        self.assertEqual(proposal.amount, 750 + 300 + 900)
        proposal.action_cancel()
        self.assert_wip(entry, ("open", 5, 5, 750), ("held", 3, 3, 450))
        self._part(entry, 2).action_release()
        self._adjust(self._part(entry, 2), "write_off")
        self.assert_wip(entry, ("open", 5, 5, 750), ("written_off", 3, 3, 450))
        self._part(entry, 2).action_undo_adjustments()
        self.assert_wip(entry, ("open", 5, 5, 750), ("open", 3, 3, 450))
        self.assert_host_figures(self.first, delivered=10, invoiced=0, amount_to_invoice=1500)

    def test_parts_keep_what_rounding_made_of_them(self):
        order = self._sow(
            self._line(self.architect),
            self._line(self.developer),
            psa_rounding_minutes="30",
            psa_rounding_scope="day",
        )
        first, second = order.order_line
        entry, other = self._work(first, 1, "2026-03-05"), self._work(first, 0.25, "2026-03-05")
        # 1.25 h of the day are 1.5 h
        self.assertEqual((entry.psa_wip_ids + other.psa_wip_ids).mapped("billable_quantity"), [1, 0.5])
        self._move(entry.psa_wip_ids, second, hours=0.5)
        self.assert_wip(entry, ("open", 0.5, 0.5, 75), ("open", 0.5, 0.5, 50))
        # 0.75 h are left of the day, one hour: half of it is settled
        self.assert_wip(other, ("open", 0.25, 0.5, 75))
        late = self._work(first, 0.5, "2026-03-05")
        # 1.25 h, 1.5 h: 0.5 settled, 1.0 for the quarter and the half of an hour
        self.assert_wip(entry, ("open", 0.5, 0.5, 75), ("open", 0.5, 0.5, 50))
        self.assertAlmostEqual(sum((other + late).psa_wip_ids.mapped("billable_quantity")), 1)

    def test_parts_have_hours_and_stay_within_the_entry(self):
        for hours in (-1, 2.5, 99):
            with self.subTest(hours=hours), self.assertRaisesRegex(UserError, "has 2 hours here"):
                self._move(self.entry.psa_wip_ids, self.second, hours=hours)
            with self.subTest(split=hours), self.assertRaisesRegex(UserError, "has 2 hours here"):
                self._split(self.entry.psa_wip_ids, hours)
        for hours in (0, 2):
            with self.assertRaisesRegex(UserError, "has 2 hours here"):
                self._split(self.entry.psa_wip_ids, hours)
        foreign = self._sow().order_line
        with self.assertRaisesRegex(UserError, "was worked for"):
            self._move(self.entry.psa_wip_ids, foreign, hours=1)
        self._split(self.entry.psa_wip_ids, 1)
        proposal = self._propose()
        proposal.action_approve()
        with self.assertRaisesRegex(UserError, "is on the proposal"):
            self._move(self._part(self.entry, 2), self.second, hours=0.5)
        self.assert_wip(self.entry, ("proposed", 1, 1, 150), ("proposed", 1, 1, 150))

    def test_only_reviewers_split_and_move_parts(self):
        project = self.first.task_id.project_id
        project.user_id = self._user("lead", "psa_project.group_psa_project_manager")
        other = self._user("other", "psa_project.group_psa_project_manager")
        wip = self.entry.psa_wip_ids
        for user in (other, self.ann.user_id):
            for model, values in (
                ("psa.split.work", {"wip_id": wip.id, "hours": 1}),
                ("psa.move.work", {"wip_ids": wip.ids, "sale_line_id": self.second.id, "hours": 1}),
            ):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).create(values).action_apply()
        self._split(wip.with_user(project.user_id), 1)
        self._move(self._part(self.entry, 2).with_user(project.user_id), self.second.with_user(self.env.user))
        self.assert_wip(self.entry, ("open", 1, 1, 150), ("open", 1, 1, 100))


@tagged("post_install", "-at_install")
class TestMoveFromTheForm(EntriesCase, HttpCase):
    def test_the_form_goes_on_with_what_became_of_the_entry_and_the_list_stays(self):
        change = self._change_order()
        entry = self._work(self.line, 3, "2026-03-05", name="Moved one")
        before = entry.psa_wip_ids
        reviewer = self._user("reviewer", "psa_project.group_psa_project_manager")
        path = "/odoo/action-psa_billing.psa_wip_entry_action"
        self.start_tour(path, "psa_billing_move_tour", login=reviewer.login)
        self.env.invalidate_all()
        self.assertFalse(before.exists())
        self.assertEqual(entry.so_line, change.order_line.filtered("psa_role_id"))
        self.assert_wip(entry, ("open", 3, 3, 450))
