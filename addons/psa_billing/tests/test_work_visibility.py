"""Work, write-offs, periods and reports of private projects are read by who leads or follows them."""

from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .test_adjustments import ReviewCase
from .test_proposal_visibility import PM

#: Reports beside the records that they read.
BY_ORDER = (
    "psa.wip.entry",
    "psa.adjustment",
    "psa.instalment",
    "psa.hour.state",
    "psa.billing.analysis",
    "psa.billing.forecast",
    "psa.cap.alert",
)


@tagged("post_install", "-at_install")
class TestWorkVisibility(ReviewCase):
    """Ann works 2 h at 150.00, all of a cap of 300.00; 1 h more is over it and written off, 3 h wait for
    approval. A fixed price of 2,000.00 is due at the end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(
            cls._line(cls.architect, cap=300),
            cls._line(cls.developer, 1, "fixed", price_unit=2000),
            confirm=False,
        )
        line, fixed = cls.order.order_line
        plan = {"order_id": cls.order.id, "sale_line_id": fixed.id, "due_by": "date", "date": "2026-06-30"}
        cls.env["psa.instalment"].create({**plan, "name": "End", "percent": 100})
        cls.order.sudo().action_confirm()
        cls.entry = cls._work(line, 2)
        cls.written_off = cls._work(line, 1, "2026-03-03")
        cls.unapproved = cls._log(line, 3, "2026-03-04")
        cls.project = line.task_id.project_id
        cls._make_private(cls.project)
        cls.other = cls._user("other", f"{PM},base.group_allow_export")
        cls.wip = cls.entry.psa_wip_ids

    @classmethod
    def _make_private(cls, project):
        project.write({"privacy_visibility": "followers", "user_id": False})
        project.message_unsubscribe(project.message_partner_ids.ids)

    def setUp(self):
        super().setUp()
        self._adjust(self.written_off.psa_wip_ids, "write_off")
        self.env.flush_all()

    def _counts(self, user):
        """{model: records of the SOW that the user finds}; search, count, list and groups agree."""
        self.env.invalidate_all()
        counts, domain = {}, [("order_id", "=", self.order.id)]
        for name in BY_ORDER:
            records = self.env[name].with_user(user)
            found = records.search(domain)
            counts[name] = len(found)
            self.assertEqual(records.search_count(domain), counts[name], name)
            rows = call_kw(records, "web_search_read", [domain, {"order_id": {}}], {})
            self.assertEqual(rows["length"], counts[name], name)
            groups = call_kw(records, "formatted_read_group", [domain, ["order_id"], ["__count"]], {})
            self.assertEqual(sum(group["__count"] for group in groups), counts[name], name)
            hidden = records.browse(records.sudo().search(domain).ids) - found
            for record in hidden:
                self.assertFalse(record.has_access("read"), name)
                with self.assertRaises(AccessError):
                    call_kw(records, "read", [record.ids, ["order_id"]], {})
        return counts

    def test_a_private_project_is_seen_by_who_leads_or_follows_it(self):
        nothing = dict.fromkeys(BY_ORDER, 0)
        everything = self._counts(self.env.user)
        self.assertEqual(
            everything,
            {
                "psa.wip.entry": 2,  # 2 h open, 1 h written off
                "psa.adjustment": 1,
                "psa.instalment": 1,
                "psa.hour.state": 3,  # the unapproved 3 h beside them
                "psa.billing.analysis": 3,
                "psa.billing.forecast": 2,  # WIP of March, the instalment
                "psa.cap.alert": 2,  # 80 % and 100 % of 300.00
            },
        )
        self.assertEqual(self._counts(self.other), nothing)
        self.project.message_subscribe(self.other.partner_id.ids)
        self.assertEqual(self._counts(self.other), everything)
        self.project.message_unsubscribe(self.other.partner_id.ids)
        self.assertEqual(self._counts(self.other), nothing)
        self.project.user_id = self.other
        self.assertEqual(self._counts(self.other), everything)
        self.project.active = False
        self.assertEqual(self._counts(self.other), everything, "its leader sees the archived project")
        self.project.user_id = False
        self.assertEqual(self._counts(self.other), nothing)

    def test_who_bills_or_invoices_sees_all_of_the_company(self):
        everything = self._counts(self.env.user)
        biller = self._user("biller", "psa_billing.group_psa_billing_manager")
        both = self._user("both", f"{PM},account.group_account_invoice")
        for user in (biller, both):
            self.assertEqual(self._counts(user), everything, user.login)
        abroad = self.setup_other_company(name="Abroad")["company"]
        stranger = self._user("stranger", "psa_billing.group_psa_billing_manager", abroad)
        self.assertEqual(self._counts(stranger), dict.fromkeys(BY_ORDER, 0))

    def test_a_project_that_the_firm_sees_is_seen(self):
        everything = self._counts(self.env.user)
        for visibility in ("employees", "portal"):
            self.project.privacy_visibility = visibility
            self.assertEqual(self._counts(self.other), everything, visibility)

    def test_an_order_on_no_project_is_seen(self):
        order = self._sow(self._line(self.developer, 1, "fixed", price_unit=700))
        order.order_line.task_id.unlink()
        order.order_line.project_id = order.project_id = False
        self.env.invalidate_all()
        self.assertTrue(order.with_user(self.other).psa_is_seen)
        self.assertFalse(self.order.with_user(self.other).psa_is_seen)
        forecast = self.env["psa.billing.forecast"].with_user(self.other)
        self.assertEqual(forecast.search([]).order_id, order)

    def test_of_an_order_on_two_projects_one_sees_the_work_of_ones_own(self):
        public = self.project.copy({"name": "Public", "privacy_visibility": "employees"})
        self.env["project.task"].create({"name": "Here too", "project_id": public.id})
        fixed = self.order.order_line[1]
        fixed.task_id.project_id = public
        entry = self._work(fixed, 4, "2026-03-05")
        counts = self._counts(self.other)
        self.assertEqual((counts["psa.wip.entry"], counts["psa.hour.state"]), (1, 1))
        self.assertEqual(self.env["psa.wip.entry"].with_user(self.other).search([]), entry.psa_wip_ids)
        # what stands on no project is shown with the statement of work
        self.assertEqual(counts["psa.adjustment"], 1)

    def test_an_internal_project_of_no_order_shows_its_time_to_who_sees_it(self):
        internal = self.env["project.project"].create({"name": "Internal", "allow_timesheets": True})
        values = {"name": "Work", "employee_id": self.ann.id, "unit_amount": 2, "date": "2026-03-02"}
        entry = self.env["account.analytic.line"].create({**values, "project_id": internal.id})
        for name in ("psa.hour.state", "psa.billing.analysis"):
            records = self.env[name].with_user(self.other)
            internal.privacy_visibility = "employees"
            self.assertEqual(records.search_count([("analytic_line_id", "=", entry.id)]), 1)
            self._make_private(internal)
            self.assertEqual(records.search_count([("analytic_line_id", "=", entry.id)]), 0)

    def test_work_that_one_may_not_read_is_neither_held_nor_written_off_nor_exported(self):
        wip = self.wip.with_user(self.other)
        for method, arguments in (
            ("action_hold", []),
            ("action_adjust", []),
            ("action_split", []),
            ("action_move", []),
            ("export_data", [["amount"]]),
        ):
            with self.assertRaises(AccessError, msg=method):
                call_kw(wip.browse(), method, [wip.ids, *arguments], {})
        with self.assertRaises(AccessError):
            adjustment = self.written_off.psa_wip_ids.adjustment_id
            call_kw(wip.env["psa.adjustment"], "action_undo", [adjustment.ids], {})
        self.assertEqual(self.wip.state, "open")
        self.assertEqual(adjustment.state, "done")

    def test_sums_of_private_projects_are_missing_from_totals(self):
        totals = call_kw(
            self.env["psa.billing.analysis"].with_user(self.other),
            "formatted_read_group",
            [[], [], ["wip_amount:sum", "written_off_amount:sum", "hours:sum"]],
            {},
        )
        self.assertFalse(any(totals[0][name] for name in totals[0] if name.endswith(":sum")))
        self.assertFalse(self.order.with_user(self.other).psa_wip_amount)

    def test_the_rule_is_part_of_the_statement_that_reads(self):
        biller = self._user("biller", "psa_billing.group_psa_billing_manager")
        counts = []
        for user in (biller, self.other):
            report = self.env["psa.hour.state"].with_user(user)
            report.search_count([])  # what is asked once a user
            before = self.env.cr.sql_log_count
            report.search_count([])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1], "projects or orders that one sees are read beforehand")
