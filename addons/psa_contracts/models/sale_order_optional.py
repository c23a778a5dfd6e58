"""Optional phases: the client takes of them what they want before they sign; the rest was never sold.

Optional is the host's word: the lines of such a section are offered with the quantity 0, and the client
orders some in the portal.
"""

from math import isfinite

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.billing_models import RETAINER, TIME_MATERIAL

#: What the client orders some of; what earns otherwise they take or leave whole.
BY_QUANTITY = (TIME_MATERIAL, RETAINER)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_has_options = fields.Boolean(compute="_compute_psa_has_options")

    @api.depends("order_line.is_optional")
    def _compute_psa_has_options(self):
        for order in self:
            order.psa_has_options = any(order.order_line.mapped("is_optional"))

    def _can_be_edited_on_portal(self):
        # what is signed and waits for its payment is still a quotation of the host
        return super()._can_be_edited_on_portal() and not self._psa_is_signed()

    def _psa_keep_choice(self):
        """Remember, as these orders are confirmed, what the client left out of them. Repeatable."""
        left = self.order_line.filtered(lambda line: line._psa_is_not_ordered())
        before = self.order_line.filtered("psa_declined")
        (left - before).psa_declined = True
        (before - left).psa_declined = False

    def _psa_options_left(self):
        """What was offered with this contract, and neither taken with it nor by a change order since."""
        lines = self._psa_contract().order_line
        return lines.filtered("psa_declined") - lines.psa_option_line_id


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    # Stored: lines are dragged from phase to phase also after they were signed.
    psa_declined = fields.Boolean(
        string="Not Taken",
        readonly=True,
        copy=False,
        help="It was offered in an optional phase, and the client signed without it: nothing of it is sold.",
    )

    psa_offered_quantity = fields.Float(
        string="Offered",
        digits="Product Unit",
        help="Of an optional phase: the hours or periods that the client reads, with what they cost, and "
        "takes with one click. Nothing of it is sold before.",
    )

    psa_option_line_id = fields.Many2one(
        "sale.order.line",
        string="Option",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="What was offered as an option, was not taken then, and is sold by this line of a change order.",
    )

    _psa_offered_quantity_not_negative = models.Constraint(
        "CHECK(COALESCE(psa_offered_quantity, 0) >= 0)",
        "What is offered as an option cannot be negative. Use 0 where the client says how much.",
    )

    @api.constrains("psa_option_line_id", "order_id")
    def _check_psa_option_line_id(self):
        for line in self.filtered("psa_option_line_id"):
            # sudo: which contract a line belongs to decides, whoever writes
            option = line.psa_option_line_id.sudo()
            if option.order_id._psa_sow() != line.order_id.psa_parent_id:
                raise ValidationError(
                    self.env._(
                        "%(line)s on %(order)s takes an option of another contract. A change order sells the "
                        "options of its own statement of work only.",
                        line=line.name,
                        order=line.order_id.name,
                    )
                )

    def _psa_is_declined(self):
        """Whether the client left this line out of what they signed; before, whether they would, signing
        now."""
        self.ensure_one()
        return self.psa_declined if self.state == "sale" else self._psa_is_not_ordered()

    def _psa_is_not_ordered(self):
        """Whether this line is offered in an optional phase, and nothing of it is ordered."""
        self.ensure_one()
        if self.display_type or self.product_uom_qty or self.psa_group_line_id or self.psa_amends_line_id:
            return False
        return bool(self.order_id.psa_kind) and self._is_line_optional()

    def _psa_option_problem(self, label):
        """What keeps a change order from selling this option, in words; None if nothing does.

        :param label: how a message calls this line
        """
        self.ensure_one()
        if not self.psa_option_line_id:
            return None
        others = (self.order_id.psa_parent_id._psa_contract() - self.order_id).order_line
        other = others.filtered(lambda line: line.psa_option_line_id == self.psa_option_line_id)[:1]
        if not other:
            return None
        return self.env._(
            "%(line)s is an option that %(order)s sells already. Remove the line, press “Change Lines…” and "
            "enter there what it shall come to.",
            line=label,
            order=other.order_id.name,
        )

    def _psa_offered(self):
        """Units of this option that the client takes with one click; 0 where they say themselves how many."""
        self.ensure_one()
        return self.psa_offered_quantity if self.psa_billing_model in BY_QUANTITY else 1.0

    def _psa_is_offered(self):
        """Whether the client may still take this option, and reads how much of it is offered."""
        self.ensure_one()
        return not self.product_uom_qty and self._psa_offered() > 0 and self._can_be_edited_on_portal()

    def _psa_chosen_quantity(self, quantity, remove):
        """What the client orders of this line: units of it, at least 0; of what the document shows as one
        amount all or nothing.

        :param quantity: that they typed; False: what is offered, else one more, or with ``remove`` one less
        """
        self.ensure_one()
        if quantity is False:
            before, offered = self.product_uom_qty, self._psa_offered()
            quantity = offered if offered and not before and not remove else before + (-1 if remove else 1)
        if not (isfinite(quantity) and quantity > 0):
            return 0
        return quantity if self.psa_billing_model in BY_QUANTITY else 1

    def _psa_offered_amount(self):
        """What this option costs, or all of those of this optional phase that are not ordered: before taxes,
        in the currency of the order; 0 where one of them does not say how much is offered."""
        self.ensure_one()
        if not self.display_type:
            return self._psa_price_of(self._psa_offered())
        sections = self.order_id._psa_sections(offered=True)
        lines = [line for line, section in sections.items() if section == self and line._psa_is_not_ordered()]
        amounts = [line._psa_offered_amount() for line in lines]
        return sum(amounts) if all(line._psa_offered() for line in lines) else 0.0

    def _psa_price_of(self, quantity):
        """What ``quantity`` units of this line cost, before taxes, in the currency of its order."""
        taxes = self.tax_ids.compute_all(
            self._get_discounted_price(),
            currency=self.currency_id,
            quantity=quantity,
            product=self.product_id,
            partner=self.order_id.partner_id,
        )
        return taxes["total_excluded"]
