"""A planned difference-in-differences from plan and data to graded evidence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation import did
from evaluation.data.read import read_panel
from evaluation.study.build.cohorts import planned_cohorts
from evaluation.study.evidence import dumps, loads
from evaluation.study.plan.read import read_plan
from evaluation.study.run import run
from evaluation.study.run_did import NOT_ASKED, OF_ESTIMATE

PROJECT = Path(__file__).parents[2]


def copied(tmp_path: Path, *slugs: str) -> Path:
    shutil.copytree(PROJECT / "data" / "synthetic", tmp_path / "data" / "synthetic")
    for slug in slugs:
        shutil.copytree(PROJECT / "analyses" / slug, tmp_path / "analyses" / slug)
    return tmp_path


@pytest.fixture(scope="module")
def cities(tmp_path_factory):
    root = copied(tmp_path_factory.mktemp("cities"), "oakland-synthetic-cities")
    return root, run("oakland-synthetic-cities", root)


@pytest.fixture(scope="module")
def spikes(tmp_path_factory):
    root = copied(tmp_path_factory.mktemp("spikes"), "groups-synthetic-triggered")
    return run("groups-synthetic-triggered", root)


def test_headline_is_what_the_method_gives_in_a_notebook(cities):
    root, found = cities
    plan = read_plan(found.slug, root).plan
    panel = read_panel(root / plan.data, root)
    for outcome in found.outcomes:
        cohorts = planned_cohorts(plan, panel, outcome.column)
        alone = did.estimate(cohorts)
        assert outcome.headline.method == "random-effects"
        assert outcome.effect.estimate == alone.estimate
        assert outcome.effect.notes[1:] == alone.notes
        assert str(outcome.effect.notes[0]) == str(did.choice(cohorts).why).rstrip(".")


def test_built_in_effect_is_in_the_range(cities):
    # data/synthetic/city_month.truth.json: 30 and 28 percent fewer.
    for outcome, truth in zip(cities[1].outcomes, (-30.0, -28.0), strict=True):
        assert outcome.effect.percent.low < truth < outcome.effect.percent.high


def test_evidence_has_every_check_once_and_survives_its_written_form(cities):
    _, found = cities
    for outcome in found.outcomes:
        names = [check.name for check in outcome.checks]
        assert len(names) == len(set(names))
        assert {"comparison-groups", "pre-period-splits", "leave-one-control-out"} <= set(names)
        assert {"regression-to-the-mean", "recording-change"} <= set(names)
    assert dumps(loads(dumps(found))) == dumps(found)
    assert found.data.unit == "Oakland (synthetic)"


def test_planned_method_is_not_printed_a_second_time(cities):
    for outcome in cities[1].outcomes:
        methods = [entry.method for entry in outcome.alternatives]
        assert {"forecast", "step"} <= set(methods)
        assert methods.count("random-effects-drift") == 1
        assert [entry.planned for entry in outcome.alternatives][:3] == [True] * 3


def test_grade_starts_at_moderate_and_names_every_step(cities):
    grade = cities[1].outcomes[0].grade
    assert grade.start == "moderate"
    # Frozen before the forecast: random-effects, with what it did in real cities.
    assert str(grade.reasons[0]).startswith(
        "treated units beside untreated ones start at moderate: in US cities, where nothing was "
        "started, this method saw a change after 4 of 100 pretended starts"
    )
    assert any("already known" in str(reason) for reason in grade.reasons)


def test_starts_after_a_spike_are_refused_and_the_reason_is_told(spikes):
    (outcome,) = spikes.outcomes
    assert not outcome.estimated
    assert outcome.refused
    assert str(outcome.headline.reason).startswith("not valid here: treatment followed more events")
    assert outcome.grade.level == "very low"
    assert all(entry.effect is None for entry in outcome.alternatives)
    failed = {check.name for check in outcome.checks if check.passed is False}
    assert "regression-to-the-mean" in failed


def test_no_check_tells_an_estimate_that_is_not_valid_in_other_words(spikes):
    (outcome,) = spikes.outcomes
    silenced = [check for check in outcome.checks if check.name in OF_ESTIMATE]
    assert {"leave-one-control-out", "later-events", "treated-places"} <= {c.name for c in silenced}
    for check in silenced:
        assert (check.passed, check.found.key, check.table) == (None, NOT_ASKED, ())
    for check in outcome.checks:
        # What is left of percents is of placebos, of chance and of the untreated alone.
        assert "the change is " not in str(check.says)
        assert "the change lies " not in str(check.says)


def test_groups_are_counted_by_start(spikes):
    (check,) = (c for c in spikes.outcomes[0].checks if c.name == "comparison-groups")
    assert sum(row["units"] for row in check.table) == 50
    assert check.table[-1]["start"] == "never"
    assert check.table[-1]["units"] == 25
    assert "and 17 more" in check.table[-1]["names"]


def test_many_treated_units_are_told_one_by_one_or_by_start_and_one_alone_is_not(cities, spikes):
    assert "treated-places" in [check.name for check in spikes.outcomes[0].checks]
    assert "treated-places" not in [check.name for check in cities[1].outcomes[0].checks]


def frequent(tmp_path: Path) -> Path:
    """The groups with twenty times the events, so that each can be looked at by itself."""
    root = copied(tmp_path, "groups-synthetic")
    table = root / "data" / "synthetic" / "group_quarter.csv"
    header, *lines = table.read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines]
    more = [",".join([*row[:2], str(20 * int(row[2])), *row[3:]]) for row in rows]
    table.write_text("\n".join([header, *more]) + "\n", encoding="utf-8")
    return root


def test_units_with_enough_events_are_told_one_by_one_unless_data_are_private(
    tmp_path, monkeypatch
):
    # The other checks take most of the time, and are asked of both alike.
    monkeypatch.setattr(did, "run_checks", lambda *_, **__: ())
    root = frequent(tmp_path)
    told = {check.name: check for check in run("groups-synthetic", root).outcomes[0].checks}
    roles = [row["role"] for row in told["each-treated-unit"].table]
    assert roles.count("alone") + roles.count("passed over") == 25
    assert roles[-1] == "together" and "treated-places" in told
    described = root / "data" / "synthetic" / "group_quarter.dataset.toml"
    text = described.read_text(encoding="utf-8")
    assert 'sensitivity = "synthetic"' in text
    described.write_text(text.replace('sensitivity = "synthetic"', 'sensitivity = "private"'))
    hidden = {check.name for check in run("groups-synthetic", root).outcomes[0].checks}
    assert not hidden & {"treated-places", "each-treated-unit"}
