"""From a table with a row a person to an answer: what a notebook calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal, get_args

import numpy as np

from evaluation.data import frames, moments
from evaluation.effect import Effect
from evaluation.errors import DataError, FitError
from evaluation.fact import fact
from evaluation.fitted import Covariance, Fit
from evaluation.individual import gate
from evaluation.individual.effects import Measure
from evaluation.individual.methods import (
    HORIZON,
    METHODS,
    NOT_YET_CALLED,
    PLAIN,
    TIMED,
    ByDay,
    Method,
    chosen,
    fit_timed,
    method_for,
)
from evaluation.individual.people import Bases, Outcome, People
from evaluation.individual.standing_checks import run_checks
from evaluation.method import settings_of
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.shared.linear import solvable

# What an outcome without an event may be.
Plain = Literal["binary", "count", "days", "number"]


def fit(
    frame: Any,
    *,
    outcome: str,
    treated: str,
    covariates: str | Sequence[str] | None = None,
    entry: str | None = None,
    event: str | None = None,
    follow_up: str | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    person: str | None = None,
    decided: str | None = None,
    method: str | None = None,
    options: Mapping[str, object] | None = None,
    estimand: Estimand = "ATT",
    measure: Measure = "difference",
    horizon: float | None = None,
    kind: Plain | None = None,
) -> Fit:
    """What a program did for the people who had it, beside people like them.

    Parameters
    ----------
    frame : a table of pandas, polars or pyarrow with a row a person, in any order. outcome, treated
        (0 and 1) : names of its columns. covariates : names of columns that tell what was known at
        entry, or a formula. entry : a column of dates. event : of a time to an event, whose outcome
        is days, what ended it: 0 the end of follow-up, 1 the event, 2 and more what came first, as
        death. follow_up : days that a person was followed. decided : the date on which it was known
        that a person counts as treated. weights, cluster : sampling weights, and groups of people
        who were drawn or called together. person : names, which messages tell. method : its name in
        `METHODS`, else doubly robust; options : its settings by name. estimand : "ATT", on those
        who were treated, or "ATE", on all. measure : "difference" or "ratio". horizon : days after
        entry by which an event counts, 730 by default. kind : of an outcome without an event; by
        default zeros and ones are "binary", all else "number".

    Raises
    ------
    DataError : for a column that is not there or cannot be read, or a person without a value; it
        names the first. FitError : when the method is not known, not for this outcome, or cannot be
        fitted.

    Examples
    --------
    >>> from evaluation import example, individual
    >>> fit = individual.fit(example("participants"), outcome="arrests", treated="invited",
    ...                      covariates="age + priors + group_member", entry="entry")
    >>> fit.estimate < 0
    True
    """
    for what, given, known in (
        ("estimand", estimand, get_args(Estimand)),
        ("measure", measure, get_args(Measure)),
        ("kind", kind, (None, *get_args(Plain))),
        ("method", method, (None, *METHODS)),
    ):
        frames.one_of(what, given, known)
    table = frames.table(frame).by_content()
    flags = table.flags(treated, "treated")
    added = frames.covariates(table, covariates)
    values = table.numbers(outcome, "outcome")
    if event is None:
        if horizon is not None:
            raise FitError(fact("individual.frame.horizon", outcome=outcome))
        measured = Outcome.of(values, kind)
    else:
        if kind is not None:
            raise FitError(fact("individual.frame.kind-of-time"))
        measured = Outcome.of_time(values, table.numbers(event, "event"))
    people = People.from_arrays(
        flags,
        covariates=added.columns,
        outcomes={outcome: measured},
        entry=None if entry is None else moments.days(table, entry, "entry"),
        follow_up=None if follow_up is None else table.numbers(follow_up, "follow_up"),
        cluster=None if cluster is None else table.labels(cluster, "cluster"),
        weight=None if weights is None else table.numbers(weights, "weights"),
        ids=_ids(table, person),
        decided=None if decided is None else moments.days(table, decided, "decided", missing=True),
        bases=_bases(added),
    )
    name = chosen(method, measured.kind)
    if name == NOT_YET_CALLED:
        raise FitError(fact("individual.frame.not-called", method=name))
    day = HORIZON if horizon is None else horizon
    settings = settings_of(options)
    found: Effect
    covariance = None
    if name in TIMED:
        if measure != "difference":
            raise FitError(fact("individual.frame.measure", method=name))
        if event is None:
            raise DataError(fact("individual.frame.no-event"))
        found = fit_timed(name, people, outcome, estimand, day, settings, None)
    else:
        if event is None and name not in PLAIN:
            raise DataError(fact("individual.frame.no-event"))
        found, covariance = _two_means(
            method_for(name, day, settings), people, outcome, estimand, measure
        )
    judge = method_for(name, day, settings)
    return Fit(
        design="individual",
        outcome=outcome,
        method=METHODS[name].label,
        effect=found,
        data=people,
        covariance=covariance,
        bases=added.bases,
        ask=partial(run_checks, people, outcome=outcome, method=judge, estimand=estimand),
    )


def _two_means(
    method: Method, people: People, outcome: str, estimand: Estimand, measure: Measure
) -> tuple[Effect, Covariance]:
    """The effect of a method of two means, as `Method.fit` makes it, and their covariance."""
    answer = method.answer(people, outcome, estimand)
    with solvable(method.name):
        found = gate.passed(method.worded(answer, measure), people)
    if isinstance(method, ByDay):
        found = replace(found, horizon=float(method.day))
    arms = answer.arms
    names = tuple(term.name for term in found.terms[: len(arms.means)])
    return found, Covariance(names, arms.means, arms.cov, arms.df)


def _bases(added: frames.Covariates) -> Bases:
    """The base of each column of categories with the columns of the others; of a formula only where
    these are in it as they are."""
    found = []
    for name, base in added.bases.items():
        others = tuple(one for one in added.columns if one.startswith(f"{name}[T."))
        if others and np.isin(sum(added.columns[one] for one in others), (0.0, 1.0)).all():
            found.append((f"{name}: {base}", others))
    return tuple(found)


def _ids(table: frames.Table, person: str | None) -> list[str]:
    if person is not None:
        return table.labels(person, "person")
    return [str(fact("individual.frame.row", row=row)) for row in table.at]
