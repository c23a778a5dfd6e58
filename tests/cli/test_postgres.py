"""The database server: the caller's or the private one; recovery after a kill."""

import os
import subprocess
import sys

import pytest

from psa_cli import postgres, steps


def test_no_variable_means_a_private_cluster():
    assert postgres.external_env({}) is None


def test_database_url_is_understood():
    env = postgres.external_env({"DATABASE_URL": "postgresql://me:p%40ss@db.example:5433/x"})
    assert env == {"PGHOST": "db.example", "PGPORT": "5433", "PGUSER": "me", "PGPASSWORD": "p@ss"}


def test_another_url_is_refused():
    with pytest.raises(steps.CliError, match="postgresql://"):
        postgres.external_env({"DATABASE_URL": "mysql://x/y"})


def test_odoo_refuses_the_user_postgres():
    with pytest.raises(steps.CliError, match="refuses the database user"):
        postgres.check_external({"PGHOST": "x", "PGUSER": "postgres"})


def test_the_socket_path_is_short_enough(monkeypatch, tmp_path):
    monkeypatch.setenv("PSA_HOME", str(tmp_path / ("deep/" * 30)))
    assert len(str(postgres.socket_folder() / postgres.SOCKET)) < postgres.MAX_SOCKET_PATH


def ended_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize("content", ["", "rubbish", "{ended}", "{other}"])
def test_a_stale_pid_file_is_removed(tmp_path, content):
    file = tmp_path / "postmaster.pid"
    file.write_text(content.format(ended=ended_pid(), other=os.getpid()))
    assert postgres.remove_stale(file, tmp_path)
    assert not file.exists()


def test_the_pid_file_of_a_running_server_stays(tmp_path):
    script = "import sys, time; print('up', flush=True); time.sleep(30)"
    program = tmp_path / "postgres"
    program.symlink_to(sys.executable)
    command = [str(program), "-c", script, "-D", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        file = tmp_path / "postmaster.pid"
        file.write_text(f"{process.pid}\n")
        assert not postgres.remove_stale(file, tmp_path)
        assert file.exists()
    finally:
        process.kill()
        process.wait()


def test_no_pid_file_is_nothing_to_remove(tmp_path):
    assert not postgres.remove_stale(tmp_path / "postmaster.pid", tmp_path)


def test_a_cluster_of_another_version_is_explained(tmp_path, monkeypatch):
    (tmp_path / "PG_VERSION").write_text("13\n")
    monkeypatch.setattr(postgres, "program", lambda name: "/usr/lib/postgresql/15/bin/initdb")
    with pytest.raises(steps.CliError, match="version 13, installed is 15"):
        postgres.check_version(tmp_path)
