"""Due periods on billing runs, proposals and invoices."""

from odoo import api, fields, models

from odoo.addons.psa_contracts.core.billing_models import RETAINER

from ..core.money import dec
from .psa_billing_proposal import SETTLED_STATES


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def _psa_orders_to_bill(self):
        """Retainers that have ended are settled before a run looks: those that it looks at only. What one
        leaves that ends within the days of the run, but has not yet, nobody knows."""
        periods, today = self.env["psa.retainer.period"], fields.Date.context_today(self)
        last = periods._psa_ended(min(self.date_to, today), [("company_id", "=", self.company_id.id)])
        orders = self._psa_filter(last.order_id)
        last.filtered(lambda period: period.order_id in orders)._psa_settle()
        return super()._psa_orders_to_bill()

    def _psa_propose(self, orders):
        """Periods that come by the last day that is billed are due, of the SOWs that are billed only."""
        days = {}
        for order, (_first, last) in self._psa_windows(orders).items():
            days.setdefault(last, []).append(order.id)
        for last, ids in days.items():
            self.env["psa.retainer.period"]._psa_become_due(last, [("order_id", "in", ids)])
        return super()._psa_propose(orders)

    def _psa_periods_to_bill(self, orders=None):
        """Periods that are due by the last day that is billed, or will be, and stand on no live proposal."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("billing_state", "in", ("due", "planned")),
            ("due_date", "<=", self.date_to),
            ("order_id.state", "=", "sale"),
        ]
        if orders is None:
            return self.env["psa.retainer.period"].search(domain, order="date_start")
        domain.append(("order_id", "in", orders._psa_sow().ids))
        periods = self.env["psa.retainer.period"].search(domain, order="date_start")
        last_day = {order: last for order, (_first, last) in self._psa_windows(periods.order_id).items()}
        return periods.filtered(
            lambda period: period.order_id in last_day and period.due_date <= last_day[period.order_id]
        )

    def _psa_fixed_lines(self, orders=None):
        """Retainers are billed by their periods, whatever quantity somebody typed on an earlier invoice."""
        lines = super()._psa_fixed_lines(orders)
        planned = self.env["psa.retainer.period"]._psa_planned("sale_line_id", lines)
        return (lines - planned) | self._psa_periods_to_bill(orders).sale_line_id

    def _psa_quantities_left(self, sale_lines, windows):
        periods = self._psa_periods_to_bill(sale_lines.order_id).grouped("sale_line_id")
        retained = sale_lines.filtered(lambda line: line in periods)
        return {
            **super()._psa_quantities_left(sale_lines - retained, windows),
            **{line: float(sum(period._psa_waits()[0] for period in periods[line])) for line in retained},
        }

    def _psa_lines_of(self, drafts, sale_lines):
        lines = super()._psa_lines_of(drafts, sale_lines)
        retained = self.env["sale.order.line"].union(*sale_lines)
        retained = retained.filtered(lambda line: line.psa_billing_model == RETAINER)
        for sale_line, periods in (
            self._psa_periods_to_bill(retained.order_id).grouped("sale_line_id").items()
        ):
            if sale_line in lines:
                periods._psa_put_on_line(lines[sale_line])
        return lines


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_create_invoices(self):
        moves = super()._psa_create_invoices()
        self._psa_close_periods()
        return moves

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state", "invoiced") != "invoiced":  # those are told all at once, above
            self._psa_close_periods()
        if vals.get("state") == "cancelled":
            periods = self.env["psa.retainer.period"]
            periods._psa_wait_for_their_day([("order_id", "in", self.order_ids.ids)])
        return result

    def _psa_close_periods(self):
        """Whether periods are closed follows from what is invoiced."""
        # sudo: whoever bills closes the periods of what is billed
        periods = self.env["psa.retainer.period"].sudo()
        last = max(proposal._psa_last_day() for proposal in self) if self else None
        closed = periods.search(
            [
                ("order_id", "in", self.order_ids.ids),
                # no other can be closed, or open again, by these proposals
                *("|", ("date_end", "<=", last), ("is_closed", "=", True)),
            ]
        )
        self.env.add_to_compute(periods._fields["is_closed"], closed)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_billed_until(self):
        """``{SOW: last day whose work was billed or closed without an invoice}`` of those with such a day."""
        # sudo: that the work of the days is billed counts, whoever asks
        proposals = (
            self.env["psa.billing.proposal"]
            .sudo()
            .search([("order_ids", "in", self.ids), ("state", "in", SETTLED_STATES)])
        )
        billed_until = {}
        for proposal in proposals:
            last = proposal._psa_last_day()
            for order in proposal.order_ids.with_env(self.env):
                billed_until[order] = max(last, billed_until.get(order, last))
        return billed_until


class PsaBillingProposalLine(models.Model):
    _inherit = "psa.billing.proposal.line"

    retainer_period_ids = fields.One2many(
        "psa.retainer.period", "proposal_line_id", string="Retainer Periods", readonly=True
    )

    def _prepare_fixed(self, quantity, amount):
        """Periods of a retainer bill their amounts: what days come to, quantities of two digits cannot
        say."""
        shares = self.retainer_share_ids
        whole = self.retainer_period_ids.filtered(lambda period: not period.share_ids)
        periods = whole | shares.period_id
        if not periods:
            return super()._prepare_fixed(quantity, amount)
        quantity, amount = shares._psa_whole()
        quantity += sum((dec(period.quantity) for period in whole), dec(0))
        amount += sum((dec(period.amount) for period in whole), dec(0))
        product = self.sale_line_id._psa_line_amount(quantity)
        return {
            **self._prepare_amounts(amount, product),
            "quantity": float(quantity),
            "date_start": min(periods.mapped("date_start")),
            "date_end": max(periods.mapped("date_end")),
        }

    def _psa_of_retainers(self):
        """Those of these lines that bill periods of retainers."""
        return self.filtered(lambda line: line.retainer_period_ids or line.retainer_share_ids)

    def _prepare_adjustment(self, bill):
        values = super()._prepare_adjustment(bill)
        if self.retainer_period_ids and not bill.payer and not self.adjustment_ids:
            values["name"] = self.env._("Charged by days: %s", self.sale_line_id.name)
        return values


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _psa_free_work(self):
        result = super()._psa_free_work()
        # sudo: see super
        lines = self.sudo()
        lines.psa_proposal_line_id._psa_of_retainers()._psa_free_periods(lines, lines.browse())
        return result


class AccountMove(models.Model):
    _inherit = "account.move"

    def _psa_settle_work(self):
        """A posted credit note frees the periods that it takes back."""
        result = super()._psa_settle_work()
        notes = self._psa_crediting_lines()
        credited = notes.psa_credits_line_id.psa_proposal_line_id._psa_of_retainers()
        credited._psa_free_periods(notes.browse(), notes)
        return result


class PsaRetainerPeriod(models.Model):
    _inherit = "psa.retainer.period"

    @api.model
    def _psa_planned(self, name, lines):
        """Those of ``lines`` that periods name by their field ``name``."""
        rows = self._read_group([(name, "in", lines.ids)], [name])
        return lines.browse([line.id for (line,) in rows])
