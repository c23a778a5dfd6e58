"""From an opportunity to the role hours that it would bring (DESIGN section 3, "demand forecast")."""

from decimal import Decimal

from odoo import api, fields, models

from ..core.pipeline import is_forecast, not_in_the_past, spread
from ..core.plan import fit_phase, last_day

#: What decides whether and what an opportunity forecasts.
FORECAST_FIELDS = {
    "active",
    "company_id",
    "date_deadline",
    "expected_revenue",
    "probability",
    "psa_date_end",
    "psa_date_start",
    "psa_template_id",
    "stage_id",
    "team_id",
    "type",
    "user_id",
}
DAYS_OF_WORK = 30  # where neither the opportunity nor its template says how long the work takes


class CrmLead(models.Model):
    _inherit = "crm.lead"

    psa_pipeline_line_ids = fields.One2many("psa.pipeline.line", "lead_id", string="Role Forecast")
    psa_forecast_hours = fields.Float(
        string="Forecast Hours",
        compute="_compute_psa_forecast_hours",
        help="Role hours expected of this opportunity, not weighted by its probability.",
    )

    @api.depends("psa_pipeline_line_ids.hours")
    def _compute_psa_forecast_hours(self):
        for lead in self:
            lead.psa_forecast_hours = round(sum(lead.psa_pipeline_line_ids.mapped("hours")), 2)

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        self.env["psa.pipeline.line"]._psa_sync(leads)
        return leads

    def write(self, vals):
        result = super().write(vals)
        if FORECAST_FIELDS & vals.keys():
            self.env["psa.pipeline.line"]._psa_sync(self)
        return result

    def _psa_is_forecast(self, today):
        """Whether this opportunity is one that its company forecasts; not once it is won or lost."""
        self.ensure_one()
        if self.type != "opportunity" or not self.active or self.won_status != "pending":
            return False
        return is_forecast(
            self._psa_company()._psa_forecast_trigger(),
            self.stage_id.psa_forecast,
            self.probability,
            (self.date_deadline - today).days if self.date_deadline else None,
        )

    def _psa_period(self, today):
        """Expected first and last day of the work, as planned: it may lie in the past."""
        self.ensure_one()
        start = self.psa_date_start or self.date_deadline or today
        days = self.psa_template_id.psa_duration or DAYS_OF_WORK
        return start, max(start, self.psa_date_end or last_day(start, days))

    def _psa_expected_work(self, sows, plan, today):
        """``(source, [(role, hours, first day, last day, amount)])``: what this opportunity would bring.

        By its draft statements of work if they sell hours of roles, else by its service template; nothing
        once one is signed. Amounts are in the currency of the company; nothing begins before ``today``.

        :param sows: the statements of work of this opportunity that are not cancelled
        :param plan: the ``_psa_role_plan`` of its service template
        """
        self.ensure_one()
        if "sale" in sows.mapped("state"):
            return "sow", []
        work, source = [part for order in sows for part in self._psa_work_of_sow(order, today)], "sow"
        if not work:
            work, source = self._psa_work_of_template(plan, today), "template"
        first = min((start for _role, _hours, start, _end, _amount in work), default=today)
        delay = not_in_the_past(first, first, today)[0] - first
        return source, [
            (role, hours, start + delay, end + delay, amount) for role, hours, start, end, amount in work
        ]

    def _psa_work_of_sow(self, order, today):
        """Role hours and prices of a draft SOW, over its phases."""
        own_start, own_end = self._psa_period(today)
        company = self._psa_company()
        work = []
        for line, section in order._psa_sections().items():
            hours = line._psa_hours() if line.psa_role_id else 0.0
            if hours <= 0:
                continue
            start, end = order._psa_phase_dates(section)
            start = start or own_start
            end = max(start, end or own_end)
            amount = order.currency_id._convert(line.price_subtotal, company.currency_id, company, today)
            work.append((line.psa_role_id, hours, start, end, amount))
        return work

    def _psa_work_of_template(self, plan, today):
        """Role hours of the service template over its phases, fitted to the expected dates; the expected
        revenue shared out by the hours."""
        start, end = self._psa_period(today)
        planned = self.psa_template_id.psa_duration or (end - start).days + 1
        total = sum(hours for _role, hours, _section in plan)
        work = []
        for role, hours, section in plan:
            first, last = start, end
            if section.psa_duration:
                first, last = fit_phase(start, end, planned, section.psa_start_offset, section.psa_duration)
            work.append((role, hours, first, last, self.expected_revenue * hours / total))
        return work

    def _psa_pipeline_values(self, sows, plan, today):
        """Values of the pipeline lines of this opportunity: ``{(lead id, role id, month): values}``.

        :param sows: see ``_psa_expected_work``
        :param plan: see ``_psa_expected_work``
        """
        self.ensure_one()
        source, work = self._psa_expected_work(sows, plan, today)
        values = {}
        for role, hours, start, end, amount in work:
            whole = Decimal(str(round(hours, 2)))
            for month, first, last, part in spread(whole, start, end):
                share = float(part / whole)
                key = self.id, role.id, month
                if key not in values:
                    values[key] = self._psa_prepare_pipeline_line(role, month, first, last, source)
                line = values[key]
                line["hours"] = round(line["hours"] + float(part), 2)
                line["amount"] += amount * share
                line["date_start"] = min(line["date_start"], first)
                line["date_end"] = max(line["date_end"], last)
        for line in values.values():
            line["amount"] = self._psa_company().currency_id.round(line["amount"])
        return values

    def _psa_prepare_pipeline_line(self, role, month, first, last, source):
        return {
            "lead_id": self.id,
            "role_id": role.id,
            "month": month,
            "date_start": first,
            "date_end": last,
            "hours": 0.0,
            "amount": 0.0,
            "probability": self.probability,
            "source": source,
            "company_id": self._psa_company().id,
        }

    def action_psa_view_forecast(self):
        """The pipeline lines of this opportunity."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("psa_contracts.psa_pipeline_line_action")
        return {**action, "domain": [("lead_id", "=", self.id)], "context": {}}
