"""Amounts of reports in the currency of the company."""

from odoo import api, models
from odoo.tools import SQL


class PsaHourState(models.Model):
    _inherit = "psa.hour.state"

    @api.model
    def _with_currencies(self):
        """This report, which knows the currency of each company, and whether there are SOWs and rate cards in
        another one: asked once, for what is never executed still costs the planner its good plan."""
        self.env["res.company"].flush_model(["currency_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT company.currency_id, array_agg(company.id), bool_or(%s), bool_or(%s)
                     FROM res_company company GROUP BY company.currency_id ORDER BY company.currency_id""",
                self._has_foreign("sale.order", "psa_kind"),
                self._has_foreign("psa.rate.card", "id"),
            )
        )
        return self.with_context(
            psa_company_currencies=tuple((currency, tuple(ids)) for currency, ids, *_foreign in rows),
            psa_foreign_sows=any(sows for *_company, sows, _cards in rows),
            psa_foreign_cards=any(cards for *_company, cards in rows),
        )

    @api.model
    def _currency_of_company(self, company):
        """The currency of a company, without a join: a million rows are read from their table alone then."""
        cases = [
            SQL("WHEN %s IN %s THEN %s", company, ids, currency)
            for currency, ids in self.env.context["psa_company_currencies"]
        ]
        return SQL("(CASE %s END)", SQL(" ").join(cases))

    @api.model
    def _sow_amount(self, amount, currency, day, company):
        """``amount`` in the currency of the SOW as one in that of the company (an id). Where all SOWs are in
        the currency of their company nothing is converted."""
        if not self.env.context["psa_foreign_sows"]:
            return amount
        return SQL(
            """CASE WHEN %(currency)s IS NULL OR %(currency)s = %(own)s THEN %(amount)s
                    ELSE (SELECT %(converted)s FROM res_company company
                           WHERE company.id = %(company)s) END""",
            currency=currency,
            own=self._currency_of_company(company),
            amount=amount,
            converted=self._company_amount(amount, currency, day, SQL("company")),
            company=company,
        )

    @api.model
    def _has_foreign(self, model, is_meant):
        """Whether a record of ``model`` that has ``is_meant`` is in another currency than ``company``, its
        own."""
        records = self.env[model]
        records.flush_model({"company_id", "currency_id", is_meant} - {"id"})
        return SQL(
            """EXISTS (SELECT 1 FROM %s record
                        WHERE record.company_id = company.id AND record.%s IS NOT NULL
                          AND record.currency_id != company.currency_id)""",
            SQL.identifier(records._table),
            SQL.identifier(is_meant),
        )

    @api.model
    def _company_amount(self, amount, currency, day, company):
        """``amount`` in the currency of ``company``, converted as the host does on that day."""
        return SQL(
            """CASE WHEN %(currency)s IS NULL OR %(currency)s = %(company)s.currency_id THEN %(amount)s
                    ELSE ROUND(%(amount)s * %(to_rate)s / %(from_rate)s,
                               (SELECT decimal_places FROM res_currency
                                 WHERE res_currency.id = %(company)s.currency_id)) END""",
            amount=amount,
            currency=currency,
            company=company,
            to_rate=self._rate(SQL("%s.currency_id", company), day, company),
            from_rate=self._rate(currency, day, company),
        )

    @api.model
    def _rate(self, currency, day, company):
        """The rate of a day: the latest until then, else the first ever, else 1 (``_get_rates``)."""
        rates = SQL(
            """SELECT rate.rate FROM res_currency_rate rate
                WHERE rate.currency_id = %(currency)s
                  AND (rate.company_id IS NULL
                       OR rate.company_id = split_part(%(company)s.parent_path, '/', 1)::int)""",
            currency=currency,
            company=company,
        )
        return SQL(
            """COALESCE((%(rates)s AND rate.name <= %(day)s ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                        (%(rates)s ORDER BY rate.company_id, rate.name LIMIT 1), 1)""",
            rates=rates,
            day=day,
        )
