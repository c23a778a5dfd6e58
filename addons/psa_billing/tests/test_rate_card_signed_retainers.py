"""A rate at which work draws on a signed retainer of money is ended, not written over."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestRateCardSignedRetainers(PsaRetainerCase):
    """The card has an architect at 150.00 and a developer at 100.00 from 1 January 2026 on. Retainers grant
    1,000.00 a month from March to May; no line sells time."""

    def setUp(self):
        super().setUp()
        frozen = freeze_time("2026-03-10 12:00:00")
        frozen.start()
        self.addCleanup(frozen.stop)
        self.rater = self._user("rater", "psa_contracts.group_psa_rate_manager")
        self.architects, self.developers = self.card.with_user(self.rater).line_ids.sorted(
            "price", reverse=True
        )

    def _money(self, *roles, **values):
        values.setdefault("psa_retainer_role_ids", [Command.set([role.id for role in roles])])
        return self._retainer(hours=0, psa_retainer_grant="money", psa_retainer_amount=1000, **values)

    def _assert_kept(self, rate, *orders):
        names = ".*".join(order.name for order in orders)
        with self.assertRaisesRegex(UserError, f"signed statements of work.*{names}"), self.cr.savepoint():
            rate.price += 10
        with self.assertRaisesRegex(UserError, "signed statements of work"), self.cr.savepoint():
            rate.unlink()
        self.env.invalidate_all()

    def test_the_rates_of_the_roles_that_draw_on_it_stay(self):
        """4 h of the architect on the 2nd are 600.00 of March; so they are when they are logged after
        somebody tried to write 160.00. The developer does not draw."""
        order = self._sow(self._money(self.architect))
        self._assert_kept(self.architects, order)
        self.developers.price = 110
        self._work(order.order_line, 4)
        self.assertEqual(self._periods(order)[0].used, 600)
        self.assertEqual((self.architects.is_signed, self.developers.is_signed), (True, False))
        action = self.architects.with_user(self.env.user).action_view_signed()
        self.assertEqual(self.env["sale.order"].search(action["domain"]), order)

    def test_every_role_that_is_named_stays(self):
        order = self._sow(self._money(self.architect, self.developer))
        for rate in (self.architects, self.developers):
            self._assert_kept(rate, order)

    def test_on_a_retainer_in_no_role_everybody_s_rate_stays(self):
        """Whoever works on its task draws on it."""
        product = self.architect.psa_time_product_id.copy({"service_policy": "delivered_manual"})
        order = self._sow(self._money(psa_role_id=False, product_id=product.id))
        self.assertFalse(order.order_line.psa_role_id)
        for rate in (self.architects, self.developers):
            self._assert_kept(rate, order)

    def test_so_does_a_price_of_ones_own(self):
        order = self._sow(self._money(self.architect))
        own = self.env["psa.rate.card.line"].with_user(self.rater)
        values = {
            "card_id": self.card.id,
            "role_id": self.architect.id,
            "date_start": "2026-01-01",
            "price": 180,
        }
        self._assert_kept(own.create({**values, "employee_id": self.ann.id}), order)

    def test_from_a_day_on_another_price_is_drawn(self):
        """Ended on the 15th, 160.00 from the 16th on: 2 h at 150.00 and 2 h at 160.00 are 620.00, in
        whichever order they are logged. What is to begin in April is a plan."""
        order = self._sow(self._money(self.architect))
        self.architects.date_end = "2026-03-15"
        rates = self.architects.with_user(self.rater)
        next_rate, plan = (
            rates.create({"card_id": self.card.id, "role_id": self.architect.id, **values})
            for values in (
                {"date_start": "2026-03-16", "date_end": "2026-03-31", "price": 160},
                {"date_start": "2026-04-01", "price": 170},
            )
        )
        for day in ("2026-03-20", "2026-03-10"):
            self._work(order.order_line, 2, day)
        self.assertEqual(self._periods(order)[0].used, 620)
        next_rate.price = 165  # its first day has not come
        with freeze_time("2026-03-16 12:00:00"):
            self._assert_kept(next_rate, order)
        plan.price = 175

    def test_what_no_work_draws_at_is_free(self):
        """Hours are granted, or nothing was signed, or it was cancelled; a role that the card of another
        client has."""
        self._sow(self._retainer())
        self._sow(self._money(self.architect), confirm=False)
        order = self._sow(self._money(self.architect))
        order.sudo().with_context(psa_left_unbilled_is_known=True).action_cancel()
        other = self.env["res.partner"].create({"name": "Other"})
        theirs = self.card.copy({"name": "Theirs", "partner_id": other.id}).with_user(self.rater).line_ids[0]
        for rate in (self.architects, self.developers, theirs):
            rate.price += 5

    def test_behind_a_narrower_card_a_rate_is_free(self):
        own = self.card.copy({"name": "Client's", "partner_id": self.client.id}).with_user(self.rater)
        order = self._sow(self._money(self.architect))
        self.architects.price = 155
        self._assert_kept(own.line_ids.filtered(lambda rate: rate.role_id == self.architect), order)

    def test_a_retainer_of_a_change_order_counts(self):
        order = self._sow(self._line(self.developer))
        self._change_order(order, self._money(self.architect))
        self._assert_kept(self.architects, order)

    def test_many_retainers_are_asked_with_as_many_queries(self):
        def queries(count):
            for _number in range(count):
                self._sow(self._money(self.architect, self.developer))
            return self._count_queries((self.architects | self.developers)._psa_signed_at)

        few, many = queries(1), queries(6)
        self.assertLessEqual(many, few)


@tagged("post_install", "-at_install")
class TestRatesDrawnAreThoseSigned(PsaRetainerCase):
    """The SOW's card has an architect at 100.00 €, and 1.00 is 0.80 €: 125.00 an hour. The retainer grants
    1,000.00 a month from March to May. The exchange rate of its first day is entered on 9 March: 1.00 is
    0.50 €, 200.00 an hour."""

    def setUp(self):
        super().setUp()
        frozen = freeze_time("2026-03-09 12:00:00")
        frozen.start()
        self.addCleanup(frozen.stop)
        self.euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.8)])
        self.foreign = self.card.copy({"name": "Foreign", "currency_id": self.euro.id})
        self.rate = self.foreign.line_ids.filtered(lambda rate: rate.role_id == self.architect)
        self.rate.price = 100

    def _money(self, **values):
        return self._retainer(hours=0, psa_retainer_grant="money", psa_retainer_amount=1000, **values)

    def _order(self, *lines):
        return self._sow(*(lines or [self._money()]), psa_rate_card_id=self.foreign.id)

    def _exchange(self, day="2026-03-01", rate=0.5):
        self.env["res.currency.rate"].create(
            {"currency_id": self.euro.id, "name": day, "rate": rate, "company_id": self.company.id}
        )

    def _used(self, order, *days, **values):
        """What an hour of the architect (or another) on each of ``days`` draws."""
        drawn = []
        for day in days:
            before = sum(self._periods(order).mapped("used"))
            self._work(order.order_line[0], 1, day, **values)
            drawn.append(round(sum(self._periods(order).mapped("used")) - before, 2))
        return drawn

    def test_an_exchange_rate_that_comes_later_draws_no_other_amount(self):
        """125.00 before and 125.00 after, in March and in April."""
        order = self._order()
        self.assertEqual(self._used(order, "2026-03-02"), [125])
        self._exchange()
        self.assertEqual(self._used(order, "2026-03-03", "2026-04-01"), [125, 125])

    def test_nor_where_nobody_had_worked_when_it_came(self):
        order = self._order()
        self._exchange()
        self.assertEqual(self._used(order, "2026-03-02"), [125])

    def test_beside_a_line_by_the_hour_it_draws_the_price_of_the_line(self):
        """The line was written at 125.00, and so it was signed after the exchange rate had come."""
        order = self._sow(
            self._money(), self._line(self.architect), psa_rate_card_id=self.foreign.id, confirm=False
        )
        self._exchange()
        order.sudo().action_confirm()
        self.assertEqual(order.order_line[1].price_unit, 125)
        self.assertEqual(self._used(order, "2026-03-02"), [125])

    def test_what_is_over_it_is_billed_at_that_rate(self):
        """Nine hours are 1,125.00: eight are covered, one is billed at 125.00."""
        order = self._order()
        self._exchange()
        entry = self._work(order.order_line, 9, "2026-03-02")
        self.assert_wip(entry, ("covered", 8, 0, 0), ("open", 1, 1, 125))

    def test_the_rate_that_follows_is_converted_when_it_is_drawn_first(self):
        """160.00 € from 1 April on, and 1.00 is 0.64 € that day: 250.00; an exchange rate of the day that
        comes after the first hour draws 250.00, too."""
        order = self._order()
        self.rate.date_end = "2026-03-31"
        self.rate.copy({"date_start": "2026-04-01", "date_end": False, "price": 160})
        self._exchange("2026-03-31", 0.64)
        with freeze_time("2026-04-02 12:00:00"):
            self.assertEqual(self._used(order, "2026-04-01"), [250])
            self._exchange("2026-04-01", 0.5)
            self.assertEqual(self._used(order, "2026-03-31", "2026-04-02"), [125, 250])

    def test_it_is_nothing_to_rate_again(self):
        order = self._order()
        self._used(order, "2026-03-02")
        self._exchange()
        wizard = self.env["psa.rerate"].create({"company_id": self.company.id, "order_ids": order})
        wizard.action_preview()
        self.assertFalse(wizard.line_ids)

    def test_signed_anew_it_draws_at_the_rates_of_then(self):
        order = self._order()
        self._exchange()
        order._action_cancel()
        order.action_draft()
        order.sudo().action_confirm()
        self.assertEqual(self._used(order, "2026-03-02"), [200])

    def test_a_rate_that_is_missing_may_be_entered_yet(self):
        """Signed without an exchange rate; the first that comes holds: 200.00, and not 125.00 later."""
        self.euro.rate_ids.unlink()
        order = self._order()
        self._exchange()
        self.assertEqual(self._used(order, "2026-03-02"), [200])
        self.euro.rate_ids.rate = 0.8
        self.assertEqual(self._used(order, "2026-03-03"), [200])

    def test_a_card_that_comes_in_front_later_draws_no_other_amount(self):
        """The client's own card says nothing of developers: the company's 100.00 is signed. Later it says
        90.00; from April on also the client's 80.00 holds, which began on no day that was signed."""
        self.foreign.active = False
        own = self.card.copy({"name": "Client's", "partner_id": self.client.id, "line_ids": False})
        values = {"card_id": own.id, "date_start": "2026-01-01"}
        self.rate.create([{**values, "role_id": self.architect.id, "price": 180}])
        roles = [Command.set([self.architect.id, self.developer.id])]
        order = self._sow(self._money(psa_retainer_role_ids=roles), psa_rate_card_id=own.id)
        work = {"employee": self.dev, "psa_role_id": self.developer.id}
        later = self.rate.create([{**values, "role_id": self.developer.id, "price": 90}])
        self.assertEqual(self._used(order, "2026-03-02", **work), [100])
        signed = self.card.line_ids.filtered(lambda rate: rate.role_id == self.developer)
        self.assertEqual((signed.is_signed, later.is_signed), (True, False))
        later.write({"date_start": "2026-04-01", "price": 80})
        self.assertEqual(self._used(order, "2026-03-03", "2026-04-01", **work), [100, 80])
