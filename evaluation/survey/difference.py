"""Weighted difference-in-differences of respondents: the change of the treated less that of others.

The linear model is survey's `svyglm` with a dummy a wave; a share has a linear probability (the
difference of shares, exactly) or a logistic model, whose effect is read on the probability scale.
The ordered logit is a model of every answer category, which does not take the steps between them as
equal in what moves an answer; its effect is read back as the change in the mean answer, and scores
of several items are fitted with a category for each value that occurs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.data.one_per_row import code
from evaluation.effect import Term
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.survey import items, weighted
from evaluation.survey.effects import Answer, terms
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale, score

EFFECT = "treated x after"
# Below so many sampling units in a group linearized errors are too small.
FEWEST_UNITS = 10
# Share of the people of a panel who may leave before those who stay are taken for others.
MOST_LEFT = 0.05
# More distinct values than this are a continuous score, and not answers in order.
MOST_LEVELS = 60


@dataclass(frozen=True, slots=True)
class Model:
    """The regression: y (n,) and x (n, k) with nought where not used, names (k,), used (n,), weight
    (n,) nought where not used, df of t, place of the effect's column, notes, objection."""

    y: np.ndarray
    x: np.ndarray
    names: tuple[str, ...]
    used: np.ndarray
    weight: np.ndarray
    df: int
    notes: tuple[Fact, ...]
    objection: Fact | None

    @property
    def place(self) -> int:
        return self.names.index(EFFECT)


def model(
    sample: Sample,
    scale: Scale,
    covariates: Sequence[str] = (),
    among: np.ndarray | None = None,
) -> Model:
    """The columns of the difference-in-differences: constant, treated, waves, effect, covariates.

    df is that of svyglm: sampling units less strata, plus one, less coefficients.

    Parameters
    ----------
    among : (n,) a domain of respondents; the others stay in the design with weight nought.

    Raises
    ------
    FitError : when a group has nobody with an answer in a wave, or there are no degrees of freedom.
    """
    y = score(sample, scale)
    answered = np.isfinite(y) if among is None else np.isfinite(y) & among
    extra, extra_names, known = columns(sample, covariates, answered)
    used = answered & known
    for group, wave, cell in sample.cells():
        if not (used & cell).any():
            told: dict[str, Any] = {"group": fact(f"people.{group}"), "wave": wave}
            raise FitError(fact("survey.difference.nobody", **told))
    later = [sample.wave == number for number in range(1, len(sample.waves))]
    treated, post = sample.treated.astype(float), sample.post.astype(float)
    x = np.column_stack([np.ones(len(y)), treated, *later, treated * post, *extra.T])
    names = (
        "constant",
        "treated",
        *(f"wave {wave}" for wave in sample.waves[1:]),
        EFFECT,
        *extra_names,
    )
    df = weighted.degrees(sample.design, used) + 1 - x.shape[1]
    if df < 1:
        raise FitError(
            fact("survey.difference.coefficients-too-few-sampling-units", shape=x.shape[1])
        )
    notes = []
    asked = len(y) if among is None else int(among.sum())
    if unanswered := asked - int(answered.sum()):
        out = counted.part(unanswered, asked)
        notes.append(fact("survey.difference.no-score", respondents=out))
    if unknown := int((answered & ~known).sum()):
        notes.append(fact("survey.difference.no-covariate", respondents=counted.people(unknown)))
    return Model(
        np.where(used, y, 0.0),
        np.where(used[:, None], x, 0.0),
        names,
        used,
        np.where(used, sample.weight, 0.0),
        df,
        tuple(notes),
        barred(sample, used),
    )


def columns(
    sample: Sample, names: Sequence[str], used: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """Columns of traits, their names, and (n,) who has all of them; text becomes a dummy a level
    but the first.

    Raises
    ------
    DataError : for a trait that is not there.
    """
    made: list[np.ndarray] = []
    called: list[str] = []
    known = np.ones(len(sample.wave), bool)
    for name in names:
        values = sample.trait(name)
        if values.dtype.kind == "f":
            known &= np.isfinite(values)
            made.append(np.nan_to_num(values))
            called.append(name)
            continue
        known &= values != ""
        levels = np.unique(values[used & (values != "")])
        made += [(values == level).astype(float) for level in levels[1:]]
        called += [f"{name} {level}" for level in levels[1:]]
    table = np.column_stack(made) if made else np.zeros((len(known), 0))
    return table, tuple(called), known


def barred(sample: Sample, used: np.ndarray) -> Fact | None:
    """Why a comparison of whole waves must not be the headline, or None: people of a panel left, or
    there are too few sampling units."""
    if sample.again is not None and 1 - sample.again > MOST_LEFT:
        left = counted.share(100 * (1 - sample.again), int((sample.wave == 0).sum()))
        return fact("survey.difference.panel", left=left)
    return few_units(sample, used)


def few_units(sample: Sample, used: np.ndarray) -> Fact | None:
    """Why linearized errors are not to be trusted, or None."""
    for group, among in sample.groups():
        units = len(np.unique(sample.design.psu[used & among]))
        if units < FEWEST_UNITS:
            told: dict[str, Any] = {"group": fact(f"people.{group}"), "least": FEWEST_UNITS}
            return fact("survey.difference.few-units", units=counted.people(units), **told)
    return None


def fit_linear(sample: Sample, scale: Scale, *, covariates: Sequence[str] = ()) -> Answer:
    """The weighted linear difference-in-differences with linearized errors, t(df) as svyglm.

    Raises
    ------
    FitError, DataError : as `model`, and when columns cannot be told apart.
    """
    return linear(sample, model(sample, scale, covariates))


def linear(sample: Sample, design: Model) -> Answer:
    """The answer of the linear model with these columns."""
    fit = weighted.linear(design.y, design.x, design.weight)
    covariance = weighted.covariance(fit.influence, sample.design, design.used)
    place = design.place
    return Answer(
        float(fit.beta[place]),
        float(np.sqrt(covariance[place, place])),
        float(design.df),
        design.used,
        design.weight,
        fit.influence[:, place],
        terms(design.names, fit.beta, covariance, float(design.df)),
        design.notes,
        design.objection,
        covariance,
    )


def fit_logistic(sample: Sample, scale: Scale, *, covariates: Sequence[str] = ()) -> Answer:
    """The change in the share of the treated that a logistic model does not expect.

    Log odds move in parallel without the program. The effect is the weighted mean, over the treated
    after the start, of the fitted probability less that without the interaction (Puhani 2012,
    Economics Letters 115:85-87); its errors hold those of the coefficients and of who was asked.
    t with the df of svyglm.

    Raises
    ------
    FitError, DataError : as `model`; when the score is not 0 or 1, or has no finite estimate.
    """
    from scipy.special import expit

    if scale.kind != "share":
        raise FitError(fact("survey.difference.logistic-model-needs-share-give"))
    design = model(sample, scale, covariates)
    fit = weighted.logistic(design.y, design.x, design.weight)
    without = design.x.copy()
    without[:, design.place] = 0.0
    expected = expit(without @ fit.beta)
    slope = (fit.mean * (1 - fit.mean))[:, None] * design.x
    slope -= (expected * (1 - expected))[:, None] * without
    estimate, influence = _averaged(sample, design, fit.mean - expected, slope, fit.influence)
    of_beta = _terms_of(sample, design, design.names, fit.beta, fit.influence)
    note = fact("survey.difference.log-odds")
    return _marginal(sample, design, estimate, influence, of_beta, note)


def fit_ordered(sample: Sample, scale: Scale, *, covariates: Sequence[str] = ()) -> Answer:
    """The change in the mean answer of the treated that an ordered logit does not expect.

    Log cumulative odds move in parallel without the program (survey's `svyolr`); t with the df of
    svyglm, cuts counted as one constant. Errors hold those of the coefficients and of who was
    asked. Sources: McCullagh (1980), Journal of the Royal Statistical Society B 42:109-142; Liu,
    Shepherd, Li and Harrell (2017), Statistics in Medicine 36:4316-4335, for many categories.

    Raises
    ------
    FitError, DataError : as the linear model, for a score with too many values, or when a
        coefficient has no finite estimate.
    """
    design = model(sample, scale, covariates)
    levels, category = np.unique(design.y[design.used].round(9), return_inverse=True)
    if len(levels) > MOST_LEVELS:
        raise FitError(
            fact(
                "survey.difference.score-takes-values-ordered-logit",
                n_levels=len(levels),
                most_levels=MOST_LEVELS,
            )
        )
    y = np.zeros(len(design.y), dtype=int)
    y[design.used] = category
    x = design.x[:, 1:]
    fitted = items.ordered(y, x, design.weight)
    theta = np.concatenate([fitted.beta, fitted.cuts])
    without = x.copy()
    without[:, design.place - 1] = 0.0
    mean, slope = items.expected(theta, x, levels)
    expected, slope_without = items.expected(theta, without, levels)
    estimate, influence = _averaged(
        sample, design, mean - expected, slope - slope_without, fitted.influence
    )
    cuts = tuple(f"cut {code(low)}|{code(high)}" for low, high in pairwise(levels))
    names = (*design.names[1:], *cuts)
    of_theta = _terms_of(sample, design, names, theta, fitted.influence)
    note = fact("survey.difference.log-odds-ordered")
    return _marginal(sample, design, estimate, influence, of_theta, note)


def _averaged(
    sample: Sample,
    design: Model,
    gap: np.ndarray,
    slope: np.ndarray,
    influence: np.ndarray,
) -> tuple[float, np.ndarray]:
    """The weighted mean of `gap` (n,) over the treated after the start, and its influence (n,).

    Parameters
    ----------
    slope : (n, k) derivatives of gap by the coefficients, whose influence is (n, k).
    """
    weight = np.where(sample.treated & sample.post, design.weight, 0.0)
    estimate, own = weighted.ratio(gap, np.ones(len(gap)), weight)
    gradient = weight @ slope / weight.sum()
    return estimate, np.asarray(own[:, 0] + influence @ gradient)


def _terms_of(
    sample: Sample,
    design: Model,
    names: tuple[str, ...],
    beta: np.ndarray,
    influence: np.ndarray,
) -> tuple[tuple[Term, ...], np.ndarray]:
    """The coefficients (k,) with the errors of their (n, k) influence, t with the df of svyglm, and
    their (k, k) covariance."""
    covariance = weighted.covariance(influence, sample.design, design.used)
    return terms(names, beta, covariance, float(design.df)), covariance


def _marginal(
    sample: Sample,
    design: Model,
    estimate: float,
    influence: np.ndarray,
    of_beta: tuple[tuple[Term, ...], np.ndarray],
    note: Fact,
) -> Answer:
    """The answer of an average over people, whose (n,) influence is given."""
    variance = float(weighted.covariance(influence[:, None], sample.design, design.used)[0, 0])
    return Answer(
        estimate,
        variance**0.5,
        float(design.df),
        design.used,
        design.weight,
        influence,
        of_beta[0],
        (*design.notes, note),
        design.objection,
        of_beta[1],
    )


def fit_areas(sample: Sample, scale: Scale) -> Answer:
    """The mean change of treated neighborhoods less that of the others, each counting once.

    Errors are those between neighborhoods, t with Welch's df, so that it answers for other
    neighborhoods too, where linearized errors take these as given.

    Raises
    ------
    FitError : without neighborhoods, or with fewer than two a group that answer before and after.
    """
    if sample.area is None:
        raise FitError(fact("survey.difference.neighborhood-means-needs-neighborhood-each"))
    y = score(sample, scale)
    used = np.isfinite(y)
    changes: dict[bool, list[float]] = {True: [], False: []}
    dropped = []
    for number, name in enumerate(sample.areas):
        here = used & (sample.area == number)
        halves = [here & ~sample.post, here & sample.post]
        if not all(half.any() for half in halves):
            dropped.append(name)
            used = used & (sample.area != number)
            continue
        before, after = (float(np.average(y[h], weights=sample.weight[h])) for h in halves)
        changes[bool(sample.treated[here][0])].append(after - before)
    groups = [np.array(changes[flag]) for flag in (True, False)]
    for areas, (group, _) in zip(groups, sample.groups(), strict=True):
        if len(areas) < 2:
            told: dict[str, Any] = {"areas": len(areas), "group": fact(f"people.{group}")}
            raise FitError(fact("survey.difference.few-areas", **told))
    parts = [float(own.var(ddof=1)) / len(own) for own in groups]
    variance = sum(parts)
    below = sum(part**2 / (len(g) - 1) for part, g in zip(parts, groups, strict=True))
    treated, comparison = map(len, groups)
    notes = [fact("survey.difference.areas", treated=treated, comparison=comparison)]
    if dropped:
        notes.append(fact("survey.difference.dropped", areas=dropped))
    weight = np.zeros(len(y))
    for number in range(len(sample.areas)):
        for wave in range(len(sample.waves)):
            cell = used & (sample.area == number) & (sample.wave == wave)
            if cell.any():
                weight[cell] = sample.weight[cell] / sample.weight[cell].sum()
    return Answer(
        float(groups[0].mean() - groups[1].mean()),
        variance**0.5,
        variance**2 / below if below else 1.0,
        used,
        weight,
        notes=tuple(notes),
        # Errors are between neighborhoods, however few units were drawn in each.
        objection=barred(sample, used) if sample.again is not None else None,
    )
