"""What an earlier version left in the database goes on under this one."""

import runpy
from pathlib import Path

from odoo.tests import tagged

from .common_expense import PsaExpenseCase

SCRIPTS = Path(__file__).parents[1] / "migrations"


@tagged("post_install", "-at_install")
class TestMigration(PsaExpenseCase):
    def _migrate(self, script, version="19.0.1.1.0", to="19.0.2.0.0"):
        self.env.flush_all()
        runpy.run_path(str(SCRIPTS / to / script))["migrate"](self.env.cr, version)
        self.env.invalidate_all()

    def _on_work(self, query):
        self.env.cr.execute(query)
        return {name for (name,) in self.env.cr.fetchall() if name}

    def _indexes(self):
        return self._on_work("SELECT indexname FROM pg_indexes WHERE tablename = 'psa_wip_entry'")

    def _foreign_keys(self):
        return self._on_work(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'psa_wip_entry'::regclass"
        )

    def test_invoices_name_the_proposal_that_they_came_from(self):
        order = self._sow(self._line(self.architect))
        self._work(order.order_line, 5)
        proposal = self._propose()
        invoice = self._invoice(proposal)
        other = invoice.copy()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET psa_proposal_id = NULL WHERE id = ANY(%s)", [(invoice + other).ids]
        )
        self.env.invalidate_all()
        self._migrate("post-invoice_proposals.py", version=None)
        self.assertFalse(invoice.psa_proposal_id, "nothing to do where nothing was installed before")
        self._migrate("post-invoice_proposals.py")
        self.assertEqual(invoice.psa_proposal_id, proposal)
        self.assertFalse(other.psa_proposal_id)

    def test_work_has_the_indexes_and_links_of_a_new_database(self):
        indexes, keys = self._indexes(), self._foreign_keys()
        self.env.cr.execute(
            """
            CREATE INDEX psa_wip_entry__analytic_line_id_index ON psa_wip_entry (analytic_line_id);
            CREATE INDEX psa_wip_entry__company_id_index ON psa_wip_entry (company_id);
            CREATE INDEX psa_wip_entry__state_index ON psa_wip_entry (state);
            ALTER TABLE psa_wip_entry
                ADD CONSTRAINT psa_wip_entry_partner_id_fkey
                    FOREIGN KEY (partner_id) REFERENCES res_partner (id) ON DELETE SET NULL,
                ADD CONSTRAINT psa_wip_entry_company_id_fkey
                    FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE RESTRICT,
                ADD CONSTRAINT psa_wip_entry_currency_id_fkey
                    FOREIGN KEY (currency_id) REFERENCES res_currency (id) ON DELETE RESTRICT;
            """
        )
        self.assertEqual((len(self._indexes()), len(self._foreign_keys())), (len(indexes) + 3, len(keys) + 3))
        self._migrate("post-work_in_progress.py")
        self.assertEqual((self._indexes(), self._foreign_keys()), (indexes, keys))
        self._migrate("post-work_in_progress.py")
        self.assertEqual((self._indexes(), self._foreign_keys()), (indexes, keys))

    def test_reasons_that_came_along_say_what_they_are_for(self):
        reasons = self.env["psa.adjustment.reason"].search([])
        goodwill, extra, rework, own = (
            *(self.env.ref(f"psa_billing.reason_{name}") for name in ("goodwill", "extra", "rework")),
            self.env["psa.adjustment.reason"].create({"name": "Goodwill"}),
        )
        before = {reason: reason.used_for for reason in reasons - rework}
        (reasons | own).used_for = "both"  # as the column is filled
        rework.name = "Less or more work than offered"
        extra.sequence = 80
        self._migrate("post-adjustment_reasons.py", version=None, to="19.0.2.2.0")
        self.assertEqual(set(reasons.mapped("used_for")), {"both"})
        self._migrate("post-adjustment_reasons.py", version="19.0.2.1.0", to="19.0.2.2.0")
        self.assertEqual({reason: reason.used_for for reason in reasons - rework}, before)
        self.assertEqual((goodwill.used_for, extra.used_for), ("write_off", "write_up"))
        self.assertEqual(extra.sequence, 45, "proposed before reasons for both")
        extra.sequence = 90
        self._migrate("post-adjustment_reasons.py", version="19.0.2.1.0", to="19.0.2.2.0")
        self.assertEqual(extra.sequence, 90, "where somebody put it")
        self.assertEqual((rework.used_for, own.used_for), ("both", "both"))
        extra.unlink()
        self._migrate("post-adjustment_reasons.py", version="19.0.2.1.0", to="19.0.2.2.0")

    def test_roundings_of_what_was_billed_before_are_billed(self):
        """3,333.33 of 2 × 5,000.00 were 0.67 pieces before, and 1.33 of them (6,650.00) are billed since:
        16.67 are left. Work by the hour keeps its figures."""
        fixed = self._sow(self._line(self.architect, 2, "fixed", price_unit=5000)).order_line
        work = self._sow().order_line
        opening, other = self.env["psa.opening.balance"].create(
            [
                {"sale_line_id": fixed.id, "date": "2026-02-28", "billed_amount": 3333.33},
                {"sale_line_id": work.id, "date": "2026-02-28", "billed_amount": 7499.6},
            ]
        )
        # as the last version left it
        opening.sudo().rest_line_id = False
        fixed.order_id.order_line[1].sudo().write({"product_uom_qty": 0})
        proposal = self._propose()
        self.env.cr.execute(
            "UPDATE psa_billing_proposal_line SET quantity = 1.33, remainder = 0, amount = 6650 "
            "WHERE id = %s",
            [proposal.line_ids.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._invoice(proposal, post=True).amount_untaxed, 6650)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order_line SET qty_invoiced = 2 WHERE id = %s", [fixed.id])
        self.env.invalidate_all()
        self._migrate("post-opening_balances.py", version=None, to="19.0.2.3.0")
        self.assertFalse(opening.rest_line_id)
        self._migrate("post-opening_balances.py", version="19.0.2.2.0", to="19.0.2.3.0")
        self.assert_host_figures(fixed, 0, 1.99, 50)
        self.assert_host_figures(opening.rest_line_id, 0, 1, 0)
        self.assert_host_figures(work, 50, 50, 0)
        self.assertFalse(other.rest_line_id)
        self.assertEqual(self._propose("2026-04-01", "2026-04-30").amount, 16.67)

    def test_periods_before_an_opening_balance_lead_to_it(self):
        """10 hours a month; 4 of April are left on the 15th, 3 were worked since. March left its 10 until
        now, and April opened with -6."""
        order = self._sow(
            self._line(self.architect, 3, "retainer", price_unit=1500, psa_retainer_hours=10),
        )
        self._work(order.order_line, 3, "2026-04-20")
        self.env["psa.opening.balance"].create(
            {"sale_line_id": order.order_line.id, "date": "2026-04-15", "retainer_balance": 4}
        )
        periods = self.env["psa.retainer.period"].search([("order_id", "=", order.id)], order="date_start")
        names = ("opening", "used", "used_before", "expired", "closing")
        wanted = [(0, 10, 10, 0, 0), (0, 9, 6, 1, 0), (0, 0, 0, 10, 0)]
        self.assertEqual([tuple(period[name] for name in names) for period in periods], wanted)
        # as the last version left it
        self.env.flush_all()
        march, april = periods.ids[:2]
        self.env.cr.execute("UPDATE psa_retainer_period SET used_before = NULL")
        self.env.cr.execute("UPDATE psa_retainer_period SET used = 0, expired = 10 WHERE id = %s", [march])
        self.env.cr.execute("UPDATE psa_retainer_period SET used = 3, opening = -6 WHERE id = %s", [april])
        self.env.invalidate_all()
        self._migrate("post-opening_periods.py", version=None, to="19.0.2.4.0")
        self.assertEqual(periods.mapped("opening"), [0, -6, 0])
        for _again in range(2):
            self._migrate("post-opening_periods.py", version="19.0.2.3.0", to="19.0.2.4.0")
            self.assertEqual([tuple(period[name] for name in names) for period in periods], wanted)

    def test_work_of_nothing_on_an_invoiced_proposal_waits_again(self):
        order = self._sow(self._line(self.architect), self._line(self.developer))
        architect, developer = order.order_line
        entry, correction = (self._work(architect, hours) for hours in (4, -4))
        other = self._work(developer, 2)
        self._invoice(self._propose(), post=True)
        self.env.flush_all()
        # without a line on the invoice it stayed proposed
        self.env.cr.execute(
            "UPDATE psa_wip_entry SET state = 'proposed', invoice_line_id = NULL"
            " WHERE analytic_line_id = ANY(%s)",
            [(entry + correction).ids],
        )
        self.env.invalidate_all()
        self._migrate("post-work_of_nothing.py", version=None, to="19.0.2.4.0")
        self.assert_wip(entry, ("proposed", 4, 4, 600))
        for _again in range(2):
            self._migrate("post-work_of_nothing.py", version="19.0.2.3.0", to="19.0.2.4.0")
            self.assert_wip(entry, ("open", 4, 4, 600))
            self.assert_wip(correction, ("open", -4, -4, -600))
            self.assert_wip(other, ("billed", 2, 2, 200))
        proposal = self._propose()
        self.assertEqual(proposal.amount, 0)
        proposal.action_close()
        self.assertFalse(self._propose())

    def test_stops_of_a_contact_are_those_of_its_client(self):
        contact = self.env["res.partner"].create({"name": "AP", "parent_id": self.client.id})
        other = self.env["res.partner"].create({"name": "Other"})
        stops = self.env["psa.dunning.stop"].create(
            [{"partner_id": partner.id, "reason": "Talks"} for partner in (self.client, other)]
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE psa_dunning_stop SET partner_id = %s, active = FALSE WHERE id = %s",
            [contact.id, stops.ids[0]],
        )
        self.env.invalidate_all()
        self._migrate("post-pauses_of_contacts.py", version=None, to="19.0.2.4.0")
        self.assertEqual(stops.mapped("partner_id"), contact | other)
        for _again in range(2):
            self._migrate("post-pauses_of_contacts.py", version="19.0.2.3.0", to="19.0.2.4.0")
            self.assertEqual(stops.mapped("partner_id"), self.client | other)

    def test_days_of_work_have_a_summary_instead_of_an_index(self):
        indexes = self._indexes()
        self.assertIn("psa_wip_entry_days", indexes)
        self.env.cr.execute("CREATE INDEX psa_wip_entry__date_index ON psa_wip_entry (date)")
        self._migrate("post-indexes.py", version=None, to="19.0.2.1.0")
        self.assertEqual(self._indexes(), indexes | {"psa_wip_entry__date_index"})
        self._migrate("post-indexes.py", version="19.0.2.0.0", to="19.0.2.1.0")
        self.assertEqual(self._indexes(), indexes)

    def test_corrections_of_periods_may_begin_on_the_day_of_another(self):
        def constraints():
            self.env.cr.execute(
                "SELECT conname FROM pg_constraint WHERE contype = 'u' "
                "AND conrelid = 'psa_retainer_period'::regclass"
            )
            return self.env.cr.fetchall()

        self.env.cr.execute(
            "ALTER TABLE psa_retainer_period ADD CONSTRAINT psa_retainer_period_once "
            "UNIQUE (retainer_line_id, date_start)"
        )
        self._migrate("pre-retainer_corrections.py", None, "19.0.2.5.0")
        self.assertTrue(constraints(), "nothing to do where nothing was installed before")
        self._migrate("pre-retainer_corrections.py", "19.0.2.4.0", "19.0.2.5.0")
        self.assertFalse(constraints())

    def test_versions_without_periods_of_retainers_are_upgraded_too(self):
        """The table came with 19.0.2.0.0: scripts that run before it is made find none."""
        self.env.cr.execute("ALTER TABLE psa_retainer_period RENAME TO psa_retainer_period_to_come")
        self._migrate("pre-retainer_corrections.py", "19.0.1.0.0", "19.0.2.5.0")
        self.env.cr.execute("ALTER TABLE psa_retainer_period_to_come RENAME TO psa_retainer_period")

    def test_what_limits_had_cut_of_costs_is_known(self):
        """Of 500.00 a limit let 400.00 through, a fifth was taken back since: nothing of it is left to bill.
        Of 300.00 nothing was let through."""
        self.company.psa_expense_over_limit = "no"
        order = self._sow(self._line(self.developer), self._terms(), psa_expense_limit=400)
        bill, other = (self._bill((self.hotel, cost, self._account(order))) for cost in (500, 300))
        self._invoice(self._propose())
        refund = self._draft_credit(bill)
        refund.invoice_date = "2026-04-02"
        refund.invoice_line_ids.price_unit = 100
        refund.action_post()
        entries = (bill | other).line_ids.analytic_line_ids.sorted("id").sudo()
        self.assertEqual(entries.mapped("psa_expense_cut"), [0, 300])
        # as the last version left it
        entries.write({"psa_expense_cut": 0, "psa_expense_order_id": False})
        self._migrate("post-cut_costs.py", None, "19.0.2.6.0")
        self.assertFalse(entries.psa_expense_order_id, "nothing was installed before")
        for _again in range(2):
            self._migrate("post-cut_costs.py", "19.0.2.5.0", "19.0.2.6.0")
            self.assertEqual(entries.psa_expense_order_id, order)
            self.assertEqual(entries.mapped("psa_expense_cut"), [0, 300])

    def test_proposals_know_the_first_day_that_their_run_billed(self):
        """A run from 10 March bills a SOW by the quarter from 1 January where it bills what is due, another
        one of all work from the 10th, and one without a first day from any day."""
        quarterly = self._agreement(billing_frequency="quarterly")
        runs = self.env["psa.billing.run"]
        for first, only_due in (("2026-03-10", True), ("2026-03-10", False), (False, False)):
            self._work(self._sow(psa_agreement_id=quarterly.id).order_line, 2, "2026-03-12")
            run = self._run(first, only_due=only_due)
            run.action_make_proposals()
            runs += run
        proposals = runs.proposal_ids.sorted("id")
        wanted = ["2026-01-01", "2026-03-10", "False"]
        self.assertEqual([str(day) for day in proposals.mapped("period_start")], wanted)
        proposals.sudo().period_start = False
        self._migrate("post-first_days.py", None, "19.0.2.6.2")
        self.assertFalse(any(proposals.mapped("period_start")), "nothing was installed before")
        for _again in range(2):
            self._migrate("post-first_days.py", "19.0.2.6.1", "19.0.2.6.2")
            self.assertEqual([str(day) for day in proposals.mapped("period_start")], wanted)
