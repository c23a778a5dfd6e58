"""How a SOW is billed, in the words that the client signs: payment schedule, retainers, rounding, expenses.

Beside what psa_contracts says in the document: prices, caps and who pays.
"""

from odoo import models
from odoo.tools import format_amount, format_date

from odoo.addons.psa_contracts.core.billing_models import RETAINER
from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.expenses import COST, MARKUP, NOT_BILLED, UNIT
from ..core.retainers import UNTIL_END
from ..core.rounding import DAY, NEAREST


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_document_schedule(self):
        """``[(line, [(instalment, when it is due)])]`` of the fixed prices that are billed by a plan."""
        self.ensure_one()
        # sudo: when the client pays is part of what the client signs
        lines = self.sudo()._get_order_lines_to_report().filtered("psa_instalment_ids")
        return [
            (line, [(part, part._psa_due_told()) for part in line.psa_instalment_ids.sorted()])
            for line in lines
        ]

    def _psa_document_rounding(self):
        """How billable time is rounded; empty where it is billed as it was entered."""
        self.ensure_one()
        terms = self._psa_billing_terms()
        if not terms.rounding_minutes:
            return ""
        by_day = terms.rounding_scope == DAY
        if terms.rounding_direction == NEAREST:
            text = self.env._("Each entry is rounded to the nearest %s minutes.")
            of_day = self.env._("The time of a person and day is rounded to the nearest %s minutes.")
        else:
            text = self.env._("Each entry is rounded up to %s minutes.")
            of_day = self.env._("The time of a person and day is rounded up to %s minutes.")
        return (of_day if by_day else text) % terms.rounding_minutes

    def _psa_document_retainer_terms(self):
        """``[(what, [its terms in words])]`` of the retainers that this order sells."""
        self.ensure_one()
        # sudo: how a retainer is billed is part of what the client signs
        lines = (
            self.sudo()
            ._get_order_lines_to_report()
            .filtered(lambda line: line.psa_billing_model == RETAINER and line._psa_group_head() == line)
        )
        return [(line._psa_short_label(), line._psa_retainer_terms_told()) for line in lines]

    def _psa_document_expense_terms(self):
        """``[(what, [its terms in words])]`` for the client: how this order's lines bill expenses, and up to
        which limits."""
        self.ensure_one()
        # sudo: how expenses are billed is part of what the client signs
        order = self.sudo()
        lines = order.psa_expense_term_ids & order._get_order_lines_to_report()
        terms = [(line._psa_short_label(), line._psa_expense_terms_told()) for line in lines]
        if order.psa_kind == "sow" and order.psa_expense_limit:
            limit = format_amount(self.env, order.psa_expense_limit, order.currency_id)
            terms.append((self.env._("All expenses"), [self.env._("At most %s in all", limit)]))
        return terms


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_money_told(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    def _psa_retainer_terms_told(self):
        """The terms of this retainer, each in words."""
        self.ensure_one()
        terms = [
            self.env._("Billed in arrears, on the last day of each period")
            if self.psa_retainer_timing == "arrears"
            else self.env._("Billed in advance, on the first day of each period"),
            self.env._("Periods run from the start date")
            if self.psa_retainer_calendar == "start"
            else self.env._("Calendar periods; the first and the last are charged by their days"),
        ]
        if self.psa_retainer_open_ended:
            terms.append(self.env._("Goes on until it is cancelled"))
        if self._psa_is_drawn():
            terms += [*self._psa_rollover_told(), self._psa_overage_told()]
        if self.psa_retainer_true_up == "refund":
            terms.append(self.env._("What is unused at the end is paid back"))
        elif self.psa_retainer_true_up == "minimum" and self._psa_shows_price():
            terms.append(self.env._("Comes to at least %s", self._psa_money_told(self.psa_retainer_minimum)))
        return terms

    def _psa_rollover_told(self):
        in_money = self.psa_retainer_grant == "money"
        if in_money and self._psa_shows_price():
            granted = self._psa_money_told(float(self._psa_retainer_granted()))
            yield self.env._("Each period grants work of %s, at the rates of the contract", granted)
        terms = self._psa_retainer_terms()
        if terms.rollover is UNTIL_END:
            yield self.env._("What a period does not use may be used until the end")
        elif not terms.rollover:
            yield self.env._("What a period does not use expires")
        elif terms.rollover == 1:
            yield self.env._("What a period does not use may be used in the next one")
        else:
            yield self.env._("What a period does not use may be used in the next %s periods", terms.rollover)
        if terms.rollover != 0 and terms.rolled_cap:
            cap = float(terms.rolled_cap)
            cap = self._psa_money_told(cap) if in_money else self.env._("%s h", number_told(self.env, cap))
            yield self.env._("At most %s roll over", cap)

    def _psa_overage_told(self):
        if self.psa_retainer_overage == "hold":
            return self.env._("Work over it waits until both sides have agreed on it")
        if self.psa_retainer_overage == "next":
            return self.env._("Work over it draws on the next period")
        rate = self.psa_retainer_overage_rate or (
            self.psa_retainer_grant != "money" and self._psa_hour_price()
        )
        if not rate:
            return self.env._("Work over it is billed, at the rates of the contract")
        if not self._psa_shows_price():
            return self.env._("Work over it is billed")
        return self.env._("Work over it is billed, at %s an hour", self._psa_money_told(rate))

    def _psa_expense_terms_told(self):
        """The terms of this line for expenses, each in words."""
        self.ensure_one()

        price = self.price_unit and self.env._("By the unit, at %s", self._psa_money_told(self.price_unit))
        told = {
            COST: self.env._("At cost"),
            MARKUP: self.env._("At cost plus %s %%", number_told(self.env, self.psa_expense_markup)),
            UNIT: price or self.env._("By the unit, at the price of the product"),
            NOT_BILLED: self.env._("Not billed"),
        }
        terms = [told[self.psa_expense_method]]
        named = self.psa_expense_product_ids.mapped("name") + self.psa_expense_categ_ids.mapped("name")
        if named:
            terms.append(self.env._("For %s", ", ".join(named)))
        if self.psa_expense_method != NOT_BILLED:
            if self.psa_expense_item_limit:
                terms.append(
                    self.env._("At most %s an item", self._psa_money_told(self.psa_expense_item_limit))
                )
            if self.psa_expense_limit:
                terms.append(self.env._("At most %s in all", self._psa_money_told(self.psa_expense_limit)))
            if self.psa_expense_in_cap:
                terms.append(self.env._("Counts against the amount not to exceed"))
        return terms


class PsaInstalment(models.Model):
    _inherit = "psa.instalment"

    def _psa_due_told(self):
        """When this instalment is due, in words."""
        self.ensure_one()
        if self.due_by == "date":
            return format_date(self.env, self.date)
        if self.completion == "100":
            return self.env._("When all is done")
        return self.env._("When %s %% are done", self.completion)
