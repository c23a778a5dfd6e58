"""Before, change and after of a change order, in hours, amount, cost, margin and end date."""

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..core.change_orders import Figures, shown
from .rights import PRICE_GROUPS
from .sale_order_line_cost import MARGIN_GROUP


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_change_summary = fields.Html(
        string="Before and After",
        compute="_compute_psa_change_summary",
        sanitize=False,
        groups=PRICE_GROUPS,
        help="What the statement of work comes to before this change order, and after it.",
    )

    @api.depends(
        "order_line.product_uom_qty",
        "order_line.price_subtotal",
        "order_line.psa_amends_line_id",
        "psa_cap_change",
        "psa_date_start",
        "psa_date_end",
        "state",
    )
    @api.depends_context("uid", "lang")
    def _compute_psa_change_summary(self):
        with_margin = self.env.user.has_group(MARGIN_GROUP)
        for order in self:
            order.psa_change_summary = order.psa_kind == "change_order" and self.env["ir.qweb"]._render(
                "psa_contracts.change_order_figures", order._psa_change_values(with_margin)
            )

    def _psa_change_values(self, with_margin=False):
        """What the templates of a change order show: rows of the lines, totals, cap and dates.

        :param with_margin: with cost and margin, for those who may see them; never for the client
        """
        self.ensure_one()
        # sudo: before and after count the whole contract; cost only where the caller says so
        change = self.sudo()
        sow, before = change.psa_parent_id, change._psa_changes_before()
        after = before | change
        return {
            "order": change,
            "sow": sow,
            "with_margin": with_margin,
            "rows": change._psa_change_rows(before),
            "total": change._psa_before_and_after((sow | before)._psa_sold_lines(), change._psa_sold_lines()),
            "caps": (sow._psa_cap(before), sow._psa_cap(after)),
            "periods": (sow._psa_period(before), sow._psa_period(after)),
            "phases": change._psa_change_phases(before),
            "money": lambda amount: format_amount(self.env, float(amount), sow.currency_id),
            "day": lambda day: format_date(self.env, day) if day else "",
            "number": shown,
        }

    def _psa_changes_before(self):
        """The change orders that hold when this one is confirmed: all others, or those before it."""
        changes = self.psa_parent_id._psa_changes()
        if self.state != "sale":
            return changes - self._origin
        ids = changes.ids
        return changes.browse(ids[: ids.index(self._origin.id)])

    def _psa_change_rows(self, before):
        """One row for each line group that this change order touches, in the order of its lines:
        ``{"name", "is_new", "phase", "prices", "before", "change", "after"}``."""
        # what was agreed: not the expenses that were posted since
        sold_before = (
            (self.psa_parent_id | before)._psa_sold_lines().filtered(lambda line: not line.is_expense)
        )
        sections = self._psa_sections()
        rows = []
        for head, lines in self._psa_sold_lines().grouped(lambda line: line._psa_group_head()).items():
            members = sold_before.filtered(lambda line, head=head: line._psa_group_head() == head)
            rows.append(
                {
                    "name": head._psa_short_label(),
                    "is_new": not members,
                    "phase": (head.psa_phase_id or lines[0].psa_phase_id).name
                    or (not members and sections.get(lines[0], head.browse()).name),
                    "prices": sorted(set((members | lines).mapped("price_unit"))),
                    **self._psa_before_and_after(members, lines),
                }
            )
        return rows

    def _psa_before_and_after(self, members, lines):
        before, change = members._psa_figures(), lines._psa_figures()
        return {"before": before, "change": change, "after": before + change}

    def _psa_change_phases(self, before):
        """[(name, former dates, new dates)] of the phases that this change order adds or moves."""
        sow, phases = self.psa_parent_id, []
        for section in self.order_line.filtered(lambda line: line.display_type == "line_section"):
            amended = section.psa_amends_line_id
            former = sow._psa_phase_dates(amended, before) if amended else (None, None)
            new = sow._psa_phase_dates(amended or section, before | self)
            if former != new:
                phases.append((section.name, former, new))
        return phases


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_figures(self):
        """Hours, net amount and cost of these lines, in the currency of their order."""
        total = Figures()
        for line in self:
            total += Figures.of(line._psa_hours(), line.price_subtotal, line.psa_cost_amount)
        return total
