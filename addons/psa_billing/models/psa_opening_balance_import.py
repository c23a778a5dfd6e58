"""Rows of a file of opening balances: which line they are for. What a file would say twice is refused: the
later row would replace the earlier."""

from odoo import api, models
from odoo.exceptions import ValidationError


class PsaOpeningBalance(models.Model):
    _inherit = "psa.opening.balance"

    @api.model
    def load(self, fields, data):
        twice = self._psa_named_twice(fields, data)
        if not twice:
            return super().load(fields, data)
        message = self.env._(
            "The file has more than one row for %s. Each line of a statement of work opens once only: leave "
            "one of the rows.",
            "; ".join(
                self.env._("%(order)s, line %(number)s", order=order, number=number)
                for order, number in twice
            ),
        )
        return {"ids": False, "messages": [{"type": "error", "message": message}], "nextrow": 0}

    @api.model
    def _psa_named_twice(self, fields, data):
        """``[(number of the SOW, number of the line)]`` of what rows of ``data`` name more than once."""
        if "order_name" not in fields or "line_number" not in fields:
            return []
        order, number = fields.index("order_name"), fields.index("line_number")
        seen, twice = set(), {}
        for row in data:
            named = str(row[order]).strip(), str(row[number]).strip()
            if all(named) and named in seen:
                twice[named] = True
            seen.add(named)
        return list(twice)

    def _psa_with_line(self, vals):
        """``vals`` with the SOW line that number of the SOW and of the line name.

        :raises ValidationError: where there is none, or two companies have a SOW of that number
        """
        if vals.get("sale_line_id"):
            return vals
        name, number = (vals.get("order_name") or "").strip(), vals.get("line_number") or 0
        order = self.env["sale.order"].search(
            [("name", "=", name), ("psa_kind", "!=", False), ("company_id", "in", self.env.companies.ids)]
        )
        if len(order) > 1:
            raise ValidationError(
                self.env._(
                    "%(order)s is a statement of work of %(companies)s. Choose one company at the top of the "
                    "page, and import the rows of each company alone.",
                    order=name,
                    companies=", ".join(order.company_id.mapped("name")),
                )
            )
        lines = order._psa_sold_lines().filtered(lambda line: not line._psa_is_made_by_billing())
        lines = lines.sorted(lambda line: (line.sequence, line.id))
        if not 1 <= number <= len(lines):
            raise ValidationError(
                self.env._(
                    "%(order)s, line %(number)s: there is no such line. Give the number of a confirmed "
                    "statement of work and count its lines from 1, without sections and notes.",
                    order=name or self.env._("(no number)"),
                    number=number,
                )
            )
        return {**vals, "sale_line_id": lines[number - 1].id}
