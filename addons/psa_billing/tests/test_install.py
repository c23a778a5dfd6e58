from odoo.tests import tagged

from odoo.addons.psa_billing.hooks import post_init_hook

from .common import PsaBillingCase


@tagged("post_install", "-at_install")
class TestInstall(PsaBillingCase):
    def test_time_approved_before_billing_was_installed_becomes_work_in_progress(self):
        order = self._sow()
        entry = self._work(order.order_line[0], 4)
        self.env.flush_all()
        self.env["psa.wip.entry"].sudo().search([("analytic_line_id", "=", entry.id)]).unlink()
        post_init_hook(self.env(su=True))
        wip = self.env["psa.wip.entry"].search([("analytic_line_id", "=", entry.id)])
        # 4 h × 150.00
        self.assertEqual((wip.state, wip.raw_hours, wip.amount), ("open", 4, 600))
        post_init_hook(self.env(su=True))
        self.assertEqual(len(self.env["psa.wip.entry"].search([("analytic_line_id", "=", entry.id)])), 1)
