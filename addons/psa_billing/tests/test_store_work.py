"""Work in progress is stored in one statement as the host stores it record by record."""

from unittest.mock import patch

from psycopg2.errors import NotNullViolation

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestStoreWork(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sow(cls._line(cls.architect))
        cls.entry = cls._work(cls.order.order_line, 5)
        cls.wip = cls.entry.psa_wip_ids

    def _values(self, part, **values):
        return {
            "analytic_line_id": self.entry.id,
            "part": part,
            "slice_number": part,  # waits apart from the others
            "date": fields.Date.to_date("2026-03-02"),
            "sale_line_id": self.order.order_line.id,
            "order_id": self.order.id,
            "company_id": self.order.company_id.id,
            "currency_id": self.order.currency_id.id,
            "state": "open",
            **values,
        }

    def _stored(self, created):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT row_to_json(wip)::jsonb - %s FROM psa_wip_entry wip WHERE id = ANY(%s) ORDER BY id",
            [["id", "part", "slice_number", "create_date", "write_date"], created.ids],
        )
        return [row for (row,) in self.env.cr.fetchall()]

    def test_rows_are_those_of_the_host(self):
        """More digits than are kept, other values in each, none of a link, and what has a default."""
        rows = [
            {
                "raw_hours": 1.23456,
                "billable_quantity": 1.23456,
                "unit_price": 99.12345678,
                "amount": 122.3749,
            },
            {"employee_id": self.ann.id, "date": "2026-03-03", "payer_id": False, "remainder": -0.01},
            {"state": "over_cap", "role_id": self.architect.id, "payer_id": self.client.id, "amount": 0.125},
        ]
        wip = self.env["psa.wip.entry"].sudo()
        created = wip.create([self._values(number, **row) for number, row in enumerate(rows, 2)])
        with patch.object(type(wip), "_psa_is_plain", lambda *_args: False):
            by_host = wip.create([self._values(number, **row) for number, row in enumerate(rows, 5)])
        self.assertEqual(created.mapped("part"), [2, 3, 4], "in the order of the values")
        self.assertEqual(created.mapped("kind"), ["time"] * 3)
        self.assertEqual(created.partner_id, self.client)
        self.assertEqual(created[0].amount, 122.37)
        self.assertEqual(created[0].unit_price, 99.123457)
        stored, expected = self._stored(created), self._stored(by_host)
        for row, other in zip(stored, expected, strict=True):
            numbers = {name for name, value in row.items() if value is None and other[name] in (0, None)}
            self.assertEqual(
                {name: value for name, value in row.items() if name not in numbers},
                {name: value for name, value in other.items() if name not in numbers},
            )

    def test_what_follows_from_work_is_computed_anew(self):
        line = self.order.order_line
        self.assertEqual(line.qty_delivered, 5.0)
        self.assertEqual(line.psa_wip_ids, self.wip)
        created = self.env["psa.wip.entry"].sudo().create(self._values(2, billable_quantity=2.5))
        self.assertEqual(line.qty_delivered, 7.5)
        self.assertEqual(line.psa_wip_ids, self.wip + created)
        self.assertEqual(self.entry.psa_wip_ids, self.wip + created)

    def test_other_ways_are_left_to_the_host(self):
        """What is no column of its own; no values at all."""
        wip = self.env["psa.wip.entry"].sudo()
        self.assertFalse(wip._psa_is_plain({"date": None, "counterpart_ids": None}))
        self.assertFalse(wip._psa_is_plain({}))
        self.assertFalse(wip.create([]))

    def test_bad_values(self):
        values = self._values(2)
        for name in ("order_id", "analytic_line_id", "state", "date"):
            with (
                self.subTest(name),
                mute_logger("odoo.sql_db"),
                self.assertRaises(NotNullViolation),
                self.env.cr.savepoint(),
            ):
                self.env["psa.wip.entry"].sudo().create({**values, name: False})

    def test_nobody_creates_work_by_hand(self):
        biller = self._user("biller", "psa_billing.group_psa_billing_manager")
        for user in (self.ann.user_id, biller):
            with self.assertRaises(AccessError):
                self.env["psa.wip.entry"].with_user(user).create(self._values(2))
