"""The client signs what they have read: what was written after they opened the page is not signed unseen."""

import hashlib
import json

from odoo import models

from .lock import touch

#: Of the order and its lines, beside the stored fields of the suite: what the client reads.
READ_OF_ORDER = (
    "amount_tax",
    "amount_total",
    "amount_untaxed",
    "client_order_ref",
    "currency_id",
    "note",
    "partner_id",
    "payment_term_id",
)
READ_OF_LINE = (
    "discount",
    "display_type",
    "is_optional",
    "name",
    "price_unit",
    "product_uom_id",
    "product_uom_qty",
    "sequence",
    "tax_ids",
)
#: Count what happens around an order and say nothing to the client.
COUNTERS = {"psa_change_number", "psa_terms_revision", "psa_wip_revision"}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_seal(self):
        """A fingerprint of what this order says; another one once anything of it has changed. Called in sudo.

        That of a change order changes, too, when the contract that it amends does: it says what comes before
        and after it.
        """
        self.ensure_one()
        said = [_values(self, READ_OF_ORDER), self.psa_parent_id.psa_terms_revision]
        for records in self._psa_sealed_records():
            said.append([_values(record) for record in records])
        for line in self.order_line.sorted(lambda line: (line.sequence, line.id)):
            said.append(_values(line, READ_OF_LINE))
        return hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()

    def _psa_writes_on_what_is_read(self):
        """Somebody writes beside the rows of these orders on what the client reads there: who signs one of
        them at the same moment is run again, and reads it, and so is who writes where it was signed."""
        # sudo: which of them the client may still sign, whoever writes
        touch(self.sudo().filtered(lambda order: order.psa_kind and order.state in ("draft", "sent")))

    def _psa_sealed_records(self):
        """The records that this order is made of beside its lines; the addons above add theirs."""
        self.ensure_one()
        return [self.psa_payer_ids, self.psa_success_fee_ids]


def _values(record, names=()):
    """``{name: value}`` of the stored fields ``names`` and of those of the suite; of all fields of a model of
    the suite."""
    own = record._name.startswith("psa.")
    names = [
        name
        for name, field in record._fields.items()
        if field.store
        and field.type not in ("one2many", "binary")
        and name not in COUNTERS
        and (name in names or (name not in models.LOG_ACCESS_COLUMNS if own else name.startswith("psa_")))
    ]
    return {name: record._fields[name].convert_to_read(record[name], record, False) for name in names}
