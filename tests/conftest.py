"""Databases of their own for stories that commit, in processes of their own."""

import pytest

from psa_cli import databases, paths, workspace


@pytest.fixture
def firm():
    """Runs a script in a copy of the host's database, which goes when the test ends."""
    space = workspace.ensure()
    server, name = databases.Server(space), f"psa_lifecycle_{paths.checkout_id()}"
    server.drop(name)
    server.copy(databases.ensure_base(space), name)
    try:
        yield (
            lambda script: databases.run_script(space, name, script),
            lambda: databases.install(space, name, "lifecycle"),
        )
    finally:
        server.drop(name)
