"""To what the numbers of few people are told: counts in fives, statistics to what five people move.

Counts first and all else from them, as ehrQL's measures have it: a risk, its differences and its
ratios follow from two rounded risks, so that no one of them tells more than the others. Sentences
that are no facts yet are read by their form: a net that goes when the last of them is a fact.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.data.counted import FEW, share_told
from evaluation.data.project import Disclosure
from evaluation.fact import Fact, fact

# Digits of what is no count, no share and no effect.
DIGITS = 2
Z = 1.959964
Range = tuple[float, float, float]
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def snapped(value: float, step: float) -> float:
    """The multiple of the step next to the value."""
    return round(value / step) * step


def nice(step: float) -> float:
    """The least 1, 2, 2.5 or 5 times a power of ten that is no finer.

    Examples
    --------
    >>> nice(0.0125), nice(0.003), nice(7)
    (0.02, 0.005, 10.0)
    """
    power: float = 10.0 ** math.floor(math.log10(step))
    times = next(one for one in _NICE if one * power >= step * (1 - 1e-9))
    return float(f"{times * power:.6g}")


def coarse(value: float, digits: int = DIGITS) -> float:
    """The number with so many digits."""
    return float(f"{value:.{digits}g}")


def count(people: int, rule: Disclosure) -> int | Fact:
    """How many people, in steps; or that they are few.

    Examples
    --------
    >>> count(1142, Disclosure()), str(count(3, Disclosure()))
    (1140, 'fewer than 10')
    """
    if people < rule.fewest:
        return fewer(rule)
    return max(rule.step * round(people / rule.step), rule.fewest)


def fewer(rule: Disclosure) -> Fact:
    """ "fewer than 10"."""
    return fact("release.fewer", fewest=rule.fewest)


@dataclass(frozen=True, slots=True)
class Grid:
    """The steps in which statistics of so many people are told.

    Parameters
    ----------
    step : people, of counts. side : people on the smallest side compared.
    """

    step: int
    side: int

    @classmethod
    def of(cls, sides: Sequence[int], rule: Disclosure) -> Grid:
        """That of people in these groups."""
        return cls(rule.step, max(min(sides, default=1), 1))

    def among(self, people: int, whole: int) -> Grid:
        """That of a part of the people, each side as much smaller."""
        return Grid(self.step, max(round(self.side * min(people / whole, 1.0)), 1))

    @property
    def unit(self) -> float:
        """The step of a share, and of a mean of 0 and 1."""
        return min(self.step / self.side, 1.0)

    def difference(self, std_error: float) -> float:
        """The step of a mean or a difference: what so many people move it by, at least as many as
        have or lack an event, and the usual ones (std_error over the root of n) otherwise."""
        usual = self.step * std_error / self.side**0.5
        # Of what is 0 or 1 for somebody, 10 with and 10 without, the error is larger than this.
        return float(max(self.unit, usual) if 2 * std_error >= self.unit else usual)

    def ratio(self, std_error: float) -> float:
        """The step of the log of a ratio: its squared error is one over the events."""
        return nice(self.step * max(std_error / self.side**0.5, std_error**2))

    def error(self, std_error: float, events: float) -> float:
        """A standard error, in steps of a part of itself, so that it does not tell the events."""
        part = min(max(self.step / (2 * max(events, 1.0)), 0.01), 0.5)
        if not std_error > 0:
            return std_error
        return float(math.exp(snapped(math.log(std_error), part)))


def p_of(estimate: float, std_error: float, df: float | None) -> float:
    """The two-sided p of an estimate by t(df), or by the normal where df is None."""
    from scipy.special import ndtr, stdtr

    size = -abs(estimate) / std_error
    return float(2 * (ndtr(size) if df is None else stdtr(df, size)))


def told_p(p_value: float) -> float:
    """A p in steps of which one is .05: it is a function of an estimate and its error.

    Examples
    --------
    >>> told_p(0.000690756), told_p(0.0443), told_p(0.0512), told_p(0.857556)
    (0.001, 0.04, 0.05, 0.9)
    """
    if p_value < 0.01:
        return 0.001 if p_value <= 0.001 else 0.005 if p_value <= 0.005 else 0.009
    step = 0.01 if p_value < 0.1 else 0.1
    # Down below .05 and up above it, so that a test stays what it was.
    part = p_value / step
    return float(f"{(math.floor(part) if p_value < 0.05 else round(part)) * step:.2g}")


def told_range(
    exact: Range,
    center: float | None,
    grid: Grid,
    events: float,
    log: bool = False,
    expected: tuple[float, float] = (1.0, 1.0),
) -> Range:
    """A range of its own: its middle in steps (or as it is known), its two sides in parts of
    themselves; it leaves out nought exactly when the exact one does.

    Parameters
    ----------
    exact : estimate, low, high. center : its middle, or None. expected : what its error follows
        from, exact and as told; only how far it is from that is kept.
    """
    estimate, low, high = exact
    sides = (estimate - low, high - estimate)
    error = max((sides[0] + sides[1]) / 2 / Z, 0.0)
    if not error > 0:
        same = coarse(estimate) if center is None else center
        return same, same - sides[0], same + sides[1]
    if center is None:
        step = grid.ratio(error) if log else nice(grid.step * error / grid.side**0.5)
        center = snapped(estimate, step)
    lower, upper = (
        grid.error(max(side, 0.0) / expected[0], events) * expected[1] for side in sides
    )
    ends = [center - lower, center + upper]
    sure = low > 0 or high < 0
    near = 0 if estimate > 0 else 1
    inside = ends[0] <= 0 <= ends[1]
    if sure and inside:
        ends[near] = 0.01 * center or math.copysign(1e-3 * error, estimate)
    elif not sure and not inside:
        ends[0 if center > 0 else 1] = -0.01 * center
    return center, ends[0], ends[1]


class Seen:
    """What each exact number became, so that it is told as the same wherever it stands."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def add(self, exact: float, told: float) -> None:
        """Remembers a number, and the same in percent and the other way round."""
        for times in (1.0, -1.0, 100.0, -100.0):
            if coarse(exact) != exact:
                self._told.setdefault(f"{times * exact:.6g}", times * told)

    def of(self, exact: float) -> float | None:
        """What it became, or None."""
        return self._told.get(f"{exact:.6g}")

    @property
    def numbers(self) -> Mapping[str, float]:
        """Every number by its exact digits."""
        return self._told


_PEOPLE = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+) "
    r"(?=(?:of (?:the )?[\d,]+ )?(?:[a-z-]+ ){0,2}"
    r"(?:people|persons?|respondents|residents|pairs|others|participants|"
    r"treated and [\d,]+ untreated people)\b)"
)
_OF_THEM = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+) (?=of them\b)")
_SHARE = re.compile(
    r"(?<!under )(?<!over )(?<![\d.,])(\d+) % of (?=(?:the )?(treated|untreated|others))"
)
# A name as messages write it, in quotes of either kind, with what follows of how many more.
_WHOM = re.compile(
    r"([Oo]f )?\b[Pp]erson (?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?: \(and of [^)]* more\))?"
)
_RESPONDENT = re.compile(r"\b([Rr])espondent \d[\d,]*")
_DECIMAL = re.compile(r"(?<![\d.,])[-+]?\d[\d,]*\.(\d+)(?= (?:among|points|each)\b)")


def safe_words(
    text: str, wholes: Sequence[int] = (), rule: Disclosure | None = None, seen: Seen | None = None
) -> str:
    """A sentence without counts of few people, other counts in steps, nobody named, and numbers
    that are told elsewhere as they are told there.

    Parameters
    ----------
    wholes : of people all, the treated and the others, in this order; then whole percents of a
        side that tell of few become "under".
    """
    rules = rule or Disclosure()

    def share(match: re.Match[str]) -> str:
        if len(wholes) != 3 or not (whole := wholes[1 if match[2] == "treated" else 2]):
            return match[0]
        # The percent was rounded: as few as there may be, and as few others.
        percent = int(match[1])
        if (percent - 0.5) * whole / 100 < rules.fewest:
            return f"{share_told(0, whole)} of "
        rest = (99.5 - percent) * whole / 100
        return (
            match[0] if percent == 100 or rest >= rules.fewest else f"{share_told(99.9, whole)} of "
        )

    def told(match: re.Match[str]) -> str:
        people = count(int(match[1].replace(",", "")), rules)
        comma = "," if "," in match[1] or (isinstance(people, int) and people > 9999) else ""
        return f"{people:{comma}} " if isinstance(people, int) else f"{people} "

    def known(match: re.Match[str]) -> str:
        return match[0] if seen is None else _decimal(match[0], len(match[1]), seen)

    text = text.replace(FEW, str(fewer(rules)))
    text = _WHOM.sub(lambda match: "of somebody" if match[1] else "somebody", text)
    text = _RESPONDENT.sub(lambda match: f"a {match[1].lower()}espondent", text)
    text = _OF_THEM.sub(told, _PEOPLE.sub(told, text))
    return _SHARE.sub(share, _DECIMAL.sub(known, text))


def _decimal(written: str, digits: int, seen: Seen) -> str:
    """A number with decimals as it is told elsewhere, where one that is told rounds to it."""
    value = float(written.replace(",", ""))
    found = {
        f"{told:.{digits}f}"
        for exact, told in seen.numbers.items()
        if abs(float(exact) - value) <= 0.5000001 * 10.0**-digits
        and f"{float(exact):.{digits}f}" == f"{value:.{digits}f}"
    }
    if len(found) != 1 or not value:
        return written
    made = found.pop()
    return f"+{made}" if written.startswith("+") and not made.startswith("-") else made
