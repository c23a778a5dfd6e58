"""What is billed of approved work is what the contract says of it, in whatever unit, currency and tax."""

from collections import defaultdict

from .by_hand import billable_hours, dec, full_price, net_price, shares_of, to_nearest, unit_hours, worth

HUNDREDTH = dec(0.01)


class ContractInvariants:
    """Checks for a ``PsaBillingCase``: hours, terms and prices are those of the contract, ``by_hand``."""

    def assert_contract(self, orders, message):
        """All rules about what work is billable and what its bills say.

        :param orders: SOWs in sudo
        """
        wip = self.env["psa.wip.entry"].sudo().search([("order_id", "in", orders.ids), ("kind", "=", "time")])
        self.assert_quantities(wip, message)
        self.assert_bill_prices(orders, message)

    # -- quantities ------------------------------------------------------------------------

    def assert_quantities(self, wip, message):
        """The billable quantity of work is that of its hours, rounded as the SOW says."""
        days, mixed = defaultdict(list), set()
        for entry, parts in wip.grouped("analytic_line_id").items():
            line, sow = parts.sale_line_id, parts.order_id
            day = sow, entry.employee_id, entry.date
            if len(line) > 1 or any(parts.mapped("slice_number")) or parts.retainer_line_id:
                mixed.add(day)
                self._assert_hours(parts, message)
                continue
            if not line._psa_is_time_material():
                continue
            told = f"{message}: {entry.date} {entry.unit_amount} {line.name} {self._told(parts)}"
            if sow.psa_rounding_minutes and sow.psa_rounding_scope == "day":
                days[day].append((line, entry.unit_amount, sum(parts.mapped("billable_quantity"))))
            else:
                self._assert_quantity(
                    line, billable_hours(entry.unit_amount, sow), sum(parts.mapped("billable_quantity")), told
                )
        if "reopen" in message:
            return  # what is billed of a day stays, whatever is taken back of it
        for (sow, employee, date), rows in days.items():
            if (sow, employee, date) not in mixed:
                told = f"{message}: {sow.name} {employee.name} {date} {rows}"
                for role in {line.psa_role_id for line, _hours, _quantity in rows}:
                    of_role = [row for row in rows if row[0].psa_role_id == role]
                    hours = billable_hours(sum(hours for _line, hours, _quantity in of_role), sow)
                    self._assert_quantity(of_role[0][0], hours, sum(row[2] for row in of_role), told)

    def _assert_hours(self, parts, message):
        """What somebody moved or cut off is billed by its hours, in the unit of the line that it is on."""
        timed = parts.filtered(lambda part: part.state != "covered")
        if parts.order_id.psa_rounding_minutes or not timed:
            return
        billable = sum(part.billable_quantity * unit_hours(part.sale_line_id) for part in timed)
        inexact = sum(unit_hours(part.sale_line_id) for part in timed) * 0.01
        told = f"{message}: {self._told(parts)}"
        self.assertAlmostEqual(billable, sum(timed.mapped("raw_hours")), delta=inexact, msg=told)

    def _assert_quantity(self, line, hours, quantity, told):
        """``quantity`` is that of ``hours``; in days it may be a step of rounding beside it."""
        exact = hours / unit_hours(line)
        if unit_hours(line) == 1:
            self.assertAlmostEqual(quantity, float(to_nearest(exact, HUNDREDTH)), 6, told)
        else:
            self.assertLessEqual(abs(dec(quantity) - exact), HUNDREDTH, told)

    def assert_unapproved_worth(self, rows, message):
        """Time that is not approved yet is worth its part of a unit at the price of its line.

        :param rows: ``psa.hour.state``
        """
        for row in rows.filtered(lambda row: row.state in ("unapproved", "refused")):
            line = row.analytic_line_id.so_line
            if line and line._psa_is_time_material():
                exact = dec(row.hours) / unit_hours(line) * net_price(line)
                told = f"{message}: {row.hours} {line.display_name}"
                unit = line.currency_id.rounding
                # where taxes are in the price the report divides what a hundred units come to
                inexact = unit * (0.51 + (abs(row.hours) / 100 if net_price(line) != full_price(line) else 0))
                self.assertAlmostEqual(row.amount, float(exact), delta=inexact, msg=told)

    # -- bills -----------------------------------------------------------------------------

    def assert_bill_prices(self, orders, message):
        """Each line of an invoice is its quantity times the price of the contract."""
        for line in orders._psa_contract().order_line.filtered("psa_billing_model"):
            for bill in line.invoice_lines:
                if bill.price_unit == line.price_unit and bill.move_id.state != "cancel":
                    told = f"{message}: {bill.move_id.display_name} {line.name} {bill.quantity}"
                    signed = worth(line, bill.quantity)
                    self.assertAlmostEqual(bill.price_subtotal, signed, 6, told)

    def bills_to_come(self, proposals):
        """``{line of a proposal: (net amount by hand or None, whether all payers share it anew)}``"""
        lines = proposals.line_ids.filtered(lambda line: not line.is_held)
        return {line: (self._amount_by_hand(line), self._is_shared_anew(line)) for line in lines}

    def _amount_by_hand(self, line):
        """What a line bills of work: entry by entry where the cents of each are billed, else as a whole."""
        sold, work = line.sale_line_id, line.wip_ids
        if not sold._psa_is_time_material() or line.adjustment_ids or self._was_adjusted(work):
            return None
        sow = sold.order_id._psa_sow()
        if not (sow.psa_payer_ids or work.payer_id or self._is_capped(sow)):
            return worth(sold, sum(work.mapped("billable_quantity")))
        entries = work.analytic_line_id.psa_wip_ids.filtered(lambda part: part.state != "covered")
        if entries - work:  # a part of an entry is elsewhere
            return None
        return sum(
            worth(sold, sum(parts.mapped("billable_quantity")))
            for parts in work.grouped("analytic_line_id").values()
        )

    @staticmethod
    def _was_adjusted(work):
        return work.filtered(lambda part: part.counterpart_ids or part.adjustment_id or part.adjusts_wip_id)

    @staticmethod
    def _is_capped(sow):
        return bool(
            sow.psa_cap_amount
            or sow.psa_agreement_id.cap_amount
            or any(sow.order_line.mapped("psa_cap_amount"))
        )

    @staticmethod
    def _is_shared_anew(line):
        """Whether nobody was billed a share of it before."""
        sow = line.sale_line_id.order_id._psa_sow()
        return bool(sow.psa_payer_ids and line.wip_ids and not line.wip_ids.payer_id)

    def assert_billed_by_hand(self, to_come, message):
        """The invoices bill what was to come, and each payer its share of it."""
        for line, (amount, is_shared) in to_come.items():
            bills = line.proposal_id.invoice_ids.invoice_line_ids.filtered(
                lambda bill, line=line: bill.psa_proposal_line_id == line
            )
            told = f"{message}: {line.label} {bills.mapped('price_subtotal')}"
            if amount is not None:
                self.assertAlmostEqual(self._net(bills), amount, 6, told)
            if is_shared:
                shares = line.sale_line_id.order_id._psa_sow().psa_payer_ids
                expected = shares_of(line.amount, shares.mapped("share"), line.currency_id.rounding)
                for payer, share in zip(shares.partner_id, expected, strict=True):
                    own = bills.filtered(lambda bill, payer=payer: bill.move_id.psa_payer_id == payer)
                    self.assertAlmostEqual(self._net(own), share, 6, f"{told} {payer.name}")

    # -- in the end ------------------------------------------------------------------------

    def assert_work_is_billed(self, orders, message):
        """All approved work was invoiced or written off, at the price of its line, once.

        Where the cents of entries are billed it is so to the cent; elsewhere each bill rounds for itself.
        """
        wip = self.env["psa.wip.entry"].sudo().search([("order_id", "in", orders.ids), ("kind", "=", "time")])
        for line, parts in wip.grouped("sale_line_id").items():
            if not line._psa_is_time_material():
                continue
            left = parts.filtered(lambda part: part.state not in ("billed", "written_off"))
            told = f"{message}: {line.display_name} {self._told(parts)}"
            self.assertFalse([part for part in left if part.amount], told)
            off = parts.filtered(lambda part: part.state == "written_off")
            bills = (line | self._beside(line)).invoice_lines
            found = self._net(bills) + sum(off.mapped("amount"))
            expected = sum(
                worth(line, sum(own.mapped("billable_quantity")))
                for own in parts.grouped("analytic_line_id").values()
            )
            exact = bool(line.order_id._psa_sow().psa_payer_ids)
            roundings = 0 if exact else len(bills) + len(parts)
            self.assertAlmostEqual(
                found, expected, delta=0.001 + roundings * line.currency_id.rounding / 2, msg=told
            )
            quantity = self._units(line.invoice_lines) + sum(off.mapped("billable_quantity"))
            self.assertAlmostEqual(quantity, sum(parts.mapped("billable_quantity")), 6, told)
            self.assert_nothing_to_invoice(line, message)

    def assert_nothing_to_invoice(self, line, message):
        """The host says so too; it rounds each invoice for itself."""
        told = f"{message}: {line.display_name} {line.qty_delivered} {line.qty_invoiced}"
        roundings = line.currency_id.rounding * (1 + len(line.invoice_lines))
        self.assertAlmostEqual(line.qty_to_invoice, 0, 6, told)
        self.assertAlmostEqual(line.untaxed_amount_to_invoice, 0, delta=roundings, msg=told)
