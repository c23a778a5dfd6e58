"""What a billing run collects: open work, reached milestones, fixed lines."""

from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..core.money import dec
from .psa_billing_proposal import PENDING_STATES


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    def _psa_make_proposals(self, only=None):
        """Propose what can be billed; a SOW that cannot says why and stops only itself.

        :param only: ``sale.order`` to look at; None for all SOWs of the company
        """
        self.ensure_one()
        orders = self._psa_orders_to_bill()
        if only is not None:
            orders &= only
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
        self.env["psa.wip.entry"]._psa_lock_orders(mine)
        self._psa_reprice(mine)
        try:
            with self.env.cr.savepoint():
                self._psa_propose(mine)
        except (UserError, ValidationError):
            self.env.invalidate_all()
            self._psa_propose_one_by_one(mine)

    def _psa_propose_one_by_one(self, orders):
        for order in orders:
            try:
                with self.env.cr.savepoint():
                    self._psa_propose(order)
            except (UserError, ValidationError) as error:
                self.env.invalidate_all()
                self._psa_draft_of(order)[order].message = str(error)

    # -- what there is ---------------------------------------------------------------------

    def _psa_open_domain(self):
        """Work that this run may bill: the days of the run, both inclusive."""
        return [
            ("state", "=", "open"),
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date_from),
            ("date", "<=", self.date_to),
        ]

    def _psa_orders_to_bill(self):
        rows = self.env["psa.wip.entry"]._read_group(self._psa_open_domain(), ["order_id"])
        orders = self.env["sale.order"].union(*(order for (order,) in rows))
        drafts = self.proposal_ids.filtered(lambda proposal: proposal.state == "draft")
        return (orders | self._psa_fixed_lines().order_id._psa_sow() | drafts.order_id).sorted("id")

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

    # -- proposals of a batch of SOWs ------------------------------------------------------

    def _psa_propose(self, orders):
        problems = self._psa_order_problems(orders)
        sound = orders.filtered(lambda order: order not in problems)
        work = self._psa_open_work(sound)
        fixed = self._psa_quantities_left(self._psa_fixed_lines(sound))
        drafts = self._psa_draft_of(
            orders.filtered(lambda order: order in problems)
            | self.env["sale.order"].union(*(line.order_id._psa_sow() for line in [*work, *fixed]))
        )
        stale = self.proposal_ids.filtered(
            lambda proposal: proposal.state == "draft" and proposal.order_id in orders
        )
        stale.line_ids.filtered(lambda line: line.message).unlink()
        lines = self._psa_lines_of(drafts, [*work, *fixed])
        self._psa_attach(work, lines)
        time_lines = self.env["psa.billing.proposal.line"].union(*(lines[line] for line in work))
        time_lines._psa_refresh()
        for sale_line, quantity in fixed.items():
            lines[sale_line]._psa_set_fixed(lines[sale_line].quantity + quantity)
        for order in stale.order_id | orders:
            for proposal in stale.filtered(
                lambda proposal, order=order: proposal.order_id == order
            ) or drafts.get(order, stale.browse()):
                proposal._psa_set_message(problems.get(order))

    def _psa_draft_of(self, orders):
        """{order: its draft proposal of this run}, made where there is none"""
        drafts = self.env["psa.billing.proposal"].search(
            [("run_id", "=", self.id), ("state", "=", "draft"), ("order_id", "in", orders.ids)]
        )
        missing = orders - drafts.order_id
        drafts += drafts.create([{"run_id": self.id, "order_id": order.id} for order in missing])
        return {draft.order_id: draft for draft in drafts}

    def _psa_open_work(self, orders):
        """{SOL: first day} of the open work of the period"""
        rows = self.env["psa.wip.entry"]._read_group(
            [*self._psa_open_domain(), ("order_id", "in", orders.ids)], ["sale_line_id"], ["date:min"]
        )
        return dict(rows)

    def _psa_quantities_left(self, sale_lines):
        """{SOL: quantity to invoice that stands on no proposal yet}"""
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
        left = {line: line.qty_to_invoice - proposed.get(line, 0.0) for line in sale_lines}
        return {
            line: quantity
            for line, quantity in left.items()
            if dec(round(quantity, 6)) > 0 or (line.psa_amends_line_id and dec(round(quantity, 6)) < 0)
        }

    def _psa_lines_of(self, drafts, sale_lines):
        """{SOL: its line on the draft proposal}, made where there is none"""
        lines = {}
        for draft in drafts.values():
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

    def _psa_attach(self, work, lines):
        """Open work of the period goes on the lines; what has no price stays open and is named."""
        priced = {}
        for sale_line, first_day in work.items():
            if sale_line._psa_net_price() > 0:
                priced[sale_line.id] = lines[sale_line].id
            else:
                lines[sale_line].message = self._psa_missing_rate_message(sale_line, first_day)
        if not priced:
            return
        self.env["psa.wip.entry"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE psa_wip_entry wip
                   SET state = 'proposed', proposal_line_id = target.line_id,
                       write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int[], %s::int[]) AS target (sale_line_id, line_id)
                 WHERE wip.sale_line_id = target.sale_line_id AND wip.state = 'open'
                   AND wip.company_id = %s AND wip.date BETWEEN %s AND %s
                """,
                self.env.uid,
                list(priced),
                list(priced.values()),
                self.company_id.id,
                self.date_from,
                self.date_to,
            )
        )
        self.env["psa.wip.entry"].invalidate_model(["state", "proposal_line_id"])

    def _psa_missing_rate_message(self, sale_line, day):
        order = sale_line.order_id
        return self.env._(
            "%(line)s: no rate for the role %(role)s on %(date)s in %(card)s. Agree on the price by a "
            "change order of %(order)s, then make the proposals again.",
            line=sale_line.display_name,
            role=sale_line.psa_role_id.name or self.env._("(none)"),
            date=fields.Date.to_string(day),
            card=order.psa_rate_card_id.display_name
            or self.env._("any rate card of the client or the company"),
            order=order.name,
        )

    # -- what stops a SOW ------------------------------------------------------------------

    def _psa_order_problems(self, orders):
        """{order: message} of the SOWs that cannot be billed as a whole"""
        problems = defaultdict(list)
        for order in orders:
            for message in self._psa_problems_of(order):
                problems[order].append(message)
        for order, message in self._psa_entry_problems(orders):
            problems[order].append(message)
        return {order: "\n".join(messages) for order, messages in problems.items()}

    def _psa_problems_of(self, order):
        if order.state != "sale":
            yield self.env._("%s is not confirmed: only confirmed statements of work are billed.", order.name)
        for partner in order.partner_id | order.partner_invoice_id:
            if not partner.active:
                yield self.env._(
                    "The client %(partner)s of %(order)s is archived. Unarchive it or "
                    "set another invoice address.",
                    partner=partner.display_name,
                    order=order.name,
                )

    def _psa_entry_problems(self, orders):
        """Open work whose entry is not approved (any more) or belongs to another company."""
        self.env["psa.wip.entry"].flush_model()
        self.env["account.analytic.line"].flush_model(["psa_state", "company_id", "name", "date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (wip.order_id, foreign_company)
                       wip.order_id, entry.name, entry.date,
                       entry.company_id != wip.company_id AS foreign_company
                  FROM psa_wip_entry wip
                  JOIN account_analytic_line entry ON entry.id = wip.analytic_line_id
                 WHERE wip.state = 'open' AND wip.order_id = ANY(%s) AND wip.date BETWEEN %s AND %s
                   AND (entry.psa_state != 'approved' OR entry.company_id != wip.company_id)
                """,
                list(orders.ids),
                self.date_from,
                self.date_to,
            )
        )
        for order_id, name, date, foreign in rows:
            order = self.env["sale.order"].browse(order_id)
            values = {"entry": name, "date": fields.Date.to_string(date), "company": order.company_id.name}
            if foreign:
                yield (
                    order,
                    self.env._(
                        "%(entry)s of %(date)s belongs to another company than %(company)s, which bills it. "
                        "Recall the entry and log it in the right company.",
                        **values,
                    ),
                )
            else:
                yield (
                    order,
                    self.env._("%(entry)s of %(date)s is not approved. Approve it, or recall it.", **values),
                )
