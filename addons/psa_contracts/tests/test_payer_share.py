"""Several clients pay one SOW: their shares make up the whole, and stay what was signed."""

from decimal import Decimal

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestPayerShare(PsaContractsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sister, cls.fund = cls.env["res.partner"].create([{"name": "Sister"}, {"name": "Fund"}])

    def _payers(self, *shares):
        payers = self.client | self.sister | self.fund
        return [
            Command.create({"partner_id": payer.id, "share": share, "sequence": number})
            for number, (payer, share) in enumerate(zip(payers, shares, strict=False))
        ]

    def test_the_last_payer_takes_the_rest(self):
        order = self._sow(psa_payer_ids=self._payers(33.33, 33.33, 33.34))
        self.assertEqual(
            order._psa_split_amount(Decimal("0.10")),
            [
                (self.client, Decimal("0.03")),
                (self.sister, Decimal("0.03")),
                (self.fund, Decimal("0.04")),
            ],
        )
        self.assertEqual(self._sow()._psa_split_amount(Decimal(5)), [(self.client, Decimal(5))])

    def test_sales_enters_them_on_the_form(self):
        form = Form(self._sow().with_user(self.sales.user_id))
        for payer, share in ((self.client, 60), (self.sister, 40)):
            with form.psa_payer_ids.new() as line:
                line.partner_id = payer
                line.share = share
        order = form.save()
        with Form(order) as form:
            with form.psa_payer_ids.edit(0) as line:
                line.share = 50
            with form.psa_payer_ids.edit(1) as line:
                line.share = 50
        self.assertEqual(order.psa_payer_ids.mapped("share"), [50, 50])

    def test_shares_that_do_not_make_up_100_are_refused_and_nothing_changes(self):
        order = self._sow(psa_payer_ids=self._payers(60, 40))
        for shares in ((60, 39.99), (60, 40.01), (60,)):
            with (
                self.subTest(shares),
                self.assertRaisesRegex(ValidationError, f"{order.name}: the shares .* not 100 %"),
                self.cr.savepoint(),
            ):
                order.with_user(self.sales.user_id).psa_payer_ids = [Command.clear(), *self._payers(*shares)]
            self.assertEqual(order.psa_payer_ids.mapped("share"), [60, 40])

    def test_a_sow_with_a_part_that_nobody_pays_is_not_confirmed(self):
        order = self._sow(psa_payer_ids=self._payers(60, 40))
        order.psa_payer_ids[1].share = 30
        with self.assertRaisesRegex(UserError, f"{order.name}: the shares .* make up 90 %, not 100 %"):
            order.action_confirm()
        self.assertEqual((order.state, len(order.project_ids)), ("draft", 0))
        order.psa_payer_ids[1].share = 40
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_share_is_above_0_and_nobody_pays_twice(self):
        order = self._sow(psa_payer_ids=self._payers(60, 40))
        once = {"order_id": order.id, "partner_id": self.fund.id}
        for values, error in (
            ({**once, "share": 0}, CheckViolation),
            ({**once, "share": -1}, CheckViolation),
            ({**once, "share": 101}, CheckViolation),
            ({**once, "partner_id": self.sister.id, "share": 1}, UniqueViolation),
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.cr.savepoint(),
            ):
                self.env["psa.payer.share"].create(values)

    def test_a_payer_of_another_company_does_not_fit(self):
        other = self.env["res.company"].create({"name": "Other Firm"})
        self.sister.company_id = other
        with self.assertRaisesRegex(UserError, "Sister"), self.cr.savepoint():
            self._sow(psa_payer_ids=self._payers(60, 40))

    def test_the_payers_of_a_signed_sow_stay(self):
        order = self._sow(psa_payer_ids=self._payers(60, 40))
        order.action_confirm()
        shares = order.psa_payer_ids.with_user(self.sales.user_id)
        attempts = {
            "edit": lambda: shares[0].write({"partner_id": self.fund.id}),
            "remove": shares[1].unlink,
            "add": lambda: shares.create({"order_id": order.id, "partner_id": self.fund.id, "share": 1}),
            "through the order": lambda: order.with_user(self.sales.user_id).write({"psa_payer_ids": []}),
        }
        draft = self._sow(psa_payer_ids=self._payers(60, 40)).psa_payer_ids.with_user(self.sales.user_id)
        attempts["move"] = lambda: draft[1].write({"order_id": order.id, "partner_id": self.fund.id})
        for name, attempt in attempts.items():
            with (
                self.subTest(name),
                self.assertRaisesRegex(UserError, f"{order.name} is signed"),
                self.cr.savepoint(),
            ):
                attempt()
        self.assertEqual(order.psa_payer_ids.partner_id, self.client | self.sister)

    def test_neither_a_payer_nor_the_client_nor_project_people_read_the_shares(self):
        order = self._sow(psa_payer_ids=self._payers(60, 40))
        order.action_confirm()
        payer, client = (
            new_test_user(self.env, login=f"psa.portal.{partner.id}", groups="base.group_portal")
            for partner in (self.sister, self.client)
        )
        payer.partner_id.parent_id = self.sister
        client.partner_id.parent_id = self.client
        for user in (payer, client, self.manager.user_id, self.ann.user_id):
            with self.subTest(user.login), self.assertRaises(AccessError):
                order.psa_payer_ids.with_user(user).read(["share"])
            with self.subTest(user.login), self.assertRaises(AccessError):
                order.with_user(user).read(["psa_payer_ids"])
        with self.assertRaises(AccessError):
            order.with_user(payer).read(["name"])
        self.assertFalse(self.env["sale.order"].with_user(payer).search([("id", "=", order.id)]))
        self.assertEqual(order.with_user(client).read(["name"])[0]["name"], order.name)

    def test_a_salesperson_with_own_documents_reads_the_shares_of_those_only(self):
        seller = new_test_user(self.env, login="psa.seller", groups="sales_team.group_sale_salesman")
        own = self._sow(psa_payer_ids=self._payers(60, 40), user_id=seller.id)
        others = self._sow(psa_payer_ids=self._payers(60, 40), user_id=self.sales.user_id.id)
        found = self.env["psa.payer.share"].with_user(seller).search([])
        self.assertEqual(found & (own | others).psa_payer_ids, own.psa_payer_ids)

    def test_a_copy_of_the_sow_has_the_same_payers(self):
        copy = self._sow(psa_payer_ids=self._payers(60, 40)).copy()
        self.assertEqual(copy.psa_payer_ids.mapped("share"), [60, 40])

    def test_of_two_payers_that_turn_out_to_be_one_the_shares_add_up(self):
        order, other = (self._sow(psa_payer_ids=self._payers(*shares)) for shares in ((50, 30, 20), (60, 40)))
        order.action_confirm()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.sister | self.fund).ids, self.fund, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(
            [
                order.psa_payer_ids.mapped(lambda payer: (payer.partner_id, payer.share))
                for order in (order, other)
            ],
            [[(self.client, 50), (self.fund, 50)], [(self.client, 60), (self.fund, 40)]],
        )
