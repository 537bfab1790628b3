"""Surveys of residents in treated and comparison areas, before and after a start.

In a notebook::

    from evaluation import survey
    survey.fit(table, outcome=["tr1", "tr2"], treated="program", wave="wave", weights="weight")

Beneath it, from numbers::

    sample = survey.Sample.from_arrays(items, wave=wave, treated=treated, weight=weight,
                                       stratum=stratum, cluster=block, names=names)
    trust = survey.Scale("trust", ("tr1", "tr2", "tr3"), reverse=("tr3",))
    survey.reliability(sample, trust)
    effect = survey.estimate(sample, scale=trust)      # or name a method
    survey.run_checks(sample, trust, survey.default(sample), effect)
    survey.by_subgroup(sample, trust, "race", control="romano-wolf")

`METHODS` is the table of estimators. An effect that may not be the headline on these data says why
in `effect.objection`. The door is `methods`; `sample` is what each method takes, `checks` asks the
checks.
"""

from evaluation.fitted import Fit
from evaluation.survey.checks import run_checks
from evaluation.survey.frame import fit
from evaluation.survey.methods import METHODS, Method, always_beside, default, estimate, why
from evaluation.survey.raking import rake
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Reliability, Scale, reliability, score
from evaluation.survey.subgroups import Family, by_scale, by_subgroup

__all__ = [
    "METHODS",
    "Family",
    "Fit",
    "Method",
    "Reliability",
    "Sample",
    "Scale",
    "always_beside",
    "by_scale",
    "by_subgroup",
    "default",
    "estimate",
    "fit",
    "rake",
    "reliability",
    "run_checks",
    "score",
    "why",
]
