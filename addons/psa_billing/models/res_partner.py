from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals:
            self._psa_follow_client()
        return result

    def _psa_follow_client(self):
        """Who becomes a contact of another client owes as that client: the host moves the entries, and what
        keeps them from reminders, or was told of them, goes along."""
        contacts = self.filtered(lambda partner: partner.commercial_partner_id != partner)
        # sudo: who is whose contact decides, whoever says so
        env = self.sudo().with_context(active_test=False).env
        for model in ("psa.dunning.reminder", "psa.dunning.stop", "psa.payment.promise"):
            records = env[model].search([("partner_id", "in", contacts.ids)])
            for partner, own in records.grouped("partner_id").items():
                client = partner.commercial_partner_id
                if model == "psa.dunning.reminder":
                    own._psa_merge_clients(client | partner)
                own = own.exists()
                # what was promised stays, whatever else the client owes
                kept = [own._fields["amount"]] if "amount" in own._fields else []
                with env.protecting(kept, own):
                    own.partner_id = client
