"""What `ceasefire plan` tells with the data at hand: the method, why, and what would help."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from small_city import PLAN, project, read

from evaluation import did, its
from evaluation.cli import main
from evaluation.errors import FitError
from evaluation.study.build.cohorts import planned_cohorts
from evaluation.study.plan.read import check_data_of, read_plan
from evaluation.study.plan.words import plan_words
from tests.study.plan.test_ignored import DID, with_key

SITES = '[[sites]]\nunit = "Stockton"\nstart = "2012-01"\n'


def without_exposure(root: Path, plan: str) -> tuple[str, ...]:
    project(root, plan)
    described = root / "data" / "city.dataset.toml"
    described.write_text(described.read_text().replace('role = "exposure"', 'role = "covariate"'))
    plan_file = read_plan("city", root)
    return plan_words(plan_file.plan, check_data_of(plan_file, root))


def method_of(sentences: tuple[str, ...]) -> str:
    (one,) = [one for one in sentences if one.startswith("Method for gun assaults: ")]
    return one


def test_the_default_of_a_series_is_named_with_its_reason(tmp_path: Path):
    plan_file, panel = read(tmp_path, PLAN)
    said = method_of(plan_words(plan_file.plan, panel))
    assert its.default("count").name in said and "the default for counts" in said


def test_a_method_that_the_plan_names_is_told_beside_the_default(tmp_path: Path):
    plan_file, panel = read(tmp_path, with_key(PLAN, "model", '"poisson"'))
    said = method_of(plan_words(plan_file.plan, panel))
    assert "poisson (Poisson), as the plan asks; without it learned would be used" in said


def test_the_default_of_a_comparison_is_named_with_its_reason(tmp_path: Path):
    plan_file, panel = read(tmp_path, DID)
    said = method_of(plan_words(plan_file.plan, panel))
    assert "ratio-series" in said and "beside 3 controls" in said


@pytest.mark.parametrize("offset", [None, "false"])
def test_a_default_that_can_never_be_valid_is_told_with_what_would_help(offset, tmp_path: Path):
    plan = DID + SITES
    if offset is None:
        said = without_exposure(tmp_path, plan)
        how = "give an exposure (residents, or person-time)"
    else:
        plan_file, panel = read(tmp_path, with_key(plan, "specification.offset", offset))
        said = plan_words(plan_file.plan, panel)
        how = "leave offset = false out of the plan"
    assert "no interval is valid here" in method_of(said)
    (help_,) = [one for one in said if "will be printed as not valid" in one]
    assert "compared by randomization" in help_
    assert any(how in one for one in said)
    # What is promised is so: with an exposure the default is valid.
    plan_file, panel = read(tmp_path / "with", plan)
    with_it = plan_words(plan_file.plan, panel)
    assert "randomization" in method_of(with_it)
    assert not [one for one in with_it if "will be printed as not valid" in one]


def test_a_covariate_that_changes_says_that_its_first_value_counts(tmp_path: Path):
    plan = with_key(DID + SITES, "model", '"callaway-santanna"')
    plan_file, panel = read(tmp_path, with_key(plan, "specification.covariates", '["jobless"]'))
    said = plan_words(plan_file.plan, panel)
    assert any("jobless, which changes over time, the value in January 2008" in one for one in said)
    assert "callaway-santanna" in did.METHODS


def test_plan_prints_the_method_and_what_it_divides_by(tmp_path: Path, capsys):
    project(tmp_path, PLAN)
    assert main(["--root", str(tmp_path), "plan", "city"]) == 0
    said = capsys.readouterr().out
    assert "Method for gun assaults: learned" in said
    assert "Gun assaults: divided by people, since it is a count." in said


FEW = "an estimate by {} will be printed as not valid"


@pytest.mark.parametrize(
    "name",
    [one for one, it in did.METHODS.items() if it.treated != "one unit" and one != "spillover"],
)
def test_a_named_method_that_few_clusters_bar_is_told_before_any_outcome(name, tmp_path: Path):
    """What the plan tells is what a run does: an error of clusters is refused for so few."""
    plan_file, panel = read(tmp_path, with_key(DID + SITES, "model", f'"{name}"'))
    told = any(FEW.format(name) in one for one in plan_words(plan_file.plan, panel))
    try:
        cohorts = planned_cohorts(plan_file.plan, panel, "gun")
        objection = str(did.METHODS[name].fit(cohorts).objection or "")
    except FitError as fault:
        objection = str(fault)
    barred = re.search(r"(clustered (error|interval)|jackknife) .*(treated|needs 6)", objection)
    assert told == bool(barred), objection
