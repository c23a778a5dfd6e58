"""Who cancels a statement of work reads on screen what of it is not billed, also on a phone."""

from screens import DESKTOP, PHONE, ScreensMixin

from odoo.tests import HttpCase, tagged

from odoo.addons.psa_billing.tests.common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestCancelScreens(ScreensMixin, PsaBillingCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "sales_team.group_sale_manager,psa_billing.group_psa_billing_manager"
        cls.seller = cls._user("cancel.seller", groups)
        cls.order = cls._sow(cls._line(cls.architect, cap=900), cls._line(cls.developer))
        cls._work(cls.order.order_line[0], 8)
        cls._propose()

    def _photograph(self, path, name, selector):
        for size, suffix in ((DESKTOP, ""), (PHONE, "_phone")):
            self.photograph(self.seller.login, [(path, f"{name}{suffix}", selector)], size)

    def test_work_over_a_cap_names_it(self):
        over = self.env["psa.wip.entry"].search([("state", "=", "over_cap")])
        path = f"/odoo/action-psa_billing.psa_wip_entry_action/{over.id}"
        self._photograph(path, "work_over_cap", ".o_form_view [name='held_by']")

    def test_what_is_not_billed_is_told_before_it_is_cancelled(self):
        dialog = self.order.with_user(self.seller).action_cancel()
        path = f"/odoo/m-{dialog['res_model']}/{dialog['res_id']}"
        self._photograph(path, "cancel_sow", ".alert [name='left'] span")
        self.assertEqual(self.order.state, "sale")

    def test_a_statement_of_work_is_cancelled_after_a_look_at_it(self):
        path = f"/odoo/statements-of-work/{self.order.id}"
        self.start_tour(path, "psa_cancel_sow_tour", login=self.seller.login)
        self.assertEqual(self.order.state, "cancel")
