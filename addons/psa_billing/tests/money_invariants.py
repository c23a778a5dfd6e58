"""What holds whatever happens to the money of SOWs: fixed parts, down payments, caps, proposals."""

from collections import defaultdict

from odoo.addons.psa_billing.models.psa_billing_proposal import PENDING_STATES
from odoo.addons.psa_billing.models.psa_wip_entry import DELIVERED_STATES

from .by_hand import shares_of, worth


class MoneyInvariants:
    """Checks for a ``PsaBillingCase``. They read invoices, credit notes and what was sold, and none of the
    product's own sums. Each says in ``message`` what led to it.

    ``self.due`` are the instalments, ``self.reached`` the milestones that were due at a run at least once.
    """

    def assert_money(self, orders, message):
        """All rules about the money of these SOWs and their change orders.

        :param orders: SOWs in sudo
        """
        lines = orders._psa_contract().order_line.filtered(lambda line: not line.display_type)
        for line in self._fixed(lines):
            self.assert_billed_once(line, message)
        for line in lines.filtered("is_downpayment"):
            self.assert_down_payment(line, message)
        for line in lines:
            self.assert_host_counts(line, message)
        proposals = self.env["psa.billing.proposal"].sudo().search([("order_ids", "in", orders.ids)])
        for proposal in proposals:
            self.assert_proposal_adds_up(proposal, f"{message}: {proposal.display_name} {proposal.state}")
            self.assert_proposal_state(proposal, f"{message}: {proposal.display_name} {proposal.state}")

    # -- fixed prices, milestones, fees, unbilled work of the former system ----------------

    @staticmethod
    def _fixed(lines):
        return lines.filtered(
            lambda line: (
                line.psa_billing_model in ("fixed", "milestone", "success_fee")
                and not (line.is_downpayment or line.psa_adjusts_line_id or line.psa_amends_line_id)
            )
        )

    @staticmethod
    def _signed(bill):
        return -bill.move_id.direction_sign

    def _net(self, bills, *states):
        """What these invoice lines bill less what credit notes take back, net."""
        states = states or ("draft", "posted")
        return sum(self._signed(bill) * bill.price_subtotal for bill in bills if bill.parent_state in states)

    def _units(self, bills):
        return sum(self._signed(bill) * bill.quantity for bill in bills if bill.parent_state != "cancel")

    def _for_good(self, lines):
        """Their lines on invoices and credit notes without those that may go again."""
        return lines.invoice_lines - self._drafts_back(lines.invoice_lines)

    def _beside(self, line):
        """The SOLs that bill what quantities of ``line`` cannot express, or what a review decided on it."""
        adjusting = line.search([("psa_adjusts_line_id", "=", line.id)])
        return adjusting.filtered(lambda other: line in other.invoice_lines.psa_proposal_line_id.sale_line_id)

    def _taken(self, line):
        """(units, net amount before what reviews decided) that are billed, proposed or given up"""
        rows = self.env["psa.billing.proposal.line"].sudo().search([("sale_line_id", "=", line.id)])
        rows = rows.filtered(lambda row: row.proposal_state in (*PENDING_STATES, "closed"))
        decided = self.env["psa.adjustment"].sudo()
        decided = decided.search(
            [("sale_line_id", "=", line.id), ("state", "=", "done"), ("on_work", "=", False)]
        )
        units = self._units(self._for_good(line)) + sum(rows.mapped("quantity"))
        money = self._net(self._for_good(line | self._beside(line))) + sum(rows.mapped("amount"))
        return units, money - sum(decided.mapped("amount"))

    def _due(self, line):
        """(units, net amount) of ``line`` that may be billed by now, less what the former system billed"""
        opening = self.env["psa.opening.balance"].sudo().search([("sale_line_id", "=", line.id)])
        units = line.product_uom_qty
        if line.psa_billing_model == "success_fee":
            units = float(line.order_id.psa_success_fee_ids.state == "approved")
        elif line.psa_billing_model == "milestone":
            reached = self.env["project.milestone"].sudo().search([("sale_line_id", "=", line.id)])
            reached = reached.filtered(lambda one: one.is_reached and one.psa_acceptance != "waits")
            reached |= self.reached & self.env["project.milestone"].sudo().search(
                [("sale_line_id", "=", line.id)]
            )
            units = round(sum(reached.mapped("product_uom_qty")), 2)
        money = worth(line, units)
        if plan := line.psa_instalment_ids.sorted("sequence"):
            parts = shares_of(money, plan.mapped("percent"), line.currency_id.rounding)
            money = sum(part for one, part in zip(plan, parts, strict=True) if one in self.due)
        return units - self._billed_before(line), max(money - opening.billed_amount, 0)

    def assert_billed_once(self, line, message):
        """Each part of it is billed, proposed or given up at most once, net of credit notes."""
        units, money = self._taken(line)
        due_units, due = self._due(line)
        told = f"{message}: {line.display_name} {line.psa_billing_model} {units} {money} of {due_units} {due}"
        self.assertLessEqual(round(units, 6), round(max(due_units, 0), 6), told)
        # each invoice and credit note rounds for itself
        self.assertLessEqual(round(money, 2), round(due + self._cents(line), 2), told)

    def _cents(self, line):
        exact = line.psa_billing_model != "milestone"
        return 0 if exact else line.currency_id.rounding * len(line.invoice_lines)

    def assert_all_billed(self, line, message):
        """Nothing of what may be billed is left."""
        units, money = self._taken(line)
        due_units, due = self._due(line)
        told = f"{message}: {line.display_name} {line.psa_billing_model} {units} {money} of {due_units} {due}"
        self.assertAlmostEqual(units, max(due_units, 0), 6, told)
        self.assertAlmostEqual(money, due, delta=self._cents(line) + 0.001, msg=told)

    # -- down payments ---------------------------------------------------------------------

    def assert_down_payment(self, line, message):
        """Not more is deducted than the client was invoiced in advance."""
        adjusting = line.search([("psa_adjusts_line_id", "=", line.id)])
        bills = self._for_good(line | adjusting)
        own = bills.filtered(
            lambda bill: not (bill.move_id.psa_proposal_id or bill.move_id.reversed_entry_id.psa_proposal_id)
        )
        invoiced, deducted = self._net(own, "posted"), -self._net(bills - own)
        told = f"{message}: {line.order_id.name} {line.name} {deducted} of {invoiced}"
        self.assertGreaterEqual(round(deducted, 2), 0, told)
        self.assertLessEqual(round(deducted, 2), round(invoiced, 2), told)
        self.assertAlmostEqual(float(line._psa_deposit_left()), invoiced - deducted, 2, told)

    # -- host ------------------------------------------------------------------------------

    def assert_host_counts(self, line, message):
        """The host's figures of a line are those of its invoices and of the former system."""
        before, paid = self._billed_before(line), 0
        opening = self.env["psa.opening.balance"].sudo().search([("sale_line_id", "=", line.id)])
        if opening:
            paid = opening.billed_amount - opening.rest_line_id.price_subtotal
        if line.psa_rest_of_opening_ids:
            before, paid = line.product_uom_qty, line.price_subtotal
        told = f"{message}: {line.display_name}"
        self.assertAlmostEqual(line.qty_invoiced, before + self._units(line.invoice_lines), 6, told)
        posted = self._net(line.invoice_lines, "posted")
        self.assertAlmostEqual(line.untaxed_amount_invoiced, paid + posted, 2, told)

    # -- caps ------------------------------------------------------------------------------

    def _caps(self, orders, wip):
        """``{line, SOW or agreement: (cap, what is used of it, what of that is proposed or billed)}``"""
        used = defaultdict(lambda: [0, 0])
        for line, amount, settled in self._cap_users(orders, wip):
            head, sow = line._psa_group_head(), line.order_id._psa_sow()
            pools = {agreement: agreement._rate_of(sow) for agreement in sow.psa_agreement_id}
            if line._psa_is_time_material():
                pools |= {head: 1, sow: 1}
            for pool, rate in pools.items():
                used[pool][0] += amount * rate
                used[pool][1] += amount * rate * settled
        caps = {}
        for pool, (amount, settled) in used.items():
            if pool._name == "sale.order.line":
                cap = pool._psa_cap(pool._psa_group_members().get(pool, pool))
            else:
                cap = pool._psa_cap() if pool._name == "sale.order" else pool.cap_amount
            if cap:
                caps[pool] = cap, amount, settled
        return caps

    def _cap_users(self, orders, wip):
        """(SOL, net amount, whether it is proposed or billed) of all that consumes caps"""
        for part in wip.filtered(lambda part: part.state in DELIVERED_STATES):
            yield part.sale_line_id, part.amount, part.state in ("proposed", "billed")
        lines = orders._psa_contract().order_line
        openings = self.env["psa.opening.balance"].sudo().search([("sale_line_id", "in", lines.ids)])
        for opening in openings:
            yield opening.sale_line_id, opening.billed_amount + opening.unbilled_amount, True
        for line in self._fixed(lines) - openings.wip_line_id:
            yield line, self._net(self._for_good(line | self._beside(line))), True
        rows = self.env["psa.billing.proposal.line"].search(
            [("sale_line_id", "in", lines.ids), ("proposal_state", "in", PENDING_STATES)]
        )
        for row in rows.filtered(
            lambda row: not row.is_held and row.sale_line_id not in openings.wip_line_id
        ):
            if not row.sale_line_id._psa_is_time_material():
                yield row.sale_line_id, row.amount, True

    # -- proposals -------------------------------------------------------------------------

    def assert_proposal_adds_up(self, proposal, message):
        """A proposal is the sum of its lines and sections, and its invoices are what it says."""
        lines = proposal.line_ids.filtered(lambda line: not line.is_held)
        self.assertAlmostEqual(proposal.amount, sum(lines.mapped("amount")), 2, message)
        if proposal.section_sums:
            sections = sum(part["amount"] for part in proposal.section_sums)
            self.assertAlmostEqual(proposal.amount, sections, 2, message)
        self.assertEqual(
            proposal.order_ids,
            proposal.order_id | proposal.line_ids.sale_line_id.order_id._psa_sow(),
            message,
        )
        for line in proposal.line_ids:
            product = worth(line.sale_line_id, line.quantity)
            if proposal.state in PENDING_STATES:
                self.assertAlmostEqual(line.amount, product + line.remainder, 2, f"{message} {line.label}")
            billed = line.adjustment_ids.filtered(lambda one: one.state == "done" and not one.on_work)
            if not line.is_added and proposal.state in (*PENDING_STATES, "invoiced"):
                self.assertAlmostEqual(line.fixed_adjustment, sum(billed.mapped("amount")), 2, message)
        for adjustment in self.env["psa.adjustment"].sudo().search([("proposal_id", "=", proposal.id)]):
            sow = adjustment.sale_line_id.order_id._psa_sow()
            self.assertEqual(adjustment.order_id, sow, message)
        if proposal.state == "invoiced" and not (proposal.order_id.psa_payer_ids or "drop_line" in message):
            bills = proposal.invoice_ids.invoice_line_ids.filtered("psa_proposal_line_id")
            self.assertAlmostEqual(self._net(bills), proposal.amount, 2, message)

    def assert_proposal_state(self, proposal, message):
        """A proposal is invoiced as long as an invoice bills something of it."""
        bills = proposal.invoice_ids.invoice_line_ids.filtered(
            lambda bill: bill.psa_proposal_line_id and bill.parent_state != "cancel"
        )
        left = any(round(bill.quantity - sum(self._notes_on(bill).mapped("quantity")), 6) for bill in bills)
        self.assertEqual(proposal.state == "invoiced", left, message)
        parts = proposal.line_ids.wip_ids
        waits = parts.filtered(lambda part: part.state == "proposed")
        self.assertFalse(waits and proposal.state not in PENDING_STATES, message)
        billed = parts.filtered(lambda part: part.state == "billed")
        self.assertFalse(billed and proposal.state != "invoiced", message)
        self.assertFalse(billed.filtered(lambda part: part.invoice_line_id not in bills), message)

    @staticmethod
    def _notes_on(bill):
        return bill.search([("psa_credits_line_id", "=", bill.id), ("parent_state", "=", "posted")])
