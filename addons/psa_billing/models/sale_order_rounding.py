"""How the time of a SOW is rounded: as its agreement says, unless the SOW says otherwise."""

from dataclasses import replace

from odoo import fields, models

from ..core.money import dec, round_to
from ..core.rounding import ENTRY, to_increment

#: What an agreement says of it.
ROUNDING = ("rounding_minutes", "rounding_direction", "rounding_scope")


class PsaAgreement(models.Model):
    _inherit = "psa.agreement"

    def write(self, vals):
        if not vals.keys() & set(ROUNDING):
            return super().write(vals)
        before = {agreement: [agreement[name] for name in ROUNDING] for agreement in self}
        result = super().write(vals)
        for agreement, rounding in before.items():
            if rounding != [agreement[name] for name in ROUNDING]:
                agreement._psa_keep_signed_rounding(rounding)
        return result

    def _psa_keep_signed_rounding(self, rounding):
        """The client reads on a statement of work how time is rounded: what was signed keeps saying it.

        :param rounding: how this agreement rounded until now: values of ``ROUNDING``
        """
        self.ensure_one()
        # sudo: what was signed stays as it is, whoever changes the agreement
        signed = self.sudo().order_ids.filtered(
            lambda order: order.psa_kind == "sow" and order._psa_is_signed()
        )
        kept = signed.browse()
        for order in signed:
            values = {
                f"psa_{name}": value
                for name, value in zip(ROUNDING, rounding, strict=True)
                # without minutes of its own nothing else of it counts
                if not (order.psa_rounding_minutes and order[f"psa_{name}"])
            }
            if values:
                order.write(values)
                kept |= order
        if kept:
            self.message_post(
                body=self.env._(
                    "Time is rounded in another way from now on. What was signed before keeps how it rounds: "
                    "%s.",
                    ", ".join(kept.sorted("id").mapped("name")),
                )
            )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_rounding_minutes = fields.Selection(
        selection=lambda self: self._psa_agreement_selection("rounding_minutes"),
        string="Round Time to",
        help="Billable time is rounded to this, hours stay as entered. Empty: as the agreement says.",
    )
    psa_rounding_direction = fields.Selection(
        selection=lambda self: self._psa_agreement_selection("rounding_direction"),
        string="Rounding Direction",
        help="Empty: as the agreement says, else up.",
    )
    psa_rounding_scope = fields.Selection(
        selection=lambda self: self._psa_agreement_selection("rounding_scope"),
        string="Round",
        help="Each day: a person's entries of one line and day are rounded together. Empty: as the agreement "
        "says, else each entry.",
    )

    def _psa_agreement_selection(self, name):
        return self.env["psa.agreement"]._fields[name]._description_selection(self.env)

    def _psa_billing_terms(self):
        terms = super()._psa_billing_terms()
        sow = self._psa_sow()
        if not sow.psa_rounding_minutes:
            return terms
        return replace(
            terms,
            rounding_minutes=int(sow.psa_rounding_minutes),
            rounding_direction=sow.psa_rounding_direction or terms.rounding_direction,
            rounding_scope=sow.psa_rounding_scope or terms.rounding_scope,
        )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_rounding(self):
        """The ``BillingTerms`` that round time on this line: as entered where it is not sold by time."""
        self.ensure_one()
        terms = self.order_id._psa_billing_terms()
        if not (terms.rounding_minutes and self._psa_unit_hours()):
            return replace(terms, rounding_minutes=0, rounding_scope=ENTRY)
        return terms

    def _psa_hours_of(self, analytic_line):
        """Hours of an entry, as it was entered."""
        unit_hours = analytic_line.product_uom_id._psa_hours(self.company_id) or 1
        return dec(analytic_line.unit_amount) * dec(unit_hours)

    def _psa_rounded_quantity(self, analytic_line, terms):
        """The billable quantity of an entry rounded for itself by ``terms`` (see ``_psa_rounding``)."""
        if not terms.rounding_minutes:
            return self._psa_quantity_of(analytic_line)
        return round_to(self._psa_exact_quantity(analytic_line, terms), self._psa_quantity_unit())

    def _psa_exact_quantity(self, entries, terms, unit_hours=None):
        """The billable quantity (Decimal) of entries, with all its digits, rounded as one by ``terms``; see
        ``_psa_rounding``.

        :param unit_hours: hours of the unit (Decimal); None: of that of this line
        """
        unit_hours = unit_hours or dec(self._psa_unit_hours())
        if not unit_hours:
            return sum((dec(self._psa_quantity_of(entry)) for entry in entries), dec(0))
        hours = sum((self._psa_hours_of(entry) for entry in entries), dec(0))
        return to_increment(hours, terms.rounding_minutes, terms.rounding_direction) / unit_hours

    def _psa_is_uneven(self):
        """Whether quantities of two digits cannot say the hours on this line: it is sold by the day."""
        return self._psa_unit_hours() not in (0.0, 1.0)

    def _psa_quantity_unit(self):
        """The smallest quantity."""
        return dec(1).scaleb(-self.env["decimal.precision"].precision_get("Product Unit"))
