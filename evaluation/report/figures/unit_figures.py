"""Each treated unit by itself: a forest with all together, and each place as a small panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation import plots
from evaluation.effect import Interval
from evaluation.plots.forest import Band, Mark, forest, forest_height
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.figures import anchor
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence

# The name of the check whose rows are drawn, and the roles of its rows.
BY_UNIT = "each-treated-unit"
_ALONE, _OTHERWISE, _WHOLE = "alone", say("unit-forest.together-otherwise"), "together"

Row = Mapping[str, Any]


def unit_forest(evidence: Evidence, outcome: OutcomeEvidence) -> list[page.Figure]:
    """The forest of one outcome; nothing where the results hold no numbers by unit."""
    check = next((one for one in outcome.checks if one.name == BY_UNIT), None)
    rows = () if check is None or not outcome.estimated else check.table
    if not rows:
        return []
    key, label = f"units-{anchor(outcome.column)}", words.capital(outcome.label)
    units = [row for row in rows if row["role"] not in (_OTHERWISE, _WHOLE)]
    whole = next(row for row in rows if row["role"] == _WHOLE)
    others = [row for row in rows if row["role"] == _OTHERWISE]
    bands = (
        Band("", tuple(_mark(row) for row in units)),
        Band(say("unit-forest.all-together"), (*(_other(row) for row in others), _mean(whole))),
    )
    height = forest_height(bands)
    return [
        as_figure(
            key,
            lambda figure: forest(bands, figure.axes[0]),
            height,
            height,
            title=_title(label, units, whole),
            description=_description(outcome, units, others, whole),
            table=_table(key, label, rows),
            note=_note(units),
        )
    ]


def _mark(row: Row) -> Mark:
    name = say("unit-forest.from", unit=row["unit"], start=str(row["start"]))
    if row["percent"] is None:
        return Mark(name, None, note=say("unit-forest.no-comparison"))
    return Mark(name, float(row["percent"]), float(row["low"]), float(row["high"]))


def _other(row: Row) -> Mark:
    name = words.capital(str(row["unit"]).partition(", ")[2])
    ends = float(row["low"]), float(row["high"])
    return Mark(name, float(row["percent"]), *ends, kind="home")


def _mean(row: Row) -> Mark:
    ahead = float(row["ahead low"]), float(row["ahead high"])
    ends = float(row["low"]), float(row["high"])
    return Mark(
        say("unit-forest.mean-of-all-dashed-range"),
        float(row["percent"]),
        *ends,
        kind="mean",
        ahead=ahead,
    )


def _clear(rows: Sequence[Row]) -> int:
    """How many ranges leave out no change."""
    drawn = [row for row in rows if row["percent"] is not None]
    return sum(float(row["low"]) > 0 or float(row["high"]) < 0 for row in drawn)


def _title(label: str, units: Sequence[Row], whole: Row) -> str:
    drawn = sum(row["percent"] is not None for row in units)
    clear = _clear(units)
    return say(
        "unit-forest.of-treated-units-each-by",
        label=label,
        drawn=drawn,
        clear=clear or say("way.none"),
        few=clear < 2,
        whole=_told(whole),
        whole2=_ahead(whole),
    )


def _told(row: Row) -> str:
    """The percent change with its range."""
    one = Interval(float(row["percent"]), float(row["low"]), float(row["high"]))
    return f"{words.signed_percent(one.estimate)} ({words.signed_range(one)})"


def _ahead(row: Row) -> str:
    ends = (words.signed_percent(float(row[f"ahead {end}"])) for end in ("low", "high"))
    return " to ".join(ends)


def _description(
    outcome: OutcomeEvidence, units: Sequence[Row], others: Sequence[Row], whole: Row
) -> str:
    alone = say("unit-forest.no-comparison")
    listed = "; ".join(
        f"{row['unit']} {alone if row['percent'] is None else _told(row)}" for row in units
    )
    otherwise = "; ".join(f"{row['unit']} {_told(row)}" for row in others)
    return say(
        "unit-forest.forest-plot-percent-change-in",
        label=outcome.label,
        listed=listed,
        whole=_told(whole),
        whole2=_ahead(whole),
    ) + (say("unit-forest.made-in-other-ways", otherwise=otherwise) if otherwise else "")


def _note(units: Sequence[Row]) -> str:
    said = say("unit-forest.each-row-is-one-treated")
    for row in units:
        if row["why"]:
            said += say("unit-forest.is-not-in-mean", unit=row["unit"], why=row["why"])
    return said


def _table(key: str, label: str, rows: Sequence[Row]) -> page.Table:
    return page.table(
        f"{key}-table",
        say("unit-forest.each-treated-unit-by-itself", label=label),
        (
            "unit",
            "start",
            "#change",
            "#95-range",
            "#range-for-one-more",
            "#observed",
            "#expected",
            "#periods-before-after",
            "#controls",
            "#last-2-periods-before-beside",
        ),
        (_cells(row) for row in rows),
    )


def _cells(row: Row) -> tuple[page.Text, ...]:
    def count(*names: str) -> page.Text:
        if row[names[0]] is None:
            return ("–",)
        return (", ".join(words.number(float(row[name])) for name in names),)

    def percents(*names: str) -> page.Text:
        if row[names[0]] is None:
            return ("–",)
        return (" to ".join(words.signed_percent(float(row[name])) for name in names),)

    name: page.Inline = str(row["unit"])
    return (
        (page.Strong(str(name)) if row["role"] == _WHOLE else name,),
        (words.period_words(str(row["start"])) if row["start"] else "–",),
        percents("percent"),
        percents("low", "high"),
        percents("ahead low", "ahead high"),
        count("observed"),
        count("expected"),
        count("periods before", "periods after"),
        count("controls"),
        percents("rise"),
    )


# The name of the check whose rows are drawn: one a place and year since its start.
BY_PLACE = "treated-places"
MOST = 24


@dataclass(frozen=True, slots=True)
class _After:
    """A place with its sums from the start on."""

    name: str
    observed: float
    expected: float


def small_multiples(evidence: Evidence, outcome: OutcomeEvidence) -> list[page.Figure]:
    """The panels of one outcome; nothing where the results hold no numbers by place."""
    check = next((one for one in outcome.checks if one.name == BY_PLACE), None)
    rows = () if check is None or not outcome.estimated else check.table
    if not rows:
        return []
    names = list(dict.fromkeys(str(row["unit"]) for row in rows))
    shown = _largest(rows, names)
    own = {name: [row for row in rows if str(row["unit"]) == name] for name in shown}
    places = [_place(_short(name, names), own[name]) for name in shown]
    key, label = f"places-{anchor(outcome.column)}", words.capital(outcome.label)
    after = [_after(name, own[name]) for name in shown]
    grouped = any(int(row.get("units", 1)) > 1 for row in rows)
    hidden = len(names) - len(shown)
    return [
        as_figure(
            key,
            lambda figure: plots.small_multiples(
                places,
                figure,
                measure=say(
                    "place-figures.mean-of-each-year", label=label, measure=outcome.measure
                ),
                across=say("place-figures.years-since-start-of-each"),
            ),
            plots.multiples_height(len(places)),
            plots.multiples_height(len(places), narrow=True),
            title=_panels_title(label, after, grouped, hidden),
            description=_panels_description(outcome, after, grouped),
            table=_panels_table(key, label, [row for name in shown for row in own[name]], grouped),
            note=_panels_note(grouped, hidden),
        )
    ]


def _largest(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """Names to draw, in their own order: of too many, those where most is expected."""
    if len(names) <= MOST:
        return list(names)
    sums = {name: 0.0 for name in names}
    for row in rows:
        sums[str(row["unit"])] += float(row["expected"] or 0.0)
    chosen = set(sorted(names, key=lambda name: -sums[name])[:MOST])
    return [name for name in names if name in chosen]


def _place(name: str, rows: Sequence[Row]) -> plots.Place:
    """Means a period of each year, so that a broken year is not drawn as a low one."""
    ordered = sorted(rows, key=lambda row: int(row["year"]))
    return plots.Place(
        name,
        tuple(int(row["year"]) for row in ordered),
        tuple(float(row["observed"]) / int(row["periods"]) for row in ordered),
        tuple(
            None if row["expected"] is None else float(row["expected"]) / int(row["periods"])
            for row in ordered
        ),
    )


def _short(name: str, names: Sequence[str]) -> str:
    """The name without a remark in brackets that all of them end in."""
    _, opened, remark = name.rpartition(" (")
    ending = f"{opened}{remark}"
    if opened and len(names) > 1 and all(one.endswith(ending) for one in names):
        return name.removesuffix(ending)
    return name


def _after(name: str, rows: Sequence[Row]) -> _After:
    counted = [row for row in rows if int(row["year"]) >= 0 and row["expected"] is not None]
    return _After(
        name,
        sum(float(row["observed"]) for row in counted),
        sum(float(row["expected"]) for row in counted),
    )


def _panels_title(label: str, after: Sequence[_After], grouped: bool, hidden: int) -> str:
    what = say("place-figures.groups-of-units-with-same") if grouped else "places"
    shown = say("place-figures.shown") if hidden else ""
    return say(
        "place-figures.observed-against-expected-in-each",
        label=label,
        n_after=len(after),
        what=what,
        shown=shown,
    )


def _panels_description(outcome: OutcomeEvidence, after: Sequence[_After], grouped: bool) -> str:
    listed = "; ".join(
        say(
            "place-figures.observed-expected",
            name=one.name,
            observed=one.observed,
            expected=one.expected,
        )
        for one in after
    )
    return say(
        "place-figures.small-line-charts-on-same",
        n_after=len(after),
        grouped=grouped,
        label=outcome.label,
        measure=outcome.measure,
        listed=listed,
    )


def _panels_table(key: str, label: str, rows: Sequence[Row], grouped: bool) -> page.Table:
    return page.table(
        f"{key}-table",
        say("place-figures.sums-by-years-since-start", label=label),
        (
            page.Header(say("place-figures.group" if grouped else "place-figures.place")),
            "start",
            *((page.Header(say("head.units"), numeric=True),) if grouped else ()),
            "#year",
            "#periods",
            "#observed",
            "#expected",
        ),
        (_row(row, grouped) for row in rows),
    )


def _row(row: Row, grouped: bool) -> tuple[page.Text, ...]:
    expected = row["expected"]
    return (
        (str(row["unit"]),),
        (words.period_words(str(row["start"])),),
        *(((words.number(int(row["units"])),),) if grouped else ()),
        (words.number(int(row["year"])),),
        (words.number(int(row["periods"])),),
        (words.number(float(row["observed"])),),
        ("–" if expected is None else words.number(float(expected)),),
    )


def _panels_note(grouped: bool, hidden: int) -> str:
    said = say("place-figures.dots-are-what-was-recorded", grouped=grouped)
    if hidden:
        said += say("place-figures.more-where-less-is-expected", hidden=hidden)
    return said
