"""What holds whatever happens to work (DESIGN section 4)."""

import math
from collections import defaultdict

from odoo.addons.psa_billing.models.psa_wip_entry import DELIVERED_STATES

from .by_hand import dec, net_price, to_nearest, worth

CENT = 0.01


class WorkInvariants:
    """Checks for a ``PsaBillingCase``; each says in ``message`` what led to it."""

    def assert_invariants(self, orders, message):
        """All rules about the work of these SOWs.

        :param orders: SOWs, without their change orders
        """
        self.env.flush_all()
        self.env.invalidate_all()
        wip = self.env["psa.wip.entry"].sudo().search([("order_id", "in", orders.ids)])
        self.assert_entries(wip, message)
        self.assert_lines(orders.sudo(), wip, message)
        self.assert_caps(orders.sudo(), wip, message)
        self.assert_invoices(wip, message)
        self.assert_named_invoices(wip, message)

    def assert_entries(self, wip, message):
        """Hours of the parts sum to the entry, their amounts to what was rated."""
        for entry, parts in wip.grouped("analytic_line_id").items():
            told = f"{message}: {entry.name} {entry.unit_amount} {self._told(parts)}"
            if entry.project_id:
                self.assertAlmostEqual(sum(parts.mapped("raw_hours")), entry.unit_amount, 6, told)
            else:
                self.assertFalse(any(parts.mapped("raw_hours")), told)
            for line, own in (
                parts.filtered(lambda part: part.state != "covered").grouped("sale_line_id").items()
            ):
                self.assertAlmostEqual(self._beside_rated(line, own), 0, 6, told)

    @staticmethod
    def _beside_rated(line, parts):
        """What these parts of an entry on ``line`` are worth beside their quantity times its price."""
        quantity = sum(parts.mapped("billable_quantity"))
        return sum(parts.mapped("amount")) - worth(line, quantity)

    def assert_lines(self, orders, wip, message):
        """The host's figures of a line follow from the work on it."""
        lines = wip.sale_line_id.filtered(lambda line: line._psa_is_time_material())
        for line in lines:
            parts = wip.filtered(lambda part, line=line: part.sale_line_id == line)
            delivered = sum(part.billable_quantity for part in parts if part.state in DELIVERED_STATES)
            billed = sum(part.billable_quantity for part in parts if part.state == "billed")
            told = f"{message}: {line.name} {self._told(parts)}"
            before = self._billed_before(line)
            self.assertAlmostEqual(line.qty_delivered, before + delivered, 6, told)
            drafted = sum(self._drafts_back(line.invoice_lines).mapped("quantity"))
            self.assertAlmostEqual(line.qty_invoiced, before + billed - drafted, 6, told)
            self.assertAlmostEqual(line.qty_to_invoice, delivered - billed + drafted, 6, told)
            posted = sum(
                -bill.move_id.direction_sign * bill.quantity
                for bill in line.invoice_lines
                if bill.parent_state == "posted"
            )
            # the host rounds each invoice for itself
            open_amount = float(net_price(line)) * (delivered - posted)
            self.assertAlmostEqual(
                line.untaxed_amount_to_invoice,
                open_amount,
                delta=line.currency_id.rounding * (1 + len(line.invoice_lines)),
                msg=told,
            )

    @staticmethod
    def _drafts_back(bills):
        """The lines of draft credit notes that somebody made. The host counts them; else they give nothing
        back before they are posted."""
        drafts = bills.filtered(lambda bill: bill.parent_state == "draft" and not bill.psa_proposal_line_id)
        return drafts.filtered(lambda bill: bill.move_id.move_type == "out_refund")

    @staticmethod
    def _billed_before(line):
        """Units that the opening balance of ``line`` says were billed: of work the nearest, of fixed prices
        no more than was paid for."""
        opening = line.env["psa.opening.balance"].sudo().search([("sale_line_id", "=", line.id)])
        if not opening:
            return 0
        units = dec(opening.billed_amount) / net_price(line)
        if line._psa_is_time_material():
            return float(to_nearest(units, dec(0.01)))
        return math.floor(round(100 * units, 6)) / 100

    def assert_caps(self, orders, wip, message):
        """No cap is exceeded by more than proposals and invoices had taken before it was lowered; and what
        they take over it does not grow: what a review gave away and bills again finds no room that others
        have used since."""
        before, self.over = getattr(self, "over", {}), {}
        for pool, (cap, used, settled) in self._caps(orders, wip).items():
            told = f"{message}: {pool} {cap}: {used}, settled {settled}"
            self.assertLessEqual(round(used, 2), round(max(cap, settled), 2) + self._inexact(pool), told)
            was_cap, was = before.get(pool, (None, 0))
            if was_cap == cap:
                # a correction that a credit note gave back waits: it counts again
                self.assertLessEqual(round(min(settled, used), 2), round(was, 2) + self._inexact(pool), told)
            self.over[pool] = cap, max(settled, cap)

    @staticmethod
    def _inexact(pool):
        """SOWs of another currency are converted one by one."""
        return CENT if pool._name == "psa.agreement" else 0

    def _caps(self, orders, wip):
        """``{line, SOW or agreement: (cap, what is used of it, what of that is proposed or billed)}``"""
        used, settled, caps = defaultdict(float), defaultdict(float), {}
        for part in wip.filtered(lambda part: part.state in DELIVERED_STATES):
            head, sow = part.sale_line_id._psa_group_head(), part.order_id
            caps[head] = head._psa_cap(head._psa_group_members().get(head, head))
            pools = [head]
            if part.sale_line_id._psa_counts_against_cap():
                pools += [sow, *sow._psa_capped_agreement()]
                caps[sow] = sow._psa_cap()
                if agreement := sow._psa_capped_agreement():
                    caps[agreement] = agreement.cap_amount
            for pool in pools:
                used[pool] += part.amount
                if part.state in ("proposed", "billed"):
                    settled[pool] += part.amount
        for agreement in orders.psa_agreement_id:
            fixed = float(sum(agreement._psa_fixed_taken().values()))
            used[agreement] += fixed
            settled[agreement] += fixed
        return {pool: (cap, used[pool], settled[pool]) for pool, cap in caps.items() if cap}

    def assert_invoices(self, wip, message):
        """Each invoice line bills the work that names it, once; the money is that of the work to the cent
        where it is billed to the cent."""
        billed = wip.filtered(lambda part: part.state == "billed")
        left = billed.invoice_line_id._psa_billed_quantity()
        for line, parts in billed.grouped("invoice_line_id").items():
            told = f"{message}: {line.move_id.name} {line.name} {self._told(parts)}"
            self.assertNotEqual(line.parent_state, "cancel", told)
            if not line.sale_line_ids.psa_adjusts_line_id:
                quantity = sum(parts.mapped("billable_quantity"))
                self.assertAlmostEqual(float(left[line]), quantity, 6, told)
        for (move, line), parts in billed.grouped(
            lambda part: (part.invoice_line_id.move_id, part.proposal_line_id)
        ).items():
            money = self._money(
                move.line_ids.filtered(lambda bill, line=line: bill.psa_proposal_line_id == line)
            )
            exact = line.sale_line_id.order_id._psa_bills_to_the_cent()
            self.assertAlmostEqual(
                money,
                sum(parts.mapped("amount")),
                delta=0.001 if exact else 0.011 * len(parts),
                msg=f"{message}: {move.name} {line.label} {self._told(parts)}",
            )

    def _money(self, lines):
        """What these invoice lines bill less what posted credit notes take back of them."""
        notes = lines.search([("psa_credits_line_id", "in", lines.ids), ("parent_state", "=", "posted")])
        return sum(-line.move_id.direction_sign * line.price_subtotal for line in lines | notes)

    def assert_named_invoices(self, wip, message):
        """Billed time names the invoice of the first payer who is billed, other time names none."""
        for entry, parts in wip.grouped("analytic_line_id").items():
            if not entry.project_id:
                continue
            billed = parts.filtered(lambda part: part.state == "billed")
            payers = list(parts.order_id.psa_payer_ids.partner_id)
            lead = min(
                (payers.index(part.payer_id) for part in billed if part.payer_id in payers), default=None
            )
            if lead is not None:
                billed = billed.filtered(lambda part, lead=payers[lead:][:1]: [*part.payer_id] == lead)
            told = f"{message}: {entry.name} {self._told(parts)}"
            self.assertEqual(bool(entry.timesheet_invoice_id), bool(billed), told)
            if billed:
                self.assertIn(entry.timesheet_invoice_id, billed.invoice_id, told)

    @staticmethod
    def _told(parts):
        return [
            (part.state, round(part.raw_hours, 4), part.billable_quantity, part.amount, part.payer_id.name)
            for part in parts
        ]


class RetainerInvariants:
    """What holds of the periods of retainers: what they grant and use, and what is billed of them."""

    def assert_periods_add_up(self, orders, message, typed):
        """:param typed: whether somebody typed other amounts on proposals, invoices or credit notes"""
        periods = self.env["psa.retainer.period"].sudo().search([("order_id", "in", orders.ids)])
        for own in periods.grouped("retainer_line_id").values():
            self.assert_balances(own.filtered(lambda p: not p.corrects_id).sorted("date_start"), message)
            self.assert_sold(own, message)
        lines = periods.proposal_line_id | periods.share_ids.proposal_line_id
        self.assert_billed_periods(lines, message)
        if not typed:
            self.assert_period_money(periods, lines, message)

    def assert_sold(self, periods, message):
        """All periods and their corrections come to what was sold, at its price; what is ordered of a
        retainer without end follows from them."""
        if periods.retainer_line_id.psa_retainer_open_ended:
            return
        lines = periods.retainer_line_id._psa_group_members()[periods.retainer_line_id]
        sold = sum(lines.mapped("product_uom_qty"))
        self.assertAlmostEqual(sum(periods.mapped("quantity")), sold, 2, message)
        price = sold * float(lines[0]._psa_net_price())
        # the periods on each line are rounded together
        cents = 0.51 * lines.currency_id.rounding * len(periods.sale_line_id)
        self.assertLess(abs(sum(periods.mapped("amount")) - price), cents, message)

    def assert_drawn(self, orders, message):
        """Work that draws once more comes to the same: what was cut off stays so, to the cent."""
        before = self._drawn(orders)
        self.env["psa.retainer.period"]._psa_draw(orders.order_line.filtered("psa_retainer_period_ids"))
        self.assertEqual(self._drawn(orders), before, message)

    def _drawn(self, orders):
        wip = self.env["psa.wip.entry"].sudo().search([("order_id", "in", orders.ids)])
        kinds = wip.filtered("retainer_line_id").grouped(
            lambda part: (part.analytic_line_id, part.retainer_line_id, part.slice_number, part.payer_id)
        )
        names = ("raw_hours", "billable_quantity", "amount")
        return {key: [round(sum(own.mapped(name)), 6) for name in names] for key, own in kinds.items()}

    def assert_balances(self, periods, message):
        """Each opens with what the one before closes with, and used what its work drew."""
        before = None
        for period in periods:
            told = f"{message}: {period.display_name} {self._told(period.wip_ids)}"
            left = period.opening + period.granted - period.used - period.expired
            self.assertAlmostEqual(left, period.closing, 6, told)
            if before:
                self.assertAlmostEqual(before.closing, period.opening, 6, told)
            before = period
            drawn = period.wip_ids.filtered(lambda part: part.state == "covered")
            if period.grants_money:
                worth = sum(period.currency_id.round(part.raw_hours * part.draw_rate) for part in drawn)
                self.assertAlmostEqual(worth + period.used_before, period.used, 2, told)
            else:
                hours = sum(drawn.mapped("raw_hours")) + period.used_before
                self.assertAlmostEqual(hours, period.used, 6, told)

    def assert_billed_periods(self, lines, message):
        """What invoices bill of a line is what it has of periods and of shares that came back."""
        for line in lines.filtered(lambda line: line.proposal_state == "invoiced" and not line.is_held):
            bills = line.env["account.move.line"].search([("psa_proposal_line_id", "=", line.id)])
            bills = bills.filtered(lambda bill: not bill.sale_line_ids.psa_adjusts_line_id)
            billed = float(sum(bills._psa_billed_quantity().values()))
            on_line = sum(float(period._psa_rest()[0]) for period in line.retainer_period_ids)
            on_line += sum(line.retainer_share_ids.mapped("quantity"))
            told = f"{message}: {line.label} {bills.mapped('quantity')}"
            self.assertAlmostEqual(on_line, billed, 6, told)

    def assert_period_money(self, periods, lines, message):
        """What is billed of periods, or waits, is what they cost."""
        billed = lines.filtered(lambda line: line.proposal_state == "invoiced" and not line.is_held)
        found = sum(
            self._money(self.env["account.move.line"].search([("psa_proposal_line_id", "=", line.id)]))
            for line in billed
        )
        for period in periods:
            rest, shares = float(period._psa_rest()[1]), period.share_ids
            if not (period.proposal_line_id in billed and rest):
                found += rest
            found += sum(share.amount for share in shares if share.proposal_line_id not in billed)
        self.assertAlmostEqual(found, sum(periods.mapped("amount")), 2, message)
