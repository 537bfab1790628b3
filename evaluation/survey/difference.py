"""Weighted difference-in-differences of respondents: the change of the treated less that of others.

The linear model is survey's `svyglm` with a dummy a wave; a share has a linear probability (the
difference of shares, exactly) or a logistic model, whose effect is read on the probability scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.data.findings import part_of, share_of, words_of
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.survey import taylor
from evaluation.survey.effects import Answer, terms
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale, score

EFFECT = "treated x after"
# Below so many sampling units in a group linearized errors are too small.
FEWEST_UNITS = 10
# Share of the people of a panel who may leave before those who stay are taken for others.
MOST_LEFT = 0.05


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
    notes: tuple[str, ...]
    objection: str | None

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
    for flag, group in ((True, "treated"), (False, "comparison")):
        for number, wave in enumerate(sample.waves):
            if not (used & (sample.treated == flag) & (sample.wave == number)).any():
                raise FitError(
                    fact("survey.difference.nobody-group-has-answer-wave", group=group, wave=wave)
                )
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
    df = taylor.degrees(sample.design, used) + 1 - x.shape[1]
    if df < 1:
        raise FitError(
            fact("survey.difference.coefficients-too-few-sampling-units", shape=x.shape[1])
        )
    notes = []
    asked = len(y) if among is None else int(among.sum())
    if unanswered := asked - int(answered.sum()):
        notes.append(f"{part_of(unanswered, asked)} respondents have no score and are left out")
    if unknown := int((answered & ~known).sum()):
        notes.append(f"{words_of(unknown)} respondents with a missing covariate are left out")
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


def barred(sample: Sample, used: np.ndarray) -> str | None:
    """Why a comparison of whole waves must not be the headline, or None: people of a panel left, or
    there are too few sampling units."""
    if sample.again is not None and 1 - sample.again > MOST_LEFT:
        first = int((sample.wave == 0).sum())
        return (
            f"{share_of(100 * (1 - sample.again), first)} of the people of the first wave were not "
            "asked again, and this method takes no account of who left; panel-change does"
        )
    return few_units(sample, used)


def few_units(sample: Sample, used: np.ndarray) -> str | None:
    """Why linearized errors are not to be trusted, or None."""
    for flag, group in ((True, "treated"), (False, "comparison")):
        units = len(np.unique(sample.design.psu[used & (sample.treated == flag)]))
        if units < FEWEST_UNITS:
            return (
                f"{words_of(units)} sampling units in the {group} group; linearized errors need "
                f"{FEWEST_UNITS} or more"
            )
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
    fit = taylor.linear(design.y, design.x, design.weight)
    covariance = taylor.covariance(fit.influence, sample.design, design.used)
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
    fit = taylor.logistic(design.y, design.x, design.weight)
    without = design.x.copy()
    without[:, design.place] = 0.0
    expected = expit(without @ fit.beta)
    slope = (fit.mean * (1 - fit.mean))[:, None] * design.x
    slope -= (expected * (1 - expected))[:, None] * without
    estimate, influence = averaged(sample, design, fit.mean - expected, slope, fit.influence)
    return _marginal(sample, design, estimate, influence, fit.beta, fit.influence)


def averaged(
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
    estimate, own = taylor.ratio(gap, np.ones(len(gap)), weight)
    gradient = weight @ slope / weight.sum()
    return estimate, np.asarray(own[:, 0] + influence @ gradient)


def _marginal(
    sample: Sample,
    design: Model,
    estimate: float,
    influence: np.ndarray,
    beta: np.ndarray,
    of_beta: np.ndarray,
) -> Answer:
    variance = float(taylor.covariance(influence[:, None], sample.design, design.used)[0, 0])
    covariance = taylor.covariance(of_beta, sample.design, design.used)
    return Answer(
        estimate,
        variance**0.5,
        float(design.df),
        design.used,
        design.weight,
        influence,
        terms(design.names, beta, covariance, float(design.df)),
        (*design.notes, "coefficients are log odds; the effect is a difference of shares"),
        design.objection,
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
    for group, name in zip(groups, ("treated", "comparison"), strict=True):
        if len(group) < 2:
            raise FitError(
                fact(
                    "survey.difference.neighborhoods-have-answers-before-after",
                    n_group=len(group),
                    name=name,
                )
            )
    parts = [float(group.var(ddof=1)) / len(group) for group in groups]
    variance = sum(parts)
    below = sum(part**2 / (len(g) - 1) for part, g in zip(parts, groups, strict=True))
    notes = [f"{len(groups[0])} treated and {len(groups[1])} comparison neighborhoods"]
    if dropped:
        notes.append(f"without answers in both periods, left out: {', '.join(dropped)}")
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
