"""The checks of one outcome as pictures: of each what is drawn, and what its words have in braces.

Its words are "figure.<check>" in the text: title, description, note, and what stands on its axis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evaluation import plots
from evaluation.effect import Check
from evaluation.plots import Whisker
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.figures import estimates
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.estimates import (
    Picture,
    beside,
    by_size,
    clear,
    headline_whisker,
    listed,
    one,
    rows_table,
    sides,
    span,
    verdict,
    whisker,
)
from evaluation.report.figures.figures import anchor
from evaluation.report.sections.measures import varied
from evaluation.say import ENGLISH, say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import SUBGROUPS, asked

# Followed by the trait, in the names of checks.
_NUMBERS = ("percent", "low", "high", "p", "headline")
# How trends may have differed, and the bound at which they change as much as the largest did
# before the start.
_ALLOWED = ("change in trend, times the largest before", "change of slope a period")
_AS_LARGE = 1.0


def has_figure(check: Check) -> bool:
    """Whether the numbers of a check are shown in a figure of their own."""
    return asked(check)[0] in _PICTURES and bool(check.table)


def check_figure(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The picture of a check that has one, with its words and its table.

    Raises
    ------
    KeyError : for a check without a figure; ask `has_figure` first.
    """
    kind, key = asked(check)[0], f"{check.name}-{anchor(outcome.column)}"
    picture = _PICTURES[kind](evidence, outcome, check)
    parts: dict[str, Any] = {
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
        return ENGLISH.say(own if ENGLISH.has(own) else f"figure.{part}", **parts)

    note = [told("note"), *([say("figure.cut")] if picture.cut else [])]
    if check.passed is not None:
        note.append(say("figure.verdict", verdict=verdict(check).lower()))
    return as_figure(
        key,
        picture.draw,
        picture.height,
        picture.narrow,
        title=told("title"),
        description=told("description"),
        table=rows_table(
            f"{key}-table", told("table"), check.table if picture.table is None else picture.table
        ),
        note=" ".join(note),
    )


def _contaminated_controls(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The answer without the controls that had a program of their own."""
    # The first row is the headline again.
    others = [whisker(row, words.capital(str(row["controls"]))) for row in check.table[1:]]
    own = headline_whisker(outcome, say("figure.contaminated-controls.own"))
    without = words.signed_percent(others[0].estimate)
    return beside([own, *others], without=without)


def _unaffected(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """Outcomes that the program should not move, under the headline."""
    others = [whisker(row, words.capital(str(row["outcome"]))) for row in check.table]
    own = headline_whisker(outcome, words.capital(outcome.label))
    moved = sum(map(clear, others))
    return beside(
        [own, *others], listed=listed(others), others=len(others), moved=moved, own=one(own)
    )


def _side_by_side(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """Percent changes of every planned outcome, so that arrest stands beside victimization."""
    rows = [
        whisker(row, words.capital(str(row["outcome"])), headline=place == 0)
        for place, row in enumerate(check.table)
    ]
    return beside(rows)


def _subgroups(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The effect in each group, in points, with what is clear over all of them together."""
    trait = asked(check)[1].replace("_", " ")
    rows = [
        Whisker(str(row["group"]), float(row["estimate"]), float(row["low"]), float(row["high"]))
        for row in check.table
    ]
    lines = tuple(
        say(
            "figure.subgroups.row",
            group=row.label,
            low=words.number(row.low, 2),
            high=words.number(row.high, 2),
            estimate=words.number(row.estimate, 2),
        )
        for row in rows
    )
    return beside(
        rows,
        axis={"axis": say("figure.subgroups.axis"), "percent": False},
        trait=say("figure.subgroups.area") if trait == "area" else trait,
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
    choices = [
        plots.Choice(
            choice.name,
            tuple(map(words.period_words, choice.kinds)),
            tuple(map(words.period_words, choice.order)),
        )
        for choice in varied(table, evidence.data.frequency)
    ]
    counted = sides(rows)
    return Picture(
        plots.curve_height(choices),
        lambda figure: plots.specification_curve(rows, choices, figure),
        {
            **counted,
            "sides": ENGLISH.say("figure.specification-curve.sides", **counted),
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
        plots.curve_height(choices, narrow=True),
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
                    whole=lag.autocorrelation,
                    partial=lag.partial,
                )
                for lag in lags
            ),
        },
        narrow=plots.CORRELOGRAM_HEIGHT + 0.5,
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
        narrow=plots.TRENDS_HEIGHT + 0.5,
    )


def _ends(row: plots.Allowed) -> str:
    return words.ends(words.number(row.low, 2), words.number(row.high, 2))


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


def _real_cities(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The headline above the changes that appear in cities where nothing began."""
    kind = "figure.real-cities"
    rows = [
        whisker(row, say(f"{kind}.{'risen' if row['rise'] else 'row'}", rise=row["rise"]))
        for row in check.table
    ]
    own = headline_whisker(outcome, words.capital(outcome.label))
    low, high = (words.signed_percent(end) for end in (rows[0].low, rows[0].high))
    says = words.sentence(str(check.says))
    return beside([own, *rows], low=low, high=high, says=says)


_PICTURES: dict[str, Callable[[Evidence, OutcomeEvidence, Check], Picture]] = {
    "specification-curve": _curve,
    "base-period": estimates.base_period,
    "start-date": estimates.start_date,
    "placebo-dates": estimates.placebo_dates,
    "unaffected-outcomes": _unaffected,
    "real-cities": _real_cities,
    "correlogram": _correlogram,
    "placebo-outcomes": _unaffected,
    "placebo-units": estimates.placebo_units,
    "later-events": estimates.later_events,
    "differing-trends": _differing_trends,
    "balance": _balance,
    "side-by-side": _side_by_side,
    SUBGROUPS: _subgroups,
    "leave-one-control-out": estimates.leave_one_control_out,
    "contaminated-controls": _contaminated_controls,
}
