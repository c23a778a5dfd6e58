"""What a command needs to run Odoo: source, Python, PostgreSQL and the checkout's configuration."""

from dataclasses import dataclass
from pathlib import Path

from . import odoo_source, paths, postgres, python_env, steps, system

MARKER = ".psa-cache"
CONF = """[options]
addons_path = {addons}
data_dir = {home}/data
bin_path = {venv}/bin
http_interface = 127.0.0.1
workers = 0
max_cron_threads = 0
list_db = False
log_handler = :INFO,py.warnings:ERROR
screenshots = {checkout}/screenshots
"""


@dataclass(frozen=True)
class Workspace:
    """A machine that is set up."""

    source: odoo_source.Source
    venv: Path
    pg: dict[str, str]
    conf: Path

    @property
    def key(self) -> str:
        """Changes when Odoo or its Python packages change."""
        return steps.digest(self.source.key, self.venv.name)

    def env(self, **extra: str) -> dict[str, str]:
        """Environment for Odoo and pytest."""
        path = f"{self.venv}/bin:{steps.child_env()['PATH']}"
        return steps.child_env(**self.pg, PATH=path, ODOO_RC=str(self.conf), **extra)

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self.venv / "bin/python"


def make_home() -> None:
    """Make the cache folder and mark it as ours, so that `reset --all` can trust what it removes."""
    home = paths.home()
    if home.exists() and not (home / MARKER).exists() and any(home.iterdir()):
        raise steps.CliError(f"{home} is not empty and no cache of psa: set PSA_HOME to another folder")
    home.mkdir(parents=True, exist_ok=True)
    (home / MARKER).touch()


def configuration(source: odoo_source.Source, venv: Path, own: bool = True) -> Path:
    """The checkout's odoo.conf; without our addons (own=False) one for tests of the host alone."""
    folders = [*source.addons, *([paths.ADDONS] if own else [])]
    checkout = paths.checkout_home()
    text = CONF.format(
        addons=",".join(map(str, folders)), home=paths.home(), venv=venv, checkout=checkout
    )  # fmt: skip
    file = checkout / ("odoo.conf" if own else "odoo-stock.conf")
    if not file.exists() or file.read_text() != text:
        steps.write_atomic(file, text)
    return file


def ensure() -> Workspace:
    """Set up whatever is missing; a second call takes a fraction of a second."""
    make_home()
    system.ensure(external_postgres=postgres.external_env() is not None)
    source = odoo_source.ensure()
    venv = python_env.ensure(source)
    pg = postgres.ensure()
    return Workspace(source, venv, pg, configuration(source, venv))
