"""Odoo's own test runner finds the test files that the package of tests names, and no others."""

import ast
from pathlib import Path

import pytest

ADDONS = Path(__file__).parents[2] / "addons"


@pytest.mark.parametrize(
    "package", sorted(ADDONS.glob("*/tests/__init__.py")), ids=lambda path: path.parts[-3]
)
def test_every_test_file_is_named(package):
    imports = [node for node in ast.parse(package.read_text()).body if isinstance(node, ast.ImportFrom)]
    named = {alias.name for node in imports for alias in node.names}
    assert {path.stem for path in package.parent.glob("test_*.py")} - named == set()
