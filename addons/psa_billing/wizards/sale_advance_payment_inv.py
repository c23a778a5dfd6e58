from odoo import Command, fields, models
from odoo.exceptions import UserError


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def create_invoices(self):
        """A SOW leads to a proposal; down payments and other orders are the host's.

        :raises UserError: where SOWs and other orders are mixed, or the user may not bill SOWs
        """
        sows = self.sale_order_ids.filtered("psa_kind")
        if not sows or self.advance_payment_method != "delivered":
            return super().create_invoices()
        if sows != self.sale_order_ids or not self.env.user.has_group(
            "psa_billing.group_psa_billing_manager"
        ):
            return sows._create_invoices()  # refuses, and names the way out
        return self._psa_propose(sows._psa_sow())

    def _psa_propose(self, sows):
        """Propose all open work of these SOWs until today and show the proposals."""
        Run = self.env["psa.billing.run"]
        today = fields.Date.context_today(self)
        runs = Run
        for company, orders in sows.grouped("company_id").items():
            run = Run.create(
                {
                    "name": self.env._("Billing of %s", ", ".join(orders.mapped("name"))),
                    "company_id": company.id,
                    "date_to": today,
                    "only_due": False,
                    "order_ids": [Command.set(orders.ids)],
                }
            )
            # sudo: the user is a billing manager; see action_make_proposals
            run.sudo().with_company(company)._psa_make_proposals(orders.sudo())
            runs += run
        proposals = runs.proposal_ids
        if not proposals:
            raise UserError(
                self.env._(
                    "There is nothing to propose on %s: no approved open time until today, no reached "
                    "milestone and no fixed price that is not billed.",
                    ", ".join(sows.mapped("name")),
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_billing_proposal_action")
        return {**action, "domain": [("id", "in", proposals.ids)], "context": {}}
