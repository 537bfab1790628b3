"""People, one row each: who took part, since when, what was known at entry, what happened after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.errors import DataError

Kind = Literal["binary", "count", "days", "number", "time"]
Values = Sequence[float] | np.ndarray

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
    """

    kind: Kind
    values: np.ndarray
    cause: np.ndarray | None = None

    @classmethod
    def of_time(cls, time: Values, cause: Values) -> Outcome:
        """Days from entry to the first event, and which it was (0: none until then)."""
        return cls("time", np.array(time, dtype=float), np.array(cause, dtype=float))

    @classmethod
    def of(cls, values: Values, kind: Kind | None = None) -> Outcome:
        """Plain values; zeros and ones are taken as binary, others as numbers, unless said."""
        array = np.array(values, dtype=float)
        if kind is None:
            kind = "binary" if np.isin(array, (0.0, 1.0)).all() else "number"
        return cls(kind, array)

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
        n = len(treated)
        names = tuple(str(i) for i in (ids if ids is not None else range(1, n + 1)))
        if len(names) != n:
            raise DataError(f"there are {len(names)} ids for {n} people")
        if len(set(names)) < n:
            seen: set[str] = set()
            twice = next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
            raise DataError(f"person {twice!r} is there twice; keep one row a person")
        one = _Rows(names)
        side = one.flags("treated", treated)
        columns = [one.numbers(name, values) for name, values in covariates.items()]
        start = np.zeros(n) if entry is None else one.numbers("entry", entry)
        seen_for = np.full(n, np.inf)
        if follow_up is not None:
            seen_for = one.numbers("follow_up", follow_up, finite=False)
            one.refuse(seen_for < 0, "the end of follow-up is before entry")
        mass = np.ones(n) if weight is None else one.numbers("weight", weight)
        one.refuse(mass <= 0, "weight is not positive")
        labels = np.arange(n) if cluster is None else one.column("cluster", np.asarray(cluster))
        if not outcomes:
            raise DataError("there is no outcome; give at least one by name")
        given = {
            name: _checked_outcome(one, name, value, seen_for) for name, value in outcomes.items()
        }
        few = min(int(side.sum()), int((~side).sum()))
        if few < FEWEST:
            raise DataError(
                f"{int(side.sum())} of {n} people are treated; a comparison needs at least "
                f"{FEWEST} treated and {FEWEST} untreated"
            )
        known = None
        if decided is not None:
            known = one.numbers("decided", decided, missing=True)
        past = None
        if history is not None:
            past = np.array(history, dtype=float)
            if past.ndim != 2 or len(past) != n:
                raise DataError("history must have a row a person and a column a window")
            one.refuse(~(np.isfinite(past) & (past >= 0)).all(axis=1), "history is not a count")
        return cls(
            treated=side,
            entry=start,
            follow_up=seen_for,
            covariates=np.column_stack(columns) if columns else np.empty((n, 0)),
            covariate_names=tuple(covariates),
            cluster=np.unique(labels, return_inverse=True)[1],
            weight=mass / mass.mean(),
            outcomes=given,
            ids=names,
            decided=known,
            completed=None if completed is None else one.flags("completed", completed),
            invited=None if invited is None else one.flags("invited", invited),
            history=past,
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

    def treating(self, treated: np.ndarray) -> People:
        """The same people with another treatment, such as being invited."""
        return replace(self, treated=np.asarray(treated, dtype=bool))

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
            raise DataError(f"{outcome} is {given.kind}; only a time has an event by some day")
        early = (given.cause == 0) & (given.values < day)
        if early.any():
            raise DataError(
                f"{int(early.sum())} of {self.n} people were not followed for {day:g} days without "
                f"an event of {outcome} ({int((early & self.treated).sum())} of them treated); use "
                "a shorter time, or cumulative incidence, which allows for it"
            )
        happened = (given.cause == 1) & (given.values <= day)
        label = name or f"{outcome} within {day:g} days"
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
            raise DataError(f"no outcome {name!r}; there are {', '.join(self.outcomes)}")
        return self.outcomes[name]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Columns of these people, each checked."""

    ids: tuple[str, ...]

    def column(self, name: str, values: np.ndarray) -> np.ndarray:
        if values.shape != (len(self.ids),):
            raise DataError(
                f"{name} must have one value a person; {len(self.ids)} people are there"
            )
        return values

    def numbers(
        self, name: str, values: Values, *, finite: bool = True, missing: bool = False
    ) -> np.ndarray:
        array = self.column(name, np.array(values, dtype=float))
        bad = np.isinf(array) if finite else np.zeros(len(array), dtype=bool)
        self.refuse(
            bad | (~np.bool_(missing) & np.isnan(array)),
            f"{name} is missing or infinite; fill it in by a rule of the plan, or leave it out",
        )
        return array

    def flags(self, name: str, values: Values | Sequence[bool]) -> np.ndarray:
        array = self.column(name, np.array(values, dtype=float))
        self.refuse(~np.isin(array, (0.0, 1.0)), f"{name} must be 0 or 1")
        return np.asarray(array == 1)

    def refuse(self, bad: np.ndarray, message: str) -> None:
        if bad.any():
            others = int(bad.sum()) - 1
            more = f" (and of {others} more)" if others else ""
            raise DataError(f"of person {self.ids[int(np.argmax(bad))]!r}{more} {message}")


def _checked_outcome(
    one: _Rows, name: str, value: Outcome | Values, follow_up: np.ndarray
) -> Outcome:
    given = value if isinstance(value, Outcome) else Outcome.of(value)
    values = one.numbers(name, given.values)
    if given.kind == "binary":
        one.flags(name, values)
    if given.kind in ("count", "days"):
        one.refuse(values < 0, f"{name} is negative")
    if given.kind == "count":
        one.refuse(values != np.floor(values), f"{name} is not a whole number")
    if given.kind == "days":
        one.refuse(values > follow_up, f"{name} are more than the days of follow-up")
    if given.kind != "time":
        return Outcome(given.kind, values)
    if given.cause is None:
        raise DataError(f"{name} needs a cause a person: 0 censored, 1 the event, 2 competing")
    cause = one.numbers(f"the cause of {name}", given.cause)
    one.refuse((cause < 0) | (cause != np.floor(cause)), f"the cause of {name} is not 0, 1, 2, ...")
    one.refuse(values < 0, f"{name} is before entry")
    one.refuse(values > follow_up, f"{name} is after the end of follow-up")
    return Outcome("time", values, cause.astype(int))
