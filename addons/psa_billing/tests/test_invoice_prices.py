"""What a proposal bills keeps its price on the draft invoice: what is billed less has a reason."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .test_adjustments import ReviewCase

REFUSED = "“Architect.*” on .* has the price of its proposal.*adjust the amount there"


@tagged("post_install", "-at_install")
class TestInvoicePrices(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls._sow().order_line
        cls.entry = cls._work(cls.line, 4)  # 600.00
        cls.invoice = cls._invoice(cls._propose()).sudo(False)
        cls.billed = cls.invoice.invoice_line_ids

    def _form(self):
        return Form(self.invoice.with_context(default_move_type="out_invoice"))

    def assert_unchanged(self):
        self.invoice.invalidate_recordset()
        self.billed.invalidate_recordset()
        self.assertEqual(
            (self.billed.quantity, self.billed.price_unit, self.billed.discount, self.invoice.amount_untaxed),
            (4, 150, 0, 600),
        )
        self.assert_wip(self.entry, ("billed", 4, 4, 600))

    def test_another_price_or_discount_typed_into_the_form_is_refused_with_the_way_out(self):
        for name, value in (("price_unit", 140), ("discount", 10)):
            form = self._form()
            with form.invoice_line_ids.edit(0) as line:
                setattr(line, name, value)
            with self.subTest(name), self.assertRaisesRegex(UserError, REFUSED), self.cr.savepoint():
                form.save()
            self.assert_unchanged()

    def test_the_way_out_bills_less_with_a_reason(self):
        """4 h x 150.00 for 560.00: 40.00 are written off, nothing is left to invoice."""
        self.invoice.unlink()
        proposal = self._propose()
        self._adjust(proposal.line_ids, "amount", amount=560)
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(invoice.amount_untaxed, 560)
        self.assert_wip(self.entry, ("billed", 4, 4, 560), ("written_off", 0, 0, 40))
        self.assertEqual(self.line.order_id.amount_to_invoice, 0)
        self.assert_host_figures(self.line, delivered=4, invoiced=4, amount_to_invoice=0)

    def test_neither_rpc_nor_another_product_changes_the_price(self):
        other = self.env["product.product"].create({"name": "Other", "list_price": 90})
        accountant = self._user("accountant", "account.group_account_invoice")
        for user in (self.env.user, accountant):
            line = self.billed.with_user(user)
            for values in ({"price_unit": 160}, {"discount": 100}, {"product_id": other.id}):
                with self.subTest(user=user.name, values=values), self.assertRaisesRegex(UserError, REFUSED):
                    with self.cr.savepoint():
                        line.with_context(psa_prices=True).write(values)
                self.assert_unchanged()
            with self.assertRaisesRegex(UserError, REFUSED), self.cr.savepoint():
                line.move_id.invoice_line_ids = [Command.update(line.id, {"price_unit": 0})]
            self.assert_unchanged()

    def test_the_same_price_another_text_or_quantity_are_taken(self):
        self.billed.write({"price_unit": 150.0, "discount": 0})
        with self._form() as form, form.invoice_line_ids.edit(0) as line:
            line.name = "Design of the house"
            line.quantity = 3
        self.assertEqual((self.billed.name, self.invoice.amount_untaxed), ("Design of the house", 450))
        self.invoice.invoice_date = "2026-04-01"
        self.invoice.action_post()
        self.assert_wip(self.entry, ("billed", 3, 3, 450), ("open", 1, 1, 150))

    def test_lines_are_deleted_and_added_by_hand(self):
        with self._form() as form:
            with form.invoice_line_ids.new() as line:
                line.name = "Printing"
                line.price_unit = 30
            form.invoice_line_ids.remove(0)
        added = self.invoice.invoice_line_ids
        self.assertEqual(added.mapped(lambda line: (line.name, line.price_unit)), [("Printing", 30)])
        self.assert_wip(self.entry, ("open", 4, 4, 600))
        added.price_unit = 25
        self.assertEqual(self.invoice.amount_untaxed, 25)

    def test_a_credit_note_is_a_concession_at_another_price(self):
        self.invoice.invoice_date = "2026-04-01"
        self.invoice.action_post()
        note = self._draft_credit(self.invoice)
        with Form(note) as form, form.invoice_line_ids.edit(0) as line:
            line.price_unit = 10
        note.action_post()
        self.assertEqual(note.amount_untaxed, 40)
        self.assert_wip(self.entry, ("billed", 4, 4, 600))

    def test_after_posting_and_back_to_draft_the_price_still_stands(self):
        self.invoice.invoice_date = "2026-04-01"
        self.invoice.action_post()
        self.invoice.button_draft()
        with self.assertRaisesRegex(UserError, REFUSED), self.cr.savepoint():
            self.billed.price_unit = 140
        self.assert_unchanged()

    def test_prices_with_taxes_follow_the_fiscal_position(self):
        """115.00 with 15 % are 100.00 without; abroad there is no tax, the client pays 100.00."""
        included = self.tax.copy({"name": "15 % included", "price_include_override": "tax_included"})
        abroad = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self.tax.copy({"name": "0 %", "amount": 0}).write(
            {
                "fiscal_position_ids": [Command.link(abroad.id)],
                "original_tax_ids": [Command.set(included.ids)],
            }
        )
        self.architect.psa_time_product_id.taxes_id = included
        line = self._sow(self._line(self.architect, price_unit=115, tax_ids=included.ids)).order_line
        self._work(line, 2, "2026-03-05")
        invoice = self._invoice(self._propose()).sudo(False)
        self.assertEqual((invoice.amount_untaxed, invoice.amount_total), (200, 230))
        invoice.fiscal_position_id = abroad
        invoice.action_update_fpos_values()
        self.assertEqual((invoice.amount_untaxed, invoice.amount_total), (200, 200))
        self.assertEqual(invoice.invoice_line_ids.price_unit, 100)
