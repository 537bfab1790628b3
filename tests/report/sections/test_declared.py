"""Cost, funding and software: what the plan says, and silence where it says nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from example_study import about, study
from section_words import text, with_plan

from evaluation.data.delivery import Activity, Delivery
from evaluation.report.sections.appendix import environment
from evaluation.report.sections.equity import conflicts, cost, cost_told, not_here

COST = {"amount": 2500000.0, "currency": "US dollars", "year": 2018, "source": "The budget"}


def test_no_cost_is_guessed():
    assert "none is guessed" in text(cost(study()))


def test_a_cost_is_told_with_its_year_and_source():
    evidence = with_plan(study(), cost={**COST, "covers": "one year."})
    said = text(cost(evidence))
    assert "2,500,000 US dollars for one year" in said
    assert "money of 2018" in said and "The budget." in said
    assert cost_told(evidence) == "2,500,000 US dollars"


@pytest.mark.parametrize("key", ["funder", "conflicts"])
def test_funding_and_stakes_are_told_or_said_to_be_missing(key):
    assert text(conflicts(study())).count("the plan does not say") == 2
    said = text(conflicts(with_plan(study(), **{key: "the city paid"})))
    assert "The city paid." in said and said.count("the plan does not say") == 1


def test_the_limit_names_only_what_is_missing(evidence):
    assert not_here(evidence).endswith(
        "Not in these data, or not declared: results by group, stops and arrests, delivery and "
        "cost."
    )
    provenance = evidence.data.provenance
    record = Delivery(provenance, "City", "month", ("2014-01",), (Activity("a", "a", "", (1.0,)),))
    arrests = replace(evidence.outcomes[0], column="arrests", label="arrests")
    full = replace(
        with_plan(evidence, cost=COST), delivery=record, outcomes=(*evidence.outcomes, arrests)
    )
    # Its name does not say what it is about.
    assert "stops and arrests" in not_here(full)
    full = about(full, arrests=("enforcement",))
    assert not_here(full).endswith("Not in these data, or not declared: results by group.")


@pytest.mark.parametrize("label", ["shootings of Black residents", "homicides in East precincts"])
def test_a_study_of_a_group_is_not_said_to_look_at_nobody_apart(evidence, label):
    apart = replace(evidence.outcomes[0], column="apart", label=label)
    whole = replace(evidence, outcomes=(*evidence.outcomes, apart))
    said = not_here(about(whole, apart=("group",)))
    assert "results by group" not in said
    assert said.endswith(
        "Not in these data, or not declared: stops and arrests, delivery and cost."
    )


def test_software_is_named_without_a_version(evidence):
    said = text(environment(evidence))
    assert "requirements.lock" in said and f"reports/{evidence.slug}/lock.json" in said
    assert "numpy" not in said
