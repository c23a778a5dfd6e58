"""`./psa test`: lint, core tests, then addon, story and browser tests; coverage gates; some tests beside
other apps of Odoo; one summary."""

import argparse
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from . import databases, lint_stage, paths, steps, workspace

PURE = ("tests/core", "tests/cli")
#: What the whole run repeats beside other apps of the host; ``--beside`` alone runs everything there.
BESIDE = (
    "tests/test_story_*.py",
    "tests/test_lead_to_cash.py",
    "tests/test_screens_of_roles.py",
    "addons/psa_billing/tests/test_complete_invoices_later.py",
    "addons/psa_billing/tests/test_release.py",
    "addons/psa_billing/tests/test_retainer_speed.py",
)
CORE_GATE, ADDONS_GATE = 95, 90
OMIT = "*/tests/*,*/__manifest__.py,*/migrations/*"


def add_arguments(parser) -> None:
    """Options of the command."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="test files or folders, file.py::Class::test too"
    )
    parser.add_argument("--slow", action="store_true", help="also the tests marked slow")
    parser.add_argument(
        "--host", metavar="MODULES", help="the host's own tests of these modules (comma separated)"
    )
    parser.add_argument(
        "--beside",
        action="store_true",
        help="the tests named, or all that need Odoo, where other apps of Odoo are installed beside ours",
    )
    parser.add_argument("--fresh", action="store_true", help="make the test database again")
    parser.add_argument("-k", metavar="EXPRESSION", help="only tests whose name fits")
    parser.add_argument(
        "--workers", type=int, default=default_workers(), help="processes (default: %(default)s)"
    )
    parser.add_argument("--no-lint", action="store_true", help=argparse.SUPPRESS)


def default_workers() -> int:
    """Two processes where there are two processors; more only helps where memory is plenty."""
    return max(1, min(int(os.environ.get("PSA_TEST_WORKERS", "2")), os.cpu_count() or 1))


class Summary:
    """Names, results and seconds of the stages."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, bool, float, str]] = []

    def stage(self, name: str, work: Callable[[], tuple[bool, str]]) -> bool:
        """Run a stage and remember how it went; work() returns (passed, note)."""
        steps.say(f"\n===== {name} =====")
        start = time.monotonic()
        try:
            passed, note = work()
        except steps.CliError as error:
            steps.say(str(error))
            passed, note = False, "see above"
        self.rows.append((name, passed, time.monotonic() - start, note))
        return passed

    def show(self) -> int:
        """Print the summary; 0 if every stage passed."""
        steps.say("\n===== summary =====")
        for name, passed, seconds, note in self.rows:
            steps.say(f"{'ok    ' if passed else 'FAILED'} {name:<12} {seconds:7.1f} s  {note}".rstrip())
        steps.say(f"{'':6} {'total':<12} {sum(row[2] for row in self.rows):7.1f} s")
        return 0 if all(row[1] for row in self.rows) else 1


def split(named: list[str]) -> tuple[list[str], list[str]]:
    """The named tests as (pure ones, those that need Odoo); raises CliError for one that does not exist."""
    pure, odoo = [], []
    for name in named:
        file, mark, rest = name.partition("::")
        path = Path(file).absolute()
        if not path.exists():
            raise steps.CliError(f"{file}: no such test file or folder")
        if not path.is_relative_to(paths.ROOT):
            raise steps.CliError(f"{file}: not in this checkout ({paths.ROOT})")
        short = str(path.relative_to(paths.ROOT))
        is_pure = any(Path(short).is_relative_to(folder) for folder in PURE)
        (pure if is_pure else odoo).append(f"{short}{mark}{rest}")
    return pure, odoo


def run(args) -> int:
    """Run what is asked for; exit code 0 only if all of it passed."""
    if args.host:
        from . import host_tests

        return host_tests.run(args)
    pure, odoo = split(args.paths)
    space = workspace.ensure()
    summary, whole = Summary(), not args.paths and not args.beside
    with steps.lock(f"test-{paths.checkout_id()}"):
        clean_coverage()
        if whole and not args.no_lint:
            summary.stage("lint", lint_stage.run)
        if whole or pure:
            summary.stage("core", lambda: core_tests(space, args, pure or existing(PURE), whole))
        if odoo or not args.paths:
            on_database(summary, space, args, odoo, measure=whole, beside=args.beside)
        if whole and not args.k:
            summary.stage("coverage", lambda: gates(space))
            on_database(summary, space, args, chosen(BESIDE), beside=True)
    return summary.show()


def on_database(
    summary: Summary, space, args, named: list[str], measure: bool = False, beside: bool = False
) -> None:
    """Two stages: make the database, and run these tests on it, or all that need Odoo."""
    database, tests = ("other apps", "beside") if beside else ("database", "odoo")
    if summary.stage(database, lambda: prepare(space, args.fresh, beside)):
        summary.stage(tests, lambda: odoo_tests(space, args, named, measure, beside))


def chosen(patterns) -> list[str]:
    """The files of the checkout that fit these patterns."""
    return sorted(str(file.relative_to(paths.ROOT)) for one in patterns for file in paths.ROOT.glob(one))


def existing(folders) -> list[str]:
    """Those of the folders that exist."""
    return [folder for folder in folders if (paths.ROOT / folder).is_dir()]


def prepare(space: workspace.Workspace, fresh: bool, beside: bool = False) -> tuple[bool, str]:
    """Make the test database if the code changed."""
    if fresh:
        databases.Server(space).drop(databases.test_name(beside))
    return True, databases.ensure_test(space, beside)


# --- pytest --------------------------------------------------------------------------------------
def marks(args) -> list[str]:
    """What pytest shall select."""
    chosen = [] if args.slow or args.paths else ["-m", "not slow"]
    return [*chosen, *(["-k", args.k] if args.k else [])]


def coverage_env(name: str) -> dict[str, str]:
    """Where a stage's coverage goes: the cache, never the checkout."""
    return {"COVERAGE_FILE": str(paths.checkout_home() / f"coverage.{name}")}


def clean_coverage() -> None:
    """Forget the figures of the last run."""
    for file in paths.checkout_home().glob("coverage.*"):
        file.unlink()


def measured(whole: bool) -> list[str]:
    """Options that measure the coverage of the addons."""
    return ["--cov=addons", "--cov-report="] if whole else []


def pytest(
    space: workspace.Workspace, options: list, env: dict[str, str], cwd: Path = paths.ROOT
) -> tuple[bool, str]:
    """Run pytest with its output visible; (passed, its exit code in words)."""
    words = {
        1: "tests failed",
        2: "interrupted",
        3: "pytest error",
        4: "pytest usage error",
        5: "no tests found",
    }
    command = [space.python, "-B", "-m", "pytest", *options]
    process = subprocess.Popen(
        [str(part) for part in command], env={**space.env(), **env}, cwd=cwd, preexec_fn=steps.die_with_parent
    )
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise
    return code == 0, words.get(code, "") if code else ""


def core_tests(space: workspace.Workspace, args, named: list[str], whole: bool) -> tuple[bool, str]:
    """Tests without Odoo and without a database."""
    options = ["-p", "no:odoo", *marks(args), *measured(whole), *named]
    return pytest(space, options, coverage_env("core"))


def odoo_tests(
    space: workspace.Workspace, args, named: list[str], measure: bool, beside: bool = False
) -> tuple[bool, str]:
    """Addon, story and browser tests on the test database, or on the one with other apps beside ours."""
    many = not args.paths and args.workers > 1
    options = [
        f"--odoo-database={databases.test_name(beside)}",
        "--odoo-http",
        "--odoo-log-level=warn",
        *(["-n", str(args.workers), "--dist", "loadfile"] if many else []),
        *(f"--ignore={folder}" for folder in PURE),
        *marks(args),
        *measured(measure),
        *(named or existing(["addons", "tests"])),
    ]
    env = {databases.BESIDE: "1"} if beside else {}
    return pytest(space, options, {**env, **coverage_env("beside" if beside else "odoo")})


# --- coverage ------------------------------------------------------------------------------------
def gates(space: workspace.Workspace) -> tuple[bool, str]:
    """Line coverage of the core and of the addons against their gates."""
    files = [
        file for name in ("core", "odoo") if (file := paths.checkout_home() / f"coverage.{name}").exists()
    ]
    if len(files) < 2:
        return False, "nothing was measured"
    env = {**space.env(), **coverage_env("all")}
    coverage = [space.python, "-B", "-m", "coverage"]
    figures = paths.checkout_home() / "coverage.json"
    steps.run([*coverage, "combine", "--keep", *files], env=env, cwd=paths.ROOT)
    steps.run([*coverage, "json", "-q", f"--omit={OMIT}", "-o", figures], env=env, cwd=paths.ROOT)
    lines = {name: data["summary"] for name, data in json.loads(figures.read_text())["files"].items()}
    core, addons = percent(lines, "/core/"), percent(lines, "")
    note = f"lines: core {core:.1f} % (gate {CORE_GATE}), addons {addons:.1f} % (gate {ADDONS_GATE})"
    passed = core >= CORE_GATE and addons >= ADDONS_GATE
    if not passed:
        report = [*coverage, "report", "--skip-covered", "--show-missing", f"--omit={OMIT}"]
        steps.say(steps.run(report, env=env, cwd=paths.ROOT))
    steps.say(note)
    return passed, note


def percent(files: dict[str, dict], part: str) -> float:
    """Covered lines, in percent, of the files whose path has that part."""
    chosen = [summary for name, summary in files.items() if part in f"/{name}"]
    total = sum(summary["num_statements"] for summary in chosen)
    return 100 * sum(summary["covered_lines"] for summary in chosen) / total if total else 100.0
