"""Effects on several outcomes of the same people, or in several groups, beside each other."""

from __future__ import annotations

from evaluation import plots
from evaluation.effect import Check
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.figures.strip_figure import clear, key_of, note_of, one, whisker
from evaluation.report.sections.check_table import rows_table
from evaluation.study.evidence import Evidence, OutcomeEvidence

# Followed by the trait, in the names of checks.
SUBGROUPS = "subgroups"


def side_by_side(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """Percent changes of every planned outcome, so that arrest stands beside victimization."""
    key, label = key_of(check, outcome), words.capital(outcome.label)
    rows = [
        whisker(row, words.capital(str(row["outcome"])), headline=place == 0)
        for place, row in enumerate(check.table)
    ]
    with plots.style():
        figure = plots.blank(plots.whiskers_height(len(rows)))
        plots.planned_alternatives(rows, figure.axes[0])
        svg = plots.svg_text(figure, key)
    below, above = sum(row.high < 0 for row in rows), sum(row.low > 0 for row in rows)
    return Figure(
        key=key,
        svg=svg,
        title=(
            f"{label} beside the others: of {len(rows)} outcomes {below} are clearly below what "
            f"was expected and {above} clearly above"
        ),
        description=(
            "Dot plot of percent change with 95% ranges, one row an outcome of the same people: "
            + "; ".join(f"{row.label} {one(row)}" for row in rows)
            + "."
        ),
        table=rows_table(f"{key}-table", f"{label}: the outcomes side by side", check.table),
        note=note_of(
            check,
            "The same method for every outcome. Fewer arrests without fewer people hurt can be "
            "less enforcement and not less offending.",
        ),
    )


def subgroups(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The effect in each group, in points, with what is clear over all of them together."""
    key, label = key_of(check, outcome), words.capital(outcome.label)
    trait = check.name.removeprefix(f"{SUBGROUPS}-").replace("_", " ")
    trait = "neighborhood" if trait == "area" else trait
    rows = [
        plots.Whisker(
            str(row["group"]), float(row["estimate"]), float(row["low"]), float(row["high"])
        )
        for row in check.table
    ]
    with plots.style():
        figure = plots.blank(plots.whiskers_height(len(rows)))
        plots.planned_alternatives(
            rows,
            figure.axes[0],
            axis="Change against expected, in units of the outcome; left of the line is below",
            percent=False,
        )
        svg = plots.svg_text(figure, key)
    lines = "; ".join(
        f"{row.label} {words.number(row.estimate, 2)} "
        f"({words.number(row.low, 2)} to {words.number(row.high, 2)})"
        for row in rows
    )
    alone = sum(clear(row) for row in rows)
    together = sum(float(row["p over all groups"]) < 0.05 for row in check.table)
    return Figure(
        key=key,
        svg=svg,
        title=f"{label} by {trait}: the change is clear in {together} of {len(rows)} groups",
        description=f"Dot plot of the change with 95% ranges, one row a {trait}: {lines}.",
        table=rows_table(f"{key}-table", f"{label} by {trait}", check.table),
        note=note_of(
            check,
            f"Each range is of its group alone; {alone} of {len(rows)} leave out no change. Clear "
            "means with p below 0.05 over all groups together, because among many groups one is "
            "found by chance.",
        ),
    )
