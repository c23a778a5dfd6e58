from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.sql import column_exists, create_column

#: What was signed. It changes through a change order, not by editing a confirmed SOW.
SIGNED_FIELDS = {
    "psa_acceptance_criteria",
    "psa_agreement_id",
    "psa_assumptions",
    "psa_cap_amount",
    "psa_date_end",
    "psa_date_start",
    "psa_deliverables",
    "psa_kind",
    "psa_parent_id",
    "psa_rate_card_id",
    "psa_scope",
}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    psa_kind = fields.Selection(
        [("sow", "Statement of Work"), ("change_order", "Change Order")],
        string="Kind of Contract",
        index="btree_not_null",
    )
    psa_agreement_id = fields.Many2one(
        "psa.agreement",
        string="Agreement",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The frame agreement (MSA) with the client that this statement of work stands under.",
    )
    psa_parent_id = fields.Many2one(
        "sale.order",
        string="Changes",
        check_company=True,
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The statement of work that this change order amends.",
    )
    psa_change_ids = fields.One2many("sale.order", "psa_parent_id", string="Change Orders")
    psa_rate_card_id = fields.Many2one(
        "psa.rate.card",
        string="Rate Card",
        compute="_compute_psa_rate_card_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id), "
        "'|', ('partner_id', '=', False), ('partner_id', 'parent_of', partner_id)]",
        help="Prices of the role lines. Proposed: the client's card, else the company's.",
    )
    psa_date_start = fields.Date(string="Start", help="First day of work. Rates are those of this day.")
    psa_date_end = fields.Date(string="End", help="Last day of work.")
    psa_cap_amount = fields.Monetary(
        string="Cap",
        help="Not to exceed: the amount before taxes that may be billed for time on this SOW. 0: no cap.",
    )

    psa_section_ids = fields.One2many(
        "sale.order.line", "order_id", string="Phases", domain=[("display_type", "=", "line_section")]
    )

    _psa_dates_in_order = models.Constraint(
        "CHECK(psa_date_end IS NULL OR psa_date_start IS NULL OR psa_date_end >= psa_date_start)",
        "A statement of work cannot end before it starts: check the two dates.",
    )
    _psa_cap_not_negative = models.Constraint(
        "CHECK(psa_cap_amount IS NULL OR psa_cap_amount >= 0)", "A cap cannot be negative. Use 0 for no cap."
    )

    def _auto_init(self):
        # A column that is there already is not computed for each of a firm's old orders at install.
        if not column_exists(self.env.cr, "sale_order", "psa_rate_card_id"):
            create_column(self.env.cr, "sale_order", "psa_rate_card_id", "int4")
        return super()._auto_init()

    @api.depends("partner_id", "company_id", "psa_kind")
    def _compute_psa_rate_card_id(self):
        for order in self:
            if not order.psa_kind:
                order.psa_rate_card_id = False
            elif order.state in ("draft", "sent"):
                cards = self.env["psa.rate.card"]._psa_cards_of(
                    order.company_id, order.partner_id.commercial_partner_id
                )
                order.psa_rate_card_id = cards[:1]

    @api.constrains("psa_rate_card_id")
    def _check_psa_rate_card_client(self):
        for order in self:
            # sudo: whose card it is matters also to a writer who cannot read it.
            owner = order.psa_rate_card_id.sudo().partner_id.commercial_partner_id
            if owner and owner != order.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(order)s: the rate card %(card)s is that of another client. Choose a card of "
                        "%(client)s or one of the company.",
                        order=order.name,
                        card=order.psa_rate_card_id.sudo().name,
                        client=order.partner_id.commercial_partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        default_kind = self.env.context.get("default_psa_kind")
        for vals in vals_list:
            if vals.get("psa_kind", default_kind) == "sow" and vals.get("name", "New") in (
                "New",
                self.env._("New"),
            ):
                company = vals.get("company_id") or self.env.company.id
                vals["name"] = self.env["ir.sequence"].with_company(company).next_by_code("psa.sow")
        return super().create(vals_list)

    def write(self, vals):
        if SIGNED_FIELDS & vals.keys() and not self.env.su:
            # psa_kind in vals: a confirmed quotation does not become a SOW either
            signed = self.filtered(
                lambda order: (order.psa_kind or vals.get("psa_kind")) and order.state == "sale"
            )
            if signed:
                raise UserError(
                    self.env._(
                        "%s is signed. Its kind, dates, rate card and cap cannot be edited any more; "
                        "agree on a new statement of work for what changes.",
                        signed[0].name,
                    )
                )
        return super().write(vals)

    def _psa_sow(self):
        """The SOW that this order belongs to: itself, or the one that it changes."""
        self.ensure_one()
        return self.psa_parent_id or self

    def _psa_price_day(self):
        """The day whose rates price this SOW: its start, else the day of the order."""
        self.ensure_one()
        return self.psa_date_start or fields.Date.to_date(self.date_order) or fields.Date.context_today(self)

    def _psa_cards(self):
        """The cards to ask, in their order: of the SOW, of the client, of the company."""
        self.ensure_one()
        cards = self.env["psa.rate.card"]._psa_cards_of(
            self.company_id, self.partner_id.commercial_partner_id
        )
        return self.psa_rate_card_id | (cards - self.psa_rate_card_id)

    def _psa_sections(self):
        """The section that each sold line of these orders stands under: ``{line: section or empty}``."""
        sections = {}
        for order in self:
            section = self.env["sale.order.line"]
            for line in order.order_line.sorted(lambda line: (line.sequence, line._origin.id or 0)):
                if line.display_type == "line_section":
                    section = line
                elif not line.display_type and not line.is_downpayment:
                    sections[line] = section
        return sections
