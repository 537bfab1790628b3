"""The same people asked twice: change scores, weighted by the chance of staying in the panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.survey import weighted
from evaluation.survey.difference import columns, few_units
from evaluation.survey.effects import Answer, terms
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale, score

# Below this chance of staying, one person speaks for more than twenty.
LEAST_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Panel:
    """People asked in the first wave who have a score in it.

    first : (m,) their rows in the first wave. before, after : (m,) scores; after is NaN for those
    who left or did not answer enough. second : (m,) rows in the second wave, -1 for those who left.
    joined : people of the second wave who were not in the first.
    """

    first: np.ndarray
    second: np.ndarray
    before: np.ndarray
    after: np.ndarray
    joined: int

    @property
    def stayed(self) -> np.ndarray:
        return np.asarray(np.isfinite(self.after))


def panel(sample: Sample, scale: Scale) -> Panel:
    """The people of a two-wave panel.

    Raises
    ------
    FitError : without identities, with another number of waves, or when nobody was asked twice.
    """
    if sample.person is None:
        raise FitError(fact("survey.attrition.panel-needs-identity-each-respondent"))
    if len(sample.waves) != 2:
        raise FitError(
            fact("survey.attrition.panel-change-two-waves-there", n_waves=len(sample.waves))
        )
    values = score(sample, scale)
    row = np.full((2, int(sample.person.max()) + 1), -1)
    row[sample.wave, sample.person] = np.arange(len(values))
    begun = (row[0] >= 0) & np.isfinite(values[row[0]])
    first, second = row[0][begun], row[1][begun]
    after = np.where(second >= 0, values[second], np.nan)
    if not np.isfinite(after).any():
        raise FitError(fact("survey.attrition.nobody-has-score-both-waves"))
    joined = int(((row[0] < 0) & (row[1] >= 0)).sum())
    return Panel(first, second, values[first], after, joined)


def fit(sample: Sample, scale: Scale, *, covariates: Sequence[str] = ()) -> Answer:
    """The mean change of treated people less that of others, weighted for those who left.

    Weights are those of the first wave over the chance of staying, from a weighted logistic
    regression on group, first score, their product, and covariates. Errors are linearized and
    take the estimated chances into account; t(sampling units - strata - 1). Source: Robins,
    Rotnitzky and Zhao (1995), Journal of the American Statistical Association 90:106-121.

    Parameters
    ----------
    covariates : traits of the first wave that explain who stays.

    Raises
    ------
    FitError, DataError : as `panel`; for a missing trait; when who stays cannot be modelled.
    """
    people = panel(sample, scale)
    extra, _, known = columns(
        sample, covariates, np.isin(np.arange(len(sample.wave)), people.first)
    )
    keep = known[people.first]
    first, before, after = people.first[keep], people.before[keep], people.after[keep]
    stayed = np.isfinite(after)
    weight, treated = sample.weight[first], sample.treated[first].astype(float)
    for group, among in sample.groups():
        if not (stayed & among[first]).any():
            raise FitError(fact("survey.attrition.nobody", group=fact(f"people.{group}")))
    chance, of_chance = _staying(stayed, before, treated, weight, extra[first])
    x = np.column_stack([np.ones(len(first)), treated])
    inverse = np.where(stayed, weight / chance, 0.0)
    change = np.where(stayed, after - before, 0.0)
    fitted = weighted.linear(change, x, inverse)
    influence = fitted.influence
    if of_chance is not None:
        z, bend = of_chance
        left = inverse * (1 - chance) * (change - fitted.mean)
        influence = influence - bend @ (fitted.bread @ (x * left[:, None]).T @ z).T
    spread = np.zeros((len(sample.wave), 2))
    spread[first] = influence
    asked = np.zeros(len(sample.wave), bool)
    asked[first] = True
    covariance = weighted.covariance(spread, sample.design, asked)
    df = weighted.degrees(sample.design, asked) - 1
    if df < 1:
        raise FitError(fact("survey.attrition.too-few-sampling-units-no"))
    used, path_weight = np.zeros(len(sample.wave), bool), np.zeros(len(sample.wave))
    second = people.second[keep]
    for rows in (first[stayed], second[stayed]):
        used[rows] = True
        path_weight[rows] = inverse[stayed]
    gone: dict[str, Any] = {
        group: counted.share(
            100 * (1 - float(np.average(stayed[side], weights=weight[side]))),
            int(side.sum()),
            int((side & ~stayed).sum()),
        )
        for group, among in sample.groups()
        for side in (among[first],)
    }
    least = float(chance[stayed].min())
    notes = [fact("survey.attrition.left", **gone, least=least)]
    if people.joined:
        notes.append(fact("survey.attrition.joined", people=counted.people(people.joined)))
    if unknown := len(keep) - len(first):
        notes.append(fact("survey.attrition.no-covariate", people=counted.people(unknown)))
    objection = few_units(sample, asked)
    if objection is None and least < LEAST_CHANCE:
        objection = fact("survey.attrition.few-speak", least=least)
    return Answer(
        float(fitted.beta[1]),
        float(np.sqrt(covariance[1, 1])),
        float(df),
        used,
        path_weight,
        spread[:, 1],
        terms(("change of the comparison", "difference in change"), fitted.beta, covariance, df),
        tuple(notes),
        objection,
        covariance,
    )


def _staying(
    stayed: np.ndarray,
    before: np.ndarray,
    treated: np.ndarray,
    weight: np.ndarray,
    extra: np.ndarray,
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray] | None]:
    """(m,) chances of staying, with the model's columns and influence values; None of these when
    everyone stayed."""
    if stayed.all():
        return np.ones(len(stayed)), None
    middle = before - np.average(before, weights=weight)
    z = np.column_stack([np.ones(len(before)), treated, middle, treated * middle, extra])
    try:
        fitted = weighted.logistic(stayed.astype(float), z, weight)
    except FitError as fault:
        raise FitError(fact("survey.attrition.who-stays-panel-cannot-be", fault=fault)) from fault
    return fitted.mean, (z, fitted.influence)
