"""SOWs of one client that are billed together, with all that a SOW can bill."""

from odoo import Command


class MoneySows:
    """SOWs of one client under one agreement, which bills them together: one of time, one of milestones,
    instalments and a success fee, a capped one that came from a former system, and one in francs that two
    clients pay. For a ``PsaExpenseCase``."""

    @classmethod
    def _make_sows(cls):
        cls.eve = cls._employee("eve", cls.architect)
        cls.dev.sudo().psa_vendor_id = cls.vendor
        cls.agreement = cls._agreement(billing_grouping="client", cap_amount=20000)
        under = {"psa_agreement_id": cls.agreement.id}
        cls.time = cls._sow(
            cls._line(cls.architect, price_unit=133.33),
            cls._line(cls.developer),
            client_order_ref="4711",
            **under,
        )
        cls.staged = cls._make_staged(**under, client_order_ref="4711")
        cls.capped = cls._sow(
            cls._line(cls.architect, cap=1300),
            cls._line(cls.developer, 2, "fixed", price_unit=5000),
            psa_cap_amount=1900,
            client_order_ref="4712",
            **under,
        )
        cls._open()
        cls.shared = cls._make_shared(**under)
        cls.retainers = cls.env["sale.order"]
        cls.sows = cls.time + cls.staged + cls.capped + cls.shared
        cls._make_people()

    @classmethod
    def _make_staged(cls, **values):
        """A milestone of 5,000.00 in three parts, 1,000.00 in thirds by date and by hours, a fixed price of
        three pieces by dates, a success fee of 4 %, and time."""
        order = cls._sow(
            Command.create({"display_type": "line_section", "name": "Build"}),
            cls._line(cls.developer),
            cls._line(cls.developer, 1, "milestone", price_unit=3333.33),
            cls._line(cls.architect, 1, "fixed", price_unit=1000),
            cls._line(cls.architect, 3, "fixed", price_unit=777.77),
            cls._line(cls.architect, 1, "success_fee", price_unit=2000),
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
        cls._make_milestones(milestone, 0.3, 0.33, 0.37)
        cls.phase = thirds.psa_phase_id
        cls.phase.sudo().budget_hours = 10
        return order

    @classmethod
    def _make_milestones(cls, line, *shares):
        """The milestones of ``line`` bill ``shares`` of its quantity."""
        first = cls.env["project.milestone"].search([("sale_line_id", "=", line.id)])
        more = [
            {"name": f"Milestone {share}", "project_id": first.project_id.id, "sale_line_id": line.id}
            for share in shares[1:]
        ]
        for milestone, share in zip(first + first.create(more), shares, strict=True):
            milestone.product_uom_qty = share * line.product_uom_qty

    @classmethod
    def _make_shared(cls, **values):
        """In francs, at 0.80 for 1.00."""
        francs = cls.setup_other_currency("CHF", rates=[("2026-01-01", 0.8)])
        order = cls._sow(
            cls._line(cls.architect, price_unit=163.37),
            cls._line(cls.developer, 3, "milestone", price_unit=250.5),
            cls._line(cls.developer, 1, "fixed", price_unit=999.99),
            pricelist_id=cls.env["product.pricelist"].create({"name": "CHF", "currency_id": francs.id}).id,
            psa_payer_ids=[
                Command.create({"partner_id": payer.id, "share": share, "sequence": number})
                for number, (payer, share) in enumerate(((cls.client, 33.33), (cls.fund, 66.67)))
            ],
            **values,
        )
        cls._make_milestones(order.order_line[1], 1 / 3, 2 / 3)
        return order

    @classmethod
    def _open(cls):
        """450.00 of the time and 3,333.33 of the fixed price of the capped SOW were billed before, and work
        for 412.34 waits."""
        time, fixed = cls.capped.order_line
        for line, values in (
            (time, {"billed_amount": 450, "unbilled_amount": 412.34}),
            (fixed, {"billed_amount": 3333.33}),
        ):
            cls.env["psa.opening.balance"].create({"sale_line_id": line.id, "date": "2026-02-28", **values})

    @classmethod
    def _make_people(cls):
        cls.seller = cls._user("seller", "sales_team.group_sale_manager")
        cls.junior = cls._user("junior", "psa_billing.group_psa_billing_manager")
        cls.env["psa.approval.limit"].sudo().create(
            {"company_id": cls.company.id, "amount": 500, "user_id": cls.junior.id}
        )
