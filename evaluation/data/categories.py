"""Categories of people as columns of 0 and 1, one of them the base.

The base is the first that the description lists, else the most common. Categories with few people
on a side of the comparison are one, "other", with the next smallest where they are few even
together: no weight can be made of them, and neither their number nor their name may be told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.data.counted import SMALLEST
from evaluation.errors import DataError
from evaluation.fact import fact

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Categories:
    """One column of text as flags.

    Parameters
    ----------
    columns : (n,) 0 and 1 by "name: category", without the base. base : what that is called.
    """

    columns: Mapping[str, np.ndarray]
    base: str


def categories(
    name: str, text: np.ndarray, treated: np.ndarray, levels: Sequence[str] = ()
) -> Categories:
    """The flags of a column of text.

    Parameters
    ----------
    name : how sentences call the column. text : (n,) "" where empty. treated : (n,) bool. levels :
        the categories as a description lists them, the first of them the base.

    Raises
    ------
    DataError : for an empty cell, or fewer than two categories that are not rare.

    Examples
    --------
    >>> side = np.arange(40) % 2 == 0
    >>> found = categories("race", np.array(["b", "a", "a", "b"] * 10), side)
    >>> found.base, list(found.columns)
    ('race: a', ['race: b'])
    """
    if (text == "").any():
        raise DataError(fact("categories.empty", name=name))
    there = [one for one in levels if one in text] or sorted(set(text.tolist()))
    by_size = sorted(there, key=lambda one: _least(text == one, treated))
    small = sum(_least(text == one, treated) < SMALLEST for one in there)
    while 0 < small < len(there) and _least(np.isin(text, by_size[:small]), treated) < SMALLEST:
        small += 1
    rare = np.isin(text, by_size[:small])
    # A category that is called so already takes the rare ones in.
    shown = np.where(rare, OTHER, text)
    kept = [one for one in there if one not in (*by_size[:small], OTHER)]
    kept += [OTHER] if (shown == OTHER).any() else []
    if len(kept) < 2:
        raise DataError(fact("categories.one", name=name, least=SMALLEST))
    named = [one for one in kept if one != OTHER]
    # Of as many people the first.
    base = named[0] if levels else max(named, key=lambda one: int((shown == one).sum()))
    columns = {f"{name}: {one}": (shown == one).astype(float) for one in kept if one != base}
    return Categories(columns, f"{name}: {base}")


def _least(flag: np.ndarray, treated: np.ndarray) -> int:
    """The people of a category on the side on which they are fewer."""
    return min(int((flag & side).sum()) for side in (treated, ~treated))
