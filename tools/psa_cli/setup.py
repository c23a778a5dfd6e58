"""`./psa setup`: everything that a demo or a test needs, and nothing twice."""

from . import databases, schemas, steps, workspace


def add_arguments(parser) -> None:
    """Options of the command."""
    parser.add_argument("--demo", action="store_true", help="also make the template with demo data")


def run(args) -> int:
    """Set up and say where things are."""
    space = workspace.ensure()
    base = databases.ensure_base(space)
    if args.demo:
        databases.ensure_base(space, demo=True)
    steps.say(f"Odoo      {space.source.python_path} ({space.source.kind})")
    steps.say(f"Python    {space.venv}")
    steps.say(f"Postgres  {space.pg.get('PGHOST')}")
    steps.say(f"Template  {base}")
    steps.say(f"Schemas   {schemas.ubl()}")
    return 0
