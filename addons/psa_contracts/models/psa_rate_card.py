from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.rates import RateCards, grid


class PsaRateCard(models.Model):
    _name = "psa.rate.card"
    _inherit = "psa.import.again"
    _description = "Rate Card"
    _order = "partner_id, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(
        default=True, help="An archived card prices nothing new; signed statements of work keep theirs."
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    scope = fields.Selection(
        [
            ("company", "The Company"),
            ("client", "A Client"),
            ("agreement", "An Agreement"),
            ("sow", "One Statement of Work"),
        ],
        string="Prices of",
        compute="_compute_scope",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        required=True,
        help="The narrower card is asked first: statement of work, agreement, client, company.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        check_company=True,
        ondelete="restrict",  # a client's prices must never become everybody's
        help="Prices agreed with one client. Empty: the prices of the company, for every "
        "client without a card.",
    )
    agreement_id = fields.Many2one(
        "psa.agreement",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Prices of the statements of work under this agreement.",
    )
    order_id = fields.Many2one(
        "sale.order",
        string="Statement of Work",
        check_company=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('psa_kind', '=', 'sow'), ('company_id', '=', company_id)]",
        help="Prices of this statement of work and its change orders only.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    line_ids = fields.One2many("psa.rate.card.line", "card_id", string="Rates", copy=True)
    grid = fields.Html(compute="_compute_grid", sanitize=False)

    def copy_data(self, default=None):
        data = super().copy_data(default)
        if "line_ids" not in (default or {}):
            for card, values in zip(self, data, strict=True):
                gone = card.line_ids._psa_of_other_companies().employee_id.ids
                values["line_ids"] = [
                    command
                    for command in values.get("line_ids") or ()
                    if command[2].get("employee_id") not in gone
                ]
        if "name" not in (default or {}):
            for card, values in zip(self, data, strict=True):
                values["name"] = self.env._("%s (copy)", card.name)
        return data

    @api.depends("company_id")
    def _compute_currency_id(self):
        for card in self:
            card.currency_id = card.currency_id or card.company_id.currency_id

    @api.depends("agreement_id.partner_id", "order_id.partner_id")
    def _compute_partner_id(self):
        for card in self:
            # sudo: a rate manager need not be able to read orders
            owner = card.order_id.sudo().partner_id or card.agreement_id.sudo().partner_id
            card.partner_id = owner or card.partner_id

    @api.depends("partner_id", "agreement_id", "order_id")
    def _compute_scope(self):
        scopes = [scope for scope, _label in self._fields["scope"].selection]
        for card in self:
            # A narrower scope that was chosen waits for what it names: a card never becomes everybody's.
            card.scope = max(card.scope or "company", card._psa_scope(), key=scopes.index)

    def _psa_scope(self):
        """The scope that the fields of this card make."""
        self.ensure_one()
        if self.order_id:
            return "sow"
        if self.agreement_id:
            return "agreement"
        return "client" if self.partner_id else "company"

    @api.onchange("scope")
    def _onchange_scope(self):
        kept = {
            "company": (),
            "client": ("partner_id",),
            "agreement": ("agreement_id",),
            "sow": ("order_id",),
        }[self.scope or "company"]
        scope = self.scope
        self.update({name: False for name in ("order_id", "agreement_id", "partner_id") if name not in kept})
        self.scope = scope

    @api.constrains("scope", "partner_id", "agreement_id", "order_id")
    def _check_scope(self):
        for card in self:
            problem = card._psa_scope_problem()
            if problem:
                raise ValidationError(self.env._("%(card)s: %(problem)s", card=card.name, problem=problem))

    def _psa_scope_problem(self):
        """Why scope, client, agreement and order of this card do not fit; None if they do."""
        self.ensure_one()
        if self.scope != self._psa_scope():
            return {
                "company": self.env._("a card of the company names no client. Choose another scope."),
                "client": self.env._("choose the client whose prices these are, and nothing narrower."),
                "agreement": self.env._("choose the agreement whose prices these are."),
                "sow": self.env._("choose the statement of work whose prices these are."),
            }.get(self.scope) or self.env._("choose whose prices these are.")
        # sudo: whose agreement or order it is matters also to a writer who cannot read it
        agreement, order = self.agreement_id.sudo(), self.order_id.sudo()
        if order and agreement:
            return self.env._("a card of one statement of work names no agreement. Leave it empty.")
        if order and order.psa_kind != "sow":
            return self.env._("%s is no statement of work. Choose one.", order.name)
        owner = (order.partner_id or agreement.partner_id).commercial_partner_id
        if owner and self.partner_id.commercial_partner_id != owner:
            return self.env._(
                "%(document)s is one of %(owner)s, not of %(client)s. Choose one of the client's own.",
                document=order.name or agreement.name,
                owner=owner.display_name,
                client=self.partner_id.display_name or self.env._("nobody"),
            )
        return None

    @api.depends(
        "line_ids.role_id",
        "line_ids.employee_id",
        "line_ids.location_id",
        "line_ids.unit",
        "line_ids.date_start",
        "line_ids.date_end",
        "line_ids.price",
    )
    def _compute_grid(self):
        for card in self:
            card.grid = self.env["ir.qweb"]._render(
                "psa_contracts.rate_card_grid", {"card": card, **card._psa_grid()}
            )

    def _psa_grid(self):
        """``days``: when prices change; ``rows``: ``[(whose, [rate or empty for each day])]`` by role."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.role_id and line.date_start)
        # Rates in an open form are not saved yet: they are known by their row, not by an id.
        line_of = {line._psa_row(): line for line in lines}
        days, prices = grid(line_of)
        rows = []
        for found in prices.values():
            cells = [line_of[row] if row else lines.browse() for row in found]
            rows.append((next(line for line in cells if line)._psa_whose_name(), cells))
        return {"days": days, "rows": sorted(rows, key=lambda row: row[0])}

    @api.model
    def _psa_candidates(self, orders):
        """The active cards that may price ``orders``, newest first; one query.

        :param orders: statements of work or change orders, in sudo
        """
        sows = orders.browse([order._psa_sow()._origin.id for order in orders])
        agreements = orders.psa_agreement_id | sows.psa_agreement_id
        clients = orders.partner_id.commercial_partner_id
        return self.search(
            [
                ("company_id", "in", orders.company_id.ids),
                ("order_id", "in", [False, *sows.ids]),
                ("agreement_id", "in", [False, *agreements.ids]),
                "|",
                ("partner_id", "=", False),
                ("partner_id.commercial_partner_id", "in", clients.ids),
            ],
            order="id desc",
        )

    def _psa_resolver(self, roles):
        """The rows of these cards for ``roles`` as a pure resolver; one query."""
        rows = {card.id: [] for card in self}
        for line in self.env["psa.rate.card.line"].search(
            [("card_id", "in", self.ids), ("role_id", "in", roles.ids)]
        ):
            rows[line.card_id.id].append(line._psa_row())
        return RateCards(rows)

    @api.model
    def get_import_templates(self):
        """The file that the host's import offers to begin with."""
        return [
            {
                "label": self.env._("Import Template for Rate Cards"),
                "template": "/psa_contracts/static/csv/rate_cards.csv",
            }
        ]
