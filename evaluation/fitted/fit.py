"""An answer in a notebook: the effect, its coefficients, and what the model says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from evaluation.effect import Check, Effect, Interval, Term, Told
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.fitted import pictures

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Design = Literal["its", "did", "individual", "survey"]
# What of an answer can be a table, and what of it can be drawn.
Part = Literal["terms", "events", "path"]
Picture = Literal["observed", "event", "effect"]
# The columns of R's broom, so that tables of both stack.
BROOM = ("term", "estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high")
# The row of the headline among the terms.
HEADLINE = "effect"


@dataclass(frozen=True, slots=True)
class Covariance:
    """Coefficients with their covariance.

    Parameters
    ----------
    names : (k,). estimate : (k,). matrix : (k, k). df : of the t distribution, None for the normal.
    clusters : how many the matrix is from, which a joint test allows for; None where it is from
    single rows. groups : names that are tested together, by the name of the group.
    """

    names: tuple[str, ...]
    estimate: np.ndarray
    matrix: np.ndarray
    df: float | None
    clusters: int | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The logarithm of a maximized likelihood; so many parameters, of so many periods."""

    value: float
    parameters: int
    n: int

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2 k - 2 log L."""
        return 2 * self.parameters - 2 * self.value

    @property
    def bic(self) -> float:
        """Schwarz's criterion, k log n - 2 log L."""
        return self.parameters * float(np.log(self.n)) - 2 * self.value


@dataclass(frozen=True, slots=True)
class JointTest:
    """Whether several coefficients have the values that were asked, all at once.

    Parameters
    ----------
    statistic : Wald's over the number of coefficients, by F(df, df_error); without df_error by
        chi-squared(df) of the statistic times df.
    """

    terms: Mapping[str, float]
    statistic: float
    df: int
    df_error: float | None
    p_value: float

    def __str__(self) -> str:
        told: dict[str, Any] = {
            "terms": [f"{name} = {value:g}" for name, value in self.terms.items()],
            "df": self.df,
            "p": self.p_value,
        }
        if self.df_error is None:
            return str(fact("fitted.joint-normal", statistic=self.df * self.statistic, **told))
        return str(fact("fitted.joint-f", statistic=self.statistic, error=self.df_error, **told))


@dataclass(frozen=True, slots=True)
class Fit:
    """What `its.fit`, `did.fit`, `individual.fit` and `survey.fit` return.

    Parameters
    ----------
    design : "its", "did", "individual" or "survey". outcome : its name. method : as a person reads
        it; `effect.method` is its name. effect : the answer, with percent change, outcomes averted,
        path and notes. data : the series, cohorts, people or sample that was fitted. covariance :
        of the coefficients, or None where the method has none. likelihood : or None where the model
        has none. alpha : of a negative binomial, variance mu + alpha mu^2, or None. bases : the
        category that the others are compared with, by column. ask : asks the checks of a report.
    """

    design: Design
    outcome: str
    method: str
    effect: Effect
    data: Any = field(repr=False)
    covariance: Covariance | None = field(default=None, repr=False)
    likelihood: Likelihood | None = None
    alpha: float | None = None
    bases: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Told, ...] = ()
    ask: Callable[[], Sequence[Check]] | None = field(default=None, repr=False, compare=False)

    @property
    def estimate(self) -> float:
        """On `effect.scale`: a log ratio, or a difference in outcome units."""
        return self.effect.estimate

    @property
    def std_error(self) -> float:
        """Of the estimate."""
        return self.effect.std_error

    @property
    def p_value(self) -> float:
        """Two-sided."""
        return self.effect.p_value

    @property
    def percent(self) -> Interval:
        """The change in percent with its 95 % range; negative is a fall."""
        return self.effect.percent

    @property
    def averted(self) -> Interval:
        """Outcomes averted with their 95 % range; negative is outcomes added."""
        return self.effect.averted

    @property
    def params(self) -> pd.Series:
        """(k,) coefficients by name."""
        return self.effect.params

    @property
    def log_likelihood(self) -> float:
        """Of the model at its maximum.

        Raises
        ------
        FitError : when the method has none.
        """
        return self._likelihood.value

    @property
    def aic(self) -> float:
        """Akaike's criterion; FitError when the method has no likelihood."""
        return self._likelihood.aic

    @property
    def bic(self) -> float:
        """Schwarz's criterion; FitError when the method has no likelihood."""
        return self._likelihood.bic

    @property
    def cov(self) -> pd.DataFrame:
        """(k, k) covariance of the coefficients by name.

        Raises
        ------
        FitError : when the method has none.
        """
        import pandas as pd

        found = self._covariance
        names = pd.Index(found.names, name="term")
        return pd.DataFrame(found.matrix, index=names, columns=list(found.names))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """What `plot` can draw of this answer, the default first."""
        have: dict[Picture, bool] = {
            "observed": bool(self.effect.path),
            "event": bool(self.effect.dynamic),
            "effect": True,
        }
        return tuple(name for name, there in have.items() if there)

    def conf_int(self) -> pd.DataFrame:
        """95 % ranges of the headline and of every coefficient: columns low and high, by term."""
        table = self.to_frame().set_index("term")[["conf.low", "conf.high"]]
        return table.set_axis(["low", "high"], axis=1)

    def joint_test(self, terms: str | Sequence[str] | Mapping[str, float]) -> JointTest:
        """Whether several coefficients are all nought, or have the values that are given.

        Wald's test with the covariance of the fit, by F with the degrees of freedom of the
        intervals, or by chi-squared where these are normal. With a covariance from G clusters it
        is Hotelling's, F(q, G - q) of Wald's statistic times (G - q)/((G - 1) q).

        Parameters
        ----------
        terms : names of coefficients, or values by name; of an event study also "before" or
            "after", the coefficients on that side of the start.

        Raises
        ------
        FitError : for a name that is no coefficient, when the method has no covariance, or when the
            coefficients cannot be told apart.

        Examples
        --------
        >>> from evaluation import example, its
        >>> fit = its.fit(example("boston"), outcome="homicides", time="month",
        ...               start="1996-06", effect="level+slope", method="newey-west")
        >>> fit.joint_test(["level", "slope"]).df
        2
        """
        from scipy.special import chdtrc, fdtrc

        found = self._covariance
        named = found.groups.get(terms, (terms,)) if isinstance(terms, str) else terms
        wanted = dict(named) if isinstance(named, Mapping) else dict.fromkeys(named, 0.0)
        for name in wanted:
            if name not in found.names:
                raise FitError(fact("fitted.no-term", name=name, known=found.names))
        if not wanted:
            raise FitError(fact("fitted.no-terms", known=found.names))
        places = [found.names.index(name) for name in wanted]
        gap = found.estimate[places] - np.array(list(wanted.values()), dtype=float)
        matrix = found.matrix[np.ix_(places, places)]
        size = np.sqrt(np.diag(matrix))
        if not (size > 0).all() or np.linalg.cond(matrix / np.outer(size, size)) > 1e12:
            raise FitError(fact("fitted.not-apart", terms=list(wanted)))
        q = len(places)
        statistic, below = float(gap @ np.linalg.solve(matrix, gap)) / q, found.df
        if found.clusters is not None:
            below = float(found.clusters - q)
            if below < 1:
                raise FitError(fact("fitted.few-clusters", q=q, clusters=found.clusters))
            statistic *= below / (found.clusters - 1)
        p = chdtrc(q, q * statistic) if below is None else fdtrc(q, below, statistic)
        return JointTest(wanted, statistic, q, below, float(p))

    def to_frame(self, of: Part = "terms") -> pd.DataFrame:
        """A table of the answer.

        Parameters
        ----------
        of : "terms", the headline (term "effect", on `effect.scale`) and every coefficient, with
            the columns of broom: term, estimate, std.error, statistic, p.value, conf.low and
            conf.high; "events", the effect by time since the start, with the band that holds all
            together; "path", what was observed and expected in each period, `low` and `high` the
            95 % range of the expected mean, and of a series `new.low` and `new.high` that of a
            number that would have been recorded without the intervention.

        Raises
        ------
        FitError : for another part.
        """
        import pandas as pd

        if of == "terms":
            every: list[Effect | Term] = [self.effect, *self.effect.terms]
            rows = [(one.estimate, one.std_error, one.p_value, one.low, one.high) for one in every]
            names = [HEADLINE, *(term.name for term in self.effect.terms)]
            return pd.DataFrame(
                [
                    (name, value, error, value / error if error else np.nan, p, low, high)
                    for name, (value, error, p, low, high) in zip(names, rows, strict=True)
                ],
                columns=list(BROOM),
            )
        if of == "events":
            columns = ["time", *BROOM[1:3], *BROOM[5:], "band.low", "band.high", "n"]
            return pd.DataFrame(
                [
                    (e.time, e.estimate, e.std_error, e.low, e.high, e.band_low, e.band_high, e.n)
                    for e in self.effect.dynamic
                ],
                columns=columns,
            )
        if of == "path":
            columns = ["period", "observed", "fitted", "expected", "low", "high", "phase"]
            if any(one.new_low is not None for one in self.effect.path):
                columns += ["new_low", "new_high"]
            table = pd.DataFrame(
                [tuple(getattr(one, name) for name in columns) for one in self.effect.path],
                columns=[name.replace("_", ".") for name in columns],
            )
            return table.astype(dict.fromkeys(table.columns[7:], float))
        raise FitError(fact("fitted.no-part", of=repr(of), known=("terms", "events", "path")))

    def checks(self) -> tuple[Check, ...]:
        """What a report asks of such an answer: each check's question, finding and table."""
        return () if self.ask is None else tuple(self.ask())

    def plot(self, kind: Picture | None = None, ax: Axes | None = None) -> Axes:
        """A picture of the answer.

        Parameters
        ----------
        kind : "observed" against expected by period, "event" for the effect by time since the
            start, "effect" for the change with its range; None draws the first that there is. ax :
            where to draw; None makes new axes.

        Raises
        ------
        FitError : for a picture that this answer does not have; `pictures` says which it has.
        """
        chosen = self.pictures[0] if kind is None else kind
        if chosen not in self.pictures:
            known = self.pictures
            raise FitError(fact("fitted.no-picture", kind=repr(kind), known=known))
        if chosen == "observed":
            return self.effect.plot(ax)
        return pictures.events(self, ax) if chosen == "event" else pictures.change(self, ax)

    def summary(self) -> str:
        """The answer, its coefficients and what the model says of itself, as plain text."""
        lines = [str(fact("fitted.title", outcome=self.outcome, method=self.method))]
        lines.append(self.effect.summary())
        more: list[Fact] = []
        if self.likelihood is not None:
            one = self.likelihood
            more.append(fact("fitted.likelihood", value=one.value, aic=one.aic, bic=one.bic))
        if self.alpha is not None:
            more.append(fact("fitted.alpha", alpha=self.alpha))
        more += [fact("fitted.base", name=name, base=base) for name, base in self.bases.items()]
        lines += [f"  {one}" for one in (*more, *(fact("fitted.note", note=n) for n in self.notes))]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        effect = self.effect
        rows = {
            "percent": _span(effect.percent, "%"),
            "averted": _span(effect.averted, ""),
            "p": f"{effect.p_value:.3f}" if effect.p_value >= 0.001 else "&lt; 0.001",
            "n": f"{effect.n:,}",
        }
        if self.design == "survey":  # averts nothing that can be counted
            del rows["averted"]
        title = escape(str(fact("fitted.title", outcome=self.outcome, method=self.method)))
        body = "".join(
            f"<tr><th>{escape(str(fact(f'fitted.row.{name}')))}</th><td>{cell}</td></tr>"
            for name, cell in rows.items()
        )
        barred = ""
        if effect.objection is not None:
            told = fact("fitted.objection", objection=effect.objection)
            barred = f"<p>{escape(str(told))}</p>"
        return f"<table><caption>{title}</caption>{body}</table>{barred}"

    @property
    def _likelihood(self) -> Likelihood:
        if self.likelihood is None:
            raise FitError(fact("fitted.no-likelihood", method=self.effect.method))
        return self.likelihood

    @property
    def _covariance(self) -> Covariance:
        if self.covariance is None:
            raise FitError(fact("fitted.no-covariance", method=self.effect.method))
        return self.covariance


def _span(one: Interval, unit: str) -> str:
    low, high = (f"{end:,.1f}{unit}" for end in (one.low, one.high))
    return escape(str(fact("fitted.span", best=f"{one.estimate:,.1f}{unit}", low=low, high=high)))
