"""A retainer costs more from a day on: a line of its own in the group, nothing that was signed is written."""

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from odoo.addons.psa_contracts.core.billing_models import RETAINER
from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.money import dec, round_to
from ..core.recurring import monthly

RATE_MANAGER = "psa_contracts.group_psa_rate_manager"


class PsaRetainerIndexation(models.TransientModel):
    _name = "psa.retainer.indexation"
    _description = "New Price of Retainers from a Date"

    retainer_line_ids = fields.Many2many(
        "sale.order.line",
        string="Retainers",
        required=True,
        domain=[
            ("psa_kind", "!=", False),
            ("state", "=", "sale"),
            ("psa_billing_model", "=", RETAINER),
            ("psa_group_line_id", "=", False),
        ],
        help="Retainers whose later periods cost more.",
    )
    percent = fields.Float(string="Increase", default=3.0, required=True, help="In percent; negative lowers.")
    date = fields.Date(
        string="From",
        required=True,
        default=lambda self: (
            fields.Date.start_of(fields.Date.context_today(self), "year") + relativedelta(years=1)
        ),
        help="Periods that start on this day or later have the new price. What is due already keeps its own.",
    )
    reason = fields.Char(help="What was agreed, such as the index and its months: noted on the SOW.")
    line_ids = fields.One2many(
        "psa.retainer.indexation.line",
        "indexation_id",
        string="New Prices",
        compute="_compute_line_ids",
        # as the user: what a retainer costs is shown to who may read it
        compute_sudo=False,
        store=True,
    )
    monthly_text = fields.Text(
        string="Per Month",
        compute="_compute_monthly_text",
        help="All retainers that get a new price, without taxes, each currency by itself.",
    )
    problem_count = fields.Integer(compute="_compute_monthly_text")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "sale.order" and "retainer_line_ids" in fields_list:
            orders = self.env["sale.order"].browse(self.env.context.get("active_ids") or [])
            lines = orders._psa_contract().order_line.filtered(
                lambda line: line.psa_billing_model == RETAINER and line._psa_group_head() == line
            )
            values.setdefault("retainer_line_ids", [Command.set(lines.ids)])
        return values

    # -- the preview -----------------------------------------------------------------------

    @api.depends("retainer_line_ids", "percent", "date")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [
                Command.clear(),
                *(Command.create(values) for values in wizard._psa_preview()),
            ]

    @api.depends("line_ids")
    def _compute_monthly_text(self):
        for wizard in self:
            good = wizard.line_ids.filtered(lambda row: not row.problem)
            wizard.problem_count = len(wizard.line_ids) - len(good)
            wizard.monthly_text = "\n".join(
                self.env._(
                    "%(old)s so far, %(new)s then",
                    old=currency.format(sum(rows.mapped("monthly_amount"))),
                    new=currency.format(sum(rows.mapped("new_monthly_amount"))),
                )
                for currency, rows in good.grouped("currency_id").items()
            )

    def _psa_preview(self):
        """Values of the rows that say what each retainer costs so far and then."""
        self.ensure_one()
        heads = self.retainer_line_ids._origin._filtered_access("read")
        # sudo: prices of retainers that the user may read, for who may set prices; others have no access
        heads = heads.sudo()._psa_group_heads()
        periods, problems = self._psa_first_periods(heads), self._psa_problems(heads)
        return [self._prepare_preview(head, periods[head], problems.get(head)) for head in heads]

    def _prepare_preview(self, head, period, problem):
        base = period.sale_line_id or head
        months, cent = head._psa_retainer_months(), dec(head.currency_id.rounding)
        price, new_price = base._psa_net_price(), base._psa_net_price(self._psa_new_price(base))
        return {
            "sale_line_id": head.id,
            "date_start": period.date_start,
            "price": float(round_to(price, cent)),
            "new_price": float(round_to(new_price, cent)),
            "monthly_amount": float(monthly(price, months, cent)),
            "new_monthly_amount": float(monthly(new_price, months, cent)),
            "problem": problem,
        }

    # -- the new price ---------------------------------------------------------------------

    def action_apply(self):
        """Make the lines with the new prices, and bring the periods to them.

        :raises AccessError: for users who manage no rates
        :raises UserError: where a retainer has no period from that day on that is not due yet
        """
        self.ensure_one()
        if not self.env.user.has_group(RATE_MANAGER):
            raise AccessError(self.env._("Only rate managers index the prices of retainers."))
        self.retainer_line_ids.check_access("read")
        # sudo: the right to set prices was checked; the line that is made follows from the signed one
        heads = self.retainer_line_ids.sudo()._psa_group_heads()
        if self.percent <= -100 or not self.percent:
            raise UserError(self.env._("Enter a percentage: 3 for 3 % more, -3 for 3 % less."))
        if not heads:
            raise UserError(self.env._("None of these statements of work has a retainer."))
        problems = self._psa_problems(heads)
        if problems:
            raise UserError(
                "\n".join(f"{head.display_name}: {problem}" for head, problem in problems.items())
            )
        periods = self._psa_first_periods(heads)
        heads.with_context(sale_no_log_for_new_lines=True).create(
            [self._prepare_step(head, periods[head].sale_line_id) for head in heads]
        )
        heads.order_id._psa_sow()._psa_plan_retainers()
        for sow in heads.order_id._psa_sow():
            sow.message_post(
                body=self.env._(
                    "The retainer costs %(percent)s %% more from %(date)s on. %(reason)s",
                    percent=number_told(self.env, self.percent),
                    date=format_date(self.env, self.date),
                    reason=self.reason or "",
                ),
                author_id=self.env.user.partner_id.id,
            )
        return {"type": "ir.actions.act_window_close"}

    def _prepare_step(self, head, base):
        """Values of the line that continues ``head`` at the price that follows that of ``base``."""
        return {
            "order_id": head.order_id.id,
            "product_id": head.product_id.id,
            "name": head.name,
            "psa_role_id": head.psa_role_id.id,
            "psa_billing_model": head.psa_billing_model,
            "psa_retainer_period": head.psa_retainer_period,
            "psa_retainer_hours": base.psa_retainer_hours,
            "psa_retainer_amount": base.psa_retainer_amount,
            "product_uom_id": head.product_uom_id.id,
            "product_uom_qty": 0.0,
            "price_unit": self._psa_new_price(base),
            "discount": base.discount,
            "tax_ids": [Command.set(head.tax_ids.ids)],
            "analytic_distribution": head.analytic_distribution,
            "sequence": head.sequence,
            "psa_group_line_id": head.id,
            "psa_step_date": self.date,
            "psa_phase_id": head.psa_phase_id.id,
            "project_id": head.project_id.id,
            "task_id": head.task_id.id,
        }

    def _psa_new_price(self, base):
        """The unit price that follows that of the line ``base``, in whole cents of its currency."""
        price = dec(base.price_unit) * (100 + dec(self.percent)) / 100
        return float(round_to(price, dec(base.currency_id.rounding)))

    def _psa_first_periods(self, heads):
        """``{head: its first period from the day on that is not due}``, empty where it has none."""
        # sudo: see action_apply and _psa_preview
        periods = self.env["psa.retainer.period"].sudo()
        domain = [
            ("retainer_line_id", "in", heads.ids),
            ("date_start", ">=", self.date),
            ("is_due", "=", False),
            ("corrects_id", "=", False),
        ]
        first = dict.fromkeys(heads, periods)
        if not self.date:
            return first
        days = dict(periods._read_group(domain, ["retainer_line_id"], ["date_start:min"]))
        for period in periods.search([*domain, ("date_start", "in", list(set(days.values())))]):
            if days[period.retainer_line_id] == period.date_start:
                first[period.retainer_line_id] = period
        return first

    def _psa_problems(self, heads):
        """``{head: why it can have no new price from the day on}``"""
        # sudo: see action_apply and _psa_preview
        steps = self.env["sale.order.line"].sudo()
        stepped = steps.search(
            [
                ("psa_group_line_id", "in", heads.ids),
                ("psa_amends_line_id", "=", False),
                ("psa_step_date", ">=", self.date),
            ]
        ).psa_group_line_id
        day = format_date(self.env, self.date)
        closed = self.env._("no period from %s on has a price that is still open. Choose a later day.", day)
        taken = self.env._("it has a price from %s on, or later, already.", day)
        problems = {}
        for head, period in self._psa_first_periods(heads).items():
            if not period or period._psa_is_fixed():
                problems[head] = closed
            elif head in stepped:
                problems[head] = taken
        return problems


class PsaRetainerIndexationLine(models.TransientModel):
    _name = "psa.retainer.indexation.line"
    _description = "New Price of a Retainer"

    indexation_id = fields.Many2one("psa.retainer.indexation", required=True, ondelete="cascade")
    sale_line_id = fields.Many2one("sale.order.line", string="Retainer", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="sale_line_id.currency_id")
    period = fields.Selection(related="sale_line_id.psa_retainer_period", string="Period")
    date_start = fields.Date(string="First Period", readonly=True)
    price = fields.Monetary(string="Price so Far", readonly=True, help="Of a period, without taxes.")
    new_price = fields.Monetary(readonly=True, help="Of a period, without taxes.")
    monthly_amount = fields.Monetary(string="Per Month so Far", readonly=True)
    new_monthly_amount = fields.Monetary(string="Per Month Then", readonly=True)
    problem = fields.Char(readonly=True)
