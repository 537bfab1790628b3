"""Effects on several outcomes of the same people, or in several groups, beside each other."""

from __future__ import annotations

from evaluation import plots
from evaluation.effect import Check
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.figures.strip_figure import clear, key_of, note_of, one, whisker
from evaluation.report.sections.check_table import rows_table
from evaluation.say import say
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
        title=say(
            "group-figures.beside-others-of-outcomes-are",
            label=label,
            n_rows=len(rows),
            below=below,
            above=above,
        ),
        description=(
            say("group-figures.dot-plot-of-percent-change")
            + "; ".join(f"{row.label} {one(row)}" for row in rows)
            + "."
        ),
        table=rows_table(
            f"{key}-table", say("group-figures.outcomes-side-by-side", label=label), check.table
        ),
        note=note_of(
            check,
            say("group-figures.same-method-for-every-outcome"),
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
            axis=say("group-figures.change-against-expected-in-units"),
            percent=False,
        )
        svg = plots.svg_text(figure, key)
    lines = "; ".join(
        say(
            "group-figures.to",
            label=row.label,
            estimate=words.number(row.estimate, 2),
            low=words.number(row.low, 2),
            high=words.number(row.high, 2),
        )
        for row in rows
    )
    alone = sum(clear(row) for row in rows)
    together = sum(float(row["p over all groups"]) < 0.05 for row in check.table)
    return Figure(
        key=key,
        svg=svg,
        title=say(
            "group-figures.by-change-is-clear-in",
            label=label,
            trait=trait,
            together=together,
            n_rows=len(rows),
        ),
        description=say("group-figures.dot-plot-of-change-with", trait=trait, lines=lines),
        table=rows_table(
            f"{key}-table", say("group-figures.by", label=label, trait=trait), check.table
        ),
        note=note_of(
            check,
            say("group-figures.each-range-is-of-its", alone=alone, n_rows=len(rows)),
        ),
    )
