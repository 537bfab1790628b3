"""What is written, from what it may be made, and what stays when it cannot be."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data.incidents.build import build_panel
from evaluation.data.read import check_dataset, read_panel
from evaluation.errors import DataError, EnvironmentFault
from tests.data.incidents.drawn import outputs

Project = Callable[..., Path]


@pytest.mark.parametrize("frequency", ["month", "quarter", "year"])
@pytest.mark.parametrize("output", ["panel.csv", "panel.parquet"])
def test_what_is_written_is_a_dataset(
    project: Project, recipe: str, frequency: str, output: str
) -> None:
    ends = {
        "month": ("2012-01", "2012-03"),
        "quarter": ("2012-Q1", "2012-Q2"),
        "year": (2012, 2013),
    }
    first, last = ends[frequency]
    text = recipe.replace('"month"', f'"{frequency}"\noutput = "{output}"')
    text = text.replace("a month", f"a {frequency}")
    text = text.replace('"2012-01"', f'"{first}"').replace('"2012-03"', f'"{last}"')
    text += '[[recording_changes]]\ndate = 2012-02-10\nwhat = "new forms"\ncolumn = "homicides"\n'
    path = project(text)
    build_panel(path)
    assert "Homicides by beat" in check_dataset(path.with_name(output))
    found = read_panel(path.with_name(output))
    assert found.units == ("A", "B")
    assert found.values["homicides"].sum() == 3
    assert found.recording_changes[0].what == "new forms"


def test_american_times_are_read_by_a_format(project: Project, recipe: str) -> None:
    text = recipe.replace('"local"', '"local"\nformats = ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y"]')
    path = project(
        text,
        (
            "case,when,told,beat,offense",
            "1,01/31/2012 11:59:59 PM,02/01/2012,A,HOMICIDE",
            "2,02/01/2012 12:00:00 AM,02/01/2012,A,HOMICIDE",
            "3,03/02/2012,03/02/2012,A,HOMICIDE",
        ),
    )
    build_panel(path)
    assert read_panel(path.with_name("panel.csv")).values["homicides"].tolist() == [[1, 1, 1]]


def test_last_months_without_all_their_reports_are_cut(project: Project, recipe: str) -> None:
    late = "[late]\ndays = 30\nextracted = 2012-03-30\n"
    path = project(recipe + late)
    built = build_panel(path)
    # 30 March less 30 days is 29 February: that month, and no later one, has its reports.
    assert built.periods == ("2012-01", "2012-02")
    assert "the last month whose reports are complete after 30 days" in " ".join(built.notes)
    path.write_text(recipe + late.replace("03-30", "03-29"), encoding="utf-8")
    assert build_panel(path).periods == ("2012-01", "2012-01")
    path.write_text(recipe + late + 'edge = "refuse"\n', encoding="utf-8")
    with pytest.raises(DataError, match="complete until 2012-02 only"):
        build_panel(path)


def test_names_of_units_are_data_and_nothing_else(project: Project, recipe: str) -> None:
    names = ["'; DROP TABLE rows; --", '=HYPERLINK("http://x")', "@SUM(A1)", "$zone", "<b>x</b>"]
    rows = [f'{k},2012-01-05,2012-01-06,"{n}",HOMICIDE' for k, n in enumerate(names)]
    quoted = [row.replace('HYPERLINK("http://x")', 'HYPERLINK(""http://x"")') for row in rows]
    path = project(recipe, ("case,when,told,beat,offense", *quoted))
    built = build_panel(path)
    assert read_panel(path.with_name("panel.csv")).units == tuple(sorted(names))
    assert any("formula" in note for note in built.notes)


def test_files_named_by_the_user_may_be_anywhere(
    project: Project, lines: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "x.csv").write_text("\n".join(lines[:2]), encoding="utf-8")
    (folder / "readme.md").write_text("not a table", encoding="utf-8")
    path = project()
    built = build_panel(path, sources=[folder])
    assert built.read == 1
    account = json.loads(path.with_name("panel.panel.json").read_text(encoding="utf-8"))
    assert [source["file"] for source in account["sources"]] == ["x.csv"]
    assert account["not_read"] == ["readme.md"]
    assert str(folder) not in json.dumps(account)


def test_interrupt_leaves_what_was_there(project: Project, recipe: str, tmp_path: Path) -> None:
    path = project()
    build_panel(path)
    before = outputs(path)
    path.write_text(recipe.replace("Homicides", "Other"), encoding="utf-8")
    spilled = tmp_path / "spilled"
    spilled.mkdir()

    def interrupt(file: str, rows: int) -> None:
        assert (file, rows) == ("raw/a.csv", 4)
        assert list(spilled.iterdir())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_panel(path, temporary=spilled, progress=interrupt)
    assert outputs(path) == before
    assert list(spilled.iterdir()) == []
    assert not [one for one in path.parent.iterdir() if one.name.startswith(".")]


def test_refused_result_leaves_what_was_there(
    project: Project, recipe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evaluation.data import read

    path = project()
    build_panel(path)
    before = outputs(path)
    path.write_text(recipe.replace("Homicides", "Other"), encoding="utf-8")

    def refuse(path: Path, root: Path | None = None) -> str:
        assert path.with_name("panel.dataset.toml").exists()
        raise DataError("no")

    monkeypatch.setattr(read, "check_dataset", refuse)
    with pytest.raises(DataError, match="no"):
        build_panel(path)
    assert outputs(path) == before
    assert not [one for one in path.parent.iterdir() if one.name.startswith(".")]


def test_folder_that_may_not_be_written_to_is_a_fault(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evaluation.data.incidents import write

    def full(*names: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    path = project()
    monkeypatch.setattr(write, "_write", full)
    with pytest.raises(EnvironmentFault, match=r"panel.csv: could not be written \(No space left"):
        build_panel(path)
    assert not [one for one in path.parent.iterdir() if one.name.startswith((".", "panel."))][1:]


def test_too_little_memory_is_said(project: Project) -> None:
    with pytest.raises(EnvironmentFault, match="memory does not suffice"):
        build_panel(project(), memory=0.001)


PRIVATE_ROWS = (
    "case,when,told,beat,offense",
    "1,2012-01-05T09:00:00Z,2012-01-03,A,HOMICIDE",
    "2,2012-02-01T00:00:00Z,2012-02-03,a,homicide",
    "2,2012-02-07T10:00:00Z,2012-02-08,B,HOMICIDE",
    "3,2012-03-01T00:00:00Z,2012-03-03,N/A,HOMICIDE",
    "4,2012-03-07,2012-03-08,,HOMICIDE",
    "5,2012-03-07,2012-03-08,B,",
    "6,2012-03-07,2012-03-08,B,THEFT",
    "7,2012-03-07,,B,HOMICIDE",
    "8,2020-03-07,2020-03-08,B,HOMICIDE",
    "9,yesterday,2012-03-08,B,HOMICIDE",
)


@pytest.mark.parametrize("keys", ["", "[late]\ndays = 1\nextracted = 2020-04-01\n"])
@pytest.mark.parametrize("date_only", ["", "date_only = true", "date_only = false"])
@pytest.mark.parametrize(
    "rows", [PRIVATE_ROWS, PRIVATE_ROWS[:2], (*PRIVATE_ROWS[:1], PRIVATE_ROWS[9])]
)
def test_no_count_below_ten_of_private_incidents_is_told(
    project: Project, recipe: str, keys: str, date_only: str, rows: tuple[str, ...]
) -> None:
    text = recipe.replace('"synthetic"', '"private"\non_fault = "count"')
    text = text.replace('naive = "local"', f'naive = "local"\n{date_only}')
    try:
        words = "\n".join(build_panel(project(text + keys, rows)).lines())
    except DataError as fault:
        words = str(fault)
    # What is counted in periods and units is no person; nor are days, lines, keys and examples.
    words = re.sub(
        r"\d+ units?,|\d{4}-\d\d|:\d+|after 1 days|in \d+ spellings|below \d+", "", words
    )
    assert not re.findall(r"(?<!fewer than )(?<![\d,])[1-9](?![\d,])", words), words


@pytest.mark.parametrize("mark", ["ceasefire.toml", "analyses/x.md"])
@pytest.mark.parametrize("linked", ["data", "data/replication"])
def test_a_link_out_of_the_project_is_not_written_behind(
    project: Project, recipe: str, tmp_path: Path, mark: str, linked: str
) -> None:
    project(recipe)
    root, outside = tmp_path / "project", tmp_path / "mine"
    inner = outside / Path("data/replication").relative_to(linked)
    inner.mkdir(parents=True)
    shutil.copytree(tmp_path / "raw", inner / "raw")
    (inner / "panel.toml").write_text(recipe)
    (root / mark).parent.mkdir(parents=True)
    (root / mark).write_text("")
    (root / linked).parent.mkdir(parents=True, exist_ok=True)
    (root / linked).symlink_to(outside, target_is_directory=True)
    before = sorted(outside.rglob("*"))
    with pytest.raises(DataError, match=rf"^{linked}: leads out of the project"):
        build_panel(root / "data/replication/panel.toml")
    assert sorted(outside.rglob("*")) == before
    # Named where it is, it is no part of the project.
    build_panel(inner / "panel.toml")
    assert (inner / "panel.csv").is_file()


def test_a_link_that_stays_in_the_project_is_written_behind(
    project: Project, recipe: str, tmp_path: Path
) -> None:
    project(recipe)
    (tmp_path / "ceasefire.toml").write_text("")
    (tmp_path / "also").symlink_to(tmp_path, target_is_directory=True)
    build_panel(tmp_path / "also" / "panel.toml")
    assert (tmp_path / "panel.csv").is_file()
