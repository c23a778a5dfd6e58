"""How the invoices of statements of work look: the company says it, agreement or SOW otherwise."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.layout import ENTRY, LINE, NONE, PERSON, PLACEHOLDERS, ROLE, SOW, Layout, unknown_placeholders

DETAILS = [
    (LINE, "One for each line of the SOW"),
    (ROLE, "One for each role"),
    (PERSON, "One for each person"),
    (ENTRY, "One for each entry"),
]
SECTIONS = [(SOW, "As in the statement of work"), (ROLE, "By role"), (NONE, "None")]
TEXT_HELP = (
    "Text of the lines. Placeholders: {line}, {role}, {phase}, {person}, {description}, {period}, {hours}, "
    "{quantity}, {unit}, {order}, {project}."
)


class PsaInvoiceLayout(models.AbstractModel):
    _name = "psa.invoice.layout"
    _description = "Layout of Invoices"

    psa_invoice_detail = fields.Selection(
        DETAILS,
        string="Invoice Lines",
        help="How detailed the invoice is. Empty: as the agreement or company says.",
    )
    psa_invoice_sections = fields.Selection(
        SECTIONS, string="Invoice Sections", help="Empty: as the agreement or the company says."
    )
    psa_invoice_text = fields.Text(
        string="Invoice Text", help=TEXT_HELP + " Empty: as the agreement or the company says."
    )

    @api.constrains("psa_invoice_text")
    def _check_psa_invoice_text(self):
        for record in self:
            unknown = unknown_placeholders(record.psa_invoice_text)
            if unknown:
                raise ValidationError(
                    self.env._(
                        "%(record)s: invoice texts know no {%(unknown)s}. They know %(known)s.",
                        record=record.display_name,
                        unknown=unknown[0],
                        known=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
                    )
                )


class PsaAgreement(models.Model):
    _name = "psa.agreement"
    _inherit = ["psa.agreement", "psa.invoice.layout"]


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "psa.invoice.layout"]

    def _psa_layout(self):
        """The ``Layout`` of the invoices of this SOW: its own, else the agreement's, else the company's."""
        self.ensure_one()
        sow = self._psa_sow()
        # sudo: how invoices look follows from the agreement, whoever bills
        sources = (sow, sow.psa_agreement_id.sudo(), sow.company_id.sudo())

        def first(name):
            return next((source[name] for source in sources if source[name]), "")

        return Layout(
            first("psa_invoice_detail") or LINE,
            first("psa_invoice_sections") or SOW,
            first("psa_invoice_text"),
        )


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "psa.invoice.layout"]

    psa_invoice_detail = fields.Selection(default=LINE, required=True, help="How detailed invoices are.")
    psa_invoice_sections = fields.Selection(
        default=SOW, required=True, help="Agreements and statements of work can say otherwise."
    )
    psa_invoice_text = fields.Text(help=TEXT_HELP + " Empty: the line and the days of the work.")
    psa_backup_report = fields.Selection(
        [
            ("manual", "By button"),
            ("post", "When the invoice is posted"),
            ("send", "When the invoice is sent"),
        ],
        string="Attach Backup Report",
        default="manual",
        required=True,
        help="The work behind an invoice, day by day, as PDF and spreadsheet for the client.",
    )
    psa_backup_columns = fields.Selection(
        [
            ("hours", "Hours"),
            ("billable", "Hours and billed hours"),
            ("amount", "Hours, billed hours and amount"),
        ],
        string="Backup Report Shows",
        default="billable",
        required=True,
        help="What the client reads of each entry: hours as entered, hours as billed, amount without taxes.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    psa_invoice_detail = fields.Selection(related="company_id.psa_invoice_detail", readonly=False)
    psa_invoice_sections = fields.Selection(related="company_id.psa_invoice_sections", readonly=False)
    psa_invoice_text = fields.Text(related="company_id.psa_invoice_text", readonly=False)
    psa_backup_report = fields.Selection(related="company_id.psa_backup_report", readonly=False)
    psa_backup_columns = fields.Selection(related="company_id.psa_backup_columns", readonly=False)
