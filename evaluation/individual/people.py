"""People, one row each: who took part, since when, what was known at entry, what happened after."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np

from evaluation.data import counted, one_per_row
from evaluation.data.counted import SMALLEST
from evaluation.data.one_per_row import Rows, by_name, code, index_of
from evaluation.errors import DataError
from evaluation.fact import fact
from evaluation.individual.columns import Columns, names_of
from evaluation.numeric.people.risk_sets import grouped

Kind = Literal["binary", "count", "days", "number", "time"]
KINDS = get_args(Kind)
# Lists, arrays, or pandas columns, which are put in the order of the first index among them.
Values = Sequence[float] | np.ndarray

# What the base of categories is called, and the columns of the others.
Bases = tuple[tuple[str, tuple[str, ...]], ...]

# Fewer people than this on a side cannot carry a comparison.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened after entry, one value a person.

    Parameters
    ----------
    kind : "binary" (0 or 1 by a horizon that everyone was followed to), "count", "days" (not
        negative), "number", or "time".
    values : (n,); of a "time" the days from entry to the event, or to the end of follow-up.
    cause : (n,) int of a "time": 0 censored, 1 the event, 2 and more competing events, such as
        death. None for other kinds.
    index : of the pandas column that it was made from, or None.
    """

    kind: Kind
    values: np.ndarray
    cause: np.ndarray | None = None
    index: Any = field(default=None, compare=False, repr=False)

    @classmethod
    def of_time(cls, time: Values, cause: Values) -> Outcome:
        """Days from entry to the first event, and which it was (0: none until then)."""
        days = one_per_row.numbers("time", time)
        rows = Rows.of("time", time, (cause,))
        which = one_per_row.numbers("cause", rows.placed("cause", cause))
        if len(which) != len(days):
            raise DataError(fact("individual.people.cause-length"))
        return cls("time", days, which, rows.index)

    @classmethod
    def of(cls, values: Values, kind: Kind | None = None) -> Outcome:
        """Plain values; zeros and ones are taken as binary, others as numbers, unless said."""
        array = one_per_row.numbers("the outcome", values)
        if kind is None:
            kind = "binary" if np.isin(array, (0.0, 1.0)).all() else "number"
        return cls(kind, array, index=index_of(values))

    @property
    def time(self) -> np.ndarray:
        """(n,) days to the event or to censoring, of a "time"."""
        return self.values


@dataclass(frozen=True, slots=True)
class People:
    """Everyone of a comparison. Make one with `from_arrays`, which refuses what cannot be used.

    Parameters
    ----------
    treated : (n,) bool. entry : (n,) ordinal days. follow_up : (n,) days seen after entry.
    covariates : (n, c) known at entry, named by `covariate_names`. cluster : (n,) numbers from 0;
        by default each person is their own. weight : (n,) positive, of mean one. outcomes : by
        name. ids : (n,) names.
    decided : (n,) ordinal day on which it became known that a treated person counts as treated
        (first service, completion), NaN for others. completed : (n,) bool, finished the program.
    invited : (n,) bool, offered the program, whether they took it up or not.
    history : (n, h) events in h equally long windows before entry, the last one just before it.
        These four may be None; they are for checks.
    bases : of each covariate in categories what its base is called, and the names of the columns
        of the others, all of them among `covariate_names`.
    """

    treated: np.ndarray
    entry: np.ndarray
    follow_up: np.ndarray
    covariates: np.ndarray
    covariate_names: tuple[str, ...]
    cluster: np.ndarray
    weight: np.ndarray
    outcomes: Mapping[str, Outcome]
    ids: tuple[str, ...]
    decided: np.ndarray | None = None
    completed: np.ndarray | None = None
    invited: np.ndarray | None = None
    history: np.ndarray | None = None
    bases: Bases = ()

    @classmethod
    def from_arrays(
        cls,
        treated: Values | Sequence[bool],
        *,
        covariates: Mapping[str, Values],
        outcomes: Mapping[str, Outcome | Values],
        entry: Values | None = None,
        follow_up: Values | None = None,
        cluster: Sequence[object] | np.ndarray | None = None,
        weight: Values | None = None,
        ids: Sequence[str] | None = None,
        decided: Values | None = None,
        completed: Values | Sequence[bool] | None = None,
        invited: Values | Sequence[bool] | None = None,
        history: Sequence[Values] | np.ndarray | None = None,
        bases: Bases = (),
    ) -> People:
        """People from plain numbers; see the class for shapes.

        Parameters
        ----------
        entry : ordinal days; all 0 when None. follow_up : days; infinite when None (every outcome
            is then taken as seen in full). weight : any positive scale.

        Raises
        ------
        DataError : naming the first person at fault: lengths that differ, a person twice, a missing
            or infinite covariate or outcome, a flag that is not 0 or 1, an event before entry
            (negative time) or after the end of follow-up, a negative follow-up, count or number of
            days, a weight that is not positive, a covariate twice, or fewer than 5 people treated
            or untreated.
        """
        known_at_entry, found = by_name("covariates", covariates), by_name("outcomes", outcomes)
        rows = Rows.of(
            "treated",
            treated,
            (ids, *known_at_entry.values(), *found.values(), entry, follow_up, cluster, weight),
        )
        if rows.index is not None and ids is not None and hasattr(ids, "is_unique"):
            same_labels = set(ids) == set(rows.index)
            # The index of the columns, given as names, is the order in which they are wanted.
            rows = Rows(rows.n, ids) if same_labels else rows
        n, one = rows.n, Columns(rows, names_of(ids, rows))
        side = one.flags("treated", treated)
        columns = [one.numbers(name, values) for name, values in known_at_entry.items()]
        start = np.zeros(n) if entry is None else one.numbers("entry", entry, days=True)
        seen_for = np.full(n, np.inf)
        if follow_up is not None:
            seen_for = one.numbers("follow_up", follow_up, finite=False)
            one.refuse(seen_for < 0, fact("individual.people.ends-early"))
        mass = np.ones(n) if weight is None else one.numbers("weight", weight)
        one.refuse(mass <= 0, fact("individual.people.weight"))
        if not found:
            raise DataError(fact("individual.people.no-outcome"))
        given = {
            name: _checked_outcome(one, name, value, seen_for) for name, value in found.items()
        }
        few = min(int(side.sum()), int((~side).sum()))
        if few < FEWEST:
            treated_of = counted.part(int(side.sum()), n)
            raise DataError(fact("individual.people.too-few", treated=treated_of))
        known = None
        if decided is not None:
            known = one.numbers("decided", decided, missing=True, days=True)
            if entry is not None and of_dates(entry) != of_dates(decided):
                raise DataError(fact("individual.people.dates"))
        past = None
        if history is not None:
            past = one.table("history", history)
            counts = (np.isfinite(past) & (past >= 0)).all(axis=1)
            one.refuse(~counts, fact("individual.people.history"))
        return cls(
            treated=side,
            entry=start,
            follow_up=seen_for,
            covariates=np.column_stack(columns) if columns else np.empty((n, 0)),
            covariate_names=tuple(known_at_entry),
            cluster=np.arange(n) if cluster is None else one.groups("cluster", cluster),
            weight=mass / mass.mean(),
            outcomes=given,
            ids=one.ids,
            decided=known,
            completed=None if completed is None else one.flags("completed", completed),
            invited=None if invited is None else one.flags("invited", invited),
            history=past,
            bases=bases,
        )

    @property
    def n(self) -> int:
        return len(self.treated)

    def only(self, rows: np.ndarray) -> People:
        """Those people, by a mask or by row numbers."""

        def some(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[rows]

        mass = self.weight[rows]
        return replace(
            self,
            treated=self.treated[rows],
            entry=self.entry[rows],
            follow_up=self.follow_up[rows],
            covariates=self.covariates[rows],
            cluster=np.unique(self.cluster[rows], return_inverse=True)[1],
            weight=mass / mass.mean(),
            outcomes={
                name: Outcome(one.kind, one.values[rows], some(one.cause))
                for name, one in self.outcomes.items()
            },
            ids=tuple(np.array(self.ids, dtype=object)[rows]),
            decided=some(self.decided),
            completed=some(self.completed),
            invited=some(self.invited),
            history=some(self.history),
        )

    def by_day(self, outcome: str, day: float, *, name: str | None = None) -> People:
        """With one more outcome: the event within so many days of entry, 0 or 1.

        A competing event before it, such as death, counts as no event: the risk is that of a world
        in which people also die.

        Parameters
        ----------
        outcome : a "time". name : of the new outcome; by default "<outcome> within <day> days".

        Raises
        ------
        DataError : when someone was not followed so long; it says how many, and what to do.
        """
        given = self.outcome(outcome)
        if given.kind != "time" or given.cause is None:
            raise DataError(fact("individual.people.no-time", event=outcome, kind=given.kind))
        if not is_day(day):
            raise DataError(fact("individual.people.day", day=code(day)))
        time, (by,) = grouped(given.values, np.array([float(day)]))
        early = (given.cause == 0) & (time < by)
        if early.any():
            left, treated = int(early.sum()), int((early & self.treated).sum())
            gone: dict[str, Any] = {
                "left": counted.part(left, self.n),
                "day": code(day),
                "outcome": outcome,
            }
            if left >= SMALLEST:
                # Of few people in all even a part tells; of others, neither the part nor the rest.
                own = counted.part(treated, left)
                raise DataError(fact("individual.people.left-treated", **gone, treated=own))
            raise DataError(fact("individual.people.left", **gone))
        happened = (given.cause == 1) & (time <= by)
        label = name or f"{outcome} within {code(day)} days"
        return replace(
            self, outcomes={**self.outcomes, label: Outcome("binary", happened.astype(float))}
        )

    def outcome(self, name: str) -> Outcome:
        """The outcome of this name.

        Raises
        ------
        DataError : when there is none.
        """
        if name not in self.outcomes:
            known = tuple(self.outcomes)
            raise DataError(fact("individual.people.unknown-outcome", name=name, known=known))
        return self.outcomes[name]


def is_day(value: Any) -> bool:
    """Whether a value is a number of days after entry at which something can be told."""
    number = isinstance(value, (int, float, np.integer, np.floating)) and value is not True
    return bool(number and 0 < value < np.inf)


def of_dates(values: Any) -> bool:
    """Whether a column holds dates and not numbers."""
    array = one_per_row.cells("dates", values)
    if array.dtype.kind == "M":
        return True
    return array.dtype.kind == "O" and any(isinstance(one, datetime.date) for one in array.tolist())


def placed(values: np.ndarray | None, index: Any) -> Any:
    """An array of an outcome with the index of the column that it was made from."""
    if index is None or values is None:
        return values
    import pandas as pd

    return pd.Series(values, index=index)


def _checked_outcome(
    one: Columns, name: str, value: Outcome | Values, follow_up: np.ndarray
) -> Outcome:
    given = value if isinstance(value, Outcome) else Outcome.of(value)
    if given.kind not in KINDS:
        raise DataError(
            fact("individual.people.kind", name=name, outcome_kind=given.kind, kinds=KINDS)
        )

    def refuse(bad: np.ndarray, what: str) -> None:
        one.refuse(bad, fact(f"individual.people.{what}", name=name))

    values = one.numbers(name, placed(given.values, given.index))
    if given.kind == "binary":
        one.flags(name, values)
    if given.kind in ("count", "days"):
        refuse(values < 0, "negative")
    if given.kind == "count":
        refuse(values != np.floor(values), "not-whole")
    if given.kind == "days":
        refuse(values > follow_up, "too-many-days")
    if given.kind != "time":
        return Outcome(given.kind, values)
    if given.cause is None:
        raise DataError(fact("individual.people.no-cause", name=name))
    called = str(fact("individual.people.cause-of", name=name))
    cause = one.numbers(called, placed(given.cause, given.index))
    refuse((cause < 0) | (cause != np.floor(cause)), "cause")
    refuse(values < 0, "before-entry")
    refuse(values > follow_up, "after-end")
    return Outcome("time", values, cause.astype(int))
