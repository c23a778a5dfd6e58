from odoo import api, models


class UomUom(models.Model):
    _inherit = "uom.uom"

    @api.model
    def _psa_hour(self):
        """The unit of an hour; unlike ``env.ref`` without a query, as each line and entry asks for it."""
        return self.browse(self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_hour"))

    @api.model
    def _psa_day(self):
        """The unit of a day of work; see ``_psa_hour``."""
        return self.browse(self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_day"))

    def _psa_hours(self, owner):
        """Hours in one of this unit; 0.0 where it is no unit of time.

        A day has the hours of the working day of ``owner``, not the eight that the host takes everywhere.

        :param owner: ``res.company``, or the ``sale.order`` that sells the work
        """
        hour = self._psa_hour()
        if not self or not self._has_common_reference(hour):
            return 0.0
        if self == self._psa_day():
            return owner._psa_hours_per_day()
        return self.factor / hour.factor
