"""Time that comes in days, by RPC or an import, is hours on a statement of work."""

from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestTimeInDays(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hour, cls.day = (cls.env.ref(f"uom.product_uom_{unit}") for unit in ("hour", "day"))
        cls.company.resource_calendar_id.hours_per_day = 8

    def _in_days(self, line, days, **values):
        task = line.task_id
        return self.env["account.analytic.line"].create(
            {
                "name": "Imported",
                "project_id": task.project_id.id,
                "task_id": task.id,
                "employee_id": self.ann.id,
                "date": "2026-03-02",
                "unit_amount": days,
                "product_uom_id": self.day.id,
                **values,
            }
        )

    def _approve(self, entry):
        entry.action_psa_submit()
        entry.action_psa_approve()

    def _kept(self, entry):
        return entry.unit_amount, entry.product_uom_id, entry.amount

    def test_a_day_is_the_hours_of_the_company(self):
        line = self._sow().order_line
        entry = self._in_days(line, 1.5)
        self.assertEqual(self._kept(entry), (12, self.hour, -720))  # cost: 12 h at 60.00
        self._approve(entry)
        self.assert_wip(entry, ("open", 12, 12, 1800))
        self.assertEqual(self._invoice(self._propose(), post=True).amount_untaxed, 1800)
        self.assert_host_figures(line, delivered=12, invoiced=12, amount_to_invoice=0)

    def test_a_shorter_working_day(self):
        self.company.resource_calendar_id.hours_per_day = 7.5
        entry = self._in_days(self._sow().order_line, 2)
        self.assertEqual(self._kept(entry), (15, self.hour, -900))

    def test_on_a_line_that_is_sold_by_the_day(self):
        line = self._sow(
            self._line(self.architect, 10, product_uom_id=self.day.id, price_unit=1000)
        ).order_line
        entry = self._in_days(line, 0.5)
        self._approve(entry)
        self.assertEqual(entry.unit_amount, 4)
        self.assert_wip(entry, ("open", 4, 0.5, 500))

    def test_written_later_it_is_hours_too(self):
        entry = self._log(self._sow().order_line, 2)
        entry.action_psa_recall()
        entry.write({"product_uom_id": self.day.id, "unit_amount": 1})
        self.assertEqual(self._kept(entry), (8, self.hour, -480))
        entry.write({"unit_amount": 3})
        self.assertEqual(self._kept(entry), (3, self.hour, -180))

    def test_what_waited_as_days_is_hours_once_it_is_submitted(self):
        entry = self._in_days(self._sow().order_line, 1)
        self.env.cr.execute(
            "UPDATE account_analytic_line SET unit_amount = 1, product_uom_id = %s WHERE id = %s",
            [self.day.id, entry.id],
        )
        entry.invalidate_recordset()
        self._approve(entry)
        self.assert_wip(entry, ("open", 8, 8, 1200))

    def test_time_on_other_projects_is_the_hosts(self):
        project = self.env["project.project"].create({"name": "Inside"})
        entry = self.env["account.analytic.line"].create(
            {
                "name": "Imported",
                "project_id": project.id,
                "employee_id": self.ann.id,
                "unit_amount": 1,
                "product_uom_id": self.day.id,
            }
        )
        self.assertEqual((entry.unit_amount, entry.product_uom_id), (1, self.day))
