"""Periods of a retainer that a former system billed, and what they leave."""

from functools import partial

from odoo import models
from odoo.exceptions import ValidationError

from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.money import dec
from ..core.opening import figures_before, periods_billed, start_of_period


class PsaOpeningBalance(models.Model):
    _inherit = "psa.opening.balance"

    def _psa_retainer_periods(self):
        return self.env["psa.retainer.period"].search(
            [("sale_line_id", "=", self.sale_line_id.id), ("corrects_id", "=", False)], order="date_start"
        )

    def _psa_set_periods(self):
        """Periods by the day are closed, those that were paid for are billed; the last of them leaves what is
        left, and the next one opens with it."""
        self._psa_release_periods()
        periods = self._psa_retainer_periods()
        # also those to come, where the client paid in advance
        periods[: self._psa_periods_billed(periods)].write({"billed_before": True, "is_due": True})
        periods.filtered(lambda period: period.date_end <= self.date).closed_on = self.date
        if self.sale_line_id._psa_is_drawn():
            self._psa_lead_to_balance(periods)
        periods._psa_draw(self.sale_line_id._psa_group_head())

    def _psa_periods_billed(self, periods):
        """How many of ``periods``, in their order, were billed: by the quantity where there is one, else by
        the amount.

        :raises ValidationError: where that is no number of whole periods
        """
        if self.billed_quantity:
            shares = [dec(round(period.quantity, 2)) for period in periods]
            billed, told = dec(round(self.billed_quantity, 2)), partial(number_told, self.env)
        else:
            shares = [dec(period.amount) for period in periods]
            billed, told = dec(self.billed_amount), self.currency_id.format
        count = periods_billed(shares, billed)
        paid = sum(shares[:count], dec(0))
        if paid != billed:
            raise ValidationError(
                self.env._(
                    "%(line)s: %(billed)s were billed, and %(count)s periods come to %(paid)s. Enter as "
                    "Billed Quantity what the periods that were billed come to, 1 for each whole one.",
                    line=self.sale_line_id.display_name,
                    billed=told(float(billed)),
                    count=count,
                    paid=told(float(paid)),
                )
            )
        return count

    def _psa_lead_to_balance(self, periods):
        """Of ``periods``, in their order, those before the day leave the balance; the next has it."""
        before = periods.filtered(lambda period: period.date_end <= self.date)
        current, balance = (periods - before)[:1], dec(self.retainer_balance)
        if current:
            begun = current.date_start <= self.date
            balance, used = start_of_period(balance, dec(current.granted), begun)
            current.opening_set = True
            current._psa_bring_forward(balance, used)
        rows = figures_before([dec(period.granted) for period in before], balance)
        for period, (opening, used) in zip(before, rows, strict=True):
            period.expired = 0
            # what somebody logged and approved here all the same is part of it
            period._psa_bring_forward(opening, used - (dec(period.used) - dec(period.used_before)))

    def _psa_release_periods(self):
        periods = self._psa_retainer_periods()
        periods.filtered("billed_before").billed_before = False
        periods.filtered("opening_set").write({"opening": 0, "opening_set": False})
        for period in periods.filtered("used_before"):
            period._psa_bring_forward(dec(period.opening), dec(0))
        periods.filtered("closed_on").closed_on = False
