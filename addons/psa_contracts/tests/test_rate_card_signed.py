"""A rate that signed work is priced by is not written over: another price begins on a day of its own."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestRateCardSigned(PsaContractsCase):
    """The card has an architect at 200 and a developer at 120 from 1 January 2026 on; SOWs run from March to
    May 2026. Rates are written by their manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, login="rates", groups="psa_contracts.group_psa_rate_manager")
        cls.eve = cls._person("eve", "psa_project.group_psa_user", role=cls.architect)

    def setUp(self):
        super().setUp()
        frozen = freeze_time("2026-03-10 12:00:00")
        frozen.start()
        self.addCleanup(frozen.stop)

    def _rates(self, role=None, card=None):
        rates = (card or self.card).with_user(self.user).line_ids
        return rates.filtered(lambda rate: rate.role_id == (role or self.architect))

    def _signed(self, *lines, **values):
        order = self._sow(*(lines or [self._hours(self.architect, 40)]), **values)
        order.action_confirm()
        return order

    def _assert_kept(self, rate, message="is a price of signed statements of work", **values):
        before = rate.read([*values])
        with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
            rate.write(values or {"price": 230})
        self.assertEqual(rate.read([*values]), before)

    def test_a_price_that_was_signed_is_not_written_over(self):
        draft = self._sow(self._hours(self.architect, 40))
        self._rates().price = 190  # nothing was signed yet
        self.assertEqual(self._sow(self._hours(self.architect, 1)).order_line.price_unit, 190)
        order = self._signed()
        self._assert_kept(self._rates(), f"Architect, 01/01/2026 – … on the card Standard.*{order.name}")
        self.assertNotIn(draft.name, order.name)

    def test_nothing_of_it_changes_but_its_last_day(self):
        self._signed()
        rate = self._rates()
        for values in (
            {"price": 0},
            {"unit": "day"},
            {"date_start": "2026-03-01"},
            {"role_id": self.developer.id},
            {"employee_id": self.eve.id},
            {"location_id": self._place("Zurich").id},
            {"card_id": self._card("Other", []).id},
        ):
            with self.subTest(values):
                self._assert_kept(rate, **values)
        with self.assertRaisesRegex(UserError, "signed statements of work"), self.cr.savepoint():
            rate.unlink()
        with self.assertRaisesRegex(UserError, "signed statements of work"), self.cr.savepoint():
            self.card.with_user(self.user).currency_id = self.env.ref("base.CHF")
        rate.date_end = "2026-12-31"
        # an import writes what is there
        rate.write({"price": 200.0, "unit": "hour", "date_start": "2026-01-01", "role_id": self.architect.id})
        self.assertEqual((rate.price, rate.date_end), (200, date(2026, 12, 31)))

    def test_a_card_whose_rates_were_signed_is_not_deleted(self):
        other = self._card("Client Prices", [(self.architect, 180)], partner_id=self.client.id)
        order = self._signed()
        self.assertEqual(order.order_line.price_unit, 180)
        order.psa_rate_card_id = False  # what the SOW names the database keeps
        with self.assertRaisesRegex(UserError, "on the card Client Prices is a price of signed"):
            other.with_user(self.user).unlink()

    def test_a_card_that_was_signed_stays_that_of_its_client(self):
        """Prices that are written on it for somebody else would reach the client who signed it."""
        card = self._card("Client Prices", [(self.architect, 180)], partner_id=self.client.id)
        contact = self.env["res.partner"].create({"name": "Clara", "parent_id": self.client.id})
        rival = self.env["res.partner"].create({"name": "Rival", "is_company": True})
        frame = self._agreement(partner_id=self.client.id)
        card.with_user(self.user).partner_id = contact  # the same client
        order = self._signed()
        self.assertEqual(order.order_line.price_unit, 180)
        for values in (
            {"partner_id": rival.id},
            {"agreement_id": frame.id},
            {"scope": "company", "partner_id": False},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(UserError, rf"Client Prices.*\({order.name}\).*of whom"),
                self.cr.savepoint(),
            ):
                card.with_user(self.user).write(values)
        card.with_user(self.user).write({"partner_id": self.client.id, "name": "Client Prices 2026"})
        self._order_cancelled(order)
        card.with_user(self.user).partner_id = rival

    def _order_cancelled(self, order):
        order.with_context(disable_cancel_warning=True)._action_cancel()
        order.psa_rate_card_id = False

    def test_the_card_shows_what_is_signed_and_leads_there(self):
        """Nobody has sold a developer."""
        orders = self._signed() | self._signed()
        rate, free = self._rates(), self._rates(self.developer)
        self.assertEqual((rate.is_signed, free.is_signed), (True, False))
        with Form(self.card.with_user(self.user)) as card, card.line_ids.edit(0) as line:
            self.assertRaisesRegex(AssertionError, "readonly", setattr, line, "price", 1)
            line.date_end = "2026-12-31"
        action = rate.with_user(self.sales.user_id).action_view_signed()
        self.assertEqual(self.env["sale.order"].search(action["domain"]), orders)
        self.assertFalse(self.env["sale.order"].search(free.action_view_signed()["domain"]))

    def test_the_message_names_three_of_many(self):
        orders = [self._signed() for _number in range(4)]
        names = ", ".join(order.name for order in orders[:3])
        self._assert_kept(self._rates(), rf"\({names}, …\)")

    def test_what_prices_nothing_that_was_signed_is_free(self):
        old = self._rate(self.architect, 150, "2025-01-01", "2025-12-31")
        current = self._rates() - old
        nobodys = self._card("Other Client", [(self.architect, 170)], partner_id=self.client.copy().id)
        self._signed(self._hours(self.architect, 40, price_unit=222))  # typed by hand: it never steps
        for rate in (self._rates(self.developer), current, self._rates(card=nobodys)):
            rate.price += 5
        self._signed()
        self._rates(card=nobodys).price += 5
        old.with_user(self.user).price = 155  # ended before the first SOW began
        self.assertEqual((nobodys.line_ids.price, old.price), (180, 155))
        old.with_user(self.user).unlink()

    def test_behind_a_narrower_card_a_rate_is_free(self):
        """The client has its own architect; a developer it has not, and is asked of the company's card."""
        self._card("Client Prices", [(self.architect, 180)], partner_id=self.client.id)
        self._signed(self._hours(self.architect, 40), self._hours(self.developer, 40))
        self._rates().price = 230
        self._assert_kept(self._rates(self.developer))

    def test_a_price_of_ones_own_is_one_of_each_sow_that_sells_the_role(self):
        """Whoever comes is counted at their own price: it was agreed as well."""
        own = self._rate(self.architect, 250, employee_id=self.eve.id).with_user(self.user)
        own.price = 240
        self._signed()
        self._assert_kept(own)
        named = self._rate(self.developer, 99, employee_id=self.ann.id).with_user(self.user)
        self._signed(self._hours(self.developer, 1, psa_employee_id=self.eve.id))
        named.price = 98  # the developer that was sold is somebody else

    def test_what_comes_is_a_plan_until_somebody_signs_it_or_its_day_is_there(self):
        """At 210 from April on; the SOW is signed in March, before that was planned."""
        self._signed()
        self._rate_changes(self.architect, "2026-04-01", 210)
        plan = self._rates().filtered(lambda rate: rate.price == 210)
        plan.price = 212
        with freeze_time("2026-04-01 12:00:00"):
            self._assert_kept(plan)
        self._signed()  # shows 212 from April on to its client
        self._assert_kept(plan)

    def test_a_cancelled_sow_keeps_no_rate(self):
        order = self._signed()
        self._assert_kept(self._rates())
        order._action_cancel()
        self._rates().price = 230

    def test_the_way_out_is_new_rates_from_a_day_on(self):
        """2 h on 9 March stay at 200, 3 h on 16 March are at 210."""
        order = self._signed()
        wizard = (
            self.env["psa.rate.card.uplift"]
            .with_user(self.user)
            .with_context(active_model="psa.rate.card", active_ids=self.card.ids)
            .create({"percent": 5, "step": 1, "date_start": "2026-03-16"})
        )
        wizard.action_apply()
        before, after = (
            self._log_on(order.order_line[0], self.eve, hours, day, approved=True)
            for hours, day in ((2, "2026-03-09"), (3, "2026-03-16"))
        )
        self.assertEqual((before.so_line.price_unit, after.so_line.price_unit), (200, 210))

    def test_many_sows_are_asked_with_as_many_queries(self):
        def queries(count):
            for _number in range(count):
                self._signed()
            return self._count_queries(self._rates()._psa_signed_at)

        few, many = queries(1), queries(6)
        self.assertLessEqual(many, few)


@tagged("post_install", "-at_install")
class TestSignedPriceStays(PsaContractsCase):
    """What a price was made of may change once it was signed; the price does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._other_currency(("2026-01-01", 0.5))
        cls.eve = cls._person("eve", "psa_project.group_psa_user", role=cls.architect)
        cls.foreign = cls._card("Foreign", [(cls.architect, 100)], currency_id=cls.other.id)

    def _signed(self, card, day, exchange_meanwhile=None):
        with freeze_time(f"{day} 12:00:00"):
            order = self._sow(self._hours(self.architect, 40), psa_rate_card_id=card.id)
            if exchange_meanwhile:
                self._exchange(self.other, *exchange_meanwhile)
            order.action_confirm()
        return order

    def _prices(self, order, *days):
        return [
            self._log_on(order.order_line[0], self.eve, 1, day, approved=True).so_line.price_unit
            for day in days
        ]

    def test_an_exchange_rate_that_comes_later_moves_no_signed_price(self):
        """Signed on 10 February for March at 100 ÷ 0.5 = 200; from 20 February on it would be 100 ÷ 0.8."""
        order = self._signed(self.foreign, "2026-02-10")
        self._exchange(self.other, "2026-02-20", 0.8)
        self.assertEqual(self._prices(order, "2026-03-02", "2026-05-04"), [200, 200])
        self.assertEqual(len(order.order_line), 1)

    def test_nor_that_of_a_person_at_the_same_rate(self):
        self._rate(self.architect, 100, card=self.foreign, employee_id=self.eve.id)
        order = self._signed(self.foreign, "2026-02-10")
        self._exchange(self.other, "2026-02-20", 0.8)
        self.assertEqual(self._prices(order, "2026-03-02"), [200])

    def test_the_next_rate_of_the_card_is_converted_on_its_own_day(self):
        """From April on 104, converted at 0.8: 130; also where an exchange rate came between writing and
        signing."""
        self._rate_changes_on(self.foreign, "2026-04-01", 104)
        order = self._signed(self.foreign, "2026-02-10", exchange_meanwhile=("2026-02-09", 0.625))
        self._exchange(self.other, "2026-02-20", 0.8)
        # 100 ÷ 0.5 when it was written
        self.assertEqual(self._prices(order, "2026-03-02", "2026-04-20"), [200, 130])

    def _rate_changes_on(self, card, day, price):
        card.line_ids.date_end = "2026-03-31"
        self._rate(self.architect, price, day, card=card)

    def test_another_working_day_moves_no_signed_price(self):
        """Sold by the hour at 800 a day of 8 h: 100; in April the working day becomes one of 10 h: 80."""
        card = self._card("Days", [])
        self._rate(self.architect, 800, card=card, unit="day")
        order = self._sow(psa_rate_card_id=card.id)
        order.order_line[1:].unlink()
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_hour")
        hours = self.env.company._psa_hours_per_day()
        price = order.order_line.price_unit
        self.assertEqual(price, round(800 / hours, 2))
        order.action_confirm()
        self.env.company.resource_calendar_id.hours_per_day = hours + 2
        self.assertEqual(self._prices(order, "2026-04-01"), [price])


@tagged("post_install", "-at_install")
class TestSignedTaxesStay(PsaContractsCase):
    """The card says 240.00 with 20 % in it, from April on 300.00. The client is abroad and pays no tax:
    200.00 and 250.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eve = cls._person("eve", "psa_project.group_psa_user", role=cls.architect)
        cls.abroad = cls.env["account.fiscal.position"].create({"name": "Abroad"})
        taxes = cls.env["account.tax"]
        values = {"type_tax_use": "sale", "price_include_override": "tax_included"}
        cls.tax = taxes.create({**values, "name": "20 % included", "amount": 20})
        cls.other_tax = taxes.create({**values, "name": "25 % included", "amount": 25})
        taxes.create(
            {
                "name": "No tax",
                "amount": 0,
                "fiscal_position_ids": [Command.set(cls.abroad.ids)],
                "original_tax_ids": [Command.set((cls.tax | cls.other_tax).ids)],
            }
        )
        cls.product = cls.architect.psa_time_product_id
        cls.product.taxes_id = cls.tax
        cls.card.line_ids.filtered(lambda rate: rate.role_id == cls.architect).price = 240
        cls.client.property_account_position_id = cls.abroad
        cls.order = cls._sow(cls._hours(cls.architect, 40))
        cls.order.action_confirm()

    def _prices(self, *days):
        return [
            self._log_on(self.order.order_line[0], self.eve, 1, day, approved=True).so_line.price_unit
            for day in days
        ]

    def _changes_in_april(self):
        self._rate_changes(self.architect, "2026-04-01", 300)

    def test_another_tax_of_the_product_is_no_price_typed_by_hand(self):
        """240.00 with 25 % in it would be 192.00; and 300.00 would be 240.00."""
        self.assertEqual(self.order.order_line.price_unit, 200)
        self.product.taxes_id = self.other_tax
        self._changes_in_april()
        self.assertEqual(self._prices("2026-03-02", "2026-04-02", "2026-04-03"), [200, 250, 250])
        self.assertEqual(len(self.order.order_line), 2)

    def test_nor_is_another_fiscal_position_of_the_order(self):
        self.order.fiscal_position_id = False
        self._changes_in_april()
        self.assertEqual(self._prices("2026-03-02", "2026-04-02"), [200, 250])

    def test_what_was_signed_before_the_upgrade_keeps_the_taxes_of_the_upgrade(self):
        """The column is empty then; nothing is filled on a new installation."""
        drafts = self._sow(self._hours(self.architect, 40))
        for version, filled in ((None, False), ("19.0.2.3.0", True)):
            self.env.flush_all()
            self.env.cr.execute("UPDATE sale_order SET psa_signed_rates = NULL")
            self.env.invalidate_all()
            self._migrate("19.0.2.4.0/post-signed_rates.py", version)
            self.assertEqual(bool(self.order.sudo().psa_signed_rates), filled)
        self.assertFalse(drafts.sudo().psa_signed_rates)
        self.product.taxes_id = self.other_tax
        self._changes_in_april()
        self.assertEqual(self._prices("2026-03-02", "2026-04-02"), [200, 250])

    def test_signed_anew_it_is_priced_by_the_taxes_of_then(self):
        self.product.taxes_id = self.other_tax
        self.order._action_cancel()
        self.order.action_draft()
        self.order.action_update_prices()
        self.order.action_confirm()
        self._changes_in_april()
        self.assertEqual(self._prices("2026-03-02", "2026-04-02"), [192, 240])


@tagged("post_install", "-at_install")
class TestSignedCardStays(PsaContractsCase):
    """The client has a card of its own for architects (180), and belongs to no group; developers are asked of
    the card of the company (120). SOWs are signed for March to May 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dev = cls._person("dev", "psa_project.group_psa_user", role=cls.developer)
        cls.client.is_company = False  # it is one with the group that it joins
        cls.own = cls._card("Own", [(cls.architect, 180)], partner_id=cls.client.id)
        cls.group = cls.env["res.partner"].create({"name": "Group", "is_company": True})
        cls.of_group = cls._card("Group", [(cls.developer, 90)], partner_id=cls.group.id)

    def _signed(self):
        order = self._sow()
        order.action_confirm()
        return order

    def _prices(self, order, *days):
        line = order.order_line[1]
        return [self._log_on(line, self.dev, 1, day, approved=True).so_line.price_unit for day in days]

    def test_a_rate_that_a_narrower_card_gets_later_is_for_what_is_sold_later(self):
        order = self._signed()
        self.assertEqual(order.order_line.mapped("price_unit"), [180, 120])
        self._rate(self.developer, 90, card=self.own)
        self.assertEqual(self._prices(order, "2026-03-02", "2026-05-04"), [120, 120])
        self.assertEqual(self._signed().order_line[1].price_unit, 90)

    def test_from_a_later_day_on_it_is_the_next_rate(self):
        """120 as it was signed, 90 from April on."""
        order = self._signed()
        self._rate(self.developer, 90, "2026-04-01", card=self.own)
        self.assertEqual(self._prices(order, "2026-03-02", "2026-04-20"), [120, 90])

    def test_who_joins_a_group_pays_what_was_signed(self):
        order = self._signed()
        self.client.parent_id = self.group
        self.assertEqual(self._prices(order, "2026-03-02"), [120])
        self.assertEqual(self._sow().order_line[1].price_unit, 90)

    def test_who_leaves_a_group_does_too(self):
        """Signed at 90 by the card of the group, which has 95 from April on."""
        self.client.parent_id = self.group
        order = self._signed()
        self.assertEqual(order.order_line[1].price_unit, 90)
        self.client.parent_id = False
        self.of_group.line_ids.date_end = "2026-03-31"
        self._rate(self.developer, 95, "2026-04-01", card=self.of_group)
        self.assertEqual(self._prices(order, "2026-03-02", "2026-04-20"), [90, 95])
        self.assertEqual(self._sow().order_line[1].price_unit, 120)

    def test_who_left_a_group_changes_what_was_signed_in_it(self):
        """Card and agreement were those of the group: 100 h at 90, and 10 h more."""
        self.client.parent_id = self.group
        frame = self._agreement(partner_id=self.group.id)
        order = self._sow(psa_rate_card_id=self.of_group.id, psa_agreement_id=frame.id)
        order.action_confirm()
        self.client.parent_id = False
        self.env.flush_all()
        line = order.order_line[1]
        change = self._change(order, self._amend(line, 10))
        self.assertEqual((change.psa_rate_card_id, change.psa_agreement_id), (self.of_group, frame))
        change.action_confirm()
        self.assertEqual((change.order_line.price_unit, change.amount_untaxed), (90, 900))
        # another card than that of its SOW is still one of the client
        with self.assertRaisesRegex(ValidationError, "that of another client"):
            self._change(
                order,
                psa_rate_card_id=self._card("Rival", [], partner_id=self.env.company.partner_id.id).id,
            )

    def test_a_price_of_ones_own_on_the_card_in_front_still_counts(self):
        """It was there when the SOW was signed."""
        self._rate(self.developer, 99, card=self.own, employee_id=self.dev.id)
        order = self._signed()
        self.assertEqual(order.order_line[1].price_unit, 120)
        self.assertEqual(self._prices(order, "2026-03-02"), [99])

    def test_the_rate_that_was_signed_is_the_one_that_is_kept(self):
        """Not the one that came later in front of it."""
        self._signed()
        later = self._rate(self.developer, 90, card=self.own)
        signed = self.card.line_ids.filtered(lambda rate: rate.role_id == self.developer)
        self.assertEqual((signed.is_signed, later.is_signed), (True, False))
