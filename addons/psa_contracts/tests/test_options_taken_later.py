"""What the client did not take of an optional phase is sold by a change order later."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_optional_phases import OptionalPhasesCase


@tagged("post_install", "-at_install")
class TestOptionsTakenLater(OptionalPhasesCase):
    def setUp(self):
        super().setUp()
        self.sow = self._offer()
        self.build, self.option = self._line(self.sow, "Build"), self._line(self.sow, "Developer")
        self.option.psa_offered_quantity = 100

    def _sign_sow(self):
        self._sign(self.sow).action_confirm()
        self.env.invalidate_all()

    def _take(self, change, **quantities):
        """Open "Change Lines…", enter quantities by the names of the lines and apply them."""
        wizard = (
            self.env["psa.change.lines"]
            .with_context(**change.action_psa_change_lines()["context"])
            .create({})
        )
        for name, quantity in quantities.items():
            option = self._line(self.sow, name)
            rows = wizard.line_ids
            row = rows.filtered(
                lambda row, option=option: option in (row.head_id, row.head_id.psa_option_line_id)
            )
            row.new_quantity = quantity
        wizard.action_apply()
        self.env.invalidate_all()

    def _lines(self, change):
        return [
            (
                line.display_type or line.psa_billing_model,
                line.name,
                line.product_uom_qty,
                line.price_subtotal,
            )
            for line in change.order_line.sorted()
        ]

    def test_the_dialog_offers_them_beside_what_was_sold(self):
        self._sign_sow()
        rows = list(self._change(self.sow)._psa_prepare_change_lines("2026-04-01"))
        self.assertEqual(
            [(row["name"], row["phase"], row.get("quantity", 0), row["price"]) for row in rows],
            [
                ("Architect", "Design", 40, 200),
                ("Developer (option: 100)", "Build", 0, 120),
                ("Go-live (option)", "Build", 0, 5000),
                ("Support (option)", "Build", 0, 1500),
                ("Savings (option)", "Build", 0, 10000),
            ],
        )

    def test_the_option_is_sold_in_its_phase(self):
        """80 h of the developer at 120 and the go-live for 5,000: 14,600 more, in a phase of their own."""
        self._sign_sow()
        change = self._change(self.sow)
        self._take(change, Developer=80, Architect=50, **{"Go-live": 1})
        self.assertEqual(
            self._lines(change),
            [
                ("time_material", "Architect", 10, 2000),  # 50 in place of 40
                ("line_section", "Build", 0, 0),
                ("time_material", "Developer", 80, 9600),
                ("milestone", "Go-live", 1, 5000),
            ],
        )
        self.assertEqual(change.amount_untaxed, 16600)
        self._sign(change).action_confirm()
        project = self.sow._psa_project()
        self.assertEqual(project.psa_phase_ids.mapped("name"), ["Design", "Build"])
        self.assertEqual(str(project.psa_phase_ids[1].date_end), "2026-05-31")
        self.assertEqual(project.milestone_ids.mapped("name"), ["Go-live"])
        budget = self.env["psa.budget.line"].search([("project_id", "=", project.id)])
        self.assertEqual(sorted(budget.mapped("hours")), [10, 30, 40, 80])  # 30 h of work in the go-live
        self.assertEqual(self._develop(self.sow).so_line, self._line(change, "Developer"))
        left = self.sow._psa_options_left()
        self.assertEqual(left.mapped("name"), ["Support", "Savings"])

    def test_who_sells_takes_all_of_it(self):
        """Also the fee with its formula, and the hours behind the go-live; their own documents are enough."""
        own = self._person("own seller", "sales_team.group_sale_salesman").user_id
        self.sow.user_id = own
        self.sow.psa_success_fee_ids.write(
            {"formula": "percent", "metric": "savings", "percent": 5, "floor_amount": 100}
        )
        self._sign_sow()
        change = self._change(self.sow).with_user(own)
        self._take(change, Developer=80, **{"Go-live": 1}, Support=3, Savings=1)
        self.assertEqual(change.amount_untaxed, 29100)  # 9,600 + 5,000 + 4,500 + 10,000
        fee = change.psa_success_fee_ids
        self.assertEqual((fee.formula, fee.percent, fee.floor_amount), ("percent", 5, 100))
        self.assertEqual(self._line(change, "Go-live").psa_effort_hours, 30)
        self.assertFalse(change.sudo()._psa_confirmation_problem())

    def test_typed_again_it_is_what_was_typed_last(self):
        self._sign_sow()
        change = self._change(self.sow)
        self._take(change, Developer=80)
        own = self._line(change, "Build")
        self._take(change, Developer=60, Support=2)
        self.assertEqual(self._line(change, "Build"), own)
        self.assertEqual(change.amount_untaxed, 10200)  # 60 × 120 + 2 × 1,500
        self._take(change, Developer=50, Architect=45)  # and of Support what is there already
        self.assertEqual(
            self._lines(change),
            [
                ("time_material", "Architect", 5, 1000),  # of Design, so not under Build
                ("line_section", "Build", 0, 0),
                ("time_material", "Developer", 50, 6000),
                ("retainer", "Support", 2, 3000),
            ],
        )

    def test_less_than_nothing_is_refused(self):
        self._sign_sow()
        with self.assertRaisesRegex(UserError, "cannot be cut to -5"):
            self._take(self._change(self.sow), Developer=-5)

    def test_a_price_without_a_quantity_is_asked_about(self):
        self._sign_sow()
        wizard = (
            self.env["psa.change.lines"].with_context(default_order_id=self._change(self.sow).id).create({})
        )
        wizard.line_ids.filtered(lambda row: row.head_id == self.option).new_price = 110
        with self.assertRaisesRegex(UserError, "how much of Developer"):
            wizard.action_apply()

    def test_what_is_left_of_a_phase_joins_it(self):
        """The go-live was taken with the SOW: the developer comes into the same phase."""
        self._line(self.sow, "Go-live").product_uom_qty = 1
        self._sign_sow()
        change = self._change(self.sow)
        self._take(change, Developer=80)
        self.assertEqual(self._line(change, "Build").psa_amends_line_id, self.build)
        self._sign(change).action_confirm()
        self.assertEqual(self.sow._psa_project().psa_phase_ids.mapped("name"), ["Design", "Build"])
        self.assertEqual(self._line(change, "Developer").psa_phase_id, self.build.psa_phase_id)

    def test_two_change_orders_do_not_sell_it_twice(self):
        self._sign_sow()
        first, second = self._change(self.sow), self._change(self.sow)
        self._take(first, Developer=80)
        self._take(second, Developer=20)
        self._sign(first).action_confirm()
        self.assertIn(f"an option that {first.name} sells already", second._psa_confirmation_problem())
        self._take(second, Developer=100)  # 20 more of what is sold now, at the same price
        self.assertEqual(self._lines(second), [("time_material", "Developer", 20, 2400)])
        self.assertFalse(second._psa_confirmation_problem())

    def test_options_of_another_contract_are_not_taken(self):
        """Nobody reads, in this way, what other clients were offered."""
        self._sign_sow()
        other = self._sow()
        self._sign(other).action_confirm()
        change = self._change(other, self._hours(self.developer, 5))
        with self.assertRaisesRegex(ValidationError, "an option of another contract"):
            change.order_line.psa_option_line_id = self.option

    def test_of_a_cancelled_change_order_it_is_an_option_again(self):
        self._sign_sow()
        change = self._change(self.sow)
        self._take(change, Developer=80)
        self._sign(change).action_confirm()
        self.assertNotIn(self.option, self.sow._psa_options_left())
        change._action_cancel()
        self.assertIn(self.option, self.sow._psa_options_left())
