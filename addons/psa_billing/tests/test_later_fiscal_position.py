"""A client who gets a fiscal position once the statement of work was signed."""

from odoo import Command
from odoo.tests import Form, tagged

from .test_ways_out import PsaWaysOutCase


@tagged("post_install", "-at_install")
class TestLaterFiscalPosition(PsaWaysOutCase):
    """2 h at 150.00 are signed with 15 %: 45.00 of tax. Then the client is one abroad, whose tax is 5 %."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.abroad = cls.env["account.fiscal.position"].create({"name": "Abroad", "sequence": 0})
        cls.foreign_tax = cls.tax.copy(
            {
                "name": "5 % abroad",
                "amount": 5,
                "fiscal_position_ids": [Command.set(cls.abroad.ids)],
                "original_tax_ids": [Command.set(cls.tax.ids)],
            }
        )
        cls.architect.psa_time_product_id.taxes_id = cls.tax

    def _proposal(self, **values):
        order = self._sow(self._line(self.architect, tax_ids=[Command.set(self.tax.ids)]), **values)
        self._work(order.order_line, 2)
        return order, self._propose().with_user(self.biller)

    def _moves_abroad(self):
        self.client.with_company(self.company).property_account_position_id = self.abroad

    def test_the_proposal_says_so_and_leads_to_the_taxes_that_hold(self):
        """An administrator of accounting puts the 5 % in their place: 15.00 of tax."""
        order, proposal = self._proposal()
        self.assertFalse(proposal.tax_message)
        self._moves_abroad()
        self.env.invalidate_all()
        self.assertRegex(
            proposal.tax_message,
            rf"Abroad by now, {order.name} has none.*\({self.tax.name}\).*\(5 % abroad\)",
        )
        action = proposal.with_user(self.accountant).sudo().action_replace_taxes()
        dialog = Form(
            self.env["psa.replace.tax"].with_user(self.accountant).with_context(**action["context"])
        )
        dialog.save().action_replace()
        self.env.invalidate_all()
        self.assertFalse(proposal.tax_message)
        invoice = self._invoice(proposal)
        self.assertEqual((invoice.fiscal_position_id, invoice.amount_tax), (self.abroad, 15))

    def test_it_keeps_nothing_from_being_billed(self):
        """The invoice is that of the host: it names the position, with the 15 % that were signed."""
        _order, proposal = self._proposal()
        self._moves_abroad()
        invoice = self._invoice(proposal)
        self.assertEqual((invoice.fiscal_position_id, invoice.amount_tax), (self.abroad, 45))
        self.env.invalidate_all()
        self.assertFalse(proposal.tax_message)

    def test_where_it_was_signed_or_changes_no_tax_nothing_is_said(self):
        order, proposal = self._proposal()
        self._moves_abroad()
        self.foreign_tax.original_tax_ids = False
        self.env.invalidate_all()
        self.assertFalse(proposal.tax_message)
        self.foreign_tax.original_tax_ids = self.tax
        order.fiscal_position_id = self.abroad
        self.env.invalidate_all()
        self.assertFalse(proposal.tax_message)

    def test_clients_who_share_it_have_their_taxes_by_their_own(self):
        """The client pays half of 300.00 with 5 %: 7.50; the fund with 15 %: 22.50."""
        fund = self.env["res.partner"].create({"name": "Fund"})
        payers = [Command.create({"partner_id": one.id, "share": 50}) for one in (self.client, fund)]
        _order, proposal = self._proposal(psa_payer_ids=payers)
        self._moves_abroad()
        self.env.invalidate_all()
        self.assertFalse(proposal.tax_message)
        self.assertEqual(
            sorted(self._invoice(proposal).psa_proposal_id.invoice_ids.mapped("amount_tax")), [7.5, 22.5]
        )
