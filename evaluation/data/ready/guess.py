"""What a ready-made table may be: its kind, every column guessed, and what looks suspicious.

Nothing here is sure. The author reads what was guessed, corrects it, and the description says it.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final, Literal

from evaluation.data.ready.columns import Guess, Kind, columns_of
from evaluation.data.ready.form import read_form
from evaluation.data.ready.kinds import kind_of
from evaluation.data.ready.panel_guess import guess_panel
from evaluation.data.ready.people_guess import guess_people
from evaluation.errors import DataError

KINDS: Final = ("panel", "people", "survey")


def guess(path: Path, *, kind: Kind | Literal[""] = "", unit: str = "", place: str = "") -> Guess:
    """What a description of this table may be.

    Parameters
    ----------
    kind : of the table, where the user says it. unit : of a panel, the name of its one place.
        place : of the project, or "".

    Raises
    ------
    DataError : when it is no table of one of the kinds, or cells cannot be read; with places.
    """
    form = read_form(path)
    columns = columns_of(form)
    of = kind or ("panel" if unit else kind_of(columns))
    if of == "panel":
        return guess_panel(form, columns, unit=unit, place=place)
    if unit:
        raise DataError("ceasefire data --new: --unit is for a table by period. Leave it out.")
    return guess_people(form, columns, of)


def rewritten(guess: Guess) -> str:
    """The table as it is to be read, as CSV; for a guess with changes."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(one.name for one in guess.columns)
    writer.writerows(zip(*(one.cells for one in guess.columns), strict=True))
    return file.getvalue()
