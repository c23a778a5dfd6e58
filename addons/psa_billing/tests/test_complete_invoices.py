"""Invoices that are computed before they are stored are stored as the host stores them."""

from contextlib import nullcontext
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import PsaBillingCase

#: Columns that name the record or the moment, not what it says.
OWN = {"create_date", "write_date", "id", "access_token", "made_sequence_gap", "message_id", "parent_id"}
#: The chatter as it is where no test silences it.
TALKING = {
    "tracking_disable": False,
    "mail_create_nolog": False,
    "mail_create_nosubscribe": False,
    "mail_notrack": False,
    "no_reset_password": False,
}
TABLES = {
    "account_move": "id = ANY(%s)",
    "account_move_line": "move_id = ANY(%s)",
    "sale_order_line": "id IN (SELECT rel.order_line_id FROM sale_order_line_invoice_rel rel "
    "JOIN account_move_line line ON line.id = rel.invoice_line_id WHERE line.move_id = ANY(%s))",
    "sale_order": "name IN (SELECT invoice_origin FROM account_move WHERE id = ANY(%s))",
    "account_analytic_line": "timesheet_invoice_id = ANY(%s)",
    "project_task": "id IN (SELECT task_id FROM account_analytic_line WHERE timesheet_invoice_id = ANY(%s))",
    "mail_message": "model = 'account.move' AND res_id = ANY(%s)",
    "mail_followers": "res_model = 'account.move' AND res_id = ANY(%s)",
    "res_partner": "id IN (SELECT partner_id FROM account_move WHERE id = ANY(%s) "
    "UNION SELECT commercial_partner_id FROM account_move)",
}
#: Sets on invoice lines: table, column of the line, column of the member.
SETS = (
    ("account_move_line_account_tax_rel", "account_move_line_id", "account_tax_id"),
    ("account_account_tag_account_move_line_rel", "account_move_line_id", "account_account_tag_id"),
    ("sale_order_line_invoice_rel", "invoice_line_id", "order_line_id"),
)


@tagged("post_install", "-at_install")
class TestCompleteInvoices(PsaBillingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eco = cls.env["account.tax"].create(
            {
                "name": "Eco fee",
                "amount_type": "fixed",
                "amount": 0.37,
                "include_base_amount": True,
                "sequence": 0,
            }
        )
        cls.small = cls.tax.copy({"name": "7.7 %", "amount": 7.7})
        cls.included = cls.tax.copy({"name": "8.1 % included", "amount": 8.1})
        cls.included.price_include_override = "tax_included"
        cls.group = cls.env["account.tax"].create(
            {
                "name": "Both",
                "amount_type": "group",
                "children_tax_ids": [
                    Command.set((cls.tax.copy({"name": "5 %", "amount": 5}) | cls.small).ids)
                ],
            }
        )
        tag = cls.env["account.account.tag"].create({"name": "Base", "applicability": "taxes"})
        cls.small.invoice_repartition_line_ids[0].tag_ids = tag
        cls.instalments = cls.env["account.payment.term"].create(
            {
                "name": "Thirds",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 33.33, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 66.67, "nb_days": 45}),
                ],
            }
        )

    # -- stories ---------------------------------------------------------------------------

    def test_one_tax(self):
        self.assert_stored_alike(self._two_lines())

    def test_no_tax(self):
        self.assert_stored_alike(self._two_lines(self.env["account.tax"]))

    def test_several_taxes_with_tags_and_fixed_fees(self):
        order = self._two_lines(self.tax | self.small | self.eco, self.small)
        self.assert_stored_alike(order)

    def test_groups_of_taxes(self):
        self.assert_stored_alike(self._two_lines(self.group, self.tax))

    def test_included_taxes(self):
        self.assert_stored_alike(self._two_lines(self.included, self.small))

    def test_taxes_rounded_on_the_invoice(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        self.assert_stored_alike(self._two_lines(self.tax | self.small, self.included))

    def test_instalments(self):
        self.assert_stored_alike(self._two_lines(payment_term_id=self.instalments.id))

    def test_foreign_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.3), ("2026-03-20", 1.7)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        order = self._two_lines(
            self.tax | self.small,
            self.included,
            pricelist_id=pricelist.id,
            payment_term_id=self.instalments.id,
        )
        self.assertEqual(self.assert_stored_alike(order).currency_id, euro)

    def test_several_currencies_with_journals_of_their_own(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.3)])
        journal = self.company_data["default_journal_sale"].copy({"name": "EUR", "currency_id": euro.id})
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        terms = {"payment_term_id": self.instalments.id}
        orders = self._two_lines(**terms) | self._two_lines(pricelist_id=pricelist.id, **terms)
        orders |= self._two_lines(**terms) | self._two_lines(pricelist_id=pricelist.id, **terms)
        self.assert_stored_alike(orders)
        journals = {order.currency_id: order.invoice_ids.journal_id for order in orders}
        self.assertEqual(journals[euro], journal)
        self.assertNotEqual(journals[self.company.currency_id], journal)

    def test_foreign_currency_without_a_date(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 1.3), ("2026-03-20", 1.7)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        self.assert_stored_alike(self._two_lines(pricelist_id=pricelist.id), invoice_date=False)

    def test_fiscal_positions_map_taxes_and_accounts(self):
        income = self.company_data["default_account_revenue"]
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Abroad",
                "account_ids": [
                    Command.create({"account_src_id": income.id, "account_dest_id": income.copy().id})
                ],
            }
        )
        self.small.write({"fiscal_position_ids": [Command.link(position.id)], "original_tax_ids": self.tax})
        order = self._two_lines(None, fiscal_position_id=position.id)
        invoice = self.assert_stored_alike(order)
        self.assertNotEqual(invoice.invoice_line_ids.account_id, income)

    def test_clients_who_belong_to_a_firm_with_a_receivable_account(self):
        account = self.company_data["default_account_receivable"].copy()
        self.client.property_account_receivable_id = account
        contact = self.env["res.partner"].create(
            {"name": "Books", "parent_id": self.client.id, "type": "invoice"}
        )
        invoice = self.assert_stored_alike(self._two_lines(partner_invoice_id=contact.id))
        self.assertIn(account, invoice.line_ids.account_id)

    def test_analytic_taxes_and_distributions(self):
        plan = self.env["account.analytic.plan"].create({"name": "Units"})
        account = self.env["account.analytic.account"].create({"name": "Advice", "plan_id": plan.id})
        self.small.analytic = True
        order = self._two_lines(self.small | self.tax, self.small)
        order.order_line[0].analytic_distribution = {account.id: 60}
        self.assert_stored_alike(order)

    def test_sections_caps_and_fixed_prices(self):
        order = self._sow(
            Command.create({"display_type": "line_section", "name": "Design"}),
            self._line(self.architect, cap=1000),
            Command.create({"display_type": "line_section", "name": "Build"}),
            self._line(self.developer, 10, "fixed", price_unit=33.33),
        )
        self._work(order.order_line[1], 8)
        invoice = self.assert_stored_alike(order)
        # 6.66 h × 150.00 + 1.00 up to the cap + 10 × 33.33
        self.assertEqual(invoice.amount_untaxed, 1333.3)

    def test_several_invoices_at_once(self):
        # With terms on each: the host mistakes due dates where it makes invoices with and without at once.
        orders = self.env["sale.order"].union(
            *(
                self._two_lines(tax, payment_term_id=self.instalments.id)
                for tax in (self.tax, self.small, self.eco)
            )
        )
        self.assertEqual(len(self.assert_stored_alike(orders)), 3)

    def test_several_payers_with_taxes_of_their_own(self):
        fund = self.env["res.partner"].create({"name": "Fund", "country_id": self.env.ref("base.ch").id})
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        self.small.write({"fiscal_position_ids": [Command.link(position.id)], "original_tax_ids": self.tax})
        fund.property_account_position_id = position
        fund.property_payment_term_id = self.instalments
        # Terms on both: see test_several_invoices_at_once.
        order = self._two_lines(
            payment_term_id=self.instalments.id,
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(((self.client, 33.33), (fund, 66.67)))
            ],
        )
        invoices = self.assert_stored_alike(order, count=2).psa_proposal_id.invoice_ids
        self.assertEqual(len(invoices.invoice_line_ids.tax_ids), 2)

    def test_a_line_for_each_entry_below_sections_by_role(self):
        order = self._two_lines(self.tax | self.small, self.small)
        order.sudo().write({"psa_invoice_detail": "entry", "psa_invoice_sections": "role"})
        # two sections, four entries; 824.92 + 129.99 are a cent more than 9.55 h x 99.99 = 954.90
        self.assertEqual(len(self.assert_stored_alike(order).invoice_line_ids), 7)

    def test_negative_totals_and_down_payments_are_left_to_the_host(self):
        order = self._two_lines()
        for line in order.order_line:
            self._work(line, -20, "2026-03-10")
        proposal = self._proposal_of(order)
        self.assertEqual(self.env["account.move"]._psa_complete_values([self._values_of(proposal)]), [None])
        order = self._two_lines()
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create({"advance_payment_method": "fixed", "fixed_amount": 115}).create_invoices()
        order.invoice_ids.action_post()
        proposal = self._proposal_of(order)
        vals = proposal._prepare_invoice(
            self.env["res.partner"], proposal.line_ids._psa_bills(), {}, proposal._psa_deposits_of_sows(), {}
        )
        self.assertEqual(self.env["account.move"]._psa_complete_values([vals]), [None])

    def test_who_follows_new_invoices_is_notified(self):
        self.env.ref("account.mt_invoice_created").sudo().default = True
        seller = self._user("seller", "sales_team.group_sale_salesman,account.group_account_invoice")
        order = self._two_lines(user_id=seller.id)
        invoice = self.assert_stored_alike(order)
        self.assertIn(seller.partner_id, invoice.message_ids.sudo().notified_partner_ids)

    def test_numbers_count_on_where_others_stopped(self):
        for day in ("2026-04-01", "2026-03-31"):
            self.init_invoice("out_invoice", partner=self.client, amounts=[10], invoice_date=day, post=True)
        orders = self.env["sale.order"].union(*(self._two_lines() for _number in range(3)))
        numbers = self.assert_stored_alike(orders).mapped("sequence_number")
        self.assertEqual(sorted(numbers), [3, 4, 5])

    def test_what_an_unsaved_invoice_does_not_know_is_left_to_the_host(self):
        discount = self.env["account.payment.term"].create(
            {
                "name": "2 % in 5 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 5,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        order = self._two_lines(payment_term_id=discount.id)
        proposal = self._proposal_of(order)
        vals = self._values_of(proposal)
        self.assertEqual(self.env["account.move"]._psa_complete_values([vals]), [None])
        self.company.account_discount_expense_allocation_id = self.company_data["default_account_expense"]
        order = self._two_lines()
        proposal = self._proposal_of(order)
        vals = self._values_of(proposal)
        self.assertEqual(self.env["account.move"]._psa_complete_values([vals]), [None])

    def test_a_draft_follows_what_is_changed_on_it(self):
        order = self._two_lines(self.tax | self.small, payment_term_id=self.instalments.id)
        invoice = self._invoice(self._proposal_of(order))
        line = invoice.invoice_line_ids[0]
        line.quantity += 1
        self.assertAlmostEqual(invoice.amount_tax, invoice.amount_untaxed * 0.227, delta=0.02)
        self.assertAlmostEqual(sum(invoice.line_ids.mapped("balance")), 0)

    # -- builders --------------------------------------------------------------------------

    def _two_lines(self, first=None, second=None, **values):
        """A SOW with odd hours on an architect (discount 10 %) and a developer line."""
        first = self.tax if first is None else first
        order = self._sow(
            self._line(self.architect, price_unit=133.37, discount=10),
            self._line(self.developer, price_unit=99.99),
            confirm=False,
            **values,
        )
        if "fiscal_position_id" not in values:
            order.order_line[0].tax_ids = first
            order.order_line[1].tax_ids = first if second is None else second
        order.sudo().action_confirm()
        for number, line in enumerate(order.order_line):
            self._work(line, 7.25 + number, "2026-03-02")
            self._work(line, 1.3, "2026-03-09")
        return order

    def _values_of(self, proposal):
        """The values of the invoice of a proposal without adjustments."""
        return proposal._prepare_invoice(self.env["res.partner"], proposal.line_ids._psa_bills(), {}, {}, {})

    def _proposal_of(self, orders, **values):
        run = self._run(**values)
        run.action_make_proposals()
        return run.proposal_ids.filtered(lambda proposal: proposal.order_id in orders).sorted("id")

    # -- comparison ------------------------------------------------------------------------

    def assert_stored_alike(self, orders, invoice_date="2026-04-01", count=None):
        """The invoices of ``orders``, posted: the same as drafts and after posting as by the host's way."""
        proposals = self._proposal_of(orders, invoice_date=invoice_date)
        proposals = proposals.with_context(**TALKING)
        self.env.flush_all()
        Move = self.env.registry["account.move"]
        savepoint = self.env.cr.savepoint(flush=True)
        plain = {
            "_psa_is_computable": lambda move: False,
            "_psa_posts_creation": lambda moves: False,
            "_psa_post_batch": lambda moves, post: post(moves),
            "_psa_time_aside": lambda moves: nullcontext(),
            "_psa_tracked_alike": lambda moves: moves.browse(),
        }
        looked_up = patch.object(
            self.env.registry["sale.order.line"], "_psa_without_projects", lambda lines: frozenset()
        )
        with self.subTest("the host's way"), patch.multiple(Move, **plain), looked_up:
            expected = self._bill(proposals)
            savepoint.rollback()
            self.env.invalidate_all()
            # Numbers that the host has counted in this transaction are free again.
            self.env.cr.precommit.data.clear()
        computed = []
        self.patch(Move, "_psa_is_computable", lambda move: computed.append(move) or True)
        found = self._bill(proposals)
        self.assertEqual(len(computed), count or len(orders))
        for step, stored in expected.items():
            for table, rows in stored.items():
                self.assertEqual(found[step][table], rows, f"{table}, {step}")
        savepoint.close(rollback=False)
        return proposals.invoice_id

    def _bill(self, proposals):
        self._invoice(proposals)
        moves = proposals.invoice_ids.sorted("id")
        stored = {"draft": self._stored(moves)}
        moves.action_post()
        return {**stored, "posted": self._stored(moves)}

    @staticmethod
    def _said(message, names):
        """What a message says, to whom, and what it answers."""
        changes = message.tracking_value_ids
        return (
            names[message.res_id],
            message.subtype_id.id,
            message.message_type,
            message.body or "",
            (message.author_id.id, message.email_from, message.reply_to),
            (message.record_alias_domain_id.id, message.record_company_id.id),
            message.parent_id.subtype_id.name or "",
            sorted((change.field_id.name, change.new_value_char or "") for change in changes),
            message.notified_partner_ids.ids,
        )

    def _stored(self, moves):
        """{table: [row]} with all that says something; ids of new records by their number."""
        self.env.flush_all()
        self.env.cr.precommit.run()  # what changed is noted at the end of a transaction
        names = {move.id: f"move {number}" for number, move in enumerate(moves)}
        lines = {
            line.id: f"line {number}"
            for number, line in enumerate(moves.line_ids.sorted(lambda line: (line.move_id.id, line.id)))
        }
        stored = {}
        for table, where in TABLES.items():
            order = "move_id, id" if table == "account_move_line" else "id"
            self.env.cr.execute(
                SQL(
                    "SELECT * FROM %s WHERE %s ORDER BY %s",
                    SQL.identifier(table),
                    SQL(where, moves.ids),
                    SQL(order),
                )
            )
            stored[table] = [
                {
                    name: names.get(value, value)
                    if name in ("move_id", "timesheet_invoice_id", "res_id")
                    else lines.get(value, value)
                    if name == "move_line_id"
                    else value
                    for name, value in row.items()
                    if name not in OWN and (table, name) != ("mail_message", "date")
                }
                for row in self.env.cr.dictfetchall()
            ]
        for table, line, member in SETS:
            rows = self.env.execute_query(
                SQL(
                    "SELECT %s, %s FROM %s WHERE %s = ANY(%s)",
                    *map(SQL.identifier, (line, member, table, line)),
                    list(lines),
                )
            )
            members = {member_id: number for number, member_id in enumerate(sorted({row[1] for row in rows}))}
            stored[table] = sorted((lines[line_id], members[member_id]) for line_id, member_id in rows)
        stored["chatter"] = sorted(self._said(message.sudo(), names) for message in moves.message_ids)
        stored["analytic lines"] = sorted(
            (line.name, line.amount, line.unit_amount, line.account_id.id, line.general_account_id.id)
            for line in moves.line_ids.sudo().analytic_line_ids
        )
        return stored
