"""Many answers side by side along an axis, the headline among them, when one thing is varied.

The rows of a check as estimates to draw, and their numbers in words.

How alike participants and their comparison are, as a picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation import plots
from evaluation.effect import Check, Interval
from evaluation.plots import Whisker
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.figures.figures import anchor
from evaluation.report.sections.check_table import rows_table
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence


@dataclass(frozen=True, slots=True)
class Drawn:
    """Estimates with their places along an axis, and the words that only this figure has.

    `table` is what the table prints where that is not the rows of the check.
    """

    rows: list[plots.Whisker]
    places: list[float]
    ticks: list[tuple[float, str]]
    across: str
    mark: str
    order: str
    title: str
    note: str
    table: Sequence[Mapping[str, Any]] | None = None


def along(outcome: OutcomeEvidence, check: Check, drawn: Drawn) -> Figure:
    """The figure with its words and its table."""
    key, rows, label = key_of(check, outcome), drawn.rows, words.capital(outcome.label)
    with plots.style():
        figure = plots.blank(plots.ALONG_HEIGHT)
        plots.estimates_along(
            rows,
            drawn.places,
            figure.axes[0],
            ticks=drawn.ticks,
            across=drawn.across,
            mark=drawn.mark,
        )
        svg = plots.svg_text(figure, key)
    lowest = min(rows, key=lambda row: row.estimate)
    highest = max(rows, key=lambda row: row.estimate)
    counted = sum(clear(row) for row in rows)
    return Figure(
        key=key,
        svg=svg,
        title=say(
            "strip-figure.headline-is", label=label, title=drawn.title, headline=headline(outcome)
        ),
        description=say(
            "strip-figure.dot-plot-of-percent-change",
            label=outcome.label,
            order=drawn.order,
            n_rows=len(rows),
            counted=counted,
            headline=headline(outcome),
            label2=lowest.label,
            lowest=one(lowest),
            label3=highest.label,
            highest=one(highest),
        ),
        table=rows_table(
            f"{key}-table",
            f"{label}: {check.question}",
            check.table if drawn.table is None else drawn.table,
        ),
        note=note_of(
            check,
            f"{drawn.note} {say('strip-figure.filled-dot-its-95-range')}",
            cut=plots.cut(rows),
        ),
    )


Row = Mapping[str, Any]

# Checks that ask whether the answer would be another had another choice been made.
CHOICES = (
    "specification-curve",
    "base-period",
    "start-date",
    "later-events",
    "leave-one-control-out",
    "contaminated-controls",
)


def whisker(row: Row, label: str, *, headline: bool = False) -> Whisker:
    """The percent change of a row with its range."""
    low, high = float(row["low"]), float(row["high"])
    return Whisker(label, float(row["percent"]), low, high, headline=headline)


def headline_whisker(outcome: OutcomeEvidence, label: str) -> Whisker:
    """The headline's percent change with its range."""
    percent = outcome.effect.percent
    return Whisker(label, percent.estimate, percent.low, percent.high, headline=True)


def headline(outcome: OutcomeEvidence) -> str:
    """The headline's percent change, signed."""
    return words.signed_percent(outcome.effect.percent.estimate)


def span(rows: Sequence[Whisker]) -> str:
    """From the smallest to the largest estimate, signed."""
    estimates = [row.estimate for row in rows]
    return say(
        "strip-figure.from-to",
        estimates=words.signed_percent(min(estimates)),
        estimates2=words.signed_percent(max(estimates)),
    )


def clear(row: Whisker) -> bool:
    """Whether the range leaves out no change."""
    return row.low > 0 or row.high < 0


def one(row: Whisker) -> str:
    """An estimate with its range in brackets, signed."""
    spread = words.signed_range(Interval(row.estimate, row.low, row.high))
    return f"{words.signed_percent(row.estimate)} ({spread})"


def key_of(check: Check, outcome: OutcomeEvidence) -> str:
    """The id of the figure of a check, unique on the page."""
    return f"{check.name}-{anchor(outcome.column)}"


def verdict(check: Check) -> str:
    """What came of a check. Whoever asks if choices matter, and finds answers on both sides of no
    change, has not been told that they do not, whatever the rule tolerates."""
    if check.passed is None:
        return say("strip-figure.informs")
    if not check.passed:
        return say("strip-figure.failed")
    changes = [float(row["percent"]) for row in check.table if row.get("percent") is not None]
    if check.name in CHOICES and changes and min(changes) < 0 < max(changes):
        return say("strip-figure.both-sides-of-no-change")
    return say("strip-figure.passed")


def note_of(check: Check, reading: str, *, cut: bool = False) -> str:
    """How to read a figure, and the verdict of its check where there is one."""
    said = ""
    if check.passed is not None:
        said = say("strip-figure.verdict-rule-stands-in-table", check=verdict(check).lower())
    return f"{reading}{say('strip-figure.arrow-marks-range-that-goes') if cut else ''}{said}"


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
        say(
            "strip-figure.of-covariates-differ-by-more",
            far=far,
            n_gaps=len(gaps),
            alike=plots.ALIKE,
        )
        if weighted
        else say("strip-figure.covariates-before-any-weighting", n_gaps=len(gaps))
    )
    # Of every outcome the same is said, so the outcome stands in front, in the table's name too.
    title = f"{words.capital(outcome.label)}: {said}"
    listed = "; ".join(
        f"{gap.label} {words.number(gap.before, 2)}"
        + ("" if gap.after is None else say("strip-figure.then", after=words.number(gap.after, 2)))
        for gap in gaps
    )
    return Figure(
        key=key,
        svg=svg,
        title=title,
        description=say("strip-figure.love-plot-difference-of-participants", listed=listed),
        table=rows_table(f"{key}-table", title, check.table),
        note=note_of(
            check,
            say("strip-figure.hollow-before-weighting-filled-after"),
        ),
    )
