"""`./psa lint`: every static check, as one gate each; any message of any gate fails.

The tools stand in the cache folder (a venv and a node_modules keyed by tools/lint), never in the checkout.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

from . import lint_rules, odoo_source, paths, steps, workspace

SOURCES = paths.TOOLS / "lint"
SKIPPED = {".git", "node_modules", "__pycache__", ".ruff_cache", ".pytest_cache", "build", "dist"}


def add_arguments(parser) -> None:
    """The options of `./psa lint`."""
    parser.add_argument("--fix", action="store_true", help="repair what the tools can repair")
    names = ", ".join(GATES)
    only = f"only this gate (repeatable): {names}"
    parser.add_argument("--only", action="append", metavar="NAME", help=only)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="only these files or folders")


def run(args) -> int:
    """Run the gates; 0 if none has anything to say, else 1. A wrong name or path is an error."""
    unknown = sorted(set(args.only or ()) - set(GATES))
    if unknown:
        raise steps.CliError(f"no lint gate named {', '.join(unknown)}. There are: {', '.join(GATES)}")
    workspace.make_home()
    start = time.monotonic()
    work = Work(chosen_files(args.paths), args.fix)
    gates = {name: gate for name, gate in GATES.items() if not args.only or name in args.only}
    work.prepare(gates)
    failed = 0
    # repairs one after the other: two tools must not write one file at once
    with ThreadPoolExecutor(1 if args.fix else 2) as pool:
        for name, result in [(name, pool.submit(timed, gate, work)) for name, gate in gates.items()]:
            ok, output, seconds = result.result()
            failed += not ok
            steps.say(f"lint  {name:<12} {'ok  ' if ok else 'FAIL'} {seconds:5.1f} s")
            if not ok:
                steps.say(output.rstrip() or "(no output)")
    verdict = f"{failed} of {len(gates)} gates failed" if failed else f"{len(gates)} gates, nothing to say"
    steps.say(f"lint: {verdict} ({len(work.files)} files, {time.monotonic() - start:.1f} s)")
    return 1 if failed else 0


# --- files ---------------------------------------------------------------------------------------
def tree_files(root: Path = paths.ROOT) -> list[str]:
    """The files of the checkout, relative to it: what git knows or would add, else all but caches."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
        names = set(filter(None, listed))
    except (OSError, subprocess.CalledProcessError):
        names = set(walked_files(root))
    return sorted(name for name in names if (root / name).is_file() and not (root / name).is_symlink())


def walked_files(root: Path) -> list[str]:
    """The files below root without git's help (a tarball, a checkout of another user)."""
    found = []
    for base, folders, files in os.walk(root):
        folders[:] = [folder for folder in folders if folder not in SKIPPED]
        found += [os.path.relpath(os.path.join(base, file), root) for file in files]
    return found


def chosen_files(given: list[str], root: Path = paths.ROOT) -> list[str]:
    """The files of the tree that the given paths name or contain; all if none is given."""
    files = tree_files(root)
    if not given:
        return files
    chosen: set[str] = set()
    for path in given:
        absolute = Path(path).absolute()
        if not absolute.exists():
            raise steps.CliError(f"{path}: no such file or folder")
        if not absolute.is_relative_to(root):
            raise steps.CliError(f"{path} is outside of this checkout ({root})")
        wanted = absolute.relative_to(root).as_posix()
        chosen |= {f for f in files if wanted == "." or f == wanted or f.startswith(wanted + "/")}
    return sorted(chosen)


# --- tools ---------------------------------------------------------------------------------------
@dataclass
class Work:
    """What a run of the gates shares: the files, whether to repair, and where the tools are."""

    files: list[str]
    fix: bool = False
    root: Path = field(default=paths.ROOT)

    def matching(self, *patterns: str) -> list[str]:
        """The files that match one of the patterns (`*` also crosses folders)."""
        return [file for file in self.files if any(fnmatch(file, pattern) for pattern in patterns)]

    def addons(self) -> list[str]:
        """The addon folders that hold one of the files."""
        found = {"/".join(file.split("/")[:2]) for file in self.matching("addons/*/*")}
        return sorted(addon for addon in found if (self.root / addon / "__manifest__.py").exists())

    def prepare(self, gates) -> None:
        """Make the tools that the gates need, before they run side by side."""
        if set(gates) - NODE_GATES - OWN_GATES:
            assert self.venv
        if NODE_GATES & set(gates):
            assert self.node
        if "manifestoo" in gates:
            assert self.source

    @cached_property
    def venv(self) -> Path:
        """The venv of the Python tools."""
        requirements = SOURCES / "requirements.txt"
        key = steps.digest(1, sys.version_info[:2], requirements.read_text())
        folder = paths.home() / f"lint-python-{key}"

        def build() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            steps.run([sys.executable, "-m", "venv", folder])
            pip = [folder / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            steps.run([*pip, "-r", requirements])

        if not folder.exists() or not steps.is_done(folder.name, key):
            steps.stamp_file(folder.name).unlink(missing_ok=True)
            steps.ensure(folder.name, key, build, "Python lint tools", space_mb=250)
        return folder / "bin"

    @cached_property
    def node(self) -> Path:
        """The node_modules of the JavaScript tools."""
        manifests = [SOURCES / "package.json", SOURCES / "package-lock.json"]
        folder = paths.home() / f"lint-node-{steps.files_digest(manifests)}"

        def build(target: Path) -> None:
            missing = [tool for tool in ("node", "npm") if not shutil.which(tool)]
            if missing:
                raise steps.CliError(
                    f"{' and '.join(missing)} not found, needed to check XML and JavaScript. "
                    "On Debian or Ubuntu: sudo apt-get install nodejs npm"
                )
            for file in manifests:
                shutil.copy(file, target)
            steps.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=target)

        steps.ensure_folder(folder, build, folder.name, "JavaScript lint tools", space_mb=150)
        return folder / "node_modules"

    @cached_property
    def source(self) -> odoo_source.Source:
        """The Odoo whose manifests the licence checks read."""
        return odoo_source.ensure()

    @cached_property
    def cache(self) -> Path:
        """Where the tools keep what they remember between two runs."""
        folder = paths.checkout_home() / "lint"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def env(self) -> dict[str, str]:
        """The environment of the tools: their caches outside of the checkout."""
        return steps.child_env(
            RUFF_CACHE_DIR=str(self.cache / "ruff"),
            PYLINTHOME=str(self.cache / "pylint"),
            PSA_LINT_NODE=str(self.node) if "node" in self.__dict__ else "",
            NO_COLOR="1",
        )

    def call(self, *command) -> tuple[bool, str]:
        """Run a tool in the checkout; whether it had nothing to say, and what it said."""
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.root,
            env=self.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=steps.die_with_parent,
        )
        return done.returncode == 0, done.stdout


def timed(gate: Callable, work: Work) -> tuple[bool, str, float]:
    """The gate's result and its seconds."""
    start = time.monotonic()
    ok, output = gate(work)
    return ok, output, time.monotonic() - start


NOTHING = (True, "")
# odoolint without: the README (its text stands in readme/, from which it is generated), and the wish to merge
# classes of one model (a model that would pass 400 lines is split by concern into two files)
PYLINT_WITHOUT = ("missing-readme", "consider-merging-classes-inherited")


# --- gates ---------------------------------------------------------------------------------------
def ruff_check(work: Work) -> tuple[bool, str]:
    """Errors, import order, bugs, SQL by string, complexity above 10."""
    files = work.matching("*.py")
    fix = ["--fix"] if work.fix else []
    return (
        work.call(work.venv / "ruff", "check", "-q", "--output-format=concise", *fix, "--", *files)
        if files
        else NOTHING
    )


def ruff_format(work: Work) -> tuple[bool, str]:
    """One format for Python."""
    files = work.matching("*.py")
    check = ["-q"] if work.fix else ["-q", "--check", "--output-format=concise"]
    return work.call(work.venv / "ruff", "format", *check, "--", *files) if files else NOTHING


def pylint_odoo(work: Work) -> tuple[bool, str]:
    """Odoo's conventions, by whole addons."""
    addons = work.addons()
    without = f"--disable={','.join(PYLINT_WITHOUT)}"
    return work.call(work.venv / "pylint", "--rcfile=.pylintrc", without, *addons) if addons else NOTHING


def prettier(work: Work) -> tuple[bool, str]:
    """One format for XML, JavaScript and styles; malformed XML fails here too."""
    kinds = ("xml", "js", "scss", "css")
    files = [f for f in work.matching(*(f"addons/*.{kind}" for kind in kinds)) if "/static/lib/" not in f]
    if not files:
        return NOTHING
    mode = "--write" if work.fix else "--check"
    cache = ["--cache", "--cache-strategy=content", f"--cache-location={work.cache / 'prettier'}"]
    tool = ["node", work.node / "prettier/bin/prettier.cjs", "--config", "prettier.config.mjs"]
    return work.call(*tool, mode, "--log-level=warn", *cache, *files)


def eslint(work: Work) -> tuple[bool, str]:
    """Errors in JavaScript."""
    files = [f for f in work.matching("addons/*/static/*.js", "*.mjs") if "/static/lib/" not in f]
    if not files:
        return NOTHING
    cache = ["--cache", "--cache-strategy=content", f"--cache-location={work.cache / 'eslint'}"]
    tool = ["node", work.node / "eslint/bin/eslint.js", "--config", "eslint.config.mjs", "--max-warnings=0"]
    return work.call(*tool, *(["--fix"] if work.fix else []), *cache, *files)


def oca_checks(work: Work) -> tuple[bool, str]:
    """XML, CSV and PO files: syntax, duplicate ids, dangerous or deprecated constructs."""
    manifests = [f"{addon}/__manifest__.py" for addon in work.addons()]
    fix = ["--fix"] if work.fix else []
    ok, output = work.call(work.venv / "oca-checks-odoo-module", *fix, *manifests) if manifests else NOTHING
    catalogues = work.matching("addons/*.po", "addons/*.pot")
    if catalogues:
        po_ok, po_output = work.call(work.venv / "oca-checks-po", *fix, *catalogues)
        ok, output = ok and po_ok, output + po_output
    return ok and not output.strip(), output


def manifestoo(work: Work) -> tuple[bool, str]:
    """Licences and development status of all that the addons depend on, read from their manifests."""
    addons = work.addons()
    if not addons:
        return NOTHING
    search = ",".join(str(folder) for folder in work.source.addons)
    select = ["--select-include", ",".join(addon.split("/")[1] for addon in addons)]
    base = [work.venv / "manifestoo", "--no-addons-path-from-import-odoo", "--odoo-series=19.0"]
    base += ["--addons-path", f"{search},addons", *select]
    licences, said = work.call(*base, "check-licenses", "--transitive")
    status, also = work.call(*base, "check-dev-status", "--transitive", "--default-dev-status=Beta")
    return licences and status, said + also


def layers(work: Work) -> tuple[bool, str]:
    """Who may import whom; `core/` without Odoo."""
    return said(lint_rules.layer_findings(work.root, work.files))


def private(work: Work) -> tuple[bool, str]:
    """No registry address and no path of one machine in any file."""
    return said(lint_rules.private_findings(work.root, work.files))


def dockerfile(work: Work) -> tuple[bool, str]:
    """hadolint on the Dockerfiles."""
    files = work.matching("*Dockerfile")
    return work.call(work.venv / "hadolint", "--no-color", *files) if files else NOTHING


def said(findings) -> tuple[bool, str]:
    """The result of a check of our own."""
    text = "\n".join(findings)
    return not text, text


GATES: dict[str, Callable[[Work], tuple[bool, str]]] = {
    "ruff-check": ruff_check,
    "ruff-format": ruff_format,
    "layers": layers,
    "private": private,
    "manifestoo": manifestoo,
    "oca-checks": oca_checks,
    "eslint": eslint,
    "prettier": prettier,
    "pylint-odoo": pylint_odoo,
    "dockerfile": dockerfile,
}
NODE_GATES = {"eslint", "prettier"}
OWN_GATES = {"layers", "private"}
