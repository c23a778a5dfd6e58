"""A SOW as a document: its texts, and what its PDF and portal page show the client.

Nothing internal stands here: no cost, no margin, no reason of a price.
"""

from odoo import api, fields, models
from odoo.tools import format_date, is_html_empty

from ..core.billing_models import RETAINER, TIME_MATERIAL
from .numbers import number_told

#: What is written about the work, for the client to read.
DOCUMENT_FIELDS = ("psa_scope", "psa_deliverables", "psa_assumptions", "psa_acceptance_criteria")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_scope = fields.Html(string="Scope", sanitize=True, translate=False)
    psa_deliverables = fields.Html(string="Deliverables", sanitize=True, translate=False)
    psa_assumptions = fields.Html(string="Assumptions", sanitize=True, translate=False)
    psa_acceptance_criteria = fields.Html(string="Acceptance Criteria", sanitize=True, translate=False)
    psa_sow_state = fields.Selection(
        [("draft", "Draft"), ("sent", "Sent"), ("sale", "Signed"), ("cancel", "Cancelled")],
        string="State of the SOW",
        compute="_compute_psa_sow_state",
        search="_search_psa_sow_state",
        help="The state of the order in the words of contracts.",
    )

    @api.depends("state")
    def _compute_psa_sow_state(self):
        for order in self:
            order.psa_sow_state = order.state

    def _search_psa_sow_state(self, operator, value):
        return [("state", operator, value)]

    def _read_group_groupby(self, alias, groupby_spec, query):
        # Lists are grouped by the state of the order, under the words of contracts.
        spec = "state" if groupby_spec == "psa_sow_state" else groupby_spec
        return super()._read_group_groupby(alias, spec, query)

    @api.depends("psa_kind")
    def _compute_type_name(self):
        result = super()._compute_type_name()
        labels = dict(self._fields["psa_kind"]._description_selection(self.env))
        for order in self.filtered("psa_kind"):
            order.type_name = labels[order.psa_kind]
        return result

    def get_formview_id(self, access_uid=None):
        """SOWs and change orders open in their own form wherever a link leads to them."""
        if len(self) == 1 and self.psa_kind:
            form = "change_order_form" if self.psa_kind == "change_order" else "sow_view_form"
            return self.env.ref(f"psa_contracts.{form}").id
        return super().get_formview_id(access_uid=access_uid)

    def _find_mail_template(self):
        """SOWs are sent as what they are; a missing template falls back to the host's."""
        if self.psa_kind and not self.env.context.get("proforma"):
            template = self.env.ref("psa_contracts.mail_template_sow", raise_if_not_found=False)
            if template:
                return template
        return super()._find_mail_template()

    def _get_name_portal_content_view(self):
        # a localisation that has a portal page of its own keeps it
        name = super()._get_name_portal_content_view()
        if self.psa_kind and name == "sale.sale_order_portal_content":
            return "psa_contracts.sow_portal_content"
        return name

    def _get_report_base_filename(self):
        name = super()._get_report_base_filename()
        return name.replace("/", "-") if self.psa_kind else name

    # -- what the document shows ---------------------------------------------------------------

    def _psa_paper_top(self):
        """The margin in mm that a letterhead of many lines needs; None: that of the paper, or no SOW."""
        sows = self.filtered("psa_kind")
        return sows.company_id._psa_paper_top(int(any(sows.fiscal_position_id.mapped("foreign_vat"))))

    def _psa_document_texts(self):
        """The written sections as ``[(heading, HTML)]``, in reading order, the empty ones left out."""
        self.ensure_one()
        names = ("psa_scope", "psa_deliverables", "psa_assumptions", "psa_acceptance_criteria")
        return [
            (self._fields[name]._description_string(self.env), self[name])
            for name in names
            if not is_html_empty(self[name])
        ]

    def _psa_document_facts(self):
        """Dates and references as ``[(label, text)]``, in the language of the environment."""
        self.ensure_one()
        # sudo: names of the agreement and of the SOW that the client signs under
        agreement, parent = self.sudo().psa_agreement_id, self.sudo().psa_parent_id
        open_offer = self.state in ("draft", "sent")
        facts = [
            (self.env._("Amends"), parent.name),
            (self.env._("Under Agreement"), agreement.name),
            # a change order shows its dates among what it changes
            (self.env._("Period"), self.psa_kind == "sow" and self._psa_document_period()),
            (self.env._("Your Reference"), self.client_order_ref),
            (self.env._("Date"), self.date_order and format_date(self.env, self.date_order)),
            (
                self.env._("Valid Until"),
                open_offer and self.validity_date and format_date(self.env, self.validity_date),
            ),
        ]
        return [(label, text) for label, text in facts if text]

    def _psa_document_period(self):
        """First and last day of the work as the client reads them; one alone says which it is."""
        start, end = (day and format_date(self.env, day) for day in (self.psa_date_start, self.psa_date_end))
        if start and end:
            return f"{start} – {end}"
        if start or end:
            return self.env._("from %s", start) if start else self.env._("until %s", end)
        return ""

    def _psa_document_phases(self):
        """``[(section, first day, last day)]``, inclusive; a phase without dates has those of the SOW."""
        self.ensure_one()
        sections = self.order_line.filtered(
            lambda line: line.display_type == "line_section" and not line.is_downpayment
        )
        if self._psa_is_signed():
            taken = set(self._psa_sections().values())
            sections = sections.filtered(lambda section: not section.is_optional or section in taken)
        return [(section, *self._psa_phase_dates(section)) for section in sections]

    def _psa_document_lines(self):
        """``{billing model or "other": [(section or empty, lines)]}`` of what the client sees, in its order.

        A section whose composition is hidden shows as one amount among the phases, not here; so do lines
        that only continue another at a later rate, before anything was ordered on them. What was offered as
        an option shows until the document is signed.
        """
        self.ensure_one()
        signed = self._psa_is_signed()
        shown = self._get_order_lines_to_report().filtered(
            lambda line: (
                not line.display_type
                and not line.is_downpayment
                and not (line.psa_step_date and line.psa_group_line_id and not line.product_uom_qty)
                and not (signed and line._psa_is_declined())
            )
        )
        sections = self._psa_sections(offered=True)
        tables = {}
        for line in shown:
            groups = tables.setdefault(line.psa_billing_model or "other", {})
            section = sections.get(line, line.browse())
            groups[section] = groups.get(section, line.browse()) + line
        return {model: list(groups.items()) for model, groups in tables.items()}

    def _psa_document_notes(self):
        """The notes between the lines that the client sees."""
        return self._get_order_lines_to_report().filtered(lambda line: line.display_type == "line_note")

    def _psa_document_day(self):
        """How long a day is, in words; empty where nothing is sold by the day."""
        self.ensure_one()
        order = self.sudo()  # sudo: a unit of measure is no secret to who reads the order
        if self.env["uom.uom"]._psa_day() not in order._get_order_lines_to_report().product_uom_id:
            return ""
        return self.env._("A day has %s hours.", number_told(self.env, round(order._psa_hours_per_day(), 2)))

    def _psa_document_rates(self):
        """Rates that step inside the period: ``[{"role", "date", "price", "unit"}]``; empty where none does.

        Price of a unit in the currency of the order, ``date`` is its first day. A retainer has a price of a
        period, and no rate.
        """
        steps = self.order_line.filtered(
            lambda line: line.psa_step_date and not line.display_type and line.psa_billing_model != RETAINER
        )
        return [
            {
                "role": line.psa_role_id.name,
                "date": line.psa_step_date,
                "price": line.price_unit,
                "unit": line.product_uom_id.name,
            }
            for line in steps.sorted(lambda line: (line._psa_group_head().sequence, line.psa_step_date))
        ]

    def _psa_document_caps(self):
        """``[(what is capped, amount, its currency)]``: the agreement, the SOW, its lines."""
        self.ensure_one()
        # sudo: what bounds the bill is part of what the client signs, and nothing else is read
        order, caps = self.sudo(), []
        agreement = order.psa_agreement_id
        if agreement.cap_amount and order.psa_kind == "sow":
            caps.append((agreement.display_name, agreement.cap_amount, agreement.currency_id))
        if order.psa_cap_amount:
            caps.append((order.type_name, order.psa_cap_amount, order.currency_id))
        for line in order._get_order_lines_to_report().filtered("psa_cap_amount"):
            caps.append((line._psa_document_name(), line.psa_cap_amount, order.currency_id))
        return caps


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _psa_document_name(self):
        """What the client calls this line: its role, person and work location, else its description."""
        self.ensure_one()
        # sudo: who and where is part of what the client signs; a client reads no employees
        line = self.sudo()
        if not line.psa_role_id or line.psa_billing_model != TIME_MATERIAL:
            return self.name
        parts = [line.psa_role_id.name, line.psa_employee_id.name, line.psa_location_id.name]
        return ", ".join(part for part in parts if part)

    def _psa_short_label(self):
        """The first line of what the client calls this line."""
        return (self._psa_document_name() or "").partition("\n")[0]

    def _psa_document_detail(self):
        """What the description of a role line says beyond the role's name and product; else empty."""
        self.ensure_one()
        first, _sep, rest = (self.name or "").partition("\n")
        known = {self.psa_role_id.name, self.product_id.display_name, self.product_id.name}
        return (rest if first.strip() in known else self.name or "").strip()

    def _psa_shows_price(self):
        """Whether the client sees the price of this line: not where its section hides prices."""
        self.ensure_one()
        return not (self.parent_id.collapse_prices or self.parent_id.parent_id.collapse_prices)
