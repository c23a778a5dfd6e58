"""From approved proposals to native draft invoices."""

from collections import defaultdict
from itertools import chain

from odoo import models
from odoo.fields import Command
from odoo.tools import SQL


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_create_invoices(self):
        """Draft invoices of these approved, locked proposals, through the host's own methods: one each, or
        one for each paying client.

        :return: ``account.move`` in sudo, in the order of the proposals, of each that of the lead payer first
        """
        lines = self.line_ids.filtered(lambda line: not line.is_held)
        lines._check_price_unchanged()
        self.order_id.order_line.mapped("invoice_lines")  # read at once
        bills = lines._psa_bills()
        adjustments = lines._psa_make_adjustments(bills)
        by_invoice = defaultdict(list)
        for bill in bills:
            by_invoice[bill.line.proposal_id, bill.payer].append(bill)
        deposits = {order: order._psa_deposits() for order in self.order_id._psa_sow()}
        moves = self.env["account.move"]
        for company, proposals in self.grouped("company_id").items():
            invoices = [key for proposal in proposals for key in proposal._psa_invoice_keys(by_invoice)]
            vals_list = [
                proposal.with_company(company)._prepare_invoice(
                    payer, by_invoice[proposal, payer], adjustments, deposits[proposal.order_id._psa_sow()]
                )
                for proposal, payer in invoices
            ]
            moves += proposals.with_company(company).order_id._psa_store_invoices(vals_list)
        for proposal, invoices in moves.grouped("psa_proposal_id").items():
            proposal.write({"state": "invoiced", "invoice_id": invoices[0].id})
        moves._psa_credit_negative()
        self._psa_bill_work(moves)
        moves._psa_post_origin()
        return moves

    def _psa_invoice_keys(self, by_invoice):
        """The keys of ``by_invoice`` that belong to this proposal, the lead payer first."""
        payers = self.order_id._psa_sow().psa_payer_ids.partner_id
        keys = [key for key in by_invoice if key[0] == self]
        order = {payer: number for number, payer in enumerate(payers)}
        return sorted(keys, key=lambda key: order.get(key[1], len(order)))

    def _prepare_invoice(self, payer, bills, adjustments, deposits):
        """Values of an invoice: the host's, in the language of who pays.

        :param payer: paying client, empty where the client of the SOW pays all
        :param bills: ``[Bill]`` on this invoice
        :param adjustments: ``{bill: adjustment SOL}``
        :param deposits: ``{down payment SOL: net amount left}``; what is deducted is taken off
        """
        self.ensure_one()
        order = self.order_id.with_company(self.company_id)
        lang = (payer or order.partner_invoice_id).lang
        if lang:
            order = order.with_context(lang=lang)
        values = {**order._prepare_invoice(), "psa_proposal_id": self.id}
        if payer:
            values.update(self.with_env(order.env)._psa_payer_values(payer))
            values = {name: value for name, value in values.items() if value is not None}
        if self.run_id.invoice_date:
            values["invoice_date"] = self.run_id.invoice_date
        lines = []
        for vals in chain(
            self._prepare_invoice_lines(order, bills, adjustments),
            self._prepare_deductions(order, payer, bills, deposits),
        ):
            lines.append(Command.create({**vals, "sequence": len(lines)}))
        values["invoice_line_ids"] = lines
        if payer:
            self._psa_map_taxes(order, values)
        return values

    def _psa_map_taxes(self, order, values):
        """The taxes of all lines in ``values`` by the fiscal position of the payer."""
        position = self.env["account.fiscal.position"].browse(values["fiscal_position_id"])
        for _create, _zero, vals in values["invoice_line_ids"]:
            if not vals.get("sale_line_ids") or vals["display_type"] != "product":
                continue
            sale_line = order.order_line.browse(vals["sale_line_ids"][0][1])
            vals.update(sale_line._psa_position_values(position, sale_line.psa_adjusts_line_id))

    def _prepare_invoice_lines(self, order, bills, adjustments):
        """The values of the invoice lines in the order of the SOW, below its sections."""
        by_sale_line = {bill.line.sale_line_id.id: bill for bill in bills}
        section = None
        for sale_line in self._psa_billed_lines(order):
            if sale_line.display_type == "line_section":
                section = sale_line
            bill = by_sale_line.get(sale_line.id)
            if not bill:
                continue
            if section:
                yield section._prepare_invoice_line(quantity=0)
                section = None
            if bill.quantity:
                yield bill.line._prepare_invoice_line(sale_line, float(bill.quantity))
            if bill in adjustments:
                yield bill.line._prepare_invoice_line(adjustments[bill].with_env(order.env), 1)

    def _psa_billed_lines(self, order):
        """The lines of all SOWs of the proposal, one SOW after the other, in the language of ``order``."""
        orders = order | self.order_ids.with_env(order.env)
        return (
            self.env["sale.order.line"]
            .with_env(order.env)
            .browse([line.id for member in orders for line in member._psa_billed_lines()])
        )

    def _psa_bill_work(self, moves):
        """The work on the proposals is billed by the lines of ``moves`` that name them."""
        invoice_lines = moves.invoice_line_ids.filtered("psa_proposal_line_id")
        # Work of which an adjustment line bills all there is (less than a hundredth of a unit) goes there.
        target = {}
        for line in invoice_lines:
            key = (line.psa_proposal_line_id.id, line.move_id.psa_payer_id.id or 0)
            if not line.sale_line_ids.psa_adjusts_line_id or key not in target:
                target[key] = line.id
        wip = self.env["psa.wip.entry"]
        wip.flush_model()
        invoice_lines.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE psa_wip_entry wip
                   SET state = 'billed', invoice_line_id = target.invoice_line_id,
                       write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int[], %s::int[], %s::int[]) AS target (line_id, payer_id, invoice_line_id)
                 WHERE wip.proposal_line_id = target.line_id AND wip.state = 'proposed'
                   AND COALESCE(wip.payer_id, 0) = target.payer_id
             RETURNING wip.analytic_line_id
                """,
                self.env.uid,
                [line_id for line_id, _payer in target],
                [payer_id for _line, payer_id in target],
                list(target.values()),
            )
        )
        wip.invalidate_model(["state", "invoice_line_id"])
        wip._psa_sync_invoice_of(self.env["account.analytic.line"].browse({row[0] for row in rows}))
