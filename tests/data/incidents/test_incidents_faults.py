"""Each way of spoiling a good recipe or a good file gives its own fault, at its exact place."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data.incidents import files
from evaluation.data.incidents.build import build_panel
from evaluation.errors import EnvironmentFault, EvaluationError

Project = Callable[..., Path]
Refused = Callable[..., EvaluationError]

# In the recipe: what is replaced by what, the place of the first fault, a word of its message.
RECIPES = [
    ('period = "month"', 'period = "mnth"', "panel.toml:2:1", "Did you mean 'month'?"),
    ('period = "month"', 'period = "hour"', "panel.toml:2:1", "'hour' is not known"),
    ('period = "month"', 'period = "day"', "panel.toml:22:1", 'counted: period is "day"'),
    ('reported = "told"', 'reportd = "told"', "panel.toml:11:1", "Did you mean 'reported'?"),
    ('licence = "CC0"\n', "", "panel.toml", "licence: is missing"),
    ("[time]", "[time", "panel.toml:13:6", "not valid TOML"),
    ("America/Los_Angeles", "America/Los_Angelos", "panel.toml:14:1", "'America/Los_Angeles'"),
    ('naive = "local"', 'naive = "locally"', "panel.toml:15:1", "Did you mean 'local'?"),
    ('"local"', '"local"\nformats = ["%d.%m.%y"]', "panel.toml:16:1", "of two centuries"),
    ('"local"', '"local"\nformats = ["%H:%M"]', "panel.toml:16:1", "must hold a year"),
    ('"local"', '"local"\nformats = ["%Y-%m-%d %Q"]', "panel.toml:16:1", "%Q"),
    ('"local"', '"local"\nformats = ["%Y-%m-%d %I:%M"]', "panel.toml:16:1", "both %I and %p"),
    (
        '"local"',
        '"local"\nformats = ["%m/%d/%Y", "%d/%m/%Y"]',
        "panel.toml:16:1",
        "read one text as two days",
    ),
    ('which = "found"', 'which = "fond"', "panel.toml:19:1", "must be"),
    ('which = "found"', 'which = "all"', "panel.toml:19:1", "needs polygons"),
    ('which = "found"', 'which = ["A", "A"]', "panel.toml:19:1", "twice"),
    ('column = "beat"', 'longitude = "x"', "panel.toml:17:1", "Points need"),
    ('column = "beat"', 'column = "beat"\nlabel = "month"', "panel.toml:19:1", "Give a label"),
    ("[outcomes.homicides]", "[outcomes.beat]", "panel.toml:21:1", "Rename the outcome"),
    ("where.offense", "where.offence", "raw/a.csv:1", "Did you mean 'offense'?"),
    ('["HOMICIDE"]', '["HOMICIDES"]', "panel.toml:23:1", "Did you mean 'HOMICIDE'?"),
    ('["HOMICIDE"]', '["HOMIСIDE"]', "panel.toml:23:1", "Did you mean 'HOMICIDE'?"),
    ('["HOMICIDE"]', "[]", "panel.toml:23:1", "must not be empty"),
    ('first = "2012-01"', 'first = "2012-13"', "panel.toml:26:1", "must be 1 to 12"),
    ('last = "2012-03"', 'last = "2011-03"', "panel.toml:27:1", "before first"),
    ('last = "2012-03"', 'last = "2012-Q1"', "panel.toml:27:1", "the frequency is month"),
    ('keep = "first reported"', 'keep = "newest"', "panel.toml:30:1", "is not known"),
    ('keep = "first reported"', 'keep = "last updated"', "panel.toml:30:1", "column updated"),
    ('keep = "first reported"', 'keep = "all"', "panel.toml:30:1", "Leave out id"),
    ('id = "case"\n', "", "panel.toml:29:1", "needs the column id"),
    ('reported = "told"\n', "", "panel.toml:29:1", "needs the column reported"),
    ('files = ["raw"]', 'files = ["rau"]', "panel.toml:8:1", "Did you mean 'raw'?"),
    ('files = ["raw"]', 'files = ["../raw"]', "panel.toml:8:1", "leads out"),
    ('files = ["raw"]', 'files = ["/etc/passwd"]', "panel.toml:8:1", "leads out"),
    ('files = ["raw"]', 'files = ["raw/../../x"]', "panel.toml:8:1", "leads out"),
    ('files = ["raw"]', 'files = ["*.parquet"]', "panel.toml:8:1", "matches no file"),
    ('name = "Homicides by beat"', 'name = "x"\noutput = "../x.csv"', "panel.toml:2:1", "folders"),
    ('name = "Homicides by beat"', 'name = "x"\noutput = "x.xlsx"', "panel.toml:2:1", "neither"),
]


@pytest.mark.parametrize(("old", "new", "place", "says"), RECIPES)
def test_recipe_is_refused(
    project: Project, refused: Refused, recipe: str, old: str, new: str, place: str, says: str
) -> None:
    assert old in recipe
    fault = refused(project(recipe.replace(old, new)))
    assert str(fault).startswith(f"{place}: "), fault
    assert says in str(fault)
    assert fault.exit_code == 2


# In line 2 the cells start at 1, 3, 20, 31, 33, 42 and 46.
CELLS = [
    (2, "2012-01-05 10:00", "2012-01-32", "raw/a.csv:2:3", "'2012-01-32' is no time like"),
    (2, "2012-01-05 10:00", "01/05/2012", "raw/a.csv:2:3", "give time.formats"),
    (2, "2012-01-05 10:00", "2012-01-05 24:00", "raw/a.csv:2:3", "is no time"),
    (2, "2012-01-05 10:00", "2012-01-05 10:00 PM", "raw/a.csv:2:3", "is no time"),
    (2, "2012-01-05 10:00", "infinity", "raw/a.csv:2:3", "is no time"),
    (2, "2012-01-05 10:00", "0001-01-05", "raw/a.csv:2:3", "is no time"),
    (2, "2012-01-05 10:00", "41000", "raw/a.csv:2:3", "is no time"),
    (2, "2012-01-05 10:00", '"2012-01-05, ten"', "raw/a.csv:2:3", "is no time"),
    (2, "2012-01-06", "soon", "raw/a.csv:2:20", "told 'soon'"),
    (3, "2,2012", ",2012", "raw/a.csv:3:1", "case is blank"),
    (3, ",B,HOMICIDE", ",HOMICIDE", "raw/a.csv:3", "has 6 cells, the header has 7"),
    (3, ",B,", ",B,C,", "raw/a.csv:3", "has 8 cells"),
    (3, ",B,", ',B"b",', "raw/a.csv:3:32", "a quote stands inside a cell"),
    (3, ",B,", ',"B,', "raw/a.csv:3", "never closes"),
    (3, ",B,", ',"B"b,', "raw/a.csv:3:33", "a quote stands inside a cell"),
    (3, ",B,", ",B\0,", "raw/a.csv:3:32", "NUL"),
    (1, "when", "wen", "raw/a.csv:1", "Did you mean 'wen'?"),
    (1, "latitude", "beat", "raw/a.csv:1", "'beat' is there twice"),
    (1, ",", ";", "raw/a.csv:1:5", "divided by semicolons"),
]


@pytest.mark.parametrize(("number", "old", "new", "place", "says"), CELLS)
def test_row_is_refused(
    project: Project,
    refused: Refused,
    lines: tuple[str, ...],
    number: int,
    old: str,
    new: str,
    place: str,
    says: str,
) -> None:
    spoiled = list(lines)
    assert old in spoiled[number - 1]
    count = -1 if new == ";" else 1
    spoiled[number - 1] = spoiled[number - 1].replace(old, new, count)
    fault = refused(project(lines=tuple(spoiled)))
    assert str(fault).startswith(f"{place}: "), fault
    assert says in str(fault)
    assert fault.exit_code == 2


def test_lines_are_counted_over_blank_lines_and_quoted_ends(
    project: Project, refused: Refused, lines: tuple[str, ...]
) -> None:
    row = '9,2012-01-05,2012-01-06,A,"x\nx",0,0'
    spoiled = (*lines[:2], "", row, "too,few", "", row.replace("2012-01-05", "never"))
    fault = refused(project(lines=spoiled))
    assert [(one.line, one.column) for one in fault.faults] == [(6, None), (8, 3)]


def test_first_faults_are_named_and_the_others_numbered(
    project: Project, refused: Refused, lines: tuple[str, ...]
) -> None:
    spoiled = (lines[0], *[f"{k},never,2012-01-06,A,HOMICIDE,0,0" for k in range(100)], lines[1])
    fault = refused(project(lines=spoiled))
    assert [one.line for one in fault.faults] == [*range(2, 22), None]
    assert "and 80 more rows" in str(fault)


def test_faults_are_counted_when_the_recipe_says_so(
    project: Project, recipe: str, lines: tuple[str, ...]
) -> None:
    spoiled = (*lines, "5,never,2012-01-06,A,HOMICIDE,0,0", "6,2012-01-01", "7,2012-01-01,x,A,x,,")
    path = project('on_fault = "count"\n' + recipe, spoiled)
    built = build_panel(path)
    assert (built.read, built.kept, built.dropped["unreadable"]) == (7, 3, 3)


def test_private_cells_are_not_shown(
    project: Project, refused: Refused, recipe: str, lines: tuple[str, ...]
) -> None:
    private = recipe.replace('"synthetic"', '"private"')
    fault = refused(project(private, (*lines, "5,Jane Doe,2012-01-06,A,HOMICIDE,0,0")))
    assert "raw/a.csv:6:3: when is no time" in str(fault)
    assert "Jane" not in str(fault)
    fault = refused(project(private.replace("HOMICIDE", "KILLING"), lines))
    assert "HOMICIDE" not in str(fault)


def test_ids_that_differ_are_refused_with_both_lines(
    project: Project, refused: Refused, recipe: str
) -> None:
    fault = refused(project(recipe.replace("first reported", "refuse")))
    assert str(fault).startswith("raw/a.csv:5: differs from raw/a.csv:4, which has the same case")


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "a.csv", "raw/a.csv:1: is empty"),
        ("case".encode("utf-16"), "a.csv", "UTF-16"),
        (b"PK\x03\x04", "a.csv", "is a zip archive"),
        (gzip.compress(b"case,when\n", mtime=0), "a.csv", "is gzip, no text"),
        (b"case,when\n", "a.csv.gz", "cannot be decompressed"),
        (gzip.compress(b"case,when\n" * 999, mtime=0)[:-9], "a.csv.gz", "cannot be decompressed"),
        (b"PAR1", "a.csv", "ending .parquet"),
        (b"case,when\n", "a.parquet", "cannot be read as Parquet"),
        (b"PK", "a.zip", "no file ends in"),
    ],
)
def test_file_of_another_kind_is_refused(
    project: Project, refused: Refused, content: bytes, name: str, says: str
) -> None:
    assert says in str(refused(project(lines=content, name=name)))


def test_text_that_is_not_utf8_is_named_by_line_and_column(
    project: Project, refused: Refused, lines: tuple[str, ...]
) -> None:
    content = "\n".join(lines).replace(",A,", ",é,").encode("latin-1")
    assert str(refused(project(lines=content))).startswith("raw/a.csv:2:31: is not UTF-8")


def test_gzip_bomb_is_stopped(
    project: Project, refused: Refused, lines: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SMALL", 1 << 20)
    bomb = gzip.compress(("\n".join(lines) + "\n" + lines[1] + "\n" * (1 << 23)).encode(), 9)
    assert "grows more than 200 times" in str(refused(project(lines=bomb, name="a.csv.gz")))


def test_parquet_that_grows_too_far_is_stopped(
    project: Project, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow
    from pyarrow import parquet

    path = project(lines=b"", name="a.parquet")
    names = ("case", "when", "told", "beat", "offense")
    table = pyarrow.table({name: ["x" * 1_000] * 5_000 for name in names})
    parquet.write_table(
        table, path.parent / "raw" / "a.parquet", use_dictionary=False, compression="zstd"
    )
    monkeypatch.setattr(files, "SMALL", 1 << 20)
    assert "grows more than 200 times" in str(refused(path))


def test_row_without_end_is_refused(
    project: Project, refused: Refused, lines: tuple[str, ...]
) -> None:
    content = ("\n".join(lines) + "\n" + "9" * (9 << 20)).encode()
    assert "longer than 4 MiB" in str(refused(project(lines=content)))


def test_link_out_of_the_folder_is_refused(
    project: Project, refused: Refused, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "b.csv"
    outside.write_text("case\n1\n", encoding="utf-8")
    path = project()
    (path.parent / "raw" / "b.csv").symlink_to(outside)
    assert "link out of the recipe's folder" in str(refused(path))


def test_what_the_panel_overwrites_is_no_source(project: Project, refused: Refused) -> None:
    path = project()
    text = path.read_text(encoding="utf-8").replace('["raw"]', '["*.csv", "raw"]')
    path.write_text(text, encoding="utf-8")
    (path.parent / "panel.csv").write_text("case\n1\n", encoding="utf-8")
    assert "is what the panel is written to" in str(refused(path))


def test_table_of_someone_else_is_not_overwritten(project: Project, refused: Refused) -> None:
    path = project()
    (path.parent / "panel.csv").write_text("mine\n", encoding="utf-8")
    assert "was not written by this command" in str(refused(path))


def test_same_bytes_twice_are_refused(
    project: Project, refused: Refused, lines: tuple[str, ...]
) -> None:
    project(lines=lines, name="b.csv")
    assert "raw/b.csv: is the same as raw/a.csv" in str(refused(project()))


def test_recipe_nested_too_deeply_is_refused(project: Project, refused: Refused) -> None:
    fault = refused(project("name = " + "[" * 20_000 + "]" * 20_000))
    assert "nested too deeply" in str(fault)


def test_nothing_left_says_why(project: Project, refused: Refused, recipe: str) -> None:
    fault = refused(project(recipe.replace("2012", "2019")))
    assert "no incident is left" in str(fault)
    assert "outside the coverage" in str(fault)


def test_no_folder_for_spilling_is_a_fault(project: Project, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="--temporary"):
        build_panel(project(), temporary=tmp_path / "none")
