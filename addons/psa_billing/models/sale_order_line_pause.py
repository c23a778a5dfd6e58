"""A retainer that pauses: a change order says between which days it has no periods."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.psa_contracts.core.billing_models import RETAINER

from ..core.retainer_periods import add_months, spans


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_has_retainers = fields.Boolean(compute="_compute_psa_has_retainers", compute_sudo=True)

    @api.depends("psa_parent_id.order_line.psa_billing_model", "psa_kind")
    def _compute_psa_has_retainers(self):
        for order in self:
            order.psa_has_retainers = bool(order.psa_parent_id and order._psa_retainers_to_pause())

    def _psa_retainers_to_pause(self):
        """The first lines of the retainers that this change order may pause."""
        lines = self.psa_parent_id._psa_contract()._psa_sold_lines()
        return lines.filtered(
            lambda line: line.psa_billing_model == RETAINER and line._psa_group_head() == line
        )

    def action_psa_pause_retainer(self):
        """Let people say between which days a retainer of the SOW pauses."""
        self.ensure_one()
        retainers = self.sudo()._psa_retainers_to_pause()  # sudo: as for “Change Lines…”
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pause a Retainer"),
            "res_model": "psa.pause.retainer",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_order_id": self.id,
                "default_line_id": retainers.id if len(retainers) == 1 else False,
                "psa_short_name": True,
            },
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_pause_start = fields.Date(
        string="Pauses From", readonly=True, copy=False, help="First day without a period of the retainer."
    )
    psa_pause_end = fields.Date(
        string="Pauses Until", readonly=True, copy=False, help="Last day of the pause."
    )

    @api.constrains("psa_pause_start", "psa_pause_end")
    def _check_psa_pause(self):
        for line in self:
            start, end = line.psa_pause_start, line.psa_pause_end
            if bool(start) != bool(end) or (start and end < start):
                raise ValidationError(
                    self.env._("%s: a pause has a first day, and a last one after it.", line.name)
                )

    def _psa_pauses(self):
        """``[(first day, last day)]`` of the pauses that these lines of one retainer agree on."""
        return [(line.psa_pause_start, line.psa_pause_end) for line in self if line.psa_pause_start]

    def _psa_periods_planned(self, until):
        """``[(first day, last day)]`` of the periods of this retainer, the first line of its group, as far as
        they begin by ``until``; in sudo."""
        self.ensure_one()
        own = self.env["psa.retainer.period"]._psa_by_retainer(self).get(self)
        days = [(period.date_start, period.date_end) for period in own or ()]
        if not self.psa_retainer_open_ended:
            return days
        months, known = self._psa_retainer_months(), {start for start, _end in days}
        start = days[0][0] if days else self._psa_retainer_start()
        later = spans(start, months, self.psa_retainer_calendar != "start", until=add_months(until, months))
        whole = [(span.start, span.end) for span in later if span.start not in known]
        return days + [one for one in whole if not days or one[0] > days[-1][1]]

    def _psa_pause_text(self, start, end):
        return self.env._(
            "%(retainer)s: pauses from %(start)s until %(end)s",
            retainer=self._psa_short_label(),
            start=format_date(self.env, start),
            end=format_date(self.env, end),
        )
