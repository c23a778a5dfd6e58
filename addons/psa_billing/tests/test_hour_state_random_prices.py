"""Whatever becomes of prices: a re-rate does what its preview says, once, and work adds up."""

from collections import defaultdict
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .test_hour_state_random import FIRST, STEPS
from .test_hour_state_random_retainers import RETAINED, RandomRetainers

PRICED = ("card_price", "card_price", "card_step", "rerate", "rerate", "rerate", "rates_from", "work_priced")
PRICED += ("move_priced", "move_part_priced")


class RandomPrices(RandomRetainers):
    """Beside the SOWs of ``RandomRetainers``: one in another currency, by the hour and by the day, and one
    that three clients pay, with a discount and included taxes."""

    CHANGES = (*RandomRetainers.CHANGES, "rates_from", "rates_from")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        currency = cls.setup_other_currency("CHF", rates=[("2026-01-01", 0.8)])
        rows = [
            Command.create({"role_id": role.id, "date_start": "2026-01-01", "price": price, "unit": unit})
            for role, price, unit in ((cls.architect, 163.37, "hour"), (cls.developer, 888.88, "day"))
        ]
        cls.foreign_card = cls.card.copy(
            {"name": "Rates in francs", "currency_id": currency.id, "line_ids": [Command.clear(), *rows]}
        )
        cls.foreign = cls._sow(
            cls._line(cls.architect, cap=700),
            cls._line(cls.developer),
            pricelist_id=cls.env["product.pricelist"].create({"name": "CHF", "currency_id": currency.id}).id,
            psa_rate_card_id=cls.foreign_card.id,
            psa_agreement_id=False,  # its cap is in another currency
            psa_rounding_minutes="15",
            psa_rounding_scope="day",
        )
        cls.taxed = cls._sow(
            cls._line(cls.architect, tax_ids=[Command.set(cls.included.ids)], discount=12.5),
            cls._line(cls.developer, tax_ids=[Command.set(cls.included.ids)]),
            psa_payer_ids=cls._payers((cls.client, 33.33), (cls.fund, 33.33), (cls.other_fund, 33.34)),
        )
        cls.priced = cls.foreign + cls.taxed
        cls.sows += cls.priced
        cls.lines += cls.priced.order_line.filtered("task_id")
        cls.projects = cls.lines.task_id.project_id

    # -- steps -----------------------------------------------------------------------------

    def _step_work_priced(self, rnd):
        line = rnd.choice(self.priced.order_line.filtered("task_id").sorted("id"))
        hours = rnd.choice((0.3333, 1, 2.5, 5, -0.5))
        self._work(line, hours, f"2026-03-{rnd.randint(2, 4):02}")

    def _some_rate(self, rnd):
        cards = self.card + self.foreign_card
        return rnd.choice(cards.line_ids.filtered(lambda row: not row.date_end).sorted("id"))

    def _step_card_price(self, rnd):
        """The card says another price for all of it: a rate takes the place of another."""
        row = self._some_rate(rnd)
        values = row.copy_data({"price": rnd.choice((99.99, 141.7, 150, 165, 33.333))})
        row.sudo().unlink()  # sudo: it may have been signed
        row.create(values)

    def _step_card_step(self, rnd):
        """The card says another price from a day on."""
        row, day = self._some_rate(rnd), fields.Date.to_date(rnd.choice(("2026-03-03", "2026-03-04")))
        if row.date_start >= day:
            return
        row.date_end = day - timedelta(days=1)
        row.copy({"date_start": day, "date_end": False, "price": row.price + rnd.choice((-10, 12.5))})

    def _step_rates_from(self, rnd):
        """A change order sells a line at another price from a day on."""
        line = rnd.choice((self.priced + self.rounded).order_line.filtered("task_id").sorted("id"))
        change = self.env["sale.order"].browse(line.order_id.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "New rates",
                "psa_requested_by_id": self.client.id,
                "psa_effective_date": "2026-03-04",
                "order_line": [
                    Command.create(
                        {
                            "psa_amends_line_id": line.id,
                            "product_uom_qty": 10,
                            "price_unit": rnd.choice((90, 177.77)),
                        }
                    )
                ],
            }
        )
        change.sudo().action_confirm()
        return change

    def _step_rerate(self, rnd):
        wizard = self.env["psa.rerate"].create({"company_id": self.company.id})
        wizard.action_preview()
        before, rows = self._worth(), wizard.line_ids.filtered(lambda row: not row.is_missing)
        expected = defaultdict(float, before)
        for row in rows:
            expected[row.order_id, row.employee_id] += row.difference
        told = [
            (row.order_id.name, row.employee_id.name, row.hours, row.old_price, row.new_price) for row in rows
        ]
        wizard.action_apply()
        after = self._worth()
        for key in {*expected, *after}:
            self.assertAlmostEqual(after[key], expected[key], 2, f"{self.seed}: {key} {told}")
        again = self.env["psa.rerate"].create({"company_id": self.company.id})
        again.action_preview()
        left = again.line_ids.filtered(lambda row: not row.is_missing)
        self.assertFalse(left, f"{self.seed}: {left.mapped('display_name')} after {told}")

    def _worth(self):
        """``{(SOW, person): what the work is worth}``"""
        worth = defaultdict(float)
        for part in self.env["psa.wip.entry"].search([("order_id", "in", self.sows.ids)]):
            worth[part.order_id, part.employee_id] += part.amount
        return worth

    def _step_move_priced(self, rnd):
        part, target = self._priced_work(rnd)
        part._psa_move(target)

    def _step_move_part_priced(self, rnd):
        part, target = self._priced_work(rnd)
        part._psa_move_part(round(part._psa_hours_to_move() * rnd.choice((0.33, 0.5, 1)), 2), target)

    def _priced_work(self, rnd):
        states = ("open", "held", "over_cap", "proposed")
        parts = self.env["psa.wip.entry"].search(
            [("order_id", "in", self.priced.ids), ("state", "in", states)], order="id"
        )
        part = rnd.choice(parts)
        return part.sudo(), rnd.choice(part.order_id.order_line.filtered("task_id").sorted("id"))

    # -- one example -----------------------------------------------------------------------

    def check_any_order_of_steps(self, seed):  # pylint: disable=missing-return  # a check
        self.seed = seed
        super().check_any_order_of_steps(seed)

    def steps(self, rnd):
        more = rnd.choices(PRICED * 3 + RETAINED + STEPS, k=9)
        return (*FIRST, "work_priced", "work_priced", "card_price", "rerate", *more)


@tagged("post_install", "-at_install")
class TestPricesAddUp(RandomPrices):
    def test_twenty_random_histories(self):
        for seed in range(20):
            self.check_any_order_of_steps(seed)


@tagged("post_install", "-at_install", "slow")
class TestPricesAlwaysAddUp(RandomPrices):
    def test_five_hundred_random_histories(self):
        for seed in range(1000, 1500):
            self.check_any_order_of_steps(seed)
