"""A billing platform that bills several clients of one proposal: number and payment go to each one's own."""

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_billing_export import ExportCase


class PayersExportCase(ExportCase):
    """Of 1,750.00 the client pays 40 %, 700.00 and 15 % tax: 805.00; the fund 60 %, 1,050.00: 1,207.50."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fund = cls.env["res.partner"].create({"name": "Fund"})
        cls.shared = cls._sow(
            cls._line(cls.architect),
            cls._line(cls.developer),
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(((cls.client, 40), (cls.fund, 60)))
            ],
        )
        cls._work(cls.shared.order_line[0], 10, "2026-05-04")
        cls._work(cls.shared.order_line[1], 2.5, "2026-05-05")
        cls.bill = cls._propose("2026-05-01", "2026-05-31")
        cls.bill.action_approve()

    def _bill_out(self):
        """Exported, with posted invoices: ({payer: invoice}, the proposal as the platform sees it)"""
        self.company.psa_export_payments = True
        self.bill.action_create_invoice()
        invoices = self.bill.invoice_ids
        invoices.invoice_date = fields.Date.to_date("2026-06-01")
        invoices.action_post()
        proposal = self._as_platform(self.bill)
        proposal.export_mark("m", "X-9")
        return {move.psa_payer_id: move for move in invoices.sorted("id")}, proposal


@tagged("post_install", "-at_install")
class TestExportToPayers(PayersExportCase):
    def test_of_two_clients_who_turn_out_to_be_one_the_platform_has_said_all(self):
        """The database refused the merge: a client has one external invoice of a proposal."""
        invoices, proposal = self._bill_out()
        proposal.export_status("k1", "issued", number="R-1", date="2026-06-02", payer=self.client.id)
        proposal.export_status("k2", "paid", number="R-2", paid_amount="1207.50", payer=self.fund.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        wizard._merge((self.client | self.fund).ids, self.client)
        self.env.invalidate_all()
        told = self.bill.export_payer_ids
        self.assertEqual((told.payer_id, told.export_number), (self.client, "R-1, R-2"))
        self.assertEqual((told.export_state, told.export_paid_amount), ("partially_paid", 1207.5))
        self.assertEqual(told.export_date, fields.Date.to_date("2026-06-02"))
        self.assertEqual(self.bill.export_number, "R-1, R-2")

    def test_the_message_says_who_pays_what(self):
        def payers():
            document = self._as_platform(self.bill).export_get()[0]
            return [
                (row["payer"]["id"], row["share"], row["amount"], row["odoo_invoice"])
                for row in document["payers"]
            ]

        self.assertEqual(
            payers(), [(self.client.id, "40.00", "700.00", None), (self.fund.id, "60.00", "1050.00", None)]
        )
        invoices, _proposal = self._bill_out()
        self.assertEqual(
            payers(),
            [
                (self.client.id, "40.00", "700.00", invoices[self.client].name),
                (self.fund.id, "60.00", "1050.00", invoices[self.fund].name),
            ],
        )
        self.assertEqual(self._as_platform(self.proposal).export_get()[0]["payers"], [])

    def test_a_payment_goes_to_the_invoice_of_the_payer_that_is_named(self):
        invoices, proposal = self._bill_out()
        mine, others = invoices[self.fund], invoices[self.client]
        answer = proposal.export_status(
            "p1", "paid", number="F-2", date="2026-06-20", paid_amount="1207.50", payer=self.fund.id
        )
        self.assertEqual(
            (answer["payer"], answer["state"], answer["number"], answer["paid_amount"]),
            (self.fund.id, "paid", "F-2", "1207.50"),
        )
        payment = self.env["account.payment"].search([("name", "=", answer["payment"])])
        self.assertEqual((payment.partner_id, payment.amount, payment.memo), (self.fund, 1207.5, "F-2"))
        self.assertEqual((mine.amount_residual, others.amount_residual), (0, 805))
        # shown on each invoice, and summed up on the proposal
        self.assertEqual((mine.psa_external_number, mine.psa_external_state), ("F-2", "Paid"))
        self.assertEqual((others.psa_external_number, others.psa_external_state), (False, False))
        self.assertEqual(self.env["account.move"].search([("psa_external_number", "=", "F-2")]), mine)
        self.assertEqual((self.bill.export_state, self.bill.export_paid_amount), ("partially_paid", 1207.5))
        proposal.export_status("p2", "paid", number="F-1", paid_amount="805.00", payer=self.client.id)
        self.assertEqual((mine.amount_residual, others.amount_residual), (0, 0))
        self.assertEqual(
            (self.bill.export_state, self.bill.export_number, self.bill.export_paid_amount),
            ("paid", "F-2, F-1", 2012.5),
        )

    def test_the_same_key_pays_once(self):
        invoices, proposal = self._bill_out()
        message = {"paid_amount": "200.00", "payer": self.fund.id}
        first = proposal.export_status("p1", "partially_paid", **message)
        self.assertEqual(proposal.export_status("p1", "partially_paid", **message), first)
        self.assertEqual(invoices[self.fund].amount_residual, 1007.5)
        with self.assertRaisesRegex(UserError, "used for another message"):
            proposal.export_status("p1", "partially_paid", paid_amount="200.00", payer=self.client.id)
        self.assertEqual(invoices[self.client].amount_residual, 805)
        # another key with the same total: nothing new; with more: the difference
        self.assertEqual(proposal.export_status("p2", "partially_paid", **message)["payment"], "nothing_new")
        proposal.export_status("p3", "paid", paid_amount="1207.50", payer=self.fund.id)
        self.assertEqual(invoices[self.fund].amount_residual, 0)
        with self.assertRaisesRegex(UserError, "were registered for .*Fund"):
            proposal.export_status("p4", "partially_paid", paid_amount="1.00", payer=self.fund.id)

    def test_an_invoice_is_named_by_its_number(self):
        invoices, proposal = self._bill_out()
        answer = proposal.export_status(
            "p1", "partially_paid", paid_amount="5.00", invoice=invoices[self.client].name
        )
        self.assertEqual((answer["payer"], invoices[self.client].amount_residual), (self.client.id, 800))
        with self.assertRaisesRegex(UserError, "is the invoice of .*Client Ltd, not of Fund"):
            proposal.export_status(
                "p2", "paid", paid_amount="6.00", invoice=invoices[self.client].name, payer=self.fund.id
            )

    def test_what_is_not_clear_is_refused_and_nothing_is_noted(self):
        invoices, proposal = self._bill_out()
        for number, (values, message) in enumerate(
            (
                ({"paid_amount": "805.00"}, "is paid by .*Client Ltd, Fund, an invoice each: give payer"),
                ({"number": "F-1"}, "an invoice each: give payer"),
                ({"date": "2026-06-20"}, "an invoice each: give payer"),
                ({"paid_amount": "1", "payer": self.dev.id + 10**6}, "is none of the clients that pay"),
                ({"paid_amount": "1", "payer": str(self.fund.id)}, "is none of the clients that pay"),
                ({"paid_amount": "1", "payer": True}, "is none of the clients that pay"),
                ({"paid_amount": "1", "invoice": "INV/1999/00001"}, "is no posted invoice of"),
                ({"paid_amount": "1", "invoice": False}, "is no posted invoice of"),
            )
        ):
            with self.assertRaisesRegex(UserError, message):
                proposal.export_status(f"bad{number}", "paid", **values)
        self.assertEqual([move.amount_residual for move in invoices.values()], [805, 1207.5])
        self.assertEqual((self.bill.export_state, self.bill.export_paid_amount), ("received", 0))

    def test_a_state_alone_is_said_of_all_their_invoices(self):
        invoices, proposal = self._bill_out()
        proposal.export_status("s1", "issued")
        self.assertEqual([move.psa_external_state for move in invoices.values()], ["Issued", "Issued"])
        proposal.export_status("s2", "rejected", payer=self.fund.id)
        self.assertEqual(self.bill.export_state, "issued")
        with self.assertRaisesRegex(UserError, "The billing platform has issued"):
            self.bill.action_export_again()
        proposal.export_status("s3", "cancelled")
        self.bill.action_export_again()
        self.assertFalse(any(self.bill.export_payer_ids.mapped("export_state")))

    def test_money_that_comes_before_the_invoice_waits_for_its_own(self):
        self.company.psa_export_payments = True
        proposal = self._as_platform(self.bill)
        proposal.export_mark("m", "X-9")
        early = {"paid_amount": "10.00", "payer": self.fund.id}
        self.assertEqual(
            proposal.export_status("p1", "partially_paid", **early)["payment"], "invoice_not_posted"
        )
        self.bill.action_create_invoice()
        self.bill.invoice_ids.invoice_date = fields.Date.to_date("2026-06-01")
        self.bill.invoice_ids.action_post()
        proposal.export_status("p2", "partially_paid", **early)
        self.assertEqual(self.bill.invoice_ids.sorted("id").mapped("amount_residual"), [805, 1197.5])

    def test_where_the_client_pays_all_it_may_be_named(self):
        proposal = self._exported()
        proposal.export_status("s1", "issued", number="F-1", payer=self.client.id)
        self.assertEqual(self.proposal.export_number, "F-1")
        with self.assertRaisesRegex(UserError, "is none of the clients that pay"):
            proposal.export_status("s2", "issued", payer=self.fund.id)

    def test_nobody_writes_what_the_platform_says(self):
        _invoices, proposal = self._bill_out()
        proposal.export_status("s1", "issued", number="F-2", payer=self.fund.id)
        record = self.bill.export_payer_ids
        manager = self._user("manager", "psa_billing.group_psa_billing_manager")
        self.assertIn("F-2", record.with_user(manager).mapped("export_number"))
        other = self._user(
            "stranger", "psa_billing.group_psa_billing_manager", self.env["res.company"].create({"name": "B"})
        )
        for call in (
            lambda: record.with_user(manager).write({"export_number": "F"}),
            lambda: record.with_user(manager).unlink(),
            lambda: record.with_user(other).read(["export_number"]),
            lambda: record.with_user(self.platform).read(["export_number"]),
        ):
            with self.assertRaises(AccessError):
                call()
