"""Rules for every Odoo test: no browser test is skipped, no warning of ours stands in the log."""

import logging
import re
import sys
import traceback
from pathlib import Path

import pytest

ALLOWLIST = Path(__file__).parent / "tools/log_allowlist.txt"


class WarningCollector(logging.Handler):
    """Remembers warnings in the log that are not on the reviewed list."""

    def __init__(self):
        super().__init__(logging.WARNING)
        lines = ALLOWLIST.read_text().splitlines()
        rules = [line.partition("  # ")[0].strip() for line in lines if line.strip() and line[0] != "#"]
        self.allowed = [re.compile(rule) for rule in rules]
        self.found = []

    def emit(self, record):
        text = f"{record.name}: {record.getMessage()}"
        ours = record.name == "odoo" or record.name.startswith(("odoo.", "werkzeug", "py.warnings"))
        if ours and not any(rule.search(text) for rule in self.allowed):
            cause = record.exc_info[1] if record.exc_info else None
            where = traceback.extract_tb(cause.__traceback__)[-3:] if cause else ()
            steps = "".join(f"\n    {step.filename}:{step.lineno} {step.line}" for step in where)
            self.found.append(f"{record.levelname} {text}" + (f"\n    {cause!r}{steps}" if cause else ""))

    def take(self):
        """What was found since the last call."""
        found, self.found = self.found, []
        return found


collector = WarningCollector()


def with_odoo():
    """Whether pytest-odoo is loaded (it is not in tests without a database)."""
    return "pytest_odoo" in sys.modules


def pytest_configure(config):
    if with_odoo():
        logging.getLogger().addHandler(collector)


def pytest_collection_modifyitems(items):
    """`@tagged("slow")` of Odoo is pytest's mark `slow`."""
    for item in items:
        if "slow" in getattr(getattr(item, "cls", None), "test_tags", ()):
            item.add_marker(pytest.mark.slow)


def is_http(item):
    """Whether the test needs Odoo's server (a browser, a PDF)."""
    return (
        any(base.__name__ == "HttpCase" for base in getattr(item, "cls", None).__mro__) if item.cls else False
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Odoo skips a browser test where a browser or websocket-client is missing, and a PDF test where
    wkhtmltopdf is not a patched one: here that is a failure. So is a warning in the log."""
    report = yield
    if not with_odoo():
        return report
    if report.skipped and is_http(item):
        report.outcome = "failed"
    warnings = collector.take()
    if warnings and not report.failed:
        report.outcome = "failed"
        report.longrepr = "In the Odoo log (no warning may stand there):\n" + "\n".join(warnings[:20])
    return report
