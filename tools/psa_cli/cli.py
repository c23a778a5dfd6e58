"""The commands of `./psa`, each in a module of its own that is loaded when it is called.

A command module has `add_arguments(parser)` and `run(args) -> int` (the exit code).
"""

import argparse
import errno
import importlib
import sys

from . import steps

# command -> (module, one line of help)
COMMANDS = {
    "setup": ("setup", "get Odoo, its Python packages, PostgreSQL and the base database"),
    "demo": ("demo", "a demo firm in a real Odoo: set up, install, play its month, serve"),
    "run": ("serve", "serve the demo database (further arguments go to odoo)"),
    "shell": ("shell", "an Odoo shell on the demo database; takes a script on standard input"),
    "test": ("testing", "lint and every test, or the tests named"),
    "lint": ("lint", "all static checks"),
    "update": ("update", "update the addons in the demo database if their code changed"),
    "reset": ("reset", "drop this checkout's databases, or the whole cache"),
    "pot": ("pot", "write the translation templates of the addons anew"),
    "bench": ("bench", "measure how fast the suite is"),
    "doctor": ("doctor", "say what is wrong with this machine and what to do about it"),
}


def build_parser(name: str | None = None) -> argparse.ArgumentParser:
    """The parser; only the module of the command that is asked for is imported."""
    parser = argparse.ArgumentParser(
        prog="./psa", description="Develop, test and try the PSA addons for Odoo 19."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command, (module, text) in COMMANDS.items():
        child = commands.add_parser(command, help=text, description=text[0].upper() + text[1:] + ".")
        if command == name:
            loaded = importlib.import_module(f"psa_cli.{module}")
            loaded.add_arguments(child)
            child.set_defaults(run=loaded.run)
    return parser


def explain(error: BaseException) -> str | None:
    """The words for an error that is the user's or the machine's, None for one of psa itself."""
    if isinstance(error, steps.CliError):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return steps.disk_message("psa")
    if isinstance(error, PermissionError | FileNotFoundError | NotADirectoryError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return None


def main(argv: list[str] | None = None) -> int:
    """Run a command; 0 is success, 1 a failure or failed test, 2 a wrong call, 130 an interruption."""
    argv = sys.argv[1:] if argv is None else argv
    name = next((a for a in argv if not a.startswith("-")), None)
    try:
        args = build_parser(name).parse_args(argv)
        steps.require_linux()
        return args.run(args) or 0
    except KeyboardInterrupt:
        print("\npsa: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 130
    except Exception as error:
        text = explain(error)
        if text is None:
            raise
        print(f"psa: {text}", file=sys.stderr)
        return 1
