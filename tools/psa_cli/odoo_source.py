"""Odoo 19.0: from ODOO_SOURCE, from a Debian machine's own mirror, or from a shallow git clone."""

import ast
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import paths, steps, system

SERIES = (19, 0)
GIT_URL, GIT_BRANCH = "https://github.com/odoo/odoo", "19.0"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SITE = "usr/lib/python3/dist-packages"
# Odoo itself, and what the relative links of its package point to: package -> from sid or the own suite
DEBS = {
    "odoo-19": "sid",
    "fonts-montserrat": "sid",
    "libjs-jquery": "own",
    "libjs-jquery-form": "own",
    "libjs-underscore": "own",
    "fonts-font-awesome": "own",
    "fonts-inconsolata": "own",
    "fonts-roboto-unhinted": "own",
    "fonts-ocr-b": "own",
}
# translations are 832 of 1093 MB; dist-packages/addons is a partial copy
LEAVE_OUT = (
    "*/i18n/*.po",
    "*/i18n_extra/*.po",
    f"./{SITE}/addons",
    f"./{SITE}/doc",
    "./usr/share/doc",
    "./usr/share/lintian",
)
RECIPE = 1  # raise it to make every machine unpack again


@dataclass(frozen=True)
class Source:
    """An Odoo that is ready to run: the folder to import from and its folders of addons."""

    python_path: Path
    key: str
    kind: str

    @property
    def addons(self) -> list[Path]:
        """The addons folders, in Odoo's own order."""
        found = [self.python_path / "odoo/addons", self.python_path / "addons"]
        return [folder for folder in found if folder.is_dir()]


def release_of(folder: Path) -> tuple | None:
    """The version_info in odoo/release.py of that folder, read without running it."""
    file = folder / "odoo/release.py"
    if not file.is_file():
        return None
    match = re.search(r"^version_info\s*=\s*\(([^,]+),\s*([^,]+),", file.read_text(), re.M)
    if not match:
        return None
    try:
        return tuple(ast.literal_eval(part.strip()) for part in match.groups())
    except (ValueError, SyntaxError):
        return match.groups()


def from_variable(value: str) -> Source:
    """The Odoo that ODOO_SOURCE names: a checkout, a site-packages folder or a prefix of an installation.

    Raises CliError if there is no Odoo or it is not 19.0.
    """
    folder = Path(value).expanduser().resolve()
    for candidate in (folder, folder / SITE, folder.parent):
        release = release_of(candidate)
        if release == SERIES:
            return Source(candidate, steps.digest("given", candidate), "ODOO_SOURCE")
        if release:
            text = ".".join(map(str, release))
            raise steps.CliError(
                f"ODOO_SOURCE={value} is Odoo {text}; these addons need 19.0. "
                "Name a checkout of branch 19.0, or unset ODOO_SOURCE to have it fetched."
            )
    raise steps.CliError(
        f"ODOO_SOURCE={value}: no Odoo there (odoo/release.py not found). Name a checkout of Odoo 19.0 "
        "or the folder that holds the installed package `odoo`, or unset ODOO_SOURCE to have it fetched."
    )


def ensure() -> Source:
    """The Odoo to use, fetched if need be; no network once it is in the cache."""
    if os.environ.get("ODOO_SOURCE"):
        return from_variable(os.environ["ODOO_SOURCE"])
    key = steps.digest(RECIPE, *DEBS, *LEAVE_OUT)
    tree = paths.home() / f"odoo-{key}"
    if not tree.exists():
        if debian_suite():
            fetch_debs()
            steps.ensure_folder(tree, unpack, "odoo", "unpack and compile Odoo", space_mb=900)
        else:
            steps.ensure_folder(tree, clone, "odoo", f"git clone of {GIT_URL} {GIT_BRANCH}", space_mb=2500)
    site = tree / SITE if (tree / SITE).is_dir() else tree
    return Source(site, key, "debian" if site != tree else "git")


# --- Debian --------------------------------------------------------------------------------------
def debian_suite() -> str | None:
    """This machine's Debian suite, None if it is no Debian or lacks the tools or Debian's keys."""
    info = system.os_release()
    tools = all(shutil.which(tool) for tool in ("apt-get", "dpkg-deb", "tar"))
    return info.get("VERSION_CODENAME") if info.get("ID") == "debian" and tools and KEYRING.exists() else None


def mirror_in(uris: str, suite: str) -> str | None:
    """The mirror of the suite in the output of `apt-get update --print-uris`."""
    match = re.search(rf"^'(\S+)/dists/{re.escape(suite)}/(?:In)?Release'", uris, re.M)
    return match.group(1) if match else None


def own_mirror(suite: str) -> str:
    """The mirror that the machine itself is configured with; needs no network and no apt lists."""
    uris = subprocess.run(["apt-get", "update", "--print-uris"], capture_output=True, text=True).stdout
    mirror = mirror_in(uris, suite)
    if not mirror:
        raise steps.CliError(
            f"no mirror of Debian {suite} in this machine's apt configuration. Set ODOO_SOURCE to a checkout "
            f"of Odoo 19.0, for example: git clone --depth 1 -b {GIT_BRANCH} {GIT_URL}"
        )
    return mirror


def apt_isolated(folder: Path) -> list[str]:
    """apt-get with lists, state and cache of its own: the machine's apt is neither read nor changed."""
    options = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferencesparts": "-",
        "Dir::State": folder / "state",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    }
    return ["apt-get", "-q", *[part for key, value in options.items() for part in ("-o", f"{key}={value}")]]


def fetch_debs() -> None:
    """Download Odoo's package and those it links to into the cache; apt verifies their checksums."""
    steps.ensure_folder(
        debs_folder(), download, "debs", "download Odoo 19 from the Debian mirror", space_mb=300
    )


def debs_folder() -> Path:
    """Where the downloaded packages stay (no other Debian suite has odoo-19: they may leave sid)."""
    return paths.home() / f"debs-{steps.digest(*DEBS)}"


def download(target: Path) -> None:
    """Fetch the packages into the target folder."""
    suite = debian_suite()
    apt = target / "apt"
    for part in ("state/lists/partial", "cache/archives/partial"):
        (apt / part).mkdir(parents=True)
    (apt / "status").touch()
    mirror = own_mirror(suite)
    lines = [f"deb [signed-by={KEYRING}] {mirror} {name} main\n" for name in dict.fromkeys((suite, "sid"))]
    (apt / "sources.list").write_text("".join(lines))
    command = apt_isolated(apt)
    with steps.growth("debs", apt / "state", every=3):
        steps.run([*command, "update", "--error-on=any"])
    wanted = [f"{name}/{'sid' if where == 'sid' else suite}" for name, where in DEBS.items()]
    uris = steps.run([*command, "download", "--print-uris", *wanted], cwd=target)
    total = sum(int(size) for size in re.findall(r"^'\S+' \S+ (\d+)", uris, re.M)) / steps.MB
    steps.say(f"[debs] {len(wanted)} packages, {total:.0f} MB")
    with steps.growth("debs", target, total + steps.folder_bytes(target) / steps.MB, every=3):
        steps.run([*command, "download", *wanted], cwd=target)
    shutil.rmtree(apt)


def unpack(target: Path) -> None:
    """Unpack the packages into one prefix, where the relative links of Odoo's package resolve."""
    excludes = [f"--exclude={pattern}" for pattern in LEAVE_OUT]
    with steps.growth("odoo", target):
        for deb in sorted(debs_folder().glob("*.deb")):
            extract(deb, target, excludes)
        mend(target / SITE)
        compile_tree(target / SITE / "odoo")
    dangling = [p for p in target.rglob("*") if p.is_symlink() and not p.exists()]
    if dangling:
        raise steps.CliError(f"the Odoo package points to files that are missing: {dangling[:5]}")


def extract(deb: Path, target: Path, excludes: list[str]) -> None:
    """Unpack one package, without what is left out."""
    reader = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    command = ["tar", "-x", "--no-same-owner", "-C", str(target), "--wildcards", *excludes]
    done = subprocess.run(command, stdin=reader.stdout, capture_output=True, text=True)
    reader.stdout.close()
    if reader.wait() or done.returncode:
        raise steps.failure(["unpack", deb.name], done.stderr, done.returncode or reader.returncode)


def mend(site: Path) -> None:
    """Undo the one thing that Debian's packaging breaks.

    Debian removes a library of mail (it blurs the background of a video call). Without the file every
    page logs a console error, which fails every browser test.
    """
    stub = site / "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    if not stub.exists():
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text("/* left out by Debian */\n")


def compile_tree(folder: Path) -> None:
    """Write the .pyc files once (Odoo has some files for other Pythons: failures there are harmless)."""
    from . import python_env

    python = python_env.base_python()
    subprocess.run(
        [python, "-m", "compileall", "-q", "-j", "2", str(folder)],
        env=steps.child_env(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=steps.die_with_parent,
    )


# --- git -----------------------------------------------------------------------------------------
def clone(target: Path) -> None:
    """Clone the newest state of branch 19.0, without its history."""
    command = ["git", "clone", "--depth", "1", "--branch", GIT_BRANCH, GIT_URL, target]
    with steps.growth("odoo", target):
        steps.run(command)
        compile_tree(target / "odoo")
