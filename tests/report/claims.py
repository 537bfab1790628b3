"""What a sentence claims in numbers, read back with its sign, in English and in Spanish.

Written from how the sentences read, not from how they are made, so that a wrong sign shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = r"\d[\d,]*(?:\.\d+)?"
DOWN = {"fewer", "lower", "menos", "por debajo"}
UP = {"more", "higher", "más", "por encima"}
SIDE = "|".join(sorted(DOWN | UP))
_RANGE = re.compile(rf"({NUMBER})% (?:to|y) ({NUMBER})% ({SIDE})\b")
_ONE = re.compile(rf"({NUMBER})% ({SIDE})\b")
_YEARLY = re.compile(rf": (?:about|cerca de) ({NUMBER}) ({SIDE}) (?:a year|al año)")
# "Ceasefire probably reduced shootings by about 26% (range 12% to 38%)".
_MOVED = re.compile(
    rf"(?P<verb>reduced|increased|una baja|un aumento) .*?(?P<size>{NUMBER})%.*?"
    rf"\((?:range |rango: de )(?P<near>{NUMBER})% (?:to|a) (?P<far>{NUMBER})%\)"
)


@dataclass(frozen=True)
class Claims:
    """percents : signed, as written, with the digits after the point. yearly : outcomes a year,
    signed, or None. left : numbers in the sentence that are neither."""

    percents: tuple[tuple[float, int], ...]
    yearly: tuple[float, int] | None
    left: tuple[str, ...]


def claims(sentence: str) -> Claims:
    """The numbers that a sentence claims about an effect."""
    percents: list[tuple[float, int]] = []
    yearly = None
    rest = sentence
    found = _YEARLY.search(rest)
    if found:
        yearly = _signed(found[1], found[2] in UP)
        rest = rest.replace(found[0], "")
    moved = _MOVED.search(rest)
    if moved and "(best" not in moved[0] and "(mejor" not in moved[0]:
        up = moved["verb"] in ("increased", "un aumento")
        percents += [_signed(moved[name], up) for name in ("size", "near", "far")]
        rest = rest.replace(moved[0], "")
    for found in _RANGE.finditer(rest):
        percents += [_signed(found[number], found[3] in UP) for number in (1, 2)]
    rest = _RANGE.sub("", rest)
    percents += [_signed(found[1], found[2] in UP) for found in _ONE.finditer(rest)]
    rest = _ONE.sub("", rest)
    return Claims(tuple(percents), yearly, tuple(re.findall(NUMBER, rest)))


def rounds(value: float, claimed: tuple[float, int]) -> bool:
    """Whether the claimed number is the value rounded as written, on its side of nought."""
    written, digits = claimed
    return abs(value - written) <= 0.5 * 10**-digits + 1e-9 and value * written >= 0


def _signed(text: str, up: bool) -> tuple[float, int]:
    value = float(text.replace(",", ""))
    return (value if up else -value, len(text.partition(".")[2]))
