"""Databases of their own for stories that commit, in processes of their own."""

import os
from contextlib import contextmanager

import pytest
from races import FIRM, RACES, Races

from psa_cli import databases, paths, workspace

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # stories of two processes run at once
FIRM_DATABASE = f"psa_lifecycle_{paths.checkout_id()}{WORKER}"


@pytest.fixture
def firm_database():
    """The name of the database of the fixture ``firm``."""
    return FIRM_DATABASE


@contextmanager
def a_firm():
    """(runs a script in a copy of the host's database, installs the addons there); the database goes at the
    end."""
    space, name = workspace.ensure(), FIRM_DATABASE
    server = databases.Server(space)
    server.drop(name)
    server.copy(databases.ensure_host(space), name)
    try:
        yield (
            lambda script: databases.run_script(space, name, script),
            lambda: databases.install(space, name, f"lifecycle{WORKER}"),
        )
    finally:
        server.drop(name)


@pytest.fixture
def firm():
    """See ``a_firm``."""
    with a_firm() as both:
        yield both


@pytest.fixture(scope="module")
def raced(request):
    """How the races went that the script ``RACE`` of the file has, in one firm."""
    with a_firm() as (run, install):
        install()
        return Races(run(FIRM + RACES + request.module.RACE))
