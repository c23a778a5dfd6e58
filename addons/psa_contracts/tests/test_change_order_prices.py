"""Change orders that are confirmed in another order than they were written, and prices written by hand."""

from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestChangeOrderPrices(PsaContractsCase):
    """100 h of a developer at 120: 12,000."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sow = cls._sow(cls._hours(cls.developer, 100))
        cls.sow.action_confirm()
        cls.line = cls.sow.order_line

    def _dialog(self, change, day, **new):
        """The dialog “Change Lines…”, filled in and not applied."""
        wizard = Form(
            self.env["psa.change.lines"].with_context(**change.action_psa_change_lines()["context"])
        )
        wizard.effective_date = day
        with wizard.line_ids.edit(0) as row:
            for name, value in new.items():
                setattr(row, name, value)
        return wizard.save()

    def _new_price(self, price, day):
        """A draft change order with a new price from a day on, written with the dialog."""
        change = self._change(self.sow)
        self._dialog(change, day, new_price=price).action_apply()
        return change

    def _lines(self, change):
        return change.order_line.mapped(
            lambda line: (line.product_uom_qty, line.price_unit, line.psa_step_date)
        )

    def assert_refused(self, call, words):
        with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
            call()

    def test_hours_are_taken_off_a_price_once(self):
        """Both change orders take the 100 h off 120 and sell them anew, at 130 and at 140. Both confirmed
        they would come to 12,000 − 12,000 + 13,000 − 12,000 + 14,000 = 15,000 for 100 h, of which none costs
        more than 140."""
        first, second = self._new_price(130, "2026-04-01"), self._new_price(140, "2026-05-01")
        first.action_confirm()
        self.assertEqual(self.sow.psa_current_amount, 13000)
        self.assert_refused(
            second.action_confirm, "takes 100 Hours off at 120, but 0 are left at that price.*Change Lines"
        )
        second.order_line.unlink()
        self._dialog(second, "2026-05-01", new_price=140).action_apply()
        second.action_confirm()
        # 13,000 − 100 × 130 + 100 × 140
        self.assertEqual(self.sow.psa_current_amount, 14000)

    def test_hours_are_not_added_at_a_price_that_was_replaced(self):
        """20 h more were written at 120; before they are signed, 130 is agreed from 1 April on. Time in May
        lands at 130: the 20 h would stand in the contract and never be used."""
        more = self._change(self.sow, self._amend(self.line, 20), psa_effective_date="2026-05-01")
        self._new_price(130, "2026-04-01").action_confirm()
        self.assert_refused(
            more.action_confirm, "adds hours at 120, but 130 was agreed from 04/01/2026 on.*Change Lines"
        )
        more.order_line.unlink()
        self._dialog(more, "2026-05-01", new_quantity=120).action_apply()
        self.assertEqual(self._lines(more), [(20, 130, False)])
        more.action_confirm()
        # 12,000 + 1,000 + 20 × 130
        self.assertEqual(self.sow.psa_current_amount, 15600)

    def test_hours_are_added_for_the_days_before_the_new_price_and_after_it(self):
        self._new_price(130, "2026-05-01").action_confirm()
        before = self._change(self.sow, self._amend(self.line, 10), psa_effective_date="2026-04-15")
        before.action_confirm()
        after = self._change(
            self.sow, self._amend(self.line, 10, price_unit=130), psa_effective_date="2026-04-15"
        )
        after.action_confirm()
        # 100 h at 130, 10 at 120, 10 at 130
        self.assertEqual(self.sow.psa_current_amount, 13000 + 1200 + 1300)

    def test_a_new_price_that_is_written_by_hand_holds_from_its_day(self):
        """−60 h at 120 and +60 h at 130, typed. 8 h of April: 8 × 130."""
        change = self._change(
            self.sow,
            self._amend(self.line, -60),
            self._amend(self.line, 60, price_unit=130),
            psa_effective_date="2026-04-01",
        )
        self.assertEqual(self._lines(change), [(-60, 120, False), (60, 130, date(2026, 4, 1))])
        change.psa_effective_date = "2026-04-06"
        self.assertEqual(change.order_line[1].psa_step_date, date(2026, 4, 6))
        change.action_confirm()
        new = change.order_line[1]
        self.assertEqual(self._log_on(self.line, self.ann, 8, "2026-04-03", approved=True).so_line, self.line)
        self.assertEqual(self._log_on(self.line, self.ann, 8, "2026-04-06", approved=True).so_line, new)

    def test_a_discount_that_is_agreed_later_holds_from_its_day(self):
        """The rest is done at 10 % off: 8 h of April are 8 × 108."""
        change = self._change(
            self.sow,
            self._amend(self.line, -60),
            self._amend(self.line, 60, discount=10),
            psa_effective_date="2026-04-01",
        )
        change.action_confirm()
        new = change.order_line[1]
        entry = self._log_on(self.line, self.ann, 8, "2026-04-03", approved=True)
        self.assertEqual((entry.so_line, new.price_reduce_taxexcl, new.qty_delivered), (new, 108, 8))
        earlier = self._log_on(self.line, self.ann, 8, "2026-03-31", approved=True)
        self.assertEqual(earlier.so_line, self.line)

    def test_the_dialog_does_not_write_on_what_others_have_changed_since(self):
        """100 h are shown, 110 typed; in the meantime others made 120 of them. Written anyway, the ten more
        hours that were meant would have been ten less."""
        other = self._change(self.sow, self._amend(self.line, 20))
        change = self._change(self.sow)
        dialog = self._dialog(change, "2026-04-01", new_quantity=110)
        other.action_confirm()
        self.assert_refused(
            dialog.action_apply, "Developer has changed since you opened this dialog: 120 Hours at 120"
        )
        self.assertFalse(change.order_line)
        self._dialog(change, "2026-04-01", new_quantity=130).action_apply()
        self.assertEqual(self._lines(change), [(10, 120, False)])
