"""The JSON of a line of an exported proposal; see docs/billing-export.md."""

from odoo import models

from ..core.export import day, text
from ..core.money import dec


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _psa_export_line(self):
        self.ensure_one()
        line, proposal = self.sale_line_id, self.proposal_id
        sow = line.order_id._psa_sow()
        digits = self.env["decimal.precision"]
        return {
            "id": self.id,
            "sow": {"id": sow.id, "name": sow.name},
            "sow_line": {"id": line.id, "name": line.name},
            "billing_model": line.psa_billing_model or None,
            "role": line.psa_role_id.name or None,
            "product": line.product_id.default_code or line.product_id.name,
            "service_from": day(self.date_start),
            "service_to": day(self.date_end),
            "quantity": text(dec(self.quantity), digits.precision_get("Product Unit")),
            "unit": line.product_uom_id.name,
            "unit_price": self._psa_export_price(),
            "discount": text(dec(self.discount), digits.precision_get("Discount")),
            "remainder": proposal._psa_money(self.remainder),
            "amount": proposal._psa_money(self.amount),
            "taxes": [
                {
                    "id": tax.id,
                    "name": tax.name,
                    "type": tax.amount_type,
                    "amount": text(dec(tax.amount), 4),
                    "price_included": tax.price_include,
                }
                for tax in line.tax_ids
            ],
            "work": [self._psa_export_work(entry) for entry in self._psa_work_to_export()],
        }

    def _psa_export_price(self):
        """With the digits that prices have, and more where this one has more."""
        price = dec(round(self.price_unit, 6))
        own = -price.normalize().as_tuple().exponent
        return text(price, max(own, self.env["decimal.precision"].precision_get("Product Price")))

    def _psa_work_to_export(self):
        """What is billed: what was written off, and why, is the firm's own."""
        billed = self.wip_ids.filtered(lambda entry: entry.state in ("proposed", "billed"))
        return billed.sorted(lambda entry: (entry.date, entry.id))

    def _psa_export_work(self, entry):
        source = entry.analytic_line_id
        return {
            "id": entry.id,
            "entry": source.id,
            "date": day(entry.date),
            "person": entry.employee_id.name or None,
            "role": entry.role_id.name or None,
            "task": source.task_id.name or None,
            "description": source.name or None,
            "hours": text(dec(round(entry.raw_hours, 4)), 4),
            "quantity": text(
                dec(entry.billable_quantity), self.env["decimal.precision"].precision_get("Product Unit")
            ),
            "amount": self.proposal_id._psa_money(entry.amount),
        }
