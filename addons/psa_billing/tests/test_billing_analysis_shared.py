"""What is billed for a fixed price, a milestone or a retainer, by those who worked for it."""

from odoo import Command
from odoo.tests import tagged

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestSharedPrices(PsaRetainerCase):
    """Standard rates: Ann 150.00, Dev 100.00. A fixed price of 1,000.00:

    ===============  ==========  =======================================
    worked           standard    of 1,000.00
    ===============  ==========  =======================================
    Dev 5 h, March       500.00  500 ÷ 900                        555.56
    Ann 2 h, March       300.00  800 ÷ 900 = 888.89, less 555.56  333.33
    Dev 1 h, April       100.00  the rest                         111.11
    ===============  ==========  =======================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._fixed(1000)
        cls.line = cls.order.order_line

    @classmethod
    def _fixed(cls, price, **values):
        return cls._sow(cls._line(cls.developer, 1, "fixed", price_unit=price), **values)

    def _work_on(self, line):
        self._work(line, 5, "2026-03-04")
        self._work_of_ann(line)
        self._work(line, 1, "2026-04-02")

    def _work_of_ann(self, line):
        """2 h in her own role, put on the line by hand."""
        by_hand = {"psa_role_id": self.architect.id, "so_line": line.id, "is_so_line_edited": True}
        self._work(line, 2, "2026-03-05", employee=self.ann, **by_hand)

    def _by(self, *group, measures=("worked_amount:sum", "billed_amount:sum"), order=None):
        self.env.flush_all()
        rows = self.env["psa.billing.analysis"]._read_group(
            [("order_id", "=", (order or self.order).id)], group, measures
        )
        rows = [tuple(round(v, 4) if isinstance(v, float) else v for v in row) for row in rows]
        return {row[0]: row[1:] for row in rows} if group else rows[0]

    def test_by_person_role_and_month_it_adds_up_to_what_the_client_pays(self):
        self._work_on(self.line)
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(invoice.amount_untaxed, 1000)
        self.assertEqual(self._by("employee_id"), {self.dev: (600, 666.67), self.ann: (300, 333.33)})
        self.assertEqual(self._by("role_id"), {self.developer: (600, 666.67), self.architect: (300, 333.33)})
        self.assertEqual(
            {str(month)[:7]: sums for month, sums in self._by("date:month").items()},
            {"2026-03": (800, 888.89), "2026-04": (100, 111.11)},
        )
        self.assertEqual(self._by(), (900, 1000))

    def test_all_realise_what_the_sow_realises(self):
        self._work_on(self.line)
        self._invoice(self._propose())
        # 1,000 ÷ 900; of Ann 333.33 ÷ 300
        ratios = self._by("employee_id", measures=["realisation:avg"])
        self.assertEqual(ratios, {self.dev: (1.1111,), self.ann: (1.1111,)})
        self.assertEqual(self._by(measures=["realisation:avg"]), (1.1111,))

    def test_what_is_billed_before_any_work_has_no_person_until_somebody_works(self):
        invoice = self._invoice(self._propose(), post=True)
        self.assertEqual(self._by("employee_id"), {self.env["hr.employee"]: (0, 1000)})
        row = self.env["psa.billing.analysis"].search([("order_id", "=", self.order.id)])
        self.assertEqual((row.kind, row.invoice_line_id.move_id), ("fixed", invoice))
        self._work(self.line, 5, "2026-03-04")
        self.assertEqual(self._by("employee_id"), {self.dev: (500, 1000)})

    def test_a_credit_note_takes_its_part_back_from_all(self):
        self._work_on(self.line)
        invoice = self._invoice(self._propose(), post=True)
        self._credit(invoice)
        self.assertEqual(self._by("employee_id"), {self.dev: (600, 0), self.ann: (300, 0)})
        self._invoice(self._propose(), post=True)  # the price is whole again
        self.assertEqual(self._by("employee_id"), {self.dev: (600, 666.67), self.ann: (300, 333.33)})

    def test_without_standard_rates_hours_share(self):
        """5, 2 and 1 of 8 hours."""
        self.card.active = False
        self._work_on(self.line)
        self._invoice(self._propose())
        self.assertEqual(self._by("employee_id"), {self.dev: (0, 750), self.ann: (0, 250)})

    def test_hours_that_are_taken_back_share_nothing(self):
        self._work(self.line, 5, "2026-03-04")
        self._work(self.line, -5, "2026-03-05")
        self._invoice(self._propose())
        self.assertEqual(self._by("employee_id"), {self.env["hr.employee"]: (0, 1000), self.dev: (0, 0)})

    def test_each_line_is_shared_by_its_own_people_and_change_orders_by_those_of_their_line(self):
        """A change order of 200.00 more on the price: 1,200.00 by 500 and 300 of 800."""
        other = self._fixed(700)
        self._work(other.order_line, 3, "2026-03-04")
        change = self.env["sale.order"].browse(self.order.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "More",
                "psa_requested_by_id": self.client.id,
                "order_line": [
                    Command.create(
                        {
                            "psa_amends_line_id": self.line.id,
                            "product_id": self.line.product_id.id,
                            "product_uom_qty": 1,
                            "price_unit": 200,
                        }
                    )
                ],
            }
        )
        change.sudo().action_confirm()
        self._work(self.line, 5, "2026-03-04")
        self._work_of_ann(self.line)
        self._invoice(self._propose())
        self.assertEqual(self._by("employee_id"), {self.dev: (500, 750), self.ann: (300, 450)})
        self.assertEqual(self._by("employee_id", order=other), {self.dev: (300, 700)})

    def test_a_retainer_is_shared_by_those_who_drew_on_it_and_what_is_over_it_is_billed_for_itself(self):
        """10 hours for 1,500.00: Ann 4 h, Dev 6 h, 600.00 each at the standard rate. Ann's 2 h over it are
        billed at 150.00."""
        order = self._sow(self._retainer())
        line = order.order_line
        self._work(line, 4)
        by_hand = {"psa_role_id": self.developer.id, "so_line": line.id, "is_so_line_edited": True}
        self._work(line, 6, "2026-03-03", employee=self.dev, **by_hand)
        self._work(line, 2, "2026-03-10")
        invoices = self._bill("2026-03-01", "2026-03-31")
        # and the fixed price that nobody worked for
        self.assertEqual(sorted(invoices.mapped("amount_untaxed")), [1000, 1800])
        self.assertEqual(self._by("employee_id", order=order), {self.ann: (900, 1050), self.dev: (600, 750)})

    def test_milestones_are_shared_as_they_are_billed(self):
        """40 % of 10,000.00 are billed: Dev 500.00 and Ann 300.00 of what was worked."""
        order = self._sow(self._line(self.developer, 1, "milestone", price_unit=10000))
        line = order.order_line
        self.env["project.milestone"].search([("sale_line_id", "=", line.id)]).unlink()
        self.env["project.milestone"].create(
            [
                {
                    "name": f"{share}",
                    "project_id": line.task_id.project_id.id,
                    "sale_line_id": line.id,
                    "quantity_percentage": share,
                    "is_reached": share < 0.5,
                }
                for share in (0.4, 0.6)
            ]
        )
        self._work(line, 5, "2026-03-04")
        self._work_of_ann(line)
        self._invoice(self._propose())
        self.assertEqual(self._by("employee_id", order=order), {self.dev: (500, 2500), self.ann: (300, 1500)})

    def test_rows_are_found_and_read_one_by_one_as_in_a_list(self):
        self._work_on(self.line)
        self._invoice(self._propose())
        self.env.flush_all()
        report = self.env["psa.billing.analysis"]
        own = [("order_id", "=", self.order.id)]
        rows = report.search(own, order="date desc, id desc")
        self.assertEqual(len(rows), 6)  # three entries, and what is billed for each
        fields = ["billed_amount", "worked_amount", "employee_id", "date"]
        exported = report.search_read(own, fields)
        self.assertEqual(exported, report.search_read(own, fields, limit=80))
        self.assertEqual(sum(row["worked_amount"] for row in exported), 900)
        for row in rows:
            alone = report.browse(row.id)
            alone.invalidate_recordset()
            (values,) = alone.read(fields, load="")
            (same,) = report.search_read([*own, ("id", "=", row.id)], fields, load="")
            self.assertEqual(values, same)
        found = {(row.date.month, row.employee_id, row.billed_amount) for row in rows if row.billed_amount}
        self.assertEqual(found, {(3, self.dev, 555.56), (3, self.ann, 333.33), (4, self.dev, 111.11)})
        self.assertEqual(rows.filtered("billed_amount")[0].action_open_source()["res_model"], "account.move")
