"""What a SOW line costs: person, place, unit and currency."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestLinePrices(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hour, cls.day = cls.env.ref("uom.product_uom_hour"), cls.env.ref("uom.product_uom_day")
        cls.eve = cls._person("eve", "psa_project.group_psa_user", role=cls.architect)
        cls.zurich = cls._place("Zurich")
        cls.euro = cls.env.ref("base.EUR")
        if cls.euro == cls.env.company.currency_id:
            cls.euro = cls.env.ref("base.USD")
        cls.euro.active = True

    def _work_day(self, hours):
        """The company's working day has ``hours``."""
        self.env.company.resource_calendar_id.hours_per_day = hours

    def _line(self, role=None, hours=10, **values):
        return self._sow(self._hours(role or self.architect, hours, **values)).order_line

    def test_a_named_person_or_place_has_its_own_price(self):
        self._rate(self.architect, 250, employee_id=self.ann.id)
        self._rate(self.architect, 230, location_id=self.zurich.id)
        self._rate(self.architect, 270, employee_id=self.ann.id, location_id=self.zurich.id)
        cases = (
            ({}, 200),
            ({"psa_employee_id": self.ann.id}, 250),
            ({"psa_employee_id": self.bob.id}, 200),
            ({"psa_location_id": self.zurich.id}, 230),
            ({"psa_employee_id": self.ann.id, "psa_location_id": self.zurich.id}, 270),
            # the person beats the place
            ({"psa_employee_id": self.ann.id, "psa_location_id": self._place("Bern").id}, 250),
        )
        for values, price in cases:
            with self.subTest(values):
                self.assertEqual(self._line(**values).price_unit, price)
        line = self._line()
        line.with_user(self.sales.user_id).psa_employee_id = self.ann
        self.assertEqual(line.price_unit, 250)
        self.assertIn("Architect (Ann)", line.psa_rate_reason)

    def test_a_price_per_day_makes_the_line_one_in_days(self):
        consultant = self.env["project.role"].create({"name": "Consultant"})
        consultant._psa_create_products()
        self._rate(consultant, 1234.56, unit="day")
        line = self._line(consultant, 5)
        self.assertEqual((line.product_uom_id, line.price_unit), (self.day, 1234.56))
        self.assertEqual(line.psa_rate_reason, "Standard: Consultant per day, 01/01/2026 – …, on 03/01/2026")
        # typed hours stay hours: 1,234.56 ÷ 8
        line = self._line(consultant, 5, product_uom_id=self.hour.id)
        self.assertEqual((line.product_uom_id, line.price_unit), (self.hour, 154.32))
        self.assertIn(f"{line.currency_id.format(1234.56)} a day of 8 h for Hours", line.psa_rate_reason)
        form = Form(self._sow())
        with form.order_line.new() as new:
            new.psa_role_id = consultant
            self.assertEqual((new.product_uom_id, new.price_unit), (self.day, 1234.56))
            new.product_uom_id = self.hour
            self.assertEqual(new.price_unit, 154.32)
        form.save()

    def test_a_day_has_the_hours_of_the_companys_working_day(self):
        self._work_day(7.6)
        line = self._line(hours=2, product_uom_id=self.day.id)
        # 200 × 7.6
        self.assertEqual((line.price_unit, line._psa_hours()), (1520, 15.2))
        line.order_id.action_confirm()
        self.assertAlmostEqual(line.task_id.allocated_hours, 15.2)
        self.assertAlmostEqual(line.project_id.allocated_hours, 15.2)
        self._log_on(line, self.eve, 19, approved=True)
        # 19 h ÷ 7.6
        self.assertEqual(line.qty_delivered, 2.5)

    def test_delivered_days_are_rounded_as_quantities_are(self):
        self._work_day(7.6)
        line = self._line(hours=2, product_uom_id=self.day.id)
        line.order_id.action_confirm()
        self._log_on(line, self.eve, 3, approved=True)
        # 3 h ÷ 7.6 = 0.3947…; of eight hours it would be 0.38
        self.assertEqual(line.qty_delivered, 0.39)

    def test_lines_of_other_orders_keep_the_hosts_day_of_eight_hours(self):
        self._work_day(7.6)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.architect.psa_time_product_id.id,
                            "product_uom_id": self.day.id,
                            "product_uom_qty": 2,
                            "price_unit": 100,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        self._log_on(order.order_line, self.eve, 16)
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertEqual(order.order_line.task_id.allocated_hours, 16)

    def test_a_card_in_another_currency_is_converted_on_the_first_day(self):
        self._exchange(("2026-01-01", 0.5), ("2026-03-02", 0.8))
        card = self._card("Foreign", [(self.architect, 100)], currency_id=self.euro.id)
        order = self._sow(psa_rate_card_id=card.id)
        # 100 ÷ 0.5
        self.assertEqual(order.order_line[0].price_unit, 200)
        self.assertIn(f"100.00 {self.euro.name} converted that day at 2", order.order_line[0].psa_rate_reason)
        order.psa_date_start = "2026-03-02"
        # 100 ÷ 0.8
        self.assertEqual(order.order_line[0].price_unit, 125)

    def _exchange(self, *rates):
        self.euro.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": self.euro.id, "name": day, "rate": rate, "company_id": self.env.company.id}
                for day, rate in rates
            ]
        )

    def test_a_currency_without_a_rate_that_day_is_said_and_blocks_confirmation(self):
        for rates in ((), (("2026-03-02", 0.8),)):
            with self.subTest(rates):
                self._exchange(*rates)
                card = self._card("Foreign", [(self.architect, 100)], currency_id=self.euro.id)
                order = self._sow(self._hours(self.architect, 1), psa_rate_card_id=card.id)
                line = order.order_line
                message = f"{self.euro.name} has no exchange rate on 03/01/2026"
                self.assertEqual(line.price_unit, 0)
                self.assertIn(message, line.psa_rate_reason)
                with self.assertRaisesRegex(UserError, f"{order.name}: .*{message}"):
                    order.action_confirm()
                self.assertEqual((order.state, order.project_ids.ids), ("draft", []))
        # once the rate is there, the host's button updates the prices
        self._exchange(("2026-03-01", 0.4))
        order._recompute_prices()
        self.assertEqual(line.price_unit, 250)

    def test_a_draft_keeps_its_prices_until_they_are_updated(self):
        """The card goes from 200.00 to 220.00: the draft says 200.00 until its seller updates the prices,
        which takes a discount back, too; a fixed price of 5,000.00 is of no card. What is signed stays."""
        order = self._sow(
            self._hours(self.architect, 10), self._sold("fixed", 5000, psa_role_id=self.architect.id)
        )
        line, fixed = order.order_line
        self.card.line_ids.filtered(lambda rate: rate.role_id == self.architect).price = 220
        line.discount = 5
        self.env.flush_all()
        self.assertEqual((line.price_unit, line.discount), (200, 5))
        line.order_id.with_user(self.sales.user_id).action_update_prices()
        self.assertEqual((line.price_unit, line.discount, fixed.price_unit), (220, 0, 5000))
        self.assertIn("taken from the rate cards", line.order_id.message_ids[0].body)
        line.order_id.action_confirm()
        self.card.line_ids.filtered(lambda rate: rate.role_id == self.architect).price = 250
        line.order_id.action_update_prices()
        self.assertEqual(line.price_unit, 220)

    def test_prices_of_a_signed_sow_stay_whatever_moves(self):
        self._rate_changes(self.architect, "2026-04-01", 210)
        order = self._sow()
        order.action_confirm()
        line = order.order_line[0]
        reason = line.psa_rate_reason
        order.psa_date_start = "2026-04-01"
        line.psa_employee_id = self.ann
        self.card.line_ids.price = 1
        order.order_line._compute_price_unit()
        order._recompute_prices()
        self.env.flush_all()
        self.assertEqual((line.price_unit, line.psa_rate_reason), (200, reason))

    def test_a_price_changed_on_a_signed_line_says_so(self):
        order = self._sow()
        order.action_confirm()
        order.order_line[0].price_unit = 150
        said = f"Set by hand; the card says {order.currency_id.format(200)}"
        self.assertIn(said, order.order_line[0].psa_rate_reason)

    def test_twice_as_many_lines_cost_as_many_queries(self):
        def queries(count):
            lines = [self._hours(self.architect, 1, psa_location_id=self.zurich.id) for _n in range(count)]
            order = self._sow(*lines)
            return self._count_queries(lambda: order.write({"psa_date_start": "2026-03-02"}))

        queries(1)  # caches
        self.assertLessEqual(queries(20), queries(10) + 1)
        self.assertLessEqual(queries(10), 40)
