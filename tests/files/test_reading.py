"""A file is an ordinary one of a known size, or it is refused before anything waits for it."""

from __future__ import annotations

import ast
import errno
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow
import pytest

from evaluation.errors import DataError, EnvironmentFault, PlanError
from evaluation.files import content_of, decoded, opened, refuse_lacking, text_of

PACKAGE = Path(__file__).parents[2] / "evaluation"

# Reads of what comes with the package, which no user can put a pipe in place of.
OWN = {
    *("fact.py", "data/example.py", "report/pdf.py", "numeric/series/breaks.py"),
    *("study/plan/project_files.py", "study/plan/from_records.py", "study/plan/from_data.py"),
    *("study/plan/skeleton.py", "study/reference_class.py", "cli/help_verbs.py"),
    *("cli/lacking.py", "check/lock.py", "study/run_cache.py", "plots/figure_cache.py"),
    # Again, after it was opened as an ordinary file; and what a service on the net answers.
    *("data/incidents/scan.py", "data/sources/fbi_cde.py"),
    # The device that swallows what is printed.
    "cli/terminal.py",
}
# Drafts, in a folder of `scratch`.
DRAFTS = {"data/incidents/write.py", "data/sources/fbi_files.py", "data/sources/place.py"}
READS = {"read_text", "read_bytes"}
# Of a loop of links some Pythons make a bug of it, and others another path: `files.followed`.
FOLLOWS = {"resolve"}
WRITES = {"write_text", "write_bytes", "mkstemp", "mkdtemp", "TemporaryDirectory", "rename"}


def called(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of what is called; of a mode, whether it writes."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "open":
            modes = [one.value for one in node.args if isinstance(one, ast.Constant)]
            name = "write_text" if any(str(one)[:1] in "wax" for one in modes) else "read_text"
        yield node.lineno, name


def test_files_are_read_and_written_in_one_room():
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith("files/"):
            continue
        for line, call in called(ast.parse(path.read_text("utf-8"))):
            if call in READS and name not in OWN | DRAFTS:
                found.append(f"{name}:{line}: read it with evaluation.files.content_of or text_of")
            if call in FOLLOWS:
                found.append(f"{name}:{line}: follow links with evaluation.files.followed")
            if call in WRITES and name not in DRAFTS and name != "study/plan/skeleton.py":
                found.append(f"{name}:{line}: write it with evaluation.files.write_atomically")
    assert found == []


def fifo(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def bound(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket has at most 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


KINDS = {
    fifo: "no ordinary file",
    bound: "no ordinary file",
    device: "no ordinary file",
    folder: "is a folder, not a file",
    loop: "cannot be read",
}


@pytest.mark.parametrize("made", KINDS, ids=lambda one: one.__name__)
def test_what_is_no_ordinary_file_is_refused_by_its_name_and_nobody_waits(
    tmp_path: Path, made: Callable[[Path], None]
) -> None:
    made(tmp_path / "x.csv")
    with pytest.raises(PlanError, match=f"^data/x.csv: .*{KINDS[made]}"):
        content_of(tmp_path / "x.csv", "data/x.csv", error=PlanError)


def test_a_name_that_no_file_can_have_is_refused(tmp_path):
    for name in ("a" * 300, "a\0b"):
        with pytest.raises(DataError, match="x: cannot be read"):
            content_of(tmp_path / name, "x")


def test_a_missing_file_is_told_as_its_reader_says(tmp_path):
    with pytest.raises(DataError, match=r"^x: not there yet. Run it.$"):
        content_of(tmp_path / "x", "x", missing="not there yet. Run it.")


def test_a_file_is_read_up_to_its_limit_and_no_further(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    assert content_of(path, "x", most=5) == b"12345"
    with pytest.raises(DataError, match=r"^x: is larger than 4 bytes"):
        content_of(path, "x", most=4)
    with path.open("r+b") as stream:
        stream.truncate(10 * 1024**3)  # sparse: it takes no room
    with pytest.raises(DataError, match=r"^x: is larger than 256 MiB"):
        text_of(path, "x")


def test_a_file_that_tells_no_size_is_limited_too():
    # The system's own files have no size, and some have no end.
    with pytest.raises(DataError, match="larger than"):
        content_of(Path("/proc/self/environ"), "x", most=3)


def test_what_the_machine_lacks_is_no_fault_of_a_file(tmp_path, monkeypatch):
    (tmp_path / "x").write_text("1")

    def full(path: Path, flags: int) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("evaluation.files.reading.os.open", full)
    with pytest.raises(EnvironmentFault, match=r"^x: cannot be read \(Too many .*ulimit -n"):
        content_of(tmp_path / "x", "x", error=PlanError)
    with pytest.raises(MemoryError):
        refuse_lacking(pyarrow.ArrowMemoryError("malloc of size 1024 failed"), "x")
    assert refuse_lacking(pyarrow.ArrowInvalid("no Parquet"), "x") is None


def test_text_that_is_no_utf_8_is_told_with_its_line(tmp_path):
    (tmp_path / "x").write_bytes(b"a\nb\n\xff")
    with pytest.raises(DataError, match=r"^x:3: is not UTF-8 text; save it as UTF-8$"):
        text_of(tmp_path / "x", "x")


def test_what_the_program_made_is_told_once_what_to_do():
    assert decoded("é".encode(), "x", advice="") == "é"
    with pytest.raises(DataError, match=r"^x:2: is not UTF-8 text$"):
        decoded(b"{\n\xff}", "x", advice="")


def test_nothing_stays_open_when_it_is_refused(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    os.mkfifo(tmp_path / "x")
    for _ in range(5):
        with pytest.raises(DataError):
            opened(tmp_path / "x", "x")
    assert len(os.listdir("/proc/self/fd")) == before
