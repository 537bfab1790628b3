"""People in whom a comparison must be refused, and every way there is to estimate one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from evaluation.effect import Effect
from evaluation.individual import METHODS, incidence, survival
from evaluation.individual.methods import PLAIN
from evaluation.individual.people import Outcome, People

N = 240


def world(seed: int = 3, **change: Any) -> People:
    """People alike on both sides, with an outcome of every kind and no effect."""
    draw = np.random.default_rng(seed)
    treated = np.tile([1.0, 0.0], N // 2)
    age = draw.normal(30, 5, N)
    time = np.ceil(draw.exponential(400, N))
    end = 700.0
    cause = np.where(time <= end, draw.choice([1, 1, 2], N), 0)
    given: dict[str, Any] = {
        "treated": treated,
        "covariates": {"age": age, "priors": draw.poisson(2, N).astype(float)},
        "outcomes": {
            "rearrest": (draw.random(N) < 0.4).astype(float),
            "days": Outcome.of(np.where(draw.random(N) < 0.5, 0, draw.poisson(20, N)), "days"),
            "arrest": Outcome.of_time(np.minimum(time, end), cause),
        },
        "follow_up": np.full(N, end),
    }
    return People.from_arrays(**(given | change))


def events_of(people: People) -> list[np.ndarray]:
    given = people.outcome("arrest")
    assert given.cause is not None
    return [
        np.array([day]) if which == 1 and day > 0 else np.array([])
        for day, which in zip(given.values, given.cause, strict=True)
    ]


def ways(people: People) -> Iterator[tuple[str, Callable[[], Effect]]]:
    """A name and a fit for every method, outcome kind and way of weighting."""
    for name, method in PLAIN.items():
        for outcome in ("rearrest", "days"):
            if outcome == "rearrest" and "binary" not in method.kinds:
                continue
            yield f"{name} {outcome}", lambda m=method, o=outcome: m.fit(people, o)
    yield (
        "weighted-regression adjusted",
        lambda: (
            METHODS["weighted-regression"]
            .set_to({"weights": "given", "adjust": True})
            .fit(people, "days")
        ),
    )
    yield (
        "weighted-regression raw",
        lambda: METHODS["weighted-regression"].set_to({"weights": "given"}).fit(people, "days"),
    )
    for weights in ("propensity", "given"):
        same: dict[str, Any] = {"weights": weights}
        yield f"risk {weights}", lambda s=same: incidence.risk(people, "arrest", day=365, **s)
        yield f"free {weights}", lambda s=same: incidence.time_free(people, "arrest", day=365, **s)
        yield f"cox {weights}", lambda s=same: survival.cox(people, "arrest", **s)
        yield f"fine-gray {weights}", lambda s=same: survival.fine_gray(people, "arrest", **s)
        yield (
            f"repeated {weights}",
            lambda s=same: survival.andersen_gill(people, events_of(people), name="arrest", **s),
        )
    for fit in (survival.cox, survival.fine_gray):
        yield (
            f"{fit.__name__} adjusted",
            lambda f=fit: f(people, "arrest", weights="given", adjust="covariates"),
        )
