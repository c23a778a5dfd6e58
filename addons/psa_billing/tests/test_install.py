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

    def test_time_invoiced_before_billing_was_installed_stays_delivered_in_the_unit_of_its_line(self):
        by_the_hour, by_the_day = self._sow(
            self._line(self.architect), self._line(self.architect, product_uom_id=self._day().id)
        ).order_line
        invoice = self.env["account.move"].create({"move_type": "out_invoice", "partner_id": self.client.id})
        entries = self._work(by_the_hour, 4) | self._work(by_the_day, 16)
        self.env["psa.wip.entry"].sudo().search([("analytic_line_id", "in", entries.ids)]).unlink()
        self.assertEqual((by_the_hour.qty_delivered, by_the_day.qty_delivered), (0, 0))
        entries.sudo().timesheet_invoice_id = invoice
        lines = by_the_hour | by_the_day
        self.env.add_to_compute(lines._fields["qty_delivered"], lines)
        # 4 h are 4 hours, 16 h are 2 days
        self.assertEqual((by_the_hour.qty_delivered, by_the_day.qty_delivered), (4, 2))

    def _day(self):
        return self.env.ref("uom.product_uom_day")
