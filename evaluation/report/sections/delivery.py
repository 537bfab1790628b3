"""What was delivered of the program, over time, beside what was planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from evaluation.plots.event_study import Strip, delivery_height
from evaluation.plots.event_study import delivery as draw
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.drawn import as_figure
from evaluation.say import say
from evaluation.study.evidence import Evidence

if TYPE_CHECKING:
    from evaluation.data.delivery import Activity, Delivery

KEY = "delivery-figure"


def delivery(evidence: Evidence) -> list[page.Block]:
    """The record of delivery against plan, or what would be needed to have one."""
    heading, record = page.heading("delivery.title", "delivered"), evidence.delivery
    if record is None:
        return [
            heading,
            page.callout(
                "empty",
                "delivery.no-record-of-delivery",
                "delivery.how-much-of-program-was",
                code=page.Code("delivery"),
            ),
        ]
    source = record.provenance
    return [
        heading,
        *_invented(record),
        page.Paragraph((page.Strong(_summary(record)), say("delivery.place", place=record.place))),
        _overall(record),
        _figure(evidence, record),
        _by_year(record),
        page.paragraph(
            "delivery.source-file-sha-256-main",
            source=source.source.rstrip("."),
            code=page.Code(source.file),
            code2=page.Code(source.sha256),
        ),
    ]


def _invented(record: Delivery) -> list[page.Block]:
    """What must be read before a record that nobody kept."""
    if record.provenance.sensitivity != "synthetic":
        return []
    said = say("delivery.computer-made-this-record-to")
    return [page.Callout("warning", say("delivery.invented-record"), (said,))]


def _summary(record: Delivery) -> str:
    """How many of the activities with a plan came near it, and the least kept of them."""
    shares = {
        activity.label: _share(activity, range(len(record.periods)))
        for activity in record.activities
    }
    planned = {label: share for label, share in shares.items() if share is not None}
    span = say("delivery.from-to", periods=record.periods[0], periods2=record.periods[-1])
    if not planned:
        return say("delivery.nothing-was-planned-in-numbers", span=span)
    named = "; ".join(f"{label}: {_percent(share)}" for label, share in planned.items())
    return say("delivery.of-what-was-planned-this", span=span, named=named)


def _figure(evidence: Evidence, record: Delivery) -> page.Figure:
    strips = [
        Strip(
            f"{words.capital(activity.label)}, {activity.measure}",
            activity.delivered,
            activity.planned,
        )
        for activity in record.activities
    ]
    listed = "; ".join(_one(activity, record) for activity in record.activities)
    return as_figure(
        KEY,
        lambda figure: draw(strips, record.periods, figure, start=evidence.start),
        delivery_height(len(strips)),
        title=say("delivery.what-was-delivered-in-each", frequency=record.frequency),
        description=say(
            "delivery.strips-by-to-dashed-line",
            n_strips=len(strips),
            frequency=record.frequency,
            periods=record.periods[0],
            periods2=record.periods[-1],
            listed=listed,
        ),
        table=_by_period(record),
        note=say("delivery.filled-is-what-was-delivered"),
    )


def _one(activity: Activity, record: Delivery) -> str:
    """Means of an activity in words."""
    every = range(len(record.periods))
    said = say(
        "delivery.on-average", label=activity.label, delivered=_mean(activity.delivered, every)
    )
    if activity.planned:
        said += say("delivery.of-planned", planned=_mean(activity.planned, every))
    return said


def _by_period(record: Delivery) -> page.Table:
    # Both in one cell: side by side, a paper is too narrow for them.
    return page.table(
        f"{KEY}-table",
        say("delivery.delivered-by-of-what-was", frequency=record.frequency),
        (
            page.Header(words.capital(record.frequency)),
            *(page.Header(words.capital(one.label), numeric=True) for one in record.activities),
        ),
        (
            (
                words.period_words(period),
                *((_of_planned(activity, place),) for activity in record.activities),
            )
            for place, period in enumerate(record.periods)
        ),
    )


def _of_planned(activity: Activity, place: int) -> str:
    """ "5 of 12", or "5" where nothing was planned in numbers."""
    delivered = words.number(activity.delivered[place])
    if not activity.planned:
        return delivered
    return say("delivery.of", delivered=delivered, planned=activity.planned[place])


def _overall(record: Delivery) -> page.Table:
    """Delivered and planned on average, over all periods."""
    every = range(len(record.periods))
    return page.table(
        "delivery-overall",
        say("delivery.delivered-and-planned-on-average", frequency=record.frequency),
        ("what", "measured-in", "#delivered", "#planned", "#share-of-plan"),
        (
            (
                words.capital(activity.label),
                activity.measure,
                _mean(activity.delivered, every),
                _mean(activity.planned, every) if activity.planned else "–",
                _percent(_share(activity, every)),
            )
            for activity in record.activities
        ),
    )


def _by_year(record: Delivery) -> page.Table:
    """The exposure over time: the share of the plan in each year, or what was delivered."""
    years = _years(record)
    return page.table(
        "delivery-years",
        say("delivery.share-of-plan-that-was", frequency=record.frequency),
        ("what", *(page.Header(year, numeric=True) for year in years)),
        (
            (
                words.capital(one.label),
                *(
                    (
                        _percent(_share(one, places))
                        if one.planned
                        else _mean(one.delivered, places),
                    )
                    for places in years.values()
                ),
            )
            for one in record.activities
        ),
    )


def _years(record: Delivery) -> Mapping[str, list[int]]:
    years: dict[str, list[int]] = {}
    for place, period in enumerate(record.periods):
        years.setdefault(period[:4], []).append(place)
    return years


def _share(activity: Activity, places: range | list[int]) -> float | None:
    """Delivered of planned over these periods; None when nothing was planned in them."""
    planned = sum(activity.planned[place] for place in places) if activity.planned else 0
    if planned == 0:
        return None
    return sum(activity.delivered[place] for place in places) / planned


def _mean(values: tuple[float, ...], places: range | list[int]) -> str:
    """The average over these periods, with two digits where it would else be one."""
    mean = sum(values[place] for place in places) / len(places)
    return words.number(mean, 2 if mean < 1 else 1)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}%"
