from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.money import amount_of, dec
from ..core.proposal import line_amounts, remainder_of
from .psa_billing_proposal import EDITABLE_STATES
from .rights import check_reviewer


@dataclass(frozen=True)
class WorkSums:
    """Sums of work on a line: hours as entered, quantity in the unit of the line, first and last day.

    ``has_remainders``: whether some of it has money that its quantity does not express.
    """

    hours: float = 0.0
    quantity: float = 0.0
    amount: float = 0.0
    remainder: float = 0.0
    date_start: date | None = None
    date_end: date | None = None
    has_remainders: bool = False

    def __add__(self, other):
        days = [day for day in (self.date_start, other.date_start) if day]
        ends = [day for day in (self.date_end, other.date_end) if day]
        return WorkSums(
            float(dec(self.hours) + dec(other.hours)),
            float(dec(self.quantity) + dec(other.quantity)),
            float(dec(self.amount) + dec(other.amount)),
            float(dec(self.remainder) + dec(other.remainder)),
            min(days, default=None),
            max(ends, default=None),
            self.has_remainders or other.has_remainders,
        )


class PsaBillingProposalLine(models.Model):
    _name = "psa.billing.proposal.line"
    _description = "Billing Proposal Line"
    _order = "proposal_id, sequence, id"

    proposal_id = fields.Many2one("psa.billing.proposal", required=True, index=True, ondelete="cascade")
    proposal_state = fields.Selection(related="proposal_id.state", string="Proposal State", store=True)
    company_id = fields.Many2one(related="proposal_id.company_id", store=True)
    currency_id = fields.Many2one(related="proposal_id.currency_id", store=True)
    sequence = fields.Integer()
    name = fields.Text(string="Text", help="Stands on the invoice. Empty: the text of the SOW line.")
    sale_line_id = fields.Many2one(
        "sale.order.line", string="SOW Line", required=True, index=True, ondelete="restrict"
    )
    section = fields.Char(readonly=True, help="Heads the line on the invoice: a part of the SOW, or a role.")
    label = fields.Char(compute="_compute_label")
    role_id = fields.Many2one(related="sale_line_id.psa_role_id")
    wip_ids = fields.One2many("psa.wip.entry", "proposal_line_id", string="Work")
    date_start = fields.Date(string="First Day", help="First day of the work on this line.")
    date_end = fields.Date(string="Last Day", help="Last day of the work on this line.")
    worked_hours = fields.Float()
    quantity = fields.Float(string="Billable", digits="Product Unit", help="In the unit of the SOW line.")
    # the price of a SOW line has as many digits as somebody gave it
    price_unit = fields.Float(string="Unit Price", digits=(16, 6), min_display_digits="Product Price")
    discount = fields.Float(string="Disc. %", digits="Discount")
    worked_amount = fields.Monetary(help="Hours as worked, at the price of the line.")
    remainder = fields.Monetary(
        help="Money that quantity times price cannot express: billed on an adjustment line of its own."
    )
    amount = fields.Monetary(string="To Bill", help="Without taxes, with the remainder.")
    adjustment_amount = fields.Monetary(
        string="Adjustment", compute="_compute_adjustment_amount", help="To bill less worked."
    )
    is_held = fields.Boolean(string="Held", help="Stays out of the invoice until it is released.")
    message = fields.Text(string="To Solve")

    @api.depends("name", "sale_line_id")
    def _compute_label(self):
        for line in self:
            text = (line.name or line.sale_line_id.name or "").strip().splitlines()
            line.label = text[0] if text else line.sale_line_id.display_name

    @api.depends("amount", "worked_amount")
    def _compute_adjustment_amount(self):
        for line in self:
            line.adjustment_amount = line.amount - line.worked_amount

    def action_hold(self):
        """Keep these lines of draft proposals out of the invoice; their work waits as held, as it was rated.

        :raises UserError: on proposals that are approved or invoiced, or where more than a cap leaves would
            be proposed without what these lines take off
        """
        check_reviewer(self)
        self.proposal_id._psa_check_editable()
        # sudo: the right to review was checked; nobody may write proposals directly
        lines = self.sudo()
        proposed = lines.wip_ids.filtered(lambda entry: entry.state == "proposed")
        taking_off = proposed._psa_corrections_under_caps() | lines._psa_deducts_under_caps()
        with taking_off._psa_keeping_caps():
            lines.is_held = True
            proposed._psa_hold()
            lines._psa_refresh()
            lines.sale_line_id._psa_agreement_cap_changed()

    def action_release(self):
        """Put held lines back on their draft proposal, else their work back to what the next run bills."""
        check_reviewer(self)
        # sudo: see action_hold
        held = self.sudo().filtered("is_held")
        if not held:
            raise UserError(self.env._("None of these lines is held."))
        drafts = held.filtered(lambda line: line.proposal_state in EDITABLE_STATES)
        held.wip_ids.filtered(lambda entry: entry.state == "held")._psa_release_held()
        orders = drafts.sale_line_id._psa_under_agreement_cap().order_id._psa_sow()
        # what takes something off may be put back under a cap that was lowered below what is billed
        with orders._psa_under_caps()._psa_keeping_caps():
            drafts.is_held = False
            drafts._psa_refresh()
            drafts.sale_line_id._psa_agreement_cap_changed()

    def action_view_wip(self):
        """The work on the line, entry by entry."""
        action = self.proposal_id.action_view_wip()
        name = action["name"]
        if len(self) == 1:
            name = self.env._("Work on %s", self.sale_line_id.display_name)
        return {
            **action,
            "name": name,
            "display_name": name,
            "domain": [("proposal_line_id", "in", self.ids), ("adjusts_wip_id", "=", False)],
        }

    def _psa_refresh(self):
        """Sum up the work on time lines and what was adjusted; a line of a draft that lost all its work goes
        away."""
        billed, written_off = self._psa_work_sums()
        time_lines = self.filtered(lambda line: line.sale_line_id._psa_is_time_material())
        orders = time_lines.sale_line_id.order_id._psa_sow()
        orders.mapped("order_line.psa_cap_amount")  # read at once
        exact = {order: order._psa_bills_to_the_cent() for order in orders}
        of_entries = time_lines._psa_to_the_entries(exact)
        loose = time_lines.filtered(lambda line: not exact[line.sale_line_id.order_id._psa_sow()])
        loose._psa_sum_remainders(billed)
        for line in time_lines.filtered(lambda line: line in billed or line in written_off):
            line.write(
                line._prepare_sums(
                    billed.get(line, WorkSums()),
                    written_off.get(line, WorkSums()),
                    exact[line.sale_line_id.order_id._psa_sow()],
                    line in of_entries,
                )
            )
        gone = time_lines.filtered(
            lambda line: line not in billed and line not in written_off and not line.message
        )
        gone.filtered(lambda line: line.proposal_state in EDITABLE_STATES).unlink()
        (self - time_lines)._psa_refresh_fixed()

    def _psa_work_sums(self):
        """``{line: WorkSums}`` of the work that is billed, and of what was written off."""
        rows = self.env["psa.wip.entry"]._read_group(
            [("proposal_line_id", "in", self.ids)],
            ["proposal_line_id", "state"],
            [
                "raw_hours:sum",
                "billable_quantity:sum",
                "amount:sum",
                "remainder:sum",
                "date:min",
                "date:max",
                "remainder:min",
                "remainder:max",
            ],
        )
        billed, written_off = {}, {}
        for line, state, *values, least, most in rows:
            sums = written_off if state == "written_off" else billed
            own = WorkSums(*values, has_remainders=bool(least or most))
            sums[line] = sums.get(line, WorkSums()) + own
        return billed, written_off

    def _psa_sum_remainders(self, billed):
        """Where the cents of entries are not billed, several parts of one are rounded once; see
        ``core.proposal.remainder_of``.

        :param billed: see ``_psa_work_sums``; its remainders are brought to that
        """
        lines = self.filtered(lambda line: line in billed and billed[line].has_remainders)
        if not lines:
            return
        work = self.env["psa.wip.entry"].search(
            [("proposal_line_id", "in", lines.ids), ("state", "!=", "written_off")]
        )
        for line, own in work.grouped("proposal_line_id").items():
            price, unit = line.sale_line_id._psa_net_price(), dec(line.currency_id.rounding)
            remainder = sum(
                remainder_of(
                    [(dec(part.billable_quantity), dec(part.amount), dec(part.remainder)) for part in parts],
                    price,
                    unit,
                )
                for parts in own.grouped("analytic_line_id").values()
            )
            billed[line] = replace(billed[line], remainder=float(remainder))

    def _psa_to_the_entries(self, exact):
        """Those of these lines that bill what their entries say, also where the host rounds a line with
        taxes in its price otherwise: under a cap, and what came back of one of several clients. Those share
        what one client would pay.

        :param exact: ``{SOW: whether the cents of its entries are billed}``
        """
        lines = self.filtered(lambda line: exact[line.sale_line_id.order_id._psa_sow()])
        capped = lines.filtered(lambda line: line.sale_line_id.order_id._psa_is_capped())
        return capped | (lines - capped)._psa_with_payers()

    def _prepare_sums(self, billed, written_off, exact, to_the_entries):
        """:param billed: ``WorkSums`` of what is billed or held, ``written_off`` of what is not;
        ``exact`` whether their cents are billed; see ``_psa_bills_to_the_cent``, ``_psa_to_the_entries``
        """
        sale_line = self.sale_line_id
        unit = dec(self.currency_id.rounding)
        price, worked = sale_line._psa_net_price(), billed + written_off
        product, remainder = line_amounts(
            dec(billed.quantity), price, dec(billed.amount), exact, unit, dec(billed.remainder)
        )
        on_invoice = sale_line._psa_line_amount(dec(billed.quantity))
        amount = (product if to_the_entries else on_invoice) + remainder
        days = billed if billed.date_start else worked
        return {
            "worked_hours": worked.hours,
            "quantity": billed.quantity,
            "price_unit": sale_line.price_unit,
            "discount": sale_line.discount,
            "worked_amount": float(sale_line._psa_line_amount(dec(worked.quantity))),
            "remainder": float(amount - on_invoice),
            "amount": float(amount),
            "date_start": days.date_start,
            "date_end": days.date_end,
        }

    @api.model
    def _psa_set_fixed(self, billed):
        """Lines bill fixed prices or milestones.

        :param billed: ``{line: (quantity, net amount)}``, the amount before what a review took off or added;
            none where it follows from the quantity
        """
        self._psa_write_alike(
            {line: line._prepare_fixed(quantity, amount) for line, (quantity, amount) in billed.items()}
        )

    @api.model
    def _psa_write_alike(self, values_of):
        """Write ``{line: values}``; lines of one currency that get the same values are written together."""
        alike = defaultdict(list)
        for line, values in values_of.items():
            alike[line.currency_id, tuple(values.items())].append(line.id)
        for (_currency, values), line_ids in alike.items():
            self.browse(line_ids).write(dict(values))

    def _psa_amount_with(self, quantity, remainder):
        """What this line bills (Decimal) with ``quantity`` and ``remainder`` more, without what a review took
        off or added."""
        price, unit = self.sale_line_id._psa_net_price(), dec(self.currency_id.rounding)
        before = dec(self.amount) - dec(self.fixed_adjustment)
        return before + amount_of(dec(quantity), price, unit) + dec(remainder)

    def _prepare_fixed(self, quantity, amount):
        """Values of a line that bills a fixed price; see ``_psa_set_fixed``."""
        sale_line = self.sale_line_id
        product = sale_line._psa_line_amount(dec(quantity))
        if amount is None:
            amount = self._psa_due_amount(quantity, product)
        return {
            "quantity": quantity,
            **self._prepare_amounts(amount, product),
        }

    def _prepare_amounts(self, amount, product):
        """:param amount: what is due (Decimal), without what a review took off or added
        :param product: quantity times price
        """
        sale_line = self.sale_line_id
        return {
            "price_unit": sale_line.price_unit,
            "discount": sale_line.discount,
            "worked_amount": 0.0 if self.is_added else float(amount),
            "remainder": float(amount - product + dec(self.fixed_adjustment)),
            "amount": float(amount + dec(self.fixed_adjustment)),
            "message": False,
        }

    def _check_price_unchanged(self):
        """:raises UserError: where the SOW line was priced anew since the proposal was made"""
        for line in self:
            sale_line = line.sale_line_id
            price = round(line.price_unit - sale_line.price_unit, 6)
            if price or line.discount != sale_line.discount:
                raise UserError(
                    self.env._(
                        "The price of %(line)s has changed since %(proposal)s was made. Cancel the proposal "
                        "and make it again.",
                        line=sale_line.display_name,
                        proposal=line.proposal_id.display_name,
                    )
                )
