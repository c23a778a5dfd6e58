"""A proposal reads as its invoice will: its lines below sections, each with what it comes to."""

from odoo import api, fields, models

from ..core.money import dec

#: What a section sums up.
SUMMED = ("worked_hours", "worked_amount", "adjustment_amount", "amount")


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    section_sums = fields.Json(
        compute="_compute_section_sums",
        help="[{first: id of the first line, lines: how many, section: its name, and sums of its lines}], in "
        "the order of the lines. Held lines are no part of a sum, as they are none of the proposal's.",
    )

    @api.depends(
        "line_ids.sequence",
        "line_ids.section",
        "line_ids.is_held",
        "line_ids.quantity",
        *(f"line_ids.{name}" for name in SUMMED),
    )
    def _compute_section_sums(self):
        for proposal in self:
            proposal.section_sums = [part._psa_section_sums() for part in proposal.line_ids._psa_by_section()]


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _psa_by_section(self):
        """These lines in their order, by section: one of the same name further down is another one."""
        parts = []
        for line in self.sorted(lambda line: (line.sequence, line.id)):
            if parts and parts[-1][0].section == line.section:
                parts[-1] |= line
            else:
                parts.append(line)
        return parts

    def _psa_section_sums(self):
        """One section of ``section_sums``: these lines. Quantities of several units have no sum,
        nor have those of time and of fixed prices."""
        billed = self.filtered(lambda line: not line.is_held)
        sums = {name: float(sum(map(dec, billed.mapped(name)), dec(0))) for name in SUMMED}
        sale_lines = billed.sale_line_id
        timed = all(line._psa_is_time_material() for line in sale_lines)
        one_unit = timed and len(sale_lines.product_uom_id) == 1
        return {
            "first": self[0].id,
            "lines": len(self),
            "section": self[0].section or "",
            **sums,
            "quantity": float(sum(map(dec, billed.mapped("quantity")), dec(0))) if one_unit else None,
        }
