"""Whatever happens to time, the report shows all of it, once."""

import random
import traceback

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.psa_billing.models.psa_wip_entry import WIP_STATES

from .common_expense import PsaExpenseCase
from .contract_invariants import ContractInvariants
from .correction_steps import CorrectionSteps
from .review_steps import ReviewSteps
from .work_invariants import WorkInvariants

FIRST = ("work", "work", "log", "log")
STEPS = ("work", "approve", "refuse", "recall", "hold", "release", "propose", "cancel", "invoice", "invoice")
STEPS += ("take_back", "write_off", "cap", "unsold", "reopen")
STEPS += (
    "bill_amount",
    "bill_quantity",
    "total",
    "split",
    "take_off_back",
    "hold_line",
    "release_line",
    "move",
    "split_waiting",
    "move_part",
    "close",
)
STEPS += ("credit_work", "edited_note", "lower_price", "expense", "agreement_cap", "change_order", "payers")
STEPS += ("week", "adjust_again", "cut_again")
STEPS += ("reopen_correct", "reopen_correct", "change_back", "change_and_back", "sign_again")
STEPS += ("note_waits", "note_waits", "note_goes", "other_payer", "drop_line")


class RandomWork(WorkInvariants, ContractInvariants, ReviewSteps, CorrectionSteps, PsaExpenseCase):
    """A capped SOW with a discount, one by the day that is rounded by the day, one that three clients share
    at a price with taxes in it, and one with a retainer, and steps that people take on them in any order.
    An agreement bounds the capped, the shared and the retained one together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = "Fund", "Other Fund", "Heir"
        cls.fund, cls.other_fund, cls.heir = cls.env["res.partner"].create([{"name": name} for name in names])
        cls.included = cls.tax.copy(
            {"name": "19 % included", "amount": 19, "price_include_override": "tax_included"}
        )
        cls._make_sows()
        cls.lines = cls.sows.order_line.filtered("task_id")
        cls.projects = cls.lines.task_id.project_id

    @classmethod
    def _make_sows(cls):
        """The SOWs that the steps are taken on."""
        cls.agreement = cls.env["psa.agreement"].create(
            {
                "name": "Frame",
                "partner_id": cls.client.id,
                "company_id": cls.company.id,
                "date_start": "2026-01-01",
                "cap_amount": 4000,
            }
        )
        cls.agreement.action_activate()
        cls.capped = cls._sow(
            cls._line(cls.architect, cap=900, discount=12.5),
            cls._line(cls.developer, 10, "fixed", price_unit=90),
            cls._terms("markup", psa_expense_markup=12.5),
            psa_cap_amount=1500,
            psa_agreement_id=cls.agreement.id,
        )
        by_the_day = {"role_id": cls.developer.id, "date_start": "2026-01-01", "unit": "day", "price": 999.99}
        cls.day_card = cls.card.copy(
            {"name": "Rates by the day", "line_ids": [Command.clear(), Command.create(by_the_day)]}
        )
        cls.rounded = cls._sow(
            cls._line(cls.developer),
            psa_rate_card_id=cls.day_card.id,
            psa_rounding_minutes="15",
            psa_rounding_scope="day",
        )
        cls.day_card.active = False  # prices nothing new
        cls.shared = cls._sow(
            cls._line(cls.architect, price_unit=133.33, tax_ids=[Command.set(cls.included.ids)]),
            psa_agreement_id=cls.agreement.id,
            psa_payer_ids=cls._payers((cls.client, 33.33), (cls.fund, 33.33), (cls.other_fund, 33.34)),
        )
        cls.retained = cls._sow(
            cls._line(cls.architect, 3, "retainer", price_unit=1500, psa_retainer_hours=3),
            psa_agreement_id=cls.agreement.id,
        )
        cls.retainers = cls.retained
        cls.sows = cls.capped + cls.rounded + cls.shared + cls.retained

    @classmethod
    def _payers(cls, *shares):
        return [
            Command.create({"partner_id": payer.id, "share": share, "sequence": number})
            for number, (payer, share) in enumerate(shares)
        ]

    # -- steps -----------------------------------------------------------------------------

    def _entries(self, *states):
        return self.env["account.analytic.line"].search(
            [("project_id", "in", self.projects.ids), ("psa_state", "in", states)], order="id"
        )

    def _some_work(self, rnd, *states):
        parts = self.env["psa.wip.entry"].search(
            [("order_id", "in", self.sows.ids), ("state", "in", states)], order="id"
        )
        return self._some(rnd, parts)

    @staticmethod
    def _some(rnd, records):
        return records.browse(rnd.sample(records.ids, min(len(records), rnd.randint(1, 2))))

    def _step_log(self, rnd):
        line = rnd.choice(self.lines)
        day = f"2026-03-{rnd.randint(2, 4):02}"
        hours = rnd.choice((0.1, 0.3333, 0.75, 1, 2.5, 8, -0.5))
        return self._log(line, hours, day)

    def _step_work(self, rnd):
        self._step_log(rnd).action_psa_approve()

    def _step_week(self, rnd):
        """Time of several days and lines is approved together."""
        entries = self.env["account.analytic.line"].union(*(self._step_log(rnd) for _entry in range(4)))
        entries.action_psa_approve()

    def _step_unsold(self, rnd):
        self._work(
            self.rounded.order_line, 1, employee=self.ann, psa_role_id=self.architect.id, task_id=False
        )

    def _step_approve(self, rnd):
        self._some(rnd, self._entries("submitted")).action_psa_approve()

    def _step_refuse(self, rnd):
        self._some(rnd, self._entries("submitted"))._psa_refuse("No")

    def _step_recall(self, rnd):
        self._some(rnd, self._entries("submitted", "refused")).action_psa_recall()

    def _step_reopen(self, rnd):
        self._some(rnd, self._entries("approved")).action_psa_recall()

    def _step_hold(self, rnd):
        self._some_work(rnd, "open", "proposed").action_hold()

    def _step_release(self, rnd):
        self._some_work(rnd, "held").action_release()

    def _step_write_off(self, rnd):
        work = self._some_work(rnd, "open", "over_cap", "held", "proposed").sudo()
        work._psa_write_off(self.env.ref("psa_billing.reason_goodwill"))

    def _step_hold_line(self, rnd):
        self._some(rnd, self._proposals("draft").line_ids).action_hold()

    def _step_release_line(self, rnd):
        self._some(rnd, self._proposals("draft").line_ids.filtered("is_held")).action_release()

    def _step_move(self, rnd):
        target = rnd.choice(self.lines)
        work = self._some_work(rnd, "open", "proposed", "over_cap", "covered", "held").sudo()
        work.filtered(lambda part: part.order_id == target.order_id)._psa_move(target)

    def _step_split_waiting(self, rnd):
        work = self._some_work(rnd, "open", "held", "over_cap").sudo()[:1]
        work._psa_split_waiting(round(work._psa_hours_to_move() / 3, 2))

    def _step_move_part(self, rnd):
        target = rnd.choice(self.lines)
        work = self._some_work(rnd, "open", "proposed", "over_cap", "held").sudo()[:1]
        work._psa_move_part(round(work.raw_hours / 2, 2), target)

    def _step_close(self, rnd):
        self._some(rnd, self._proposals("draft")).action_close()

    def _step_cap(self, rnd):
        self.capped.sudo().psa_cap_amount = rnd.choice((0, 300, 1200, 2000))

    def _step_propose(self, rnd):
        self._propose()

    def _proposals(self, *states):
        return self.env["psa.billing.proposal"].search(
            [("order_id", "in", self.sows.ids), ("state", "in", states)], order="id"
        )

    def _step_cancel(self, rnd):
        self._some(rnd, self._proposals("draft")).action_cancel()

    def _step_invoice(self, rnd):
        proposals = self._proposals("draft") or self._propose()
        self._invoice(proposals[:1], post=rnd.random() < 0.5)

    def _some_invoice(self, rnd):
        return rnd.choice(self._proposals("invoiced").invoice_ids.sorted("id"))

    def _post_invoice(self, invoice):
        if invoice.state == "draft":
            invoice.invoice_date = fields.Date.to_date("2026-04-01")
            invoice.action_post()

    def _step_take_back(self, rnd):
        invoice = self._some_invoice(rnd)
        if invoice.state == "posted":
            self._credit(invoice)
        else:
            invoice.unlink()

    def _step_credit_work(self, rnd):
        """By the wizard: chosen work of a posted invoice, and perhaps units beside it."""
        invoice = self._some_invoice(rnd)
        self._post_invoice(invoice)
        wizard = self.env["psa.credit.work"].with_context(default_move_id=invoice.id).create({})
        work = self.env["psa.wip.entry"].search(
            [("invoice_line_id.move_id", "=", invoice.id), ("state", "=", "billed")], order="id"
        )
        wizard.wip_ids = self._some(rnd, work)
        line = wizard.line_ids[:1]
        line.quantity = min(line.billed, line.quantity + rnd.choice((0, 0.5, 1.33)))
        note = self.env["account.move"].browse(wizard.action_credit()["res_id"])
        note.action_post()

    def _step_edited_note(self, rnd):
        """By the host's wizard, its lines edited by hand."""
        self._edited_note(rnd, "quantity", (0.25, 0.5, 1))

    def _step_lower_price(self, rnd):
        self._edited_note(rnd, "price_unit", (0.1, 0.5))

    def _edited_note(self, rnd, name, shares):
        invoice = self._some_invoice(rnd)
        self._post_invoice(invoice)
        note = self._draft_credit(invoice)
        for line in note.invoice_line_ids.filtered(lambda line: not line.sale_line_ids.psa_adjusts_line_id):
            line[name] = round(line[name] * rnd.choice(shares), 2)
        if rnd.random() < 0.5:
            note.invoice_line_ids.filtered("sale_line_ids.psa_adjusts_line_id").unlink()
        note.action_post()

    def _step_expense(self, rnd):
        self._expense(self.capped, rnd.choice((87.35, 250)), day="2026-03-03")

    def _step_agreement_cap(self, rnd):
        self.agreement.cap_amount = rnd.choice((0, 1000, 2000, 5000))

    def _step_change_order(self, rnd):
        change = self.env["sale.order"].browse(self.capped.action_psa_change_order()["res_id"])
        change.write(
            {
                "psa_change_reason": "More to do",
                "psa_requested_by_id": self.client.id,
                "psa_cap_change": rnd.choice((-200, 300)),
            }
        )
        change.sudo().action_confirm()
        return change

    def _step_payers(self, rnd):
        lead, *others = self.shared.sudo().psa_payer_ids
        share = rnd.choice((25, 33.33, 50))
        shares = [share, *[20] * (len(others) - 1)]
        self.shared.sudo().psa_payer_ids = [
            Command.update(payer.id, {"share": part})
            for payer, part in zip((lead, *others), (*shares, 100 - sum(shares)), strict=True)
        ]

    # -- one example -----------------------------------------------------------------------

    def steps(self, rnd):
        return (*FIRST, *rnd.choices(STEPS, k=8))

    def check_any_order_of_steps(self, seed):
        """Steps that the rules refuse change nothing; after all others what is said of the work is true."""
        rnd, taken, self.over = random.Random(seed), [], {}
        savepoint = self.env.cr.savepoint()
        try:
            for step in self.steps(rnd):
                try:
                    with self.env.cr.savepoint():
                        getattr(self, f"_step_{step}")(rnd)
                        taken.append(step)
                except UserError:  # refused
                    self.env.invalidate_all()
                    continue
                except (ValueError, IndexError) as error:  # there was nothing to do it with
                    if self._is_of_product(error):
                        raise
                    self.env.invalidate_all()
                    continue
                self.assert_invariants(self.sows, f"seed {seed}: {taken}")
                self.assert_contract(self.sows.sudo(), f"seed {seed}: {taken}")
            self.assert_adds_up(f"seed {seed}: {taken}")
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    @staticmethod
    def _is_of_product(error):
        """Whether ``error`` is a fault of the product, not a step that found no record to begin with."""
        if str(error).endswith("()"):  # no singleton: none
            return False
        files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        return any("/addons/psa_" in name and "/tests/" not in name for name in files)

    def assert_adds_up(self, message):
        rows = self.env["psa.hour.state"].search([("project_id", "in", self.projects.ids)])
        entries = self.env["account.analytic.line"].search([("project_id", "in", self.projects.ids)])
        states = dict(WIP_STATES)
        by_line, by_entry = {}, dict.fromkeys(entries, 0)
        for row in rows.filtered(lambda row: row.kind != "opening"):
            if not row.analytic_line_id.project_id:  # an expense has no hours
                self.assertEqual(row.hours, 0, message)
                continue
            by_entry[row.analytic_line_id] += row.hours
            approved = row.analytic_line_id.psa_state == "approved"
            self.assertEqual(row.state in states or row.state == "role_not_sold", approved, message)
            if row.state in states:
                # what somebody cut off may be billed on another line than its entry was worked on
                line = row.analytic_line_id.so_line if row.wip_id.slice_number else row.sale_line_id
                by_line[line] = by_line.get(line, 0) + row.hours
        rated = entries.filtered(lambda entry: entry.psa_state == "approved" and entry.so_line)
        for line in (self.lines | rated.so_line) - self.retainers.order_line:
            worked = sum(rated.filtered(lambda entry, line=line: entry.so_line == line).mapped("unit_amount"))
            self.assertAlmostEqual(by_line.get(line, 0), worked, 6, message)
        for entry, hours in by_entry.items():
            self.assertAlmostEqual(hours, entry.unit_amount, 6, message)
        for order in self.retainers:  # what is over a retainer stands on a line of its own
            retained = rated.filtered(lambda entry, order=order: entry.so_line.order_id == order)
            on_retainer = sum(hours for line, hours in by_line.items() if line.order_id == order)
            self.assertAlmostEqual(on_retainer, sum(retained.mapped("unit_amount")), 6, message)
        self.assert_unapproved_worth(rows, message)
        self.assert_adjustments_add_up(message)

    def assert_adjustments_add_up(self, message):
        """Each adjustment in force is worth what is written off for it."""
        wip = self.env["psa.wip.entry"].search([("order_id", "in", self.sows.ids)])
        domain = [("order_id", "in", wip.order_id.ids), ("on_work", "=", True)]
        for adjustment in self.env["psa.adjustment"].search(domain):
            parts = adjustment.wip_ids
            self.assertEqual(bool(parts), adjustment.state == "done", message)
            if parts:
                self.assertAlmostEqual(adjustment.amount, -sum(parts.mapped("amount")), 6, message)
        for entry, parts in wip.grouped("analytic_line_id").items():
            off = parts.filtered("adjusts_wip_id")
            self.assertEqual(off.mapped("state"), ["written_off"] * len(off), message)
            self.assertFalse(entry.project_id and entry.psa_state != "approved", message)
        for line in wip.proposal_line_id.filtered(lambda line: line.proposal_state == "draft"):
            on_line = line.wip_ids.filtered(lambda part: part.state != "written_off")
            self.assertAlmostEqual(line.quantity, sum(on_line.mapped("billable_quantity")), 6, message)
            self.assertAlmostEqual(line.amount, sum(on_line.mapped("amount")), 6, message)


@tagged("post_install", "-at_install")
class TestHourStateAddsUp(RandomWork):
    def test_forty_random_histories(self):
        for seed in range(40):
            self.check_any_order_of_steps(seed)


@tagged("post_install", "-at_install", "slow")
class TestHourStateAlwaysAddsUp(RandomWork):
    def test_five_hundred_random_histories(self):
        for seed in range(1000, 1500):
            self.check_any_order_of_steps(seed)
