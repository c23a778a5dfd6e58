"""The client's people in the portal: who opens which page, and what they read there."""

import re

from odoo import Command
from odoo.exceptions import AccessDenied, AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PsaBillingCase

#: Texts that no page shows to anybody outside of the firm.
INTERNAL = ("Draft hours", "Waiting hours", "Wrong hours", "Why refused", "Internal note", "Card of friends")
#: An hour costs this: neither it nor hours times it stands anywhere.
COST = "61.37"
#: ``{page: who opens it}`` of the SOW that the client pays, of the shared one, and of their invoices.
OPENED_BY = {
    "order": {"client", "contact", "parent"},
    "shared": {"client", "contact", "parent"},
    "project": {"client", "contact", "parent", "guest"},
    "task": {"client", "contact", "parent"},
    "invoice": {"client", "contact", "parent"},
    "invoice of bank": {"bank"},
    "invoice of fund": {"fund"},
}
#: ``{person: (texts of the time they see, sums)}``: 2 h and 3 h of the first SOW, 10 h of the shared one.
TIME_SEEN_BY = {
    "client": ({"Sketch", "Draft of a plan", "Shared work"}, ["05:00", "10:00"]),
    "contact": ({"Sketch", "Draft of a plan", "Shared work"}, ["05:00", "10:00"]),
    "parent": ({"Sketch", "Draft of a plan", "Shared work"}, ["05:00", "10:00"]),
    "guest": ({"Sketch", "Draft of a plan"}, ["05:00"]),
}
#: Figures of hours.
HOURS = re.compile(r"\b\d{2,3}:\d{2}\b")
EVERY_STATE = {"Draft hours": "draft", "Waiting hours": "submitted", "Wrong hours": "refused"}


class PortalPeopleCase(PsaBillingCase, HttpCase):
    """Client Ltd belongs to a group and has a daughter; bank and fund pay its second SOW 60 : 40; a guest of
    another company is invited to the project of the first. There 2 h and 3 h are approved, 1 h is a draft,
    1:15 h wait, and 1:30 h were refused."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.is_company = True
        cls.card.name = "Card of friends"
        (cls.ann | cls.dev).sudo().hourly_cost = float(COST)
        cls._make_people()
        cls._make_work()
        cls._make_invoices()
        for record in (cls.order, cls.project, cls.task, cls.milestone, *cls.moves):
            record.message_post(body="Internal note", subtype_xmlid="mail.mt_note")
            record.message_post(body="Word to you", subtype_xmlid="mail.mt_comment", message_type="comment")

    @classmethod
    def _make_people(cls):
        names = ("Group", "Daughter", "Bank", "Fund", "Vendor", "Guest", "Rival")
        partners = cls.env["res.partner"].create([{"name": name, "is_company": True} for name in names])
        group, daughter, cls.bank, cls.fund, vendor, guest, rival = partners
        cls.client.parent_id, daughter.parent_id = group, cls.client
        companies = {
            "contact": cls.client,
            "parent": group,
            "daughter": daughter,
            "bank": cls.bank,
            "fund": cls.fund,
            "vendor": vendor,
            "guest": guest,
            "rival": rival,
            "gone": cls.client,
        }
        cls.people = {}
        for name, company in companies.items():
            cls.people[name] = new_test_user(cls.env, login=f"portal.{name}", groups="base.group_portal")
            cls.people[name].partner_id.parent_id = company
        cls.people["client"] = cls.env["res.users"].create(
            {
                "login": "portal.client",
                "password": "portal.client",
                "partner_id": cls.client.id,
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )
        cls.people["gone"].active = False

    @classmethod
    def _make_work(cls):
        milestone = cls._line(cls.developer, 1, "milestone", price_unit=5000, name="Go-live")
        cls.order = cls._sow(cls._line(cls.architect), milestone, psa_milestone_acceptance=True)
        cls.line = cls.order.order_line[0]
        cls.task, cls.project = cls.line.task_id, cls.line.task_id.project_id
        cls.milestone = cls.env["project.milestone"].search(
            [("sale_line_id", "in", cls.order.order_line.ids)]
        )
        cls.milestone.is_reached = True
        cls._work(cls.line, 2, name="Sketch")
        cls._work(cls.line, 3, name="Draft of a plan")
        cls._log(cls.line, 1, name="Draft hours").action_psa_recall()
        cls._log(cls.line, 1.25, name="Waiting hours")
        cls._log(cls.line, 1.5, name="Wrong hours")._psa_refuse("Why refused")
        # no developer was sold by the hour: nobody pays for it, and nobody has approved it
        cls._log(cls.line, 1.75, name="Draft hours", employee=cls.dev)
        cls.task.message_subscribe(cls.client.ids)
        cls.project.message_subscribe(cls.people["guest"].partner_id.ids)
        payers = [(cls.bank, 60), (cls.fund, 40)]
        cls.shared = cls._sow(
            psa_payer_ids=[Command.create({"partner_id": who.id, "share": share}) for who, share in payers]
        )
        cls._work(cls.shared.order_line, 10, name="Shared work")

    @classmethod
    def _make_invoices(cls):
        proposals = cls._propose()
        cls._invoice(proposals)
        cls.moves = proposals.invoice_ids
        cls.moves.invoice_date = "2026-04-01"
        cls.moves.action_post()
        by_partner = cls.moves.grouped("partner_id")
        cls.pages = {
            "order": f"/my/orders/{cls.order.id}",
            "shared": f"/my/orders/{cls.shared.id}",
            "project": f"/my/projects/{cls.project.id}",
            "task": f"/my/tasks/{cls.task.id}",
            "invoice": f"/my/invoices/{by_partner[cls.client].id}",
            "invoice of bank": f"/my/invoices/{by_partner[cls.bank].id}",
            "invoice of fund": f"/my/invoices/{by_partner[cls.fund].id}",
        }

    def _open(self, path):
        return self.url_open(path, allow_redirects=False)

    def _everyone(self):
        """Each person of the portal, logged in one after the other; the public visitor last."""
        for name in (*self.people, "public"):
            if name != "gone":
                login = None if name == "public" else f"portal.{name}"
                self.authenticate(login, login)
                yield name

    def assert_nothing_internal(self, text):
        for word in (*INTERNAL, COST):
            self.assertNotIn(word, text)


@tagged("post_install", "-at_install")
class TestPortalPeople(PortalPeopleCase):
    def test_each_page_opens_for_whose_it_is(self):
        for name in self._everyone():
            for page, path in self.pages.items():
                with self.subTest(person=name, page=page):
                    answer = self._open(path)
                    self.assertEqual(answer.status_code == 200, name in OPENED_BY[page])
                    if answer.status_code != 200:
                        self.assertEqual((answer.status_code, answer.headers["Location"][-3:]), (303, "/my"))
                    self.assert_nothing_internal(answer.text)

    def test_lists_have_what_pages_open(self):
        for name in self._everyone():
            if name == "public":
                continue
            for path, pages in {
                "/my/orders": ("order", "shared"),
                "/my/projects": ("project",),
                "/my/tasks": ("task",),
                "/my/invoices": ("invoice", "invoice of bank", "invoice of fund"),
            }.items():
                answer = self._open(path)
                self.assert_nothing_internal(answer.text)
                for page in pages:
                    with self.subTest(person=name, page=page):
                        link = re.search(re.escape(self.pages[page]) + r"\b", answer.text)
                        self.assertEqual(bool(link), name in OPENED_BY[page])

    def test_the_link_of_an_order_opens_it_and_nothing_else(self):
        self.authenticate(None, None)
        self.order._portal_ensure_token()
        token = f"?access_token={self.order.access_token}"
        answer = self._open(self.pages["order"] + token)
        self.assertEqual(answer.status_code, 200)
        self.assert_nothing_internal(answer.text)
        for page in set(self.pages) - {"order"}:
            with self.subTest(page):
                self.assertNotEqual(self._open(self.pages[page] + token).status_code, 200)

    def test_whose_login_was_archived_opens_nothing(self):
        with self.assertRaises(AccessDenied), mute_logger("odoo.addons.base.models.res_users"):
            self.authenticate("portal.gone", "portal.gone")

    def test_clients_see_approved_time_of_their_statements_of_work(self):
        """2 h and 3 h are approved of the first, 10 h of the shared one. Drafts, what waits and what was
        refused (5:30 h) is the firm's own."""
        for name in self._everyone():
            if name == "public":
                continue
            texts, sums = TIME_SEEN_BY.get(name, (set(), []))
            for more in ("", "?groupby=none", "?groupby=employee_id", "?groupby=timesheet_invoice_id"):
                with self.subTest(person=name, more=more):
                    answer = self._open(f"/my/timesheets{more}")
                    self.assert_nothing_internal(answer.text)
                    every = ("Sketch", "Draft of a plan", "Shared work")
                    self.assertEqual({text for text in every if text in answer.text}, texts)
            shown = HOURS.findall(self._open("/my/timesheets").text)
            for hours in sums:
                self.assertIn(hours, shown)
            self.assertNotIn("10:30", shown)

    def test_sums_of_a_task_are_those_of_the_time_beside_them(self):
        """Of 100 h 5 h are approved: 95 h are left. The host's sums have 10:30 h, and 89:30 h left."""
        self.authenticate("portal.contact", "portal.contact")
        for path in (
            self.pages["task"],
            f"{self.pages['project']}/task/{self.task.id}",
            "/my/tasks",
            self.pages["project"],
        ):
            with self.subTest(path):
                shown = set(HOURS.findall(self._open(path).text))
                self.assertIn("05:00", shown)
                self.assertFalse(shown & {"08:45", "10:30", "89:30"})
        self.assertIn("95:00", HOURS.findall(self._open(self.pages["task"]).text))

    def test_people_of_the_firm_see_all_time(self):
        self.authenticate("bill.ann", "bill.ann")
        answer = self._open(self.pages["task"])
        for text in EVERY_STATE:
            self.assertIn(text, answer.text)
        self.assertIn("89:30", answer.text)

    def test_whom_a_project_is_shared_with_reads_approved_time_without_cost_and_reasons(self):
        contact = self.people["contact"]
        self.env["project.collaborator"].create(
            {"project_id": self.project.id, "partner_id": contact.partner_id.id}
        )
        entries = self.env["account.analytic.line"].with_user(contact)
        found = entries.search([("project_id", "=", self.project.id)])
        self.assertEqual(set(found.mapped("name")), {"Sketch", "Draft of a plan"})
        for name in ("amount", "psa_refusal_reason"):
            with self.subTest(name), self.assertRaises(AccessError):
                found.read([name])
        with self.assertRaises(AccessError):
            self.order.with_user(contact).read(["psa_rate_card_id"])

    def test_time_of_other_orders_shows_as_before(self):
        project = self.env["project.project"].create(
            {"name": "No SOW", "partner_id": self.client.id, "privacy_visibility": "portal"}
        )
        self.env["account.analytic.line"].create(
            {
                "name": "Never submitted",
                "project_id": project.id,
                "employee_id": self.ann.id,
                "unit_amount": 4,
            }
        )
        self.authenticate("portal.contact", "portal.contact")
        self.assertIn("Never submitted", self._open("/my/timesheets").text)

    def test_chatter_has_what_was_written_to_the_client(self):
        for name in self._everyone():
            for page, record in (("order", self.order), ("task", self.task), ("project", self.project)):
                with self.subTest(person=name, page=page):
                    answer = self.make_jsonrpc_request(
                        "/mail/chatter_fetch", {"thread_model": record._name, "thread_id": record.id}
                    )
                    self.assert_nothing_internal(str(answer))
                    self.assertEqual("Word to you" in str(answer), name in OPENED_BY[page])

    def test_no_model_of_the_suite_is_read_by_clients(self):
        contact = self.people["contact"]
        for name in sorted(self.env.registry):
            model = self.env[name].with_user(contact)
            if name.startswith("psa.") and not model._abstract:
                with self.subTest(name):
                    self.assertFalse(model.has_access("read") or model.has_access("create"))
                    with self.assertRaises(AccessError):
                        model.search_read([], ["id"], limit=1)
                    with self.assertRaises(AccessError):
                        model.name_search("")
