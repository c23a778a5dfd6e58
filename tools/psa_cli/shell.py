"""`./psa shell`: an Odoo shell; a script may come on standard input."""

import subprocess

from . import demo_database, paths, steps, workspace


def add_arguments(parser) -> None:
    """Options of the command."""
    parser.add_argument("--database", help="another database than the demo")


def run(args) -> int:
    """Hand over to odoo shell with its terminal or our standard input; its exit code."""
    space = workspace.ensure()
    database = args.database or demo_database.ensure(space)
    command = [
        space.venv / "bin/odoo",
        "shell",
        "-d",
        database,
        "-c",
        space.conf,
        "--no-http",
        "--log-level=warn",
    ]
    process = subprocess.Popen(
        [str(part) for part in command], env=space.env(), cwd=paths.ROOT, preexec_fn=steps.die_with_parent
    )
    return process.wait()
