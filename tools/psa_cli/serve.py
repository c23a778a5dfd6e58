"""`./psa run`: an Odoo server on the demo database; also what `demo` and `shell` share with it."""

import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

from . import databases, demo_database, steps, workspace

HOST, PORT = "127.0.0.1", 8069


def add_port(parser) -> None:
    """The option --port."""
    parser.add_argument("--port", type=int, help=f"port on {HOST} (default: {PORT}, or the next free one)")


def add_arguments(parser) -> None:
    """Options of the command."""
    add_port(parser)
    parser.add_argument("--database", help="another database than the demo")
    parser.add_argument("odoo_args", nargs="*", metavar="ODOO_OPTION", help="after --: options of odoo")


def run(args) -> int:
    """Serve until interrupted."""
    space = workspace.ensure()
    database = args.database or demo_database.ensure(space)
    return serve(space, database, choose_port(args.port), args.odoo_args)


def is_free(port: int) -> bool:
    """Whether nothing listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((HOST, port))
        except OSError:
            return False
        return True


def choose_port(wanted: int | None = None) -> int:
    """The port asked for (CliError if it is taken), else 8069 or the next free one, said aloud."""
    if wanted:
        if not is_free(wanted):
            raise steps.CliError(f"port {wanted} is taken: name another with --port, or leave it out")
        return wanted
    for port in range(PORT, PORT + 100):
        if is_free(port):
            if port != PORT:
                steps.say(f"port {PORT} is taken: using {port} (choose one with --port)")
            return port
    raise steps.CliError(f"ports {PORT} to {PORT + 99} are all taken: choose another with --port")


def tell_address(server: databases.Server, database: str, port: int) -> None:
    """Let the links of mails and the styles of PDFs point to this port; an address of another machine stays.

    Odoo itself learns it only when an administrator logs in.
    """
    server.sql(
        f"update ir_config_parameter set value = 'http://{HOST}:{port:d}'"  # noqa: S608  a constant and a number
        " where key = 'web.base.url'"
        " and value ~ '^http://(localhost|127\\.0\\.0\\.1)(:[0-9]+)?$'",
        database,
    )


def serve(space: workspace.Workspace, database: str, port: int, more: list[str] = ()) -> int:
    """Run the server in the foreground; say when it answers."""
    tell_address(databases.Server(space), database, port)
    command = [
        space.venv / "bin/odoo", "-c", space.conf, "-d", database, f"--db-filter=^{database}$",
        f"--http-port={port}", "--max-cron-threads=1", "--log-level=warn", *more,
    ]  # fmt: skip
    process = subprocess.Popen(
        [str(part) for part in command], env=space.env(), preexec_fn=steps.die_with_parent
    )
    threading.Thread(target=announce, args=(port, process), daemon=True).start()
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        steps.say("\nstopped")
        return 0


def announce(port: int, process: subprocess.Popen) -> None:
    """Say where the server is once it answers."""
    url = f"http://{HOST}:{port}"
    for _attempt in range(240):
        if process.poll() is not None:
            return
        try:
            urllib.request.urlopen(f"{url}/web/health", timeout=5)
            steps.say(f"\nOdoo answers at {url}  (stop with Ctrl-C)")
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
