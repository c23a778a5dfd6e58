"""Native down payments of a SOW are deducted from what its proposals bill, as far as there is so much."""

from odoo import api, fields, models

from ..core.money import amount_of, dec, round_down
from .psa_billing_proposal import PENDING_STATES


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_deposits(self):
        """``{down payment SOL: net amount}`` that the client has been invoiced and no invoice deducts yet."""
        self.ensure_one()
        sale_lines = self._psa_contract().order_line.filtered("is_downpayment")
        left = {line: line._psa_deposit_left() for line in sale_lines if not line.display_type}
        return {line: amount for line, amount in left.items() if amount > 0}

    def _psa_sold_taxes(self):
        """The taxes, all those of a line together, that lines of this SOW and its change orders have which
        still bill something."""
        lines = self._psa_contract().order_line
        sold = lines.filtered(lambda line: not (line.is_downpayment or line.display_type))
        return {
            line.tax_ids for line in sold - sold._psa_done() if not line.psa_adjusts_line_id.is_downpayment
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_deposit_left(self):
        """What is left of this down payment (Decimal, net): posted, less what invoices and drafts deduct."""
        adjustments = self.search([("psa_adjusts_line_id", "=", self.id)])
        left = dec(0)
        for line in (self + adjustments).invoice_lines:
            amount = -line.move_id.direction_sign * dec(line.price_subtotal)
            if line.parent_state == "posted" or (line.parent_state == "draft" and amount < 0):
                left += amount
        return left

    def _psa_deposit_payer(self):
        """Who was invoiced this down payment."""
        lines = self.invoice_lines.filtered(
            lambda line: line.move_id.move_type == "out_invoice" and line.price_subtotal > 0
        )
        return lines.move_id.commercial_partner_id[:1]

    def _psa_deduct(self, amount, left):
        """The values of the invoice lines that deduct ``amount`` (Decimal, net) of this down payment.

        :param left: what is left of it; where that is deducted as a whole, so are its units
        """
        price, account = self._psa_net_price(), self.invoice_lines.account_id[:1]
        unit = dec(self.currency_id.rounding)
        # the host says 0 where a part of the units was credited at their price: that is money alone
        quantity = round_down(amount / price, self._psa_quantity_unit()) if price else dec(0)
        if amount == left:
            quantity = dec(round(self.qty_invoiced, 6))
        rest = amount - amount_of(quantity, price, unit)
        values = {"quantity": -float(quantity), "extra_tax_data": False}
        if quantity == 1 and not rest:
            data = self.env["account.tax"]._reverse_quantity_base_line_extra_tax_data(self.extra_tax_data)
            values = {"quantity": -1.0, "extra_tax_data": data}
        if quantity:
            yield self._prepare_invoice_line(**values)
        if not self.currency_id.is_zero(float(rest)):
            adjustment = self.create(self._prepare_psa_adjustment(self.name, -float(rest)))
            yield adjustment._prepare_invoice_line(
                quantity=1, account_id=account.id, name=self.name, is_downpayment=True
            )


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    deposit_amount = fields.Monetary(
        string="Less Down Payments",
        compute="_compute_deposit_amount",
        help="Deducted from the invoice: what the client was invoiced in advance, up to the amount to bill. "
        "The rest goes on the next proposal.",
    )
    invoice_amount = fields.Monetary(
        string="To Invoice", compute="_compute_deposit_amount", help="Without taxes, after down payments."
    )

    @api.depends("amount", "state", "order_ids.order_line.invoice_lines.parent_state")
    def _compute_deposit_amount(self):
        deducted = self._origin._psa_deducted_of_each()
        for proposal in self:
            proposal.deposit_amount = -float(deducted.get(proposal._origin, 0))
            proposal.invoice_amount = proposal.amount + proposal.deposit_amount

    def _psa_deducted_of_each(self):
        """``{proposal: what its invoices deduct, or will}`` (Decimal): proposals that wait for an invoice
        take in their order what the down payments of their SOWs have left."""
        # sudo: what was paid in advance counts for reviewers, who need not see invoices
        proposals = self.sudo()
        waits = proposals.search(
            [("order_ids", "in", proposals.order_ids.ids), ("state", "in", PENDING_STATES)]
        )
        deposits = (waits | proposals)._psa_deposits_of_sows()
        return {
            proposal: proposal._psa_take_deposits(deposits)
            if proposal.state in PENDING_STATES
            else proposal._psa_deducted()
            for proposal in (waits | proposals).sorted("id")
        }

    def _psa_sows_billed(self):
        """The SOWs whose work these proposals bill."""
        return self.order_ids | self.order_id._psa_sow()

    def _psa_deposits_of_sows(self):
        """``{SOW: {down payment SOL: net amount left}}`` of all SOWs of these proposals."""
        return {order: order._psa_deposits() for order in self._psa_sows_billed()}

    def _psa_take_deposits(self, deposits):
        """What the invoices of this proposal will deduct (Decimal); it is taken off ``deposits``."""
        if not any(deposits[order] for order in self._psa_sows_billed()):
            return dec(0)
        taken = (
            amount
            for payer, by_sow in self._psa_bounds_by_payer().items()
            for _line, amount, _left in self._psa_deductions(payer, by_sow, deposits)
        )
        return sum(taken, dec(0))

    def _psa_bounds_by_payer(self):
        """``{payer: {SOW: {taxes: net amount}}}`` of what is not held; one payer, empty, where the client
        pays all."""
        if by_payer := self._psa_taxed_by_payer():  # those share one SOW
            return {payer: {self.order_id._psa_sow(): taxed} for payer, taxed in by_payer.items()}
        by_sow = {}
        for line in self._psa_lines_to_bill():
            sale_line = line.sale_line_id
            amounts = by_sow.setdefault(sale_line.order_id._psa_sow(), {})
            amounts[sale_line.tax_ids] = amounts.get(sale_line.tax_ids, dec(0)) + dec(line.amount)
        return {self.env["res.partner"]: by_sow}

    def _psa_deducted(self):
        """What the invoices of this proposal deduct (Decimal)."""
        lines = self.invoice_ids.invoice_line_ids.filtered(
            lambda line: line.is_downpayment and line.parent_state != "cancel"
        )
        return -sum((-line.move_id.direction_sign * dec(line.price_subtotal) for line in lines), dec(0))

    def _psa_deductions(self, payer, by_sow, deposits):
        """``[(down payment SOL, amount, what was left)]`` of an invoice; taken off ``deposits``.

        A down payment is deducted from the work of its own SOW with its own taxes, and never more than that
        comes to: taxes that the client was charged in advance are taken off these taxes. One with taxes that
        no line of its SOW has any more is deducted from all.

        :param payer: paying client; empty where the client of the SOW pays all
        :param by_sow: ``{SOW: {taxes: net amount on the invoice}}``
        :param deposits: ``{SOW: {down payment SOL: net amount left}}``
        """
        whole = sum((amount for amounts in by_sow.values() for amount in amounts.values()), dec(0))
        taken = []
        for order, amounts in sorted(by_sow.items(), key=lambda item: item[0].id):
            bound, own = sum(amounts.values(), dec(0)), deposits.get(order, {})
            if not own:
                continue
            left, sold = dict(amounts), order._psa_sold_taxes()
            for line in sorted(own, key=lambda line: (line.tax_ids not in sold, line.id)):
                if payer and line._psa_deposit_payer() != payer.commercial_partner_id:
                    continue
                of_taxes = left.get(line.tax_ids, dec(0)) if line.tax_ids in sold else bound
                amount = min(own[line], of_taxes, bound, whole)
                if amount > 0:
                    taken.append((line, amount, own[line]))
                    own[line] -= amount
                    left[line.tax_ids] = left.get(line.tax_ids, dec(0)) - amount
                    bound -= amount
                    whole -= amount
        return taken

    def _prepare_deductions(self, order, payer, bills, deposits):
        """The values of the lines that deduct down payments, below a section of their own.

        :param deposits: ``{SOW: {down payment SOL: net amount left}}``; what is deducted is taken off
        """
        by_sow = {}
        for bill in bills:
            sale_line = bill.line.sale_line_id
            amounts = by_sow.setdefault(sale_line.order_id._psa_sow(), {})
            amounts[sale_line.tax_ids] = amounts.get(sale_line.tax_ids, dec(0)) + bill.amount
        taken = self._psa_deductions(payer, by_sow, deposits)
        if taken:
            yield order._prepare_down_payment_section_line()
        for line, amount, left in taken:
            yield from line.with_env(order.env)._psa_deduct(amount, left)
