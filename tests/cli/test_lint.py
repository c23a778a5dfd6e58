"""The rules of `./psa lint` that are the project's own, and how it chooses files. No tool, no network."""

import argparse
import subprocess

import pytest

from psa_cli import lint, lint_rules, steps, workspace


@pytest.fixture
def tree(tmp_path):
    """Writes files below an empty folder and returns it."""

    def write(files: dict[str, str]):
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path

    return write


def layers(tree, name: str, text: str) -> list[str]:
    return list(lint_rules.layer_findings(tree({name: text}), [name]))


@pytest.mark.parametrize(
    "text",
    [
        "import odoo\n",
        "from odoo import fields\n",
        "from odoo.tools import SQL\n",
        "from ..models import x\n",
    ],
)
def test_core_may_not_reach_odoo_or_the_models(tree, text):
    (finding,) = layers(tree, "addons/psa_project/core/rates.py", text)
    assert finding.startswith("addons/psa_project/core/rates.py:1: core/ is pure Python")


@pytest.mark.parametrize(
    "text", ["from decimal import Decimal", "from .money import dec", "from . import money"]
)
def test_core_may_import_the_standard_library_and_itself(tree, text):
    assert layers(tree, "addons/psa_project/core/rates.py", text) == []


def test_a_folder_inside_core_may_go_up_to_core_only(tree):
    name = "addons/psa_project/core/plan/dates.py"
    assert layers(tree, name, "from ..money import dec\n") == []
    assert layers(tree, name, "from ...models import task\n")


@pytest.mark.parametrize(
    ("addon", "other", "allowed"),
    [
        ("psa_resource", "psa_billing", False),
        ("psa_billing", "psa_resource", False),
        ("psa_project", "psa_contracts", False),
        ("psa_contracts", "psa_billing", False),
        ("psa_billing", "psa_contracts", True),
        ("psa_resource", "psa_project", True),
        ("psa_billing_queue_job", "psa_resource", True),
    ],
)
def test_addons_know_each_other_in_one_direction(tree, addon, other, allowed):
    imports = layers(tree, f"addons/{addon}/models/x.py", f"from odoo.addons.{other}.core import y\n")
    depends = layers(tree, f"addons/{addon}/__manifest__.py", f'{{"depends": ["{other}"]}}\n')
    xml_id = layers(tree, f"addons/{addon}/models/z.py", f'self.env.ref("{other}.group_x")\n')
    in_xml = layers(
        tree, f"addons/{addon}/views/x.xml", f'<field name="groups" eval="[ref(\'{other}.g\')]" />\n'
    )
    assert [bool(found) for found in (imports, depends, xml_id, in_xml)] == [not allowed] * 4


def test_from_odoo_import_addons_is_seen_too(tree):
    assert layers(tree, "addons/psa_billing/x.py", "from odoo.addons import psa_resource\n")


@pytest.mark.parametrize(
    "text",
    [
        "--index-url https://" + "pypi" + ".org/simple",
        "https://registry." + "npm" + "js.org/eslint",
        "deb http://deb." + "debian.org/debian sid main",
        "https://my-" + "mirror.example.com/python",
        "PATH=/" + "work/main",
        "open('/" + "home/someone/x')",
    ],
)
def test_registry_addresses_and_machine_paths_are_found(tree, text):
    (finding,) = lint_rules.private_findings(tree({"a.txt": f"fine\n{text}\n"}), ["a.txt"])
    assert finding.startswith("a.txt:2: ")


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/odoo/odoo",
        "http://127.0.0.1:8069",
        "/network/",
        "/".join(("a", "work", "b")),
        "apt-get from the mirror",
    ],
)
def test_ordinary_text_is_left_alone(tree, text):
    assert list(lint_rules.private_findings(tree({"a.txt": text}), ["a.txt"])) == []


def test_binary_files_are_left_alone(tmp_path):
    (tmp_path / "x.png").write_bytes(b"\0\1" + b" /" + b"work/ ")
    assert list(lint_rules.private_findings(tmp_path, ["x.png"])) == []


def test_the_tree_has_no_finding_of_its_own_rules():
    files = lint.tree_files()
    assert list(lint_rules.layer_findings(lint.paths.ROOT, files)) == []
    assert list(lint_rules.private_findings(lint.paths.ROOT, files)) == []


def test_files_are_those_that_git_would_take(tree):
    root = tree({"a.py": "", "sub/b.py": "", "skipped.log": "", ".gitignore": "*.log\n"})
    subprocess.run(["git", "init", "-q", root], check=True)
    assert lint.tree_files(root) == [".gitignore", "a.py", "sub/b.py"]
    (root / "a.py").unlink()
    assert lint.chosen_files([str(root / "sub")], root) == ["sub/b.py"]


def test_without_git_all_but_caches_are_taken(tree):
    root = tree({"a.py": "", "node_modules/x.js": "", "sub/__pycache__/b.pyc": ""})
    assert sorted(lint.walked_files(root)) == ["a.py"]


def test_a_path_outside_or_missing_is_refused(tree, tmp_path_factory):
    root = tree({"a.py": ""})
    with pytest.raises(steps.CliError, match="no such file"):
        lint.chosen_files([str(root / "missing")], root)
    with pytest.raises(steps.CliError, match="outside"):
        lint.chosen_files([str(tmp_path_factory.mktemp("other"))], root)


def test_an_unknown_gate_is_refused_with_the_list():
    parser = argparse.ArgumentParser()
    lint.add_arguments(parser)
    with pytest.raises(steps.CliError, match="no lint gate named spelling.*ruff-check"):
        lint.run(parser.parse_args(["--only", "spelling"]))


def test_a_finding_fails_the_run_and_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(lint, "GATES", {"layers": lambda work: (False, "a.py:1: wrong")})
    monkeypatch.setattr(lint, "chosen_files", lambda given: ["a.py"])
    parser = argparse.ArgumentParser()
    lint.add_arguments(parser)
    assert lint.run(parser.parse_args([])) == 1
    assert "layers       FAIL" in (out := capsys.readouterr().out)
    assert "a.py:1: wrong" in out


def test_a_cache_that_lint_began_is_a_cache(monkeypatch):
    monkeypatch.setattr(lint, "GATES", {"layers": lambda work: (True, "")})
    monkeypatch.setattr(
        lint.Work, "prepare", lambda work, gates: steps.write_atomic(steps.stamp_file("tools"), "")
    )
    monkeypatch.setattr(lint, "chosen_files", lambda given: ["a.py"])
    parser = argparse.ArgumentParser()
    lint.add_arguments(parser)
    assert lint.run(parser.parse_args([])) == 0
    workspace.make_home()


def test_only_whole_addons_count_as_addons(tree):
    root = tree(
        {"addons/psa_x/__manifest__.py": "{}", "addons/psa_x/models/a.py": "", "addons/notes/a.py": ""}
    )
    assert lint.Work(["addons/psa_x/models/a.py", "addons/notes/a.py"], root=root).addons() == [
        "addons/psa_x"
    ]
