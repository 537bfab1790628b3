"""From a table with a row a respondent to an answer: what a notebook calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, get_args

import numpy as np

from evaluation.data import frames
from evaluation.errors import DataError
from evaluation.fact import fact
from evaluation.fitted import Covariance, Fit
from evaluation.method import settings_of
from evaluation.numeric.survey.weighted import Lonely
from evaluation.survey.checks import run_checks
from evaluation.survey.methods import chosen
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale

# No item is worded the other way round.
NONE: tuple[str, ...] = ()


def fit(
    frame: Any,
    *,
    outcome: str | Sequence[str],
    treated: str,
    wave: str,
    weights: str | None,
    strata: str | None = None,
    psu: str | None = None,
    fpc: str | None = None,
    area: str | None = None,
    person: str | None = None,
    covariates: str | Sequence[str] | None = None,
    reverse: str | Sequence[str] = NONE,
    at_least: float | None = None,
    least_answered: float = 0.5,
    low: float | None = None,
    high: float | None = None,
    after: Any = None,
    order: Sequence[Any] | None = None,
    lonely: Lonely = "error",
    method: str | None = None,
    options: Mapping[str, object] | None = None,
) -> Fit:
    """The change in what residents of treated areas answer, less that of the others.

    Parameters
    ----------
    frame : a table of pandas, polars or pyarrow with a row an interview, in any order. outcome : a
        column, or the items whose mean is the score; reverse : those worded the other way round,
        which need low and high, the ends of the scale. at_least : the value from which a score
        counts, for the share who reach it. treated : a column, 1 where the program works. wave : a
        column that tells before from after; after : its first value after the start, order : all of
        them in order, where neither is plain. weights : a column, or None where everyone had the
        same chance to be asked. strata, psu, fpc : of the sampling design. area : neighborhoods.
        person : who was asked more than once. covariates : names of columns, or a formula. lonely,
        least_answered : as in `Sample` and `Scale`. method : its name in `METHODS`, else that which
        suits the sample; options : its settings by name.

    Raises
    ------
    DataError : for a column that is not there or cannot be read, and what `Sample` refuses, by the
        row of the table. FitError : when the method is not known, not for this outcome, or cannot
        be fitted.

    Examples
    --------
    >>> from evaluation import example, survey
    >>> fit = survey.fit(example("survey"), outcome=["trusts", "honest"], treated="program",
    ...                  wave="wave", weights="weight", strata="neighborhood", psu="block_group",
    ...                  method="survey-did")
    >>> fit.effect.scale
    'difference'
    """
    frames.one_of("lonely", lonely, get_args(Lonely))
    given = frames.table(frame)
    items = frames.named_in_order(given, outcome, "outcome")
    turned = frames.named_in_order(given, reverse, "reverse") if reverse is not NONE else []
    table = given.by_content()
    added = frames.covariates(table, covariates)
    labels = {"wave": wave, "stratum": strata, "cluster": psu, "area": area, "person": person}

    def made(rows: frames.Table, traits: Mapping[str, np.ndarray]) -> Sample:
        return Sample.from_arrays(
            np.column_stack([rows.numbers(item, "outcome") for item in items]),
            treated=rows.flags(treated, "treated"),
            weight=np.ones(rows.n) if weights is None else rows.numbers(weights, "weights"),
            fpc=None if fpc is None else rows.numbers(fpc, "fpc"),
            **{
                role: None if name is None else rows.labels(name, role)
                for role, name in labels.items()
            },
            names=items,
            low=-np.inf if low is None else low,
            high=np.inf if high is None else high,
            after=None if after is None else frames.text_of(after),
            order=[*map(frames.text_of, order)] if isinstance(order, list | tuple) else order,
            traits=traits,
            lonely=lonely,
        )

    try:
        sample = made(table, added.columns)
    except DataError:
        # Respondents are told by their row, which is that of the table as it was given.
        made(given, frames.covariates(given, covariates).columns)
        raise
    name = ", ".join(items)
    scale = Scale(
        name,
        tuple(items),
        reverse=tuple(turned),
        least_answered=least_answered,
        at_least=at_least,
    )
    settings = dict(settings_of(options))
    if added.columns:
        if "covariates" in settings:
            raise DataError(fact("survey.frame.covariates-twice"))
        settings["covariates"] = list(added.columns)
    asked = chosen(sample, method, settings)
    answer = asked.answer(sample, scale)
    found = asked.worded(sample, scale, answer)
    covariance = None
    if answer.covariance is not None:
        names = tuple(term.name for term in answer.terms)
        beta = np.array([term.estimate for term in answer.terms])
        covariance = Covariance(names, beta, answer.covariance, answer.df)
    return Fit(
        design="survey",
        outcome=name,
        method=asked.label,
        effect=found,
        data=sample,
        covariance=covariance,
        bases=added.bases,
        ask=partial(run_checks, sample, scale, asked, found),
    )
