"""Invoices stored with all their lines at once.

The host stores the lines that are sold, adds the lines of taxes and terms after that, writes the amounts
line by line, and compares what was before and after each write. Here an invoice is computed by the same
methods before it is stored, as the host does for an invoice on the screen that nobody has saved yet. What
that computation does not know as a whole is left to the host's way: see ``_psa_is_computable``.
"""

from odoo import api, models
from odoo.fields import Command

from .host_methods import only_by

#: Contexts of the host: the lines given are complete, with their amounts; drafts have no analytic entries
#: to follow them.
COMPLETE = {"skip_invoice_sync": True, "skip_invoice_line_sync": True, "skip_analytic_sync": True}
#: What an unsaved invoice is asked for. What else the host computes on it is left to the host.
KNOWN = ("date", "delivery_date", "invoice_currency_rate", "journal_id", "taxable_supply_date")
#: What the host computes on lines that it adds itself to an invoice.
ADDED = {
    "is_storno": False,
    "no_followup": False,  # of general journals only
    "price_subtotal": 0.0,
    "price_total": 0.0,
    "price_unit": 0.0,
    "product_uom_id": False,
    "quantity": 0.0,
}
#: What says in which journal an invoice is, as long as nobody says it.
DEFAULT_JOURNAL = ("_search_default_journal", "_get_valid_journal_types")
#: In the cursor's cache, see ``analytic_lookups.ACCOUNTS``: the journals of unsaved invoices.
JOURNALS = "psa_billing.default_journals"
TAX = {"display_type": "tax", "sequence": 10000}


def complete_context(vals_list):
    """The context in which invoices of ``vals_list`` are stored with what ``_psa_complete_values`` added.

    ``psa_complete`` names what it added to all the invoices: nothing follows from that which is not given.
    """
    given = {name for vals in vals_list for name in vals}
    return {**COMPLETE, "psa_complete": frozenset(KNOWN) - given}


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.model
    def _psa_complete_values(self, vals_list):
        """``vals_list`` of invoices, each with its lines of taxes and terms; None where the host adds them.

        :param vals_list: as ``_prepare_invoice`` of an order, with create commands in ``invoice_line_ids``
        """
        moves = self.union(*(self.new(vals) for vals in vals_list))
        moves = moves.with_env(moves.invoice_line_ids._psa_with_lookups().env)
        if only_by(self, DEFAULT_JOURNAL, {"account", "base", "psa_billing"}):
            self.env.cr.cache[JOURNALS] = {}
            moves = moves.with_context(psa_known_journals=True)
        # Asked of all lines at once, the host looks up each distribution, account and rate once.
        moves.mapped("journal_id")
        for name in ("account_id", "analytic_distribution"):
            moves.invoice_line_ids.mapped(name)
        return [
            move._psa_completed(vals) if move._psa_is_computable() else None
            for move, vals in zip(moves, vals_list, strict=True)
        ]

    def _psa_completed(self, vals):
        """The ``vals`` of this unsaved invoice with its lines of taxes and terms; None of a credit note."""
        self.ensure_one()
        base_lines, _none = self._get_rounded_base_and_tax_lines(round_from_tax_lines=False)
        taxes = self.env["account.tax"]
        taxes._add_accounting_data_in_base_lines_tax_details(
            base_lines, self.company_id, include_caba_tags=self.always_tax_exigible
        )
        if sum(base["tax_details"]["total_excluded_currency"] for base in base_lines) < 0:
            return None
        results = taxes._prepare_tax_lines(base_lines, self.company_id)
        amounts = {
            base["record"]: {**base["record"]._psa_totals(base), **update}
            for base, update in results["base_lines_to_update"]
        }
        lines = [
            {**line._psa_computed_values(command[2]), **amounts.get(line, {})}
            for command, line in zip(vals["invoice_line_ids"], self.invoice_line_ids, strict=True)
        ]
        lines += [{**ADDED, **line, **TAX} for line in results["tax_lines_to_add"]]
        lines += [{**ADDED, **line} for line in self._psa_term_lines(lines)]
        known = {name: self._fields[name].convert_to_write(self[name], self) for name in KNOWN}
        complete = {name: value for name, value in vals.items() if name != "invoice_line_ids"}
        return {**known, **complete, "line_ids": [Command.create(line) for line in lines]}

    @api.model
    def _add_precomputed_values(self, vals_list):
        result = super()._add_precomputed_values(vals_list)
        known = {self._fields[name] for name in self.env.context.get("psa_complete") or ()}
        for vals in vals_list if known else ():
            vals["__precomputed__"] = known | vals.get("__precomputed__", set())
        return result

    def _search_default_journal(self):
        """Of unsaved invoices that are alike, the host looks for the journal once."""
        known = self.env.context.get("psa_known_journals") and self.env.cr.cache.get(JOURNALS)
        if known is None or self.statement_line_ids:
            return super()._search_default_journal()
        key = (self.move_type, self.company_id.id, self._psa_known_currency())
        if key not in known:
            known[key] = super()._search_default_journal()
        return known[key].with_env(self.env)

    def _psa_known_currency(self):
        """The currency, where it is known before the journal is: the host does not compute it for that."""
        self.ensure_one()
        known = self.env.cache.contains(self, self._fields["currency_id"])
        return self.currency_id.id if known else None

    def _psa_is_computable(self):
        """Whether an unsaved invoice knows all the lines that the host would add to it once it is saved."""
        self.ensure_one()
        return not (
            self.invoice_cash_rounding_id
            or self.invoice_payment_term_id.early_discount
            or self._get_discount_allocation_account()
            or self.company_id.account_storno
            or self.journal_id.type == "general"
            or any(line.is_downpayment for line in self.invoice_line_ids)
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
            | {"display_type": "payment_term", "sequence": 12000}
            for key, values in self._sync_dynamic_line_needed_values([needed]).items()
        ]
