"""What an invoice of a proposal stays: in the currency of the work, and the only one that bills it."""

from odoo import models
from odoo.exceptions import UserError

#: The host repeats invoices of these kinds when they are posted.
REPEATED = {"monthly", "quarterly", "yearly"}


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        """:raises UserError: where the invoice of a proposal, or its credit note, gets another currency, or
        is to be repeated"""
        if self.env.su:
            return super().write(vals)
        before = {}
        if {"currency_id", "journal_id"} & vals.keys():
            before = {move: move.currency_id for move in self if move._psa_bills_or_credits()}
        result = super().write(vals)
        for move, currency in before.items():
            if move.currency_id != currency:
                move._psa_raise_currency(currency)
        if vals.get("auto_post") in REPEATED:
            self._psa_check_not_repeated()
        return result

    def _psa_bills_or_credits(self):
        """The proposals that this invoice bills, or that the invoice bills which it credits."""
        self.ensure_one()
        return self._psa_proposals() or self.reversed_entry_id._psa_proposals()

    def _psa_raise_currency(self, currency):
        """:param currency: in which the work on it is priced"""
        bill = self if self._psa_proposals() else self.reversed_entry_id
        raise UserError(
            self.env._(
                "%(invoice)s bills work that is priced in %(currency)s: in another currency the same figures "
                "would be another amount. What is sold in another currency is a statement of work in that "
                "currency.",
                invoice=bill.display_name,
                currency=currency.name,
            )
        )

    def _psa_check_not_repeated(self):
        for move in self:
            if move._psa_bills_or_credits():
                raise UserError(
                    self.env._(
                        "%s bills work that a proposal approved: repeated, it would bill the same once more. "
                        "What is worked later has a proposal of its own; what is billed in each period is "
                        "sold as a retainer.",
                        move.display_name,
                    )
                )
