"""A guessed recipe as the text that its author reads and corrects."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from evaluation.data import period
from evaluation.data.incidents.guess import Guess, Outcome
from evaluation.errors import plain
from evaluation.fact import Fact, fact

ENDING: Final = ".recipe.toml"
Say = Callable[[Fact], str]
_WIDTH: Final = 94


def recipe_path(path: Path) -> Path:
    """Where the recipe of a file goes: beside it."""
    return path.with_name(f"{path.name.split('.')[0]}{ENDING}")


def panel_name(path: Path, frequency: str) -> str:
    """What the panel of that recipe is called."""
    return f"{path.name.split('.')[0]}_by_{frequency}.csv"


def to_fill_in(guess: Guess) -> tuple[str, ...]:
    """Keys that no file tells, which stand empty."""
    open_ones = {"time.zone": guess.zone, "units.unit": guess.unit}
    return ("source", "licence", *(key for key, found in open_ones.items() if not found))


def recipe_text(guess: Guess, *, say: Say, place_id: str = "") -> str:
    """The recipe, with what was guessed and what looks suspicious as comments above the keys.

    Parameters
    ----------
    say : makes the sentence of a fact. place_id : of the project, where it has one.
    """
    return "\n".join(_lines(guess, say, place_id)) + "\n"


def _lines(guess: Guess, say: Say, place_id: str) -> Iterator[str]:
    first, days, looked = guess.looked.files[0], guess.days, guess.looked
    stem, noun = first.name.split(".")[0], f"{guess.row}s"

    def comment(key: str, **numbers: Any) -> Iterator[str]:
        yield from _comment(say(fact(f"recipe.text.{key}", **numbers)))

    def doubts(table: str) -> Iterator[str]:
        for one in guess.doubts[table]:
            yield from _comment(f"- {say(one)}")

    yield from comment("top", rows=looked.rows, files=len(looked.files))
    yield f"name = {_text(stem.replace('_', ' '))}"
    yield from comment("by", frequency=guess.frequency)
    yield f"period = {_text(guess.frequency)}"
    yield from comment("source")
    yield 'source = ""'
    yield 'licence = ""'
    yield from comment("private" if guess.private else "public")
    yield f"sensitivity = {_text('private' if guess.private else 'public')}"
    yield from comment("place")
    yield f"place = {_text(place_id)}" if place_id else '# place = "us-pa-philadelphia"'
    yield f"output = {_text(panel_name(first, guess.frequency))}"
    yield ""
    yield "[incidents]"
    yield from doubts("incidents")
    folder = first.parent
    files = [path.relative_to(folder).as_posix() for path in looked.files]
    yield f"files = [{', '.join(map(_text, files))}]"
    if looked.encoding != "utf-8":
        yield f"encoding = {_text(looked.encoding)}"
    yield f"occurred = {_text(days.column)}"
    if guess.reported:
        yield f"# reported = {_text(guess.reported)}"
    yield f"row = {_text(guess.row)}"
    if guess.ids:
        yield f"id = {_list(guess.ids) if len(guess.ids) > 1 else _text(guess.ids[0])}"
    yield ""
    yield "[time]"
    yield from doubts("time")
    yield f"zone = {_text(guess.zone)}"
    yield 'naive = "local"'
    if days.formats:
        yield f"formats = {_list(days.formats)}"
    if days.zoned and days.midnight >= 0.9 * days.zoned:
        yield "date_only = true"
    yield ""
    yield "[units]"
    yield from doubts("units")
    yield f"unit = {_text(guess.unit)}"
    if guess.district:
        yield f"# column = {_text(guess.district)}"
        yield '# which = "found"'
    yield 'label = "city"'
    yield ""
    yield from comment("outcomes", noun=noun)
    yield from doubts("outcomes")
    for outcome in guess.outcomes:
        yield from _outcome(outcome, f"{noun} a {guess.frequency}", stem if _plain(stem) else noun)
    begin, end = (period.text(one, guess.frequency) for one in days.whole(guess.frequency))
    yield "[coverage]"
    yield from doubts("coverage")
    yield f"first = {_text(begin)}"
    yield f"last = {_text(end)}"
    yield ""
    yield from comment("population")
    yield from (
        "# [population]",
        '# file = "population.csv"',
        '# year = "year"',
        '# residents = "population"',
        "",
    )
    yield "[duplicates]"
    yield from comment("refuse" if guess.ids else "all")
    yield 'keep = "refuse"' if guess.ids else 'keep = "all"'


def _plain(stem: str) -> bool:
    """Whether all rows can be called what the file is named after: it is a plain word."""
    return stem.isidentifier() and stem.isascii()


def _outcome(outcome: Outcome, measure: str, of_all: str) -> Iterator[str]:
    yield f"[outcomes.{of_all if outcome.name == 'all_rows' else outcome.name}]"
    yield f"measure = {_text(measure)}"
    if outcome.offense:
        yield f"offense = {_text(outcome.offense)}"
    for column, values in outcome.where.items():
        yield f"where.{_text(column)} = {_list(values)}"
    yield ""


def _comment(words: str) -> list[str]:
    """Lines of a comment; nothing in them can end it."""
    bare = plain(words.replace("\n", " "))
    more = "  " if bare.startswith("- ") else ""
    return textwrap.wrap(
        bare,
        _WIDTH,
        initial_indent="# ",
        subsequent_indent=f"# {more}",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _text(value: str) -> str:
    """Text as a basic string of TOML."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
