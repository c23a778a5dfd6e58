import json

from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PsaBillingCase


class ExportCase(PsaBillingCase):
    """March of the SOW: Ann 10 h at 150.00, Dev 2.5 h at 100.00: 1,750.00 and 15 % tax: 2,012.50."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect), cls._line(cls.developer), client_order_ref="PO-4711")
        cls._work(cls.order.order_line[0], 10, "2026-03-02", name="Target architecture")
        cls._work(cls.order.order_line[1], 2.5, "2026-03-03", name="Prototype")
        cls.proposal = cls._propose()
        cls.proposal.action_approve()
        cls.platform = cls._user("platform", "psa_billing.group_psa_billing_integration")

    def _as_platform(self, proposal=None):
        return (proposal or self.proposal).with_user(self.platform)

    def _exported(self):
        self._as_platform().export_mark("m1", "X-1")
        return self._as_platform()


@tagged("post_install", "-at_install")
class TestExport(ExportCase):
    def test_approved_proposals_are_listed_until_they_are_exported(self):
        listed = self._as_platform().export_list()
        self.assertEqual(listed["more"], False)
        self.assertEqual(
            [(row["id"], row["state"], row["amount"]) for row in listed["proposals"]],
            [(self.proposal.id, "approved", "1750.00")],
        )
        self._exported()
        self.assertEqual(self._as_platform().export_list()["proposals"], [])

    def test_drafts_are_not_listed_nor_exported(self):
        self._work(self.order.order_line[0], 1, "2026-04-02")
        draft = self._propose("2026-04-01", "2026-04-30")
        self.assertNotIn(draft.id, [row["id"] for row in self._as_platform().export_list()["proposals"]])
        with self.assertRaisesRegex(UserError, "is not approved"):
            self._as_platform(draft).export_get()
        with self.assertRaisesRegex(UserError, "is not approved"):
            self._as_platform(draft).export_mark("m", "X")

    def test_the_list_comes_in_pages(self):
        self._work(self.order.order_line[0], 1, "2026-04-02")
        second = self._propose("2026-04-01", "2026-04-30")
        second.action_approve()
        page = self._as_platform().export_list(limit=1)
        self.assertEqual(([row["id"] for row in page["proposals"]], page["more"]), ([self.proposal.id], True))
        page = self._as_platform().export_list(limit=1, after=self.proposal.id)
        self.assertEqual(([row["id"] for row in page["proposals"]], page["more"]), ([second.id], False))
        for bad in ({"limit": 0}, {"limit": 1001}, {"limit": "5"}, {"limit": True}, {"after": -1}):
            with self.assertRaisesRegex(UserError, "limit has to be"):
                self._as_platform().export_list(**bad)

    def test_a_proposal_goes_out_whole(self):
        document = self._as_platform().export_get()[0]
        self.assertEqual(json.loads(json.dumps(document)), document)
        self.assertEqual(document["schema"], "psa.billing.proposal/1")
        self.assertEqual((document["po_number"], document["client"]["name"]), ("PO-4711", "Client Ltd"))
        self.assertEqual(document["sow"]["name"], self.order.name)
        self.assertEqual(document["period"], {"from": "2026-03-01", "to": "2026-03-31"})
        self.assertEqual((document["amount"], document["odoo_invoice"]), ("1750.00", None))
        ann, dev = document["lines"]
        self.assertEqual(
            (ann["quantity"], ann["unit_price"], ann["amount"], ann["remainder"]),
            ("10.00", "150.00", "1500.00", "0.00"),
        )
        self.assertEqual((dev["quantity"], dev["amount"], dev["role"]), ("2.50", "250.00", "Developer"))
        self.assertEqual(ann["sow_line"]["id"], self.order.order_line[0].id)
        self.assertEqual(
            [(tax["id"], tax["name"], tax["amount"]) for tax in ann["taxes"]],
            [(self.tax.id, self.tax.name, "15.0000")],
        )
        self.assertEqual(
            [
                (work["date"], work["person"], work["description"], work["hours"], work["amount"])
                for work in dev["work"]
            ],
            [("2026-03-03", "dev", "Prototype", "2.5000", "250.00")],
        )

    def test_lines_name_their_own_statement_of_work(self):
        together = self._agreement(billing_grouping="client")
        orders = self._sow(psa_agreement_id=together.id) + self._sow(psa_agreement_id=together.id)
        for order in orders:
            self._work(order.order_line, 1, "2026-04-02")
        proposal = self._propose("2026-04-01", "2026-04-30")
        proposal.action_approve()
        document = self._as_platform(proposal).export_get()[0]
        self.assertEqual(document["sow"]["name"], orders[0].name)
        self.assertEqual([line["sow"]["name"] for line in document["lines"]], orders.mapped("name"))

    def test_down_payments_are_deducted(self):
        """Of 600.00 in April, 100.00 were invoiced in advance; the native invoice comes to 500.00."""
        wizards = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=self.order.ids
        )
        self.proposal.action_create_invoice()
        wizards.create({"advance_payment_method": "fixed", "fixed_amount": 115}).create_invoices()
        deposit = self.order.invoice_ids - self.proposal.invoice_id
        deposit.invoice_date = "2026-04-01"
        deposit.action_post()
        self._work(self.order.order_line[0], 4, "2026-04-02")
        april = self._propose("2026-04-01", "2026-04-30")
        april.action_approve()
        self.assertEqual(self._figures(april), ("approved", "600.00", "100.00", "500.00"))
        april.action_create_invoice()
        self.assertEqual(april.invoice_id.amount_untaxed, 500)
        self.assertEqual(self._figures(april), ("invoiced", "600.00", "100.00", "500.00"))

    def _figures(self, proposal):
        document = self._as_platform(proposal).export_get()[0]
        return tuple(document[name] for name in ("state", "amount", "down_payments", "to_invoice"))

    def test_held_lines_stay_at_home(self):
        self._work(self.order.order_line[0], 4, "2026-04-02")
        self._work(self.order.order_line[1], 4, "2026-04-02")
        april = self._propose("2026-04-01", "2026-04-30")
        april.line_ids[1].action_hold()
        april.action_approve()
        document = self._as_platform(april).export_get()[0]
        self.assertEqual((len(document["lines"]), document["amount"]), (1, "600.00"))

    def _work_told(self, document):
        return [(work["hours"], work["amount"]) for work in document["lines"][0]["work"]]

    def test_what_was_written_off_stays_at_home(self):
        """Of 10 h three are not billed: 7 h for 1,050.00."""
        self.proposal.action_reset()
        wip = self.proposal.line_ids[0].wip_ids
        wizard = self.env["psa.adjust.work"].browse(wip.action_adjust()["res_id"])
        goodwill = self.env.ref("psa_billing.reason_goodwill")
        wizard.write({"how": "quantity", "quantity": 7, "reason_id": goodwill.id})
        wizard.action_apply()
        self.proposal.action_approve()
        document = self._as_platform().export_get()[0]
        line = document["lines"][0]
        self.assertEqual((line["quantity"], line["amount"]), ("7.00", "1050.00"))
        self.assertEqual(self._work_told(document), [("7.0000", "1050.00")])

    def test_what_is_credited_is_told(self):
        self.proposal.action_create_invoice()
        invoice = self.proposal.invoice_id
        invoice.invoice_date = "2026-04-01"
        invoice.action_post()
        proposal = self._exported()
        self.assertEqual(proposal.export_get()[0]["credit_notes"], [])
        first, rest = self._draft_credit(invoice), self._draft_credit(invoice, date="2026-04-03")
        # 4 of 10 h at 150.00; then the other 6 h, and 2.5 h at 100.00
        first.invoice_line_ids[0].quantity = 4
        first.invoice_line_ids[1].unlink()
        rest.invoice_line_ids[0].quantity = 6
        told = []
        for note, amount in ((first, "600.00"), (rest, "1150.00")):
            self.assertEqual(proposal.export_get()[0]["credit_notes"], told)  # of a draft nothing is told
            note.action_post()
            day = str(note.invoice_date)
            told.append({"number": note.name, "date": day, "credits": invoice.name, "amount": amount})
        document = proposal.export_get()[0]
        self.assertEqual((document["state"], document["amount"]), ("cancelled", "1750.00"))
        self.assertEqual((document["credit_notes"], document["odoo_invoice"]), (told, invoice.name))
        self.assertEqual(self._work_told(document), [])
        answer = proposal.export_status("c1", "cancelled", number="F-1")
        self.assertEqual((answer["state"], self.proposal.export_state), ("cancelled", "cancelled"))

    def test_what_was_cancelled_and_never_exported_is_not(self):
        self.proposal.action_cancel()
        with self.assertRaisesRegex(UserError, "is not approved"):
            self._as_platform().export_get()
        with self.assertRaisesRegex(UserError, "is not approved"):
            self._as_platform().export_mark("m", "X")

    def test_exporting_more_proposals_takes_no_more_queries_for_each(self):
        first = self.proposal
        for month, last in (("04", 30), ("05", 31), ("06", 30)):
            self._work(self.order.order_line[0], 1, f"2026-{month}-02")
            first |= self._propose(f"2026-{month}-01", f"2026-{month}-{last}")
        (first - self.proposal).action_approve()

        def count(proposals):
            return self._count_queries(lambda: self._as_platform(proposals).export_get())

        count(first[0])
        one, three = count(first[0]), count(first[1:])
        self.assertLessEqual(three, one + 1, f"{one} queries for 1 proposal, {three} for 3")

    def test_a_key_answers_once_and_refuses_other_content(self):
        answer = self._as_platform().export_mark("k1", "X-1")
        self.assertEqual((answer["external_id"], answer["state"]), ("X-1", "received"))
        when = self.proposal.exported_on
        self.assertEqual(self._as_platform().export_mark("k1", "X-1"), answer)
        self.assertEqual(self.proposal.exported_on, when)
        with self.assertRaisesRegex(UserError, "used for another message"):
            self._as_platform().export_mark("k1", "X-2")
        with self.assertRaisesRegex(UserError, "used for another message"):
            self._as_platform().export_status("k1", "issued")
        with self.assertRaisesRegex(UserError, "exported as X-1 already"):
            self._as_platform().export_mark("k2", "X-2")
        for bad in ("", "  ", 7, None, "x" * 201):
            with self.assertRaisesRegex(UserError, "key has to be"):
                self._as_platform().export_mark(bad, "X-1")

    def test_an_answer_is_kept_as_it_was_given(self):
        """A key that is sent again late gets its own answer, not today's state."""
        proposal = self._exported()
        issued = proposal.export_status("s1", "issued", number="F-1", date="2026-04-02")
        proposal.export_status("s2", "paid", paid_amount="2012.50")
        self.assertEqual(proposal.export_status("s1", "issued", number="F-1", date="2026-04-02"), issued)
        self.assertEqual(self.proposal.export_state, "paid")

    def test_number_date_state_and_payment_come_back_and_show_on_the_native_invoice(self):
        self.proposal.action_create_invoice()
        proposal = self._exported()
        proposal.export_status("s1", "issued", number="F-1", date="2026-04-02")
        answer = proposal.export_status("s2", "partially_paid", paid_amount="1000.00")
        self.assertEqual(
            (answer["number"], answer["date"], answer["paid_amount"], answer["payment"]),
            ("F-1", "2026-04-02", "1000.00", "off"),
        )
        invoice = self.proposal.invoice_id
        self.assertEqual((invoice.psa_external_number, invoice.psa_external_state), ("F-1", "Partially Paid"))
        self.assertEqual(self.env["account.move"].search([("psa_external_number", "=", "F-1")]), invoice)

    def test_bad_statuses_are_refused(self):
        with self.assertRaisesRegex(UserError, "was not exported"):
            self._as_platform().export_status("s0", "issued")
        proposal = self._exported()
        for number, (values, message) in enumerate(
            (
                ({"state": "lost"}, "state has to be one of"),
                ({"state": None}, "state has to be one of"),
                ({"state": "issued", "date": "02.04.2026"}, "YYYY-MM-DD"),
                ({"state": "issued", "number": ""}, "number has to be"),
                ({"state": "paid", "paid_amount": "-1"}, "0 or more"),
                ({"state": "paid", "paid_amount": "1,000"}, "0 or more"),
                ({"state": "paid", "paid_amount": "Infinity"}, "0 or more"),
                ({"state": "paid", "paid_amount": True}, "0 or more"),
            )
        ):
            with self.assertRaisesRegex(UserError, message):
                proposal.export_status(f"bad{number}", **values)
        self.assertEqual(self.proposal.export_state, "received")

    def test_by_setting_payments_of_the_platform_pay_the_native_invoice_once(self):
        self.company.psa_export_payments = True
        proposal = self._exported()
        waits = proposal.export_status("p0", "partially_paid", paid_amount="1000.00")
        self.assertEqual(waits["payment"], "invoice_not_posted")
        self.proposal.action_create_invoice()
        invoice = self.proposal.invoice_id
        invoice.invoice_date = fields.Date.to_date("2026-04-01")
        invoice.action_post()
        first = proposal.export_status(
            "p1", "partially_paid", number="F-1", date="2026-04-10", paid_amount="1000.00"
        )
        self.assertEqual(invoice.amount_residual, 1012.50)  # 2,012.50 less 1,000.00
        payment = self.env["account.payment"].search([("name", "=", first["payment"])])
        self.assertEqual((payment.date, payment.memo), (fields.Date.to_date("2026-04-10"), "F-1"))
        again = proposal.export_status("p2", "partially_paid", paid_amount="1000.00")
        self.assertEqual((again["payment"], invoice.amount_residual), ("nothing_new", 1012.50))
        proposal.export_status("p3", "paid", paid_amount="2012.50")
        self.assertEqual(invoice.amount_residual, 0)
        with self.assertRaisesRegex(UserError, "Cancel the payment in Odoo first"):
            proposal.export_status("p4", "partially_paid", paid_amount="500.00")

    def test_what_the_platform_has_is_not_changed_behind_its_back(self):
        proposal = self._exported()
        for call in (self.proposal.action_reset, self.proposal.action_cancel):
            with self.assertRaisesRegex(UserError, "is on the billing platform as X-1"):
                call()
        proposal.export_status("s1", "issued", number="F-1")
        with self.assertRaisesRegex(UserError, "has issued F-1"):
            self.proposal.action_export_again()
        proposal.export_status("s2", "cancelled")
        self.proposal.action_export_again()
        self.assertEqual(len(self._as_platform().export_list()["proposals"]), 1)
        self.proposal.action_reset()
        self.assertEqual(self.proposal.state, "draft")


@tagged("post_install", "-at_install")
class TestExportIntruders(ExportCase):
    def test_nobody_outside_the_group_exports(self):
        manager = self._user("manager", "psa_billing.group_psa_billing_manager")
        portal = self._user("portal", "base.group_portal")
        reviewer = self._user("reviewer", "psa_project.group_psa_project_manager")
        for user in (manager, portal, reviewer):
            proposal = self.proposal.with_user(user)
            for call in (
                proposal.export_list,
                proposal.export_get,
                lambda proposal=proposal: proposal.export_mark("k", "X"),
                lambda proposal=proposal: proposal.export_status("k", "issued"),
            ):
                with self.assertRaises(AccessError):
                    call()

    def test_a_platform_of_another_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        stranger = self._user("stranger", "psa_billing.group_psa_billing_integration", other)
        proposal = self.proposal.with_user(stranger)
        self.assertEqual(proposal.browse().export_list()["proposals"], [])
        for call in (
            proposal.export_get,
            lambda: proposal.export_mark("k", "X"),
            lambda: proposal.export_status("k", "issued"),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_what_is_not_there_is_said(self):
        gone = self._as_platform(self.proposal.browse(self.proposal.id + 1000000))
        with self.assertRaisesRegex(MissingError, "no such proposal"):
            gone.export_get()

    def test_the_platform_can_do_nothing_else(self):
        proposal = self._as_platform()
        for call in (
            lambda: proposal.write({"export_number": "F"}),
            proposal.action_approve,
            proposal.action_create_invoice,
            proposal.action_export_again,
            lambda: proposal.read(["amount"]),
            lambda: self.order.with_user(self.platform).read(["name"]),
            lambda: self.env["account.move"].with_user(self.platform).search([]),
            lambda: self.env["psa.wip.entry"].with_user(self.platform).search([]),
            lambda: self.env["psa.billing.export.key"].with_user(self.platform).search([]),
        ):
            with self.assertRaises(AccessError):
                call()


@tagged("post_install", "-at_install")
class TestExportOverHttp(ExportCase, HttpCase):
    def _post(self, method, user=None, api_key=None, **body):
        if api_key is None:
            api_key = (
                self.env["res.users.apikeys"]
                .with_user(user or self.platform)
                .sudo()
                ._generate("rpc", "platform", None)
            )
        return self.url_open(
            f"/json/2/psa.billing.proposal/{method}",
            data=json.dumps(body),
            headers={"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"},
        )

    def test_the_whole_way_over_http(self):
        listed = self._post("export_list", limit=10).json()
        self.assertEqual([row["id"] for row in listed["proposals"]], [self.proposal.id])
        ids = [self.proposal.id]
        document = self._post("export_get", ids=ids).json()[0]
        self.assertEqual((document["amount"], document["po_number"]), ("1750.00", "PO-4711"))
        for _again in range(2):
            answer = self._post("export_mark", ids=ids, key="a", external_id="X-1")
            self.assertEqual((answer.status_code, answer.json()["external_id"]), (200, "X-1"))
        status = self._post("export_status", ids=ids, key="b", state="issued", number="F-1").json()
        self.assertEqual((status["number"], status["state"]), ("F-1", "issued"))
        with mute_logger("odoo.http"):
            refused = self._post("export_mark", ids=ids, key="a", external_id="X-2")
        self.assertEqual(refused.status_code, 422)
        self.assertIn("used for another message", refused.json()["message"])

    @mute_logger("odoo.http")
    def test_intruders_over_http(self):
        ids = [self.proposal.id]
        other = self.env["res.company"].create({"name": "Other Company"})
        stranger = self._user("stranger", "psa_billing.group_psa_billing_integration", other)
        portal = self._user("portal", "base.group_portal")
        employee = self._user("employee", "psa_project.group_psa_user")
        for user in (stranger, portal, employee):
            answer = self._post("export_get", user=user, ids=ids)
            self.assertEqual(answer.status_code, 403, user.login)
            self.assertNotIn("PO-4711", answer.text)
        self.assertEqual(self._post("export_get", api_key="wrong", ids=ids).status_code, 401)
        self.assertEqual(self._post("_psa_mark", ids=ids, external_id="X").status_code, 403)
        self.assertFalse(self.proposal.exported_on)
