"""A dry run: what would be proposed, on the real data, and nothing of it stays."""

from odoo import Command, models

from .rights import check_billing_manager


class NothingStays(Exception):
    """Ends the savepoint of a dry run."""


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def action_preview(self):
        """Show what the run would propose: amounts and problems of each SOW. Nothing of it is stored.

        :raises AccessError: for users who are no billing managers
        """
        self.ensure_one()
        check_billing_manager(self)
        # sudo: see action_make_proposals; what is done is undone
        run = self.sudo().with_company(self.company_id).with_context(tracking_disable=True)
        rows = run._psa_try()
        preview = self.env["psa.billing.preview"].create(
            {
                "run_id": self.id,
                "waiting": run._psa_waiting_text(),
                "line_ids": [Command.create(row) for row in rows],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Would Be Proposed"),
            "res_model": "psa.billing.preview",
            "res_id": preview.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _psa_try(self):
        """The values of the preview lines of what this run would propose now."""
        rows = []
        try:
            with self.env.cr.savepoint():
                self._psa_make_proposals(self._psa_orders_to_bill())
                self.env.flush_all()
                drafts = self.proposal_ids.filtered(lambda proposal: proposal.state == "draft")
                rows = [draft._prepare_preview() for draft in drafts.sorted("id")]
                raise NothingStays
        except NothingStays:
            self.env.invalidate_all()
        return rows


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _prepare_preview(self):
        self.ensure_one()
        return {
            "order_id": self.order_id.id,
            "order_count": len(self.order_ids),
            "hours": sum(self.line_ids.mapped("worked_hours")),
            "worked_amount": self.worked_amount,
            "amount": self.amount,
            "late_amount": self.late_amount,
            "last_amount": self.last_amount,
            "left_out_total": self.left_out_total,
            "message": self.message,
        }
