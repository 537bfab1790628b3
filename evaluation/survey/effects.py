"""From the numbers of one method to an Effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.effect import Effect, Interval, Phase, Point, Term, Told
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.linear import law
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale, score

# A standard error below this share of the largest answer is rounding, not chance.
ROUNDING = 1e-10


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method found, in points of the scale or as a share, by t(df).

    influence : (n,) of the estimate, weights included, or None where the errors are not those of
        the sampling design. used : (n,) respondents in the fit. weight : (n,) weights of the means
        in the path. terms : every coefficient. covariance : (k, k) of these, or None.
    """

    estimate: float
    std_error: float
    df: float
    used: np.ndarray
    weight: np.ndarray
    influence: np.ndarray | None = None
    terms: tuple[Term, ...] = ()
    notes: tuple[Told, ...] = ()
    objection: Told | None = None
    covariance: np.ndarray | None = None

    @property
    def bounds(self) -> tuple[float, float, float]:
        """Low, high and two-sided p by t(df)."""
        return law(self.estimate, self.std_error, self.df)


def terms(
    names: tuple[str, ...], beta: np.ndarray, covariance: np.ndarray, df: float
) -> tuple[Term, ...]:
    """A Term a coefficient, by t(df)."""
    made = []
    for name, value, error in zip(names, beta, np.sqrt(np.diag(covariance)), strict=True):
        low, high, p_value = law(float(value), float(error), df)
        made.append(Term(name, float(value), float(error), df, low, high, p_value))
    return tuple(made)


def effect(sample: Sample, scale: Scale, method: str, estimand: Told, answer: Answer) -> Effect:
    """The Effect of an answer, with percent change and the path of the treated group's mean.

    Percent is against the mean expected of the treated after the start (observed less estimate),
    held fixed over the interval. `averted` is minus the estimate: it counts nothing.

    Raises
    ------
    FitError : when the standard error is nought or no number.
    """
    told(sample, answer, method)
    low, high, p_value = answer.bounds
    bounds = (answer.estimate, low, high)
    treated_after = answer.used & sample.treated & sample.post
    expected = _mean(sample, scale, answer, treated_after) - answer.estimate
    base = abs(expected)
    if not base > ROUNDING * _size(sample):
        raise FitError(fact("survey.effects.without-program-mean-nought-expected", method=method))
    return Effect(
        method=method,
        scale="difference",
        estimand=estimand,
        estimate=answer.estimate,
        std_error=answer.std_error,
        df=answer.df,
        low=low,
        high=high,
        p_value=p_value,
        percent=Interval(*(100 * bound / base for bound in bounds)),
        averted=Interval(-answer.estimate, -high, -low),
        averted_estimand=fact("survey.effects.averted", unit=scale.measure),
        terms=answer.terms,
        path=_path(sample, scale, answer),
        n=int(answer.used.sum()),
        notes=answer.notes,
        objection=answer.objection,
    )


def told(sample: Sample, answer: Answer, method: str = "the method") -> Answer:
    """The answer, when it has an error; everything that is told of a survey passes here.

    Raises
    ------
    FitError : when the standard error is nought, or a number is none.
    """
    numbers = (answer.estimate, answer.std_error, answer.df)
    if not np.isfinite(numbers).all() or not answer.std_error > ROUNDING * _size(sample):
        raise FitError(fact("survey.effects.has-no-standard-error-here", method=method))
    return answer


def valid(sample: Sample, answer: Answer) -> Answer:
    """The answer, when it may stand beside a headline; one that is told with its objection passes
    `told` alone.

    Raises
    ------
    FitError : as `told`, and for an answer with an objection.
    """
    if answer.objection is not None:
        raise FitError(fact("survey.effects.not-valid-here", objection=answer.objection))
    return told(sample, answer)


def _size(sample: Sample) -> float:
    """The largest answer."""
    known = np.abs(sample.items[np.isfinite(sample.items)])
    return float(known.max(initial=0.0))


def _mean(sample: Sample, scale: Scale, answer: Answer, among: np.ndarray) -> float:
    values = np.where(among, np.nan_to_num(score(sample, scale)), 0.0)
    weight = np.where(among, answer.weight, 0.0)
    return float(weight @ values / weight.sum()) if weight.any() else float("nan")


def _path(sample: Sample, scale: Scale, answer: Answer) -> tuple[Point, ...]:
    """The weighted mean of the treated in each wave, and what is expected without the program."""
    half = answer.bounds[1] - answer.estimate
    points = []
    for number, wave in enumerate(sample.waves):
        among = answer.used & sample.treated & (sample.wave == number)
        if not among.any():
            continue
        observed = _mean(sample, scale, answer, among)
        phase: Phase = "after" if number >= sample.after else "before"
        shift, width = (answer.estimate, half) if phase == "after" else (0.0, 0.0)
        expected = observed - shift
        points.append(
            Point(wave, observed, observed, expected, expected - width, expected + width, phase)
        )
    return tuple(points)
