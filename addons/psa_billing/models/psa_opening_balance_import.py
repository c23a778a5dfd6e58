"""What a file of opening balances would say twice is refused: the later row would replace the earlier."""

from odoo import api, models


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
