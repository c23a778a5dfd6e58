"""Work of a SOW that several clients pay: parts of an entry, one a payer; the rule is ``core.payers``."""

from collections import defaultdict

from odoo import models

from ..core.adjustment import Piece
from ..core.money import CENT, amount_of, dec
from ..core.payers import allot, deal
from .psa_wip_entry import SUMMED_FIELDS, UNFIXED_STATES


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_share_out(self, shares, quantities, amounts, numbers):
        """Split this work of one proposal line into parts of the payers of ``shares``, in their order.

        Work that comes to nothing, time and its correction, goes by the percentages.

        :param shares: ``psa.payer.share`` of a SOW
        :param quantities: what each payer pays of the sum of the billable quantities (Decimal)
        :param amounts: what each payer pays of the sum of the amounts
        :param numbers: ``{analytic line: number of its last part}``, which goes on counting
        :return: ``[(part of the first payer, values of the part of another one to create)]``
        """
        work = self.sorted(lambda part: (part.date, part.id))
        money = dec(self.currency_id.rounding)
        worked = sum((dec(part.raw_hours) for part in work), dec(0))
        payers, percents = shares.partner_id, list(map(dec, shares.mapped("share")))
        paid = next((column for column in (quantities, amounts) if sum(column)), percents)
        dealt = zip(
            work,
            deal([dec(part.raw_hours) for part in work], allot(worked, paid), shares=percents),
            deal([dec(part.billable_quantity) for part in work], quantities, shares=percents),
            deal([dec(part.amount) for part in work], amounts, money, percents),
            strict=True,
        )
        created = []
        for part, *columns in dealt:
            shares = [(payer, *row) for payer, *row in zip(payers, *columns, strict=True) if any(row)]
            for number, (payer, hours, quantity, amount) in enumerate(shares):
                values = {"payer_id": payer.id, **part._prepare_share(hours, quantity, amount)}
                if not number:
                    first = values
                    continue
                numbers[part.analytic_line_id] += 1
                values["part"] = numbers[part.analytic_line_id]
                created.append((part, {**part._psa_copy_values(), **values}))
            part.write(first if shares else {"payer_id": payers[0].id})
        return created

    def _psa_share_written_off(self, firsts, numbers):
        """What was written off or up of shared work is shared as the work is: what the invoice of a payer
        gives back is what was rated of that payer's part.

        :param firsts: the part of the first payer of each of these new parts, in their order
        :param numbers: see ``_psa_share_out``
        """
        others = defaultdict(self.browse)
        for first, part in zip(firsts, self, strict=True):
            others[first] += part
        off = self.browse().union(*others).counterpart_ids.filtered(lambda part: not part.payer_id)
        created = []
        for piece in off.sorted("id"):
            parts = piece.adjusts_wip_id | others[piece.adjusts_wip_id]
            weights = [abs(dec(part.amount)) for part in parts]
            if not sum(weights):
                continue
            rows = piece._psa_allot(weights)
            piece.write({**rows[0], "payer_id": parts[0].payer_id.id})
            for part, row in zip(parts[1:], rows[1:], strict=True):
                if not any(row.values()):
                    continue
                numbers[piece.analytic_line_id] += 1
                number = {"part": numbers[piece.analytic_line_id], "payer_id": part.payer_id.id}
                names = {"adjustment_id": piece.adjustment_id.id, "adjusts_wip_id": part.id}
                created.append({**piece._psa_copy_values(), **row, **number, **names})
        self.create(created)

    def _psa_allot(self, weights):
        """``[values]`` of the parts of this one in proportion to ``weights``; they sum to it."""
        self.ensure_one()
        money, smallest = dec(self.currency_id.rounding), self.sale_line_id._psa_quantity_unit()
        units = {"raw_hours": CENT, "billable_quantity": smallest, "amount": money}
        columns = [allot(dec(self[name]), weights, unit) for name, unit in units.items()]
        return [self._prepare_share(*row) for row in zip(*columns, strict=True)]

    def _prepare_share(self, hours, quantity, amount):
        """Figures (Decimal) of a share of this part, as they are stored."""
        money = dec(self.currency_id.rounding)
        remainder = amount - amount_of(quantity, dec(self.unit_price), money)
        return self._prepare_piece(Piece(hours, quantity, amount, remainder))

    def _psa_copy_values(self):
        """What every part of the entry has in common with this one, also where it stands."""
        self.ensure_one()
        names = (
            *("analytic_line_id", "employee_id", "role_id", "project_id", "sale_line_id", "order_id"),
            *("company_id", "currency_id", "payer_id", "proposal_line_id", "invoice_line_id"),
        )
        return {name: self[name].id for name in names} | {
            name: self[name] for name in ("date", "kind", "state", "unit_price", "slice_number")
        }

    def _psa_merge_payers(self, partners, kept):
        """``partners``, who pay parts of the same entries, turn out to be one, ``kept``."""
        waiting = self.search([("payer_id", "in", partners.ids), ("state", "in", UNFIXED_STATES)])
        kinds = waiting.grouped(
            lambda part: (part.analytic_line_id, part.slice_number, part.state == "over_cap")
        )
        for parts in kinds.values():
            if len(parts) == 1:
                continue
            sums = {name: sum(parts.mapped(name)) for name in SUMMED_FIELDS}
            parts[1:].unlink()
            self.flush_model()
            parts[0].write({"payer_id": kept.id, **sums})
