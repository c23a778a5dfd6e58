"""A template says all of a retainer: what is signed and billed of it needs no further word."""

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestRetainerTemplate(PsaRetainerCase):
    @classmethod
    def _template(cls, **values):
        return cls.env["sale.order.template"].create(
            {
                "name": "Support",
                "psa_kind": "sow",
                "company_id": cls.company.id,
                "sale_order_template_line_ids": [
                    Command.create(
                        {
                            "psa_role_id": cls.architect.id,
                            "psa_billing_model": "retainer",
                            "product_uom_qty": 3,
                            "psa_price_unit": 1500,
                            **values,
                        }
                    )
                ],
            }
        )

    def _from_template(self, template, **values):
        """A confirmed SOW that a seller made from the template on the form."""
        with Form(self.env["sale.order"].with_context(default_psa_kind="sow")) as form:
            form.partner_id = self.client
            for name, value in values.items():
                form[name] = value
            form.psa_date_start = "2026-03-01"
            form.sale_order_template_id = template
        order = form.record
        order.sudo().action_confirm()
        return order

    def test_hours_from_template_to_the_bill_of_the_first_period(self):
        """10 hours for 1,500.00, at most 4 roll over, more at 180.00. 12 of March: 2 x 180.00 = 360.00."""
        template = self._template(
            psa_effort_hours=10,
            psa_retainer_rollover="periods",
            psa_retainer_rollover_periods=2,
            psa_retainer_rollover_cap=4,
            psa_retainer_overage="bill",
            psa_retainer_overage_rate=180,
            psa_retainer_true_up="minimum",
            psa_retainer_minimum=5000,
        )
        order = self._from_template(template)
        line = order.order_line
        self.assertEqual(
            (line.psa_retainer_hours, line.psa_retainer_rollover_cap, line.psa_retainer_overage_rate),
            (10, 4, 180),
        )
        self.assertEqual((line.psa_retainer_true_up, line.psa_retainer_minimum), ("minimum", 5000))
        entry = self._work(line, 12)
        self.assert_wip(entry, ("covered", 10, 0, 0), ("open", 2, 2, 360))
        self._work(line, 3, "2026-04-10")
        self.assert_periods(
            order,
            ("2026-03-01", 0, 10, 10, 0, 0),
            ("2026-04-01", 0, 10, 3, 3, 4),
            ("2026-05-01", 4, 10, 0, 10, 4),
        )
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 1860)

    def test_money_from_template_to_the_bill_of_the_first_period(self):
        """1,000.00 a month at the card for 900.00. 8 hours of the architect: 6.66 for 999.00, 1.34 over at
        120.00: 160.80."""
        template = self._template(
            psa_price_unit=900,
            psa_retainer_grant="money",
            psa_retainer_amount=1000,
            psa_retainer_overage_rate=120,
        )
        order = self._from_template(template)
        self.assert_wip(self._work(order.order_line, 8), ("covered", 6.66, 0, 0), ("open", 1.34, 1.34, 160.8))
        self.assertEqual(self._bill("2026-03-01", "2026-03-31").amount_untaxed, 1060.8)

    def test_amounts_are_in_the_currency_of_the_statement_of_work(self):
        foreign = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])  # 1.00 is 0.50 EUR
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": foreign.id})
        self.env.user.group_ids += self.env.ref("product.group_product_pricelist")
        template = self._template(
            psa_retainer_grant="money",
            psa_retainer_amount=1000,
            psa_retainer_rollover="end",
            psa_retainer_rollover_cap=400,
            psa_retainer_overage_rate=180,
            psa_retainer_true_up="minimum",
            psa_retainer_minimum=5000,
        )
        line = self._from_template(template, pricelist_id=pricelist).order_line
        self.assertEqual(
            (
                line.price_unit,
                line.psa_retainer_amount,
                line.psa_retainer_rollover_cap,
                line.psa_retainer_overage_rate,
                line.psa_retainer_minimum,
            ),
            (750, 500, 200, 90, 2500),
        )
        self.assertEqual(self._periods(line.order_id)[0].granted, 500)
        # and back
        template = self.env["sale.order.template"].browse(
            line.order_id.action_psa_save_as_template()["res_id"]
        )
        saved = template.sale_order_template_line_ids
        self.assertEqual(
            (
                saved.psa_retainer_amount,
                saved.psa_retainer_rollover_cap,
                saved.psa_retainer_overage_rate,
                saved.psa_retainer_minimum,
                saved.psa_retainer_true_up,
            ),
            (1000, 400, 180, 5000, "minimum"),
        )

    def test_hours_that_roll_over_are_no_money(self):
        foreign = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": foreign.id})
        self.env.user.group_ids += self.env.ref("product.group_product_pricelist")
        template = self._template(
            psa_effort_hours=10, psa_retainer_rollover="end", psa_retainer_rollover_cap=4
        )
        line = self._from_template(template, pricelist_id=pricelist).order_line
        self.assertEqual((line.psa_retainer_hours, line.psa_retainer_rollover_cap), (10, 4))

    def test_the_terms_are_set_on_a_form_of_their_own(self):
        line = self._template().sale_order_template_line_ids
        action = line.action_psa_retainer_terms()
        self.assertEqual((action["res_model"], action["res_id"]), (line._name, line.id))
        with Form(line, view=self.env.ref("psa_billing.sale_order_template_line_view_form_retainer")) as form:
            form.psa_retainer_grant = "money"
            form.psa_retainer_amount = 800
            form.psa_retainer_overage_rate = 170
        self.assertEqual((line.psa_retainer_amount, line.psa_retainer_overage_rate), (800, 170))

    def test_amounts_below_zero_are_refused(self):
        for name in ("psa_retainer_overage_rate", "psa_retainer_minimum", "psa_retainer_rollover_cap"):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(CheckViolation, "psa_retainer_not_negative"),
                self.env.cr.savepoint(),
            ):
                self._template(**{name: -1})
