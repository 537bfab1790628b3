"""Faults of one table, gathered as they are found and told in the order of the file.

Counts of people as a sentence may tell them: never fewer than 10, nor all but so few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from evaluation.errors import Fault

# A column of wrong numbers is one mistake; its first rows show it.
SHOWN_OF_A_KIND = 20

# (line of a record, index of a cell) -> (line, column) where that cell starts, from 1.
Place = Callable[[int, int], tuple[int, int | None]]


class Findings:
    """The faults of one table; of a kind in a column the first 20, then how many more.

    Parameters
    ----------
    file : how messages name the table. place : where a cell starts.
    """

    def __init__(self, file: str, place: Place) -> None:
        self.file = file
        self._place = place
        self._faults: list[Fault] = []
        self._counts = Counter[tuple[str, str]]()
        self._next: dict[tuple[str, str], tuple[int, int | None]] = {}

    def add(
        self,
        kind: str,
        line: int,
        message: str,
        *,
        cell: int | None = None,
        character: int | None = None,
        column: str = "",
    ) -> None:
        """Note one fault.

        Parameters
        ----------
        kind, column : faults alike in both are shortened to the first 20.
        line : where the record starts. cell : index of the cell that is meant, or `character` :
            column of the character that is; with neither, the whole line is.
        """
        self._counts[kind, column] += 1
        count = self._counts[kind, column]
        if count > SHOWN_OF_A_KIND + 1:
            return
        where = (line, character) if cell is None else self._place(line, cell)
        if count > SHOWN_OF_A_KIND:
            self._next[kind, column] = where
        else:
            self._faults.append(Fault(self.file, *where, message))

    def faults(self) -> list[Fault]:
        """All faults, in the order of the file."""
        more = [
            Fault(self.file, *where, f"{self._more(key)} like those before, from here on.")
            for key, where in self._next.items()
        ]
        return sorted(
            [*self._faults, *more], key=lambda fault: (fault.line or 0, fault.column or 0)
        )

    def _more(self, key: tuple[str, str]) -> str:
        kind, column = key
        about = f"{kind} in {column!r}" if column else kind
        return f"and {self._counts[key] - SHOWN_OF_A_KIND} more ({about})"


SMALLEST = 10
# Shares are told in steps of so many.
STEP = 5
FEW = f"fewer than {SMALLEST}"


def words_of(count: int) -> str:
    """A count of people as a sentence may tell it.

    Examples
    --------
    >>> words_of(1200), words_of(9)
    ('1,200', 'fewer than 10')
    """
    return f"{count:,}" if count >= SMALLEST else FEW


def share_of(percent: float, people: int) -> str:
    """A share of so many people in whole percents, so that it tells neither of few nor of all but
    few of them.

    Examples
    --------
    >>> share_of(30.2, 1200), share_of(0.4, 1200), share_of(99.6, 1200), share_of(100, 1200)
    ('30 %', 'under 1 %', 'over 99 %', '100 %')
    """
    edge = 100 * SMALLEST // people + 1
    if percent * people < 100 * SMALLEST:
        return f"under {edge} %"
    if 0 < round((100 - percent) * people, 6) < 100 * SMALLEST:
        return f"over {max(100 - edge, 0)} %"
    # Five people at least, where a percent is fewer.
    step = max(-(-100 * STEP // people), 1)
    return f"{min(step * round(percent / step), 100)} %"
