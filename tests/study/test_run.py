"""From plan and data to evidence, on the two committed studies."""

from __future__ import annotations

import json
import math
from collections import Counter

import numpy as np
import pytest

from evaluation.errors import DataError, FitError, PlanError
from evaluation.its import METHODS, always_beside, averaged_reml, break_checks
from evaluation.numeric.series.averaged import averaged_poisson
from evaluation.study.evidence import dumps, find_root, loads
from evaluation.study.run import run


@pytest.fixture(scope="module")
def solves():
    """How often each input of averaged REML was solved by itself in the run of `boston`."""
    return Counter()


@pytest.fixture(scope="module")
def boston(solves):
    def counted(y, x, offset, time, grid, **more):
        if y.ndim == 1:  # many at once are placebos and the like
            given = b"".join(np.ascontiguousarray(one).tobytes() for one in (y, x, offset, time))
            solves[given, grid, repr(more)] += 1
        return averaged_poisson(y, x, offset, time, grid, **more)

    with pytest.MonkeyPatch.context() as patch:
        for module in (averaged_reml, break_checks):
            patch.setattr(module, "averaged_poisson", counted)
        return run("boston", find_root())


@pytest.fixture(scope="module")
def oakland():
    return run("oakland-synthetic", find_root())


def test_boston_prints_the_published_number_beside_the_default(boston):
    outcome = boston.outcomes[0]
    assert outcome.headline.method == "averaged-reml"
    plain = next(a for a in outcome.alternatives if a.planned and a.method == "poisson")
    assert plain.effect.estimate == pytest.approx(-1.0161, abs=1e-4)
    assert plain.effect.std_error == pytest.approx(0.1970, abs=1e-4)
    assert plain.effect.percent.estimate == pytest.approx(-63.8, abs=0.05)
    assert plain.effect.params.index.tolist() == ["intercept", "level"]


def test_synthetic_oakland_covers_its_truth(oakland):
    root = find_root()
    truth = json.loads((root / "data/synthetic/city_month.truth.json").read_text())
    for outcome in oakland.outcomes:
        true = truth["outcomes"][outcome.column]["log_rate_ratio"]
        assert outcome.effect.low <= true <= outcome.effect.high
        percent = 100 * math.expm1(true)
        assert outcome.effect.percent.low <= percent <= outcome.effect.percent.high


def test_every_planned_alternative_and_every_standing_one_is_reported(oakland):
    plan = oakland.plan.content
    for outcome in oakland.outcomes:
        labels = [entry.label for entry in outcome.alternatives]
        assert [a["label"] for a in plan["alternatives"]] == labels[: len(plan["alternatives"])]
        standing = [method.label for method in always_beside("count", "averaged-reml")]
        assert labels[len(plan["alternatives"]) :] == standing


def test_every_input_is_solved_once_in_a_run(boston, solves):
    assert boston.outcomes[0].headline.method == "averaged-reml"
    assert len(solves) > 2
    assert set(solves.values()) == {1}


def test_two_runs_give_the_same_text(boston):
    assert dumps(run("boston", find_root())) == dumps(boston)


def test_steps_are_announced():
    steps = []
    run("boston", find_root(), progress=steps.append)
    assert any("headline" in step for step in steps)
    assert len(steps) > 10


def replace_in(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_window_ends_where_the_intervention_ends(project):
    plan = project / "analyses/boston/plan.toml"
    replace_in(plan, "[intervention]", '[intervention]\nend = "1998-01"')
    replace_in(plan, 'last = "1998-05"', "")
    study = run("boston", project)
    assert study.data.last == "1998-01"
    assert study.outcomes[0].effect.path[-1].period == "1998-01"


def test_a_recording_change_near_the_start_is_flagged_and_costs_a_step(project, boston):
    description = project / "data/public/boston_homicide.dataset.toml"
    with description.open("a") as stream:
        stream.write('\n[[recording_changes]]\ndate = "1996-09"\nwhat = "new form"\n')
    outcome = run("boston", project).outcomes[0]
    check = next(c for c in outcome.checks if c.name == "recording-change")
    assert check.passed is False
    assert any("new form" in str(reason) for reason in outcome.grade.reasons)


def test_an_alternative_that_cannot_be_estimated_is_shown_with_its_reason(project):
    data = project / "data/public/boston_homicide.csv"
    lines = data.read_text().splitlines()
    header = lines[0].split(",")
    column = header.index("homicides")
    rows = [line.split(",") for line in lines[1:]]
    for row in rows[:53]:
        row[column] = "2"
    for row in rows[53:]:
        row[column] = "0"
    rows[60][column] = "1"
    data.write_text("\n".join([lines[0], *(",".join(row) for row in rows)]) + "\n")
    plan = project / "analyses/boston/plan.toml"
    with plan.open("a") as stream:
        stream.write('\n[[alternatives]]\nlabel = "Late washout"\nwashout = 10\n')
    outcome = run("boston", project).outcomes[0]
    entry = next(a for a in outcome.alternatives if a.label == "Late washout")
    assert entry.effect is None
    assert "no event after" in str(entry.reason)


def emptied(project):
    """Boston's study with no homicide from the start on."""
    data = project / "data/public/boston_homicide.csv"
    lines = data.read_text().splitlines()
    column = lines[0].split(",").index("homicides")
    rows = [line.split(",") for line in lines[1:]]
    for row in rows[53:]:
        row[column] = "0"
    data.write_text("\n".join([lines[0], *(",".join(row) for row in rows)]) + "\n")
    return run("boston", project)


def test_a_headline_that_cannot_be_estimated_is_written_with_its_reason(project):
    study = emptied(project)
    (outcome,) = study.outcomes
    assert not outcome.estimated
    assert outcome.headline.effect is None
    assert "no event after the start" in str(outcome.headline.reason)
    assert (outcome.grade.level, outcome.grade.start) == ("very low", "low")
    assert "no event after the start" in str(outcome.grade.reasons[0])
    assert dumps(loads(dumps(study))) == dumps(study)


def test_what_could_be_had_without_a_headline_is_kept(project):
    (outcome,) = emptied(project).outcomes
    planned = [entry.label for entry in outcome.alternatives if entry.planned]
    assert len(planned) == 5
    assert all(entry.reason for entry in outcome.alternatives if entry.effect is None)
    assert [check.name for check in outcome.checks] == ["recording-change"]


def test_the_effect_of_an_outcome_without_one_is_refused_with_the_reason(project):
    study = emptied(project)
    with pytest.raises(FitError, match="youth homicides: not estimated: no event after") as caught:
        _ = study.outcomes[0].effect
    assert caught.value.exit_code == 3
    assert study.effects.index.names == ["outcome", "label"]


def test_faults_come_before_anything_is_fitted(project, monkeypatch):
    replace_in(project / "analyses/boston/plan.toml", 'column = "homicides"', 'column = "homcides"')
    for method in METHODS.values():
        monkeypatch.setattr(type(method), "fit", lambda *_: pytest.fail("fitted"))
    with pytest.raises(PlanError, match=r"plan\.toml:\d+:\d+: .*homicides"):
        run("boston", project)


def test_missing_data_is_named(project):
    (project / "data/public/boston_homicide.csv").unlink()
    with pytest.raises((DataError, PlanError), match=r"boston_homicide\.csv"):
        run("boston", project)


def test_results_hold_nothing_of_this_machine(boston):
    text = dumps(boston)
    assert str(find_root()) not in text
    assert np.__version__ not in text
