"""Steps of people who put right what was done: time, change orders, whole SOWs."""

from collections import defaultdict

from odoo import Command


class CorrectionSteps:
    """For ``RandomWork``: what is corrected, and what is signed and taken back at once."""

    #: Steps that sign a change order and return it.
    CHANGES = ("change_order",)

    def _step_reopen_correct(self, rnd):
        """Approved time was wrong: it is recalled, put right (hours, day, or work of another line, also of
        another SOW) and approved again. Its role is that of the task on which it is now."""
        entry = rnd.choice(self._entries("approved"))
        line = rnd.choice(self.lines)
        entry.action_psa_recall()
        entry.write(
            rnd.choice(
                (
                    {"unit_amount": rnd.choice((0.25, 1.5, 3, 7.75))},
                    {"date": f"2026-03-{rnd.randint(2, 4):02}"},
                    {
                        "project_id": line.task_id.project_id.id,
                        "task_id": line.task_id.id,
                        "employee_id": (self.dev if line.psa_role_id == self.developer else self.ann).id,
                    },
                )
            )
        )
        entry.action_psa_submit()
        entry.action_psa_approve()
        sold = entry.task_id.sale_line_id
        self.assertEqual(entry.so_line.order_id._psa_sow(), sold.order_id._psa_sow())
        if not entry.is_so_line_edited:  # moved to that line by hand before
            self.assertEqual(entry.so_line.psa_role_id, sold.psa_role_id)

    def _step_change_back(self, rnd):
        """A change order is cancelled as long as nothing builds on it."""
        changes = self.env["sale.order"].search(
            [("psa_parent_id", "in", self.sows.ids), ("state", "=", "sale")], order="id"
        )
        self._cancel_orders(rnd.choice(changes))

    def _step_change_and_back(self, rnd):
        """What is signed and cancelled at once leaves everything as it was."""
        before = self._stands()
        change = getattr(self, f"_step_{rnd.choice(self.CHANGES)}")(rnd)
        self._cancel_orders(change)
        self.assertEqual(self._stands(), before, change.name)

    def _step_sign_again(self, rnd):
        """A SOW is cancelled and signed again: its draft invoices are gone, else everything is as it was."""
        order = rnd.choice(self.sows)
        before, drafts = self._stands(), order.invoice_ids.filtered(lambda move: move.state == "draft")
        self._cancel_orders(order)
        order.sudo().action_draft()
        order.sudo().action_confirm()
        if not drafts:
            self.assertEqual(self._stands(), before, order.name)

    def _step_other_payer(self, rnd):
        """Another client pays from now on in the place of one that leaves."""
        payers = self.shared.sudo().psa_payer_ids
        others = self.client + self.fund + self.other_fund + self.heir - payers.partner_id
        rnd.choice(payers).partner_id = rnd.choice(others)

    def _step_drop_line(self, rnd):
        """Somebody takes off a draft invoice what bills a line of its proposal, or lowers its quantity
        and posts it: what it does not bill waits again."""
        drafts = self._proposals("invoiced").invoice_ids.filtered(lambda move: move.state == "draft")
        bills = rnd.choice(drafts.sorted("id")).invoice_line_ids.filtered("psa_proposal_line_id")
        line = rnd.choice(bills.psa_proposal_line_id.sorted("id"))
        own = bills.filtered(lambda bill: bill.psa_proposal_line_id == line)
        if rnd.random() < 0.5:
            own.unlink()
            return
        for bill in self._without_adjustments(own):
            bill.quantity = round(bill.quantity / 2, 2)
        self._post_invoice(own.move_id)

    def _step_note_waits(self, rnd):
        """A credit note of all of an invoice, or of a part, that nobody posts yet."""
        if not self._proposals("invoiced"):
            self._step_invoice(rnd)
        invoice = self._some_invoice(rnd)
        self._post_invoice(invoice)
        note = self._draft_credit(invoice)
        if rnd.random() < 0.3:
            self._without_adjustments(note.invoice_line_ids)[1:].unlink()

    def _step_note_goes(self, rnd):
        """It is posted, cancelled or deleted; where there is none, one that has waited for a run."""
        if not self._draft_notes():
            self._step_note_waits(rnd)
            self._propose()
        note = rnd.choice(self._draft_notes())
        rnd.choice((note.action_post, note.action_post, note.button_cancel, note.unlink))()

    @staticmethod
    def _without_adjustments(bills):
        return bills.filtered(lambda bill: not bill.sale_line_ids.psa_adjusts_line_id)

    def _draft_notes(self):
        invoices = self.env["psa.billing.proposal"].search([("order_id", "in", self.sows.ids)]).invoice_ids
        notes = invoices.reversal_move_ids.filtered(lambda move: move.state == "draft")
        return notes.sorted("id")

    def _cancel_orders(self, orders):
        """By the dialog that tells what is not billed."""
        self.env["psa.cancel.sow"].create({"order_ids": [Command.set(orders.ids)]}).action_cancel_anyway()
        self.assertEqual(set(orders.mapped("state")), {"cancel"})

    def _stands(self):
        """How the work stands: ``{(entry, line, payer, state): [hours, billable quantity, net amount]}``."""
        self.env.flush_all()
        self.env.invalidate_all()
        stands = defaultdict(lambda: [0, 0, 0])
        for part in self.env["psa.wip.entry"].search([("order_id", "in", self.sows.ids)]):
            key = part.analytic_line_id, part.sale_line_id, part.payer_id, part.state
            figures = part.raw_hours, part.billable_quantity, part.amount
            stands[key] = [round(one + more, 6) for one, more in zip(stands[key], figures, strict=True)]
        return dict(stands)
