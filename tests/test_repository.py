"""What is committed holds nothing of the machine it was made on, and can be installed anywhere."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Written in pieces so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(
    "(?:^|[\\s\"'`=(<:,])"
    "(?:" + "/ho" + "me/|/Us" + "ers/|/ro" + "ot/|/wo" + "rk/|/t" + "mp/|[A-Za-z]:\\\\Us" + "ers)",
    re.MULTILINE,
)
INDEX_OPTION = re.compile("--(?:extra-)?index" + "-url|--find" + "-links|--trusted" + "-host")
REQUIREMENT = re.compile(r"[a-z0-9][a-z0-9._-]*==[A-Za-z0-9.!+]+(?: ; [^;]+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
MOST_LINES = 400


def _files() -> list[Path]:
    """Every file that is, or would be, committed; in an archive without git, all but tools' own."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if asked.returncode == 0:
        names = {name for name in asked.stdout.decode("utf-8").split("\0") if name}
        return [path for name in sorted(names) if (path := ROOT / name).is_file()]
    skipped = {".git", ".venv", "build", "dist", "__pycache__"}
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file()
        and not any(
            part in skipped or part.endswith("_cache") for part in path.relative_to(ROOT).parts
        )
    ]


def _requirements(text: str) -> list[tuple[str, list[str]]]:
    """Each requirement of a lock with its hashes."""
    joined = re.sub(r"\s*\\\n\s*", "  ", text)
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [(parts[0], parts[1:]) for parts in (re.split(r"\s{2,}", line) for line in lines)]


FILES = _files()
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
OLDEST = (ROOT / "requirements-oldest.txt").read_text(encoding="utf-8")
NEWEST = (ROOT / "requirements-newest.txt").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_files_are_found() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in FILES}
    assert {"pyproject.toml", "Makefile", ".ci/run", "evaluation/errors.py"} <= names


@pytest.mark.parametrize(
    "text",
    ["see /ho" + "me/ann/data.csv", 'root = "/wo' + 'rk/main"', "C:\\Us" + "ers\\ann"],
)
def test_machine_paths_are_recognized(text: str) -> None:
    assert MACHINE_PATH.search(text)


def test_no_file_names_a_folder_of_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{text.count(chr(10), 0, match.start()) + 1}"
        for path in FILES
        if (text := _text(path)) and (match := MACHINE_PATH.search(text))
    ]
    assert found == []


def test_no_file_names_a_package_index() -> None:
    found = [
        path.relative_to(ROOT).as_posix() for path in FILES if INDEX_OPTION.search(_text(path))
    ]
    assert found == []


@pytest.mark.parametrize("lock", [LOCK, OLDEST, NEWEST], ids=["locked", "oldest", "newest"])
def test_lock_names_no_host(lock: str) -> None:
    assert "://" not in lock
    assert "@" not in lock


@pytest.mark.parametrize("lock", [LOCK, OLDEST, NEWEST], ids=["locked", "oldest", "newest"])
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    requirements = _requirements(lock)
    assert len(requirements) > 50
    for requirement, hashes in requirements:
        assert REQUIREMENT.fullmatch(requirement), requirement
        assert hashes, requirement
        assert all(HASH.fullmatch(item) for item in hashes), requirement


def test_a_requirement_without_a_hash_is_seen() -> None:
    text = "numpy==2.0.0 \\\n    --hash=sha256:" + 64 * "0" + "\nscipy==1.14.0\n"
    assert _requirements(text) == [
        ("numpy==2.0.0", ["--hash=sha256:" + 64 * "0"]),
        ("scipy==1.14.0", []),
    ]


def test_lock_holds_every_package_that_the_project_asks_for() -> None:
    asked = list(PROJECT["dependencies"])
    for name, extra in PROJECT["optional-dependencies"].items():
        if name != "peers":
            asked += extra
    asked += [
        line
        for line in (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    locked = {requirement.split("==")[0] for requirement, _ in _requirements(LOCK)}
    wanted = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in asked}  # type: ignore[index]
    assert wanted - locked == set()
    assert not locked & {"pyfixest", "pysyncon", "causalpy", "csdid", "diff-diff"}


def test_oldest_stack_is_the_lower_bound_of_every_requirement() -> None:
    asked = list(PROJECT["dependencies"])
    for extra in ("distributed", "geo", "pdf", "test"):
        asked += PROJECT["optional-dependencies"][extra]
    lowest = dict(re.match(r"([A-Za-z0-9-]+)[>=]=([0-9.]+)", line).groups() for line in asked)  # type: ignore[union-attr]
    pinned = dict(requirement.split("==", 1) for requirement, _ in _requirements(OLDEST))
    assert {name: _short(pinned[name]) for name in lowest} == {
        name: _short(bound) for name, bound in lowest.items()
    }


def _short(version: str) -> str:
    """2.0 and 2.0.0 are one version."""
    return re.sub(r"(\.0)+$", "", version)


def test_notebooks_hold_no_outputs() -> None:
    for path in FILES:
        if path.suffix != ".ipynb":
            continue
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs"), path.name
            assert cell.get("execution_count") is None, path.name


def test_every_module_is_short_enough_to_read() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(_text(path).splitlines())
        for path in FILES
        if path.suffix == ".py" and path.is_relative_to(ROOT / "evaluation")
    }
    assert {name: n for name, n in lengths.items() if n >= MOST_LINES} == {}


def test_text_files_have_unix_line_ends_and_a_final_one() -> None:
    for path in FILES:
        text = _text(path)
        if text:
            assert "\r" not in text, path.name
            assert text.endswith("\n"), path.name


def _text(path: Path) -> str:
    """The text of a file, or nothing for one that is not text."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return ""
