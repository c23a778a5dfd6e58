"""Periods are made ahead of time, follow the contract, and become due."""

from odoo import api, fields, models

from odoo.addons.psa_contracts.core.billing_models import RETAINER

from ..core.money import dec
from ..core.recurring import monthly
from ..core.retainer_lines import charged, ordered
from ..core.retainer_periods import add_months, around, prorated, running


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_start_delivery(self):  # pylint: disable=missing-return  # a step without a value
        super()._psa_start_delivery()
        self._psa_plan_retainers()

    def _psa_terms_changed(self, lines):  # pylint: disable=missing-return  # a hook without a value
        """A change order acts on the periods that are not due yet."""
        super()._psa_terms_changed(lines)
        if RETAINER in lines.mapped("psa_billing_model"):
            # sudo: what a retainer grants follows from the change order, whose signer need not know of
            # billing
            self.sudo()._psa_plan_retainers()

    def _action_cancel(self):
        sows = self.filtered(lambda order: order.psa_kind == "sow" and order.state == "sale")
        result = super()._action_cancel()
        # sudo: periods follow from the order that the user may cancel
        periods = self.env["psa.retainer.period"].sudo().search([("order_id", "in", sows.ids)])
        periods.filtered(lambda period: not period._psa_is_fixed() and not period.wip_ids).unlink()
        return result

    def _psa_plan_retainers(self):
        """Make the periods of the retainers of these SOWs, and bring those that are not due to what holds
        now."""
        sows = self.filtered(lambda order: order.psa_kind == "sow" and order.state == "sale")
        lines = sows._psa_contract()._psa_sold_lines() if sows else self.env["sale.order.line"]
        lines = lines.filtered(lambda line: line.psa_billing_model == RETAINER)
        if lines:
            self.env["psa.retainer.period"]._psa_plan(lines)


class PsaRetainerPeriod(models.Model):
    _inherit = "psa.retainer.period"

    @api.model
    def _psa_by_retainer(self, retainers):
        """``{first line of a retainer: its periods, by their first day}``; without corrections."""
        domain = [("retainer_line_id", "in", retainers.ids), ("corrects_id", "=", False)]
        return self.search(domain, order="date_start").grouped("retainer_line_id")

    def _psa_is_fixed(self):
        """Whether a change of the contract leaves this period as it is: it is due, billed or closed."""
        self.ensure_one()
        return bool(
            self.is_due
            or self.billed_before
            or self.is_closed
            or self.opening_set
            or self.billing_state in ("proposed", "billed")
        )

    @api.model
    def _psa_plan(self, lines):
        """Make and change periods, in sudo.

        :param lines: all confirmed retainer lines of some SOWs and their change orders
        """
        periods = self.sudo()  # sudo: periods follow from the contract, whoever signs it
        members = lines._psa_group_members()
        known = periods._psa_by_retainer(lines.browse([head.id for head in members]))
        new, gone, grown, changed, ended = [], periods.browse(), {}, lines.browse(), lines.browse()
        for head, group in members.items():
            own = known.get(head, periods.browse())
            wanted = head.sudo()._psa_wanted_periods(group.sudo(), own)
            by_start = own.grouped("date_start")
            if not wanted or wanted[-1]["ends_retainer"]:
                ended |= group
            for values in wanted:
                period = by_start.pop(values["date_start"], None)
                line = lines.browse(values["sale_line_id"])
                grown[line] = grown.get(line, 0) + dec(values["quantity"])
                if period is None:
                    new.append(values)
                    changed |= head
                elif period._psa_follow(values):
                    changed |= head
            for period in by_start.values():
                if not period._psa_is_fixed():
                    gone += period
                    changed |= head
                elif period._psa_follow_end(None):
                    changed |= head
        gone.wip_ids.retainer_period_id = False
        gone.unlink()
        periods.create(new)
        endless = {
            line: quantity
            for line, quantity in grown.items()
            if line._psa_group_head().psa_retainer_open_ended
        }
        lines.sudo()._psa_grow(endless)
        ended.sudo()._psa_order_what_was_granted()
        periods._psa_draw(changed)

    @api.model
    def _psa_plan_earlier(self):
        """Plan retainers that were signed before there were periods; called when the addon comes or is
        upgraded.

        What was delivered or invoiced of them by then, by quantities that somebody typed, is due and billed.
        """
        lines = self.env["sale.order.line"].search(
            [("psa_billing_model", "=", RETAINER), ("state", "=", "sale"), ("order_id.psa_kind", "!=", False)]
        )
        figures = {line: (line.qty_delivered, line.qty_invoiced) for line in lines}
        lines.order_id._psa_sow()._psa_plan_retainers()
        for line, (delivered, invoiced) in figures.items():
            total = 0.0
            for period in self.search([("sale_line_id", "=", line.id)], order="date_start"):
                total = round(total + period.quantity, 6)
                period.is_due = total <= delivered
                period.billed_before = total <= invoiced
        # sudo: called by the machine, for all companies
        work = self.env["psa.wip.entry"].sudo().search([("state", "=", "covered")])
        for part in work.filtered(lambda part: part.sale_line_id._psa_is_drawn()):
            part.retainer_line_id = part.sale_line_id._psa_group_head()
        self._psa_draw(work.retainer_line_id)

    def _psa_follow(self, values):
        """Write what of ``values`` differs; whether any did."""
        self.ensure_one()
        ended = False
        if self._psa_is_fixed():
            ended = self._psa_follow_end(values)
            values = {"ends_retainer": values["ends_retainer"]}
        changed = {
            name: value
            for name, value in values.items()
            if (self[name].id if name.endswith("_id") else self[name]) != value
        }
        if changed:
            self.write(changed)
        return bool(changed) or ended

    # -- by the day ------------------------------------------------------------------------

    @api.model
    def _psa_become_due(self, day, domain=()):
        """Periods whose day has come count as delivered."""
        # sudo: the calendar decides, whoever runs the billing
        due = self.sudo().search(
            [
                *domain,
                ("is_due", "=", False),
                ("due_date", "<=", day),
                ("order_id.state", "=", "sale"),
            ]
        )
        if due:
            due.is_due = True

    @api.model
    def _psa_wait_for_their_day(self, domain=()):
        """Periods that a run let come before their day, and that no proposal bills after all, are not due
        yet: the contract may still change them."""
        # sudo: see _psa_become_due
        ahead = self.sudo().search(
            [
                *domain,
                ("is_due", "=", True),
                ("due_date", ">", fields.Date.context_today(self)),
                ("billing_state", "=", "due"),
                ("share_ids", "=", False),  # what came back of one was billed
            ]
        )
        if ahead:
            ahead.is_due = False

    @api.model
    def _cron_plan(self):
        """Make the periods of retainers without end ahead of time, and let those of today become due."""
        self._psa_become_due(fields.Date.context_today(self))
        self._psa_wait_for_their_day()
        self.env["ir.cron"]._commit_progress(remaining=1)
        heads = self.env["sale.order.line"].search(
            [
                ("psa_billing_model", "=", RETAINER),
                ("psa_retainer_open_ended", "=", True),
                ("psa_group_line_id", "=", False),
                ("state", "=", "sale"),
            ]
        )
        sows = heads.order_id._psa_sow()
        for start in range(0, len(sows), 500):
            sows[start : start + 500]._psa_plan_retainers()
            self.env["ir.cron"]._commit_progress()
        self.env["ir.cron"]._commit_progress(1)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_wanted_periods(self, group, own):
        """The values of the periods of this retainer, by their first day.

        :param group: the lines of its group
        :param own: the periods that it has, by their first day
        """
        self.ensure_one()
        fixed = own.filtered(lambda period: period._psa_is_fixed())
        start = fixed[:1].date_start or self._psa_retainer_start()
        sold = group._psa_retainer_sold()
        periods, ends = self._psa_spans(start, sold, group._psa_pauses())
        periods = around(periods, {p.date_start: (p.date_end, dec(p.quantity)) for p in fixed})
        lines = {period.date_start: period.sale_line_id.id for period in fixed}
        billed = charged(periods, sold, lines, endless=self.psa_retainer_open_ended)
        periods, keys = zip(*billed, strict=True) if billed else ((), ())
        money = self.psa_retainer_grant == "money"
        amounts, grants, by_month = {}, {}, {}
        for line in group:
            at = [number for number, key in enumerate(keys) if key == line.id]
            shares = [periods[number].share for number in at]
            cent = dec(self.currency_id.rounding)
            amounts.update(zip(at, prorated(shares, line._psa_net_price(), cent), strict=True))
            by_month[line.id] = float(monthly(line._psa_net_price(), self._psa_retainer_months(), cent))
            grant = line._psa_retainer_granted()
            grants.update(zip(at, prorated(shares, grant, *([cent] if money else [])), strict=True))
        return [
            {
                **self._prepare_retainer_period(span),
                "sale_line_id": keys[number],
                "ends_retainer": ends and number == len(periods) - 1,
                "amount": float(amounts[number]),
                "monthly_amount": by_month[keys[number]],
                "granted": float(grants[number]),
                "grants_money": money,
            }
            for number, span in enumerate(periods)
        ]

    def _prepare_retainer_period(self, span):
        arrears = self.psa_retainer_timing == "arrears"
        return {
            "retainer_line_id": self.id,
            "order_id": self.order_id._psa_sow().id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "date_start": span.start,
            "date_end": span.end,
            "due_date": span.end if arrears else span.start,
            "quantity": float(span.quantity),
        }

    def _psa_spans(self, start, sold, pauses):
        """(the ``Span`` of this retainer, whether it ends with the last of them)

        :param pauses: see ``_psa_pauses``
        """
        months = self._psa_retainer_months()
        calendar = self.psa_retainer_calendar != "start"
        if not self.psa_retainer_open_ended:
            return running(pauses, start, months, calendar, quantity=ordered(sold)), True
        today = fields.Date.context_today(self)
        horizon = add_months(max(today, start), months * (self.company_id.psa_retainer_periods_ahead or 1))
        end = self.order_id._psa_sow()._psa_period()[1]
        until = end if end and end < horizon else horizon
        periods = running(pauses, start, months, calendar, until=until)
        if not (end and end < horizon) and len(periods) > 1 and periods[-1].share < 1:
            periods.pop()  # the horizon is no end: only whole periods are made
        return periods, bool(end and end < horizon)
