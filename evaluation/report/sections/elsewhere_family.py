"""One kind of outcome on the page of published results: its picture, and its average or why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evaluation.plots.forest import Band, Kind, Mark, forest, forest_height
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.figures import anchor
from evaluation.say import ENGLISH, say

if TYPE_CHECKING:
    from evaluation.effect import Interval
    from evaluation.synthesis.result import Elsewhere, Family, Mean, Own, Tally, Told


def family_blocks(found: Elsewhere, family: Family) -> list[page.Block]:
    """Heading, count, picture and average of one kind of outcome."""
    rows = [row for row in found.results if row.family == family.name and drawn(found, row)]
    # Our own answers are in percent.
    own = [one for one in found.own if one.family == family.name and family.percent]
    key = f"family-{anchor(family.name)}"
    blocks: list[page.Block] = [
        page.Heading(3, words.capital(family.name), key),
        page.Paragraph((_counted(family.tally),)),
    ]
    if any(row.shown is not None for row in rows) or any(_drawn(one) for one in own):
        blocks.append(_figure(found, family, rows, own))
    else:
        blocks += [
            page.paragraph("elsewhere-family.no-number-could-be-read-so-there-is"),
            page.bullets(
                (
                    page.Strong(f"{_label(row)}: "),
                    say("elsewhere-family.text", say=say(f"elsewhere-family.found-{row.found}")),
                )
                for row in rows
            ),
        ]
    return [*blocks, *_pooled(family)]


def drawn(found: Elsewhere, row: Told) -> bool:
    """Whether a result has a place in the picture of its family: of focused deterrence, or offered
    beside it at home. Programs with another idea are shown apart."""
    return not row.another and (found.at_home(row) or found.counted(row))


def listed(names: Sequence[str]) -> str:
    """The names as a sentence lists them, and "none" for no name."""
    return ENGLISH.listed(list(names) or [say("way.none")])


def _counted(tally: Tally) -> str:
    if not tally.results:
        return say("elsewhere-family.nothing-is-published-here-of")
    parts = [
        f"{count} {said}"
        for count, said in (
            (tally.fell, say("elsewhere-family.found-fall")),
            (tally.no_effect, say("elsewhere-family.found-no-effect")),
            (tally.short_lived, say("elsewhere-family.found-fall-that-did-not")),
            (tally.rose, say("elsewhere-family.found-rise")),
            (tally.unclear, say("elsewhere-family.did-not-come-out-clearly")),
        )
        if count
    ]
    results = say("elsewhere-family.result", results=tally.results)
    places = say("elsewhere-family.place", sites=tally.sites)
    return say("elsewhere-family.from", results=results, places=places, parts=listed(parts))


def _label(row: Told) -> str:
    return f"{row.site}: {row.outcome}"


def _drawn(one: Own) -> bool:
    return one.percent is not None and not one.reason


def _mark(row: Told, found: Elsewhere) -> Mark:
    kind: Kind = "home" if found.at_home(row) else "theirs"
    note = say(
        "elsewhere-family.no-range-published"
        if row.shown is not None
        else f"elsewhere-family.found-{row.found}"
    )
    low, high = (None, None) if row.span is None else (row.span.low, row.span.high)
    return Mark(_label(row), row.shown, low, high, note, kind)


def _own_mark(one: Own) -> Mark:
    label = f"{one.place}: {one.outcome}"
    if one.percent is None or one.reason:
        return Mark(label, None, note=say("elsewhere-family.no-answer-that-may-be"), kind="ours")
    return Mark(label, one.percent.estimate, one.percent.low, one.percent.high, kind="ours")


def _mean_mark(mean: Mean) -> Mark:
    ahead = None if mean.prediction is None else (mean.prediction.low, mean.prediction.high)
    return Mark(
        say("elsewhere-family.average-of-results", k=mean.k),
        mean.effect.estimate,
        mean.effect.low,
        mean.effect.high,
        kind="mean",
        ahead=ahead,
    )


def _figure(
    found: Elsewhere, family: Family, rows: Sequence[Told], own: Sequence[Own]
) -> page.Figure:
    key = f"forest-{anchor(family.name)}"
    # Results without a number below the others, each in the order of the table.
    ordered = sorted(rows, key=lambda row: row.shown is None)
    marks = [(row, _mark(row, found)) for row in ordered]
    bands = [
        Band(
            say("elsewhere-family.other-places"),
            tuple(mark for row, mark in marks if not found.at_home(row)),
        ),
        Band("", () if family.mean is None else (_mean_mark(family.mean),)),
        Band(
            say("elsewhere-family.as-published-by-others", home=found.home),
            tuple(mark for row, mark in marks if found.at_home(row)),
        ),
        Band(
            say("elsewhere-family.this-projects-own-results"), tuple(_own_mark(one) for one in own)
        ),
    ]
    shown = [band for band in bands if band.marks]
    scale = f"elsewhere-family.axis-{family.scale}"
    axis = say(scale if ENGLISH.has(scale) else "elsewhere-family.axis")
    height = forest_height(shown)
    return as_figure(
        key,
        lambda figure: forest(shown, figure.axes[0], axis=axis, percent=family.percent),
        height,
        height,
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
        return say("elsewhere-family.no-number-could-be-read")
    falls = sum(value < 0 for value in numbers)
    if len(numbers) == 1:
        which = say(
            "elsewhere-family.one-number-is-fall"
            if falls
            else "elsewhere-family.one-number-is-no-fall"
        )
        return say("elsewhere-family.with-range-2", which=which, ranged=ranged)
    which = say("elsewhere-family.of-numbers-are-falls", falls=falls, n_numbers=len(numbers))
    if falls == len(numbers):
        which = say("elsewhere-family.all-numbers-are-falls", n_numbers=len(numbers))
    with_range = "none" if not ranged else "all" if ranged == len(numbers) else str(ranged)
    return say("elsewhere-family.with-range", which=which, with_range=with_range)


def _note(found: Elsewhere, family: Family, rows: Sequence[Told]) -> str:
    mean = family.mean
    nameless = any(not found.at_home(row) and row.shown is None for row in rows)
    return words.joined(
        {
            "elsewhere-family.hollow-marks-have-no-range": True,
            "elsewhere-family.those-without-number-are-named": nameless,
            "elsewhere-family.black-lozenge-is-average-as": mean,
            "elsewhere-family.dashed-line-holds-what-one": mean and mean.prediction is not None,
        }
    )


def _description(family: Family, bands: Sequence[Band]) -> str:
    listed_marks = "; ".join(
        f"{band.name or 'Average'}: " + ", ".join(_spoken(mark, family) for mark in band.marks)
        for band in bands
    )
    return say(
        "elsewhere-family.forest-plot-of-published-changes",
        name=family.name,
        listed_marks=listed_marks,
    )


def _spoken(mark: Mark, family: Family) -> str:
    if mark.estimate is None:
        return f"{mark.label}, {mark.note}"
    said = told(mark.estimate, family)
    if mark.low is None or mark.high is None:
        return f"{mark.label} {said}, {mark.note}"
    return say(
        "elsewhere-family.to",
        label=mark.label,
        said=said,
        low=told(mark.low, family),
        high=told(mark.high, family),
    )


def told(value: float, family: Family) -> str:
    if family.points:
        return say(
            "elsewhere-family.point",
            value=words.signed_percent(value).removesuffix("%"),
            value2="s" * (abs(value) != 1),
        )
    return words.signed_percent(value) if family.percent else words.number(value, 2)


def _ends(span: Interval, family: Family) -> str:
    return words.ends(told(span.low, family), told(span.high, family))


def _table(key: str, family: Family, rows: Sequence[Told], own: Sequence[Own]) -> page.Table:
    cells: list[tuple[page.Text, ...]] = [
        (
            (_label(row),),
            (words.capital(row.design),),
            ("–" if row.shown is None else told(row.shown, family),),
            ("–" if row.span is None else _ends(row.span, family),),
            (say(f"elsewhere-table.error-{row.se_source}"),),
        )
        for row in rows
    ]
    for one in own:
        numbers: tuple[page.Text, page.Text] = (("–",), ("–",))
        if one.percent is not None and not one.reason:
            numbers = (
                (words.signed_percent(one.percent.estimate),),
                (words.signed_range(one.percent),),
            )
        cells.append(
            (
                (say("elsewhere-family.this-project", place=one.place, outcome=one.outcome),),
                (say("elsewhere-family.certainty", grade=one.grade),),
                *numbers,
                (say("elsewhere-family.own-analysis"),),
            )
        )
    return page.table(
        f"{key}-table",
        say("elsewhere-family.numbers-in-figure", name=family.name),
        ("place-and-outcome", "design", "#change", "#95-range", "standard-error"),
        cells,
    )


def _pooled(family: Family) -> list[page.Block]:
    """The average with all that belongs to it, or in words why there is none."""
    mean = family.mean
    if mean is None:
        return [page.Paragraph((page.strong("elsewhere-family.no-average"), _why_not(family)))]
    said = say(
        "elsewhere-family.average-of-results-from-places",
        k=mean.k,
        sites=mean.sites,
        estimate=told(mean.effect.estimate, family),
        effect=_ends(mean.effect, family),
    )
    if mean.prediction is not None:
        said += say(
            "elsewhere-family.one-more-place-like-these", prediction=_ends(mean.prediction, family)
        )
    if mean.several:
        said += say("elsewhere-family.some-places-have-several-results")
    spread = say(
        "elsewhere-family.variance-between-places-range-to",
        tau2=mean.tau2,
        tau2_low=mean.tau2_low,
        tau2_high=mean.tau2_high,
        i2=mean.i2,
        words=mean.words,
    )
    blocks: list[page.Block] = [
        page.Paragraph((page.strong("elsewhere-family.average"), said)),
        page.BulletList(((spread,), *((words.sentence(str(note)),) for note in mean.notes))),
    ]
    if mean.beside:
        blocks.append(
            page.table(
                f"ways-{anchor(family.name)}",
                say("elsewhere-family.same-results-averaged-in-other", name=family.name),
                ("way", "#change", "#95-range"),
                (
                    (name, told(span.estimate, family), _ends(span, family))
                    for name, span in mean.beside
                ),
            )
        )
    return blocks


def _why_not(family: Family) -> str:
    tally = family.tally
    if not tally.results:
        return say("elsewhere-family.there-are-no-results-of")
    if not tally.with_error:
        bare = tally.numbered
        if not bare:
            return say("elsewhere-family.none-of-results-comes-with-number", results=tally.results)
        return say(
            "elsewhere-family.none-of-results-comes-with",
            results=tally.results,
            bare=bare,
            results2=tally.results - bare,
        )
    if len(tally.error_sites) == 1:
        return say("elsewhere-family.all-results-with-range-are", error_sites=tally.error_sites[0])
    return words.sentence(str(family.reason))
