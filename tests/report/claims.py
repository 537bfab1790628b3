"""What a sentence claims in numbers, read back with its sign, in English and in Spanish.

Written from how the sentences read, not from how they are made, so that a wrong sign shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = r"\d[\d,]*(?:\.\d+)?"
DOWN = {"below", "por debajo"}
UP = {"above", "por encima"}
SIDE = "|".join(sorted(DOWN | UP))
# "less than 0.1%" is at most that.
LESS = r"(?:less than |menos de )?"
_RANGE = re.compile(rf"{LESS}({NUMBER})% (?:to|y) {LESS}({NUMBER})% ({SIDE})\b")
_ONE = re.compile(rf"{LESS}({NUMBER})% ({SIDE})\b")
# "Shootings came out 26% below what was expected (range 12% to 38%), which is better."
_MOVED = re.compile(
    rf"(?:came out|quedó) {LESS}(?P<size>{NUMBER})% (?P<side>{SIDE}) [^(]*"
    rf"\((?:range |rango: de ){LESS}(?P<near>{NUMBER})% (?:to|a) {LESS}(?P<far>{NUMBER})%\)"
)


@dataclass(frozen=True)
class Claims:
    """percents : signed, as written, with the digits after the point. left : numbers in the
    sentence that are none of these."""

    percents: tuple[tuple[float, int], ...]
    left: tuple[str, ...]


def claims(sentence: str) -> Claims:
    """The numbers that a sentence claims about an effect."""
    percents: list[tuple[float, int]] = []
    rest = sentence
    moved = _MOVED.search(rest)
    if moved:
        up = moved["side"] in UP
        percents += [_signed(moved[name], up) for name in ("size", "near", "far")]
        rest = rest.replace(moved[0], "")
    for found in _RANGE.finditer(rest):
        percents += [_signed(found[number], found[3] in UP) for number in (1, 2)]
    rest = _RANGE.sub("", rest)
    percents += [_signed(found[1], found[2] in UP) for found in _ONE.finditer(rest)]
    rest = _ONE.sub("", rest)
    return Claims(tuple(percents), tuple(re.findall(NUMBER, rest)))


# What shows that a slot was left empty, or filled with no words.
_UNSOUND = re.compile(
    r"\.[.»]\.|\.\.|; ?[,;.]|, ?[,;.]|\(\s*\)|\(\s|\s\)|  |\s[.,;:]|: ?[.,;:]|[{}]|"
    r"\b(?:None|nan|inf|NaN)\b|0\.000|[-−]0(?:\.0+)?%"
)


def marks(text: str) -> list[str]:
    """Empty slots, doubled marks, and words that are none."""
    return _UNSOUND.findall(text)


def unsound(sentence: str) -> list[str]:
    """The same of a sentence, which also ends as one."""
    found = marks(sentence)
    return found if sentence.endswith((".", "!", "?", ":")) else [*found, sentence[-9:]]


def rounds(value: float, claimed: tuple[float, int]) -> bool:
    """Whether the claimed number is the value rounded as written, on its side of nought."""
    written, digits = claimed
    # Less than 0.1% is written as 0.1%, and is nothing that would read so by itself.
    tiny = abs(written) == 0.1 and 0 < abs(value) < 0.05
    return (tiny or abs(value - written) <= 0.5 * 10**-digits + 1e-9) and value * written >= 0


def _signed(text: str, up: bool) -> tuple[float, int]:
    value = float(text.replace(",", ""))
    return (value if up else -value, len(text.partition(".")[2]))
