"""A retainer that ends within a period that is billed, or before it: the client gets back what was charged
for the days after its end."""

from odoo import api, fields, models

from odoo.addons.psa_contracts.core.billing_models import RETAINER

from ..core.money import dec
from ..core.retainer_periods import Charge, correction


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_gives_back(self):
        return self.psa_billing_model == RETAINER or super()._psa_gives_back()


class PsaRetainerPeriod(models.Model):
    _inherit = "psa.retainer.period"

    corrects_id = fields.Many2one(
        "psa.retainer.period",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The billed period whose days after the end of the retainer this gives back, or charges again "
        "where the retainer goes on after all.",
    )
    correction_ids = fields.One2many(
        "psa.retainer.period", "corrects_id", string="Corrected by", readonly=True
    )

    @api.depends("corrects_id")
    def _compute_display_name(self):  # pylint: disable=missing-return  # computes return nothing
        super()._compute_display_name()
        for period in self.filtered("corrects_id"):
            period.display_name = (
                self.env._("%s, given back", period.display_name)
                if period._psa_charge().takes_back
                else self.env._("%s, charged again", period.display_name)
            )

    def _psa_is_settled(self):
        """Whether a proposal or an invoice has this period, or a part of it."""
        self.ensure_one()
        # sudo: see _psa_plan
        return bool(self.sudo().share_ids or self.billing_state in ("proposed", "billed"))

    def _psa_charge(self):
        self.ensure_one()
        return Charge(self.date_start, self.date_end, dec(self.quantity), dec(self.amount))

    def _psa_follow_end(self, values):
        """This period, which a change of the contract leaves as it is, ends with its retainer.

        :param values: what the period would be if it was made now, see ``_psa_wanted_periods``; None: the
            retainer ends before it
        :return: whether anything was changed
        """
        self.ensure_one()
        before = self.correction_ids.filtered(lambda period: period._psa_is_settled()).sorted("id")
        waiting = self.correction_ids - before
        if not (self._psa_is_settled() or before):
            waiting.unlink()
            return self._psa_end_unbilled(values)
        charges = [period._psa_charge() for period in before]
        wanted = values and self._psa_charge_of(values)
        charge = correction(self._psa_charge(), charges, wanted)
        changed = self._psa_grant_until(values) if charge or self.correction_ids else False
        return self._psa_set_correction(waiting, charge) or changed

    @staticmethod
    def _psa_charge_of(values):
        quantity, amount = dec(values["quantity"]), dec(values["amount"])
        return Charge(values["date_start"], values["date_end"], quantity, amount)

    def _psa_end_unbilled(self, values):
        """This due period, which nobody billed yet, is charged until the end of its retainer only."""
        if values is None:
            if self.is_closed or self.opening_set:
                return False
            self.wip_ids.retainer_period_id = False
            self.unlink()
            return True
        charge = self._psa_charge_of(values)
        if charge.end >= self.date_end and charge.quantity >= dec(self.quantity):
            return False
        self.write({name: values[name] for name in ("date_end", "quantity", "amount")})
        self._psa_grant_until(values)
        return True

    def _psa_grant_until(self, values):
        """Grant what the days until the end of the retainer do; whether that is another amount."""
        granted = values["granted"] if values else 0.0
        if self.is_closed or self.opening_set or not dec(round(self.granted - granted, 6)):
            return False
        self.granted = granted
        return True

    def _psa_set_correction(self, waiting, charge):
        """``waiting``, the correction of this period that stands on no proposal, becomes ``charge``; whether
        anything was changed."""
        if charge is None:
            waiting.unlink()
            return bool(waiting)
        if waiting and waiting._psa_charge() == charge:
            return False
        waiting.unlink()
        self.create(self._prepare_correction(charge))
        return True

    def _prepare_correction(self, charge):
        return {
            "date_start": charge.start,
            "date_end": charge.end,
            "due_date": charge.start,
            "quantity": float(charge.quantity),
            "amount": float(charge.amount),
            "corrects_id": self.id,
            "retainer_line_id": self.retainer_line_id.id,
            "sale_line_id": self.sale_line_id.id,
            "order_id": self.order_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "monthly_amount": -self.monthly_amount if charge.takes_back else self.monthly_amount,
            "grants_money": self.grants_money,
        }
