"""The examples in the docstrings of every core module are true."""

import doctest
import importlib
from pathlib import Path

import pytest

ADDONS = Path(__file__).resolve().parents[2] / "addons"
FILES = sorted(ADDONS.glob("*/core/**/*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ADDONS)))
def test_examples_in_docstrings(file):
    parts = file.relative_to(ADDONS).with_suffix("").parts
    name = ".".join(("odoo", "addons", *(part for part in parts if part != "__init__")))
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def test_a_core_that_imports_odoo_fails():
    with pytest.raises(ImportError):
        importlib.import_module("odoo.fields")
    with pytest.raises(ImportError):
        importlib.import_module("odoo.addons.psa_project.models")
