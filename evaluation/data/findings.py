"""Faults of one table, gathered as they are found and told in the order of the file."""

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
