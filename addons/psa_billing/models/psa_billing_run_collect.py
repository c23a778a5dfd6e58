"""What a billing run collects: open work, reached milestones, fixed lines."""

from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.money import dec
from .psa_billing_proposal import PENDING_STATES


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def _psa_make_proposals(self, orders):
        """Propose what can be billed of ``orders``; a SOW that cannot says why and stops only itself.

        In one transaction; what somebody else bills at this moment is left out and named in the message.
        """
        self.ensure_one()
        work = self.env["psa.wip.entry"]
        # before anything else of this run: whoever bills another SOW under the cap is waited for once
        capped = orders.filtered(lambda order: order._psa_capped_agreement())
        work._psa_lock_orders(capped)
        mine = orders.try_lock_for_update(allow_referencing=True)
        busy = orders - mine
        self.message = (
            self.env._(
                "Somebody else is billing %s at this moment. Make the proposals again later.",
                ", ".join(busy.mapped("name")),
            )
            if busy
            else False
        )
        if not mine:
            return
        work._psa_lock_orders(mine - capped)
        self._psa_reprice(mine)
        self._psa_redraw(mine)
        try:
            with self.env.cr.savepoint():
                self._psa_propose_all(mine)
        except (UserError, ValidationError):
            self.env.invalidate_all()
            self._psa_propose_one_by_one(mine)

    def _psa_propose_one_by_one(self, orders):
        for order in orders:
            try:
                with self.env.cr.savepoint():
                    self._psa_propose_all(order)
            except (UserError, ValidationError) as error:
                self.env.invalidate_all()
                self._psa_drafts_of(order, order, {order}, self._psa_windows(order))[order]._psa_set_message(
                    str(error)
                )

    # -- what there is ---------------------------------------------------------------------

    def _psa_open_domain(self, windows):
        """Work that this run may bill: of each SOW the days of its window, see ``_psa_windows``."""
        orders_of = defaultdict(list)
        for order, window in windows.items():
            orders_of[window].append(order.id)
        days = Domain.OR(
            Domain("order_id", "in", ids)
            & (Domain("date", ">=", first) if first else Domain.TRUE)
            & Domain("date", "<=", last)
            for (first, last), ids in orders_of.items()
        )
        return Domain("state", "=", "open") & Domain("company_id", "=", self.company_id.id) & days

    def _psa_orders_to_bill(self):
        """The SOWs with something to bill that is due, and those on draft proposals of this run; by id."""
        wip = self.env["psa.wip.entry"]
        waiting = [
            ("state", "=", "open"),
            ("company_id", "=", self.company_id.id),
            ("date", "<=", self.date_to),
        ]
        worked = self.env["sale.order"].union(*(order for (order,) in wip._read_group(waiting, ["order_id"])))
        windows = self._psa_windows(self._psa_filter(worked))
        rows = wip._read_group(self._psa_open_domain(windows), ["order_id"])
        orders = self.env["sale.order"].union(*(order for (order,) in rows))
        fixed = self._psa_filter(self._psa_fixed_lines().order_id._psa_sow())
        drafts = self.proposal_ids.filtered(lambda proposal: proposal.state == "draft")
        return (orders.union(*self._psa_windows(fixed)) | drafts.order_ids).sorted("id")

    def _psa_fixed_lines(self, orders=None):
        """SOLs of SOWs with a quantity to invoice that comes from no time: fixed prices, milestones.

        The figures are the host's: ordered or reached, less what is invoiced.
        """
        domain = [
            ("order_id.psa_kind", "!=", False),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "sale"),
            ("display_type", "=", False),
            ("is_downpayment", "=", False),
            ("psa_adjusts_line_id", "=", False),
            # a change order takes fixed prices and milestones back by negative quantities
            "|",
            ("qty_to_invoice", ">", 0),
            "&",
            ("qty_to_invoice", "<", 0),
            ("psa_amends_line_id", "!=", False),
        ]
        if orders is not None:
            domain.append(("order_id", "in", orders._psa_contract().ids))
        lines = self.env["sale.order.line"].search(domain)
        return lines.filtered(lambda line: not line._psa_is_time_material())

    def _psa_reprice(self, orders):
        """Unbilled work of SOWs whose prices changed since it was rated gets today's price."""
        rows = self.env["psa.wip.entry"]._read_group(
            [("order_id", "in", orders.ids), ("state", "in", ("open", "held"))],
            ["sale_line_id", "unit_price"],
        )
        stale = self.env["sale.order"].union(
            *(
                line.order_id._psa_sow()
                for line, price in rows
                if abs(dec(price) - line._psa_net_price()) > dec(0.000001)
            )
        )
        if stale:
            self.env["psa.wip.entry"]._psa_recut(stale)

    def _psa_redraw(self, orders):
        """Work over a retainer that stands on a draft of this run draws on what corrections gave back to its
        period since; what was decided on it is taken back."""
        over = self.env["psa.wip.entry"].search(
            [
                ("order_id", "in", orders.ids),
                ("state", "=", "proposed"),
                ("retainer_line_id", "!=", False),
                ("retainer_period_id.is_closed", "=", False),
                ("proposal_line_id.proposal_id.run_id", "=", self.id),
                ("proposal_line_id.proposal_state", "=", "draft"),
            ]
        )
        covered = over.filtered(lambda part: part.retainer_period_id._psa_has_room(part.draw_rate))
        if covered:
            lines = covered.proposal_line_id
            covered._psa_free()
            lines.exists()._psa_refresh()

    # -- proposals of a batch of SOWs ------------------------------------------------------

    def _psa_propose_all(self, orders):
        """Propose what is due of these locked SOWs, and what waited over a cap for the room that corrections
        give: as long as these were not proposed, it would have been billed beyond the cap."""
        self._psa_propose(orders)
        work = self.env["psa.wip.entry"]
        together = orders._psa_capped_together()
        waiting = work._read_group(
            [("order_id", "in", together.ids), ("state", "=", "over_cap")], ["order_id"]
        )
        over = orders.browse([order.id for (order,) in waiting])
        if not over:
            return
        if over._psa_capped_together()._psa_proposes_less():
            work._psa_recut(over)
            # what waited on others under the same cap is open now, and found by the next run that bills them
            self._psa_propose(over & orders)

    def _psa_propose(self, orders):
        """Propose what is due of these locked SOWs; one that cannot be billed gets a message instead."""
        windows = self._psa_windows(orders)
        problems = self._psa_order_problems(windows)
        idle = self._psa_nothing_due(orders.filtered(lambda order: order in problems), windows)
        sound = orders.filtered(lambda order: order in windows and order not in problems)
        work, fixed = self._psa_due(sound, windows)
        remainders = self._psa_remainders_left(fixed, windows)
        over_cap = self._psa_fixed_over_cap(fixed, remainders)
        # beside work that can be billed it waits, and the proposal tells of it: see fixed_left_out
        worked = {line.order_id._psa_sow() for line in work}
        problems.update({order: text for order, text in over_cap.items() if order not in worked})
        fixed = {line: left for line, left in fixed.items() if line.order_id._psa_sow() not in over_cap}
        fixed = self._psa_without_free(work, fixed)
        unpriced = {line for line in work if line._psa_is_unpriced()}
        alone = {line.order_id._psa_sow() for line in unpriced} | problems.keys()
        busy = (orders.filtered(lambda order: order in problems) - idle).union(
            *(line.order_id._psa_sow() for line in [*work, *fixed])
        )
        drafts = self._psa_drafts_of(orders, busy, alone, windows)
        lines = self._psa_lines_of(drafts, [*work, *fixed])
        for line in unpriced:
            lines[line].message = self._psa_missing_rate_message(line, work[line])
        self._psa_attach([line for line in work if line not in unpriced], lines, windows)
        time_lines = self.env["psa.billing.proposal.line"].union(*(lines[line] for line in work))
        time_lines._psa_refresh()
        billed = {}
        for sale_line, quantity in fixed.items():
            line = lines[sale_line]
            amount = (
                line._psa_amount_with(quantity, remainders[sale_line]) if sale_line in remainders else None
            )
            billed[line] = (line.quantity + quantity, amount)
        time_lines._psa_set_fixed(billed)
        for order, draft in drafts.items():
            draft._psa_set_message(problems.get(order) if draft.line_ids or order not in idle else None)
        made = self.env["psa.billing.proposal"].union(*drafts.values()).exists()
        made.filtered(lambda draft: not draft.line_ids and not draft.message)._psa_drop()
        made._psa_arrange()

    def _psa_due(self, orders, windows):
        """What is due of these SOWs and stands on no proposal: ``{SOL: first day}`` of open work, and
        ``{SOL: quantity}`` of fixed prices."""
        fixed = self._psa_quantities_left(self._psa_fixed_lines(orders), windows)
        return self._psa_open_work({order: windows[order] for order in orders}), fixed

    def _psa_nothing_due(self, orders, windows):
        """Those of these SOWs of which all that is due stands on proposals: that one cannot be billed needs
        no other proposal to say so."""
        if not orders:
            return orders
        work, fixed = self._psa_due(orders, windows)
        due = [*work, *self._psa_without_free(work, fixed)]
        return orders - orders.browse().union(*(line.order_id._psa_sow() for line in due))

    def _psa_open_work(self, windows):
        """{SOL: first day} of the open work that is due"""
        rows = self.env["psa.wip.entry"]._read_group(
            self._psa_open_domain(windows), ["sale_line_id"], ["date:min"]
        )
        return dict(rows)

    def _psa_quantities_left(self, sale_lines, windows):
        """{SOL: quantity to invoice that stands on no proposal yet, nor on an invoice that a draft credits}

        :param windows: the days that are due, by SOW
        """
        rows = self.env["psa.billing.proposal.line"]._read_group(
            [
                ("sale_line_id", "in", sale_lines.ids),
                # held lines too: what is held on a proposal waits there
                ("proposal_state", "in", PENDING_STATES),
            ],
            ["sale_line_id"],
            ["quantity:sum"],
        )
        proposed = dict(rows)
        left = {line: line._psa_left_to_invoice() - proposed.get(line, 0.0) for line in sale_lines}
        return {
            line: quantity
            for line, quantity in left.items()
            if dec(round(quantity, 6)) > 0 or (line.psa_amends_line_id and dec(round(quantity, 6)) < 0)
        }

    def _psa_without_free(self, work, fixed):
        """``fixed`` without what was agreed for nothing on SOWs that bill nothing else now: it stands on an
        invoice beside other lines, and makes none."""
        charged = [*work, *(line for line in fixed if line._psa_net_price())]
        busy = {line.order_id._psa_sow() for line in charged}
        return {line: left for line, left in fixed.items() if line.order_id._psa_sow() in busy}

    def _psa_remainders_left(self, fixed, windows):  # pylint: disable=unused-argument
        """``{SOL: net amount}`` beside the quantities ``fixed`` that they and the price do not say; zero
        where what such a line bills is known to the cent and needs nothing beside it."""
        return {}

    def _psa_lines_of(self, drafts, sale_lines):
        """{SOL: its line on the draft proposal}, made where there is none"""
        lines = {}
        for draft in self.env["psa.billing.proposal"].union(*drafts.values()):
            lines.update({line.sale_line_id: line for line in draft.line_ids if not line.is_held})
        missing = [line for line in sale_lines if line not in lines]
        created = self.env["psa.billing.proposal.line"].create(
            [
                {
                    "proposal_id": drafts[line.order_id._psa_sow()].id,
                    "sale_line_id": line.id,
                    "sequence": line.sequence,
                    "price_unit": line.price_unit,
                    "discount": line.discount,
                }
                for line in missing
            ]
        )
        lines.update(zip(missing, created, strict=True))
        return lines

    def _psa_attach(self, sale_lines, lines, windows):
        """Open work that is due goes on the proposal lines ``{SOL: line}``."""
        if not sale_lines:
            return
        days = [windows[sale_line.order_id._psa_sow()] for sale_line in sale_lines]
        self.env["psa.wip.entry"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE psa_wip_entry wip
                   -- who did it says the proposal: a user on each row would be looked up for each row
                   SET state = 'proposed', proposal_line_id = target.line_id,
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int[], %s::int[], %s::date[], %s::date[])
                       AS target (sale_line_id, line_id, first_day, last_day)
                 WHERE wip.sale_line_id = target.sale_line_id AND wip.state = 'open'
                   AND wip.company_id = %s AND wip.date <= target.last_day
                   AND (target.first_day IS NULL OR wip.date >= target.first_day)
                """,
                [sale_line.id for sale_line in sale_lines],
                [lines[sale_line].id for sale_line in sale_lines],
                [first for first, _last in days],
                [last for _first, last in days],
                self.company_id.id,
            )
        )
        self.env["psa.wip.entry"].invalidate_model(["state", "proposal_line_id"])
