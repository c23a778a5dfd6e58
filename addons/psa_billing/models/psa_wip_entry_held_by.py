"""Which cap, or which retainer, holds work that waits over it."""

from odoo import api, fields, models
from odoo.tools import formatLang

from ..core.retainers import HOLD


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    held_by = fields.Char(
        string="Held by",
        compute="_compute_held_by",
        help="The caps, or the retainer, that work over a cap waits for, and what of them is used.",
    )

    @api.depends("state", "sale_line_id", "retainer_period_id.used")
    @api.depends_context("uid")
    def _compute_held_by(self):
        over = self.filtered(lambda entry: entry.state == "over_cap")
        (self - over).held_by = False
        # sudo: what holds work follows from caps, whoever may see the work
        work = over.sudo()
        of_retainer = work.filtered(
            lambda entry: entry.retainer_period_id and entry.retainer_line_id.psa_retainer_overage == HOLD
        )
        capped = work - of_retainer
        caps = capped._psa_caps_used(capped.order_id._psa_capped_together()) if capped else {}
        for entry in over:
            known = entry.sudo()
            if known in of_retainer:
                entry.held_by = known.retainer_period_id._psa_used_text()
            else:
                subjects = known._psa_holding(caps)
                entry.held_by = "; ".join(entry._psa_cap_text(one, *caps[one]) for one in subjects) or False

    def _psa_holding(self, caps):
        """The line, SOW, agreement (those of them) whose cap leaves this work the least.

        :param caps: ``{line group head, SOW or agreement: (cap, what is used of it)}``
        """
        line, order = self.sale_line_id, self.order_id
        left = {}
        head = line._psa_group_head()
        if caps.get(head, (0, 0))[0]:
            left[head] = caps[head][0] - caps[head][1]
        if line._psa_counts_against_cap():
            if caps.get(order, (0, 0))[0]:
                left[order] = caps[order][0] - caps[order][1]
            agreement = order._psa_capped_agreement()
            if agreement in caps:
                rate, _unit = order._psa_cap_currency()
                left[agreement] = (caps[agreement][0] - caps[agreement][1]) / rate
        return [subject for subject, rest in left.items() if rest == min(left.values())]

    def _psa_cap_text(self, subject, cap, used):
        """The cap of ``subject`` in words; that of an agreement tells its figures to who reads agreements."""
        if subject._name == "sale.order.line":
            name = self.env._("Cap of the line %s", subject.psa_role_id.name or subject.name)
        elif subject._name == "sale.order":
            name = self.env._("Cap of the SOW %s", subject.name)
        else:
            name = self.env._("Cap of the agreement %s", subject.display_name)
        if subject._name == "psa.agreement" and not subject.with_env(self.env).has_access("read"):
            return name
        return self.env._(
            "%(name)s: %(used)s of %(cap)s used",
            name=name,
            used=subject.currency_id.format(float(used)),
            cap=subject.currency_id.format(float(cap)),
        )


class PsaRetainerPeriod(models.Model):
    _inherit = "psa.retainer.period"

    def _psa_used_text(self):
        """What this period holds and what of it is used, in words."""
        self.ensure_one()

        def shown(figure):
            if self.grants_money:
                return self.currency_id.format(figure)
            return self.env._("%s h", formatLang(self.env, figure, grouping=False))

        return self.env._(
            "Retainer %(period)s: %(used)s of %(held)s used",
            period=self.display_name,
            used=shown(self.used),
            held=shown(self.opening + self.granted),
        )
