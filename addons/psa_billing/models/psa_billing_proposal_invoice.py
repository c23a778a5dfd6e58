"""From approved proposals to native draft invoices."""

from collections import defaultdict

from odoo import models
from odoo.fields import Command
from odoo.tools import SQL

from ..core.layout import ROLE, SOW
from .psa_billing_proposal_payers import POSITIONS
from .sale_order_line_invoice import NO_PROJECT


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_create_invoices(self):
        """Draft invoices of these approved, locked proposals, through the host's own methods: one each, or
        one for each paying client.

        :return: ``account.move`` in sudo, in the order of the proposals, of each that of the lead payer first
        """
        lines = self.line_ids.filtered(lambda line: not line.is_held)
        lines = lines.with_context(**{POSITIONS: self._psa_positions()})
        lines._check_price_unchanged()
        self._check_fixed_due()
        self._psa_read_orders()
        known = {
            NO_PROJECT: self._psa_billed_lines(self.order_ids)._psa_without_projects(),
            POSITIONS: lines.env.context[POSITIONS],
        }
        bills = lines._psa_bills()
        adjustments = lines._psa_make_adjustments(bills)
        by_invoice = defaultdict(list)
        for bill in bills:
            by_invoice[bill.line.proposal_id, bill.payer].append(bill)
        deposits = self._psa_deposits_of_sows()
        moves, placed = self.env["account.move"], {}
        for company, proposals in self.grouped("company_id").items():
            invoices = [key for proposal in proposals for key in proposal._psa_invoice_keys(by_invoice)]
            vals_list = [
                proposal.with_company(company)
                .with_context(**known)
                ._prepare_invoice(
                    payer,
                    by_invoice[proposal, payer],
                    adjustments,
                    deposits,
                    placed,
                )
                for proposal, payer in invoices
            ]
            moves += proposals.with_company(company).order_id._psa_store_invoices(vals_list)
        for proposal, invoices in moves.grouped("psa_proposal_id").items():
            proposal.with_context(mail_notrack=True).invoice_id = invoices[0]  # the history tells the state
        moves.psa_proposal_id.write({"state": "invoiced"})
        moves._psa_credit_negative()
        self._psa_bill_work(moves, placed)
        moves._psa_post_origin()
        return moves

    def _psa_read_orders(self):
        """What is asked of the SOWs one by one, read at once."""
        self.order_ids._psa_sow().mapped("psa_change_ids")
        sale_lines = self.order_ids.order_line
        for name in ("invoice_lines", "tax_ids"):
            sale_lines.mapped(name)

    def _psa_invoice_keys(self, by_invoice):
        """The keys of ``by_invoice`` that belong to this proposal, the lead payer first."""
        payers = self.order_id._psa_sow().psa_payer_ids.partner_id
        keys = [key for key in by_invoice if key[0] == self]
        order = {payer: number for number, payer in enumerate(payers)}
        return sorted(keys, key=lambda key: order.get(key[1], len(order)))

    def _prepare_invoice(self, payer, bills, adjustments, deposits, placed):
        """Values of an invoice: the host's, in the language of who pays.

        :param payer: paying client, empty where the client of the SOW pays all
        :param bills: ``[Bill]`` on this invoice
        :param adjustments: ``{bill: adjustment SOL}``
        :param deposits: ``{SOW: {down payment SOL: net amount left}}``; what is deducted is taken off
        :param placed: filled with the work of single lines, see ``_psa_bill_work``
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
        for vals, work in self._prepare_invoice_lines(order, bills, adjustments):
            if work:
                placed[self, payer, len(lines)] = work
            lines.append(Command.create({**vals, "sequence": len(lines)}))
        for vals in self._prepare_deductions(order, payer, bills, deposits):
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
        """``(values, work)`` of the invoice lines in the order of the SOW, below the sections of its layout;
        ``work`` is None where a line bills all of its proposal line and payer. Several roundings stand at
        the end: the client reads one of each tax."""
        sections = order._psa_layout().sections
        apart = {bill for bill in bills if bill in adjustments and bill.line._psa_is_rounding(bill)}
        apart = apart if len(apart) > 1 else ()
        by_sale_line = {bill.line.sale_line_id.id: bill for bill in bills}
        section, head = None, None
        billed = [(line, by_sale_line.get(line.id)) for line in self._psa_billed_lines(order)]
        if sections == ROLE:
            billed.sort(key=lambda pair: pair[0].psa_role_id.name or "")
        for sale_line, bill in billed:
            if sale_line.display_type == "line_section" and sections == SOW:
                section = sale_line._prepare_invoice_line(quantity=0)
            if not bill:
                continue
            if sections == ROLE and sale_line.psa_role_id != head:
                head = sale_line.psa_role_id
                section = order._prepare_down_payment_section_line(name=head.name)
            if section:
                yield section, None
                section = None
            for detail in bill.details:
                yield bill.line._prepare_invoice_line(sale_line, detail), detail.work
            if bill in adjustments and bill not in apart:
                yield bill.line._prepare_adjustment_line(adjustments[bill].with_env(order.env)), None
        yield from self._prepare_roundings(order, [bill for bill in bills if bill in apart], adjustments)

    def _prepare_roundings(self, order, bills, adjustments):
        """The remainders of ``bills`` below a folded section: the host prints it as a line for each tax."""
        if bills:
            name = order.env._("Rounding")
            section = order._prepare_down_payment_section_line(name=name, collapse_composition=True)
            yield section, None
        for bill in bills:
            yield bill.line._prepare_adjustment_line(adjustments[bill].with_env(order.env)), None

    def _psa_billed_lines(self, order):
        """The lines of all SOWs of the proposal, one SOW after the other, in the language of ``order``."""
        orders = order | self.order_ids.sorted("id").with_env(order.env)
        return (
            self.env["sale.order.line"]
            .with_env(order.env)
            .browse([line.id for member in orders for line in member._psa_billed_lines()])
        )

    def _psa_bill_work(self, moves, placed):
        """The work on the proposals is billed by the lines of ``moves`` that name them.

        :param placed: ``{(proposal, payer, sequence): WIP entries}`` of lines that bill a part of theirs
        """
        invoice_lines = moves.invoice_line_ids.filtered("psa_proposal_line_id")
        whole, parts = {}, {}
        for line in invoice_lines:
            move = line.move_id
            if work := placed.get((move.psa_proposal_id, move.psa_payer_id, line.sequence)):
                parts.update(dict.fromkeys(work.ids, line.id))
            key = (line.psa_proposal_line_id.id, move.psa_payer_id.id or 0)
            # What an adjustment line bills alone (less than a hundredth of a unit) goes there.
            if not line.sale_line_ids.psa_adjusts_line_id or key not in whole:
                whole[key] = line.id
        self.env["psa.wip.entry"].flush_model()
        self.env["account.analytic.line"].flush_model(["timesheet_invoice_id"])
        invoice_lines.flush_recordset()
        self._psa_bill(SQL("wip.id = target.wip_id"), [(wip, 0, line) for wip, line in parts.items()])
        self._psa_bill(
            SQL("wip.proposal_line_id = target.wip_id AND COALESCE(wip.payer_id, 0) = target.payer_id"),
            [(*key, line) for key, line in whole.items()],
        )
        self.env["psa.wip.entry"]._psa_sync_invoice_of(invoice_lines._psa_entries_in_parts())

    def _psa_bill(self, condition, target):
        """Bill the proposed work that meets ``condition``; entries of one part name their invoice.

        :param target: ``[(id that the condition compares, payer id, invoice line id)]``
        """
        self.env.cr.execute(
            SQL(
                """
                WITH billed AS (
                    UPDATE psa_wip_entry wip
                       -- who did it says the invoice: a user on each row would be looked up for each row
                       SET state = 'billed', invoice_line_id = target.invoice_line_id,
                           write_date = now() AT TIME ZONE 'UTC'
                      FROM unnest(%s::int[], %s::int[], %s::int[])
                           AS target (wip_id, payer_id, invoice_line_id)
                     WHERE wip.state = 'proposed' AND %s
                 RETURNING wip.analytic_line_id, wip.invoice_line_id)
                UPDATE account_analytic_line entry
                   SET timesheet_invoice_id = line.move_id
                  FROM billed
                  JOIN account_move_line line ON line.id = billed.invoice_line_id
                 WHERE entry.id = billed.analytic_line_id AND entry.project_id IS NOT NULL
                   AND entry.timesheet_invoice_id IS DISTINCT FROM line.move_id
                   AND NOT EXISTS (
                       SELECT FROM psa_wip_entry other
                        WHERE other.analytic_line_id = billed.analytic_line_id AND other.part > 1)
                """,
                *([row[number] for row in target] for number in range(3)),
                condition,
            )
        )
        self.env["psa.wip.entry"].invalidate_model(["state", "invoice_line_id", "write_date"])
        self.env["account.analytic.line"].invalidate_model(["timesheet_invoice_id"])
        self.env["account.move"].invalidate_model(["timesheet_ids"])
