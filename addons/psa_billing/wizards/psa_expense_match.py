from collections import defaultdict

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_duration

from ..models.analytic_lookups import accounts_of


class PsaExpenseMatch(models.TransientModel):
    _name = "psa.expense.match"
    _description = "Match a Vendor Bill with Hours"

    move_id = fields.Many2one("account.move", string="Vendor Bill", required=True, readonly=True)
    company_id = fields.Many2one(related="move_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="move_id.partner_id", string="Vendor")
    line_id = fields.Many2one(
        "account.move.line",
        string="Bill Line",
        required=True,
        compute="_compute_line_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('move_id', '=', move_id), ('display_type', '=', 'product')]",
        help="The line that pays for the hours. It is not billed to the client: the hours are.",
    )
    date_from = fields.Date(
        string="From", required=True, compute="_compute_period", store=True, readonly=False, precompute=True
    )
    date_to = fields.Date(
        string="To",
        required=True,
        compute="_compute_period",
        store=True,
        readonly=False,
        precompute=True,
        help="Last day of the work that the bill is for, inclusive.",
    )
    employee_ids = fields.Many2many(
        "hr.employee.public",
        string="Contractors",
        compute="_compute_employee_ids",
        store=True,
        readonly=False,
        precompute=True,
    )
    has_projects = fields.Boolean(compute="_compute_has_projects")
    only_its_projects = fields.Boolean(
        compute="_compute_only_its_projects",
        store=True,
        readonly=False,
        precompute=True,
        help="Only hours on the projects that the analytic distribution of the bill line names.",
    )
    breakdown = fields.Html(
        compute="_compute_figures", sanitize=False, help="The hours by person and project."
    )
    matched = fields.Html(
        compute="_compute_matched", sanitize=False, help="The hours that the bill is the cost of."
    )
    hours = fields.Float(string="Hours Worked", compute="_compute_figures")
    own_cost = fields.Monetary(
        compute="_compute_figures", help="What these hours cost at the hourly cost of the people."
    )
    bill_cost = fields.Monetary(string="Cost by the Bill", compute="_compute_figures", help="Before taxes.")
    difference = fields.Monetary(
        compute="_compute_figures", help="What the bill costs more than the hours by themselves."
    )
    hour_cost = fields.Monetary(string="Cost of an Hour", compute="_compute_figures")

    @api.depends("move_id")
    def _compute_line_id(self):
        for wizard in self:
            lines = wizard.move_id.invoice_line_ids.filtered(lambda line: line.display_type == "product")
            wizard.line_id = lines[:1]

    @api.depends("move_id")
    def _compute_period(self):
        """Bills of the first half of a month are for the month before."""
        for wizard in self:
            day = wizard.move_id.invoice_date or fields.Date.context_today(wizard)
            month = (day - relativedelta(days=15)).replace(day=1)
            wizard.date_from = month
            wizard.date_to = month + relativedelta(months=1, days=-1)

    @api.depends("move_id")
    def _compute_employee_ids(self):
        for wizard in self:
            vendor = wizard.move_id.commercial_partner_id
            # sudo: who works for a vendor is known to who enters the vendor's bill
            employees = self.env["hr.employee"].sudo().with_context(active_test=False)
            own = Domain("psa_vendor_id", "child_of", vendor.id)
            contact = Domain("psa_vendor_id", "=", False) & Domain("work_contact_id", "child_of", vendor.id)
            of_company = Domain("company_id", "=", wizard.company_id.id)
            found = employees.search(of_company & (own | contact)) if vendor else employees
            wizard.employee_ids = found.ids

    @api.depends("line_id")
    def _compute_has_projects(self):
        for wizard in self:
            wizard.has_projects = bool(wizard._psa_projects())

    @api.depends("line_id", "employee_ids", "date_from", "date_to")
    def _compute_only_its_projects(self):
        """Where the contractors worked on them in the period."""
        for wizard in self:
            projects = wizard._psa_projects()
            wizard.only_its_projects = bool(projects and wizard._psa_entries(projects))

    def _compute_matched(self):
        for wizard in self:
            wizard.matched = wizard._psa_breakdown(wizard.move_id._psa_hours().sorted("date"))

    def _psa_projects(self):
        """The projects that the analytic distribution of the bill line names, archived or not, in sudo."""
        # sudo: who enters the bill names their accounts
        projects = self.env["project.project"].sudo().with_context(active_test=False)
        accounts = accounts_of([self.line_id.analytic_distribution])
        return projects.search([("account_id", "in", list(accounts))])

    def _psa_entries(self, projects=None):
        """The hours of the contractors in the period that no bill, or a credited one, pays for, in sudo.

        :param projects: on these projects; not given: on those that are chosen
        """
        self.ensure_one()
        # sudo: the hours that a bill is for, of people who work for its vendor
        entries = self.env["account.analytic.line"].sudo()
        if not (self.employee_ids and self.date_from and self.date_to):
            return entries
        if projects is None and self.only_its_projects:
            projects = self._psa_projects()
        found = entries.search(
            [
                ("project_id", "in", projects.ids) if projects else ("project_id", "!=", False),
                ("employee_id", "in", self.employee_ids.ids),
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
                "|",
                ("psa_cost_bill_line_id", "=", False),
                ("psa_cost_bill_line_id.move_id.reversal_move_ids.state", "=", "posted"),
                ("psa_state", "!=", "refused"),
            ],
            order="date, id",
        )
        return found - found.filtered("psa_cost_bill_line_id")._psa_paid_for()

    @api.depends("employee_ids", "date_from", "date_to", "line_id", "only_its_projects")
    def _compute_figures(self):
        for wizard in self:
            entries = wizard._psa_entries()
            wizard.hours = sum(entries.mapped("unit_amount"))
            wizard.own_cost = -sum(entries.mapped("amount"))
            wizard.bill_cost = wizard.line_id.balance
            wizard.difference = wizard.bill_cost - wizard.own_cost
            wizard.hour_cost = wizard.bill_cost / wizard.hours if wizard.hours else 0.0
            wizard.breakdown = wizard._psa_breakdown(entries)

    def _psa_breakdown(self, entries):
        """The hours as a table: person, project, first and last day, hours."""
        rows = Markup().join(
            Markup("<tr><td>%s</td><td>%s</td><td>%s – %s</td><td class='text-end'>%s</td></tr>")
            % (
                employee.name,
                project.display_name,
                format_date(self.env, min(of_both.mapped("date"))),
                format_date(self.env, max(of_both.mapped("date"))),
                format_duration(sum(of_both.mapped("unit_amount"))),
            )
            for (employee, project), of_both in entries.grouped(
                lambda entry: (entry.employee_id, entry.project_id)
            ).items()
        )
        return Markup("<table class='table table-sm'>%s</table>") % rows if rows else False

    def action_match(self):
        """The bill line is the cost of the hours from now on, and is not billed itself.

        :raises UserError: where there are no hours, or what the bill line would bill is proposed or billed
        """
        self.ensure_one()
        self.move_id.check_access("write")
        self._psa_check()
        # sudo: who may write the bill says what it is the cost of; the hours are those of its contractors
        entries, line = self._psa_entries(), self.line_id.sudo()
        if not entries:
            raise UserError(
                self.env._(
                    "There are no hours to match with %s: choose the contractors and the days of their work. "
                    "Hours that another bill pays for are not offered.",
                    self.move_id.display_name,
                )
            )
        costs = line._psa_costs()
        costs._psa_check_cost_unsettled()
        orders = costs.order_id
        costs._psa_drop_costs()
        line.analytic_line_ids._psa_forget_cut()
        entries._psa_release_bills(entries.psa_cost_bill_line_id)  # of bills that are credited
        is_spread = not line.analytic_distribution
        entries._psa_match(line, is_spread)
        if is_spread:  # once it is matched, or the client would pay it
            line.analytic_distribution = self._psa_distribution(entries)
        orders._psa_release_costs()
        return {"type": "ir.actions.act_window_close"}

    def _psa_check(self):
        if self.move_id.move_type != "in_invoice" or self.line_id.move_id != self.move_id:
            raise UserError(
                self.env._(
                    "%s is no line of this vendor bill: only bills of vendors pay for hours.",
                    self.line_id.display_name or self.move_id.display_name,
                )
            )
        if self.move_id.state == "cancel":
            raise UserError(self.env._("%s is cancelled and pays for nothing.", self.move_id.display_name))

    def _psa_distribution(self, entries):
        """By the hours on each project, so that each bears the cost of its hours."""
        hours = defaultdict(float)
        for entry in entries:
            hours[entry._get_distribution_key()] += entry.unit_amount
        total = sum(hours.values())
        shares = {key: round(100 * value / total, 2) for key, value in hours.items() if key and total}
        if shares:  # the last share takes the rest
            last = list(shares)[-1]
            shares[last] = round(100 - sum(value for key, value in shares.items() if key != last), 2)
        return shares
