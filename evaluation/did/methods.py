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
    gardner,
    honest,
    imputation,
    negative_binomial,
    placebo_changes,
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

_ONE = partial(Method, treated="one unit", ignores=_ALONE)
_SEVERAL = partial(Method, treated="several clusters")

_UNMEASURED = "not measured"
_LIKE = "treated unit would have changed as the controls did, give or take how far they differ"
_ALIKE = f"the {_LIKE}"
_PARALLEL = "without treatment, treated and untreated would have changed by the same amount"
_RATIO = "without treatment, treated and untreated would have changed by the same ratio"
_CHANGE = "the treated unit's change from before to after the start, less that of the controls"
_CELLS = "the mean effect over treated units and periods"
_SUMS = "what was observed under treatment over what untreated units and periods make expected"
_BOTH_SIDES = "with 6 or more clusters a side"
_SPIKES = "when starts follow a spike"

# Ranges of coverage are 100 less the rejections of a true null, and the coverage under an effect,
# in docs/did_one_city.md, docs/did_clusters.md, docs/did_groups.md and docs/did_cities.md.
_TABLE = (
    _ONE(
        "random-effects",
        random_effects.fit,
        _BOTH,
        "Random-effects prediction, tau averaged",
        _CHANGE,
        _ALIKE,
        "95 to 97 % with 12 controls, 95 to 98 % with 8; 78 to 81 % when the treated unit drifts "
        "twice as much as they do",
    ),
    _ONE(
        "random-effects-plug-in",
        random_effects.fit_plug_in,
        _BOTH,
        "Random-effects prediction, tau plugged in",
        _CHANGE,
        f"{_ALIKE}, which is estimated and then believed",
        "91 to 97 % with 12 controls",
    ),
    _ONE(
        "random-effects-drift",
        random_effects_drift.fit,
        _COUNT,
        "Random-effects prediction with drift",
        _CHANGE,
        f"{_ALIKE}; units drift apart steadily and hardly jump at the start itself",
        "95 to 100 % with 12 controls; 91 to 95 % when units shift at the start by chance",
    ),
    _ONE(
        "ratio-series",
        count_ratios.fit,
        _COUNT,
        "Ratio to the controls as a series, averaged REML",
        "the step in the ratio of the treated unit to its controls at the start",
        "the ratio of the treated unit to its controls would have kept to its straight trend",
        "94 to 98 % with 1 to 7 controls",
        phases=True,
    ),
    _ONE(
        "placebo-t",
        placebo_changes.fit_equal_variance,
        _BOTH,
        "Placebo t, equal variances",
        _CHANGE,
        "every unit's change has the same variance, whatever its size",
        "88 to 99 % with 12 controls",
    ),
    _ONE(
        "ferman-pinto",
        placebo_changes.fit_ferman_pinto,
        _BOTH,
        "Ferman-Pinto, t",
        _CHANGE,
        "the variance of a unit's change falls with its size in a known way",
        "91 to 96 % with 12 controls",
    ),
    _ONE(
        "ferman-pinto-rank",
        placebo_changes.fit_ferman_pinto_rank,
        _BOTH,
        "Ferman-Pinto, rank",
        _CHANGE,
        "units are exchangeable once the variance of their change is taken out",
        "100 % with 12 controls, where a rank finds nothing at 5 %",
    ),
    _ONE(
        "conley-taber",
        placebo_changes.fit_conley_taber,
        _BOTH,
        "Conley-Taber",
        _CHANGE,
        "many controls of the treated unit's own size",
        "71 to 97 % with 12 controls",
    ),
    Method(
        "randomization",
        randomization.fit,
        _BOTH,
        "Randomization inference",
        "the two-way fixed-effects coefficient of treatment, judged by other assignments",
        "who is treated (or when) might as well have been another, each as likely",
        "100 % with one treated unit and 12 controls, where a rank finds nothing at 5 %; 95 % of "
        "rates with 2 or 3 treated of 14 or 15, 90 % when those are the smallest; over unit and "
        "date 81 to 100 %",
    ),
    _SEVERAL(
        "two-by-two",
        bacon.fit,
        _BOTH,
        "Two groups, two times",
        "the change of the treated from before to after the start, less that of the others",
        f"{_PARALLEL} (counts: by the same ratio); one start",
        f"94 to 97 % {_BOTH_SIDES}, more with fewer",
    ),
    _SEVERAL(
        "twfe",
        twfe.fit,
        _BOTH,
        "Two-way fixed effects",
        "the coefficient of treatment beside unit and period effects",
        f"{_PARALLEL}; the effect is the same in every cohort and period",
        f"93 to 96 % {_BOTH_SIDES}, 46 to 94 % with fewer (CR1); 61 to 91 % by Driscoll-Kraay over "
        "40 periods",
        unbalanced=True,
        phases=True,
    ),
    _SEVERAL(
        "poisson-twfe",
        poisson_twfe.fit,
        _COUNT,
        "Poisson two-way fixed effects",
        "the rate ratio of treatment beside unit and period effects",
        f"{_RATIO}; the ratio is the same in every cohort and period",
        f"95 to 97 % {_BOTH_SIDES}, 97 to 100 % with 2 to 5 treated (CR3)",
        unbalanced=True,
        phases=True,
    ),
    _SEVERAL(
        "negative-binomial-twfe",
        negative_binomial.fit,
        _COUNT,
        "Negative binomial two-way fixed effects",
        "the rate ratio of treatment beside unit and period effects",
        f"{_RATIO}; the ratio is the same in every cohort and period; variance mu + alpha mu^2",
        "92 to 95 % with 6 treated clusters (CR1)",
        phases=True,
    ),
    _SEVERAL(
        "event-study",
        event_study.fit,
        _BOTH,
        "Two-way event study",
        "the mean of the effects by event time, weighted by treated cells",
        f"{_PARALLEL}; at each event time the effect is the same in every cohort",
        _UNMEASURED,
    ),
    _SEVERAL(
        "callaway-santanna",
        callaway_santanna.fit,
        _BOTH,
        "Callaway-Sant'Anna",
        _CELLS,
        f"{_PARALLEL}; many units in each cohort",
        "its band holds the whole curve in 91 % with cohorts of 20 units, in 73 % with cohorts of "
        "5",
    ),
    _SEVERAL(
        "sun-abraham",
        sun_abraham.fit,
        _BOTH,
        "Sun-Abraham",
        _CELLS,
        f"{_PARALLEL}; many units in each cohort",
        _UNMEASURED,
    ),
    _SEVERAL(
        "imputation",
        imputation.fit,
        _BOTH,
        "Linear imputation",
        _CELLS,
        f"{_PARALLEL}, in every period",
        "83 to 91 % on counts of groups with few events, where differences do not stay equal",
        unbalanced=True,
    ),
    _SEVERAL(
        "gardner",
        gardner.fit,
        _BOTH,
        "Two-stage (Gardner)",
        _CELLS,
        f"{_PARALLEL}, in every period",
        "86 to 93 % on counts of groups with few events, where differences do not stay equal",
        unbalanced=True,
    ),
    _SEVERAL(
        "poisson-imputation",
        poisson_imputation.fit,
        _COUNT,
        "Poisson imputation, jackknife over clusters",
        _SUMS,
        f"{_RATIO}, in every period",
        f"94 to 96 %; 62 to 83 % {_SPIKES}",
        unbalanced=True,
    ),
    _SEVERAL(
        "poisson-imputation-donut",
        partial(poisson_imputation.fit, donut=poisson_imputation.DONUT),
        _COUNT,
        "Poisson imputation without the last periods before the start",
        _SUMS,
        f"{_RATIO}, in every period; the last two before a start are left out",
        f"94 to 95 %; 87 to 91 % {_SPIKES}",
        unbalanced=True,
    ),
    Method(
        "pooled-units",
        pooled_units.fit,
        _COUNT,
        "Each unit by itself, pooled",
        "the mean over treated units of the log ratio of each, every one in its own window",
        f"each {_LIKE}; the units are a sample of others like them",
        f"96 to 100 %; 22 to 88 % {_SPIKES}, 73 to 96 % beside the nearest controls then",
        "any",
        _ALONE,
        unbalanced=True,
        leaves_ends=True,
    ),
    _SEVERAL(
        "stacked",
        stacked.fit,
        _BOTH,
        "Stacked regressions",
        "the coefficient of treatment, each cohort beside units untreated in its whole window",
        f"{_PARALLEL} in each window",
        f"93 to 96 % {_BOTH_SIDES}, 46 to 94 % with fewer",
    ),
    Method(
        "synthetic-control",
        synthetic_control.fit,
        _BOTH,
        "Synthetic control",
        "the mean gap between the treated and their weighted controls from the start on",
        "weights that follow the treated before the start would have followed them after it",
        _UNMEASURED,
    ),
    Method(
        "augmented-control",
        augmented_control.fit,
        _BOTH,
        "Augmented synthetic control",
        "the mean gap between the treated and their weighted controls, less what weights miss",
        "as synthetic control, or a linear continuation of the controls' outcomes",
        _UNMEASURED,
    ),
    Method(
        "synthetic-did",
        synthetic_did.fit,
        _BOTH,
        "Synthetic difference-in-differences",
        "the change of the treated less that of weighted controls, between weighted periods",
        "weighted controls and periods have trends parallel to the treated",
        _UNMEASURED,
    ),
    _SEVERAL(
        "calibration",
        calibration.fit,
        _BOTH,
        "Calibrated controls",
        "the treated units' total after the start against controls with the same totals before",
        "units that went alike before, in total, would have gone alike after",
        _UNMEASURED,
    ),
    _SEVERAL(
        "triple-difference",
        triple.fit,
        _BOTH,
        "Triple difference",
        "the effect on what the program is aimed at, less that on what it is not",
        "what else happened to a place touched both kinds alike",
        f"95 to 97 % of counts and 92 to 96 % of continuous outcomes {_BOTH_SIDES}",
    ),
    _SEVERAL(
        "spillover",
        spillover.fit,
        _COUNT,
        "Poisson imputation without exposed controls",
        f"{_SUMS}, those beside the treated not among them",
        f"{_RATIO}, in every period; nobody else is exposed",
        f"96 %; 76 to 87 % {_SPIKES}",
        unbalanced=True,
    ),
    _SEVERAL(
        "honest-did",
        honest.fit,
        _BOTH,
        "Callaway-Sant'Anna with trends that differ by no more than a bound",
        "the mean of the effects by event time",
        "trends differed after the start by no more than the bound says",
        _UNMEASURED,
    ),
)

METHODS: dict[str, Method] = {method.name: method for method in _TABLE}

# Other names of the same method: the extended two-way Poisson regression of Wooldridge (2023) has
# the estimate of Poisson imputation.
ALIASES = {"poisson-etwfe": "poisson-imputation"}
