from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    psa_confirm_by_document = fields.Boolean(
        string="Confirm Only What Is Signed",
        default=True,
        help="A statement of work or change order that the client did not sign in the portal is confirmed "
        "only by people with that right, and only with the client's purchase order or e-mail attached.",
    )
    psa_agreement_notice_days = fields.Integer(
        string="Before the Last Day for Notice",
        default=30,
        help="Days before the last day to give notice on which the owner of an agreement is reminded.",
    )
    psa_agreement_end_days = fields.Integer(
        string="Before an Agreement Ends or Renews",
        default=60,
        help="Days before the last day of an agreement on which its owner is reminded.",
    )

    _psa_lead_times_not_negative = models.Constraint(
        "CHECK(psa_agreement_notice_days >= 0 AND psa_agreement_end_days >= 0)",
        "Owners of agreements are reminded before the day, or (0) on it: days cannot be negative.",
    )

    def _psa_hours_per_day(self):
        """Hours of a day of work that is sold by the day: those of the company's working schedule, else 8."""
        self.ensure_one()
        # sudo: the length of a working day is no secret, and prices and quantities do not depend on who asks
        return self.sudo().resource_calendar_id.hours_per_day or 8.0
