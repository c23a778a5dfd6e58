"""Options that the client takes after they signed: a change order sells them anew, in their phase."""

from odoo import Command, models
from odoo.exceptions import UserError

from ..models.numbers import number_told
from ..models.sale_order_optional import BY_QUANTITY


class PsaChangeLines(models.TransientModel):
    _inherit = "psa.change.lines"

    def action_apply(self):
        result = super().action_apply()
        self.order_id._psa_arrange_options()
        return result


class PsaChangeLinesLine(models.TransientModel):
    _inherit = "psa.change.lines.line"

    def _prepare_commands(self, used, kept):
        head = self.head_id.sudo()  # sudo: see PsaChangeLines.action_apply
        if not head.psa_declined:
            return super()._prepare_commands(used, kept)
        if self.new_quantity < 0:
            raise self._below_used(0.0)
        if not self.new_quantity:
            raise UserError(
                self.env._("Enter how much of %s the client takes now, as its new quantity.", self.name)
            )
        return [Command.create(self._prepare_option(head))]

    def _prepare_option(self, head):
        """Values of the line that sells the option ``head``: all that was offered, at what is typed here."""
        values = head.copy_data()[0]
        values.pop("order_id", None)
        return {
            **values,
            "psa_option_line_id": head.id,
            "product_uom_qty": self.new_quantity,
            "price_unit": self.new_price,
            "psa_cap_amount": self.new_cap,
        }


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_prepare_change_lines(self, day):
        yield from super()._psa_prepare_change_lines(day)
        contract = self.sudo().psa_parent_id._psa_contract()  # sudo: see PsaChangeLines.action_apply
        options = contract._psa_options_left().filtered(lambda line: not line.is_expense)
        sections = contract._psa_sections(offered=True)
        for head in options:
            yield {
                **head._psa_prepare_change_terms(head),
                "head_id": head.id,
                "name": head._psa_option_label(),
                "phase": sections[head].name,
                "unit": head.product_uom_id.name,
                "price": head.price_unit,
                "new_price": head.price_unit,
            }

    def _psa_arrange_options(self):
        """Put the options that this change order takes into their phases, made here where they are missing;
        phases that are here for an option go with the last one."""
        self.ensure_one()
        taken = self.order_line.filtered(lambda line: line.psa_option_line_id and not line.display_type)
        # sudo: where it stood on the contract, which its salesperson need not own
        offered_in = taken.sudo().psa_option_line_id.order_id._psa_sections(offered=True)
        in_order = {head.id: number for number, head in enumerate(offered_in)}
        taken = taken.sorted(lambda line: in_order[line.psa_option_line_id.id])
        phases = {
            line.psa_option_line_id: line for line in self.order_line - taken if line.psa_option_line_id
        }
        if not (taken or phases):
            return
        for section in dict.fromkeys(offered_in[line.psa_option_line_id] for line in taken):
            if section and section not in phases:
                phases[section] = self.env["sale.order.line"].create(
                    {"order_id": self.id, **section._psa_prepare_phase_of_option()}
                )
        # what amends a line stays in the phase of that one: it does not belong under these
        here = self._psa_sections()
        amending = self.order_line.filtered(
            lambda line: line.psa_amends_line_id and here.get(line) in phases.values()
        )
        order = [*amending, *(line for line in taken if offered_in[line.psa_option_line_id] not in phases)]
        for line in (self.order_line - taken - amending).sorted(lambda line: (line.sequence, line.id)):
            order += [line, *(one for one in taken if phases.get(offered_in[one.psa_option_line_id]) == line)]
        for number, line in enumerate(order, start=1):
            line.sequence = 10 * number
        lines = self.env["sale.order.line"]
        (lines.union(*phases.values()) - lines.union(*self._psa_sections().values())).unlink()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_option_label(self):
        """How a row of "Change Lines…" calls this option: with what was offered of it."""
        self.ensure_one()
        label = self._psa_short_label()
        if self.psa_billing_model in BY_QUANTITY and self.psa_offered_quantity:
            return self.env._(
                "%(line)s (option: %(quantity)s)",
                line=label,
                quantity=number_told(self.env, self.psa_offered_quantity),
            )
        return self.env._("%s (option)", label)

    def _psa_prepare_phase_of_option(self):
        """Values of the section of a change order for what was offered under this one."""
        self.ensure_one()
        values = {"psa_option_line_id": self.id, "display_type": self.display_type, "name": self.name}
        if self.psa_phase_id:  # a part of it was taken: the phase is there
            return {**values, "psa_amends_line_id": self.id}
        return {**values, "psa_date_start": self.psa_date_start, "psa_date_end": self.psa_date_end}
