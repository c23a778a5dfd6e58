from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_confirm_by_document = fields.Boolean(
        string="Confirm Only What Is Signed",
        default=True,
        help="A statement of work or change order that the client did not sign in the portal is confirmed "
        "only by people with that right, and only with the client's purchase order or e-mail attached.",
    )

    def _psa_hours_per_day(self):
        """Hours of a day of work that is sold by the day: those of the company's working schedule, else 8."""
        self.ensure_one()
        # sudo: the length of a working day is no secret, and prices and quantities do not depend on who asks
        return self.sudo().resource_calendar_id.hours_per_day or 8.0
