"""Invoices that are computed before they are stored, beside the host's."""

from contextlib import nullcontext
from unittest.mock import patch

from odoo import Command
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


class CompleteInvoicesCase(PsaBillingCase):
    """Taxes and terms of many kinds, and the comparison of what is stored."""

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
