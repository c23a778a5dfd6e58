"""A client who got a fiscal position once the statement of work was signed: the invoice names it, as the host
has it, with the taxes that were signed. Whoever looks at the proposal is told, and what to do about it."""

from odoo import Command, fields, models

from .psa_billing_proposal import PENDING_STATES


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    tax_message = fields.Text(
        string="Taxes",
        compute="_compute_tax_message",
        compute_sudo=True,
        help="Where the fiscal position that the invoice will name has other taxes than were signed.",
    )

    def _compute_tax_message(self):
        changes = self._psa_tax_changes()
        for proposal in self:
            found = changes.get(proposal)
            proposal.tax_message = found and proposal._psa_tax_message(*found)

    def _psa_tax_changes(self):
        """``{proposal: (fiscal position, signed taxes, its taxes in their place)}`` of those that are not
        invoiced, whose client has a fiscal position that the statement of work has not.

        Clients who share an invoice have their taxes mapped by it.
        """
        pending = self.filtered(
            lambda one: (
                one.state in PENDING_STATES
                and not one.order_id.fiscal_position_id
                and not one.order_id.psa_payer_ids
            )
        )
        positions, found = {}, {}
        for proposal in pending:
            company, client = proposal.company_id, proposal.order_id.partner_invoice_id
            key = company, client
            if key not in positions:
                model = self.env["account.fiscal.position"].with_company(company)
                positions[key] = model._get_fiscal_position(client)
            if positions[key] and (taxes := proposal._psa_taxes_changed(positions[key])):
                found[proposal] = (positions[key], *taxes)
        return found

    def _psa_taxes_changed(self, position):
        """(taxes that do not hold under ``position``, those in their place) of what this bills, or None."""
        before = after = self.env["account.tax"]
        for line in self.line_ids.filtered(lambda line: not line.is_held).sale_line_id:
            taxes = line._psa_taxes_under(position, line.psa_adjusts_line_id)
            before |= line.tax_ids - taxes
            after |= taxes - line.tax_ids
        return (before, after) if before or after else None

    def _psa_tax_message(self, position, before, after):
        return self.env._(
            "%(client)s has the fiscal position %(position)s by now, %(order)s has none: the invoice names "
            "it, with the taxes that were signed (%(before)s) and not with its own (%(after)s). Have an "
            "administrator of accounting replace them under Invoicing > Configuration > Professional "
            "Services > Replace Taxes, or choose the taxes on the draft invoice; where it does not hold for "
            "this work, take the fiscal position off there.",
            client=self.order_id.partner_invoice_id.display_name,
            position=position.name,
            order=self.order_id.name,
            before=", ".join(before.mapped("name")) or self.env._("none"),
            after=", ".join(after.mapped("name")) or self.env._("none"),
        )

    def action_replace_taxes(self):
        """Open the dialog that puts another tax in the place of one, for the statements of work of this."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_replace_tax_action")
        # sudo: which taxes these are stands in the message
        none = self.env["account.tax"]
        _position, before, after = self.sudo()._psa_tax_changes().get(self) or (None, none, none)
        context = {
            "default_company_id": self.company_id.id,
            "default_order_ids": [Command.set(self.order_ids.ids)],
            "default_tax_id": before[:1].id,
            "default_new_tax_id": after[:1].id,
        }
        return {**action, "context": context}
