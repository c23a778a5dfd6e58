"""Fixed prices that were billed in part before going live: what is left is billed to the cent, once."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import PsaBillingCase
from .test_instalments import PsaInstalmentCase


@tagged("post_install", "-at_install")
class TestOpeningOfFixedPrices(PsaBillingCase):
    @classmethod
    def _open(cls, line, billed, **values):
        return cls.env["psa.opening.balance"].create(
            {"sale_line_id": line.id, "date": "2026-02-28", "billed_amount": billed, **values}
        )

    @classmethod
    def _fixed(cls, price, quantity=1, model="fixed", **values):
        return cls._sow(cls._line(cls.architect, quantity, model, price_unit=price), **values).order_line

    def _expected(self, line):
        """What the forecast says of the SOW."""
        self.env.flush_all()
        rows = self.env["psa.billing.forecast"].search([("order_id", "=", line.order_id.id)])
        return round(sum(rows.mapped("amount")), 2)

    def assert_settled(self, line, before, total):
        """The invoices and what was billed ``before`` make the ``total``; nothing is left."""
        self.assertFalse(self._propose("2026-06-01", "2026-06-30"))
        lines = line.order_id.order_line
        self.env.flush_all()
        lines.invalidate_recordset()
        invoices = line.order_id.invoice_ids
        self.assertAlmostEqual(before + sum(invoices.mapped("amount_untaxed_signed")), total)
        self.assertAlmostEqual(sum(lines.mapped("untaxed_amount_invoiced")), total)
        self.assertAlmostEqual(sum(lines.mapped("untaxed_amount_to_invoice")), 0)
        self.assertAlmostEqual(line.order_id.amount_untaxed, total)
        self.assertEqual(line.order_id.invoice_status, "invoiced")

    def test_a_third_of_two_pieces(self):
        """3,333.33 of 2 × 5,000.00 are 0.66 pieces (3,300.00) and 33.33: 1.34 pieces less 33.33 are left."""
        line = self._fixed(5000, 2)
        opening = self._open(line, 3333.33)
        self.assert_host_figures(line, 0, 0.66, 6700)
        self.assert_host_figures(opening.rest_line_id, 0, 1, 0)
        self.assertEqual(sum(line.order_id.order_line.mapped("untaxed_amount_invoiced")), 3333.33)
        self.assertEqual(self._expected(line), 6666.67)
        proposal = self._propose()
        self.assertEqual(
            (proposal.amount, proposal.line_ids.quantity, proposal.line_ids.remainder),
            (6666.67, 1.34, -33.33),
        )
        self.assertFalse(self._propose(), "all of it is proposed")
        self.assertEqual(self._expected(line), 6666.67)
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(invoice.amount_untaxed, 6666.67)
        self.assertIn("Rounding of what was billed before", invoice.invoice_line_ids[-1].name)
        self.assert_settled(line, 3333.33, 10000)

    def test_a_last_piece_of_money_is_billed(self):
        """9,999.00 of 10,000.00: 1.00 is left, which is 0.01 pieces less 99.00."""
        line = self._fixed(10000)
        self._open(line, 9999)
        proposal = self._propose()
        self.assertEqual((proposal.amount, proposal.line_ids.quantity), (1, 0.01))
        self._invoice(proposal, post=True)
        self.assert_settled(line, 9999, 10000)

    def test_a_price_that_includes_its_tax(self):
        """100.00 with 19 % are 84.03 and a bit: 84.03 billed is all of it; of 50.00 34.03 are left."""
        tax = self.env["account.tax"].create(
            {"name": "19 % in the price", "amount": 19, "price_include_override": "tax_included"}
        )
        whole, part = (
            self._sow(
                self._line(self.architect, 1, "fixed", price_unit=100, tax_ids=[Command.set(tax.ids)])
            ).order_line
            for _number in range(2)
        )
        self._open(whole, 84.03)
        self._open(part, 50)
        proposal = self._propose()
        self.assertEqual((proposal.order_id, proposal.amount), (part.order_id, 34.03))
        self._invoice(proposal, post=True)
        self.assert_settled(part, 50, 84.03)

    def test_a_quantity_rounded_by_the_former_system(self):
        """It said 0.67 of 2 pieces for 3,333.33, which are 3,350.00: 16.67 are left beside 1.33 pieces."""
        line = self._fixed(5000, 2)
        self._open(line, 3333.33, billed_quantity=0.67)
        proposal = self._propose()
        self.assertEqual((proposal.amount, proposal.line_ids.quantity), (6666.67, 1.33))
        self._invoice(proposal, post=True)
        self.assert_settled(line, 3333.33, 10000)

    def test_pieces_billed_at_another_price(self):
        """One of two pieces was billed, for 4,000.00 then: one at 5,000.00 is left."""
        line = self._fixed(5000, 2)
        opening = self._open(line, 4000, billed_quantity=1)
        self.assertFalse(opening.rest_line_id)
        self.assertEqual(self._propose().amount, 5000)

    def test_more_than_the_line_sells_is_refused_with_the_ways_out(self):
        """12,000.00 of 10,000.00 would leave 0.2 pieces, 2,000.00, to be invoiced below zero for ever. At
        another price all of it was billed; and 2,000.00 that a change order sells open there."""
        line = self._fixed(10000)
        refused = ("sells 1 Hours for", "10,000.00", "Billed Quantity", "change order")
        self.assert_refused(lambda: self._open(line, 12000), *refused, error=ValidationError)
        self.assert_refused(lambda: self._open(line, 10000.01), *refused, error=ValidationError)
        more = ("sells 1 Hours, so no more", "change order")
        self.assert_refused(
            lambda: self._open(line, 12000, billed_quantity=1.2), *more, error=ValidationError
        )
        opening = self._open(line, 12000, billed_quantity=1)
        self.assert_host_figures(line, 0, 1, 0)
        opening.write({"billed_quantity": 0, "billed_amount": 10000})
        self.assert_refused(lambda: opening.write({"billed_amount": 12000}), *refused, error=ValidationError)
        change = self._change_order(
            line.order_id, self._line(self.architect, 1, "fixed", price_unit=2000, name="Sold before")
        )
        self._open(change.order_line, 2000)
        self.assertFalse(self._propose())
        self.assert_host_figures(change.order_line, 0, 1, 0)

    def test_milestones_one_by_one(self):
        """3,333.33 of 10,000.00 in two halves: of the first, reached one 1,666.67 are left, then 5,000.00."""
        line = self._fixed(10000, model="milestone")
        line.order_id._psa_project().milestone_ids.unlink()
        milestones = self.env["project.milestone"].create(
            [
                {
                    "name": name,
                    "project_id": line.order_id._psa_project().id,
                    "sale_line_id": line.id,
                    "quantity_percentage": 0.5,
                }
                for name in ("Design", "Build")
            ]
        )
        self._open(line, 3333.33)
        self.assertFalse(self._propose())
        milestones[0].is_reached = True
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 1666.67)
        milestones[1].is_reached = True
        invoice = self._invoice(self._propose("2026-04-01", "2026-04-30"), post=True)
        self.assertEqual(invoice.amount_untaxed, 5000)
        self.assert_settled(line, 3333.33, 10000)

    def test_a_credited_invoice_is_billed_again_alike(self):
        line = self._fixed(5000, 2)
        self._open(line, 3333.33)
        invoice = self._invoice(self._propose(), post=True)
        self._credit(invoice)
        again = self._propose()
        self.assertEqual((again.amount, again.line_ids.quantity), (6666.67, 1.34))
        self._invoice(again, post=True)
        self.assert_settled(line, 3333.33, 10000)

    def test_a_write_off_is_not_billed_later(self):
        """Of 6,666.67 that are left 666.67 are written off."""
        line = self._fixed(5000, 2)
        self._open(line, 3333.33)
        proposal = self._propose()
        proposal.sudo().line_ids._psa_bill_amount(6000, self.env.ref("psa_billing.reason_goodwill"))
        self.assertEqual(self._invoice(proposal, post=True).amount_untaxed, 6000)
        self.assertFalse(self._propose("2026-04-01", "2026-04-30"))

    def test_two_payers_pay_what_is_left(self):
        """6,666.67 by halves: 3,333.34 and 3,333.33."""
        fund = self.env["res.partner"].create({"name": "Fund"})
        line = self._fixed(
            5000,
            2,
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": 50}) for payer in self.client | fund
            ],
        )
        self._open(line, 3333.33)
        proposal = self._propose()
        self._invoice(proposal)
        invoices = proposal.invoice_ids
        invoices.action_post()
        self.assertEqual(sorted(invoices.mapped("amount_untaxed")), [3333.33, 3333.34])
        self.assert_settled(line, 3333.33, 10000)

    def test_figures_imported_again_replace_the_rest(self):
        line = self._fixed(5000, 2)
        opening = self._open(line, 3333.33)
        rest = opening.rest_line_id
        opening.billed_amount = 4000
        self.assertEqual((rest.price_unit, rest.product_uom_qty, rest.qty_invoiced), (0, 0, 0))
        self.assert_host_figures(line, 0, 0.8, 6000)
        opening.billed_amount = 3333.34
        self.assertEqual((rest.price_unit, rest.product_uom_qty, rest.qty_invoiced), (33.34, 1, 1))
        opening.unlink()
        self.assertEqual((rest.price_unit, rest.product_uom_qty, rest.qty_invoiced), (0, 0, 0))
        self.assertEqual(self._propose().amount, 10000)

    def test_a_locked_order_opens_and_opens_again(self):
        order = self._sow(self._line(self.architect, 2, "fixed", price_unit=5000), self._line(self.developer))
        fixed, work = order.order_line
        order.sudo().action_lock()
        for billed, waits in ((3333.33, 200), (3333.34, 300)):
            self._open(fixed, billed)
            self._open(work, 100, unbilled_amount=waits)
        self.assertEqual(fixed.psa_opening_ids.rest_line_id.price_unit, 33.34)
        self.assertEqual(work.psa_opening_ids.wip_line_id.price_unit, 300)
        self.assertEqual(self._propose().amount, 6966.66)
        with self.assertRaisesRegex(UserError, "is signed"):
            work.psa_opening_ids.wip_line_id.price_unit = 1

    def test_lines_are_counted_as_they_were_signed(self):
        """Line 1 opens with lines of billing beside it; line 2 stays line 2, and a copy has two lines."""
        order = self._sow(
            self._line(self.architect, 2, "fixed", price_unit=5000, sequence=10),
            self._line(self.architect, sequence=11),
            self._line(self.developer, sequence=12),
        )
        first, second, third = order.order_line
        rows = [
            [order.name, "1", "2026-02-28", "3333.33", ""],
            [order.name, "2", "2026-02-28", "1500", "600"],
            [order.name, "3", "2026-02-28", "100", ""],
        ]
        header = ["order_name", "line_number", "date", "billed_amount", "unbilled_amount"]
        for _time in range(2):
            result = self.env["psa.opening.balance"].load(header, rows)
            self.assertFalse(result["messages"])
        openings = self.env["psa.opening.balance"].search([("order_id", "=", order.id)], order="sale_line_id")
        self.assertEqual(openings.sale_line_id, first | second | third)
        self.assertEqual(len(order.order_line), 5)
        self.assertEqual(order.copy().order_line.mapped("price_unit"), [5000, 150, 100])

    def test_what_two_clients_were_credited_with_is_billed_again_to_the_cent(self):
        """3,333.33 of 10,000.00 were billed, and the rest by two payers: 6,666.67. The client's share,
        33.33 %, is 2,222.00: 0.45 pieces less 28.00; the fund's 4,444.67: 0.89 pieces less 5.33. Of the
        latter 0.34 pieces, 1,700.00, are credited, then all of the former; the same is billed again."""
        fund = self.env["res.partner"].create({"name": "Fund"})
        shares = ((self.client, 33.33), (fund, 66.67))
        line = self._fixed(
            5000,
            2,
            psa_payer_ids=[Command.create({"partner_id": one.id, "share": share}) for one, share in shares],
        )
        self._open(line, 3333.33)
        proposal = self._propose()
        self._invoice(proposal)
        invoices = proposal.invoice_ids.sorted("amount_untaxed")
        self.assertEqual(invoices.mapped("amount_untaxed"), [2222, 4444.67])
        invoices.invoice_date = "2026-04-01"
        invoices.action_post()
        wizard = self.env["psa.credit.work"].with_context(default_move_id=invoices[1].id).create({})
        wizard.line_ids.quantity = 0.34
        self.env["account.move"].browse(wizard.action_credit()["res_id"]).action_post()
        # 3,333.33 + 2,222.00 + 2,744.67 = 8,300.00 are billed, and 1,700.00 are 0.34 pieces
        again = self._propose()
        self.assertEqual((again.line_ids.quantity, again.amount), (0.34, 1700))
        self._credit(invoices[0])
        again.action_cancel()
        again = self._propose()
        self.assertEqual((again.line_ids.quantity, again.amount), (0.79, 3922))
        self._invoice(again)
        again.invoice_ids.invoice_date = "2026-04-01"
        again.invoice_ids.action_post()
        self.assert_settled(line, 3333.33, 10000)


@tagged("post_install", "-at_install")
class TestOpeningOfInstalments(PsaInstalmentCase):
    def test_what_was_billed_counts_to_the_cent(self):
        """10,000.00 in thirds of 33.33 %, 33.33 % and 33.34 %; 3,333.00 were billed, then 3,333.00 and
        3,334.00 are due."""
        order = self._planned((33.33, "2026-02-01"), (33.33, "2026-03-01"), (33.34, "2026-04-01"))
        line = order.order_line
        self.env["psa.opening.balance"].create(
            {"sale_line_id": line.id, "date": "2026-02-28", "billed_amount": 3333}
        )
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 3333)
        invoice = self._invoice(self._propose("2026-04-01", "2026-04-30"), post=True)
        self.assertEqual(invoice.amount_untaxed, 3334)
        self.assert_host_figures(line, 0, 1, 0)
        self.assertAlmostEqual(order.amount_untaxed, 10000)

    def test_what_was_billed_at_another_rhythm(self):
        """2,505.00 of 10,000.00 were billed (0.25 pieces and 5.00); half is due: 2,495.00."""
        order = self._planned((50, "2026-03-01"), (50, "2026-04-01"))
        self.env["psa.opening.balance"].create(
            {"sale_line_id": order.order_line.id, "date": "2026-02-28", "billed_amount": 2505}
        )
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 2495)
        invoice = self._invoice(self._propose("2026-04-01", "2026-04-30"), post=True)
        self.assertEqual(invoice.amount_untaxed, 5000)
        self.assertAlmostEqual(order.amount_untaxed, 10000)
