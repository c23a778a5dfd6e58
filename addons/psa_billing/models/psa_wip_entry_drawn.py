"""What an entry draws on a retainer becomes its parts: one that is covered, those that are over the retainer.

Hours that are over it are one part, and one for each cut that somebody made (``core.slices``). Of an entry
that was worked on another line those hours draw that somebody moved onto the retainer.
"""

from collections import defaultdict

from markupsafe import Markup

from odoo import api, models

from odoo.addons.psa_contracts.models.numbers import number_told

from ..core.money import dec, round_to
from ..core.retainers import HOLD
from ..core.slices import keep_cuts

#: Parts of work in these states stay as they are.
SETTLED_PARTS = ("proposed", "billed", "written_off")


class PsaWipEntry(models.Model):
    _inherit = "psa.wip.entry"

    def _psa_is_drawn_before(self):
        """Whether this part of an entry stays as it was drawn, whatever other work draws."""
        self.ensure_one()
        return (
            self.state in SETTLED_PARTS
            or self._psa_is_in_closed_period()
            # freed from the invoice of a payer, who pays it
            or bool(self.payer_id)
        )

    @api.model
    def _psa_apply_drawn(self, drawn, prices):
        """Bring the unsettled WIP entries of entries to what they draw; the caps cut them after.

        :param drawn: see ``_psa_draw_one``
        :param prices: see ``_psa_prices``
        """
        overage = self._psa_overage_of(drawn, prices)
        last_part = self._psa_last_parts({line for _retainer, line in drawn})
        new, kept, gone, lost = [], [], self.browse(), defaultdict(list)
        for key, (parts, entries) in drawn.items():
            # of what waits inside and over a cap, the part inside stays: the database allows one of each
            left = entries.sorted(lambda entry: (entry.state == "over_cap", entry.slice_number))
            over = entries._psa_keep_cuts(sum((part.hours for part in parts if part.over), dec(0)), lost)
            for part in parts:
                for values in entries._prepare_drawn(key, part, overage.get(key), prices.get(key), over):
                    own = left._psa_drawn_as(values)
                    left -= own
                    if own:
                        kept.append((own, values))
                        continue
                    last_part[key[1]] += 1
                    new.append({**self._prepare_wip(key[1]), "part": last_part[key[1]], **values})
            gone += left
        beside = {(part.analytic_line_id, part.sale_line_id) for part in gone if part.remainder}
        gone.unlink()
        for own, values in kept:
            own._psa_write_drawn(values)
        self.flush_model()
        self.create(new)
        self._psa_round_without(beside)
        self._psa_tell_lost_cuts(lost)

    @api.model
    def _psa_round_without(self, gone):
        """Where a part that shared cents with another of its entry on a line is no more, that one is rounded
        without it, if its proposal is still worked on.

        :param gone: ``{(analytic line, SOL)}``
        """
        if not gone:
            return
        entries, lines = (records[0].union(*records) for records in zip(*gone, strict=True))
        left = self.search(
            [
                ("analytic_line_id", "in", entries.ids),
                ("sale_line_id", "in", lines.ids),
                ("state", "!=", "covered"),
            ]
        )
        for key, parts in left.grouped(lambda part: (part.analytic_line_id, part.sale_line_id)).items():
            if key in gone and len(parts) == 1 and parts.state == "proposed" and parts._psa_is_movable():
                parts._psa_round_once()
                parts.proposal_line_id._psa_refresh()

    def _psa_drawn_as(self, values):
        """That of these parts which becomes what ``values`` say, if any."""
        if values["state"] == "covered":
            return self.filtered(lambda part: part.state == "covered").sorted("slice_number")[:1]
        return self.filtered(
            lambda part: part.state != "covered" and part.slice_number == values["slice_number"]
        )[:1]

    def _prepare_drawn(self, key, part, overage, price, over):
        """The values of the parts that these waiting parts of one entry become: one for what is covered, or
        those that are over the retainer.

        :param key: ``(retainer, analytic line)``
        :param part: ``Part`` by core
        :param overage: ``Overage`` of the entry, where ``part`` is over the retainer
        :param price: see ``_psa_prices``; None where the retainer grants hours
        :param over: see ``_psa_keep_cuts``
        """
        retainer, line = key
        common = {
            "retainer_line_id": retainer.id,
            "retainer_period_id": part.period.id if part.period else False,
            "draw_rate": float(round_to(dec(price[0]), dec(0.000001))) if price else 0.0,
        }
        if not part.over:
            at_home = line.so_line._psa_group_head() == retainer
            own = {"state": "covered", "sale_line_id": (line.so_line if at_home else retainer).id}
            number = min(self.mapped("slice_number"))
            return [{**common, **own, "raw_hours": float(part.hours), "slice_number": number}]
        common["state"] = "over_cap" if retainer.psa_retainer_overage == HOLD else "open"
        pieces = overage.pieces(list(over.values()))
        return [
            {**common, **overage.values, "slice_number": number, **self._prepare_piece(piece)}
            for number, piece in zip(over, pieces, strict=True)
        ]

    def _psa_keep_cuts(self, hours, lost):
        """``{number of the slice: hours}`` where ``hours`` of an entry, these parts of which wait, are over
        its retainer: what somebody cut off, then the rest.

        :param lost: see ``_psa_tell_lost_cuts``; what is lost is added to it
        """
        first = min(self.mapped("slice_number"))
        cut_off = self.filtered(lambda part: part.state != "covered" and part.slice_number != first)
        if not cut_off:
            return {first: hours}
        slices = cut_off.sorted("slice_number").grouped("slice_number")
        cuts = [sum((dec(part.raw_hours) for part in parts), dec(0)) for parts in slices.values()]
        kept, rest = keep_cuts(hours, cuts)
        for parts, before, after in zip(slices.values(), cuts, kept, strict=True):
            if before != after:
                lost[parts.order_id].append((parts[0]._psa_told(), before, after))
        found = {number: own for number, own in zip(slices, kept, strict=True) if own}
        return {**found, first: rest} if rest or not found else found

    def _psa_tell_lost_cuts(self, lost):
        """Note on each SOW which hours over a retainer are cut off no more, because fewer are over it.

        :param lost: ``{SOW: [(told of the entry, hours that were cut off, hours that are)]}``
        """
        for order, rows in lost.items():
            items = Markup().join(
                Markup("<li>%s</li>")
                % self.env._(
                    "%(entry)s of %(date)s: %(after)s of %(before)s hours",
                    before=number_told(self.env, float(before)),
                    after=number_told(self.env, float(after)),
                    **told,
                )
                for told, before, after in rows
            )
            text = self.env._(
                "Less work is over the retainer. Of what was split off of it these parts are left:"
            )
            order.message_post(body=Markup("<p>%s</p><ul>%s</ul>") % (text, items))

    def _psa_write_drawn(self, values):
        self.ensure_one()
        if self.state == "held" and values["state"] == "open":
            values = {**values, "state": "held"}
        elif self.proposal_line_id:  # held on a proposal
            values = {**values, "proposal_line_id": False}
        changed = {}
        for name, value in values.items():
            have = self[name].id if name.endswith("_id") else self[name]
            if isinstance(value, float) and round(have - value, 6) == 0:
                continue
            if have != value:
                changed[name] = value
        if changed:
            self.write(changed)
