from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from .account_move_complete import complete_context
from .psa_billing_proposal import PENDING_STATES
from .rights import REVIEWER_GROUPS

#: How many orders the host is asked the status of invoices of at once.
STATUS_BATCH = 100


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_wip_revision = fields.Integer(
        copy=False, readonly=True, help="Counts what has consumed the caps; see psa.wip.entry."
    )
    psa_proposal_ids = fields.One2many(
        "psa.billing.proposal", "order_id", string="Proposals", groups=REVIEWER_GROUPS
    )
    psa_proposal_count = fields.Integer(compute="_compute_psa_proposal_count", groups=REVIEWER_GROUPS)
    psa_wip_amount = fields.Monetary(
        string="WIP",
        compute="_compute_psa_wip_amount",
        groups=REVIEWER_GROUPS,
        help="Approved work that is not billed yet, without taxes and without what is over a cap.",
    )

    psa_can_invoice = fields.Boolean(
        compute="_compute_psa_can_invoice", help="Whether the user may open the dialog that makes invoices."
    )

    @api.depends_context("uid")
    def _compute_psa_can_invoice(self):
        self.psa_can_invoice = self.env["sale.advance.payment.inv"].has_access("create")

    @api.depends("psa_proposal_ids")
    def _compute_psa_proposal_count(self):
        counts = dict(
            self.env["psa.billing.proposal"]._read_group(
                [("order_ids", "in", self.ids), ("state", "!=", "cancelled")], ["order_ids"], ["__count"]
            )
        )
        for order in self:
            order.psa_proposal_count = counts.get(order, 0)

    @api.depends("order_line.psa_wip_ids.amount", "order_line.psa_wip_ids.state")
    def _compute_psa_wip_amount(self):
        amounts = dict(
            self.env["psa.wip.entry"]._read_group(
                [("order_id", "in", self.ids), ("state", "in", ("open", "held", "proposed"))],
                ["order_id"],
                ["amount:sum"],
            )
        )
        for order in self:
            order.psa_wip_amount = amounts.get(order, 0.0)

    def _get_copiable_order_lines(self):
        return super()._get_copiable_order_lines().filtered(lambda line: not line._psa_is_made_by_billing())

    def _psa_is_capped(self):
        """Whether a cap bounds the SOW, with its change orders, one of its lines, or its agreement."""
        self.ensure_one()
        lines = self._psa_contract().order_line
        return bool(
            self.psa_kind
            and (
                self._psa_cap()
                or self._psa_capped_agreement()
                or any(line.psa_cap_amount or line.psa_cap_change for line in lines)
            )
        )

    def _psa_proposes_less(self):
        """Whether corrections of work, or what change orders took off fixed prices, are proposed for one of
        these SOWs: they give room under a cap."""
        corrections = [("order_id", "in", self.ids), ("state", "=", "proposed"), ("amount", "<", 0)]
        deductions = [
            ("sale_line_id.order_id", "in", self._psa_contract().ids),
            ("proposal_state", "in", PENDING_STATES),
            ("is_held", "=", False),
            ("amount", "<", 0),
        ]
        return bool(
            self.env["psa.wip.entry"].search_count(corrections, limit=1)
            or self.env["psa.billing.proposal.line"].search_count(deductions, limit=1)
        )

    def _compute_invoice_status(self):  # pylint: disable=missing-return  # a compute without a value
        """The host compares each order with the lines of all that it is asked for: some at a time."""
        for orders in split_every(STATUS_BATCH, self._ids, self.browse):
            super(SaleOrder, orders)._compute_invoice_status()

    def _psa_billed_lines(self):
        """The lines of this SOW and of its change orders, in the order of an invoice: a change stands after
        what it changes, below the same sections."""
        self.ensure_one()
        return self.order_line + self.psa_change_ids.sorted("id").order_line

    def write(self, vals):
        result = super().write(vals)
        if {"psa_cap_amount", "psa_agreement_id"} & vals.keys():
            # sudo: what a cap holds back follows from the SOW that the user may write
            self.env["psa.wip.entry"].sudo()._psa_recut(self.sudo().filtered("psa_kind")._psa_sow())
        return result

    def _psa_tax_way_out(self):
        way = super()._psa_tax_way_out()
        if self.sudo().state != "sale":  # sudo: whoever is refused is told what to do
            return way
        return self.env._(
            "a change order takes off and adds at the tax of the line. Where the law has another one, have "
            "an administrator of accounting put the tax that holds now in its place under Invoicing > "
            "Configuration > Professional Services > Replace Taxes; else have it chosen on the draft invoice."
        )

    def _psa_start_delivery(self):  # pylint: disable=missing-return  # a step without a value
        """Work of a SOW that was cancelled and is confirmed again waits for what others left of the caps."""
        super()._psa_start_delivery()
        # sudo: whether there is work, whoever signs
        if self.env["psa.wip.entry"].sudo().search_count([("order_id", "=", self.id)], limit=1):
            self._psa_recut_together()

    def _psa_terms_changed(self, lines):  # pylint: disable=missing-return  # a hook without a value
        """Work that waited over a cap is freed by a change order that raises it, and the other way round."""
        super()._psa_terms_changed(lines)
        # sudo: what a cap holds back follows from the change order, whose signer need not know of billing
        self.env["psa.wip.entry"].sudo()._psa_recut(self.sudo())

    def _psa_store_invoices(self, vals_list):
        """``account.move`` in sudo of ``vals_list``, in its order, through the host's own method."""
        moves = self.env["account.move"].sudo().with_context(default_move_type="out_invoice")
        complete = moves._psa_complete_values(vals_list)
        posts = moves._psa_posts_creation()
        orders = self.with_context(mail_create_nolog=True, psa_subscribes_together=True) if posts else self
        with moves._psa_subscribes_together():
            whole = orders.with_context(**complete_context(vals_list))._create_account_invoices(
                list(filter(None, complete)), False
            )
            rest = orders._create_account_invoices(
                [vals for vals, known in zip(vals_list, complete, strict=True) if not known], False
            )
        whole, rest = iter(whole), iter(rest)
        made = moves.browse([next(whole if known else rest).id for known in complete])
        if posts:
            made._psa_post_creation()
        return made

    def action_view_psa_wip(self):
        """The work in progress of the SOW."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_wip_entry_action")
        return {**action, "domain": [("order_id", "in", self.ids)], "context": {}}

    def action_view_psa_proposals(self):
        """The proposals of the SOW."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_billing_proposal_action")
        return {**action, "domain": [("order_ids", "in", self.ids)], "context": {}}

    @api.model
    def _psa_changed_by_orders(self):
        return super()._psa_changed_by_orders() | {"psa_expense_limit", "psa_expense_term_ids"}

    def _create_invoices(self, grouped=False, final=False, date=None):
        """SOWs are billed by proposals only; other orders as in the host.

        :raises UserError: on a SOW, except where the caller bills what it can (the host's automatic
            invoices after an online payment): there SOWs are left out
        """
        sows = self.filtered("psa_kind")
        if not sows:
            return super()._create_invoices(grouped=grouped, final=final, date=date)
        if self.env.context.get("raise_if_nothing_to_invoice", True):
            raise UserError(
                self.env._(
                    "%s is a statement of work: its invoices come from proposals, so that held, unapproved "
                    "and over-cap work stays out. Have a billing manager make a billing run under Invoicing "
                    "> Customers > Billing > Billing Runs.",
                    sows[0].display_name,
                )
            )
        others = self - sows
        if not others:
            return self.env["account.move"]
        return super(SaleOrder, others)._create_invoices(grouped=grouped, final=final, date=date)

    def _force_lines_to_invoice_policy_order(self):
        """The host takes all that was ordered for delivered, once it is paid online and invoiced by itself: a
        run would bill milestones that are not reached, fees that nobody claimed, and months to come."""
        return super(
            SaleOrder, self.filtered(lambda order: not order.psa_kind)
        )._force_lines_to_invoice_policy_order()
