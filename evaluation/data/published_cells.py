"""One row of a table of published results: its words, its numbers, and what they say together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from math import log
from statistics import NormalDist
from typing import Final, get_args

from evaluation.data.panel import Family
from evaluation.data.told_table import Numbers, Texts
from evaluation.data.toml_places import did_you_mean

# Designs with their rank, 1 the strongest: chance, then a comparison chosen to be alike, then any
# comparison, then the program's own past alone (the order of the Maryland scale).
DESIGNS: Final[Mapping[str, int | None]] = {
    "randomized": 1,
    "synthetic control": 2,
    "matched comparison": 2,
    "interrupted time series with comparison": 3,
    "comparison": 3,
    "interrupted time series": 4,
    "before and after": 5,
    "not certain": None,
}
UNITS: Final = ("city", "places", "groups", "people", "not certain")
FAMILIES: Final[tuple[str, ...]] = get_args(Family)
# Measures of which the log can be pooled, with the scale they share.
RATIOS: Final[Mapping[str, str]] = {
    "percent change": "log rate ratio",
    "rate ratio": "log rate ratio",
    "log rate ratio": "log rate ratio",
    "odds ratio": "log odds ratio",
    "log odds ratio": "log odds ratio",
    "hazard ratio": "log hazard ratio",
    "log hazard ratio": "log hazard ratio",
}
POINTS: Final = "percentage points"
MEASURES: Final = (*RATIOS, "difference", POINTS, "standardized difference")
SE_SOURCES: Final = ("published", "from interval", "from p", "missing")
FOUND: Final = ("fell", "rose", "no effect found", "short-lived", "unclear")
CERTAINTIES: Final = ("read in a public text", "news account", "second hand")
GOALS: Final = ("1", "2", "3")
# What a program is, as far as counts go: only the first is counted and averaged. What else was
# offered beside such a program, and programs with another idea, are shown apart.
APPROACHES: Final = ("focused deterrence", "services beside it", "another idea")
COUNTED: Final = APPROACHES[0]
# Which way is hoped for. Where a table does not say it, less of everything but of this family.
BETTER: Final = ("less", "more")
RISE_HOPED: Final = "trust"
# Whether those who evaluated had part in the program (designed it, ran it or were paid for that) or
# have ties to the strategy.
PARTS: Final = ("yes", "no", "unknown")
# What was found so many months after the start, or after people entered.
AT_MONTHS: Final = ("fell", "rose", "waning", "none", "unclear")

# Every column with what it holds, in the order a table should have them.
ABOUT: Final[Mapping[str, str]] = {
    "study": "short name of the study",
    "site": "where; results of one place are not independent",
    "goal": "which of the three goals it bears on: 1 violence, 2 participants, 3 trust",
    "program": "what was tried",
    "approach": "focused deterrence (which alone is counted), services beside it, or another idea",
    "evaluators_part": "whether the evaluators had part in the program or ties to the strategy",
    "part_why": "how that is known; may be empty when unknown",
    "years": "first and last year of the data, like 2009-2016; may be empty",
    "design": "one of the known designs",
    "unit": "what was treated: city, places, groups or people",
    "outcome": "what was measured",
    "family": "which outcomes it may be pooled with",
    "better": "less or more: which way is hoped for; by the family where it is empty",
    "measure": "in what the effect is given; may be empty without an effect",
    "effect": "as printed; may be empty",
    "standard_error": "as printed, of the log for ratios and percents; may be empty",
    "low": "lower end of the interval as printed; may be empty",
    "high": "upper end; may be empty",
    "level": "of the interval, in percent; may be empty",
    "p_value": "two-sided, as printed; may be empty",
    "se_source": "published, from interval, from p or missing",
    "found": "what the study concluded about the outcome",
    "follow_up": "what was found by month, like 6: fell; 36: none; may be empty",
    "source": "what was published",
    "read_in": "where the number was read",
    "page": "page or table; may be empty",
    "certainty": "how the number is known",
    "note": "anything else; may be empty",
}
WORDS: Final[Mapping[str, Sequence[str]]] = {
    "design": tuple(DESIGNS),
    "unit": UNITS,
    "family": FAMILIES,
    "better": BETTER,
    "measure": MEASURES,
    "se_source": SE_SOURCES,
    "found": FOUND,
    "certainty": CERTAINTIES,
    "goal": GOALS,
    "approach": APPROACHES,
    "evaluators_part": PARTS,
}
NUMBERS: Final = ("effect", "standard_error", "low", "high", "level", "p_value")
MAY_LACK: Final = ("better",)
MAY_BE_EMPTY: Final = ("part_why", "years", "measure", "follow_up", "page", "note")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")

# Half an interval over its quantile and a printed error may differ by this share: both are rounded,
# and the quantile may be one of t.
ERROR_TOLERANCE: Final = 0.15
# An effect may lie this many errors from the middle of its interval, for the same reasons.
CENTER_TOLERANCE: Final = 0.25
# A fall of more than this many times, or a rate this many times as high, is a slip of measure.
LARGEST_RATIO: Final = 10.0


def to_scale(value: float, measure: str) -> float:
    """A printed effect on the scale where it can be pooled.

    Examples
    --------
    >>> round(to_scale(-31.5, "percent change"), 4), round(to_scale(0.685, "rate ratio"), 4)
    (-0.3783, -0.3783)
    """
    if measure == "percent change":
        return log(1 + value / 100)
    if measure in RATIOS and not measure.startswith("log "):
        return log(value)
    return value


def alone(texts: Texts) -> Iterator[tuple[str, str]]:
    """What is wrong with the years, the follow-up and the part of the evaluators."""
    if texts["years"]:
        yield from _years(texts["years"])
    if texts["follow_up"]:
        yield from _follow_up(texts["follow_up"])
    if texts["evaluators_part"] in PARTS[:2] and not texts["part_why"]:
        said = texts["evaluators_part"]
        yield "part_why", f"is empty, but evaluators_part is {said!r}. Say how it is known."


def _years(text: str) -> list[tuple[str, str]]:
    match = _YEARS.fullmatch(text)
    if not match:
        return [("years", f"{text!r} are no years. Write them like 2009-2016, or 2014.")]
    if match[2] and match[2] < match[1]:
        return [("years", f"{text!r} end before they begin. Exchange them.")]
    return []


def follow_up(text: str) -> tuple[tuple[int, str], ...]:
    """The months after the start with what was found then, of a cell that was checked.

    Examples
    --------
    >>> follow_up("6: fell; 36: none")
    ((6, 'fell'), (36, 'none'))
    """
    parts = (part.partition(":") for part in text.split(";") if text)
    return tuple((int(month), found.strip()) for month, _, found in parts)


def _follow_up(text: str) -> list[tuple[str, str]]:
    """What is wrong with a cell of what was found by month."""
    form = "Write months and what was found then, in order, like 6: fell; 36: none."
    months: list[int] = []
    for part in text.split(";"):
        month, colon, found = (one.strip() for one in part.partition(":"))
        if not colon or not re.fullmatch(r"[0-9]{1,3}", month):
            return [("follow_up", f"{part.strip()!r} is no month with a finding. {form}")]
        if found not in AT_MONTHS:
            return [("follow_up", f"{found!r} is not known.{did_you_mean(found, AT_MONTHS)}")]
        months.append(int(month))
    if months != sorted(set(months)):
        return [("follow_up", f"the months {months} do not ascend. {form}")]
    return []


def together(texts: Texts, numbers: Numbers) -> list[tuple[str, str]]:
    """What is wrong between the cells of a row in which each by itself is right."""
    effect, error = numbers["effect"], numbers["standard_error"]
    if effect is None:
        return [
            (name, "is given without an effect. Write the effect as published, or remove it.")
            for name in NUMBERS
            if numbers[name] is not None
        ] + [
            ("se_source", f"is {texts['se_source']!r} without an effect. Write 'missing'.")
            for _ in range(texts["se_source"] != "missing")
        ]
    measure = texts["measure"]
    if not measure:
        return [("measure", f"is empty beside an effect. Known: {', '.join(MEASURES)}.")]
    for name in ("effect", "low", "high"):
        value = numbers[name]
        if value is not None and (message := _impossible(value, measure)):
            return [(name, message)]
    if measure == "percent change" and _looks_like_share(numbers):
        return [
            (
                "effect",
                f"is {effect:g} %, and everything in the row is below 1 %. It looks like a share "
                f"or a ratio; write percent ({100 * effect:g}), or measure 'rate ratio'.",
            )
        ]
    if error is not None and error <= 0:
        return [("standard_error", f"is {error:g}. An error is more than zero; correct it.")]
    faults = _interval(effect, measure, numbers)
    if not faults:
        faults = _source(texts["se_source"], effect, measure, numbers)
    sign = -1 if texts["found"] == "fell" else 1 if texts["found"] == "rose" else 0
    moved = effect - 1 if measure in RATIOS and measure.endswith("ratio") else effect
    if measure.startswith("log "):
        moved = effect
    if not faults and sign * moved < 0:
        word = texts["found"]
        faults.append(("found", f"is {word!r}, but the effect is {effect:g}. Correct one."))
    return faults


def _impossible(value: float, measure: str) -> str:
    """Why a number cannot be in this measure; empty when it can."""
    if measure == "percent change" and value <= -100:
        return f"is {value:g} %. Nothing falls by 100 % or more on a log scale; correct it."
    if measure in RATIOS and measure.endswith("ratio") and not measure.startswith("log "):
        if value <= 0:
            return f"is {value:g}. A ratio is more than zero; is it a percent change or a log?"
        if value > LARGEST_RATIO:
            return f"is {value:g}, {value:g} times as high. Is it a percent change?"
    if measure == POINTS and abs(value) > 100:
        return f"is {value:g} percentage points. Shares differ by 100 points at most; correct it."
    if measure.startswith("log ") and abs(value) > log(LARGEST_RATIO):
        return f"is {value:g} on a log scale. Is it a percent change?"
    return ""


def _looks_like_share(numbers: Numbers) -> bool:
    given = [numbers[name] for name in ("effect", "low", "high")]
    return all(value is None or abs(value) < 1 for value in given) and numbers["effect"] != 0


def _interval(effect: float, measure: str, numbers: Numbers) -> list[tuple[str, str]]:
    low, high, level = numbers["low"], numbers["high"], numbers["level"]
    if low is None and high is None:
        if level is not None:
            return [("level", "is given without an interval. Remove it, or write the interval.")]
        return []
    if low is None or high is None:
        name = "low" if low is None else "high"
        return [(name, "is empty, but the other end of the interval is given. Write both.")]
    if level is None:
        return [("level", "is empty beside an interval. Write its level in percent, like 95.")]
    if 0 < level < 1:
        return [("level", f"is {level:g}. Write it in percent: {100 * level:g}.")]
    if not 50 <= level < 100:
        return [("level", f"is {level:g} %. It must be from 50 to below 100.")]
    if low >= high:
        return [("low", f"is {low:g}, not below high, {high:g}. Exchange or correct them.")]
    if not low <= effect <= high:
        return [
            ("effect", f"is {effect:g}, outside its interval, {low:g} to {high:g}. Correct it.")
        ]
    middle, half = _middle(low, high, measure)
    implied = half / NormalDist().inv_cdf(0.5 + level / 200)
    error = numbers["standard_error"]
    if error is not None and abs(error / implied - 1) > ERROR_TOLERANCE:
        return [
            (
                "standard_error",
                f"is {error:g}, but an interval of {low:g} to {high:g} at {level:g} % implies "
                f"{implied:.3g} on the scale of the {RATIOS.get(measure, measure)}. Correct one.",
            )
        ]
    if abs(to_scale(effect, measure) - middle) > CENTER_TOLERANCE * implied:
        return [
            (
                "effect",
                f"is {effect:g}, far from the middle of its interval, {low:g} to {high:g}, on the "
                f"scale of the {RATIOS.get(measure, measure)}. Correct one.",
            )
        ]
    return []


def _source(source: str, effect: float, measure: str, numbers: Numbers) -> list[tuple[str, str]]:
    """Whether `se_source` is what the row holds."""
    error, low, p_value = numbers["standard_error"], numbers["low"], numbers["p_value"]
    if p_value is not None and not 0 < p_value <= 1:
        return [("p_value", f"is {p_value:g}. It must be above 0 and at most 1.")]
    if source == "published" and error is None:
        return [("standard_error", "is empty, but se_source is 'published'. Write it.")]
    if source != "published" and error is not None:
        return [("se_source", f"is {source!r} beside a printed error. Write 'published'.")]
    if source == "from interval" and low is None:
        return [("low", "is empty, but se_source is 'from interval'. Write the interval.")]
    if source == "from p":
        if p_value is None:
            return [("p_value", "is empty, but se_source is 'from p'. Write it.")]
        if p_value == 1 or to_scale(effect, measure) == 0:
            return [("p_value", "says nothing about the error of an effect of nought.")]
    if source == "missing" and low is not None:
        return [("se_source", "is 'missing' beside an interval. Write 'from interval'.")]
    if source == "missing" and p_value is not None:
        return [("se_source", "is 'missing' beside a p value. Write 'from p'.")]
    return []


def _middle(low: float, high: float, measure: str) -> tuple[float, float]:
    """Middle and half width of an interval on the scale of its measure."""
    a, b = to_scale(low, measure), to_scale(high, measure)
    return (a + b) / 2, (b - a) / 2
