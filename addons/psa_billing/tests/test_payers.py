"""Several payers under a cap, with corrections and milestones; the story of three payers is in /tests."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PsaBillingCase


class PayersCase(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fund = cls.env["res.partner"].create({"name": "Fund"})

    def _shared(self, *lines, shares=(50, 50), **values):
        return self._sow(
            *lines,
            **values,
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(zip(self.client | self.fund, shares, strict=True))
            ],
        )

    def _billed(self, proposals):
        self._invoice(proposals)
        return {
            move.psa_payer_id: move
            for move in proposals.invoice_ids.sorted(lambda move: move.psa_payer_id.id)
        }


@tagged("post_install", "-at_install")
class TestPayers(PayersCase):
    def test_a_freed_share_of_capped_work_keeps_its_cents_and_its_room(self):
        # 8 h x 150.00 up to 1,000.00: 6.66 h and 1.00; each pays 3.33 h = 499.50 and 0.50
        order = self._shared(self._line(self.architect, cap=1000))
        entry = self._work(order.order_line, 8)
        invoices = self._billed(self._propose())
        self.assertEqual([move.amount_untaxed for move in invoices.values()], [500, 500])
        invoices[self.fund].unlink()
        states = {part.payer_id: (part.state, part.amount, part.remainder) for part in entry.psa_wip_ids}
        self.assertEqual(states[self.fund], ("open", 500, 0.5))
        self.assertEqual(states[self.client], ("billed", 500, 0.5))
        again = self._billed(self._propose())
        self.assertEqual({payer: move.amount_untaxed for payer, move in again.items()}, {self.fund: 500})
        self.assertAlmostEqual(sum(entry.psa_wip_ids.mapped("raw_hours")), 8)

    def test_payment_terms_are_those_that_the_payer_has_with_the_company_that_bills(self):
        """Whoever bills works in another company at the moment, where the fund pays otherwise."""
        other = self.setup_other_company(name="Sister")["company"]
        self.env.user.company_ids |= other
        here, there = self.env["account.payment.term"].create([{"name": "Here"}, {"name": "There"}])
        self.fund.with_company(self.company).property_payment_term_id = here
        self.fund.with_company(other).property_payment_term_id = there
        order = self._shared(self._line(self.architect))
        self._work(order.order_line, 4)
        proposal = self._propose()
        elsewhere = self.env(context={**self.env.context, "allowed_company_ids": [other.id, self.company.id]})
        self.assertEqual(elsewhere.company, other)
        self._invoice(proposal.with_env(elsewhere))
        invoice = proposal.invoice_ids.filtered(lambda move: move.psa_payer_id == self.fund)
        self.assertEqual(invoice.invoice_payment_term_id, here)

    def test_what_one_payer_is_billed_less_stays_its_own_under_a_cap(self):
        # 2 h and 8 h x 150.00 up to 900.00: 1 h and 2 h = 450.00 each, 4 h are over
        order = self._shared(self._line(self.architect, cap=900))
        self._work(order.order_line, 2)
        entry = self._work(order.order_line, 8, "2026-03-03")
        proposal = self._propose()
        self._invoice(proposal)
        invoices = proposal.invoice_ids.grouped("psa_payer_id")
        # the accountant bills the client one hour of its three: 300.00 wait for it, not for both
        invoices[self.client].invoice_line_ids.quantity = 1
        proposal.invoice_ids.action_post()
        states = [
            (part.state, part.payer_id, part.amount)
            for part in entry.psa_wip_ids.sorted(lambda part: (part.amount, part.payer_id.id))
        ]
        self.assertEqual(
            states,
            [
                ("open", self.client, 300),
                ("billed", self.fund, 300),
                ("over_cap", self.env["res.partner"], 600),
            ],
        )
        again = self._billed(self._propose())
        self.assertEqual({payer: move.amount_untaxed for payer, move in again.items()}, {self.client: 300})

    def test_a_lowered_quantity_under_a_cap_leaves_the_cents_that_its_invoice_does_not_bill(self):
        """8 h x 99.99 up to 314.45: 3.14 h and 0.48, halves of 157.23 and 157.22. The fund's 1.57 h (156.98
        and 0.24) become 1.26 h on its draft: 125.99 and 0.24 are billed, 30.99 are left, though 0.31 h are
        31.00."""
        order = self._shared(self._line(self.architect, cap=314.45, price_unit=99.99))
        entry = self._work(order.order_line, 8)
        invoices = self._billed(self._propose())
        self.assertEqual([move.amount_untaxed for move in invoices.values()], [157.23, 157.22])
        invoices[self.fund].invoice_line_ids.filtered(lambda line: line.quantity == 1.57).quantity = 1.26
        moves = invoices[self.client] | invoices[self.fund]
        moves.invoice_date = "2026-04-01"
        moves.action_post()
        self.assertEqual(invoices[self.fund].amount_untaxed, 126.23)
        parts = entry.psa_wip_ids.filtered(lambda part: part.payer_id == self.fund).sorted("amount")
        self.assertEqual(
            parts.mapped(lambda part: (part.state, part.billable_quantity, part.amount, part.remainder)),
            [("open", 0.31, 30.99, -0.01), ("billed", 1.26, 126.23, 0.24)],
        )
        again = self._billed(self._propose())
        self.assertEqual({payer: move.amount_untaxed for payer, move in again.items()}, {self.fund: 30.99})

    def test_so_it_does_where_one_client_pays(self):
        """3.14 h are 313.97, and 0.48. Half of it is 156.98 and 0.48; 156.99 are left of the cap of
        314.45.
        """
        line = self._sow(self._line(self.architect, cap=314.45, price_unit=99.99)).order_line
        entry = self._work(line, 8)
        invoice = self._invoice(self._propose())
        invoice.invoice_line_ids.filtered(lambda one: one.quantity == 3.14).quantity = 1.57
        invoice.invoice_date = "2026-04-01"
        invoice.action_post()
        self.assertEqual(invoice.amount_untaxed, 157.46)
        again = self._invoice(self._propose(), post=True)
        self.assertEqual(again.amount_untaxed, 156.99)
        billed = entry.psa_wip_ids.filtered(lambda part: part.state == "billed")
        self.assertAlmostEqual(sum(billed.mapped("amount")), 314.45)
        # half of the second one is credited, 0.79 h: 78.99 of 156.99; 0.78 h at 78.00 stay billed
        note = self._draft_credit(again)
        note.invoice_line_ids.filtered(lambda one: one.quantity == 1.57).quantity = 0.79
        note.invoice_line_ids.filtered(lambda one: one.price_unit == 0.01).unlink()
        note.action_post()
        self.assertEqual(note.amount_untaxed, 78.99)
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 78.99)

    def test_an_archived_payer_is_named_and_not_billed(self):
        order = self._shared(self._line(self.architect))
        self._work(order.order_line, 2)
        self.fund.active = False
        proposal = self._propose()
        self.assertIn("Fund, who pays a share of", proposal.message)
        with self.assertRaisesRegex(UserError, "is archived. Unarchive it"):
            proposal.action_approve()
        self.fund.active = True
        self.assertEqual(self._propose().message, False)

    def test_corrections_are_shared_like_the_time_that_they_take_back(self):
        order = self._shared(self._line(self.architect), shares=(33.33, 66.67))
        self._work(order.order_line, 3)
        self._work(order.order_line, -1, "2026-03-03")
        # 2 h = 300.00: 99.99 and 200.01
        invoices = self._billed(self._propose())
        self.assertEqual([move.amount_untaxed for move in invoices.values()], [99.99, 200.01])

    def test_a_correction_that_leaves_nothing_to_pay_is_shared_and_billed_with_its_time(self):
        order = self._shared(self._line(self.architect), self._line(self.developer), shares=(80, 20))
        architect, developer = order.order_line
        entry, correction = (self._work(architect, hours) for hours in (2, -2))
        self._work(developer, 4)
        # 0 h x 150.00 and 4 h x 100.00: 320.00 and 80.00
        invoices = self._billed(self._propose())
        self.assertEqual(
            {
                payer: invoice.invoice_line_ids.mapped(lambda line: (line.quantity, line.price_subtotal))
                for payer, invoice in invoices.items()
            },
            {self.client: [(0, 0), (3.2, 320)], self.fund: [(0, 0), (0.8, 80)]},
        )
        self.assert_wip(entry, ("billed", 1.6, 1.6, 240), ("billed", 0.4, 0.4, 60))
        self.assert_wip(correction, ("billed", -1.6, -1.6, -240), ("billed", -0.4, -0.4, -60))
        self.assertEqual(entry.psa_wip_ids.payer_id, self.client | self.fund)
        self.assertFalse(self._propose())
        # the fund's invoice goes: its share of both waits, and is proposed to it alone
        invoices[self.fund].unlink()
        self.assert_wip(entry, ("billed", 1.6, 1.6, 240), ("open", 0.4, 0.4, 60))
        again = self._propose()
        self.assertEqual(again.amount, 80)
        self.assertEqual(list(self._billed(again)), [self.fund])

    def test_hours_without_a_billable_quantity_do_not_keep_the_rest_from_its_invoice(self):
        # 10 minutes are taken back, by the nearest half an hour: nothing to credit
        order = self._shared(
            self._line(self.architect),
            self._line(self.developer),
            shares=(33.33, 66.67),
            psa_rounding_minutes="30",
            psa_rounding_direction="nearest",
        )
        architect, developer = order.order_line
        correction = self._work(architect, -0.1667)
        self.assert_wip(correction, ("open", -0.1667, 0, 0))
        self._work(developer, 1)
        invoices = self._billed(self._propose())
        self.assertEqual([move.amount_untaxed for move in invoices.values()], [33.33, 66.67])
        # 33.33 % of 0.1667 h, the last takes the rest
        self.assert_wip(correction, ("billed", -0.06, 0, 0), ("billed", -0.1067, 0, 0))

    def _milestones_of(self, line):
        return self.env["project.milestone"].search([("sale_line_id", "=", line.id)])

    def test_reached_milestones_are_shared_one_after_the_other(self):
        order = self._shared(
            self._line(self.architect, 1, "milestone", price_unit=1000), shares=(33.33, 66.67)
        )
        line = order.order_line
        self._milestones_of(line).unlink()
        milestones = self.env["project.milestone"].create(
            [
                {
                    "name": f"Part {number}",
                    "project_id": order.project_id.id or line.project_id.id,
                    "sale_line_id": line.id,
                    "quantity_percentage": 0.5,
                }
                for number in (1, 2)
            ]
        )
        amounts = []
        for milestone in milestones:
            milestone.is_reached = True
            invoices = self._billed(self._propose())
            amounts.append([move.amount_untaxed for move in invoices.values()])
        # 333.30 and 666.70 in all: 166.65 and 333.35 each time
        self.assertEqual(amounts, [[166.65, 333.35], [166.65, 333.35]])
        self.assertEqual((line.qty_invoiced, line.qty_to_invoice), (1, 0))

    def test_a_shared_correction_is_credited_to_each_payer(self):
        order = self._shared(self._line(self.architect))
        self._work(order.order_line, 4)
        self._billed(self._propose())
        self._work(order.order_line, -2, "2026-04-01")
        notes = self._billed(self._propose("2026-04-01", "2026-04-30"))
        self.assertEqual(
            [(move.move_type, move.amount_untaxed) for move in notes.values()],
            [("out_refund", 150), ("out_refund", 150)],
        )

    def test_a_payer_who_is_not_named_any_more_still_pays_what_it_was_billed(self):
        order = self._shared(self._line(self.architect))
        self._work(order.order_line, 4)
        self._billed(self._propose())[self.fund].unlink()
        order.sudo().psa_payer_ids.unlink()
        invoices = self._billed(self._propose())
        self.assertEqual({payer: move.amount_untaxed for payer, move in invoices.items()}, {self.fund: 300})

    def test_what_was_written_off_a_fixed_price_is_not_billed_with_the_rest_of_it(self):
        # 1,000.00 in two milestones; 100.00 are written off the first: 400.00, then 500.00
        order = self._shared(self._line(self.architect, 1, "milestone", price_unit=1000))
        line = order.order_line
        self._milestones_of(line).unlink()
        first, second = self.env["project.milestone"].create(
            [
                {
                    "name": name,
                    "project_id": line.project_id.id,
                    "sale_line_id": line.id,
                    "quantity_percentage": 0.5,
                }
                for name in ("Half", "Rest")
            ]
        )
        first.is_reached = True
        proposal = self._propose()
        proposal.sudo().line_ids._psa_bill_amount(400, self.env.ref("psa_billing.reason_goodwill"))
        invoices = self._billed(proposal)
        self.assertEqual([move.amount_untaxed for move in invoices.values()], [200, 200])
        second.is_reached = True
        again = self._billed(self._propose())
        self.assertEqual([move.amount_untaxed for move in again.values()], [250, 250])

    def test_the_roundings_of_an_invoice_stand_together_and_the_client_reads_one_of_each_tax(self):
        """Half of 0.25 h is 0.13 h and 0.12 h; half of 0.75 h is 0.38 h and 0.37 h.

        ==========================  ==========  ===================  ==================
        March                       whole       client               fund
        architect 0.25 h x 150.00        37.50  0.13 h 19.50 - 0.75  0.12 h 18.00 + 0.75
        developer 0.25 h x 100.00        25.00  0.13 h 13.00 - 0.50  0.12 h 12.00 + 0.50
        untaxed   0.75 h x  50.00        37.50  0.38 h 19.00 - 0.25  0.37 h 18.50 + 0.25
        net                             100.00               50.00               50.00
        ==========================  ==========  ===================  ==================
        """
        order = self._shared(
            self._line(self.architect),
            self._line(self.developer),
            self._line(self.developer, price_unit=50, tax_ids=[Command.clear()]),
        )
        sold = order.order_line
        for line, hours in zip(sold, (0.25, 0.25, 0.75), strict=True):
            self._work(line, hours, so_line=line.id, is_so_line_edited=True)
        invoices = self._billed(self._propose())
        for payer, sign in ((self.client, -1), (self.fund, 1)):
            move = invoices[payer]
            self.assertEqual(move.amount_untaxed, 50, payer.name)
            lines = move.invoice_line_ids.sorted("sequence")
            self.assertEqual(
                lines.mapped("display_type"), [*["product"] * 3, "line_section", *["product"] * 3]
            )
            section = lines[3]
            self.assertEqual((section.name, section.collapse_composition), ("Rounding", True))
            self.assertEqual(lines[4:].mapped("price_subtotal"), [sign * 0.75, sign * 0.50, sign * 0.25])
            # each line stays with its own line of the statement of work: one line of the ledger, one SOL
            self.assertEqual(lines[4:].sale_line_ids.psa_adjusts_line_id, sold)
            self.assertEqual(move._get_move_lines_to_report(), lines[:4])
            printed = section._get_child_lines()
            # 0.75 and 0.50 with 15 %, 0.25 without tax
            self.assertEqual(
                [(line["name"], line["quantity"], line["price_subtotal"]) for line in printed],
                [("Rounding", 1, sign * 1.25), ("Rounding", 1, sign * 0.25)],
            )
        moves = self.env["account.move"].union(*invoices.values())
        moves.invoice_date = "2026-04-01"
        moves.action_post()
        note = self._credit(invoices[self.client])
        self.assertEqual(note.amount_untaxed, 50)
        again = self._billed(self._propose())
        self.assertEqual({payer: move.amount_untaxed for payer, move in again.items()}, {self.client: 50})

    def test_a_single_rounding_stays_with_its_line(self):
        order = self._shared(self._line(self.architect))
        self._work(order.order_line, 0.25)
        for move in self._billed(self._propose()).values():
            lines = move.invoice_line_ids.sorted("sequence")
            self.assertEqual(lines.mapped("display_type"), ["product", "product"])
            self.assertEqual(move.amount_untaxed, 18.75)

    def test_what_a_review_decided_is_no_rounding(self):
        order = self._shared(self._line(self.architect), self._line(self.developer))
        for line in order.order_line:
            self._work(line, 0.25)
        proposal = self._propose()
        wizard = proposal.env["psa.adjust.work"].browse(proposal.action_adjust()["res_id"])
        wizard.write(
            {"how": "amount", "amount": 60, "reason_id": self.env.ref("psa_billing.reason_goodwill").id}
        )
        wizard.action_apply()
        for move in self._billed(proposal).values():
            self.assertEqual(move.amount_untaxed, 30)
            self.assertNotIn("line_section", move.invoice_line_ids.mapped("display_type"))
