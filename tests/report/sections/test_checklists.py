"""No tick that was not earned: lists filled from plan, results and evaluator, else blank."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from example_study import study
from section_words import with_plan

from evaluation.data.panel import Provenance
from evaluation.effect import Check
from evaluation.report.blocks import Checklist, Details, Paragraph
from evaluation.report.sections.checklists import LISTS, checklist, checklists, counts
from evaluation.study.evidence import DataRecord, Evidence, PlanRecord, load_evidence
from evaluation.study.plan.told import PlannedEpoc, PlannedStrobe, PlannedTrend

PROJECT = Path(__file__).parents[3]
EMPTY = Evidence(
    slug="",
    title="",
    question="",
    goal=1,
    intervention="",
    start="",
    plan=PlanRecord({}, (), "", None, None, ()),
    data=DataRecord(
        Provenance("", "", "", "", "", 0, "", "", "public"), "month", "", (), "", "", (), ()
    ),
    outcomes=(),
)
SLUGS = (
    "boston",
    "oakland-synthetic-compared",
    "complaints-synthetic",
    "participants-synthetic",
    "survey-synthetic",
)


def states(found: Checklist) -> dict[str, str]:
    keys = list(LISTS[found.key.removeprefix("checklist-")])
    return dict(zip(keys, (item.state for item in found.items), strict=True))


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_plan_without_results_earns_no_tick(name):
    found = checklist(EMPTY, name)
    assert {item.state for item in found.items} == {"blank"}
    assert (
        f"0 filled from plan and results, 0 answered by the evaluator, 0 not applicable, "
        f"{len(found.items)} blank" in counts(found)
    )


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("name", LISTS)
def test_an_empty_plan_earns_no_tick_for_what_only_a_plan_can_say(slug, name):
    evidence = load_evidence(slug, PROJECT)
    # A record of delivery is one that the plan names.
    empty = replace(evidence, plan=PlanRecord({}, (), "", None, None, ()), delivery=None)
    found = states(checklist(empty, name))
    of_plan = {
        "epoc": ("independent", "shape", "knowledge", "incomplete", "selective", "other"),
        "trend": ("objectives", "participants", "interventions", "unit_of_analysis", "flow"),
        "strobe": ("objectives", "design", "participants", "limitations", "funding"),
    }[name]
    # A check of people who left is a result, whatever the plan says.
    left = {check.name for one in evidence.outcomes for check in one.checks} & {"left-early"}
    for key in of_plan:
        assert found[key] == "blank" or (key == "flow" and left), key


@pytest.mark.parametrize("slug", SLUGS)
def test_results_without_estimates_earn_no_tick_for_results(slug):
    evidence = load_evidence(slug, PROJECT)
    outcomes = tuple(
        replace(
            one, headline=replace(one.headline, effect=None, reason="x"), alternatives=(), checks=()
        )
        for one in evidence.outcomes
    )
    found = states(checklist(replace(evidence, outcomes=outcomes), "trend"))
    for key in ("unit_of_analysis", "statistics", "numbers", "estimation", "ancillary"):
        assert found[key] == "blank", key
    assert states(checklist(replace(evidence, outcomes=outcomes), "epoc"))["shape"] == "blank"


@pytest.mark.parametrize("name", LISTS)
def test_items_are_the_keys_of_the_plan_in_order(name):
    model = {"epoc": PlannedEpoc, "trend": PlannedTrend, "strobe": PlannedStrobe}[name]
    assert list(LISTS[name]) == list(model.model_fields)
    assert len(LISTS[name]) == {"epoc": 7, "trend": 22, "strobe": 22}[name]


@pytest.mark.parametrize(("name", "key"), [("epoc", "independent"), ("trend", "assignment")])
def test_an_answer_of_the_evaluator_fills_a_blank_and_says_whose_it_is(name, key):
    evidence = load_evidence("boston", PROJECT)
    assert states(checklist(evidence, name))[key] == "blank"
    told = with_plan(evidence, checklist={name: {key: "low: none began"}})
    found = checklist(told, name)
    assert states(found)[key] == "from evaluator"
    assert any(item.says == ("Low: none began.",) for item in found.items)


def test_an_answer_beside_that_of_the_results_does_not_replace_it():
    evidence = load_evidence("boston", PROJECT)
    told = with_plan(evidence, checklist={"epoc": {"knowledge": "high: they knew"}})
    item = checklist(told, "epoc").items[3]
    assert item.state == "filled"
    assert item.says[0].startswith("Low: ") and item.says[0].endswith(
        "The evaluator: High: they knew."
    )


def test_an_item_that_does_not_apply_gives_its_reason():
    evidence = load_evidence("boston", PROJECT)
    told = with_plan(evidence, checklist={"trend": {"adverse": "not applicable: counts only"}})
    item = checklist(told, "trend").items[18]
    assert (item.state, item.says) == ("not applicable", ("Counts only.",))
    assert states(checklist(evidence, "trend"))["flow"] == "not applicable"


@pytest.mark.parametrize(
    ("changes", "says"),
    [((), "is as it was frozen"), (("model: 'a' -> 'b'",), "changed since")],
)
def test_a_date_that_its_author_wrote_never_makes_shape_low_risk(changes, says):
    evidence = load_evidence("boston", PROJECT)
    early = replace(evidence.plan, frozen_on="1990-01-01", changes=changes)
    item = checklist(replace(evidence, plan=early), "epoc").items[1]
    assert item.says[0].startswith("Unclear: ") and says in item.says[0]
    thawed = replace(evidence, plan=replace(early, frozen_sha256=None))
    assert states(checklist(thawed, "epoc"))["shape"] == "blank"


def test_a_plan_that_changed_is_found_by_its_changes_and_not_in_the_words_of_a_grade():
    evidence = load_evidence("boston", PROJECT)
    told = tuple(
        replace(one, grade=replace(one.grade, reasons=("one down: something else",)))
        for one in evidence.outcomes
    )
    changed = replace(
        evidence, outcomes=told, plan=replace(evidence.plan, changes=("model: 'a' -> 'b'",))
    )
    assert checklist(changed, "epoc").items[5].says[0].startswith("Unclear: ")


def test_a_planned_outcome_that_is_not_shown_is_high_risk():
    evidence = load_evidence("oakland-synthetic", PROJECT)
    assert checklist(evidence, "epoc").items[5].says[0].startswith("Low: ")
    lost = replace(evidence, outcomes=evidence.outcomes[:1])
    assert checklist(lost, "epoc").items[5].says == (
        "High: planned and not shown: nonfatal_shootings.",
    )


@pytest.mark.parametrize(("passed", "state"), [(True, "blank"), (None, "blank"), (False, "filled")])
def test_only_a_sign_of_changed_recording_answers_for_the_evaluator(passed, state):
    evidence = load_evidence("boston", PROJECT)
    check = Check("recording-change", passed, "A new form.", asked="?")
    outcomes = tuple(replace(one, checks=(check,)) for one in evidence.outcomes)
    found = checklist(replace(evidence, outcomes=outcomes), "epoc")
    assert states(found)["collection"] == state


def test_leftover_autocorrelation_is_another_risk():
    evidence = load_evidence("boston", PROJECT)
    check = Check("residual-autocorrelation", False, "Ljung-Box p 0.01.", asked="?")
    outcomes = tuple(replace(one, checks=(check,)) for one in evidence.outcomes)
    found = checklist(replace(evidence, outcomes=outcomes), "epoc").items[6]
    assert found.says[0].startswith("High: ") and "Ljung-Box p 0.01." in found.says[0]


@pytest.mark.parametrize(
    ("slug", "names"),
    [
        ("boston", ["trend", "epoc"]),
        ("complaints-synthetic", ["trend"]),
        ("participants-synthetic", ["trend", "strobe"]),
        ("survey-synthetic", ["trend"]),
    ],
)
def test_a_page_has_the_lists_of_its_design_and_counts_their_blanks(slug, names):
    blocks = checklists(load_evidence(slug, PROJECT))
    found = [block.blocks[0] for block in blocks if isinstance(block, Details)]
    assert [one.key for one in found] == [f"checklist-{name}" for name in names]
    said = [block.text[0] for block in blocks if isinstance(block, Paragraph)]
    for one in found:
        blank = sum(item.state == "blank" for item in one.items)
        assert any(line.endswith(f", {blank} blank.") for line in said)


def test_the_keys_of_blank_items_are_named():
    (details, *_) = [b for b in checklists(study()) if isinstance(b, Details)]
    said = details.blocks[1].text
    assert said[1].text == "[checklist.trend]" and "generalizability" in said[2]


def filled(evidence: Evidence, name: str, key: str) -> str:
    found = checklist(evidence, name)
    at = list(LISTS[name]).index(key)
    return "".join(str(part) for part in found.items[at].says)


def test_other_estimates_are_counted_once_and_only_where_there_is_one():
    """Planned over again, or not estimated, is no further estimate."""
    evidence = study()
    (one, *_) = evidence.outcomes
    (other,) = [entry for entry in one.alternatives if entry.effect is not None][:1]
    none = replace(other, label="lost", effect=None, reason="no event after the start")
    again = replace(one.headline, label="the same again")
    told = replace(one, alternatives=(other, again, replace(other, label="twice"), none))
    says = filled(replace(evidence, outcomes=(told,)), "trend", "ancillary")
    assert says.startswith("1 other estimate and ")
    assert "could not be estimated is shown with its reason" in says


def test_the_season_of_yearly_data_is_not_claimed_nor_a_test_that_was_not_made():
    evidence = load_evidence("boston", PROJECT)
    terms = {**evidence.plan.content["specification"], "season": "none"}
    yearly = replace(
        with_plan(evidence, specification=terms), data=replace(evidence.data, frequency="year")
    )
    assert filled(yearly, "epoc", "other").startswith("Low: data by the year have no season")
    untested = tuple(
        replace(
            one,
            checks=tuple(
                replace(check, passed=None) if check.name == "residual-autocorrelation" else check
                for check in one.checks
            ),
        )
        for one in yearly.outcomes
    )
    assert filled(replace(yearly, outcomes=untested), "epoc", "other").startswith("Unclear: ")


def test_a_mean_of_places_is_not_told_as_a_count():
    evidence = study()
    column = replace(evidence.data.columns[0], name=evidence.outcomes[0].column, type="number")
    means = replace(evidence, data=replace(evidence.data, columns=(column,)))
    assert "count" not in filled(means, "trend", "flow")
    assert filled(means, "trend", "blinding") == ""
