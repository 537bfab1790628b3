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
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import window_of

_TICKS = 10
# The bound at which changes in trend are as large as the largest before the start.
_AS_LARGE = 1.0
_MAGNITUDES, _SLOPES = "change in trend, times the largest before", "change of slope a period"
_ACROSS = {
    _MAGNITUDES: "Change in trend, times the largest before",
    _SLOPES: "Change of slope a period",
}


def leave_one_control_out(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The answer without each control in turn, from the lowest to the highest."""
    table = _sorted(check.table)
    left = [whisker(row, f"without {row['without']}") for row in table]
    return along(
        outcome,
        check,
        Drawn(
            [headline_whisker(outcome, "all controls"), *left],
            [float(place) for place in range(len(left) + 1)],
            _ranks(len(left)),
            "Control left out, sorted by the answer without it",
            "With all controls",
            "with all controls, then without each in turn, sorted",
            f"{span(left)}, whichever one of {len(left)} controls is left out",
            "Each dot is the answer without one control; the diamond is with all of them, as "
            "planned.",
            table,
        ),
    )


def placebo_units(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """What the method finds for units that had no program, beside the answer."""
    table = _sorted(check.table)
    false = [whisker(row, str(row["placebo"])) for row in table]
    own = headline_whisker(outcome, "the treated")
    rows = sorted([*false, own], key=lambda row: row.estimate)
    found = sum(clear(row) for row in false)
    return along(
        outcome,
        check,
        Drawn(
            rows,
            [float(place) for place in range(1, len(rows) + 1)],
            _ranks(len(rows)),
            "Rank of the answer, lowest first",
            "The treated",
            "sorted, for units taken for treated that were not, and for those that were",
            f"in {found} of {len(false)} placebos the method finds a change, though there was no "
            "program",
            "Each dot pretends that untreated units were treated, and leaves out those that were. "
            "The diamond is the answer for those that were.",
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
            f"Last {noun} used",
            f"As planned: {words.period_words(last)}",
            f"by the last {noun} used",
            f"{span(rows)}, depending on where the series ends",
            "Each dot is the answer had the series ended at that time; the diamond is as planned.",
            table,
        ),
    )


def contaminated_controls(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The answer without the controls that had a program of their own."""
    key, label, table = key_of(check, outcome), words.capital(outcome.label), check.table
    # The first row is the headline again.
    others = [whisker(row, words.capital(str(row["controls"]))) for row in table[1:]]
    rows = [headline_whisker(outcome, "With every control"), *others]
    with plots.style():
        figure = plots.blank(plots.whiskers_height(len(rows)))
        plots.planned_alternatives(rows, figure.axes[0])
        svg = plots.svg_text(figure, key)
    return Figure(
        key=key,
        svg=svg,
        title=(
            f"{label}: without the controls that had a program of their own the change is "
            f"{words.signed_percent(others[0].estimate)}; the headline is {headline(outcome)}"
        ),
        description=(
            f"Dot plot of percent change in {outcome.label} with 95% ranges: "
            + "; ".join(f"{row.label} {one(row)}" for row in rows)
            + "."
        ),
        table=rows_table(f"{key}-table", f"{label}: {check.question}", table),
        note=note_of(
            check,
            "A control whose own program worked hides the effect. The diamond is with every "
            "control, as planned.",
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
        plots.differing_trends(panels, figure, measure=f"Mean change, {outcome.measure}")
        svg = plots.svg_text(figure, key)
    drawn = [row for _, rows in panels for row in rows]
    return Figure(
        key=key,
        svg=svg,
        title=f"{label}: {_remains(panels[0][1])}",
        description=(
            f"Ranges of the mean effect on {outcome.label} ({outcome.measure}) by how much the "
            "trends of treated and untreated may have differed; a horizontal line marks no "
            "effect. "
            + " ".join(
                f"{across}: " + "; ".join(f"{row.bound:.2g}: {_range(row)}" for row in rows) + "."
                for across, rows in panels
            )
        ),
        table=rows_table(f"{key}-table", f"{label}: {check.question}", check.table),
        note=note_of(
            check,
            "At nought on the left the trends are taken to be equal, as the headline does; at "
            "nought on the right they may drift apart in a straight line. "
            f"{words.sentence(str(check.says))} A thick line leaves out no effect; a thin one "
            "holds it. "
            "This is a mean over times since the start, for each unit and in the measure of the "
            "outcome, and not the percent change of the headline.",
            cut=plots.trends_cut(drawn),
        ),
    )


def _remains(rows: Sequence[plots.Allowed]) -> str:
    """What is left of the answer when trends change as much as before; the title."""
    equal = rows[0]
    said = (
        "the mean effect is not clear even with equal trends"
        if equal.low <= 0 <= equal.high
        else "the mean effect is clear with equal trends"
    )
    same = next((row for row in rows if row.bound == _AS_LARGE), None)
    if same is None or equal.low <= 0 <= equal.high:
        return f"{said} ({_range(equal)})"
    verb = "no longer" if same.low <= 0 <= same.high else "still"
    return (
        f"{said} ({_range(equal)}), and {verb} so when they change as much as before the start "
        f"({_range(same)})"
    )


def _range(row: plots.Allowed) -> str:
    return f"{words.number(row.low, 2)} to {words.number(row.high, 2)}"


def _sorted(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: float(row["percent"]))


def _ranks(count: int) -> list[tuple[float, str]]:
    """Ranks to print: the first, and then round ones, about ten."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, count) if count <= step * _TICKS)
    return [(1.0, "1"), *((float(at), str(at)) for at in range(step, count + 1, step) if at > 1)]
