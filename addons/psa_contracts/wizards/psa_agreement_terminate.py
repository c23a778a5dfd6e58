from odoo import fields, models


class PsaAgreementTerminate(models.TransientModel):
    _name = "psa.agreement.terminate"
    _description = "Terminate Agreement"

    agreement_id = fields.Many2one("psa.agreement", required=True, readonly=True, ondelete="cascade")
    date = fields.Date(string="Last Day", required=True, default=fields.Date.context_today)
    reason = fields.Text(required=True)

    def action_terminate(self):
        """:raises UserError: see ``psa.agreement._terminate``"""
        self.ensure_one()
        self.agreement_id._terminate(self.date, self.reason)
        return {"type": "ir.actions.act_window_close"}
