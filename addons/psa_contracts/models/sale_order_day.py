"""The hours of a day that is sold: those of the working day when the SOW was signed.

Else what was agreed by the day comes to other quantities once the firm works another number of hours: eight
hours are one day of eight, and 1.07 days of seven and a half.
"""

from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_day_hours = fields.Float(
        string="Hours of a Day",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="Hours of the company's working day when this statement of work was signed. 0: those of today.",
    )

    def _psa_hours_per_day(self):
        """Hours of a day of work on this SOW or change order: those of when the SOW was signed, before that
        those of the company today."""
        self.ensure_one()
        sow = self.sudo()._psa_sow()  # sudo: quantities do not depend on who asks
        return sow.psa_day_hours or self.company_id._psa_hours_per_day()

    def _psa_keep_day_hours(self):
        """These SOWs, in sudo, are being signed: their days stay as long as they are now."""
        for sow in self.filtered(lambda order: order.psa_kind == "sow" and not order.psa_day_hours):
            sow.psa_day_hours = sow.company_id._psa_hours_per_day()

    def action_draft(self):
        result = super().action_draft()
        # sudo: follows from the SOW that the user may open again; what is worked stays as it was counted
        for sow in self.sudo().filtered(lambda order: order.psa_day_hours and order.state == "draft"):
            if not any(sow.order_line._psa_logged_hours().values()):
                sow.psa_day_hours = 0.0
        return result
