"""The command line is tested from its sources, with a cache folder of each test's own."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache folder, and no setting of the caller's."""
    for name in ("ODOO_SOURCE", "PGHOST", "DATABASE_URL", "PSA_HTTP_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PSA_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"
