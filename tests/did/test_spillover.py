"""Spillover: R's ratios, exposure mappings, and what exposure does to the effect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from groups import committed, counted, reference

from evaluation.did import poisson_imputation, spillover
from evaluation.effect import Term
from evaluation.errors import FitError
from evaluation.synthetic import group_quarter

R = reference()


def _terms(answer: spillover.Answer) -> dict[str, Term]:
    return {term.name: term for term in answer.terms}


def test_direct_spillover_and_total_are_those_of_r() -> None:
    answer = spillover.fit(committed(), alliance="alliance")
    terms = _terms(answer)
    got = [answer, terms["spillover on all exposed"], terms["total, treated and exposed"]]
    for found, name in zip(got, ("direct", "beside", "total"), strict=True):
        np.testing.assert_allclose([found.estimate, found.std_error], R[name], rtol=1e-9)
    # t(clusters behind it - 1): 25 called in, 18 exposed, 40 either.
    assert [found.df for found in got] == [24, 17, 39]


def test_exposed_cells_are_those_of_the_generator() -> None:
    table = group_quarter.simulated()
    cohorts = committed()
    kind = spillover.exposure(cohorts, {"allies": spillover.same(cohorts.covariates[:, 0])})
    np.testing.assert_array_equal(kind >= 0, table.exposed)


def test_taking_exposed_cells_out_removes_the_pull_of_spillover() -> None:
    # Untreated allies fall by 60 % and nobody else: without exposure the effect is understated.
    cohorts = counted(n=60)
    pairs = [(cohorts.units[i], cohorts.units[i + 1]) for i in range(0, 30, 2)]
    links = {"allies": spillover.paired(cohorts.units, pairs)}
    exposed = spillover.exposure(cohorts, links) >= 0
    fallen = replace(cohorts, y=np.where(exposed, np.floor(0.4 * cohorts.y), cohorts.y))
    clean = poisson_imputation.fit(cohorts).estimate
    naive = poisson_imputation.fit(fallen).estimate
    handled = spillover.fit(fallen, allies=pairs)
    assert naive > clean + 0.1
    assert abs(handled.estimate - clean) < 0.1
    assert _terms(handled)["spillover on allies"].high < 0


def test_total_lies_between_its_parts() -> None:
    answer = spillover.fit(committed(), alliance="alliance")
    terms = _terms(answer)
    low, high = sorted([answer.estimate, terms["spillover on allies"].estimate])
    assert low < terms["total, treated and exposed"].estimate < high


def test_cells_of_several_kinds_are_of_the_first() -> None:
    cohorts = counted()
    name = cohorts.units
    allies = [(name[0], name[1]), (name[2], name[1])]
    rivals = [*allies, (name[4], name[1]), (name[6], name[1])]
    answer = spillover.fit(cohorts, allies=allies, rivals=rivals)
    assert list(_terms(answer))[2:] == ["spillover on allies", "spillover on rivals"]
    assert _terms(answer)["spillover on allies"].df == 1
    assert str(answer.notes[0]).startswith(
        f"{4 * (cohorts.length - int(cohorts.first[1]))} exposed"
    )


def test_kind_with_one_unit_has_a_note_and_no_ratio() -> None:
    cohorts = counted()
    answer = spillover.fit(cohorts, allies=[(cohorts.units[0], cohorts.units[1])])
    assert "spillover on allies" not in _terms(answer)
    assert any("rests on one cluster" in note for note in map(str, answer.notes))


def test_rings_go_from_the_nearest_outward() -> None:
    points = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, 1.5], [3.0, 0.0]])
    rings = spillover.ringed(points, (1.0, 2.0))
    assert list(rings) == ["those within 1", "those 1 to 2 away"]
    np.testing.assert_array_equal(rings["those within 1"][0], [True, True, True, False, False])
    np.testing.assert_array_equal(rings["those 1 to 2 away"][0], [0, 0, 0, 1, 0])


def test_rings_are_read_from_two_covariates() -> None:
    cohorts = counted()
    x = np.repeat(np.arange(cohorts.n // 2), 2) * 10.0
    placed = replace(
        cohorts,
        covariates=np.column_stack([x, np.arange(cohorts.n) % 2]),
        covariate_names=("x", "y"),
    )
    # Each treated unit has one untreated neighbor at distance 1, except that none is farther than
    # 1 and nearer than 5; so half of the untreated must be kept away.
    far = placed.covariates.copy()
    far[: cohorts.n // 2, 0] += 1000 * np.arange(cohorts.n // 2)
    answer = spillover.fit(replace(placed, covariates=far), place=("x", "y"), rings=(2.0, 5.0))
    assert "spillover on those within 2" in _terms(answer)


def test_a_unit_does_not_expose_itself() -> None:
    cohorts = counted()
    kind = spillover.exposure(cohorts, {"self": np.eye(cohorts.n, dtype=bool)})
    assert (kind == -1).all()


def test_triggered_call_ins_are_an_objection() -> None:
    answer = spillover.fit(committed("group_quarter_triggered"), alliance="alliance")
    assert "treatment followed more events" in str(answer.objection)


def test_few_clean_controls_are_an_objection() -> None:
    cohorts = counted()
    never = [cohorts.units[i] for i in np.flatnonzero(~cohorts.ever)]
    pairs = [(name, cohorts.units[1]) for name in never[:8]]
    objection = str(spillover.fit(cohorts, allies=pairs).objection)
    assert objection.startswith("not valid here: a jackknife needs 6 treated and 6 untreated")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "nothing says who is exposed"),
        ({"alliance": "bloc"}, "'bloc' is not among the covariates"),
        ({"allies": [("unit 1", "unit 99")]}, "not a pair of units"),
        ({"rings": (1.0,)}, "rings need `place`"),
        ({"rings": (2.0, 1.0), "place": ("alliance", "alliance")}, "must grow"),
        ({"allies": [("unit 1", "unit 3")]}, "no untreated unit is exposed"),
        ({"rings": (1e9,), "place": ("alliance", "alliance")}, "use a narrower exposure"),
    ],
)
def test_exposure_that_says_nothing_is_refused(options: dict[str, object], message: str) -> None:
    cohorts = replace(counted(), covariates=np.arange(24.0)[:, None], covariate_names=("alliance",))
    with pytest.raises(FitError, match=message):
        spillover.fit(cohorts, **options)  # type: ignore[arg-type]


def test_links_of_another_size_are_refused() -> None:
    with pytest.raises(FitError, match="24 by 24"):
        spillover.with_links(counted(), {"allies": np.ones((3, 3), dtype=bool)})
