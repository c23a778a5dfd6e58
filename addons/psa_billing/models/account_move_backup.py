"""The backup report: the work behind an invoice, for the client, as PDF and spreadsheet."""

import io

import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..core.backup import Row, by_person
from ..core.money import dec
from .rights import check_billing_manager

REPORT = "psa_billing.action_report_backup"
#: Row of the spreadsheet (from 0) with the titles of its columns.
HEAD = 3


def row_of(part, sale_line):
    """The ``Row`` of billed or credited work; its quantity is in the unit of ``sale_line``."""
    entry, unit_hours = part.analytic_line_id, dec(sale_line._psa_unit_hours() or 0)
    return Row(
        part.employee_id.name or "",
        entry.task_id.name or (sale_line.name or "").split("\n")[0],
        part.date,
        (part.name or "").strip("/"),
        dec(part.raw_hours),
        dec(part.billable_quantity) * unit_hours,
        dec(part.amount),
    )


class AccountMove(models.Model):
    _inherit = "account.move"

    psa_backup_ids = fields.Many2many(
        "ir.attachment",
        "psa_backup_attachment_rel",
        string="Backup Reports",
        copy=False,
        readonly=True,
        help="Sent with the invoice.",
    )

    def action_psa_backup(self):
        """Attach the backup report, as PDF and spreadsheet, in place of the one that is there.

        :raises AccessError: for users who are no billing managers
        :raises UserError: where no work stands behind the invoice
        """
        check_billing_manager(self)
        for move in self:
            if not move._psa_backup_people():
                raise UserError(
                    self.env._("No work stands behind %s: there is nothing to report.", move.display_name)
                )
        self._psa_attach_backup()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The backup report is attached as PDF and spreadsheet."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _psa_attach_backup(self):
        """Make the files anew on those of these invoices that have work behind them."""
        # sudo: the files tell what the invoice bills, to those who may read the invoice
        for move in self.sudo():
            if not move._psa_backup_people():
                continue
            move.psa_backup_ids.unlink()
            move = move.with_context(lang=move.partner_id.lang or self.env.lang)
            name = move.env._("Work on %s", (move.name or str(move.id)).replace("/", "_"))
            content, _kind = move.env["ir.actions.report"]._render_qweb_pdf(REPORT, move.ids)
            files = {f"{name}.pdf": content, f"{name}.xlsx": move._psa_backup_xlsx()}
            move.psa_backup_ids = [
                Command.create({"name": file_name, "raw": raw, "res_model": move._name, "res_id": move.id})
                for file_name, raw in files.items()
            ]

    def _post(self, soft=True):
        posted = super()._post(soft)
        # sudo: a setting that follows from the invoice
        wanted = posted.filtered(lambda move: move.company_id.sudo().psa_backup_report == "post")
        wanted.filtered("psa_has_work")._psa_attach_backup()
        return posted

    # -- what it says ----------------------------------------------------------------------

    def _psa_backup_columns(self):
        """The columns beside the hours, by setting: among ``billable`` and ``amount``."""
        self.ensure_one()
        # sudo: a setting that follows from the invoice
        columns = self.company_id.sudo().psa_backup_columns
        return {"hours": (), "billable": ("billable",), "amount": ("billable", "amount")}[columns]

    def _psa_backup_people(self):
        """``[core.backup.Person]`` of this invoice or credit note: of several payers only its own."""
        self.ensure_one()
        # sudo: see _psa_attach_backup
        move = self.sudo().with_context(lang=self.partner_id.lang or self.env.lang)
        work = move.env["psa.wip.entry"].search([("invoice_line_id.move_id", "=", move.id)])
        credited = move.psa_credited_work_ids if not work else move.psa_credited_work_ids.browse()
        rows = [row_of(part, part.sale_line_id) for part in work]
        rows += [row_of(part, part.move_line_id.psa_credits_line_id.sale_line_ids) for part in credited]
        return by_person(rows)

    def _psa_backup_period(self):
        """First and last day of the work."""
        self.ensure_one()
        dates = [row.date for person in self._psa_backup_people() for row in person.rows]
        return (min(dates), max(dates)) if dates else (False, False)

    def _psa_backup_xlsx(self):
        """The spreadsheet, as bytes. Texts are written as text: none is taken for a formula."""
        self.ensure_one()
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True})
        sheet = book.add_worksheet(self.env._("Work"))
        columns, labels = ("hours", *self._psa_backup_columns()), self._psa_backup_labels()
        self._psa_write_title(book, sheet)
        heads = {
            kind: book.add_format({"bold": True, "bottom": 1, "align": kind}) for kind in ("left", "right")
        }
        for column, name in enumerate(("person", "task", "date", "description", *columns)):
            sheet.write_string(HEAD, column, labels[name], heads["right" if name in columns else "left"])
        rows = [row for person in self._psa_backup_people() for row in person.rows]
        self._psa_write_rows(book, sheet, rows, columns)
        self._psa_write_total(book, sheet, rows, columns)
        for first, end, width in ((0, 1, 24), (2, 2, 12), (3, 3, 48), (4, 3 + len(columns), 16)):
            sheet.set_column(first, end, width)
        sheet.freeze_panes(HEAD + 1, 0)
        sheet.autofilter(HEAD, 0, HEAD + len(rows), 3 + len(columns))
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD)
        sheet.set_footer("&L&F&R&P / &N")
        book.close()
        return stream.getvalue()

    def _psa_write_title(self, book, sheet):
        """Which invoice it is, whose, and the days of the work."""
        first, last = self._psa_backup_period()
        days = " – ".join(format_date(self.env, day) for day in (first, last) if day)
        sheet.write_string(
            0,
            0,
            self.env._("Work on %s", self.display_name),
            book.add_format({"bold": True, "font_size": 14}),
        )
        sheet.write_string(1, 0, ", ".join(filter(None, (self.partner_id.display_name, days))))

    def _psa_write_rows(self, book, sheet, rows, columns):
        top = {"valign": "top"}
        text = book.add_format({**top, "text_wrap": True})
        day = book.add_format({**top, "num_format": 14, "align": "left"})  # as the reader writes dates
        number = book.add_format({**top, "num_format": "#,##0.00"})
        for line, row in enumerate(rows, start=HEAD + 1):
            sheet.write_string(line, 0, row.person, text)
            sheet.write_string(line, 1, row.task, text)
            sheet.write_datetime(line, 2, row.date, day)
            sheet.write_string(line, 3, row.description, text)
            for column, name in enumerate(columns, start=4):
                sheet.write_number(line, column, float(getattr(row, name)), number)

    def _psa_write_total(self, book, sheet, rows, columns):
        """Below the rows: of those that a filter shows."""
        total = book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1})
        last = HEAD + len(rows) + 1
        sheet.write_string(last, 0, self._psa_backup_labels()["total"], total)
        for column in (1, 2, 3):
            sheet.write_blank(last, column, None, total)
        for column, name in enumerate(columns, start=4):
            letter = chr(ord("A") + column)
            formula = f"=SUBTOTAL(9,{letter}{HEAD + 2}:{letter}{last})"
            value = float(sum(getattr(row, name) for row in rows))
            sheet.write_formula(last, column, formula, total, value)

    def _psa_backup_labels(self):
        """Titles of the columns, in the language of the environment."""
        return {
            "person": self.env._("Person"),
            "task": self.env._("Task"),
            "date": self.env._("Day"),
            "description": self.env._("Description"),
            "total": self.env._("Total"),
            "hours": self.env._("Hours"),
            "billable": self.env._("Billed Hours"),
            "amount": self.env._("Amount (%s)", self.currency_id.name),
        }


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _get_invoice_extra_attachments(self, move):
        return super()._get_invoice_extra_attachments(move) + move.psa_backup_ids

    def _generate_invoice_documents(self, invoices_data, allow_fallback_pdf=False):
        for move in invoices_data:
            if move.psa_has_work and move.company_id.psa_backup_report == "send" and not move.psa_backup_ids:
                move._psa_attach_backup()
        return super()._generate_invoice_documents(invoices_data, allow_fallback_pdf=allow_fallback_pdf)
