"""Weights of people: whole ones are people repeated, whatever the method does beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from people_worlds import N, ways, world

from evaluation.errors import FitError
from evaluation.individual.people import People

# Weights near 2, so that nobody stands out.
WEIGHT = 1.0 + np.arange(N) % 3
REFUSING = {"matching": "equal weight", "negative-binomial-people": "knows no weights"}
NAMES = [name for name, _ in ways(world()) if name.split()[0] not in REFUSING]
# A person repeated is a tie with themselves, which Efron's formula does not take as a weight of 2
# (R's survival says the same of case weights).
TIED = ("cox", "fine-gray", "fine_gray", "repeated", "andersen")


def repeated() -> People:
    people, times = world(), WEIGHT.astype(int)
    again = np.repeat(np.arange(N), times)
    outcomes = {
        name: replace(
            one,
            values=one.values[again],
            cause=None if one.cause is None else one.cause[again],
        )
        for name, one in people.outcomes.items()
    }
    return People.from_arrays(
        people.treated[again].astype(float),
        covariates={
            name: people.covariates[again, at] for at, name in enumerate(people.covariate_names)
        },
        outcomes=outcomes,
        follow_up=people.follow_up[again],
        cluster=again,
    )


@pytest.fixture(scope="module")
def many() -> People:
    return repeated()


@pytest.mark.parametrize("name", NAMES)
def test_whole_weights_are_people_repeated(name: str, many: People) -> None:
    one = dict(ways(world(weight=WEIGHT, cluster=np.arange(N))))[name]()
    other = dict(ways(many))[name]()
    plain = dict(ways(world(cluster=np.arange(N))))[name]()
    close = 0.02 if name.startswith(TIED) else 1e-7
    assert one.estimate == pytest.approx(other.estimate, abs=close)
    assert one.estimate != pytest.approx(plain.estimate, abs=1e-5)


@pytest.mark.parametrize("name", REFUSING)
def test_a_method_without_a_use_for_them_refuses_them(name: str) -> None:
    with pytest.raises(FitError, match=REFUSING[name]):
        dict(ways(world(weight=WEIGHT)))[f"{name} days"]()
