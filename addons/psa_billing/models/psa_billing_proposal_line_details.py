"""The lines of an invoice by role, person or entry, and their texts; the rule is ``core.layout``."""

from dataclasses import replace

from odoo import models
from odoo.tools import formatLang

from ..core.layout import ENTRY, LINE, PERSON, ROLE, line_text, placeholders_in
from ..core.money import dec
from .bill import Detail

#: What the work of one line of the invoice has in common.
KEYS = {
    ROLE: lambda part: part.role_id.id,
    PERSON: lambda part: part.employee_id.id,
    ENTRY: lambda part: part.analytic_line_id.id,
}
ORDERS = {
    ROLE: lambda parts: (parts[0].role_id.name or "", parts[0].role_id.id),
    PERSON: lambda parts: (parts[0].employee_id.name or "", parts[0].employee_id.id),
    ENTRY: lambda parts: (parts[0].date, parts[0].analytic_line_id.id),
}


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    def _psa_detailed(self, bill):
        """``bill`` with the lines of the invoice; cents that those lose go on the remainder."""
        self.ensure_one()
        whole = Detail(bill.quantity, self.date_start, self.date_end)
        detail = self.sale_line_id.order_id._psa_layout().detail
        if not bill.quantity and bill.remainder:
            return bill
        work = self.env["psa.wip.entry"]
        if detail != LINE or not bill.quantity:
            work = work.search(
                [
                    ("proposal_line_id", "=", self.id),
                    ("state", "=", "proposed"),
                    ("payer_id", "=", bill.payer.id),
                ]
            )
            if not (bill.quantity or work):
                return bill
        details = tuple(self._psa_details(work, detail)) if detail != LINE else ()
        if not details or sum(part.quantity for part in details) != bill.quantity:
            return replace(bill, details=(whole,))  # a line that bills more than its work, or nothing
        lost = bill.worth(bill.quantity) - sum(bill.worth(part.quantity) for part in details)
        return replace(bill, details=details, remainder=bill.remainder + lost)

    def _psa_details(self, work, detail):
        """The ``Detail`` of each role, person or entry; work without a quantity goes with the first."""
        groups = sorted(work.grouped(KEYS[detail]).values(), key=ORDERS[detail])
        quantities = [sum((dec(part.billable_quantity) for part in parts), dec(0)) for parts in groups]
        loose = work.browse().union(
            *(parts for parts, quantity in zip(groups, quantities, strict=True) if not quantity)
        )
        for parts, quantity in zip(groups, quantities, strict=True):
            if quantity:
                dates = parts.mapped("date")
                yield Detail(quantity, min(dates), max(dates), parts + loose)
                loose = work.browse()

    def _psa_line_text(self, sale_line, detail, name):
        """The text of an invoice line, in the language of ``sale_line``.

        :param detail: ``Detail`` of the line
        :param name: what the host calls it
        """
        self.ensure_one()
        if sale_line.psa_adjusts_line_id:
            return name
        template = sale_line.order_id._psa_layout().template
        read = self._psa_placeholders(sale_line, detail)
        values = {key: name if key == "line" else read[key]() for key in placeholders_in(template)}
        return line_text(template, values)

    def _psa_placeholders(self, sale_line, detail):
        """``{placeholder of a line text: function that reads it}``; few texts name more than two."""
        order, env = sale_line.order_id, sale_line.env
        work = (detail.work or self.env["psa.wip.entry"]).with_env(env)
        return {
            "role": lambda: (work.role_id if len(work.role_id) == 1 else sale_line.psa_role_id).name,
            "phase": lambda: sale_line.psa_phase_id.name,
            "person": lambda: ", ".join(work.employee_id.mapped("name")),
            "description": lambda: "; ".join(
                dict.fromkeys(text for text in work.mapped("name") if text and text != "/")
            ),
            "period": lambda: sale_line._psa_service_period_name(detail.date_start, detail.date_end),
            "hours": lambda: self._psa_hours_text(detail, work),
            "quantity": lambda: formatLang(env, float(detail.quantity), digits=2),
            "unit": lambda: sale_line.product_uom_id.name,
            "order": lambda: order._psa_sow().name,
            "project": lambda: (
                (sale_line.task_id.project_id or sale_line.project_id or order.project_id).name
            ),
        }

    def _psa_hours_text(self, detail, work):
        hours = sum(work.mapped("raw_hours"))
        if not work and self.quantity:
            hours = self.worked_hours * float(detail.quantity) / self.quantity
        return formatLang(work.env, hours, digits=2) if hours else ""
