"""Fixed prices that are billed by a plan: parts that are due at dates, or when so much is done."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.psa_contracts.core.shares import is_whole, split, total

from ..core.instalments import left_to_bill
from ..core.money import dec, round_to
from .psa_billing_run_terms import CLOSED_TASK_STATES
from .rights import REVIEWER_GROUPS, check_reviewer

#: A phase or project that is not closed is never complete, however many hours were spent on it.
NOT_CLOSED = 99.0


class PsaInstalment(models.Model):
    _name = "psa.instalment"
    _inherit = "psa.part.of.sow"
    _description = "Instalment of a Fixed Price"
    _order = "order_id, sale_line_id, sequence, id"

    order_id = fields.Many2one("sale.order", string="SOW", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="Line",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('order_id', '=', order_id), ('psa_billing_model', '=', 'fixed')]",
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Description", required=True)
    due_by = fields.Selection([("date", "Date"), ("completion", "Progress")], required=True, default="date")
    date = fields.Date(help="The instalment is billed by the run that bills this day.")
    completion = fields.Selection(
        [("25", "25 %"), ("50", "50 %"), ("75", "75 %"), ("100", "100 %")],
        string="Done",
        help="Hours spent of the planned hours of the phase, else of the project. 100 %: the phase is done, "
        "or all tasks are.",
    )
    percent = fields.Float(string="Share (%)", digits=(7, 4), required=True)
    amount = fields.Monetary(
        compute="_compute_amount", help="Before taxes. The last instalment takes the rest of a rounding."
    )
    is_reached = fields.Boolean(
        string="Reached",
        readonly=True,
        copy=False,
        help="Somebody said that it is due, whatever date or hours say.",
    )

    _percent_in_range = models.Constraint(
        "CHECK(percent > 0 AND percent <= 100)", "An instalment is above 0 and at most 100 % of its line."
    )
    _due_at_something = models.Constraint(
        "CHECK((due_by = 'date' AND date IS NOT NULL) OR (due_by = 'completion' AND completion IS NOT NULL))",
        "An instalment is due on a date or at a completion: fill it in.",
    )

    @api.depends(
        "percent", "sequence", "sale_line_id.price_subtotal", "sale_line_id.psa_instalment_ids.percent"
    )
    def _compute_amount(self):
        for instalment in self:
            line = instalment.sale_line_id
            if not line:  # a row that is being typed
                instalment.amount = 0.0
                continue
            share = line._psa_net_total() * dec(instalment.percent) / 100
            amounts = line._psa_instalment_amounts()  # nothing while the plan does not make up the whole
            instalment.amount = float(
                amounts.get(instalment, round_to(share, dec(line.currency_id.rounding)))
            )

    @api.constrains("sale_line_id", "order_id")
    def _check_line(self):
        for instalment in self:
            line = instalment.sale_line_id.sudo()  # sudo: what kind of line it is, whoever writes
            if line.order_id != instalment.order_id or line.psa_billing_model != "fixed":
                raise ValidationError(
                    self.env._(
                        "%(line)s is no fixed price of %(order)s: only those are billed in instalments.",
                        line=line.name,
                        order=instalment.order_id.name,
                    )
                )

    # -- what a button calls ---------------------------------------------------------------

    def action_reached(self):
        """Say that these instalments are due now; pressed again, that they are not after all.

        :raises AccessError: for users who neither bill nor manage projects
        """
        check_reviewer(self)
        # sudo: the right was checked; the plan itself stays as signed
        for instalment in self.sudo():
            instalment.is_reached = not instalment.is_reached

    def _psa_foreign_projects(self, user):
        """Projects that others than ``user`` lead, whose instalments these are."""
        projects = self.env["project.project"].union(*(order._psa_project() for order in self.order_id))
        return projects.filtered(lambda project: project.user_id and project.user_id != user)

    # -- what was signed -------------------------------------------------------------------

    def _psa_signed_message(self, order):
        message = self.env._(
            "%(order)s is signed. Its instalments cannot be changed any more: %(way)s",
            order=order.name,
            way=order._psa_signed_way_out(by_change=False),
        )
        if order.state == "sale":
            message += " " + self.env._(
                "Where one is due early, a billing or project manager marks it as reached."
            )
        return message

    def _psa_is_due(self, last):
        """Whether this instalment is due on the day ``last``."""
        self.ensure_one()
        if self.is_reached:
            return True
        if self.due_by == "date":
            return self.date <= last
        return self.sale_line_id._psa_completion() >= int(self.completion)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_instalment_ids = fields.One2many(
        "psa.instalment",
        "order_id",
        string="Instalments",
        groups=f"{REVIEWER_GROUPS},sales_team.group_sale_salesman",
        help="How fixed prices are billed. A fixed price without instalments is billed at once.",
    )

    @api.constrains("psa_instalment_ids")
    def _check_psa_instalments(self):
        for order in self:
            problem = order._psa_instalment_problem()
            if problem:
                message = f"{order.name}: {problem}"
                raise ValidationError(message)

    def _psa_instalment_problem(self):
        """What is wrong with the plans of the fixed prices, in words; None if nothing is."""
        self.ensure_one()
        # sudo: they have to make up the whole, whoever confirms
        for line, plan in self.sudo().psa_instalment_ids.grouped("sale_line_id").items():
            if not is_whole(plan.mapped("percent")):
                return self.env._(
                    "the instalments of %(line)s make up %(total)s %%, not 100 %%. Correct them; a fixed "
                    "price without instalments is billed at once.",
                    line=line.display_name,
                    total=format(total(plan.mapped("percent")).normalize(), "f"),
                )
        return None

    def _psa_confirmation_problem(self):
        return super()._psa_confirmation_problem() or self._psa_instalment_problem()

    def _psa_sealed_records(self):
        return [*super()._psa_sealed_records(), self.psa_instalment_ids]


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_instalment_ids = fields.One2many(
        "psa.instalment", "sale_line_id", groups=f"{REVIEWER_GROUPS},sales_team.group_sale_salesman"
    )

    @api.model
    def _psa_derived_fields(self):
        return super()._psa_derived_fields() | {"psa_instalment_ids"}

    def _psa_plan(self):
        """The instalments of this line, in their order; of one that changes a fixed price those of what it
        changes, unless it has a plan of its own."""
        self.ensure_one()
        line = self.sudo()  # sudo: billing reads the plans of what it bills
        plan = line.psa_instalment_ids
        if not plan and line.psa_amends_line_id:
            plan = line._psa_group_head().psa_instalment_ids
        return plan.sorted(lambda part: (part.sequence, part._origin.id or 0))

    def _psa_instalment_amounts(self):
        """``{instalment: net amount}`` (Decimal) of this line; the last takes the rest."""
        plan = self._psa_plan()
        if not plan or not is_whole(plan.mapped("percent")):
            return {}
        parts = split(self._psa_net_total(), plan.mapped("percent"), dec(self.currency_id.rounding))
        return dict(zip(plan.with_env(self.env), parts, strict=True))

    def _psa_instalments_due(self, last):
        """Net amount (Decimal) of the instalments that are due on the day ``last``."""
        parts = self._psa_instalment_amounts().items()
        return sum((amount for part, amount in parts if part._psa_is_due(last)), Decimal(0))

    def _psa_net_total(self):
        """What this line comes to before taxes, as quantity × price bills it."""
        return round_to(
            dec(self.product_uom_qty) * self._psa_net_price(), dec(self.currency_id.rounding or 0.01)
        )

    def _psa_completion(self):
        """How much of the work of this line is done, in per cent: of its phase, else of its project."""
        self.ensure_one()
        # sudo: who bills need not see hours and tasks
        phase, project = self.sudo().psa_phase_id, self.sudo().order_id._psa_project()
        tasks = phase.task_ids or project.task_ids
        closed = phase.state == "done" if phase else all(task.state in CLOSED_TASK_STATES for task in tasks)
        if closed and (phase or tasks):
            return 100.0
        # what is archived was done all the same
        phase, project = (record.with_context(active_test=False) for record in (phase, project))
        tasks = phase.task_ids or project.task_ids
        planned = phase.budget_hours or sum(tasks.mapped("allocated_hours"))
        spent = sum(tasks.mapped("effective_hours"))
        return min(NOT_CLOSED, 100 * spent / planned) if planned else 0.0


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def _psa_quantities_left(self, sale_lines, windows):
        """Of lines with a plan: what is due of it and neither proposed nor billed; what hundredths of a unit
        cannot express is found by ``_psa_remainders_left``."""
        left = super()._psa_quantities_left(sale_lines, windows)
        for line, (quantity, remainder) in self._psa_instalments_left(sale_lines, windows).items():
            left.pop(line, None)
            if quantity or remainder:
                left[line] = float(quantity)
        return left

    def _psa_remainders_left(self, fixed, windows):
        lines = self.env["sale.order.line"].union(*fixed)
        left = self._psa_instalments_left(lines, windows)
        return {
            **super()._psa_remainders_left(fixed, windows),
            **{line: float(remainder) for line, (_quantity, remainder) in left.items()},
        }

    def _psa_instalments_left(self, sale_lines, windows):
        """``{SOL with a plan: (quantity, remainder)}`` that is due and neither proposed nor billed"""
        planned = sale_lines.filtered(lambda line: line._psa_plan())
        left = {}
        for line, (quantity, amount) in planned._psa_taken().items():
            last = windows[line.order_id._psa_sow()][1]
            left[line] = left_to_bill(
                line._psa_instalments_due(last),
                total=line._psa_net_total(),
                ordered=dec(line.product_uom_qty),
                price=line._psa_net_price(),
                billed_quantity=quantity,
                billed_amount=amount,
                money_unit=dec(line.currency_id.rounding),
                quantity_unit=line._psa_quantity_unit(),
            )
        return left
