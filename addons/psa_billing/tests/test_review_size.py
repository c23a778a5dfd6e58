"""A proposal of thousands of entries opens as fast as a small one."""

import time

from lxml import etree

from odoo import fields
from odoo.tests import tagged

from .test_adjustments import ReviewCase
from .test_proposal_visibility import PM

LINE_FIELDS = (
    "label",
    "worked_hours",
    "quantity",
    "worked_amount",
    "adjustment_amount",
    "amount",
    "adjustment_reason",
    "is_held",
    "message",
    "proposal_state",
)
WORK_FIELDS = (
    "date",
    "employee_id",
    "name",
    "sale_line_id",
    "worked_hours",
    "billed_quantity",
    "worked_amount",
    "adjustment_amount",
    "billed_amount",
    "adjustment_reason",
    "state",
)


def spec(names, model):
    return {
        name: {"fields": {"display_name": {}}} if model._fields[name].type == "many2one" else {}
        for name in names
    }


@tagged("post_install", "-at_install")
class TestSizeOfProposals(ReviewCase):
    def _proposal_of(self, count, day):
        """A proposal of ``count`` entries of an hour, copied in the database: rating is not timed."""
        line = self._sow().order_line
        entry = self._work(line, 1, day)
        self.env.flush_all()
        for table, key, others in (
            ("account_analytic_line", "id", {}),
            ("psa_wip_entry", "analytic_line_id", {"analytic_line_id": "copy.id"}),
        ):
            self.env.cr.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
                "AND column_name != 'id' AND is_generated = 'NEVER'",
                [table],
            )
            names = [row[0] for row in self.env.cr.fetchall()]
            values = ", ".join(others.get(name, f'source."{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            source = "generate_series(2, %(count)s) copy (id)"
            if others:
                source = (
                    "account_analytic_line copy WHERE source.analytic_line_id = %(entry)s "
                    "AND copy.so_line = %(line)s AND copy.id != %(entry)s"
                )
            self.env.cr.execute(  # pylint: disable=sql-injection  # names of columns
                f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} source, {source}"  # noqa: S608
                + ("" if others else f" WHERE source.{key} = %(entry)s"),
                {"count": count, "entry": entry.id, "line": line.id},
            )
        self.env.invalidate_all()
        proposal = self._propose(day, day)
        self._adjust(proposal, "percent", percent=-10)
        self.assertEqual(proposal.amount, count * 135)
        return proposal

    def _open(self, proposal):
        """What the browser asks for: the form, and the first page of its work."""
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        lines = spec(LINE_FIELDS, proposal.line_ids)
        proposal.web_read(
            {
                "line_ids": {"fields": lines},
                "adjustment_ids": {"fields": {"amount": {}}, "limit": 40},
                "adjustment_count": {},
                "worked_amount": {},
                "adjustment_amount": {},
                "amount": {},
                "message": {},
                "needs_review": {},
                "reviewer_id": {"fields": {"display_name": {}}},
            }
        )
        action = proposal.action_view_wip()
        work = self.env["psa.wip.entry"]
        found = work.web_search_read(action["domain"], spec(WORK_FIELDS, work), limit=80, order="date, id")
        self.assertEqual(found["records"][0]["billed_amount"], 135)
        return self.env.cr.sql_log_count - start

    def test_queries_of_opening_do_not_grow_with_the_entries(self):
        self._open(self._proposal_of(2, "2026-03-02"))  # caches
        few, many = (
            self._open(self._proposal_of(count, day))
            for count, day in ((100, "2026-03-03"), (300, "2026-03-04"))
        )
        self.assertLessEqual(many, few + 1)

    def _form(self, record):
        """What the browser asks for to show the form of ``record``: pages of 40 of its lists."""
        arch = etree.fromstring(record.get_view(view_type="form")["arch"])
        wanted = {}
        for node in arch.iterfind(".//field"):
            if next(node.iterancestors("field"), None) is not None:
                continue
            field = record._fields[node.get("name")]
            if field.type in ("one2many", "many2many"):
                model = self.env[field.comodel_name]
                shown = node.find("list")
                if shown is None:
                    shown = etree.fromstring(model.get_view(view_type="list")["arch"])
                names = [column.get("name") for column in shown.iterfind(".//field")]
                wanted[field.name] = {"fields": spec(names, model), "limit": 40}
            else:
                wanted.update(spec([field.name], record))
        return wanted

    def test_a_proposal_of_five_thousand_entries_opens_at_once(self):
        """As the form view asks, and the dialog of its line with a page of its work: within a second."""
        small, large = self._proposal_of(2, "2026-03-02"), self._proposal_of(5000, "2026-03-03")
        queries, seconds = {}, {}
        for _round in ("caches", "counted"):
            for proposal in (small, large):
                forms = [(record, self._form(record)) for record in (proposal, proposal.line_ids)]
                self.assertIn("wip_ids", forms[1][1])
                start = time.process_time()
                queries[proposal] = self._count_queries(
                    lambda forms=forms: [record.web_read(wanted) for record, wanted in forms]
                )
                seconds[proposal] = time.process_time() - start
        self.assertEqual(len(large.line_ids.wip_ids.filtered(lambda part: part.state == "proposed")), 5000)
        self.assertLessEqual(queries[large], queries[small] + 3)
        self.assertLessEqual(queries[large], 60)
        self.assertLess(seconds[large], 1)

    def _review(self, count, day):
        """Queries of taking an adjustment back, of adjusting again, and of cancelling."""
        proposal = self._proposal_of(count, day)
        undo = self._count_queries(proposal.line_ids.action_undo_adjustments)
        self.assertEqual(proposal.amount, count * 150)
        # −20 % of an hour at 150.00 is 30.00
        adjust = self._count_queries(lambda: self._adjust(proposal, "percent", percent=-20))
        self.assertEqual(proposal.amount, count * 120)
        work = proposal.line_ids.wip_ids.filtered(lambda part: part.state == "proposed")
        cancel = self._count_queries(proposal.action_cancel)
        self.assertEqual(
            [(part.state, part.amount, part.remainder) for part in work], [("open", 150, 0)] * count
        )
        return undo, adjust, cancel

    def test_queries_of_the_review_do_not_grow_with_the_entries(self):
        self._review(2, "2026-03-02")  # caches
        few, many = self._review(100, "2026-03-03"), self._review(200, "2026-03-04")
        for step, one, two in zip(("undo", "adjust", "cancel"), few, many, strict=True):
            self.assertLessEqual(two, one + 3, step)

    def test_the_days_of_the_work_are_those_of_what_is_billed(self):
        line = self._sow().order_line
        first, _last = self._work(line, 1, "2026-03-02"), self._work(line, 1, "2026-03-09")
        proposal = self._propose()
        self._adjust(first.psa_wip_ids, "write_off")
        day = fields.Date.to_date("2026-03-09")
        self.assertEqual((proposal.line_ids.date_start, proposal.line_ids.date_end), (day, day))

    def test_queries_of_the_lists_do_not_grow_with_the_rows(self):
        """Adjustments of six SOWs, one project each: a project manager's list asked for each project, the
        list of work for each adjustment."""
        for _number in range(6):
            self._adjust(self._work(self._sow().order_line, 1).psa_wip_ids, "write_off")
        reviewer = self._user("reviewer", PM)

        def listed(model, limit):
            records = self.env[model].with_user(reviewer)
            shown = etree.fromstring(records.get_view(view_type="list")["arch"]).iterfind(".//field")
            wanted = spec({column.get("name") for column in shown} & records._fields.keys(), records)
            found = records.web_search_read([], wanted, limit=limit)
            self.assertEqual(len(found["records"]), limit)

        for model in ("psa.adjustment", "psa.wip.entry"):
            listed(model, 6)  # caches
            few, many = (
                self._count_queries(lambda limit=limit, model=model: listed(model, limit)) for limit in (3, 6)
            )
            self.assertLessEqual(many, few + 1, model)
