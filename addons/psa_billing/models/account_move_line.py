from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: What the price of a line is, or follows from.
PRICED_BY = {"price_unit", "discount", "product_id", "product_uom_id"}
#: In the context as long as the host adapts prices to other taxes: an object, so that nobody can send it.
ADAPTED = object()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    psa_proposal_line_id = fields.Many2one(
        "psa.billing.proposal.line",
        string="Proposal Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    psa_service_start = fields.Date(
        string="Service From", copy=True, help="First day of the work on this line."
    )
    psa_service_end = fields.Date(string="Service To", copy=True, help="Last day of the work on this line.")

    @api.model
    def _timesheet_domain_get_invoiced_lines(self, sale_line_delivery):
        # Time on a SOW is linked by its proposal: exactly the billed entries.
        return super()._timesheet_domain_get_invoiced_lines(
            sale_line_delivery.filtered(lambda line: not line.order_id.psa_kind)
        )

    def _psa_entries_in_parts(self):
        """Those ``account.analytic.line`` billed by these lines whose work stands in several parts."""
        self.env["psa.wip.entry"].flush_model(["analytic_line_id", "invoice_line_id", "part"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT several.analytic_line_id
                  FROM psa_wip_entry several
                 WHERE several.part > 1
                   AND EXISTS (
                       SELECT FROM psa_wip_entry wip
                        WHERE wip.analytic_line_id = several.analytic_line_id
                          AND wip.invoice_line_id = ANY(%s))
                """,
                self.ids,
            )
        )
        return self.env["account.analytic.line"].browse(entry for (entry,) in rows)

    def _psa_free_work(self):
        """The work that these lines billed waits for the next run, and so do their remainders."""
        # sudo: whoever may take the invoice back frees its work, without rights on proposals
        lines = self.sudo()
        work = self.env["psa.wip.entry"].sudo().search([("invoice_line_id", "in", lines.ids)])
        lines.psa_proposal_line_id._psa_undo_fixed_adjustments()
        work._psa_free()

    def write(self, vals):
        """:raises UserError: where somebody gives what a proposal bills another price, or takes less off
        with it than others have used under a cap, or bills after all what others have used of one since"""
        adapts = self.env.su or self.env.context.get("psa_prices") is ADAPTED
        prices = self._psa_proposed_prices() if PRICED_BY & vals.keys() and not adapts else {}
        proposed = self.filtered("psa_proposal_line_id") if "quantity" in vals else self.browse()
        with (proposed._psa_gives_room_under_caps() | proposed._psa_fixed_under_caps())._psa_keeping_caps():
            result = super().write(vals)
        if prices:
            self._psa_check_proposed_prices(prices)
        return result

    def _psa_proposed_prices(self):
        """``{line: (price, discount)}`` of those of these draft lines that bill a proposal."""
        return {
            line: (line.price_unit, line.discount)
            for line in self
            if line.parent_state == "draft" and line.psa_proposal_line_id
        }

    def _psa_check_proposed_prices(self, before):
        """What a proposal bills keeps its price: else the work on it would count as billed for another amount
        than the client pays, and what is billed less would have no reason.

        :param before: see ``_psa_proposed_prices``
        :raises UserError: where a price or discount is another one now
        """
        for line, price in self._psa_proposed_prices().items():
            if before.get(line, price) != price:
                raise UserError(
                    self.env._(
                        "“%(line)s” on %(invoice)s has the price of its proposal, which cannot be changed "
                        "here. Delete or cancel the draft invoice, make the proposal again and adjust the "
                        "amount there: then what is billed less is known with its reason.",
                        line=(line.name or "").split("\n")[0],
                        invoice=line.move_id.display_name,
                    )
                )

    def unlink(self):
        """:raises UserError: where others have used what these gave back under a cap"""
        lines = self.sudo().filtered("psa_proposal_line_id")  # sudo: see _psa_free_work
        with self._psa_gives_room_under_caps()._psa_keeping_caps():
            if lines:
                lines._psa_check_deleted_together()
                lines._psa_free_work()
            sale_lines = self.sudo().sale_line_ids.filtered("order_id.psa_kind")
            result = super().unlink()
            sale_lines._psa_close_adjustments()
            sale_lines._psa_agreement_cap_changed()
        return result
