"""`./psa doctor`: what is wrong with this machine, and what to do about each."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from . import odoo_source, paths, postgres, serve, steps, system

# (level, what was found, what to do)
Finding = tuple[str, str, str]
OK, WARN, BAD = "ok", "warn", "BAD"
NEED_DISK_MB, NEED_MEMORY_MB, NEED_NODE = 4000, 3000, 18


def add_arguments(parser) -> None:
    """Options of the command (none)."""


def run(args) -> int:
    """Print every check; exit code 1 if something keeps `demo` or `test` from working."""
    worst = 0
    for check in CHECKS:
        try:
            findings = list(check())
        except (steps.CliError, OSError) as error:
            findings = [(BAD, f"{check.__name__}: {error}", "")]
        for level, text, fix in findings:
            steps.say(f"{level:<5} {text}" + (f"\n      -> {fix}" if fix and level != OK else ""))
            worst = max(worst, int(level == BAD))
    steps.say(
        "\nThis machine is ready." if not worst else "\nMend what is marked BAD, then run ./psa doctor again."
    )
    return worst


def apt(package: str) -> str:
    """How to install a package."""
    return system.apt_line([package])


def check_python() -> Iterator[Finding]:
    """The Python that psa runs on, and its venv module."""
    version = ".".join(map(str, sys.version_info[:3]))
    tested = "" if sys.version_info[:2] == (3, 11) else " (supported; the pins are tested on 3.11)"
    yield OK, f"Python {version}{tested}: {sys.executable}", ""
    yield OK if system.has_venv() else BAD, "Python's venv and ensurepip", apt("python3-venv")


def check_source() -> Iterator[Finding]:
    """Where Odoo would come from."""
    given = os.environ.get("ODOO_SOURCE")
    if given:
        source = odoo_source.from_variable(given)
        yield OK, f"Odoo 19.0 from ODOO_SOURCE: {source.python_path}", ""
    elif any(paths.home().glob("odoo-*")):
        yield OK, "Odoo 19.0 is in the cache (no network needed)", ""
    elif suite := odoo_source.debian_suite():
        yield (
            OK,
            f"Odoo 19.0 would come from this machine's Debian mirror: {odoo_source.own_mirror(suite)}",
            "",
        )
    else:
        level = OK if shutil.which("git") else BAD
        yield level, f"Odoo 19.0 would come from {odoo_source.GIT_URL} by git", apt("git")


def check_disk() -> Iterator[Finding]:
    """Room for the cache."""
    free, home = steps.free_mb(), paths.home()
    warm = any(home.glob("odoo-*"))
    need = 1000 if warm else NEED_DISK_MB
    fix = "free some space, or set PSA_HOME to a folder on a larger disk"
    yield (OK if free >= need else BAD), f"{free} MB free for the cache {home} (needs {need})", fix
    writable = os.access(steps.existing_parent(home), os.W_OK)
    yield (OK if writable else BAD), f"cache folder writable: {home}", "set PSA_HOME to a folder of yours"


def check_memory() -> Iterator[Finding]:
    """Memory that is available now."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]) // 1024
    fix = "close other programs, or run tests with ./psa test --workers 1"
    yield (OK if available >= NEED_MEMORY_MB else WARN), f"{available} MB of memory available", fix


def check_postgres() -> Iterator[Finding]:
    """The server that the caller names, or the means to run a private one."""
    given = postgres.external_env()
    if given is not None:
        if not shutil.which("psql"):
            yield BAD, "psql is missing", apt("postgresql-client")
            return
        postgres.check_external(given)
        yield OK, f"PostgreSQL at {given.get('PGHOST')} answers", ""
        return
    folder = system.postgres_bin()
    yield (OK if folder else BAD), f"PostgreSQL server programs: {folder or 'missing'}", apt("postgresql")
    if folder and (postgres.data_folder() / "PG_VERSION").exists():
        state = "runs" if postgres.answers() else "is stopped (the next command starts it)"
        yield OK, f"private cluster {state}: {postgres.data_folder()}", ""
    if os.geteuid() == 0:
        probe = subprocess.run(postgres.unprivileged(["true"]), capture_output=True)
        fix = "allow user namespaces, or run ./psa as a normal user, or name a server with PGHOST"
        yield (BAD if probe.returncode else OK), "user namespaces (PostgreSQL refuses root)", fix


def check_tools() -> Iterator[Finding]:
    """Browser, fonts, PDF tools, node."""
    browser = system.browser()
    yield (OK if browser else BAD), f"browser for browser tests: {browser or 'missing'}", apt("chromium")
    yield (OK if system.font_there() else BAD), "Liberation fonts (PDF)", apt("fonts-liberation")
    yield (OK if shutil.which("pdftotext") else BAD), "pdftotext (PDF tests)", apt("poppler-utils")
    version = node_version()
    fix = f"install Node.js {NEED_NODE} or newer with npm (prettier and eslint run on it)"
    yield (OK if version and version >= NEED_NODE else WARN), f"Node.js for lint: {version or 'missing'}", fix
    if not shutil.which("npm"):
        yield WARN, "npm for lint: missing", fix


def node_version() -> int | None:
    """Major version of Node.js, None without it."""
    if not shutil.which("node"):
        return None
    text = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    return int(text.lstrip("v").split(".")[0]) if text.startswith("v") else None


def check_port() -> Iterator[Finding]:
    """The demo's port."""
    free = serve.is_free(serve.PORT)
    yield (
        (OK if free else WARN),
        f"port {serve.PORT} {'is free' if free else 'is taken'}",
        "the demo takes the next one",
    )


def check_locale() -> Iterator[Finding]:
    """The locale that the database cluster is made with."""
    done = subprocess.run(["locale", "-a"], capture_output=True, text=True)
    there = any(name.lower().replace("-", "") == "c.utf8" for name in done.stdout.split())
    yield (OK if there else WARN), "locale C.UTF-8", "install the locales of the C library (libc-bin)"


CHECKS: list[Callable[[], Iterator[Finding]]] = [
    check_python,
    check_source,
    check_disk,
    check_memory,
    check_postgres,
    check_tools,
    check_port,
    check_locale,
]
