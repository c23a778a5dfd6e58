"""A product keeps the invoicing policy by which signed lines are billed."""

from odoo import models
from odoo.exceptions import UserError

from ..core.billing_models import POLICY_OF_MODEL
from .numbers import names_told

#: What the host's invoicing policy of a service follows from.
POLICY_FIELDS = {"invoice_policy", "service_policy", "service_type", "type"}


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def write(self, vals):
        if self.env.su or not POLICY_FIELDS & vals.keys():
            return super().write(vals)
        before = {product: product.service_policy for product in self}
        result = super().write(vals)
        for product, policy in before.items():
            if product.service_policy != policy:
                product._psa_check_policy_of_signed(policy)
        return result

    def _psa_check_policy_of_signed(self, before):
        """The host reads what is left to invoice of a line from the policy that its product has today: a
        fixed price would be billed again for each hour of work on it, a milestone without being reached.

        :param before: the policy until now; lines that another one bills may be set right
        :raises UserError: where signed lines are billed by it
        """
        self.ensure_one()
        models = [model for model, policy in POLICY_OF_MODEL.items() if policy == before]
        # sudo: who manages products is told which statements of work sell this one, also those of others
        lines = (
            self.env["sale.order.line"]
            .sudo()
            .search(
                [
                    ("product_id.product_tmpl_id", "=", self.id),
                    ("psa_billing_model", "in", models),
                    ("order_id.psa_kind", "!=", False),
                    ("state", "=", "sale"),
                ]
            )
        )
        if not lines:
            return
        raise UserError(
            self.env._(
                "%(product)s is sold by signed statements of work (%(orders)s), which are billed as its "
                "invoicing policy says: it cannot get another one. Make another product for what is sold "
                "from now on, and choose it on the role or on the line.",
                product=self.display_name,
                orders=names_told(lines.order_id),
            )
        )
