"""Sets of studies that agree, differ and share in every way a page has words for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from example_study import effect, outcome, study

from evaluation.study.evidence import Evidence

FALL, RISE, OPEN = (-30.0, -45.0, -10.0), (25.0, 5.0, 50.0), (-0.5, -38.0, 59.0)


def one(
    slug: str,
    percent: tuple[float, float, float] = FALL,
    *,
    design: str = "its",
    place: str = "Testville",
    units: tuple[str, ...] = ("Testville",),
    apart: bool = False,
    synthetic: bool = False,
    objection: str | None = None,
    place_id: str = "",
    **change: Any,
) -> Evidence:
    """A study of one outcome; `apart` gives it a file, months, start and assumption of its own."""
    base = study(slug=slug, title=f"Study {slug}")
    known = outcome(effect(percent, (0.0, -1.0, 1.0), objection=objection), **change)
    if apart:
        known = replace(known, headline=replace(known.headline, assumes=f"what {slug} assumes"))
    source = replace(
        base.data.provenance,
        sha256=str(len(slug)) * 64 if apart else "b" * 64,
        sensitivity="synthetic" if synthetic else "public",
        # Known by their names alone, unless an id is given.
        place=place_id,
    )
    data = replace(base.data, provenance=source, unit=place, units=units)
    if apart:
        data = replace(data, first="1990-01", last="1992-12")
    return replace(
        base,
        start="1991-01" if apart else base.start,
        outcomes=(known,),
        data=data,
        plan=replace(base.plan, content={"design": design}),
    )


def sets() -> Iterator[list[Evidence]]:
    """One list of studies of a goal for each page."""
    yield [one("a")]
    yield [one("a"), one("b", (-20.0, -40.0, 5.0), design="did")]
    yield [one("a", RISE), one("b", RISE, design="individual")]
    yield [one("a", (-60.0, -70.0, -50.0)), one("b", RISE, label="shootings", design="survey")]
    yield [one("a", (-60.0, -70.0, -50.0)), one("b", RISE, design="survey")]
    yield [one("a"), one("b", RISE, better="higher")]
    yield [one("a", RISE), one("b", FALL, better="higher")]
    yield [one("a"), one("b", FALL, better="higher")]
    elsewhere: dict[str, Any] = {"place": "Elsewhere", "units": ("Elsewhere",)}
    yield [one("a"), one("bb", apart=True, **elsewhere)]
    for units in (("A", "B"), ("A", "B", "C", "D")):
        many = {"place": "2 of 4 units", "units": units}
        yield [one("a", **many), one("b", **many), one("c", objection="too few clusters")]
    yield [one("a", OPEN), one("b", OPEN, design="did")]
    yield [one("a", place_id="us-ca-testville"), one("bb", apart=True, **elsewhere)]
    yield [one("a", synthetic=True), one("b", synthetic=True)]
