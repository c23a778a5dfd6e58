"""Which SOWs a run looks at, which days of their work it bills, and what goes on one proposal."""

import json

from odoo import api, fields, models
from odoo.fields import Domain

from ..core.schedule import COMPLETION, due_window

CLOSED_TASK_STATES = ("1_done", "1_canceled")


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    only_due = fields.Boolean(
        string="Only What Is Due",
        default=True,
        help="A statement of work is billed by the frequency and the cut-off day of its agreement: its "
        "periods that end within the days of the run, whole. Without agreement: by the month. "
        "Off: all work of exactly these days.",
    )
    partner_ids = fields.Many2many("res.partner", string="Clients", help="With all their companies.")
    order_ids = fields.Many2many(
        "sale.order",
        string="Statements of Work",
        domain="[('psa_kind', '=', 'sow'), ('state', '=', 'sale'), ('company_id', '=', company_id)]",
    )
    project_ids = fields.Many2many("project.project", string="Projects")
    manager_ids = fields.Many2many("res.users", string="Project Managers", domain="[('share', '=', False)]")
    agreement_ids = fields.Many2many(
        "psa.agreement", string="Agreements", domain="[('company_id', '=', company_id)]"
    )
    frequency = fields.Selection(
        selection=lambda self: (
            self.env["psa.agreement"]._fields["billing_frequency"]._description_selection(self.env)
        ),
        string="Billed",
        help="Only statements of work that are billed like this. Empty: all.",
    )
    is_filtered = fields.Boolean(compute="_compute_is_filtered", compute_sudo=True)

    @api.depends("partner_ids", "order_ids", "project_ids", "manager_ids", "agreement_ids", "frequency")
    def _compute_is_filtered(self):
        for run in self:
            run.is_filtered = bool(run._psa_filters() or run.frequency)

    def _psa_filters(self):
        """The domain of the SOWs that this run looks at; empty: all."""
        self.ensure_one()
        filters = []
        if self.order_ids:
            filters.append(("id", "in", self.order_ids.ids))
        if self.partner_ids:
            filters.append(("partner_id", "child_of", self.partner_ids.commercial_partner_id.ids))
        if self.agreement_ids:
            filters.append(("psa_agreement_id", "in", self.agreement_ids.ids))
        projects = Domain.TRUE
        if self.project_ids:
            projects &= Domain("id", "in", self.project_ids.ids)
        if self.manager_ids:
            projects &= Domain("user_id", "in", self.manager_ids.ids)
        if not projects.is_true():
            # sudo: the run was made by somebody who bills; which projects there are is not told
            # Work on one that is archived by now is billed as any other.
            found = self.env["project.project"].sudo().with_context(active_test=False).search(projects)
            filters.append(("order_line.task_id.project_id", "in", found.ids))
        return filters

    def _psa_filter(self, orders):
        """Those of the SOWs ``orders`` that this run looks at."""
        filters = self._psa_filters()
        if filters:
            orders = orders.search([("id", "in", orders.ids), *filters])
        if self.frequency:
            orders = orders.filtered(lambda order: order._psa_billing_terms().frequency == self.frequency)
        return orders

    def _psa_windows(self, orders):
        """``{SOW: (first day or None, last day)}`` of the work that this run bills, both inclusive; what is
        not due is missing."""
        windows = {}
        for order in orders:
            window = self._psa_window(order)
            if window:
                windows[order] = window
        return windows

    def _psa_window(self, order):
        first, last = self.date_from or None, self.date_to
        if not self.only_due:
            return first, last
        terms = order._psa_billing_terms()
        complete = terms.frequency == COMPLETION and order._psa_is_complete()
        return due_window(terms.frequency, terms.cutoff_day, first, last, complete)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_is_complete(self):
        """Whether the work of this SOW is done: all phases, or all tasks where it has no phases, or it has
        no project at all."""
        self.ensure_one()
        # sudo: whether work is done is no secret to who bills it
        project = self.sudo()._psa_project()
        if project.psa_phase_ids:
            return all(phase.state == "done" for phase in project.psa_phase_ids)
        return all(task.state in CLOSED_TASK_STATES for task in project.task_ids)

    def _psa_invoice_key(self):
        """What one invoice has one of: currency, addresses, fiscal position, payment terms, payers."""
        self.ensure_one()
        # sudo: who pays is needed to keep apart what different clients pay
        payers = self.sudo().psa_payer_ids
        return {
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "partner_invoice_id": self.partner_invoice_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "fiscal_position_id": self.fiscal_position_id.id,
            "payment_term_id": self.payment_term_id.id,
            "psa_payer_ids": [[payer.partner_id.id, payer.share] for payer in payers],
        }

    def _psa_group_key(self):
        """SOWs with the same key go on one proposal: as the agreement says, if they fit on one invoice.

        One with a down payment to deduct stays alone: it is deducted from its own work only.
        """
        self.ensure_one()
        key = self._psa_agreed_key()
        if key != self._psa_own_key() and self.sudo()._psa_deposits():  # sudo: see _psa_is_complete
            return self._psa_own_key()
        return key

    def _psa_agreed_key(self):
        """``_psa_group_key`` without a look at down payments."""
        grouping = self._psa_billing_terms().grouping
        subject = {
            "project": lambda: self.sudo()._psa_project().id,  # sudo: see _psa_is_complete
            "client": lambda: self.partner_id.commercial_partner_id.id,
            "po": lambda: (self.client_order_ref or "").strip(),
        }.get(grouping, bool)()
        if not subject:
            return self._psa_own_key()
        return json.dumps([grouping, subject, self._psa_invoice_key()], sort_keys=True)

    def _psa_grouping_label(self):
        """What there is one invoice per, in words: a client, say."""
        labels = dict(self.env["psa.agreement"]._fields["billing_grouping"]._description_selection(self.env))
        return labels[self._psa_billing_terms().grouping].lower()

    def _psa_own_key(self):
        """The key of a proposal that holds nothing but this SOW."""
        return f"sow {self.id}"
