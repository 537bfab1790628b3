"""Interrupted time series: one treated series, or a few, and several ways to judge the change.

`METHODS` is the table of estimators: `METHODS["newey-west"].fit(series)`. `estimate(series)` uses
the default for the kind of outcome. `Series.beside` adds controls, `Series.joined` more sites.
`run_checks(series, METHODS[name], effect)` asks what every report asks of an answer.

The door is `methods`; `series` is what each method takes, `checks` lists the checks.
"""

from evaluation.fitted import Fit
from evaluation.its.checks import run_checks
from evaluation.its.curve import Grid
from evaluation.its.design import Interruption, Pulse, Specification
from evaluation.its.frame import fit
from evaluation.its.methods import CARRIED, METHODS, Method, always_beside, default, estimate
from evaluation.its.series import Series, pooled

__all__ = [
    "CARRIED",
    "METHODS",
    "Fit",
    "Grid",
    "Interruption",
    "Method",
    "Pulse",
    "Series",
    "Specification",
    "always_beside",
    "default",
    "estimate",
    "fit",
    "pooled",
    "run_checks",
]
