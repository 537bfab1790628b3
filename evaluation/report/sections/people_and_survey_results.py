"""What happened to people, and what they answered, beside what was expected: words and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation import plots
from evaluation.effect import Check, Interval, Quantity, Term
from evaluation.report import blocks as page
from evaluation.report import study_words, words
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.estimates import rows_table
from evaluation.report.figures.figures import anchor
from evaluation.report.figures.points import is_share, points_finding
from evaluation.report.study_words import A_PERSON, RISK, fewer, measure_of
from evaluation.say import ENGLISH, Language, say
from evaluation.study.evidence import Evidence, OutcomeEvidence

# The names of the terms and checks of `individual` and `study` that are shown here.
_MEANS = ("mean with the program", "mean without it")
_CURVES, _WHO = "risk-curves", "who-is-compared"


def observed(evidence: Evidence, outcome: OutcomeEvidence) -> list[page.Block]:
    """What happened with the program beside what was expected without it."""
    if study_words.of_people(evidence):
        return [*_of_people(evidence, outcome), *_worth(outcome)]
    return [_waves(evidence, outcome), _points(outcome), *_worth(outcome)]


def lead_figure(
    evidence: Evidence, outcome: OutcomeEvidence, language: Language = ENGLISH
) -> page.Figure | None:
    """The picture of that, in a language; None where the results hold no curves of risk."""
    if not study_words.of_people(evidence):
        return _waves(evidence, outcome, language)
    curves = _check(outcome, _CURVES)
    found = curves is not None and bool(curves.table)
    return _risk_curves(evidence, outcome, curves, language) if curves and found else None


def size(evidence: Evidence, outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """The size of the effect in people or points, for the strip under an answer."""
    if not study_words.of_people(evidence):
        return _in_points(outcome, language)
    means = _means(outcome)
    if means is None:
        return ""
    of, key = (100, "of-100") if _is_share(outcome) else (1, "a-person")
    with_it, without = (words.amount(of * term.estimate, language) for term in means)
    return language.say(f"size.{key}", with_it=with_it, without=without)


def of_100_people(outcome: OutcomeEvidence) -> tuple[float, Interval] | None:
    """Of 100 people, how many were expected to have it, and how many fewer did; None where that is
    no share of people."""
    found = next((one for one in outcome.effect.quantities if measure_of(one) == RISK), None)
    means = _means(outcome)
    if found is None or means is None:
        return None
    return 100 * means[1].estimate, Interval(-found.estimate, -found.high, -found.low)


def _of_people(evidence: Evidence, outcome: OutcomeEvidence) -> list[page.Block]:
    """The two risks or means in a sentence, and how the risk grew."""
    drawn = lead_figure(evidence, outcome)
    blocks: list[page.Block] = [] if drawn is None else [drawn]
    means = _means(outcome)
    if means is None:
        return blocks
    with_it, without = means
    told = next(
        (one for one in outcome.effect.quantities if measure_of(one) in (RISK, A_PERSON)), None
    )
    if _is_share(outcome):
        said = say(
            "people-and-survey-results.of-100-people-with-of",
            label=outcome.label,
            estimate=_of_100(with_it.estimate),
            intervention=evidence.intervention,
            estimate2=_of_100(without.estimate),
        )
        gap = "" if told is None else _gap(told, say("people-and-survey-results.of-100"))
    else:
        said = say(
            "people-and-survey-results.on-average-person-with-expected",
            subject=words.subject(outcome),
            estimate=words.amount(with_it.estimate),
            intervention=evidence.intervention,
            estimate2=words.amount(without.estimate),
        )
        gap = "" if told is None else _gap(told, "")
    blocks.append(
        page.paragraph("people-and-survey-results.text", strong=page.Strong(said), gap=gap)
    )
    return blocks


def _gap(told: Quantity, of: str) -> str:
    """The difference in words, with its range; what is fewer is told as averted is."""
    averted = Interval(-told.estimate, -told.high, -told.low)
    return say(
        "people-and-survey-results.range",
        estimate=fewer(averted.estimate),
        of=of,
        averted=words.count_range(averted),
    )


def _risk_curves(
    evidence: Evidence, outcome: OutcomeEvidence, check: Check, language: Language = ENGLISH
) -> page.Figure:
    say, key = language.say, f"{_CURVES}-{anchor(outcome.column)}"
    with_it, without = (_curve(check.table, who) for who in ("treated", "untreated"))
    everyone = evidence.plan.content.get("estimand") == "ATE"
    labels = (
        (
            say("people-and-survey-results.all-with-it"),
            say("people-and-survey-results.all-without-it"),
        )
        if everyone
        else (
            say("people-and-survey-results.people-who-took-part"),
            say("people-and-survey-results.expected-of-them-without-it"),
        )
    )
    label = language.heading(outcome.label)
    last = say(
        "people-and-survey-results.by-day-of-100-with",
        day=with_it.day[-1],
        risk=_of_100(with_it.risk[-1], language),
        risk2=_of_100(without.risk[-1], language),
    )
    return as_figure(
        key,
        lambda figure: plots.risk_curves(
            with_it,
            without,
            figure.axes[0],
            labels=labels,
            across=say("people-and-survey-results.months"),
            measure=say("people-and-survey-results.had-it"),
        ),
        plots.RISK_HEIGHT,
        plots.RISK_HEIGHT,
        title=f"{label}, {last}",
        description=say(
            "people-and-survey-results.two-rising-curves-with-95",
            intervention=evidence.intervention,
            last=last,
            estimate=words.change(outcome.effect.percent.estimate, language),
            effect=words.spread(outcome.effect, language),
        ),
        table=rows_table(
            f"{key}-table",
            say("people-and-survey-results.numbers-in-figure", label=label),
            check.table,
            language=language,
        ),
        note=say("people-and-survey-results.dashed-curve-is-of-people"),
    )


def _curve(rows: Sequence[Mapping[str, Any]], who: str) -> plots.Risk:
    own = sorted((row for row in rows if row["who"] == who), key=lambda row: float(row["days"]))
    day, risk, low, high = (
        tuple(float(row[name]) for row in own) for name in ("days", "risk", "low", "high")
    )
    return plots.Risk(day, risk, low, high)


def _waves(
    evidence: Evidence, outcome: OutcomeEvidence, language: Language = ENGLISH
) -> page.Figure:
    """Means by wave of both groups, and what was expected of the treated."""
    say, key, effect = language.say, f"waves-{anchor(outcome.column)}", outcome.effect
    label, measure = language.heading(outcome.label), language.usual(outcome.measure)
    others = _comparison_means(outcome)
    waves = [
        plots.Wave(
            words.period_words(point.period, language.code),
            point.observed,
            others.get(point.period),
            (point.expected, point.low, point.high) if point.phase == "after" else None,
        )
        for point in effect.path
    ]
    listed = "; ".join(
        say("people-and-survey-results.with-program", name=wave.name, treated=wave.treated)
        + (
            ""
            if wave.comparison is None
            else say("people-and-survey-results.without-it", comparison=wave.comparison)
        )
        + (
            ""
            if wave.expected is None
            else say(
                "people-and-survey-results.expected-to",
                expected=wave.expected[0],
                expected2=wave.expected[1],
                expected3=wave.expected[2],
            )
        )
        for wave in waves
    )
    rows = [
        {
            "wave": wave.name,
            "with the program": wave.treated,
            "without it": wave.comparison,
            "expected": None if wave.expected is None else wave.expected[0],
            "low": None if wave.expected is None else wave.expected[1],
            "high": None if wave.expected is None else wave.expected[2],
        }
        for wave in waves
    ]
    return as_figure(
        key,
        lambda figure: plots.wave_means(
            waves,
            figure.axes[0],
            measure=f"{label}, {measure}",
            start=say("people-and-survey-results.start", start=evidence.start),
            names=(
                say("people-and-survey-results.with-the-program"),
                say("people-and-survey-results.expected-there"),
                say("people-and-survey-results.other-areas"),
            ),
        ),
        plots.WAVES_HEIGHT,
        plots.WAVES_HEIGHT,
        title=points_finding(outcome, language),
        description=say(
            "people-and-survey-results.line-chart-of-mean-of",
            label=outcome.label,
            measure=measure,
            intervention=evidence.intervention,
            listed=listed,
            estimate=words.change(effect.percent.estimate, language),
            effect=words.spread(effect, language),
        ),
        table=rows_table(
            f"{key}-table",
            say("people-and-survey-results.means-by-wave", label=label),
            rows,
            language=language,
        ),
        note=say("people-and-survey-results.dashed-line-goes-way-that"),
    )


def _points(outcome: OutcomeEvidence) -> page.Paragraph:
    effect = outcome.effect
    low, high = (_points_of(value, outcome) for value in (effect.low, effect.high))
    return page.Paragraph(
        (
            page.Strong(f"{words.capital(outcome.label)}: {_in_points(outcome)}"),
            say("people-and-survey-results.against-what-was-expected-range", low=low, high=high),
        )
    )


def _in_points(outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    unit = "percentage-points" if is_share(outcome) else "points"
    return language.say(f"size.{unit}", points=_points_of(outcome.effect.estimate, outcome))


def _points_of(value: float, outcome: OutcomeEvidence) -> str:
    shown = 100 * value if is_share(outcome) else value
    text = words.number(abs(shown), 1 if is_share(outcome) else 2)
    return f"{'−' if shown < 0 else '+'}{text}"


def _of_100(share: float, language: Language = ENGLISH) -> str:
    return words.amount(100 * share, language)


def _is_share(outcome: OutcomeEvidence) -> bool:
    return any(measure_of(quantity) == RISK for quantity in outcome.effect.quantities)


def _means(outcome: OutcomeEvidence) -> tuple[Term, Term] | None:
    named = {term.name: term for term in outcome.effect.terms}
    if not all(name in named for name in _MEANS):
        return None
    return named[_MEANS[0]], named[_MEANS[1]]


def _comparison_means(outcome: OutcomeEvidence) -> dict[str, float]:
    """Mean of areas without the program by wave."""
    check = _check(outcome, _WHO)
    return {
        str(row["wave"]): float(row["mean"])
        for row in (() if check is None else check.table)
        if row.get("who") == "without it" and row.get("mean") is not None
    }


def _check(outcome: OutcomeEvidence, name: str) -> Check | None:
    return next((check for check in outcome.checks if check.name == name), None)


def _worth(outcome: OutcomeEvidence) -> list[page.Block]:
    said = words.worth(outcome)
    return [page.Paragraph((said,))] if said else []
