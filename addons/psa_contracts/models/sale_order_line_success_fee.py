"""Success fee lines: each has its terms, and delivers what was approved."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.billing_models import SUCCESS_FEE

#: On a signed success fee line these follow from the approved fee.
FEE_DRIVEN_FIELDS = {"price_unit", "product_uom_qty", "qty_delivered", "discount"}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_success_fee_ids = fields.One2many("psa.success.fee", "order_id", string="Success Fees")

    def action_draft(self):
        """What is written anew is claimed anew, under the terms that will be signed."""
        result = super().action_draft()
        # sudo: it follows from the button, whose right was checked
        self.sudo().filtered(
            lambda order: order.psa_kind and order.state == "draft"
        ).psa_success_fee_ids._psa_reopen()
        return result

    def _psa_uses_by_work(self):
        """A success fee that is claimed builds on the change order that sells it."""
        yield from super()._psa_uses_by_work()
        for fee in self._psa_own_lines().psa_success_fee_ids:
            if fee.state in ("claimed", "approved"):
                yield self.env._("the success fee %s, which is claimed", fee.display_name)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_success_fee_ids = fields.One2many("psa.success.fee", "sale_line_id", string="Success Fee", copy=True)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._psa_sync_success_fees()
        return lines

    def write(self, vals):
        if not self.env.su and FEE_DRIVEN_FIELDS & vals.keys():
            signed = self.filtered(lambda line: line.order_id.state == "sale")
            signed._psa_refuse_fee_driven(FEE_DRIVEN_FIELDS & vals.keys())
        result = super().write(vals)
        if "psa_billing_model" in vals:
            self._psa_sync_success_fees()
        return result

    def unlink(self):
        # sudo: the terms go with their line; by the database alone their chatter would stay behind
        self.sudo().psa_success_fee_ids.unlink()
        return super().unlink()

    def _psa_sync_success_fees(self):
        """Every line of this billing model has a success fee, no other line has one."""
        fees = self.filtered(
            lambda line: (
                line.order_id.psa_kind
                and line.psa_billing_model == SUCCESS_FEE
                and not line.psa_amends_line_id  # it takes the fee of another line off
            )
        )
        # sudo: who may write the line may have its terms; nobody makes or deletes fees of their own
        fee_model = self.env["psa.success.fee"].sudo()
        fee_model.create([{"sale_line_id": line.id} for line in fees if not line.sudo().psa_success_fee_ids])
        (self - fees).sudo().psa_success_fee_ids.unlink()

    def _psa_refuse_fee_driven(self, names):
        line = self.filtered(lambda line: line.order_id.psa_kind and line.psa_billing_model == SUCCESS_FEE)[
            :1
        ]
        if line:
            labels = ", ".join(self._fields[name]._description_string(self.env) for name in sorted(names))
            raise UserError(
                self.env._(
                    "%(order)s: the price and the delivered quantity of the success fee %(line)s follow "
                    "from its approval, they are not typed (%(fields)s). Record the result on the page "
                    "Success Fees.",
                    order=line.order_id.name,
                    line=line.name,
                    fields=labels,
                )
            )

    @api.depends("psa_success_fee_ids.state")  # the fee is settled when it is approved
    def _compute_qty_delivered(self):
        return super()._compute_qty_delivered()

    def _prepare_qty_delivered(self):
        delivered = super()._prepare_qty_delivered()
        for line in self:
            if line.psa_billing_model == SUCCESS_FEE and line.order_id.psa_kind:
                # sudo: what is delivered shows to everybody who sees the order
                fee = line.sudo().psa_success_fee_ids[:1]
                approved = fee.state == "approved" and not line.psa_amends_line_id
                delivered[line] = 1.0 if approved and fee.fee_amount else 0.0
        return delivered

    def _get_protected_fields(self):
        """An approved fee sets the price of its line also on a locked order."""
        if self.env.su and self.env.context.get("psa_success_fee"):
            return []
        return super()._get_protected_fields()

    def _psa_problem(self):
        problem = super()._psa_problem()
        if problem or self.psa_billing_model != SUCCESS_FEE:
            return problem
        # sudo: terms count also for who may confirm without reading them
        line = self.sudo()
        if line.psa_amends_line_id:
            return line._psa_taking_off_problem()
        return line.psa_success_fee_ids[:1]._psa_problem()

    def _psa_taking_off_problem(self):
        """What keeps this line of a change order from taking off the success fee that it amends, in words;
        None if nothing does."""
        head = self._psa_group_head()
        whole = self.product_uom_qty == -1 and not self.discount
        if not whole or self.currency_id.compare_amounts(self.price_unit, head.price_unit):
            return self.env._(
                "the success fee %s cannot be changed, only taken off: quantity -1 at its price. Sell "
                "another one on a line of its own.",
                head.name,
            )
        fee = head.psa_success_fee_ids[:1]
        if fee.state in ("claimed", "approved"):
            return self.env._(
                "the success fee %s is claimed. Have the claim rejected, or the approval withdrawn, before a "
                "change order takes it off.",
                head.name,
            )
        return None
