"""Evidence as pictures, each with its words and its table."""

from __future__ import annotations

import math
import re

from evaluation import plots
from evaluation.effect import Effect, Phase, Point
from evaluation.report import words
from evaluation.report.averted_counts import is_count
from evaluation.report.blocks import Figure, Header, Strong, Table, Text
from evaluation.report.sections import comparison
from evaluation.study.agreement import counted
from evaluation.study.evidence import Alternative, Evidence, OutcomeEvidence

PHASES: dict[Phase, str] = {
    "before": "Before",
    "left out": "Left out",
    "phase-in": "Phase-in",
    "after": "After",
}
# What the phase between is where units start one after another.
SOME_TREATED = "Some treated"
_OF_WHAT = {"risk": "of the risk", "rate": "of the rate", "days": "of the days"}


def observed_against_expected(evidence: Evidence, outcome: OutcomeEvidence) -> Figure:
    """What was observed beside what the model expects without the intervention."""
    effect, key = outcome.effect, f"path-{anchor(outcome.column)}"
    axis = f"{words.capital(outcome.label)}, {outcome.measure}"
    later = comparison.later(evidence)
    compared = comparison.is_did(evidence)
    with plots.style():
        figure = plots.blank(plots.PATH_HEIGHT)
        plots.observed_against_expected(
            effect.path,
            figure.axes[0],
            measure=axis,
            later=later,
            phase_in=SOME_TREATED if compared else PHASES["phase-in"],
            fit_after=not compared,
        )
        svg = plots.svg_text(figure, key)
    return Figure(
        key=key,
        svg=svg,
        title=words.finding(outcome),
        description=_path_description(evidence, outcome),
        table=_path_table(key, outcome, _decimals(evidence, outcome), compared=compared),
        note=(
            "Dots are what was recorded. The dashed line is what the model expects without "
            f"{evidence.intervention}; the band around it is its 95% range."
            + (" Treated units are added up." if compared and comparison.many(evidence) else "")
            + (" Dotted lines mark what became of the program later." if later else "")
        ),
    )


def planned_alternatives(outcome: OutcomeEvidence) -> Figure:
    """The headline beside every alternative that could be estimated, over their full table."""
    key = f"alternatives-{anchor(outcome.column)}"
    entries = (outcome.headline, *outcome.alternatives)
    rows = [
        plots.Whisker(
            f"{entry.label}{_of_what(entry, outcome)}",
            entry.effect.percent.estimate,
            entry.effect.percent.low,
            entry.effect.percent.high,
            headline=entry is outcome.headline,
        )
        for entry in _once(outcome)
        if entry.effect is not None
    ]
    with plots.style():
        figure = plots.blank(plots.whiskers_height(len(rows)))
        plots.planned_alternatives(rows, figure.axes[0])
        svg = plots.svg_text(figure, key)
    missing = sum(entry.effect is None for entry in entries)
    return Figure(
        key=key,
        svg=svg,
        title=f"{words.capital(outcome.label)}: {_agreement(outcome)}",
        description=_alternatives_description(outcome, rows),
        table=alternatives_table(key, outcome),
        note="Each dot is an estimate, each line its 95% range."
        + (f" {missing} of {len(entries)} could not be estimated." if missing else ""),
        folded=False,
    )


def alternatives_table(key: str, outcome: OutcomeEvidence) -> Table:
    """Every planned answer: estimate, range, p, and what it takes for granted."""
    return Table(
        key=f"{key}-table",
        caption=f"{words.capital(outcome.label)}: every planned estimate",
        headers=(
            Header("Method"),
            Header("Change", numeric=True),
            Header("95% range", numeric=True),
            Header("p", numeric=True),
            Header("What it assumes"),
            Header("95% range right in tests"),
        ),
        rows=tuple(_alternative_row(entry, outcome) for entry in _once(outcome)),
    )


def anchor(text: str) -> str:
    """The text as part of an id; two texts never give the same one.

    Examples
    --------
    >>> anchor("gun_homicides"), anchor("homicides (all)")
    ('gun_homicides', 'homicides-20--28-all-29-')
    """
    return re.sub(r"[^A-Za-z0-9_]", lambda match: f"-{ord(match[0]):x}-", text)


def _alternative_row(entry: Alternative, outcome: OutcomeEvidence) -> tuple[Text, ...]:
    headline = entry is outcome.headline
    label = f"{entry.label}{_of_what(entry, outcome)}"
    name: Text = (Strong(label), " (headline)") if headline else (label,)
    again = [one.label for one in outcome.alternatives if _same(entry, one)]
    if again:
        name = (*name, f"; the same again: {', '.join(again)}")
    if not entry.planned:
        name = (*name, " (always shown)")
    effect = entry.effect
    if effect is None:
        reason = str(entry.reason or "")
        barred = entry.barred
        numbers: tuple[Text, ...] = (
            ("Not valid here" if barred else "Not estimated",),
            ("–",),
            ("–",),
        )
        why = words.sentence(reason if barred else f"Not estimated: {words.sentence(reason)}")
        if barred and not headline and _cause(reason) == _cause(str(outcome.headline.reason or "")):
            why = "Not valid here for the same reason."
        assumes = f"{_assumes(entry, outcome)} {why}".strip()
    else:
        numbers = (
            (words.signed_percent(effect.percent.estimate),),
            (words.signed_range(effect.percent),),
            (words.p_value(effect.p_value),),
        )
        assumes = _assumes(entry, outcome)
        if effect.objection:
            assumes += f" Not fit to be the headline: {words.sentence(str(effect.objection))}"
    return (name, *numbers, (assumes,), (entry.coverage or "Not measured",))


def _assumes(entry: Alternative, outcome: OutcomeEvidence) -> str:
    """What a row takes for granted, once in words and then by reference to the headline."""
    common = outcome.headline.assumes
    if entry is not outcome.headline and common and entry.assumes.startswith(common):
        more = entry.assumes.removeprefix(common).lstrip(" ;,.")
        return words.sentence(f"as the headline; {more}" if more else "as the headline")
    return words.assumption(entry)


def _cause(reason: str) -> str:
    """What a reason names first; numbers of the method itself come after it."""
    return reason.partition(", so ")[0]


def _of_what(entry: Alternative, outcome: OutcomeEvidence) -> str:
    """In brackets, what an estimate is a change of where that of the headline is of another."""
    effect, main = entry.effect, outcome.headline.effect
    if effect is None or main is None or effect.percent_of in ("", main.percent_of):
        return ""
    return f" ({_OF_WHAT[effect.percent_of]})"


def _once(outcome: OutcomeEvidence) -> list[Alternative]:
    """The headline and the others, without those that only repeat an earlier one."""
    shown: list[Alternative] = []
    for entry in (outcome.headline, *outcome.alternatives):
        if not any(_same(earlier, entry) for earlier in shown):
            shown.append(entry)
    return shown


def _same(one: Alternative, other: Alternative) -> bool:
    """Whether two entries are one estimate, to the digits that results hold."""
    if one is other or one.effect is None or other.effect is None:
        return False
    return _numbers(one.effect) == _numbers(other.effect)


def _numbers(effect: Effect) -> tuple[str, ...]:
    span = effect.percent
    ends = (effect.estimate, effect.std_error, span.estimate, span.low, span.high)
    return (effect.scale, effect.percent_of, *(f"{value:.5g}" for value in ends))


def _agreement(outcome: OutcomeEvidence) -> str:
    """How many other estimates are on the headline's side of no change; the title of the plot."""
    main = f"the headline is {words.signed_percent(outcome.effect.percent.estimate)}"
    others = counted(outcome)
    if not others.compared:
        return f"{main}; there is no other estimate to compare"
    unclear, compared = len(others.unclear), others.compared
    if words.direction(outcome.effect) == "unclear":
        return (
            f"{main}, with a range that includes no change; so have {unclear} of {compared} other "
            "estimates"
        )
    said = f"{main}; {len(others.agree)} of {compared} other estimates are clear on the same side"
    if others.against:
        said += f", {len(others.against)} on the other"
    return f"{said}, and the rest leave it open" if unclear else said


def _alternatives_description(outcome: OutcomeEvidence, rows: list[plots.Whisker]) -> str:
    listed = "; ".join(
        f"{row.label} {words.signed_percent(row.estimate)} "
        f"({words.signed_percent(row.low)} to {words.signed_percent(row.high)})"
        for row in rows
    )
    return (
        f"Dot plot of percent change in {outcome.label} with 95% ranges, one row a method, "
        f"the headline first; a vertical line marks no change. {listed}."
    )


def _path_description(evidence: Evidence, outcome: OutcomeEvidence) -> str:
    path = outcome.effect.path
    first, last = path[0], path[-1]
    digits = _decimals(evidence, outcome)

    def told(value: float) -> str:
        return words.number(value, digits)

    later = "".join(
        f" A thin line marks {name}, from {words.period_words(start)}."
        for start, name in comparison.later(evidence)
    )
    return (
        f"Line chart of {outcome.label} ({outcome.measure}) in {evidence.data.unit}, "
        f"{words.period_words(first.period)} to {words.period_words(last.period)}, with what the "
        f"model expects without {evidence.intervention} from "
        f"{words.period_words(evidence.start)} on. Headline: "
        f"{words.change(outcome.effect.percent.estimate)} "
        f"({words.spread(outcome.effect)}), against expected. "
        f"First period: {told(first.observed)} observed, {told(first.fitted)} by the model. "
        f"Last period: {told(last.observed)} observed, {told(last.expected)} expected "
        f"({told(last.low)} to {told(last.high)}).{later}"
    )


def _decimals(evidence: Evidence, outcome: OutcomeEvidence) -> int:
    """Decimals of the numbers of a figure: one for counts; of a mean or a share as many as give
    its largest value three digits, so that 0.45 and 0.54 are not both told as 0.5."""
    if is_count(evidence, outcome):
        return 1
    largest = max(max(abs(point.observed), abs(point.expected)) for point in outcome.effect.path)
    return min(max(2 - math.floor(math.log10(largest)), 1), 6) if largest > 0 else 1


def _path_table(key: str, outcome: OutcomeEvidence, decimals: int, *, compared: bool) -> Table:
    return Table(
        key=f"{key}-table",
        caption=f"{words.capital(outcome.label)}: the numbers in the figure ({outcome.measure})",
        headers=(
            Header("Period"),
            Header("Observed", numeric=True),
            Header("Model fit", numeric=True),
            Header("Expected", numeric=True),
            Header("95% range", numeric=True),
            Header("Phase"),
        ),
        rows=tuple(_path_row(point, decimals, compared=compared) for point in outcome.effect.path),
    )


def _path_row(point: Point, decimals: int, *, compared: bool) -> tuple[Text, ...]:
    def told(value: float) -> str:
        return words.number(value, decimals)

    before = point.phase == "before"
    phase = SOME_TREATED if compared and point.phase == "phase-in" else PHASES[point.phase]
    return (
        (point.period,),
        (told(point.observed),),
        (told(point.fitted) if before or not compared else "–",),
        ("–" if before else told(point.expected),),
        ("–" if before else f"{told(point.low)} to {told(point.high)}",),
        (phase,),
    )
