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
