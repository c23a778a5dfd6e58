"""Whatever happens to expenses and vendor bills: each is billed once, at what the contract says."""

from odoo import Command
from odoo.tests import tagged

from .costs_by_hand import RATES_BY_DAY, CostsByHand
from .costs_steps import CostSteps
from .money_sows import SHARES
from .test_hour_state_random_grouped import RandomMoney

SPENT = ("spend", "spend", "spend", "buy", "buy", "buy", "get_back", "post_waiting")
UNDONE = ("reverse", "reverse", "reverse", "reverse", "reset_cost", "reset_cost", "post_draft", "post_draft")
UNDONE += ("change_draft", "correct", "more_terms", "raise_limit", "raise_limit")
UNDONE += ("cancel_cost", "elsewhere", "pay_hours", "unmatch_cost", "limit", "policy", "decide")
REVIEWED = ("work", "week", "hold", "release", "write_off", "write_off", "take_off_back", "take_off_back")
REVIEWED += ("bill_amount", "bill_quantity", "total", "hold_line", "release_line", "close", "cap", "payers")
REVIEWED += ("cancel", "reset", "write_off_lines", "split", "agreement_cap", "reopen_correct")
REVIEWED += ("sign_again", "sign_again", "change_back", "other_payer")
BILLED = ("run", "run", "run", "run_again", "bill", "bill", "bill", "make_again", "take_back", "credit_work")
BILLED += ("drop_line",)
BILLED += ("credit_all", "credit_units", "delete_invoice", "cancel_invoice", "redraft", "edited_note")
#: After these the money of credit notes is what somebody typed.
TYPED = ("edited_note", "credit_units", "credit_work")


class RandomCosts(CostsByHand, CostSteps, RandomMoney):
    """A capped SOW with terms and limits, one without any, and one in another currency that several clients
    pay; and steps that people take on their costs, in any order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.travel = cls.env["product.category"].create({"name": "Travel"})
        cls.train = cls._expense_product("Train", "cost", categ_id=cls.travel.id)
        cls.printing = cls._expense_product("Printing", "cost")
        cls.products = cls.hotel + cls.train + cls.printing + cls.mileage
        for code, rates in RATES_BY_DAY.items():
            cls.setup_other_currency(code, rates=list(rates))
        cls.currencies = cls.company.currency_id + cls.pricelists["CHF"].currency_id
        cls.currencies += cls.pricelists["JPY"].currency_id
        purchase = cls.company_data["default_tax_purchase"]
        cls.purchase_taxes = [
            purchase.copy({"name": f"{rate} % {how}", "amount": rate, "price_include_override": how})
            for rate, how in ((10, "tax_included"), (19, "tax_excluded"))
        ]

    # -- what was sold ---------------------------------------------------------------------

    def _sell(self, rnd):
        for product in self.products:
            product.taxes_id = rnd.choice((self.tax, *self.taxes))
        home = self.company.currency_id
        self.capped = self._sow(
            self._line(self.architect, **self._taxed(rnd)),
            self._line(self.developer, **self._taxed(rnd)),
            *self._expense_terms(rnd, home),
            psa_cap_amount=rnd.choice((0, 1500)),
            psa_expense_limit=rnd.choice((0, 0, 700)),
            psa_agreement_id=self.agreement.id,
        )
        self.plain = self._sow(
            self._line(self.developer, **self._taxed(rnd)),
            psa_expense_limit=rnd.choice((0, 500)),
            psa_agreement_id=self.agreement.id,
        )
        pricelist = self.pricelists[rnd.choice(("CHF", "JPY"))]
        payers = zip((self.client, self.fund, self.other_fund), rnd.choice(SHARES), strict=False)
        self.shared = self._sow(
            self._line(self.architect, **self._taxed(rnd)),
            *self._expense_terms(rnd, pricelist.currency_id),
            pricelist_id=pricelist.id,
            psa_agreement_id=False,
            psa_payer_ids=self._payers(*payers),
            psa_cap_amount=self._in(pricelist.currency_id, rnd.choice((0, 0, 1200))),
            psa_expense_limit=self._in(pricelist.currency_id, rnd.choice((0, 0, 900))),
            **self._by_time(rnd, pricelist.currency_id),
        )
        self.sows = self.capped + self.plain + self.shared
        self.lines = self.sows.order_line.filtered("task_id")
        self.projects = self.lines.task_id.project_id

    @staticmethod
    def _in(currency, amount):
        return currency.round(amount * (160 if currency.name == "JPY" else 1))

    def _expense_terms(self, rnd, currency):
        """For travel, for kilometres, and mostly for all else."""
        item, limit = (self._in(currency, rnd.choice((0, 0, amount))) for amount in (110, 400))
        values = {"psa_expense_limit": limit, "psa_expense_in_cap": rnd.random() < 0.5}
        values["psa_cap_amount"] = self._in(currency, rnd.choice((0, 0, 0, 300)))
        terms = [
            self._terms(
                "markup",
                psa_expense_markup=rnd.choice((7, 12.5)),
                psa_expense_item_limit=item,
                psa_expense_categ_ids=[Command.set(self.travel.ids)],
                psa_expense_in_cap=rnd.random() < 0.5,
            ),
            self._terms(
                "unit",
                price_unit=self._in(currency, 0.55),
                psa_expense_item_limit=self._in(currency, rnd.choice((0, 0, 0.5))),
                psa_expense_product_ids=[Command.set(self.mileage.ids)],
                **self._taxed(rnd),
            ),
        ]
        rest = rnd.choice(("cost", "markup", "unit", None))
        if rest == "unit":
            terms.append(
                self._terms("unit", price_unit=self._in(currency, 99.9), **self._taxed(rnd), **values)
            )
        elif rest:
            terms.append(self._terms(rest, psa_expense_markup=5, **values))
        return terms

    # -- one example -----------------------------------------------------------------------

    def steps(self, rnd):
        more = rnd.choices(SPENT * 2 + UNDONE * 2 + REVIEWED + BILLED, k=14)
        return ("work", "spend", "buy", "policy", "buy", *more)

    def check_any_order_of_steps(self, seed):  # pylint: disable=missing-return  # a check
        self.start_ledger()
        super().check_any_order_of_steps(seed)

    def assert_invariants(self, orders, message):  # pylint: disable=missing-return  # a check
        super().assert_invariants(orders, message)
        self.cut_freed()
        self.assert_costs_are_billed(message)

    def _beside_rated(self, line, parts):
        """Of costs the ledger says what they are worth: prices of units may have more digits than SOLs."""
        return 0 if line.psa_rebills else super()._beside_rated(line, parts)

    def _cap_users(self, orders, wip):
        """Costs use caps where their terms say so."""
        for line, amount, settled in super()._cap_users(orders, wip):
            if not line.psa_rebills or line.psa_expense_line_id.psa_expense_in_cap:
                yield line, amount, settled

    def _amount_by_hand(self, line):
        work = line.wip_ids
        if not line.sale_line_id.psa_rebills:
            return super()._amount_by_hand(line)
        entries = work.analytic_line_id
        if line.adjustment_ids or self._was_adjusted(work) or entries.psa_wip_ids - work:
            return None
        booked = [self.ledger[entry.move_line_id, entry.account_id] for entry in entries]
        if any(one.inexact for one in booked) or self.inexact_bills(line.sale_line_id):
            return None
        return float(sum(one.amount for one in booked))

    def assert_adds_up(self, message):  # pylint: disable=missing-return  # a check
        self.assert_states_add_up(message)
        super().assert_adds_up(message)
        if len(self.ledger) % 2 and not any(step in message for step in TYPED):
            self.assert_nothing_stays(f"{message}, all back")

    def assert_settles(self, message):
        """All costs are billed in the end, once, and then there is nothing left."""
        self._lift_limits()
        self._proposals("reviewed", "approved", "closed").action_reset()
        self._proposals("draft").action_cancel()
        wip = self.env["psa.wip.entry"].search([("order_id", "in", self.sows.ids)])
        if held := wip.filtered(lambda part: part.state == "held"):
            held.action_release()
        self.look()  # what reviews gave away is back
        self._bill_all(self._propose(False, "2026-12-31"), message)
        message = f"{message}, then all"
        self.assert_invariants(self.sows, message)
        if not any(step in message for step in TYPED):
            self.assert_costs_invoiced(message)
            self.assert_work_is_billed(self.sows.sudo(), message)
        left = self._propose(False, "2026-12-31")
        self.assertFalse(left, f"{message}: {left.mapped('amount')}")

    def _lift_limits(self):
        self.company.psa_billing_review = False
        self.company.psa_expense_over_limit = "no"
        self.agreement.cap_amount = 0
        orders = self.sows.sudo()
        orders.psa_cap_amount = orders.psa_expense_limit = 0
        contract = orders._psa_contract()
        contract.psa_expense_limit_change = 0
        lines = contract.order_line
        lines.psa_expense_limit = lines.psa_expense_limit_change = 0
        lines.filtered("psa_cap_amount").psa_cap_amount = 0
        twice = [("order_id", "in", self.sows.ids), ("is_twice", "=", True)]
        self.env["psa.wip.entry"].search(twice).sudo().analytic_line_id.psa_twice_reason = "Two nights"

    def assert_nothing_stays(self, message):
        """Invoices are credited, write-offs taken back and all costs reset: SOWs have nothing of them."""
        for move in self._moves("posted"):
            if move.move_type == "out_invoice":
                self._credit(move)
            else:
                move.button_draft()
                move.unlink()
        self._proposals("draft").action_cancel()
        off = [("order_id", "in", self.sows.ids), ("kind", "!=", "time"), ("state", "=", "written_off")]
        if given_up := self.env["psa.wip.entry"].search(off):
            given_up.action_undo_adjustments()
        for move in self.cost_moves("posted").sorted("id", reverse=True):
            self.look()
            move.button_draft()
            self.unbook(move)
        self.assert_invariants(self.sows, message)
        self.assertFalse(self.ledger, message)
        lines = self.sows.sudo().order_line.filtered("psa_rebills")
        for line in lines:
            figures = line.product_uom_qty, line.qty_delivered, line.qty_invoiced, line.qty_to_invoice
            self.assertEqual(figures, (0, 0, 0, 0), f"{message}: {line.display_name}")


@tagged("post_install", "-at_install")
class TestCostsAddUp(RandomCosts):
    def test_twelve_random_histories(self):
        self.check_histories(range(12), each=4)


@tagged("post_install", "-at_install", "slow")
class TestCostsAlwaysAddUp(RandomCosts):
    def test_five_hundred_random_histories(self):
        self.check_histories(range(1000, 1500), each=2)
