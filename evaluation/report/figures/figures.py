"""Evidence as pictures, each with its words and its table."""

from __future__ import annotations

import math
import re

from evaluation import plots
from evaluation.effect import Effect, Point
from evaluation.fact import texts
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.points import in_points, is_share, told, whisker_of
from evaluation.report.sections import comparison
from evaluation.report.study_words import is_count
from evaluation.say import ENGLISH, Language, say
from evaluation.study.evidence import Alternative, Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import counted


def observed_against_expected(evidence: Evidence, outcome: OutcomeEvidence) -> page.Figure:
    """What was observed beside what the model expects without the intervention."""
    effect, key = outcome.effect, f"path-{anchor(outcome.column)}"
    axis = f"{words.capital(outcome.label)}, {outcome.measure}"
    later = comparison.later(evidence)
    compared = comparison.is_did(evidence)
    return as_figure(
        key,
        lambda figure: plots.observed_against_expected(
            effect.path,
            figure.axes[0],
            measure=axis,
            begins=say("by-year.begins", intervention=evidence.intervention, start=evidence.start),
            later=[(start, say("by-year.later", name=name, start=start)) for start, name in later],
            phase_in=say("figures.some-treated" if compared else "phase.phase-in"),
            fit_after=not compared,
            whole=is_count(evidence, outcome),
            gaps=effect.gaps,
        ),
        plots.PATH_HEIGHT,
        plots.PATH_HEIGHT,
        title=words.finding(outcome),
        description=_path_description(evidence, outcome),
        table=_path_table(key, outcome, _decimals(evidence, outcome), compared=compared),
        note=words.joined(
            {
                "figures.dots-are-what-was-recorded": True,
                "figures.by-sevens": plots.crowded(effect.path),
                "figures.treated-units-are-added-up": compared and comparison.many(evidence),
                "figures.dotted-lines-mark-what-became": later,
                "figures.not-recorded": effect.gaps,
            },
            intervention=evidence.intervention,
            n=len(effect.gaps),
            periods=[words.period_words(one.period) for one in effect.gaps],
        ),
    )


def planned_alternatives(outcome: OutcomeEvidence) -> page.Figure:
    """The headline beside every alternative that could be estimated, over their full table."""
    key = f"alternatives-{anchor(outcome.column)}"
    entries, points = (outcome.headline, *outcome.alternatives), in_points(outcome)
    rows = [
        whisker_of(entry, outcome, f"{entry.label}{of_what(entry, outcome)}", entry.effect)
        for entry in once(outcome)
        if entry.effect is not None
    ]
    axis = say("figures.axis-points" if points else "figures.axis")
    height = plots.whiskers_height(len(rows))
    missing = sum(entry.effect is None for entry in entries)
    return as_figure(
        key,
        lambda figure: plots.planned_alternatives(
            rows, figure.axes[0], axis=axis, percent=not points
        ),
        height,
        height,
        title=f"{words.capital(outcome.label)}: {agreement(outcome)}",
        description=_alternatives_description(outcome, rows),
        table=alternatives_table(key, outcome),
        note=words.joined(
            {
                "figures.each-dot-is-estimate-each": True,
                "figures.of-could-not-be-estimated": missing,
            },
            missing=missing,
            n_entries=len(entries),
        ),
        folded=False,
    )


def _points(entry: Alternative, effect: Effect, outcome: OutcomeEvidence) -> tuple[page.Text, ...]:
    """The two cells of an answer in points; nothing where it has none."""
    if not in_points(outcome):
        return ()
    row = whisker_of(entry, outcome, "", effect)
    low, high = told(row.low, outcome), told(row.high, outcome)
    return (told(row.estimate, outcome),), (words.ends(low, high),)


def alternatives_table(key: str, outcome: OutcomeEvidence) -> page.Table:
    """Every planned answer: estimate, range, p, and what it takes for granted."""
    return page.table(
        f"{key}-table",
        say("figures.every-planned-estimate", label=outcome.label),
        (
            "method",
            *(
                page.Header(say(f"head.{name}"), numeric=True)
                for name in ("points", "points-range")
                if in_points(outcome)
            ),
            "#change",
            "#95-range",
            page.Header("p", numeric=True),
            "what-it-assumes",
            "95-range-right-in-tests",
        ),
        (_alternative_row(entry, outcome) for entry in once(outcome)),
    )


def anchor(text: str) -> str:
    """The text as part of an id; two texts never give the same one.

    Examples
    --------
    >>> anchor("gun_homicides"), anchor("homicides (all)")
    ('gun_homicides', 'homicides-20--28-all-29-')
    """
    return re.sub(r"[^A-Za-z0-9_]", lambda match: f"-{ord(match[0]):x}-", text)


def _alternative_row(entry: Alternative, outcome: OutcomeEvidence) -> tuple[page.Text, ...]:
    headline = entry is outcome.headline
    label = f"{entry.label}{of_what(entry, outcome)}"
    by = by_library(entry)
    name: page.Text = (
        (page.Strong(label), by, say("figures.headline")) if headline else (f"{label}{by}",)
    )
    again = [one.label for one in outcome.alternatives if _same(entry, one)]
    if again:
        name = (*name, say("figures.same-again", again=tuple(again)))
    if not entry.planned:
        name = (*name, say("figures.always-shown"))
    effect, points = entry.effect, in_points(outcome)
    if effect is None:
        reason = str(entry.reason or "")
        barred = entry.barred
        numbers: tuple[page.Text, ...] = (
            (say("figures.not-valid-here" if barred else "figures.not-estimated-2"),),
            *((("–",),) * (4 if points else 2)),
        )
        why = words.sentence(
            reason if barred else say("figures.not-estimated", reason=words.sentence(reason))
        )
        if barred and not headline and _cause(reason) == _cause(str(outcome.headline.reason or "")):
            why = say("figures.not-valid-here-for-same")
        assumes = f"{_assumes(entry, outcome)} {why}".strip()
    else:
        numbers = (
            *_points(entry, effect, outcome),
            (words.signed_percent(effect.percent.estimate),),
            (words.signed_range(effect.percent),),
            (words.p_value(effect.p_value),),
        )
        assumes = _assumes(entry, outcome)
        if effect.objection:
            assumes += say(
                "figures.not-fit-to-be-headline", objection=words.sentence(str(effect.objection))
            )
    return (name, *numbers, (assumes,), (entry.coverage or say("figures.not-measured"),))


def by_library(entry: Alternative) -> str:
    """Whose numbers these are, to stand after the name of a method; nothing where our own."""
    engine = texts(ENGLISH.code).get(f"method.{entry.method}.engine")
    return say("figures.by-library", engine=engine) if engine else ""


def _assumes(entry: Alternative, outcome: OutcomeEvidence) -> str:
    """What a row takes for granted, once in words and then by reference to the headline."""
    common = outcome.headline.assumes
    if entry is not outcome.headline and common and entry.assumes.startswith(common):
        more = entry.assumes.removeprefix(common).lstrip(" ;,.")
        return words.sentence(
            say("figures.as-headline", more=more) if more else say("figures.as-headline-2")
        )
    return words.assumption(entry)


def _cause(reason: str) -> str:
    """What a reason names first; numbers of the method itself come after it."""
    return reason.partition(", so ")[0]


def of_what(entry: Alternative, outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """In brackets, what an estimate is a change of where that of the headline is of another."""
    effect, main = entry.effect, outcome.headline.effect
    if effect is None or main is None or effect.percent_of in ("", main.percent_of):
        return ""
    what = language.say(f"figures.of-what-{effect.percent_of}")
    return language.say("figures.text", say=what)


def once(outcome: OutcomeEvidence) -> list[Alternative]:
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


def agreement(outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """How many other estimates are on the headline's side of no change; the title of the plot."""
    say = language.say
    estimate = words.signed_percent(outcome.effect.percent.estimate)
    if in_points(outcome):
        row = whisker_of(outcome.headline, outcome, "", outcome.effect)
        estimate = say(
            "figures.in-points",
            points=told(row.estimate, outcome),
            share=is_share(outcome),
            percent=estimate,
        )
    main = say("figures.headline-is", estimate=estimate)
    others = counted(outcome)
    if not others.compared:
        return say("figures.there-is-no-other-estimate", main=main)
    unclear, compared = len(others.unclear), others.compared
    if words.way_of(outcome) == "unclear":
        # Of one that is lost over its family the range leaves no change out.
        key = "lost-over-family" if outcome.lost else "with-range-that-includes-no"
        return say(f"figures.{key}", main=main, unclear=unclear, compared=compared)
    said = say(
        "figures.of-other-estimates-are-clear",
        main=main,
        n_agree=len(others.agree),
        compared=compared,
    )
    if others.against:
        said += say("figures.on-other", n_against=len(others.against))
    return say("figures.and-rest-leave-it-open", said=said) if unclear else said


def _alternatives_description(outcome: OutcomeEvidence, rows: list[plots.Whisker]) -> str:
    listed = "; ".join(
        say(
            "figures.to",
            label=row.label,
            estimate=told(row.estimate, outcome),
            low=told(row.low, outcome),
            high=told(row.high, outcome),
        )
        for row in rows
    )
    kind = "points" if in_points(outcome) else "percent"
    return say(f"figures.dot-plot-of-{kind}-change", label=outcome.label, listed=listed)


def _path_description(evidence: Evidence, outcome: OutcomeEvidence) -> str:
    path = outcome.effect.covered
    first, last = path[0], path[-1]
    digits = _decimals(evidence, outcome)

    def told(value: float) -> str:
        return words.number(value, digits)

    later = "".join(
        say("figures.thin-line-marks-from", name=name, start=start)
        for start, name in comparison.later(evidence)
    )
    return say(
        "figures.line-chart-of-in-to",
        label=outcome.label,
        measure=outcome.measure,
        unit=evidence.data.unit,
        period=first.period,
        period2=last.period,
        intervention=evidence.intervention,
        start=evidence.start,
        estimate=words.change(outcome.effect.percent.estimate),
        effect=words.spread(outcome.effect),
        observed=told(first.observed),
        fitted=told(first.fitted),
        observed2=told(last.observed),
        expected=told(last.expected),
        low=told(last.low),
        high=told(last.high),
        later=later,
    )


def _decimals(evidence: Evidence, outcome: OutcomeEvidence) -> int:
    """Decimals of the numbers of a figure: one for counts; of a mean or a share as many as give
    its largest value three digits, so that 0.45 and 0.54 are not both told as 0.5."""
    if is_count(evidence, outcome):
        return 1
    largest = max(max(abs(point.observed), abs(point.expected)) for point in outcome.effect.path)
    return min(max(2 - math.floor(math.log10(largest)), 1), 6) if largest > 0 else 1


def _path_table(key: str, outcome: OutcomeEvidence, decimals: int, *, compared: bool) -> page.Table:
    return page.table(
        f"{key}-table",
        say("figures.numbers-in-figure", label=outcome.label, measure=outcome.measure),
        ("period", "#observed", "#model-fit", "#expected", "#95-range", "phase"),
        (_path_row(point, decimals, compared=compared) for point in outcome.effect.path),
    )


def _path_row(point: Point, decimals: int, *, compared: bool) -> tuple[page.Text, ...]:
    def told(value: float) -> str:
        return words.number(value, decimals)

    before = point.phase in ("before", "later")
    fitted = point.phase == "before" or not (compared or before)
    phase = say(
        "figures.some-treated" if compared and point.phase == "phase-in" else f"phase.{point.phase}"
    )
    return (
        (point.period,),
        (told(point.observed),),
        (told(point.fitted) if fitted else "–",),
        ("–" if before else told(point.expected),),
        ("–" if before else words.ends(told(point.low), told(point.high)),),
        (phase,),
    )
