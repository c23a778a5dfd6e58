"""From approved time to work in progress, and where the caps cut it."""

from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..core.caps import Work, split_at_caps
from ..core.money import dec, round_to
from ..core.retainers import HOLD
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
            billable.order_id._psa_sow()._psa_under_caps(),
            billable.sorted(lambda line: (line.date, line.id)),
        )

    def _prepare_wip(self, line):
        """The values that every part of an entry carries."""
        return self._prepare_wips(line)[line]

    def _prepare_wips(self, lines):
        """``{analytic line: the values that every part of it carries}``; what a SOL says is asked once."""
        of_sold = {
            sold: {
                "sale_line_id": sold.id,
                "order_id": sold.order_id._psa_sow().id,
                "company_id": sold.company_id.id,
                "currency_id": sold.currency_id.id,
            }
            for sold in lines.so_line
        }
        return {
            line: {
                "analytic_line_id": line.id,
                "date": line.date,
                "employee_id": line.employee_id.id,
                "role_id": (line.psa_role_id or line.so_line.psa_role_id).id,
                "project_id": line.project_id.id,
                **of_sold[line.so_line],
                **line._psa_wip_origin(),
            }
            for line in lines
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
        orders = orders._psa_capped_together()
        self._psa_lock_orders(orders)
        new_lines = self.env["account.analytic.line"] if new_lines is None else new_lines
        quantities, rounded = self._psa_round(new_lines, days)
        waiting = self._psa_unfixed(orders) | rounded
        no_payer = self.env["res.partner"]
        works = waiting._psa_waiting_work(quantities) + [
            ((line, no_payer, 0), line.so_line, dec(line.unit_amount), quantities[line], dec(0))
            for line in new_lines
        ]
        # of one entry what a payer's invoice gave back comes before what nobody was billed yet, and what was
        # not cut off before what was
        works.sort(key=lambda work: (work[0][0]._psa_work_day(), work[0][0].id, not work[0][1], work[0][2]))
        terms = {line: line._psa_cap_terms() for line in {sale_line for _key, sale_line, *_rest in works}}
        pools = defaultdict(list)
        for key, sale_line, raw_hours, quantity, extra in works:
            pool, shared = terms[sale_line]
            pools[pool].append(Work(key, sale_line, raw_hours, quantity, extra=extra, **shared))
        consumed, parts = self._psa_consumed(orders), defaultdict(list)
        left = self._psa_caps_left(
            self.env["sale.order"].union(*(work.order for own in pools.values() for work in own)),
            self.env["sale.order.line"].union(*terms),
            consumed,
        )
        for pool, pool_works in pools.items():
            for part in self._psa_cut_pool(pool, pool_works, consumed, left):
                parts[part.key].append(part)
        waiting._psa_apply(parts)
        self._psa_warn_of_caps(orders)

    def _psa_unfixed(self, orders):
        """The work of ``orders`` that caps cut: what a retainer lets wait no cap frees."""
        return self.search(
            [
                ("order_id", "in", orders.ids),
                ("state", "in", UNFIXED_STATES),
                "!",
                ("retainer_line_id.psa_retainer_overage", "=", HOLD),
            ]
        )

    def _psa_lock_orders(self, orders):
        """Of two transactions that consume a cap at once the second is run again on what the first did.

        A row that was only locked would let the second go on with what it read before; a row that
        was changed makes PostgreSQL refuse, and Odoo repeat, the second transaction.

        All SOWs under one cap of an agreement are locked at once and by their ids: two transactions that did
        it one after the other could wait for each other.
        """
        orders = orders._psa_capped_together()
        if orders:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE sale_order
                       SET psa_wip_revision = COALESCE(psa_wip_revision, 0) + 1
                      FROM (SELECT id FROM sale_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE) locked
                     WHERE sale_order.id = locked.id
                    """,
                    orders.ids,
                )
            )
            orders.invalidate_recordset(["psa_wip_revision"], flush=False)

    def _psa_waiting_work(self, rounded=()):
        """[((analytic line, payer, slice), SOL, hours, quantity, money beside quantity × price)] that waits.

        :param rounded: ``{analytic line: quantity}`` where it changes; see ``_psa_round``
        """
        works = []
        for (line, payer, slice_number, sale_line), parts in self.grouped(
            lambda part: (part.analytic_line_id, part.payer_id, part.slice_number, part.sale_line_id)
        ).items():
            quantity = sum((dec(part.billable_quantity) for part in parts), dec(0))
            extra = parts._psa_beside_quantity()
            if not payer and not slice_number and line in rounded:
                quantity = rounded[line]
            hours = sum((dec(part.raw_hours) for part in parts), dec(0))
            works.append(((line, payer, slice_number), sale_line, hours, quantity, extra))
        return works

    def _psa_beside_quantity(self):
        """Money of these waiting parts of one entry beside their quantity × price (Decimal): the cents of a
        payer's share, or what its other parts were billed beyond theirs. It stays, so that all parts
        of the entry sum to what was rated."""
        unit = dec(self.currency_id.rounding)
        rated = sum((dec(part.billable_quantity) * dec(part.unit_price) for part in self), dec(0))
        return sum((dec(part.amount) for part in self), dec(0)) - round_to(rated, unit)

    def _psa_consumed(self, orders, states=("proposed", "billed")):
        """{SOL: net amount that work in these states has taken of the caps}"""
        rows = self._read_group(
            [("order_id", "in", orders.ids), ("state", "in", states)],
            ["sale_line_id"],
            ["amount:sum"],
        )
        return {line: dec(amount) for line, amount in rows}

    def _psa_cut_pool(self, pool, works, consumed, left):
        """The parts of the works of one SOW, or of all SOWs of a capped agreement; see ``core.caps``.

        :param pool: ``sale.order`` or ``psa.agreement``
        :param consumed: see ``_psa_consumed``
        :param left: what the caps leave, see ``_psa_caps_left``
        """
        groups, orders = {work.group for work in works}, {work.order for work in works}
        line_left = {group: left[0][group] for group in groups if group in left[0]}
        order_left = {order: left[1][order] for order in orders if order in left[1]}
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        shared = {}
        if pool._name == "psa.agreement":
            shared = {
                "agreement_left": dec(pool.cap_amount) - pool._psa_cap_taken(consumed),
                "agreement_unit": dec(pool.currency_id.rounding),
            }
        return split_at_caps(works, line_left, order_left, quantity_unit=dec(1).scaleb(-digits), **shared)

    def _psa_caps_left(self, orders, lines, consumed):
        """What the caps leave: ({line group: net amount}, {SOW: net amount}); what has no cap is missing.

        :param orders: SOWs
        :param lines: SOLs of these orders and their change orders whose caps are asked for
        :param consumed: ``{SOL: net amount}``, see ``_psa_consumed``
        """
        taken, taken_of_order = defaultdict(lambda: dec(0)), defaultdict(lambda: dec(0))
        for line, amount in consumed.items():
            taken[line._psa_group_head()] += amount
            if line._psa_counts_against_cap():
                taken_of_order[line.order_id._psa_sow()] += amount
        members, heads = lines._psa_group_members(), {line._psa_group_head() for line in lines}
        caps = {head: head._psa_cap(members.get(head, head)) for head in heads}
        line_left = {head: dec(cap) - taken[head] for head, cap in caps.items() if cap}
        order_caps = {order: dec(order._psa_cap()) for order in orders}
        return line_left, {order: cap - taken_of_order[order] for order, cap in order_caps.items() if cap}

    def _psa_apply(self, parts):
        """Bring the waiting entries ``self`` to ``parts``: {(analytic line, payer, slice): [Part]}."""
        have = self.grouped(lambda entry: entry._psa_cut_with())
        last_part = self._psa_last_parts([key[0] for key in parts])
        prices = self._psa_prices_of({part.line for own in parts.values() for part in own})
        to_create, gone = [], self.browse()
        for (line, payer, slice_number), line_parts in parts.items():
            spare = have.get((line, payer, slice_number), self.browse())
            same_kind = spare._psa_same_kind(line_parts)
            others = spare - self.browse([entry.id for entry in same_kind.values()])
            for part in line_parts:
                entry = same_kind.get(part) or others[:1]
                others -= entry
                values = spare._prepare_part(part, prices)
                if entry:
                    entry._psa_update(values)
                    continue
                last_part[line] += 1
                values = {
                    "part": last_part[line],
                    "payer_id": payer.id,
                    "slice_number": slice_number,
                    # a slice may have been moved to another line than its entry
                    "sale_line_id": part.line.id,
                    **values,
                    **spare._psa_place_values(),
                }
                to_create.append((line, values))
            gone += others
        gone.unlink()
        # The database allows one open and one over-cap part of an entry: what changed goes first.
        self.flush_model()
        lines = self.env["account.analytic.line"].browse(
            dict.fromkeys(line.id for line, _values in to_create)
        )
        prepared = self._prepare_wips(lines)
        self.create([{**prepared[line], **values} for line, values in to_create])

    def _psa_cut_with(self):
        """What the parts of an entry have in common that caps cut as one."""
        self.ensure_one()
        return self.analytic_line_id, self.payer_id, self.slice_number

    def _psa_place_values(self):
        """Where a part goes that is cut off these parts of one entry, other than its entry says."""
        return {}

    def _psa_last_parts(self, lines):
        """``{analytic line: number of its last part}``, 0 where it has none."""
        rows = self._read_group(
            [("analytic_line_id", "in", [line.id for line in lines])], ["analytic_line_id"], ["part:max"]
        )
        return defaultdict(int, dict(rows))

    def _psa_same_kind(self, parts):
        """{part: the waiting entry that is over the cap, or not, as the part is}"""
        entries = {entry.state == "over_cap": entry for entry in self}
        return {part: entries[part.over] for part in parts if part.over in entries}

    def _psa_update(self, values):
        """Write what differs only: most work is where it was."""
        self.ensure_one()
        changed = {name: value for name, value in values.items() if self[name] != value}
        if values["state"] == "over_cap" and self.proposal_line_id:
            changed["proposal_line_id"] = False
        if changed:
            self.write(changed)

    @staticmethod
    def _psa_prices_of(sale_lines):
        """``{SOL: net price of a unit}``, with the digits that WIP entries keep."""
        return {line: float(round_to(dec(line._psa_net_price()), dec(0.000001))) for line in sale_lines}

    def _prepare_part(self, part, prices):
        """Values of ``part`` of an entry that waits as these: what is held stays so, also over a cap."""
        held = any(entry.state == "held" or entry.held_over_cap for entry in self)
        return {
            "state": "over_cap" if part.over else "held" if held else "open",
            "held_over_cap": part.over and held,
            "raw_hours": float(part.raw_hours),
            "billable_quantity": float(part.quantity),
            "unit_price": prices[part.line],
            "amount": float(part.amount),
            "remainder": float(part.remainder),
        }
