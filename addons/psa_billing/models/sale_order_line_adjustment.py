"""SOLs that bill money beside what the lines of a SOW say by price and quantity."""

from odoo import api, models
from odoo.fields import Command

from ..core.money import amount_of, dec, price_after_discount


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.depends("name", "product_id", "psa_kind")
    @api.depends_context("psa_short_name", "hide_partner_ref")
    def _compute_display_name(self):
        """Lines that billing makes all sell one product: what they are, and beside which line, says their
        text."""
        result = super()._compute_display_name()
        if self.env.context.get("psa_short_name"):
            return result
        products = (self.env.ref(f"psa_billing.{name}") for name in ("product_adjustment", "product_overage"))
        products = self.env["product.product"].union(*products)
        # sudo: as super
        lines = self.sudo().filtered(lambda line: line.psa_kind and line.product_id in products and line.name)
        clients = lines._additional_name_per_id()
        for line in lines:
            text, _rest, _below = line.name.partition("\n")
            line.display_name = " ".join(
                filter(None, (f"{line.order_id.name} - {text}", clients.get(line.id)))
            )
        return result

    def _psa_gross(self, amount):
        """A net ``amount`` as a price stands on this line: with its share of the taxes in the price."""
        self.ensure_one()
        price = dec(amount)
        if net := self._psa_net_price():
            price = price * price_after_discount(dec(self.price_unit), dec(self.discount)) / net
        return self.currency_id.round(float(price))

    def _prepare_psa_adjustment(self, text, amount):
        """Values of a SOL that bills ``amount`` (without taxes) beside this one, taxed like it."""
        self.ensure_one()
        return {
            "order_id": self.order_id.id,
            "product_id": self.env.ref("psa_billing.product_adjustment").id,
            "name": text,
            "product_uom_qty": 1,
            "price_unit": self._psa_gross(amount),
            "discount": 0,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "analytic_distribution": self.analytic_distribution,
            "sequence": self.sequence,
            "psa_adjusts_line_id": self.id,
            "psa_billing_model": "fixed",
        }

    def _psa_adjusting_lines(self):
        """The SOLs that billed with these lines what their quantities could not express. Lines that a review
        added are of their own, and what a concession took off is not billed again."""
        lines = self.search([("psa_adjusts_line_id", "in", self.ids)])
        return lines.filtered(
            lambda line: (
                line.psa_adjusts_line_id in line.invoice_lines.psa_proposal_line_id.sale_line_id
                or line.psa_rest_of_opening_ids
            )
        )

    def _psa_taken(self):
        """``{line: (quantity, net amount)}`` (Decimal) that is proposed or billed of these fixed prices, less
        posted credit notes, with what adjusting lines billed; what a review took off is given up, not left to
        bill."""
        rows = self.env["psa.billing.proposal.line"]._read_group(
            [
                ("sale_line_id", "in", self.ids),
                ("proposal_state", "not in", ("invoiced", "cancelled")),
                # what is held on a proposal that was closed waits for the next run
                "|",
                ("is_held", "=", False),
                ("proposal_state", "!=", "closed"),
            ],
            ["sale_line_id"],
            ["quantity:sum", "amount:sum"],
        )
        proposed = {line: (dec(quantity), dec(amount)) for line, quantity, amount in rows}
        adjusting = self._psa_adjusting_lines().grouped("psa_adjusts_line_id")
        taken = {}
        for line in self:
            own = line | adjusting.get(line, line)
            quantity, amount = proposed.get(line, (dec(0), dec(0)))
            amount += sum((one._psa_billed_for_good() for one in own), dec(0)) - line._psa_adjusted_amount()
            taken[line] = dec(line._psa_quantity_billed()) + quantity, amount
        return taken

    def _psa_billed_at_price(self):
        """What this line billed at its price (Decimal), net, less credit notes, with what a former system
        billed: each invoice line is rounded for itself, as the client pays it."""
        self.ensure_one()
        price, unit = self._psa_net_price(), dec(self.currency_id.rounding)
        # sudo: what is left to bill follows from every invoice, whoever asks
        bills = self.sudo().invoice_lines.filtered(lambda bill: bill.parent_state != "cancel")
        quantities = [-bill.move_id.direction_sign * dec(bill.quantity) for bill in bills]
        before = dec(round(self.qty_invoiced, 6)) - sum(quantities)
        return sum((amount_of(quantity, price, unit) for quantity in (before, *quantities)), dec(0))

    def _psa_adjusted_amount(self, but=None):
        """Money written up, less money written off, of this line without work; net, in the currency of the
        order.

        :param but: line of a proposal that does not count
        """
        self.ensure_one()
        domain = [("sale_line_id", "=", self.id), ("state", "=", "done"), ("on_work", "=", False)]
        if but:
            domain.append(("proposal_line_id", "!=", but.id))
        # sudo: what is left to bill follows from every proposal, whoever asks
        ((amount,),) = self.env["psa.adjustment"].sudo()._read_group(domain, [], ["amount:sum"])
        return dec(amount)
