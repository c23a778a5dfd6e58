"""`./psa bench`: ours and the peer in turn on the same seeded data;

one line, and one JSON object, a benchmark.
"""

import json
from pathlib import Path

from . import databases, paths, steps, workspace

NAMES = (
    "approve_10k",
    "billing_10k",
    "billing_50k",
    "rates_100k",
    "retainers_3000",
    "sow_confirm_100",
    "state_of_hours_1m",
)
SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
import harness
harness.main(env, {name!r}, quick={quick!r}, repeat={repeat!r})
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
    """The figures of a benchmark, measured on a copy of the test database that is dropped afterwards."""
    server, database = databases.Server(space), f"psa_bench_{paths.checkout_id()}"
    repeat = args.repeat or (1 if args.quick else 3)
    script = SCRIPT.format(folder=str(paths.TOOLS / "bench"), name=name, quick=args.quick, repeat=repeat)
    with steps.lock(f"bench-{paths.checkout_id()}"):
        template = databases.ensure_test(space)
        server.drop(database)
        server.copy(template, database)
        try:
            with steps.timed("bench", name):
                output = databases.run_script(space, database, script)
        finally:
            server.drop(database)
    found = [line for line in output.splitlines() if MARK in line]
    if not found:
        raise steps.CliError(f"the benchmark {name} gave no result:\n{output[-2000:]}")
    return json.loads(found[-1].split(MARK, 1)[1])


def line_of(result: dict) -> str:
    """The line that people read."""
    same = "same amounts" if result["same_result"] else "DIFFERENT AMOUNTS"
    other = "bound" if "bound_cpu_s" in result else "peer"
    return (
        f"{result['name']}: ours {result['ours_cpu_s']:.2f} s, {result['ours_queries']} queries; "
        f"{other} {result[f'{other}_cpu_s']:.2f} s, {result[f'{other}_queries']} queries; "
        f"ratio {result['ratio']:.2f}; peak {result['peak_mb']:.0f} MB; {same} ({result['size']})"
    )
