"""Columns of people as they are given, each checked, with the first person at fault named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.data import counted, one_per_row
from evaluation.errors import DataError
from evaluation.fact import Fact, fact


@dataclass(frozen=True, slots=True)
class Columns:
    """What is said of the same people, in the order of `rows`; ids name them in messages."""

    rows: one_per_row.Rows
    ids: tuple[str, ...]

    def column(self, name: str, values: np.ndarray) -> np.ndarray:
        """The column, when it has one value a person."""
        if values.shape != (len(self.ids),):
            people = counted.people(len(self.ids))
            raise DataError(fact("individual.columns.length", name=name, people=people))
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
            fact("individual.columns.missing", name=name),
        )
        return array

    def flags(self, name: str, values: Any) -> np.ndarray:
        """(n,) bool, from 0 and 1 or True and False."""
        array = self.column(name, one_per_row.flags(name, self.rows.placed(name, values)))
        self.refuse(~np.isin(array, (0.0, 1.0)), fact("individual.columns.flag", name=name))
        return np.asarray(array == 1)

    def groups(self, name: str, values: Any) -> np.ndarray:
        """(n,) numbers from 0, the same for the same label."""
        text, gone = one_per_row.labels(name, self.rows.placed(name, values))
        self.column(name, text)
        one_per_row.one_spelling(name, text)
        self.refuse(gone, fact("individual.columns.no-group", name=name))
        return np.unique(text.astype(str), return_inverse=True)[1]

    def table(self, name: str, values: Any) -> np.ndarray:
        """(n, k) numbers, NaN for what is missing."""
        array = one_per_row.table(name, self.rows.placed(name, values))
        if np.ndim(values) != 2 or len(array) != len(self.ids):
            raise DataError(fact("individual.columns.windows", name=name))
        return array

    def refuse(self, bad: np.ndarray, what: Fact) -> None:
        """Nothing, unless somebody is at fault in this.

        Raises
        ------
        DataError : with the first person and how many more, where they are not few.
        """
        if bad.any():
            who, more = self.ids[int(np.argmax(bad))], counted.more(int(bad.sum()) - 1)
            raise DataError(counted.of_person(who, what, more))


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
        told: dict[str, Any] = {"ids": counted.people(len(text)), "people": counted.people(rows.n)}
        raise DataError(fact("individual.columns.ids", **told))
    if gone.any():
        raise DataError(fact("individual.columns.no-id", row=int(np.argmax(gone)) + 1))
    seen: set[str] = set()
    for name in text.tolist():
        if name in seen:
            raise DataError(fact("individual.columns.twice", who=counted.person(name)))
        seen.add(name)
    return tuple(text.tolist())
