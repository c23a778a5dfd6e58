"""Steps that people take on expenses and vendor bills; each says in the ledger what it did."""

from odoo import Command, fields

#: Odd amounts, so that hardly two costs look alike.
AMOUNTS = (87.35, 361, 33.33, 149.99, 12.07, 250)


class CostSteps:
    """For ``RandomCosts``, on the ledger of ``CostsByHand``; what is refused raises before it is booked."""

    # -- records that a step takes ---------------------------------------------------------

    def cost_moves(self, *states):
        """Expenses and bills, and what takes them back."""
        lines = self.env["account.move.line"].search(
            [
                ("product_id", "in", self.products.ids),
                ("move_id.move_type", "not in", ("out_invoice", "out_refund")),
                ("parent_state", "in", states),
                ("company_id", "=", self.company.id),
            ]
        )
        return lines.move_id.sorted("id")

    @staticmethod
    def _lines(move):
        return move.line_ids.filtered(lambda line: line.display_type == "product" and line.product_id)

    def _amount(self, rnd, currency):
        return self._in(currency, rnd.choice(AMOUNTS) + rnd.randint(0, 99) / 100)

    def _post_cost(self, moves):
        self.look()
        moves.action_post()
        for move in moves:
            self.book(move)

    # -- spent -----------------------------------------------------------------------------

    def _step_spend(self, rnd):
        order, product = rnd.choice(self.sows), rnd.choice(self.products)
        currency = rnd.choice((self.company.currency_id, *self.currencies))
        values = {"quantity": rnd.choice((1, 1, 3)), "currency_id": currency.id}
        amount = self._amount(rnd, currency)
        if product == self.mileage:
            amount, values = 0, {"quantity": rnd.choice((30, 171, 47.5))}
        tax = rnd.choice((None, *self.purchase_taxes))
        values["tax_ids"] = [Command.set(tax.ids if tax else [])]
        if rnd.random() < 0.2:
            values["payment_mode"] = "company_account"
        if rnd.random() < 0.2:  # on whatever project it is, its SOW pays
            values["analytic_distribution"] = self._distribution(rnd)
        day = f"2026-03-{rnd.randint(2, 8):02}"
        expense = self._expense(order, amount, product, day, post=False, **values)
        if rnd.random() < 0.8:
            self._post_expenses(expense)

    def _post_expenses(self, expenses):
        self.look()
        action = expenses.action_post()
        if action and action.get("res_model") == "hr.expense.post.wizard":
            wizards = self.env["hr.expense.post.wizard"].with_context(**action["context"])
            wizard = wizards.browse(action["res_id"])
            wizard.accounting_date = "2026-03-31"
            wizard.action_post_entry()
        for move in expenses.account_move_id.sorted("id"):
            self.book(move)

    def _step_post_waiting(self, rnd):
        """Also those whose entry was reversed or cancelled."""
        waiting = self.env["hr.expense"].search(
            [("product_id", "in", self.products.ids), ("state", "=", "approved")]
        )
        self._post_expenses(self._one(rnd, waiting))

    def _step_buy(self, rnd):
        self._make_bill(rnd, "in_invoice")

    def _step_get_back(self, rnd):
        """A credit note of a vendor that reverses no bill."""
        self._make_bill(rnd, "in_refund")

    def _make_bill(self, rnd, move_type):
        currency = rnd.choice((self.company.currency_id, *self.currencies))
        number = rnd.choice((1, 1, 2, 3))
        lines = []
        for product in rnd.sample(list(self.products), number):
            quantity = rnd.choice((1, 1, 3)) if product != self.mileage else rnd.choice((30, 171))
            price = self._amount(rnd, currency) if product != self.mileage else self._in(currency, 0.3)
            tax = rnd.choice((None, *self.purchase_taxes))
            lines.append(
                {
                    "product_id": product.id,
                    "name": product.name,
                    "quantity": quantity,
                    "price_unit": price,
                    "tax_ids": [Command.set(tax.ids if tax else [])],
                    "analytic_distribution": self._distribution(rnd),
                }
            )
        day = fields.Date.to_date(f"2026-{rnd.choice(('03-03', '03-04', '03-09', '04-02'))}")
        bill = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.vendor.id,
                "currency_id": currency.id,
                "invoice_date": day,
                "date": day,
                "invoice_line_ids": [Command.create(values) for values in lines],
            }
        )
        if rnd.random() < 0.85:
            self._post_cost(bill)

    def _distribution(self, rnd):
        orders = rnd.sample(list(self.sows), 2)
        shares = rnd.choice(((100,), (100,), (60, 40), (33.33, 66.67), (50,)))
        return {
            str(order.project_id.account_id.id): share for order, share in zip(orders, shares, strict=False)
        }

    # -- taken back ------------------------------------------------------------------------

    def _step_reverse(self, rnd):
        """All of what is left of it, or a part."""
        move = self._one(rnd, self.cost_moves("posted").filtered(lambda move: not move.reversed_entry_id))
        if move.reversal_move_ids.filtered(lambda one: one.state == "draft"):
            return
        earlier = move.reversal_move_ids.filtered(lambda one: one.state == "posted")
        is_part = rnd.random() < 0.5 and move.move_type != "entry"
        if earlier and (not is_part or move.move_type == "entry"):
            return
        refund = self._draft_credit(move)
        if refund.move_type != "entry":
            refund.invoice_date = fields.Date.to_date(rnd.choice(("2026-03-20", "2026-04-02")))
        pairs = list(zip(self._lines(refund), self._lines(move), strict=True))
        for line, origin in pairs:
            self.assertEqual(line.product_id, origin.product_id)
        if is_part:
            pairs = self._cut_down(rnd, pairs)
        self.look()
        refund.action_post()
        self.origins.update(dict(pairs))
        self.book(refund)

    def _step_correct(self, rnd):
        """The host's button reverses a bill and makes a draft of the right one."""
        moves = self.cost_moves("posted").filtered(
            lambda move: move.move_type == "in_invoice" and not move.reversal_move_ids
        )
        move = self._one(rnd, moves)
        before = self.cost_moves("draft")
        wizard = self._reversal(move, date=fields.Date.to_date("2026-04-02"))
        self.look()
        wizard.modify_moves()
        refund = move.reversal_move_ids
        self.origins.update(zip(self._lines(refund), self._lines(move), strict=True))
        self.book(refund)
        self.assertEqual(len(self.cost_moves("draft") - before), 1)

    def _cut_down(self, rnd, pairs):
        """Some lines of a credit note, at a part of their price or quantity; never more than is left."""
        kept = []
        for line, origin in pairs:
            others = [one for one in self.taking_back(origin) if one.parent_state == "posted"]
            left = abs(origin.amount_currency) - sum(abs(one.amount_currency) for one in others)
            part = rnd.choice((0.25, 0.5, 1 / 3)) if not others or rnd.random() < 0.5 else None
            price = line.price_unit * (part or left / abs(origin.amount_currency))
            line.price_unit = line.currency_id.round(price)
            if not line.price_unit or (len(pairs) > 1 and rnd.random() < 0.3):
                line.unlink()
                continue
            if round(abs(line.amount_currency) - left, 4) > 0:
                raise IndexError("more than is left")
            kept.append((line, origin))
        if not kept:
            raise IndexError("nothing")
        return kept

    def _step_reset_cost(self, rnd):
        move = self._one(rnd, self.cost_moves("posted"))
        self.look()
        move.button_draft()
        self.unbook(move)

    def _step_post_draft(self, rnd):
        self._post_cost(self._one(rnd, self.cost_moves("draft")))

    def _step_change_draft(self, rnd):
        """A bill is corrected before it is posted."""
        moves = self.cost_moves("draft").filtered(
            lambda move: (
                move.move_type == "in_invoice" and not (move.reversal_move_ids or move.reversed_entry_id)
            )
        )
        move = self._one(rnd, moves)
        line = self._one(rnd, self._lines(move))
        line.price_unit = line.currency_id.round(line.price_unit * rnd.choice((0.5, 1.2)))
        self._post_cost(move)

    def _step_cancel_cost(self, rnd):
        move = self._one(rnd, self.cost_moves("draft"))
        self.look()
        move.button_cancel()
        self.matched -= set(move.line_ids)

    def _step_elsewhere(self, rnd):
        """A posted line is put on another project."""
        moves = self.cost_moves("posted").filtered(
            lambda move: (
                move.move_type in ("in_invoice", "in_refund")
                and not (move.reversal_move_ids or move.reversed_entry_id)
            )
        )
        line = self._one(rnd, self._lines(moves))
        if line in self.matched:
            return
        order = rnd.choice(self.sows)
        self.look()
        line.analytic_distribution = {str(order.project_id.account_id.id): 100}
        self.let_through(self.strike_out([key for key in self.ledger if key[0] == line]))
        self.book(line.move_id)

    # -- hours that bills pay for ----------------------------------------------------------

    def _step_pay_hours(self, rnd):
        bills = self.cost_moves("posted").filtered(lambda move: move.move_type == "in_invoice")
        bill = self._one(rnd, bills)
        line = self._one(rnd, self._lines(bill))
        wizard = self.env["psa.expense.match"].create({"move_id": bill.id, "line_id": line.id})
        wizard.write({"date_from": "2026-03-01", "date_to": "2026-03-31"})
        wizard.employee_ids = [Command.set(self.dev.ids)]
        self.look()
        wizard.action_match()
        taking = {line, *self.taking_back(line)}
        self.let_through(self.strike_out([key for key in self.ledger if key[0] in taking]))
        # hours of a bill that is credited in full are paid by the other one
        self.matched = {one for one in self.matched if one.sudo().psa_hour_ids} | {line}

    def _step_unmatch_cost(self, rnd):
        bills = self.env["account.move.line"].union(*self.matched).move_id
        bill = self._one(rnd, bills)
        self.look()
        bill.action_psa_unmatch_hours()
        self.matched -= set(bill.line_ids)
        if bill.state == "posted":
            self.book(bill)

    # -- terms -----------------------------------------------------------------------------

    def _step_limit(self, rnd):
        order = rnd.choice(self.sows).sudo()
        amount = self._in(order.currency_id, rnd.choice((0, 300, 800, 2000)))
        record = rnd.choice((order, *order.order_line.filtered(lambda line: line.psa_expense_limit)))
        record.psa_expense_limit = amount

    def _step_more_terms(self, rnd):
        """A change order says how travel is billed, after all else that was said of it."""
        order = rnd.choice(self.sows)
        change = self.env["sale.order"].browse(order.action_psa_change_order()["res_id"])
        terms = self._terms(
            "markup",
            psa_expense_markup=20,
            psa_expense_limit=self._in(order.currency_id, 600),
            psa_expense_categ_ids=[Command.set(self.travel.ids)],
        )
        values = {"psa_change_reason": "Travel", "psa_requested_by_id": self.client.id, "order_line": [terms]}
        change.write(values)
        self.look()
        change.sudo().action_confirm()
        self.let_through(order)

    def _step_raise_limit(self, rnd):
        """A change order raises the limit of the SOW, or of a line."""
        order = rnd.choice(self.sows.filtered("psa_expense_limit"))
        raised = {"psa_expense_limit_change": self._in(order.currency_id, rnd.choice((50, 300)))}
        lines = order.order_line.filtered(lambda line: line.psa_expense_limit and not line.is_expense)
        if lines and rnd.random() < 0.5:
            raised = {"order_line": [self._amend(lines[0], 0, **raised)]}
        change = self.env["sale.order"].browse(order.action_psa_change_order()["res_id"])
        change.write({"psa_change_reason": "More", "psa_requested_by_id": self.client.id, **raised})
        self.look()
        change.sudo().action_confirm()
        self.let_through(order)

    def _step_policy(self, rnd):
        self.company.psa_expense_over_limit = rnd.choice(("refuse", "no", "no"))
        self.company.psa_expense_default = rnd.choice(("cost", "cost", "no"))

    def _step_decide(self, rnd):
        wip = self.env["psa.wip.entry"].search([("order_id", "in", self.sows.ids), ("is_twice", "=", True)])
        wip._psa_bill_though_alike("Two nights")
