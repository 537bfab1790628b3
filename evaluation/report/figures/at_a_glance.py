"""How an answer depends on what was chosen, in two small figures for a first page."""

from __future__ import annotations

from evaluation import plots
from evaluation.effect import Check, Interval
from evaluation.plots.lines import (
    estimate_lines,
    lines_height,
    specification_strip,
    strip_height,
)
from evaluation.report import words
from evaluation.report.blocks import Figure, Header, Strong, Table
from evaluation.report.figures.estimates import by_size, whisker
from evaluation.report.figures.figures import agreement, anchor, of_what, once
from evaluation.say import ENGLISH, Language
from evaluation.study.evidence import OutcomeEvidence

CURVE = "specification-curve"
# Lines that a reader takes in at once; the rest are counted.
_LINES = 12


def curve_strip(outcome: OutcomeEvidence, language: Language = ENGLISH) -> Figure | None:
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
    counted = _sides(rows, language)
    pictures = []
    for name, width in ((key, plots.WIDTH), (f"{key}-narrow", plots.NARROW)):
        with plots.style():
            figure = plots.blank(strip_height(narrow=width == plots.NARROW), width)
            specification_strip(
                rows,
                figure.axes[0],
                axis=say("at-a-glance.strip-axis"),
                counted=words.capital(counted),
                mark=say("at-a-glance.mark", headline=headline),
            )
            pictures.append(plots.svg_text(figure, name))
    label = language.heading(outcome.label)
    low, high = (words.signed_percent(rows[end].estimate) for end in (0, -1))
    told = {"label": label, "rows": len(rows), "low": low, "high": high, "headline": headline}
    return Figure(
        key=key,
        svg=pictures[0],
        narrow=pictures[1],
        title=say("at-a-glance.strip-title", **told),
        description=say("at-a-glance.strip-description", **told, counted=counted),
        table=_strip_table(key, label, check, language),
        note=say("at-a-glance.strip-note"),
    )


def alternatives_lines(outcome: OutcomeEvidence, language: Language = ENGLISH) -> Figure | None:
    """The headline over the planned alternatives, one a line; None where it is not estimated.

    Of more than twelve the first planned ones are drawn, and the others counted.
    """
    if not outcome.estimated:
        return None
    key, say = f"lines-{anchor(outcome.column)}", language.say
    main = outcome.headline
    entries = [entry for entry in once(outcome) if entry.effect is not None]
    entries = sorted(entries, key=lambda one: (one is not main, not one.planned))
    rows = [
        plots.Whisker(
            say("at-a-glance.headline")
            if entry is main
            else f"{entry.label}{of_what(entry, outcome, language)}",
            entry.effect.percent.estimate,
            entry.effect.percent.low,
            entry.effect.percent.high,
            headline=entry is main,
        )
        for entry in entries
        if entry.effect is not None
    ]
    shown, rest = rows[:_LINES], rows[_LINES:]
    pictures = []
    for name, width in ((key, plots.WIDTH), (f"{key}-narrow", plots.NARROW)):
        with plots.style():
            height = lines_height(len(shown), narrow=width == plots.NARROW)
            figure = plots.blank(height, width)
            estimate_lines(shown, figure.axes[0], axis=say("at-a-glance.axis"))
            pictures.append(plots.svg_text(figure, name))
    label = language.heading(outcome.label)
    note = [say("at-a-glance.lines-note", method=main.label)]
    if rest:
        note.append(say("at-a-glance.rest", rest=len(rest), counted=_sides(rest, language)))
    return Figure(
        key=key,
        svg=pictures[0],
        narrow=pictures[1],
        title=f"{label}: {agreement(outcome, language)}",
        description=say(
            "at-a-glance.lines-description",
            label=outcome.label,
            listed=tuple(_listed(row, language) for row in shown),
        ),
        table=Table(
            key=f"{key}-table",
            caption=say("at-a-glance.lines-table", label=label),
            headers=(
                Header(say("head.method")),
                Header(say("head.change"), numeric=True),
                Header(say("head.95-range"), numeric=True),
            ),
            rows=tuple(
                (
                    (Strong(f"{row.label}: {main.label}") if row.headline else row.label,),
                    (words.signed_percent(row.estimate),),
                    (_range(row, language),),
                )
                for row in rows
            ),
        ),
        note=" ".join(note),
    )


def _sides(rows: list[plots.Whisker], language: Language) -> str:
    below, above = sum(row.high < 0 for row in rows), sum(row.low > 0 for row in rows)
    return language.say(
        "at-a-glance.sides",
        rows=len(rows),
        below=below,
        above=above,
        open=len(rows) - below - above,
    )


def _range(row: plots.Whisker, language: Language) -> str:
    one = Interval(row.estimate, row.low, row.high)
    low, high = words.signed_percent(one.low), words.signed_percent(one.high)
    return language.say("between.mixed", low=low, high=high)


def _listed(row: plots.Whisker, language: Language) -> str:
    change = words.signed_percent(row.estimate)
    return f"{row.label} {change} ({_range(row, language)})"


def _strip_table(key: str, label: str, check: Check, language: Language) -> Table:
    """Every estimate with its range; the choices behind it stand under the whole curve."""
    say = language.say
    return Table(
        key=f"{key}-table",
        caption=say("at-a-glance.strip-table", label=label),
        headers=(
            Header(say("at-a-glance.rank")),
            Header(say("head.change"), numeric=True),
            Header(say("head.95-range"), numeric=True),
        ),
        rows=tuple(
            (
                (Strong(str(place)) if row.get("headline") is True else str(place),),
                (words.signed_percent(float(row["percent"])),),
                (_range(whisker(row, ""), language),),
            )
            for place, row in enumerate(by_size(check.table), start=1)
        ),
    )
