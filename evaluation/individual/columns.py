"""Columns of people as they are given, each checked, with the first person at fault named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.data import one_per_row
from evaluation.data.findings import and_more, words_of
from evaluation.errors import DataError


@dataclass(frozen=True, slots=True)
class Columns:
    """What is said of the same people, in the order of `rows`; ids name them in messages."""

    rows: one_per_row.Rows
    ids: tuple[str, ...]

    def column(self, name: str, values: np.ndarray) -> np.ndarray:
        """The column, when it has one value a person."""
        if values.shape != (len(self.ids),):
            raise DataError(
                f"{name} must have one value a person; {words_of(len(self.ids))} people are there"
            )
        return values

    def numbers(
        self,
        name: str,
        values: Any,
        *,
        finite: bool = True,
        missing: bool = False,
        days: bool = False,
    ) -> np.ndarray:
        """(n,) numbers; without missing ones unless `missing`, infinite ones unless not `finite`;
        of dates the day since 1970 with `days`."""
        placed = self.rows.placed(name, values)
        array = self.column(name, one_per_row.numbers(name, placed, days=days))
        bad = np.isinf(array) if finite else np.zeros(len(array), dtype=bool)
        self.refuse(
            bad | (~np.bool_(missing) & np.isnan(array)),
            f"{name} is missing or infinite; fill it in by a rule of the plan, or leave it out",
        )
        return array

    def flags(self, name: str, values: Any) -> np.ndarray:
        """(n,) bool, from 0 and 1 or True and False."""
        array = self.column(name, one_per_row.flags(name, self.rows.placed(name, values)))
        self.refuse(~np.isin(array, (0.0, 1.0)), f"{name} must be 0 or 1")
        return np.asarray(array == 1)

    def groups(self, name: str, values: Any) -> np.ndarray:
        """(n,) numbers from 0, the same for the same label."""
        text, gone = one_per_row.labels(name, self.rows.placed(name, values))
        self.column(name, text)
        one_per_row.one_spelling(name, text)
        self.refuse(gone, f"{name} is missing; give everyone one, or leave the person out")
        return np.unique(text.astype(str), return_inverse=True)[1]

    def table(self, name: str, values: Any) -> np.ndarray:
        """(n, k) numbers, NaN for what is missing."""
        array = one_per_row.table(name, self.rows.placed(name, values))
        if np.ndim(values) != 2 or len(array) != len(self.ids):
            raise DataError(f"{name} must have a row a person and a column a window")
        return array

    def refuse(self, bad: np.ndarray, message: str) -> None:
        """Nothing, unless somebody is at fault.

        Raises
        ------
        DataError : with the first person and how many more, where they are not few.
        """
        if bad.any():
            more = and_more(int(bad.sum()) - 1)
            raise DataError(f"of person {self.ids[int(np.argmax(bad))]!r}{more} {message}")


def names_of(given: Any, rows: one_per_row.Rows) -> tuple[str, ...]:
    """The name of each person, 1, 2, ... by default.

    Raises
    ------
    DataError : when they are not one a person, one is missing, or one is there twice.
    """
    if given is None:
        return tuple(str(i) for i in range(1, rows.n + 1))
    text, gone = one_per_row.labels("ids", rows.placed("ids", given))
    if len(text) != rows.n:
        raise DataError(f"there are {words_of(len(text))} ids for {words_of(rows.n)} people")
    if gone.any():
        raise DataError(f"ids: row {int(np.argmax(gone)) + 1} has none; name everyone")
    seen: set[str] = set()
    for name in text.tolist():
        if name in seen:
            raise DataError(f"person {name!r} is there twice; keep one row a person")
        seen.add(name)
    return tuple(text.tolist())
