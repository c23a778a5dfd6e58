"""Going live in the middle of contracts: what was worked, billed and left of a SOW line by a day."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from odoo.addons.psa_contracts.core.billing_models import RETAINER

from ..core.money import dec
from ..core.opening import Opening

#: What importing a row again replaces.
FIGURES = (
    "worked_hours",
    "billed_amount",
    "billed_quantity",
    "cap_used",
    "retainer_balance",
    "unbilled_amount",
)


class PsaOpeningBalance(models.Model):
    _name = "psa.opening.balance"
    _inherit = "psa.import.again"
    _description = "Opening Balance of a SOW Line"
    _order = "order_id, sale_line_id"
    _check_company_auto = True

    order_name = fields.Char(
        string="SOW Number",
        help="For the import: number of the statement of work, or of the change order that has the line.",
    )
    line_number = fields.Integer(
        help="For the import: number of the line on it, from 1, without sections and notes."
    )
    sale_line_id = fields.Many2one(
        "sale.order.line",
        string="SOW Line",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("psa_kind", "!=", False), ("state", "=", "sale"), ("display_type", "=", False)],
    )
    order_id = fields.Many2one(related="sale_line_id.order_id", string="SOW", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", string="Client", store=True)
    company_id = fields.Many2one(related="sale_line_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="sale_line_id.currency_id", store=True)
    billing_model = fields.Selection(related="sale_line_id.psa_billing_model")
    date = fields.Date(
        string="As Of",
        required=True,
        help="Last day in the former system, inclusive. What is logged here comes after it.",
    )
    worked_hours = fields.Float(help="Hours worked by that day, billable or not. For information.")
    billed_amount = fields.Monetary(string="Billed", help="Invoiced by that day, without taxes.")
    billed_quantity = fields.Float(
        digits="Product Unit",
        help="The same in the unit of the line. 0: what the amount comes to at the price of the line.",
    )
    cap_used = fields.Monetary(
        help="What of a cap is used up, without taxes. 0: billed and unbilled work on time and material "
        "lines, and on those for expenses that count against it.",
    )
    retainer_balance = fields.Float(
        string="Retainer Left",
        help="What is left of a retainer at the end of that day, in hours or money as it grants them. Where "
        "a period is under way, its grant is part of it.",
    )
    unbilled_amount = fields.Monetary(
        string="Unbilled WIP",
        help="Work, or expenses, by that day that are still to be billed, without taxes: the next billing "
        "run proposes them on a line of their own.",
    )
    wip_line_id = fields.Many2one(
        "sale.order.line", string="Line of the Unbilled WIP", readonly=True, copy=False, ondelete="restrict"
    )

    rest_line_id = fields.Many2one(
        "sale.order.line",
        string="Line of the Rounding",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="What was billed of a fixed price and its quantity of two digits does not say. The next invoice "
        "takes it off again.",
    )

    _once = models.Constraint(
        "UNIQUE(sale_line_id)",
        "A line of a statement of work opens once only: change the opening balance that it has.",
    )
    _not_negative = models.Constraint(
        "CHECK(COALESCE(worked_hours, 0) >= 0 AND COALESCE(billed_amount, 0) >= 0 "
        "AND COALESCE(billed_quantity, 0) >= 0 AND COALESCE(cap_used, 0) >= 0 "
        "AND COALESCE(unbilled_amount, 0) >= 0)",
        "Hours and amounts of an opening balance cannot be negative.",
    )

    @api.depends("sale_line_id", "date")
    def _compute_display_name(self):
        for opening in self:
            day = opening.date and format_date(self.env, opening.date)
            opening.display_name = ", ".join(filter(None, (opening.sale_line_id.display_name, day)))

    # -- bringing it in --------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A row for a line and day that is here already replaces it, so that an import can be repeated."""
        rows = [self._psa_with_line(vals) for vals in vals_list]
        for vals in rows:
            self._psa_check_figures(vals)
        lines = [vals["sale_line_id"] for vals in rows]
        self._psa_lock(self.env["sale.order.line"].browse(lines))
        known = {opening.sale_line_id.id: opening for opening in self.search([("sale_line_id", "in", lines)])}
        answer, new = {}, []
        for number, vals in enumerate(rows):
            opening = known.get(vals["sale_line_id"])
            if opening is None:
                new.append((number, vals))
                continue
            opening._psa_check_same_day(vals)
            answer[number] = opening.id
            figures = {name: vals.get(name) or 0 for name in FIGURES}
            if not opening._psa_says(figures):
                opening.write({**vals, **figures})
        created = super().create([vals for _number, vals in new])
        created._psa_check_free()
        created._psa_take_in()
        answer.update({number: one.id for (number, _vals), one in zip(new, created, strict=True)})
        return self.browse([answer[number] for number in range(len(rows))])

    def write(self, vals):
        if self.env.su and vals.keys() <= {"wip_line_id", "rest_line_id"}:  # what follows from the balance
            return super().write(vals)
        self._psa_lock(self.sale_line_id)
        self._psa_check_free()
        vals = self._psa_with_line(vals) if "order_name" in vals else vals
        self._psa_check_same_line(vals)
        result = super().write(vals)
        self._psa_take_in()
        return result

    def unlink(self):
        self._psa_lock(self.sale_line_id)
        self._psa_check_free()
        self._psa_take_out()
        sows, heads = self.order_id._psa_sow(), self.sale_line_id._psa_group_heads()
        result = super().unlink()
        self._psa_recut_caps(sows)
        self.env["psa.retainer.period"]._psa_draw(heads)
        return result

    @api.model
    def _psa_lock(self, lines):
        """Who opens or bills the SOWs of these lines at the same moment is run again on what is done here."""
        # sudo: which SOWs they are of, whoever brings balances in
        self.env["psa.wip.entry"].sudo()._psa_lock_orders(lines.sudo().order_id._psa_sow())

    @api.model
    def _psa_check_figures(self, vals):
        """The constraint of the database cannot say which row of a file it refuses."""
        if any(float(vals.get(name) or 0) < 0 for name in FIGURES if name != "retainer_balance"):
            line = self.env["sale.order.line"].browse(vals["sale_line_id"])
            raise ValidationError(
                self.env._(
                    "%s: hours and amounts of an opening balance cannot be negative.", line.display_name
                )
            )

    def _psa_says(self, figures):
        """Whether a row of a file says what is here already: a file that was mended in some rows is imported
        again as a whole, also where others have been billed since."""
        self.ensure_one()
        return not any(round(float(value) - self[name], 2) for name, value in figures.items())

    def _psa_check_same_day(self, vals):
        self.ensure_one()
        if vals.get("date") and fields.Date.to_date(vals["date"]) != self.date:
            raise ValidationError(
                self.env._(
                    "%(line)s opens on %(date)s already. Delete that opening balance first, or import the "
                    "same day.",
                    line=self.sale_line_id.display_name,
                    date=format_date(self.env, self.date),
                )
            )

    def _psa_check_same_line(self, vals):
        for opening in self:
            if vals.get("sale_line_id", opening.sale_line_id.id) != opening.sale_line_id.id:
                raise ValidationError(
                    self.env._(
                        "%s has this opening balance. Delete it, and enter another one for the other line.",
                        opening.sale_line_id.display_name,
                    )
                )

    @api.constrains("sale_line_id", "retainer_balance", "unbilled_amount", "billed_amount", "billed_quantity")
    def _check_line(self):
        for opening in self:
            line = opening.sale_line_id
            problem = None
            if not line.order_id.psa_kind or line.state != "sale" or line.display_type:
                problem = self.env._("it is no line of a confirmed statement of work.")
            elif opening.retainer_balance and not line._psa_is_drawn():
                problem = self.env._(
                    "it is no retainer that grants hours or money, so nothing is left of it."
                )
            elif opening.unbilled_amount and not (
                line._psa_is_time_material() or line.psa_billing_model == "expense"
            ):
                problem = self.env._(
                    "only time and material and expenses have unbilled amounts: what is due of other lines "
                    "follows from them."
                )
            else:
                problem = line._psa_opened_beyond(opening)
            if problem:
                raise ValidationError(
                    self.env._("%(line)s: %(problem)s", line=line.display_name, problem=problem)
                )

    # -- what builds on it -----------------------------------------------------------------

    def _psa_check_free(self):
        """:raises UserError: where something was billed here since"""
        # sudo: that something is billed counts, whoever changes the opening balance
        proposed = (
            self.env["psa.billing.proposal.line"]
            .sudo()
            .search(
                [
                    ("sale_line_id", "in", (self.sale_line_id | self.wip_line_id).ids),
                    ("proposal_state", "!=", "cancelled"),
                ],
                limit=1,
            )
        )
        if proposed:
            raise UserError(
                self.env._(
                    "%(line)s is on the proposal %(proposal)s: its opening balance is built upon. Cancel the "
                    "proposal, or delete or credit its invoice, first.",
                    line=proposed.sale_line_id.display_name,
                    proposal=proposed.proposal_id.display_name,
                )
            )
        # sudo: what is invoiced counts, whoever may read the invoice
        invoiced = (
            (self.sale_line_id | self.wip_line_id)
            .sudo()
            .invoice_lines.move_id.filtered(lambda move: move.state != "cancel")
        )
        standing = invoiced.filtered(lambda move: not move.reversal_move_ids and not move.reversed_entry_id)
        if standing:
            raise UserError(
                self.env._(
                    "%(move)s bills %(line)s: its opening balance is built upon. Credit the invoice first.",
                    move=standing[0].display_name,
                    line=self[:1].display_name,
                )
            )

    # -- what follows from it --------------------------------------------------------------

    def _psa_take_in(self):
        """Bring retainers, caps and unbilled work to what these say."""
        # sudo: what follows from a balance that the user may write
        openings = self.sudo()
        for opening in openings:
            opening._psa_set_wip_line()
            opening._psa_set_rest_line()
            if opening.billing_model == RETAINER:
                opening._psa_set_periods()
        openings._psa_recut_caps(openings.order_id._psa_sow())
        # unbilled work is billed beside what is proposed and billed
        unbilled = openings.filtered("unbilled_amount").order_id._psa_sow()
        unbilled._psa_under_caps()._psa_check_caps_left()

    def _psa_take_out(self):
        openings = self.sudo()  # sudo: see _psa_take_in
        for opening in openings:
            opening._psa_release_periods()
        # a line of a signed order stays, with nothing on it
        (openings.wip_line_id | openings.rest_line_id).write({"price_unit": 0, "product_uom_qty": 0})

    @api.model
    def _psa_recut_caps(self, sows):
        # sudo: see _psa_take_in
        self.env["psa.wip.entry"].sudo()._psa_recut(sows.sudo()._psa_under_caps())
        sows.sudo()._psa_cut_waiting_costs()
        sows.sudo()._psa_release_costs()

    def _psa_env_of_client(self):
        """The environment in the language of who reads the invoices."""
        lang = self.sale_line_id.order_id.partner_invoice_id.lang
        return self.with_context(lang=lang).env if lang else self.env

    def _psa_set_wip_line(self):
        """Unbilled work stands on a line of its own, quantity 1, so that it is billed to the cent."""
        self.ensure_one()
        line, env = self.sale_line_id, self._psa_env_of_client()
        told = {"date": format_date(env, self.date), "line": line.name}
        values = {
            **line._prepare_beside("psa_billing.product_adjustment", line._psa_gross(self.unbilled_amount)),
            "name": env._("Expenses until %(date)s: %(line)s", **told)
            if line.psa_billing_model == "expense"
            else env._("Work until %(date)s: %(line)s", **told),
            "psa_billing_model": "fixed",
            "psa_phase_id": line.psa_phase_id.id,
        }
        self._psa_keep_line("wip_line_id", values)

    def _psa_set_rest_line(self):
        """What was billed of a fixed price beside its quantity stands on a line that adjusts it, billed."""
        self.ensure_one()
        line, env = self.sale_line_id, self._psa_env_of_client()
        text = env._(
            "Rounding of what was billed until %(date)s: %(line)s",
            date=format_date(env, self.date),
            line=line.name,
        )
        rest = line._psa_opening_rest(self)
        self._psa_keep_line("rest_line_id", line._prepare_psa_adjustment(text, rest))

    def _psa_keep_line(self, name, values):
        """The line in the field ``name`` sells one of the price in ``values``, nothing where that is zero."""
        price = values["price_unit"]
        amounts = {"price_unit": price, "product_uom_qty": 1 if price else 0}
        if self[name]:
            self[name].write(amounts)
        elif price:
            line = self.sale_line_id.with_context(sale_no_log_for_new_lines=True)
            self[name] = line.create({**values, **amounts})

    def _psa_opening(self):
        """The ``Opening`` of core that these figures are."""
        self.ensure_one()
        return Opening(dec(self.billed_amount), dec(self.unbilled_amount), dec(self.billed_quantity) or None)
