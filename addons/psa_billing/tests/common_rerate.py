from collections import defaultdict

from odoo import Command
from odoo.exceptions import UserError

from .test_retainer_periods import PsaRetainerCase


class RerateCase(PsaRetainerCase):
    """Ann's 150.00 an hour become another price after her work was approved."""

    def _change_card(self, price, role=None, unit="hour"):
        self._rate_changes(role or self.architect, price, unit=unit)

    def _preview(self, order, **values):
        wizard = self.env["psa.rerate"].create({"company_id": self.company.id, "order_ids": order, **values})
        wizard.action_preview()
        return wizard

    def _rerate_rest(self, order, **values):
        """As ``_rerate``, without the rows of what keeps its price."""
        return [row for row in self._rerate(order, **values) if row[3]]

    def _rerate(self, order, **values):
        """Re-rate; the rows of the preview as ``(person, hours, old price, new price, difference)``.

        What the work of each person is worth after is what the preview said.
        """
        work = self.env["psa.wip.entry"]
        parts = work.search([("order_id", "=", order.id)])
        hours, before = self._of_person(parts, "raw_hours"), self._of_person(parts, "amount")
        wizard = self._preview(order, **values)
        rows = [
            (row.employee_id.name, row.hours, row.old_price, row.new_price, row.difference)
            for row in wizard.line_ids
        ]
        expected = before.copy()
        for row in wizard.line_ids.filtered(lambda row: not row.is_missing):
            self.assertAlmostEqual(row.amount + row.difference, row.new_amount, 2)
            expected[row.employee_id] += row.difference
        wizard.action_apply()
        parts = work.search([("order_id", "=", order.id)])
        after = self._of_person(parts, "amount")
        for employee, amount in expected.items():
            self.assertAlmostEqual(after[employee], amount, 2, employee.name)
        for employee, worked in self._of_person(parts, "raw_hours").items():
            self.assertAlmostEqual(worked, hours[employee], 6, employee.name)
        with self.assertRaisesRegex(UserError, "nothing to re-rate"):
            self._preview(order, **values).action_apply()
        return rows

    def _kept(self, order, reason, *rows, **values):
        """Re-rate; ``rows``: (hours, price) of what keeps it, for ``reason``."""
        kept = self._preview(order, **values).line_ids.filtered("is_missing")
        self.assertEqual([(row.hours, row.old_price) for row in kept], list(rows))
        for row in kept:
            self.assertRegex(row.reason, reason)
            self.assertEqual((row.new_amount, row.difference), (0, 0))

    @staticmethod
    def _of_person(parts, name):
        sums = defaultdict(float)
        for part in parts:
            sums[part.employee_id] += part[name]
        return sums

    def _shared(self, *lines, shares=(33.33, 66.67)):
        self.fund = self.env["res.partner"].create({"name": "Fund"})
        return self._sow(
            *lines,
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(zip(self.client | self.fund, shares, strict=True))
            ],
        )

    def _money(self, **values):
        roles = [Command.set((self.architect | self.developer).ids)]
        return self._retainer(
            hours=0,
            psa_retainer_grant="money",
            psa_retainer_amount=1000,
            psa_retainer_role_ids=roles,
            **values,
        )

    def _by_the_day(self, *lines, minutes="15"):
        return self._sow(
            *(lines or [self._line(self.architect)]),
            psa_rounding_minutes=minutes,
            psa_rounding_direction="up",
            psa_rounding_scope="day",
        )
