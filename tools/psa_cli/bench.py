"""`./psa bench`: ours and the peer in turn on the same seeded data;

one line, and one JSON object, a benchmark.
"""

import json
import statistics
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from . import databases, paths, steps, workspace

NAMES = (
    "approve_10k",
    "billing_10k",
    "billing_50k",
    "rates_100k",
    "rerate_50k",
    "retainers_3000",
    "sow_confirm_100",
    "state_of_hours_1m",
)
#: Their sides commit in between, and the peer is the host without our addons: each has a database of its own.
APART = ("billing_10k", "billing_50k")
SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
import harness
harness.{call}
"""
MARK = "BENCH "


def add_arguments(parser) -> None:
    """Options of the command."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--json", metavar="FILE", help="write one JSON object a benchmark and line")
    parser.add_argument(
        "--quick", action="store_true", help="tiny data: checks that it works, says nothing of speed"
    )
    parser.add_argument(
        "--repeat", type=int, help="rounds to take the median of (default: 3, with --quick 1)"
    )


def run(args) -> int:
    """Measure; 1 where the amounts of both differ."""
    unknown = set(args.names) - set(NAMES)
    if unknown:
        raise steps.CliError(f"no benchmark {', '.join(sorted(unknown))}; there is: {', '.join(NAMES)}")
    space = workspace.ensure()
    results = [measure(space, name, args) for name in args.names or NAMES]
    for result in results:
        steps.say(line_of(result))
    if args.json:
        Path(args.json).write_text("".join(json.dumps(result) + "\n" for result in results))
    return 0 if all(result["same_result"] for result in results) else 1


def measure(space: workspace.Workspace, name: str, args) -> dict:
    """The figures of a benchmark, measured on copies of databases that are dropped afterwards."""
    server, repeat = databases.Server(space), args.repeat or (1 if args.quick else 3)
    with steps.lock(f"bench-{paths.checkout_id()}"):
        template = databases.ensure_test(space)
        with steps.timed("bench", name):
            if name in APART:
                figures = apart(space, server, name, args.quick, repeat)
            else:
                with copy_of(server, template, bench_name()) as database:
                    call = f"main(env, {name!r}, quick={args.quick!r}, repeat={repeat!r})"
                    figures = harness(space, database, call)
    return {"name": name, **summary(**figures)}


def bench_name(*parts: str) -> str:
    """A database of this checkout to measure on."""
    return "_".join(("psa_bench", paths.checkout_id(), *parts))


@contextmanager
def copy_of(server: databases.Server, source: str, name: str):
    """A copy of a database, dropped afterwards."""
    server.drop(name)
    server.copy(source, name)
    try:
        yield name
    finally:
        server.drop(name)


def apart(space, server: databases.Server, name: str, quick: bool, repeat: int) -> dict:
    """Both sides of each round, each on a copy of its own database, which is seeded once.

    The peer's has the host's modules only, and its Odoo does not know our addons.
    """
    host = replace(space, conf=workspace.configuration(space.source, space.venv, own=False))
    templates = {"ours": (space, databases.ensure_test(space)), "peer": (host, databases.ensure_base(space))}
    seeded, rounds = {}, []
    with ExitStack() as stack:
        for side, (at, template) in templates.items():
            database = stack.enter_context(copy_of(server, template, bench_name(side)))
            figures = harness(at, database, f"seed(env, {name!r}, quick={quick!r})")
            seeded[side] = (at, database)
        for _number in range(repeat):
            rounds.append({})
            for side, (at, database) in seeded.items():
                with copy_of(server, database, bench_name("side")) as copy:
                    rounds[-1][side] = harness(at, copy, f"one_side(env, {name!r}, {side!r})")
    return {**figures, "rounds": rounds}


def harness(space: workspace.Workspace, database: str, call: str) -> dict:
    """What a function of ``bench/harness.py`` tells, called in an Odoo shell."""
    script = SCRIPT.format(folder=str(paths.TOOLS / "bench"), call=call)
    output = databases.run_script(space, database, script)
    found = [line for line in output.splitlines() if MARK in line]
    if not found:
        raise steps.CliError(f"the benchmark gave no result ({call}):\n{output[-2000:]}")
    return json.loads(found[-1].split(MARK, 1)[1])


def summary(size: str, other: str, rounds: list[dict]) -> dict:
    """Medians of the rounds, and whether both sides came to the same.

    >>> side = {"queries": 9, "peak_mb": 1.0, "result": [1]}
    >>> found = summary("2 rows", "peer", [{"ours": {**side, "cpu_s": 2.0}, "peer": {**side, "cpu_s": 7.0}}])
    >>> found["ratio"], found["same_result"], found["ours_queries"]
    (3.5, True, 9)
    """
    ours, others = ([figures[side] for figures in rounds] for side in ("ours", other))
    ours_cpu, other_cpu = (statistics.median(run["cpu_s"] for run in runs) for runs in (ours, others))
    return {
        "size": size,
        "ours_cpu_s": round(ours_cpu, 3),
        f"{other}_cpu_s": round(other_cpu, 3),
        "ratio": ratio(ours_cpu, other_cpu) if other == "bound" else ratio(other_cpu, ours_cpu),
        "ours_queries": ours[-1]["queries"],
        f"{other}_queries": others[-1]["queries"],
        "peak_mb": round(max(run["peak_mb"] for run in ours), 1),
        "same_result": all(figures["ours"]["result"] == figures[other]["result"] for figures in rounds),
        "rounds": [{side: figures[side]["cpu_s"] for side in ("ours", other)} for figures in rounds],
    }


def ratio(seconds: float, reference: float) -> float:
    """``seconds`` as a multiple of ``reference``; tiny runs take less than the clock of the CPU shows."""
    return round(seconds / max(reference, 0.001), 3)


def line_of(result: dict) -> str:
    """The line that people read."""
    same = "same amounts" if result["same_result"] else "DIFFERENT AMOUNTS"
    other = "bound" if "bound_cpu_s" in result else "peer"
    return (
        f"{result['name']}: ours {result['ours_cpu_s']:.2f} s, {result['ours_queries']} queries; "
        f"{other} {result[f'{other}_cpu_s']:.2f} s, {result[f'{other}_queries']} queries; "
        f"ratio {result['ratio']:.2f}; peak {result['peak_mb']:.0f} MB; {same} ({result['size']})"
    )
