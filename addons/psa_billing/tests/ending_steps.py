"""Steps that end a retainer without end early, or later after all, and what it costs until then, by hand."""

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta

from odoo import Command, fields

PRICE, HOURS = 999.99, 4
FIRST_DAY = date(2026, 3, 10)
#: Within its first month, at its end, on the next day, in the middle of April, at the end of May.
LAST_DAYS = ("2026-03-17", "2026-03-31", "2026-04-01", "2026-04-15", "2026-05-31")
#: After these the client was given something, or charged what somebody typed.
GIVEN = ("total", "bill_amount", "bill_quantity", "take_off_back", "adjust_again", "cut_again", "close")
GIVEN += ("lower_price", "edited_note", "credit_work", "write_off")


class EndingSteps:
    """For ``RandomRetainers``: a retainer of four hours for 999.99 a month from 10 March on, without end."""

    @classmethod
    def _make_endless(cls):
        cls.endless = cls._sow(
            cls._line(
                cls.architect,
                1,
                "retainer",
                price_unit=PRICE,
                psa_retainer_hours=HOURS,
                psa_retainer_open_ended=True,
            ),
            psa_date_start=FIRST_DAY,
            psa_date_end=False,
            psa_agreement_id=False,  # no cap keeps it from being billed
        )
        return cls.endless

    # -- steps -----------------------------------------------------------------------------

    def _step_end_early(self, rnd):
        """A change order ends it, or says another end."""
        return self._change_order(self.endless, Command.clear(), psa_date_end=rnd.choice(LAST_DAYS))

    def _step_end_signed_again(self, rnd):
        """It is cancelled, nothing is billed meanwhile, and it is signed again with an end, or without."""
        self._cancel_orders(self.endless)
        proposals = self._propose("2026-03-01", "2026-04-30")
        of_it = proposals.filtered(lambda one: self.endless in one.order_ids)
        self.assertEqual(of_it, of_it.filtered("message"))  # which names it, and is not billed
        self.endless.sudo().action_draft()
        self.endless.psa_date_end = rnd.choice((False, *LAST_DAYS))
        self.endless.sudo().action_confirm()

    def _step_bill_endless(self, rnd):
        """Its bills of one or several months, posted or not."""
        proposals = self._propose("2026-03-01", rnd.choice(("2026-03-31", "2026-04-30", "2026-06-30")))
        proposals = proposals.filtered(lambda one: self.endless in one.order_ids)
        self._invoice(proposals, post=rnd.random() < 0.5)

    # -- by hand ---------------------------------------------------------------------------

    def _last_day(self):
        """The end that was signed last; without one the last day that periods are made for."""
        signed = [("psa_parent_id", "=", self.endless.id), ("state", "=", "sale")]
        changes = self.env["sale.order"].sudo().search(signed, order="id")
        ends = [day for day in (self.endless.psa_date_end, *changes.mapped("psa_date_end")) if day]
        if ends:
            return ends[-1]
        return max(self._periods_of_endless().mapped("date_end"))

    def _periods_of_endless(self):
        return self.env["psa.retainer.period"].sudo().search([("order_id", "=", self.endless.id)])

    @staticmethod
    def _shares_by_hand(last):
        """``{first day of a month: part of it that lies within the retainer}``"""
        found, day = {}, FIRST_DAY
        while day <= last:
            days = monthrange(day.year, day.month)[1]
            end = min(day.replace(day=days), last)
            found[day.replace(day=1)] = ((end - day).days + 1) / days
            day = day.replace(day=days) + timedelta(days=1)
        return found

    def assert_ends(self, message):
        """Each month is charged by its days until the end, with all that was given back and charged again;
        months that nothing closed grant so many hours."""
        if self.endless.state != "sale":
            return
        amounts, granted, closed = defaultdict(float), defaultdict(float), set()
        periods = self._periods_of_endless()
        for period in periods:
            month = period.date_start.replace(day=1)
            amounts[month] += period.amount
            granted[month] += period.granted
            closed |= {month} if period.is_closed else set()
        shares = self._shares_by_hand(self._last_day())
        names = ("date_start", "date_end", "quantity", "amount", "billing_state")
        rows = [[str(period[name]) for name in names] for period in periods]
        told = f"{message}: until {self._last_day()} {rows}"
        for month in {*amounts, *shares}:
            # of two broken months one has the cent that both are rounded by
            share = shares.get(month, 0)
            self.assertAlmostEqual(amounts[month], share * PRICE, delta=0.0101, msg=f"{told} {month}")
            if month not in closed:
                self.assertAlmostEqual(granted[month], share * HOURS, delta=0.0101, msg=f"{told} {month}")

    def assert_settles_endless(self, message):
        """All that is left is billed in the end: the client has paid for the days until the last one."""
        if self.endless.state != "sale" or any(step in message for step in GIVEN):
            return
        self._draft_notes().unlink()
        self._proposals("reviewed", "approved", "closed").action_reset()
        self._proposals("draft").action_cancel()
        last = self._last_day()
        proposals = self._propose(False, fields.Date.to_string(max(last, date(2026, 12, 31))))
        self._invoice(proposals.filtered(lambda one: self.endless in one.order_ids))
        retainer = self.endless.sudo().order_line.filtered(
            lambda line: "retainer" in (line.psa_billing_model, line.psa_adjusts_line_id.psa_billing_model)
        )
        for move in retainer.invoice_lines.move_id.filtered(lambda move: move.state == "draft"):
            self._post_invoice(move)
        bills = retainer.invoice_lines.filtered(lambda bill: bill.parent_state == "posted")
        paid = sum(-bill.move_id.direction_sign * bill.price_subtotal for bill in bills)
        due = PRICE * sum(self._shares_by_hand(last).values())
        self.assertAlmostEqual(paid, due, delta=0.0101, msg=f"{message}, then all until {last}")
        self.assertEqual(
            set(self._periods_of_endless().mapped("billing_state")), {"billed"}, f"{message}, then all"
        )
