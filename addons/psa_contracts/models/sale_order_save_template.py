"""A SOW that went well becomes the template of the next ones."""

from odoo import Command, models
from odoo.exceptions import UserError

from ..core.billing_models import RETAINER, TIME_MATERIAL
from .sale_order_document import DOCUMENT_FIELDS


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_psa_save_as_template(self):
        """Make a SOW template of this SOW and open it.

        :raises UserError: where this is no SOW
        """
        self.ensure_one()
        if self.psa_kind != "sow":
            raise UserError(
                self.env._("%s is no statement of work: open one to make a template of it.", self.name)
            )
        template = self.env["sale.order.template"].create(self._psa_prepare_template())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("SOW Template"),
            "res_model": "sale.order.template",
            "res_id": template.id,
            "view_mode": "form",
        }

    def _psa_prepare_template(self):
        sold = self.order_line.filtered(lambda line: not line.is_downpayment and not line.is_expense)
        days = 0
        if self.psa_date_start and self.psa_date_end:
            days = (self.psa_date_end - self.psa_date_start).days + 1
        return {
            "name": self.env._("As %s", self.name),
            "psa_kind": "sow",
            "company_id": self.company_id.id,
            "psa_duration": days,
            "psa_project_template_id": self.psa_project_template_id.id,
            "psa_cap_amount": self._psa_in_company_currency(self.psa_cap_amount),
            "psa_milestone_acceptance": self.psa_milestone_acceptance,
            "require_signature": self.require_signature,
            "require_payment": self.require_payment,
            "prepayment_percent": self.prepayment_percent,
            **{field: self[field] for field in DOCUMENT_FIELDS},
            "sale_order_template_line_ids": [
                Command.create(line._psa_prepare_template_line(10 * number))
                for number, line in enumerate(sold.sorted(), start=1)
            ],
        }

    def _psa_in_company_currency(self, amount):
        company = self.company_id
        return self.currency_id._convert(amount, company.currency_id, company, self._psa_price_day())


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_prepare_template_line(self, sequence):
        """Values of the template line that would make this line again."""
        self.ensure_one()
        order, values = self.order_id, {"sequence": sequence, "name": self.name}
        if self.display_type:
            values |= {"display_type": self.display_type, "is_optional": self.is_optional}
            start, end = self.psa_date_start, self.psa_date_end
            if start and end and order.psa_date_start and order.psa_date_start <= start <= end:
                values["psa_start_offset"] = (start - order.psa_date_start).days
                values["psa_duration"] = (end - start).days + 1
            return values
        values |= {
            "product_id": self.product_id.id,
            "product_uom_id": self.product_uom_id.id,
            "product_uom_qty": self.product_uom_qty,
            "psa_offered_quantity": self.psa_offered_quantity,
            "psa_role_id": self.psa_role_id.id,
            "psa_billing_model": self.psa_billing_model,
            "psa_cap_amount": order._psa_in_company_currency(self.psa_cap_amount),
        }
        if self.psa_billing_model != TIME_MATERIAL:
            retainer = self.psa_billing_model == RETAINER
            values["psa_effort_hours"] = self.psa_retainer_hours if retainer else self.psa_effort_hours
            values["psa_price_unit"] = order._psa_in_company_currency(self.price_unit)
        return values
