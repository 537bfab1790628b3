"""The checks of one outcome as pictures, each with its words and its table."""

from __future__ import annotations

from collections.abc import Callable

from evaluation import plots
from evaluation.effect import Check
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.figures.control_figures import (
    contaminated_controls,
    differing_trends,
    later_events,
    leave_one_control_out,
    placebo_units,
)
from evaluation.report.figures.date_figures import base_period, placebo_dates, start_date
from evaluation.report.figures.group_figures import SUBGROUPS, side_by_side, subgroups
from evaluation.report.figures.strip_figure import (
    balance,
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
from evaluation.report.sections.measures import varied
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence

_NUMBERS = ("percent", "low", "high", "p", "headline")


def check_figure(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The picture of a check that has one.

    Raises
    ------
    KeyError : for a check without a figure; ask `has_figure` first.
    """
    return _FIGURES[_kind(check)](evidence, outcome, check)


def has_figure(check: Check) -> bool:
    """Whether the numbers of a check are shown in a figure of their own."""
    return _kind(check) in _FIGURES and bool(check.table)


def _kind(check: Check) -> str:
    """The name of a check without the trait it is about."""
    return SUBGROUPS if check.name.startswith(f"{SUBGROUPS}-") else check.name


def _curve(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    table = sorted(check.table, key=lambda row: float(row["percent"]))
    rows = [
        whisker(row, str(place), headline=row.get("headline") is True)
        for place, row in enumerate(table, start=1)
    ]
    key, label = key_of(check, outcome), words.capital(outcome.label)
    choices = varied(table, evidence.data.frequency)
    with plots.style():
        figure = plots.blank(plots.curve_height(choices))
        plots.specification_curve(rows, choices, figure)
        svg = plots.svg_text(figure, key)
    below, above = sum(row.high < 0 for row in rows), sum(row.low > 0 for row in rows)
    sides = say(
        "check-figures.of-specifications-are-clearly-below",
        below=below,
        n_rows=len(rows),
        above=above,
        n_rows2=len(rows) - below - above,
    )
    behind = "; ".join(f"{choice.name}: {', '.join(choice.order)}" for choice in choices)
    listed = [
        {
            "rank": str(place),
            **{name: row.get(name) for name in _NUMBERS},
            **{choice.name: choice.kinds[place - 1] for choice in choices},
        }
        for place, row in enumerate(table, start=1)
    ]
    return Figure(
        key=key,
        svg=svg,
        title=say(
            "check-figures.estimates-go-and-headline-is",
            label=label,
            sides=sides,
            rows=span(rows),
            headline=headline(outcome),
        ),
        description=say(
            "check-figures.specification-curve-estimates-of-percent",
            n_rows=len(rows),
            label=outcome.label,
            rows=span(rows),
            sides=sides,
            headline=headline(outcome),
            behind=behind,
        ),
        table=rows_table(
            f"{key}-table", say("check-figures.every-specification", label=label), listed
        ),
        note=note_of(
            check,
            say(
                "check-figures.each-column-is-one-way",
                filled=say("strip-figure.filled-dot-its-95-range"),
            ),
            cut=plots.cut(rows),
        ),
    )


def _unaffected(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    key, label, table = key_of(check, outcome), words.capital(outcome.label), check.table
    others = [whisker(row, words.capital(str(row["outcome"]))) for row in table]
    rows = [headline_whisker(outcome, label), *others]
    with plots.style():
        figure = plots.blank(plots.whiskers_height(len(rows)))
        plots.planned_alternatives(rows, figure.axes[0])
        svg = plots.svg_text(figure, key)
    moved = sum(clear(row) for row in others)
    return Figure(
        key=key,
        svg=svg,
        title=say(
            "check-figures.of-outcomes-that-should-not",
            label=label,
            n_others=len(others),
            moved=moved,
            headline=headline(outcome),
        ),
        description=(
            say("check-figures.dot-plot-of-percent-change", label=outcome.label, rows=one(rows[0]))
            + "; ".join(f"{row.label} {one(row)}" for row in others)
            + "."
        ),
        table=rows_table(
            f"{key}-table", say("check-figures.outcomes-that-should-not-have", label=label), table
        ),
        note=note_of(check, say("check-figures.same-model-for-outcomes-that")),
    )


def _correlogram(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    key, label = key_of(check, outcome), words.capital(outcome.label)
    lags = [
        plots.Lag(
            int(row["lag"]),
            float(row["autocorrelation"]),
            float(row["partial"]),
            float(row["band"]),
        )
        for row in sorted(check.table, key=lambda row: int(row["lag"]))
    ]
    with plots.style():
        figure = plots.blank(plots.CORRELOGRAM_HEIGHT)
        plots.correlogram(lags, figure)
        svg = plots.svg_text(figure, key)
    outside = sum(abs(lag.autocorrelation) > lag.band for lag in lags)
    largest = max(lags, key=lambda lag: abs(lag.autocorrelation))
    listed = "; ".join(
        say(
            "check-figures.and",
            lag=lag.lag,
            autocorrelation=words.number(lag.autocorrelation, 2),
            partial=words.number(lag.partial, 2),
        )
        for lag in lags
    )
    noun = evidence.data.frequency + ("" if largest.lag == 1 else "s")
    return Figure(
        key=key,
        svg=svg,
        title=say(
            "check-figures.of-correlations-left-over-lie",
            label=label,
            outside=outside,
            n_lags=len(lags),
            autocorrelation=words.number(largest.autocorrelation, 2),
            lag=largest.lag,
            noun=noun,
        ),
        description=say(
            "check-figures.two-bar-charts-of-correlation",
            label=outcome.label,
            frequency=evidence.data.frequency,
            band=words.number(lags[0].band, 2),
            listed=listed,
        ),
        table=rows_table(
            f"{key}-table", say("check-figures.correlation-left-over", label=label), check.table
        ),
        note=note_of(
            check,
            say("check-figures.by-chance-about-one-in"),
        ),
    )


_FIGURES: dict[str, Callable[[Evidence, OutcomeEvidence, Check], Figure]] = {
    "specification-curve": _curve,
    "base-period": base_period,
    "start-date": start_date,
    "placebo-dates": placebo_dates,
    "unaffected-outcomes": _unaffected,
    "correlogram": _correlogram,
    "placebo-outcomes": _unaffected,
    "placebo-units": placebo_units,
    "later-events": later_events,
    "differing-trends": differing_trends,
    "balance": balance,
    "side-by-side": side_by_side,
    SUBGROUPS: subgroups,
    "leave-one-control-out": leave_one_control_out,
    "contaminated-controls": contaminated_controls,
}
