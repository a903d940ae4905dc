"""Killed writers, full and read-only disks, two runs at once: nothing half-written is ever taken for whole."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from metal.atomic import atomic_directory, write_text
from tests.local_imports import ROOT

# Writes a file, or a directory of two, and sleeps in the middle once it has said so.
WRITER = """
import os, sys, time
from pathlib import Path
from metal import atomic
out = Path(sys.argv[1])
def stall(*_):
    print("writing", flush=True)
    time.sleep(60)
if sys.argv[2] == "file":
    os.fsync = stall
    atomic.write_text(out, "new")
else:
    with atomic.atomic_directory(out) as folder:
        (folder / "first").write_text("new")
        stall()
"""


def kill_while_writing(out: Path, kind: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(out), kind], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_killed_writer_leaves_nothing_at_the_path(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "artifact"
    kill_while_writing(out, kind)

    assert not out.exists()
    assert [path.name.endswith(".partial") and path.name.startswith(".") for path in tmp_path.iterdir()] == [True]


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "artifact"
    out.write_text("old")
    kill_while_writing(out, "file")

    assert out.read_text() == "old"
    write_text(out, "new")
    assert out.read_text() == "new"


def test_a_killed_writer_leaves_the_old_directory(tmp_path: Path) -> None:
    out = tmp_path / "artifact"
    out.mkdir()
    (out / "first").write_text("old")
    kill_while_writing(out, "directory")

    assert (out / "first").read_text() == "old"
    with atomic_directory(out) as folder:
        (folder / "second").write_text("new")
    assert [path.name for path in out.iterdir()] == ["second"]


def other_process() -> int:
    """Return the ID of a process that runs as long as the tests do: the one that started them."""
    return os.getppid()


@pytest.mark.parametrize("old_name", ["", ".0123abcd"])
def test_what_killed_writers_left_is_in_nobodys_way(tmp_path: Path, old_name: str) -> None:
    """Also where the process has the ID that the killed one had, as in a container where all start alike."""
    out, file = tmp_path / "artifact", tmp_path / "artifact.json"
    (tmp_path / f".artifact.{os.getpid()}{old_name}.partial").mkdir()
    (tmp_path / f".artifact.json.{os.getpid()}{old_name}.partial").write_text("half")
    with atomic_directory(out) as folder:
        (folder / "first").write_text("new")
    write_text(file, "new")

    assert (out / "first").read_text() == "new"
    assert file.read_text() == "new"


def test_leftovers_of_the_dead_and_of_yesterday_are_swept(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    names = {
        "dead": f".artifact.{dead.pid}.0123abcd.partial",
        "dead, replaced": f".artifact.{dead.pid}.0123abcd.old.partial",
        "yesterday": f".artifact.{other_process()}.0123abcd.partial",
        "alive": f".artifact.{other_process()}.4567abcd.partial",
        "another's": f".artifact.json.{dead.pid}.0123abcd.partial",
    }
    for name in names.values():
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").touch()
    os.utime(tmp_path / names["yesterday"], (0, 0))

    write_text(tmp_path / "artifact", "new")

    assert {path.name for path in tmp_path.iterdir()} == {"artifact", names["alive"], names["another's"]}


def test_a_disk_that_fills_up_while_a_directory_is_filled_is_named(tmp_path: Path) -> None:
    out = tmp_path / "artifact"
    out.mkdir()
    full = OSError(errno.ENOSPC, "No space left on device", "elsewhere")
    copied = shutil.Error([("here", "there", "[Errno 28] No space left on device")])  # what copytree raises

    for error in (full, copied):
        with pytest.raises(OSError, match=r"cannot write .*artifact: .*No space left on device\. .*free space"):
            fill(out, error)
    # What is no matter of writing keeps its own words.
    with pytest.raises(FileNotFoundError, match="no such input"):
        fill(out, FileNotFoundError(errno.ENOENT, "no such input"))
    assert [path.name for path in tmp_path.iterdir()] == ["artifact"]


def fill(out: Path, error: Exception) -> None:
    with atomic_directory(out):
        raise error


def test_a_directory_that_cannot_be_moved_into_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "artifact"
    out.mkdir()
    (out / "first").write_text("old")
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target == out and ".old." not in self.name:
            raise OSError(errno.EIO, "Input/output error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match=r"cannot write .*artifact: Input/output error"), atomic_directory(out):
        pass

    assert (out / "first").read_text() == "old"


def test_an_error_while_filling_a_directory_leaves_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "artifact"
    out.mkdir()
    (out / "first").write_text("old")

    def fill() -> None:
        with atomic_directory(out) as folder:
            (folder / "first").write_text("new")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fill()

    assert (out / "first").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["artifact"]


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "No space left"), (errno.EROFS, "Read-only file system")])
def test_a_full_or_read_only_disk_is_named_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    out = tmp_path / "artifact"
    out.write_text("old")

    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match=rf"cannot write .*artifact: {words}.*unchanged; free space"):
            write_text(out, "new")

    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["artifact"]


def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OSError, match="make the folder writable"):
            write_text(tmp_path / "artifact", "new")
    finally:
        tmp_path.chmod(0o700)


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")

    with pytest.raises(OSError, match=r"cannot write .*artifact"):
        write_text(tmp_path / "data" / "artifact", "new")
    with pytest.raises(OSError, match=r"cannot write .*artifact"), atomic_directory(tmp_path / "data" / "artifact"):
        pass


# A run that starts a step, which says its process ID and then works for a minute.
RUN = """
import subprocess, sys
step = '''
import os, time
from flows.cli import end_with_parent
end_with_parent()
print(os.getpid(), flush=True)
time.sleep(60)
'''
subprocess.run([sys.executable, "-c", step])
"""


def test_a_step_does_not_outlive_a_run_that_was_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", RUN], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        step = psutil.Process(int(run.stdout.readline()))
        run.kill()
        psutil.wait_procs([step], timeout=30)
        assert not step.is_running() or step.status() == psutil.STATUS_ZOMBIE
