from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.sql import column_exists, create_column

from .rights import PRICE_GROUPS


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
        groups="base.group_user",  # clients read their orders; what the firm calls its prices is its own
        domain="[('company_id', '=', company_id), "
        "('order_id', 'in', [False, id]), ('agreement_id', 'in', [False, psa_agreement_id]), "
        "'|', ('partner_id', '=', False), ('partner_id', 'parent_of', partner_id)]",
        help="Prices of the role lines. Proposed: the card of the agreement, else of the client, else of the "
        "company.",
    )
    psa_date_start = fields.Date(string="Start", help="First day of work. Rates are those of this day.")
    psa_date_end = fields.Date(string="End", help="Last day of work.")
    psa_cap_amount = fields.Monetary(
        string="Cap",
        groups=PRICE_GROUPS,
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

    @api.depends("partner_id", "company_id", "psa_kind", "psa_agreement_id")
    def _compute_psa_rate_card_id(self):
        drafts = self.filtered(lambda order: order.psa_kind and order.state in ("draft", "sent"))
        self.filtered(lambda order: not order.psa_kind).psa_rate_card_id = False
        candidates = self.env["psa.rate.card"]._psa_candidates(drafts)
        for order in drafts:
            order.psa_rate_card_id = (
                order.psa_parent_id.psa_rate_card_id or order._psa_cards_among(candidates)[:1]
            )

    @api.constrains("psa_rate_card_id")
    def _check_psa_rate_card_client(self):
        for order in self:
            # sudo: whose card it is matters also to a writer who cannot read it.
            card, client = order.psa_rate_card_id.sudo(), order.partner_id.commercial_partner_id
            if card == order.psa_parent_id.sudo().psa_rate_card_id:
                continue  # a change order keeps the card that was signed, also once the client left its group
            if card.partner_id and card.partner_id.commercial_partner_id != client:
                raise ValidationError(
                    self.env._(
                        "%(order)s: the rate card %(card)s is that of another client. Choose a card of "
                        "%(client)s or one of the company.",
                        order=order.name,
                        card=card.name,
                        client=client.display_name,
                    )
                )
            if card.order_id and card.order_id != order._psa_sow():
                raise ValidationError(
                    self.env._(
                        "%(order)s: the rate card %(card)s is that of %(other)s alone. Choose another card.",
                        order=order.name,
                        card=card.name,
                        other=card.order_id.name,
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

    @api.model
    def _psa_free_fields(self):
        """Names of own fields that stay writable on a signed order. All other ``psa_`` fields are
        locked, also those of the addons above; who needs one free extends this."""
        return set()

    def _psa_sow(self):
        """The SOWs that these orders belong to: themselves, or those that they change."""
        if len(self) == 1:  # asked for each line of a run
            return self.psa_parent_id or self
        ids = tuple(dict.fromkeys((order.psa_parent_id or order).id for order in self))
        return self if ids == self._ids else self.browse(ids)  # the same records are read together

    def _psa_price_day(self):
        """The day whose rates price this SOW: its start, else the day of the order."""
        self.ensure_one()
        return self.psa_date_start or fields.Date.to_date(self.date_order) or fields.Date.context_today(self)

    def _psa_sections(self, offered=False):
        """The section that each sold line of these orders stands under: ``{line: section or empty}``.

        :param offered: also that of lines which the client leaves out
        """
        sections = {}
        for order in self:
            section = self.env["sale.order.line"]
            for line in order.order_line.sorted(lambda line: (line.sequence, line._origin.id or 0)):
                if line.display_type == "line_section":
                    section = line
                elif not line.display_type and not line.is_downpayment:
                    if offered or not line._psa_is_declined():
                        sections[line] = section
        return sections
