"""A re-rate on screen: what unbilled work costs by today's cards is read, and applied, also on a phone."""

from urllib.parse import urljoin

from screens import DESKTOP, PHONE, ScreensMixin

from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser

from odoo.addons.psa_billing.tests.common_rerate import RerateCase

DIALOG = ".modal-body"
BUTTON = ".modal-footer button[name='%s']:not(.d-none)"


@tagged("post_install", "-at_install")
class TestRerateScreens(ScreensMixin, RerateCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("rerate.manager", "psa_billing.group_psa_billing_manager")
        cls.order = cls._sow(cls._line(cls.architect), cls._line(cls.developer))
        line, other = cls.order.order_line
        cls.work = cls._work(line, 8)
        cls.chosen = cls._log(other, 2)
        cls.chosen.write({"so_line": other.id, "is_so_line_edited": True})
        cls.chosen.action_psa_approve()
        for role, price in ((cls.architect, 165), (cls.developer, 110)):
            cls._rate_changes(role, price)

    def _walk(self, size, name, rows):
        """Preview and apply; ``rows``: selector of a row of the preview."""
        self.browser_size = size
        browser = ChromeBrowser(self)
        try:
            with self.allow_requests(browser=browser):
                self.authenticate(self.manager.login, self.manager.login, browser=browser)
                self.cr.flush()
                self.cr.clear()
                path = "/odoo/action-psa_billing.psa_rerate_action"
                browser.navigate_to(urljoin(self.base_url(), path), wait_stop=True)
                self._click(browser, name, BUTTON % "action_preview", f"{DIALOG} {rows}")
                self.assertTrue(
                    browser._wait_ready(
                        f"(b => b.scrollWidth <= b.clientWidth)(document.querySelector('{DIALOG}'))",
                        timeout=5,
                    ),
                    f"{name}: scrolls sideways",
                )
                self._click(browser, name, BUTTON % "action_apply", ".o_action_manager .o_control_panel")
                self._wait_for(browser, name, "body:not(.modal-open) .o_action_manager " + rows)
        finally:
            browser.stop()
            self._wait_remaining_requests()
        self.env.invalidate_all()
        self.assert_wip(self.work, ("open", 8, 8, 1320))
        self.assert_wip(self.chosen, ("open", 2, 2, 200))

    def test_at_a_desk(self):
        self._walk(DESKTOP, "rerate", ".o_data_row")

    def test_on_a_phone(self):
        self._walk(PHONE, "rerate_phone", ".o_kanban_record:not(.o_kanban_ghost)")
