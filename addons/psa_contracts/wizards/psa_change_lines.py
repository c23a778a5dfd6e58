from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..core.billing_models import TIME_MATERIAL
from ..core.change_orders import BelowUsed, Level, NothingLeft, dec, deltas
from ..models.numbers import number_told


class PsaChangeLines(models.TransientModel):
    _name = "psa.change.lines"
    _description = "Change What Was Sold"

    order_id = fields.Many2one("sale.order", string="Change Order", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="order_id.currency_id")
    effective_date = fields.Date(
        string="New Rates From",
        required=True,
        default=fields.Date.context_today,
        help="First day on which a new price holds. Hours that were worked before stay at the old price.",
    )
    line_ids = fields.One2many("psa.change.lines.line", "wizard_id", string="Lines")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        order = self.env["sale.order"].browse(values.get("order_id"))
        if order:
            order.check_access("write")
            values["effective_date"] = order.psa_effective_date or fields.Date.context_today(self)
            values["line_ids"] = [
                Command.create(vals) for vals in order._psa_prepare_change_lines(values["effective_date"])
            ]
        return values

    def action_apply(self):
        """Write the change order's lines that lead to the new quantities and prices.

        :raises UserError: where a line would be cut below what is worked or billed
        """
        self.ensure_one()
        order = self.order_id
        order.check_access("write")
        if order.state not in ("draft", "sent"):
            raise UserError(self.env._("%s is confirmed. Make another change order.", order.name))
        # sudo: only which contract the lines belong to
        if self.line_ids.head_id.sudo().order_id._psa_sow() - order.sudo().psa_parent_id:
            raise UserError(self.env._("%s changes the lines of its own statement of work only.", order.name))
        changed = self.line_ids.filtered(lambda line: line._psa_is_changed())
        if not changed:
            raise UserError(self.env._("Nothing was changed. Enter a new quantity, price or cap."))
        self._check_still_so(changed)
        # sudo: what was worked counts, whoever writes the change order
        used = changed.head_id.sudo()._psa_used_quantities()
        kept = changed.head_id.sudo()._psa_kept_before(self.effective_date, used)
        heads = changed.head_id
        stale = order.order_line.filtered(
            lambda line: (
                (line.psa_amends_line_id and line._psa_group_head() in heads)
                or (line.psa_option_line_id and line.psa_option_line_id in heads | heads.psa_option_line_id)
            )
        )
        commands = [Command.delete(line.id) for line in stale]
        for line in changed:
            commands += line._prepare_commands(max(used[line.head_id]), kept[line.head_id])
        order.write({"order_line": commands, "psa_effective_date": self.effective_date})

    def _check_still_so(self, changed):
        """:raises UserError: where another change order has changed since what these rows began with"""
        now = {row["head_id"]: row for row in self.order_id._psa_prepare_change_lines(self.effective_date)}
        for line in changed:
            row = now.get(line.head_id.id)
            if row is None or line._psa_began_with(row):
                continue
            raise UserError(
                self.env._(
                    "%(line)s has changed since you opened this dialog: %(quantity)s %(unit)s at %(price)s "
                    "are ordered now. Close it, press “Change Lines…” again and enter what it shall come to.",
                    line=line.name,
                    quantity=number_told(self.env, row["quantity"]),
                    unit=line.unit,
                    price=number_told(self.env, row["price"]),
                )
            )


class PsaChangeLinesLine(models.TransientModel):
    _name = "psa.change.lines.line"
    _description = "Line to Change"

    wizard_id = fields.Many2one("psa.change.lines", required=True, ondelete="cascade")
    head_id = fields.Many2one("sale.order.line", string="Line", required=True, ondelete="cascade")
    name = fields.Char()
    phase = fields.Char()
    unit = fields.Char()
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    is_time = fields.Boolean()
    quantity = fields.Float(string="Ordered", digits="Product Unit")
    used = fields.Float(
        digits="Product Unit",
        help="Worked or billed. The line cannot be cut below this quantity.",
    )
    new_quantity = fields.Float(digits="Product Unit", help="0 takes the line off.")
    price = fields.Monetary()
    new_price = fields.Monetary()
    cap = fields.Monetary()
    new_cap = fields.Monetary()

    def _psa_is_changed(self):
        self.ensure_one()
        return (self.new_quantity, self.new_price, self.new_cap) != (self.quantity, self.price, self.cap)

    def _psa_began_with(self, row):
        """Whether ``row``, as the dialog would show it now, is the one that it was opened with."""
        self.ensure_one()
        return not any(
            round((self[name] or 0.0) - (row.get(name) or 0.0), 6) for name in self._psa_terms_shown()
        )

    @api.model
    def _psa_terms_shown(self):
        """Names of the fields that say what holds so far; the addons above add theirs."""
        return ("quantity", "price", "cap")

    def _prepare_commands(self, used, kept):
        """Lines of the change order for this row.

        :param used: worked or billed, in the unit of the line
        :param kept: see ``_psa_kept_before``
        """
        self.ensure_one()
        head = self.head_id.sudo()  # sudo: see action_apply; what was sold counts whoever may see it
        members = head._psa_group_members()[head]
        values = [self._prepare_line(delta) for delta in self._deltas(members, used, kept)]
        if terms := self._prepare_terms():
            values = values or [
                {"psa_amends_line_id": head.id, "product_uom_qty": 0, "price_unit": self.price}
            ]
            values[-1].update(terms)
        return [Command.create(vals) for vals in values]

    def _prepare_terms(self):
        """What a line of the change order says beside quantity and price; empty where that stays."""
        return {"psa_cap_change": self.new_cap - self.cap} if self.new_cap != self.cap else {}

    def _deltas(self, members, used, kept):
        """See ``core.change_orders.deltas``, with its errors in words."""
        try:
            return deltas(
                members._psa_levels(),
                dec(self.new_quantity),
                dec(self.new_price),
                dec(used),
                dec(kept),
                goes_on=self.head_id.sudo()._psa_goes_on(),  # sudo: see action_apply
            )
        except NothingLeft:
            raise UserError(
                self.env._(
                    "%s: all of it is billed or begins before that day, so that a new price changes nothing. "
                    "Leave its price, and sell the difference on a line of its own, or deduct it on one with "
                    "a price below zero.",
                    self.name,
                )
            ) from None
        except BelowUsed:
            raise self._below_used(used) from None

    def _below_used(self, used):
        return UserError(
            self.env._(
                "%(line)s cannot be cut to %(quantity)s %(unit)s: %(used)s are worked or billed.",
                line=self.name,
                quantity=number_told(self.env, self.new_quantity),
                unit=self.unit,
                used=number_told(self.env, used),
            )
        )

    def _prepare_line(self, delta):
        return {
            "psa_amends_line_id": self.head_id.id,
            "product_uom_qty": float(delta.quantity),
            "price_unit": float(delta.price),
            "psa_step_date": self.wizard_id.effective_date if delta.steps else False,
        }


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_psa_change_lines(self):
        """Let people type what the lines of the SOW shall come to; the deltas are worked out."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change %s", self.psa_parent_id.name),
            "res_model": "psa.change.lines",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id, "dialog_size": "extra-large"},
        }

    def _psa_prepare_change_lines(self, day):
        """Values of the rows: one for each line group of the SOW and its confirmed change orders."""
        contract = self.sudo().psa_parent_id._psa_contract()  # sudo: see PsaChangeLines.action_apply
        lines = contract._psa_sold_lines().filtered(lambda line: not line.is_expense)
        members = lines._psa_group_members()
        used = lines._psa_used_quantities()
        for head, group in members.items():
            levels = group._psa_levels()
            quantity, price = float(sum(level.quantity for level in levels)), float(levels[-1].price)
            yield {
                **head._psa_prepare_change_terms(group),
                "head_id": head.id,
                "name": head._psa_short_label(),
                "phase": head.psa_phase_id.name,
                "unit": head.product_uom_id.name,
                "is_time": head.psa_billing_model == TIME_MATERIAL,
                "quantity": quantity,
                "new_quantity": quantity,
                "used": max(used[head]),
                "price": price,
                "new_price": price,
            }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_prepare_change_terms(self, members):
        """Values of a row for this head of ``members``: what holds beside quantity and price."""
        cap = self._psa_cap(members)
        return {"cap": cap, "new_cap": cap}

    def _psa_levels(self):
        """What this group sold at which price, the price that was agreed last at the end.

        Known steps of the rate card sell nothing of their own: they are left out.
        """
        levels = {}
        for line in self.filtered(lambda line: line.psa_amends_line_id or not line.psa_group_line_id):
            price, quantity = dec(line.price_unit), dec(line.product_uom_qty)
            before = levels.pop(price, dec(0)) if quantity > 0 else levels.get(price, dec(0))
            levels[price] = before + quantity
        return [Level(price, quantity) for price, quantity in levels.items()]

    def _psa_goes_on(self):
        """Whether more may come on this head than what is ordered, at a price that is agreed now."""
        self.ensure_one()
        return self.psa_billing_model == TIME_MATERIAL

    def _psa_kept_before(self, day, used):
        """``{head: quantity that keeps its price where there is another one from ``day`` on}``, in the unit
        of the head: hours that were worked before, and what was used of all that is not sold by time.

        :param used: see ``_psa_used_quantities``
        """
        timed = self.filtered(lambda head: head.psa_billing_model == TIME_MATERIAL)
        worked = timed._psa_worked_before(day)
        return {head: worked[head] if head in timed else max(used[head]) for head in self}

    def _psa_worked_before(self, day):
        """{head: quantity worked before ``day``}, in the unit of the head; one query for all groups."""
        members = self._psa_group_members()
        rows = self.env["account.analytic.line"]._read_group(
            [
                ("so_line", "in", self.union(*members.values()).ids),
                ("project_id", "!=", False),
                ("date", "<", day),
            ],
            ["so_line"],
            ["unit_amount:sum"],
        )
        hours, hour = {line.id: amount for line, amount in rows}, self.env["uom.uom"]._psa_hour()
        return {
            head: head._psa_quantity_of_time(sum(hours.get(line.id, 0.0) for line in group), hour)
            for head, group in members.items()
        }
