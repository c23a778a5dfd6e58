"""Expenses and vendor bills as work in progress: no hours, a quantity and an amount."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..core.money import amount_of, dec
from .psa_billing_proposal import PENDING_STATES
from .psa_wip_entry import UNFIXED_STATES


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    kind = fields.Selection(
        [("time", "Time"), ("expense", "Expense"), ("bill", "Vendor Bill")],
        default="time",
        required=True,
        readonly=True,
    )
    expense_id = fields.Many2one(related="analytic_line_id.move_line_id.expense_id")
    bill_id = fields.Many2one(related="analytic_line_id.move_line_id.move_id", string="Vendor Bill")
    expense_note = fields.Char(related="analytic_line_id.psa_expense_note", string="Note")

    # Nearly all work is time, and each change of its state would write an index of all kinds.
    _costs = models.Index("(date) WHERE kind != 'time'")

    @api.model
    def _psa_create_costs(self, todo, payer=None):
        """Make the WIP entries of posted costs and the SOLs that bill them.

        :param todo: ``[(analytic entry, values of the SOL, quantity, amount, share the SOL)]`` in sudo; one
            SOL bills all that shares it at one price
        :param payer: who pays them alone; None: the client, or by the shares of the SOW
        """
        if not todo:
            return self
        lines = self._psa_cost_lines(todo)
        values_list = []
        for (entry, _values, quantity, amount, _shared), sale_line in zip(todo, lines, strict=True):
            if not entry.psa_wip_ids:
                entry._psa_put_on_lines({entry: sale_line})
            values = self._prepare_cost(entry, sale_line, quantity, amount)
            values_list.append({**values, "payer_id": payer.id} if payer else values)
        created = self.create(values_list)
        created.sale_line_id._psa_sync_ordered()
        self._psa_recut(created.order_id._psa_under_caps())
        return created

    def _psa_cost_lines(self, todo):
        """The SOLs of ``todo``, in its order."""
        found, new, keys = {}, [], []
        for number, (_entry, values, _quantity, _amount, shared) in enumerate(todo):
            key = self._psa_sharing_key(values) if shared else number
            keys.append(key)
            if key in found:
                continue
            found[key] = self._psa_shared_line(values) if shared else None
            if not found[key]:
                found[key] = len(new)
                new.append(values)
        made = self.env["sale.order.line"].with_context(
            sale_no_log_for_new_lines=True, mail_notrack=True, disable_project_task_generation=True
        )
        made = made.create(new).with_env(self.env)
        for (entry, _values, _quantity, _amount, _shared), key in zip(todo, keys, strict=True):
            if isinstance(found[key], int):
                found[key] = made[found[key]]
            if expense := entry.move_line_id.expense_id:
                expense.sale_order_line_id = found[key]
        return [found[key] for key in keys]

    def _psa_sharing_key(self, values):
        return tuple(
            str(values[name])
            for name in ("order_id", "product_id", "product_uom_id", "price_unit", "psa_expense_line_id")
        ) + (str(values["analytic_distribution"]),)

    def _psa_shared_line(self, values):
        """The SOL that bills this product by the unit at this price already."""
        names = ("order_id", "product_id", "product_uom_id", "psa_expense_line_id")
        lines = self.env["sale.order.line"].search(
            [("psa_rebills", "=", True), *((name, "=", values[name]) for name in names)]
        )
        return lines.filtered(
            lambda line: (
                not round(line.price_unit - values["price_unit"], 6)
                and line.analytic_distribution == values["analytic_distribution"]
                and line.product_uom_qty >= 0
            )
        )[:1]

    def _prepare_cost(self, entry, sale_line, quantity, amount):
        price = sale_line._psa_net_price()
        unit = dec(sale_line.currency_id.rounding)
        parts = entry.psa_wip_ids
        return {
            **self._prepare_wip(entry),
            # what a limit let through later waits apart from what is billed already
            "part": max(parts.mapped("part"), default=0) + 1,
            "slice_number": max(parts.mapped("slice_number")) + 1 if parts else 0,
            "sale_line_id": sale_line.id,
            "state": "open",
            "billable_quantity": float(quantity),
            "unit_price": float(round(price, 6)),
            "amount": float(amount),
            "remainder": float(amount - amount_of(quantity, price, unit)),
        }

    def _psa_drop_costs(self):
        """Costs that were taken back are billed no more; their SOLs keep no quantity of them."""
        if not self:
            return
        lines, orders, proposed = self.sale_line_id, self.order_id, self.proposal_line_id
        entries = self.analytic_line_id
        entries._psa_put_on_lines({one: (one.psa_wip_ids - self).sale_line_id[:1] for one in entries})
        self.unlink()
        proposed._psa_refresh()  # where they were held
        lines._psa_sync_ordered()
        self._psa_recut(orders._psa_under_caps())

    def _psa_check_cost_unsettled(self):
        """:raises UserError: where a cost that is to be taken back is proposed, billed or written off"""
        settled = self.filtered(
            lambda part: part.state not in UNFIXED_STATES or part.proposal_id.state in PENDING_STATES
        )
        if not settled:
            return
        part = settled[0]
        values = {
            "entry": part.name or "",
            "date": format_date(self.env, part.date),
            "order": part.order_id.name,
        }
        if part.state == "billed":
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s is billed to the client of %(order)s on %(invoice)s. Credit or "
                    "reverse the expense or bill instead: the client gets the amount back with the next "
                    "proposal. Or delete or credit that invoice first.",
                    invoice=part.invoice_id.display_name,
                    **values,
                )
            )
        if part.state == "written_off":
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s is written off on %(order)s. %(way)s first. Or reverse the "
                    "expense or bill instead.",
                    way=part._psa_way_to_take_back(),
                    **values,
                )
            )
        raise UserError(
            self.env._(
                "%(entry)s of %(date)s is on the proposal %(proposal)s. %(way)s first. Or reverse the "
                "expense or bill instead.",
                proposal=part.proposal_id.display_name,
                way=part._psa_way_off_proposal(),
                **values,
            )
        )


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    def _psa_work_day(self):
        """The day on which this was worked or spent: caps are consumed in the order of it."""
        self.ensure_one()
        return self.date if self.project_id or not self.move_line_id else self.move_line_id._psa_day()

    def _psa_wip_origin(self):
        """What a WIP entry takes from a cost instead of from time; nothing for time."""
        self.ensure_one()
        cost = self.move_line_id
        if self.project_id or not cost:
            return {}
        order = self.so_line.order_id._psa_sow()
        return {
            "kind": "expense" if cost.expense_id else "bill",
            "date": self._psa_work_day(),
            "employee_id": cost.expense_id.employee_id.id,
            "project_id": order.project_id.id,
            "role_id": False,
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _prepare_rebilling_credit(self, reversal, amount):
        """Values of the SOL that gives back ``amount`` (net) of what this one bills."""
        self.ensure_one()
        return {
            "order_id": self.order_id.id,
            "name": self.env._("Taken back: %s", self.name),
            "product_id": self.product_id.id,
            "product_uom_id": self.env.ref("uom.product_uom_unit").id,
            "product_uom_qty": 0.0,
            "price_unit": self._psa_gross_price(amount),
            "discount": 0.0,
            "tax_ids": [fields.Command.set(self.tax_ids.ids)],
            "is_expense": True,
            "analytic_distribution": {reversal._get_distribution_key(): 100},
            "sequence": self.sequence,
            "psa_rebills": True,
            "psa_expense_line_id": self.psa_expense_line_id.id,
        }
