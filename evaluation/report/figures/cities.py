"""The places that tried it, each by itself, with all of them together."""

from __future__ import annotations

from evaluation import plots
from evaluation.effect import Interval
from evaluation.plots.lines import estimate_lines, lines_height
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.unit_figures import BY_UNIT, Row
from evaluation.say import ENGLISH, Language
from evaluation.study.evidence import Evidence, OutcomeEvidence

_APART, _WHOLE = "alone", "together"


def cities_forest(
    evidence: Evidence, outcome: OutcomeEvidence, language: Language = ENGLISH
) -> page.Figure | None:
    """The change in each treated place with its range, and their mean; None where the results hold
    no numbers by place."""
    check = next((one for one in outcome.checks if one.name == BY_UNIT), None)
    rows = () if check is None or not outcome.estimated else check.table
    drawn = [row for row in rows if row["role"] == _APART and row["percent"] is not None]
    whole = next((row for row in rows if row["role"] == _WHOLE), None)
    if not drawn or whole is None:
        return None
    say, label = language.say, language.heading(outcome.label)
    clear = sum(float(row["low"]) > 0 or float(row["high"]) < 0 for row in drawn)
    mean = say("front.mean", n=len(drawn))
    told = [(str(row["unit"]), row) for row in drawn] + [(mean, whole)]
    lines = [
        plots.Whisker(
            name,
            float(row["percent"]),
            float(row["low"]),
            float(row["high"]),
            headline=row is whole,
        )
        for name, row in told
    ]
    key, height = "cities-forest", lines_height(len(lines), close=True)
    axis = say("front.forest-axis")
    listed = "; ".join(f"{name} {_change(row)} ({_range(row, language)})" for name, row in told)
    return as_figure(
        key,
        lambda figure: estimate_lines(lines, figure.axes[0], axis=axis, close=True),
        height,
        height,
        title=say(
            "front.forest-title",
            label=label,
            n=len(drawn),
            clear=clear,
            mean=_change(whole),
            range=_range(whole, language),
        ),
        description=say("front.forest-description", listed=listed),
        table=page.table(
            f"{key}-table",
            say("front.forest-table", label=label),
            ("front.place", "#front.change", "#front.range"),
            ((name, _change(row), _range(row, language)) for name, row in told),
            language,
        ),
    )


def _change(row: Row) -> str:
    return words.signed_percent(float(row["percent"]))


def _range(row: Row, language: Language) -> str:
    ends = Interval(*(float(row[name]) for name in ("percent", "low", "high")))
    return words.signed_range(ends, language)
