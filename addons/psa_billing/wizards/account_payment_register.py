from odoo import models


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _fetch_duplicate_reference(self, matching_states=("draft", "in_process")):
        """As on payments; the host leaves out the currency, and looks for states that are no more."""
        payment = self.env["account.payment"].new(
            {
                "company_id": self.company_id,
                "partner_id": self.partner_id,
                "currency_id": self.currency_id,
                "date": self.payment_date,
                "amount": self.amount,
                "payment_type": self.payment_type,
            }
        )
        return payment._fetch_duplicate_reference(matching_states)
