"""Sentences about power, for the page and the terminal.

Money and chances as a reader says them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.report import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evaluation.study.power.power_evidence import OutcomePower, PowerEvidence


from evaluation.economics.result import Perspective
from evaluation.effect import Interval

# Beyond these shares "so many times in ten" would be rounding to never or always.
RARE, SURE = 0.05, 0.95


def times(share: float) -> str:
    """A chance as a reader says it.

    Examples
    --------
    >>> times(0.11), times(0.02), times(0.79), times(0.5), times(0.97)
    ('1 time in 10', 'less than 1 time in 20', '4 times in 5', 'half the time', 'nearly always')
    """
    if share < RARE:
        return "less than 1 time in 20"
    if share > SURE:
        return "nearly always"
    tenths = max(round(10 * share), 1)
    if tenths == 5:
        return "half the time"
    tenths = min(tenths, 9)
    if tenths in (2, 4, 6, 8):
        return f"{tenths // 2} time{'s' if tenths > 2 else ''} in 5"
    return f"{tenths} time{'s' if tenths > 1 else ''} in 10"


def what_can_be_found(outcome: OutcomePower) -> str:
    """The answer in one or two sentences: the change found four times in five, and the chance of
    the smallest change worth having."""
    way = "fall" if outcome.better == "lower" else "rise"
    if outcome.detectable is not None:
        found = (
            f"With these data a {way} in {outcome.label} of about "
            f"{words.size(outcome.detectable.estimate)} or more would be found four times in five"
        )
    else:
        largest = words.size(outcome.curve[-1].percent)
        found = (
            f"With these data not even a {way} in {outcome.label} of {largest} would be found four "
            "times in five"
        )
    point = None if outcome.worthwhile is None else outcome.at(outcome.worthwhile)
    if point is None or outcome.worthwhile is None:
        return f"{found}."
    return (
        f"{found}; a {way} of {words.planned(outcome.worthwhile)}, the smallest worth having, "
        f"would be found {times(point.power)}."
    )


def curve_title(outcome: OutcomePower) -> str:
    """What the curve shows; the title of the figure."""
    way = "fall" if outcome.better == "lower" else "rise"
    label = words.capital(outcome.label)
    if outcome.detectable is None:
        largest = words.size(outcome.curve[-1].percent)
        return f"{label}: not even a {way} of {largest} would be found four times in five"
    size = words.size(outcome.detectable.estimate)
    return f"{label}: a {way} of about {size} or more would be found four times in five"


def time_needed(outcome: OutcomePower, power: PowerEvidence) -> str:
    """How long outcomes would have to be watched to find the smallest change worth having."""
    if outcome.worthwhile is None:
        return f"How long to watch was not looked at: {outcome.needed_reason}."
    way = "fall" if outcome.better == "lower" else "rise"
    change = f"a {way} of {words.planned(outcome.worthwhile)}"
    if not outcome.after:
        return f"How long to watch for {change} was not looked at: {outcome.needed_reason}."
    if outcome.needed is None:
        last = outcome.after[-1]
        return (
            f"Finding {change} four times in five would take more than "
            f"{amount(last.periods, power)} after the start: even then it would be found "
            f"{times(last.power)}."
        )
    if outcome.needed <= outcome.after[0].periods:
        reach = f"{amount(outcome.after[0].periods, power)} or less"
    else:
        reach = f"about {amount(round(outcome.needed), power)}"
    return f"Finding {change} four times in five takes {reach} after the start."


def amount(periods: int, power: PowerEvidence) -> str:
    """So many periods in words: "87 months", "1 year"."""
    return f"{periods} {power.frequency}{'' if periods == 1 else 's'}"


def no_peeking(power: PowerEvidence) -> str:
    """What was used, and what was not."""
    if power.outcomes[0].pool:
        return (
            "No outcome of a treated unit was used. Nothing here depends on what happened to them, "
            "so it can be read before the answer is known."
        )
    return (
        f"Only outcomes before {words.period_words(power.start)} were used. Nothing here depends "
        "on what happened from the start on, so it can be read before the answer is known."
    )


def how_made(power: PowerEvidence) -> str:
    """How what was judged was made up."""
    one = power.outcomes[0]
    start, last = words.period_words(power.start), words.period_words(power.last)
    watched = f"watched until {last} ({amount(power.periods_after, power)})"
    if not one.pool:
        before = amount(one.assumed.periods, power)
        return (
            f"{power.unit}: {power.intervention} from {start}, {watched}, with {before} before. "
            "Series were made up by computer from the planned model, with the level, trend, "
            "season, dispersion and correlation of the time before the start, and given a known "
            "change."
        )
    those = "1 of them was" if one.stand_ins == 1 else f"{one.stand_ins} of them were"
    return (
        f"{power.unit}: {power.intervention} from {start}, {watched}. In each comparison that was "
        f"made up only the {one.pool} units without a program take part. At random {those} taken "
        "for treated, with the starts, ends and periods left out of those that are, and what was "
        "recorded of them from then on was changed by a known share, event by event. Gaps and "
        "sizes are their own."
    )


def limits(power: PowerEvidence) -> tuple[str, ...]:
    """What the chances cannot say."""
    last = (
        "The chance to find a change says nothing about whether there was one. It is for "
        "choosing the outcome, the places and the time to watch, before the answer is known."
    )
    if power.outcomes[0].pool:
        return (
            "Units without a program stand in for the treated. If the treated are smaller, or "
            "change more from period to period, less would be found than is said here.",
            "Fewer units are left to compare with than in the study, so slightly more may be found "
            "there. The same few units are drawn again and again, so the chances are rough.",
            last,
        )
    return (
        "Level, dispersion and correlation are estimates from the time before the start. If "
        "outcomes become rarer, or vary more, less would be found than is said here.",
        "It is taken for granted that the planned model is true. A change of recording, "
        "another program at the same time or a bend in the trend can hide a change or feign "
        "one, and no number of simulated series shows that.",
        last,
    )


def simulation_error(outcome: OutcomePower) -> str:
    """How far simulation alone may be off."""
    most = max(point.error for point in outcome.curve)
    made = "comparisons were made up" if outcome.pool else "series were simulated"
    said = (
        f"{outcome.draws:,} {made} for each size, so a chance may be off by "
        f"{words.number(196 * most, 1)} points"
    )
    found = outcome.detectable
    if found is None:
        return f"{said}."
    return (
        f"{said}, and the {words.size(found.estimate)} by "
        f"{words.number((found.high - found.low) / 2, 1)}."
    )


def terminal_lines(power: PowerEvidence) -> Iterator[str]:
    """The sentences and the curve of every outcome, line by line."""
    yield (
        f"{power.unit}: {power.intervention} from {power.start}, watched until {power.last} "
        f"({amount(power.periods_after, power)})."
    )
    for outcome in power.outcomes:
        yield ""
        yield what_can_be_found(outcome)
        yield time_needed(outcome, power)
        yield ""
        persists = {point.percent: point.power for point in outcome.persistent}
        yield f"  {'true change':>12}  {'found':>7}" + (
            "  when a rate persists" if persists else ""
        )
        for point in outcome.curve:
            name = words.signed_percent(point.percent) if point.percent else "none"
            second = persists.get(point.percent)
            yield f"  {name:>12}  {point.power:>7.1%}" + (
                "" if second is None else f"  {second:>7.1%}"
            )
        yield ""
        yield f"False alarms with no change: {outcome.false_alarms:.1%} (5% is asked for)."
        yield simulation_error(outcome)
    yield ""
    yield no_peeking(power)


TITLES: dict[Perspective, str] = {
    "public budget": "Public budgets",
    "society": "Society as a whole",
    "victims": "Victims and their families",
}
SEEN_FROM: dict[Perspective, str] = {
    "public budget": "public budgets",
    "society": "society as a whole",
    "victims": "victims and their families",
}
_SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def money(amount: float, currency: str) -> str:
    """An amount to three digits, with a true minus sign.

    Examples
    --------
    >>> money(131_266_088, "USD"), money(-1_500.4, "USD"), money(8_999_999, "EUR"), money(0, "USD")
    ('$131 million', '−$1,500', 'EUR 9 million', '$0')
    """
    size = float(f"{abs(amount):.3g}")
    unit, name = next(((unit, name) for unit, name in _SIZES if size >= unit), (1.0, ""))
    digits = f"{size / unit:,.2f}".rstrip("0").rstrip(".")
    text = f"{digits} {name}".rstrip()
    sign = "−" if amount < 0 and size > 0 else ""
    return f"{sign}${text}" if currency == "USD" else f"{sign}{currency} {text}"


def money_range(amount: Interval, currency: str) -> str:
    """The two ends of a range.

    Examples
    --------
    >>> money_range(Interval(1, -2e6, 3e6), "USD")
    '−$2 million to $3 million'
    """
    return f"{money(amount.low, currency)} to {money(amount.high, currency)}"


def scale(largest: float) -> tuple[float, str]:
    """By what to divide amounts for an axis, and its name.

    Examples
    --------
    >>> scale(2.5e7), scale(900)
    ((1000000.0, 'million '), (1.0, ''))
    """
    unit, name = next(((unit, name) for unit, name in _SIZES if largest >= unit), (1.0, ""))
    return unit, f"{name} " if name else ""


def chance(share: float) -> str:
    """A chance by draws, never as none or all.

    Examples
    --------
    >>> chance(0.874), chance(1.0), chance(0.0)
    ('87 of 100', 'more than 99 of 100', 'fewer than 1 of 100')
    """
    if share > 0.99:
        return "more than 99 of 100"
    if share < 0.01:
        return "fewer than 1 of 100"
    return f"{100 * share:.0f} of 100"
