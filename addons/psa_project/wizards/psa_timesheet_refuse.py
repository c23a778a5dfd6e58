from odoo import fields, models


class PsaTimesheetRefuse(models.TransientModel):
    _name = "psa.timesheet.refuse"
    _description = "Refuse Timesheets"

    entry_ids = fields.Many2many("account.analytic.line", string="Entries", required=True)
    reason = fields.Char(required=True, help="The owner of the time reads this and corrects the entries.")

    def action_refuse(self):
        """Refuse the entries with the reason and close the dialog."""
        self.ensure_one()
        self.entry_ids._psa_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
