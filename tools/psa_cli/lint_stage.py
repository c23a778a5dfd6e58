"""The lint stage of `./psa test`."""

import argparse
import importlib


def run() -> tuple[bool, str]:
    """Run `./psa lint` with its defaults; (passed, note)."""
    module = importlib.import_module("psa_cli.lint")
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return (module.run(parser.parse_args([])) or 0) == 0, ""
