"""Whatever happens to a retainer that several clients pay: its work, its periods and the shares add up."""

from collections import defaultdict

from odoo import Command
from odoo.tests import tagged

from .ending_steps import EndingSteps
from .test_hour_state_random import FIRST, STEPS, RandomWork
from .test_retainer_periods import PsaRetainerCase
from .work_invariants import RetainerInvariants

#: After these, money that was billed of periods is what somebody typed.
TYPED = ("edited_note", "lower_price", "total", "credit_work")
#: These credit some work of an invoice, not all of it.
CENTS_STAY = ("credit_work", "edited_note")
RETAINED = ("log_retained", "work_retained", "work_retained", "credit_payer", "credit_payer", "months")
RETAINED += ("share_payers", "close_period", "reopen_period", "move_within", "move_part_within")
RETAINED += ("move_part_within", "split_within", "split_within", "fewer_months", "fewer_months", "months")
RETAINED += ("end_early", "end_early", "end_signed_again", "bill_endless", "lower_draft", "lower_draft")


class RandomRetainers(RetainerInvariants, EndingSteps, RandomWork, PsaRetainerCase):
    """Beside the SOWs of ``RandomWork``: a retainer of four hours a month that the client and two funds pay,
    33.33, 33.33 and 33.34 %, at a price with taxes in it, one of money, in yen, by two payers, whose
    time is rounded by the day, and one without end."""

    CHANGES = ("change_order", "fewer_months", "end_early")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement.cap_amount = 20000
        cls.hours = cls._sow(
            cls._line(
                cls.architect,
                3,
                "retainer",
                price_unit=1000,
                psa_retainer_hours=4,
                tax_ids=[Command.set(cls.included.ids)],
            ),
            cls._line(cls.developer, price_unit=133.33),
            cls._line(cls.developer, 5, "fixed", price_unit=90),
            psa_agreement_id=cls.agreement.id,
            psa_payer_ids=cls._payers((cls.client, 33.33), (cls.fund, 33.33), (cls.other_fund, 33.34)),
        )
        yen = cls.setup_other_currency("JPY", rates=[("2026-01-01", 160)])
        cls.money = cls._sow(
            cls._line(
                cls.architect,
                3,
                "retainer",
                price_unit=77777,
                discount=12.5,
                psa_retainer_hours=0,
                psa_retainer_grant="money",
                psa_retainer_amount=50000,
                psa_retainer_role_ids=[Command.set((cls.architect | cls.developer).ids)],
            ),
            cls._line(cls.developer, price_unit=8777, discount=12.5),
            pricelist_id=cls.env["product.pricelist"].create({"name": "JPY", "currency_id": yen.id}).id,
            psa_agreement_id=False,  # its cap is in another currency
            psa_rounding_minutes="15",
            psa_rounding_scope="day",
            psa_payer_ids=cls._payers((cls.fund, 66.67), (cls.client, 33.33)),
        )
        more = cls.hours + cls.money + cls._make_endless()
        cls.retainers += more
        cls.sows += more
        cls.lines += more.order_line.filtered("task_id")
        cls.projects = cls.lines.task_id.project_id

    # -- steps -----------------------------------------------------------------------------

    def _step_log_retained(self, rnd):
        line = rnd.choice((self.hours + self.money + self.endless).order_line.filtered("task_id"))
        hours = rnd.choice((0.3333, 1, 2.5, 5, -0.5))
        return self._log(line, hours, f"2026-{rnd.choice(('03', '03', '04'))}-{rnd.randint(2, 4):02}")

    def _step_work_retained(self, rnd):
        self._step_log_retained(rnd).action_psa_approve()

    def _step_months(self, rnd):
        """The bills of a month, or of two at once."""
        self._propose("2026-03-01", rnd.choice(("2026-03-31", "2026-04-30")))
        proposals = self._proposals("draft").filtered(lambda one: one.order_id in self.hours + self.money)
        self._invoice(self._some(rnd, proposals), post=rnd.random() < 0.5)

    def _step_fewer_months(self, rnd):
        """A change order sells fewer months, whatever is billed of them, or more."""
        order = rnd.choice((self.hours, self.money))
        quantity = rnd.choice((-2.5, -2, -1.5, -0.25, 0.5, 1))
        return self._change(order, (quantity, order.order_line[0].price_unit, 4), effective="2026-03-01")

    def _step_credit_payer(self, rnd):
        """All that one of the clients was billed on one invoice of a retainer is credited."""
        proposals = self._proposals("invoiced").filtered(lambda one: one.order_id in self.hours + self.money)
        invoices = proposals.invoice_ids.filtered(
            lambda invoice: invoice.psa_payer_id and invoice.payment_state != "reversed"
        )
        invoice = rnd.choice(invoices.sorted("id"))
        self._post_invoice(invoice)
        self._credit(invoice)

    def _step_lower_draft(self, rnd):
        """Somebody bills less, or more, on a draft invoice of a retainer, or as much as was proposed."""
        proposals = self._proposals("invoiced").filtered(lambda one: one.order_id in self.retainers)
        drafts = proposals.invoice_ids.filtered(lambda move: move.state == "draft")
        bills = self._without_adjustments(drafts.invoice_line_ids.filtered("psa_proposal_line_id"))
        bill = rnd.choice(bills.filtered(lambda bill: bill.sale_line_ids.psa_billing_model == "retainer"))
        before = bill.quantity
        for quantity in rnd.choice(((0,), (0.5,), (0.3, 0.8), (0.5, 1), (0.2, 0.7, 1), (0, 1))):
            bill.quantity = round(before * quantity, 2)

    def _work_within(self, rnd, *states):
        """Work of one entry of a SOW with several lines, and one of these."""
        parts = self.env["psa.wip.entry"].search(
            [("order_id", "in", (self.hours + self.money).ids), ("state", "in", states)], order="id"
        )
        part = rnd.choice(parts)
        lines = part.order_id.order_line.filtered("task_id").sorted("id")
        return part.sudo(), rnd.choice(lines)

    def _step_move_within(self, rnd):
        work, target = self._work_within(rnd, "covered", "open", "held", "over_cap", "proposed")
        work._psa_move(target)

    def _step_move_part_within(self, rnd):
        work, target = self._work_within(rnd, "covered", "open", "held", "over_cap", "proposed")
        work._psa_move_part(round(work._psa_hours_to_move() * rnd.choice((0.33, 0.5, 1)), 2), target)

    def _step_split_within(self, rnd):
        """Of what waits."""
        work, _target = self._work_within(rnd, "open", "held")
        work._psa_split_waiting(round(work._psa_hours_to_move() * rnd.choice((0.2, 0.5)), 2))

    def _step_share_payers(self, rnd):
        share = rnd.choice((20, 33.33, 50))
        lead, other, last = self.hours.sudo().psa_payer_ids
        self.hours.sudo().psa_payer_ids = [
            Command.update(payer.id, {"share": part})
            for payer, part in ((lead, share), (other, 30), (last, 70 - share))
        ]

    def _some_period(self, rnd):
        periods = self.env["psa.retainer.period"].search([("order_id", "in", self.retainers.ids)], order="id")
        return self._some(rnd, periods)

    def _step_close_period(self, rnd):
        self._some_period(rnd).action_close()

    def _step_reopen_period(self, rnd):
        self._some_period(rnd).action_reopen()

    # -- one example -----------------------------------------------------------------------

    def steps(self, rnd):
        billed = rnd.choice(("months", "work_retained"))
        return (*FIRST, "work_retained", "work_retained", billed, *rnd.choices(RETAINED * 2 + STEPS, k=8))

    def assert_entries(self, wip, message):  # pylint: disable=missing-return  # a check
        """Where chosen work of one payer is credited, the cents of the shares stay on the invoice, with other
        work of its line: then they sum up by line, no more by entry."""
        self.beside, self.by_line = defaultdict(float), any(step in message for step in CENTS_STAY)
        super().assert_entries(wip, message)
        for line, beside in self.beside.items():
            self.assertAlmostEqual(beside, 0, 6, f"{message}: {line.name}")

    def _beside_rated(self, line, parts):
        beside = super()._beside_rated(line, parts)
        if not (self.by_line and line.order_id._psa_sow().psa_payer_ids):
            return beside
        self.beside[line] += beside
        return 0

    def assert_invariants(self, orders, message):  # pylint: disable=missing-return  # a check
        super().assert_invariants(orders, message)
        typed = any(step in message for step in TYPED)
        self.assert_periods_add_up(self.retainers.sudo(), message, typed)
        self.assert_drawn(self.retainers.sudo(), message)
        self.assert_ends(message)

    def assert_adds_up(self, message):  # pylint: disable=missing-return  # a check
        super().assert_adds_up(message)
        self.assert_settles_endless(message)


@tagged("post_install", "-at_install")
class TestSharedRetainersAddUp(RandomRetainers):
    def test_twenty_random_histories(self):
        for seed in range(20):
            self.check_any_order_of_steps(seed)


@tagged("post_install", "-at_install", "slow")
class TestSharedRetainersAlwaysAddUp(RandomRetainers):
    def test_five_hundred_random_histories(self):
        for seed in range(1000, 1500):
            self.check_any_order_of_steps(seed)
