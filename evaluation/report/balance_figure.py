"""How alike participants and their comparison are, as a picture."""

from __future__ import annotations

from evaluation import plots
from evaluation.effect import Check
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.estimates import key_of, note_of
from evaluation.report.rows import rows_table
from evaluation.study.evidence import Evidence, OutcomeEvidence


def balance(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """Differences of every covariate before and after weighting, the largest first."""
    gaps = [
        plots.Gap(
            str(row["covariate"]),
            float(row["before"]),
            float(row["after"]) if "after" in row else None,
        )
        for row in check.table
    ]
    key = key_of(check, outcome)
    with plots.style():
        figure = plots.blank(plots.love_height(len(gaps)))
        plots.love(gaps, figure.axes[0])
        svg = plots.svg_text(figure, key)
    weighted = [gap.after for gap in gaps if gap.after is not None]
    far = sum(abs(value) > plots.ALIKE for value in weighted)
    said = (
        f"{far} of {len(gaps)} covariates differ by more than {plots.ALIKE:g} standard deviations "
        "after weighting"
        if weighted
        else f"{len(gaps)} covariates, before any weighting"
    )
    # Of every outcome the same is said, so the outcome stands in front, in the table's name too.
    title = f"{words.capital(outcome.label)}: {said}"
    listed = "; ".join(
        f"{gap.label} {words.number(gap.before, 2)}"
        + ("" if gap.after is None else f", then {words.number(gap.after, 2)}")
        for gap in gaps
    )
    return Figure(
        key=key,
        svg=svg,
        title=title,
        description=(
            "Love plot: the difference of participants and comparison in each covariate, in "
            f"standard deviations, before and after weighting. {listed}."
        ),
        table=rows_table(f"{key}-table", title, check.table),
        note=note_of(
            check,
            "Hollow before weighting, filled after it. In the shaded strip the two are called "
            "alike. What is not in the data cannot be seen here.",
        ),
    )
