"""Whether outcomes are divided by the exposure: what a plan may ask for, and what is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaluation.data.panel import Column, Panel
from evaluation.study.planned import Plan, kind_of

Key = tuple[str | int, ...]


def exposure_faults(plan: Plan, panel: Panel) -> Iterator[tuple[Key, str]]:
    """A division that is asked for where the data have nothing to divide by."""
    if panel.named("exposure"):
        return
    words = (
        f"no column of {panel.provenance.file} has the role exposure, so there is nothing to "
        "divide by; describe one (residents, say), or leave this out"
    )
    if plan.terms.offset:
        yield ("specification", "offset"), words
    for index, alternative in enumerate(plan.alternatives):
        if alternative.offset:
            yield ("alternatives", index, "offset"), words


def exposure_sentences(plan: Plan, panel: Panel, columns: Sequence[Column]) -> Iterator[str]:
    """What each outcome is divided by, or that it is not, and why."""
    exposures = panel.named("exposure")
    if not exposures:
        if any(kind_of(column) == "count" for column in columns):
            yield "Counts are taken as they are: the data have no exposure, such as residents."
        return
    by = exposures[0].label
    for column in columns:
        yield f"{_capital(column.label)}: {divided_words(plan, column, by)}."
    for other in exposures[1:]:
        yield f"{_capital(other.label)} is an exposure too, and not used: {by} comes first."


def divided_words(plan: Plan, column: Column, by: str) -> str:
    """Whether one outcome is divided by the exposure `by`, and why."""
    kind, asked = kind_of(column), plan.terms.offset
    if asked is None:
        return (
            f"divided by {by}, since it is a count"
            if kind == "count"
            else f"not divided by {by}, since it is not a count"
        )
    return f"{'divided' if asked else 'not divided'} by {by}, as the plan asks"


def offset_words(offset: bool | None) -> str:
    """The same without the data, as a term of the model."""
    if offset is None:
        return "allowance for the size of the population in counts, where the data give it"
    if offset:
        return "outcomes divided by the size of the population, as the plan asks"
    return "no allowance for the size of the population"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
