"""Tests of the addons' `core` packages: without Odoo, and so that a core which needs Odoo fails.

`odoo.addons.<addon>.core` is imported from the checkout; neither the addon's `__init__` runs, nor does
any other part of `odoo` exist.
"""

import importlib.abc
import importlib.machinery
import sys
from pathlib import Path

ADDONS = Path(__file__).resolve().parents[2] / "addons"
WITH_ODOO = hasattr(sys.modules.get("odoo"), "release") or "odoo.release" in sys.modules
# under pytest-odoo these tests prove nothing: they are for `-p no:odoo`
collect_ignore_glob = ["*"] if WITH_ODOO else []


class CoreOnly(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds odoo, odoo.addons and the addons as empty packages whose only content is `core`."""

    def find_spec(self, name, path=None, target=None):
        parts = name.split(".")
        if parts[0] != "odoo":
            return None
        if name in ("odoo", "odoo.addons") or (
            len(parts) == 3 and parts[1] == "addons" and (ADDONS / parts[2] / "__manifest__.py").exists()
        ):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        if len(parts) >= 4 and parts[3] == "core":
            return importlib.machinery.PathFinder.find_spec(name, [str(ADDONS.joinpath(*parts[2:-1]))])
        raise ModuleNotFoundError(f"core must not import {name}: it is plain Python, without Odoo", name=name)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__path__ = []


if not WITH_ODOO:
    sys.meta_path.insert(0, CoreOnly())
