"""Whether costs that look like others are billed: for a reason, or not at all."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..models.rights import check_reviewer


class PsaTwiceDecision(models.TransientModel):
    _name = "psa.twice.decision"
    _inherit = ["psa.review.dialog"]
    _description = "Bill What Looks Like Another Cost"

    wip_ids = fields.Many2many(
        "psa.wip.entry", string="Costs", help="Take out of the list what is decided otherwise."
    )
    first_ids = fields.Many2many(
        "psa.wip.entry",
        "psa_twice_decision_first_rel",
        readonly=True,
        help="What these look like, and what is billed where they are not.",
    )
    alike_ids = fields.Many2many(
        "psa.wip.entry",
        string="They Look Like",
        compute="_compute_alike_ids",
        help="Costs of the same day, product and amount beside those to decide on.",
    )
    decision = fields.Selection(
        [("bill", "Bill: It Is Another Cost"), ("write_off", "Do Not Bill: It Is the Same")]
    )
    reason_id = fields.Many2one("psa.adjustment.reason", help="Why it is not billed.")
    note = fields.Char(string="Why", help="Stays with the cost and in the history of the proposal.")

    @api.depends("wip_ids")
    def _compute_alike_ids(self):
        for wizard in self:
            # sudo: what makes costs look alike stands in ledgers; only costs that the user reads are shown
            costs = wizard.wip_ids._origin.sudo()
            entries = costs.analytic_line_id
            cent = max(costs.company_id.currency_id.mapped("rounding"), default=0)
            amounts = entries.mapped("amount")
            found = costs.search(
                [
                    ("kind", "!=", "time"),
                    ("id", "not in", costs.ids),
                    ("company_id", "in", costs.company_id.ids),
                    ("date", "in", costs.mapped("date")),
                    ("analytic_line_id.amount", ">=", min(amounts, default=0) - cent),
                    ("analytic_line_id.amount", "<=", max(amounts, default=0) + cent),
                    ("analytic_line_id.move_line_id.product_id", "in", entries.move_line_id.product_id.ids),
                ]
            )
            alike = (part for part in (costs | found)._psa_alike() if part & costs)
            keep = costs.browse().union(*alike) & found
            wizard.alike_ids = keep.with_env(self.env)._filtered_access("read")

    def _psa_open(self, costs):
        """Of costs that look like one another the first stays out: somebody pays once."""
        check_reviewer(costs)
        first = costs.browse()
        for alike in costs._psa_alike():
            first |= alike[:1] if len(alike) > 1 else first.browse()
        reason = self.env.ref("psa_billing.reason_twice", raise_if_not_found=False)
        fits = reason and reason.active and reason._psa_fits("write_off")
        return self._psa_dialog(
            self.env._("Perhaps Billed Twice"),
            {
                "wip_ids": (costs - first).ids,
                "first_ids": first.ids,
                "reason_id": reason.id if fits else False,
            },
        )

    def action_apply(self):
        """Bill the costs, or write them off.

        :raises ValidationError: where the reason is missing
        :raises UserError: where none is left in the list, or one is decided or billed by now
        """
        self.ensure_one()
        costs = self.wip_ids
        if not costs:
            raise UserError(self.env._("No cost is in the list: choose at least one, or close the dialog."))
        check_reviewer(costs)
        gone = costs.filtered(lambda part: not part.is_twice or part.state == "billed")
        if gone:
            raise UserError(
                self.env._("%s is decided or billed by now: open the dialog anew.", gone[0].display_name)
            )
        if self.decision == "bill":
            note = (self.note or "").strip()
            if not note:
                raise ValidationError(
                    self.env._("Say why these costs are billed although others look the same.")
                )
            # another one than its double, too, unless that was taken out of the list
            costs |= (self.first_ids & self.alike_ids).filtered("is_twice")
            costs._psa_bill_though_alike(note)
            return
        if self.decision != "write_off":
            raise ValidationError(self.env._("Choose whether these costs are billed."))
        if not self.reason_id:
            raise ValidationError(self.env._("Choose the reason for which these costs are not billed."))
        self.reason_id._psa_check("write_off", self.note)
        # sudo: the right to review was checked; nobody writes the work directly
        costs.sudo()._psa_write_off(self.reason_id, self.note)
