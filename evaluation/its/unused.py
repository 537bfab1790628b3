"""What was given and has no part in the model, said in words: nothing is ignored in silence."""

from __future__ import annotations

from collections.abc import Iterator

from evaluation.data import period as calendar
from evaluation.its.design import Kind, Rows, Specification

WAVES = Specification().harmonics


def unused(
    rows: Rows, frequency: calendar.Frequency, kind: Kind, specification: Specification
) -> tuple[str, ...]:
    """A note for everything given that no fit of this series uses."""
    return (
        *rows.unused,
        *_exposure(rows, kind, specification),
        *_season(frequency, specification),
        *_outside(rows, frequency),
    )


def _exposure(rows: Rows, kind: Kind, specification: Specification) -> Iterator[str]:
    asked = specification.offset
    if rows.exposure is None:
        if asked:
            yield "there is no exposure to use, though offset asks for it"
    elif not specification.uses_exposure(kind):
        yield (
            "the exposure is not used, as offset = false says"
            if asked is False
            else "the exposure is not used: a mean or rate is not a sum over people, and is "
            "divided by it only when offset = true asks for that"
        )


def _season(frequency: calendar.Frequency, specification: Specification) -> Iterator[str]:
    season, waves = specification.season, specification.harmonics
    length = calendar.PER_YEAR[frequency]
    if length == 1:
        if season != "none":
            yield "data by the year have no season, and none is in the model"
    elif season == "fourier" and waves > length // 2:
        yield f"{waves} waves are asked for; {length // 2} is all that a {frequency} can tell apart"
    if waves != WAVES and (season != "fourier" or length == 1):
        yield f"harmonics = {waves} has no use without a season of waves"


def _outside(rows: Rows, frequency: calendar.Frequency) -> Iterator[str]:
    first, last = int(rows.period.min()), int(rows.period.max())
    for change in rows.later:
        if change.start > last:
            yield (
                f"{change.name} begins in {calendar.text(change.start, frequency)}, after the last "
                "period, and has no term"
            )
    for pulse in rows.pulses:
        if pulse.start > last or pulse.start + pulse.periods <= first:
            yield f"{pulse.name} lies outside the periods, and has no term"
