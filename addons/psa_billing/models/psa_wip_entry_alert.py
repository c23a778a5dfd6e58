"""Who has to know that a cap is nearly, or all, used up."""

from collections import defaultdict

from odoo import fields, models

from ..core.caps import levels_reached
from ..core.money import dec
from .psa_wip_entry import DELIVERED_STATES


class PsaCapAlert(models.Model):
    _name = "psa.cap.alert"
    _description = "Alert of a Cap"
    _order = "id desc"

    order_id = fields.Many2one("sale.order", string="SOW", readonly=True, index=True, ondelete="cascade")
    sale_line_id = fields.Many2one(
        "sale.order.line", string="SOW Line", readonly=True, index=True, ondelete="cascade"
    )
    agreement_id = fields.Many2one("psa.agreement", readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    level = fields.Integer(required=True, readonly=True, help="Per cent of the cap that were reached.")
    cap_amount = fields.Monetary(string="Cap", readonly=True)
    used_amount = fields.Monetary(
        string="Used", readonly=True, help="Work and fixed prices within the cap when it was reached."
    )
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null")

    _once_a_level = models.UniqueIndex(
        "(COALESCE(agreement_id, 0), COALESCE(sale_line_id, 0), COALESCE(order_id, 0), level)",
        "A cap is told of once at each level.",
    )

    def _psa_subject(self):
        """The line, SOW or agreement whose cap it is."""
        self.ensure_one()
        return self.sale_line_id or self.order_id or self.agreement_id

    def _psa_cap_reached(self):
        """What else follows when caps reach a level, for the addons above: a risk log, say."""

    def _psa_cap_withdrawn(self):
        """What else follows when a cap was changed, so that these alerts go."""

    def _psa_is_of(self, cap):
        """Whether it was told of a ``cap`` of this amount: a raised cap that is used up again is news."""
        return not self.currency_id.compare_amounts(self.cap_amount, float(cap))

    def _psa_withdraw(self):
        self._psa_cap_withdrawn()
        self.activity_id.unlink()
        self.unlink()

    def _psa_tell(self):
        """Put an activity where the person who has to know works: the project, the SOW or the agreement."""
        self.ensure_one()
        record, user = self._psa_responsible()
        if not user:
            return
        values = {
            "subject": (self.sale_line_id or self.order_id or self.agreement_id).display_name,
            "level": self.level,
            "used": self.currency_id.format(self.used_amount),
            "cap": self.currency_id.format(self.cap_amount),
        }
        self.activity_id = record.activity_schedule(
            "mail.mail_activity_data_warning",
            user_id=user.id,
            summary=self.env._("%(level)s %% of the cap reached: %(subject)s", **values),
            note=self.env._(
                "%(used)s of %(cap)s are used. Work over the cap is not billed: agree with the client on a "
                "higher cap, or on less work.",
                **values,
            ),
        )

    def _psa_responsible(self):
        """(record, user): the project manager, else the owner of the SOW; of an agreement its owner"""
        if self.agreement_id:
            return self.agreement_id, self.agreement_id.user_id
        project = self.order_id._psa_project()
        if project.user_id:
            return project, project.user_id
        return self.order_id, self.order_id.user_id


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_warn_of_caps(self, orders):
        """Tell of the caps of these SOWs that reached a level, and take back what does not hold any more.

        :param orders: SOWs, with all those that share the cap of an agreement
        """
        if not orders:
            return
        # sudo: caps are told of by the machine, whoever approved the work that reached them
        alerts = self.env["psa.cap.alert"].sudo()
        caps = self.sudo()._psa_caps_used(orders.sudo())
        agreements = orders.sudo().psa_agreement_id
        known = alerts.search(["|", ("order_id", "in", orders.ids), ("agreement_id", "in", agreements.ids)])
        known = {(alert._psa_subject(), alert.level): alert for alert in known}
        reached = {
            (subject, level): values
            for subject, values in caps.items()
            for level in levels_reached(values[1], values[0])
        }
        told = {key for key, alert in known.items() if key in reached and alert._psa_is_of(reached[key][0])}
        # gone before they are told anew: a level is told of once
        alerts.browse([alert.id for key, alert in known.items() if key not in told])._psa_withdraw()
        new = alerts.create(
            [self._prepare_alert(*key, *values) for key, values in reached.items() if key not in told]
        )
        for own in new.grouped(lambda alert: alert._psa_subject()).values():
            own.sorted("level")[-1]._psa_tell()
        new._psa_cap_reached()

    def _psa_caps_used(self, orders):
        """``{line group head, SOW or agreement: (cap, what is used of it)}``, net, in the cap's currency."""
        used = self._psa_consumed(orders, DELIVERED_STATES)
        of_group, of_order = defaultdict(lambda: dec(0)), defaultdict(lambda: dec(0))
        for line, amount in used.items():
            of_group[line._psa_group_head()] += amount
            if line._psa_counts_against_cap():
                of_order[line.order_id._psa_sow()] += amount
        lines = orders._psa_contract().order_line
        heads = lines.filtered(lambda line: line.psa_cap_amount or line.psa_cap_change)
        members = heads._psa_group_members()
        caps = {head: (dec(head._psa_cap(group)), of_group[head]) for head, group in members.items()}
        caps |= {order: (dec(order._psa_cap()), of_order[order]) for order in orders}
        for agreement in orders.psa_agreement_id.filtered("cap_amount"):
            caps[agreement] = (dec(agreement.cap_amount), agreement._psa_cap_taken(used))
        return caps

    def _prepare_alert(self, subject, level, cap, used):
        values = {
            "company_id": subject.company_id.id,
            "currency_id": subject.currency_id.id,
            "level": level,
            "cap_amount": float(cap),
            "used_amount": float(used),
        }
        if subject._name == "sale.order.line":
            return {**values, "sale_line_id": subject.id, "order_id": subject.order_id._psa_sow().id}
        name = "order_id" if subject._name == "sale.order" else "agreement_id"
        return {**values, name: subject.id}


class PsaAgreement(models.Model):
    _inherit = "psa.agreement"

    def _psa_cap_used(self, states=DELIVERED_STATES):
        """What work in these ``states`` (default: all that is not over the cap), fixed prices and milestones
        use of it, in its currency."""
        self.ensure_one()
        # sudo: the cap binds whoever asks
        work = self.env["psa.wip.entry"].sudo()
        return self._psa_cap_taken(work._psa_consumed(self._psa_sows(), states))
