"""A guessed description as the text that its author reads and corrects."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from evaluation.data.ready.columns import Guess, Guessed
from evaluation.errors import plain
from evaluation.fact import Fact, fact

Say = Callable[[Fact], str]
_WIDTH: Final = 94
# Of so many cells without a value the description has a line each.
_MOST: Final = 12


def table_path(path: Path, guess: Guess) -> Path:
    """The table that is described: the file itself, or the one to be written beside it."""
    return path.with_name(f"{path.stem}_ready.csv") if guess.changes else path


def description_of(path: Path) -> Path:
    """Where the description of a table goes."""
    return path.with_name(f"{path.stem}.dataset.toml")


def to_fill_in(guess: Guess) -> tuple[str, ...]:
    """Keys that no table tells, which stand empty."""
    one_place = guess.kind == "panel" and not any(one.role == "unit" for one in guess.columns)
    return ("source", "licence", *(["unit"] if one_place and not guess.unit else []))


def description_text(
    guess: Guess, table: Path, *, say: Say, place_id: str = "", sha256: str = ""
) -> str:
    """The description, with what was guessed and what looks suspicious as comments above the keys.

    Parameters
    ----------
    table : that is described. say : makes the sentence of a fact. place_id : of the project, where
        it has one. sha256 : of the file that the table was made from, when it is another.
    """
    return "\n".join(_lines(guess, table, say, place_id, sha256)) + "\n"


def _lines(guess: Guess, table: Path, say: Say, place_id: str, sha256: str) -> Iterator[str]:
    def comment(key: str, **numbers: Any) -> Iterator[str]:
        yield from _comment(say(fact(f"described.text.{key}", **numbers)))

    rows = len(guess.columns[0].cells)
    yield from comment("top", file=table.name, rows=rows)
    yield f"name = {_text(guess.form.path.stem.replace('_', ' ').strip() or table.stem)}"
    yield f"file = {_text(table.name)}"
    yield from comment(f"kind-{guess.kind}")
    if guess.kind == "panel":
        for one in guess.doubts:
            yield from _comment(f"- {say(one)}")
        yield f"frequency = {_text(guess.frequency)}"
        if not any(one.role == "unit" for one in guess.columns):
            yield f"unit = {_text(guess.unit)}"
    else:
        for one in guess.doubts:
            yield from _comment(f"- {say(one)}")
        yield f"kind = {_text(guess.kind)}"
    yield f"key = [{', '.join(map(_text, guess.key))}]"
    yield from comment("source")
    yield 'source = ""'
    yield 'licence = ""'
    yield from comment("private" if guess.private else "public")
    yield f"sensitivity = {_text('private' if guess.private else 'public')}"
    yield from comment("place")
    yield f"place = {_text(place_id)}" if place_id else '# place = "us-pa-philadelphia"'
    if guess.changes:
        made = say(fact("described.text.made", file=guess.form.path.name, sha256=sha256))
        told = [f"{made} ", *(f"{say(one)} " for one in guess.changes)]
        yield f"notes = {_text(' '.join(''.join(told).split()))}"
    yield ""
    for column in guess.columns:
        yield from _column(column, say)
    yield from _coverage(guess, comment)
    yield from _missing(guess, comment)


def _column(column: Guessed, say: Say) -> Iterator[str]:
    yield f"[columns.{_key(column.name)}]"
    for one in column.doubts:
        yield from _comment(f"- {say(one)}")
    yield f"role = {_text(column.role)}"
    yield f"type = {_text(column.type)}"
    for key, value in column.more.items():
        yield f"{key} = {json.dumps(value) if not isinstance(value, str) else _text(value)}"
    yield ""


def _coverage(guess: Guess, comment: Callable[..., Iterator[str]]) -> Iterator[str]:
    if guess.coverage:
        yield from comment("coverage")
    for unit, (first, last) in guess.coverage.items():
        yield f"[coverage.{_key(unit)}]"
        yield f"first = {_text(first)}"
        yield f"last = {_text(last)}"
        yield ""


def _missing(guess: Guess, comment: Callable[..., Iterator[str]]) -> Iterator[str]:
    if not guess.missing:
        return
    yield from comment("missing", n=len(guess.missing))
    held = groupby(sorted(guess.missing), key=lambda one: one[:2])
    for number, ((unit, when), cells) in enumerate(held):
        if number == _MOST:
            yield from comment("more-missing")
            return
        yield "# [[missing]]"
        if unit and guess.unit != unit:
            yield f"# unit = {_text(unit)}"
        yield f"# first = {_text(when)}"
        yield f"# columns = [{', '.join(_text(name) for _, _, name in cells)}]"
        yield '# why = ""'
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


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(value: str) -> str:
    """Text as a basic string of TOML."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
