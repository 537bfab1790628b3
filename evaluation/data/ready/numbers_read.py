"""Numbers as people write them: thousands parted, decimals after a point or a comma.

`1,234` is a thousand in one file and one and a bit in another, so a column is read as a whole, and
what cannot be told is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from evaluation.data.ready.form import blank

Style = Literal["point", "comma"]
# What parts thousands beside points and commas, in one cell of either style.
_SPACES: Final = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'’](?=\d{3}(?!\d))")
_SIGN: Final = str.maketrans({"\u2212": "-"})
_PLAIN: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_OF_STYLE: Final[dict[Style, re.Pattern[str]]] = {
    "point": re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d+)?"),
    "comma": re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d*)?([eE][+-]?\d+)?"),
}
# Three digits after one mark: thousands or decimals.
_EITHER: Final = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")
# A column whose first different texts hold no number is none of numbers.
_LOOKED: Final = 500
# A column is one of numbers when so many of its cells are; the others are then faults of it.
ENOUGH: Final = 0.8


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers.

    Parameters
    ----------
    texts : (n,) as the reader of tables takes them, "" where there is none. odd : indices of cells
    that are no numbers. either : indices of cells of which nothing tells whether a mark parts
    thousands. style : "" where the cells show none. rewritten : how many were written otherwise.
    """

    texts: tuple[str, ...]
    odd: tuple[int, ...]
    either: tuple[int, ...]
    style: Style | Literal[""]
    rewritten: int


def read_numbers(cells: Sequence[str], *, usual: Style | Literal[""] = "") -> Numbers | None:
    """The numbers of a column; None when most of its cells are none.

    Parameters
    ----------
    usual : how the other columns of the file write numbers, where they show it.

    Examples
    --------
    >>> read_numbers(["1,234", "12", "1,000,000"]).texts
    ('1234', '12', '1000000')
    >>> read_numbers(["12,5", "1.234,0"]).texts
    ('12.5', '1234.0')
    >>> read_numbers(["1.234", "5"]).either
    (0,)
    """
    # Each text once: a column has far fewer of them than rows.
    times = Counter(cells)
    bared = {cell: "" if blank(cell) else _SPACES.sub("", cell.translate(_SIGN)) for cell in times}
    held = sum(number for cell, number in times.items() if bared[cell])
    some = [text for text in list(bared.values())[:_LOOKED] if text]
    if not held or not any(_fits(text, style) for text in some for style in _OF_STYLE):
        return None
    fitting = {
        style: {text for text in set(bared.values()) if text and _fits(text, style)}
        for style in _OF_STYLE
    }
    fit = {
        style: sum(number for cell, number in times.items() if bared[cell] in known)
        for style, known in fitting.items()
    }
    shown: Style | Literal[""] = ""
    for style, other in (("point", "comma"), ("comma", "point")):
        if fit[style] > fit[other]:  # type: ignore[index]
            shown = style  # type: ignore[assignment]
    chosen: Style = shown or usual or "point"
    if fit[chosen] < ENOUGH * held:
        return None
    # With the style of the column or the file known, nothing is open.
    open_ones = not (shown or usual)
    texts, odd, either = [], [], []
    for n, cell in enumerate(cells):
        text = bared[cell]
        fits = text in fitting[chosen]
        if text and not fits:
            odd.append(n)
        elif open_ones and _EITHER.fullmatch(text):
            either.append(n)
        texts.append(_plain(text, chosen) if fits else text)
    rewritten = sum(new != old for new, old in zip(texts, cells, strict=True))
    return Numbers(tuple(texts), tuple(odd), tuple(either), shown, rewritten)


def _fits(text: str, style: Style) -> bool:
    return any(char.isdigit() for char in text) and bool(_OF_STYLE[style].fullmatch(text))


def _plain(text: str, style: Style) -> str:
    mark = "," if style == "point" else "."
    text = text.replace(mark, "")
    return text if style == "point" else text.replace(",", ".")


def whole(texts: Sequence[str]) -> bool:
    """Whether all numbers of a column are whole; "" is none."""
    return all(float(text).is_integer() for text in texts if text)
