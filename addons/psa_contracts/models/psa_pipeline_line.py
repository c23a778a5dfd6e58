from odoo import api, fields, models
from odoo.fields import Domain

from .lock import touch

READERS_OF_AMOUNTS = "sales_team.group_sale_salesman,account.group_account_invoice"
BATCH = 200


class PsaPipelineLine(models.Model):
    """Hours of one role in one month that an opportunity would bring. Kept by itself, written by nobody."""

    _name = "psa.pipeline.line"
    _description = "Role Forecast"
    _order = "month, role_id, id"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", string="Opportunity", required=True, index=True, ondelete="cascade")
    role_id = fields.Many2one("project.role", required=True, index=True, ondelete="cascade")
    month = fields.Date(required=True, help="First day of the month.")
    date_start = fields.Date(string="From", required=True, help="First day of the work in this month.")
    date_end = fields.Date(string="To", required=True, help="Last day of the work in this month.")
    hours = fields.Float(digits=(16, 2), help="Hours if the opportunity is won.")
    probability = fields.Float(string="Probability (%)", aggregator="avg")
    weighted_hours = fields.Float(
        compute="_compute_weighted",
        store=True,
        digits=(16, 2),
        help="Hours times the probability of the opportunity.",
    )
    amount = fields.Monetary(
        string="Expected Revenue",
        groups=READERS_OF_AMOUNTS,
        help="What the hours would earn: by the draft statement of work, else a share of the expected "
        "revenue of the opportunity.",
    )
    weighted_amount = fields.Monetary(
        string="Weighted Revenue",
        compute="_compute_weighted",
        compute_sudo=True,
        store=True,
        groups=READERS_OF_AMOUNTS,
        help="Expected revenue times the probability of the opportunity.",
    )
    source = fields.Selection(
        [("template", "Service Template"), ("sow", "Draft SOW")],
        required=True,
        help="Where the hours come from.",
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    team_id = fields.Many2one(related="lead_id.team_id", store=True)
    user_id = fields.Many2one(related="lead_id.user_id", string="Salesperson", store=True, index=True)
    partner_id = fields.Many2one(related="lead_id.partner_id", string="Client", store=True)

    _one_a_month = models.UniqueIndex(
        "(lead_id, role_id, month)", "An opportunity forecasts a role once a month."
    )

    @api.depends("hours", "amount", "probability")
    def _compute_weighted(self):
        for line in self:
            line.weighted_hours = line.hours * line.probability / 100
            line.weighted_amount = line.amount * line.probability / 100

    @api.model
    def _psa_leads_to_watch(self, companies=None):
        """The opportunities that are forecast or might be: of ``companies``, else of all.

        To be called in sudo: the forecast covers everybody's opportunities.
        """
        of_company = Domain("company_id", "in", companies.ids) if companies is not None else Domain.TRUE
        leads = self.search(of_company).lead_id
        forecasting = self.env["res.company"].search(
            [
                *([("id", "in", companies.ids)] if companies is not None else []),
                "|",
                "|",
                ("psa_forecast_by_stage", "=", True),
                ("psa_forecast_probability", ">", 0),
                ("psa_forecast_days", ">", 0),
            ]
        )
        if not forecasting:
            return leads
        # an opportunity without a company is one of its salesperson's or team's
        return leads | leads.search(
            [
                ("type", "=", "opportunity"),
                ("won_status", "=", "pending"),
                ("company_id", "in", [False, *forecasting.ids]),
            ]
        )

    @api.model
    def _psa_sync(self, leads):
        """Bring the forecast of ``leads`` to what holds today. A constant number of queries for many leads.

        Writes nothing where nothing changed.
        """
        # sudo: the forecast follows from the opportunity and its SOWs alone; the salesperson who moves them
        # has no right to write it, and need not be able to read every SOW.
        leads, lines = leads.sudo(), self.sudo()
        today = fields.Date.context_today(self)
        existing = lines.search([("lead_id", "in", leads.ids)])
        wanted = lines._psa_wanted(leads.filtered(lambda lead: lead._psa_is_forecast(today)), today)
        if not existing and not wanted:
            return
        gone, changed = lines.browse(), []
        for line in existing:
            values = wanted.pop((line.lead_id.id, line.role_id.id, line.month), None)
            if values is None:
                gone += line
                continue
            values = {field: value for field, value in values.items() if line._psa_value(field) != value}
            if values:
                changed.append((line, values))
        if not (gone or changed or wanted):
            return
        # two writers of one opportunity at once
        touch(leads)
        gone.unlink()
        for line, values in changed:
            line.write(values)
        lines.create(list(wanted.values()))

    @api.model
    def _psa_wanted(self, leads, today):
        """What ``leads``, each of them forecast, would bring: ``{(lead id, role id, month): values}``."""
        if not leads:
            return {}
        # Searched for, not read from the opportunities: a salesperson's cache may hold only their own SOWs.
        sows = self.env["sale.order"].search(
            [("opportunity_id", "in", leads.ids), ("psa_kind", "=", "sow"), ("state", "!=", "cancel")]
        )
        by_lead = sows.grouped("opportunity_id")
        plans = {template: template._psa_role_plan() for template in leads.psa_template_id}
        wanted = {}
        for lead in leads:
            own, plan = by_lead.get(lead, sows.browse()), plans.get(lead.psa_template_id, [])
            wanted |= lead._psa_pipeline_values(own, plan, today)
        return wanted

    def _psa_value(self, field):
        """The value of ``field`` as ``_psa_pipeline_values`` writes it."""
        value = self[field]
        return value.id if self._fields[field].type == "many2one" else value

    @api.model
    def _cron_psa_sync(self):
        """Once a day: closings come nearer, expected starts pass, templates and probabilities change."""
        # sudo: see _psa_sync
        leads = self.sudo()._psa_leads_to_watch()
        self.env["ir.cron"]._commit_progress(remaining=len(leads))
        for start in range(0, len(leads), BATCH):
            batch = leads[start : start + BATCH].exists()
            self._psa_sync(batch)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break
