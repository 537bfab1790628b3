"""Respondents from a table: the same answer from every library and order, and that of R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from r_survey import NAMES, R, table

from evaluation import example, survey
from evaluation.errors import EvaluationError

ASKED = {
    "outcome": ["trusts", "honest"],
    "treated": "program",
    "wave": "wave",
    "weights": "weight",
    "strata": "neighborhood",
    "psu": "block_group",
    "method": "survey-did",
}
SCORE = {"outcome": list(NAMES), "reverse": ["q3"], "least_answered": 0.6, "low": 1, "high": 5}


def fit(frame: Any = None, **given: Any) -> survey.Fit:
    return survey.fit(example("survey") if frame is None else frame, **{**ASKED, **given})


def of_r(**given: Any) -> survey.Fit:
    asked = {"treated": "treated", "wave": "wave", "weights": "weight", **SCORE}
    design = {"strata": "stratum", "psu": "cluster", "method": "survey-did"}
    return survey.fit(pd.DataFrame(table()), **{**asked, **design, **given})


def agrees(found: survey.Fit, expected: dict[str, Any], order: list[int]) -> None:
    rows = found.to_frame().iloc[1:]
    assert rows["estimate"].to_numpy() == pytest.approx(np.array(expected["coef"])[order], rel=1e-6)
    assert rows["std.error"].to_numpy() == pytest.approx(np.array(expected["se"])[order], rel=1e-6)
    assert found.effect.df == expected["df"]


def test_differences_are_those_of_svyglm() -> None:
    r = R["stratified"]
    agrees(of_r(), r["linear"], [0, 1, 2, 3])
    agrees(of_r(covariates=["age", "race"]), r["adjusted"], [0, 1, 2, 6, 3, 4, 5])
    agrees(of_r(covariates="age + race"), r["adjusted"], [0, 1, 2, 6, 3, 4, 5])
    agrees(of_r(fpc="fpc"), R["finite"]["linear"], [0, 1, 2, 3])
    agrees(of_r(strata=None), R["clustered"]["linear"], [0, 1, 2, 3])
    shares = of_r(at_least=3.5, method="survey-logit")
    agrees(shares, r["logistic"], [0, 1, 2, 3])


@pytest.mark.parametrize("method", ["survey-did", "survey-ordered", "neighborhood-means"])
def test_every_library_and_order_gives_the_same_bytes(held: Any, told: Any, method: str) -> None:
    frame = example("survey").iloc[::3]
    given = {"method": method, "area": "neighborhood"}
    if method == "survey-did":
        given["covariates"] = "race + adults"
    assert told(fit(held(frame), **given)) == told(fit(frame, **given))


def test_covariance_and_bases_are_told() -> None:
    found = fit(covariates=["race"])
    assert found.bases == {"race": "Black"}
    errors = np.sqrt(np.diag(found.cov))
    assert errors == pytest.approx(found.effect.se.to_numpy(), rel=1e-9)
    joint = found.joint_test(["race[T.Latino]", "race[T.White]"])
    assert joint.df == 2 and joint.df_error == found.effect.df
    assert found.pictures == ("observed", "effect")


def test_weights_of_none_are_equal_chances() -> None:
    frame = example("survey").assign(one=1.0)
    assert fit(frame, weights=None).estimate == fit(frame, weights="one").estimate


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no column": ({"outcome": "trust"}, "outcome: there is no column 'trust'.* mean 'trusts'"),
    "one twice": ({"outcome": ["trusts", "trusts"]}, "nor a list of different ones"),
    "no flags": ({"treated": "age"}, r"treated \(age\): row .* must be 0 or 1"),
    "text": ({"outcome": "race"}, r"outcome \(race\): row 1 holds 'White', which is no number"),
    "no method": ({"method": "survey"}, "survey"),
    "twice": ({"covariates": ["race"], "options": {"covariates": ["age"]}}, "named twice"),
    "reverse": ({"reverse": ["honest"]}, "honest|range|ends"),
    "strays": ({"reverse": ["would_meet"], "low": 1, "high": 5}, "would_meet"),
    "three waves": ({"wave": "age"}, "after"),
    "means": ({"method": "neighborhood-means"}, "neighborhood"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_meant_is_refused_in_words(wrong: str) -> None:
    given, words = WRONG[wrong]
    with pytest.raises(EvaluationError, match=words):
        fit(**given)


def test_respondents_are_told_by_the_row_of_the_table() -> None:
    frame = example("survey")
    wrong = frame.assign(weight=frame.weight.where(frame.index != 1234, -1.0))
    with pytest.raises(EvaluationError, match="1235"):
        fit(wrong)
