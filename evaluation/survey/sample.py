"""Respondents of a survey in two waves or more, with how they were drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evaluation.data.few import words_of
from evaluation.errors import DataError
from evaluation.numeric.taylor import Design, Lonely
from evaluation.survey.problems import Problem, found, missing

# So many faults are printed; the rest are counted.
SHOWN = 20
# So many of the people of the first wave are asked again, or it is no panel.
PANEL_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """Checked answers; build it with `from_arrays`, which refuses what cannot be analysed.

    Parameters
    ----------
    items : (n, k) answers, NaN where there is none. names : of the items. low, high : (k,) the
        range of each item. wave : (n,) number of the wave, from 0; waves : their labels, in order.
    after : number of the first wave after the start. treated : (n,) lives where the program works.
    design : weights, units, strata. strata : their labels. area : (n,) number of the
        neighborhood, or None; areas : their names. person : (n,) number of the person, or None.
    traits : by name, (n,) numbers (NaN where missing) or text ("" where missing).
    """

    items: np.ndarray
    names: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    wave: np.ndarray
    waves: tuple[str, ...]
    after: int
    treated: np.ndarray
    design: Design
    strata: tuple[str, ...]
    area: np.ndarray | None = None
    areas: tuple[str, ...] = ()
    person: np.ndarray | None = None
    traits: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def weight(self) -> np.ndarray:
        """(n,) weights."""
        return self.design.weight

    @property
    def post(self) -> np.ndarray:
        """(n,) answered after the start."""
        return np.asarray(self.wave >= self.after)

    @property
    def again(self) -> float | None:
        """Share of the people of the first of two waves who were asked again; None when it is no
        panel: without identities, with more waves, or with fewer than `PANEL_SHARE` of them."""
        if self.person is None or len(self.waves) != 2:
            return None
        first, second = (self.person[self.wave == wave] for wave in (0, 1))
        share = float(np.isin(first, second).mean())
        return share if share >= PANEL_SHARE else None

    def trait(self, name: str) -> np.ndarray:
        """(n,) values of a trait.

        Raises
        ------
        DataError : when there is none of this name.
        """
        if name not in self.traits:
            known = ", ".join(self.traits) or "none"
            raise DataError(f"the survey has no trait {name!r}; it has {known}")
        return self.traits[name]

    @classmethod
    def from_arrays(
        cls,
        items: Any,
        *,
        wave: Any,
        treated: Any,
        weight: Any,
        stratum: Any = None,
        cluster: Any = None,
        fpc: Any = None,
        names: Sequence[str] | None = None,
        low: Any = 1,
        high: Any = 5,
        after: Any = None,
        area: Any = None,
        person: Any = None,
        traits: Mapping[str, Any] | None = None,
        strata: Sequence[Any] | None = None,
        lonely: Lonely = "error",
    ) -> Sample:
        """A sample of n respondents, checked.

        Parameters
        ----------
        items : (n, k) answers to k items, NaN where there is none. wave : (n,) label of the wave,
            such as 2012 and 2016. treated : (n,) 0 or 1. weight : (n,) positive; ones when
            everyone had the same chance. stratum, cluster : (n,) labels of the stratum and the
            primary sampling unit; without them all are one stratum and each person (or row) is a
            unit. fpc : (n,) units in the population of the stratum, or the share drawn when all
            are 1 or less. low, high : range of the items, one number or k;
            infinite for a measure without bounds. after : label of the
            first wave after the start; the second of two where not given. area : (n,)
            neighborhood. person : (n,) identity in a panel. traits : by name, (n,) numbers or
            text. strata : every stratum of the design, so that an empty one is noticed. lonely :
            what to do with a stratum of one unit (`taylor.Design`).

        Raises
        ------
        DataError : listing what is wrong, each with its respondent counted from 1.
        """
        answers = np.array(items, dtype=float)
        answers = answers[:, None] if answers.ndim == 1 else answers
        n, k = answers.shape
        called = tuple(names) if names is not None else tuple(f"item{j + 1}" for j in range(k))
        bounds = (
            np.broadcast_to(np.asarray(low, float), k),
            np.broadcast_to(np.asarray(high, float), k),
        )
        given = {
            "wave": wave,
            "treated": treated,
            "weight": weight,
            "stratum": np.zeros(n, int) if stratum is None else stratum,
            "cluster": cluster,
            "fpc": fpc,
            "area": area,
            "person": person,
        }
        for name in ("wave", "treated", "weight"):
            if given[name] is None:
                hint = "; give ones where everyone had the same chance" if name == "weight" else ""
                raise DataError(f"{name} is missing{hint}")
        columns = {name: np.asarray(v) for name, v in given.items() if v is not None}
        extra = {name: np.asarray(values) for name, values in (traits or {}).items()}
        _same_length(n, called, k, {**columns, **extra})
        if "cluster" not in columns:
            columns["cluster"] = columns.get("person", np.arange(n))
        faults = found(answers, called, bounds, columns, strata, lonely)
        if faults:
            raise DataError(said(faults))
        order = np.unique(columns["wave"])
        first = _first_after(order, after)
        flag = columns["treated"].astype(float) == 1
        labels, code = np.unique(columns["stratum"], return_inverse=True)
        _, place, unit = np.unique(columns["cluster"], return_index=True, return_inverse=True)
        of_unit = code[place]
        size = np.bincount(of_unit, minlength=len(labels))
        share = np.zeros(len(labels))
        if "fpc" in columns:
            fpc_values = columns["fpc"].astype(float)
            share[code] = fpc_values if (fpc_values <= 1).all() else size[code] / fpc_values
        sampled = Design(columns["weight"].astype(float), unit, of_unit, share, lonely)
        where: tuple[str, ...] = ()
        living = None
        if "area" in columns:
            areas, living = np.unique(columns["area"], return_inverse=True)
            where = tuple(str(area) for area in areas)
        who = np.unique(columns["person"], return_inverse=True)[1] if "person" in columns else None
        return cls(
            answers,
            called,
            bounds[0],
            bounds[1],
            np.searchsorted(order, columns["wave"]),
            tuple(str(label) for label in order),
            first,
            flag,
            sampled,
            tuple(str(label) for label in labels),
            living,
            where,
            who,
            {name: _trait(values) for name, values in extra.items()},
        )


def said(faults: Sequence[Problem]) -> str:
    """What is wrong, a line each, the first `SHOWN` of them."""
    lines = [str(fault) for fault in faults[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"and {words_of(len(faults) - SHOWN)} more")
    return "\n".join(lines)


def _same_length(n: int, names: Sequence[str], k: int, columns: Mapping[str, np.ndarray]) -> None:
    if n == 0:
        raise DataError("the survey has no respondents")
    if len(names) != k or len(set(names)) != k:
        raise DataError(f"{k} items need {k} different names; given are {', '.join(names)}")
    for name, values in columns.items():
        if values.shape != (n,):
            raise DataError(f"{name} has shape {values.shape}; it needs one value for {n} rows")


def _first_after(order: np.ndarray, after: Any) -> int:
    """Number of the first wave after the start."""
    if after is None:
        if len(order) != 2:
            raise DataError(
                f"the survey has {len(order)} waves; say with `after` which is the first after "
                "the start"
            )
        return 1
    place = (
        [str(label) for label in order].index(str(after)) if str(after) in map(str, order) else 0
    )
    if place == 0:
        raise DataError(
            f"after is {after!r}; it must be a wave with another before it: "
            f"{', '.join(str(label) for label in order)}"
        )
    return place


def _trait(values: np.ndarray) -> np.ndarray:
    """Numbers as floats, anything else as text with "" for what is missing."""
    if values.dtype.kind in "biuf":
        return values.astype(float)
    gone = missing(values)
    return np.array(["" if none else str(value) for value, none in zip(values, gone, strict=True)])
