"""Line groups: the SOLs that sell one thing at several rates or over several change orders.

The head of a group is the line that was sold first. Lines that continue it (another rate, a change
order) name it; ordered hours and caps are read on the group (DESIGN section 4, "Rates").
"""

from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    psa_group_line_id = fields.Many2one(
        "sale.order.line",
        string="Line Group",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The line that this one continues at another rate or by a change order. "
        "Empty: it is the first of its group.",
    )
    psa_amends_line_id = fields.Many2one(
        "sale.order.line",
        string="Amends",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The line of the statement of work that this line of a change order changes.",
    )
    psa_step_date = fields.Date(
        string="Rate From",
        copy=False,
        readonly=True,
        help="First day of the price of this line, where its group has several.",
    )

    def _check_company(self, fnames=None):
        """Who was sold by name stays so on what continues the line, also once they work for a sister company:
        their time has the next rate, and a change order takes off what is left."""
        continued = self.filtered(
            lambda line: (
                line.psa_employee_id and line.psa_employee_id == line.psa_group_line_id.psa_employee_id
            )
        )
        if continued:
            checked = {
                name for name, field in self._fields.items() if field.relational and field.check_company
            }
            super(SaleOrderLine, continued)._check_company(sorted(checked - {"psa_employee_id"}))
        return super(SaleOrderLine, self - continued)._check_company(fnames)

    def _psa_group_head(self):
        """The first line of this line's group: itself where it continues none."""
        self.ensure_one()
        return self.psa_group_line_id or self

    def _psa_group_members(self):
        """The lines of confirmed orders in the groups of these lines: ``{head: lines}``; one query.

        The head comes first, then its steps and change orders in the order in which they were made.
        """
        heads = self.browse(dict.fromkeys(line._psa_group_head().id for line in self))
        lines = self.search(
            [
                "|",
                ("id", "in", heads.ids),
                ("psa_group_line_id", "in", heads.ids),
                ("state", "=", "sale"),
            ],
            order="id",
        )
        members = {head: head.browse() for head in heads}
        for line in lines:
            members[line._psa_group_head()] += line
        return members

    def _psa_group_hours(self):
        """``{head: hours sold on these lines of its group}``."""
        hours = {}
        for line in self:
            head = line._psa_group_head()
            hours[head] = hours.get(head, 0.0) + line._psa_hours()
        return hours
