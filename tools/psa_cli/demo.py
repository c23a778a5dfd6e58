"""`./psa demo`: from nothing to a consulting firm in a real Odoo."""

from . import databases, demo_database, serve, steps, workspace


def add_arguments(parser) -> None:
    """Options of the command."""
    parser.add_argument("--no-serve", action="store_true", help="end after the summary, do not serve")
    serve.add_port(parser)


def run(args) -> int:
    """Make what is missing, print the summary, serve."""
    if args.port and not args.no_serve:
        serve.choose_port(args.port)  # say so now, not after minutes
    space = workspace.ensure()
    database = demo_database.ensure(space)
    port = (args.port or serve.PORT) if args.no_serve else serve.choose_port(args.port)
    summary(space, database, port, args.no_serve)
    return 0 if args.no_serve else serve.serve(space, database, port)


def summary(space: workspace.Workspace, database: str, port: int, later: bool) -> None:
    """URL and logins."""
    logins = demo_database.logins(databases.Server(space), database)
    steps.say(f"\nThe demo firm is ready: database {database}")
    steps.say(f"  URL     http://{serve.HOST}:{port}{'  (serve it with ./psa run)' if later else ''}")
    steps.say("  login   admin / admin" + ("  (administrator)" if logins else ""))
    others = [login for login in logins if login != "admin"]
    if others:
        steps.say(f"  others  {', '.join(others)}  (password = login)")
