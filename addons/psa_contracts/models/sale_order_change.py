"""Change orders: how they come to be, what keeps them from being confirmed, how they are taken back."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_amount, format_date

from ..core.billing_models import FIXED
from .lock import touch
from .numbers import number_told
from .rights import PRICE_GROUPS

#: What a change order has from its SOW.
TAKEN_OVER = (
    "partner_id",
    "partner_invoice_id",
    "partner_shipping_id",
    "company_id",
    "pricelist_id",
    "fiscal_position_id",
    "payment_term_id",
    "user_id",
    "team_id",
    "opportunity_id",
    "client_order_ref",
    "require_signature",
    "project_id",
    "psa_agreement_id",
    "psa_rate_card_id",
)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_change_number = fields.Integer(copy=False, readonly=True, help="Number of the last change order.")
    psa_change_count = fields.Integer(compute="_compute_psa_change_count")
    psa_change_reason = fields.Text(string="Reason for the Change", copy=False)
    psa_requested_by_id = fields.Many2one(
        "res.partner",
        string="Requested By",
        copy=False,
        help="Who asked for the change: a contact of the client, or one of your own people.",
    )
    psa_effective_date = fields.Date(
        string="Effective From",
        copy=False,
        help="First day on which new rates of this change order hold.",
    )
    psa_cap_change = fields.Monetary(
        string="Cap Change",
        copy=False,
        groups=PRICE_GROUPS,
        help="Raises (or lowers) the cap of the statement of work by this amount, before taxes.",
    )

    @api.depends("psa_change_ids")
    def _compute_psa_change_count(self):
        for order in self:
            order.psa_change_count = len(order.psa_change_ids)

    @api.constrains("psa_kind", "psa_parent_id", "partner_id", "company_id", "currency_id")
    def _check_psa_parent(self):
        for order in self:
            # sudo: what a change order amends decides, whoever writes
            sow = order.psa_parent_id.sudo()
            if (order.psa_kind == "change_order") != bool(sow):
                raise ValidationError(
                    self.env._("%s: a change order amends a statement of work. Start it there.", order.name)
                )
            if sow and (
                sow.psa_kind != "sow"
                or sow.company_id != order.company_id
                or sow.currency_id != order.currency_id
                or sow.partner_id.commercial_partner_id != order.partner_id.commercial_partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "The change order %(order)s has the client, company and currency of %(sow)s, "
                        "which it amends.",
                        order=order.name,
                        sow=sow.name,
                    )
                )

    # -- making one ------------------------------------------------------------------------

    def action_psa_change_order(self):
        """Open a new change order of this confirmed SOW.

        :raises UserError: where it is no confirmed SOW
        """
        self.ensure_one()
        if self.psa_kind != "sow" or self.state != "sale":
            raise UserError(
                self.env._("Only a confirmed statement of work is amended by a change order: %s.", self.name)
            )
        change = self.create(self._prepare_change_order())
        return {
            "type": "ir.actions.act_window",
            "name": change.name,
            "res_model": "sale.order",
            "view_mode": "form",
            "views": [(change.get_formview_id(), "form")],
            "res_id": change.id,
        }

    def _prepare_change_order(self):
        return {
            **self._convert_to_write({name: self[name] for name in TAKEN_OVER}),
            "psa_kind": "change_order",
            "psa_parent_id": self.id,
            "origin": self.name,
            "psa_effective_date": fields.Date.context_today(self),
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            sow = self.browse(vals.get("psa_parent_id") or ())
            if sow and vals.get("psa_kind") == "change_order" and not vals.get("name"):
                vals["name"] = sow._psa_next_change_name()
        return super().create(vals_list)

    def _psa_next_change_name(self):
        """``SOW/2026/0001-CO1`` and so on: the row is counted up, so that no two take one number."""
        self.ensure_one()
        self.check_access("read")
        self.flush_recordset(["name", "psa_change_number"])
        [(name, number)] = self.env.execute_query(
            SQL(
                "UPDATE sale_order SET psa_change_number = COALESCE(psa_change_number, 0) + 1 "
                "WHERE id = %s RETURNING name, psa_change_number",
                self.id,
            )
        )
        self.invalidate_recordset(["psa_change_number"], flush=False)
        return f"{name}-CO{number}"

    def action_view_psa_changes(self):
        """The change orders of this SOW."""
        action = self.env["ir.actions.actions"]._for_xml_id("psa_contracts.change_order_action")
        return {**action, "domain": [("psa_parent_id", "in", self.ids)], "context": {}}

    def _psa_price_day(self):
        if self.psa_kind == "change_order" and self.psa_effective_date:
            return self.psa_effective_date
        return super()._psa_price_day()

    # -- confirming one --------------------------------------------------------------------

    def action_confirm(self):
        changes = self.filtered(lambda order: order.psa_kind == "change_order" and order.state != "sale")
        # sudo: the lock only counts a revision of the SOW, which its salesperson need not own
        changes.psa_parent_id.sudo()._psa_lock_terms()
        changes.sudo()._psa_lock_capped_work()
        return super().action_confirm()

    def _psa_lock_capped_work(self):
        """Work that is approved, or freed, while these change orders move a cap is counted under it, in sudo.

        Work under a cap changes the row of its SOW; where there was no cap so far it does not, but it changes
        what its line has delivered.
        """
        moving = self.filtered(
            lambda change: change.psa_cap_change or any(change.order_line.mapped("psa_cap_change"))
        )
        touch(moving.psa_parent_id._psa_contract().order_line)

    def _psa_change_order_problem(self):
        """The first thing that keeps this change order from being confirmed, in words; None if nothing
        does."""
        # sudo: whether hours were worked or billed counts, whoever confirms
        change = self.sudo()
        return (
            change._psa_change_problem()
            or change._psa_lines_problem()
            or change._psa_quantities_problem()
            or change._psa_prices_problem()
            or change._psa_dates_problem()
            or change._psa_caps_problem()
        )

    def _psa_change_problem(self):
        sow, lines = self.psa_parent_id, self.order_line.filtered(lambda line: not line.is_downpayment)
        if sow.state != "sale":
            return self.env._("%s, which it amends, is not confirmed.", sow.name)
        if not lines and not self._psa_changes_terms():
            return self.env._("it changes nothing. Add lines, new dates or a change of the cap.")
        if not (self.psa_change_reason or "").strip() or not self.psa_requested_by_id:
            return self.env._("say why it is made and who asked for it, before you confirm it.")
        for line in self._psa_sold_lines():
            problem = line._psa_amending_problem()
            if problem:
                return problem
        return None

    def _psa_changes_terms(self):
        """Whether this change order says something of the statement of work as a whole."""
        self.ensure_one()
        return bool(self.psa_cap_change or self.psa_date_start or self.psa_date_end)

    def _psa_quantities_problem(self):
        amending = self._psa_sold_lines().filtered("psa_amends_line_id")
        used = amending._psa_used_quantities()
        for head, (worked, billed) in used.items():
            line = amending.filtered(lambda line, head=head: line._psa_group_head() == head)[0]
            if head._psa_gives_back():
                worked = billed = 0.0
            short = round(line.psa_after_quantity, 6) < round(max(worked, billed), 6)
            # a fixed price is cut by money: one piece less at a part of its price leaves the rest to bill
            is_fixed = head.psa_billing_model == FIXED
            problem = self._psa_price_problem(head, amending) if is_fixed else None
            if problem and not short:
                return problem
            if short and (problem or not is_fixed):
                return self.env._(
                    "%(line)s would be cut from %(before)s to %(after)s %(unit)s, but %(worked)s are worked "
                    "and %(billed)s billed or given up. Cut it to no less than that.",
                    line=head.psa_role_id.name or head.name,
                    unit=head.product_uom_id.name,
                    before=number_told(self.env, line.psa_before_quantity),
                    after=number_told(self.env, line.psa_after_quantity),
                    worked=number_told(self.env, worked),
                    billed=number_told(self.env, billed),
                )
        return None

    def _psa_price_problem(self, head, amending):
        """What is wrong with what is left of a fixed price, in words; None if nothing is.

        :param amending: lines of this change order
        """
        lines = head._psa_group_members()[head]
        own = amending.filtered(lambda line: line._psa_group_head() == head)
        after = sum((lines | own).mapped("price_subtotal"))
        settled = lines._psa_settled_quantities()
        billed = sum(settled[line] * line.price_reduce_taxexcl for line in lines)
        if self.currency_id.compare_amounts(after, max(billed, 0.0)) >= 0:
            return None
        return self.env._(
            "%(line)s would come to %(after)s, but %(billed)s of it are billed or given up. Cut it to no "
            "less than that.",
            line=head.psa_role_id.name or head.name,
            after=format_amount(self.env, after, self.currency_id),
            billed=format_amount(self.env, billed, self.currency_id),
        )

    def _psa_dates_problem(self):
        sow = self.psa_parent_id
        changes = sow._psa_changes() | self
        start, end = sow._psa_period(changes)
        if start and end and end < start:
            return self.env._(
                "%(sow)s would end on %(end)s, before it starts on %(start)s.",
                sow=sow.name,
                start=format_date(self.env, start),
                end=format_date(self.env, end),
            )
        first, last = sow._psa_worked_days()
        if self.psa_date_end and last and last > end:
            return self.env._(
                "%(sow)s would end on %(end)s, but time is logged on it until %(last)s.",
                sow=sow.name,
                end=format_date(self.env, end),
                last=format_date(self.env, last),
            )
        if self.psa_date_start and first and first < start:
            return self.env._(
                "%(sow)s would start on %(start)s, but time is logged on it from %(first)s on.",
                sow=sow.name,
                start=format_date(self.env, start),
                first=format_date(self.env, first),
            )
        return self._psa_phases_problem(changes)

    def _psa_worked_days(self):
        """First and last day of the time logged on the contract of this SOW; (None, None) without any."""
        [(first, last)] = self.env["account.analytic.line"]._read_group(
            [("so_line", "in", self._psa_contract().order_line.ids), ("project_id", "!=", False)],
            [],
            ["date:min", "date:max"],
        )
        return first or None, last or None

    def _psa_caps_problem(self):
        sow = self.psa_parent_id
        problem = self._psa_cap_problem(
            sow.name, sow._psa_cap(), self.psa_cap_change, sow._psa_contract()._psa_sold_lines()
        )
        if problem:
            return problem
        capped = self.order_line.filtered("psa_cap_change")
        members = capped._psa_group_members()
        for head, lines in capped.grouped(lambda line: line._psa_group_head()).items():
            problem = self._psa_cap_problem(
                head.name,
                head._psa_cap(members[head]),
                sum(lines.mapped("psa_cap_change")),
                members[head],
            )
            if problem:
                return problem
        return None

    def _psa_cap_problem(self, name, before, change, lines):
        """What is wrong with a cap over ``lines`` after ``change``, in words; None if nothing is.

        :param before: the cap so far; 0: none
        """
        cap = before + change
        if not change or (change > 0 and before):
            return None  # more may be billed than so far
        if cap < 0:
            return self.env._("the cap of %s cannot go below zero. 0 takes the cap away.", name)
        taken = lines._psa_taken_of_cap()
        if cap and self.currency_id.compare_amounts(cap, taken) < 0:
            return self.env._(
                "the cap of %(name)s would be %(cap)s, but %(taken)s are worked or billed under it. Lower it "
                "to no less than that.",
                name=name,
                cap=format_amount(self.env, cap, self.currency_id),
                taken=format_amount(self.env, taken, self.currency_id),
            )
        return None

    def _action_confirm(self):
        # sudo: see _psa_start_delivery
        for change in self.filtered(lambda order: order.psa_kind == "change_order").sudo():
            change._psa_join_engagement()
        return super()._action_confirm()

    # -- taking one back -------------------------------------------------------------------

    def _action_cancel(self):
        """:raises UserError: on a used change order, and on a SOW that has confirmed change orders"""
        signed = self.filtered(lambda order: order.psa_kind and order.state == "sale")
        changes = signed.filtered("psa_parent_id")
        # sudo: see action_confirm and _psa_confirmation_problem
        changes.sudo().psa_parent_id._psa_lock_terms()
        changes.sudo()._psa_lock_capped_work()
        for order in signed.sudo():
            order._check_psa_cancel(signed)
        result = super()._action_cancel()
        for change in changes.sudo():
            change._psa_undo_change()
        return result

    def _check_psa_cancel(self, cancelled):
        """:param cancelled: orders that are cancelled together"""
        if self.psa_kind == "sow":
            left = self._psa_changes().filtered(lambda change: change.id not in cancelled.ids)
            if used := left._psa_used_for_good():
                raise UserError(
                    self.env._(
                        "%(sow)s cannot be cancelled any more, because work, bills or terms build on its "
                        "change orders (%(changes)s). Agree on another one that takes back what is left.",
                        sow=self.name,
                        changes=", ".join(used.mapped("name")),
                    )
                )
            if left:
                raise UserError(
                    self.env._(
                        "%(sow)s has confirmed change orders (%(changes)s). Cancel them first, "
                        "the last one first.",
                        sow=self.name,
                        changes=", ".join(left.mapped("name")),
                    )
                )
            return
        uses = self._psa_uses()
        if uses:
            raise UserError(
                self.env._(
                    "%(change)s cannot be cancelled any more, because this builds on it:\n%(uses)s\nAgree on "
                    "another change order that takes back what is left.",
                    change=self.name,
                    uses="\n".join(f"- {use}" for use in uses),
                )
            )
