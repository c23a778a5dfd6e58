"""SOWs of one client that are billed together, with all that a SOW can bill, at terms that are drawn."""

from odoo import Command

#: A person's price of an hour, and of a day of eight hours, from the first day and from 3 March on.
HOURLY = ((150, 150), (133.33, 133.33), (99.99, 107.77), (7.77, 7.77), (204.21, 189.5))
DAILY = ((1200, 1200), (1333.33, 1333.33), (999.99, 1066.64))
#: Odd cents in every currency, also in one without cents.
FIXED = (3333.33, 777.77, 1000, 2999.99)
DISCOUNTS = (0, 0, 12.5)
SHARES = ((33.33, 66.67), (33.33, 33.33, 33.34), (50, 20, 30))
ROUNDINGS = (
    (False, False, False),
    (False, False, False),
    ("15", "up", "entry"),
    ("15", "nearest", "day"),
    ("15", "up", "day"),
    ("60", "up", "day"),
)
RATES = {"CHF": 0.8, "JPY": 160}
STEP = "2026-03-03"


class MoneySows:
    """SOWs of one client under one agreement, which bills them together: one of time, one of milestones,
    instalments and a success fee, a capped one that came from a former system, and one in a currency of its
    own that several clients pay. For a ``PsaExpenseCase``.

    Units, prices, discounts, taxes, the rounding of time, the currency and the shares are drawn.
    """

    @classmethod
    def _make_frame(cls):
        """What the SOWs have in common."""
        cls.eve = cls._employee("eve", cls.architect)
        cls.dev.sudo().psa_vendor_id = cls.vendor
        cls.agreement = cls._agreement(billing_grouping="client", cap_amount=20000)
        cls.taxes = [
            cls.tax.copy({"name": f"{rate} % {how}", "amount": rate, "price_include_override": how})
            for rate, how in ((7, "tax_excluded"), (15, "tax_included"), (19, "tax_included"))
        ]
        cls._make_abroad(cls.other_fund)
        cls.pricelists = {
            code: cls.env["product.pricelist"].create(
                {
                    "name": code,
                    "currency_id": cls.setup_other_currency(code, rates=[("2026-01-01", rate)]).id,
                }
            )
            for code, rate in RATES.items()
        }
        cls.retainers = cls.sows = cls.env["sale.order"]
        cls._make_people()

    @classmethod
    def _make_abroad(cls, payer):
        """Who pays without taxes pays the same net."""
        abroad = cls.env["account.fiscal.position"].create({"name": "Abroad"})
        cls.tax.copy(
            {
                "name": "Abroad",
                "amount": 0,
                "fiscal_position_ids": [Command.set(abroad.ids)],
                "original_tax_ids": [Command.set([cls.tax.id, *(tax.id for tax in cls.taxes)])],
            }
        )
        payer.property_account_position_id = abroad

    def _sell(self, rnd):
        """Sell all of it, at terms of ``rnd``."""
        under = {"psa_agreement_id": self.agreement.id}
        self.time = self._sow(
            *(self._line(role, **self._taxed(rnd)) for role in (self.architect, self.developer)),
            client_order_ref="4711",
            **self._by_time(rnd),
            **under,
        )
        self.staged = self._sell_staged(rnd, **under, client_order_ref="4711", **self._by_time(rnd))
        self.capped = self._sow(
            self._line(self.architect, cap=1300, **self._taxed(rnd)),
            self._line(self.developer, 2, "fixed", price_unit=5000, **self._taxed(rnd)),
            psa_cap_amount=1900,
            client_order_ref="4712",
            **self._by_time(rnd),
            **under,
        )
        self._open()
        self.shared = self._sell_shared(rnd, **under)
        self.sows = self.time + self.staged + self.capped + self.shared
        self.lines = self.sows.order_line.filtered("task_id")
        self.projects = self.lines.task_id.project_id

    def _by_time(self, rnd, currency=None):
        """How the time of a SOW is rounded, and the card of its prices."""
        minutes, direction, scope = rnd.choice(ROUNDINGS)
        unit = rnd.choice(("hour", "hour", "day"))
        card = self.card.copy(
            {
                "name": f"Rates by the {unit}",
                "currency_id": (currency or self.company.currency_id).id,
                "line_ids": [Command.clear()],
            }
        )
        card.line_ids = [
            Command.create({"role_id": role.id, "unit": unit, **values})
            for role in (self.architect, self.developer)
            for values in self._rates(rnd, card.currency_id, HOURLY if unit == "hour" else DAILY)
        ]
        return {
            "psa_rounding_minutes": minutes,
            "psa_rounding_direction": direction,
            "psa_rounding_scope": scope,
            "psa_rate_card_id": card.id,
        }

    @staticmethod
    def _rates(rnd, currency, prices):
        before, after = map(currency.round, rnd.choice(prices))
        if before == after:
            return [{"date_start": "2026-01-01", "price": before}]
        return [
            {"date_start": "2026-01-01", "date_end": "2026-03-02", "price": before},
            {"date_start": STEP, "price": after},
        ]

    def _taxed(self, rnd):
        """The taxes and the discount of a line; half of the lines have the tax of their product."""
        tax = rnd.choice((*self.taxes, None, None, None))
        values = {"discount": rnd.choice(DISCOUNTS)}
        return {**values, "tax_ids": [Command.set(tax.ids)]} if tax else values

    def _sell_staged(self, rnd, **values):
        """A milestone in three parts, a fixed price in thirds by date and by hours, one of three pieces by
        dates, 30, 30 and 40 %, a success fee of 4 %, and time."""
        order = self._sow(
            Command.create({"display_type": "line_section", "name": "Build"}),
            self._line(self.developer, **self._taxed(rnd)),
            self._line(self.developer, 1, "milestone", price_unit=rnd.choice(FIXED), **self._taxed(rnd)),
            self._line(self.architect, 1, "fixed", price_unit=rnd.choice(FIXED), **self._taxed(rnd)),
            self._line(self.architect, 3, "fixed", price_unit=rnd.choice(FIXED), **self._taxed(rnd)),
            self._line(self.architect, 1, "success_fee", price_unit=2000),
            confirm=False,
            psa_milestone_acceptance=True,
            **values,
        )
        _phase, _time, milestone, thirds, pieces, _fee = order.order_line
        order.psa_success_fee_ids.write({"formula": "percent", "percent": 4, "metric": "Savings"})
        plans = (
            (thirds, (33.33, "2026-03-02"), (33.33, "50"), (33.34, "100")),
            (pieces, (30, "2026-03-15"), (30, "2026-04-15"), (40, "2026-05-15")),
        )
        order.psa_instalment_ids = [
            Command.create(
                {
                    "sale_line_id": line.id,
                    "sequence": number,
                    "name": f"Part {number}",
                    "percent": percent,
                    "due_by": "date" if "-" in due else "completion",
                    "date" if "-" in due else "completion": due,
                }
            )
            for line, *parts in plans
            for number, (percent, due) in enumerate(parts)
        ]
        order.sudo().action_confirm()
        self._make_milestones(milestone, 0.3, 0.33, 0.37)
        self.phase = thirds.psa_phase_id
        self.phase.sudo().budget_hours = 10
        return order

    def _make_milestones(self, line, *shares):
        """The milestones of ``line`` bill ``shares`` of its quantity."""
        first = self.env["project.milestone"].search([("sale_line_id", "=", line.id)])
        first.product_uom_qty = shares[0] * line.product_uom_qty
        first.create(
            [
                {
                    "name": f"Milestone {share}",
                    "project_id": first.project_id.id,
                    "sale_line_id": line.id,
                    "product_uom_qty": share * line.product_uom_qty,
                }
                for share in shares[1:]
            ]
        )

    def _sell_shared(self, rnd, **values):
        """In francs, in yen or in the currency of the company; half of the time under a cap."""
        pricelist = self.pricelists.get(rnd.choice((None, *RATES)))
        currency = pricelist.currency_id if pricelist else self.company.currency_id
        payers = zip((self.client, self.fund, self.other_fund), rnd.choice(SHARES), strict=False)
        order = self._sow(
            self._line(self.architect, cap=rnd.choice((0, currency.round(777.77))), **self._taxed(rnd)),
            self._line(self.developer, 3, "milestone", price_unit=currency.round(250.5), **self._taxed(rnd)),
            self._line(self.developer, 3, "fixed", price_unit=currency.round(3333.33), **self._taxed(rnd)),
            pricelist_id=pricelist.id if pricelist else False,
            psa_payer_ids=self._payers(*payers),
            **self._by_time(rnd, currency),
            **values,
        )
        self._make_milestones(order.order_line.filtered("product_uom_qty")[1], 1 / 3, 2 / 3)
        return order

    def _open(self):
        """450.00 of the time and 3,333.33 of the fixed price of the capped SOW were billed before, and work
        for 412.34 waits."""
        time, fixed = (
            self.capped.order_line.filtered(lambda line, model=model: line.psa_billing_model == model)[0]
            for model in ("time_material", "fixed")
        )
        for line, values in (
            (time, {"billed_amount": 450, "unbilled_amount": 412.34}),
            (fixed, {"billed_amount": 3333.33}),
        ):
            self.env["psa.opening.balance"].create({"sale_line_id": line.id, "date": "2026-02-28", **values})

    @classmethod
    def _make_people(cls):
        cls.seller = cls._user("seller", "sales_team.group_sale_manager")
        cls.junior = cls._user("junior", "psa_billing.group_psa_billing_manager")
        cls.env["psa.approval.limit"].sudo().create(
            {"company_id": cls.company.id, "amount": 500, "user_id": cls.junior.id}
        )
