"""PostgreSQL: the server that PGHOST or DATABASE_URL names, else a private cluster in the cache.

The private cluster runs as an unprivileged user also when the caller is root, listens on a socket only,
and may be killed at any time: the next start recovers it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
import urllib.parse
from pathlib import Path

from . import paths, steps, system

USER = "odoo"
SOCKET = ".s.PGSQL.5432"
MAX_SOCKET_PATH = 107
CONF = """
# a private cluster for demo and tests; a crash of the machine may lose it, a kill does not
listen_addresses = ''
unix_socket_directories = '{sock}'
unix_socket_permissions = 0700
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 1GB
checkpoint_timeout = 30min
autovacuum_naptime = 5min
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
max_connections = 100
max_locks_per_transaction = 256
"""


def external_env(environ=os.environ) -> dict[str, str] | None:
    """The PG* variables of the server that the caller names, None if he names none."""
    url = environ.get("DATABASE_URL")
    if url:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("postgres", "postgresql"):
            raise steps.CliError("DATABASE_URL must begin with postgresql://")
        found = {
            "PGHOST": parts.hostname or dict(urllib.parse.parse_qsl(parts.query)).get("host"),
            "PGPORT": str(parts.port) if parts.port else None,
            "PGUSER": urllib.parse.unquote(parts.username) if parts.username else None,
            "PGPASSWORD": urllib.parse.unquote(parts.password) if parts.password else None,
        }
        return {key: value for key, value in found.items() if value}
    if environ.get("PGHOST"):
        return {key: environ[key] for key in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD") if environ.get(key)}
    return None


def data_folder() -> Path:
    """The private cluster's files."""
    return paths.home() / "postgres"


def socket_folder() -> Path:
    """In the cache if the path is short enough for a socket, else a private folder of the user in /tmp."""
    inside = paths.home() / "run"
    if len(str(inside / SOCKET)) + len(".lock") <= MAX_SOCKET_PATH:
        return inside
    return Path(f"/tmp/psa-{os.geteuid()}-{steps.digest(paths.home())[:8]}")


def unprivileged(command: list) -> list[str]:
    """The command as PostgreSQL accepts it: its programs refuse root.

    As root: inside a user namespace where root's files are nobody's, which works in any folder.
    """
    command = [str(part) for part in command]
    if os.geteuid() != 0:
        return command
    return ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--", *command]


def private_env() -> dict[str, str]:
    """PG* variables of the private cluster."""
    return {"PGHOST": str(socket_folder()), "PGUSER": USER, "PGPORT": "5432"}


def ensure() -> dict[str, str]:
    """PG* variables of a server that answers; starts (and makes, and recovers) the private one."""
    given = external_env()
    if given is not None:
        check_external(given)
        return given
    if not answers():
        with steps.lock("postgres"):
            if not answers():
                make_cluster()
                start()
    return private_env()


def check_external(env: dict[str, str]) -> None:
    """Raise CliError if the server that the caller names cannot be used."""
    if env.get("PGUSER", "") == "postgres":
        raise steps.CliError(
            "Odoo refuses the database user `postgres`: name another one that may create databases"
        )
    done = subprocess.run(
        ["psql", "-qAtX", "-d", "postgres", "-c", "select current_setting('server_version_num')::int, "
         "(select rolcreatedb or rolsuper from pg_roles where rolname = current_user)"],
        env=steps.child_env(**env), capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise steps.CliError(f"PostgreSQL at {env.get('PGHOST')} does not answer:\n{done.stderr.strip()}")
    version, may_create = done.stdout.strip().split("|")
    if int(version) < 130000:
        raise steps.CliError(f"PostgreSQL at {env.get('PGHOST')} is older than 13, which Odoo 19 needs")
    if may_create != "t":
        raise steps.CliError(
            f"the user at {env.get('PGHOST')} may not create databases: ALTER ROLE ... CREATEDB"
        )


def program(name: str) -> str:
    """Path of a PostgreSQL server program."""
    folder = system.postgres_bin()
    if not folder:
        raise steps.CliError(
            f"PostgreSQL is not installed. Run once:\n\n    {system.apt_line(['postgresql'])}\n"
        )
    return str(folder / name)


def answers() -> bool:
    """Whether the private server accepts a connection."""
    socket = socket_folder() / SOCKET
    if not socket.exists() or not system.postgres_bin():
        return False
    command = [program("pg_isready"), "-q", "-t", "5"]
    return subprocess.run(command, env=steps.child_env(**private_env())).returncode == 0


def make_cluster() -> None:
    """initdb, into a temporary folder that is renamed when it is complete."""
    data = data_folder()
    if (data / "PG_VERSION").exists():
        check_version(data)
        return

    def build(target: Path) -> None:
        target.chmod(0o700)
        command = [
            program("initdb"),
            "-D",
            target,
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        steps.run(unprivileged([*command, "--no-sync"]), env=steps.child_env(TZ="UTC"))
        with open(target / "postgresql.conf", "a") as file:
            file.write(CONF.format(sock=socket_folder()))

    shutil.rmtree(data, ignore_errors=True)
    steps.ensure_folder(data, build, "initdb", "private PostgreSQL cluster", space_mb=200)


def check_version(data: Path) -> None:
    """A cluster of another major version cannot be started by the installed server."""
    made, here = (data / "PG_VERSION").read_text().strip(), Path(program("initdb")).parts[-3]
    if here.isdigit() and made != here:
        raise steps.CliError(
            f"the cache's PostgreSQL cluster is of version {made}, installed is {here}. "
            "Its databases can all be made again: ./psa reset --all"
        )


def start() -> None:
    """Start the private server; after a kill it recovers by itself once the stale pid files are gone."""
    data, sock = data_folder(), socket_folder()
    sock.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sock.stat().st_uid != os.geteuid():
        raise steps.CliError(f"{sock} belongs to another user: set PSA_HOME to a folder of yours")
    if remove_stale(data / "postmaster.pid", data):
        steps.say("[postgres] the server was killed before: it recovers")
    remove_stale(sock / f"{SOCKET}.lock", data)
    log = data / "server.log"
    command = [program("pg_ctl"), "-D", data, "-l", log, "-w", "-t", "120", "start"]
    for attempt in range(4):
        done = subprocess.run(
            unprivileged(command),
            env=steps.child_env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if done.returncode == 0:
            return
        time.sleep(1 + attempt)  # children of a killed server take a moment to end
    tail = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
    raise steps.failure([program("pg_ctl"), "start"], "\n".join(tail), done.returncode)


def remove_stale(pid_file: Path, data: Path) -> bool:
    """Remove a pid file whose process is gone or is not this cluster's server; say whether it was stale."""
    try:
        pid = abs(int(pid_file.read_text().split()[0]))
    except (FileNotFoundError, ValueError, IndexError):
        stale = pid_file.exists()
        pid_file.unlink(missing_ok=True)
        return stale
    if is_server(pid, data):
        return False
    pid_file.unlink(missing_ok=True)
    return True


def is_server(pid: int, data: Path) -> bool:
    """Whether that process is the server of this data folder."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return "postgres" in Path(command[0]).name and str(data) in command


def stop() -> None:
    """Stop the private server if it runs."""
    data = data_folder()
    if not (data / "postmaster.pid").exists() or not system.postgres_bin():
        return
    command = [program("pg_ctl"), "-D", data, "-m", "fast", "-w", "-t", "30", "stop"]
    subprocess.run(unprivileged(command), capture_output=True)
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError, ProcessLookupError):
        pid = int((data / "postmaster.pid").read_text().split()[0])
        if is_server(pid, data):
            os.kill(pid, signal.SIGQUIT)
