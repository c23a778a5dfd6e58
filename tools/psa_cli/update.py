"""`./psa update`: bring the demo database up to the code."""

from . import databases, demo_database, steps, workspace


def add_arguments(parser) -> None:
    """Options of the command (none)."""


def run(args) -> int:
    """Update if the code changed; make the database if there is none."""
    space = workspace.ensure()
    server = databases.Server(space)
    before = server.info(demo_database.name(server))
    database = demo_database.ensure(space)
    if before == server.info(database):
        steps.say(f"{database} is up to date")
    return 0
