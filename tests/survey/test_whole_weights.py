"""Weights of answers: whole ones are answers repeated within their block group."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import example, survey


@pytest.mark.parametrize("method", ["survey-did", "survey-logit", "survey-ordered"])
def test_whole_weights_are_answers_repeated(method):
    frame = example("survey")
    weight = 1 + np.arange(len(frame)) % 3
    given = {
        "outcome": "trusts",
        "treated": "program",
        "wave": "wave",
        "strata": "neighborhood",
        "psu": "block_group",
        "method": method,
        "at_least": 4.0 if method == "survey-logit" else None,
    }
    given = {key: value for key, value in given.items() if value is not None}
    one = survey.fit(frame.assign(weight=weight), weights="weight", **given)
    again = frame.loc[np.repeat(frame.index, weight)].reset_index(drop=True)
    other = survey.fit(again, weights=None, **given)
    plain = survey.fit(frame, weights=None, **given)
    assert one.estimate == pytest.approx(other.estimate, abs=1e-7)
    assert one.std_error == pytest.approx(other.std_error, rel=1e-5)
    assert one.estimate != pytest.approx(plain.estimate, abs=1e-4)
