"""What every method and every check returns: one type for each, and nothing of how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from evaluation.fact import Fact

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

Scale = Literal["log ratio", "difference"]
# "later": past the periods that an effect is of.
Phase = Literal["before", "left out", "phase-in", "after", "later"]
Better = Literal["lower", "higher"]
PercentOf = Literal["", "risk", "rate", "days"]
Told = Fact | str
# The finding that a series is too short of events to show a fall that is asked for.
CANNOT_SHOW = "its.alone.cannot-show"
# The key of an `averted_estimand` that counts by the fit of a model, not by what was recorded.
FITTED = "its.effects.averted-fitted"


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval, in the unit its field says."""

    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Family:
    """An outcome among those that the plan looks at together.

    Parameters
    ----------
    outcomes : how many they are. level : the greatest chance of finding any of them where nothing
        changed. p_value : of the headline, by Holm over all of them. holds : whether that is within
        the level.
    """

    outcomes: int
    level: float
    p_value: float
    holds: bool


@dataclass(frozen=True, slots=True)
class Term:
    """One coefficient of the model, on the scale of the linear predictor."""

    name: str
    estimate: float
    std_error: float
    df: float | None
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Point:
    """One period: what was observed, what the model fits, what it expects without the intervention.

    `expected`, `low` and `high` are the counterfactual mean with its 95 % interval, in outcome
    units; before the start `expected` equals `fitted`. `new_low` and `new_high` are the 95 % range
    of a number that would have been recorded without the intervention, None where none was made.
    """

    period: str
    observed: float
    fitted: float
    expected: float
    low: float
    high: float
    phase: Phase
    new_low: float | None = None
    new_high: float | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A period inside the path of which no number is known, and whether it is before the start."""

    period: str
    phase: Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """The effect in another measure, with its 95 % interval.

    name : what it is. unit : "%", "times", or outcome units. how : how the interval was made
    ("delta method", "simulation", "transformed").
    """

    name: Told
    unit: str
    estimate: float
    low: float
    high: float
    how: str


@dataclass(frozen=True, slots=True)
class EventTime:
    """The effect so many periods after treatment began (negative: before; 0 is the first treated
    period), with its own 95 % interval and the band that holds all of them together.

    band_low, band_high : simultaneous 95 % band; equal to low and high where none was made.
    n : units behind it.
    """

    time: int
    estimate: float
    std_error: float
    low: float
    high: float
    band_low: float
    band_high: float
    n: int


@dataclass(frozen=True, slots=True)
class Effect:
    """The answer of one method about one outcome.

    Parameters
    ----------
    method : its name in the METHODS table and in a plan.
    scale : "log ratio" (estimate is the log of fitted over counterfactual) or "difference"
        (estimate is fitted less counterfactual, in outcome units a period).
    estimand : what `estimate` and `percent` describe.
    estimate, std_error, df, low, high, p_value : on `scale`; 95 % interval and two-sided p. df is
        None where the normal distribution is used; the docstring of the method says what is.
    percent : percent change against the counterfactual; negative is a fall.
    averted : outcomes averted over the months from the start; negative is outcomes added.
    averted_estimand : what `averted` counts.
    terms : every coefficient. path : every period. n : periods used in the fit.
    rho, nugget, dispersion : lag-1 correlation and nugget share of the working errors and the
        ratio of the variance to its nominal value; None where a method has none.
    notes : what a reader of the number must know. objection : why the method must not be the
        headline on this design, or None. quantities : the effect in other measures, for a headline.
    dynamic : the effect by event time, of a difference-in-differences.
    percent_of : what `percent` is a change of, when it is not the outcome's own count or mean:
        "risk" (share with an event by `horizon`), "rate" (a hazard, over all of follow-up) or
        "days" (days free of an event).
    horizon : days after entry to which the effect speaks, of people.
    better : which way of `percent` is good, when it is not the way of the outcome: more days free
        of arrest are good where fewer arrests are.
    gaps : the periods inside the path that have no point, since no number of them is known.
    """

    method: str
    scale: Scale
    estimand: Told
    estimate: float
    std_error: float
    df: float | None
    low: float
    high: float
    p_value: float
    percent: Interval
    averted: Interval
    averted_estimand: Told
    terms: tuple[Term, ...]
    path: tuple[Point, ...]
    n: int
    rho: float | None = None
    nugget: float | None = None
    dispersion: float | None = None
    notes: tuple[Told, ...] = ()
    objection: Told | None = None
    quantities: tuple[Quantity, ...] = ()
    dynamic: tuple[EventTime, ...] = ()
    percent_of: PercentOf = ""
    horizon: float | None = None
    better: Better | None = None
    gaps: tuple[Gap, ...] = ()

    @property
    def covered(self) -> tuple[Point, ...]:
        """The path without the periods past those that the effect is of."""
        return tuple(point for point in self.path if point.phase != "later")

    @property
    def averted_of(self) -> Literal["fitted", "observed"]:
        """What `averted` sets against what is expected: the fit of the model, or what was recorded
        or would have to be."""
        told = self.averted_estimand
        # Results hold words as yet.
        fitted = told.key == FITTED if isinstance(told, Fact) else told.startswith("fitted")
        return "fitted" if fitted else "observed"

    @property
    def params(self) -> pd.Series:
        """Coefficients by name, (k,)."""
        return self._terms_frame()["estimate"]

    @property
    def se(self) -> pd.Series:
        """Standard errors of the coefficients by name, (k,)."""
        return self._terms_frame()["std_error"]

    @property
    def conf_int(self) -> pd.DataFrame:
        """95 % intervals of the coefficients, (k, 2)."""
        return self._terms_frame()[["low", "high"]]

    @property
    def fitted(self) -> np.ndarray:
        """Fitted means, (T,), in outcome units a period."""
        import numpy as np

        return np.array([point.fitted for point in self.path])

    @property
    def counterfactual(self) -> pd.DataFrame:
        """Expected without the intervention: columns expected, low, high; one row a period."""
        import pandas as pd

        return pd.DataFrame(
            {
                "expected": [point.expected for point in self.path],
                "low": [point.low for point in self.path],
                "high": [point.high for point in self.path],
            },
            index=pd.Index([point.period for point in self.path], name="period"),
        )

    def to_frame(self) -> pd.DataFrame:
        """One row with the fixed names, for stacking answers of several methods."""
        import pandas as pd

        row = {
            "method": self.method,
            "scale": self.scale,
            "estimate": self.estimate,
            "std_error": self.std_error,
            "df": self.df,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
            "percent": self.percent.estimate,
            "percent_low": self.percent.low,
            "percent_high": self.percent.high,
            "averted": self.averted.estimate,
            "averted_low": self.averted.low,
            "averted_high": self.averted.high,
            "rho": self.rho,
            "dispersion": self.dispersion,
        }
        return pd.DataFrame([row])

    def summary(self) -> str:
        """The answer and its coefficients as plain text."""
        freedom = "normal" if self.df is None else f"df {self.df:.1f}"
        lines = [
            f"{self.method}: {self.estimand}",
            f"  percent change {_three(self.percent, '%')}",
            f"  averted {_three(self.averted, '')} ({self.averted_estimand})",
            f"  {self.scale} {self.estimate:.4f}, standard error {self.std_error:.4f}, {freedom}, "
            f"95 % {self.low:.4f} to {self.high:.4f}, p {self.p_value:.4f}",
        ]
        for label, value in (
            ("lag-1 correlation", self.rho),
            ("nugget share", self.nugget),
            ("dispersion", self.dispersion),
        ):
            if value is not None:
                lines.append(f"  {label} {value:.3f}")
        lines += ["", self._terms_frame().to_string(float_format=lambda value: f"{value:.5g}")]
        lines += [f"  note: {note}" for note in self.notes]
        if self.objection:
            lines.append(f"  not a headline here: {self.objection}")
        return "\n".join(lines)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Observed against expected, drawn on `ax` (a new one when None)."""
        from evaluation.plots import observed_against_expected

        return observed_against_expected(self.path, ax=ax, gaps=self.gaps)

    def _terms_frame(self) -> pd.DataFrame:
        import pandas as pd

        fields = ("estimate", "std_error", "df", "low", "high", "p_value")
        return pd.DataFrame(
            {field: [getattr(term, field) for term in self.terms] for field in fields},
            index=pd.Index([term.name for term in self.terms], name="term"),
        )

    def _repr_html_(self) -> str:
        from html import escape

        table = str(self.to_frame().T.to_html(header=False))
        barred = f"not a headline here: {self.objection}" if self.objection else ""
        return f"{table}<p>{escape(barred)}</p>" if barred else table


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of a design or a fit, and what was found.

    Parameters
    ----------
    name : stable key, for example "residual-autocorrelation".
    passed : True or False when there is a rule; None when the check informs and does not judge.
    found : the finding, with its numbers.
    table : rows behind the finding (str or number values), each a mapping with the same keys.
    counts : columns of the table that count people.
    asked : the question, where it is not the one of every check of this name.
    """

    name: str
    passed: bool | None
    found: Told
    table: tuple[Mapping[str, Any], ...] = ()
    counts: tuple[str, ...] = ()
    asked: Told | None = None

    @property
    def says(self) -> str:
        """The finding as a sentence, for a notebook."""
        return str(self.found)

    @property
    def question(self) -> Told:
        """What is asked: the text "check.<name>.question", or what stands in its place."""
        return Fact(f"check.{self.name}.question") if self.asked is None else self.asked


def past_all(percent: Interval) -> tuple[Fact, ...]:
    """A note for a percent change, of an outcome that is never below nought, whose range goes past
    losing all of it. The range stays that of the test, so that it and p agree."""
    if percent.low >= -100:
        return ()
    return (Fact("effect.past-all"),)


def _three(interval: Interval, unit: str) -> str:
    low, high = f"{interval.low:.1f}{unit}", f"{interval.high:.1f}{unit}"
    return f"{interval.estimate:.1f}{unit} (95 % {low} to {high})"
