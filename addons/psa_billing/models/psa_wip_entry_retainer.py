"""Work on a retainer: what its periods pay for is covered, what is over them is billed or waits."""

from odoo import api, fields, models

from ..core.money import dec, round_to
from ..core.retainers import HOLD


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    retainer_line_id = fields.Many2one(
        "sale.order.line",
        string="Retainer",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The retainer that the work draws on.",
    )
    retainer_period_id = fields.Many2one(
        "psa.retainer.period",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The period that pays for the work, or that it is over.",
    )
    draw_rate = fields.Float(
        digits=(16, 6),
        readonly=True,
        aggregator=None,
        help="Where the retainer grants money: net rate of an hour of this work, by the card of when it was "
        "rated. It draws at this rate until it is re-rated.",
    )
    is_late = fields.Boolean(
        string="Late",
        compute="_compute_is_late",
        help="The period of its day was closed: the work draws on a later one.",
    )

    @api.depends("date", "retainer_period_id.date_start")
    def _compute_is_late(self):
        for entry in self:
            period = entry.retainer_period_id
            entry.is_late = bool(period and entry.date and entry.date < period.date_start)

    def _psa_is_in_closed_period(self):
        """Whether a closed period pays for this work, or it is over one: it stays as it was rated."""
        self.ensure_one()
        return self.retainer_period_id.is_closed

    # -- where work comes and goes ---------------------------------------------------------

    def _psa_rate(self, analytic_lines):
        result = super()._psa_rate(analytic_lines)
        self.env["psa.retainer.period"]._psa_draw(analytic_lines._psa_retainers())
        return result

    def _prepare_covered(self, line):
        return {**super()._prepare_covered(line), "retainer_line_id": line._psa_retainers().id}

    def _psa_copy_values(self):
        return {
            **super()._psa_copy_values(),
            "retainer_line_id": self.retainer_line_id.id,
            "retainer_period_id": self.retainer_period_id.id,
            "draw_rate": self.draw_rate,
        }

    def _psa_free(self):
        retainers = self.sudo().retainer_line_id  # sudo: as in super
        result = super()._psa_free()
        self.env["psa.retainer.period"]._psa_draw(retainers)
        return result

    def _psa_place_values(self):
        part = self[:1]
        if not part.retainer_line_id:
            return super()._psa_place_values()
        names = ("sale_line_id", "retainer_line_id", "retainer_period_id")
        return {name: part[name].id for name in names}

    # -- what was drawn --------------------------------------------------------------------

    @api.model
    def _psa_apply_drawn(self, drawn, prices):
        """Bring the unsettled WIP entries of entries to what they draw.

        What is over a retainer becomes one part of its entry, which the caps cut after.

        :param drawn: see ``_psa_draw_one``
        :param prices: see ``_psa_prices``
        """
        overage = self._psa_overage_of(drawn, prices)
        last_part = self._psa_last_parts(drawn)
        new, kept, gone = [], [], self.browse()
        for line, (parts, entries) in drawn.items():
            # of what waits inside and over a cap, the part inside stays: the database allows one of each
            entries = entries.sorted(lambda entry: entry.state == "over_cap")
            for part in parts:
                own = entries.filtered(lambda entry, part=part: (entry.state != "covered") == part.over)[:1]
                values = self._prepare_drawn(line, part, overage.get(line), prices.get(line))
                entries -= own
                if own:
                    kept.append((own, values))
                else:
                    last_part[line] += 1
                    new.append({**self._prepare_wip(line), "part": last_part[line], **values})
            gone += entries
        gone.unlink()
        for own, values in kept:
            own._psa_write_drawn(values)
        self.flush_model()
        self.create(new)

    def _prepare_drawn(self, line, part, overage, price):
        """
        :param overage: ``Overage`` of the entry, where ``part`` is over its retainer
        :param price: see ``_psa_prices``; None where the retainer grants hours
        """
        retainer = line._psa_retainers()
        values = {
            "retainer_line_id": retainer.id,
            "retainer_period_id": part.period.id if part.period else False,
            "raw_hours": float(part.hours),
            "draw_rate": float(round_to(dec(price[0]), dec(0.000001))) if price else 0.0,
        }
        if not part.over:
            return {**values, "state": "covered", "sale_line_id": line.so_line.id}
        overage_price = overage.line._psa_net_price()
        amount = round_to(overage.quantity * overage_price, dec(overage.line.currency_id.rounding))
        return {
            **values,
            "state": "over_cap" if retainer.psa_retainer_overage == HOLD else "open",
            "sale_line_id": overage.line.id,
            "billable_quantity": float(overage.quantity),
            "unit_price": float(round_to(overage_price, dec(0.000001))),
            "amount": float(amount + overage.beside),
            "remainder": float(overage.beside),
        }

    def _psa_write_drawn(self, values):
        self.ensure_one()
        if self.state == "held" and values["state"] == "open":
            values = {**values, "state": "held"}
        elif self.proposal_line_id:  # held on a proposal
            values = {**values, "proposal_line_id": False}
        changed = {}
        for name, value in values.items():
            have = self[name].id if name.endswith("_id") else self[name]
            if isinstance(value, float) and round(have - value, 6) == 0:
                continue
            if have != value:
                changed[name] = value
        if changed:
            self.write(changed)
