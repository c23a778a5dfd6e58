"""Every command explains itself; ports; names of databases; results of host tests."""

import socket
import subprocess

import pytest

from psa_cli import (
    cli,
    databases,
    doctor,
    host_tests,
    odoo_log,
    paths,
    pot,
    reset,
    serve,
    steps,
    system,
    testing,
)
from psa_cli import workspace as workspace_module


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([command, "--help"])
    assert caught.value.code == 0
    assert f"./psa {command}" in capsys.readouterr().out


def test_an_unknown_command_is_a_wrong_call(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["nonsense"])
    assert caught.value.code == 2


def test_the_entry_runs_from_another_folder(tmp_path):
    done = subprocess.run([paths.ROOT / "psa", "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0
    assert "demo" in done.stdout


def taken_port(number=0):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((serve.HOST, number))
    sock.listen()
    return sock


def test_a_taken_port_that_was_asked_for_is_an_error():
    with taken_port() as sock:
        number = sock.getsockname()[1]
        with pytest.raises(steps.CliError, match=f"port {number} is taken"):
            serve.choose_port(number)


def test_the_next_free_port_is_taken_and_said(monkeypatch, capsys):
    with taken_port() as sock:
        number = sock.getsockname()[1]
        monkeypatch.setattr(serve, "PORT", number)
        assert serve.choose_port() > number
    assert f"port {number} is taken" in capsys.readouterr().out


def test_the_served_database_knows_its_address():
    told = []
    fake = type("Server", (), {"sql": lambda self, *args: told.append(args)})()
    serve.tell_address(fake, "psa_demo", 8123)
    [(query, database)] = told
    assert database == "psa_demo"
    assert "'http://127.0.0.1:8123' where key = 'web.base.url'" in query


def test_named_tests_are_split_by_what_they_need():
    named = [str(paths.ROOT / "tests/cli"), str(paths.ROOT / "addons") + "::Test::test_a"]
    assert testing.split(named) == (["tests/cli"], ["addons::Test::test_a"])


def test_coverage_counts_lines_of_the_chosen_files():
    files = {
        "addons/psa_x/core/a.py": {"num_statements": 10, "covered_lines": 9},
        "addons/psa_x/models/b.py": {"num_statements": 30, "covered_lines": 15},
    }
    assert testing.percent(files, "/core/") == 90
    assert testing.percent(files, "") == 60
    assert testing.percent({}, "") == 100


def test_a_test_that_does_not_exist_is_an_error():
    with pytest.raises(steps.CliError, match="no such test file"):
        testing.split(["tests/nothing.py"])


def test_two_checkouts_have_two_names(tmp_path):
    assert paths.checkout_id(tmp_path / "a") != paths.checkout_id(tmp_path / "b")
    assert paths.checkout_id() in databases.test_name()


def test_reset_takes_only_this_checkouts_databases():
    mine = {"checkout": str(paths.ROOT)}
    assert reset.is_own("psa_demo", mine)
    assert not reset.is_own("psa_demo", {"checkout": "/elsewhere"})
    assert reset.is_own(databases.test_name(), None)
    assert not reset.is_own("psa_test_00000000", None)
    assert not reset.is_own("customer", None)


def test_reset_refuses_a_folder_that_is_no_cache(cache):
    cache.mkdir()
    (cache / "letter").touch()
    with pytest.raises(steps.CliError, match="does not look like a cache"):
        reset.remove_cache()
    assert (cache / "letter").exists()
    with pytest.raises(steps.CliError, match="no cache of psa"):
        workspace_module.make_home()


def test_reset_removes_a_cache(cache, monkeypatch):
    workspace_module.make_home()
    reset.remove_cache()
    assert not cache.exists()


def test_the_addons_key_ignores_python_tests(tmp_path):
    (tmp_path / "psa_x/tests").mkdir(parents=True)
    (tmp_path / "psa_x/model.py").write_text("1")
    before = databases.addons_key(tmp_path)
    (tmp_path / "psa_x/tests/test_a.py").write_text("1")
    assert databases.addons_key(tmp_path) == before
    pot.file_of("psa_x", tmp_path).parent.mkdir()
    pot.file_of("psa_x", tmp_path).write_text("1")  # nor does a template, which nothing reads
    assert databases.addons_key(tmp_path) == before
    (tmp_path / "psa_x/model.py").write_text("2")
    assert databases.addons_key(tmp_path) != before


TEMPLATE = """# Translation of Odoo Server.
msgid ""
msgstr ""
"Project-Id-Version: Odoo Server 19.0{}\\n"
"POT-Creation-Date: {}\\n"
"PO-Revision-Date: {}\\n"
"Plural-Forms: \\n"

#. module: psa_x
#: code:addons/psa_x/a.py:0
#: model:ir.model,name:psa_x.model_a
msgid "POT-Creation-Date: of {{what}}"
msgstr ""
"""


def test_a_template_is_the_same_whenever_and_by_whichever_odoo_it_is_exported():
    first = pot.settled(TEMPLATE.format("-20260101", "2026-01-01 10:00+0000", "2026-01-01 10:00+0000"))
    assert first == pot.settled(TEMPLATE.format("", "2027-02-02 11:00+0000", "2027-02-02 11:00+0000") + "\n")
    assert first.count("Date") == 1
    assert pot.terms(first) == {
        "POT-Creation-Date: of {what}": {"code:addons/psa_x/a.py", "model:ir.model,name:psa_x.model_a"}
    }


LOG = "2026-01-01 10:00:00,000 12 {} db odoo.tools: something"


def test_warnings_fail_unless_they_are_on_the_list(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("# comment\n\nodoo.tools: some\\w+  # the host's own\n")
    patterns = odoo_log.allowed_patterns(file)
    assert odoo_log.is_bad(LOG.format("WARNING"), [])
    assert not odoo_log.is_bad(LOG.format("INFO"), [])
    assert not odoo_log.is_bad(LOG.format("WARNING"), patterns)


def test_the_list_needs_reasons(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("odoo.tools: something\n")
    with pytest.raises(steps.CliError, match="without a reason"):
        odoo_log.allowed_patterns(file)
    odoo_log.allowed_patterns()


JUNIT = """<testsuites><testsuite>
<testcase classname="odoo.addons.sale.tests.test_a.TestA" name="test_ok"/>
<testcase classname="odoo.addons.sale.tests.test_a.TestA" name="test_bad"><failure/></testcase>
<testcase classname="odoo.addons.sale.tests.test_a.TestA" name="test_bad"/>
<testcase classname="odoo.addons.sale.tests.test_a.TestA" name="test_skip"><skipped/></testcase>
</testsuite></testsuites>"""


def test_host_results_are_compared_test_by_test(tmp_path, capsys):
    file = tmp_path / "junit.xml"
    file.write_text(JUNIT)
    ours = host_tests.parse(file)
    bad = "odoo.addons.sale.tests.test_a.TestA::test_bad"
    assert ours[bad] == "failed"
    assert host_tests.new_failures({}, ours) == [bad]
    assert host_tests.new_failures({bad: "failed"}, ours) == []
    assert host_tests.report(["sale"], ours, ours, []) == 0
    assert host_tests.report(["sale"], {}, ours, [bad]) == 1
    assert f"NEW FAILURE: {bad}" in capsys.readouterr().out


def test_what_apt_must_install_is_one_line_for_a_normal_user(monkeypatch):
    monkeypatch.setattr(system, "missing", lambda external=False: ["chromium", "poppler-utils"])
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    with pytest.raises(
        steps.CliError, match="sudo apt-get update && sudo apt-get install .* chromium poppler-utils"
    ):
        system.ensure()


def test_doctor_tells_the_fix_of_each_trouble(monkeypatch, capsys):
    def trouble():
        yield doctor.BAD, "no browser", "install one"

    monkeypatch.setattr(doctor, "CHECKS", [trouble])
    assert doctor.run(None) == 1
    assert "-> install one" in capsys.readouterr().out
