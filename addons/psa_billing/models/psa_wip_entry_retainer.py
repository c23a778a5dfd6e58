"""Work on a retainer: what its periods pay for is covered, what is over them is billed or waits."""

from odoo import api, fields, models
from odoo.tools import format_date


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

    def _psa_closed_period_message(self):
        self.ensure_one()
        return self.env._(
            "%(entry)s of %(date)s was drawn from %(period)s, which is closed. Correct it by an entry with "
            "negative hours, which counts in the first open period, or have a billing manager reopen the "
            "period.",
            entry=self.name or "",
            date=format_date(self.env, self.date),
            period=self.retainer_period_id.display_name,
        )

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

    def _psa_move(self, target):
        # what the work had drawn is there for other work
        parts = self.search([("analytic_line_id", "in", self.analytic_line_id.ids)])
        retainers = parts.retainer_line_id
        result = super()._psa_move(target)
        self.env["psa.retainer.period"]._psa_draw(retainers)
        return result

    def _psa_place_values(self):
        part = self[:1]
        if not part.retainer_line_id:
            return super()._psa_place_values()
        names = ("sale_line_id", "retainer_line_id", "retainer_period_id")
        return {name: part[name].id for name in names}
