from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data import period
from evaluation.data.description import (
    Description,
    description_path,
    how_to_obtain,
    read_description,
)
from evaluation.data.read import read_panel
from evaluation.errors import DataError

Read = Callable[[str], Description]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(text: str) -> Description:
        path = tmp_path / "d.toml"
        path.write_text(text, encoding="utf-8")
        return read_description(path, "d.toml", "cities.csv")

    return reading


def single_unit(description: str) -> str:
    """The description of a table whose rows are all of Oakland."""
    text = description.replace('[columns.city]\nrole = "unit"\ntype = "text"\n\n', "")
    return text.replace('key = ["city", "month"]', 'unit = "Oakland"\nkey = ["month"]')


def test_columns_keep_their_order_and_labels_default_to_the_name(
    read: Read, description: str
) -> None:
    text = description.replace("[columns.shootings]", "[columns.gun_homicides]")
    columns = read(text).columns
    assert [column.name for column in columns] == [
        "city",
        "month",
        "gun_homicides",
        "population",
        "ceasefire",
        "unemployment",
    ]
    assert columns[2].label == "gun homicides"
    assert columns[2].measure == "victims a month"


def test_a_constant_unit_stands_for_a_unit_column(read: Read, description: str) -> None:
    found = read(single_unit(description))
    assert found.unit == "Oakland"
    assert found.role("unit") is None


def test_coverage_is_read_as_ordinals_and_its_ends_are_optional(
    read: Read, description: str
) -> None:
    found = read(description + "\n[coverage.Oakland]\nfirst = 2012-01-01\n[coverage.Fresno]\n")
    assert found.coverage == {
        "Oakland": (period.ordinal("2012-01", "month"), None),
        "Fresno": (None, None),
    }


@pytest.mark.parametrize(
    ("frequency", "written", "holds"),
    [
        ("month", '"2015-02"', "2015-02"),
        ("month", "2015-02-14", "2015-02"),
        ("quarter", '"2015-05-14"', "2015-Q2"),
        ("quarter", '"2015-Q4"', "2015-Q4"),
        ("year", "2015", "2015"),
        ("year", "2015-12-31", "2015"),
    ],
)
def test_a_recording_change_is_dated_by_the_period_that_holds_it(
    read: Read, description: str, frequency: str, written: str, holds: str
) -> None:
    text = description.replace('"month"\nkey', f'"{frequency}"\nkey')
    found = read(f'{text}\n[[recording_changes]]\ndate = {written}\nwhat = "New forms"\n')
    assert [change.date for change in found.recording_changes] == [holds]


# name, change of the good description, places of all faults, a word the first message holds
MALFORMED = [
    ("misspelt frequency", ('"month"\nkey', '"monht"\nkey'), ["2:1"], "Did you mean 'month'?"),
    ("unknown key", ("licence =", "license ="), ["", "5:1"], "licence: is missing"),
    ("missing source", ('source = "Invented for a test"\n', ""), [""], "source: is missing"),
    ("empty name", ('"Shootings in two cities"', '""'), ["1:1"], "must not be empty"),
    ("number for text", ('"CC0"', "0"), ["5:1"], "must be text in quotes"),
    ("unknown sensitivity", ('"synthetic"', '"secret"'), ["6:1"], "Known: synthetic"),
    ("misspelt role", ('"outcome"', '"outcom"'), ["17:1"], "Did you mean 'outcome'?"),
    ("misspelt type", ('"flag"', '"flagg"'), ["28:1"], "Did you mean 'flag'?"),
    ("outcome that is text", ('type = "count"', 'type = "text"'), ["18:1"], "count or number"),
    ("treatment that is a count", ('"flag"', '"count"'), ["28:1"], "is flag"),
    (
        "two period columns",
        ('"covariate"\ntype = "number"', '"period"\ntype = "period"'),
        ["31:1"],
        "'month' has the role period already",
    ),
    ("no outcome", ('role = "outcome"', 'role = "covariate"'), [""], "role outcome"),
    (
        "no unit",
        ('role = "unit"\ntype = "text"', 'role = "covariate"\ntype = "flag"'),
        [""],
        'unit = "Oakland"',
    ),
    ("unit twice over", ("key = [", 'unit = "Oakland"\nkey = ['), ["3:1"], "Remove one"),
    ("two exposures", ('"covariate"', '"exposure"'), ["31:1"], "Only one may"),
    ("outcome without measure", ('measure = "victims a month"\n', ""), ["16:1"], "is missing"),
    ("key not a list", ('key = ["city", "month"]', 'key = "city"'), ["3:1"], "must be a list"),
    ("empty key", ('["city", "month"]', "[]"), ["3:1"], "must not be empty"),
    ("key of an unknown column", ('["city",', '["citty",'), ["3:1"], "Did you mean 'city'?"),
    ("key without the unit", ('["city", "month"]', '["month"]'), ["3:1"], '["city", "month"]'),
    ("key that repeats", ('"month"]', '"month", "city"]'), ["3:1"], "2 times"),
    ("other file", ("frequency", 'file = "towns.csv"\nfrequency'), ["2:1"], "cities.dataset.toml"),
    ("no columns", None, [""], "columns: is missing"),
]


@pytest.mark.parametrize(
    ("change", "places", "says"),
    [case[1:] for case in MALFORMED],
    ids=[case[0] for case in MALFORMED],
)
def test_a_malformed_description_is_refused_at_its_place(
    read: Read,
    description: str,
    change: tuple[str, str] | None,
    places: list[str],
    says: str,
) -> None:
    if change is None:
        text = description[: description.index("[columns.city]")]
    else:
        assert change[0] in description
        text = description.replace(change[0], change[1], 1)
    with pytest.raises(DataError) as caught:
        read(text)
    faults = caught.value.faults
    shown = [f"{fault.line}:{fault.column}" if fault.line else "" for fault in faults]
    assert shown == places
    assert says in faults[0].message


# text added after the good description of 33 lines, places of all faults, a word of the first
ADDED = [
    ("[coverage.Oakland]\nfirst = '2012-Q1'", ["35:1"], "is a quarter, but"),
    ("[coverage.Oakland]\nfirst = '2012-05'\nlast = '2012-04'", ["36:1"], "before first"),
    ("[coverage.Oakland]\nfirts = '2012-05'", ["35:1"], "Did you mean 'first'?"),
    ("[coverage]\nOakland = 3", ["35:1"], "must be a table"),
    ("[[recording_changes]]\ndate = 'spring'\nwhat = 'x'", ["35:1"], "or as a day like"),
    ("[[recording_changes]]\ndate = '2012-02-30'\nwhat = 'x'", ["35:1"], "is not a day of"),
    ("[[recording_changes]]\ndate = '2012-02'\nwhat = ''", ["36:1"], "must not be empty"),
    (
        "[[recording_changes]]\ndate = '2012-02'\nwhat = 'x'\ncolumn = 'shooting'",
        ["37:1"],
        "Did you mean 'shootings'?",
    ),
    (
        "[coverage.Oakland]\n[[recording_changes]]\ndate = '2012-02'\nwhat = 'x'\nunit = 'Oaklnd'",
        ["38:1"],
        "Did you mean 'Oakland'?",
    ),
]


@pytest.mark.parametrize(("added", "places", "says"), ADDED)
def test_malformed_coverage_and_changes_are_refused_at_their_place(
    read: Read, description: str, added: str, places: list[str], says: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(f"{description}{added}\n")
    faults = caught.value.faults
    assert [f"{fault.line}:{fault.column}" for fault in faults] == places
    assert says in faults[0].message


def test_coverage_of_another_unit_than_the_only_one_is_refused(
    read: Read, description: str
) -> None:
    with pytest.raises(DataError, match=r"coverage\.Fresno: the only unit is 'Oakland'"):
        read(single_unit(description) + "[coverage.Fresno]\n")


def test_a_wrong_key_does_not_hide_a_wrong_meaning(read: Read, description: str) -> None:
    text = description.replace("licence", "license").replace('"month"]', '"mont"]')
    with pytest.raises(DataError) as caught:
        read(text)
    shown = str(caught.value)
    assert "license: is not known" in shown
    assert "Did you mean 'month'?" in shown


def test_own_description_goes_before_that_of_the_folder(tmp_path: Path) -> None:
    table = tmp_path / "cities.csv"
    (tmp_path / "dataset.toml").touch()
    assert description_path(table, "cities.csv").name == "dataset.toml"
    (tmp_path / "cities.dataset.toml").touch()
    assert description_path(table, "cities.csv").name == "cities.dataset.toml"


def test_a_table_that_nothing_describes_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(
        DataError,
        match=r"^cities\.csv: .*`ceasefire data --new cities\.csv` writes cities\.dataset\.toml",
    ):
        description_path(tmp_path / "cities.csv", "cities.csv")


OBTAIN = 'obtain = """\nAsk the police\n  department."""\n'


def test_how_to_obtain_a_table_that_is_not_here_is_one_line(
    tmp_path: Path, description: str, read: Read
) -> None:
    beside = tmp_path / "cities.dataset.toml"
    beside.write_text(OBTAIN + description, encoding="utf-8")
    assert how_to_obtain(tmp_path / "cities.csv", read_description) == "Ask the police department."
    assert read(OBTAIN + description).obtain == "Ask the police department."
    with pytest.raises(DataError, match=r"cities\.csv: is not here\. Ask the police department\.$"):
        read_panel(tmp_path / "cities.csv")
    beside.write_text(description, encoding="utf-8")
    assert how_to_obtain(tmp_path / "cities.csv", read_description) is None
    with pytest.raises(DataError, match="no such file"):
        read_panel(tmp_path / "cities.csv")


def test_how_to_obtain_is_not_taken_from_what_describes_another_table(
    tmp_path: Path, description: str
) -> None:
    beside = tmp_path / "dataset.toml"
    beside.write_text(OBTAIN + description, encoding="utf-8")
    assert how_to_obtain(tmp_path / "towns.csv", read_description) is None
    beside.write_text('file = "cities.csv"\n' + OBTAIN + description, encoding="utf-8")
    assert how_to_obtain(tmp_path / "towns.csv", read_description) is None
    assert how_to_obtain(tmp_path / "cities.csv", read_description) == "Ask the police department."


def test_a_description_with_faults_says_nothing_about_obtaining(
    tmp_path: Path, description: str
) -> None:
    text = (OBTAIN + description).replace('"month"', '"fortnight"', 1)
    (tmp_path / "cities.dataset.toml").write_text(text, encoding="utf-8")
    assert how_to_obtain(tmp_path / "cities.csv", read_description) is None
