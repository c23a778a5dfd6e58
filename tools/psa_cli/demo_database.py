"""The demo database: the suite with demo data, the firm's month played once."""

import re

from . import databases, odoo_log, paths, steps
from .workspace import Workspace

MONTH = paths.TOOLS / "demo_month.py"
# what wkhtmltopdf says of SSL libraries that it does not need
NOISE = re.compile(r"^QSslSocket: |^Exit with code \d+ due to network|ir_actions_report: wkhtmltopdf: ")


def name(server: databases.Server) -> str:
    """psa_demo; where that is another checkout's, a name with this checkout's short hash."""
    info = server.info("psa_demo")
    if info is None or info.get("checkout") in (None, str(paths.ROOT)):
        return "psa_demo"
    return f"psa_demo_{paths.checkout_id()}"


def ensure(space: Workspace) -> str:
    """The demo database, complete and up to date with the code; the month is never played twice."""
    with steps.lock("demo"):
        server = databases.Server(space)
        database = name(server)
        info = server.info(database)
        if info and info.get("odoo") == space.key:
            update(space, server, database, info)
        else:
            if info:
                steps.say("[demo] Odoo itself changed: the demo database is made again")
            build(space, server, database)
    return database


def build(space: Workspace, server: databases.Server, database: str) -> None:
    """Copy the template, install, play the month; it gets its name when all of it is there."""
    base = databases.ensure_base(space, demo=True)
    new = f"{database}_new"
    steps.require_space(400, "the demo database")
    with steps.timed("demo", f"install {', '.join(databases.own_modules())} with demo data"):
        server.drop(new)
        server.copy(base, new)
        databases.install(space, new, "demo", demo=True)
    play_month(space, new)
    with steps.timed("demo", "asset bundles"):
        databases.build_bundles(space, new, databases.BUNDLES)
    server.publish(new, database, state(space))


def state(space: Workspace) -> dict:
    """What a complete demo database says of itself."""
    return {
        "odoo": space.key,
        "addons": databases.addons_key(),
        "modules": databases.own_modules(),
        "checkout": str(paths.ROOT),
    }


def play_month(space: Workspace, database: str) -> None:
    """Run tools/demo_month.py in an Odoo shell, showing what it prints."""
    if not MONTH.exists():
        steps.say(f"[month] {MONTH.relative_to(paths.ROOT)} does not exist: the month is not played")
        return
    warnings, output, patterns = [], [], odoo_log.allowed_patterns()
    command = ["sh", "-c", 'exec "$0" shell -d "$1" -c "$2" --no-http --log-level=warn < "$3"']
    command += [space.venv / "bin/odoo", database, space.conf, MONTH]

    def on_line(line: str) -> None:
        output.append(line)
        if odoo_log.is_bad(line, patterns):
            warnings.append(line)
        if not NOISE.search(line):
            steps.say(line)

    with steps.timed("month", "the demo firm's month"):
        code = steps.follow(command, on_line, env=space.env(), cwd=paths.ROOT)
        if code or any(line.startswith("Traceback") for line in output):
            raise steps.failure(["odoo", "shell", "<", MONTH.name], "\n".join(output[-4:]), code or 1)
    databases.fail_on(warnings, database)


def update(space: Workspace, server: databases.Server, database: str, info: dict) -> bool:
    """Update the addons if their code changed; returns whether it did."""
    now = state(space)
    if info.get("addons") == now["addons"]:
        return False
    new = [module for module in now["modules"] if module not in info.get("modules", [])]
    with steps.timed("update", f"{', '.join(now['modules'])} in {database}"):
        args = ["-d", database, "-u", ",".join(now["modules"]), "--stop-after-init", "--no-http"]
        databases.fail_on(
            odoo_log.run(space, "update", [*args, *(["-i", ",".join(new)] if new else [])]), database
        )
        databases.build_bundles(space, database, databases.BUNDLES)
        server.set_info(database, now)
    return True


def logins(server: databases.Server, database: str) -> list[str]:
    """Logins of internal users, the administrator first."""
    query = """
        select login from res_users
         where active and not share and login not like '\\_\\_%' order by login <> 'admin', id limit 20
    """
    return server.sql(query, database).splitlines()
