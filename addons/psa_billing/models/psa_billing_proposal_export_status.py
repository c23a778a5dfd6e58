"""What comes back from the billing platform: number, day, state and money, of the invoice of each payer."""

from odoo import models
from odoo.exceptions import UserError

from ..core.export import STATES, amount_problem, is_day, is_text, state_after


class PsaBillingProposal(models.Model):
    _inherit = "psa.billing.proposal"

    def _psa_take_status(self, state, number, date, paid_amount, payer, invoice):
        if not self.exported_on:
            raise UserError(self.env._("%s was not exported: mark it as exported first.", self.display_name))
        self._check_status(state, number, date, paid_amount)
        is_of_one = any(value is not None for value in (number, date, paid_amount))
        targets = self._psa_status_targets(payer, invoice, is_of_one)
        values = {}
        if number is not None:
            values["export_number"] = number
        if date is not None:
            values["export_date"] = date
        if paid_amount is not None:
            values["export_paid_amount"] = float(paid_amount)
        for target in targets:
            told = state_after(target.export_state or None, state, paid_amount is not None)
            target.write({**values, "export_state": told})
        payment = self._psa_register_payment(targets, date) if paid_amount is not None else "off"
        self._psa_sum_up_payers()
        is_named = len(targets) == 1 and targets._name == "psa.billing.export.payer"
        return {**self._psa_export_answer(targets if is_named else None), "payment": payment}

    def _check_status(self, state, number, date, paid_amount):
        if state not in STATES:
            raise UserError(self.env._("state has to be one of %s.", ", ".join(STATES)))
        if number is not None and not is_text(number):
            raise UserError(self.env._("number has to be the number of the invoice on the platform."))
        if date is not None and not is_day(date):
            raise UserError(self.env._("date has to be a day as YYYY-MM-DD."))
        if paid_amount is not None and amount_problem(paid_amount):
            raise UserError(
                self.env._("paid_amount has to be all that was paid so far, 0 or more, such as 1150.00.")
            )

    # -- whose invoice it is about ---------------------------------------------------------

    def _psa_paying(self):
        """The clients that pay this proposal by shares; empty where its client pays all."""
        self.ensure_one()
        agreed, billed = self.order_id._psa_sow().psa_payer_ids.partner_id, self.invoice_ids.psa_payer_id
        return (agreed & billed) | billed if billed else agreed

    def _psa_invoice_of(self, payer):
        """The invoice of ``payer``, of the client where that is empty."""
        self.ensure_one()
        if not payer:
            return self.invoice_id
        return self.invoice_ids.filtered(
            lambda move: move.psa_payer_id == payer and move.state != "cancel"
        ).sorted("id")[:1]

    def _psa_status_targets(self, payer, invoice, is_of_one):
        """What a status is written on: this proposal where its client pays all, else the record of the payer
        that is named, or those of all payers.

        :param is_of_one: whether the message brings what belongs to one invoice
        :raises UserError: where it is not clear, or wrong, whose invoice that is
        """
        paying = self._psa_paying()
        named = self._psa_named_payer(payer, invoice, paying)
        if not paying:
            return self
        if is_of_one and not named:
            raise UserError(
                self.env._(
                    "%(proposal)s is paid by %(payers)s, an invoice each: give payer (%(ids)s), or invoice, "
                    "the number of the native invoice, to say whose number, date or payment this is.",
                    proposal=self.display_name,
                    payers=", ".join(paying.mapped("display_name")),
                    ids=", ".join(map(str, paying.ids)),
                )
            )
        wanted = named or paying
        known = self.export_payer_ids.filtered(lambda record: record.payer_id in wanted)
        return known | known.create(
            [{"proposal_id": self.id, "payer_id": one.id} for one in wanted - known.payer_id]
        )

    def _psa_named_payer(self, payer, invoice, paying):
        """The partner that ``payer`` (id) or ``invoice`` (number) names; empty where neither is given."""
        named = self.env["res.partner"]
        if payer is not None:
            known = paying or self.order_id.partner_id
            named = known.filtered(lambda partner: partner.id == payer)
            if isinstance(payer, bool) or not named:
                raise UserError(
                    self.env._(
                        "%(payer)s is none of the clients that pay %(proposal)s: payer has to be one of "
                        "%(ids)s.",
                        payer=payer,
                        proposal=self.display_name,
                        ids=", ".join(map(str, known.ids)),
                    )
                )
        if invoice is None:
            return named
        owner = self._psa_owner_of(invoice)
        if named and named != owner:
            raise UserError(
                self.env._(
                    "%(invoice)s is the invoice of %(owner)s, not of %(payer)s: give one of payer and "
                    "invoice.",
                    invoice=invoice,
                    owner=owner.display_name,
                    payer=named.display_name,
                )
            )
        return owner

    def _psa_owner_of(self, invoice):
        """Who pays the posted invoice of this proposal with that number.

        :raises UserError: where there is none
        """
        move = self.invoice_ids.filtered(lambda move: move.state == "posted" and move.name == invoice)
        if not move:
            raise UserError(
                self.env._(
                    "%(invoice)s is no posted invoice of %(proposal)s: invoice has to be an odoo_invoice of "
                    "export_get.",
                    invoice=invoice,
                    proposal=self.display_name,
                )
            )
        return move.psa_payer_id or self.order_id.partner_id

    def _psa_sum_up_payers(self):
        """What is shown on the proposal of several payers: all of their invoices together."""
        paying, records = self._psa_paying(), self.export_payer_ids
        if not records:
            return
        states = dict.fromkeys(paying.ids) | {
            record.payer_id.id: record.export_state or None for record in records
        }
        self.write(records._psa_together(list(states.values())))
