"""What the name of a category or of a column says of the crimes in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from evaluation.data.panel import Offense


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# Name of the outcome, what its category says, and what police recorded by it.
KINDS: Final[Sequence[tuple[str, re.Pattern[str], Offense | None]]] = (
    ("homicides", _words(r"homicide|murder|non.?negligent"), "murder"),
    ("shootings", _words(r"shoot|shot|gunfire"), "shooting"),
    ("robberies", _words(r"robber"), "robbery"),
    (
        "aggravated_assaults",
        _words(r"agg\w*\W+(assault|battery)|assault\W+agg"),
        "aggravated assault",
    ),
)
NOT_OF_KIND: Final = _words(r"attempt|justif|negligent manslaughter|suicide|vehicular|traffic")
# A name that says so is of a part of an offense, or of a rate of it.
_PART: Final = _words(
    r"\b(gun|firearm|youth|juvenile|gang|group|fatal|non.?fatal|rate|per|share|clear\w*|attempt\w*)\b"
)


def kind_of_crime(words: str) -> Offense | Literal[""]:
    """What police recorded by something of this name; "" where the name does not tell it.

    Examples
    --------
    >>> kind_of_crime("gun homicides"), kind_of_crime("Robbery"), kind_of_crime("calls")
    ('', 'robbery', '')
    """
    if _PART.search(words) or NOT_OF_KIND.search(words):
        return ""
    found = (offense for _, pattern, offense in KINDS if offense and pattern.search(words))
    return next(found, "")
