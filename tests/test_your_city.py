"""Every command and every correction of your-city.md, as a new user would go through them."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from evaluation.cli.help_verbs import PAGES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/start/your-city.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|diff)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def _portal() -> ModuleType:
    spec = importlib.util.spec_from_file_location("portal", ROOT / "tests" / "portal.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as a wheel holds it, and nothing else of the repository."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "-q", "-w"),
            *(str(folder), "--no-build-isolation", "--disable-pip-version-check"),
        ],
        check=True,
        timeout=300,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def ceasefire(words: list[str], folder: Path, package: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evaluation.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        timeout=600,
    )


def corrected(text: str, edit: str) -> str:
    """A text with the removed lines of an edit, each of which is there, replaced by the added."""
    for removed, added in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)*)", edit, re.MULTILINE):
        old = re.sub(r"^-", "", removed, flags=re.MULTILINE)
        assert text.count(old) == 1, old
        text = text.replace(old, re.sub(r"^\+", "", added, flags=re.MULTILINE))
    return text


@pytest.mark.slow
def test_from_a_portals_file_to_a_checked_report(wheel: Path, tmp_path: Path) -> None:
    portal, folder, said = _portal(), tmp_path, dict[str, str]()
    for kind, text in BLOCKS:
        if kind == "diff":
            head, _, edit = text.partition("\n")
            path = folder / head.removeprefix("--- ")
            path.write_text(corrected(path.read_text(encoding="utf-8"), edit), encoding="utf-8")
            continue
        for line in text.splitlines():
            words = shlex.split(line)
            if words[0] == "cd":
                folder = folder / words[1]
                mine = folder / "data" / "mine"
                mine.mkdir()
                (mine / "shootings.csv").write_bytes(portal.text())
                (mine / "population.csv").write_text(portal.residents(), encoding="utf-8")
                (mine / "counted.csv").write_text(portal.counted(), encoding="utf-8")
                continue
            assert words[0] == "ceasefire"
            done = ceasefire(words[1:], folder, wheel)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            said[line] = done.stdout
    for line, out in said.items():
        assert out.splitlines()[-1].startswith("next: "), line
    counted = said["ceasefire panel data/mine/shootings.recipe.toml"]
    assert "30,000 rows read, 29,920 counted" in counted
    assert "my-study: reproduces" in said["ceasefire check"]
    assert (folder / "reports" / "my-study" / "index.html").is_file()
    described = (mine / "counted_ready.csv").read_text(encoding="utf-8").splitlines()
    assert described[0] == "Month,Homicides,Residents" and len(described) == 121
    given = portal.counted().splitlines()[3:123]
    for line, (month, number, residents) in zip(
        described[1:], (one.split(";") for one in given), strict=True
    ):
        year, of_year = month.split("/")[1], int(month.split("/")[0])
        assert line == f"{year}-{of_year:02d},{number},{residents.replace('.', '')}"
    # The twin: what the generator drew, counted without this package.
    rows = [row for row in portal.rows() if "2010-01" <= row[4][:7] <= "2024-10"]
    table = (mine / "shootings_by_month.csv").read_text(encoding="utf-8").splitlines()
    held = {line.split(",")[1]: line.split(",")[2:] for line in table[1:]}
    for month in ("2010-01", "2018-04", "2024-10"):
        of_month = [row for row in rows if row[4].startswith(month)]
        fatal = sum(row[12] in ("1", "Y") for row in of_month)
        residents = 1_526_000 + 4_000 * (int(month[:4]) - 2010)
        assert held[month] == [str(len(of_month)), str(fatal), str(residents)]


@pytest.mark.slow
def test_the_example_runs_from_a_wheel_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    assert ceasefire(["init", "--example", "x"], tmp_path, wheel).returncode == 0
    for verb in ("run", "report", "check"):
        done = ceasefire([verb], tmp_path / "x", wheel)
        assert done.returncode == 0, (verb, done.stdout, done.stderr)
    assert (tmp_path / "x" / "reports" / "index.html").is_file()
    # What messages name is there without the repository.
    for name in PAGES:
        assert ceasefire(["help", name], tmp_path, wheel).stdout.startswith("# "), name
