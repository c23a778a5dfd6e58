"""Dialogs and parts of statements of work, reached by RPC with the ids of what belongs to others."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PsaBillingCase
from .test_intruders import EVERYTHING

SELLER = "sales_team.group_sale_salesman"


@tagged("post_install", "-at_install")
class TestIntrudersDialogs(PsaBillingCase):
    """8 h of Ann at 150.00 are invoiced in March, 2 h wait in May; a fixed price of 2,000.00 is a draft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow()
        cls._work(cls.order.order_line, 8)
        cls.invoice = cls._invoice(cls._propose(), post=True)
        cls.open = cls._work(cls.order.order_line, 2, "2026-05-04").psa_wip_ids
        cls.draft = cls._sow(cls._line(cls.developer, 1, "fixed", price_unit=2000), confirm=False)
        cls.draft.user_id = cls.env.user
        cls.plan = {
            "order_id": cls.draft.id,
            "sale_line_id": cls.draft.order_line.id,
            "name": "End",
            "due_by": "date",
            "date": "2026-06-30",
            "percent": 100,
        }
        cls.instalment = cls.env["psa.instalment"].create(cls.plan)
        cls.abroad = cls._user("abroad", EVERYTHING, cls.setup_other_company(name="Abroad")["company"])

    def setUp(self):
        super().setUp()
        # what one user has read is in the cache for the next
        self.env.flush_all()
        self.env.invalidate_all()

    def test_who_sells_something_else_has_nothing_to_do_with_instalments(self):
        seller = self._user("seller", SELLER)
        instalments = self.env["psa.instalment"].with_user(seller)
        self.assertFalse(instalments.search([]))
        own = instalments.browse(self.instalment.id)
        for attempt in (
            lambda: own.read(["name", "date", "percent"]),
            lambda: own.write({"date": "2026-03-31"}),
            own.unlink,
            lambda: instalments.create({**self.plan, "percent": 50}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                attempt()
        self.assertEqual(self.draft.psa_instalment_ids, self.instalment)

    def test_who_sells_it_or_all_of_it_writes_instalments(self):
        seller = self._user("seller", SELLER)
        other = self._user("all", "sales_team.group_sale_salesman_all_leads")
        self.draft.user_id = seller
        self.instalment.with_user(seller).date = "2026-05-31"
        self.instalment.with_user(other).date = "2026-06-15"
        self.assertEqual(str(self.instalment.date), "2026-06-15")

    def test_a_dialog_is_read_by_who_opened_it(self):
        """Else anybody with the same right would read in it what they may not read in the records."""
        dialogs = [
            name
            for name, model in self.env.registry.items()
            if name.startswith("psa.") and model._transient and not model._abstract
        ]
        self.assertGreater(len(dialogs), 20)
        for name in dialogs:
            domain = self.env["ir.rule"].with_user(self.abroad)._compute_domain(name, "read")
            with self.subTest(name):
                self.assertIn("create_uid", str(domain))

    def test_the_preview_of_a_run_is_no_secret_that_another_company_reads(self):
        run = self._run("2026-05-01", "2026-05-31")
        preview = self.env["psa.billing.preview"].browse(run.action_preview()["res_id"])
        self.assertEqual(preview.line_ids.mapped("amount"), [300])  # 2 h at 150.00
        self.env.flush_all()
        self.env.invalidate_all()
        for record in (preview, preview.line_ids):
            as_stranger = record.with_user(self.abroad)
            self.assertFalse(as_stranger.search([]))
            with self.assertRaises(AccessError):
                as_stranger.read([])

    def test_no_dialog_says_what_work_or_invoices_of_others_come_to(self):
        line = self.invoice.invoice_line_ids
        credit, split = (
            self.env[name].with_user(self.abroad) for name in ("psa.credit.work", "psa.split.work")
        )
        rows = self.env["psa.credit.work.line"].with_user(self.abroad)
        for attempt in (
            lambda: credit.with_context(active_id=self.invoice.id).default_get(["line_ids"]),
            lambda: rows.new({"invoice_line_id": line.id, "quantity": 1}).amount,
            lambda: rows.new({"invoice_line_id": line.id}).name,
            lambda: split.new({"wip_id": self.open.id}).billable_quantity,
            lambda: split.new({"wip_id": self.open.id}).raw_hours,
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                attempt()

    def test_nothing_is_re_rated_or_taxed_anew_in_another_company(self):
        self._rate_changes(self.architect, 170, "2026-05-01")
        tax = self.tax.copy({"name": "16 %"})
        self.env.flush_all()
        self.env.invalidate_all()
        here = {"company_id": self.company.id}
        rerate = self.env["psa.rerate"].with_user(self.abroad).create(here)
        replace = self.env["psa.replace.tax"].with_user(self.abroad)
        for attempt in (
            rerate.action_preview,
            rerate.action_apply,
            lambda: replace.create({**here, "tax_id": self.tax.id, "new_tax_id": tax.id}).action_replace(),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                attempt()
        self.assertEqual((self.open.unit_price, self.order.order_line.tax_ids), (150, self.tax))
