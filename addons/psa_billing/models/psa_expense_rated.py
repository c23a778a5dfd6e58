"""What an expense or a vendor bill was rated by stays with it: the statement of work, and the terms there.

A document that is set back to draft and posted again was seen, proposed or billed before: unless what it cost
or how much it is changed, the client pays what was rated, whatever a product costs by now or whichever
project has its analytic account. What the client did not pay at all is rated as if it was posted first.
"""

from decimal import Decimal

from odoo import fields, models

from ..core.expenses import NOT_BILLED, Terms

#: What says that a cost is the one that was rated.
RATED_AS = ("order", "product", "uom", "cost", "quantity")


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    psa_expense_rated = fields.Json(
        string="Rated By",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The statement of work, cost, quantity and terms by which the client was to pay.",
    )

    def _psa_keep_rated(self):
        """These entries go, as when their document is set back to draft: it keeps what they were rated by."""
        for document, entries in self.filtered("psa_expense_rated").grouped(_document).items():
            rated = {entry._get_distribution_key(): entry.psa_expense_rated for entry in entries}
            document.psa_expense_rated = {**(document.psa_expense_rated or {}), **rated}

    def _psa_rated_before(self):
        """``{entry: what this cost was rated by when it was posted last}`` of those that were: not where the
        line that said so is sold no more, as its change order was cancelled."""
        found = {}
        for entry in self:
            kept = _document(entry).psa_expense_rated or {}
            known = entry.psa_expense_rated or kept.get(entry._get_distribution_key())
            if known and known["method"] != NOT_BILLED:
                found[entry] = known
        sold = self._psa_sold_still("sale.order.line", (known["line"] for known in found.values()))
        return {
            entry: known for entry, known in found.items() if not known["line"] or known["line"] in sold.ids
        }

    def _psa_orders_rated(self):
        """``{entry: the SOW that was to pay for this cost when it was posted last}``, where it goes on."""
        known = {entry: rated["order"] for entry, rated in self._psa_rated_before().items()}
        sold = self._psa_sold_still("sale.order", known.values())
        return {entry: sold.browse(order) for entry, order in known.items() if order in sold.ids}

    def _psa_sold_still(self, model, ids):
        """The orders, or lines, among ``ids`` that are confirmed; some may be deleted by now."""
        records = self.env[model].browse(dict.fromkeys(filter(None, ids))).exists()
        return records.filtered(lambda record: record.state == "sale")


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    psa_expense_rated = fields.Json(
        string="Rated By",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="By the analytic accounts: what the line was rated by when its bill was posted before.",
    )


class HrExpense(models.Model):
    _inherit = "hr.expense"

    psa_expense_rated = fields.Json(
        string="Rated By",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="By the analytic accounts: what the expense was rated by when it was posted before.",
    )


def _document(entry):
    """What is posted once more: the expense, whose journal entry may be another one, else the line."""
    return entry.move_line_id.expense_id or entry.move_line_id


def described(order, product, uom, cost, quantity):
    """``RATED_AS`` of a cost.

    :param cost: Decimal, net, in the currency of ``order``
    """
    values = order.id, product.id, uom.id, str(cost.normalize()), str(quantity.normalize())
    return dict(zip(RATED_AS, values, strict=True))


def told(terms, line):
    """``terms`` (``Terms``), which ``line`` of the SOW says, or none, as they are kept."""
    return {
        "line": line.id,
        "method": terms.method,
        "markup": str(terms.markup),
        "price": str(terms.price),
        "item_limit": str(terms.item_limit),
    }


def terms_of(known, cost):
    """The ``Terms`` that are ``known`` of a ``described`` cost; None where it was another one."""
    if not known or any(known[name] != cost[name] for name in RATED_AS):
        return None
    return Terms(known["method"], *(Decimal(known[name]) for name in ("markup", "price", "item_limit")))
