"""Sentences about power, for the page and the terminal.

Money and chances as a reader says them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.effect import Interval
from evaluation.report import words
from evaluation.say import say

if TYPE_CHECKING:
    from evaluation.effect import Check
    from evaluation.study.power.power_evidence import OutcomePower, PowerEvidence


# Beyond these shares "so many times in ten" would be rounding to never or always.
RARE, SURE = 0.05, 0.95
_LIMITS = {
    "person": ("people-alike", "people-unlike", "people-of-a-cluster"),
    "answer": ("answers-alike", "answers-few-units"),
}


def times(share: float) -> str:
    """A chance as a reader says it.

    Examples
    --------
    >>> times(0.11), times(0.02), times(0.79), times(0.5), times(0.97)
    ('1 time in 10', 'less than 1 time in 20', '4 times in 5', 'half the time', 'nearly always')
    """
    if share < RARE:
        return say("power-words.less-than-1-time-in")
    if share > SURE:
        return say("power-words.nearly-always")
    tenths = max(round(10 * share), 1)
    if tenths == 5:
        return say("power-words.half-time")
    tenths = min(tenths, 9)
    if tenths in (2, 4, 6, 8):
        return say("power-words.time-in-5", tenths=tenths // 2)
    return say("power-words.time-in-10", tenths=tenths)


def what_can_be_found(outcome: OutcomePower) -> str:
    """The answer in one or two sentences: the change found four times in five, and the chance of
    the smallest change worth having."""
    refused = None if outcome.sides is None else outcome.sides.refused
    if refused is not None:
        return say("power-words.refused", label=outcome.label, why=refused)
    way = say("way.fall" if outcome.better == "lower" else "way.rise")
    if outcome.detectable is not None:
        found = say(
            "power-words.with-these-data-in-of",
            way=way,
            label=outcome.label,
            estimate=words.size(outcome.detectable.estimate),
        )
    else:
        largest = words.size(outcome.curve[-1].percent)
        found = say(
            "power-words.with-these-data-not-even", way=way, label=outcome.label, largest=largest
        )
    point = None if outcome.worthwhile is None else outcome.at(outcome.worthwhile)
    if point is None or outcome.worthwhile is None:
        return f"{found}."
    return say(
        "power-words.of-smallest-worth-having-would",
        found=found,
        way=way,
        worthwhile=words.planned(outcome.worthwhile),
        power=times(point.power),
    )


def curve_title(outcome: OutcomePower) -> str:
    """What the curve shows; the title of the figure."""
    way = say("way.fall" if outcome.better == "lower" else "way.rise")
    label = words.capital(outcome.label)
    if outcome.detectable is None:
        largest = words.size(outcome.curve[-1].percent)
        return say("power-words.not-even-of-would-be", label=label, way=way, largest=largest)
    size = words.size(outcome.detectable.estimate)
    return say("power-words.of-about-or-more-would", label=label, way=way, size=size)


def time_needed(outcome: OutcomePower, power: PowerEvidence) -> str:
    """How long outcomes would have to be watched to find the smallest change worth having."""
    if outcome.worthwhile is None:
        return say("power-words.how-long-to-watch-was", needed_reason=outcome.needed_reason)
    way = say("way.fall" if outcome.better == "lower" else "way.rise")
    change = say("power-words.of", way=way, worthwhile=words.planned(outcome.worthwhile))
    if not outcome.after:
        return say(
            "power-words.how-long-to-watch-for", change=change, needed_reason=outcome.needed_reason
        )
    if outcome.needed is None:
        last = outcome.after[-1]
        return say(
            "power-words.finding-four-times-in-five-would-take-more",
            change=change,
            periods=amount(last.periods, power),
            power=times(last.power),
        )
    if outcome.needed <= outcome.after[0].periods:
        reach = say("power-words.or-less", periods=amount(outcome.after[0].periods, power))
    else:
        reach = say("power-words.about", needed=amount(round(outcome.needed), power))
    return say("power-words.finding-four-times-in-five", change=change, reach=reach)


def amount(periods: int, power: PowerEvidence) -> str:
    """So many periods in words: "87 months", "1 year"."""
    return f"{periods} {power.frequency}{'' if periods == 1 else 's'}"


def no_peeking(power: PowerEvidence) -> str:
    """What was used, and what was not."""
    sides = power.outcomes[0].sides
    if sides is not None:
        return say(f"power-words.not-used-{sides.row}")
    if power.outcomes[0].pool:
        return say("power-words.no-outcome-of-treated-unit")
    return say("power-words.only-outcomes-before-were-used", start=power.start)


def how_made(power: PowerEvidence) -> str:
    """How what was judged was made up."""
    one = power.outcomes[0]
    if one.sides is not None:
        return say(
            f"power-words.made-of-{one.sides.row}",
            unit=power.unit,
            intervention=power.intervention,
            treated=one.sides.treated,
            others=one.sides.others,
        )
    start, last = words.period_words(power.start), words.period_words(power.last)
    watched = say(
        "power-words.watched-until", last=last, periods_after=amount(power.periods_after, power)
    )
    if not one.pool:
        assert one.assumed is not None
        before = amount(one.assumed.periods, power)
        return say(
            "power-words.from-with-before-series-were",
            unit=power.unit,
            intervention=power.intervention,
            start=start,
            watched=watched,
            before=before,
        )
    those = (
        say("power-words.1-of-them-was")
        if one.stand_ins == 1
        else say("power-words.of-them-were", stand_ins=one.stand_ins)
    )
    return say(
        "power-words.from-in-each-comparison-that",
        unit=power.unit,
        intervention=power.intervention,
        start=start,
        watched=watched,
        pool=one.pool,
        those=those,
    )


def limits(power: PowerEvidence) -> tuple[str, ...]:
    """What the chances cannot say."""
    last = say("power-words.chance-to-find-change-says")
    sides = power.outcomes[0].sides
    if sides is not None:
        return (*(say(f"power-words.{limit}") for limit in _LIMITS[sides.row]), last)
    if power.outcomes[0].pool:
        return (
            say("power-words.units-without-program-stand-in"),
            say("power-words.fewer-units-are-left-to"),
            last,
        )
    return (
        say("power-words.level-dispersion-and-correlation-are"),
        say("power-words.it-is-taken-for-granted"),
        last,
    )


def simulation_error(outcome: OutcomePower) -> str:
    """How far simulation alone may be off."""
    most = max(point.error for point in outcome.curve)
    made = say(
        "power-words.comparisons-were-made-up"
        if outcome.pool or outcome.sides is not None
        else "power-words.series-were-simulated"
    )
    said = say(
        "power-words.for-each-size-so-chance", draws=outcome.draws, made=made, most=196 * most
    )
    found = outcome.detectable
    if found is None:
        return f"{said}."
    return say(
        "power-words.and-by",
        said=said,
        estimate=words.size(found.estimate),
        high=(found.high - found.low) / 2,
    )


def alike(power: PowerEvidence) -> tuple[Check, ...]:
    """How alike both sides of people are: of the first outcome, since what was known at entry is
    the same for all."""
    return power.outcomes[0].checks


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
    return words.ends(money(amount.low, currency), money(amount.high, currency))


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
        return say("power-words.more-than-99-of-100")
    if share < 0.01:
        return say("power-words.fewer-than-1-of-100")
    return say("power-words.of-100", share=100 * share)
