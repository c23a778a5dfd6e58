"""Re-rating where prices come from more than a card: payers, change orders, days, rounding.

What the preview shows is what comes of it, to the cent: each test compares both (``_rerate``).
"""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_rerate import RerateCase


@tagged("post_install", "-at_install")
class TestRerateTerms(RerateCase):
    """Ann's 150.00 an hour become another price after her work was approved."""

    # -- several payers --------------------------------------------------------------------

    def test_work_that_several_pay(self):
        order = self._shared(self._line(self.architect))
        entry = self._work(order.order_line, 1)
        self._change_card(165.25)
        self.assertEqual(self._rerate(order), [("ann", 1, 150, 165.25, 15.25)])
        self.assert_wip(entry, ("open", 1, 1, 165.25))
        self._invoice(self._propose())
        # 33.33 % of 165.25 are 55.08
        self.assertEqual(sorted(entry.psa_wip_ids.mapped("amount")), [55.08, 110.17])

    def test_shares_that_came_back_sum_to_the_new_price(self):
        self._change_card(150.5)
        order = self._shared(self._line(self.architect))
        entry = self._work(order.order_line, 1)
        self._invoice(self._propose())
        # 33.33 % of 150.50: 0.33 h and 50.16; 0.67 h and 100.34
        entry.psa_wip_ids.invoice_id.unlink()
        self.assertEqual(sorted(entry.psa_wip_ids.mapped("amount")), [50.16, 100.34])
        self._change_card(165.25)
        self.assertEqual(self._rerate(order), [("ann", 1, 150.5, 165.25, 14.75)])
        parts = entry.psa_wip_ids.sorted("amount")
        self.assertEqual(parts.payer_id, self.client | self.fund)
        self.assertEqual(
            [(part.billable_quantity, part.amount, part.remainder) for part in parts],
            [(0.33, 55.08, 0.55), (0.67, 110.17, -0.55)],
        )
        proposal = self._propose()
        self.assertEqual(proposal.amount, 165.25)
        self._invoice(proposal)
        self.assertEqual(sorted(proposal.invoice_ids.mapped("amount_untaxed")), [55.08, 110.17])

    def test_a_share_that_somebody_was_billed_keeps_the_price_of_the_rest(self):
        order = self._shared(self._line(self.architect))
        entry = self._work(order.order_line, 1)
        invoices = self._invoice(self._propose()) and entry.psa_wip_ids.invoice_id
        invoices.filtered(lambda move: move.psa_payer_id == self.fund).unlink()
        self._change_card(165)
        # 66.67 % of 1 h wait
        self._kept(order, "One of the paying clients has been billed", (0.67, 150))
        with self.assertRaisesRegex(UserError, "nothing to re-rate"):
            self._preview(order).action_apply()
        self.assertEqual(sorted(entry.psa_wip_ids.mapped("amount")), [50, 100])

    # -- change orders ---------------------------------------------------------------------

    def _reprice(self, order, price, day, number=0):
        change = self.env["sale.order"].browse(order.action_psa_change_order()["res_id"])
        change.write({"psa_change_reason": "New rates", "psa_requested_by_id": self.client.id})
        context = change.action_psa_change_lines()["context"]
        form = Form(self.env["psa.change.lines"].with_context(**context))
        form.effective_date = day
        with form.line_ids.edit(number) as row:
            row.new_price = price
        form.save().action_apply()
        change.sudo().action_confirm()
        return change

    def test_a_change_order_that_changes_the_price_from_a_day(self):
        order = self._sow(self._line(self.architect))
        head = order.order_line
        before, after = self._work(head, 3, "2026-03-13"), self._work(head, 2, "2026-03-16")
        change = self._reprice(order, 160, "2026-03-16")
        self.assert_wip(after, ("open", 2, 2, 300))  # nothing changes by itself
        self.assertEqual(self._rerate(order), [("ann", 2, 150, 160, 20)])
        self.assert_wip(before, ("open", 3, 3, 450))
        self.assert_wip(after, ("open", 2, 2, 320))
        self.assertEqual(after.so_line.order_id, change)
        self.assertEqual(self._invoice(self._propose()).amount_untaxed, 770)

    def test_the_preview_says_from_which_day_as_its_reader_writes_days(self):
        self.env["res.lang"]._activate_lang("de_DE")
        order = self._sow(self._line(self.architect))
        self._work(order.order_line, 2, "2026-03-17")
        change = self._reprice(order, 160, "2026-03-16")
        german = self.env(context={**self.env.context, "lang": "de_DE"})
        wizard = german["psa.rerate"].create({"company_id": self.company.id, "order_ids": order})
        wizard.action_preview()
        self.assertEqual(wizard.line_ids.reason, f"{change.name}, from 16.03.2026")

    def test_a_discount_that_a_change_order_agrees_from_a_day(self):
        """10 h at 150.00 less 10 % from the 16th: 2 h that were rated at 150.00 come to 270.00, as time
        does that is approved from then on."""
        order = self._sow(self._line(self.architect))
        head = order.order_line
        before, after = self._work(head, 3, "2026-03-13"), self._work(head, 2, "2026-03-16")
        self._change_order(
            order, self._amend(head, 10, price_unit=150, discount=10), psa_effective_date="2026-03-16"
        )
        late = self._work(head, 1, "2026-03-17")
        self.assert_wip(late, ("open", 1, 1, 135))
        self.assertEqual(self._rerate(order), [("ann", 2, 150, 135, -30)])
        self.assert_wip(before, ("open", 3, 3, 450))
        self.assert_wip(after, ("open", 2, 2, 270))

    def test_the_card_is_no_matter_of_work_after_such_a_change_order(self):
        order = self._sow(self._line(self.architect))
        head = order.order_line
        before, after = self._work(head, 3, "2026-03-13"), self._work(head, 2, "2026-03-16")
        self._reprice(order, 160, "2026-03-16")
        self._change_card(170)
        self.assertEqual(sorted(self._rerate(order)), [("ann", 2, 150, 160, 20), ("ann", 3, 150, 170, 60)])
        self.assert_wip(before, ("open", 3, 3, 510))
        self.assert_wip(after, ("open", 2, 2, 320))

    def test_a_second_change_order_changes_the_price_again(self):
        order = self._sow(self._line(self.architect, price_unit=140))
        head = order.order_line
        entries = [self._work(head, 1, f"2026-03-{day}") for day in ("02", "16", "30")]
        self._reprice(order, 160, "2026-03-09")
        self._reprice(order, 155, "2026-03-23")
        self.assertEqual(sorted(self._rerate(order)), [("ann", 1, 140, 155, 15), ("ann", 1, 140, 160, 20)])
        self.assertEqual([entry.psa_wip_ids.amount for entry in entries], [140, 160, 155])
        # the same price as before from a third day on: back to the line that was signed
        self._reprice(order, 140, "2026-03-25")
        self.assertEqual(self._rerate(order), [("ann", 1, 155, 140, -15)])

    def test_a_price_of_a_change_order_under_a_cap(self):
        order = self._sow(self._line(self.architect, cap=1000))
        entry = self._work(order.order_line, 8, "2026-03-16")
        self._reprice(order, 133.33, "2026-03-16")
        # 8 h x 133.33 = 1,066.64
        self.assertEqual(self._rerate(order), [("ann", 8, 150, 133.33, -133.36)])
        # 1,000.00 / 133.33 = 7.50 h are 999.98
        self.assert_wip(entry, ("open", 7.5, 7.5, 1000), ("over_cap", 0.5, 0.5, 66.64))

    # -- units, rounding, what is settled --------------------------------------------------

    def test_a_price_a_day_of_odd_hours(self):
        order = self._sow(self._line(self.architect))
        entry, other = self._work(order.order_line, 0.33), self._work(order.order_line, 7.7, "2026-03-03")
        self._change_card(1000, unit="day")
        # 0.33 h are 0.04 days: 40.00 for 49.50; 7.7 h are 0.96 days: 960.00 for 1,155.00
        self.assertEqual(self._rerate(order), [("ann", 8.03, 150, 1000, -204.5)])
        self.assert_wip(entry, ("open", 0.33, 0.04, 40))
        self.assert_wip(other, ("open", 7.7, 0.96, 960))
        # and back: the hours are those that were worked
        self._change_card(160)
        self.assertEqual(self._rerate(order), [("ann", 8.03, 1000, 160, 284.8)])
        self.assert_wip(entry, ("open", 0.33, 0.33, 52.8))

    def test_what_is_written_off_in_part_keeps_its_price(self):
        order = self._sow(self._line(self.architect, cap=750))
        other, entry = self._work(order.order_line, 1), self._work(order.order_line, 6, "2026-03-03")
        # 750.00: 1 h and 4 h are within the cap; the 2 h over it are written off
        over = entry.psa_wip_ids.filtered(lambda part: part.state == "over_cap")
        dialog = self.env["psa.adjust.work"].browse(over.action_adjust()["res_id"])
        dialog.how = "write_off"
        dialog.action_apply()
        self._change_card(100)
        self._kept(order, "A part of the entry is billed, written off or on a proposal", (4, 150))
        self.assertEqual(self._rerate_rest(order), [("ann", 1, 150, 100, -50)])
        self.assert_wip(entry, ("open", 4, 4, 600), ("written_off", 2, 2, 300))
        self.assert_wip(other, ("open", 1, 1, 100))

    def test_what_waits_beside_a_part_that_was_billed_keeps_its_price(self):
        order = self._sow(self._line(self.architect, cap=750))
        entry = self._work(order.order_line, 6)
        self._invoice(self._propose(), post=True)
        # 5 h x 150.00 are billed, 1 h is over the cap, also where a day is the unit of the new price
        for unit, price in (("hour", 165), ("day", 1000)):
            self._change_card(price, unit=unit)
            self._kept(order, "A part of the entry is billed", (1, 150))
        with self.assertRaisesRegex(UserError, "nothing to re-rate"):
            self._preview(order).action_apply()
        self.assert_wip(entry, ("billed", 5, 5, 750), ("over_cap", 1, 1, 150))
        # another role's work, and work from another day on, is not asked for
        self.assertFalse(self._preview(order, role_ids=self.developer).line_ids)
        self.assertFalse(self._preview(order, date_from="2026-03-03").line_ids)
        self._change_card(150)
        self.assertFalse(self._preview(order).line_ids)

    def test_what_somebody_split_off_keeps_its_price_with_the_rest(self):
        order = self._sow(self._line(self.architect))
        entry = self._work(order.order_line, 6)
        entry.psa_wip_ids.sudo()._psa_split_waiting(2)
        self._change_card(165)
        self._kept(order, "was split off or moved", (6, 150))
        self.assert_wip(entry, ("open", 4, 4, 600), ("open", 2, 2, 300))

    def test_all_hours_of_an_entry_that_moved_to_another_line_stay_there(self):
        order = self._sow(self._line(self.architect), self._line(self.developer))
        architect, developer = order.order_line
        entry = self._work(developer, 2)
        entry.psa_wip_ids.sudo()._psa_move_part(2, architect)
        self._work(architect, 1)
        self._change_card(165)
        self._kept(order, "was split off or moved", (2, 150))
        self.assertEqual(self._rerate_rest(order), [("ann", 1, 150, 165, 15)])
        self.assert_wip(entry, ("open", 2, 2, 300))

    def test_an_entry_that_keeps_its_price_is_no_part_of_the_note(self):
        order = self._sow(self._line(self.architect, cap=750))
        self._work(order.order_line, 6)
        self._invoice(self._propose(), post=True)
        order.order_line.sudo().psa_cap_amount = 0
        self._work(order.order_line, 1, "2026-03-03")
        self._change_card(165)
        self._kept(order, "A part of the entry is billed", (1, 150))
        self.assertEqual(self._rerate_rest(order), [("ann", 1, 150, 165, 15)])
        self.assertIn("1 h from", str(order.message_ids[0].body))
        self.assertNotIn("2 h", str(order.message_ids[0].body))

    def test_an_entry_in_parts_is_rounded_once(self):
        order = self._sow(self._line(self.architect, cap=500))
        entry = self._work(order.order_line, 4.15)
        # 3.33 h and 0.50 are 500.00, 0.82 h are over
        self.assert_wip(entry, ("open", 3.33, 3.33, 500), ("over_cap", 0.82, 0.82, 122.5))
        self._change_card(127.77)
        # 4.15 h x 127.77 = 530.2455 (3.33 h and 0.82 h apart would be 425.47 and 104.77)
        self.assertEqual(self._rerate(order), [("ann", 4.15, 150, 127.77, -92.25)])
        self.assert_wip(entry, ("open", 3.91, 3.91, 500), ("over_cap", 0.24, 0.24, 30.25))

    # -- what moves to no other line -------------------------------------------------------

    def test_work_whose_task_went_to_another_project_keeps_its_price(self):
        order, other = self._sow(self._line(self.architect)), self._sow(self._line(self.architect))
        task = order.order_line.task_id.copy({"sale_line_id": order.order_line.id})
        moved = self._work(order.order_line, 2, task_id=task.id)
        stays = self._work(order.order_line, 1)
        target = other.order_line
        task.write({"project_id": target.task_id.project_id.id, "sale_line_id": target.id})
        self._change_card(165)
        self._kept(order, "no more: recall the time", (2, 150))
        # 1 h x 15.00 only
        self.assertEqual(self._rerate_rest(order), [("ann", 1, 150, 165, 15)])
        self.assert_wip(moved, ("open", 2, 2, 300))
        self.assert_wip(stays, ("open", 1, 1, 165))
        with self.assertRaisesRegex(UserError, "nothing to re-rate"):
            self._preview(order).action_apply()
        # the way out: it is approved where it belongs, at the price of today
        moved.action_psa_recall()
        moved.action_psa_submit()
        moved.action_psa_approve()
        self.assertEqual(moved.psa_wip_ids.order_id, other)
        self.assert_wip(moved, ("open", 2, 2, 330))

    def test_work_whose_task_pays_for_no_statement_of_work_keeps_its_price(self):
        order = self._sow(self._line(self.architect))
        stock = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [Command.create({"product_id": self.architect.psa_time_product_id.id})],
            }
        )
        stock.action_confirm()
        task = order.order_line.task_id.copy({"sale_line_id": order.order_line.id})
        moved = self._work(order.order_line, 2, task_id=task.id)
        task.sale_line_id = stock.order_line
        self._change_card(1000, unit="day")
        self._kept(order, "no more: recall the time", (2, 150))
        with self.assertRaisesRegex(UserError, "nothing to re-rate"):
            self._preview(order).action_apply()
        self.assert_wip(moved, ("open", 2, 2, 300))

    def test_work_of_a_change_order_is_work_of_its_statement(self):
        order = self._sow(self._line(self.architect))
        change = self._reprice(order, 160, "2026-03-16")
        task = order.order_line.task_id.copy({"sale_line_id": change.order_line[-1].id})
        entry = self._work(order.order_line, 2, task_id=task.id)
        self.assertEqual(entry.psa_wip_ids.unit_price, 150)
        self._change_card(170)
        self._kept(order, "")
        self.assertEqual(self._rerate(order), [("ann", 2, 150, 170, 40)])

    def test_work_on_a_line_that_somebody_chose_keeps_its_price(self):
        order = self._sow(self._line(self.architect))
        chosen = self._log(order.order_line, 2)
        chosen.write({"so_line": order.order_line.id, "is_so_line_edited": True})
        chosen.action_psa_approve()
        self._work(order.order_line, 1)
        self._change_card(165)
        self._kept(order, "Somebody chose this line", (2, 150))
        self.assertEqual(self._rerate_rest(order), [("ann", 1, 150, 165, 15)])
        self.assert_wip(chosen, ("open", 2, 2, 300))

    # -- who may ---------------------------------------------------------------------------

    def test_work_of_other_companies_and_previews_of_others_stay_hidden(self):
        order = self._sow(self._line(self.architect))
        self._work(order.order_line, 1)
        self._change_card(165)
        mine = self._preview(order)
        manager = self._user("other", "psa_billing.group_psa_billing_manager")
        with self.assertRaises(AccessError):
            mine.with_user(manager).read(["state"])
        with self.assertRaises(AccessError):
            mine.line_ids.with_user(manager).read(["difference"])
        self.assertFalse(self.env["psa.rerate.line"].with_user(manager).search([]))
        elsewhere = self.setup_other_company()["company"]
        manager.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        theirs = self.env["psa.rerate"].with_user(manager).create({"company_id": self.company.id})
        for method in ("action_preview", "action_apply"):
            with self.assertRaises(AccessError):
                getattr(theirs, method)()
