"""The table of estimators, a row each; which of them suits a panel, `choice` says."""

from __future__ import annotations

from functools import partial

from evaluation.did import (
    augmented_control,
    bacon,
    calibration,
    callaway_santanna,
    count_ratios,
    event_study,
    forecast,
    gardner,
    honest,
    imputation,
    negative_binomial,
    placebo_changes,
    poisson_event_study,
    poisson_imputation,
    poisson_twfe,
    pooled_units,
    random_effects,
    random_effects_drift,
    randomization,
    spillover,
    stacked,
    sun_abraham,
    synthetic_control,
    synthetic_did,
    triple,
    twfe,
)
from evaluation.did.cohorts import Kind
from evaluation.did.method import Method

_COUNT: frozenset[Kind] = frozenset({"count"})
_BOTH: frozenset[Kind] = frozenset({"count", "continuous"})

# One treated unit is judged by how controls differ, each of them counted once.
_ALONE = frozenset({"weight", "cluster"})

# Weights of its own, or units that have to be alike.
_UNWEIGHTED = frozenset({"weight"})

_ONE = partial(Method, treated="one unit", ignores=_ALONE)
_SEVERAL = partial(Method, treated="several clusters")

# Their words are in the text, "method.<name>.label" and the like. Ranges of coverage there are 100
# less the rejections of a true null, and the coverage under an effect, in did_one_city.md,
# did_clusters.md, did_groups.md and did_cities.md.
_TABLE = (
    _ONE("forecast", forecast.fit, _COUNT),
    _ONE("step", forecast.fit_step, _COUNT),
    _ONE("random-effects", random_effects.fit, _BOTH),
    _ONE("random-effects-plug-in", random_effects.fit_plug_in, _BOTH),
    _ONE("random-effects-drift", random_effects_drift.fit, _COUNT),
    _ONE("ratio-series", count_ratios.fit, _COUNT, phases=True),
    _ONE("placebo-t", placebo_changes.fit_equal_variance, _BOTH),
    _ONE("ferman-pinto", placebo_changes.fit_ferman_pinto, _BOTH),
    _ONE("ferman-pinto-rank", placebo_changes.fit_ferman_pinto_rank, _BOTH),
    _ONE("conley-taber", placebo_changes.fit_conley_taber, _BOTH),
    Method("randomization", randomization.fit, _BOTH, ignores=_UNWEIGHTED),
    _SEVERAL("two-by-two", bacon.fit, _BOTH),
    _SEVERAL("twfe", twfe.fit, _BOTH, unbalanced=True, phases=True),
    _SEVERAL("poisson-twfe", poisson_twfe.fit, _COUNT, unbalanced=True, phases=True),
    _SEVERAL(
        "negative-binomial-twfe",
        negative_binomial.fit,
        _COUNT,
        phases=True,
        ignores=_UNWEIGHTED,
    ),
    _SEVERAL("event-study", event_study.fit, _BOTH),
    _SEVERAL(poisson_event_study.NAME, poisson_event_study.fit, _COUNT),
    _SEVERAL("callaway-santanna", callaway_santanna.fit, _BOTH),
    _SEVERAL("sun-abraham", sun_abraham.fit, _BOTH),
    _SEVERAL("imputation", imputation.fit, _BOTH, unbalanced=True),
    _SEVERAL("gardner", gardner.fit, _BOTH, unbalanced=True),
    _SEVERAL("poisson-imputation", poisson_imputation.fit, _COUNT, unbalanced=True),
    _SEVERAL(
        "poisson-imputation-donut",
        partial(poisson_imputation.fit, donut=poisson_imputation.DONUT),
        _COUNT,
        unbalanced=True,
    ),
    Method(
        "pooled-units",
        pooled_units.fit,
        _COUNT,
        treated="any",
        ignores=_ALONE,
        unbalanced=True,
        leaves_ends=True,
    ),
    _SEVERAL("stacked", stacked.fit, _BOTH),
    Method("synthetic-control", synthetic_control.fit, _BOTH, ignores=_UNWEIGHTED),
    Method("augmented-control", augmented_control.fit, _BOTH, ignores=_UNWEIGHTED),
    Method("synthetic-did", synthetic_did.fit, _BOTH, ignores=_UNWEIGHTED),
    _SEVERAL("calibration", calibration.fit, _BOTH, ignores=_UNWEIGHTED),
    _SEVERAL("triple-difference", triple.fit, _BOTH),
    _SEVERAL("spillover", spillover.fit, _COUNT, unbalanced=True),
    _SEVERAL("honest-did", honest.fit, _BOTH),
)

METHODS: dict[str, Method] = {method.name: method for method in _TABLE}

# Other names of the same method: the extended two-way Poisson regression of Wooldridge (2023) has
# the estimate of Poisson imputation.
ALIASES = {"poisson-etwfe": "poisson-imputation"}
