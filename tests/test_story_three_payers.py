"""One SOW, three payers: 33.33, 33.33 and 33.34 %, each with its own taxes, terms and language.

March                           whole       client (15 %)   sister (7.7 %)   fund (15 %)
architect 10.00 h x 150.00   1,500.00          499.95          499.95          500.10
    hours on the invoices                     3.33 h          3.33 h          3.34 h
    x 150.00                                   499.50          499.50          501.00
    cents of the share                           0.45            0.45           -0.90
developer 0.75 h x 100.00       75.00           25.00           25.00           25.00
concept, fixed              10,000.00        3,333.00        3,333.00        3,334.00
    units on the invoices                      0.33            0.33            0.34
    x 10,000.00                              3,300.00        3,300.00        3,400.00
    cents of the share                          33.00           33.00          -66.00
net                         11,575.00        3,857.95        3,857.95        3,859.10
tax, rounded on the invoice                    578.69          297.06          578.87
"""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestStoryThreePayers(PsaBillingCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.sister, cls.fund = cls.env["res.partner"].create(
            [{"name": "Sister SA", "lang": "fr_FR"}, {"name": "Fund", "lang": "en_US"}]
        )
        cls.client.lang = "en_US"
        cls.small = cls.tax.copy({"name": "7.7 %", "amount": 7.7})
        position = cls.env["account.fiscal.position"].create({"name": "Abroad"})
        cls.small.write({"fiscal_position_ids": [Command.link(position.id)], "original_tax_ids": cls.tax})
        cls.sister.property_account_position_id = position
        cls.sister.property_payment_term_id = cls.env.ref("account.account_payment_term_30days")
        cls.order = cls._sow(
            cls._line(cls.architect),
            cls._line(cls.developer),
            cls._line(cls.architect, 1, "fixed", price_unit=10000),
            client_order_ref="PO of the client",
            psa_payer_ids=[
                Command.create(
                    {"partner_id": payer.id, "share": share, "sequence": n, "reference": reference}
                )
                for n, (payer, share, reference) in enumerate(
                    (
                        (cls.client, 33.33, False),
                        (cls.sister, 33.33, "BC 77"),
                        (cls.fund, 33.34, False),
                    )
                )
            ],
        )
        cls.arch, cls.devl, cls.fixed = cls.order.order_line
        cls.entries = cls._work(cls.arch, 2.5) | cls._work(cls.arch, 7.5, "2026-03-09")
        for _count in range(3):
            cls.entries |= cls._work(cls.devl, 0.25, "2026-03-10")
        cls.proposal = cls._propose()
        cls.invoices = cls._invoice_all(cls.proposal)

    @classmethod
    def _invoice_all(cls, proposals):
        cls._invoice(proposals)
        invoices = proposals.invoice_ids.sorted("id")
        invoices.invoice_date = "2026-04-01"
        return invoices

    def _of(self, payer):
        return self.invoices.exists().filtered(lambda move: move.psa_payer_id == payer)

    def _parts(self, payer, line=None):
        parts = (line or self.arch | self.devl).psa_wip_ids
        return parts.filtered(lambda part: part.payer_id == payer)

    # -- what each one gets ----------------------------------------------------------------

    def test_each_payer_gets_an_invoice_of_its_share(self):
        self.assertEqual(self.proposal.amount, 11575)
        self.assertEqual(self.invoices.psa_payer_id, self.client | self.sister | self.fund)
        found = [
            (move.partner_id, move.amount_untaxed, move.amount_tax, move.amount_total)
            for move in self.invoices
        ]
        self.assertEqual(
            found,
            [
                (self.client, 3857.95, 578.69, 4436.64),
                (self.sister, 3857.95, 297.06, 4155.01),
                (self.fund, 3859.10, 578.87, 4437.97),
            ],
        )
        self.assertEqual(self.proposal.invoice_id, self._of(self.client))
        self.assertEqual(self.entries.timesheet_invoice_id, self._of(self.client))
        lines = self._of(self.fund).invoice_line_ids.sorted("sequence")
        self.assertEqual(
            lines.mapped(lambda line: (line.quantity, line.price_unit, line.price_subtotal)),
            # what the hours and units cannot express stands at the end, and is printed as one line of -66.90
            [
                (3.34, 150, 501),
                (0.25, 100, 25),
                (0.34, 10000, 3400),
                (0, 0, 0),
                (1, -0.9, -0.9),
                (1, -66, -66),
            ],
        )
        (printed,) = lines[3]._get_child_lines()
        self.assertEqual((printed["name"], printed["price_subtotal"]), ("Rounding", -66.9))

    def test_each_payer_has_its_own_terms_taxes_language_and_order_number(self):
        lead, other, fund = self.invoices
        self.assertEqual([move.ref for move in self.invoices], ["PO of the client", "BC 77", self.order.name])
        self.assertEqual(other.invoice_line_ids.tax_ids, self.small)
        self.assertEqual((lead | fund).invoice_line_ids.tax_ids, self.tax)
        self.assertEqual(other.invoice_payment_term_id, self.sister.property_payment_term_id)
        self.assertEqual(str(other.invoice_date_due), "2026-05-01")
        self.assertFalse((lead | fund).invoice_payment_term_id)
        names = [move.invoice_line_ids.sorted("sequence")[0].name for move in self.invoices]
        self.assertIn("03/02/2026 – 03/09/2026", names[0])
        self.assertIn("02/03/2026 – 09/03/2026", names[1])
        self.assertEqual(other.partner_shipping_id, self.sister)

    def test_the_parts_sum_to_the_entries(self):
        for entry in self.entries:
            parts = entry.psa_wip_ids
            self.assertEqual(set(parts.mapped("state")), {"billed"})
            self.assertAlmostEqual(sum(parts.mapped("raw_hours")), entry.unit_amount, 9)
            self.assertAlmostEqual(sum(parts.mapped("billable_quantity")), entry.unit_amount, 9)
        for payer, hours, amount in (
            (self.client, 3.33, 499.95),
            (self.sister, 3.33, 499.95),
            (self.fund, 3.34, 500.10),
        ):
            parts = self._parts(payer, self.arch)
            self.assertAlmostEqual(sum(parts.mapped("billable_quantity")), hours)
            self.assertAlmostEqual(sum(parts.mapped("amount")), amount)
            self.assertEqual(parts.invoice_id, self._of(payer))

    def test_the_figures_of_the_host_agree(self):
        self.invoices.action_post()
        self.assert_host_figures(self.arch, delivered=10, invoiced=10, amount_to_invoice=0)
        self.assert_host_figures(self.devl, delivered=0.75, invoiced=0.75, amount_to_invoice=0)
        self.assertEqual((self.fixed.qty_invoiced, self.fixed.qty_to_invoice), (1, 0))
        adjustments = self.order.order_line.filtered("psa_adjusts_line_id")
        self.assertAlmostEqual(sum(adjustments.mapped("untaxed_amount_to_invoice")), 0)
        self.assertAlmostEqual(sum(self.order.order_line.mapped("untaxed_amount_invoiced")), 11575)
        revenues = self.arch.task_id.project_id._get_profitability_items(with_action=False)["revenues"]
        self.assertEqual(revenues["total"], {"invoiced": 11575, "to_invoice": 0})

    # -- taken back ------------------------------------------------------------------------

    def test_a_credit_of_one_payer_frees_its_share_and_is_billed_to_it_alone(self):
        self.invoices.action_post()
        self._credit(self._of(self.sister))
        self.assertEqual(set(self._parts(self.sister).mapped("state")), {"open"})
        self.assertEqual(set((self._parts(self.client) | self._parts(self.fund)).mapped("state")), {"billed"})
        self.assertEqual(self.proposal.state, "invoiced")
        self.proposal.invalidate_recordset()
        self.assertIn("Sister SA: $\xa03,857.95", self.proposal.payer_amounts)
        self.assertEqual(self.entries.timesheet_invoice_id, self._of(self.client))
        self.assert_host_figures(self.arch, delivered=10, invoiced=6.67, amount_to_invoice=499.5)
        again = self._propose()
        self.assertEqual(again.amount, 3857.95)
        self.assertEqual(again.payer_amounts, "Sister SA: $\xa03,857.95")
        invoice = self._invoice_all(again)
        self.assertEqual(
            (invoice.psa_payer_id, invoice.amount_untaxed, invoice.amount_tax), (self.sister, 3857.95, 297.06)
        )
        invoice.action_post()
        self.assert_host_figures(self.arch, delivered=10, invoiced=10, amount_to_invoice=0)
        self.assertFalse(self._propose())

    def test_a_deleted_draft_of_one_payer_waits_beside_the_next_month(self):
        self._of(self.fund).unlink()
        self.assertEqual(self.proposal.state, "invoiced")
        # April: 3 h x 150.00 = 450.00: 149.985 is 149.99, 149.99 and the rest 150.02; the fund owes 500.10,
        # 25.00 and 3,334.00 from March
        self._work(self.arch, 3, "2026-04-02")
        proposal = self._propose("2026-03-01", "2026-04-30")
        self.assertAlmostEqual(proposal.amount, 450 + 3859.10)
        invoices = self._invoice_all(proposal)
        self.assertEqual(
            [(move.psa_payer_id, move.amount_untaxed) for move in invoices],
            [(self.client, 149.99), (self.sister, 149.99), (self.fund, 4009.12)],
        )

    def test_the_host_names_the_first_payer_who_is_billed(self):
        self.invoices.action_post()
        self._credit(self._of(self.client))
        self.assertEqual(self.entries.timesheet_invoice_id, self._of(self.sister))
        again = self._invoice_all(self._propose())
        self.assertEqual(again.psa_payer_id, self.client)
        self.entries.invalidate_recordset()
        self.assertEqual(self.entries.timesheet_invoice_id, again)

    def test_the_proposal_is_cancelled_with_its_last_invoice(self):
        self._of(self.client).button_cancel()
        self._of(self.sister).unlink()
        self.assertEqual(self.proposal.state, "invoiced")
        self._of(self.fund).unlink()
        self.assertEqual(self.proposal.state, "cancelled")
        again = self._propose()
        self.assertEqual(again.amount, 11575)
        self.assertEqual(self._invoice_all(again).mapped("amount_untaxed"), [3857.95, 3857.95, 3859.1])

    def test_of_two_payers_that_turn_out_to_be_one_no_work_gets_lost(self):
        (self._of(self.sister) | self._of(self.fund)).unlink()
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((self.sister | self.fund).ids, self.sister)
        self.env.invalidate_all()
        again = self._propose()
        self.assertAlmostEqual(again.amount, 3857.95 + 3859.1)
        self.assertEqual(self._invoice_all(again).mapped("amount_untaxed"), [7717.05])

    # -- who sees what ---------------------------------------------------------------------

    def test_no_payer_sees_what_another_one_pays(self):
        self.invoices.action_post()
        user = new_test_user(self.env, login="sister.portal", groups="base.group_portal")
        user.partner_id.parent_id = self.sister
        own, others = self._of(self.sister), self.invoices - self._of(self.sister)
        self.assertEqual(self.env["account.move"].with_user(user).search([]), own)
        self.assertEqual(own.with_user(user).read(["name"])[0]["name"], own.name)
        records = (
            *others,
            self.order,
            self.proposal,
            *self.proposal.line_ids,
            *self.arch.psa_wip_ids[:1],
            *self.order.psa_payer_ids[:1],
        )
        for record in records:
            with self.subTest(record=record), self.assertRaises(AccessError):
                record.with_user(user).read(["display_name"])
        for model in ("psa.billing.proposal", "psa.wip.entry", "psa.credited.work"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(user).search([])
        self.authenticate("sister.portal", "sister.portal")
        self.assertEqual(self.url_open(f"/my/invoices/{own.id}").status_code, 200)
        for address in (*[f"/my/invoices/{move.id}" for move in others], f"/my/orders/{self.order.id}"):
            answer = self.url_open(address, allow_redirects=False)
            self.assertIn(answer.status_code, (302, 303), address)

    def test_the_project_manager_reads_no_shares(self):
        manager = self._user("pm", "psa_project.group_psa_project_manager")
        with self.assertRaises(AccessError):
            self.proposal.with_user(manager).read(["payer_amounts"])
        with self.assertRaises(AccessError):
            self.arch.psa_wip_ids.with_user(manager).read(["payer_id"])
