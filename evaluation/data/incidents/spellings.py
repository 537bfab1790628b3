"""The labels of one column over all files: one number for all spellings of a label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np

from evaluation.data.labels import chosen, normal, tidy

# Labels that are of no unit are remembered to be told; a column of more is one of addresses.
MOST_STRANGERS: Final = 100_000


class Spellings:
    """Labels by their normal form, and how many rows hold each spelling.

    Parameters
    ----------
    listed : labels that are known before, as their author spells them.
    """

    def __init__(self, listed: Iterable[str] = ()) -> None:
        self._listed = {normal(name): name for name in listed}
        self._codes: dict[str, int] = {form: code for code, form in enumerate(self._listed)}
        self._known: dict[str, int | None] = {}
        self.rows: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def code(self, spelling: str, new: Callable[[str], bool]) -> int | None:
        """The number of a label; None when it is not known and may not be.

        Parameters
        ----------
        new : of a spelling met for the first time that is no spelling of a known label, whether it
            is a label of its own.
        """
        if spelling in self._known:
            return self._known[spelling]
        form = normal(spelling)
        if form not in self._codes and new(spelling):
            self._codes[form] = len(self._codes)
        code = self._codes.get(form)
        if code is not None or len(self._known) < MOST_STRANGERS:
            self._known[spelling] = code
        return code

    def count(self, spellings: Sequence[str], index: np.ndarray) -> None:
        """Adds rows; `index` has the place of each row's spelling."""
        counts = np.bincount(index, minlength=len(spellings))
        for spelling, number in zip(spellings, counts.tolist(), strict=True):
            if number and spelling in self._known:
                self.rows[spelling] = self.rows.get(spelling, 0) + number

    def names(self) -> list[str]:
        """What to call each label, by its number: as listed, or as most rows spell it."""
        groups = self.groups()
        return [
            # A dictionary of Parquet may name what no row holds.
            self._listed.get(form) or (chosen(groups[code]) if groups[code] else tidy(form))
            for form, code in self._codes.items()
        ]

    def strangers(self) -> dict[str, int]:
        """The spellings of no known label, with the rows that hold them."""
        return {one: number for one, number in self.rows.items() if self._known[one] is None}

    def groups(self) -> list[dict[str, int]]:
        """The spellings of each label with the rows that hold them, by its number."""
        groups: list[dict[str, int]] = [{} for _ in self._codes]
        for spelling, number in self.rows.items():
            code = self._known[spelling]
            if code is not None:
                groups[code][spelling] = number
        return groups
