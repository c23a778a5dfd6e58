"""Databases: a base template that all clones share, and copies of it that carry this checkout's addons.

A database gets its final name and its comment (a JSON of what it holds) when it is complete, so that one
that was interrupted is never taken for a good one.
"""

import ast
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from . import odoo_log, paths, steps
from .workspace import Workspace

RECIPE = 1
#: Apps that firms run next to ours. They extend the models that ours extend: orders and their lines,
#: invoices, analytic lines, projects, products, employees, opportunities. The host adds what stands between
#: two of them.
APPS = [
    "account_check_printing",
    "account_debit_note",
    "base_vat",
    "event_booth_sale",
    "hr_attendance",
    "hr_fleet",
    "hr_maintenance",
    "partnership",
    "pos_sale",
    "product_expiry",
    "project_mrp",
    "project_purchase",
    "purchase_requisition",
    "repair",
    "sale_loyalty",
    "sale_margin",
    "sale_mrp",
    "sale_product_matrix",
    "stock_dropshipping",
    "stock_landed_costs",
    "website_project",
    "website_sale",
    "website_timesheet",
]
# prebuilt, so that the first page or browser test does not wait for them
BUNDLES = [
    "web.assets_web",
    "web.assets_web_print",
    "web.assets_backend_lazy",
    "web.assets_emoji",
    "web.chartjs_lib",
    "bus.websocket_worker_assets",
    "web.assets_frontend",
    "web.assets_frontend_lazy",
    "web.assets_frontend_minimal",
]
TEST_BUNDLES = [
    "web.assets_tests",
    "web_tour.automatic",
    "web.assets_unit_tests_setup",
    "web.assets_unit_tests",
]
#: Set for tests that run beside other apps: a database that one makes for itself has them too.
BESIDE = "PSA_BESIDE"
BUNDLE_SCRIPT = """
for bundle in {bundles!r}:
    env["ir.qweb"]._get_asset_bundle(bundle, css=False, js=True).js()
    env["ir.qweb"]._get_asset_bundle(bundle, css=True, js=False).css()
env.cr.commit()
"""


# --- addons --------------------------------------------------------------------------------------
def manifests(folder: Path = paths.ADDONS) -> dict[str, dict]:
    """Our addons that can be installed, with their manifests."""
    found = {f.parent.name: ast.literal_eval(f.read_text()) for f in sorted(folder.glob("*/__manifest__.py"))}
    return {name: data for name, data in found.items() if data.get("installable", True)}


def own_modules() -> list[str]:
    """Names of our addons."""
    return list(manifests())


def host_modules() -> list[str]:
    """The host's modules that our addons depend on."""
    own = manifests()
    return sorted({name for data in own.values() for name in data["depends"]} - set(own))


def addons_key(folder: Path = paths.ADDONS) -> str:
    """Changes when what is installed of the addons does: not with their Python tests and templates (.pot)."""
    files = [
        file
        for file in folder.rglob("*")
        if file.is_file()
        and file.suffix != ".pot"
        and "__pycache__" not in file.parts
        and not (file.suffix == ".py" and "tests" in file.relative_to(folder).parts)
        and not any(
            part.startswith(".") or part.endswith(".egg-info") for part in file.relative_to(folder).parts
        )
    ]
    return steps.files_digest(files, base=folder)


# --- plain database operations -------------------------------------------------------------------
class Server:
    """The databases of a server, and the filestore that goes with each."""

    def __init__(self, space: Workspace):
        self.env = space.env()
        self.store = paths.home() / "data/filestore"

    def sql(self, query: str, database: str = "postgres") -> str:
        """Answer of a query."""
        command = ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", query]
        return steps.run(command, env=self.env).strip()

    def names(self) -> list[str]:
        """All databases."""
        return self.sql("select datname from pg_database where not datistemplate").splitlines()

    def info(self, name: str) -> dict | None:
        """What a complete database says of itself, None if it is missing or incomplete."""
        query = "select shobj_description(oid, 'pg_database') from pg_database where datname = '{}'"
        try:
            return json.loads(self.sql(query.format(name)) or "null")
        except ValueError:
            return None

    def set_info(self, name: str, info: dict) -> None:
        """Mark a database as complete."""
        text = json.dumps(info).replace("'", "''")
        self.sql(f"comment on database \"{name}\" is '{text}'")

    def drop(self, name: str) -> None:
        """Drop a database with its filestore, also while something is connected."""
        if name in self.names():
            self.sql(f'drop database "{name}" with (force)')
        shutil.rmtree(self.store / name, ignore_errors=True)

    def create(self, name: str) -> None:
        """An empty database."""
        self.sql(f"create database \"{name}\" template template0 encoding 'unicode' lc_collate 'C'")

    def copy(self, source: str, target: str) -> None:
        """Copy a database; files of the filestore are never written in place, so hard links do."""
        for attempt in range(20):
            command = ["createdb", "-T", source, target]
            done = subprocess.run(command, env=self.env, capture_output=True, text=True)
            if done.returncode == 0:
                break
            if "being accessed by other users" not in done.stderr or attempt == 19:
                raise steps.failure(command, done.stderr, done.returncode)
            time.sleep(0.5)
        shutil.rmtree(self.store / target, ignore_errors=True)
        if (self.store / source).exists():
            shutil.copytree(self.store / source, self.store / target, copy_function=link_or_copy)

    def publish(self, name: str, final: str, info: dict) -> None:
        """Give a complete database its final name, in the place of an older one."""
        self.drop(final)
        if (self.store / name).exists():
            os.rename(self.store / name, self.store / final)
        self.set_info(name, info)
        self.sql(f'alter database "{name}" rename to "{final}"')


def link_or_copy(source: str, target: str) -> None:
    """Hard link; a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


# --- the layers ----------------------------------------------------------------------------------
def fail_on(warnings: list[str], name: str) -> None:
    """Raise CliError if the log has warnings that are not on the reviewed list."""
    if warnings:
        shown = "\n".join(warnings[:20])
        raise steps.CliError(
            f"{len(warnings)} warnings in the Odoo log while building {name}; none may be there "
            f"(the host's own can be listed in {odoo_log.ALLOWLIST.relative_to(paths.ROOT)}):\n{shown}"
        )


def ensure_base(space: Workspace, demo: bool = False) -> str:
    """The template with the host's modules; its name holds the hash of what it was made of."""
    modules = host_modules()
    key = steps.digest(RECIPE, space.key, *modules, demo)
    name = f"psa_base_{'demo_' if demo else ''}{key[:8]}"
    title = f"Odoo with {len(modules)} host modules and what they need{', demo data' if demo else ''}"
    return ensure_template(space, name, key, title, modules, demo=demo)


def ensure_apps(space: Workspace) -> str:
    """The base with other apps of the host, for tests of ours next to them."""
    base = ensure_base(space)
    key = steps.digest(base, *APPS)
    title = f"{len(APPS)} other apps of Odoo and what they need"
    return ensure_template(space, f"psa_apps_{key[:8]}", key, title, APPS, source=base)


def ensure_host(space: Workspace) -> str:
    """Where a test begins that installs our addons itself: the base, or the other apps."""
    return ensure_apps(space) if os.environ.get(BESIDE) else ensure_base(space)


def ensure_template(
    space: Workspace,
    name: str,
    key: str,
    title: str,
    modules: list[str],
    source: str = "",
    demo: bool = False,
) -> str:
    """A template, made once: these modules of the host, on a copy of ``source`` where there is one."""
    server, log = Server(space), name.split("_")[1]
    if server.info(name):
        return name
    with steps.lock(name):
        if server.info(name):
            return name
        steps.require_space(700, f"database {name}")
        with steps.timed(log, title):
            new = f"{name}_new"
            server.drop(new)
            if source:
                server.copy(source, new)
            else:
                server.create(new)
            options = ["--with-demo"] if demo else []
            args = ["-d", new, "-i", ",".join(modules), "--stop-after-init", "--no-http", *options]
            odoo_log.run(space, log, args)
            server.publish(new, name, {"key": key})
    return name


def install(space: Workspace, database: str, log: str, demo: bool = False) -> None:
    """Install our addons; a warning in the log fails."""
    own = ",".join(own_modules())
    options = ["--with-demo"] if demo else []
    args = ["-d", database, "-i", own, "--stop-after-init", "--no-http", *options]
    fail_on(odoo_log.run(space, log, args), database)


def build_bundles(space: Workspace, database: str, bundles: list[str]) -> None:
    """Build the asset bundles once, into the database."""
    run_script(space, database, BUNDLE_SCRIPT.format(bundles=bundles))


def run_script(space: Workspace, database: str, script: str) -> str:
    """Run a script in an Odoo shell; return what it prints."""
    command = [space.venv / "bin/odoo", "shell", "-d", database, "-c", space.conf, "--no-http"]
    return steps.run([*command, "--log-level=warn"], env=space.env(), cwd=paths.ROOT, text_in=script)


def test_name(beside: bool = False) -> str:
    """This checkout's test database, or the one with other apps beside ours."""
    return f"psa_{'beside' if beside else 'test'}_{paths.checkout_id()}"


def ensure_test(space: Workspace, beside: bool = False) -> str:
    """The test database: the base, or the other apps, with our addons and prebuilt bundles.

    It is made again when code changes.
    """
    server, name = Server(space), test_name(beside)
    source = ensure_apps(space) if beside else ensure_base(space)
    log = "besidedb" if beside else "testdb"
    key = steps.digest(RECIPE, source, addons_key(), BUNDLES, TEST_BUNDLES)
    info = server.info(name)
    if info and info.get("key") == key:
        return name
    with steps.timed(log, f"install {', '.join(own_modules())}{' beside other apps' if beside else ''}"):
        new = f"{name}_new"
        server.drop(new)
        server.copy(source, new)
        install(space, new, log)
        steps.say(f"[{log}] asset bundles")
        build_bundles(space, new, BUNDLES + TEST_BUNDLES)
        server.publish(new, name, {"key": key, "checkout": str(paths.ROOT)})
    return name
