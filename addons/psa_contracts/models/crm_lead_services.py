"""What an opportunity knows of the services it may become: template, expected dates, SOWs."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..core.plan import last_day

DAYS_TO_START = 30  # from today, where no closing is expected
#: Column types of what is proposed, and of what a merge of opportunities keeps.
COLUMNS = {"psa_template_id": "int4", "psa_date_start": "date", "psa_date_end": "date"}


class CrmLead(models.Model):
    _inherit = "crm.lead"

    psa_template_id = fields.Many2one(
        "sale.order.template",
        string="Service Template",
        compute="_compute_psa_template_id",
        store=True,
        readonly=False,
        domain="[('psa_kind', '=', 'sow'), "
        "'|', ('company_id', '=', False), ('company_id', '=?', company_id)]",
        ondelete="set null",
        index="btree_not_null",
        help="What the client would probably buy: its role hours are forecast, and the statement of work is "
        "written with it. Proposed: that of the sales team, else of the company.",
    )
    psa_date_start = fields.Date(
        string="Delivery Start",
        compute="_compute_psa_date_start",
        store=True,
        readonly=False,
        precompute=True,
        help="First day of work. Proposed: the expected closing, else thirty days from today.",
    )
    psa_date_end = fields.Date(
        string="Delivery End",
        compute="_compute_psa_date_end",
        store=True,
        readonly=False,
        help="Last day of work. Proposed: the start and the duration of the service template.",
    )
    psa_sow_count = fields.Integer(string="SOWs", compute="_compute_psa_sow_count")

    _psa_dates_in_order = models.Constraint(
        "CHECK(psa_date_end IS NULL OR psa_date_start IS NULL OR psa_date_end >= psa_date_start)",
        "The delivery of an opportunity cannot end before it starts: check the two dates.",
    )

    def _auto_init(self):
        # Columns that are there already are not computed for each of a firm's old opportunities at install.
        for column, kind in COLUMNS.items():
            if not column_exists(self.env.cr, "crm_lead", column):
                create_column(self.env.cr, "crm_lead", column, kind)
        return super()._auto_init()

    @api.depends("type", "team_id", "company_id")
    def _compute_psa_template_id(self):
        for lead in self:
            if lead.type == "opportunity" and not lead.psa_template_id:
                company = lead.company_id or self.env.company
                # sudo: which template a team or company proposes is no secret to who sees the opportunity
                lead.psa_template_id = lead.team_id.sudo().psa_template_id or company.sudo().psa_template_id
            else:
                lead.psa_template_id = lead.psa_template_id

    @api.depends("type", "date_deadline")
    def _compute_psa_date_start(self):
        for lead in self:
            if lead.type == "opportunity":
                lead.psa_date_start = lead.date_deadline or (
                    lead.psa_date_start or fields.Date.context_today(lead) + timedelta(days=DAYS_TO_START)
                )
            else:
                lead.psa_date_start = False

    @api.depends("psa_date_start", "psa_template_id")
    def _compute_psa_date_end(self):
        for lead in self:
            start, end = lead.psa_date_start, lead.psa_date_end
            # sudo: the duration of a template is no secret to who sees the opportunity
            duration = lead.psa_template_id.sudo().psa_duration
            if start and duration:
                lead.psa_date_end = last_day(start, duration)
            else:
                lead.psa_date_end = end if start and end and end >= start else False

    @api.depends("order_ids.psa_kind")
    def _compute_psa_sow_count(self):
        for lead in self:
            lead.psa_sow_count = len(lead._psa_sows())

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), *COLUMNS]

    def _psa_sows(self):
        """The statements of work that were written for these opportunities, cancelled ones too."""
        return self.order_ids.filtered(lambda order: order.psa_kind == "sow")

    def _psa_company(self):
        """The company that would sell the work of this opportunity."""
        self.ensure_one()
        return self.company_id or self.user_id.company_id or self.team_id.company_id or self.env.company

    def _psa_sow_context(self):
        """Default values of a SOW written for this opportunity."""
        self.ensure_one()
        context = {**self._prepare_opportunity_quotation_context(), "default_psa_kind": "sow"}
        for field, value in (
            ("psa_date_start", self.psa_date_start),
            ("psa_date_end", self.psa_date_end),
            ("sale_order_template_id", self.psa_template_id.id),
        ):
            if value:
                context[f"default_{field}"] = value
        return context

    def action_psa_view_sows(self):
        """The statements of work of this opportunity; straight to the one if there is only one."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("psa_contracts.sow_action")
        sows = self._psa_sows()
        action["domain"] = [("id", "in", sows.ids)]
        action["context"] = self._psa_sow_context()
        if len(sows) == 1:
            action.update(views=[(False, "form")], res_id=sows.id)
        return action
