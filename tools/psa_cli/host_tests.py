"""`./psa test --host`: the host's own tests with and without our addons, compared test by test."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from . import databases, paths, steps, testing, workspace

INI = "[pytest]\naddopts = -ra -p no:cacheprovider\nfilterwarnings = ignore\n"
BAD = ("failed", "error")


def run(args) -> int:
    """Run both, print the difference; 1 if a test fails only with our addons."""
    space = workspace.ensure()
    modules = sorted(filter(None, (name.strip() for name in args.host.split(","))))
    folders = [test_folder(space, module) for module in modules]
    with steps.lock(f"test-{paths.checkout_id()}"):
        stock = stock_results(space, modules, folders, args)
        source = databases.ensure_test(space)
        ours = run_on(space, source, "psa", folders, args, own=True)
        new = confirm(space, source, new_failures(stock, ours), folders, args)
    return report(modules, stock, ours, new)


def test_folder(space: workspace.Workspace, module: str) -> Path:
    """The folder of the module's tests; raises CliError if it has none."""
    for addons in space.source.addons:
        if (addons / module / "tests").is_dir():
            return addons / module / "tests"
    raise steps.CliError(f"{module}: no such host module with tests")


def stock_results(
    space: workspace.Workspace, modules: list[str], folders: list[Path], args
) -> dict[str, str]:
    """Results without our addons; kept, because they depend on the host alone."""
    base = databases.ensure_base(space)
    file = paths.home() / "host-results" / f"{steps.digest(base, *modules)}.json"
    if file.exists() and not args.fresh:
        steps.say(f"[stock] results are known ({file.name})")
        return json.loads(file.read_text())
    results = run_on(space, base, "stock", folders, args, own=False)
    steps.write_atomic(file, json.dumps(results, indent=1))
    return results


def run_on(
    space: workspace.Workspace, source: str, label: str, folders: list, args, own: bool
) -> dict[str, str]:
    """Run the tests on a copy of the source database; test id -> passed, failed, error or skipped."""
    server, name = databases.Server(space), f"psa_host_{paths.checkout_id()}_{label}"
    ini, xml = paths.checkout_home() / "host-pytest.ini", paths.checkout_home() / f"host-{label}.xml"
    steps.write_atomic(ini, INI)
    xml.unlink(missing_ok=True)
    server.drop(name)
    server.copy(source, name)
    parallel = ["-n", str(args.workers), "--dist", "loadfile"] if args.workers > 1 else []
    options = [
        "-c", ini, f"--rootdir={space.source.python_path}", f"--junitxml={xml}", "-q", "--tb=short",
        f"--odoo-database={name}", "--odoo-http", "--odoo-log-level=critical", *parallel, *folders,
    ]  # fmt: skip
    conf = workspace.configuration(space.source, space.venv, own=own)
    with steps.timed(label, f"host tests {'with' if own else 'without'} our addons"):
        testing.pytest(space, options, {"ODOO_RC": str(conf)}, cwd=space.source.python_path)
    server.drop(name)
    if not xml.exists():
        raise steps.CliError(f"pytest ended without a report ({label}): see its output above")
    return parse(xml)


def parse(xml: Path) -> dict[str, str]:
    """Test id -> result, from a JUnit file. A test is as bad as its worst entry (subtests, teardown)."""
    order = ["passed", "skipped", "failed", "error"]
    results: dict[str, str] = {}
    for case in ElementTree.parse(xml).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        found = {"failure": "failed", "error": "error", "skipped": "skipped"}
        result = next((found[child.tag] for child in case if child.tag in found), "passed")
        results[name] = max(result, results.get(name, "passed"), key=order.index)
    return results


def new_failures(stock: dict[str, str], ours: dict[str, str]) -> list[str]:
    """Tests that fail with our addons and did not without them."""
    return sorted(name for name, result in ours.items() if result in BAD and stock.get(name) not in BAD)


def confirm(space: workspace.Workspace, source: str, names: list[str], folders: list, args) -> list[str]:
    """Run new failures once more, so that a test that is only unsteady is not reported."""
    if not names:
        return []
    files = sorted({str(file) for name in names for file in files_of(name, space.source.addons)})
    again = run_on(space, source, "again", files or folders, args, own=True)
    return [name for name in names if again.get(name, "failed") in BAD]


def files_of(name: str, addons: list[Path]) -> list[Path]:
    """The test file of a JUnit class name such as odoo.addons.project.tests.test_a.TestA."""
    parts = name.partition("::")[0].split(".")
    if "addons" in parts:
        parts = parts[parts.index("addons") + 1 :]
    candidates = [folder.joinpath(*parts[:-1]).with_suffix(".py") for folder in addons]
    return [file for file in candidates if file.exists()]


def report(modules: list[str], stock: dict[str, str], ours: dict[str, str], new: list[str]) -> int:
    """Print the differences, test by test."""
    gone = sorted(name for name in stock if name not in ours)
    mended = sorted(name for name, r in stock.items() if r in BAD and ours.get(name) == "passed")
    steps.say(f"\n===== host tests of {', '.join(modules)} =====")
    for label, results in (("without", stock), ("with", ours)):
        failed = sum(result in BAD for result in results.values())
        steps.say(f"{label:<8} our addons: {len(results)} tests, {failed} failed")
    for title, names in (
        ("NEW FAILURE", new),
        ("passes only with our addons", mended),
        ("did not run", gone),
    ):
        for name in names:
            steps.say(f"{title}: {name}")
    if not (new or gone):
        steps.say("no test fails because of our addons")
    return 1 if new or gone else 0
