"""What a synthesis takes from a published result or from a study of this project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from evaluation.data.labels import drawn
from evaluation.data.published import PublishedTable
from evaluation.data.published_cells import RATIOS
from evaluation.effect import Interval
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.study.evidence import Evidence
from evaluation.synthesis.same import clusters, place_ids

# Scales on which an effect is the log of a ratio.
LOGS = frozenset(RATIOS.values())


@dataclass(frozen=True, slots=True)
class Result:
    """One effect that may enter a synthesis.

    Parameters
    ----------
    study, label : short name, and as a forest plot prints it. site : where, in words. places : the
        ids of the places that it has data of; results that share one share people and years, and
        are not independent. design, unit, outcome, family : in words.
    strength : rank of the design, 1 the strongest, or None.
    scale : what is pooled, "log rate ratio" for instance. estimate, std_error : on it, or None.
    obstacle : why it cannot enter, or "". found : what the study concluded, or "".
    error_from : where the error comes from. where : file and line, or the study's page.
    synthetic : True for invented data.
    """

    study: str
    label: str
    site: str
    design: str
    strength: int | None
    unit: str
    outcome: str
    family: str
    scale: str
    estimate: float | None
    std_error: float | None
    obstacle: Fact | str
    found: str
    error_from: str
    where: str
    synthetic: bool = False
    places: tuple[str, ...] = ()

    @property
    def percent(self) -> float | None:
        """The effect in percent, for a log ratio."""
        return None if self.estimate is None else in_percent(self.estimate, self.scale)


def in_percent(value: float, scale: str) -> float | None:
    """A log ratio as percent change; None for another scale."""
    return 100 * (exp(value) - 1) if scale in LOGS else None


def percent_interval(estimate: float, low: float, high: float, scale: str) -> Interval | None:
    """An interval of log ratios in percent; None for another scale."""
    if scale not in LOGS:
        return None
    a, b, c = (100 * (exp(value) - 1) for value in (estimate, low, high))
    return Interval(a, b, c)


def from_published(table: PublishedTable, family: str) -> tuple[Result, ...]:
    """The results of focused deterrence for one family of outcomes, with and without what a
    synthesis needs. Services beside such a program, and programs with another idea, are not there.

    Raises
    ------
    DataError : when the table has none of the family.
    """
    synthetic = table.provenance.sensitivity == "synthetic"
    return tuple(
        Result(
            study=row.study,
            label=f"{row.site}, {row.outcome}",
            site=row.site,
            design=row.design,
            strength=row.strength,
            unit=row.unit,
            outcome=row.outcome,
            family=row.family,
            scale=row.scale,
            estimate=row.estimate,
            std_error=row.std_error,
            obstacle=row.obstacle,
            found=row.found,
            error_from=row.se_source,
            where=f"{table.provenance.file}:{row.line}",
            synthetic=synthetic,
            places=_ids(table.provenance.place_of(row.site)),
        )
        for row in table.of(family)
        if row.counted
    )


def sites_of(results: Sequence[Result]) -> tuple[int, ...]:
    """For each result the number of its site, from 0; those of one site are not independent."""
    return clusters([(one.places, one.site) for one in results])


def _ids(place: str) -> tuple[str, ...]:
    return (place,) if place else ()


def placed(evidence: Evidence) -> bool:
    """Whether the results say the place, and not only how many units or people there were."""
    return bool(place_name(evidence))


def place_name(evidence: Evidence) -> str:
    """What results call the place, or else its declared id; "" when they say neither."""
    unit, data = evidence.data.unit, evidence.data.provenance
    # Of many units or people results say how many there were, which is no place.
    return unit if unit in evidence.data.units else data.place_of(unit)


def from_evidence(evidence: Evidence, column: str, *, family: str) -> Result:
    """The headline of one outcome of a study of this project.

    A headline that is not valid here, or was not estimated, cannot enter; the reason stays with it.

    Raises
    ------
    DataError : when the study has no such outcome.
    """
    outcome = evidence.outcome(column)
    effect = outcome.headline.effect
    obstacle: Fact | str = ""
    scale, estimate, error = "difference", None, None
    if effect is None:
        obstacle = fact("synthesis.studies.not-estimated", reason=outcome.headline.reason)
    else:
        scale = "log rate ratio" if effect.scale == "log ratio" else "difference"
        estimate = effect.estimate
        error = effect.std_error if effect.std_error > 0 else None
        if effect.objection:
            obstacle, error = str(effect.objection), None
        elif error is None:
            obstacle = fact("synthesis.studies.its-method-gives-no-standard")
    synthetic = evidence.data.provenance.sensitivity == "synthetic"
    return Result(
        study=evidence.slug,
        label=f"{evidence.data.unit}, {outcome.label} (this project)",
        site=place_name(evidence) or evidence.slug,
        design=str(evidence.plan.content.get("design", "not certain")),
        strength=None,
        unit=str(evidence.plan.content.get("unit") or ""),
        outcome=outcome.label,
        family=family,
        scale=scale,
        estimate=estimate,
        std_error=error,
        obstacle=obstacle,
        found="",
        error_from=outcome.headline.label,
        where=f"reports/{evidence.slug}/results.json",
        synthetic=synthetic,
        places=place_ids(evidence),
    )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A result that did not enter, and why."""

    study: str
    label: str
    estimate: float | None
    percent: float | None
    found: str
    reason: Fact | str
    where: str


def left_out(results: Sequence[Result]) -> tuple[LeftOut, ...]:
    """The results that cannot enter, in order."""
    return tuple(
        LeftOut(one.study, one.label, one.estimate, one.percent, one.found, one.obstacle, one.where)
        for one in results
        if one.obstacle
    )


def entering(results: Sequence[Result]) -> tuple[Result, ...]:
    """The results that can enter, when they can be pooled with one another.

    Raises
    ------
    FitError : for mixed scales, real beside invented data, the same result twice, or an error that
        is not positive.
    """
    usable = [one for one in results if not one.obstacle]
    seen: dict[tuple[str, str], Result] = {}
    for one in usable:
        first = seen.setdefault((drawn(one.study), drawn(one.outcome)), one)
        if first is not one:
            raise FitError(
                fact(
                    "synthesis.studies.there-twice-keep-one",
                    where=one.where,
                    study=one.study,
                    outcome=one.outcome,
                    where2=first.where,
                )
            )
        if one.std_error is None or one.estimate is None or not one.std_error > 0:
            raise FitError(
                fact(
                    "synthesis.studies.has-no-positive-standard-error",
                    where=one.where,
                    label=one.label,
                )
            )
        if one.scale != usable[0].scale:
            raise FitError(
                fact(
                    "synthesis.studies.but-one-synthesis-has-one",
                    where=one.where,
                    label=one.label,
                    scale=one.scale,
                    label2=usable[0].label,
                    scale2=usable[0].scale,
                )
            )
        if one.synthetic != usable[0].synthetic:
            raise FitError(
                fact(
                    "synthesis.studies.not-both-real-invented-data",
                    where=one.where,
                    label=one.label,
                    label2=usable[0].label,
                )
            )
    return tuple(usable)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many results of a family concluded what. This weighs nothing: a large fall that is not
    certain and a small one that is count alike, and what was never published is not counted."""

    results: int
    sites: int
    fell: int
    rose: int
    no_effect: int
    short_lived: int
    unclear: int
    with_error: int
    says: Fact | str


def concluded(results: Sequence[Result]) -> Counts:
    """What the studies of a family concluded, counted, with the warning that belongs to it."""
    words = [one.found for one in results]
    numbers = {word: words.count(word) for word in set(words)}
    sites = len(set(sites_of(results)))
    usable = sum(not one.obstacle for one in results)
    fell, none = numbers.get("fell", 0), numbers.get("no effect found", 0)
    short, unclear = numbers.get("short-lived", 0), numbers.get("unclear", 0)
    rose = numbers.get("rose", 0)
    says = fact(
        "synthesis.studies.results-from-sites-found-fall",
        n_results=len(results),
        sites=sites,
        fell=fell,
        none=none,
        short=short,
        rose=rose,
        unclear=unclear,
        usable=usable,
    )
    return Counts(len(results), sites, fell, rose, none, short, unclear, usable, says)
