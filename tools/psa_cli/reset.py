"""`./psa reset`: drop this checkout's databases; with --all the whole cache."""

import shutil

from . import databases, paths, postgres, steps, workspace


def add_arguments(parser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--all", action="store_true", help="stop the private PostgreSQL and remove the cache folder"
    )


def run(args) -> int:
    """Remove what can be made again, and nothing else."""
    return remove_cache() if args.all else drop_databases()


def drop_databases() -> int:
    """Drop the databases of this checkout (test, host tests, demo); templates stay."""
    server = databases.Server(workspace.ensure())
    for name in server.names():
        if is_own(name, server.info(name.removesuffix("_new"))):
            server.drop(name)
            steps.say(f"dropped {name}")
    return 0


def is_own(name: str, info: dict | None) -> bool:
    """Whether a database belongs to this checkout."""
    if name in ("psa_demo", "psa_demo_new"):
        return info is None or info.get("checkout") == str(paths.ROOT)
    return name.startswith("psa_") and f"_{paths.checkout_id()}" in name


def remove_cache() -> int:
    """Remove the cache folder, if it is one; a server that the caller names is not touched."""
    home = paths.home()
    if not home.exists():
        steps.say(f"{home} is not there")
        return 0
    if not (home / workspace.MARKER).exists():
        raise steps.CliError(
            f"{home} does not look like a cache of psa ({workspace.MARKER} is missing): not removed"
        )
    if postgres.external_env() is None:
        postgres.stop()
        shutil.rmtree(postgres.socket_folder(), ignore_errors=True)
    size = steps.folder_bytes(home) // steps.MB
    shutil.rmtree(home)
    steps.say(f"removed {home} ({size} MB)")
    return 0
