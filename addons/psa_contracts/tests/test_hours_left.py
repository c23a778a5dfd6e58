"""Hours that are left of a line, as the client reads them in the portal beside the time."""

from odoo.tests import tagged

from .common import PsaContractsCase


@tagged("post_install", "-at_install")
class TestHoursLeft(PsaContractsCase):
    def _left(self, **values):
        """What the portal says of a signed line of the developer, sold in hours and worked on for 20 h: the
        hours left, or None where it says nothing."""
        sow = self._sow(
            self._sold(
                "fixed",
                1000,
                psa_role_id=self.developer.id,
                product_uom_id=self.env.ref("uom.product_uom_hour").id,
                **values,
            )
        )
        sow.action_confirm()
        line = sow.order_line
        self._log_on(line, self.ann, 20, approved=True)
        return line.remaining_hours if line.remaining_hours_available else None

    def test_a_fixed_price_has_no_hours_to_be_left(self):
        """It is one price for all of its work: not one hour, of which -19 are left."""
        self.assertIsNone(self._left(product_uom_qty=1))
        self.assertIsNone(self._left(product_uom_qty=2, psa_effort_hours=80))

    def test_hours_that_were_bought_ahead_have(self):
        self.assertEqual(self._left(product_uom_qty=50), 30)
