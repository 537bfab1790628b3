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
    FILLED,
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
    sides = (
        f"{below} of {len(rows)} specifications are clearly below what was expected, {above} "
        f"clearly above, {len(rows) - below - above} leave it open"
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
        title=(
            f"{label}: {sides}; estimates go {span(rows)}, and the headline is {headline(outcome)}"
        ),
        description=(
            f"Specification curve: {len(rows)} estimates of the percent change in {outcome.label} "
            f"with 95% ranges, sorted, {span(rows)}. {sides}. Headline {headline(outcome)}. "
            "Dots below the curve show the choices behind each estimate. "
            f"{behind}."
        ),
        table=rows_table(f"{key}-table", f"{label}: every specification", listed),
        note=note_of(
            check,
            "Each column is one way to do the analysis: its estimate above, the choices behind it "
            f"below. The diamond is the headline. {FILLED}",
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
        title=(
            f"{label}: of {len(others)} outcomes that should not have moved, {moved} did; the "
            f"headline is {headline(outcome)}"
        ),
        description=(
            f"Dot plot of percent change with 95% ranges: {outcome.label} {one(rows[0])}, then "
            "outcomes that the program should not move: "
            + "; ".join(f"{row.label} {one(row)}" for row in others)
            + "."
        ),
        table=rows_table(f"{key}-table", f"{label}: outcomes that should not have moved", table),
        note=note_of(check, "The same model, for outcomes that the program should not move."),
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
        f"{lag.lag}: {words.number(lag.autocorrelation, 2)} and {words.number(lag.partial, 2)}"
        for lag in lags
    )
    noun = evidence.data.frequency + ("" if largest.lag == 1 else "s")
    return Figure(
        key=key,
        svg=svg,
        title=(
            f"{label}: {outside} of {len(lags)} correlations left over lie outside the band of "
            f"chance; the largest is {words.number(largest.autocorrelation, 2)}, {largest.lag} "
            f"{noun} apart"
        ),
        description=(
            f"Two bar charts of the correlation that the model of {outcome.label} leaves over, by "
            f"how many {evidence.data.frequency}s lie between. Band of chance: ±"
            f"{words.number(lags[0].band, 2)}. Correlation and partial correlation, {listed}."
        ),
        table=rows_table(f"{key}-table", f"{label}: correlation left over", check.table),
        note=note_of(
            check,
            "By chance about one in twenty lies outside the gray band. A diamond marks one that "
            "does.",
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
