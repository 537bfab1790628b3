"""What is wrong with a table of respondents, each fault with its row, so that a reader of files can
name the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.data.counted import respondent
from evaluation.data.one_per_row import code, missing
from evaluation.fact import Fact, fact
from evaluation.numeric.survey.weighted import Lonely


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: row counted from 1 (None for the whole table), column, and what is wrong there."""

    row: int | None
    column: str
    what: Fact


def _fault(row: int | None, column: str, key: str, **told: Any) -> Problem:
    where = (
        fact("people.nothing") if row is None else fact("survey.problems.at", who=respondent(row))
    )
    problem = fact(f"survey.problems.{key}", **told)
    return Problem(
        row, column, fact("survey.problems.fault", where=where, column=column, problem=problem)
    )


def found(
    items: np.ndarray,
    names: Sequence[str],
    bounds: tuple[np.ndarray, np.ndarray],
    columns: Mapping[str, np.ndarray],
    strata: Sequence[Any] | None = None,
    lonely: Lonely = "error",
) -> tuple[Problem, ...]:
    """Every fault of the rows, in their order; those of the whole table when no row has any.

    Parameters
    ----------
    items : (n, k), NaN for no answer. bounds : lowest and highest answer of each item, (k,) both.
    columns : wave, treated, weight, stratum and cluster, and where there are fpc, area and person;
        (n,) each. strata, lonely : as in `Sample.from_arrays`.
    """
    faults = sorted(_rows(items, names, bounds, columns), key=lambda each: each.row or 0)
    return tuple(faults) if faults else tuple(_whole(columns, strata, lonely))


def _rows(
    items: np.ndarray,
    names: Sequence[str],
    bounds: tuple[np.ndarray, np.ndarray],
    columns: Mapping[str, np.ndarray],
) -> Iterator[Problem]:
    outside = (items < bounds[0]) | (items > bounds[1])
    for i, j in np.argwhere(outside).tolist():
        ends = {"low": code(bounds[0][j]), "high": code(bounds[1][j])}
        yield _fault(i + 1, names[j], "outside", value=code(items[i, j]), **ends)
    weight = numbers_of(columns["weight"])
    for i in np.flatnonzero(~(np.isfinite(weight) & (weight > 0))).tolist():
        gone = missing(columns["weight"][i : i + 1])[0]
        key = "no-weight" if gone else "weight"
        yield _fault(i + 1, "weight", key, value=str(columns["weight"][i]))
    for name in ("wave", "stratum", "cluster", "area", "person"):
        if name in columns:
            for i in np.flatnonzero(missing(columns[name])).tolist():
                yield _fault(i + 1, name, "missing")
    treated = numbers_of(columns["treated"])
    for i in np.flatnonzero(~np.isin(treated, (0.0, 1.0))).tolist():
        yield _fault(i + 1, "treated", "flag", value=str(columns["treated"][i]))
    if "fpc" in columns:
        fpc = numbers_of(columns["fpc"])
        for i in np.flatnonzero(~(np.isfinite(fpc) & (fpc > 0))).tolist():
            yield _fault(i + 1, "fpc", "not-positive", value=str(columns["fpc"][i]))
    if "person" in columns:
        yield from _twice(columns)


def _twice(columns: Mapping[str, np.ndarray]) -> Iterator[Problem]:
    """People who are in a wave twice, or in another group, unit or stratum in another wave."""
    gone = missing(columns["person"])
    seen: dict[tuple[str, str], int] = {}
    first: dict[str, int] = {}
    for i, (person, wave) in enumerate(zip(columns["person"], columns["wave"], strict=True)):
        if gone[i]:
            continue
        key = (str(person), str(wave))
        if key in seen:
            before = respondent(seen[key])
            yield _fault(
                i + 1, "person", "twice", who=counted.person_id(person), wave=wave, before=before
            )
            continue
        seen[key] = i + 1
        begin = first.setdefault(str(person), i)
        for name in ("treated", "cluster", "stratum"):
            now, then = str(columns[name][i]), str(columns[name][begin])
            if now != then:
                told = {"now": now, "then": then, "wave": columns["wave"][begin]}
                yield _fault(i + 1, name, "moved", who=counted.person_id(person), **told)


def _whole(
    columns: Mapping[str, np.ndarray], strata: Sequence[Any] | None, lonely: Lonely
) -> Iterator[Problem]:
    waves = np.unique(columns["wave"])
    treated = numbers_of(columns["treated"]) == 1
    if len(waves) < 2:
        yield _fault(None, "wave", "one-wave", wave=waves[0])
    if treated.all() or not treated.any():
        yield _fault(None, "treated", "all-treated" if treated.all() else "none-treated")
    elif len(waves) > 1:
        for wave in waves:
            for group, among in (("treated", treated), ("comparison", ~treated)):
                if not (among & (columns["wave"] == wave)).any():
                    told = {"wave": wave, "group": fact(f"people.{group}")}
                    yield _fault(None, "wave", "empty-group", **told)
    labels, place = np.unique(columns["stratum"], return_inverse=True)
    if strata is not None:
        here, known = {code(label) for label in labels}, [code(stratum) for stratum in strata]
        for stratum in known:
            if stratum not in here:
                yield _fault(None, "stratum", "empty-stratum", stratum=stratum)
        for label in sorted(here - set(known)):
            yield _fault(None, "stratum", "no-stratum", stratum=label)
    units, unit = np.unique(columns["cluster"], return_inverse=True)
    pairs = np.unique(np.stack([unit, place], axis=1), axis=0)
    several = np.flatnonzero(np.bincount(pairs[:, 0]) > 1)
    for number in several:
        strata_of = tuple(str(labels[s]) for u, s in pairs if u == number)
        yield _fault(None, "cluster", "several-strata", unit=units[number], strata=strata_of)
    size = np.bincount(pairs[:, 1], minlength=len(labels))
    share = np.zeros(len(labels))
    if "fpc" in columns:
        fpc = numbers_of(columns["fpc"])
        fractions = bool((fpc <= 1).all())
        for s, label in enumerate(labels):
            values = np.unique(fpc[place == s])
            if len(values) > 1:
                yield _fault(None, "fpc", "differs", stratum=label)
            elif not fractions and values[0] < size[s]:
                drawn = counted.people(int(size[s]))
                yield _fault(None, "fpc", "too-small", stratum=str(label), drawn=drawn)
            share[s] = values[0] if fractions else size[s] / values[0]
    if lonely == "error" and not len(several):
        for s in np.flatnonzero((size == 1) & (share < 1)).tolist():
            yield _fault(None, "stratum", "lonely", stratum=labels[s])
    if "area" in columns:
        for name in np.unique(columns["area"]):
            if len(np.unique(treated[columns["area"] == name])) > 1:
                yield _fault(None, "area", "both", area=name)


def numbers_of(values: np.ndarray) -> np.ndarray:
    """Floats; NaN where a value is none."""
    if values.dtype.kind in "biuf":
        return np.asarray(values.astype(float))
    numbers = np.full(len(values), np.nan)
    for i, value in enumerate(values.tolist()):
        try:
            numbers[i] = float(value)
        except (TypeError, ValueError):
            continue
    return numbers
