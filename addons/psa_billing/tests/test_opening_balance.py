"""Going live in the middle of contracts: what was worked, billed and left by a day, brought in without
invoices."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .test_retainer_periods import PsaRetainerCase


class OpeningCase(PsaRetainerCase):
    @classmethod
    def _open(cls, line, day="2026-03-31", **values):
        return cls.env["psa.opening.balance"].create({"sale_line_id": line.id, "date": day, **values})


@tagged("post_install", "-at_install")
class TestOpeningBalance(OpeningCase):
    def test_billed_hours_count_and_unbilled_work_is_billed_next(self):
        """Of 100 h at 150.00, 50 were billed (7,500.00) and work for 4,512.34 waits. In April 2 h are
        worked."""
        order = self._sow()
        line = order.order_line
        opening = self._open(line, worked_hours=80, billed_amount=7500, unbilled_amount=4512.34)
        self.assert_host_figures(line, 50, 50, 0)
        self.assertEqual(line.untaxed_amount_invoiced, 7500)
        self.assert_host_figures(opening.wip_line_id, 0, 0, 4512.34)
        self.assertEqual(order.psa_wip_amount, 4512.34)
        self.assertFalse(order.invoice_ids)
        self._work(line, 2, "2026-04-02")
        self.assertEqual(order.psa_wip_amount, 4812.34)
        invoice = self._bill("2026-04-01", "2026-04-30")
        self.assertEqual(invoice.amount_untaxed, 4812.34)
        order.invalidate_recordset()
        self.assertEqual(order.psa_wip_amount, 0)
        self.assert_host_figures(line, 52, 52, 0)

    def test_a_row_is_named_by_its_line_and_day_as_far_as_they_are_typed(self):
        line = self._sow().order_line
        self.assertFalse(self.env["psa.opening.balance"].new().display_name)
        opening = self._open(line, worked_hours=1)
        self.assertEqual(opening.display_name, f"{line.display_name}, 03/31/2026")

    def test_an_amount_that_hours_cannot_say_leaves_nothing_to_invoice(self):
        """7,499.60 are 50.00 hours less 0.40."""
        line = self._sow().order_line
        self._open(line, billed_amount=7499.6)
        self.assert_host_figures(line, 50, 50, 0)
        self.assertEqual(line.untaxed_amount_invoiced, 7499.6)

    def test_a_part_of_a_fixed_price_is_billed(self):
        """4,000.00 of 10,000.00: the next run bills the rest."""
        line = self._sow(self._line(self.architect, 1, "fixed", price_unit=10000)).order_line
        self._open(line, billed_amount=4000)
        self.assert_host_figures(line, 0, 0.4, 6000)
        self.assertEqual(self._propose().amount, 6000)

    def test_what_was_used_of_a_cap_is_used(self):
        """Cap 10,000.00; 7,500.00 billed, 1,000.00 wait: 1,500.00 are left, 10 h. Of 12 h 2 are over it."""
        line = self._sow(self._line(self.architect, cap=10000)).order_line
        entry = self._work(line, 12, "2026-04-02")
        opening = self._open(line, billed_amount=7500, unbilled_amount=1000)
        self.assert_wip(entry, ("open", 10, 10, 1500), ("over_cap", 2, 2, 300))
        # the cap was counted otherwise: 9,400.00 used, 600.00 left
        opening.cap_used = 9400
        self.assert_wip(entry, ("open", 4, 4, 600), ("over_cap", 8, 8, 1200))
        opening.unlink()
        self.assert_wip(entry, ("open", 12, 12, 1800))

    def test_unbilled_work_is_not_brought_in_over_a_cap(self):
        """Cap 1,000.00 of the SOW; 300.00 were billed, and 700.00 since by others. Brought in again, 600.00
        of unbilled work would come on top."""
        order = self._sow(self._line(self.architect), self._line(self.developer), psa_cap_amount=1000)
        line, developer = order.order_line
        self._open(line, billed_amount=300)
        self._work(developer, 7, "2026-04-02")
        self.assertEqual(self._bill("2026-04-01", "2026-04-30").amount_untaxed, 700)
        with self.assertRaisesRegex(UserError, "600.00 more than the cap of"), self.env.cr.savepoint():
            self._open(line, billed_amount=300, unbilled_amount=600)
        self.env.invalidate_all()
        self._change_order(order, psa_cap_change=600)
        opening = self._open(line, billed_amount=300, unbilled_amount=600)
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 600)
        self.assertEqual(opening.billed_amount, 300)

    def test_importing_again_replaces(self):
        order = self._sow(self._line(self.architect), self._retainer())
        opening = self.env["psa.opening.balance"]
        header = ["order_name", "line_number", "date", "billed_amount", "unbilled_amount", "retainer_balance"]
        rows = [
            [order.name, "1", "2026-03-31", "7500", "600", ""],
            [order.name, "2", "2026-03-31", "1500", "", "6"],
        ]
        result = opening.load(header, rows)
        self.assertFalse(result["messages"])
        first = opening.browse(result["ids"])
        rows[0][3:5] = ["6000", "450"]
        result = opening.load(header, rows)
        self.assertFalse(result["messages"])
        self.assertEqual(result["ids"], first.ids)
        self.assertEqual(opening.search_count([("order_id", "=", order.id)]), 2)
        line = order.order_line[0]
        self.assert_host_figures(line, 40, 40, 0)
        self.assertEqual(first.wip_line_id.price_unit, 450)
        self.assertEqual(self._propose("2026-03-01", "2026-03-31").amount, 450)

    def test_bad_rows_are_named_and_nothing_of_the_file_stays(self):
        order = self._sow()
        header = ["order_name", "line_number", "date", "billed_amount"]
        rows = [[order.name, "1", "2026-03-31", "100"], [order.name, "7", "2026-03-31", "100"]]
        result = self.env["psa.opening.balance"].load(header, rows)
        self.assertFalse(result["ids"])
        self.assertIn(f"{order.name}, line 7: there is no such line", result["messages"][0]["message"])
        self.assertFalse(self.env["psa.opening.balance"].search([("order_id", "=", order.id)]))

    def test_a_line_that_a_file_has_twice_is_refused(self):
        """The second row would replace the first without a word."""
        order = self._sow(self._line(self.architect), self._line(self.architect))
        header = ["order_name", "line_number", "date", "billed_amount"]
        rows = [[order.name, number, "2026-03-31", "150"] for number in ("1", "2", "2", "1", "1")]
        opening = self.env["psa.opening.balance"]
        result = opening.load(header, rows)
        self.assertFalse(result["ids"])
        self.assertEqual(len(result["messages"]), 1)
        self.assertIn(
            f"more than one row for {order.name}, line 2; {order.name}, line 1.",
            result["messages"][0]["message"],
        )
        self.assertFalse(opening.search([("order_id", "=", order.id)]))
        result = opening.load(header, rows[:2])
        self.assertEqual((len(result["ids"]), result["messages"]), (2, []))

    def test_a_negative_figure_is_named_by_its_line(self):
        order = self._sow()
        header = ["order_name", "line_number", "date", "billed_amount"]
        result = self.env["psa.opening.balance"].load(header, [[order.name, "1", "2026-03-31", "-150"]])
        self.assertFalse(result["ids"])
        name = order.order_line.display_name
        self.assertIn(f"{name}: hours and amounts", result["messages"][0]["message"])

    def test_wrong_figures_are_refused(self):
        order = self._sow(self._line(self.architect), self._line(self.architect, 1, "fixed", price_unit=9))
        time, fixed = order.order_line
        with self.assertRaisesRegex(ValidationError, "no retainer that grants"):
            self._open(time, retainer_balance=5)
        with self.assertRaisesRegex(ValidationError, "only time and material and expenses have"):
            self._open(fixed, unbilled_amount=5)
        draft = self._sow(confirm=False)
        with self.assertRaisesRegex(ValidationError, "no line of a confirmed statement of work"):
            self._open(draft.order_line, billed_amount=5)
        self._open(time, billed_amount=150)
        with self.assertRaisesRegex(ValidationError, "opens on 03/31/2026 already"):
            self._open(time, "2026-04-30", billed_amount=150)

    def test_a_number_of_two_companies_is_asked_for(self):
        order = self._sow(name="SAME")
        company = self.setup_other_company()["company"]
        self.env.user.company_ids |= company
        self._sow(
            self._line(self.architect, tax_ids=[Command.clear()], price_unit=150),
            confirm=False,
            name="SAME",
            company_id=company.id,
        )
        rows = {"order_name": " SAME ", "line_number": 1, "date": "2026-03-31", "billed_amount": 150}
        opening = self.env["psa.opening.balance"]
        both = opening.with_context(allowed_company_ids=[company.id, self.company.id])
        with self.assertRaisesRegex(ValidationError, "Choose one company at the top of the page"):
            both.create(rows)
        one = opening.with_context(allowed_company_ids=[self.company.id])
        self.assertEqual(one.create(rows).sale_line_id, order.order_line)

    def test_it_stays_on_its_line(self):
        """It is deleted and entered for the other line: the 600.00 that wait go with it."""
        first, second = self._sow(), self._sow()
        here, there = first.order_line, second.order_line
        opening = self._open(here, billed_amount=1500, unbilled_amount=600)
        with self.assertRaisesRegex(ValidationError, "Delete it, and enter another one"):
            opening.sale_line_id = there
        opening.unlink()
        self._open(there, billed_amount=1500, unbilled_amount=600)
        self.assertEqual((first.psa_wip_amount, second.psa_wip_amount), (0, 600))
        self.assertEqual((here.qty_invoiced, there.qty_invoiced), (0, 10))

    def test_unbilled_expenses_are_typed(self):
        expenses = self._line(self.architect, 1, "expense", price_unit=0)
        product = self.env.ref("psa_contracts.product_expense").id
        expenses[2].update(psa_role_id=False, product_id=product, name="Travel")
        order = self._sow(self._line(self.architect), expenses)
        for view in ("psa_opening_balance_view_form", "psa_opening_balance_view_list"):
            with Form(self.env["psa.opening.balance"], f"psa_billing.{view}") as form:
                form.sale_line_id = order.order_line[1]
                form.date = "2026-02-28"
                form.unbilled_amount = 50
            proposal = self._propose()
            self.assertEqual(proposal.amount, 50)
            proposal.action_cancel()
            order.order_line.psa_opening_ids.unlink()

    def test_it_is_refused_once_something_builds_on_it(self):
        line = self._sow().order_line
        opening = self._open(line, billed_amount=1500, unbilled_amount=600)
        proposal = self._propose("2026-04-01", "2026-04-30")
        with self.assertRaisesRegex(UserError, "is on the proposal .* built upon"):
            self._open(line, billed_amount=3000)
        with self.assertRaisesRegex(UserError, "built upon"):
            opening.unlink()
        proposal.action_cancel()
        self._open(line, billed_amount=3000, unbilled_amount=600)
        self.assert_host_figures(line, 20, 20, 0)
        invoice = self._bill("2026-04-01", "2026-04-30")
        with self.assertRaisesRegex(UserError, "built upon"):
            opening.billed_amount = 1
        self._credit(invoice)
        opening.billed_amount = 1500
        self.assert_host_figures(line, 10, 10, 0)

    def test_a_file_is_imported_again_where_some_of_its_rows_were_billed_since(self):
        """The first line is billed, the second one was mistyped: 600.00 instead of 450.00."""
        first = self._sow()
        header = ["order_name", "line_number", "date", "billed_amount", "unbilled_amount"]
        rows = [[first.name, "1", "2026-03-31", "1500", "600"]]
        result = self.env["psa.opening.balance"].load(header, rows)
        self.assertFalse(result["messages"])
        self.assertEqual(self._bill("2026-04-01", "2026-04-30").amount_untaxed, 600)
        second = self._sow()
        for amount in ("600", "450"):
            again = [*rows, [second.name, "1", "2026-03-31", "", amount]]
            result = self.env["psa.opening.balance"].load(header, again)
            self.assertFalse(result["messages"])
        opening = self.env["psa.opening.balance"].browse(result["ids"])
        self.assertEqual(opening.mapped("unbilled_amount"), [600, 450])
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 450)
        rows[0][4] = "500"
        result = self.env["psa.opening.balance"].load(header, rows)
        self.assertIn("built upon", result["messages"][0]["message"])

    def test_only_billing_managers_bring_balances_in(self):
        line = self._sow().order_line
        project_manager = self._user("pm", "psa_project.group_psa_project_manager")
        seller = self._user("seller", "sales_team.group_sale_manager")
        for user in (project_manager, seller):
            with self.assertRaises(AccessError):
                self.env["psa.opening.balance"].with_user(user).create(
                    {"sale_line_id": line.id, "date": "2026-03-31", "billed_amount": 1}
                )
        other = self.setup_other_company()["company"]
        stranger = self._user("stranger", "psa_billing.group_psa_billing_manager", other)
        opening = self._open(line, billed_amount=150)
        with self.assertRaises(AccessError):
            opening.with_user(stranger).read(["billed_amount"])
        with self.assertRaises(ValidationError):
            self.env["psa.opening.balance"].with_user(stranger).create(
                {"order_name": line.order_id.name, "line_number": 1, "date": "2026-03-31"}
            )

    def test_a_statement_of_work_without_opening_is_as_before(self):
        order = self._sow(self._line(self.architect), self._retainer())
        self.assertEqual(order.order_line.mapped("qty_invoiced"), [0, 0])
        self.assertEqual(order.psa_wip_amount, 0)
        self.assertEqual(order.action_view_psa_opening()["domain"], [("order_id", "in", order.ids)])


@tagged("post_install", "-at_install")
class TestOpeningInReports(PsaRetainerCase):
    """Of an architect line at 150.00, work for 4,500.00 (30 h) waits on 31 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow()
        cls.line = cls.order.order_line
        cls.opening = cls.env["psa.opening.balance"].create(
            {
                "sale_line_id": cls.line.id,
                "date": "2026-03-31",
                "billed_amount": 7500,
                "unbilled_amount": 4500,
            }
        )
        cls._work(cls.line, 2, "2026-04-02")

    def _hours(self, *group):
        self.env.flush_all()
        rows = self.env["psa.hour.state"]._read_group(
            [("order_id", "=", self.order.id)], group, ["hours:sum", "amount:sum"]
        )
        return [tuple(row) for row in rows]

    def _money(self, *measures):
        self.env.flush_all()
        return self.env["psa.billing.analysis"]._read_group([("order_id", "=", self.order.id)], [], measures)[
            0
        ]

    def test_it_is_in_the_state_of_hours_until_it_is_billed(self):
        self.assertEqual(
            self._hours("kind", "state"), [("opening", "open", 30, 4500), ("time", "open", 2, 300)]
        )
        by_place = self._hours("partner_id", "order_id", "role_id", "date:month")
        self.assertEqual(
            by_place,
            [
                (self.client, self.order, self.architect, date(2026, 3, 1), 30, 4500),
                (self.client, self.order, self.architect, date(2026, 4, 1), 2, 300),
            ],
        )
        row = self.env["psa.hour.state"].search([("kind", "=", "opening"), ("order_id", "=", self.order.id)])
        self.assertEqual((row.sale_line_id, row.company_amount, row.age), (self.line, 4500, "91"))
        self.assertEqual(row.action_open_source()["res_id"], self.order.id)
        self.assertEqual(self._money("wip_amount:sum", "billed_amount:sum"), (4800, 0))
        proposal = self._propose("2026-04-01", "2026-04-30")
        self.assertEqual(
            self._hours("kind", "state"), [("opening", "proposed", 30, 4500), ("time", "proposed", 2, 300)]
        )
        held = proposal.line_ids.filtered(lambda line: line.sale_line_id == self.opening.wip_line_id)
        held.action_hold()
        self.assertIn(("opening", "held", 30, 4500), self._hours("kind", "state"))
        self.assertEqual(self._money("wip_amount:sum"), (4800,))
        held.action_release()
        invoice = self._invoice(proposal, post=True)
        self.assertEqual(
            self._hours("kind", "state"), [("opening", "billed", 30, 4500), ("time", "billed", 2, 300)]
        )
        # once in the money, as the invoice has it; the work of the former system counts as worked
        self.assertEqual(
            self._money("wip_amount:sum", "billed_amount:sum", "worked_amount:sum"), (0, 4800, 4800)
        )
        self._credit(invoice)
        self.assertIn(("opening", "open", 30, 4500), self._hours("kind", "state"))
        self.assertEqual(self._money("wip_amount:sum", "billed_amount:sum"), (4800, 0))

    def test_what_one_of_two_payers_was_billed_is_billed_and_the_rest_waits(self):
        fund = self.env["res.partner"].create({"name": "Fund"})
        self.order = self._sow(
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": 50}) for payer in self.client | fund
            ]
        )
        self.env["psa.opening.balance"].create(
            {"sale_line_id": self.order.order_line.id, "date": "2026-03-31", "unbilled_amount": 4500}
        )
        proposal = self._propose("2026-04-01", "2026-04-30").filtered(
            lambda proposal: proposal.order_id == self.order
        )
        self._invoice(proposal)
        proposal.invoice_ids.filtered(lambda move: move.psa_payer_id == fund).unlink()
        rows = [row for row in self._hours("kind", "state") if row[0] == "opening"]
        self.assertEqual(rows, [("opening", "billed", 15, 2250), ("opening", "open", 15, 2250)])

    def test_a_balance_without_unbilled_work_adds_no_row(self):
        self.opening.unbilled_amount = 0
        self.assertEqual(self._hours("kind"), [("time", 2, 300)])
