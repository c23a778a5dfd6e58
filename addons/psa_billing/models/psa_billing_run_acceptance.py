"""Milestones that are reached and wait for the client's acceptance: a run says so, they are not lost."""

from odoo import fields, models

from .psa_billing_proposal import PENDING_STATES


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    waiting_milestone_count = fields.Integer(
        string="Wait for Acceptance",
        compute="_compute_waiting_milestone_count",
        compute_sudo=True,
        help="Reached milestones of the statements of work of this run that the client has not accepted yet.",
    )

    def _compute_waiting_milestone_count(self):
        for run in self:
            run.waiting_milestone_count = len(run._psa_waiting_milestones())

    def _psa_waiting_milestones(self):
        """Reached milestones that wait for the client, of the SOWs that this run looks at."""
        self.ensure_one()
        waiting = self.env["project.milestone"].search(
            [
                ("psa_acceptance", "=", "waits"),
                ("sale_line_id.company_id", "=", self.company_id.id),
                ("sale_line_id.state", "=", "sale"),
            ]
        )
        if not waiting:
            return waiting
        orders = self._psa_filter(waiting.sale_line_id.order_id._psa_sow())
        return waiting.filtered(lambda milestone: milestone.sale_line_id.order_id._psa_sow() in orders)

    def _psa_waiting_text(self):
        """What waits for the client's acceptance, a line each; False where nothing does."""
        return (
            "\n".join(
                self.env._(
                    "%(order)s, %(milestone)s: %(amount)s waits for acceptance by the client.",
                    order=milestone.sale_line_id.order_id._psa_sow().name,
                    milestone=milestone.name,
                    amount=milestone._psa_released_text(),
                )
                for milestone in self._psa_waiting_milestones()
            )
            or False
        )

    def action_view_waiting_milestones(self):
        """The milestones that wait for the client's acceptance."""
        self.ensure_one()
        self.check_access("read")
        # sudo: which there are; what the user sees of them are the user's own rights
        milestones = self.sudo()._psa_waiting_milestones()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Wait for Acceptance"),
            "res_model": "project.milestone",
            "views": [
                (self.env.ref("psa_contracts.project_milestone_view_list_waiting").id, "list"),
                (self.env.ref("project.project_milestone_view_kanban").id, "kanban"),
                (False, "form"),
            ],
            "mobile_view_mode": "kanban",
            "domain": [("id", "in", milestones.ids)],
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_quantity_taken(self):
        """What stands on a proposal is about to be billed."""
        rows = (
            self.env["psa.billing.proposal.line"]
            .sudo()  # sudo: that it is proposed counts also for who sees no proposals
            ._read_group(
                [("sale_line_id", "=", self.id), ("proposal_state", "in", (*PENDING_STATES, "closed"))],
                [],
                ["quantity:sum"],
            )
        )
        return super()._psa_quantity_taken() + (rows[0][0] or 0.0)
