"""Another rate of tax by law: what is not billed yet of signed statements of work is billed with it."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class PsaReplaceTax(models.TransientModel):
    """A tax is no part of what client and seller agree on: prices are before taxes, and the law says which
    tax the day of the work has. Only where the price carries its taxes another tax would change what the
    seller gets."""

    _name = "psa.replace.tax"
    _description = "Replace Taxes on Statements of Work"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    tax_id = fields.Many2one(
        "account.tax",
        required=True,
        check_company=True,
        domain="[('type_tax_use', '=', 'sale'), ('active', 'in', [True, False])]",
        context={"active_test": False},
        help="The tax that does not hold any more; also an archived one.",
    )
    new_tax_id = fields.Many2one(
        "account.tax",
        string="Replace With",
        required=True,
        check_company=True,
        domain="[('type_tax_use', '=', 'sale'), ('id', '!=', tax_id)]",
    )
    order_ids = fields.Many2many(
        "sale.order",
        string="Statements of Work",
        domain="[('psa_kind', '=', 'sow'), ('state', '!=', 'cancel'), ('company_id', '=', company_id)]",
        help="With their change orders. Empty: all of them.",
    )
    line_ids = fields.Many2many("sale.order.line", string="Lines", compute="_compute_line_ids")

    @api.depends("company_id", "tax_id", "order_ids")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = wizard._psa_lines()

    def _psa_lines(self):
        """The lines with the tax that have something to bill, in sudo.

        :raises AccessError: for a company that the user does not work in
        """
        self.ensure_one()
        self.company_id.check_access("read")
        # sudo: who administers taxes sees where they stand
        lines = self.env["sale.order.line"].sudo()
        if not self.tax_id:
            return lines
        domain = [
            ("tax_ids", "in", self.tax_id.ids),
            ("company_id", "=", self.company_id.id),
            ("order_id.psa_kind", "!=", False),
            ("state", "in", ("draft", "sent", "sale")),
            ("display_type", "=", False),
            ("is_downpayment", "=", False),  # it is deducted with the tax that was paid
        ]
        if self.order_ids:
            orders = self.order_ids.ids
            domain += ["|", ("order_id", "in", orders), ("order_id.psa_parent_id", "in", orders)]
        lines = lines.search(domain, order="order_id, sequence, id")
        return lines - lines._psa_done()

    def action_replace(self):
        """Put the new tax in the place of the old one, and note it on each statement of work.

        :raises AccessError: for a company that the user does not work in
        :raises UserError: where nothing has the tax, or a tax is part of the price
        """
        self.ensure_one()
        lines = self._psa_lines()
        self._psa_check(lines)
        locked = lines.order_id.filtered("locked")
        locked.locked = False  # the law changes what nobody may edit
        for order, own in lines.grouped("order_id").items():
            own.tax_ids = [Command.unlink(self.tax_id.id), Command.link(self.new_tax_id.id)]
            order.message_post(
                body=self.env._(
                    "The tax %(old)s was replaced with %(new)s on: %(lines)s.",
                    old=self.tax_id.name,
                    new=self.new_tax_id.name,
                    lines=", ".join(own.mapped("name")),
                )
            )
        locked.locked = True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(tax)s now stands on %(lines)s lines of %(orders)s orders.",
                    tax=self.new_tax_id.name,
                    lines=len(lines),
                    orders=len(lines.order_id),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _psa_check(self, lines):
        if self.tax_id == self.new_tax_id:
            raise UserError(self.env._("Choose the tax that takes the place of %s.", self.tax_id.name))
        included = (self.tax_id | self.new_tax_id).filtered("price_include")
        if included:
            raise UserError(
                self.env._(
                    "%s is part of the price: with another tax in it you would get another price than was "
                    "agreed. Agree on a change order, or choose the tax on the draft invoices.",
                    included[0].name,
                )
            )
        if not lines:
            raise UserError(
                self.env._(
                    "%s is on no line of these statements of work that is still billed.", self.tax_id.name
                )
            )
