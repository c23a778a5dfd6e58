"""What the client reads of billing in the contract that is signed."""

from odoo import Command
from odoo.tests import tagged

from .common_expense import PsaExpenseCase


@tagged("post_install", "-at_install")
class TestSowDocument(PsaExpenseCase):
    def _page(self, order):
        page = self.env["ir.qweb"]._render("psa_contracts.sow_body", {"doc": order, "report_type": "html"})
        return str(page).replace("\N{NO-BREAK SPACE}", " ")

    def _told(self, terms):
        return [(name, [part.replace("\N{NO-BREAK SPACE}", " ") for part in parts]) for name, parts in terms]

    def _retainer_told(self, **values):
        order = self._sow(
            self._line(self.architect, 3, "retainer", price_unit=1500, name="Support", **values),
            confirm=False,
        )
        [(name, terms)] = self._told(order._psa_document_retainer_terms())
        self.assertEqual(name, "Support")
        return terms

    def test_the_payment_schedule_of_a_fixed_price(self):
        """30 %, 40 % and the rest of 9,999.99: 3,000.00, 4,000.00 and 2,999.99."""
        order = self._sow(self._line(self.architect, 1, "fixed", price_unit=9999.99), confirm=False)
        self.assertNotIn("Payment Schedule", self._page(order))
        order.psa_instalment_ids = [
            Command.create(
                {"sale_line_id": order.order_line.id, "sequence": number, "percent": percent, **due}
            )
            for number, (percent, due) in enumerate(
                (
                    (30, {"name": "On signature", "due_by": "date", "date": "2026-03-01"}),
                    (40, {"name": "Half way", "due_by": "completion", "completion": "50"}),
                    (30, {"name": "At the end", "due_by": "completion", "completion": "100"}),
                )
            )
        ]
        [(line, parts)] = order._psa_document_schedule()
        self.assertEqual(line, order.order_line)
        self.assertEqual(
            [(part.name, due, part.amount) for part, due in parts],
            [
                ("On signature", "03/01/2026", 3000),
                ("Half way", "When 50 % are done", 4000),
                ("At the end", "When all is done", 2999.99),
            ],
        )
        page = self._page(order)
        for text in ("Payment Schedule", "When 50 % are done", "2,999.99", "Half way"):
            self.assertIn(text, page)

    def test_the_terms_of_a_retainer(self):
        self.assertEqual(
            self._retainer_told(
                psa_retainer_hours=10,
                psa_retainer_rollover="periods",
                psa_retainer_rollover_periods=2,
                psa_retainer_rollover_cap=7.5,
                psa_retainer_true_up="minimum",
                psa_retainer_minimum=4000,
            ),
            [
                "Billed in advance, on the first day of each period",
                "Calendar periods; the first and the last are charged by their days",
                "What a period does not use may be used in the next 2 periods",
                "At most 7.5 h roll over",
                "Work over it is billed, at $ 150.00 an hour",
                "Comes to at least $ 4,000.00",
            ],
        )

    def test_other_terms_of_retainers(self):
        self.assertEqual(
            self._retainer_told(
                psa_retainer_grant="money",
                psa_retainer_timing="arrears",
                psa_retainer_calendar="start",
                psa_retainer_open_ended=True,
                psa_retainer_rollover="end",
                psa_retainer_rollover_cap=500,
                psa_retainer_overage="hold",
            ),
            [
                "Billed in arrears, on the last day of each period",
                "Periods run from the start date",
                "Goes on until it is cancelled",
                "Each period grants work of $ 1,500.00, at the rates of the contract",
                "What a period does not use may be used until the end",
                "At most $ 500.00 roll over",
                "Work over it waits until both sides have agreed on it",
            ],
        )
        terms = self._retainer_told(psa_retainer_hours=10, psa_retainer_overage_rate=180)
        self.assertIn("What a period does not use expires", terms)
        self.assertIn("Work over it is billed, at $ 180.00 an hour", terms)
        terms = self._retainer_told(psa_retainer_hours=10, psa_retainer_overage="next")
        self.assertIn("Work over it draws on the next period", terms)
        # a fee that grants nothing has nothing to roll over
        self.assertEqual(len(self._retainer_told()), 2)

    def test_prices_that_are_hidden_stand_in_no_terms(self):
        order = self._sow(
            Command.create({"display_type": "line_section", "name": "Support", "collapse_prices": True}),
            self._line(self.architect, 3, "retainer", price_unit=1500, psa_retainer_hours=10),
            confirm=False,
        )
        [(_name, terms)] = order._psa_document_retainer_terms()
        self.assertIn("Work over it is billed", terms)
        self.assertNotIn("150.00", self._page(order))

    def test_how_time_is_rounded(self):
        order = self._sow(self._line(self.architect), confirm=False)
        self.assertFalse(order._psa_document_rounding())
        for direction, scope, text in (
            ("up", "entry", "Each entry is rounded up to 15 minutes."),
            ("up", "day", "The time of a person and day is rounded up to 15 minutes."),
            ("nearest", "entry", "Each entry is rounded to the nearest 15 minutes."),
            ("nearest", "day", "The time of a person and day is rounded to the nearest 15 minutes."),
        ):
            order.write(
                {
                    "psa_rounding_minutes": "15",
                    "psa_rounding_direction": direction,
                    "psa_rounding_scope": scope,
                }
            )
            self.assertEqual(order._psa_document_rounding(), text)
            self.assertIn(text, self._page(order))

    def test_how_expenses_are_billed(self):
        order = self._sow(
            self._terms(
                "markup",
                psa_expense_markup=7.5,
                psa_expense_item_limit=120,
                psa_expense_limit=2000,
                psa_expense_in_cap=True,
                psa_expense_product_ids=[Command.set(self.hotel.ids)],
            ),
            self._terms("unit", name="Drives", price_unit=0.42),
            self._terms("no", name="Meals"),
            psa_expense_limit=5000,
            confirm=False,
        )
        terms = self._told(order._psa_document_expense_terms())
        self.assertEqual(
            terms,
            [
                (
                    "Travel expenses",
                    [
                        "At cost plus 7.5 %",
                        "For Hotel",
                        "At most $ 120.00 an item",
                        "At most $ 2,000.00 in all",
                        "Counts against the amount not to exceed",
                    ],
                ),
                ("Drives", ["By the unit, at $ 0.42"]),
                ("Meals", ["Not billed"]),
                ("All expenses", ["At most $ 5,000.00 in all"]),
            ],
        )
        page = self._page(order)
        self.assertIn("Terms for Expenses", page)
        self.assertIn("At cost plus 7.5 %", page)
