"""Whatever is given to `fit`, the answer is a fit or a fault in words, never another error."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation import did, example, individual, its, survey
from evaluation.errors import EvaluationError

WRONG: list[Any] = [object(), "text", 3.5, True, {"a": 1}, ["a", None], np.ones(3), float("nan")]


def few_groups() -> pd.DataFrame:
    table = example("groups")
    return table[(table.group < "Group 06") | (table.group > "Group 45")]


CALLS: dict[str, tuple[Callable[..., Any], Callable[[], pd.DataFrame], dict[str, Any]]] = {
    "its": (
        its.fit,
        lambda: example("boston"),
        {"outcome": "homicides", "time": "month", "start": "1996-06", "method": "quasi-poisson"},
    ),
    "did": (
        did.fit,
        few_groups,
        {"outcome": "shootings", "unit": "group", "time": "quarter", "start": "called_in",
         "method": "twfe", "kind": "continuous"},
    ),
    "individual": (
        individual.fit,
        lambda: example("participants").iloc[:300],
        {"outcome": "arrests", "treated": "invited", "method": "unadjusted"},
    ),
    "time": (
        individual.fit,
        lambda: example("participants").iloc[:300],
        {"outcome": "arrest_days", "event": "arrest_cause", "treated": "invited"},
    ),
    "survey": (
        survey.fit,
        lambda: example("survey").iloc[::5],
        {"outcome": "trusts", "treated": "program", "wave": "wave", "weights": "weight",
         "method": "survey-did"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_nothing_else_leaves_a_fit(name: str) -> None:
    fit, table, asked = CALLS[name]
    frame = table()
    assert fit(frame, **asked).effect.n
    for parameter in signature(fit).parameters:
        for value in WRONG:
            given, first = dict(asked), frame
            if parameter == "frame":
                first = value
            else:
                given[parameter] = value
            try:
                found = fit(first, **given)
            except EvaluationError as fault:
                assert str(fault), (parameter, value)
            else:
                assert np.isfinite(found.estimate), (parameter, value)
