"""The Python environment that Odoo and the tests run in: a venv in the cache, from one pinned file."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import odoo_source, paths, steps

REQUIREMENTS = paths.TOOLS / "requirements.txt"


def base_python() -> str:
    """The Python that `./psa` itself found fit (3.10 to 3.13)."""
    return sys.executable


def key(source: odoo_source.Source) -> str:
    """What the environment depends on."""
    return steps.digest(2, sys.version_info[:2], REQUIREMENTS.read_text(), source.python_path)


def ensure(source: odoo_source.Source) -> Path:
    """The venv's folder, made if need be."""
    name = key(source)
    folder = paths.home() / f"venv-{name}"
    if not folder.exists() or not steps.is_done(f"venv-{name}", name):
        steps.ensure(f"venv-{name}", name, lambda: build(folder, source), "Python packages", space_mb=700)
    return folder


def build(folder: Path, source: odoo_source.Source) -> None:
    """Make the venv in place (a venv cannot be renamed): its stamp is written when it is complete."""
    shutil.rmtree(folder, ignore_errors=True)
    steps.run([base_python(), "-m", "venv", folder])
    site = folder / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    (site / "odoo-source.pth").write_text(f"{source.python_path}\n")
    install(folder)
    scripts(folder)
    check(folder)


def install(folder: Path) -> None:
    """pip install with one line of progress for every few packages."""
    wanted = len(re.findall(r"^[A-Za-z]", REQUIREMENTS.read_text(), re.M))
    output: list[str] = []

    def on_line(line: str) -> None:
        output.append(line)
        collected = sum(1 for old in output if old.startswith("Collecting "))
        if line.startswith("Collecting ") and collected % 20 == 0:
            steps.say(f"[python] {collected} of about {wanted} packages")
        if line.startswith("Installing collected"):
            steps.say("[python] installing")

    pip = [folder / "bin/python", "-m", "pip", "install", "--disable-pip-version-check", "--prefer-binary"]
    code = steps.follow([*pip, "-r", REQUIREMENTS], on_line)
    if code:
        wrong = [
            line for line in output if line.lstrip().startswith(("ERROR", "error")) or "No space" in line
        ]
        raise steps.failure(pip, "\n".join(wrong or output), code)


def scripts(folder: Path) -> None:
    """`odoo`, and the wkhtmltopdf with patched Qt under the name that Odoo looks for."""
    odoo = folder / "bin/odoo"
    odoo.write_text(f"#!{folder}/bin/python\nimport odoo.cli\n\nodoo.cli.main()\n")
    odoo.chmod(0o755)
    pack = folder / "bin/wkhtmltopdf-pack"
    if pack.exists():
        pack.chmod(0o755)
        link = folder / "bin/wkhtmltopdf"
        link.unlink(missing_ok=True)
        os.symlink(pack.name, link)


def check(folder: Path) -> None:
    """The pins must fit each other. What Odoo's own metadata asks for does not count: see the pins."""
    done = subprocess.run([folder / "bin/python", "-m", "pip", "check"], capture_output=True, text=True)
    conflicts = [
        line for line in done.stdout.splitlines() if line and not line.startswith(("odoo ", "No broken"))
    ]
    if conflicts:
        raise steps.CliError("the pinned Python packages do not fit each other:\n" + "\n".join(conflicts))
