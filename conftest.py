"""Rules for every Odoo test: no browser test is skipped, no warning of ours stands in the log."""

import logging
import os
import re
import shutil
import sys
import traceback
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent / "tools"
ALLOWLIST = TOOLS / "log_allowlist.txt"
sys.path.insert(0, str(TOOLS))


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


@pytest.fixture(scope="session", autouse=True)
def own_filestore(request):
    """A filestore for each process.

    pytest-odoo lets all processes share the filestore of the database that theirs are copies of. After each
    test class Odoo removes the new files that its own database does not name, also those that the browser of
    another process is about to ask for. Files of a filestore are never written in place: hard links do.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not (with_odoo() and worker):
        yield
        return
    from odoo.tools import config

    from psa_cli.databases import link_or_copy

    request.getfixturevalue("load_registry")  # it sets the shared path
    shared = Path(config.filestore(""))
    own = shared.with_name(f"{shared.name}-{worker}")
    shutil.rmtree(own, ignore_errors=True)
    shutil.copytree(shared, own, copy_function=link_or_copy)
    config.filestore.return_value = str(own)
    yield
    shutil.rmtree(own)


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
