"""Work that is moved to another line of its SOW: the approved entry goes with it."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.psa_contracts.core.billing_models import TIME_MATERIAL
from odoo.addons.psa_contracts.models.sow_landing import COVERED_MODELS

from .psa_billing_proposal import EDITABLE_STATES

MOVABLE_STATES = ("covered", "open", "held", "over_cap", "proposed", "written_off")


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_move(self, target):
        """All work of these entries goes to the line group of ``target``, there to the line at the price of
        the day as when time is approved. It is rated again; what was adjusted of it is taken back.

        What was on a proposal is on it again, below its new line; what was held stays held.

        :raises UserError: where an entry is billed in part, no time, or of another SOW; or others have used
            the room that a correction gave under a cap
        """
        entries = self.analytic_line_id
        parts = self.search([("analytic_line_id", "in", entries.ids)])
        parts._psa_check_movable(target)
        adjustments, old_lines = parts.adjustment_id, parts.proposal_line_id
        proposals = {part.analytic_line_id: part.proposal_id for part in parts if part.state == "proposed"}
        held = parts.filtered(lambda part: part.state == "held").analytic_line_id
        days, orders = parts._psa_rounded_days(), parts.order_id._psa_under_caps()
        with parts._psa_corrections_under_caps()._psa_keeping_caps():
            parts.unlink()
            adjustments._psa_settle()
            entries._psa_change_line(target)
            self._psa_rate(entries)
            self.browse()._psa_recut(orders, days=days)
            work = self.search([("analytic_line_id", "in", entries.ids), ("state", "=", "open")])
            work.filtered(lambda part: part.analytic_line_id in held).write({"state": "held"})
            work._psa_put_on(proposals)
            old_lines._psa_refresh()

    def _psa_check_movable(self, target):
        """:raises UserError: where the work of one of these parts cannot go to ``target``"""
        beside = target.psa_adjusts_line_id or target.psa_overage_of_line_id
        if target.psa_billing_model not in (TIME_MATERIAL, *COVERED_MODELS) or beside:
            raise UserError(
                self.env._(
                    "%s is not sold by work. Choose a line with a role of the same statement of work.",
                    target.display_name,
                )
            )
        if target.psa_billing_model == TIME_MATERIAL and target._psa_is_unpriced():
            raise UserError(
                self.env._(
                    "%s has no price. Choose a line that has one, or sell the role at a price by a change "
                    "order and choose its line.",
                    target.display_name,
                )
            )
        for part in self:
            values = {"entry": part.name or "", "date": format_date(self.env, part.date)}
            if part.order_id != target.order_id._psa_sow() or target.order_id.state != "sale":
                raise UserError(
                    self.env._(
                        "%(entry)s of %(date)s was worked for %(order)s: it can go to a line of that "
                        "statement of work and its confirmed change orders only.",
                        order=part.order_id.name,
                        **values,
                    )
                )
            if not part.analytic_line_id.project_id:
                raise UserError(
                    self.env._("%(entry)s of %(date)s is no time: it stays on its line.", **values)
                )
            outside = part.state == "written_off" and not part.proposal_id
            if outside or not part._psa_is_movable():
                raise UserError(part._psa_reopen_message())
            if part.state == "covered" and part._psa_is_in_closed_period():
                raise UserError(part._psa_closed_period_message())

    def _psa_is_movable(self):
        """Whether this part is neither billed nor on a proposal that is approved."""
        self.ensure_one()
        closed = self.proposal_id and self.proposal_id.state not in EDITABLE_STATES
        return self.state in MOVABLE_STATES and not closed

    def _psa_put_on(self, proposals):
        """Open work goes on the lines of its proposal.

        :param proposals: ``{analytic line: proposal}``
        """
        on_proposal = self.filtered(
            lambda part: proposals.get(part.analytic_line_id) and part.state == "open"
        )
        for (proposal, sale_line), parts in on_proposal.grouped(
            lambda part: (proposals[part.analytic_line_id], part.sale_line_id)
        ).items():
            line = proposal.line_ids.filtered(
                lambda line, sale_line=sale_line: line.sale_line_id == sale_line and not line.is_held
            )[:1]
            if not line:
                line = line.create(
                    {"proposal_id": proposal.id, "sale_line_id": sale_line.id, "sequence": sale_line.sequence}
                )
            parts.write({"state": "proposed", "proposal_line_id": line.id})
            line._psa_refresh()
            proposal._psa_arrange()


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    def _psa_change_line(self, target):
        """Put this approved time, which has no work in progress, on the line group of ``target``."""
        self.is_so_line_edited = False
        self._psa_put_on_lines(dict.fromkeys(self, target))
        self._psa_move_to_steps()
        # a choice of somebody, as in the host: it stays when the time is recalled
        self.is_so_line_edited = True
