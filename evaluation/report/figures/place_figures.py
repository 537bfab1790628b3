"""Each treated place by itself, a small panel each: observed against expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation import plots
from evaluation.report import words
from evaluation.report.blocks import Figure, Header, Table, Text
from evaluation.report.figures.figures import anchor
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence

# The name of the check whose rows are drawn: one a place and year since its start.
BY_PLACE = "treated-places"
MOST = 24

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _After:
    """A place with its sums from the start on."""

    name: str
    observed: float
    expected: float


def small_multiples(evidence: Evidence, outcome: OutcomeEvidence) -> list[Figure]:
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
    with plots.style():
        figure = plots.blank(plots.multiples_height(len(places)))
        plots.small_multiples(
            places,
            figure,
            measure=say("place-figures.mean-of-each-year", label=label, measure=outcome.measure),
            across=say("place-figures.years-since-start-of-each"),
        )
        svg = plots.svg_text(figure, key)
    after = [_after(name, own[name]) for name in shown]
    grouped = any(int(row.get("units", 1)) > 1 for row in rows)
    hidden = len(names) - len(shown)
    return [
        Figure(
            key=key,
            svg=svg,
            title=_title(label, after, grouped, hidden),
            description=_description(outcome, after, grouped),
            table=_table(key, label, [row for name in shown for row in own[name]], grouped),
            note=_note(grouped, hidden),
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


def _title(label: str, after: Sequence[_After], grouped: bool, hidden: int) -> str:
    what = say("place-figures.groups-of-units-with-same") if grouped else "places"
    shown = say("place-figures.shown") if hidden else ""
    return say(
        "place-figures.observed-against-expected-in-each",
        label=label,
        n_after=len(after),
        what=what,
        shown=shown,
    )


def _description(outcome: OutcomeEvidence, after: Sequence[_After], grouped: bool) -> str:
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


def _table(key: str, label: str, rows: Sequence[Row], grouped: bool) -> Table:
    return Table(
        key=f"{key}-table",
        caption=say("place-figures.sums-by-years-since-start", label=label),
        headers=(
            Header(say("place-figures.group") if grouped else say("place-figures.place")),
            Header(say("head.start")),
            *((Header(say("head.units"), numeric=True),) if grouped else ()),
            Header(say("head.year"), numeric=True),
            Header(say("head.periods"), numeric=True),
            Header(say("head.observed"), numeric=True),
            Header(say("head.expected"), numeric=True),
        ),
        rows=tuple(_row(row, grouped) for row in rows),
    )


def _row(row: Row, grouped: bool) -> tuple[Text, ...]:
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


def _note(grouped: bool, hidden: int) -> str:
    said = say("place-figures.dots-are-what-was-recorded", grouped=grouped)
    if hidden:
        said += say("place-figures.more-where-less-is-expected", hidden=hidden)
    return said
