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
#: Nothing is loaded any more: asked a moment later, as what loads shows only after a while.
QUIET = """new Promise(done => setTimeout(() => done(
    !document.querySelector(".o_loading_indicator, .o_blockUI, .o-mail-Chatter button:disabled")
    && !document.getAnimations().some(a =>
        a.playState === "running" && a.effect.getComputedTiming().endTime !== Infinity)
), 300))"""


class ScreensMixin:
    """For an HttpCase: opens screens as a person and photographs them."""

    #: Seconds that a request may wait for another: a page that is left goes on loading.
    test_cursor_lock_timeout = 120

    def photograph(self, login, shots, size=DESKTOP):
        """Open each ``(path, image name, CSS selector that must show)`` as ``login`` and take its picture.

        What opens by a click goes on with ``(…, selector that is clicked, selector that must show then)``:
        a tab, which is scrolled to the top, or a button, whose dialog lies over the page.
        Fails on any error in the browser's console, as a tour does.
        """
        self.browser_size = size
        browser = ChromeBrowser(self)
        try:
            with self.allow_requests(browser=browser):
                self.authenticate(login, login, browser=browser)
                self.cr.flush()
                self.cr.clear()
                for path, name, selector, *click in shots:
                    with self.subTest(screen=name, size=size):
                        browser.navigate_to(urljoin(self.base_url(), path), wait_stop=True)
                        self._wait_for(browser, name, selector)
                        if click:
                            self._click(browser, name, *click)
                        self._keep(browser, name)
        finally:
            browser.stop()
            self._wait_remaining_requests()

    def _wait_for(self, browser, name, selector):
        settled = f"!!document.querySelector({json.dumps(selector)})"
        self.assertTrue(browser._wait_ready(settled, timeout=90), f"{name}: {selector} does not show")
        browser._wait_ready(QUIET, timeout=30)

    def _click(self, browser, name, selector, shows):
        self._wait_for(browser, name, selector)
        element = f"document.querySelector({json.dumps(selector)})"
        browser._websocket_request(
            "Runtime.evaluate", params={"expression": f"{element}.click(); {element}.scrollIntoView()"}
        )
        self._wait_for(browser, name, shows)

    def _keep(self, browser, name):
        image = base64.b64decode(browser._websocket_request("Page.captureScreenshot")["data"])
        self.assertGreater(len(image), 5000, f"{name}: an empty picture")
        if os.environ.get("PSA_SCREENSHOTS"):
            IMAGES.mkdir(parents=True, exist_ok=True)
            (IMAGES / f"{name}.png").write_bytes(image)
