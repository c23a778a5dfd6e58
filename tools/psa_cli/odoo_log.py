"""Odoo's log: running Odoo with progress, and the warnings that fail a build."""

import re
from pathlib import Path

from . import paths, steps
from .workspace import Workspace

ALLOWLIST = paths.TOOLS / "log_allowlist.txt"
LINE = re.compile(r"^\S+ \S+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): (?P<text>.*)$")
LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
BAD = ("WARNING", "ERROR", "CRITICAL")


def allowed_patterns(file: Path = ALLOWLIST) -> list[re.Pattern]:
    """The reviewed list: one regular expression a line, then two spaces, # and the reason.

    Raises CliError for a line without a reason.
    """
    patterns = []
    for line in file.read_text().splitlines() if file.exists() else []:
        if not line.strip() or line.startswith("#"):
            continue
        pattern, mark, reason = line.partition("  # ")
        if not mark or not reason.strip():
            raise steps.CliError(f"{file}: a line without a reason: {line}")
        patterns.append(re.compile(pattern.strip()))
    return patterns


def is_bad(line: str, patterns: list[re.Pattern]) -> bool:
    """Whether the log line is a warning or worse that is not on the reviewed list."""
    match = LINE.match(line)
    if not match or match["level"] not in BAD:
        return False
    text = f"{match['logger']}: {match['text']}"
    return not any(pattern.search(text) for pattern in patterns)


def run(space: Workspace, name: str, args: list, conf: Path | None = None) -> list[str]:
    """Run an Odoo command to its end with a progress line for every few modules.

    The whole log goes to the checkout's logs folder. Returns the warnings that are not on the reviewed
    list; raises CliError with the end of the log if Odoo fails.
    """
    patterns, bad, lines = allowed_patterns(), [], []
    command = [space.venv / "bin/odoo", *args, "-c", conf or space.conf, "--log-level=info"]

    with open(paths.logs() / f"{name}.log", "w") as log:

        def on_line(line: str) -> None:
            log.write(line + "\n")
            lines.append(line)
            if is_bad(line, patterns):
                bad.append(line)
            match = LOADING.search(line)
            if match and (int(match[2]) % 15 == 0 or match[1].startswith("psa_")):
                steps.say(f"[{name}] module {match[2]} of {match[3]}: {match[1]}")

        code = steps.follow(command, on_line, env=space.env(), cwd=paths.ROOT)
    if code:
        problems = [n for n, line in enumerate(lines) if " CRITICAL " in line or " ERROR " in line]
        first = problems[0] if problems else -25
        raise steps.failure(command, "\n".join(lines[first:][:60]), code)
    return bad
