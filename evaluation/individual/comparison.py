"""One outcome of treated people beside untreated ones: what every method here is a function of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual.people import Bases, Kind, People
from evaluation.numeric.panel.doubly_robust import Estimand, Fitter
from evaluation.numeric.shared import regressions


def sides(treated: np.ndarray) -> tuple[tuple[str, np.ndarray], ...]:
    """Both sides: the end of its key in the text, and (n,) who is on it."""
    return ("treated", treated), ("untreated", ~treated)


@contextmanager
def naming(names: tuple[str, ...], refused: str = "individual.comparison.same") -> Iterator[None]:
    """A fit in which a column that does not vary is refused by its name, with this key.

    Raises
    ------
    FitError : for such a column.
    """
    try:
        yield
    except regressions.Dependent as fault:
        raise FitError(fact(refused, name=names[fault.column])) from None


def known_estimand(estimand: str) -> None:
    """Nothing, for ATT and ATE.

    Raises
    ------
    FitError : for another.
    """
    if estimand not in ("ATT", "ATE"):
        raise FitError(fact("individual.comparison.no-estimand-there-att-ate", estimand=estimand))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Arrays of one outcome.

    Parameters
    ----------
    y : (n,) outcomes. treated : (n,) bool. x : (n, k) covariates after a constant. names : (k,) of
        its columns. base : (n,) sampling weights of mean one. cluster : (n,). kind : of y.
    estimand : "ATT", the effect on those who were treated, or "ATE", on everyone here. bases : as
        of people.
    """

    y: np.ndarray
    treated: np.ndarray
    x: np.ndarray
    names: tuple[str, ...]
    base: np.ndarray
    cluster: np.ndarray
    kind: Kind
    estimand: Estimand
    bases: Bases = ()

    @classmethod
    def of(cls, people: People, outcome: str, estimand: Estimand = "ATT") -> Comparison:
        """The comparison of an outcome.

        Raises
        ------
        DataError : when there is no such outcome. FitError : when it is a time, which needs a
            horizon (`People.by_day`) or a survival method, or the estimand is not known.
        """
        given = people.outcome(outcome)
        if given.kind == "time":
            raise FitError(fact("individual.comparison.time-event-take-event-by", outcome=outcome))
        return cls.made(people, given.values, given.kind, estimand)

    @classmethod
    def made(
        cls,
        people: People,
        y: np.ndarray,
        kind: Kind,
        estimand: Estimand,
        rows: np.ndarray | slice = slice(None),
    ) -> Comparison:
        """The comparison of any numbers of these people.

        Parameters
        ----------
        y : (m,) numbers of the m people of `rows`.

        Raises
        ------
        FitError : for an estimand that is not known.
        """
        known_estimand(estimand)
        return cls(
            y=y,
            treated=people.treated[rows],
            x=np.column_stack([np.ones(len(y)), people.covariates[rows]]),
            names=("constant", *people.covariate_names),
            base=people.weight[rows],
            cluster=people.cluster[rows],
            kind=kind,
            estimand=estimand,
            bases=people.bases,
        )

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def traits(self) -> tuple[np.ndarray, tuple[str, ...]]:
        """(n, c) what people are to be alike in, with its names: the covariates, and of categories
        the base too, which no regression has a column for."""
        columns, names = [self.x[:, 1:]], [*self.names[1:]]
        for base, others in self.bases:
            rest = self.x[:, [self.names.index(name) for name in others]].sum(axis=1)
            columns.append(1.0 - rest[:, None])
            names.append(base)
        return np.hstack(columns), tuple(names)

    @property
    def singly(self) -> bool:
        """True when each person is a cluster of their own."""
        return len(np.unique(self.cluster)) == self.n

    @property
    def fitter(self) -> Fitter:
        """The regression for this outcome: logistic when binary, else linear."""
        return regressions.logistic if self.kind == "binary" else regressions.linear

    def only(self, rows: np.ndarray) -> Comparison:
        """Those people."""
        base = self.base[rows]
        return replace(
            self,
            y=self.y[rows],
            treated=self.treated[rows],
            x=self.x[rows],
            base=base / base.mean(),
            cluster=self.cluster[rows],
        )

    def regress(self, y: np.ndarray, weight: np.ndarray, fitter: Fitter) -> regressions.Regression:
        """A regression on x, whose faults name the covariate.

        Raises
        ------
        FitError : as the fitter.
        """
        with naming(self.names, "individual.comparison.covariate-same"):
            return fitter(self.x, y, weight)
