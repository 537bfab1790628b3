"""How an answer depends on what was chosen, in two small figures for a first page."""

from __future__ import annotations

from evaluation import plots
from evaluation.effect import Check
from evaluation.plots.lines import estimate_lines, lines_height, specification_strip, strip_height
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.estimates import Row, by_size, sides, whisker
from evaluation.report.figures.figures import agreement, anchor, of_what, once
from evaluation.report.figures.points import in_points, told, whisker_of
from evaluation.say import ENGLISH, Language
from evaluation.study.evidence import OutcomeEvidence

CURVE = "specification-curve"
# Lines that a reader takes in at once; the rest are counted.
_LINES = 12


def curve_strip(outcome: OutcomeEvidence, language: Language = ENGLISH) -> page.Figure | None:
    """All estimates of the specification curve as one strip; None where nobody made the curve."""
    check = next((one for one in outcome.checks if one.name == CURVE and one.table), None)
    if check is None or not outcome.estimated:
        return None
    key, say = f"strip-{anchor(outcome.column)}", language.say
    rows = [
        whisker(row, str(place), headline=row.get("headline") is True)
        for place, row in enumerate(by_size(check.table), start=1)
    ]
    headline = words.signed_percent(outcome.effect.percent.estimate)
    counted = say("at-a-glance.sides", **sides(rows))
    label = language.heading(outcome.label)
    low, high = (words.signed_percent(rows[end].estimate) for end in (0, -1))
    parts = {"label": label, "rows": len(rows), "low": low, "high": high, "headline": headline}
    return as_figure(
        key,
        lambda figure: specification_strip(
            rows,
            figure.axes[0],
            axis=say("at-a-glance.strip-axis"),
            counted=words.capital(counted),
            mark=say("at-a-glance.mark", headline=headline),
        ),
        strip_height(),
        strip_height(narrow=True),
        title=say("at-a-glance.strip-title", **parts),
        description=say("at-a-glance.strip-description", **parts, counted=counted),
        table=_strip_table(key, label, check, language),
        note=say("at-a-glance.strip-note"),
    )


def alternatives_lines(
    outcome: OutcomeEvidence, language: Language = ENGLISH
) -> page.Figure | None:
    """The headline over the planned alternatives, one a line; None where it is not estimated.

    Of more than twelve the first planned ones are drawn, and the others counted.
    """
    if not outcome.estimated:
        return None
    key, say = f"lines-{anchor(outcome.column)}", language.say
    main, points = outcome.headline, in_points(outcome)
    entries = [entry for entry in once(outcome) if entry.effect is not None]
    entries = sorted(entries, key=lambda one: (one is not main, not one.planned))
    rows = [
        whisker_of(
            entry,
            outcome,
            say("at-a-glance.headline")
            if entry is main
            else f"{entry.label}{of_what(entry, outcome, language)}",
            entry.effect,
        )
        for entry in entries
        if entry.effect is not None
    ]
    shown, rest = rows[:_LINES], rows[_LINES:]
    label = language.heading(outcome.label)
    note = [say("at-a-glance.lines-note", method=main.label)]
    if rest:
        note.append(
            say("at-a-glance.rest", rest=len(rest), counted=say("at-a-glance.sides", **sides(rest)))
        )
    return as_figure(
        key,
        lambda figure: estimate_lines(
            shown,
            figure.axes[0],
            axis=say("at-a-glance.axis-points" if points else "at-a-glance.axis"),
            percent=not points,
        ),
        lines_height(len(shown)),
        lines_height(len(shown), narrow=True),
        title=f"{label}: {agreement(outcome, language)}",
        description=say(
            "at-a-glance.lines-description",
            label=outcome.label,
            listed=tuple(
                f"{row.label} {told(row.estimate, outcome)} ({_ends(row, outcome, language)})"
                for row in shown
            ),
        ),
        table=page.table(
            f"{key}-table",
            say("at-a-glance.lines-table", label=label),
            (
                "method",
                page.Header(say("head.points" if points else "head.change"), numeric=True),
                "#95-range",
            ),
            (
                (
                    page.Strong(f"{row.label}: {main.label}") if row.headline else row.label,
                    told(row.estimate, outcome),
                    _ends(row, outcome, language),
                )
                for row in rows
            ),
            language,
        ),
        note=" ".join(note),
    )


def _ends(row: plots.Whisker, outcome: OutcomeEvidence, language: Language) -> str:
    low, high = told(row.low, outcome), told(row.high, outcome)
    return words.ends(low, high, language)


def _percents(row: Row, language: Language) -> str:
    low, high = (words.signed_percent(float(row[end])) for end in ("low", "high"))
    return words.ends(low, high, language)


def _strip_table(key: str, label: str, check: Check, language: Language) -> page.Table:
    """Every estimate with its range; the choices behind it stand under the whole curve."""
    say = language.say
    return page.table(
        f"{key}-table",
        say("at-a-glance.strip-table", label=label),
        ("at-a-glance.rank", "#change", "#95-range"),
        (
            (
                page.Strong(str(place)) if row.get("headline") is True else str(place),
                words.signed_percent(float(row["percent"])),
                _percents(row, language),
            )
            for place, row in enumerate(by_size(check.table), start=1)
        ),
        language,
    )
