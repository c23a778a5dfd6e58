from odoo import fields, models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    psa_template_id = fields.Many2one(
        "sale.order.template",
        string="Service Template",
        domain="[('psa_kind', '=', 'sow'), "
        "'|', ('company_id', '=', False), ('company_id', '=?', company_id)]",
        ondelete="set null",
        help="Proposed on the opportunities of this team: its roles are forecast and its statement of work "
        "is written with it. Empty: that of the company.",
    )
