from odoo import api, fields, models


class PsaDunningPause(models.AbstractModel):
    """What keeps a client, or one of its invoices, from being reminded: stops and promises."""

    _name = "psa.dunning.pause"
    _description = "Pause of Reminders"
    _rec_name = "partner_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        required=True,
        index=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        domain=[("parent_id", "=", False)],
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        check_company=True,
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), "
        "('commercial_partner_id', '=?', partner_id)]",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._psa_of_client(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._psa_of_client(vals))

    def _psa_of_client(self, vals):
        """A contact of a client stands for the client, who is reminded as a whole."""
        if not vals.get("partner_id"):
            return vals
        client = self.env["res.partner"].browse(vals["partner_id"]).commercial_partner_id
        return {**vals, "partner_id": client.id}

    @api.depends("move_id")
    def _compute_partner_id(self):
        for pause in self:
            pause.partner_id = pause.move_id.commercial_partner_id or pause.partner_id.commercial_partner_id
