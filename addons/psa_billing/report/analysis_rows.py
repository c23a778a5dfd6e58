"""Reports of many rows, of which a screen shows a few."""

from odoo import api, models
from odoo.tools import SQL


class PsaReportRows(models.AbstractModel):
    """Which rows a list shows is asked without what they say, and what they say then of these rows alone:
    each part of the query reads the records that they are made from, by their ids.

    The id of a row is the id of its record times ``_row_kinds``, plus the number of its kind.
    """

    _name = "psa.report.rows"
    _description = "Rows of a Report"

    _row_kinds = 4

    @api.model
    def _rows_key(self):
        return f"rows of {self._name}"

    @api.model
    def _only_rows(self, ids):
        """This report, of these rows; None: of all."""
        return self.with_context(**{self._rows_key(): ids})

    @api.model
    def _where_rows(self, record, *kinds):
        """Whether a row of one of these kinds of the record with the id ``record`` (SQL) is asked for."""
        ids = self.env.context.get(self._rows_key())
        if ids is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", record, self._records_of(*kinds))

    @api.model
    def _records_of(self, *kinds):
        """The ids of the records that rows of these kinds are asked of."""
        ids = self.env.context.get(self._rows_key()) or ()
        return [row // self._row_kinds for row in ids if row % self._row_kinds in kinds]

    @api.model
    def _asking(self, *asked):
        """This report, for a query that names ``asked``: domain, groups, measures, order."""
        return self

    @api.model
    def _asking_all(self):
        """This report, for a query that reads all that it says."""
        return self

    # -- how rows are found and read -------------------------------------------------------

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        leaf = domain[0] if isinstance(domain, list) and len(domain) == 1 else ()
        if tuple(leaf[:2]) == ("id", "in") and isinstance(leaf[2], (list, tuple)):
            report = self._only_rows(tuple(leaf[2]))
        else:
            report = self._asking(domain, order)
        return super(PsaReportRows, report)._search(domain, offset, limit, order, **kwargs)

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        if not limit and field_names != []:  # an export: one query reads all of all rows
            report = super(PsaReportRows, self._asking_all())
            return report.search_fetch(domain, field_names, offset, limit, order).with_env(self.env)
        rows = self.browse(self._search(domain, offset=offset, limit=limit, order=order or self._order))
        self._determine_fields_to_fetch(field_names)  # raises where a field may not be read
        rows.fetch(field_names)
        return rows

    # -- what a click calls ----------------------------------------------------------------

    def _open(self, *records):
        """The action that opens the first of ``records`` that is there and that the user may read.

        A billing manager sees the hours of others in the reports, but not their timesheets.
        """
        there = [record for record in records if record] or records[-1:]
        record = next((one for one in there if one.has_access("read")), there[-1])
        view = record[:1].get_formview_id()  # a statement of work has a form of its own
        if record._name == "account.analytic.line":
            view = self.env.ref("hr_timesheet.timesheet_view_form_user").id
        return record._get_records_action(name=record.display_name, views=[(view, "form")], context={})
