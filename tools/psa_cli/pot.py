"""`./psa pot`: the translation templates, `i18n/<addon>.pot` of each addon, by the host's own exporter."""

import io
import re
from pathlib import Path

from . import databases, paths, steps, workspace

# what changes by each export, or with the copy of Odoo that exports, and says nothing of the terms
CHANGING = re.compile(r'^"(POT-Creation-Date|PO-Revision-Date): .*\\n"\n', re.MULTILINE)
VERSION = re.compile(r'^"Project-Id-Version: .*\\n"$', re.MULTILINE)
SCRIPT = """
import sys
sys.path.insert(0, {tools!r})
from psa_cli import pot
print("written:", *pot.write(env))
"""


def add_arguments(parser) -> None:
    """Options of the command (none)."""


def run(args) -> int:
    """Export from the test database, which holds all addons and no demo data; say what changed."""
    space = workspace.ensure()
    with steps.lock(f"test-{paths.checkout_id()}"):
        database = databases.ensure_test(space)
        said = databases.run_script(space, database, SCRIPT.format(tools=str(paths.TOOLS)))
    lines = [line for line in said.splitlines() if line.startswith("written:")]
    if not lines:
        raise steps.CliError(f"the export of {database} did not end:\n{said}")
    names = lines[-1].split()[1:]
    steps.say(f"written: {', '.join(names)}" if names else "all templates are up to date")
    return 0


def file_of(addon: str, folder: Path = paths.ADDONS) -> Path:
    """The template of an addon."""
    return folder / addon / "i18n" / f"{addon}.pot"


def write(env) -> list[str]:
    """Write the template of each addon that is out of date; in Odoo. Returns the names of these addons."""
    changed = []
    for addon in databases.own_modules():
        file, text = file_of(addon), template(env, addon)
        if not file.exists() or file.read_text() != text:
            steps.write_atomic(file, text)
            changed.append(addon)
    return changed


def template(env, addon: str) -> str:
    """The template of an installed addon as the host exports it; in Odoo."""
    from odoo.tools.translate import trans_export

    buffer = io.BytesIO()
    trans_export(None, [addon], buffer, "po", env)
    return settled(buffer.getvalue().decode())


def settled(text: str) -> str:
    """The text of a template without what changes from one export to the next."""
    return (
        VERSION.sub(r'"Project-Id-Version: Odoo Server 19.0\\n"', CHANGING.sub("", text)).rstrip("\n") + "\n"
    )


def terms(text: str) -> dict[str, set[str]]:
    """Term -> where it comes from: code, and fields of records."""
    import polib

    return {
        entry.msgid: {name for name, line in entry.occurrences} for entry in polib.pofile(text, wrapwidth=0)
    }
