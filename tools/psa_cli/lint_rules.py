"""The project's own static checks: who may import whom, and what must not be written into the tree."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

# addon -> the addons of the suite that it may know (a glue addon is named after its sides and is free)
MAY_KNOW = {
    "psa_project": set(),
    "psa_contracts": {"psa_project"},
    "psa_resource": {"psa_project", "psa_contracts"},
    "psa_billing": {"psa_project", "psa_contracts"},
}
# The address of a package registry or mirror, or a path that exists on one machine only. The patterns are
# written so that they do not match themselves.
PRIVATE = {
    "address of a package registry or mirror": re.compile(
        r"\b(?:files\.)?(?:pypi|pythonhosted|npmjs|yarnpkg|crates)\.(?:org|com|io)\b"
        r"|\b(?:deb|security|snapshot|ftp[\w.]*)\.debian\.org\b"
        r"|\b(?:archive|security)\.ubuntu\.com\b"
        r"|\bproxy\.golang\.org\b"
        r"|https?://[\w.-]*(?:registry|mirror|artifactory|nexus|devpi|verdaccio)[\w.-]*[:/]",
        re.I,
    ),
    "path of one machine": re.compile(
        r"(?<![\w.}~/-])/(?:work|farm)/|(?<![\w.}~/-])/tmp/psa[/]|(?<![\w.}~-])/(?:home/(?!odoo\b)|Users/)[a-z]\w*/"
    ),
}
MAX_TEXT = 2_000_000


def layer_findings(root: Path, files: Iterable[str]) -> Iterator[str]:
    """Break of the direction of the addons, or a `core/` that is not pure Python.

    `files` are relative to root. Yields `file:line: what is wrong`.
    """
    for name in files:
        parts = PurePosixPath(name).parts
        if len(parts) < 3 or parts[0] != "addons":
            continue
        if name.endswith(".py"):
            yield from python_findings(root, name, parts)
        elif name.endswith((".xml", ".csv")):
            yield from reference_findings(root, name, parts[1])


def forbidden_to(addon: str) -> set[str]:
    """The addons of the suite that the addon must not know."""
    if addon not in MAY_KNOW:
        return set()
    return set(MAY_KNOW) - MAY_KNOW[addon] - {addon}


def python_findings(root: Path, name: str, parts: tuple[str, ...]) -> Iterator[str]:
    """Forbidden imports, manifest dependencies and external ids of a Python file."""
    tree = ast.parse((root / name).read_text(encoding="utf-8"), name)
    addon, forbidden = parts[1], forbidden_to(parts[1])
    inside_core = len(parts) - 4 if parts[2] == "core" else None
    for node in ast.walk(tree):
        for target in imported(node):
            if inside_core is not None and leaves_core(target, inside_core):
                yield f"{name}:{node.lineno}: core/ is pure Python: it may not import {target}"
            other = re.match(r"odoo\.addons\.(\w+)", target)
            if other and other.group(1) in forbidden:
                yield f"{name}:{node.lineno}: {addon} may not import {other.group(1)}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            other = re.fullmatch(r"(psa_\w+?)(?:\.\w+)?", node.value)
            depends = parts[-1] == "__manifest__.py" or "." in node.value
            if other and depends and other.group(1) in forbidden:
                yield f"{name}:{node.lineno}: {addon} may not know {node.value}"


def imported(node: ast.AST) -> Iterator[str]:
    """The modules that an import statement names; relative ones begin with their dots."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = "." * node.level + (node.module or "")
        if base in ("odoo", "odoo.addons"):
            yield from (f"{base}.{alias.name}" for alias in node.names)
        else:
            yield base


def leaves_core(target: str, depth: int) -> bool:
    """Whether an import in core/ (depth folders below it) reaches Odoo or another part of the addon."""
    if target.startswith("."):
        return len(target) - len(target.lstrip(".")) > depth + 1
    return target.split(".")[0] == "odoo"


def reference_findings(root: Path, name: str, addon: str) -> Iterator[str]:
    """External ids of addons that the addon must not know, in XML and CSV."""
    forbidden = forbidden_to(addon)
    if not forbidden:
        return
    pattern = re.compile(rf"""(?<=["',( ])({"|".join(sorted(forbidden))})\.\w+""")
    for number, line in enumerate((root / name).read_text(encoding="utf-8").splitlines(), 1):
        for match in pattern.finditer(line):
            yield f"{name}:{number}: {addon} may not know {match.group(0)}"


def private_findings(root: Path, files: Iterable[str]) -> Iterator[str]:
    """Registry addresses and machine paths in text files. Yields `file:line: what (text)`."""
    for name in files:
        data = (root / name).read_bytes()
        if b"\0" in data[:8000] or len(data) > MAX_TEXT:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            for what, pattern in PRIVATE.items():
                match = pattern.search(line)
                if match:
                    yield f"{name}:{number}: {what} ({match.group(0)})"
