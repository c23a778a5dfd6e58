"""Lines that billing made say in lists and dropdowns what they are, and beside which line."""

from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestLineNames(PsaRetainerCase):
    def _names(self, order, **context):
        lines = order.order_line.filtered(lambda line: line._psa_is_made_by_billing())
        return sorted(lines.with_context(hide_partner_ref=True, **context).mapped("display_name"))

    def test_lines_of_an_opening_balance(self):
        """3,333.33 of 2 × 5,000.00 are 0.66 pieces and 33.33."""
        order = self._sow(self._line(self.architect), self._line(self.developer, 2, "fixed", price_unit=5000))
        time, fixed = order.order_line
        fixed.name = "Concept\nin two parts"
        openings = self.env["psa.opening.balance"].create(
            [
                {"sale_line_id": time.id, "date": "2026-02-28", "unbilled_amount": 600},
                {"sale_line_id": fixed.id, "date": "2026-02-28", "billed_amount": 3333.33},
            ]
        )
        work = f"Work until 02/28/2026: {time.name}".partition("\n")[0]
        self.assertEqual(
            self._names(order),
            [
                f"{order.name} - Rounding of what was billed until 02/28/2026: Concept",
                f"{order.name} - {work}",
            ],
        )
        # with the client where the host tells it, and short where we ask for that
        rest = openings[1].rest_line_id
        self.assertEqual(
            rest.display_name,
            f"{order.name} - Rounding of what was billed until 02/28/2026: Concept (Client Ltd)",
        )
        self.assertEqual(
            rest.with_context(psa_short_name="lines").display_name,
            "Rounding of what was billed until 02/28/2026: Concept",
        )
        # the text of the invoice is the whole one
        self.assertEqual(rest.name, "Rounding of what was billed until 02/28/2026: Concept\nin two parts")
        found = self.env["sale.order.line"].name_search("Rounding of what", [("order_id", "=", order.id)])
        self.assertEqual(found, [(rest.id, rest.display_name)])

    def test_lines_of_retainers_and_decisions(self):
        order = self._sow(self._retainer())
        order.order_line.name = "Care\nof all systems"
        self._work(order.order_line, 12)
        proposal = self._propose().sudo()
        proposal._psa_add_line(
            "Travel, flat", 80, order.order_line[0], self.env.ref("psa_billing.reason_extra"), "As agreed"
        )
        line = proposal.line_ids.filtered(lambda line: line.sale_line_id == order.order_line[0])
        line._psa_bill_amount(1400, self.env.ref("psa_billing.reason_goodwill"), "As agreed")
        self._invoice(proposal)
        self.assertEqual(
            self._names(order),
            [
                f"{order.name} - Discount: Care",
                f"{order.name} - Over the retainer: Care",
                f"{order.name} - Travel, flat",
            ],
        )

    def test_other_orders_are_named_as_in_the_host(self):
        order = self.env["sale.order"].create({"partner_id": self.client.id})
        product = self.env.ref("psa_billing.product_adjustment")
        line = self.env["sale.order.line"].create(
            {"order_id": order.id, "product_id": product.id, "name": "Something else"}
        )
        self.assertEqual(line.display_name, f"{order.name} - Billing adjustment (Client Ltd)")
