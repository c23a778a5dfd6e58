"""Stamps, locks, folders, disk space: what makes a step safe to interrupt and to repeat."""

import errno
import multiprocessing
import sys

import pytest

from psa_cli import cli, steps


def test_a_step_runs_once_for_the_same_content():
    runs = []
    assert steps.ensure("one", "key", lambda: runs.append(1))
    assert not steps.ensure("one", "key", lambda: runs.append(1))
    assert runs == [1]


def test_a_step_runs_again_when_its_content_changes():
    runs = []
    for key in ("a", "b"):
        steps.ensure("one", key, lambda: runs.append(1))
    assert runs == [1, 1]


def test_an_interrupted_step_is_not_stamped():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.ensure("one", "key", interrupted)
    assert not steps.is_done("one", "key")
    assert steps.ensure("one", "key", lambda: None)


def test_a_folder_is_there_complete_or_not_at_all(cache):
    folder = cache / "thing"

    def broken(target):
        (target / "half").touch()
        raise OSError("killed")

    with pytest.raises(OSError, match="killed"):
        steps.ensure_folder(folder, broken, "thing")
    assert not folder.exists()
    steps.ensure_folder(folder, lambda target: (target / "whole").touch(), "thing")
    assert [file.name for file in folder.iterdir()] == ["whole"]
    assert not steps.ensure_folder(folder, broken, "thing")


def hold(name, locked, release):
    with steps.lock(name):
        locked.set()
        release.wait(10)


def test_a_lock_is_waited_for_and_freed_by_a_kill(capfd):
    context = multiprocessing.get_context("fork")
    locked, release = context.Event(), context.Event()
    process = context.Process(target=hold, args=("base", locked, release))
    process.start()
    assert locked.wait(10)
    process.kill()
    process.join()
    with steps.lock("base"):
        pass


def test_too_little_space_is_said_before_the_step(monkeypatch, cache):
    monkeypatch.setattr(steps, "free_mb", lambda path=None: 12)
    with pytest.raises(steps.CliError) as caught:
        steps.ensure("big", "key", lambda: None, space_mb=500)
    assert "12 MB are free" in str(caught.value)
    assert str(cache) in str(caught.value)


def test_a_full_disk_is_no_traceback(cache):
    text = cli.explain(OSError(errno.ENOSPC, "No space left on device"))
    assert "not enough disk space" in text
    assert str(cache) in text


def test_a_child_that_meets_a_full_disk_says_so():
    command = [sys.executable, "-c", "import sys; sys.exit('tar: No space left on device')"]
    with pytest.raises(steps.CliError, match="not enough disk space"):
        steps.run(command)


def test_a_failed_child_shows_the_end_of_its_output():
    with pytest.raises(steps.CliError, match="the reason"):
        steps.run([sys.executable, "-c", "import sys; sys.exit('the reason')"])


def test_a_missing_program_is_named():
    with pytest.raises(steps.CliError, match="no-such-program is not installed"):
        steps.run(["no-such-program"])


def test_an_error_of_psa_itself_is_not_hidden():
    assert cli.explain(ValueError("a mistake")) is None
