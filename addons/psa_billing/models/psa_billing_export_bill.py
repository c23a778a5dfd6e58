from odoo import fields, models


class PsaBillingExportBill(models.AbstractModel):
    """What a billing platform says of an invoice that it issues."""

    _name = "psa.billing.export.bill"
    _description = "Exported Bill"

    currency_id = fields.Many2one("res.currency")
    export_number = fields.Char(string="External Invoice", readonly=True, copy=False)
    export_date = fields.Date(string="External Invoice Date", readonly=True, copy=False)
    export_state = fields.Selection(
        [
            ("received", "Received"),
            ("rejected", "Rejected"),
            ("issued", "Issued"),
            ("partially_paid", "Partially Paid"),
            ("paid", "Paid"),
            ("cancelled", "Cancelled"),
        ],
        string="External State",
        readonly=True,
        copy=False,
    )
    export_paid_amount = fields.Monetary(
        string="Paid Externally",
        readonly=True,
        copy=False,
        help="What the platform has received, with taxes, in the currency of the proposal.",
    )
    export_registered_amount = fields.Monetary(
        readonly=True, copy=False, help="What of it was registered as payments here."
    )
