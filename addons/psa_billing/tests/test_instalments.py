from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import PsaBillingCase


class PsaInstalmentCase(PsaBillingCase):
    @classmethod
    def _planned(cls, *parts, quantity=1, price=10000, discount=0, confirm=True, **values):
        """A SOW with one fixed line and its plan; ``parts``: (percent, date or completion)."""
        fixed = cls._line(cls.architect, quantity, "fixed", price_unit=price, discount=discount)
        order = cls._sow(fixed, confirm=False, **values)
        order.psa_instalment_ids = [
            Command.create(cls._part(order.order_line, number, percent, due))
            for number, (percent, due) in enumerate(parts)
        ]
        if confirm:
            order.sudo().action_confirm()
        return order

    @classmethod
    def _part(cls, line, number, percent, due):
        by_date = "-" in due
        return {
            "sale_line_id": line.id,
            "sequence": number,
            "name": f"Part {number + 1}",
            "percent": percent,
            "due_by": "date" if by_date else "completion",
            "date" if by_date else "completion": due,
        }


@tagged("post_install", "-at_install")
class TestInstalments(PsaInstalmentCase):
    """A fixed price of 10,000.00 that is billed by a plan."""

    def test_instalments_are_billed_by_the_run_of_their_day(self):
        order = self._planned((30, "2026-03-01"), (70, "2026-05-31"))
        self.assertEqual(order.psa_instalment_ids.mapped("amount"), [3000, 7000])
        self.assertFalse(self._propose("2026-02-01", "2026-02-28"))
        proposal = self._propose()
        self.assertEqual((proposal.amount, proposal.line_ids.quantity), (3000, 0.3))
        self.assertFalse(self._propose())  # proposed already
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(invoice.amount_untaxed, 3000)
        self.assert_host_figures(order.order_line, delivered=0, invoiced=0.3, amount_to_invoice=7000)
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))
        self.assertEqual(
            self._invoice(self._propose("2026-05-01", "2026-05-31"), post=True).amount_untaxed, 7000
        )
        self.assert_host_figures(order.order_line, delivered=0, invoiced=1, amount_to_invoice=0)
        self.assertFalse(self._propose("2026-06-01", "2026-06-30"))

    def test_a_plan_is_typed_row_by_row_on_the_form_of_the_statement_of_work(self):
        order = self._sow(
            self._line(self.architect, 1, "fixed", price_unit=1000),
            self._line(self.developer),
            confirm=False,
        )
        seller = self._user("seller", "sales_team.group_sale_salesman_all_leads")
        with Form(order.with_user(seller)) as form:
            for name, percent, amount in (("On signature", 33.335, 333.35), ("Then", 66.665, 666.65)):
                with form.psa_instalment_ids.new() as row:
                    self.assertEqual(row.amount, 0)  # neither line nor share yet
                    row.name, row.date = name, "2026-03-01"
                    row.sale_line_id = order.order_line[0]
                    row.percent = percent
                    self.assertEqual(row.amount, amount)
        # 333.35 and the rest of 1,000.00
        self.assertEqual(order.psa_instalment_ids.mapped("amount"), [333.35, 666.65])

    def test_what_was_not_billed_in_its_month_comes_with_the_next(self):
        self._planned((30, "2026-03-01"), (30, "2026-04-01"), (40, "2026-06-30"))
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 6000)

    def test_thirds_are_billed_to_the_cent(self):
        order = self._planned((33.33, "2026-03-01"), (33.33, "2026-04-01"), (33.34, "2026-05-01"), price=1000)
        line = order.order_line
        amounts = []
        for month in ("03", "04", "05"):
            invoice = self._invoice(self._propose(f"2026-{month}-01", f"2026-{month}-28"), post=True)
            amounts.append(invoice.amount_untaxed)
        # 0.33 × 1,000.00 + 3.30, the same, and 0.34 × 1,000.00 − 6.60
        self.assertEqual(amounts, [333.3, 333.3, 333.4])
        self.assert_host_figures(line, delivered=0, invoiced=1, amount_to_invoice=0)
        adjustments = order.order_line.filtered("psa_adjusts_line_id")
        self.assertEqual(adjustments.mapped("price_unit"), [3.3, 3.3, -6.6])

    def test_roundings_of_the_parts_do_not_exceed_the_price(self):
        # 30 % of 9,999.99 are 2,999.997: 3,000.00, and again; the last one is 3,999.99, not 4,000.00
        order = self._planned((30, "2026-03-01"), (30, "2026-04-01"), (40, "2026-05-01"), price=9999.99)
        self.assertEqual(order.psa_instalment_ids.mapped("amount"), [3000, 3000, 3999.99])
        invoices = [
            self._invoice(self._propose(f"2026-0{month}-01", f"2026-0{month}-28"), post=True)
            for month in (3, 4, 5)
        ]
        self.assertEqual([invoice.amount_untaxed for invoice in invoices], [3000, 3000, 3999.99])
        self.assertFalse(self._propose("2026-06-01", "2026-06-30"))
        self._credit(invoices[1])
        again = self._invoice(self._propose("2026-06-01", "2026-06-30"), post=True)
        self.assertEqual(again.amount_untaxed, 3000)
        self._credit(invoices[2])
        again = self._invoice(self._propose("2026-06-01", "2026-06-30"), post=True)
        self.assertEqual(again.amount_untaxed, 3999.99)

    def test_roundings_of_milestones_do_not_exceed_the_price(self):
        order = self._sow(self._line(self.developer, 1, "milestone", price_unit=9999.99))
        first = order._psa_project().milestone_ids
        first.quantity_percentage = 0.3
        milestones = [
            first,
            *(
                first.copy({"quantity_percentage": share, "sale_line_id": first.sale_line_id.id})
                for share in (0.3, 0.4)
            ),
        ]
        amounts = []
        for milestone in milestones:
            milestone.is_reached = True
            proposal = self._propose()
            amounts.append((proposal.amount, self._invoice(proposal, post=True).amount_untaxed))
        # 3,000.00 twice for 2,999.997, and the rest of 9,999.99
        self.assertEqual(amounts, [(3000, 3000), (3000, 3000), (3999.99, 3999.99)])
        self.assertFalse(self._propose())
        self.assert_host_figures(order.order_line[0], delivered=1, invoiced=1, amount_to_invoice=-0.01)

    def test_half_is_due_when_half_of_the_hours_are_spent(self):
        order = self._planned((50, "50"), (50, "100"), psa_date_start="2026-03-01")
        task = order.order_line.task_id
        task.allocated_hours = 40
        self._work(order.order_line, 19)
        self.assertFalse(self._propose())
        self._work(order.order_line, 1)
        self.assertEqual(order.order_line._psa_completion(), 50)
        self._invoice(self._propose(), post=True)
        # however many hours are spent: all of it is done when the work is
        self._work(order.order_line, 40)
        self.assertEqual(order.order_line._psa_completion(), 99)
        self.assertFalse(self._propose())
        task.project_id.task_ids.state = "1_done"
        proposal = self._propose()
        self.assertEqual(proposal.amount, 5000)
        # a task that is opened again takes back no proposal
        task.state = "01_in_progress"
        self.assertFalse(self._propose())

    def test_the_phase_of_the_line_says_how_much_is_done(self):
        order = self._planned((100, "100"))
        phase = self.env["psa.phase"].create(
            {"name": "Build", "project_id": order.order_line.task_id.project_id.id, "budget_hours": 10}
        )
        order.order_line.sudo().psa_phase_id = phase
        order.order_line.task_id.psa_phase_id = phase
        self._work(order.order_line, 5)
        self.assertEqual(order.order_line._psa_completion(), 50)
        phase.state = "done"
        self.assertEqual(self._propose().amount, 10000)

    def test_work_on_a_task_that_is_archived_was_done(self):
        """40 of 80 hours are; the task that is done left the board."""
        order = self._planned((50, "50"), (50, "100"))
        task = order.order_line.task_id
        task.allocated_hours = 40
        task.copy({"name": "Second half", "allocated_hours": 40})
        self._work(order.order_line, 40)
        self.assertEqual(order.order_line._psa_completion(), 50)
        task.write({"state": "1_done", "active": False})
        self.assertEqual(order.order_line._psa_completion(), 50)
        self.assertEqual(self._propose().amount, 5000)

    def test_the_project_manager_says_that_one_is_reached(self):
        order = self._planned((50, "2026-12-31"), (50, "100"))
        manager = self._user("lead", "psa_project.group_psa_project_manager")
        order.psa_instalment_ids[1].with_user(manager).action_reached()
        self.assertEqual(self._propose().amount, 5000)
        consultant = self._user("consultant", "psa_project.group_psa_user")
        with self.assertRaises(AccessError):
            order.psa_instalment_ids[0].with_user(consultant).action_reached()

    def test_a_credited_instalment_is_due_again(self):
        order = self._planned((50, "2026-03-01"), (50, "2026-12-31"))
        self._credit(self._invoice(self._propose(), post=True))
        self.assert_host_figures(order.order_line, delivered=0, invoiced=0, amount_to_invoice=10000)
        self.assertEqual(self._propose().amount, 5000)

    def test_a_held_instalment_is_not_proposed_beside_itself(self):
        self._planned((50, "2026-03-01"), (50, "2026-12-31"))
        proposal = self._propose()
        proposal.line_ids.action_hold()
        self.assertFalse(self._propose())

    def test_a_plan_makes_up_the_whole(self):
        with self.assertRaisesRegex(ValidationError, "make up 90 %, not 100 %"):
            self._planned((50, "2026-03-01"), (40, "2026-04-01"))

    def test_a_plan_is_for_fixed_prices(self):
        order = self._sow(confirm=False)
        with self.assertRaisesRegex(ValidationError, "is no fixed price of"):
            order.psa_instalment_ids = [Command.create(self._part(order.order_line, 0, 100, "2026-03-01"))]

    def test_a_signed_plan_stays(self):
        order = self._planned((50, "2026-03-01"), (50, "2026-04-01"))
        for change in (
            lambda: order.psa_instalment_ids[0].write({"date": "2026-02-01"}),
            lambda: order.psa_instalment_ids[0].write({"is_reached": True}),
            lambda: order.psa_instalment_ids.unlink(),
            lambda: order.psa_instalment_ids.create(
                {**self._part(order.order_line, 2, 1, "50"), "order_id": order.id}
            ),
        ):
            with self.assertRaisesRegex(UserError, "is signed. Its instalments cannot be changed"):
                change()

    def test_strangers_write_no_plans(self):
        order = self._planned((100, "2026-03-01"), confirm=False)
        manager = self._user("lead", "psa_project.group_psa_project_manager")
        with self.assertRaises(AccessError):
            order.psa_instalment_ids.with_user(manager).write({"percent": 50})

    def test_a_price_without_plan_is_billed_at_once(self):
        self._sow(self._line(self.architect, 1, "fixed", price_unit=10000))
        self.assertEqual(self._propose().amount, 10000)

    def test_what_the_review_took_off_an_instalment_is_not_billed_with_the_next(self):
        # 5,000.00 less 100.00 of goodwill, then the other 5,000.00
        self._planned((50, "2026-03-01"), (50, "2026-04-01"))
        first = self._propose()
        first.sudo().line_ids._psa_bill_amount(4900, self.env.ref("psa_billing.reason_goodwill"))
        self.assertEqual(self._invoice(first, post=True).amount_untaxed, 4900)
        second = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual((second.amount, second.worked_amount), (5000, 5000))
        self.assertEqual(self._invoice(second, post=True).amount_untaxed, 5000)
        self.assertFalse(self._propose("2026-05-01", "2026-05-31"))

    def test_what_the_review_added_is_not_taken_off_the_next_instalment(self):
        # 5,000.00 and 250.00 for travel that was agreed on the phone, then the other 5,000.00
        order = self._planned((50, "2026-03-01"), (50, "2026-04-01"))
        first = self._propose()
        reason = self.env.ref("psa_billing.reason_goodwill")
        first.sudo()._psa_add_line("Travel", 250, order.order_line[0], reason)
        self.assertEqual(self._invoice(first, post=True).amount_untaxed, 5250)
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 5000)

    def test_a_concession_on_a_posted_instalment_is_not_billed_with_the_next(self):
        # 5,000.00 are billed; a credit note at another price takes 200.00 off and no units back
        self._planned((50, "2026-03-01"), (50, "2026-04-01"))
        invoice = self._invoice(self._propose(), post=True)
        note = self._draft_credit(invoice)
        note.invoice_line_ids.filtered("sale_line_ids").write({"quantity": 1, "price_unit": 200})
        note.action_post()
        self.assertEqual(note.amount_untaxed, 200)
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 5000)

    def _pieces(self, **values):
        """Three pieces at 777.77, 2,333.31, in 30, 30 and 40 %: 699.99, 699.99 and 933.33."""
        plan = (30, "2026-03-15"), (30, "2026-04-15"), (40, "2026-05-15")
        return self._planned(*plan, quantity=3, price=777.77, **values)

    def test_what_a_part_of_an_instalment_was_credited_with_is_billed_again_to_the_cent(self):
        order = self._pieces()
        # 0.89 x 777.77 = 692.22, and 7.77 beside it
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 699.99)
        wizard = self.env["psa.credit.work"].with_context(default_move_id=invoice.id).create({})
        wizard.line_ids.quantity = 0.3
        note = self.env["account.move"].browse(wizard.action_credit()["res_id"])
        note.action_post()
        # 233.331: 692.22 - 233.33 + 7.77 = 466.66 are left on the invoice, not 0.59 x 777.77 + 7.77 = 466.65
        self.assertEqual(note.amount_untaxed, 233.33)
        rest = self._propose("2026-05-01", "2026-05-31")
        self.assertEqual((rest.line_ids.quantity, rest.amount), (2.41, 1866.65))
        self.assertEqual(self._invoice(rest, post=True).amount_untaxed, 1866.65)
        # the host does not count the 7.77 and -7.78 beside it: 692.22 - 233.33 + 1,874.43
        self.assert_host_figures(order.order_line[0], delivered=0, invoiced=3, amount_to_invoice=-0.01)

    def test_what_the_review_took_off_a_draft_stays_when_the_next_instalment_joins_it(self):
        # 3,000.00 less 100.00 of goodwill, then 3,000.00 more are reached and come on the same draft
        order = self._planned((30, "2026-03-01"), (30, "50"), (40, "100"))
        draft = self._propose()
        draft.sudo().line_ids._psa_bill_amount(2900, self.env.ref("psa_billing.reason_goodwill"))
        order.psa_instalment_ids[1].action_reached()
        draft.run_id.action_make_proposals()
        self.assertEqual(draft.run_id.proposal_ids, draft)
        self.assertEqual((draft.line_ids.quantity, draft.amount, draft.worked_amount), (0.6, 5900, 6000))
        self.assertEqual(self._invoice(draft, post=True).amount_untaxed, 5900)

    def test_instalments_that_two_clients_pay_are_billed_to_the_cent(self):
        fund = self.env["res.partner"].create({"name": "Fund"})
        shares = ((self.client, 33.33), (fund, 66.67))
        self._pieces(
            psa_payer_ids=[Command.create({"partner_id": one.id, "share": share}) for one, share in shares]
        )
        # 0.30 and 0.59 x 777.77 are 233.33 and 458.88; of 699.99 are 233.31 and 466.68: -0.02 and 7.80 beside
        # them. 0.89 x 777.77 and 7.78 would be 700.00. 33.33 % of 1,399.98 are 466.61, of 2,333.31 777.69.
        billed = []
        for month, amount in (("03", 699.99), ("04", 699.99), ("05", 933.33)):
            proposal = self._propose(f"2026-{month}-01", f"2026-{month}-28")
            self.assertEqual(proposal.amount, amount)
            self._invoice(proposal)
            billed += proposal.invoice_ids.sorted("amount_untaxed").mapped("amount_untaxed")
        self.assertEqual(billed, [233.31, 466.68, 233.3, 466.69, 311.08, 622.25])

    # -- change orders ---------------------------------------------------------------------

    def _months(self, *months):
        """What the runs of these months of 2026 bill."""
        billed = []
        for month in months:
            day = date(2026, month, 1)
            proposal = self._propose(day, day + relativedelta(day=31))
            if proposal and not proposal.amount:
                proposal.action_cancel()  # what comes to nothing waits
                billed.append(0)
            else:
                billed.append(self._invoice(proposal, post=True).amount_untaxed_signed if proposal else 0)
        return billed

    def test_what_a_change_order_takes_off_is_deducted_by_the_plan(self):
        """10,000.00 in halves of March and May; 4,000.00 less are 3,000.00 each."""
        order = self._planned((50, "2026-03-15"), (50, "2026-05-15"))
        self._change_order(order, self._amend(order.order_line, -0.4))
        self.assertEqual(self._months(3, 4, 5, 6), [3000, 0, 3000, 0])

    def test_what_was_billed_too_much_of_an_instalment_goes_back(self):
        """5,000.00 are billed, half of 6,000.00 is 3,000.00: 2,000.00 go back, the rest is billed in May."""
        order = self._planned((50, "2026-03-15"), (50, "2026-05-15"))
        self.assertEqual(self._months(3), [5000])
        self._change_order(order, self._amend(order.order_line, -0.4))
        self.assertEqual(self._months(4, 5, 6), [-2000, 3000, 0])

    def test_what_a_change_order_adds_is_billed_by_the_plan(self):
        """2,500.01 more in three parts of 33.33, 33.33 and 33.34 %: 833.25, 833.25 and the rest."""
        order = self._planned((33.33, "2026-03-15"), (33.33, "2026-05-15"), (33.34, "2026-06-15"))
        self._change_order(order, self._amend(order.order_line, 1, price_unit=2500.01))
        self.assertEqual(self._months(3, 4, 5, 6, 7), [3333 + 833.25, 0, 3333 + 833.25, 3334 + 833.51, 0])

    def test_the_forecast_knows_by_which_plan_a_change_order_is_billed(self):
        """10,000.00 and 2,000.00 more, in halves."""
        order = self._planned((50, "2031-03-15"), (50, "2031-05-15"))
        self._change_order(order, self._amend(order.order_line, 1, price_unit=2000))
        self.env.flush_all()
        rows = self.env["psa.billing.forecast"].search([("order_id", "=", order.id)])
        found = {}
        for row in rows:
            found[str(row.date)] = found.get(str(row.date), 0) + row.amount
        self.assertEqual(found, {"2031-03-15": 6000, "2031-05-15": 6000})

    def test_a_price_that_is_sold_anew_by_a_plan_of_its_own(self):
        """The change order takes all 10,000.00 off, and sells 10,000.00 that are due in June."""
        order = self._planned((50, "2026-03-15"), (50, "2026-05-15"))
        change = self.env["sale.order"].browse(order.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "Later",
                "psa_requested_by_id": self.client.id,
                "order_line": [
                    self._amend(order.order_line, -1),
                    self._line(self.architect, 1, "fixed", price_unit=10000),
                ],
            }
        )
        with Form(change, view="psa_contracts.change_order_form") as form:
            with form.psa_instalment_ids.new() as row:
                row.name, row.date, row.percent = "All", "2026-06-15", 100
                row.sale_line_id = change.order_line[1]
                self.assertEqual(row.amount, 10000)
        change.sudo().action_confirm()
        self.assertEqual(self._months(5, 6, 7), [0, 10000, 0])
