"""What keeps a SOW from being billed: said on its proposal, while the others go on."""

from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL, format_date


class PsaBillingRun(models.Model):
    _inherit = "psa.billing.run"

    date_problem = fields.Text(
        compute="_compute_date_problem", help="Why nothing can be invoiced on the invoice date."
    )

    # not at once when a date is typed: see the name of the run
    def _compute_date_problem(self):
        for run in self:
            run.date_problem = run._psa_date_problem()

    def _psa_missing_rate_message(self, sale_line, day):
        order = sale_line.order_id
        if sale_line.sudo().psa_card_price:  # sudo: whether the card has a price, not which
            return self.env._(
                "%(line)s is sold at a price of 0, which was set by hand: a rate of the card does not change "
                "it. Sell the role at a price by a change order of %(order)s, and move the work to its line "
                "under WIP; or write it off there. Then make the proposals again.",
                line=sale_line.display_name,
                order=order.name,
            )
        return self.env._(
            "%(line)s: no rate for the role %(role)s on %(date)s in %(card)s. Have a rate manager enter it "
            "there, and re-rate unbilled work; or sell the role at a price by a change order of %(order)s, "
            "and move the work to its line under WIP. Then make the proposals again.",
            line=sale_line.display_name,
            role=sale_line.psa_role_id.name or self.env._("(none)"),
            date=format_date(self.env, day),
            card=order.psa_rate_card_id.display_name
            or self.env._("any rate card of the client or the company"),
            order=order.name,
        )

    def _psa_order_problems(self, windows):
        """{SOW: message} of the SOWs that cannot be billed as a whole

        :param windows: the days that are due, by SOW
        """
        orders = self.env["sale.order"].union(*windows)
        problems = defaultdict(list)
        date_problem = self._psa_date_problem()
        orders._psa_clients().mapped("active")  # read at once
        for order in orders:
            problems[order] += [date_problem] if date_problem else []
            problems[order] += self._psa_problems_of(order)
        for order, message in self._psa_line_problems(windows):
            problems[order].append(message)
        for order, message in self._psa_entry_problems(windows):
            problems[order].append(message)
        return {order: "\n".join(messages) for order, messages in problems.items() if messages}

    def _psa_date_problem(self):
        """Why nothing can be invoiced on the invoice date, in words; None if it can.

        The host would move the date of an invoice out of a locked period without a word.
        """
        company = self.company_id
        day = self.invoice_date or fields.Date.context_today(self)
        locks = company._get_lock_date_violations(day, purchase=False)
        if not locks:
            return None
        return self.env._(
            "The invoice date %(date)s is in a locked period: %(locks)s. Choose a later invoice date on the "
            "billing run %(run)s, or have whoever locked the period open it.",
            date=format_date(self.env, day),
            locks=company._format_lock_dates(locks),
            run=self.name,
        )

    def _psa_problems_of(self, order):
        if order.state != "sale":
            yield self.env._(
                "%s is not confirmed: only confirmed statements of work are billed. Have it set to draft, "
                "signed and confirmed again, or write its work off under WIP (filter “On Cancelled SOWs”).",
                order.name,
            )
        yield from self._psa_archived_problems(order)
        if order._psa_billing_terms().po_required and not (order.client_order_ref or "").strip():
            yield self.env._(
                "%(order)s has no purchase order number, and the agreement %(agreement)s asks for one. "
                "Enter it as the client's reference.",
                order=order.name,
                # sudo: the name of the agreement that the SOW shows
                agreement=order.psa_agreement_id.sudo().display_name,
            )
        day = self.invoice_date or fields.Date.context_today(self)
        foreign = order.currency_id != self.company_id.currency_id
        # the host would take a later rate, or 1
        if foreign and not order.currency_id._psa_has_rate(self.company_id, day):
            yield self.env._(
                "%(order)s is in %(currency)s, which has no exchange rate on %(date)s or before. Have an "
                "administrator of accounting enter one under Invoicing > Configuration > Accounting > "
                "Currencies.",
                order=order.name,
                currency=order.currency_id.name,
                date=format_date(self.env, day),
            )

    def _psa_archived_problems(self, order):
        """That the client of a SOW, the invoice address or a paying client is archived, in words"""
        if not order.partner_id.active:
            yield self.env._(
                "The client %(partner)s of %(order)s is archived. Unarchive it.",
                partner=order.partner_id.display_name,
                order=order.name,
            )
        elif not order.partner_invoice_id.active:
            yield self.env._(
                "The invoice address %(partner)s of %(order)s is archived. Unarchive it, or set another "
                "invoice address.",
                partner=order.partner_invoice_id.display_name,
                order=order.name,
            )
        for payer in self._psa_archived_payers(order):
            yield self.env._(
                "%(payer)s, who pays a share of %(order)s, is archived. Unarchive it.",
                payer=payer.display_name,
                order=order.name,
            )

    def _psa_archived_payers(self, order):
        """Who pays a share of ``order`` besides its client, and is archived, or whose invoice address is."""
        others = order.psa_payer_ids.partner_id - order.partner_id
        addresses = others.browse([payer.address_get(["invoice"])["invoice"] for payer in others])
        return (others | addresses).filtered(lambda partner: not partner.active)

    def _psa_line_problems(self, windows):
        """(SOW, message) of lines that are due and that the host would bill wrongly, or not at all"""
        orders = self.env["sale.order"].union(*windows)
        drafts = self.proposal_ids.filtered(lambda proposal: proposal.state == "draft")
        proposed = drafts.line_ids.sale_line_id.filtered(lambda line: line.order_id._psa_sow() in orders)
        due = [*self._psa_open_work(windows), *self._psa_fixed_lines(orders), *proposed]
        for line in self.env["sale.order.line"].union(*due):
            for message in self._psa_problems_of_line(line):
                yield line.order_id._psa_sow(), message

    def _psa_problems_of_line(self, line):
        """Why the host would bill this line wrongly, or not at all, in words"""
        if not line.product_id.active:
            yield self.env._(
                "The product %(product)s of %(line)s is archived. Have somebody with the right to create "
                "products unarchive it.",
                product=line.product_id.display_name,
                line=line.display_name,
            )
        archived = line.tax_ids.filtered(lambda tax: not tax.active)
        if archived:
            yield self.env._(
                "The tax %(tax)s of %(line)s is archived. Have an administrator of accounting unarchive it, "
                "or put the tax that holds now in its place under Invoicing > Configuration > Professional "
                "Services > Replace Taxes.",
                tax=archived[0].name,
                line=line.display_name,
            )
        missing = not line.tax_ids and line.company_id.psa_billing_tax_check
        expected = missing and self._psa_expected_taxes(line)
        if expected:
            yield self._psa_missing_tax_message(line, expected[0])

    def _psa_missing_tax_message(self, line, tax):
        values = {
            "line": line.display_name,
            "order": line.order_id.name,
            "product": line.product_id.display_name,
            "sow": line.order_id._psa_sow().name,
            "tax": tax.name,
        }
        if line._psa_is_time_material():
            return self.env._(
                "%(line)s has no tax, but its product %(product)s is taxed by %(tax)s. If the tax was "
                "forgotten, sell the role by a change order of %(sow)s with it, and move the work to its "
                "line under WIP. If the client is exempt, choose a fiscal position on %(order)s that says "
                "so, or have the tax taken off the product by somebody with the right to create products.",
                **values,
            )
        return self.env._(
            "%(line)s has no tax, but its product %(product)s is taxed by %(tax)s. If the tax was "
            "forgotten, have %(order)s cancelled, the tax put on its line, and signed again, as long as "
            "nothing of it is billed. If the client is exempt, choose a fiscal position on %(order)s that "
            "says so, or have the tax taken off the product by somebody with the right to create products.",
            **values,
        )

    def _psa_expected_taxes(self, line):
        """The taxes that the host would put on a new line like this."""
        taxes = line.product_id.taxes_id._filter_taxes_by_company(line.company_id)
        return line.order_id.fiscal_position_id.map_tax(taxes)

    def _psa_entry_problems(self, windows):
        """(SOW, message) of work, open or on a draft of this run, whose entry is not approved (any more) or
        belongs to another company"""
        self.env["psa.wip.entry"].flush_model()
        self.env["psa.billing.proposal"].flush_model(["run_id", "state"])
        self.env["account.analytic.line"].flush_model(["psa_state", "company_id", "name", "date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (wip.order_id, foreign_company)
                       wip.order_id, entry.name, entry.date,
                       entry.company_id != wip.company_id AS foreign_company
                  FROM psa_wip_entry wip
                  JOIN unnest(%s::int[], %s::date[], %s::date[]) AS due (order_id, first_day, last_day)
                    ON due.order_id = wip.order_id AND wip.date <= due.last_day
                       AND (due.first_day IS NULL OR wip.date >= due.first_day)
                  JOIN account_analytic_line entry ON entry.id = wip.analytic_line_id
             LEFT JOIN psa_billing_proposal_line line ON line.id = wip.proposal_line_id
             LEFT JOIN psa_billing_proposal draft
                    ON draft.id = line.proposal_id AND draft.state = 'draft' AND draft.run_id = %s
                 WHERE (wip.state = 'open' OR (wip.state = 'proposed' AND draft.id IS NOT NULL))
                   AND ((wip.kind = 'time' AND entry.psa_state != 'approved')
                        OR entry.company_id != wip.company_id)
                """,
                [order.id for order in windows],
                [first for first, _last in windows.values()],
                [last for _first, last in windows.values()],
                self.id,
            )
        )
        for order_id, name, date, foreign in rows:
            order = self.env["sale.order"].browse(order_id)
            yield order, self._psa_entry_problem(order, name, date, foreign)

    def _psa_entry_problem(self, order, name, date, foreign):
        values = {"entry": name, "date": format_date(self.env, date), "company": order.company_id.name}
        if foreign:
            return self.env._(
                "%(entry)s of %(date)s belongs to another company than %(company)s, which bills it. "
                "Recall the entry and log it in the right company.",
                **values,
            )
        return self.env._("%(entry)s of %(date)s is not approved. Approve it, or recall it.", **values)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_clients(self):
        """The clients of these SOWs, their invoice addresses and who pays shares of them."""
        payers = self.sudo().psa_payer_ids.partner_id  # sudo: who pays is billed, whoever bills
        return self.partner_id | self.partner_invoice_id | payers.with_env(self.env)
