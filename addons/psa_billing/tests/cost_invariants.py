"""What holds of costs after every step: what is stored is what the ledger of ``costs_by_hand`` says."""


class CostInvariants:
    def assert_costs_are_billed(self, message):
        """Each share of a posted cost is billed, or waits, once, at what it is worth by hand."""
        self.look()
        wip = self.env["psa.wip.entry"].sudo()
        wip = wip.search([("order_id", "in", self.sows.ids), ("kind", "!=", "time")])
        known = wip.browse()
        for entry in self.cost_moves("posted").line_ids.analytic_line_ids.sudo():
            key, parts = (entry.move_line_id, entry.account_id), entry.psa_wip_ids
            booked = self.ledger.get(key)
            known |= parts
            told = f"{message}: {entry.move_line_id.move_id.name} {entry.name} {entry.account_id.name}"
            told += f" {entry.amount} {self._told(parts)} {parts.sale_line_id.mapped('name')} {booked}"
            expected = float(booked.amount) if booked else 0
            inexact = 0.0001 + (booked.inexact if booked else 0)
            self.assertAlmostEqual(sum(parts.mapped("amount")), expected, delta=inexact, msg=told)
            if parts:
                self.assertEqual(parts.order_id, booked.order, told)
                self.assertEqual(parts.sale_line_id.psa_expense_line_id, booked.terms, told)
                kind = "expense" if entry.move_line_id.expense_id else "bill"
                self.assertEqual(set(parts.mapped("kind")), {kind}, told)
        self.assertFalse(wip - known, f"{message}: of nothing posted {self._told(wip - known)}")
        self.assert_rebilling_lines(wip, message)

    def assert_rebilling_lines(self, wip, message):
        for line in self.sows.sudo().order_line.filtered("psa_rebills"):
            parts = wip.filtered(lambda part, line=line: part.sale_line_id == line)
            told = f"{message}: {line.display_name} {self._told(parts)}"
            self.assertAlmostEqual(line.product_uom_qty, sum(parts.mapped("billable_quantity")), 6, told)
            if not parts:
                self.assertEqual(
                    (line.qty_delivered, line.qty_invoiced, line.qty_to_invoice), (0, 0, 0), told
                )
                self.assertAlmostEqual(line.untaxed_amount_to_invoice, 0, 2, told)

    def assert_states_add_up(self, message):
        """The report shows all of each cost, once."""
        rows = self.env["psa.hour.state"].search(
            [("order_id", "in", self.sows.ids), ("kind", "in", ("expense", "bill"))]
        )
        for order in self.sows:
            own = [one for one in self.ledger.values() if one.order == order]
            found = sum(rows.filtered(lambda row, order=order: row.order_id == order).mapped("amount"))
            inexact = 0.001 + sum(one.inexact for one in own)
            expected = float(sum(one.amount for one in own))
            expected += float(
                sum(
                    self.cut_off(key)
                    for key, one in self.ledger.items()
                    if one.order == order and one.full > 0
                )
            )
            self.assertAlmostEqual(found, expected, delta=inexact, msg=f"{message}: {order.name} {own}")

    def assert_costs_invoiced(self, message):
        """Client invoices less credit notes come to all costs but what was given up."""
        wip = self.env["psa.wip.entry"].sudo()
        wip = wip.search([("order_id", "in", self.sows.ids), ("kind", "!=", "time")])
        waiting = wip.filtered(lambda part: part.state not in ("billed", "written_off") and part.amount)
        left = waiting.filtered(lambda part: part.proposal_id.amount)
        self.assertFalse(left, f"{message}: {self._told(left)}")
        if waiting:  # on a proposal that comes to nothing
            return
        off = wip.filtered(lambda part: part.state == "written_off")
        for order in self.sows.sudo():
            lines = order.order_line.filtered("psa_rebills")
            adjusting = order.order_line.filtered(lambda line, lines=lines: line.psa_adjusts_line_id in lines)
            found = self._net((lines | adjusting).invoice_lines)
            own = [one for one in self.ledger.values() if one.order == order]
            expected = float(sum(one.amount for one in own))
            expected -= sum(off.filtered(lambda part, order=order: part.order_id == order).mapped("amount"))
            inexact = 0.001 + sum(one.inexact for one in own) + sum(map(self.inexact_bills, lines))
            told = f"{message}: {order.name} {own} {self._told(wip)}"
            self.assertAlmostEqual(found, expected, delta=inexact, msg=told)
            for line in lines:
                self.assert_nothing_to_invoice(line, message)


class HourCostInvariants:
    """What hours cost, at 60.00 each, beside the bills of contractors that pay for some."""

    def assert_costs(self, message):
        """Hours that a posted bill pays for cost nothing themselves; others what an hour costs."""
        for entry in self._entries("draft", "submitted", "refused", "approved").sudo():
            cost = 0 if self.pays(entry.psa_cost_bill_line_id) else -60 * entry.unit_amount
            self.assertAlmostEqual(entry.amount, cost, 2, message)

    @staticmethod
    def pays(line):
        """Whether this line of a bill is posted, and the bill not credited in full."""
        bill = line.move_id
        refunds = bill.reversal_move_ids.filtered(lambda move: move.state == "posted")
        left = bill.amount_untaxed - sum(refunds.mapped("amount_untaxed"))
        return line.parent_state == "posted" and round(left, 2) > 0
