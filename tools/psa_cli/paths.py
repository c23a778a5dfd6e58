"""Where things are: the checkout, and the cache folder that everything else goes into."""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDONS = ROOT / "addons"
TOOLS = ROOT / "tools"


def home() -> Path:
    """The cache folder: $PSA_HOME, else $XDG_CACHE_HOME/psa-odoo, else ~/.cache/psa-odoo."""
    if os.environ.get("PSA_HOME"):
        return Path(os.environ["PSA_HOME"]).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base).absolute() / "psa-odoo"


def checkout_id(root: Path = ROOT) -> str:
    """A short name for this checkout, so that two clones share a cache without colliding."""
    return hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:8]


def checkout_home() -> Path:
    """What the cache keeps for this checkout alone (configuration, logs, screenshots, coverage)."""
    folder = home() / "checkouts" / checkout_id()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def logs() -> Path:
    """Folder of the logs of long steps."""
    folder = checkout_home() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
