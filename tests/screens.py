"""Pictures of real screens, taken by the browser that the tours run in.

``PSA_SCREENSHOTS=1`` keeps them in docs/images; otherwise they are only taken, which proves that the
screens open without an error.
"""

import base64
import json
import os
from pathlib import Path
from urllib.parse import urljoin

from odoo.tests.common import ChromeBrowser

IMAGES = Path(__file__).parent.parent / "docs" / "images"
DESKTOP, PHONE = "1440x900", "390x844"


class ScreensMixin:
    """For an HttpCase: opens screens as a person and photographs them."""

    def photograph(self, login, shots, size=DESKTOP):
        """Open each ``(path, image name, CSS selector that must show)`` as ``login`` and take its picture.

        Fails on any error in the browser's console, as a tour does.
        """
        self.browser_size = size
        browser = ChromeBrowser(self)
        try:
            with self.allow_requests(browser=browser):
                self.authenticate(login, login, browser=browser)
                self.cr.flush()
                self.cr.clear()
                for path, name, selector in shots:
                    with self.subTest(screen=name, size=size):
                        self._photograph(browser, path, name, selector)
        finally:
            browser.stop()
            self._wait_remaining_requests()

    def _photograph(self, browser, path, name, selector):
        browser.navigate_to(urljoin(self.base_url(), path), wait_stop=True)
        settled = f"!!document.querySelector({json.dumps(selector)})"
        self.assertTrue(
            browser._wait_ready(settled, timeout=30), f"{name}: {selector} does not show on {path}"
        )
        browser._wait_ready("!document.querySelector('.o_loading_indicator, .o_blockUI')", timeout=30)
        image = base64.b64decode(browser._websocket_request("Page.captureScreenshot")["data"])
        self.assertGreater(len(image), 5000, f"{name}: an empty picture")
        if os.environ.get("PSA_SCREENSHOTS"):
            IMAGES.mkdir(parents=True, exist_ok=True)
            (IMAGES / f"{name}.png").write_bytes(image)
