"""People called in one after another: those called beside those still to be called.

Each day on which someone is called in is a trial of its own. In it are all who might have been
called that day and were not yet: the called, and the others until they are called themselves or
the horizon is over. The trials are pooled by a Poisson regression of events on having been called,
with a level for every trial and time at risk as exposure; one person may be in many trials, so
errors are by person. It holds where, among people alike in the covariates and in past events, it
does not matter for the outcome who is called first.

Gran, Roysland, Wolbers and others (2010), Statistics in Medicine 29:2757-2768 (sequential trials);
Hernan and Robins (2016), American Journal of Epidemiology 183:758-764 (emulating a target trial).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.data import counted
from evaluation.data.one_per_row import Rows, by_name, code, numbers
from evaluation.effect import Check, Effect
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact, fact
from evaluation.individual.columns import names_of
from evaluation.individual.comparison import sides
from evaluation.individual.effects import rate_effect, term
from evaluation.individual.gate import spike_check
from evaluation.individual.people import Values
from evaluation.individual.timed import known_horizon
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import solvable
from evaluation.numeric.shared.ols import clustered

YEAR = 365.0
# Fewer people called, or to be called, than this have no error by person.
FEWEST = 10
# Windows of a quarter in which events before a trial are counted for the check of a spike.
QUARTERS = 4
PAST = "log(1 + events in the year before)"
# What is left of a column beside others, less than this share of it, is rounding.
ROUNDING = 1e-9
_KEY = "individual.not-yet-called"


@dataclass(frozen=True, slots=True)
class Calls:
    """People who were all eligible, and when each was called. Make one with `from_arrays`.

    Parameters
    ----------
    called : (n,) ordinal day, infinite for those never called. start, end : (n,) first and last day
        on which they were eligible and seen. events : n arrays of ordinal days, sorted; those
        before `start` count as history. covariates : (n, c) named by `covariate_names`.
    """

    called: np.ndarray
    start: np.ndarray
    end: np.ndarray
    events: tuple[np.ndarray, ...]
    covariates: np.ndarray
    covariate_names: tuple[str, ...]
    ids: tuple[str, ...]

    @classmethod
    def from_arrays(
        cls,
        called: Values,
        events: Sequence[Values],
        *,
        start: Values,
        end: Values,
        covariates: Mapping[str, Values] | None = None,
        ids: Sequence[str] | None = None,
    ) -> Calls:
        """Calls from plain numbers; NaN or infinity in `called` is never.

        Raises
        ------
        DataError : naming the first person at fault: lengths that differ, a person twice, the end
            before the start, a call before the start or after the end, an event after the end, a
            day that is missing; nobody called.
        """
        named = by_name("covariates", covariates)
        order = Rows.of("called", called, (start, end, *named.values()))
        same = {
            name: numbers(name, order.placed(name, values), days=name in ("called", "start", "end"))
            for name, values in {"called": called, "start": start, "end": end, **named}.items()
        }
        days, first, last = (same.pop(name) for name in ("called", "start", "end"))
        n = len(days)
        days = np.where(np.isnan(days), np.inf, days)
        names = names_of(ids, order)
        columns = same
        lengths = {len(first), len(last), len(events), *map(len, columns.values())}
        if lengths != {n}:
            raise DataError(fact(f"{_KEY}.lengths"))
        dates = tuple(np.sort(numbers("events", own, days=True)) for own in events)
        late = np.array([bool(len(own)) and not own[-1] <= last[i] for i, own in enumerate(dates)])
        for bad, message in (
            (~(np.isfinite(first) & np.isfinite(last)), "no-span"),
            (last < first, "end-first"),
            (days < first, "not-eligible"),
            (np.isfinite(days) & (days > last), "called-late"),
            (late, "event-late"),
            *((~np.isfinite(column), name) for name, column in columns.items()),
        ):
            if bad.any():
                what = fact(f"{_KEY}.missing", name=message)
                if message not in columns:
                    what = fact(f"{_KEY}.{message}")
                raise DataError(counted.of_person(names[int(np.argmax(bad))], what))
        if not np.isfinite(days).any():
            raise DataError(fact(f"{_KEY}.nobody"))
        return cls(
            called=days,
            start=first,
            end=last,
            events=dates,
            covariates=np.column_stack(list(columns.values())) if columns else np.empty((n, 0)),
            covariate_names=tuple(columns),
            ids=names,
        )

    @property
    def n(self) -> int:
        return len(self.called)


@dataclass(frozen=True, slots=True)
class Trials:
    """One row a person and trial.

    Parameters
    ----------
    person : (r,) row in `Calls`. day : (r,) of the trial. treated : (r,) bool. at_risk : (r,) days
        until the end, the horizon, or for the others their own call. events : (r,) after the day
        and within them. history : (r, 4) events in the quarters before the day, the last one last.
    """

    person: np.ndarray
    day: np.ndarray
    treated: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    history: np.ndarray


def trials(calls: Calls, *, horizon: float = YEAR, first_only: bool = False) -> Trials:
    """The trials in which someone is called and someone else is not yet.

    Parameters
    ----------
    horizon : days of follow-up at most. first_only : follow-up ends with the first event.

    Raises
    ------
    FitError : when there is no such day, or nobody called was followed to the horizon.
    """
    known_horizon(horizon)
    edges = np.arange(QUARTERS, -1, -1) * YEAR / QUARTERS
    parts: list[tuple[np.ndarray, ...]] = []
    for day in np.unique(calls.called[np.isfinite(calls.called)]):
        inside = (calls.start <= day) & (calls.end > day) & (calls.called >= day)
        people = np.flatnonzero(inside)
        treated = calls.called[people] == day
        if treated.all() or not treated.any():
            continue
        until = np.minimum(calls.end[people], day + horizon)
        until = np.where(treated, until, np.minimum(until, calls.called[people]))
        count, past = np.zeros(len(people)), np.zeros((len(people), QUARTERS))
        for i, person in enumerate(people):
            own = calls.events[person]
            past[i] = np.diff(np.searchsorted(own, day - edges, side="right"))
            begin, stop = np.searchsorted(own, [day, until[i]], side="right")
            count[i] = stop - begin
            if first_only and stop > begin:
                count[i], until[i] = 1, own[begin]
        parts.append((people, np.full(len(people), day), treated, until - day, count, past))
    if not parts:
        raise FitError(fact("individual.not-yet-called.on-no-day-someone-called"))
    longest = max(float((calls.end[who] - day)[side].max()) for who, day, side, *_ in parts)
    if longest < horizon:
        raise FitError(
            fact(
                "individual.not-yet-called.nobody-who-was-called-was",
                code=code(horizon),
                code2=code(longest),
            )
        )
    return Trials(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def estimate(
    calls: Calls, horizon: float = YEAR, history: bool = True, *, first_only: bool = False
) -> Effect:
    """The rate of events after being called over that of people not yet called.

    Log ratio of a Poisson regression, a level a trial; errors by person (CR1, as `sandwich::vcovCL`
    of an R glm), t with persons less one.

    Parameters
    ----------
    horizon : days after the call. first_only : first events only, as a rate of first events.
        history : log(1 + events in the year before the trial) is among the covariates.

    Raises
    ------
    FitError : when nobody can be compared, or the regression cannot be estimated.
    """
    with solvable("not-yet-called"):
        return _estimated(calls, horizon, first_only, history)


def _estimated(calls: Calls, horizon: float, first_only: bool, history: bool) -> Effect:
    rows = trials(calls, horizon=horizon, first_only=first_only)
    total = {day: rows.events[rows.day == day].sum() for day in np.unique(rows.day)}
    # A trial without events says nothing about a ratio, and its level would be minus infinity.
    told = np.array([total[day] > 0 for day in rows.day]) & (rows.at_risk > 0)
    if not told.any():
        raise FitError(fact("individual.not-yet-called.no-event-happened-any-trial"))
    days, which = np.unique(rows.day[told], return_inverse=True)
    person, treated = rows.person[told], rows.treated[told]
    columns = [treated[:, None].astype(float), np.eye(len(days))[which]]
    names = ["called in"]
    if history:
        columns.append(np.log1p(rows.history[told].sum(axis=1))[:, None])
        names.append(PAST)
    columns.append(calls.covariates[person])
    names += calls.covariate_names
    x = np.hstack(columns)
    picked = [0, *range(1 + len(days), x.shape[1])]
    _told_apart(x, picked, names)
    fit = poisson(rows.events[told], x, np.log(rows.at_risk[told]))
    if not fit.converged[0]:
        raise FitError(fact("individual.not-yet-called.rates-called-not-yet-called"))
    bread, mu = fit.cov[0], fit.mu[0]
    scores = (rows.events[told] - mu)[:, None] * x
    cov = clustered(scores, bread, person)
    df = float(len(np.unique(person)) - 1)
    errors = np.sqrt(np.diagonal(cov))
    beta = fit.beta[0]
    terms = tuple(
        term(name, float(beta[i]), float(errors[i]), df)
        for name, i in zip(names, picked, strict=True)
    )
    made_of = fact(f"{_KEY}.trials", days=len(days), rows=counted.people(len(person)))
    return rate_effect(
        "not-yet-called",
        terms[0],
        float(rows.events[told][treated].sum()),
        happened=True,
        estimand=fact(f"{_KEY}.estimand", day=code(horizon)),
        averted_estimand=fact(f"{_KEY}.averted", day=code(horizon)),
        terms=terms,
        n=len(np.unique(person)),
        horizon=horizon,
        notes=(made_of,),
        objection=_few(person, treated),
    )


def spike(calls: Calls, *, horizon: float = YEAR) -> Check:
    """Fails when people were called just after a spike in events that those not yet called did not
    have: it would have fallen back by itself. A row a quarter before the call."""
    rows = trials(calls, horizon=horizon)
    question = fact("check.regression-to-the-mean.question-calls")
    return spike_check(rows.history, rows.treated, np.ones(len(rows.person)), question)


def _told_apart(x: np.ndarray, picked: Sequence[int], names: Sequence[str]) -> None:
    """Nothing, when each of the picked columns says something beside the trials and those before.

    Raises
    ------
    FitError : with the name of one that does not, or when there are too few people for all.
    """
    if len(x) <= x.shape[1]:
        raise FitError(fact("individual.not-yet-called.covariates-level-each-call-day"))
    known = np.delete(x, picked, axis=1)
    for place, name in zip(picked, names, strict=True):
        column = x[:, place]
        rest = column - known @ np.linalg.lstsq(known, column, rcond=None)[0]
        if not np.linalg.norm(rest) > ROUNDING * np.linalg.norm(column):
            key = "past-does-not-vary" if name == PAST else "does-not-vary"
            raise FitError(fact(f"{_KEY}.{key}", name=name))
        known = np.column_stack([known, column])


def _few(person: np.ndarray, treated: np.ndarray) -> Fact | None:
    for word, side in sides(treated):
        if len(np.unique(person[side])) < FEWEST:
            return fact(f"{_KEY}.few-{word}", least=FEWEST)
    return None
