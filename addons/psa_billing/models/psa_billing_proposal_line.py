from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.money import amount_of, dec
from ..core.proposal import line_amounts
from .rights import check_reviewer


class PsaBillingProposalLine(models.Model):
    _name = "psa.billing.proposal.line"
    _description = "Billing Proposal Line"
    _order = "proposal_id, sequence, id"

    proposal_id = fields.Many2one("psa.billing.proposal", required=True, index=True, ondelete="cascade")
    proposal_state = fields.Selection(related="proposal_id.state", string="Proposal State", store=True)
    company_id = fields.Many2one(related="proposal_id.company_id", store=True)
    currency_id = fields.Many2one(related="proposal_id.currency_id", store=True)
    sequence = fields.Integer()
    sale_line_id = fields.Many2one(
        "sale.order.line", string="SOW Line", required=True, index=True, ondelete="restrict"
    )
    role_id = fields.Many2one(related="sale_line_id.psa_role_id")
    wip_ids = fields.One2many("psa.wip.entry", "proposal_line_id", string="Work")
    date_start = fields.Date(string="First Day", help="First day of the work on this line.")
    date_end = fields.Date(string="Last Day", help="Last day of the work on this line.")
    worked_hours = fields.Float()
    quantity = fields.Float(string="Billable", digits="Product Unit", help="In the unit of the SOW line.")
    price_unit = fields.Float(string="Unit Price", digits="Product Price")
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

    @api.depends("amount", "worked_amount")
    def _compute_adjustment_amount(self):
        for line in self:
            line.adjustment_amount = line.amount - line.worked_amount

    def action_hold(self):
        """Keep these lines of draft proposals out of the invoice; their work waits as held.

        :raises UserError: on proposals that are no drafts
        """
        check_reviewer(self.wip_ids)
        self.check_access("read")
        self.proposal_id._check_state("draft")
        # sudo: the right to review was checked; nobody may write proposals directly
        lines = self.sudo()
        lines.is_held = True
        lines.wip_ids.write({"state": "held"})

    def action_release(self):
        """Put held lines back on their draft proposal, else their work back to what the next run bills."""
        check_reviewer(self.wip_ids)
        self.check_access("read")
        # sudo: see action_hold
        held = self.sudo().filtered("is_held")
        if not held:
            raise UserError(self.env._("None of these lines is held."))
        drafts = held.filtered(lambda line: line.proposal_state == "draft")
        held.wip_ids.filtered(lambda entry: entry.state == "held")._psa_release_held()
        drafts.is_held = False
        drafts._psa_refresh()

    def action_view_wip(self):
        """The work on the line, entry by entry."""
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_wip_entry_action")
        return {**action, "domain": [("proposal_line_id", "in", self.ids)], "context": {}}

    def _psa_refresh(self):
        """Sum up the work on time lines; a line of a draft that lost all its work goes away."""
        rows = self.env["psa.wip.entry"]._read_group(
            [("proposal_line_id", "in", self.ids)],
            ["proposal_line_id"],
            ["raw_hours:sum", "billable_quantity:sum", "amount:sum", "date:min", "date:max"],
        )
        sums = {line: values for line, *values in rows}
        time_lines = self.filtered(lambda line: line.sale_line_id._psa_is_time_material())
        orders = time_lines.sale_line_id.order_id._psa_sow()
        orders.mapped("order_line.psa_cap_amount")  # read at once
        exact = {order: order._psa_bills_to_the_cent() for order in orders}
        for line in time_lines.filtered(lambda line: line in sums):
            line.write(line._prepare_sums(*sums[line], exact[line.sale_line_id.order_id._psa_sow()]))
        gone = time_lines.filtered(lambda line: line not in sums and not line.message)
        gone.filtered(lambda line: line.proposal_state == "draft").unlink()

    def _prepare_sums(self, hours, quantity, entries_amount, date_start, date_end, exact):
        """:param quantity: sum of billable quantities; ``entries_amount`` the sum of the entries' amounts;
        ``exact`` whether their cents are billed; see ``_psa_bills_to_the_cent``
        """
        sale_line = self.sale_line_id
        unit = dec(self.currency_id.rounding)
        price = sale_line._psa_net_price()
        product, remainder = line_amounts(dec(quantity), price, dec(entries_amount), exact, unit)
        return {
            "worked_hours": hours,
            "quantity": quantity,
            "price_unit": sale_line.price_unit,
            "discount": sale_line.discount,
            "worked_amount": float(amount_of(dec(quantity), price, unit)),
            "remainder": float(remainder),
            "amount": float(product + remainder),
            "date_start": date_start,
            "date_end": date_end,
        }

    def _psa_set_fixed(self, quantity, remainder=0.0):
        """A line that bills ``quantity`` of a fixed price or of milestones, and ``remainder`` beside it."""
        self.ensure_one()
        sale_line = self.sale_line_id
        product = amount_of(dec(quantity), sale_line._psa_net_price(), dec(self.currency_id.rounding))
        remainder = dec(remainder)
        amount = product + remainder if remainder else self._psa_due_amount(quantity, product)
        self.write(
            {
                "quantity": quantity,
                "price_unit": sale_line.price_unit,
                "discount": sale_line.discount,
                "worked_amount": float(amount),
                "remainder": float(amount - product),
                "amount": float(amount),
                "message": False
                if amount
                else self.env._("%s has no price: set it on the statement of work.", sale_line.display_name),
            }
        )

    def _check_price_unchanged(self):
        """:raises UserError: where the SOW line was priced anew since the proposal was made"""
        for line in self:
            sale_line = line.sale_line_id
            if (line.price_unit, line.discount) != (sale_line.price_unit, sale_line.discount):
                raise UserError(
                    self.env._(
                        "The price of %(line)s has changed since %(proposal)s was made. Cancel the proposal "
                        "and make it again.",
                        line=sale_line.display_name,
                        proposal=line.proposal_id.display_name,
                    )
                )
