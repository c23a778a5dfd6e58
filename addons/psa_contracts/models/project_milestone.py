"""Milestones that the client has to accept before they are delivered, and so billed."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date
from odoo.tools.sql import column_exists, create_column

from odoo.addons.psa_project.models.defaults import only_own_defaults

from .follow import differs
from .lock import touch
from .numbers import number_told

PROJECT_MANAGER = "psa_project.group_psa_project_manager"
#: What says that the client accepted; typing it would forge an acceptance.
ACCEPTANCE_FIELDS = {
    "psa_acceptance",
    "psa_acceptance_note",
    "psa_acceptance_user_id",
    "psa_accepted_by",
    "psa_accepted_on",
}
NO_ACCEPTANCE = dict.fromkeys(ACCEPTANCE_FIELDS - {"psa_acceptance"}, False)
#: What the client accepted stays as it was.
ACCEPTED_FIELDS = {"product_uom_qty", "quantity_percentage", "sale_line_id"}


class ProjectMilestone(models.Model):
    _inherit = "project.milestone"

    psa_needs_acceptance = fields.Boolean(
        string="Client Accepts",
        compute="_compute_psa_needs_acceptance",
        compute_sudo=True,
        help="The statement of work says that milestones wait for the client's acceptance.",
    )
    psa_acceptance = fields.Selection(
        [("waits", "Waits for Acceptance"), ("accepted", "Accepted")],
        string="Acceptance",
        compute="_compute_psa_acceptance",
        store=True,
        index="btree_not_null",
        help="A milestone that waits is not billed yet.",
    )
    psa_accepted_on = fields.Date(string="Accepted On", readonly=True, copy=False)
    psa_accepted_by = fields.Char(
        string="Accepted By", readonly=True, copy=False, help="Who of the client accepted it."
    )
    psa_acceptance_note = fields.Text(
        string="Note of the Acceptance", readonly=True, copy=False, groups="base.group_user"
    )
    psa_acceptance_user_id = fields.Many2one(
        "res.users",
        string="Acceptance Recorded By",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Empty: the client accepted it in the portal.",
    )

    def _auto_init(self):
        # A column that is there already is not computed for each of a firm's old milestones at install.
        if not column_exists(self.env.cr, "project_milestone", "psa_acceptance"):
            create_column(self.env.cr, "project_milestone", "psa_acceptance", "varchar")
        return super()._auto_init()

    @api.depends("sale_line_id")
    def _compute_psa_needs_acceptance(self):
        """As the SOW says. It tells its milestones when that changes (``_psa_refresh_acceptance``): a chain
        of dependencies from its dates over its agreement would look them up, and compute again what all its
        lines have delivered, at each date that somebody moves."""
        for milestone in self:
            order = milestone.sale_line_id.order_id
            milestone.psa_needs_acceptance = bool(
                order.psa_kind and order._psa_sow().psa_milestone_acceptance
            )

    @api.depends("is_reached", "psa_accepted_on", "sale_line_id")
    def _compute_psa_acceptance(self):
        for milestone in self:
            if milestone.psa_accepted_on:
                milestone.psa_acceptance = "accepted"
            else:
                waits = milestone.is_reached and milestone.psa_needs_acceptance
                milestone.psa_acceptance = "waits" if waits else False

    def _psa_refresh_acceptance(self):
        """Follow what the SOW of these milestones says now."""
        self.invalidate_recordset(["psa_needs_acceptance"])
        self.env.add_to_compute(self._fields["psa_acceptance"], self)
        self.modified(["psa_acceptance"])

    # -- what a button calls ---------------------------------------------------------------

    def action_psa_accept(self):
        """Ask who of the client accepted this milestone, and when."""
        self.ensure_one()
        self._psa_check_manager()
        self._psa_check_waits()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record the Acceptance"),
            "res_model": "psa.accept.milestone",
            "view_mode": "form",
            "target": "new",
            "context": {"default_milestone_id": self.id},
        }

    def action_psa_withdraw_acceptance(self):
        """These milestones wait for the client again.

        :raises AccessError: for users who do not manage projects, or not this one
        :raises UserError: where a milestone is not accepted, or is billed or about to be
        """
        self._psa_check_manager()
        # sudo: the right was checked; the acceptance is written by its buttons only
        for milestone in self.sudo():
            if milestone.psa_acceptance != "accepted":
                raise UserError(self.env._("The milestone %s is not accepted.", milestone.name))
        self.sudo()._psa_withdraw_acceptance()

    # -- rules -----------------------------------------------------------------------------

    def _psa_check_manager(self):
        """:raises AccessError: for users who may not record what the client says of these milestones"""
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group(PROJECT_MANAGER)):
            raise AccessError(self.env._("Only project managers record what the client accepted."))

    def _psa_check_waits(self):
        """:raises UserError: where the client has nothing to accept"""
        self.ensure_one()
        if self.psa_acceptance == "waits":
            return
        if self.psa_acceptance == "accepted":
            raise UserError(
                self.env._(
                    "The milestone %(milestone)s was accepted already, by %(name)s on %(date)s.",
                    milestone=self.name,
                    name=self.psa_accepted_by,
                    date=format_date(self.env, self.psa_accepted_on),
                )
            )
        if not self.psa_needs_acceptance:
            raise UserError(
                self.env._("The milestone %s waits for no acceptance: reaching it is enough.", self.name)
            )
        raise UserError(self.env._("The milestone %s is not reached yet.", self.name))

    def _psa_accept(self, name, date, note=None, user=None, client=None):
        """The client accepted this milestone: it is delivered from now on. Called in sudo.

        :param name: who of the client accepted
        :param date: the day of it, not in the future
        :param user: who recorded it; None: the client, in the portal
        :param client: the partner that the client is there, who leads the project is told of it
        :raises UserError: where there is nothing to accept, nobody who accepts, or the day is to come
        """
        self.ensure_one()
        self._psa_check_waits()
        name = (name or "").strip()
        if not name:
            raise UserError(self.env._("Say who of the client accepts the milestone %s.", self.name))
        if date > fields.Date.context_today(self):
            raise UserError(
                self.env._("The milestone %s cannot be accepted on a day that is to come.", self.name)
            )
        self.write(
            {
                "psa_accepted_on": date,
                "psa_accepted_by": name,
                "psa_acceptance_note": (note or "").strip() or False,
                "psa_acceptance_user_id": user.id if user else False,
            }
        )
        self._psa_log_completion()
        if client:
            self._psa_tell_acceptance(client)

    def _psa_tell_acceptance(self, client):
        """A note on this milestone for who leads its project: ``client`` accepted it in the portal; in
        sudo."""
        manager = self.project_id.user_id.filtered("active").partner_id
        # told in the manager's language, not in that of the client's page
        told = self.with_context(lang=manager.lang or self.env.company.partner_id.lang)
        text = told.env._(
            "Accepted in the portal by %(name)s. Released for billing: %(amount)s.",
            name=self.psa_accepted_by,
            amount=told._psa_released_text(),
        )
        if self.psa_acceptance_note:
            text += " " + told.env._("Remarks: %s", self.psa_acceptance_note)
        told.message_post(
            body=text, author_id=client.id, partner_ids=manager.ids, subtype_xmlid="mail.mt_note"
        )

    def _psa_withdraw_acceptance(self):
        """:raises UserError: where a milestone is billed or about to be"""
        self._psa_check_not_billed()
        self.write(NO_ACCEPTANCE)
        self._psa_log_completion()

    def _psa_check_not_billed(self, shares=None):
        """:param shares: ``{milestone: share of its line that it does not release any more}``; where not
            given, all of it
        :raises UserError: where what these milestones released is billed, or about to be if accepted

        The proposal of one that waited for no acceptance is not approved once it is not reached any more.
        """
        shares = shares or {}
        # who bills them at the same moment is run again
        touch(self.sale_line_id.order_id._psa_sow().filtered("psa_kind"))
        released = self.filtered(
            lambda milestone: milestone.sale_line_id.order_id.psa_kind and milestone.psa_acceptance != "waits"
        )
        for line, milestones in released.grouped("sale_line_id").items():
            lost = sum(shares.get(one, one.quantity_percentage) for one in milestones)
            left = line.qty_delivered - line.product_uom_qty * lost
            accepted = milestones.filtered(lambda milestone: milestone.psa_acceptance == "accepted")
            taken = line._psa_quantity_taken() if accepted else line._psa_quantity_billed()
            if taken > left + 0.000001:
                raise UserError((accepted or milestones)[0]._psa_billed_message())

    def _psa_billed_message(self):
        """That this milestone is billed, and the way out."""
        if self.psa_acceptance == "accepted":
            return self.env._(
                "The milestone %(milestone)s was accepted and is billed on %(order)s, or about to "
                "be. Have that taken back first by who bills: cancel its proposal, delete its draft "
                "invoice or credit the posted one.",
                milestone=self.name,
                order=self.sale_line_id.order_id.name,
            )
        return self.env._(
            "The milestone %(milestone)s is billed on %(order)s. Have that taken back first by who bills: "
            "delete its draft invoice or credit the posted one.",
            milestone=self.name,
            order=self.sale_line_id.order_id.name,
        )

    # -- guards ----------------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """A line of a SOW that is released in full by other milestones is not proposed to a further one."""
        values = only_own_defaults(self, super().default_get(fields_list), ACCEPTANCE_FIELDS)
        # sudo: whether a line is released in full, whoever plans the project
        line = self.env["sale.order.line"].sudo().browse(values.get("sale_line_id") or ())
        if line.order_id.psa_kind and self._psa_shares_of(line)[line] > 1 - 0.000001:
            values["sale_line_id"] = False
        return values

    @api.model
    def _psa_shares_of(self, lines):
        """``{line: share of it that all its milestones make up}``, 1 is the whole."""
        # sudo: all milestones count, also those of projects that the user does not see
        rows = self.sudo()._read_group(
            [("sale_line_id", "in", lines.ids)], ["sale_line_id"], ["quantity_percentage:sum"]
        )
        return {**dict.fromkeys(lines, 0.0), **dict(rows)}

    @api.constrains("sale_line_id", "quantity_percentage")
    def _check_psa_shares(self):
        """More than the whole of a line of a SOW would be billed."""
        # sudo: which contract a line belongs to decides, whoever writes
        lines = self.sudo().sale_line_id.filtered("order_id.psa_kind")
        if not lines:
            return
        # two people who split one line at once
        touch(lines)
        for line, share in self._psa_shares_of(lines).items():
            if share > 1 + 0.000001:
                raise ValidationError(
                    self.env._(
                        "The milestones of %(line)s on %(order)s would make up %(share)s %% of it. Lower the "
                        "quantity of the others first, or leave the sales order item of this one empty.",
                        line=(line.name or "").split("\n")[-1],
                        order=line.order_id.name,
                        share=number_told(self.env, 100 * share),
                    )
                )

    def copy_data(self, default=None):
        """A copy, as of a project that is duplicated or made a template, releases nothing of a SOW: the
        milestone that was signed does."""
        data = super().copy_data(default)
        if "sale_line_id" not in (default or {}):
            # sudo: which contract a line belongs to decides, whoever copies
            for milestone, values in zip(self.sudo(), data, strict=True):
                if milestone.sale_line_id.order_id.psa_kind:
                    values["sale_line_id"] = False
        return data

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._psa_check_not_typed(vals)
        return super().create([self._psa_with_share(vals) for vals in vals_list])

    @api.model
    def _psa_with_share(self, vals):
        """``vals`` of a milestone of a SOW with the share that its quantity is, so that it is checked as it
        will be: the host takes the whole line until the milestone is stored."""
        # sudo: what was ordered, whoever plans the project
        line = self.env["sale.order.line"].sudo().browse(vals.get("sale_line_id") or ())
        if "product_uom_qty" not in vals or "quantity_percentage" in vals or not line.order_id.psa_kind:
            return vals
        ordered = line.product_uom_qty
        return {**vals, "quantity_percentage": ordered and (vals["product_uom_qty"] or 0.0) / ordered}

    def write(self, vals):
        """A milestone that is not reached after all is not accepted any more either."""
        self._psa_check_not_typed(vals)
        # sudo: what is accepted and billed counts, whoever writes
        accepted = self.sudo().filtered(lambda milestone: milestone.psa_acceptance == "accepted")
        changed = accepted.filtered(
            lambda milestone: any(
                differs(milestone, name, vals[name]) for name in ACCEPTED_FIELDS & vals.keys()
            )
        )
        if changed:
            raise UserError(
                self.env._(
                    "The client accepted the milestone %s as it is. Have a project manager press “Take Back "
                    "Acceptance”, then change it.",
                    changed[0].name,
                )
            )
        lost = self.sudo().filtered("is_reached") if not vals.get("is_reached", True) else accepted.browse()
        lost._psa_check_not_billed()
        lowered = (self.sudo().filtered("is_reached") - lost)._psa_lowered_shares(vals)
        self.browse().sudo().union(*lowered)._psa_check_not_billed(lowered)
        result = super().write(vals)
        if lost & accepted:
            (lost & accepted).write(NO_ACCEPTANCE)
        return result

    def _psa_lowered_shares(self, vals):
        """``{milestone: share of its line}`` that these reached milestones release no more after ``vals``."""
        lowered = {}
        for milestone in self:
            line, share = milestone.sale_line_id, milestone.quantity_percentage
            left = vals.get("quantity_percentage", share)
            if "product_uom_qty" in vals and line.product_uom_qty:
                left = vals["product_uom_qty"] / line.product_uom_qty
            if "sale_line_id" in vals and differs(milestone, "sale_line_id", vals["sale_line_id"]):
                left = 0.0
            if line and share - left > 0.000001:
                lowered[milestone] = share - left
        return lowered

    def _psa_check_not_typed(self, vals):
        if not self.env.su and any(vals.get(name) for name in ACCEPTANCE_FIELDS):
            raise AccessError(
                self.env._(
                    "What the client accepted is recorded with the button “Record Acceptance”, or comes from "
                    "the portal. It cannot be written."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        # sudo: see write
        self.sudo().filtered(
            lambda milestone: milestone.is_reached or milestone.psa_acceptance == "accepted"
        )._psa_check_not_billed()
