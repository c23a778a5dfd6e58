"""Accrued revenue of statements of work, by the host's dialog: what is earned and not billed by a day."""

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged

from .test_adjustments import ReviewCase
from .test_retainer_periods import PsaRetainerCase


class AccruedCase(PsaRetainerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accrual = cls.env["account.account"].search([("account_type", "=", "asset_current")], limit=1)

    def _accrued(self, orders, day):
        """What the dialog accrues of each line of ``orders`` on ``day``, by the first words of its label."""
        dialog = (
            self.env["account.accrued.orders.wizard"]
            .with_context(active_model="sale.order", active_ids=orders.ids)
            .create({"date": day, "account_id": self.accrual.id})
        )
        commands = dialog._compute_move_vals()[0]["line_ids"]
        lines = [values for _command, _id, values in commands if values["account_id"] != self.accrual.id]
        return {
            values["name"].split(" - ")[1].split(";")[0]: values["credit"] - values["debit"]
            for values in lines
        }


@tagged("post_install", "-at_install")
class TestAccruedRevenue(AccruedCase, ReviewCase):
    def test_a_fixed_price_is_no_price_of_an_hour(self):
        """20 hours on a concept for 1,000.00 were accrued as 20,000.00. It is earned as it is billed. The
        go-live is reached: 1,000.00. Four hours at 150.00 less 10 %: 540.00."""
        order = self._sow(
            self._line(self.architect, 10, discount=10),
            self._line(self.developer, 1, "fixed", price_unit=1000, name="Concept", psa_effort_hours=30),
            self._line(self.developer, 1, "milestone", price_unit=1000, name="Go-live"),
        )
        hours, concept, go_live = order.order_line
        self._work(hours, 4)
        self._work(hours, 1, "2026-04-02")
        self._work(concept, 20)
        go_live.order_id.project_ids.milestone_ids.filtered("sale_line_id").is_reached = True
        expected = {"Architect": 540, "Go-live": 1000}
        self.assertEqual(self._accrued(order, "2026-03-31"), expected)
        invoice = self._invoice(self._propose())
        self.assertEqual(invoice.amount_untaxed, 2540)
        invoice.invoice_date = "2026-03-31"
        invoice.action_post()
        self.assertFalse(self._accrued(order, "2026-03-31"))
        self.assertEqual(self._accrued(order, "2026-04-30"), {"Architect": 135})

    def test_taxes_in_the_price_are_no_revenue(self):
        """Four hours at 115.00 with 15 % in it."""
        included = self.tax.copy({"name": "15 % in it", "price_include_override": "tax_included"})
        line = self._line(self.architect, price_unit=115, tax_ids=[Command.set(included.ids)])
        order = self._sow(line)
        self._work(order.order_line, 4)
        self.assertEqual(self._accrued(order, "2026-03-31"), {"Architect": 400})

    def test_what_a_review_took_off_is_not_accrued_again(self):
        """600.00 billed as 560.00: the line that takes 40.00 off delivers nothing, and is owed nothing."""
        order = self._sow()
        self._work(order.order_line, 4)
        proposal = self._propose()
        self._adjust(proposal.line_ids, "amount", amount=560)
        invoice = self._invoice(proposal)
        invoice.invoice_date = "2026-03-31"
        invoice.action_post()
        self.assertEqual(invoice.amount_untaxed, 560)
        self.assertFalse(self._accrued(order, "2026-03-31"))

    def test_periods_of_a_retainer_are_earned_as_they_are_due(self):
        """1,500.00 a month, billed in advance: on 2 April March and April are due, on 31 March only March."""
        with freeze_time("2026-04-02"):
            order = self._sow(self._retainer(name="Support"))
            self.env["psa.retainer.period"].sudo()._psa_become_due(fields.Date.today())  # as every night
            self.assertEqual(order.order_line.qty_delivered, 2)
            self.assertEqual(self._accrued(order, "2026-03-31"), {"Support": 1500})
            invoice = self._invoice(self._propose())
            invoice.invoice_date = "2026-03-31"
            invoice.action_post()
            self.assertFalse(self._accrued(order, "2026-03-31"))

    def test_other_orders_are_the_hosts(self):
        """Two of three licences at 50.00 are delivered."""
        product = self.env["product.product"].create(
            {"name": "Licence", "type": "service", "service_policy": "delivered_manual", "list_price": 50}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 3})],
            }
        )
        order.action_confirm()
        order.order_line.qty_delivered = 2
        self.assertEqual(self._accrued(order, fields.Date.context_today(order)), {"Licence": 100})
