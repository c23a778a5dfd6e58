"""What the proposals of a run leave out."""

from odoo import models
from odoo.fields import Domain

from .psa_billing_proposal_left_out import LEFT_OUT
from .rights import check_billing_manager


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def action_view_left_out(self):
        """The work until the last day of the run that no proposal bills, and why: also of statements of work
        that have no proposal at all.

        :raises AccessError: for users who are no billing managers
        """
        self.ensure_one()
        check_billing_manager(self)
        domain = [
            ("order_id", "!=", False),
            ("company_id", "=", self.company_id.id),
            ("date", "<=", self.date_to),
        ]
        if self._psa_filters() or self.frequency:
            # sudo: of the SOWs that the run looks at; their hours are shown by the rights of the user
            sows = self.sudo().env["sale.order"].search([("psa_kind", "=", "sow"), ("state", "=", "sale")])
            domain.append(("order_id", "in", self.sudo()._psa_filter(sows).ids))
        return self._psa_view_left_out(list(Domain(domain) & LEFT_OUT), views="pivot,list,graph,kanban")

    def _psa_view_left_out(self, domain, views):
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_hour_state_action")
        return {
            **action,
            "name": self.env._("Left Out"),
            "display_name": self.env._("Left Out"),
            "domain": domain,
            "context": {"pivot_measures": ["hours", "company_amount"], "psa_left_out": True},
            "view_mode": views,
            "views": [(False, view) for view in views.split(",")],
            "path": False,
        }
