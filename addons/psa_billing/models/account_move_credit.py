"""Credit notes free exactly the work that they credit.

A line of a credit note names the invoice line that it credits. Fewer units take back what was raised by hand
first, then the newest work; the wizard *Credit Work* chooses the work. Entries that it credits as a whole are
credited with what was billed of them: their share of the adjustment beside their line is a line of its own,
on a SOL of its own. A credit at another price is a concession: it frees no work, its money stands on an
adjustment of the SOW line.
"""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.money import dec
from .account_move_credit_shares import by_adjustment
from .rights import REVIEWER_GROUPS

#: Decimals of the share that is left of an adjustment: enough for cents of any of them.
SHARE_DIGITS = 12


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    psa_credits_line_id = fields.Many2one(
        "account.move.line",
        string="Credits",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Line of the invoice whose work this line gives back.",
    )
    psa_credited_work_ids = fields.One2many(
        "psa.credited.work",
        "move_line_id",
        string="Credited Work",
        readonly=True,
        copy=False,
        groups=REVIEWER_GROUPS,
    )

    def _copy_data_extend_business_fields(self, values):  # pylint: disable=missing-return  # has no value
        super()._copy_data_extend_business_fields(values)
        # sudo: see _psa_free_work
        if self.sudo().psa_proposal_line_id:
            values["psa_credits_line_id"] = self.id

    def _psa_posted_credits(self):
        """The lines of posted credit notes that take back something of these lines."""
        return self.search([("psa_credits_line_id", "in", self.ids), ("parent_state", "=", "posted")])

    def _psa_units_credited(self):
        """What this line of a credit note takes back (Decimal) in units of the line that it credits; of an
        adjustment, which bills money, it is the share."""
        self.ensure_one()
        billed, quantity = self.psa_credits_line_id, dec(self.quantity)
        if billed.price_unit and billed.sale_line_ids.psa_adjusts_line_id:
            return quantity * dec(self.price_unit) / dec(billed.price_unit)
        return quantity

    def _psa_billed_quantity(self):
        """What is left of these lines after posted credit notes, below zero on proposals that were credit
        notes themselves; see ``_psa_units_credited``.

        :return: ``{line: quantity}`` (Decimal)
        """
        notes_of = self._psa_posted_credits().grouped("psa_credits_line_id")
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        left = {}
        for line in self:
            credited = sum((note._psa_units_credited() for note in notes_of.get(line, ())), dec(0))
            # shares of money are no hundredths of a unit
            places = SHARE_DIGITS if line.sale_line_ids.psa_adjusts_line_id else digits
            quantity = round(dec(line.quantity) - credited, places)
            left[line] = dec(0) if line.parent_state == "cancel" else -line.move_id.direction_sign * quantity
        return left

    def _psa_money_billed(self):
        """``{line: net amount}`` (Decimal) that these lines of invoices bill, less what posted credit notes
        take back of them; below zero on credit notes."""
        notes = self._psa_posted_credits()
        money = {bill: -bill.move_id.direction_sign * dec(bill.price_subtotal) for bill in self | notes}
        notes_of = notes.grouped("psa_credits_line_id")
        return {bill: sum(map(money.get, bill | notes_of.get(bill, bill))) for bill in self}

    def _psa_work_beyond(self, left, credited):
        """The work on those of these lines that bill less than their work.

        Time and its correction on a line of nothing stay there until that line is credited.

        :param left: ``{line: quantity}``, see ``_psa_billed_quantity``
        :param credited: those of these lines that credit notes take back now
        """
        # sudo: see _psa_free_work
        wip = self.env["psa.wip.entry"].sudo()
        rows = wip._read_group(
            [("invoice_line_id", "in", self.ids)],
            ["invoice_line_id"],
            ["billable_quantity:sum", "amount:sum"],
        )
        beyond = [
            line.id
            for line, quantity, amount in rows
            if (not left[line] and (line in credited or round(amount, 6)))
            or abs(dec(round(quantity, 6))) > abs(left[line])
        ]
        return wip.search([("invoice_line_id", "in", beyond)]) if beyond else wip

    def _psa_left_after(self, lines):
        """What these lines of draft credit notes leave of the invoice lines ``lines``; see
        ``_psa_billed_quantity``.
        """
        left = lines._psa_billed_quantity()
        for line in self:
            billed = line.psa_credits_line_id
            left[billed] -= -billed.move_id.direction_sign * line._psa_units_credited()
        return left

    def _psa_check_credited_once(self):
        """:raises UserError: where these lines of draft credit notes take back more than was billed"""
        for billed, left in self._psa_left_after(self.psa_credits_line_id).items():
            left *= -billed.move_id.direction_sign  # in the units of the invoice
            if left * dec(billed.quantity) >= 0:
                continue
            notes = self.filtered(lambda line, billed=billed: line.psa_credits_line_id == billed)
            taken = sum(dec(line.quantity) for line in notes)
            raise UserError(
                self.env._(
                    "“%(line)s” of %(invoice)s was billed with %(billed)s, and %(credited)s of that is "
                    "credited already: %(note)s cannot take back %(taken)s more. Lower the quantity on it, "
                    "or cancel it.",
                    line=(billed.name or "").split("\n")[0],
                    invoice=billed.move_id.display_name,
                    billed=number_told(self.env, billed.quantity),
                    credited=number_told(self.env, float(dec(billed.quantity) - left - taken)),
                    note=notes[0].move_id.display_name,
                    taken=number_told(self.env, float(taken)),
                )
            )

    def _psa_is_concession(self):
        """Whether this line of a credit note takes money off without taking units back."""
        self.ensure_one()
        billed = self.psa_credits_line_id
        if (self.price_unit, self.discount) != (billed.price_unit, billed.discount):
            return True
        return bool(billed.sale_line_ids.psa_adjusts_line_id) and self.quantity != billed.quantity

    def _prepare_concession(self, name):
        """Values of the SOL that stands for money that is credited, so that the host's figures of the SOW
        line stay."""
        self.ensure_one()
        sale_line = self.sale_line_ids
        return {
            "order_id": sale_line.order_id.id,
            "product_id": self.env.ref("psa_billing.product_adjustment").id,
            "name": name,
            "product_uom_qty": -self.quantity,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "sequence": sale_line.sequence,
            "psa_adjusts_line_id": (sale_line.psa_adjusts_line_id or sale_line).id,
            "psa_billing_model": "fixed",
        }


class AccountMove(models.Model):
    _inherit = "account.move"

    def copy_data(self, default=None):
        """A debit note with the lines of an invoice of a proposal credits nothing and bills no work: its
        lines stand beside the SOW, as those of a duplicate do. The host copies them as for a credit note."""
        vals_list = super().copy_data(default)
        for move, vals in zip(self, vals_list, strict=True):
            if vals.get("move_type") != move.move_type or not move._psa_billed_lines():
                continue
            for _command, _id, line_vals in vals.get("line_ids") or ():
                for name in ("psa_credits_line_id", "sale_line_ids") if line_vals else ():
                    line_vals.pop(name, None)
        return vals_list

    def _psa_crediting_lines(self):
        """The lines of these credit notes that take back what a proposal billed."""
        # sudo: see _psa_billed_lines
        return self.sudo().invoice_line_ids.filtered("psa_credits_line_id")

    def _psa_prepare_credits(self):
        """Lines without a link find the line that they credit; concessions go on lines of their own.

        :raises UserError: where a line is credited as a whole without its adjustment, or the other way round
        """
        notes = self.filtered(lambda move: move.state == "draft" and move.reversed_entry_id)
        notes._psa_link_credits()
        crediting = notes._psa_crediting_lines()
        otherwise = crediting.filtered(lambda line: line._psa_is_concession() and line.quantity)
        shares = crediting._psa_shares()
        concessions = otherwise - shares
        names = {line: line.sale_line_ids.name for line in otherwise & shares}
        names |= {line: self.env._("Concession: %s", line.sale_line_ids.name) for line in concessions}
        (crediting - concessions - shares)._psa_check_credited_once()
        (crediting - concessions)._psa_check_adjustments(shares)
        sale_lines = (
            self.env["sale.order.line"]
            .sudo()
            .with_context(sale_no_log_for_new_lines=True, mail_notrack=True)
            .create([line._prepare_concession(name) for line, name in names.items()])
        )
        for line, sale_line in zip(names, sale_lines, strict=True):
            line.sale_line_ids = [Command.set(sale_line.ids)]
        concessions.psa_credits_line_id = False

    def _psa_link_credits(self):
        """Credit notes from before lines named what they credit, and lines that were added by hand."""
        # sudo: see _psa_billed_lines
        for note in self.sudo():
            billed = note.reversed_entry_id._psa_billed_lines()
            taken = note.invoice_line_ids.psa_credits_line_id
            for line in note.invoice_line_ids:
                if not line.sale_line_ids or line.psa_credits_line_id or line.psa_proposal_line_id:
                    continue
                same = billed.filtered(lambda other, line=line: other.sale_line_ids == line.sale_line_ids)
                line.psa_credits_line_id = (same - taken)[:1] or same[:1]
                taken |= line.psa_credits_line_id

    def _psa_settle_work(self):
        """Work beyond what the posted invoices bill, less what posted credit notes take back, is freed."""
        crediting = self._psa_crediting_lines()
        lines = self._psa_billed_lines() | crediting.psa_credits_line_id
        # sudo: see _psa_billed_lines
        credited = self.sudo().filtered(lambda move: move.move_type == "out_refund").invoice_line_ids
        if not lines:
            credited.sale_line_ids._psa_agreement_cap_changed()
            return
        left = lines._psa_billed_quantity()
        credits_of = crediting.grouped("psa_credits_line_id")
        shared = crediting.psa_credits_line_id.filtered("sale_line_ids.psa_adjusts_line_id")
        shared = {(line.move_id, line.psa_proposal_line_id) for line in shared}
        work = lines._psa_work_beyond(left, crediting.psa_credits_line_id)
        freed = work.browse()
        for billed_on, there in work.grouped(lambda part: part._psa_billed_on()).items():
            gone = []
            for line, billed in there.grouped("invoice_line_id").items():
                notes = credits_of.get(line, crediting.browse())
                pieces = billed._psa_beyond(left[line], notes.psa_credited_work_ids.wip_id)
                parts = billed.browse().union(*(part._psa_part_where_cut(piece) for part, piece in pieces))
                gone.append((notes[:1], parts))
                notes.psa_credited_work_ids.unlink()
            back = work.browse().union(*(parts for _note, parts in gone))
            if billed_on not in shared:
                back._psa_leave_remainder()
            for note, parts in gone:
                parts._psa_note_credit(note)
            freed += back
        freed._psa_leave_what_is_billed()
        with freed._psa_corrections_under_caps()._psa_keeping_caps():
            freed._psa_free()
        crediting.move_id.invoice_line_ids.sale_line_ids._psa_close_adjustments()
        (credited | crediting.move_id.invoice_line_ids).sale_line_ids._psa_agreement_cap_changed()
        if crediting:
            lines.psa_proposal_line_id._psa_settle_fixed_adjustments()
            lines.move_id._psa_proposals()._psa_cancel_unbilled()

    # -- the wizard ------------------------------------------------------------------------

    def action_psa_credit_work(self):
        """Choose work or units of this invoice and credit them."""
        self.ensure_one()
        self._psa_creditable_lines()
        action = self.env["ir.actions.act_window"]._for_xml_id("psa_billing.psa_credit_work_action")
        return {**action, "context": {"default_move_id": self.id}}

    def _psa_creditable_lines(self):
        """The lines of this posted invoice that bill units of a SOW, and are not credited as a whole.

        :raises UserError: where the invoice is not posted, or comes from no proposal, or is credited
        """
        billed = self.exists()._psa_billed_lines()
        if len(self) != 1 or not billed or self.state != "posted" or self.move_type != "out_invoice":
            raise UserError(
                self.env._("Only posted invoices that came from a proposal have work that can be credited.")
            )
        left = billed._psa_billed_quantity()
        lines = billed.filtered(lambda line: left[line] and not line.sale_line_ids.psa_adjusts_line_id)
        if not lines:
            raise UserError(self.env._("All work on %s is credited already.", self.name))
        return lines.with_env(self.env)

    def _psa_credit_only(self, quantities, chosen):
        """Keep of this draft credit note what is chosen, with what goes beside it.

        :param quantities: ``{id of the invoice line: quantity}``
        :param chosen: entries that go first
        """
        self.ensure_one()
        billed = self.reversed_entry_id._psa_billed_lines()
        wanted = {line: dec(round(quantities.get(line.id, 0.0), 6)) for line in billed}
        beside = by_adjustment(billed._psa_remainders_of(wanted, chosen))
        commands = []
        for line in self.invoice_line_ids:
            credited = line.psa_credits_line_id.sudo()
            if quantity := wanted.get(credited):
                commands.append(Command.update(line.id, {"quantity": float(quantity)}))
            elif money := beside.get(credited):
                price = credited._psa_price_of_share(money)
                commands.append(Command.update(line.id, {"price_unit": price}))
            else:
                commands.append(Command.delete(line.id))
        self.write({"invoice_line_ids": commands})
