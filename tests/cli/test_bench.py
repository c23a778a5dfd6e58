"""Where both sides of a benchmark are measured, and that different amounts are said; figures are made up."""

import argparse
from pathlib import Path

import pytest

from psa_cli import bench, databases, odoo_source, paths, workspace

SIDE = {"cpu_s": 1.0, "queries": 9, "peak_mb": 1.0}


class Calls:
    """Stands in for the server of databases and for Odoo: notes what they are asked."""

    def __init__(self, results):
        self.results, self.alive, self.copies, self.harness_calls = results, set(), {}, []

    def drop(self, name):
        self.alive.discard(name)

    def copy(self, source, target):
        assert target not in self.alive
        self.alive.add(target)
        self.copies[target] = self.copies.get(source, source)

    def harness(self, space, database, call):
        assert database in self.alive
        self.harness_calls.append((call.split("(")[0], space.conf.name, self.copies[database]))
        if call.startswith("seed"):
            return {"size": "2 orders", "other": "peer"}
        sides = {side: {**SIDE, "result": result} for side, result in self.results.items()}
        if call.startswith("main"):
            return {"size": "2 orders", "other": "peer", "rounds": [sides]}
        return next(figures for side, figures in sides.items() if repr(side) in call)


@pytest.fixture
def calls(cache, monkeypatch):
    """A set-up machine whose Odoo gives both sides the same result."""
    found = Calls({"ours": [["1", "7.00"]], "peer": [["1", "7.00"]]})
    source = odoo_source.Source(cache, "key", "test")
    venv = Path("venv")
    space = workspace.Workspace(source, venv, {}, workspace.configuration(source, venv))
    monkeypatch.setattr(workspace, "ensure", lambda: space)
    monkeypatch.setattr(databases, "Server", lambda space: found)
    monkeypatch.setattr(databases, "ensure_test", lambda space: "with_ours")
    monkeypatch.setattr(databases, "ensure_base", lambda space: "host_only")
    monkeypatch.setattr(bench, "harness", found.harness)
    return found


def run(*names, repeat=1):
    return bench.run(argparse.Namespace(names=names, json=None, quick=True, repeat=repeat))


@pytest.mark.parametrize("name", bench.APART)
def test_the_peer_of_billing_has_no_addon_of_ours(calls, name):
    assert run(name, repeat=2) == 0
    ours, peer = ("odoo.conf", "with_ours"), ("odoo-stock.conf", "host_only")
    seeds = [("seed", *ours), ("seed", *peer)]
    assert calls.harness_calls == [*seeds, *[("one_side", *ours), ("one_side", *peer)] * 2]
    conf = (paths.checkout_home() / "odoo-stock.conf").read_text()
    assert str(paths.ADDONS) not in conf
    assert not calls.alive


def test_other_benchmarks_measure_both_sides_in_our_database(calls):
    assert run("rerate_50k") == 0
    assert calls.harness_calls == [("main", "odoo.conf", "with_ours")]
    assert not calls.alive


@pytest.mark.parametrize("name", ["billing_10k", "rerate_50k"])
def test_amounts_that_differ_fail(calls, capsys, name):
    calls.results["peer"] = [["1", "7.01"]]
    assert run(name) == 1
    assert f"{name}: " in (said := capsys.readouterr().out)
    assert "DIFFERENT AMOUNTS" in said


def test_databases_are_dropped_where_a_side_breaks(calls, monkeypatch):
    def broken(space, database, call):
        raise RuntimeError(call)

    monkeypatch.setattr(bench, "harness", broken)
    with pytest.raises(RuntimeError, match="seed"):
        run("billing_10k")
    assert not calls.alive
