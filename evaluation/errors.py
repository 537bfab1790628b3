"""What can be the user's fault, each with the exit code of the command line.

Anything that is not one of these is a bug, and shows its traceback.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.fact import Fact, as_told


def plain(text: str) -> str:
    """The text as a terminal may show it: what is not printable, line ends apart, is escaped.

    A cell or the name of a file can hold the characters that move a cursor, color a terminal or
    turn the direction of writing. They are shown as JSON writes them, so that JSON stays JSON.

    Examples
    --------
    >>> plain("a\\x1b[31mb")
    'a\\\\u001b[31mb'
    """
    if text.isprintable():
        return text
    return "".join(
        char if char == "\n" or char.isprintable() else json.dumps(char)[1:-1] for char in text
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place in a file that a person wrote.

    Parameters
    ----------
    file : path as the user gave it, or relative to the project.
    line, column : counted from 1; column None when the whole line is meant, line None when the
        whole file is.
    message : what is wrong, and what to do.
    """

    file: str
    line: int | None
    column: int | None
    message: str

    def __str__(self) -> str:
        file = plain(self.file).replace("\n", "\\n")
        place = ":".join(str(part) for part in (file, self.line, self.column) if part)
        return f"{place}: {plain(self.message)}"


class EvaluationError(Exception):
    """Base of the faults a user can mend. `exit_code` is what the command line returns.

    Parameters
    ----------
    message : what is wrong: a fact (what an estimator refuses), places in files, or words.
    """

    exit_code = 2

    def __init__(self, message: Fact | str | Fault | Sequence[Fault]) -> None:
        if isinstance(message, Fault):
            message = [message]
        self.faults: tuple[Fault, ...] = () if isinstance(message, (str, Fact)) else tuple(message)
        self._message = message
        super().__init__(message)

    @property
    def fact(self) -> Fact:
        """What is wrong as a fact; words of a person stay words."""
        return self._message if isinstance(self._message, Fact) else as_told(str(self))

    def __str__(self) -> str:
        if isinstance(self._message, (str, Fact)):
            return plain(str(self._message))
        return "\n".join(str(fault) for fault in self.faults)


class DataError(EvaluationError):
    """A dataset, or the file that describes it, cannot be used as it is. Exit code 2."""


class PlanError(EvaluationError):
    """A plan cannot be used as it is. Exit code 2."""


class FitError(EvaluationError):
    """A model could not be estimated honestly; the message says why. Exit code 3."""

    exit_code = 3


class EnvironmentFault(EvaluationError):
    """Something the program needs from the machine is missing. Exit code 4."""

    exit_code = 4
