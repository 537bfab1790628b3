"""The checks of one outcome as pictures: of each what is drawn, and what its words have in braces.

Its words are "figure.<check>" in the text: title, description, note, and what stands on its axis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation import plots
from evaluation.effect import Check
from evaluation.plots import Whisker
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.figures.estimates import (
    Row,
    Ticks,
    by_size,
    clear,
    headline_whisker,
    listed,
    one,
    places,
    ranks,
    shifts,
    signed,
    span,
    verdict,
    whisker,
    years,
)
from evaluation.report.figures.figures import anchor
from evaluation.report.sections.check_table import rows_table
from evaluation.report.sections.measures import varied
from evaluation.say import ENGLISH, say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import window_of

# Followed by the trait, in the names of checks.
SUBGROUPS = "subgroups"
_NUMBERS = ("percent", "low", "high", "p", "headline")
# How trends may have differed, and the bound at which they change as much as the largest did
# before the start.
_ALLOWED = ("change in trend, times the largest before", "change of slope a period")
_AS_LARGE = 1.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What the figure of one check shows.

    Parameters
    ----------
    draw : onto a blank figure of this height. parts : what its words have in braces. table : what
        the table prints where that is not the rows of the check. cut : whether a range goes on.
    """

    height: float
    draw: Callable[[Any], object]
    parts: Mapping[str, object]
    table: Sequence[Row] | None = None
    cut: bool = False


def has_figure(check: Check) -> bool:
    """Whether the numbers of a check are shown in a figure of their own."""
    return _kind(check) in _PICTURES and bool(check.table)


def check_figure(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The picture of a check that has one, with its words and its table.

    Raises
    ------
    KeyError : for a check without a figure; ask `has_figure` first.
    """
    kind, key = _kind(check), f"{check.name}-{anchor(outcome.column)}"
    picture = _PICTURES[kind](evidence, outcome, check)
    with plots.style():
        figure = plots.blank(picture.height)
        picture.draw(figure)
        svg = plots.svg_text(figure, key)
    parts = {
        "label": words.capital(outcome.label),
        "outcome": outcome.label,
        "measure": outcome.measure,
        "noun": evidence.data.frequency,
        "question": check.question,
        "headline": words.signed_percent(outcome.effect.percent.estimate),
        "filled": say("figure.filled"),
        **picture.parts,
    }

    def told(part: str) -> str:
        own = f"figure.{kind}.{part}"
        return say(own if ENGLISH.has(own) else f"figure.{part}", **parts)

    note = [told("note"), *([say("figure.cut")] if picture.cut else [])]
    if check.passed is not None:
        note.append(say("figure.verdict", verdict=verdict(check).lower()))
    return Figure(
        key=key,
        svg=svg,
        title=told("title"),
        description=told("description"),
        table=rows_table(
            f"{key}-table",
            told("table"),
            check.table if picture.table is None else picture.table,
        ),
        note=" ".join(note),
    )


def _kind(check: Check) -> str:
    """The name of a check without the trait it is about."""
    return SUBGROUPS if check.name.startswith(f"{SUBGROUPS}-") else check.name


def _along(
    kind: str,
    rows: list[Whisker],
    at: Sequence[float],
    ticks: Ticks,
    *,
    table: Sequence[Row] | None = None,
    **parts: object,
) -> Picture:
    """Many answers side by side along an axis, the headline among them, when one thing is
    varied."""
    lowest, highest = (end(rows, key=lambda row: row.estimate) for end in (min, max))
    return Picture(
        plots.ALONG_HEIGHT,
        lambda figure: plots.estimates_along(
            rows,
            list(at),
            figure.axes[0],
            ticks=ticks,
            across=say(f"figure.{kind}.across", **parts),
            mark=say(f"figure.{kind}.mark", **parts),
        ),
        {
            "rows": len(rows),
            "clear": sum(map(clear, rows)),
            "order": say(f"figure.{kind}.order", **parts),
            "lowest": lowest.label,
            "least": one(lowest),
            "highest": highest.label,
            "most": one(highest),
            "span": span(rows),
            **parts,
        },
        table,
        plots.cut(rows),
    )


def _beside(rows: list[Whisker], *, axis: Mapping[str, Any] | None = None, **parts: object) -> Any:
    """Answers one under the other."""
    return Picture(
        plots.whiskers_height(len(rows)),
        lambda figure: plots.planned_alternatives(rows, figure.axes[0], **(axis or {})),
        {"listed": listed(rows), "rows": len(rows), **parts},
    )


def _base_period(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The answer for every period in which the series could begin."""
    planned, noun = outcome.effect.path[0].period, evidence.data.frequency
    found = [whisker(row, str(row["first"])) for row in check.table if row["first"] != planned]
    rows = [headline_whisker(outcome, planned), *found]
    when = [row.label for row in rows]
    known = {"noun": noun, "planned": words.period_words(planned)}
    return _along("base-period", rows, places(when, noun), years(when, noun), **known)


def _start_date(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The answer for starts some periods before and after the planned one."""
    moved = [row for row in check.table if int(row["shift"]) != 0]
    rows = [headline_whisker(outcome, evidence.start)]
    rows += [whisker(row, str(row["start"])) for row in moved]
    by = [0, *(int(row["shift"]) for row in moved)]
    return _along(
        "start-date",
        rows,
        [float(shift) for shift in by],
        shifts(by),
        noun=evidence.data.frequency,
        nouns=words.capital(evidence.data.frequency),
        start=words.period_words(evidence.start),
        first=signed(min(by)),
        last=signed(max(by)),
        farthest=max(map(abs, by)),
    )


def _placebo_dates(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """What the method finds at dates when nothing began, beside the answer."""
    noun = evidence.data.frequency
    false = [whisker(row, str(row["period"])) for row in check.table]
    rows = [*false, headline_whisker(outcome, evidence.start)]
    when = [row.label for row in rows]
    return _along(
        "placebo-dates",
        rows,
        places(when, noun),
        years(when, noun),
        noun=noun,
        nouns=words.capital(noun),
        start=words.period_words(evidence.start),
        found=sum(map(clear, false)),
        dates=len(false),
    )


def _later_events(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The answer for every year in which the series could end."""
    noun, last = evidence.data.frequency, window_of(evidence, outcome)[1]
    rows = [whisker(row, str(row["last period"])) for row in check.table]
    rows.append(headline_whisker(outcome, last))
    when = [row.label for row in rows]
    known = {"noun": noun, "planned": words.period_words(last)}
    return _along("later-events", rows, places(when, noun), years(when, noun), **known)


def _leave_one_control_out(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The answer without each control in turn, from the lowest to the highest."""
    kind, table = "leave-one-control-out", by_size(check.table)
    left = [whisker(row, say(f"figure.{kind}.row", unit=row["without"])) for row in table]
    return _along(
        kind,
        [headline_whisker(outcome, say(f"figure.{kind}.own")), *left],
        [float(place) for place in range(len(left) + 1)],
        ranks(len(left)),
        table=table,
        left=span(left),
        controls=len(left),
    )


def _placebo_units(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """What the method finds for units that had no program, beside the answer."""
    kind, table = "placebo-units", by_size(check.table)
    false = [whisker(row, str(row["placebo"])) for row in table]
    own = headline_whisker(outcome, say(f"figure.{kind}.own"))
    rows = sorted([*false, own], key=lambda row: row.estimate)
    at = [float(place) for place in range(1, len(rows) + 1)]
    found = {"found": sum(map(clear, false)), "placebos": len(false)}
    return _along(kind, rows, at, ranks(len(rows)), table=table, **found)


def _contaminated_controls(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The answer without the controls that had a program of their own."""
    # The first row is the headline again.
    others = [whisker(row, words.capital(str(row["controls"]))) for row in check.table[1:]]
    own = headline_whisker(outcome, say("figure.contaminated-controls.own"))
    without = words.signed_percent(others[0].estimate)
    return _beside([own, *others], without=without)


def _unaffected(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """Outcomes that the program should not move, under the headline."""
    others = [whisker(row, words.capital(str(row["outcome"]))) for row in check.table]
    own = headline_whisker(outcome, words.capital(outcome.label))
    moved = sum(map(clear, others))
    found = {"listed": listed(others), "others": len(others), "moved": moved, "own": one(own)}
    return _beside([own, *others], **found)


def _side_by_side(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """Percent changes of every planned outcome, so that arrest stands beside victimization."""
    rows = [
        whisker(row, words.capital(str(row["outcome"])), headline=place == 0)
        for place, row in enumerate(check.table)
    ]
    below, above = sum(row.high < 0 for row in rows), sum(row.low > 0 for row in rows)
    return _beside(rows, below=below, above=above)


def _subgroups(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The effect in each group, in points, with what is clear over all of them together."""
    trait = check.name.removeprefix(f"{SUBGROUPS}-").replace("_", " ")
    rows = [
        Whisker(str(row["group"]), float(row["estimate"]), float(row["low"]), float(row["high"]))
        for row in check.table
    ]
    lines = tuple(
        say(
            "figure.subgroups.row",
            group=row.label,
            **{end: words.number(getattr(row, end), 2) for end in ("estimate", "low", "high")},
        )
        for row in rows
    )
    return _beside(
        rows,
        axis={"axis": say("figure.subgroups.axis"), "percent": False},
        trait="neighborhood" if trait == "area" else trait,
        listed=lines,
        alone=sum(map(clear, rows)),
        together=sum(float(row["p over all groups"]) < 0.05 for row in check.table),
    )


def _curve(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """Every specification, sorted, over the choices behind it."""
    table = by_size(check.table)
    rows = [
        whisker(row, str(place), headline=row.get("headline") is True)
        for place, row in enumerate(table, start=1)
    ]
    choices = varied(table, evidence.data.frequency)
    below, above = sum(row.high < 0 for row in rows), sum(row.low > 0 for row in rows)
    open_ = len(rows) - below - above
    counted = {"rows": len(rows), "below": below, "above": above, "open": open_}
    return Picture(
        plots.curve_height(choices),
        lambda figure: plots.specification_curve(rows, choices, figure),
        {
            **counted,
            "sides": say("figure.specification-curve.sides", **counted),
            "span": span(rows),
            "behind": tuple(f"{choice.name}: {', '.join(choice.order)}" for choice in choices),
        },
        [
            {
                "rank": str(place),
                **{name: row.get(name) for name in _NUMBERS},
                **{choice.name: choice.kinds[place - 1] for choice in choices},
            }
            for place, row in enumerate(table, start=1)
        ],
        plots.cut(rows),
    )


def _correlogram(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """Correlation that the model leaves over, by how many periods lie between."""
    lags = [
        plots.Lag(
            int(row["lag"]),
            float(row["autocorrelation"]),
            float(row["partial"]),
            float(row["band"]),
        )
        for row in sorted(check.table, key=lambda row: int(row["lag"]))
    ]
    largest = max(lags, key=lambda lag: abs(lag.autocorrelation))
    return Picture(
        plots.CORRELOGRAM_HEIGHT,
        lambda figure: plots.correlogram(lags, figure),
        {
            "outside": sum(abs(lag.autocorrelation) > lag.band for lag in lags),
            "lags": len(lags),
            "largest": words.number(largest.autocorrelation, 2),
            "lag": largest.lag,
            "band": words.number(lags[0].band, 2),
            "listed": tuple(
                say(
                    "figure.correlogram.row",
                    lag=lag.lag,
                    whole=words.number(lag.autocorrelation, 2),
                    partial=words.number(lag.partial, 2),
                )
                for lag in lags
            ),
        },
    )


def _differing_trends(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The range of the mean effect by how much trends may have differed."""
    panels = [
        (
            words.capital(kind),
            [
                plots.Allowed(float(row["bound"]), float(row["low"]), float(row["high"]))
                for row in check.table
                if row["allowed"] == kind
            ],
        )
        for kind in _ALLOWED
    ]
    panels = [(across, rows) for across, rows in panels if rows]
    equal = panels[0][1][0]
    # What is left of the answer when trends change as much as before.
    same = next((row for row in panels[0][1] if row.bound == _AS_LARGE), None)
    open_ = equal.low <= 0 <= equal.high
    left = "open" if open_ else "alone" if same is None else "with"
    axis = say("figure.differing-trends.axis", measure=outcome.measure)
    return Picture(
        plots.TRENDS_HEIGHT,
        lambda figure: plots.differing_trends(panels, figure, measure=axis),
        {
            "left": say(
                f"figure.differing-trends.{left}",
                equal=_ends(equal),
                gone=same is not None and same.low <= 0 <= same.high,
                same="" if same is None else _ends(same),
            ),
            "panels": tuple(
                f"{across}: " + "; ".join(f"{row.bound:.2g}: {_ends(row)}" for row in rows) + "."
                for across, rows in panels
            ),
            "says": words.sentence(str(check.says)),
        },
        cut=plots.trends_cut([row for _, rows in panels for row in rows]),
    )


def _ends(row: plots.Allowed) -> str:
    return say("between.mixed", low=words.number(row.low, 2), high=words.number(row.high, 2))


def _balance(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """Differences of every covariate before and after weighting, the largest first."""
    gaps = [
        plots.Gap(
            str(row["covariate"]),
            float(row["before"]),
            float(row["after"]) if "after" in row else None,
        )
        for row in check.table
    ]
    weighted = [gap.after for gap in gaps if gap.after is not None]
    told = "weighted" if weighted else "unweighted"
    far = sum(abs(value) > plots.ALIKE for value in weighted)
    return Picture(
        plots.love_height(len(gaps)),
        lambda figure: plots.love(gaps, figure.axes[0]),
        {
            "found": say(f"figure.balance.{told}", far=far, gaps=len(gaps), alike=plots.ALIKE),
            "listed": tuple(
                say(
                    f"figure.balance.{'row' if gap.after is None else 'row-weighted'}",
                    name=gap.label,
                    before=words.number(gap.before, 2),
                    after="" if gap.after is None else words.number(gap.after, 2),
                )
                for gap in gaps
            ),
        },
    )


_PICTURES: dict[str, Callable[[Evidence, OutcomeEvidence, Check], Picture]] = {
    "specification-curve": _curve,
    "base-period": _base_period,
    "start-date": _start_date,
    "placebo-dates": _placebo_dates,
    "unaffected-outcomes": _unaffected,
    "correlogram": _correlogram,
    "placebo-outcomes": _unaffected,
    "placebo-units": _placebo_units,
    "later-events": _later_events,
    "differing-trends": _differing_trends,
    "balance": _balance,
    "side-by-side": _side_by_side,
    SUBGROUPS: _subgroups,
    "leave-one-control-out": _leave_one_control_out,
    "contaminated-controls": _contaminated_controls,
}
