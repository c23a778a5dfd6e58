"""Receipts of expenses and vendor bills: beside the work in progress, and on the invoice that bills them."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .rights import check_reviewer


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    receipt_count = fields.Integer(string="Receipts", compute="_compute_receipt_count", compute_sudo=True)
    is_twice = fields.Boolean(
        string="Perhaps Twice",
        compute="_compute_is_twice",
        search="_search_is_twice",
        compute_sudo=True,
        help="Another expense or bill has the same product, date, amount and employee or vendor.",
    )
    expense_warning = fields.Char(string="Remark", compute="_compute_expense_warning", compute_sudo=True)

    def _psa_receipts(self):
        """``{WIP entry: attachments}`` of the expense, else the vendor bill; in sudo."""
        # sudo: who reviews what a client is to pay sees its receipt, without rights on expenses or bills
        costs = self.sudo().filtered(lambda part: part.kind != "time")
        sources = {part: part.expense_id or part.bill_id for part in costs}
        domain = Domain.OR(
            Domain("res_model", "=", model)
            & Domain("res_id", "in", [source.id for source in sources.values() if source._name == model])
            for model in ("hr.expense", "account.move")
        )
        domain &= Domain("res_field", "=", False)
        found = self.env["ir.attachment"].sudo().search(domain, order="id")
        by_source = found.grouped(lambda attachment: (attachment.res_model, attachment.res_id))
        return {
            part: by_source.get((source._name, source.id), found.browse()) for part, source in sources.items()
        }

    @api.depends("expense_id", "bill_id")
    def _compute_receipt_count(self):
        receipts = self._psa_receipts()
        for part in self:
            part.receipt_count = len(receipts.get(part, ()))

    def action_open_receipts(self):
        """Open the receipt of a cost, or offer its receipts one by one."""
        self.ensure_one()
        check_reviewer(self)
        receipts = self._psa_receipts().get(self.sudo())
        if not receipts:
            return False
        receipts.generate_access_token()
        links = [
            {"label": receipt.name, "url": f"/web/content/{receipt.id}?access_token={receipt.access_token}"}
            for receipt in receipts
        ]
        if len(links) == 1:
            return {"type": "ir.actions.act_url", "url": links[0]["url"], "target": "new"}
        params = {
            "title": self.env._("Receipts"),
            "message": "  ".join(["%s"] * len(links)),
            "links": links,
            "sticky": True,
        }
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    # -- the same receipt twice ------------------------------------------------------------

    @api.model
    def _psa_twice_query(self, condition):
        """Ids of the costs on SOWs for which there is another one of the same day, product, amount and
        employee or vendor."""
        return SQL(
            """
            SELECT wip.id
              FROM psa_wip_entry wip
              JOIN account_analytic_line entry ON entry.id = wip.analytic_line_id
              JOIN account_move_line cost ON cost.id = entry.move_line_id
              JOIN psa_wip_entry other ON other.kind = wip.kind AND other.date = wip.date
                                      AND other.company_id = wip.company_id
                                      AND other.employee_id IS NOT DISTINCT FROM wip.employee_id
              JOIN account_analytic_line other_entry ON other_entry.id = other.analytic_line_id
                                                    AND other_entry.amount = entry.amount
              JOIN account_move_line other_cost ON other_cost.id = other_entry.move_line_id
                                               AND other_cost.id != cost.id
                                               AND other_cost.product_id = cost.product_id
                                               AND (wip.kind = 'expense'
                                                    OR other_cost.partner_id = cost.partner_id)
             WHERE wip.kind != 'time' AND wip.amount > 0 AND other.amount > 0 AND %s
            """,
            condition,
        )

    @api.depends("date", "kind", "employee_id", "amount")
    def _compute_is_twice(self):
        self.flush_model()
        ids = [part.id for part in self if part.kind != "time" and part.id]
        twice = set()
        if ids:
            rows = self.env.execute_query(self._psa_twice_query(SQL("wip.id = ANY(%s)", ids)))
            twice = {row[0] for row in rows}
        for part in self:
            part.is_twice = part.id in twice

    @api.model
    def _search_is_twice(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        return [("id", "in", self._psa_twice_query(SQL("TRUE")))]

    @api.depends("is_twice", "expense_note")
    def _compute_expense_warning(self):
        twice = self.env._("Perhaps billed twice")
        for part in self:
            notes = [twice if part.is_twice else False, part.expense_note]
            part.expense_warning = ". ".join(note for note in notes if note) or False


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    expense_warning = fields.Char(
        compute="_compute_expense_warning",
        compute_sudo=True,
        help="Costs on this proposal for which there is another one that looks the same.",
    )

    @api.depends("line_ids.wip_ids.is_twice")
    def _compute_expense_warning(self):
        costs = self.env["psa.wip.entry"].search(
            [("proposal_line_id.proposal_id", "in", self.ids), ("kind", "!=", "time")]
        )
        twice = costs.filtered("is_twice").grouped(lambda part: part.proposal_line_id.proposal_id)
        for proposal in self:
            names = twice.get(proposal, costs.browse()).mapped(
                lambda part: f"{part.name} ({fields.Date.to_string(part.date)})"
            )
            proposal.expense_warning = (
                self.env._(
                    "Another expense or vendor bill has the same day, product, amount and employee or "
                    "vendor. Hold what would be billed twice: %s",
                    ", ".join(names),
                )
                if names
                else False
            )

    def _psa_bill_work(self, moves):  # pylint: disable=missing-return  # says nothing
        super()._psa_bill_work(moves)
        self._psa_attach_receipts(moves)

    def _psa_attach_receipts(self, moves):
        """Copies of the receipts of what ``moves`` bill, each once, where the company attaches them."""
        moves = moves.filtered("company_id.psa_attach_receipts")
        costs = self.env["psa.wip.entry"].search(
            [("invoice_line_id.move_id", "in", moves.ids), ("kind", "!=", "time")], order="date, id"
        )
        done = set()
        for part, receipts in costs._psa_receipts().items():
            for receipt in receipts:
                key = part.invoice_id, receipt.checksum, receipt.name
                if key not in done:
                    done.add(key)
                    receipt.copy({"res_model": "account.move", "res_id": part.invoice_id.id})
