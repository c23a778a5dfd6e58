"""What stays of a line that is worked or billed when its SOW is cancelled, put right and signed again.

The work keeps its line: as another role it would be billed at a price that it was never worked for, as a
fixed price once more beside it. What is billed has the price that it was billed at.
"""

from odoo import api, models
from odoo.exceptions import UserError

from .follow import differs
from .numbers import number_told

#: Say what a line sells.
SOLD_AS = {"order_id", "product_id", "product_uom_id", "psa_billing_model", "psa_role_id"}
#: Say for how much.
PRICED_AT = {"discount", "price_unit", "tax_ids"}
#: In the context: the host does not write the hours of tasks.
HOST_PLANS = "no_update_allocated_hours"


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def write(self, vals):
        if not self.env.su and (SOLD_AS | PRICED_AT) & vals.keys():
            self._psa_check_reopened(vals)
        planned = self.filtered(lambda line: line.order_id.psa_kind and line.task_id)
        if "product_uom_qty" not in vals or not planned or self.env.context.get(HOST_PLANS):
            return super().write(vals)
        super(SaleOrderLine, self - planned).write(vals)
        # the host would write the hours of the task as the salesperson, who need not plan projects
        result = super(SaleOrderLine, planned.with_context(**{HOST_PLANS: True})).write(vals)
        planned._psa_plan_task()
        return result

    def _psa_plan_task(self):
        """The tasks that were made for these lines have the hours that are sold now, as in the host."""
        # sudo: the hours follow from the line, which the user may write
        for line in self.sudo().filtered(lambda line: line.task_id.sale_line_id == line):
            company = line.task_id.company_id or line.company_id
            line.task_id.allocated_hours = line._convert_qty_company_hours(company)

    @api.ondelete(at_uninstall=False)
    def _psa_unlink_except_worked(self):
        if self.env.su:
            return
        reopened = self._psa_reopened()
        hours = reopened._psa_logged_hours()
        for line in reopened:
            if hours[line] or line.invoice_lines:
                raise UserError(line._psa_reopened_message(hours[line]))

    def _psa_reopened(self):
        """Those of these lines that were confirmed before and may be written again."""
        return self.filtered(
            lambda line: (
                line.order_id.psa_kind
                and line.state in ("draft", "sent")
                and (line.project_id or line.task_id or line.invoice_lines)
            )
        )

    def _psa_check_reopened(self, vals):
        """:raises UserError: where what a worked line sells, or the price of a billed one, would change"""
        reopened = self._psa_reopened()
        if not reopened:
            return
        hours = reopened._psa_logged_hours()
        for line in reopened:
            changed = {
                name for name in (SOLD_AS | PRICED_AT) & vals.keys() if differs(line, name, vals[name])
            }
            billed = line.invoice_lines.filtered(lambda one: one.parent_state != "cancel")
            if (changed & SOLD_AS and (hours[line] or billed)) or (changed & PRICED_AT and billed):
                raise UserError(line._psa_reopened_message(hours[line]))

    def _psa_logged_hours(self):
        """``{line: hours logged on it and on the lines that continue it}``, approved or not."""
        # sudo: hours of everybody count, whoever writes the SOW
        lines = self.sudo() | self.sudo().search([("psa_group_line_id", "in", self.ids)])
        rows = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("so_line", "in", lines.ids), ("project_id", "!=", False)], ["so_line"], ["unit_amount:sum"]
            )
        )
        hours = dict.fromkeys(self, 0.0)
        for line, amount in rows:
            for one in {line, line._psa_group_head()}:
                if one in hours:
                    hours[one] += amount
        return hours

    def _psa_reopened_message(self, hours):
        return self.env._(
            "%(line)s of %(order)s has been sold before: %(hours)s hours are logged on it and %(billed)s "
            "%(unit)s are billed. It stays what it is, and what is billed keeps its price. Set its quantity "
            "to what was worked and sell the rest on a line of its own; or have it signed again as it was, "
            "and agree on a change order.",
            line=self.psa_role_id.name or self.name,
            order=self.order_id.name,
            hours=number_told(self.env, hours),
            billed=number_told(self.env, self.qty_invoiced),
            unit=self.product_uom_id.name or "",
        )
