from odoo import fields, models

from ..core.export import joint_state


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

    def _psa_together(self, states):
        """What one invoice says that stands for all these.

        :param states: theirs, and None for each invoice that nothing was said of
        """
        return {
            "export_state": joint_state(states),
            "export_number": ", ".join(filter(None, self.mapped("export_number"))) or False,
            "export_date": max(filter(None, self.mapped("export_date")), default=False),
            "export_paid_amount": sum(self.mapped("export_paid_amount")),
            "export_registered_amount": sum(self.mapped("export_registered_amount")),
        }
