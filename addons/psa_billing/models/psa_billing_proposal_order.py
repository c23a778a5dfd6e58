"""The lines of a proposal stand in the order of its invoice, each with the section that it will be below."""

from odoo import models

from ..core.layout import ROLE, SOW


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_arrange(self):
        """Number the lines of these proposals, and note their sections, as the invoice will have them."""
        changed = {}
        for proposal in self:
            own, number = proposal.line_ids.grouped("sale_line_id"), 0
            for sale_line, section in proposal._psa_sections():
                for line in own.get(sale_line, ()):
                    number += 1
                    values = {"sequence": number, "section": section or False}
                    if any(line[name] != value for name, value in values.items()):
                        changed[line] = values
        self.line_ids._psa_write_alike(changed)

    def _psa_sections(self):
        """``[(SOL, section)]`` in the order of the invoice; of several SOWs it begins with its SOW."""
        self.ensure_one()
        layout, sale_lines = self.order_id._psa_layout().sections, self._psa_billed_lines(self.order_id)
        if layout == ROLE:
            pairs = [(line, line.psa_role_id.name or "") for line in sale_lines]
            return sorted(pairs, key=lambda pair: pair[1])
        pairs, sow, section = [], None, ""
        for line in sale_lines:
            if line.order_id._psa_sow() != sow:
                sow, section = line.order_id._psa_sow(), ""
            if line.display_type == "line_section" and layout == SOW:
                section = (line.name or "").strip().split("\n")[0]
            names = [sow.name if len(self.order_ids) > 1 else "", section]
            pairs.append((line, ", ".join(filter(None, names))))
        return pairs
