"""Malformed surveys are refused, each with its respondent and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evaluation.errors import DataError
from evaluation.survey import Sample
from evaluation.survey.problems import found


def given() -> dict[str, Any]:
    """Sixteen respondents: two strata of two units, one stratum a group, two waves."""
    return {
        "items": np.tile([[1.0, 5.0], [3.0, 2.0]], (8, 1)),
        "wave": np.tile([2012, 2016], 8),
        "treated": np.repeat([1, 0], 8),
        "weight": np.ones(16),
        "stratum": np.repeat(["a", "b"], 8),
        "cluster": np.repeat([1, 2, 3, 4], 4),
    }


def build(**changes: Any) -> Sample:
    arguments = given() | changes
    return Sample.from_arrays(arguments.pop("items"), **arguments)


def put(name: str, row: int, value: Any) -> Callable[[], dict[str, Any]]:
    def changed() -> dict[str, Any]:
        values = np.array(given()[name], dtype=object if isinstance(value, str) else None)
        values = values.astype(float) if isinstance(value, float) else values
        values[row] = value
        return {name: values}

    return changed


def test_a_good_survey_is_taken() -> None:
    sample = build()
    assert sample.waves == ("2012", "2016") and sample.after == 1
    assert sample.strata == ("a", "b") and len(sample.design.stratum) == 4
    assert sample.post.sum() == 8 and sample.treated.sum() == 8


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (put("weight", 4, -2.0), "respondent 5: weight is -2.0; every respondent needs a weight"),
        (put("weight", 4, 0.0), "respondent 5: weight is 0.0"),
        (put("weight", 4, float("nan")), "respondent 5: weight is missing"),
        (put("weight", 4, "much"), "respondent 5: weight is much; every respondent needs"),
        (lambda: {"weight": None}, "weight is missing; give ones where everyone had the same"),
        (put("items", 2, 6.0), "respondent 3: item1 is 6; answers go from 1 to 5"),
        (put("items", 2, 0.0), "respondent 3: item1 is 0"),
        (put("treated", 0, 2), "respondent 1: treated is 2; it must be 0 or 1"),
        (put("stratum", 7, ""), "respondent 8: stratum is missing"),
        (put("cluster", 15, float("nan")), "respondent 16: cluster is missing"),
        (lambda: {"treated": np.ones(16)}, "everyone lives in a treated area"),
        (lambda: {"treated": np.zeros(16)}, "nobody lives in a treated area"),
        (lambda: {"wave": np.full(16, 2012)}, "a change needs two waves"),
        (lambda: {"wave": np.repeat([2012, 2016], 8)}, "2012 has nobody in the comparison group"),
        (lambda: {"strata": ["a", "b", "c"]}, "stratum c is empty"),
        (lambda: {"strata": ["a"]}, "stratum b is not a stratum of the design"),
        (lambda: {"cluster": np.repeat([1, 1, 2, 3], 4)}, "a has a single sampling unit"),
        (lambda: {"cluster": np.tile([1, 2], 8)}, "cluster 1 is in several strata"),
        (lambda: {"fpc": np.full(16, -3.0)}, "respondent 1: fpc is -3.0"),
        (lambda: {"fpc": np.full(16, 1.5)}, "smaller than the number of units drawn from it"),
        (lambda: {"fpc": np.arange(16) + 10.0}, "fpc differs within stratum a"),
        (lambda: {"area": np.repeat(["x", "y"], [10, 6])}, "area x is both treated and not"),
        (
            lambda: {"person": np.r_[0, 1, 0, 3:16], "cluster": None},
            "respondent 3: person 0 is in wave 2012 already, as respondent 1",
        ),
        (
            lambda: {"person": np.r_[0:15, 0]},
            "respondent 16: treated of person 0 is 0, but 1 in wave 2012",
        ),
        (lambda: {"wave": np.tile([2012, 2014, 2016, 2018], 4)}, "say with `after`"),
        (lambda: {"after": 2012}, "it must be a wave with another before it"),
        (lambda: {"names": ["q", "q"]}, "2 items need 2 different names"),
        (lambda: {"weight": np.ones(15)}, "one value for 16 rows"),
    ],
)
def test_malformed_surveys_are_refused(changes: Callable[[], dict[str, Any]], words: str) -> None:
    with pytest.raises(DataError) as fault:
        build(**changes())
    assert words in str(fault.value)


def test_every_fault_is_listed_at_once_and_many_are_counted() -> None:
    with pytest.raises(DataError) as fault:
        build(weight=-np.ones(16), items=np.full((16, 2), 9.0))
    lines = str(fault.value).splitlines()
    assert len(lines) == 21 and lines[-1] == "and 28 more"


def test_a_reader_of_files_can_have_the_rows() -> None:
    columns = {name: np.asarray(v) for name, v in given().items() if name != "items"}
    columns["weight"] = np.r_[np.ones(9), -1, np.ones(6)]
    (fault,) = found(given()["items"], ("p", "q"), (np.ones(2), np.full(2, 5.0)), columns)
    assert (fault.row, fault.column) == (10, "weight")


def test_a_lone_unit_is_taken_with_a_rule() -> None:
    sample = build(cluster=np.repeat([1, 1, 2, 3], 4), lonely="adjust")
    assert sample.design.lonely == "adjust"


def test_people_are_units_where_no_cluster_is_given() -> None:
    person = np.repeat(np.arange(8), 2)
    sample = build(cluster=None, person=person)
    assert len(sample.design.stratum) == 8


def test_shares_and_sizes_of_the_population_say_the_same() -> None:
    size = build(fpc=np.full(16, 8.0)).design.fraction
    share = build(fpc=np.full(16, 0.25)).design.fraction
    np.testing.assert_allclose(size, share)
