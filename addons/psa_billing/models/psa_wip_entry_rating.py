"""From approved time to work in progress, and where the caps cut it."""

from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..core.caps import Work, split_at_caps
from ..core.money import dec, round_to
from .psa_wip_entry import UNFIXED_STATES


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_rate(self, analytic_lines):
        """Make the WIP entries of approved time on SOW lines; other time is none of billing's.

        :param analytic_lines: ``account.analytic.line`` in sudo, just approved
        """
        rated = analytic_lines.filtered(lambda line: line.so_line.order_id.psa_kind)
        if not rated:
            return
        known = self._read_group([("analytic_line_id", "in", rated.ids)], ["analytic_line_id"])
        rated -= self.env["account.analytic.line"].union(*(line for (line,) in known))
        billable = rated.filtered(lambda line: line.so_line._psa_is_time_material())
        self.create([self._prepare_covered(line) for line in rated - billable])
        self._psa_recut(
            billable.order_id._psa_sow().filtered(lambda sow: sow._psa_is_capped()),
            billable.sorted(lambda line: (line.date, line.id)),
        )

    def _prepare_wip(self, line):
        """The values that every part of an entry carries."""
        return {
            "analytic_line_id": line.id,
            "date": line.date,
            "employee_id": line.employee_id.id,
            "role_id": (line.psa_role_id or line.so_line.psa_role_id).id,
            "project_id": line.project_id.id,
            "sale_line_id": line.so_line.id,
            "order_id": line.so_line.order_id._psa_sow().id,
            "company_id": line.so_line.company_id.id,
            "currency_id": line.so_line.currency_id.id,
        }

    def _prepare_covered(self, line):
        return {**self._prepare_wip(line), "state": "covered", "raw_hours": line.unit_amount}

    def _psa_recut(self, orders, new_lines=None, days=()):
        """Cut the unbilled work of ``orders`` and the newly approved ``new_lines`` at the caps.

        Proposed and billed work stays as it is and has consumed its part of the caps. Orders without
        a cap among ``new_lines`` need not be given: their work is not cut.

        :param orders: SOWs: all unbilled work of theirs and their change orders is cut anew, at today's price
        :param new_lines: ``account.analytic.line`` by (date, id), without WIP entries yet
        :param days: days to round anew, see ``_psa_rounded_days``
        """
        self._psa_lock_orders(orders)
        new_lines = self.env["account.analytic.line"] if new_lines is None else new_lines
        quantities, rounded = self._psa_round(new_lines, days)
        waiting = self.search([("order_id", "in", orders.ids), ("state", "in", UNFIXED_STATES)])
        waiting |= rounded
        works = [
            (line, sale_line, hours, quantities.get(line, quantity))
            for line, sale_line, hours, quantity in waiting._psa_waiting_work()
        ] + [(line, line.so_line, dec(line.unit_amount), quantities[line]) for line in new_lines]
        works.sort(key=lambda work: (work[0].date, work[0].id))
        by_order = defaultdict(list)
        for line, sale_line, raw_hours, quantity in works:
            price, group = dec(sale_line._psa_net_price()), sale_line._psa_group_head()
            by_order[sale_line.order_id._psa_sow()].append(
                Work(line, sale_line, raw_hours, quantity, price, group)
            )
        consumed = self._psa_consumed(orders)
        parts = defaultdict(list)
        for order, order_works in by_order.items():
            for part in self._psa_cut_order(order, order_works, consumed):
                parts[part.key].append(part)
        waiting._psa_apply(parts)

    def _psa_lock_orders(self, orders):
        """Of two transactions that consume a cap at once the second is run again on what the first did.

        A row that was only locked would let the second go on with what it read before; a row that
        was changed makes PostgreSQL refuse, and Odoo repeat, the second transaction.
        """
        if orders:
            self.env.cr.execute(
                SQL(
                    "UPDATE sale_order SET psa_wip_revision = "
                    "COALESCE(psa_wip_revision, 0) + 1 WHERE id = ANY(%s)",
                    sorted(orders.ids),
                )
            )
            orders.invalidate_recordset(["psa_wip_revision"], flush=False)

    def _psa_waiting_work(self):
        """[(analytic line, SOL, hours, quantity)] of the unbilled work of each entry."""
        works = []
        for (line, sale_line), parts in self.grouped(
            lambda part: (part.analytic_line_id, part.sale_line_id)
        ).items():
            works.append(
                (
                    line,
                    sale_line,
                    sum((dec(part.raw_hours) for part in parts), dec(0)),
                    sum((dec(part.billable_quantity) for part in parts), dec(0)),
                )
            )
        return works

    def _psa_consumed(self, orders):
        """{SOL: net amount that proposed and billed work has taken of the caps}"""
        rows = self._read_group(
            [("order_id", "in", orders.ids), ("state", "in", ("proposed", "billed"))],
            ["sale_line_id"],
            ["amount:sum"],
        )
        return {line: dec(amount) for line, amount in rows}

    def _psa_cut_order(self, order, works, consumed):
        """The parts of the works of one order; see ``core.caps``."""
        lines = order.order_line.union(*(work.line for work in works))
        line_left, order_left = self._psa_caps_left(order, lines, consumed)
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return split_at_caps(
            works, line_left, order_left, dec(order.currency_id.rounding), dec(1).scaleb(-digits)
        )

    def _psa_caps_left(self, order, lines, consumed):
        """What the caps of ``order`` leave: ({line group: net amount}, net amount of the SOW or None).

        :param lines: SOLs of the order and its change orders whose caps are asked for
        :param consumed: ``{SOL: net amount}``, see ``_psa_consumed``
        """
        taken = defaultdict(lambda: dec(0))
        for line, amount in consumed.items():
            if line.order_id._psa_sow() == order:
                taken[line._psa_group_head()] += amount
        members, heads = lines._psa_group_members(), {line._psa_group_head() for line in lines}
        caps = {head: head._psa_cap(members.get(head, head)) for head in heads}
        line_left = {head: dec(cap) - taken[head] for head, cap in caps.items() if cap}
        cap = order._psa_cap()
        return line_left, dec(cap) - sum(taken.values(), dec(0)) if cap else None

    def _psa_apply(self, parts):
        """Bring the waiting entries ``self`` to ``parts``: {analytic line: [Part]}."""
        have = self.grouped("analytic_line_id")
        last_part = dict(
            self._read_group(
                [("analytic_line_id", "in", [line.id for line in parts])], ["analytic_line_id"], ["part:max"]
            )
        )
        to_create, gone = [], self.browse()
        for line, line_parts in parts.items():
            spare = have.get(line, self.browse())
            number = last_part.get(line, 0)
            same_kind = spare._psa_same_kind(line_parts)
            others = spare - self.browse([entry.id for entry in same_kind.values()])
            for part in line_parts:
                entry = same_kind.get(part) or others[:1]
                others -= entry
                if entry:
                    entry._psa_update(part)
                    continue
                number += 1
                to_create.append({**self._prepare_wip(line), "part": number, **self._prepare_part(part)})
            gone += others
        gone.unlink()
        # The database allows one open and one over-cap part of an entry: what changed goes first.
        self.flush_model()
        self.create(to_create)

    def _psa_same_kind(self, parts):
        """{part: the waiting entry that is over the cap, or not, as the part is}"""
        entries = {entry.state == "over_cap": entry for entry in self}
        return {part: entries[part.over] for part in parts if part.over in entries}

    def _psa_update(self, part):
        """Write what differs only: most work is where it was."""
        self.ensure_one()
        values = self._prepare_part(part)
        if self.state == "held" and not part.over:
            values.pop("state")
        changed = {name: value for name, value in values.items() if self[name] != value}
        if part.over and self.proposal_line_id:
            changed["proposal_line_id"] = False
        if changed:
            self.write(changed)

    def _prepare_part(self, part):
        return {
            "state": "over_cap" if part.over else "open",
            "raw_hours": float(part.raw_hours),
            "billable_quantity": float(part.quantity),
            "unit_price": float(round_to(dec(part.line._psa_net_price()), dec(0.000001))),
            "amount": float(part.amount),
            "remainder": float(part.remainder),
        }
