"""The host warns of payments of the same partner, amount and day; this looks at the days around, too."""

from odoo import models
from odoo.tools import SQL


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _compute_display_name(self):
        """In the dialog of a payment, which is not saved, the host calls posted doubles drafts."""
        result = super()._compute_display_name()
        for payment in self.filtered(lambda payment: not payment.id and payment._origin.name):
            payment.display_name = payment._origin.name
        return result

    def _fetch_duplicate_reference(self, matching_states=("draft", "in_process")):
        """Also payments a few days apart (setting), and paid ones; other currencies are another payment.

        :return: {id of the payment, 0 for one in the making: ``account.payment``}
        """
        payments = self.filtered(lambda payment: payment.partner_id and payment.amount)
        payments = payments.filtered(lambda payment: payment.state in (False, "draft"))
        if not payments:
            return {}
        self.env["account.payment"].flush_model(
            ["amount", "company_id", "currency_id", "date", "partner_id", "payment_type", "state"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT asked.id, array_agg(other.id ORDER BY other.id)
                  FROM (VALUES %(asked)s)
                       AS asked (id, company_id, partner_id, currency_id, payment_type, amount, date, days)
                  JOIN account_payment other ON other.id != asked.id
                   AND other.company_id = asked.company_id AND other.partner_id = asked.partner_id
                   AND other.currency_id = asked.currency_id AND other.payment_type = asked.payment_type
                   AND other.amount = asked.amount AND other.state IN ('draft', 'in_process', 'paid')
                   AND other.date BETWEEN asked.date - asked.days AND asked.date + asked.days
              GROUP BY asked.id
                """,
                asked=SQL(", ").join(payment._psa_asked() for payment in payments),
            )
        )
        return {asked: self.browse(found) for asked, found in rows}

    def _psa_asked(self):
        """The row of this payment, saved or in the making, that other payments are compared with."""
        company = self.company_id or self.env.company
        return SQL(
            "(%s, %s, %s, %s, %s::varchar, %s::numeric, %s::date, %s)",
            self._origin.id or 0,
            company._origin.id,
            self.partner_id._origin.id,
            (self.currency_id or company.currency_id)._origin.id,
            self.payment_type,
            self.amount,
            self.date,
            company.psa_duplicate_days,
        )
