"""A plan for a difference-in-differences: read, checked, refused at its line, put into words."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from evaluation.data.read import read_panel
from evaluation.did import NEVER
from evaluation.errors import PlanError
from evaluation.study.build.change import Change
from evaluation.study.build.cohorts import (
    did_window,
    planned_cohorts,
    spillover_links,
    treated_words,
)
from evaluation.study.plan.read import check_against_data, read_plan
from evaluation.study.plan.tables import AlternativeDid
from evaluation.study.plan.words import plan_words

PROJECT = Path(__file__).parents[3]
CITIES = """\
question = "Did it help?"
goal = 1
data = "data/synthetic/city_month.csv"
unit = "Oakland (synthetic)"
design = "did"
[[outcomes]]
column = "gun_homicides"
better = "lower"
[intervention]
name = "Ceasefire"
start = "2012-10"
"""
GROUPS = """\
question = "Did it help?"
goal = 1
data = "data/synthetic/group_quarter.csv"
design = "did"
[[outcomes]]
column = "shootings"
better = "lower"
[intervention]
name = "call-ins"
start = "2010-Q1"
treatment = "called_in"
"""
A, B = "City A (synthetic)", "City B (synthetic)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "data" / "synthetic", tmp_path / "data" / "synthetic")
    (tmp_path / "analyses" / "x").mkdir(parents=True)
    return tmp_path


def read(folder: Path, text: str):
    (folder / "analyses" / "x" / "plan.toml").write_text(text, encoding="utf-8")
    found = read_plan("x", folder)
    panel = read_panel(folder / found.plan.data, folder)
    check_against_data(found.plan, panel, found.located)
    return found.plan, panel


FAULTS = [
    # what is written, where the fault is, words of the message
    (CITIES.replace('unit = "Oakland (synthetic)"\n', ""), ": ", "name the treated unit"),
    (CITIES + 'treatment = "ceasefire"\n', ":4:1: ", "not both"),
    (CITIES.replace("Oakland", "Okland"), ":4:1: ", "Did you mean 'Oakland (synthetic)'?"),
    (
        CITIES.replace("design", 'model = "synthetic-control"\ndesign') + "phase_in = 3\n",
        ":13:1: ",
        "has no use for a phase-in",
    ),
    (CITIES + "half_life = 3.0\n", ":12:1: ", 'is for design = "its"'),
    (CITIES + '[specification]\ntrend = "none"\n', ":13:1: ", 'is for design = "its"'),
    (CITIES + "[curve]\nharmonics = [1]\n", ":13:1: ", 'is for design = "its"'),
    (CITIES + f'[controls]\nunits = ["{A}"]\nweights = [1]\n', ":14:1: ", "Leave it out"),
    (CITIES + "[controls]\n", ":12:1: ", "names no units"),
    (CITIES + f'[controls]\nunits = ["{A}", "{A}"]\n', ":13:", "named twice"),
    (CITIES + '[controls]\nunits = ["Oakland (synthetic)"]\n', ":13:", "cannot be a control"),
    (CITIES + '[controls]\nunits = ["Ctiy A (synthetic)"]\n', ":13:", f"Did you mean {A!r}?"),
    (
        CITIES + f'[controls]\nunits = ["{A}"]\n[[contaminated]]\nunit = "{B}"\nwhy = "x"\n',
        ":15:1: ",
        "not among the controls",
    ),
    (CITIES + '[[sites]]\nunit = "Oakland (synthetic)"\nstart = "2013-01"\n', ":13:1: ", "already"),
    (CITIES + '[[alternatives]]\nlabel = "x"\nmodel = "twffe"\n', ":14:1: ", "mean 'twfe'?"),
    (CITIES + '[[alternatives]]\nlabel = "x"\nmodel = "newey-west"\n', ":14:1: ", '"its"'),
    (CITIES + '[[alternatives]]\nlabel = "x"\nmodel = "spillover"\n', ":14:1: ", "[spillover]"),
    (CITIES + '[[alternatives]]\nlabel = "x"\ntrend = "none"\n', ":14:1: ", '"its"'),
    (
        CITIES + '[[alternatives]]\nlabel = "x"\nleave_out = ["Oakland (synthetic)"]\n',
        ":14:",
        "only controls",
    ),
    (CITIES + "[options]\nlag = 3\n", ":13:1: ", "has no setting 'lag'"),
    (
        CITIES + '[[alternatives]]\nlabel = "x"\nmodel = "twfe"\noptions = {errors = "CR9"}\n',
        ":15:",
        "CR2",
    ),
    (CITIES.replace('"2012-10"', '"2007-01"'), ":7:1: ", "treated in every period"),
    (CITIES.replace('"2012-10"', '"2030-10"'), ":7:1: ", "no unit is treated inside the window"),
    (CITIES.replace('"2012-10"', '"2012-Q4"'), ":11:1: ", "2012-Q4"),
    (CITIES + '[window]\nfirst = "1999-01"\n', ":7:1: ", "window is not inside"),
    (GROUPS.replace("called_in", "caled_in"), ":11:1: ", "Did you mean 'called_in'?"),
    (GROUPS.replace("2010-Q1", "2010-Q2"), ":10:1: ", "is first 1, 2010-Q1"),
    (
        GROUPS + '[[sites]]\nunit = "Group 01 (synthetic)"\nstart = "2011-Q1"\n',
        ":12:1: ",
        "says already",
    ),
    (GROUPS + "[spillover]\n", ":12:1: ", "names nobody"),
    (GROUPS + '[spillover]\nalliance = "aliance"\n', ":13:1: ", "Did you mean 'alliance'?"),
    (GROUPS + "[spillover]\nrings = [1.0]\n", ":12:1: ", "coordinates"),
    (GROUPS + '[spillover]\nallies = [["Group 01 (synthetic)"]]\n', ":13:1: ", "pairs"),
    (GROUPS + '[specification]\ncovariates = ["wealth"]\n', ":13:1: ", "no covariate 'wealth'"),
    ('cluster = "ward"\n' + GROUPS, ":1:1: ", "no covariate 'ward'"),
    ('model = "ratio-series"\n' + GROUPS, "", ""),
]


@pytest.mark.parametrize(("text", "where", "words"), FAULTS[:-1])
def test_fault_is_told_at_its_line_with_what_to_do(folder, text, where, words):
    with pytest.raises(PlanError) as caught:
        read(folder, text)
    assert "analyses/x/plan.toml" in str(caught.value)
    assert where in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        "[[contaminated]]\nunit = 'x'\nwhy = 'y'\n",
        "[spillover]\nrings = [1]\n",
        '[adoption]\ntable = "data/synthetic/city_month.csv"\n',
        '[curve]\nlast = ["2019-01"]\n',
        '[curve]\nleave_out = [["a"]]\n',
        '[[alternatives]]\nlabel = "x"\nfirst = "2009-01"\n',
        '[[alternatives]]\nlabel = "x"\nunits = ["a"]\n',
        '[[alternatives]]\nlabel = "x"\ntreated = ["a"]\n',
        '[[alternatives]]\nlabel = "x"\nadoption = { level = "part" }\n',
    ],
)
def test_keys_of_this_design_are_refused_in_the_other(folder, key):
    series = CITIES.replace('"did"', '"its"')
    with pytest.raises(PlanError, match='is for design = "did"'):
        read(folder, series + key)
    with pytest.raises(PlanError, match='is for design = "did"'):
        read(folder, series + 'treatment = "ceasefire"\n')
    with pytest.raises(PlanError, match='is for design = "did"'):
        read(folder, series + '[[alternatives]]\nlabel = "x"\nleave_out = ["a"]\n')


def test_a_treatment_that_switches_off_is_refused(folder):
    path = folder / "data/synthetic/group_quarter.csv"
    lines = path.read_text().splitlines()
    last = max(i for i, line in enumerate(lines) if line.endswith(",1"))
    lines[last] = lines[last][:-1] + "0"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(PlanError, match="goes from 1 back to 0"):
        read(folder, GROUPS)


def test_starts_controls_and_window_are_those_of_the_plan(folder):
    text = CITIES + (
        f'[controls]\nunits = ["{A}", "{B}", "City C (synthetic)"]\n'
        '[[sites]]\nunit = "City D (synthetic)"\nstart = "2014-01"\n'
        '[window]\nfirst = "2008-01"\nlast = "2018-12"\n'
    )
    plan, panel = read(folder, text)
    cohorts = planned_cohorts(plan, panel, "gun_homicides")
    assert set(cohorts.units) == {plan.unit, A, B, "City C (synthetic)", "City D (synthetic)"}
    first = dict(zip(cohorts.units, cohorts.first, strict=True))
    assert (first[plan.unit], first["City D (synthetic)"]) == (57, 72)
    assert first[A] == NEVER
    assert (cohorts.periods[0], cohorts.periods[-1]) == did_window(plan, panel)
    assert treated_words(cohorts) in (
        "Oakland (synthetic) and City D (synthetic)",
        "City D (synthetic) and Oakland (synthetic)",
    )
    row = panel.unit_index(A)
    assert cohorts.y[cohorts.units.index(A)].tolist() == (
        panel.values["gun_homicides"][row, 12:144].tolist()
    )


def test_an_alternative_may_leave_controls_out_and_start_elsewhere(folder):
    text = CITIES + f'[[alternatives]]\nlabel = "x"\nleave_out = ["{A}"]\nstart = "2013-01"\n'
    plan, panel = read(folder, text)
    found = planned_cohorts(plan, panel, "gun_homicides", Change(plan.alternatives[0]))
    assert A not in found.units
    assert found.n == 12
    assert found.first[found.ever].tolist() == [72]


def test_the_end_of_the_program_ends_the_window(folder):
    plan, panel = read(folder, CITIES + 'end = "2017-06"\n')
    assert did_window(plan, panel) == ("2007-01", "2017-06")


def test_allies_are_linked_and_only_the_method_that_needs_it_sees_the_column(folder):
    text = GROUPS + (
        '[spillover]\nalliance = "alliance"\n[[alternatives]]\nlabel = "x"\nmodel = "spillover"\n'
    )
    plan, panel = read(folder, text)
    cohorts = planned_cohorts(plan, panel, "shootings")
    links = spillover_links(plan, panel, "shootings")["allies"]
    number = np.array([panel.values["alliance"][panel.unit_index(u), 0] for u in cohorts.units])
    assert (links | np.eye(50, dtype=bool)).tolist() == (
        (number[:, None] == number) | np.eye(50, dtype=bool)
    ).tolist()
    assert cohorts.covariate_names == ()
    changed = planned_cohorts(plan, panel, "shootings", Change(plan.alternatives[0]))
    assert changed.covariate_names == ("alliance",)
    assert treated_words(cohorts) == "25 of 50 units"


def test_plan_in_words_says_who_is_compared_with_whom(folder):
    text = CITIES + (
        f'[[contaminated]]\nunit = "{B}"\nwhy = "It had a program of its own"\n'
        f'[[alternatives]]\nlabel = "No A"\nleave_out = ["{A}"]\n'
        '[[alternatives]]\nlabel = "Fixed effects"\nmodel = "twfe"\noptions = {errors = "CR2"}\n'
    )
    said = "\n".join(plan_words(read(folder, text)[0]))
    assert "Treated: Oakland (synthetic), from October 2012 on." in said
    assert "Compared with: all other units in the data" in said
    assert f"Not a clean comparison: {B}. It had a program of its own." in said
    assert "Planned alternative, No A: as the model, but with City A (synthetic) left out." in said
    assert "the method twfe (Two-way fixed effects; errors CR2)" in said
    assert "interrupted" not in said
    groups = GROUPS + '[spillover]\nalliance = "alliance"\n'
    said = "\n".join(plan_words(read(folder, groups)[0]))
    assert "the units whose called in is 1, each from its own start on" in said
    assert "Exposed to the treatment of others: units with the same alliance." in said


def with_others() -> str:
    """A plan with a second outcome matched, over a year."""
    written = 'model = "calibration"\nmatched = ["gun_homicides", "nonfatal_shootings"]\ndesign'
    plan = CITIES.replace("design", written)
    return plan + '[window]\nfirst = "2012-07"\nlast = "2013-06"\n'


def test_matched_outcomes_of_the_time_before_are_covariates(folder):
    plan, panel = read(folder, with_others())
    cohorts = planned_cohorts(plan, panel, "gun_homicides")
    # By hand: the outcome itself is matched by its method; the other in July to September 2012.
    first = panel.periods.index("2012-07")
    assert cohorts.covariate_names == tuple(
        f"{panel.column('nonfatal_shootings').label} of 2012-{month}"
        for month in ("07", "08", "09")
    )
    for row, unit in enumerate(cohorts.units):
        values = panel.values["nonfatal_shootings"][panel.units.index(unit), first : first + 3]
        assert cohorts.covariates[row].tolist() == values.tolist()
    said = "\n".join(plan_words(plan))
    assert "what there was of gun homicides and nonfatal shootings in each period before" in said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"nonfatal_shootings"', '"nonfatal_shotings"', "Did you mean 'nonfatal_shootings'?"),
        ('"nonfatal_shootings"', '"gun_homicides"', "'gun_homicides' is named twice"),
        (
            '[window]\nfirst = "2012-07"',
            f'[[sites]]\nunit = "{A}"\nstart = "2013-01"\n[window]\nfirst = "2012-07"',
            "of the time before one start, and there are several",
        ),
        ('design = "did"', 'design = "its"', 'is for design = "did"'),
    ],
)
def test_matched_outcomes_that_cannot_be_are_refused(folder, old, new, words):
    text = with_others()
    assert old in text
    with pytest.raises(PlanError) as caught:
        read(folder, text.replace(old, new))
    assert words in str(caught.value)


def test_a_replication_says_so_in_place_of_its_goal(folder):
    text = CITIES.replace("goal", 'replicates = "Somebody (2001)"\ngoal')
    said = plan_words(read(folder, text)[0])
    assert said[1].startswith("A replication of Somebody (2001). It tests the method")
    assert not any(sentence.startswith("Goal") for sentence in said)


def test_another_name_of_a_method_is_read_as_the_method():
    entry = AlternativeDid(label="by another name", model="poisson-etwfe")
    assert entry.model == "poisson-imputation"
