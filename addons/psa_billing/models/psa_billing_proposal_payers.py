"""A proposal of a SOW that several clients pay: an invoice each."""

from collections import defaultdict

from odoo import api, fields, models

from odoo.addons.psa_contracts.core.shares import split

from ..core.money import dec
from .rights import BILLING_MANAGER, REVIEWER_GROUPS

#: In the context: what ``_psa_positions`` found, for all lines of the invoices that are made.
POSITIONS = "psa_positions_of_payers"


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    invoice_ids = fields.One2many(
        "account.move",
        "psa_proposal_id",
        string="Invoices",
        readonly=True,
        help="Several where several clients pay the statement of work.",
    )
    invoice_count = fields.Integer(compute="_compute_invoice_count", groups=REVIEWER_GROUPS)
    payer_amounts = fields.Text(
        string="Paid By",
        compute="_compute_payer_amounts",
        groups=BILLING_MANAGER,
        help="What each paying client is billed, without taxes. Empty: the client pays all.",
    )

    @api.depends("invoice_ids")
    def _compute_invoice_count(self):
        # sudo: how many there are tells nothing of what they say
        counts = dict(
            self.env["account.move"]
            .sudo()
            ._read_group([("psa_proposal_id", "in", self.ids)], ["psa_proposal_id"], ["__count"])
        )
        for proposal in self:
            proposal.invoice_count = counts.get(proposal, 0)

    @api.depends("amount", "state", "line_ids.wip_ids.payer_id", "order_id.psa_payer_ids.share")
    def _compute_payer_amounts(self):
        for proposal in self:
            if proposal.state in ("invoiced", "cancelled"):
                amounts = proposal._psa_amounts_invoiced()
            else:
                amounts = proposal._psa_amounts_by_payer()
            proposal.payer_amounts = (
                "\n".join(
                    f"{payer.display_name}: {proposal.currency_id.format(float(amount))}"
                    for payer, amount in amounts.items()
                    if amount
                )
                or False
            )

    def _psa_amounts_by_payer(self):
        """``{payer: net amount}`` of what is not held; empty where the client pays all."""
        return {payer: sum(amounts.values(), dec(0)) for payer, amounts in self._psa_taxed_by_payer().items()}

    def _psa_taxed_by_payer(self):
        """``{payer: {taxes of the SOW line: net amount}}`` of what is not held; see above."""
        self.ensure_one()
        shares = self.order_id._psa_sow().psa_payer_ids
        lines = self.line_ids.filtered(lambda line: not line.is_held)
        taxed = defaultdict(
            lambda: defaultdict(lambda: dec(0)),
            {payer: defaultdict(lambda: dec(0)) for payer in shares.partner_id},
        )
        rows = self.env["psa.wip.entry"]._read_group(
            [("proposal_line_id", "in", lines.ids), ("state", "!=", "written_off")],
            ["proposal_line_id", "payer_id"],
            ["amount:sum"],
        )
        # what is shared is what the line bills, less what single payers pay of it
        loose = {line: dec(line.amount) for line, payer, _amount in rows if not payer}
        for line, payer, amount in rows:
            if payer:
                taxed[payer][line.sale_line_id.tax_ids] += dec(amount)
                if line in loose:
                    loose[line] -= dec(amount)
        for line, amount in loose.items() if shares else ():
            parts = split(amount, shares.mapped("share"), dec(self.currency_id.rounding))
            for payer, part in zip(shares.partner_id, parts, strict=True):
                taxed[payer][line.sale_line_id.tax_ids] += part
        worked = {line for line, _payer, _amount in rows}
        for line in lines.filtered(lambda line: line not in worked) if shares else ():
            for bill in line._psa_fixed_bills(shares):
                taxed[bill.payer][line.sale_line_id.tax_ids] += bill.amount
        return taxed

    def _psa_amounts_invoiced(self):
        """``{payer: net amount}`` of the invoices of this proposal, before down payments."""
        self.ensure_one()
        amounts = {}
        for line in self.invoice_ids.invoice_line_ids.filtered("psa_proposal_line_id"):
            payer, sign = line.move_id.psa_payer_id, -line.move_id.direction_sign
            if payer:
                amounts[payer] = amounts.get(payer, dec(0)) + sign * dec(line.price_subtotal)
        return amounts

    def _psa_payer_values(self, payer):
        """What the invoice of a paying client has in place of the values of the SOW's client."""
        self.ensure_one()
        order = self.order_id
        share = order._psa_sow().psa_payer_ids.filtered(lambda share: share.partner_id == payer)
        values = {"psa_payer_id": payer.id, "ref": share.reference or order.name}
        if payer == order.partner_id:
            return {**values, "ref": share.reference or order.client_order_ref or order.name}
        addresses = payer.address_get(["invoice", "delivery"])
        return {
            **values,
            "partner_id": addresses["invoice"],
            "partner_shipping_id": addresses["delivery"],
            "fiscal_position_id": self._psa_position_of(payer).id,
            "invoice_payment_term_id": payer.with_company(self.company_id).property_payment_term_id.id,
            # What was agreed with the client alone: the host fills in the payer's own.
            **dict.fromkeys(("narration", "payment_reference", "preferred_payment_method_line_id")),
            "transaction_ids": [],
        }

    def _psa_position_of(self, payer):
        """The fiscal position of a paying client."""
        if payer == self.order_id.partner_id:
            return self.order_id.fiscal_position_id
        positions = self.env["account.fiscal.position"].with_company(self.company_id)
        known = self.env.context.get(POSITIONS, {})
        if (self.company_id.id, payer.id) in known:
            return positions.browse(known[self.company_id.id, payer.id])
        delivery = payer.browse(payer.address_get(["delivery"])["delivery"])
        return positions._get_fiscal_position(payer, delivery)

    def _psa_positions(self):
        """``{(company id, client id): id of the fiscal position}`` of who pays these proposals beside the
        clients of their SOWs."""
        found = {}
        for proposal in self:
            for payer in proposal.order_id._psa_sow().psa_payer_ids.partner_id - proposal.order_id.partner_id:
                if (key := (proposal.company_id.id, payer.id)) not in found:
                    found[key] = proposal._psa_position_of(payer).id
        return found

    def _psa_cancel_unbilled(self):
        """Proposals of which no invoice bills anything any more are cancelled."""
        for proposal in self:
            lines = proposal.invoice_ids.invoice_line_ids.filtered("psa_proposal_line_id")
            if not any(lines._psa_billed_quantity().values()):
                proposal.state = "cancelled"

    def action_view_invoice(self):
        """The invoices of the proposal, of all payers."""
        return self.order_id.action_view_invoice(invoices=self.invoice_ids)
