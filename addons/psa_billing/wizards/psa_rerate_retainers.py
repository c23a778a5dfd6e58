"""Work that draws on retainers which grant money: at another rate it draws more or less of them."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_compare

from ..models.psa_wip_entry import UNFIXED_STATES
from ..models.psa_wip_entry_drawn import SETTLED_PARTS


class PsaRerate(models.TransientModel):
    _inherit = "psa.rerate"

    def _psa_preview(self):
        result = super()._psa_preview()
        rates = self._psa_draw_rates()
        rows = self._prepare_drawn_again(rates) if rates else []
        rows += self._prepare_drawn_before()
        if rows:
            # sudo: the rows of the preview are its own
            self.env["psa.rerate.line"].sudo().create(rows)
            self.invalidate_recordset(["line_ids", "difference_text", "missing_count"])
        return result

    def _psa_apply(self):
        result = super()._psa_apply()
        self._psa_draw_again(self._psa_draw_rates())
        return result

    def _psa_draw_rates(self):
        """``{WIP entries of an entry: (rate of today's card or None, why)}`` where work in scope, no part of
        which is settled, draws at another rate."""
        return self._psa_other_rates(self._psa_drawing(SQL("NOT bool_or(%s)", self._psa_drawn_before())))

    def _psa_other_rates(self, wips):
        """As ``_psa_draw_rates``, of ``wips`` that draw money."""
        rates, periods = {}, self.env["psa.retainer.period"].sudo()  # sudo: see RerateSpans
        pricer = periods._psa_pricer_of(wips) if wips else None
        for parts in wips.grouped(lambda part: (part.retainer_line_id, part.analytic_line_id)).values():
            try:
                rate = periods._psa_price_of(pricer, parts[0])[0]
                reason = self.env._("Draws on %s", parts[0].retainer_line_id.display_name)
            except UserError as missing:
                rate, reason = None, str(missing)
            if rate is None or float_compare(rate, parts[0].draw_rate, 6):
                rates[parts] = rate, reason
        return rates

    @staticmethod
    def _psa_drawn_before():
        """Whether ``wip`` is settled, for itself or by its ``period``: it draws as it did."""
        return SQL(
            "wip.state IN %s OR wip.proposal_line_id IS NOT NULL OR wip.payer_id IS NOT NULL "
            "OR period.is_closed IS TRUE",
            SETTLED_PARTS,
        )

    def _psa_drawing(self, condition):
        """The work in scope that draws money, of entries of which ``condition`` holds, in sudo."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wip.analytic_line_id, wip.retainer_line_id
                  FROM psa_wip_entry wip
                  JOIN sale_order_line retainer ON retainer.id = wip.retainer_line_id
                   AND retainer.psa_retainer_grant = 'money'
             LEFT JOIN psa_retainer_period period ON period.id = wip.retainer_period_id
                 WHERE %s
              GROUP BY 1, 2
                HAVING %s
                """,
                self._psa_chosen(),
                condition,
            )
        )
        # sudo: what work draws follows from its approval and the contract; the right to bill was checked
        wips = self.env["psa.wip.entry"].sudo()
        if not rows:
            return wips
        # of an entry some hours may have gone to another line since
        found, pairs = wips.search([("analytic_line_id", "in", [row[0] for row in rows])]), set(rows)
        return found.filtered(lambda part: (part.analytic_line_id.id, part.retainer_line_id.id) in pairs)

    def _prepare_drawn_before(self):
        """Rows of the preview: work that waits, and keeps its rate because its entry is settled in part."""
        waits = SQL(
            "wip.proposal_line_id IS NULL AND (wip.state IN %s OR wip.state = 'covered' "
            "AND period.is_closed IS NOT TRUE)",
            UNFIXED_STATES,
        )
        kept = SQL("bool_or(%s) AND bool_or(%s)", self._psa_drawn_before(), waits)
        rows = {}
        for parts in self._psa_other_rates(self._psa_drawing(kept)):
            waiting = parts.filtered(
                lambda part: (
                    not part.proposal_line_id
                    and (
                        part.state in UNFIXED_STATES
                        or (part.state == "covered" and not part._psa_is_in_closed_period())
                    )
                )
            )
            reason = self._psa_why_drawn_before(parts)
            key = waiting.retainer_line_id, waiting.employee_id, parts[0].draw_rate, None, reason
            own = rows.setdefault(key, [0.0] * 4)
            for part in waiting:
                for number, name in enumerate(("raw_hours", "billable_quantity", "amount")):
                    own[number] += part[name]
        return [self._prepare_drawn_row(key, sums) for key, sums in rows.items()]

    def _psa_why_drawn_before(self, parts):
        """Why these parts of one entry, of which some are settled, keep the rate that they drew at."""
        if any(part.state in SETTLED_PARTS or part.proposal_line_id for part in parts):
            return self._psa_reasons_to_keep()["payer" if any(parts.mapped("payer_id")) else "in_part"]
        if any(parts.mapped("payer_id")):
            return self.env._("What is over the retainer is shared between clients: it stays as it is.")
        return self.env._("The period that it was drawn from is closed: it stays as it is.")

    def _psa_draw_again(self, rates):
        """Let the work of ``rates`` draw at its new rates.

        :param rates: see ``_psa_draw_rates``
        """
        retainers = self.env["sale.order.line"].sudo()  # sudo: see _psa_drawing
        for parts, (rate, _reason) in rates.items():
            if rate is not None:
                parts.draw_rate = rate
                retainers |= parts.retainer_line_id
        self.env["psa.retainer.period"]._psa_draw(retainers)

    def _prepare_drawn_again(self, rates):
        """Rows of the preview: the work is drawn again, and all of that is undone.

        Also work at its old rate is shown, where it comes to be over what its retainer holds, or under it.
        """
        retainers = self.env["sale.order.line"].union(*(parts.retainer_line_id for parts in rates))
        before, rows = self._psa_worth(retainers), {}
        reasons = {(parts.retainer_line_id, parts.analytic_line_id): found for parts, found in rates.items()}
        old_rates = {(parts.retainer_line_id, parts.analytic_line_id): parts[0].draw_rate for parts in rates}
        with self.env.cr.savepoint() as savepoint:
            self._psa_draw_again(rates)
            after = self._psa_worth(retainers)
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        for work, (rate, hours, quantity, amount) in after.items():
            (line, entry), old_amount = work, before[work][3]
            new_rate, reason = reasons.get(work, (rate, self.env._("Other work draws more or less")))
            if work not in reasons and amount == old_amount:
                continue
            key = line, entry.employee_id, old_rates.get(work, rate), new_rate, reason
            own = rows.setdefault(key, [0.0] * 4)
            for number, value in enumerate((hours, quantity, old_amount, amount)):
                own[number] += value
        return [self._prepare_drawn_row(key, sums) for key, sums in rows.items()]

    def _prepare_drawn_row(self, key, sums):
        (line, employee, old_rate, new_rate, reason), (hours, quantity, before, after) = key, sums
        missing = new_rate is None
        return {
            "rerate_id": self.id,
            "sale_line_id": line.id,
            "employee_id": employee.id,
            "hours": hours,
            "quantity": quantity,
            "old_price": old_rate,
            "new_price": new_rate or 0.0,
            "amount": before,
            "new_amount": 0.0 if missing else after,
            "difference": 0.0 if missing else after - before,
            "reason": reason,
            "is_missing": missing,
        }

    def _psa_worth(self, retainers):
        """``{(retainer, entry): (rate, hours, quantity to bill, amount to bill)}`` of all work on
        ``retainers``."""
        # sudo: see _psa_drawing
        wips = self.env["psa.wip.entry"].sudo().search([("retainer_line_id", "in", retainers.ids)])
        return {
            work: (
                parts[0].draw_rate,
                sum(parts.mapped("raw_hours")),
                sum(parts.mapped("billable_quantity")),
                sum(parts.mapped("amount")),
            )
            for work, parts in wips.grouped(
                lambda part: (part.retainer_line_id, part.analytic_line_id)
            ).items()
        }
