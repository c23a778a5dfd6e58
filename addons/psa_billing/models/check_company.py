"""Whether records fit their company, asked once of all records that name the same ones.

The host asks each record and each field for itself: on the lines of a hundred invoices that is the same
account, tax and product again and again.
"""

from odoo import models
from odoo.exceptions import UserError


def check_alike(records, names, check):
    """Call ``check`` (records, names) for one record of each company and of what each checked field holds.

    :raises UserError: as the host does, naming all records that do not fit
    """
    if names is None or {"company_id", "company_ids"} & set(names):
        names = records._fields
    checked = [
        name for name in names if records._fields[name].relational and records._fields[name].check_company
    ]
    companies = [record.company_id.id for record in records]
    try:
        for name in checked:
            different = {}
            for record, company in zip(
                records.sudo(), companies, strict=True
            ):  # sudo: as the host reads them
                different.setdefault((company, record[name]._ids), record.id)
            check(records.browse(different.values()), [name])
    except UserError:
        check(records, names)
        raise


class AccountMove(models.Model):
    _inherit = "account.move"

    def _check_company(self, fnames=None):
        host = super()._check_company
        return check_alike(self, fnames, host.__func__)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _check_company(self, fnames=None):
        host = super()._check_company
        return check_alike(self, fnames, host.__func__)


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    def _check_company(self, fnames=None):
        host = super()._check_company
        return check_alike(self, fnames, host.__func__)
