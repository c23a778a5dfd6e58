"""The pages of a contract begin below a letterhead of any number of lines, on every page."""

import math

from odoo import models
from odoo.tools import html2plaintext

#: Millimetres: a line of the company's details in the host's layouts; what is above these in the layout that
#: has them below the logo, and in those that have them beside it; what stays free below.
LINE, BELOW_LOGO, BESIDE_LOGO, GAP = 6.8, 31.5, 11.0, 3.0


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _psa_paper_top(self):
        """The margin at the top that the SOWs among these orders need, in mm; None: that of the paper is
        enough.

        wkhtmltopdf prints the letterhead into this margin: where it is higher, it covers the first lines of
        the second and all further pages.
        """
        orders = self.filtered("psa_kind")
        if not orders:
            return None
        needed = max(order._psa_letterhead_height() for order in orders)
        paper = orders.company_id[:1].paperformat_id or self.env.ref("base.paperformat_euro")
        return needed if needed > paper.margin_top else None

    def _psa_letterhead_height(self):
        self.ensure_one()
        company = self.company_id
        layout = company.external_report_layout_id.key or "web.external_layout_standard"
        above = BELOW_LOGO if layout == "web.external_layout_standard" else BESIDE_LOGO
        if company.is_company_details_empty:
            details = company.partner_id.with_context(show_address=True).display_name
        else:
            details = html2plaintext(company.company_details)
        lines = sum(1 for line in details.splitlines() if line.strip())
        lines += bool(self.fiscal_position_id.foreign_vat)
        return math.ceil(above + lines * LINE + GAP)
