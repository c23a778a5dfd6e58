"""Steps that are done once: content stamps, locks, progress lines, child processes, disk space."""

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from . import paths

MB = 1024 * 1024


class CliError(Exception):
    """A failure that the user is told in words, with what to do about it; never a traceback."""


def say(text: str = "") -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)


def digest(*parts: object) -> str:
    """Short content hash of the parts, in order."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def files_digest(files: Iterable[Path], base: Path = paths.ROOT) -> str:
    """Short hash of the names (relative to base) and contents of files."""
    parts = []
    for file in sorted(files):
        name = file.relative_to(base) if file.is_relative_to(base) else file
        parts.append(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}")
    return digest(*parts)


# --- locks ---------------------------------------------------------------------------------------
@contextlib.contextmanager
def lock(name: str) -> Iterator[None]:
    """Hold the cache's lock of that name; the kernel frees it if the process is killed."""
    folder = paths.home() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / name, "a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            say(f"[{name}] another psa is at this step: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- stamps --------------------------------------------------------------------------------------
def stamp_file(name: str) -> Path:
    """The file that says with which content a step was last done."""
    return paths.home() / "stamps" / name


def is_done(name: str, key: str) -> bool:
    """Whether the step was completed for exactly this key."""
    try:
        return stamp_file(name).read_text().strip() == key
    except FileNotFoundError:
        return False


def write_atomic(file: Path, text: str) -> None:
    """Write a file so that a reader or a crash sees either the old or the new content."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.write_text(text)
    os.replace(temporary, file)


def ensure(name: str, key: str, build: Callable[[], object], title: str = "", space_mb: int = 0) -> bool:
    """Run build() unless the step's stamp carries key; stamp it after success.

    Safe to interrupt (the stamp is written last) and to run twice at once (under a lock).
    Returns whether anything was done.
    """
    if is_done(name, key):
        return False
    with lock(name):
        if is_done(name, key):
            return False
        require_space(space_mb, title or name)
        with timed(name, title):
            build()
        write_atomic(stamp_file(name), key)
    return True


def ensure_folder(
    folder: Path, build: Callable[[Path], object], name: str, title: str = "", space_mb: int = 0
):
    """Make folder by build(temporary folder) and one rename: it is there complete, or not at all."""
    if folder.exists():
        return False
    with lock(name):
        if folder.exists():
            return False
        require_space(space_mb, title or name)
        temporary = folder.with_name(folder.name + ".partial")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        with timed(name, title):
            build(temporary)
        os.rename(temporary, folder)
    return True


@contextlib.contextmanager
def timed(name: str, title: str = "") -> Iterator[None]:
    """Say what begins and how many seconds it took."""
    name = name.partition("-")[0]
    say(f"[{name}] {title or 'begins'} ...")
    start = time.monotonic()
    yield
    say(f"[{name}] done in {time.monotonic() - start:.1f} s")


# --- disk ----------------------------------------------------------------------------------------
def existing_parent(path: Path) -> Path:
    """The path itself or its nearest parent that exists."""
    while not path.exists():
        path = path.parent
    return path


def free_mb(path: Path | None = None) -> int:
    """Free space in MB where the path is or would be."""
    return shutil.disk_usage(existing_parent(path or paths.home())).free // MB


def disk_message(what: str) -> str:
    """What to tell when there is no room: how much is free, where the cache is, the ways out."""
    return (
        f"{what}: not enough disk space. {free_mb()} MB are free where the cache is ({paths.home()}).\n"
        "Free some space, put the cache elsewhere (PSA_HOME=/other/folder ./psa ...), or drop it "
        "(./psa reset --all), then repeat the command: it goes on where it stopped."
    )


def require_space(megabytes: int, what: str) -> None:
    """Raise CliError when fewer megabytes are free than the step is known to need."""
    if megabytes and free_mb() < megabytes:
        raise CliError(f"{disk_message(what)}\nThis step needs about {megabytes} MB.")


# --- child processes -----------------------------------------------------------------------------
def die_with_parent() -> None:
    """In a child: be terminated when psa is killed, so that nothing goes on writing into the cache."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def child_env(**extra: str) -> dict[str, str]:
    """The environment for children: Odoo may write .pyc files, output is not translated."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")}
    env.update({"LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"})
    env.update(extra)
    return env


def failure(command: list, output: str, code: int) -> CliError:
    """The error for a command that failed, with the end of its output."""
    tail = "\n".join(line[:300] for line in output.strip().splitlines()[-25:])
    name = " ".join(str(c) for c in command[:4])
    if "No space left on device" in output or "could not extend file" in output:
        return CliError(f"{disk_message(name)}\n(The last words were: {tail.splitlines()[-1][:200]})")
    return CliError(f"`{name} ...` failed (exit {code}):\n{tail}")


def run(command: list, env: dict | None = None, cwd: Path | None = None, text_in: str | None = None) -> str:
    """Run a command quietly; return its standard output, raise CliError with its end if it fails."""
    command = [str(c) for c in command]
    try:
        done = subprocess.run(
            command,
            env=env or child_env(),
            cwd=cwd,
            input=text_in,
            stdin=None if text_in is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            preexec_fn=die_with_parent,
        )
    except FileNotFoundError:
        raise CliError(f"{command[0]} is not installed: see ./psa doctor") from None
    if done.returncode:
        raise failure(command, done.stdout + done.stderr, done.returncode)
    return done.stdout


def follow(
    command: list, on_line: Callable[[str], None], env: dict | None = None, cwd: Path | None = None
) -> int:
    """Run a command and hand over each line of its output as it comes; return the exit code."""
    process = subprocess.Popen(
        [str(c) for c in command],
        env=env or child_env(),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=die_with_parent,
    )
    try:
        for line in process.stdout:
            on_line(line.rstrip("\n"))
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise


def folder_bytes(folder: Path) -> int:
    """Bytes in a folder, while others may be writing to it."""
    total = 0
    for base, _dirs, files in os.walk(folder):
        for file in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(base, file)).st_size
    return total


@contextlib.contextmanager
def growth(name: str, folder: Path, total_mb: float | None = None, every: float = 5.0) -> Iterator[None]:
    """While the block runs, say every few seconds how many megabytes the folder holds."""
    ended = threading.Event()
    start = time.monotonic()

    def watch() -> None:
        while not ended.wait(every):
            of = f" of {total_mb:.0f}" if total_mb else ""
            say(f"[{name}] {folder_bytes(folder) / MB:.0f}{of} MB, {time.monotonic() - start:.0f} s")

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def require_linux() -> None:
    """Refuse other systems with a clear word."""
    if sys.platform != "linux":
        raise CliError("./psa needs Linux (Debian or Ubuntu); on another system use docker/.")
