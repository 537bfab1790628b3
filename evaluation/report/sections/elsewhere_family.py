"""One kind of outcome on the page of published results: its picture, and its average or why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evaluation import plots
from evaluation.plots.forest import Band, Kind, Mark, forest, forest_height
from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Figure,
    Header,
    Heading,
    Paragraph,
    Strong,
    Table,
    Text,
)
from evaluation.report.figures.figures import anchor
from evaluation.report.messages.language import ENGLISH
from evaluation.report.sections.elsewhere_table import SE_SOURCES

if TYPE_CHECKING:
    from evaluation.effect import Interval
    from evaluation.synthesis.result import Elsewhere, Family, Mean, Own, Tally, Told

NO_RANGE = "no range published"
_FOUND = {
    "fell": "fell, no number",
    "rose": "rose, no number",
    "no effect found": "no effect found",
    "short-lived": "did not last",
    "unclear": "unclear",
}
_AXES = {
    "log rate ratio": "Percent change; left of the line is a fall",
    "log odds ratio": "Percent change in the odds; left of the line is a fall",
    "log hazard ratio": "Percent change in the hazard; left of the line is a fall",
    "percentage points": "Change in percentage points; left of the line is a fall",
}


def family_blocks(found: Elsewhere, family: Family) -> list[Block]:
    """Heading, count, picture and average of one kind of outcome."""
    rows = [row for row in found.results if row.family == family.name and drawn(found, row)]
    # Our own answers are in percent.
    own = [one for one in found.own if one.family == family.name and family.percent]
    key = f"family-{anchor(family.name)}"
    blocks: list[Block] = [
        Heading(3, words.capital(family.name), key),
        Paragraph((_counted(family.tally),)),
    ]
    if any(row.shown is not None for row in rows) or any(_drawn(one) for one in own):
        blocks.append(_figure(found, family, rows, own))
    else:
        blocks += [
            Paragraph(("No number could be read, so there is nothing to draw:",)),
            BulletList(
                tuple((Strong(f"{_label(row)}: "), f"{_FOUND[row.found]}.") for row in rows)
            ),
        ]
    return [*blocks, *_pooled(family)]


def drawn(found: Elsewhere, row: Told) -> bool:
    """Whether a result has a place in the picture of its family: of focused deterrence, or offered
    beside it at home. Programs with another idea are shown apart."""
    return not row.another and (found.at_home(row) or found.counted(row))


def listed(names: Sequence[str]) -> str:
    """The names as a sentence lists them, and "none" for no name."""
    return ENGLISH.listed(list(names) or ["none"])


def _counted(tally: Tally) -> str:
    if not tally.results:
        return "Nothing is published here of other places."
    parts = [
        f"{count} {said}"
        for count, said in (
            (tally.fell, "found a fall"),
            (tally.no_effect, "found no effect"),
            (tally.short_lived, "found a fall that did not last"),
            (tally.rose, "found a rise"),
            (tally.unclear, "did not come out clearly"),
        )
        if count
    ]
    results = f"{tally.results} result{'s' * (tally.results > 1)}"
    places = f"{tally.sites} place{'s' * (tally.sites > 1)}"
    return f"{results} from {places}: {listed(parts)}."


def _label(row: Told) -> str:
    return f"{row.site}: {row.outcome}"


def _drawn(one: Own) -> bool:
    return one.percent is not None and not one.reason


def _mark(row: Told, found: Elsewhere) -> Mark:
    kind: Kind = "home" if found.at_home(row) else "theirs"
    note = NO_RANGE if row.shown is not None else _FOUND[row.found]
    low, high = (None, None) if row.span is None else (row.span.low, row.span.high)
    return Mark(_label(row), row.shown, low, high, note, kind)


def _own_mark(one: Own) -> Mark:
    label = f"{one.place}: {one.outcome}"
    if one.percent is None or one.reason:
        return Mark(label, None, note="no answer that may be used", kind="ours")
    return Mark(label, one.percent.estimate, one.percent.low, one.percent.high, kind="ours")


def _mean_mark(mean: Mean) -> Mark:
    ahead = None if mean.prediction is None else (mean.prediction.low, mean.prediction.high)
    return Mark(
        f"Average of {mean.k} results",
        mean.effect.estimate,
        mean.effect.low,
        mean.effect.high,
        kind="mean",
        ahead=ahead,
    )


def _figure(found: Elsewhere, family: Family, rows: Sequence[Told], own: Sequence[Own]) -> Figure:
    key = f"forest-{anchor(family.name)}"
    # Results without a number below the others, each in the order of the table.
    ordered = sorted(rows, key=lambda row: row.shown is None)
    marks = [(row, _mark(row, found)) for row in ordered]
    bands = [
        Band("Other places", tuple(mark for row, mark in marks if not found.at_home(row))),
        Band("", () if family.mean is None else (_mean_mark(family.mean),)),
        Band(
            f"{found.home}, as published by others",
            tuple(mark for row, mark in marks if found.at_home(row)),
        ),
        Band("This project's own results", tuple(_own_mark(one) for one in own)),
    ]
    shown = [band for band in bands if band.marks]
    axis = _AXES.get(family.scale, "Change as published; left of the line is a fall")
    with plots.style():
        figure = plots.blank(forest_height(shown))
        forest(shown, figure.axes[0], axis=axis, percent=family.percent)
        svg = plots.svg_text(figure, key)
    return Figure(
        key=key,
        svg=svg,
        title=f"{words.capital(family.name)}: {_title(found, rows)}",
        description=_description(family, shown),
        table=_table(key, family, ordered, own),
        note=_note(found, family, rows),
    )


def _title(found: Elsewhere, rows: Sequence[Told]) -> str:
    away = [row for row in rows if not found.at_home(row)]
    numbers = [row.shown for row in away if row.shown is not None]
    ranged = sum(row.span is not None for row in away)
    if not numbers:
        return "no number could be read from other places"
    falls = sum(value < 0 for value in numbers)
    if len(numbers) == 1:
        which = "the one number is a fall" if falls else "the one number is no fall"
        return f"{which}, with{'' if ranged else 'out'} a range"
    which = f"{falls} of {len(numbers)} numbers are falls"
    if falls == len(numbers):
        which = f"all {len(numbers)} numbers are falls"
    with_range = "none" if not ranged else "all" if ranged == len(numbers) else str(ranged)
    return f"{which}, {with_range} with a range"


def _note(found: Elsewhere, family: Family, rows: Sequence[Told]) -> str:
    said = "Hollow marks have no range. Several results of one place are not independent."
    if any(not found.at_home(row) and row.shown is None for row in rows):
        said += " Those without a number are named and cannot be drawn."
    if family.mean is not None:
        said += " The black lozenge is the average, as wide as its 95% range."
        if family.mean.prediction is not None:
            said += " The dashed line holds what one more place like these could see."
    return said


def _description(family: Family, bands: Sequence[Band]) -> str:
    listed_marks = "; ".join(
        f"{band.name or 'Average'}: " + ", ".join(_spoken(mark, family) for mark in band.marks)
        for band in bands
    )
    return (
        f"Forest plot of published changes in {family.name}, one row a result; a vertical line "
        f"marks no change. {listed_marks}."
    )


def _spoken(mark: Mark, family: Family) -> str:
    if mark.estimate is None:
        return f"{mark.label}, {mark.note}"
    said = told(mark.estimate, family)
    if mark.low is None or mark.high is None:
        return f"{mark.label} {said}, {mark.note}"
    return f"{mark.label} {said} ({told(mark.low, family)} to {told(mark.high, family)})"


def told(value: float, family: Family) -> str:
    if family.points:
        return f"{words.signed_percent(value).removesuffix('%')} point{'s' * (abs(value) != 1)}"
    return words.signed_percent(value) if family.percent else words.number(value, 2)


def _ends(span: Interval, family: Family) -> str:
    return f"{told(span.low, family)} to {told(span.high, family)}"


def _table(key: str, family: Family, rows: Sequence[Told], own: Sequence[Own]) -> Table:
    cells: list[tuple[Text, ...]] = [
        (
            (_label(row),),
            (words.capital(row.design),),
            ("–" if row.shown is None else told(row.shown, family),),
            ("–" if row.span is None else _ends(row.span, family),),
            (SE_SOURCES[row.se_source],),
        )
        for row in rows
    ]
    for one in own:
        numbers: tuple[Text, Text] = (("–",), ("–",))
        if one.percent is not None and not one.reason:
            numbers = (
                (words.signed_percent(one.percent.estimate),),
                (words.signed_range(one.percent),),
            )
        cells.append(
            (
                (f"{one.place}: {one.outcome} (this project)",),
                (f"{words.capital(one.grade)} certainty",),
                *numbers,
                ("Own analysis",),
            )
        )
    return Table(
        key=f"{key}-table",
        caption=f"{words.capital(family.name)}: the numbers in the figure",
        headers=(
            Header("Place and outcome"),
            Header("Design"),
            Header("Change", numeric=True),
            Header("95% range", numeric=True),
            Header("Standard error"),
        ),
        rows=tuple(cells),
    )


def _pooled(family: Family) -> list[Block]:
    """The average with all that belongs to it, or in words why there is none."""
    mean = family.mean
    if mean is None:
        return [Paragraph((Strong("No average. "), _why_not(family)))]
    said = (
        f"The average of {mean.k} results from {mean.sites} places is "
        f"{told(mean.effect.estimate, family)} (95% range {_ends(mean.effect, family)})."
    )
    if mean.prediction is not None:
        said += f" One more place like these could see {_ends(mean.prediction, family)}."
    if mean.several:
        said += (
            " Some places have several results, which are not independent; the range allows for it."
        )
    spread = (
        f"Variance between places {words.number(mean.tau2, 3)} (range "
        f"{words.number(mean.tau2_low, 3)} to {words.number(mean.tau2_high, 3)}); "
        f"{words.number(mean.i2, 0)}% of all variance is between places. Made by {mean.words}."
    )
    blocks: list[Block] = [
        Paragraph((Strong("Average. "), said)),
        BulletList(((spread,), *((words.sentence(str(note)),) for note in mean.notes))),
    ]
    if mean.beside:
        blocks.append(
            Table(
                key=f"ways-{anchor(family.name)}",
                caption=f"{words.capital(family.name)}: the same results averaged in other ways",
                headers=(
                    Header("Way"),
                    Header("Change", numeric=True),
                    Header("95% range", numeric=True),
                ),
                rows=tuple(
                    ((name,), (told(span.estimate, family),), (_ends(span, family),))
                    for name, span in mean.beside
                ),
            )
        )
    return blocks


def _why_not(family: Family) -> str:
    tally = family.tally
    if not tally.results:
        return "There are no results of other places."
    if not tally.with_error:
        bare = tally.numbered
        if not bare:
            return f"None of the {tally.results} results comes with a number."
        return (
            f"None of the {tally.results} results comes with a range or standard error: "
            f"{bare} {'has' if bare == 1 else 'have'} only a number, and "
            f"{tally.results - bare} {'has' if tally.results - bare == 1 else 'have'} not even "
            "that."
        )
    if len(tally.error_sites) == 1:
        return (
            f"All results with a range are from one place, {tally.error_sites[0]}. They share its "
            "people and months, and say nothing about other places."
        )
    return words.sentence(str(family.reason))
