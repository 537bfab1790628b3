"""Spillover: what treatment does to those beside the treated, and the effect net of displacement.

An untreated unit is exposed from the first treatment of a neighbor on: an ally, a rival, a unit
within a distance. Exposed cells are taken out of the controls, which otherwise fall (or rise) with
the treated and hide part of the effect; they are then an effect of their own, and the total over
treated and exposed cells together is what is left after displacement. All are log ratios of sums by
Poisson imputation from the cells that are neither treated nor exposed, with one jackknife over
clusters and t(clusters behind each - 1).

Aronow and Samii (2017), Annals of Applied Statistics 11:1912-1947, for exposure mappings; Butts
(2021), arXiv 2105.03737, for rings of distance in differences-in-differences.

Each treated unit by years from its own start: what was observed, and what was expected there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.data import period as calendar
from evaluation.did import timing as starts
from evaluation.did.cohorts import Cohorts
from evaluation.did.count_ratios import NONE, few_clusters, known, no_ratio, ratios
from evaluation.did.effects import Answer, possible, sentences, t_answer
from evaluation.did.method import Method
from evaluation.did.usable import refuse_steps
from evaluation.effect import Check, Effect, Term
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.poisson_imputation import untreated

ALL, TOTAL = "spillover on all exposed", "total, treated and exposed"
Pairs = Sequence[Sequence[str]]


def fit(
    cohorts: Cohorts,
    *,
    alliance: str | None = None,
    allies: Pairs = (),
    rivals: Pairs = (),
    place: Sequence[str] = (),
    rings: Sequence[float] = (),
) -> Answer:
    """The log ratio over treated cells, exposed cells taken out of the controls; t(treated
    clusters - 1).

    `terms` are the spillover on all exposed cells, the total over treated and exposed cells, and
    the spillover on each kind. A cell exposed in several ways is of the first kind in the order
    allies, rivals, rings from the nearest on.

    Parameters
    ----------
    alliance : a covariate; units with the same value are allies. allies, rivals : pairs of unit
        names, in either order. place : two covariates that are coordinates in a plane. rings :
        outer distances, in the unit of the coordinates, each beginning where the last one ends.

    Raises
    ------
    FitError : when nothing says who is exposed, no untreated cell is, a name or covariate is not
        known, too few cells are left as controls, or as `poisson_imputation.fit`.
    """
    found = with_links(
        cohorts,
        links(cohorts, alliance=alliance, allies=allies, rivals=rivals, place=place, rings=rings),
    )
    return replace(found, covariates=(*(() if alliance is None else (alliance,)), *place))


def links(
    cohorts: Cohorts,
    *,
    alliance: str | None = None,
    allies: Pairs = (),
    rivals: Pairs = (),
    place: Sequence[str] = (),
    rings: Sequence[float] = (),
) -> dict[str, np.ndarray]:
    """Who is exposed to whose treatment, (N, N) bool by kind; the settings are those of `fit`.

    Raises
    ------
    FitError : for a name or covariate that is not known, or rings without coordinates.
    """
    found: dict[str, np.ndarray] = {}
    if place and not rings:
        raise FitError(fact("did.spillover.place-rings-give-their-outer"))
    if alliance is not None:
        found["allies"] = same(_covariate(cohorts, alliance))
    if allies:
        found["allies"] = found.get("allies", False) | paired(cohorts.units, allies)
    if rivals:
        found["rivals"] = paired(cohorts.units, rivals)
    if rings:
        if len(place) != 2:
            raise FitError(fact("did.spillover.rings-need-place-names-two"))
        points = np.column_stack([_covariate(cohorts, name) for name in place])
        found |= ringed(points, rings)
    return found


def with_links(cohorts: Cohorts, links: Mapping[str, np.ndarray]) -> Answer:
    """`fit` for links that are already matrices.

    Parameters
    ----------
    links : by kind, (N, N) bool, row i true at j when the treatment of j exposes i.

    Raises
    ------
    FitError : as `fit`.
    """
    kind = exposure(cohorts, links)
    exposed = kind >= 0
    if not exposed.any():
        raise FitError(fact("did.spillover.no-untreated-unit-exposed-treated"))
    control = cohorts.untreated & ~exposed
    reachable = known(control)
    used, beside = cohorts.treated & reachable, exposed & reachable
    if not used.any() or not beside.any():
        raise FitError(fact("did.spillover.no-period-treated-exposed-units"))
    kind = np.where(beside, kind, NONE)
    labels = [np.where(cells, 0, NONE) for cells in (used, beside, used | beside)]
    found = ratios(cohorts, control, [*labels, kind])
    if not found.kept[0]:
        raise no_ratio(found, 0, "did.count-ratios.treated-cells")
    # The highest kind that no cell has leaves no column.
    kinds = [f"spillover on {name}" for name in list(links)[: int(kind.max()) + 1]]
    names = [ALL, TOTAL, *kinds]
    terms = tuple(found.term(name, 1 + k) for k, name in enumerate(names) if found.kept[1 + k])
    missing = [
        fact("did.named", name=name, what=no_ratio(found, 1 + k, "did.count-ratios.its-cells"))
        for k, name in enumerate(names)
        if not found.kept[1 + k]
    ]
    whole = found.term("", 0)
    saved = found.expected - found.observed
    return replace(
        t_answer("log ratio", whole.estimate, whole.std_error, whole.df),
        expected=untreated(cohorts.y, control, cohorts.weight, cohorts.exposure).expected,
        terms=terms,
        notes=(
            fact(
                "did.spillover.no-controls",
                cells=int(exposed.sum()),
                units=int(exposed.any(axis=1).sum()),
            ),
            fact("did.spillover.saved", treated=saved[0], exposed=saved[1], both=saved[2]),
            *missing,
        ),
        objection=few_clusters(cohorts, control, used) or starts.refusal(cohorts),
    )


@possible("spillover")
def check(
    cohorts: Cohorts, method: Method, effect: Effect, *, links: Mapping[str, np.ndarray]
) -> Check:
    """The estimate without exposed controls, what happened to those, and the total of both.

    It passes when the exposed did not change (the 95 % range of their ratio holds 1) and the total
    has the sign of the estimate; it does not judge when the exposed have no ratio.
    """
    refuse_steps(cohorts)
    found = with_links(cohorts, links)
    terms = {term.name: term for term in found.terms}
    rows: list[tuple[str, Answer | Term]] = [("treated, exposed controls left out", found)]
    rows += terms.items()
    table: tuple[dict[str, Any], ...] = tuple(
        {
            "cells": cells,
            "percent": 100 * float(np.expm1(one.estimate)),
            "low": 100 * float(np.expm1(one.low)),
            "high": 100 * float(np.expm1(one.high)),
            "p_value": one.p_value,
        }
        for cells, one in rows
    )
    without = fact(
        "did.spillover.without-exposed",
        percent=table[0]["percent"],
        name=method.name,
        whole=effect.percent.estimate,
    )
    if ALL not in terms or TOTAL not in terms:
        says = sentences(without, fact("did.spillover.no-ratio"))
        return Check("spillover", None, says, table)
    beside, total = (row for one in (ALL, TOTAL) for row in table if row["cells"] == one)
    change = fact("did.spillover.change", **total)
    says = sentences(without, fact("did.spillover.exposed", **beside, total=change))
    quiet = terms[ALL].low <= 0 <= terms[ALL].high
    held = terms[TOTAL].estimate * effect.percent.estimate > 0
    return Check("spillover", quiet and held, says, table)


def exposure(cohorts: Cohorts, links: Mapping[str, np.ndarray]) -> np.ndarray:
    """(N, T) place of the kind of exposure of each untreated cell in `links`; -1 where treated or
    not exposed. The first kind that fits counts.

    Raises
    ------
    FitError : without links, or for a matrix that is not N by N.
    """
    if not links:
        raise FitError(fact("did.spillover.nothing-says-who-exposed-set"))
    kind = np.full(cohorts.y.shape, NONE)
    for number, (name, link) in enumerate(links.items()):
        if link.shape != (cohorts.n, cohorts.n):
            raise FitError(fact("did.spillover.links-must-be-table-by", name=name, n=cohorts.n))
        others = link & ~np.eye(cohorts.n, dtype=bool)
        begins = np.where(others, cohorts.first, np.inf).min(axis=1)
        reached = (np.arange(cohorts.length) >= begins[:, None]) & cohorts.untreated
        kind = np.where((kind == NONE) & reached, number, kind)
    return kind


def same(value: np.ndarray) -> np.ndarray:
    """(N, N) True where two units have the same value."""
    return np.asarray(value[:, None] == value)


def paired(units: Sequence[str], pairs: Pairs) -> np.ndarray:
    """(N, N) True for the named pairs, in both directions.

    Raises
    ------
    FitError : for a pair that is not two units of the panel.
    """
    row = {unit: number for number, unit in enumerate(units)}
    links = np.zeros((len(units), len(units)), dtype=bool)
    for pair in pairs:
        if len(pair) != 2 or any(name not in row for name in pair):
            raise FitError(fact("did.spillover.not-pair-units-panel", pair=list(pair)))
        one, two = (row[name] for name in pair)
        links[one, two] = links[two, one] = True
    return links


def ringed(points: np.ndarray, bounds: Sequence[float]) -> dict[str, np.ndarray]:
    """(N, N) for each ring, True where the distance is above its inner and up to its outer bound;
    the nearest also holds distance 0.

    Parameters
    ----------
    points : (N, 2) coordinates in a plane. bounds : outer distances, growing.

    Raises
    ------
    FitError : for bounds that do not grow from above 0.
    """
    if any(low >= high for low, high in zip([0.0, *bounds], bounds, strict=False)):
        raise FitError(fact("did.spillover.rings-must-grow-from-above", bounds=list(bounds)))
    apart = np.sqrt(((points[:, None] - points) ** 2).sum(axis=2))
    edges = [-1.0, *bounds]
    return {
        f"those within {high:g}" if k == 0 else f"those {edges[k]:g} to {high:g} away": (
            (apart > edges[k]) & (apart <= high)
        )
        for k, high in enumerate(bounds)
    }


def _covariate(cohorts: Cohorts, name: str) -> np.ndarray:
    if name not in cohorts.covariate_names:
        raise FitError(
            fact(
                "did.spillover.not-among-covariates-panel",
                name=name,
                known=cohorts.covariate_names or fact("did.none"),
            )
        )
    return np.asarray(cohorts.covariates[:, cohorts.covariate_names.index(name)])


# Of more treated units, those of one start are added up.
MOST = 24


@possible("treated-places")
def treated_places(cohorts: Cohorts, method: Method) -> Check:
    """Sums observed and expected a year since the start, before it too, in each treated unit, or of
    all units of one start together where more than 24 are treated.

    The expected numbers are those of the method, and have no range here. A cell in which it expects
    nothing leaves the year of its unit without an expected number. Cells that are not used, and
    those after the end of a program, are in neither sum; a year of such cells alone has no row.

    Parameters
    ----------
    method : of the headline, with its settings.
    """
    expected = method.solve(cohorts).expected
    if expected is None:
        raise FitError(fact("did.spillover.nothing-by-place"))
    treated = np.flatnonzero(cohorts.ever)
    grouped = len(treated) > MOST
    groups = (
        {
            f"Start {cohorts.begun(first)}": np.flatnonzero(cohorts.first == first)
            for first in cohorts.cohorts
        }
        if grouped
        else {cohorts.units[int(row)]: np.array([row]) for row in treated}
    )
    by_name = {name: _years(cohorts, expected, name, units) for name, units in groups.items()}
    lower = sum(_lower(rows) for rows in by_name.values())
    says = fact("did.spillover.lower", lower=lower, n=len(groups), grouped=grouped)
    table = tuple(row for rows in by_name.values() for row in rows)
    return Check("treated-places", None, says, table)


def _lower(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether less was observed than expected from the start on."""
    after = [row for row in rows if row["year"] >= 0 and row["expected"] is not None]
    return float(sum(row["observed"] - row["expected"] for row in after)) < 0


def _years(
    cohorts: Cohorts, expected: np.ndarray, name: str, units: np.ndarray
) -> list[Mapping[str, Any]]:
    """The rows of units that start together; years are counted from there, 0 the first."""
    first = int(cohorts.first[units[0]])
    event = cohorts.event[units[0]].astype(int)
    year = event // calendar.PER_YEAR[cohorts.frequency]
    counted = (cohorts.known & ~cohorts.after_end)[units]
    found: list[Mapping[str, Any]] = []
    for one in np.unique(year).tolist():
        columns = np.flatnonzero(year == one)
        here = counted[:, columns]
        if not here.any():
            continue
        cells = np.ix_(units, columns)
        told = float(np.where(here, expected[cells], 0.0).sum())
        found.append(
            {
                "unit": name,
                "start": cohorts.begun(first),
                "units": len(units),
                "year": int(one),
                "periods": int(here.any(axis=0).sum()),
                "observed": float(np.where(here, cohorts.y[cells], 0.0).sum()),
                "expected": told if np.isfinite(told) else None,
            }
        )
    return found
