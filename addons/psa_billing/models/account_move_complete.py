"""Invoices stored with all their lines at once.

The host stores the lines that are sold, adds the lines of taxes and terms after that, writes the amounts
line by line, and compares what was before and after each write. Here an invoice is computed by the same
methods before it is stored, as the host does for an invoice on the screen that nobody has saved yet. What
that computation does not know as a whole is left to the host's way: see ``_psa_is_computable``.
"""

from odoo import api, models
from odoo.fields import Command

#: Contexts of the host: the lines given are complete; drafts have no analytic entries to follow them.
COMPLETE = {"skip_invoice_sync": True, "skip_analytic_sync": True}


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.model
    def _psa_complete_values(self, vals):
        """``vals`` of an invoice with its lines of taxes and terms; None where the host has to add them.

        :param vals: as ``_prepare_invoice`` of an order, with commands that create in ``invoice_line_ids``
        """
        move = self.new(vals)
        if not move._psa_is_computable():
            return None
        base_lines, _none = move._get_rounded_base_and_tax_lines(round_from_tax_lines=False)
        taxes = self.env["account.tax"]
        taxes._add_accounting_data_in_base_lines_tax_details(
            base_lines, move.company_id, include_caba_tags=move.always_tax_exigible
        )
        results = taxes._prepare_tax_lines(base_lines, move.company_id)
        amounts = {base["record"]: update for base, update in results["base_lines_to_update"]}
        lines = [
            {**command[2], **(line._psa_computed_values(amounts[line]) if line in amounts else {})}
            for command, line in zip(vals["invoice_line_ids"], move.invoice_line_ids, strict=True)
        ]
        lines += [{**line, "display_type": "tax"} for line in results["tax_lines_to_add"]]
        lines += move._psa_term_lines(lines)
        complete = {name: value for name, value in vals.items() if name != "invoice_line_ids"}
        return {**complete, "line_ids": [Command.create(line) for line in lines]}

    def _psa_is_computable(self):
        """Whether an unsaved invoice knows all the lines that the host would add to it once it is saved."""
        self.ensure_one()
        return not (
            self.invoice_cash_rounding_id
            or self.invoice_payment_term_id.early_discount
            or self._get_discount_allocation_account()
            or self.company_id.account_storno
            or any(line.is_downpayment for line in self.invoice_line_ids)
            # becomes a credit note
            or sum(self.invoice_line_ids.mapped("price_subtotal")) < 0
        )

    def _psa_term_lines(self, lines):
        """The values of the receivable lines of this unsaved invoice.

        :param lines: values of all its other lines
        """
        self.ensure_one()
        needed = self.needed_terms
        if not self.invoice_payment_term_id:
            # One line with the total, which an unsaved invoice without lines of taxes does not know.
            total = {
                name: -sum(line.get(name, 0) for line in lines) for name in ("balance", "amount_currency")
            }
            needed = dict.fromkeys(needed, total)
        return [
            {**{name: value for name, value in key.items() if name != "move_id"}, **values}
            | {"display_type": "payment_term"}
            for key, values in self._sync_dynamic_line_needed_values([needed]).items()
        ]


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _psa_computed_values(self, amounts):
        """What this unsaved line has been computed to be, so that it need not be computed again."""
        self.ensure_one()
        return {
            **amounts,
            "account_id": self.account_id.id,
            "analytic_distribution": self.analytic_distribution,
        }
