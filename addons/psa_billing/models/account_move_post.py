"""Invoices of proposals posted together: what the host looks up and writes for each of them, once."""

from collections import defaultdict

from odoo import fields, models

from .host_methods import only_by

#: What gives an invoice its number, and the addons whose way of it is followed here.
NUMBERING = (
    "_compute_name",
    "_get_last_sequence",
    "_get_last_sequence_domain",
    "_get_next_sequence_format",
    "_get_starting_sequence",
    "_locked_increment",
    "_set_next_sequence",
)
#: The last of them numbers debit notes apart, where the journal says so.
NUMBERED_BY = {"account", "base", "psa_billing", "account_debit_note"}


class Batch:
    """What has been found while invoices are posted together."""

    def __init__(self, numbers):
        self.numbers = numbers  # whether the number of an invoice follows from the one before
        self.formats = {}  # {(journal, type, debit note or not, date): format of the number and its values}
        self.ranks = defaultdict(int)  # {(field, partner id): times a client becomes one}


class AccountMove(models.Model):
    _inherit = "account.move"

    def _psa_post_batch(self, post):
        """The result of ``post``, called with these moves in a context that shares their lookups."""
        self._psa_date_together()
        self.line_ids.mapped("tax_ids")  # the host asks for them invoice by invoice
        batch = Batch(only_by(self, NUMBERING, NUMBERED_BY))
        posted = post(self.with_context(psa_post_batch=batch))
        self.env["res.partner"]._psa_raise_ranks(batch.ranks)
        return posted.with_context(psa_post_batch=None)

    def _psa_date_together(self):
        """Invoices of proposals that have no date get that of today: the host dates them one by one when it
        posts them, and computes taxes and terms anew for each. In a foreign currency that is left to it: a
        rate that somebody entered stays."""
        # sudo: see _psa_billed_lines
        undated = self.filtered(
            lambda move: (
                move.state == "draft"
                and move.is_sale_document(include_receipts=True)
                and not move.invoice_date
                and move.currency_id == move.company_currency_id
                and move.sudo().psa_proposal_id
            )
        )
        # The context of the host's posting: nobody has changed the invoice by hand.
        undated.with_context(skip_is_manually_modified=True).invoice_date = fields.Date.context_today(self)

    def _get_next_sequence_format(self):
        """Of moves of one day and journal that are posted together, the next number follows the last."""
        batch = self.env.context.get("psa_post_batch")
        if not batch or not batch.numbers or self.journal_id.is_self_billing or self.origin_payment_id:
            return super()._get_next_sequence_format()
        debit_note = "debit_origin_id" in self and bool(self.debit_origin_id)
        key = (self.journal_id, self.move_type, debit_note, self.date)
        if key in batch.formats:
            form, values = batch.formats[key]
            # The host holds the sequence locked and counts on from the number that it gave last.
            if (form.format(**{**values, "seq": 0}), self.journal_id) in self._get_sequence_cache():
                return form, dict(values)
        form, values = super()._get_next_sequence_format()
        batch.formats[key] = form, dict(values)
        return form, values


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _create_analytic_lines(self):
        if self.env.context.get("psa_post_batch"):
            return super(AccountMoveLine, self._psa_with_lookups())._create_analytic_lines()
        return super()._create_analytic_lines()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _increase_rank(self, field, n=1):
        """New clients of invoices that are posted together are marked as clients together."""
        batch = self.env.context.get("psa_post_batch")
        if not batch:
            return super()._increase_rank(field, n)
        fresh = self.filtered(lambda partner: partner.id and not partner.sudo()[field])
        for partner in fresh:
            batch.ranks[field, partner.id] += n
        return super(ResPartner, self - fresh)._increase_rank(field, n)

    def _psa_raise_ranks(self, ranks):
        """:param ranks: ``{(field, partner id): rank}`` of partners without a rank"""
        partners = defaultdict(list)
        for (field, partner_id), rank in ranks.items():
            partners[field, rank].append(partner_id)
        for (field, rank), partner_ids in partners.items():
            # sudo: as the host raises them
            self.browse(partner_ids).sudo().write({field: rank})
