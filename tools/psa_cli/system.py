"""The packages that apt must install: the machine lacks only what is missing."""

import os
import re
import shutil
from pathlib import Path

from . import steps

# what is needed -> the Debian/Ubuntu package that has it
BROWSERS = ("google-chrome", "chromium", "chromium-browser")
CLUSTER_CONF = Path("/etc/postgresql-common/createcluster.conf")


def os_release(file: Path = Path("/etc/os-release")) -> dict[str, str]:
    """The machine's own description: ID, VERSION_CODENAME, ..."""
    pairs = re.findall(r'^(\w+)="?([^"\n]*)"?$', file.read_text() if file.exists() else "", re.M)
    return dict(pairs)


def postgres_bin() -> Path | None:
    """Folder of the newest PostgreSQL server programs, None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def browser() -> str | None:
    """The browser that Odoo's browser tests would find."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def font_there() -> bool:
    """Whether a text font that Odoo's PDFs ask for is installed."""
    return any(Path("/usr/share/fonts").rglob("Liberation*.ttf"))


def missing(external_postgres: bool = False) -> list[str]:
    """The packages that would provide what the machine lacks."""
    packages = []
    if not external_postgres and not postgres_bin():
        packages.append("postgresql")
    if external_postgres and not shutil.which("psql"):
        packages.append("postgresql-client")
    if not browser():
        packages.append("chromium")
    if not font_there():
        packages.append("fonts-liberation")
    if not shutil.which("pdftotext"):
        packages.append("poppler-utils")
    if not has_venv():
        packages.append("python3-venv")
    return packages


def has_venv() -> bool:
    """Debian keeps ensurepip, which venv needs, in a package of its own."""
    import importlib.util

    return importlib.util.find_spec("ensurepip") is not None


def apt_line(packages: list[str]) -> str:
    """The one line that a normal user runs."""
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(packages)}"


def ensure(external_postgres: bool = False) -> None:
    """Install what is missing (as root), or raise CliError with the line to run (as a normal user)."""
    packages = missing(external_postgres)
    if not packages:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise steps.CliError(f"some system packages are missing. Run once:\n\n    {apt_line(packages)}\n")
    with steps.lock("apt"), steps.timed("system", f"apt-get install {' '.join(packages)}"):
        no_own_cluster()
        env = steps.child_env(DEBIAN_FRONTEND="noninteractive")
        steps.run(["apt-get", "update", "-q"], env=env)
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
        code = steps.follow(install, lambda line: progress_line(line), env=env)
    if code or missing(external_postgres):
        raise steps.CliError(f"apt could not install {' '.join(missing(external_postgres))}; try it by hand")


def progress_line(line: str) -> None:
    """Show apt's own lines of progress only."""
    if re.match(r"(Get:\d+|Need to get|Setting up|E:|Err:)", line):
        steps.say(f"[system] {line[:100]}")


def no_own_cluster(file: Path = CLUSTER_CONF) -> None:
    """Keep Debian's package from making and starting a PostgreSQL of its own (only if not set yet)."""
    if not postgres_bin() and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("create_main_cluster = false\n")
