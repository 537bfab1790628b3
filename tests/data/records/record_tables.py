"""Small good tables of people, answers and events, to spoil in one way at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

HEAD = """\
name = "{name}"
kind = "{kind}"
key = {key}
source = "Invented for a test"
licence = "CC0"
sensitivity = "{sensitivity}"
"""


def column(name: str, role: str, kind: str = "", **more: object) -> str:
    """`[columns.<name>]` of a description."""
    words = [f"\n[columns.{name}]", f'role = "{role}"', *([f'type = "{kind}"'] if kind else [])]
    for key, given in more.items():
        text = str(given).lower() if isinstance(given, bool) else given
        quoted = f'"{given}"' if isinstance(given, str) and not given.startswith("[") else text
        words.append(f"{key} = {quoted}")
    return "\n".join(words) + "\n"


PEOPLE_COLUMNS = (
    column("person", "person", "text")
    + column("entry", "entry", "date")
    + column("followed", "follow_up", "count")
    + column("invited", "treatment", "flag")
    + column("age", "covariate", "number")
    + column("arrest_days", "time", "count", cause="arrest_cause")
    + column("arrest_cause", "cause", "count")
    + column("first_service", "decided", "date")
    + column(
        *("jail_days", "outcome", "count"), measure="days behind bars", counts="days", missing=True
    )
    + column("weight", "weight", "number")
    + column("left", "reason", "text", levels='["end", "moved", "died"]')
)
PEOPLE = (
    HEAD.format(name="Four people", kind="people", key='["person"]', sensitivity="public")
    + 'until = "2020-12-31"\n'
    + PEOPLE_COLUMNS
)
# Of line 2, the cells start at 1, 4, 15, 19, 21, 26, 30, 32, 43, 46 and 50.
PEOPLE_LINES = (
    "person,entry,followed,invited,age,arrest_days,arrest_cause,first_service,jail_days,weight,left",
    "Q1,2018-05-15,500,1,31.5,100,1,2018-06-01,12,1.5,end",
    "Q2,2018-05-15,500,0,22,500,0,,0,1,end",
    "Q3,2019-01-10,400,1,40,400,0,,,2,moved",
    "Q4,2019-01-10,300,0,35,300,2,,5,1,died",
)

SURVEY_COLUMNS = (
    column("person", "person", "text")
    + column("wave", "wave", "period")
    + column("area", "stratum", "text")
    + column("block", "cluster", "text")
    + column("program", "treatment", "flag")
    + column("weight", "weight", "number")
    + column("race", "trait", "text", missing=True)
    + column("trusts", "item", low=1, high=5, scale="trust", label="I trust the police")
    + column("bias", "item", low=1, high=5, scale="trust", reverse=True)
)
SURVEY = (
    HEAD.format(name="Trust", kind="survey", key='["person", "wave"]', sensitivity="public")
    + SURVEY_COLUMNS
)
# Of line 2, the cells start at 1, 4, 9, 14, 17, 19, 23, 29 and 31.
SURVEY_LINES = (
    "person,wave,area,block,program,weight,race,trusts,bias",
    "R1,2012,West,B1,1,1.5,Black,4,2",
    "R2,2012,West,B2,1,2.5,White,3,",
    "R3,2012,East,B3,0,1.0,,2,5",
    "R4,2012,East,B4,0,3.0,White,,1",
    "R5,2016,West,B1,1,1.5,Black,5,1",
    "R6,2016,West,B2,1,2.5,White,4,2",
    "R7,2016,East,B3,0,1.0,Black,2,4",
    "R8,2016,East,B4,0,3.0,White,1,3",
)

EVENTS = (
    HEAD.format(
        name="Events", kind="events", key='["person", "day", "event"]', sensitivity="public"
    )
    + 'people = "people.csv"\n'
    + column("person", "person", "text")
    + column("day", "time", "count")
    + column("event", "event", "text")
)
EVENT_LINES = ("person,day,event", "Q1,100,arrest", "Q1,140,conviction", "Q4,299,arrest")

# kind: description and lines
TABLES = {
    "people": (PEOPLE, PEOPLE_LINES),
    "survey": (SURVEY, SURVEY_LINES),
    "events": (EVENTS, EVENT_LINES),
}


def write(folder: Path, kind: str, description: str, content: bytes) -> Path:
    """A table and its description in a folder; of events, also the good people beside them."""
    path = folder / f"{kind}.csv"
    path.write_bytes(content)
    path.with_name(f"{kind}.dataset.toml").write_text(description, encoding="utf-8")
    if kind == "events":
        write(folder, "people", PEOPLE, joined(PEOPLE_LINES))
    return path


def joined(lines: tuple[str, ...] | list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


Spoil = Callable[[list[str]], list[str]]


def cell(line: int, index: int, text: str) -> Spoil:
    """Another text in one cell; lines from 1, cells from 0."""

    def spoiled(lines: list[str]) -> list[str]:
        cells = lines[line - 1].split(",")
        cells[index] = text
        return [*lines[: line - 1], ",".join(cells), *lines[line:]]

    return spoiled


def everywhere(index: int, text: str) -> Spoil:
    """Another text in one cell of every row."""

    def spoiled(lines: list[str]) -> list[str]:
        for line in range(2, len(lines) + 1):
            lines = cell(line, index, text)(lines)
        return lines

    return spoiled
