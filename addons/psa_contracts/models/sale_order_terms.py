"""What a SOW says today: as it was signed, with the change orders that were confirmed since."""

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.psa_project.core.approval import APPROVED

from .rights import PRICE_GROUPS


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_terms_revision = fields.Integer(
        copy=False, readonly=True, help="Counts the changes of what was agreed; see _psa_lock_terms."
    )
    psa_original_amount = fields.Monetary(
        string="As Signed",
        compute="_compute_psa_values",
        compute_sudo=True,
        groups=PRICE_GROUPS,
        help="Value of the statement of work as it was signed, before taxes.",
    )
    psa_change_amount = fields.Monetary(
        string="Changes in Value",
        compute="_compute_psa_values",
        compute_sudo=True,
        groups=PRICE_GROUPS,
        help="What the confirmed change orders added or took off, before taxes.",
    )
    psa_current_amount = fields.Monetary(
        string="Current Value",
        compute="_compute_psa_values",
        compute_sudo=True,
        groups=PRICE_GROUPS,
        help="Value with all confirmed change orders, before taxes.",
    )
    psa_current_cap = fields.Monetary(
        string="Current Cap",
        compute="_compute_psa_values",
        compute_sudo=True,
        groups=PRICE_GROUPS,
        help="Not to exceed, with what change orders raised or lowered. 0: no cap.",
    )
    psa_current_date_end = fields.Date(
        string="Current End",
        compute="_compute_psa_values",
        compute_sudo=True,
        help="Last day of work, with the change orders that moved it.",
    )

    @api.depends(
        "amount_untaxed",
        "psa_cap_amount",
        "psa_date_end",
        "psa_change_ids.state",
        "psa_change_ids.amount_untaxed",
        "psa_change_ids.psa_cap_change",
        "psa_change_ids.psa_date_end",
    )
    def _compute_psa_values(self):
        for order in self:
            # in sudo: the value of a contract counts every change of it, whoever asks
            changes = order._psa_changes() if order.psa_kind == "sow" else order.browse()
            order.psa_original_amount = order.amount_untaxed
            order.psa_change_amount = sum(changes.mapped("amount_untaxed"))
            order.psa_current_amount = order.psa_original_amount + order.psa_change_amount
            order.psa_current_cap = order._psa_cap(changes)
            order.psa_current_date_end = order._psa_period(changes)[1]

    # -- reading ---------------------------------------------------------------------------

    def _psa_changes(self):
        """The confirmed change orders of this SOW, in the order in which they were confirmed."""
        self.ensure_one()
        confirmed = self.psa_change_ids.filtered(lambda change: change.state == "sale")
        return confirmed.sorted(lambda change: (change.date_order, change.id))

    def _psa_contract(self):
        """The SOW that these orders belong to with its confirmed change orders: ``[sow, change, …]``."""
        sows = self._psa_sow()
        ids = tuple(order.id for sow in sows for order in (sow, *sow._psa_changes()))
        return sows if ids == sows._ids else self.browse(ids)  # the same records are read together

    def _psa_sold_lines(self):
        """What these orders sell: their lines without sections, notes, down payments and what the client
        leaves out of optional phases."""
        return self.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment and not line._psa_is_declined()
        )

    def _psa_period(self, changes=None):
        """First and last day (inclusive) of this SOW after ``changes`` (default: the confirmed ones)."""
        self.ensure_one()
        changes = self._psa_changes() if changes is None else changes
        start, end = self.psa_date_start, self.psa_date_end
        for change in changes:
            start, end = change.psa_date_start or start, change.psa_date_end or end
        return start, end

    def _psa_cap(self, changes=None):
        """The cap of this SOW after ``changes`` (default: the confirmed ones), before taxes, in its
        currency; 0: no cap."""
        self.ensure_one()
        changes = self._psa_changes() if changes is None else changes
        return self.psa_cap_amount + sum(changes.mapped("psa_cap_change"))

    def _psa_phase_dates(self, section, changes=None):
        """First and last day (inclusive) of the phase of ``section``, as change orders moved it; the SOW's
        where it has none."""
        self.ensure_one()
        sow = self._psa_sow()
        changes = sow._psa_changes() if changes is None else changes
        start, end = sow._psa_period(changes)
        start, end = section.psa_date_start or start, section.psa_date_end or end
        for moved in changes.order_line.filtered(lambda line: section and line.psa_amends_line_id == section):
            start, end = moved.psa_date_start or start, moved.psa_date_end or end
        return start, end

    # -- changing --------------------------------------------------------------------------

    def _psa_lock_terms(self):
        """Of two transactions that change the terms of one SOW at once, the second is run again on what
        the first did.

        A row that is only locked would let the second go on with what it read before; one that was
        changed makes PostgreSQL refuse the second, and Odoo repeat it.
        """
        if self:
            self.env.cr.execute(
                SQL(
                    "UPDATE sale_order SET psa_terms_revision = COALESCE(psa_terms_revision, 0) + 1 "
                    "WHERE id = ANY(%s)",
                    sorted(self.ids),
                )
            )
            self.invalidate_recordset(["psa_terms_revision"], flush=False)

    def _psa_terms_changed(self, lines):
        """A change order of these SOWs was confirmed or cancelled; a hook for the addons above, too.

        :param lines: all sold lines of the SOWs and of their confirmed change orders, and those of the
            change order that was cancelled
        """
        self._psa_land_waiting_time()

    def _psa_land_waiting_time(self):
        """Time on these SOWs that nobody has approved yet, in a role that was not sold, lands on the line
        that sells it now."""
        projects = self.env["project.project"].union(*(sow._psa_project() for sow in self))
        if projects:
            # sudo: which line pays for time follows from the contract, whoever signs it
            self.env["account.analytic.line"].sudo().search(
                [
                    ("project_id", "in", projects.ids),
                    ("so_line", "=", False),
                    ("psa_state", "!=", APPROVED),
                ]
            )._psa_land_again()
