"""SOWs that are not signed yet are the best forecast of their opportunity; a signed one ends it."""

from odoo import api, models

from .numbers import number_told

ORDER_FIELDS = {"opportunity_id", "psa_date_end", "psa_date_start", "psa_kind", "state"}
LINE_FIELDS = {
    "discount",
    "price_unit",
    "product_uom_id",
    "product_uom_qty",
    "psa_billing_model",
    "psa_date_end",
    "psa_date_start",
    "psa_effort_hours",
    "psa_retainer_hours",
    "psa_role_id",
    "sequence",
}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        leads = self.opportunity_id if "opportunity_id" in vals else self.env["crm.lead"]
        signed = self.filtered(lambda order: order.psa_kind == "sow" and order.state != "sale")
        result = super().write(vals)
        if ORDER_FIELDS & vals.keys():
            signed.filtered(lambda order: order.state == "sale")._psa_note_replaced_forecast()
            self._psa_sync_forecast(leads)
        return result

    def unlink(self):
        leads = self.opportunity_id
        result = super().unlink()
        self.env["psa.pipeline.line"]._psa_sync(leads)
        return result

    def _psa_sync_forecast(self, leads=None):
        """Bring the forecast of the opportunities of these SOWs (and of ``leads``) to what holds now."""
        leads = (leads or self.env["crm.lead"]) | self.filtered("psa_kind").opportunity_id
        if leads:
            self.env["psa.pipeline.line"]._psa_sync(leads)

    def _psa_sync_draft_forecast(self):
        """The same where lines changed: only what is not signed forecasts."""
        self.filtered(lambda order: order.state in ("draft", "sent"))._psa_sync_forecast()

    def _psa_note_replaced_forecast(self):
        """Say on each opportunity which of these SOWs, just signed, takes the place of its forecast."""
        bodies = {}
        for order in self:
            # sudo: see psa.pipeline.line._psa_sync
            lead = order.opportunity_id.sudo()
            if lead.psa_pipeline_line_ids:
                bodies[lead.id] = self.env._(
                    "%(order)s is signed: it takes the place of the forecast of %(hours)s h.",
                    order=order.name,
                    hours=number_told(self.env, lead.psa_forecast_hours),
                )
        if bodies:
            self.env["crm.lead"].browse(bodies).sudo()._message_log_batch(bodies=bodies)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._psa_sync_draft_forecast()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if LINE_FIELDS & vals.keys():
            self.order_id._psa_sync_draft_forecast()
        return result

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders.exists()._psa_sync_draft_forecast()
        return result
