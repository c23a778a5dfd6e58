from odoo import api, models
from odoo.exceptions import UserError


class PsaPartOfSow(models.AbstractModel):
    """Records beside the lines of a SOW that are signed with it: fixed from then on.

    A model that inherits has its ``order_id``, and says in ``_psa_signed_message`` what to do instead.
    """

    _name = "psa.part.of.sow"
    _description = "Part of a SOW"

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_not_signed()
        parts.order_id._psa_writes_on_what_is_read()
        return parts

    def write(self, vals):
        self._check_not_signed()
        self.order_id._psa_writes_on_what_is_read()
        result = super().write(vals)
        self.order_id.check_access("write")  # also the order that a part is moved to
        self._check_not_signed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._check_not_signed()
        self.order_id._psa_writes_on_what_is_read()

    def _check_not_signed(self):
        """:raises UserError: where a person changes what was signed"""
        if self.env.su:
            return
        for order in self.order_id:
            if order._psa_is_signed():
                raise UserError(self._psa_signed_message(order))
