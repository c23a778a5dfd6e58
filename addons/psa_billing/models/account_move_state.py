"""Invoices, credit notes and bills with work on them change their state by their buttons: these bill, free
and take back the work. Whoever writes the state by RPC would leave it behind."""

from contextlib import contextmanager

from odoo import models
from odoo.exceptions import UserError

#: In the cursor's cache: {(move id, state)} that a button is bringing about. RPC does not reach it.
BUTTONS = "psa_billing.move_by_button"


class AccountMove(models.Model):
    _inherit = "account.move"

    @contextmanager
    def _psa_by_button(self, *states):
        """While it lasts, the user may bring these moves to ``states``."""
        pressed = self.env.cr.cache.setdefault(BUTTONS, set())
        new = {(move_id, state) for move_id in self.ids for state in states} - pressed
        pressed |= new
        try:
            yield
        finally:
            pressed -= new

    def _post(self, soft=True):
        with self._psa_by_button("posted"):
            return super()._post(soft)

    def button_draft(self):
        with self._psa_by_button("draft"):
            return super().button_draft()

    def button_cancel(self):
        with self._psa_by_button("draft", "cancel"):
            return super().button_cancel()

    def write(self, vals):
        if "state" in vals and not self.env.su:
            self._psa_check_by_button(vals["state"])
        return super().write(vals)

    def _psa_check_by_button(self, state):
        """:raises UserError: where somebody writes the state of a move that work in progress follows"""
        pressed = self.env.cr.cache.get(BUTTONS, ())
        typed = self.filtered(lambda move: move.state != state and (move.id, state) not in pressed)
        for move in typed:
            # sudo: whoever changes a move is told what hangs on it
            known = move.sudo()
            if known._psa_billed_lines() or known._psa_crediting_lines() or known.line_ids._psa_costs():
                raise UserError(
                    self.env._(
                        "%s is posted, reset and cancelled by its buttons, not by writing its state: "
                        "work that is billed follows it.",
                        move.display_name,
                    )
                )
