"""A plan for a survey from answers to graded evidence."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from evaluation import survey
from evaluation.data.read import read_records
from evaluation.study.build.sample import planned_sample, planned_scale
from evaluation.study.evidence import dumps, loads
from evaluation.study.plan.read import read_plan
from evaluation.study.run import run

PROJECT = Path(__file__).parents[2]
SLUGS = ("survey-synthetic", "survey-synthetic-attrition")


def copied(root: Path) -> Path:
    shutil.copytree(PROJECT / "data" / "synthetic", root / "data" / "synthetic")
    for slug in SLUGS:
        shutil.copytree(PROJECT / "analyses" / slug, root / "analyses" / slug)
    return root


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    root = copied(tmp_path_factory.mktemp("survey"))
    return root, {slug: run(slug, root) for slug in SLUGS}


@pytest.mark.parametrize("slug", SLUGS)
def test_headline_is_what_the_method_gives_in_a_notebook(found, slug):
    root, evidence = found
    plan = read_plan(slug, root).plan
    records = read_records(root / plan.data, root)
    sample, _ = planned_sample(plan, records, root)
    for planned in plan.outcomes:
        alone = survey.estimate(sample, scale=planned_scale(records, planned.column, planned))
        # But for what five people change, of which the mean is told to a hundredth.
        told = evidence[slug].outcome(planned.column).effect
        assert told.estimate == pytest.approx(alone.estimate, abs=0.02)


@pytest.mark.parametrize("slug", SLUGS)
def test_built_in_effects_are_in_the_range(found, slug):
    root, evidence = found
    plan = read_plan(slug, root).plan
    records = read_records(root / plan.data, root)
    truth = json.loads((root / plan.data).with_suffix(".truth.json").read_text())
    for outcome in evidence[slug].outcomes:
        items = planned_scale(records, outcome.column).items
        # The truth of a reversed item is told as it is turned round.
        known = sum(truth["items"][item]["effect"] for item in items) / len(items)
        assert outcome.effect.low < known < outcome.effect.high


def test_a_panel_is_compared_with_itself_and_whole_waves_are_refused(found):
    outcome = found[1]["survey-synthetic-attrition"].outcome("trust")
    assert outcome.headline.method == "panel-change"
    refused = [one for one in outcome.alternatives if one.effect is None]
    assert refused and all(one.barred for one in refused)


def test_subgroups_are_shown_with_p_over_all(found):
    checks = found[1]["survey-synthetic"].outcome("legitimacy").checks
    by_race, by_area = [check for check in checks if check.name.startswith("subgroups")]
    assert {row["group"] for row in by_race.table} == {"Black", "Latino", "White"}
    assert all(row["p over all groups"] >= row["p_value"] for row in by_race.table)
    assert len(by_area.table) == 6
    assert (by_race.name, by_area.name) == ("subgroups-race", "subgroups-area")


def test_means_by_wave_give_the_difference_in_differences_where_nobody_left(found):
    outcome = found[1]["survey-synthetic"].outcome("trust")
    (who,) = [check for check in outcome.checks if check.name == "who-is-compared"]
    mean = {(row["who"], row["wave"]): row["mean"] for row in who.table}
    change = {
        group: mean[group, "2016"] - mean[group, "2012"]
        for group in ("with the program", "without it")
    }
    gap = change["with the program"] - change["without it"]
    # Each mean is told to a hundredth.
    assert gap == pytest.approx(outcome.effect.estimate, abs=0.02)


def test_weights_are_raked_where_the_plan_asks(found):
    names = {
        slug: {check.name for check in found[1][slug].outcome("trust").checks} for slug in SLUGS
    }
    assert "raking" in names[SLUGS[0]] and "raking" not in names[SLUGS[1]]


@pytest.mark.parametrize("slug", SLUGS)
def test_evidence_survives_its_written_form_without_any_respondent(found, slug):
    text = dumps(found[1][slug])
    assert dumps(loads(text)) == text
    assert not re.search(r"P\d{4}", text)


def test_too_few_respondents_are_refused_and_not_told(tmp_path):
    root = copied(tmp_path)
    path = root / "data/synthetic/survey.csv"
    header, *rows = [line.split(",") for line in path.read_text().splitlines()]
    items = [header.index(name) for name in ("trusts", "honest", "abuses_power")]
    left = 7
    for row in rows:
        if row[header.index("program")] == "1" and row[header.index("wave")] == "2016":
            left -= 1
            if left < 0:
                for item in items:
                    row[item] = ""
    path.write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n")
    outcome = run("survey-synthetic", root).outcome("trust")
    assert outcome.refused and "fewer than 10 respondents" in str(outcome.headline.reason)
    assert outcome.grade.level == "very low"
