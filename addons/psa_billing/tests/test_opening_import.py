"""Opening balances brought in from a file, in the host's screen for imports."""

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_retainer_periods import PsaRetainerCase


@tagged("post_install", "-at_install")
class TestOpeningImport(PsaRetainerCase, HttpCase):
    """By 31 March 2026 an architect (150.00 an hour) worked 80 h: 7,500.00 are billed, 4,512.34 wait. Of the
    retainer (1,500.00 a month for 10 h) March is billed and 6 h are left, which roll over."""

    def setUp(self):
        super().setUp()
        lines = self._line(self.architect), self._retainer(psa_retainer_rollover="end")
        self.order = self._sow(*lines, name="MIDWAY")
        self.time, self.retainer = self.order.order_line
        self.manager = self._user("import", "psa_billing.group_psa_billing_manager")

    def _import(self, tour):
        path = "/odoo/action-psa_billing.psa_opening_balance_action"
        # the host's screen sends its own route more than it takes, which it warns of
        with mute_logger("odoo.http"):
            self.start_tour(path, tour, login=self.manager.login)
        self.env.invalidate_all()
        openings = self.env["psa.opening.balance"].search([("order_id", "=", self.order.id)])
        self.assertEqual(openings.sale_line_id, self.time | self.retainer)
        self.assertEqual(openings.create_uid, self.manager)
        return openings.sorted(lambda opening: opening.line_number)

    def _figures(self, openings):
        return [
            (
                str(opening.date),
                opening.worked_hours,
                opening.billed_amount,
                opening.cap_used,
                opening.retainer_balance,
                opening.unbilled_amount,
            )
            for opening in openings
        ]

    def test_a_file_is_tested_imported_and_imported_again(self):
        openings = self._import("psa_billing_opening_import_tour")
        self.assertEqual(
            self._figures(openings),
            [("2026-03-31", 80, 7500, 0, 0, 4512.34), ("2026-03-31", 0, 1500, 0, 6, 0)],
        )
        self.assert_host_figures(self.time, 50, 50, 0)
        self.assert_host_figures(self.retainer, 1, 1, 0)
        self.assertEqual(self.order.psa_wip_amount, 4512.34)
        self.assertEqual(self._periods(self.order).mapped("closing")[1:], [16, 26])
        again = self._import("psa_billing_opening_again_tour")
        self.assertEqual(again, openings)
        self.assertEqual(
            self._figures(again),
            [("2026-03-31", 80, 6000, 0, 0, 4512.34), ("2026-03-31", 0, 1500, 0, 6, 0)],
        )
        self.assert_host_figures(self.time, 40, 40, 0)
        self.assertEqual(self.order.psa_wip_amount, 4512.34)
        self.assertFalse(self.order.invoice_ids)
