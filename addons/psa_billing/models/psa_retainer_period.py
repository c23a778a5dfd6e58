"""The periods of retainers: what each grants, what was used of it, when and by what it is billed."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .psa_billing_proposal import SETTLED_STATES
from .rights import check_billing_manager


class PsaRetainerPeriod(models.Model):
    _name = "psa.retainer.period"
    _description = "Retainer Period"
    _order = "date_start desc, id desc"

    retainer_line_id = fields.Many2one(
        "sale.order.line", string="Retainer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="Billed on",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The line of the statement of work or change order whose price the period has.",
    )
    order_id = fields.Many2one(
        "sale.order", string="SOW", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="order_id.partner_id", string="Client", store=True)
    user_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    date_start = fields.Date(string="From", required=True, readonly=True, index=True)
    date_end = fields.Date(string="To", required=True, readonly=True, help="Last day, inclusive.")
    due_date = fields.Date(
        required=True, readonly=True, index=True, help="From this day on a billing run bills the period."
    )
    is_due = fields.Boolean(string="Due", readonly=True, help="The period counts as delivered.")
    ends_retainer = fields.Boolean(string="Last Period", readonly=True)
    quantity = fields.Float(
        digits="Product Unit", readonly=True, help="Part of a whole period, charged by its days."
    )
    amount = fields.Monetary(readonly=True, help="Price of the period, without taxes.")
    monthly_amount = fields.Monetary(
        readonly=True,
        help="Price of a whole period as an amount a month, without taxes: what MRR counts.",
        aggregator=None,
    )
    grants_money = fields.Boolean(readonly=True, help="The period grants an amount, not hours.")
    opening = fields.Float(readonly=True, help="What rolled over from the period before.", aggregator=None)
    granted = fields.Float(readonly=True, help="What the period grants. 0: work is not counted.")
    used = fields.Float(readonly=True, help="What approved work has drawn, in hours or money.")
    used_before = fields.Float(
        readonly=True,
        help="What of it was used, or expired, before this system: it follows from the opening balance.",
    )
    expired = fields.Float(readonly=True, help="What was not used and did not roll over.")
    closing = fields.Float(
        readonly=True,
        aggregator=None,
        help="Opening + granted - used - expired: the next period opens with it. Below zero: drawn on the "
        "next grant.",
    )
    over_hours = fields.Float(
        string="Hours Over", readonly=True, help="Hours of work over what the period holds."
    )
    used_percent = fields.Float(compute="_compute_used_percent", string="Used %", aggregator=None)
    opening_set = fields.Boolean(
        readonly=True, help="The opening was brought in when the system went live; it is not computed."
    )
    billed_before = fields.Boolean(
        readonly=True, help="The period was billed before this system, or outside of it."
    )
    proposal_line_id = fields.Many2one(
        "psa.billing.proposal.line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    proposal_id = fields.Many2one(related="proposal_line_id.proposal_id", string="Proposal")
    invoice_id = fields.Many2one(related="proposal_line_id.proposal_id.invoice_id", string="Invoice")
    billing_state = fields.Selection(
        [("planned", "Not Due"), ("due", "To Bill"), ("proposed", "Proposed"), ("billed", "Billed")],
        compute="_compute_billing_state",
        store=True,
        string="Billing",
    )
    amount_to_bill = fields.Monetary(
        string="To Bill",
        compute="_compute_billing_state",
        store=True,
        help="Price of the period until it is on a proposal, or what came back of it with a credit note.",
    )
    closed_on = fields.Date(readonly=True, copy=False, help="Day on which it was closed by hand.")
    is_closed = fields.Boolean(
        string="Closed",
        compute="_compute_is_closed",
        store=True,
        help="The work of its days was billed, or it was closed by hand: its figures stay. Work that is "
        "approved later draws on the first open period.",
    )
    wip_ids = fields.One2many("psa.wip.entry", "retainer_period_id", string="Work", readonly=True)

    _first_day_once = models.UniqueIndex(
        "(retainer_line_id, date_start) WHERE corrects_id IS NULL", "A retainer has one period from a day on."
    )
    _days_in_order = models.Constraint("CHECK(date_end >= date_start)", "A period ends after it starts.")

    @api.depends("order_id.name", "date_start", "date_end")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for period in self:
            days = f"{format_date(self.env, period.date_start)} – {format_date(self.env, period.date_end)}"
            period.display_name = f"{period.order_id.name}, {days}"

    @api.depends("opening", "granted", "used")
    def _compute_used_percent(self):
        for period in self:
            held = period.opening + period.granted
            period.used_percent = 100 * period.used / held if held > 0 else 0.0

    @api.depends(
        "is_due",
        "due_date",
        "billed_before",
        "amount",
        "proposal_line_id.proposal_state",
        "proposal_line_id.is_held",
        "share_ids.amount",
        "share_ids.proposal_line_id.proposal_state",
        "share_ids.proposal_line_id.is_held",
    )
    def _compute_billing_state(self):
        # of a retainer that is signed late some lie in the past; the daily job lets those of today come
        today = fields.Date.context_today(self)
        for period in self:
            shares, line = period.share_ids, period.proposal_line_id
            waiting = shares._psa_waiting()
            if period.billed_before:
                period.billing_state = "billed"
            elif waiting:
                period.billing_state = "due"
            elif shares or (line and period._psa_is_on(line)):
                states = set((shares.proposal_line_id or line).mapped("proposal_state"))
                period.billing_state = "billed" if states <= set(SETTLED_STATES) else "proposed"
            else:
                is_due = period.is_due or period.due_date <= today
                period.billing_state = "due" if is_due else "planned"
            waits = period.billing_state in ("due", "planned")
            period.amount_to_bill = float(period._psa_waits()[1]) if waits else 0.0

    @staticmethod
    def _psa_is_on(line):
        """Whether ``line`` of a proposal bills its periods: a held one does as long as it can be released."""
        return line.proposal_state != "cancelled" and not (
            line.is_held and line.proposal_state in SETTLED_STATES
        )

    @api.depends("closed_on", "date_end")
    def _compute_is_closed(self):
        """Computed anew when a proposal is invoiced or cancelled, too: see its ``write``."""
        billed_until = self.order_id._psa_billed_until()
        for period in self:
            last = billed_until.get(period.order_id)
            period.is_closed = bool(period.closed_on or (last and last >= period.date_end))

    # -- what a button calls ---------------------------------------------------------------

    def action_close(self):
        """Keep the figures of these periods: work that comes later draws on the next one.

        :raises UserError: where an earlier period of the retainer is open, or the period has not ended
        """
        check_billing_manager(self)
        today = fields.Date.context_today(self)
        own = self.filtered(lambda period: not period.corrects_id)  # corrections have no work
        for period in own.sorted("date_start"):
            if period.date_end >= today:
                raise UserError(
                    self.env._("%s has not ended yet. Close it after its last day.", period.display_name)
                )
            earlier = self.sudo().search(  # sudo: all periods of the retainer count
                [
                    ("retainer_line_id", "=", period.retainer_line_id.id),
                    ("date_start", "<", period.date_start),
                    ("is_closed", "=", False),
                    ("corrects_id", "=", False),
                    ("id", "not in", self.ids),
                ],
                order="date_start",
                limit=1,
            )
            if earlier:
                raise UserError(
                    self.env._(
                        "%(earlier)s is still open. Close the periods of a retainer in their order.",
                        earlier=earlier.display_name,
                    )
                )
        # sudo: the right was checked; periods are written by their buttons only
        own.sudo().closed_on = today

    def action_reopen(self):
        """Let work draw on these periods again, where they were closed by hand.

        :raises UserError: where an invoice or an opening balance closed them, or a later period is closed
        """
        check_billing_manager(self)
        periods = self.sudo()  # sudo: see action_close
        periods._psa_check_not_opened()
        closed = periods.filtered("closed_on")
        closed.closed_on = False
        still = periods.filtered("is_closed")
        if still:
            raise UserError(
                self.env._(
                    "The work of %s is invoiced. Delete the draft invoice or credit the posted one, then the "
                    "period is open again.",
                    still[0].display_name,
                )
            )
        later = periods.search(
            [
                ("retainer_line_id", "in", periods.retainer_line_id.ids),
                ("is_closed", "=", True),
                ("date_start", ">", min(periods.mapped("date_start"))),
            ],
            limit=1,
        )
        if later:
            raise UserError(
                self.env._("%s, which is later, is closed. Reopen that one first.", later.display_name)
            )
        periods._psa_draw(periods.retainer_line_id)

    def _psa_check_not_opened(self):
        """:raises UserError: where an opening balance says what one of these periods left"""
        for period in self._psa_opened()[:1]:
            raise UserError(
                self.env._(
                    "%(period)s ended before the opening balance of %(date)s, which says what it left. "
                    "Correct that balance instead.",
                    period=period.display_name,
                    date=format_date(self.env, period.sale_line_id.psa_opening_ids.date),
                )
            )

    def _psa_opened(self):
        """Those of these periods that ended by the day of an opening balance, which says what they left."""
        return self.filtered(
            lambda period: any(
                opening.date >= period.date_end for opening in period.sale_line_id.psa_opening_ids
            )
        )

    def action_view_work(self):
        """The work that drew on these periods, or is over them."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_wip_entry_action")
        return {**action, "domain": [("retainer_period_id", "in", self.ids)], "context": {}}

    def action_view_invoice(self):
        """The invoices that bill the period, of all who pay it."""
        # sudo: which lines bill it; the invoices are shown by the rights of the user
        lines = self.proposal_line_id | self.sudo().share_ids.proposal_line_id.with_env(self.env)
        return self.order_id.action_view_invoice(invoices=lines.proposal_id.invoice_ids)
