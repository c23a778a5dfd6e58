"""Tests beside other apps of Odoo: which databases they get, and what is run on them."""

import argparse
from pathlib import Path

import pytest

from psa_cli import databases, lint_stage, odoo_log, odoo_source, paths, testing, workspace


class Server:
    """Databases that are only remembered: name -> (made from, modules installed)."""

    def __init__(self):
        self.made, self.known = {}, {}

    def info(self, name):
        return self.known.get(name)

    def drop(self, name):
        self.made.pop(name, None)

    def create(self, name):
        self.made[name] = ("", [])

    def copy(self, source, target):
        self.made[target] = (source, [])

    def publish(self, name, final, info):
        self.made[final], self.known[final] = self.made.pop(name), info

    def odoo(self, space, log, args, conf=None):
        """In the place of Odoo that installs modules."""
        database, modules = (args[args.index(option) + 1] for option in ("-d", "-i"))
        self.made[database][1].extend(modules.split(","))
        return []


@pytest.fixture
def space(cache, monkeypatch):
    """A machine that is set up."""
    source = odoo_source.Source(cache, "key", "test")
    space = workspace.Workspace(source, Path("venv"), {}, cache / "odoo.conf")
    monkeypatch.setattr(workspace, "ensure", lambda: space)
    monkeypatch.delenv(databases.BESIDE, raising=False)
    return space


@pytest.fixture
def server(space, monkeypatch):
    found = Server()
    monkeypatch.setattr(databases, "Server", lambda space: found)
    monkeypatch.setattr(databases, "build_bundles", lambda *args: None)
    monkeypatch.setattr(odoo_log, "run", found.odoo)
    return found


def test_other_apps_are_a_layer_between_the_base_and_our_addons(server, space):
    beside = databases.ensure_test(space, beside=True)
    apps, base = databases.ensure_apps(space), databases.ensure_base(space)
    assert server.made[beside] == (apps, databases.own_modules())
    assert server.made[apps] == (base, databases.APPS)
    assert server.made[base] == ("", databases.host_modules())


def test_the_ordinary_test_database_has_no_other_app(server, space):
    test = databases.ensure_test(space)
    assert server.made[test] == (databases.ensure_base(space), databases.own_modules())
    assert not [name for name in server.made if "apps" in name]


def test_other_apps_are_installed_once_and_again_where_others_are_chosen(server, space, monkeypatch):
    apps, other = databases.ensure_apps(space), [*databases.APPS, "delivery"]
    server.made[apps] = "kept"
    assert databases.ensure_apps(space) == apps
    assert server.made[apps] == "kept"
    monkeypatch.setattr(databases, "APPS", other)
    assert server.made[databases.ensure_apps(space)] == (databases.ensure_base(space), other)


def test_a_database_that_a_test_makes_itself_has_the_other_apps_too(server, space, monkeypatch):
    assert databases.ensure_host(space) == databases.ensure_base(space)
    monkeypatch.setenv(databases.BESIDE, "1")
    assert databases.ensure_host(space) == databases.ensure_apps(space)


def test_none_of_the_other_apps_is_one_that_the_suite_needs_anyway():
    assert not set(databases.APPS) & {*databases.host_modules(), *databases.own_modules()}
    assert sorted(set(databases.APPS)) == databases.APPS


@pytest.fixture
def ran(space, monkeypatch):
    """What was run, in order: ``("lint",)``, ``("coverage",)`` or ``("pytest", options, environment)``."""
    found = []

    def note(name):
        return lambda *args: found.append((name,)) or (True, "")

    monkeypatch.setattr(lint_stage, "run", note("lint"))
    monkeypatch.setattr(testing, "gates", note("coverage"))
    monkeypatch.setattr(
        databases, "ensure_test", lambda space, beside=False: found.append(("database", beside)) or ""
    )
    monkeypatch.setattr(
        testing,
        "pytest",
        lambda space, options, env: (
            found.append(("pytest", [str(one) for one in options], env)) or (True, "")
        ),
    )
    return found


def run(*words):
    parser = argparse.ArgumentParser()
    testing.add_arguments(parser)
    return testing.run(parser.parse_args(words))


def test_the_whole_run_ends_with_chosen_tests_beside_other_apps(ran):
    assert run() == 0
    assert [one[0] for one in ran] == [
        "lint", "pytest", "database", "pytest", "coverage", "database", "pytest",
    ]  # fmt: skip
    (_database, with_others), (_pytest, options, env) = ran[5:]
    assert with_others
    assert f"--odoo-database={databases.test_name(beside=True)}" in options
    assert set(testing.chosen(testing.BESIDE)) <= set(options)
    assert not {"addons", "tests"} & set(options)
    assert env[databases.BESIDE] == "1"


def test_tests_beside_other_apps_leave_the_coverage_alone(ran):
    run()
    (_core, core, _env), (_odoo, odoo, odoo_env), (_beside, beside, beside_env) = (
        one for one in ran if one[0] == "pytest"
    )
    assert "--cov=addons" in core and "--cov=addons" in odoo
    assert "--cov=addons" not in beside
    assert beside_env["COVERAGE_FILE"] != odoo_env["COVERAGE_FILE"]
    assert databases.BESIDE not in odoo_env


def test_the_option_alone_runs_all_that_needs_odoo_there_and_nothing_else(ran):
    assert run("--beside") == 0
    (_database, with_others), (_pytest, options, env) = ran
    assert with_others and env[databases.BESIDE] == "1"
    assert options[-2:] == ["addons", "tests"]
    assert {f"--ignore={folder}" for folder in testing.PURE} <= set(options)
    assert "--cov=addons" not in options


def test_named_tests_run_there_only(ran):
    named = "tests/test_lead_to_cash.py"
    assert run("--beside", str(paths.ROOT / named)) == 0
    assert ran[0] == ("database", True)
    assert ran[1][1][-1] == named
    assert len(ran) == 2


def test_tests_without_odoo_run_as_ever(ran):
    assert run("--beside", str(paths.ROOT / "tests/cli")) == 0
    assert [one[0] for one in ran] == ["pytest"]
    assert databases.BESIDE not in ran[0][2]


def test_every_pattern_of_chosen_tests_fits_one():
    for pattern in testing.BESIDE:
        assert testing.chosen([pattern]), pattern
