from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from evaluation.data.toml_places import Located, did_you_mean, read
from evaluation.errors import DataError, PlanError

TEXT = """\
name = "x"
notes = \"\"\"
source = "not a key: inside a text"
\"\"\"
key = [
  "city",
  "month",
]
  point = { east = 1, north = 2 }

[columns.month]
role = "period"

[coverage."Oakland (synthetic)"]
first = "2012-01"

[[changes]]
what = "first"

[[changes]]
what = "second"
"""


class Point(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    east: int
    north: int


class Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    name: str
    point: Point
    size: float = 1.0


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("name",), (1, 1)),
        (("key",), (5, 1)),
        (("point",), (9, 3)),
        (("point", "north"), (9, 23)),
        (("columns", "month"), (11, 1)),
        (("columns", "month", "role"), (12, 1)),
        (("coverage", "Oakland (synthetic)", "first"), (15, 1)),
        (("changes",), (17, 1)),
        (("changes", 0, "what"), (18, 1)),
        (("changes", 1, "what"), (21, 1)),
        (("columns", "month", "absent"), (11, 1)),
        (("source",), (None, None)),
    ],
)
def test_each_key_is_found_where_it_stands(
    path: tuple[str | int, ...], place: tuple[int | None, int | None]
) -> None:
    assert Located("x.toml", TEXT, DataError).where(path) == place


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    text = 'size = "big"\nnam = "x"\npoint = { east = 1.5 }\n'
    with pytest.raises(DataError) as caught:
        Located("x.toml", text, DataError).parse(Shape)
    shown = [str(fault) for fault in caught.value.faults]
    assert shown == [
        "x.toml: name: is missing. Add it.",
        "x.toml:1:1: size: must be a number; it is 'big'.",
        "x.toml:2:1: nam: is not known here. Did you mean 'name'?",
        "x.toml:3:1: point.north: is missing. Add it.",
        "x.toml:3:11: point.east: must be a whole number; it is 1.5.",
    ]


def test_toml_that_cannot_be_read_says_where() -> None:
    with pytest.raises(PlanError, match=r"^x\.toml:2:8: not valid TOML: "):
        Located("x.toml", "a = 1\nname = oops\n", PlanError)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'name = "ok"\nplace = "Montr\xe9al"\n', "x.toml:2: is not UTF-8 text"),
        (b"\xff\xfea\x00", "x.toml:1: is not UTF-8 text"),
    ],
)
def test_a_file_in_another_encoding_is_refused_with_its_line(
    tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "x.toml").write_bytes(content)
    with pytest.raises(DataError) as caught:
        read(tmp_path / "x.toml", "x.toml", DataError)
    assert str(caught.value).startswith(says)


def test_a_file_that_is_not_there_is_an_error_of_the_kind_asked_for(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"^plan\.toml: no such file$"):
        read(tmp_path / "plan.toml", "plan.toml", PlanError)


def test_windows_line_ends_and_a_byte_order_mark_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b'\xef\xbb\xbfa = 1\r\nname = "x"\r\n')
    located = read(tmp_path / "x.toml", "x.toml", DataError)
    assert located.where(("name",)) == (2, 1)


def test_a_near_word_is_suggested_and_otherwise_all_are_listed() -> None:
    assert did_you_mean("Oaklnd", ["Oakland", "Fresno"]) == " Did you mean 'Oakland'?"
    assert did_you_mean("zzz", ["Oakland", "Fresno"]) == " Known: Oakland, Fresno."
    assert did_you_mean("zzz", []) == ""
