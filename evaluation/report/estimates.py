"""The rows of a check as estimates to draw, and their numbers in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.effect import Check, Interval
from evaluation.plots import Whisker
from evaluation.report import words
from evaluation.report.figures import anchor
from evaluation.study.evidence import OutcomeEvidence

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
FILLED = (
    "A filled dot: its 95% range lies wholly on one side of no change. An open dot: it does not."
)
_CUT = " An arrow marks a range that goes on; the table has it whole."


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
    return f"from {words.signed_percent(min(estimates))} to {words.signed_percent(max(estimates))}"


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
        return "Informs"
    if not check.passed:
        return "Failed"
    changes = [float(row["percent"]) for row in check.table if row.get("percent") is not None]
    if check.name in CHOICES and changes and min(changes) < 0 < max(changes):
        return "Both sides of no change"
    return "Passed"


def note_of(check: Check, reading: str, *, cut: bool = False) -> str:
    """How to read a figure, and the verdict of its check where there is one."""
    said = ""
    if check.passed is not None:
        said = (
            f" Verdict: {verdict(check).lower()}; the rule stands in the table of questions below."
        )
    return f"{reading}{_CUT if cut else ''}{said}"
