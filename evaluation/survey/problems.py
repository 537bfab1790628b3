"""What is wrong with a table of respondents, each fault with its row, so that a reader of files can
name the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.data.findings import words_of
from evaluation.data.one_per_row import code, missing
from evaluation.numeric.survey.taylor import Lonely


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: row counted from 1 (None for the whole table), column, and what is wrong."""

    row: int | None
    column: str
    message: str

    def __str__(self) -> str:
        place = "" if self.row is None else f"respondent {self.row}: "
        return f"{place}{self.column} {self.message}"


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
    for i, j in np.argwhere(outside):
        allowed = f"{code(bounds[0][j])} to {code(bounds[1][j])}"
        yield Problem(
            int(i) + 1,
            names[j],
            f"is {code(items[i, j])}; answers go from {allowed}. Leave it empty for no answer",
        )
    weight = numbers_of(columns["weight"])
    for i in np.flatnonzero(~(np.isfinite(weight) & (weight > 0))):
        value = columns["weight"][i]
        what = "is missing" if missing(columns["weight"][i : i + 1])[0] else f"is {value}"
        yield Problem(int(i) + 1, "weight", f"{what}; every respondent needs a weight above 0")
    for name in ("wave", "stratum", "cluster", "area", "person"):
        if name in columns:
            for i in np.flatnonzero(missing(columns[name])):
                yield Problem(int(i) + 1, name, "is missing")
    treated = numbers_of(columns["treated"])
    for i in np.flatnonzero(~np.isin(treated, (0.0, 1.0))):
        yield Problem(int(i) + 1, "treated", f"is {columns['treated'][i]}; it must be 0 or 1")
    if "fpc" in columns:
        fpc = numbers_of(columns["fpc"])
        for i in np.flatnonzero(~(np.isfinite(fpc) & (fpc > 0))):
            yield Problem(int(i) + 1, "fpc", f"is {columns['fpc'][i]}; it must be above 0")
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
            yield Problem(
                i + 1, "person", f"{person} is in wave {wave} already, as respondent {seen[key]}"
            )
            continue
        seen[key] = i + 1
        begin = first.setdefault(str(person), i)
        for name in ("treated", "cluster", "stratum"):
            if str(columns[name][begin]) != str(columns[name][i]):
                yield Problem(
                    i + 1,
                    name,
                    f"of person {person} is {columns[name][i]}, but {columns[name][begin]} in "
                    f"wave {columns['wave'][begin]}; keep people where they were first asked",
                )


def _whole(
    columns: Mapping[str, np.ndarray], strata: Sequence[Any] | None, lonely: Lonely
) -> Iterator[Problem]:
    waves = np.unique(columns["wave"])
    treated = numbers_of(columns["treated"]) == 1
    if len(waves) < 2:
        yield Problem(None, "wave", f"is {waves[0]} throughout; a change needs two waves")
    if treated.all() or not treated.any():
        where = "everyone lives" if treated.all() else "nobody lives"
        yield Problem(None, "treated", f"is the same for all: {where} in a treated area")
    elif len(waves) > 1:
        for wave in waves:
            for flag, group in ((True, "treated"), (False, "comparison")):
                if not (
                    treated & (columns["wave"] == wave)
                    if flag
                    else ~treated & (columns["wave"] == wave)
                ).any():
                    yield Problem(None, "wave", f"{wave} has nobody in the {group} group")
    labels, place = np.unique(columns["stratum"], return_inverse=True)
    if strata is not None:
        here, known = {code(label) for label in labels}, [code(stratum) for stratum in strata]
        for stratum in known:
            if stratum not in here:
                yield Problem(
                    None, "stratum", f"{stratum} is empty: the design has it, nobody is in it"
                )
        for label in sorted(here - set(known)):
            yield Problem(None, "stratum", f"{label} is not a stratum of the design")
    units, unit = np.unique(columns["cluster"], return_inverse=True)
    pairs = np.unique(np.stack([unit, place], axis=1), axis=0)
    several = np.flatnonzero(np.bincount(pairs[:, 0]) > 1)
    for number in several:
        found_in = ", ".join(str(labels[s]) for u, s in pairs if u == number)
        yield Problem(
            None, "cluster", f"{units[number]} is in several strata ({found_in}); give each its own"
        )
    size = np.bincount(pairs[:, 1], minlength=len(labels))
    share = np.zeros(len(labels))
    if "fpc" in columns:
        fpc = numbers_of(columns["fpc"])
        fractions = bool((fpc <= 1).all())
        for s, label in enumerate(labels):
            values = np.unique(fpc[place == s])
            if len(values) > 1:
                yield Problem(None, "fpc", f"differs within stratum {label}")
            elif not fractions and values[0] < size[s]:
                yield Problem(
                    None,
                    "fpc",
                    f"of stratum {str(label)!r} is smaller than the number of units drawn from it "
                    f"({words_of(int(size[s]))})",
                )
            share[s] = values[0] if fractions else size[s] / values[0]
    if lonely == "error" and not len(several):
        for s in np.flatnonzero((size == 1) & (share < 1)).tolist():
            yield Problem(
                None,
                "stratum",
                f"{labels[s]} has a single sampling unit, which has no variance; merge it with a "
                "similar one, or set lonely to 'adjust', 'average' or 'certainty'",
            )
    if "area" in columns:
        for name in np.unique(columns["area"]):
            if len(np.unique(treated[columns["area"] == name])) > 1:
                yield Problem(None, "area", f"{name} is both treated and not")


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
