"""What is done with proposals and invoices lets nothing go further over a cap.

What takes less back, or gives something up that had given room (a correction, a deduction, a credit note),
bills more than before: refused where that is more than a cap allows. A cap that was lowered below what is
billed already refuses only what makes that worse.
"""

from contextlib import contextmanager

from odoo import models
from odoo.exceptions import UserError

from .psa_wip_entry import DELIVERED_STATES


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_under_caps(self):
        """Those of these SOWs that a cap bounds; see ``_psa_is_capped``."""
        return self.filtered(lambda order: order._psa_is_capped())

    def _psa_left_of_caps(self):
        """``{SOL, SOW or agreement: net amount}`` (Decimal) that proposals and invoices leave of the caps of
        these SOWs, each in its own currency; below zero what they are over it."""
        work = self.env["psa.wip.entry"]
        lines = self._psa_contract().order_line.filtered("psa_role_id")
        of_lines, of_orders = work._psa_caps_left(self, lines, work._psa_consumed(self))
        return {**of_lines, **of_orders, **self._psa_capped_agreements()._psa_left()}

    @contextmanager
    def _psa_keeping_caps(self):
        """For what is done while it lasts. Who does the like under these caps at the same moment is run
        again.

        :raises UserError: where proposals and invoices of these SOWs, in sudo, are further over a cap at its
            end than they were
        """
        left = {}
        if self:
            self.env["psa.wip.entry"]._psa_lock_orders(self)
            left = self._psa_left_of_caps()
        yield
        self._psa_check_caps_left(left)

    def _psa_check_caps_left(self, before=None):
        """:param before: what was left before, see ``_psa_left_of_caps``; None: nothing may be over a cap
        :raises UserError: where proposed and billed work, and fixed prices, of these SOWs go over a cap, and
            further than before
        """
        for record, left in self._psa_left_of_caps().items() if self else ():
            if left < 0 and (before is None or left < before.get(record, 0)):
                raise UserError(self._psa_over_cap_message(record, left))

    def _psa_over_cap_message(self, record, left):
        """:param record: SOL, SOW or agreement that has the cap
        :param left: see ``_psa_left_of_caps``
        """
        if record._name == "psa.agreement":
            return record._psa_over_cap_message(left)
        return self.env._(
            "This would bill %(amount)s more than the cap of %(name)s allows. Bill less, hold or cancel what "
            "is proposed beside it, or raise the cap by a change order.",
            amount=record.currency_id.format(-float(left)),
            name=record.display_name,
        )


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_corrections_under_caps(self):
        """The SOWs with a cap of which corrections are among this work: without them what is proposed beside
        them, or was billed after them, may be more than a cap leaves."""
        corrections = self.filtered(lambda entry: entry.state in DELIVERED_STATES and entry.amount < 0)
        return corrections.order_id._psa_under_caps()


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _psa_deducts_under_caps(self):
        """The SOWs under an agreement with a cap of which these lines take something off: others may have
        used what that gave, so that it cannot be had back alone."""
        deducting = self.filtered(lambda line: line.amount < 0).sale_line_id._psa_under_agreement_cap()
        return deducting.order_id._psa_sow().filtered(lambda order: order._psa_capped_agreement())


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _psa_gives_room_under_caps(self):
        """The SOWs with a cap, in sudo, of which these lines of invoices and credit notes give something
        back: by corrections of work, or what was taken off fixed prices, also by a credit note typed by
        hand."""
        lines = self.sudo().filtered("sale_line_ids")  # sudo: see _psa_free_work
        less = lines.filtered(lambda line: line.move_id.direction_sign * line.price_subtotal > 0)
        if not less and not lines.psa_proposal_line_id:
            return self.env["sale.order"].sudo()
        domain = [("invoice_line_id", "in", lines.ids), ("amount", "<", 0)]
        corrections = self.env["psa.wip.entry"].sudo().search(domain)
        return corrections._psa_corrections_under_caps() | less._psa_fixed_under_caps()

    def _psa_fixed_under_caps(self):
        """The SOWs under an agreement with a cap, in sudo, of which these lines bill fixed prices or periods
        of retainers. What a draft bills less of them gives room at once."""
        sale_lines = self.sudo().sale_line_ids  # sudo: see _psa_free_work
        return sale_lines._psa_under_agreement_cap().order_id._psa_sow()._psa_under_caps()
