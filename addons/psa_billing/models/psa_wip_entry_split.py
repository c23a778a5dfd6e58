"""A proposed entry is split in two."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..core.adjustment import cut
from ..core.money import dec


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_split(self, quantity):
        """``quantity`` of this proposed entry becomes a part of its own; hours and money sum.

        :raises UserError: where that leaves nothing on one side
        :return: the new part
        """
        self.ensure_one()
        self._psa_check_on_proposal()
        was_adjusted = bool(self.counterpart_ids)
        with (
            (self.order_id if was_adjusted else self.order_id.browse())._psa_under_caps()._psa_keeping_caps()
        ):
            self._psa_take_back(refresh=False)
            return self._psa_cut_in_two(quantity, was_adjusted)

    def _psa_cut_in_two(self, quantity, was_adjusted):
        """:return: the new part of this entry, of which nothing is written off"""
        price, unit = self.sale_line_id._psa_net_price(), dec(self.currency_id.rounding)
        try:
            rest, part = cut(self._psa_piece(), dec(quantity), price, unit)
        except ValueError:
            raise UserError(
                self.env._(
                    "%(entry)s of %(date)s has %(quantity)s: split off more than nothing and less than that.",
                    entry=self.name or "",
                    date=format_date(self.env, self.date),
                    quantity=self._psa_quantity_told(),
                )
            ) from None
        new = self._psa_make_part(rest, part)
        if was_adjusted:  # what was taken back takes its room under a cap again
            (self | new)._psa_adjusted(self.proposal_line_id)
        else:
            self.proposal_line_id._psa_refresh()
        return new

    def _psa_make_part(self, rest, part):
        """``rest`` stays here, ``part`` becomes a part of its own, which is returned."""
        self.ensure_one()
        number = self._psa_last_parts(self.analytic_line_id)[self.analytic_line_id] + 1
        self.write(self._prepare_piece(rest))
        return self.create({**self._psa_copy_values(), **self._prepare_piece(part), "part": number})
