from odoo import Command, fields

from .common import PsaBillingCase


class PsaExpenseCase(PsaBillingCase):
    """Hotels, mileage (0.42 a km to clients) and a contractor, beside the firm of the base case."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("hr_expense.group_hr_expense_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hotel = cls._expense_product("Hotel", "cost")
        cls.mileage = cls._expense_product(
            "Mileage",
            "sales_price",
            list_price=0.42,
            standard_price=0.30,
            uom_id=cls.env.ref("uom.product_uom_km").id,
        )
        cls.meals = cls._expense_product("Meals with colleagues", "no")
        cls.ann.sudo().work_contact_id = cls.ann.user_id.partner_id
        cls.vendor = cls.env["res.partner"].create({"name": "Freelance Ltd"})

    @classmethod
    def _expense_product(cls, name, policy, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "can_be_expensed": True,
                "expense_policy": policy,
                "invoice_policy": "order",
                "taxes_id": [Command.set(cls.tax.ids)],
                "supplier_taxes_id": False,
                "standard_price": 0.0,
                **values,
            }
        )

    @classmethod
    def _terms(cls, method="cost", **values):
        """The command of an expense line with these terms; its quantity and price are an estimate."""
        return Command.create(
            {
                "psa_billing_model": "expense",
                "product_id": cls.env.ref("psa_contracts.product_expense").id,
                "name": "Travel expenses",
                "product_uom_qty": 1,
                "price_unit": 0,
                "psa_expense_method": method,
                **values,
            }
        )

    @classmethod
    def _expense(cls, order, amount=0, product=None, day="2026-03-05", post=True, **values):
        """An approved and posted expense of Ann, on ``order`` (None: on no order)."""
        product = product or cls.hotel
        if amount:
            values["total_amount_currency"] = amount
        expense = cls.env["hr.expense"].create(
            {
                "name": product.name,
                "employee_id": cls.ann.id,
                "product_id": product.id,
                "date": day,
                "sale_order_id": order.id if order else False,
                "payment_mode": "own_account",
                **values,
            }
        )
        expense.action_submit()
        if expense.state != "approved":
            expense.action_approve()
        if post:
            cls._post(expense)
        return expense

    @classmethod
    def _post(cls, expenses, day="2026-03-31"):
        action = expenses.action_post()
        wizard = cls.env["hr.expense.post.wizard"].with_context(**action["context"]).browse(action["res_id"])
        wizard.accounting_date = day
        wizard.action_post_entry()

    @classmethod
    def _bill(cls, *lines, day="2026-03-10", post=True, **values):
        """A vendor bill; each line: (product, price, distribution)."""
        bill = cls.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": cls.vendor.id,
                "invoice_date": fields.Date.to_date(day),
                "date": fields.Date.to_date(day),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "name": product.name,
                            "quantity": 1,
                            "price_unit": price,
                            "tax_ids": False,
                            "analytic_distribution": distribution,
                        }
                    )
                    for product, price, distribution in lines
                ],
                **values,
            }
        )
        if post:
            bill.action_post()
        return bill

    @classmethod
    def _reverse(cls, move, **values):
        """A posted credit note of all of the bill."""
        refund = cls._draft_credit(move, **values)
        refund.invoice_date = fields.Date.to_date("2026-04-02")
        return refund

    @staticmethod
    def _account(order):
        return {str(order.project_id.account_id.id): 100}

    def _parts(self, order):
        """(kind, state, quantity, amount) of the costs of a SOW, in the order in which they were made."""
        parts = self.env["psa.wip.entry"].search([("order_id", "=", order.id), ("kind", "!=", "time")])
        return [(part.kind, part.state, part.billable_quantity, part.amount) for part in parts.sorted("id")]


class PsaContractorCase(PsaExpenseCase):
    """Dev (60.00 an hour) works ten hours of March for Freelance Ltd, 6 h on the 2nd and 4 h on the 30th."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dev.sudo().psa_vendor_id = cls.vendor
        cls.order = cls._sow(cls._line(cls.developer))
        cls.entries = cls._work(cls.order.order_line, 6, "2026-03-02")
        cls.entries += cls._work(cls.order.order_line, 4, "2026-03-30")

    def _cost(self):
        """What the project has cost so far, below zero, as the host's profitability says."""
        items = self.order.project_id._get_profitability_items(with_action=False)
        return items["costs"]["total"]["billed"]
