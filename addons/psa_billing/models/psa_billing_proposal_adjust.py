"""Adjustments over a whole proposal, and lines that are added to it."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .psa_billing_proposal import EDITABLE_STATES
from .rights import check_reviewer


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    adjustment_ids = fields.One2many(
        "psa.adjustment", "proposal_id", string="Adjustments", readonly=True, domain=[("state", "=", "done")]
    )
    adjustment_count = fields.Integer(compute="_compute_adjustment_count")

    @api.depends("adjustment_ids.state")
    def _compute_adjustment_count(self):
        counts = dict(
            self.env["psa.adjustment"]._read_group(
                [("proposal_id", "in", self.ids), ("state", "=", "done")], ["proposal_id"], ["__count"]
            )
        )
        for proposal in self:
            proposal.adjustment_count = counts.get(proposal, 0)

    def action_adjust(self):
        """Ask what the proposal comes to instead, and why."""
        check_reviewer(self)
        self._psa_check_editable()
        return self.env["psa.adjust.work"]._psa_open(self)

    def action_add_line(self):
        """Ask for the text and the amount of a line of its own."""
        self.ensure_one()
        check_reviewer(self)
        self._psa_check_editable()
        return self.env["psa.add.line"]._psa_open(self)

    def action_view_adjustments(self):
        """What was written off and up on the proposal."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_adjustment_action")
        return {**action, "domain": [("proposal_id", "in", self.ids)], "context": {}}

    def _psa_check_editable(self):
        """:raises UserError: where a proposal is approved, invoiced or cancelled"""
        fixed = self.filtered(lambda proposal: proposal.state not in EDITABLE_STATES)
        if not fixed:
            return
        if fixed[0].state == "approved":
            raise UserError(
                self.env._(
                    "The proposal %s is approved: have a billing manager take it back to draft before you "
                    "change what it bills.",
                    fixed[0].display_name,
                )
            )
        fixed._check_state(*EDITABLE_STATES)

    def _psa_bill_amount(self, amount, reason, note=None):
        """The proposal comes to ``amount`` exactly, without taxes: pro rata over its lines and their work."""
        self.ensure_one()
        return self.line_ids.filtered(lambda line: not line.is_held)._psa_bill_amount(amount, reason, note)

    def _psa_add_line(self, text, amount, like, reason, note=None):
        """A line that bills ``amount`` with ``text``, on a SOL of its own, taxed like the line ``like``.

        :param amount: without taxes, in the currency of the SOW; below zero it is taken off
        :param like: SOL of the SOW or of a change order of it
        :raises UserError: where that line is none of this SOW
        """
        self.ensure_one()
        self._psa_check_editable()
        order = self.order_id
        if like.order_id._psa_sow() != order or like.display_type or like.psa_adjusts_line_id:
            raise UserError(
                self.env._("%(line)s is no line of %(order)s.", line=like.display_name, order=order.name)
            )
        if self.currency_id.is_zero(amount):
            raise UserError(self.env._("Give the amount of the line: it cannot be zero."))
        sale_line = (
            self.env["sale.order.line"]
            .with_context(sale_no_log_for_new_lines=True, mail_notrack=True)
            .create(like._prepare_psa_adjustment(text, amount))
        )
        line = self.line_ids.create(
            {
                "proposal_id": self.id,
                "sale_line_id": sale_line.id,
                "sequence": max(self.line_ids.mapped("sequence"), default=0) + 1,
                "name": text,
                "is_added": True,
            }
        )
        line._psa_set_fixed({line: (1, None)})
        self._psa_arrange()
        sale_line._psa_agreement_cap_changed(more=amount > 0)
        return line._psa_note_adjustment(amount, reason, note)
