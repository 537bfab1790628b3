"""The answer with other units compared, another last period, and trends that differed."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation import plots
from evaluation.effect import Check
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.figures.date_figures import places, years
from evaluation.report.figures.strip_figure import (
    Drawn,
    Row,
    along,
    clear,
    headline,
    headline_whisker,
    key_of,
    note_of,
    one,
    span,
    whisker,
)
from evaluation.report.sections.check_table import rows_table
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import window_of

_TICKS = 10
# The bound at which changes in trend are as large as the largest before the start.
_AS_LARGE = 1.0
_MAGNITUDES, _SLOPES = (
    say("control-figures.change-in-trend-times-largest"),
    say("control-figures.change-of-slope-period"),
)
_ACROSS = {
    _MAGNITUDES: say("control-figures.change-in-trend-times-largest-before"),
    _SLOPES: say("control-figures.change-of-slope-period-2"),
}


def leave_one_control_out(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The answer without each control in turn, from the lowest to the highest."""
    table = _sorted(check.table)
    left = [whisker(row, say("control-figures.without", without=row["without"])) for row in table]
    return along(
        outcome,
        check,
        Drawn(
            [headline_whisker(outcome, say("control-figures.all-controls")), *left],
            [float(place) for place in range(len(left) + 1)],
            _ranks(len(left)),
            say("control-figures.control-left-out-sorted-by"),
            say("control-figures.with-all-controls"),
            say("control-figures.with-all-controls-then-without"),
            say("control-figures.whichever-one-of-controls-is", left=span(left), n_left=len(left)),
            say("control-figures.each-dot-is-answer-without"),
            table,
        ),
    )


def placebo_units(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """What the method finds for units that had no program, beside the answer."""
    table = _sorted(check.table)
    false = [whisker(row, str(row["placebo"])) for row in table]
    own = headline_whisker(outcome, say("control-figures.treated"))
    rows = sorted([*false, own], key=lambda row: row.estimate)
    found = sum(clear(row) for row in false)
    return along(
        outcome,
        check,
        Drawn(
            rows,
            [float(place) for place in range(1, len(rows) + 1)],
            _ranks(len(rows)),
            say("control-figures.rank-of-answer-lowest-first"),
            say("control-figures.treated-2"),
            say("control-figures.sorted-for-units-taken-for"),
            say("control-figures.in-of-placebos-method-finds", found=found, n_false=len(false)),
            say("control-figures.each-dot-pretends-that-untreated"),
            table,
        ),
    )


def later_events(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The answer for every year in which the series could end."""
    noun, last, table = evidence.data.frequency, window_of(evidence, outcome)[1], check.table
    found = [whisker(row, str(row["last period"])) for row in table]
    rows = [*found, headline_whisker(outcome, last)]
    periods = [row.label for row in rows]
    return along(
        outcome,
        check,
        Drawn(
            rows,
            places(periods, noun),
            years(periods, noun),
            say("control-figures.last-used", noun=noun),
            say("control-figures.as-planned", last=words.period_words(last)),
            say("control-figures.by-last-used", noun=noun),
            say("control-figures.depending-on-where-series-ends", rows=span(rows)),
            say("control-figures.each-dot-is-answer-had"),
            table,
        ),
    )


def contaminated_controls(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The answer without the controls that had a program of their own."""
    key, label, table = key_of(check, outcome), words.capital(outcome.label), check.table
    # The first row is the headline again.
    others = [whisker(row, words.capital(str(row["controls"]))) for row in table[1:]]
    rows = [headline_whisker(outcome, say("control-figures.with-every-control")), *others]
    with plots.style():
        figure = plots.blank(plots.whiskers_height(len(rows)))
        plots.planned_alternatives(rows, figure.axes[0])
        svg = plots.svg_text(figure, key)
    return Figure(
        key=key,
        svg=svg,
        title=say(
            "control-figures.without-controls-that-had-program",
            label=label,
            estimate=words.signed_percent(others[0].estimate),
            headline=headline(outcome),
        ),
        description=(
            say("control-figures.dot-plot-of-percent-change", label=outcome.label)
            + "; ".join(f"{row.label} {one(row)}" for row in rows)
            + "."
        ),
        table=rows_table(f"{key}-table", f"{label}: {check.question}", table),
        note=note_of(
            check,
            say("control-figures.control-whose-own-program-worked"),
        ),
    )


def differing_trends(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The range of the mean effect by how much trends may have differed."""
    key, label = key_of(check, outcome), words.capital(outcome.label)
    panels = [
        (
            across,
            [
                plots.Allowed(float(row["bound"]), float(row["low"]), float(row["high"]))
                for row in check.table
                if row["allowed"] == kind
            ],
        )
        for kind, across in _ACROSS.items()
    ]
    panels = [(across, rows) for across, rows in panels if rows]
    with plots.style():
        figure = plots.blank(plots.TRENDS_HEIGHT)
        plots.differing_trends(
            panels, figure, measure=say("control-figures.mean-change", measure=outcome.measure)
        )
        svg = plots.svg_text(figure, key)
    drawn = [row for _, rows in panels for row in rows]
    return Figure(
        key=key,
        svg=svg,
        title=f"{label}: {_remains(panels[0][1])}",
        description=(
            say(
                "control-figures.ranges-of-mean-effect-on",
                label=outcome.label,
                measure=outcome.measure,
            )
            + " ".join(
                f"{across}: " + "; ".join(f"{row.bound:.2g}: {_range(row)}" for row in rows) + "."
                for across, rows in panels
            )
        ),
        table=rows_table(f"{key}-table", f"{label}: {check.question}", check.table),
        note=note_of(
            check,
            say("control-figures.at-nought-on-left-trends", says=words.sentence(str(check.says))),
            cut=plots.trends_cut(drawn),
        ),
    )


def _remains(rows: Sequence[plots.Allowed]) -> str:
    """What is left of the answer when trends change as much as before; the title."""
    equal = rows[0]
    said = (
        say("control-figures.mean-effect-is-not-clear")
        if equal.low <= 0 <= equal.high
        else say("control-figures.mean-effect-is-clear-with")
    )
    same = next((row for row in rows if row.bound == _AS_LARGE), None)
    if same is None or equal.low <= 0 <= equal.high:
        return f"{said} ({_range(equal)})"
    verb = say("control-figures.no-longer") if same.low <= 0 <= same.high else "still"
    return say(
        "control-figures.and-so-when-they-change",
        said=said,
        equal=_range(equal),
        verb=verb,
        same=_range(same),
    )


def _range(row: plots.Allowed) -> str:
    return say("control-figures.to", low=words.number(row.low, 2), high=words.number(row.high, 2))


def _sorted(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: float(row["percent"]))


def _ranks(count: int) -> list[tuple[float, str]]:
    """Ranks to print: the first, and then round ones, about ten."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, count) if count <= step * _TICKS)
    return [(1.0, "1"), *((float(at), str(at)) for at in range(step, count + 1, step) if at > 1)]
