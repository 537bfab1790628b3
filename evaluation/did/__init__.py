"""Difference-in-differences: treated units beside untreated ones, and several ways to judge them.

In a notebook::

    from evaluation import did
    did.fit(table, outcome="shootings", unit="city", time="month", start="called_in").summary()

Beneath it, from numbers::

    panel = did.Cohorts.from_arrays(y, starts, exposure=people, kind="count")
    str(did.choice(panel).why)              # which method suits, and why
    effect = did.estimate(panel)            # by that method; or name one, with settings
    did.run_checks(panel, did.default(panel), effect)

A panel may have gaps (`gaps="missing"`), programs that end or start again (`on`), a washout and a
phase-in; did_methods.md says which methods take which.

`METHODS` is the table of estimators: `METHODS["twfe"].set_to({"errors": "CR2"}).fit(panel)`. An
effect that may not be the headline on these data says why in `effect.objection`. `ALIASES` are
other names for some of them. The door is `methods`; `cohorts` is what each method takes,
`standing_checks` asks the checks.
"""

from evaluation.did.choice import (
    Choice,
    always_beside,
    choice,
    chosen,
    default,
    estimate,
)
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.frame import fit
from evaluation.did.method import Method
from evaluation.did.methods import ALIASES, METHODS
from evaluation.did.standing_checks import run_checks
from evaluation.fitted import Fit

__all__ = [
    "ALIASES",
    "METHODS",
    "NEVER",
    "Choice",
    "Cohorts",
    "Fit",
    "Method",
    "always_beside",
    "choice",
    "chosen",
    "default",
    "estimate",
    "fit",
    "run_checks",
]
