"""Questions asked of every interrupted time series. A check may call the method again; it does
not look inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.its.break_checks import unknown_break
from evaluation.its.check_helpers import Ask
from evaluation.its.curve import Grid, specification_curve
from evaluation.its.diagnostics import (
    correlogram,
    dispersion,
    influence,
    length,
    outliers,
    residual_autocorrelation,
)
from evaluation.its.methods import Method
from evaluation.its.sensitivity import base_period, placebo_dates, start_date, trend_dependence
from evaluation.its.series import Series
from evaluation.its.timing import regression_to_the_mean

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Question:
    """A check: its stable name, what it asks as a funder can read it, and how it finds out."""

    name: str
    asks: str
    ask: Ask

    def answer(self, series: Series, method: Method, effect: Effect) -> Check:
        """What is found; a check that cannot be made says why and does not judge."""
        try:
            found = self.ask(series, method, effect)
        except FitError as fault:
            return Check(self.name, self.asks, None, f"Not possible: {fault}.")
        return Check(self.name, self.asks, found.passed, found.says, found.table)


CHECKS: tuple[Question, ...] = (
    Question("length", "Is the series long enough?", length),
    Question(
        "residual-autocorrelation",
        "Does the model account for the way neighboring periods go together?",
        residual_autocorrelation,
    ),
    Question(
        "correlogram", "Which periods still go together once the model is taken out?", correlogram
    ),
    Question("dispersion", "How far do outcomes scatter around the fit?", dispersion),
    Question("outliers", "Which periods stand out or weigh much?", outliers),
    Question("influence", "Does the result hang on a single period?", influence),
    Question(
        "placebo-dates",
        "Does the method find an effect at dates when nothing started?",
        placebo_dates,
    ),
    Question(
        "trend-dependence",
        "Does the answer depend on how the earlier trend is carried on?",
        trend_dependence,
    ),
    Question(
        "unknown-break",
        "Would a search for a change find it when the program started?",
        unknown_break,
    ),
    Question("base-period", "Does the answer depend on when the window begins?", base_period),
    Question("start-date", "Does the answer depend on the exact date of the start?", start_date),
    Question(
        "regression-to-the-mean",
        "Was the start chosen after an unusual year, so that a return to normal looks like an "
        "effect?",
        regression_to_the_mean,
    ),
    Question(
        "specification-curve",
        "How many defensible models give the same answer?",
        specification_curve,
    ),
)


def run_checks(
    series: Series,
    method: Method,
    effect: Effect,
    *,
    grid: Grid | None = None,
    progress: Progress = lambda step: None,
) -> tuple[Check, ...]:
    """Every check of `CHECKS`, in order.

    Parameters
    ----------
    method : of the headline, with its settings. effect : what it gave for this series.
    grid : the specification curve's, None for `curve.default_grid`. progress : called with the
        name of each check before it starts.
    """
    from threadpoolctl import threadpool_limits

    found = []
    with threadpool_limits(1):
        for question in CHECKS:
            progress(question.name.replace("-", " "))
            if question.ask is specification_curve:
                question = Question(
                    question.name, question.asks, partial(specification_curve, grid=grid)
                )
            found.append(question.answer(series, method, effect))
    return tuple(found)
