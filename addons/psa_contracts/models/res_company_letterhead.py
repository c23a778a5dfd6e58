"""The pages of a document begin below a letterhead of any number of lines, on every page."""

import math

from odoo import models
from odoo.tools import html2plaintext

#: Millimetres: a line of the company's details in the host's layouts; what is above these in the layout that
#: has them below the logo, and in those that have them beside it; what stays free below.
LINE, BELOW_LOGO, BESIDE_LOGO, GAP = 6.8, 31.5, 11.0, 3.0


class ResCompany(models.Model):
    _inherit = "res.company"

    def _psa_paper_top(self, more_lines=0):
        """The margin at the top that documents of these companies need, in mm; None: that of the paper is
        enough.

        wkhtmltopdf prints the letterhead into this margin: where it is higher, it covers the first lines of
        the second and all further pages.

        :param int more_lines: lines that the document puts below the company's details
        """
        if not self:
            return None
        needed = max(company._psa_letterhead_height(more_lines) for company in self)
        paper = self[:1].paperformat_id or self.env.ref("base.paperformat_euro")
        return needed if needed > paper.margin_top else None

    def _psa_letterhead_height(self, more_lines):
        self.ensure_one()
        layout = self.external_report_layout_id.key or "web.external_layout_standard"
        above = BELOW_LOGO if layout == "web.external_layout_standard" else BESIDE_LOGO
        if self.is_company_details_empty:
            details = self.partner_id.with_context(show_address=True).display_name
        else:
            details = html2plaintext(self.company_details)
        lines = sum(1 for line in details.splitlines() if line.strip()) + more_lines
        return math.ceil(above + lines * LINE + GAP)
