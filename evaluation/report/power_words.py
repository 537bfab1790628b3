"""Sentences about power, for the page and the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.report import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evaluation.study.power_evidence import OutcomePower, PowerEvidence

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
    return (
        f"Only outcomes before {words.period_words(power.start)} were used. Nothing here depends "
        "on what happened from the start on, so it can be read before the answer is known."
    )


def simulation_error(outcome: OutcomePower) -> str:
    """How far simulation alone may be off."""
    most = max(point.error for point in outcome.curve)
    said = (
        f"{outcome.draws:,} series were simulated for each size, so a chance may be off by "
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
