"""Databases of their own for stories that commit, in processes of their own."""

import os

import pytest

from psa_cli import databases, paths, workspace

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # stories of two processes run at once


@pytest.fixture
def firm_database():
    """The name of the database of the fixture ``firm``."""
    return f"psa_lifecycle_{paths.checkout_id()}{WORKER}"


@pytest.fixture
def firm(firm_database):
    """Runs a script in a copy of the host's database, which goes when the test ends."""
    space, name = workspace.ensure(), firm_database
    server = databases.Server(space)
    server.drop(name)
    server.copy(databases.ensure_base(space), name)
    try:
        yield (
            lambda script: databases.run_script(space, name, script),
            lambda: databases.install(space, name, f"lifecycle{WORKER}"),
        )
    finally:
        server.drop(name)
