"""What a plan says of programs before anyone is treated: which count, and what an end means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from evaluation.data.located import did_you_mean
from evaluation.errors import DataError

Level = Literal["city", "part", "small"]
Counted = Literal["adopter", "partial"]
Dated = Literal["month", "year", "uncertain"]
Ends = Literal["absorbing", "cut", "as written"]
Earlier = Literal["pass over", "leave out"]
Controls = Literal["all", "searched"]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a plan says of programs before anyone is treated.

    Parameters
    ----------
    level : the narrowest program that treats a city: one for the city, for a part of it, or small.
    roles : "adopter" for those that are certain, also "partial" for the others.
    dates : how well the first month has to be known.
    ends : "absorbing" takes a city as treated from its first start on, whatever became of the
        program (intention to treat; ends are poorly known). "cut" ends the city's series with its
        first program. "as written" takes it as treated only while a program ran.
    washout : periods after an end in which nobody can say whether the city is treated; only with
        "as written".
    earlier : of a program that does not count and came before the one that does, inside the window.
        "pass over" names it and goes on; "leave out" leaves the city out, since its first program
        says what the city is.
    controls : "all" with no sign of a program, or only those that were "searched" for one.
    """

    level: Level = "city"
    roles: tuple[Counted, ...] = ("adopter",)
    dates: tuple[Dated, ...] = ("month", "year", "uncertain")
    ends: Ends = "absorbing"
    washout: int = 0
    earlier: Earlier = "pass over"
    controls: Controls = "all"

    def __post_init__(self) -> None:
        for name, known in (
            ("level", Level),
            ("ends", Ends),
            ("earlier", Earlier),
            ("controls", Controls),
        ):
            _refuse_unknown(name, getattr(self, name), get_args(known))
        for name, known in (("roles", Counted), ("dates", Dated)):
            words = getattr(self, name)
            if isinstance(words, str) or not words:
                raise DataError(f"adoption: {name} must be a list of one or more words")
            for word in words:
                _refuse_unknown(name, word, get_args(known))
        if isinstance(self.washout, bool) or not isinstance(self.washout, int) or self.washout < 0:
            raise DataError(f"adoption: washout must be periods, 0 or more; it is {self.washout!r}")
        if self.washout and self.ends != "as written":
            raise DataError(
                'adoption: washout is for ends = "as written", where a program can stop. Remove it.'
            )


def _refuse_unknown(name: str, word: object, known: Sequence[str]) -> None:
    if word not in known:
        raise DataError(f"adoption: {name}: {word!r} is not known.{did_you_mean(str(word), known)}")
