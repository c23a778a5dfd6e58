"""Receipts of expenses and vendor bills: beside the work in progress, and on the invoice that bills them."""

from odoo import api, fields, models
from odoo.fields import Domain

from .rights import check_reviewer


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    receipt_count = fields.Integer(string="Receipts", compute="_compute_receipt_count", compute_sudo=True)

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
        # sudo: who reviews the cost sees what proves it, without rights on expenses and bills
        found = self.env["ir.attachment"].sudo().search(domain, order="id")
        by_source = found.grouped(lambda attachment: (attachment.res_model, attachment.res_id))
        return {
            part: by_source.get((source._name, source.id), found.browse()) for part, source in sources.items()
        }

    def _psa_receipt_is_for_client(self):
        """Whether all that stands on the vendor bill of this cost, in sudo, is for its client. An expense has
        a receipt of its own."""
        if self.expense_id or not self.bill_id:
            return True
        client, lines = self.partner_id.commercial_partner_id, self.bill_id.invoice_line_ids
        own = lines.analytic_line_ids.filtered(
            lambda entry: (
                (entry.psa_wip_ids.order_id or entry.psa_expense_order_id).partner_id.commercial_partner_id
                == client
            )
        )
        rest = sum(lines.mapped("balance")) + sum(own.mapped("amount"))
        return self.bill_id.company_currency_id.is_zero(rest)

    @api.depends("expense_id", "bill_id")
    def _compute_receipt_count(self):
        receipts = self._psa_receipts()
        for part in self:
            part.receipt_count = len(receipts.get(part, ()))

    def action_open_receipts(self):
        """Open the receipt of a cost, or offer its receipts one by one."""
        self.ensure_one()
        check_reviewer(self)
        # sudo: as they are found
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


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_bill_work(self, moves, placed):  # pylint: disable=missing-return  # says nothing
        super()._psa_bill_work(moves, placed)
        self._psa_attach_receipts(moves)

    def _psa_attach_receipts(self, moves):
        """Copies of the receipts of what ``moves`` bill, each once, where the company attaches them. A bill
        that has costs of others, too, is none of the client's business: a note on the invoice names it."""
        moves = moves.filtered("company_id.psa_attach_receipts")
        costs = self.env["psa.wip.entry"].search(
            [("invoice_line_id.move_id", "in", moves.ids), ("kind", "!=", "time")], order="date, id"
        )
        done, kept = set(), {}
        for part, receipts in costs._psa_receipts().items():
            if receipts and not part._psa_receipt_is_for_client():
                kept.setdefault(part.invoice_id, part.bill_id.browse())
                kept[part.invoice_id] |= part.bill_id
                continue
            for receipt in receipts:
                key = part.invoice_id, receipt.checksum, receipt.name
                if key not in done:
                    done.add(key)
                    receipt.copy({"res_model": "account.move", "res_id": part.invoice_id.id})
        for invoice, bills in kept.items():
            names = ", ".join(bills.mapped("display_name"))
            invoice._message_log(
                body=self.env._("Not attached, as costs of others are on it, too: the receipt of %s.", names)
            )
