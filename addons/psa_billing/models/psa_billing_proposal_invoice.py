"""From approved proposals to native draft invoices."""

from odoo import models
from odoo.fields import Command
from odoo.tools import SQL


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_create_invoices(self):
        """One draft invoice for each of these approved, locked proposals, through the host's own methods.

        :return: ``account.move`` in sudo, in the order of the proposals
        """
        lines = self.line_ids.filtered(lambda line: not line.is_held)
        lines._check_price_unchanged()
        adjustments = lines._psa_make_adjustments()
        self.order_id.order_line.mapped("invoice_lines")  # read at once
        moves = self.env["account.move"]
        for company, proposals in self.grouped("company_id").items():
            proposals = proposals.with_company(company)
            vals_list = [proposal._prepare_invoice(adjustments) for proposal in proposals]
            company_moves = proposals.order_id._psa_store_invoices(vals_list)
            for proposal, move in zip(proposals, company_moves, strict=True):
                proposal.write({"state": "invoiced", "invoice_id": move.id})
            moves += company_moves
        self._psa_bill_work(moves)
        moves._psa_post_origin()
        return moves

    def _prepare_invoice(self, adjustments):
        """Values of the invoice: the host's, in the language of the client.

        :param adjustments: {proposal line: adjustment SOL}
        """
        self.ensure_one()
        order = self.order_id.with_company(self.company_id)
        if order.partner_invoice_id.lang:
            order = order.with_context(lang=order.partner_invoice_id.lang)
        values = order._prepare_invoice()
        if self.run_id.invoice_date:
            values["invoice_date"] = self.run_id.invoice_date
        lines = []
        for vals in self._prepare_invoice_lines(order, adjustments):
            lines.append(Command.create({**vals, "sequence": len(lines)}))
        values["invoice_line_ids"] = lines
        return values

    def _prepare_invoice_lines(self, order, adjustments):
        """The values of the invoice lines in the order of the SOW, below its sections."""
        by_sale_line = {line.sale_line_id.id: line for line in self.line_ids if not line.is_held}
        section = None
        for sale_line in order._psa_billed_lines():
            if sale_line.display_type == "line_section":
                section = sale_line
            line = by_sale_line.get(sale_line.id)
            if not line:
                continue
            if section:
                yield section._prepare_invoice_line(quantity=0)
                section = None
            if line.quantity:
                yield line._prepare_invoice_line(sale_line, line.quantity)
            if line in adjustments:
                yield line._prepare_invoice_line(adjustments[line].with_env(order.env), 1)

    def _psa_bill_work(self, moves):
        """The work on the proposals is billed by the lines of ``moves`` that name them."""
        invoice_lines = moves.invoice_line_ids.filtered("psa_proposal_line_id")
        # Work of which an adjustment line bills all there is (less than a hundredth of a unit) goes there.
        target = {}
        for line in invoice_lines:
            if not line.sale_line_ids.psa_adjusts_line_id or line.psa_proposal_line_id.id not in target:
                target[line.psa_proposal_line_id.id] = line.id
        wip = self.env["psa.wip.entry"]
        wip.flush_model()
        invoice_lines.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE psa_wip_entry wip
                   SET state = 'billed', invoice_line_id = target.invoice_line_id,
                       write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int[], %s::int[]) AS target (line_id, invoice_line_id)
                 WHERE wip.proposal_line_id = target.line_id AND wip.state = 'proposed'
             RETURNING wip.analytic_line_id
                """,
                self.env.uid,
                list(target),
                list(target.values()),
            )
        )
        wip.invalidate_model(["state", "invoice_line_id"])
        wip._psa_sync_invoice_of(self.env["account.analytic.line"].browse({row[0] for row in rows}))
