"""Lines of a change order: signed deltas beside the lines that they amend."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.billing_models import FIXED, TIME_MATERIAL
from .numbers import number_told
from .rights import PRICE_GROUPS

#: What an amending line has from the line that it amends, unless it says otherwise.
TAKEN_OVER = (
    "psa_role_id",
    "psa_employee_id",
    "psa_location_id",
    "psa_billing_model",
    "psa_retainer_period",
    "psa_retainer_hours",
    "product_id",
    "product_uom_id",
    "name",
    "price_unit",
    "discount",
)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_cap_change = fields.Monetary(
        string="Cap Change",
        copy=False,
        groups=PRICE_GROUPS,
        help="Raises (or lowers) the cap of the amended line by this amount, before taxes.",
    )
    psa_before_quantity = fields.Float(
        string="Before",
        digits="Product Unit",
        compute="_compute_psa_before_quantity",
        compute_sudo=True,  # counts the whole contract, also for those who see their own orders only
        help="Ordered so far on the amended line, with its other change orders.",
    )
    psa_after_quantity = fields.Float(
        string="After",
        digits="Product Unit",
        compute="_compute_psa_before_quantity",
        compute_sudo=True,
    )

    @api.depends("psa_amends_line_id", "product_uom_qty", "order_id.state")
    def _compute_psa_before_quantity(self):
        amending = self.filtered(lambda line: line.psa_amends_line_id and not line.display_type)
        (self - amending).psa_before_quantity = 0.0
        for line in self - amending:
            line.psa_after_quantity = line.product_uom_qty
        members = amending.psa_amends_line_id._psa_group_members()
        for line in amending:
            of_change = line.order_id.order_line.filtered(
                lambda other, line=line: (
                    other.psa_amends_line_id and other._psa_group_head() == line._psa_group_head()
                )
            )
            others = members[line.psa_amends_line_id._psa_group_head()] - of_change._origin
            line.psa_before_quantity = sum(others.mapped("product_uom_qty"))
            line.psa_after_quantity = line.psa_before_quantity + sum(of_change.mapped("product_uom_qty"))

    @api.depends("name", "psa_role_id", "psa_employee_id", "psa_billing_model", "psa_phase_id")
    @api.depends_context("psa_short_name")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        short = self.env.context.get("psa_short_name")
        if short:
            for line in self:
                # beside lines of the statement of work, those of its change orders look the same
                change = short == "changes" and line.order_id.psa_kind == "change_order"
                parts = (line._psa_short_label(), line.psa_phase_id.name, change and line.order_id.name)
                line.display_name = " · ".join(part for part in dict.fromkeys(parts) if part)
        return result

    # -- what an amending line is made of --------------------------------------------------

    @api.onchange("psa_amends_line_id")
    def _onchange_psa_amends_line_id(self):
        amended = self.psa_amends_line_id
        if not amended:
            return
        for name in ["name"] if self.display_type else TAKEN_OVER:
            self[name] = amended[name]
        if not self.display_type:
            self.product_uom_qty = 0

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            amended = self.browse(vals.get("psa_amends_line_id") or ())
            if amended:
                vals.update(self._psa_prepare_amending(amended, vals))
        return super().create(vals_list)

    def write(self, vals):
        if "psa_amends_line_id" in vals:
            amended = self.browse(vals["psa_amends_line_id"] or ())
            vals = {**vals, "psa_group_line_id": amended and amended._psa_group_head().id}
        return super().write(vals)

    @api.model
    def _psa_prepare_amending(self, amended, vals):
        """``vals`` of a line that amends ``amended``, with what it takes over from it."""
        if amended.display_type:
            taken = {"display_type": amended.display_type, "name": amended.name}
        else:
            taken = amended._convert_to_write({name: amended[name] for name in TAKEN_OVER})
            taken["tax_ids"] = [fields.Command.set(amended.tax_ids.ids)]
            taken["psa_group_line_id"] = amended._psa_group_head().id
        return {**taken, **vals}

    @api.constrains("psa_amends_line_id", "order_id")
    def _check_psa_amends_line_id(self):
        for line in self.filtered("psa_amends_line_id"):
            # sudo: which contract a line belongs to decides, whoever writes
            amended = line.psa_amends_line_id.sudo()
            if (
                line.order_id.psa_kind != "change_order"
                or amended.order_id._psa_sow() != line.order_id.psa_parent_id
                or bool(amended.display_type) != bool(line.display_type)
            ):
                raise ValidationError(
                    self.env._(
                        "%(line)s on %(order)s amends a line of another contract. A change order changes the "
                        "lines of its own statement of work only.",
                        line=line.name or amended.name,
                        order=line.order_id.name,
                    )
                )

    # -- what the host makes of it ---------------------------------------------------------

    def _timesheet_service_generation(self):
        # What a line amends has its project, task and milestone already.
        return super(
            SaleOrderLine, self.filtered(lambda line: not line.psa_amends_line_id)
        )._timesheet_service_generation()

    @api.depends(
        "psa_group_line_id.reached_milestones_ids.quantity_percentage",
        "psa_group_line_id.reached_milestones_ids.psa_acceptance",
    )
    def _compute_qty_delivered(self):
        return super()._compute_qty_delivered()

    def _prepare_qty_delivered(self):
        """A line that amends a milestone is delivered with it: in the share in which it was reached, and
        accepted where the client does that."""
        delivered = super()._prepare_qty_delivered()
        for line in self:
            if line.psa_amends_line_id and line.qty_delivered_method == "milestones":
                reached = line.psa_group_line_id.reached_milestones_ids.filtered(
                    lambda milestone: milestone.psa_acceptance != "waits"
                )
                delivered[line] = sum(reached.mapped("quantity_percentage")) * line.product_uom_qty
        return delivered

    # -- figures of a group ----------------------------------------------------------------

    def _psa_gives_back(self):
        """Hook for billing: whether the client gets back what was billed of this line, the first of its
        group, where a change order takes it away."""
        self.ensure_one()
        return False

    def _psa_used_quantities(self):
        """{head: (worked, billed)} of the groups of these lines, in the unit of the head.

        Worked are all hours that were logged, approved or not, on time and material lines; what the
        other models delivered. Billed is what stands on invoices, drafts included, or was given up.
        """
        members = self._psa_group_members()
        lines = self.union(*members.values())
        # sudo: hours of everybody count, whoever changes the contract
        rows = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("so_line", "in", lines.ids), ("project_id", "!=", False)],
                ["so_line"],
                ["unit_amount:sum"],
            )
        )
        hours = {line.id: amount for line, amount in rows}
        settled, used = lines._psa_settled_quantities(), {}
        for head, group in members.items():
            if head.psa_billing_model == TIME_MATERIAL:
                worked = head._psa_quantity_of_time(
                    sum(hours.get(line.id, 0.0) for line in group), self.env["uom.uom"]._psa_hour()
                )
            else:
                # a fixed price is not delivered in parts: what bounds it is what was billed
                fixed = head.psa_billing_model == FIXED
                worked = 0.0 if fixed else max(0.0, sum(group.mapped("qty_delivered")))
            used[head] = (worked, sum(settled[line] for line in group))
        return used

    def _psa_settled_quantities(self):
        """Hook for billing: ``{line: quantity}`` that stands on invoices, or was given up without one."""
        return {line: line._psa_quantity_billed() for line in self}

    def _psa_quantity_billed(self):
        """Hook for billing: what invoices bill of this line, less what credit notes took back."""
        self.ensure_one()
        return self.qty_invoiced

    def _psa_cap(self, members):
        """The cap of this head's group after what ``members`` raised or lowered; 0: no cap."""
        self.ensure_one()
        return self.psa_cap_amount + sum(members.mapped("psa_cap_change"))

    def _psa_taken_of_cap(self):
        """Net value of the delivered work on the time and material lines among these, billed or not."""
        lines = self.filtered(lambda line: line.psa_billing_model == TIME_MATERIAL)
        return sum(line.untaxed_amount_invoiced + line.untaxed_amount_to_invoice for line in lines)

    def _psa_amending_problem(self):
        """What keeps this line's change order from being confirmed, in words; None if nothing does."""
        self.ensure_one()
        label = self.psa_role_id.name or self.name or ""
        if not self.psa_amends_line_id:
            if self.product_uom_qty < 0:
                return self.env._(
                    "%s is negative and amends no line. Choose the line that it takes from; an amount is "
                    "deducted by the quantity 1 of a fixed price below zero.",
                    label,
                )
            return self._psa_option_problem(label) or self._psa_problem()
        return self._psa_amended_problem(label) or self._psa_amended_price_problem(label)

    def _psa_amended_problem(self, label):
        """What keeps the line that this one amends from being amended by it, in words; None if nothing does.

        :param label: how a message calls this line
        """
        amended = self.psa_amends_line_id
        if amended.state != "sale":
            return self.env._(
                "%(line)s amends a line of %(order)s, which is not confirmed. Confirm that one first, or "
                "remove the line.",
                line=label,
                order=amended.order_id.name,
            )
        if amended._psa_is_declined():
            return self.env._(
                "%(line)s amends an option that the client did not take. Remove the line, press “Change "
                "Lines…” and enter there how much of the option they take now.",
                line=label,
            )
        if (self.psa_role_id, self.psa_billing_model, self.product_uom_id) != (
            amended.psa_role_id,
            amended.psa_billing_model,
            amended.product_uom_id,
        ):
            return self.env._(
                "%s has another role, billing model or unit than the line that it amends. Sell another role "
                "on a line of its own.",
                label,
            )
        return None

    def _psa_amended_price_problem(self, label):
        """What is wrong with the price of this amending line, in words; None if nothing is."""
        amended = self.psa_amends_line_id
        sold = amended._psa_group_members()[amended._psa_group_head()]
        prices = sold.mapped(lambda line: (line.price_unit, line.discount))
        time = self.psa_billing_model == TIME_MATERIAL
        if time and self.product_uom_qty < 0 and (self.price_unit, self.discount) not in prices:
            return self.env._(
                "%(line)s takes hours off at %(price)s, a price at which none were sold.",
                line=label,
                price=number_told(self.env, self.price_unit),
            )
        if time and self.product_uom_qty > 0 and not self.price_unit:
            return self.env._("the line %s has no price.", label)
        return None
