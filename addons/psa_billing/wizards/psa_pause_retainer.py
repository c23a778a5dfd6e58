from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..core.retainer_periods import add_months, pauses_within

STAY, MOVE = "stay", "move"


class PsaPauseRetainer(models.TransientModel):
    """The line of a change order by which a retainer pauses for whole periods."""

    _name = "psa.pause.retainer"
    _description = "Pause a Retainer"

    order_id = fields.Many2one("sale.order", string="Change Order", required=True, ondelete="cascade")
    retainer_ids = fields.Many2many(
        "sale.order.line", string="To Choose From", compute="_compute_retainer_ids", compute_sudo=True
    )
    line_id = fields.Many2one(
        "sale.order.line",
        string="Retainer",
        required=True,
        ondelete="cascade",
        domain="[('id', 'in', retainer_ids)]",
    )
    is_endless = fields.Boolean(compute="_compute_is_endless", compute_sudo=True)
    date_start = fields.Date(
        string="From",
        required=True,
        compute="_compute_days",
        store=True,
        readonly=False,
        help="First day of a period of the retainer.",
    )
    date_end = fields.Date(
        string="Until",
        required=True,
        compute="_compute_days",
        store=True,
        readonly=False,
        help="Last day of a period of the retainer.",
    )
    later = fields.Selection(
        [(STAY, "Stay as they are: fewer are billed"), (MOVE, "Move: as many are billed, until later")],
        string="Later Periods",
        required=True,
        default=STAY,
    )

    @api.depends("order_id")
    def _compute_retainer_ids(self):
        for wizard in self:
            wizard.retainer_ids = wizard.order_id._psa_retainers_to_pause()

    @api.depends("line_id")
    def _compute_is_endless(self):
        for wizard in self:
            wizard.is_endless = wizard.line_id.psa_retainer_open_ended

    @api.depends("line_id")
    def _compute_days(self):
        """The next period that begins is what is most likely meant."""
        today = fields.Date.context_today(self)
        for wizard in self:
            retainer, days = wizard.line_id.sudo(), ()  # sudo: see action_apply
            if retainer:
                days = retainer._psa_periods_planned(add_months(today, retainer._psa_retainer_months()))
            wizard.date_start, wizard.date_end = next(
                ((start, end) for start, end in days if start > today), (False, False)
            )

    def action_apply(self):
        """Write the pause on the change order, in place of one that was written there before.

        :raises UserError: where the days are not those of whole periods, or one of them is closed or proposed
        """
        self.ensure_one()
        order = self.order_id
        order.check_access("write")
        if order.psa_kind != "change_order" or order.state not in ("draft", "sent"):
            raise UserError(self.env._("%s is confirmed. Make another change order.", order.name))
        # sudo: what was sold and planned counts, whoever writes the change order
        retainer = self.line_id.sudo()
        if retainer not in order.sudo()._psa_retainers_to_pause():
            raise UserError(self.env._("%s changes the lines of its own statement of work only.", order.name))
        before = order.order_line.filtered(
            lambda line: line.psa_pause_start and line._psa_group_head() == self.line_id
        )
        commands = [Command.delete(line.id) for line in before]
        order.write({"order_line": [*commands, *map(Command.create, self._prepare_lines(retainer))]})

    def _prepare_lines(self, retainer):
        """Values of the lines of the change order; what is not billed goes off at its price."""
        pause = {"psa_pause_start": self.date_start, "psa_pause_end": self.date_end}
        values = {
            "psa_amends_line_id": retainer.id,
            "name": retainer._psa_pause_text(self.date_start, self.date_end),
        }
        paused = self._psa_paused(retainer)
        if retainer.psa_retainer_open_ended or self.later == MOVE:
            return [{**values, **pause, "product_uom_qty": 0.0}]
        lines = [
            {
                **values,
                "product_uom_qty": -sum(periods.mapped("quantity")),
                "price_unit": line.price_unit,
                "discount": line.discount,
                "psa_retainer_hours": line.psa_retainer_hours,
            }
            for line, periods in paused.grouped("sale_line_id").items()
        ]
        lines[0].update(pause)
        return lines

    def _psa_paused(self, retainer):
        """The periods, made already, within the pause of ``retainer``."""
        first, last = self.date_start, self.date_end
        days = retainer._psa_periods_planned(last)
        inside = [(start, end) for start, end in days if pauses_within([(first, last)], start, end)]
        if not inside or (inside[0][0], inside[-1][1]) != (first, last):
            touched = [(start, end) for start, end in days if start <= last and first <= end] or days[:1]
            raise UserError(
                self.env._(
                    "%(retainer)s pauses for whole periods: enter the first day of one and the last day of "
                    "one, such as %(start)s and %(end)s.",
                    retainer=retainer._psa_short_label(),
                    start=format_date(self.env, touched[0][0]),
                    end=format_date(self.env, touched[-1][1]),
                )
            )
        periods = self.env["psa.retainer.period"].sudo().browse()  # sudo: see action_apply
        paused = (
            periods._psa_by_retainer(retainer)
            .get(retainer, periods)
            .filtered(lambda period: first <= period.date_start <= last)
        )
        for period in paused.filtered(lambda one: one.is_closed or one.billing_state == "proposed")[:1]:
            raise UserError(
                self.env._(
                    "%s is closed or on a proposal: it does not pause any more. Let the pause begin after "
                    "it, or take it off its proposal.",
                    period.display_name,
                )
            )
        return paused
