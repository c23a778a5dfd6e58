"""What is completed in delivery is said where sales looks: on the opportunity and on the client."""

from collections import defaultdict

from markupsafe import Markup

from odoo import models
from odoo.tools import format_amount

from ..core.billing_models import FIXED


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_log_completions(self, texts):
        """Log one note on the opportunity and one on the client of each SOW, whatever number of its parts
        was completed at once. Notes are internal: nothing is mailed, portal users do not see them.

        :param texts: ``{SOW: [text]}``
        """
        notes = {"crm.lead": defaultdict(list), "res.partner": defaultdict(list)}
        for order, lines in texts.items():
            # sudo: a project manager completes work without rights to the order, its opportunity or client;
            # what is written follows from the completion alone.
            order = order.sudo()
            for record in (order.opportunity_id, order.partner_id.commercial_partner_id):
                if record:
                    notes[record._name][record.id] += [
                        Markup("%s: %s") % (order._get_html_link(title=order.name), line) for line in lines
                    ]
        for model, bodies in notes.items():
            if bodies:
                # sudo: who completes a milestone need not be allowed to write on the client
                self.env[model].sudo().browse(bodies)._message_log_batch(
                    bodies={res_id: Markup("<br/>").join(lines) for res_id, lines in bodies.items()}
                )

    def _psa_format_amount(self, amount):
        self.ensure_one()
        return format_amount(self.env, amount, self.currency_id)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_released_amount(self):
        """What of this line may be billed, before taxes, in the currency of the order: a fixed price in
        full, else what was delivered (approved time, reached milestones, due periods)."""
        self.ensure_one()
        if self.psa_billing_model == FIXED:
            return self.price_subtotal
        return self.currency_id.round(self.price_reduce_taxexcl * self.qty_delivered)


class ProjectMilestone(models.Model):
    _inherit = "project.milestone"

    def write(self, vals):
        reached = bool(vals.get("is_reached"))
        changed = self.filtered(lambda milestone: milestone.is_reached != reached)
        result = super().write(vals)
        if "is_reached" in vals:
            changed._psa_log_completion()
        return result

    def _psa_log_completion(self):
        """Say that these milestones were reached, or were not after all, and what that releases."""
        texts = defaultdict(list)
        for milestone in self:
            # sudo: see sale.order._psa_log_completions
            line = milestone.sale_line_id.sudo()
            if not line.order_id.psa_kind:
                continue
            order, released = line.order_id._psa_sow(), milestone.sudo()._psa_released_text()
            if milestone.psa_acceptance == "waits":
                text = self.env._(
                    "milestone %(milestone)s reached. It waits for the client's acceptance: %(amount)s.",
                    milestone=milestone.name,
                    amount=released,
                )
            elif milestone.psa_acceptance == "accepted":
                text = self.env._(
                    "milestone %(milestone)s accepted by %(name)s. Released for billing: %(amount)s.",
                    milestone=milestone.name,
                    name=milestone.psa_accepted_by,
                    amount=released,
                )
            elif milestone.is_reached:
                text = self.env._(
                    "milestone %(milestone)s reached. Released for billing: %(amount)s.",
                    milestone=milestone.name,
                    amount=released,
                )
            else:
                text = self.env._(
                    "milestone %(milestone)s is not reached after all. No longer released: %(amount)s.",
                    milestone=milestone.name,
                    amount=released,
                )
            texts[order].append(text)
        self.env["sale.order"]._psa_log_completions(texts)

    def _psa_released_text(self):
        """The net amount that this milestone releases, in words."""
        self.ensure_one()
        line = self.sale_line_id
        amount = line.currency_id.round(line.price_subtotal * self.quantity_percentage)
        return line.order_id._psa_format_amount(amount)


class PsaPhase(models.Model):
    _inherit = "psa.phase"

    def write(self, vals):
        done = vals.get("state") == "done"
        changed = self.filtered(lambda phase: (phase.state == "done") != done)
        result = super().write(vals)
        if "state" in vals:
            changed._psa_log_completion()
        return result

    def _psa_log_completion(self):
        """Say that these phases are done, or open again, and what of their lines may be billed."""
        # sudo: see sale.order._psa_log_completions
        lines = (
            self.env["sale.order.line"]
            .sudo()
            .search(
                [
                    ("psa_phase_id", "in", self.ids),
                    ("display_type", "=", False),
                    ("state", "=", "sale"),
                    ("order_id.psa_kind", "!=", False),
                ]
            )
        )
        by_phase = lines.grouped("psa_phase_id")
        texts = defaultdict(list)
        for phase in self:
            own = by_phase.get(phase, lines.browse())
            # sudo: which SOW a project delivers, for project managers without rights in sales
            order = (own[:1] or phase.project_id.sudo().sale_line_id).order_id
            if order.psa_kind:
                order = order._psa_sow()
                texts[order].append(phase._psa_completion_text(order, own))
        self.env["sale.order"]._psa_log_completions(texts)

    def _psa_completion_text(self, order, lines):
        """What to say of this phase on ``order``, which has ``lines`` in it (in sudo)."""
        self.ensure_one()
        if self.state != "done":
            return self.env._("phase %s is open again.", self.name)
        labels = dict(lines._fields["psa_billing_model"]._description_selection(self.env))
        amounts = defaultdict(float)
        for line in lines:
            amounts[line.psa_billing_model] += line._psa_released_amount()
        parts = [
            f"{labels.get(model, '')} {order._psa_format_amount(amount)}"
            for model, amount in amounts.items()
            if not order.currency_id.is_zero(amount)
        ]
        if not parts:
            return self.env._("phase %s done. It released nothing for billing.", self.name)
        return self.env._(
            "phase %(phase)s done. Released for billing: %(amount)s (%(parts)s).",
            phase=self.name,
            amount=order._psa_format_amount(sum(amounts.values())),
            parts=", ".join(parts),
        )
