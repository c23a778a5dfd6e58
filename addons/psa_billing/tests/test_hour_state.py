from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestHourState(PsaBillingCase):
    def _rows(self, *entries):
        """[(state, hours, amount)] of the entries in the report, by state."""
        ids = [entry.id for entry in entries]
        rows = self.env["psa.hour.state"].search([("analytic_line_id", "in", ids)])
        return sorted((row.state, row.hours, row.amount) for row in rows)

    def test_each_state_of_work_in_progress(self):
        order = self._sow(
            self._line(self.architect, cap=600),
            self._line(self.developer, 10, "fixed", price_unit=90),
        )
        architect, fixed = order.order_line
        billed = self._work(architect, 1)
        self._invoice(self._propose())
        proposed = self._work(architect, 1)
        self._propose()
        held = self._work(architect, 1, "2026-03-03")
        held.psa_wip_ids.action_hold()
        crossing = self._work(architect, 3, "2026-03-04")
        covered = self._work(fixed, 2)
        self.assertEqual(
            self._rows(billed, proposed, held, crossing, covered),
            [
                ("billed", 1, 150),
                ("covered", 2, 0),
                ("held", 1, 150),
                ("open", 1, 150),  # 600.00 less 3 × 150.00
                ("over_cap", 2, 300),
                ("proposed", 1, 150),
            ],
        )

    def test_time_beside_work_in_progress(self):
        line = self._sow(self._line(self.architect, discount=10)).order_line
        waiting = self._log(line, 2)
        draft = self._log(line, 1)
        draft.action_psa_recall()
        refused = self._log(line, 3)
        refused._psa_refuse("Which meeting?")
        unsold = self._work(line, 4, employee=self.dev, psa_role_id=self.developer.id)
        by_choice = self._log(line, 5)
        by_choice.write({"so_line": False, "is_so_line_edited": True})
        by_choice.action_psa_approve()
        self.assertEqual(
            self._rows(waiting, draft, refused, unsold, by_choice),
            [
                ("non_billable", 5, 0),
                ("refused", 3, 405),  # 3 h × 150.00 × 0.9
                ("role_not_sold", 4, 0),
                ("unapproved", 1, 135),
                ("unapproved", 2, 270),
            ],
        )

    def test_where_the_rate_steps_the_taxes_in_the_price_are_none_of_its_worth(self):
        row = self.card.line_ids.filtered(lambda row: row.role_id == self.architect)
        row.date_end = "2026-03-02"
        row.copy({"date_start": "2026-03-03", "date_end": False, "price": 238})
        included = self.tax.copy({"name": "19 %", "amount": 19, "price_include_override": "tax_included"})
        line = self._sow(
            self._line(self.architect, discount=10, tax_ids=[Command.set(included.ids)])
        ).order_line
        entry = self._log(line[0], 2, "2026-03-03")
        # 2 h x 238.00 x 0.9 / 1.19
        self.assertEqual(self._rows(entry), [("unapproved", 2, 360)])
        entry.action_psa_approve()
        self.assertEqual(self._rows(entry), [("open", 2, 360)])

    def test_time_of_a_day_line_is_worth_its_part_of_a_day(self):
        day = self.env.ref("uom.product_uom_day")
        line = self._sow(self._line(self.architect, 10, product_uom_id=day.id, price_unit=1000)).order_line
        # a working day of the company has 8 hours
        self.assertEqual(self._rows(self._log(line, 2)), [("unapproved", 2, 250)])

    def test_time_on_internal_projects_is_not_billable_and_on_other_orders_not_here(self):
        internal = self.env["project.project"].create({"name": "Internal", "allow_timesheets": True})
        values = {"name": "Work", "employee_id": self.ann.id, "unit_amount": 2, "date": "2026-03-02"}
        own = self.env["account.analytic.line"].create({**values, "project_id": internal.id})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "order_line": [Command.create({"product_id": self.architect.psa_time_product_id.id})],
            }
        )
        order.action_confirm()
        sold = self._work(order.order_line, 2)
        self.assertTrue(sold.so_line)
        self.assertEqual(self._rows(own, sold), [("non_billable", 2, 0)])

    def test_time_on_a_change_order_counts_for_its_sow(self):
        order = self._sow()
        change = self.env["sale.order"].browse(order.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "An interface more",
                "psa_requested_by_id": self.client.id,
                "order_line": [self._line(self.developer, 10)],
            }
        )
        change.sudo().action_confirm()
        added = change.order_line.filtered(lambda line: line.psa_role_id == self.developer)
        rated, waiting = self._work(added, 1), self._log(added, 2)
        rows = self.env["psa.hour.state"].search([("analytic_line_id", "in", (rated + waiting).ids)])
        self.assertEqual(rows.order_id, order)
        self.assertEqual(rows.sale_line_id, added)
        self.assertEqual(rows.partner_id, self.client)
        self.assertEqual(rows.role_id, self.developer)

    def test_company_currency_at_the_rate_of_the_day_of_work(self):
        currency = self.env["res.currency"].create(
            {
                "name": "XPS",
                "symbol": "X",
                "rate_ids": [
                    Command.create({"name": "2026-01-01", "rate": 2, "company_id": self.company.id}),
                    Command.create({"name": "2026-03-10", "rate": 4, "company_id": self.company.id}),
                ],
            }
        )
        pricelist = self.env["product.pricelist"].create({"name": "XPS", "currency_id": currency.id})
        line = self._sow(self._line(self.architect, price_unit=100), pricelist_id=pricelist.id).order_line
        self.assertEqual(line.currency_id, currency)
        early, late = self._work(line, 1, "2026-03-09"), self._work(line, 1, "2026-03-10")
        unapproved = self._log(line, 1, "2026-03-10")
        amounts = {
            row.analytic_line_id: (row.amount, row.company_amount)
            for row in self.env["psa.hour.state"].search([("order_id", "=", line.order_id.id)])
        }
        self.assertEqual(amounts, {early: (100, 50), late: (100, 25), unapproved: (100, 25)})
        day = fields.Date.to_date("2026-03-09")
        self.assertEqual(currency._convert(100, self.company.currency_id, self.company, day), 50)

    def _in_yen(self, **values):
        """A line in a currency without decimals, 100 of which are one of the company."""
        currency = self.setup_other_currency("JPY", rates=[("2026-01-01", 100)])
        self.assertEqual(currency.rounding, 1)
        pricelist = self.env["product.pricelist"].create({"name": "Yen", "currency_id": currency.id})
        return self._sow(self._line(self.architect, **values), pricelist_id=pricelist.id).order_line

    def test_time_that_is_not_approved_is_worth_what_it_will_be_in_a_currency_without_decimals(self):
        """0.33 h at 15,151 yen are 4,999.83: 5,000. 7.5 h at 9,999 yen less 12.5 %, 8,749.125 yen, are
        65,618.44: 65,618. Three hours of it are 26,247.375, which the line rounds to 26,247: divided by
        three 8,749 would be 65,617.50."""
        line = self._in_yen(hours=100, price_unit=15151)
        less = self._sow(
            self._line(self.architect, 3, price_unit=9999, discount=12.5),
            pricelist_id=line.order_id.pricelist_id.id,
        ).order_line
        for sold, hours, amount in ((line, 0.33, 5000), (less, 7.5, 65618)):
            entry = self._log(sold, hours)
            row = self.env["psa.hour.state"].search([("analytic_line_id", "=", entry.id)])
            self.assertEqual((row.amount, row.company_amount), (amount, amount / 100))
            entry.action_psa_approve()
            self.assertEqual(self._rows(entry), [("open", hours, amount)])

    def test_the_price_of_few_hours_is_not_what_they_round_to(self):
        """0.3 h at 99.99 are 29.997, on the line 30.00; 8 h are 799.92, not 800.00. Where the rate steps,
        8 h at 88.88 are 711.04."""
        row = self.card.line_ids.filtered(lambda row: row.role_id == self.architect)
        row.write({"price": 99.99, "date_end": "2026-03-02"})
        row.copy({"date_start": "2026-03-03", "date_end": False, "price": 88.88})
        line = self._sow(self._line(self.architect, 0.3)).order_line[0]
        self.assertEqual(self._rows(self._log(line, 8)), [("unapproved", 8, 799.92)])
        self.assertEqual(self._rows(self._log(line, 8, "2026-03-03")), [("unapproved", 8, 711.04)])

    def test_age_of_what_is_not_billed(self):
        line = self._sow().order_line
        today = fields.Date.context_today(line)
        days = {0: "0", 30: "0", 31: "31", 60: "31", 61: "61", 90: "61", 91: "91", -5: "0"}
        entries = {self._work(line, 1, today - timedelta(days=number)): age for number, age in days.items()}
        rows = self.env["psa.hour.state"].search([("order_id", "=", line.order_id.id)])
        self.assertEqual({row.analytic_line_id: row.age for row in rows}, entries)
        next(iter(entries)).psa_wip_ids.sudo()._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))
        rows.invalidate_model()
        self.assertFalse(rows.search([("state", "=", "written_off")]).age)

    def test_the_report_groups_by_what_people_ask_for(self):
        line = self._sow().order_line
        self._work(line, 1), self._work(line, 2, "2026-04-02"), self._log(line, 4)
        groups = self.env["psa.hour.state"]._read_group(
            [("order_id", "=", line.order_id.id)],
            ["state", "date:month"],
            ["hours:sum", "company_amount:sum"],
        )
        march, april = fields.Date.to_date("2026-03-01"), fields.Date.to_date("2026-04-01")
        self.assertEqual(
            groups, [("open", march, 1, 150), ("open", april, 2, 300), ("unapproved", march, 4, 600)]
        )

    def test_a_row_opens_the_work_and_the_entry(self):
        line = self._sow().order_line
        rated, waiting = self._work(line, 1), self._log(line, 1)
        rows = self.env["psa.hour.state"].search([("order_id", "=", line.order_id.id)])
        by_entry = rows.grouped("analytic_line_id")
        source = by_entry[rated].action_open_source()
        self.assertEqual((source["res_model"], source["res_id"]), ("psa.wip.entry", rated.psa_wip_ids.id))
        source = by_entry[waiting].action_open_source()
        self.assertEqual((source["res_model"], source["res_id"]), ("account.analytic.line", waiting.id))
        self.assertEqual(by_entry[rated].action_open_entry()["res_id"], rated.id)

    def test_a_row_opens_the_statement_of_work_where_the_entry_is_not_shown(self):
        """A billing manager who logs time of their own sees no timesheets of others: 2 h that wait for
        approval open their statement of work, in its own form, and have no button to the entry."""
        line = self._sow().order_line
        waiting = self._log(line, 2)
        groups = "psa_billing.group_psa_billing_manager,hr_timesheet.group_hr_timesheet_user"
        biller = self._user("other.biller", groups)
        row = self.env["psa.hour.state"].search([("analytic_line_id", "=", waiting.id)])
        self.assertTrue(row.can_open_entry)
        row = row.with_user(biller)
        self.assertFalse(row.can_open_entry)
        action = row.action_open_source()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", line.order_id.id))
        self.assertEqual(action["views"], [(self.env.ref("psa_contracts.sow_view_form").id, "form")])

    def test_who_reads_it(self):
        line = self._sow().order_line
        entry = self._work(line, 1)
        report = self.env["psa.hour.state"]
        for login, groups in (
            ("manager", "psa_project.group_psa_project_manager"),
            ("biller", "psa_billing.group_psa_billing_manager"),
        ):
            rows = report.with_user(self._user(login, groups)).search([("analytic_line_id", "=", entry.id)])
            self.assertEqual(rows.mapped("state"), ["open"])
            self.assertEqual(rows.order_id.sudo(), line.order_id)
        with self.assertRaises(AccessError):
            report.with_user(self.ann.user_id).search([])
        other = self.env["res.company"].sudo().create({"name": "Other"})
        stranger = self._user("stranger", "psa_project.group_psa_project_manager", other)
        self.assertFalse(report.with_user(stranger).search([("analytic_line_id", "=", entry.id)]))
        with self.assertRaises(AccessError):
            report.search([], limit=1).write({"hours": 1})

    def test_time_off_is_no_time_worked(self):
        if "global_leave_id" not in self.env["account.analytic.line"]._fields:
            return
        project = self.env["project.project"].create({"name": "Time Off", "allow_timesheets": True})
        leave = self.env["resource.calendar.leaves"].create(
            {"name": "Holiday", "date_from": "2026-03-02 08:00:00", "date_to": "2026-03-02 16:00:00"}
        )
        entry = self.env["account.analytic.line"].create(
            {
                "name": "Holiday",
                "project_id": project.id,
                "employee_id": self.ann.id,
                "unit_amount": 8,
                "global_leave_id": leave.id,
            }
        )
        self.assertFalse(self._rows(entry))

    def test_what_was_billed_before_billing_was_installed_is_billed(self):
        line = self._sow().order_line
        entry = self._work(line, 2)
        # as the addon finds time that the host billed
        entry.psa_wip_ids.sudo().unlink()
        move = self.init_invoice("out_invoice", partner=self.client, amounts=[300])
        entry.sudo().timesheet_invoice_id = move
        self.env["account.analytic.line"]._psa_mark_billed_before()
        self.assertEqual(self._rows(entry), [("billed", 2, 300)])
        with self.assertRaisesRegex(UserError, "is billed on .*credit the posted one"):
            entry.action_psa_recall()
        # its credit note frees it: it is work to bill
        entry.sudo().write({"timesheet_invoice_id": False})
        self.assert_wip(entry, ("open", 2, 2, 300))
        self.assertEqual(self._rows(entry), [("open", 2, 300)])
