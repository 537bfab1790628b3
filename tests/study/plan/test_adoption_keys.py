"""A plan that reads who is treated from a table of adoption: who is in, who is out, and faults."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from small_adopters import CONTROLS, EVERY, ONE, project, read

from evaluation.data.read import read_panel
from evaluation.errors import DataError, PlanError
from evaluation.study.build.change import Change
from evaluation.study.build.cohorts import planned_cohorts, planned_who
from evaluation.study.plan.read import check_data_of, read_plan
from evaluation.study.plan.words import plan_words
from evaluation.study.run import run
from evaluation.study.run_cache import inputs_of
from evaluation.study.run_who import who_is_in

PROJECT = Path(__file__).parents[3]
ALTERNATIVE = '[[alternatives]]\nlabel = "A"\n'


def cells(plan, panel, change: Change | None = None) -> dict[str, str]:
    """Each unit of the panel with its years as one letter each: treated, before, not used."""
    cohorts = planned_cohorts(plan, panel, "murder", change or Change())
    used = np.ones(cohorts.y.shape, bool) if cohorts.used is None else cohorts.used
    return {
        unit: "".join(
            "-" if not used[row, t] else "T" if cohorts.treated[row, t] else "u"
            for t in range(cohorts.length)
        )
        for row, unit in enumerate(cohorts.units)
    }


def test_everyone_whom_the_table_has_begin_is_treated_from_then(tmp_path):
    plan_file, panel = read(tmp_path, EVERY)
    found = cells(plan_file.plan, panel)
    # By hand, 2000 to 2013. Birch began in June 2005 and sent nothing of 2008 and 2009; of Cedar
    # only the year is known, so that 2006 may be partly under it.
    assert {unit: found[unit] for unit in found if not unit.startswith("Control")} == {
        "Ash": "uuuuTTTTTTTTTT",
        "Birch": "uuuuu-TT--TTTT",
        "Cedar": "uuuuuu-TTTTTTT",
        "Fir": "uuuuuuuTTTTTTT",
        "Holly": "uuuuTTTTTTTTTT",
        "Jade": "uuuuuuTTTTTTTT",
        "Kale": "uuuuuuuuTTTTTT",
    }
    assert [unit for unit in found if unit.startswith("Control")] == list(CONTROLS)
    assert found["Control B"] == "u" * 13 + "-"


@pytest.mark.parametrize(
    ("changed", "unit", "years"),
    [
        ('level = "part"', "Elm", "uuuuuuTTTTTTTT"),
        ('roles = ["adopter", "partial"]', "Dogwood", "uuuuuTTTTTTTTT"),
        ('dates = ["month"]', "Cedar", None),
        ('earlier = "leave out"', "Fir", None),
        ('controls = "searched"', "Control O", None),
        ('ends = "cut"', "Cedar", "uuuuuu-TTT----"),
        ('ends = "cut"', "Holly", "uuuuTT--------"),
        ('ends = "as written"', "Holly", "uuuuTTuuuTTTTT"),
        ('ends = "as written", washout = 2', "Holly", "uuuuTT--uTTTTT"),
        ('start_period = "treated"', "Birch", "uuuuuTTT--TTTT"),
        ('start_period = "untreated"', "Birch", "uuuuuuTT--TTTT"),
    ],
)
def test_each_choice_of_the_table_does_what_it_says(changed, unit, years, tmp_path):
    plan_file, panel = read(tmp_path, EVERY + ALTERNATIVE + f"adoption = {{ {changed} }}\n")
    plan = plan_file.plan
    assert cells(plan, panel, Change(plan.alternatives[0])).get(unit) == years


def test_who_is_left_out_stands_there_by_name_with_the_reason(tmp_path):
    plan_file, panel = read(tmp_path, EVERY.replace('"missing"', '"leave out"'))
    plan = plan_file.plan
    cohorts = planned_cohorts(plan, panel, "murder")
    (check,) = who_is_in(plan, panel, panel.column("murder"), cohorts)
    rows = {row["unit"]: row for row in check.table}
    assert set(rows) == set(panel.units)
    assert {unit for unit, row in rows.items() if row["what"] != "left out"} == set(cohorts.units)
    assert "partial" in rows["Dogwood"]["why"] and rows["Dogwood"]["since"] == "2005"
    assert "no date" in rows["Gum"]["why"]
    assert "at or before the first period" in rows["Ivy"]["why"]
    assert "no row of it" in rows["Unread"]["why"]
    told = rows["Birch"]["why"]
    assert "2008 and 1 more years" in told and "the police sent nothing" in told
    assert rows["Birch"]["missing"] == 2 and rows["Birch"]["used"] == 0
    assert rows["Ash"]["used"] == 14 and rows["Ash"]["certainty"] == "month"
    # The sentence counts what the table has.
    words = str(check.says)
    assert plan.adopted(plan.adoption.table).provenance.sha256[:12] in words
    assert "6 are treated (Ash; Cedar; Fir; Holly; Jade; Kale)" in words
    assert "Controls: 15." in words and "Left out: 7." in words


def test_no_table_of_units_stands_where_the_plan_asks_for_neither(tmp_path):
    plain = ONE.replace('[adoption]\ntable = "data/adoption.csv"\n', "").replace("2012", "2007")
    plan_file, panel = read(tmp_path, plain)
    cohorts = planned_cohorts(plan_file.plan, panel, "murder")
    assert who_is_in(plan_file.plan, panel, panel.column("murder"), cohorts) == ()


@pytest.mark.parametrize("adopters", ["left out", "contaminated"])
def test_beside_one_city_others_with_a_program_are_left_out_or_marked(adopters, tmp_path):
    text = ONE.replace('.csv"\n[window]', f'.csv"\nadopters = "{adopters}"\n[window]')
    plan_file, panel = read(tmp_path, text.replace("2012", "2007"))
    who = planned_who(plan_file.plan, panel, "murder")
    of = {one.unit: one.what for one in who.standings}
    assert of["Ash"] == "treated"
    assert {of[unit] for unit in ("Birch", "Dogwood", "Elm", "Gum", "Ivy")} == {adopters}
    assert of["Unread"] == "left out"
    assert who.of("Dogwood").why.startswith("Its own program")


def test_one_city_that_began_in_the_middle_of_a_year_does_without_it_everywhere(tmp_path):
    text = ONE.replace('"Ash"', '"Fir"').replace('"2004"', '"2007"')
    plan_file, panel = read(tmp_path, text)
    assert planned_cohorts(plan_file.plan, panel, "murder").skipped == 0
    text = ONE.replace('"Ash"', '"Birch"').replace('"2004"', '"2005"').replace("2012", "2007")
    plan_file, panel = read(tmp_path, text)
    cohorts = planned_cohorts(plan_file.plan, panel, "murder")
    assert cohorts.whole and cohorts.skipped == 1 and "2005" not in cohorts.periods
    # Later than the table has it: nothing is left out, and the reader is told.
    plan_file, panel = read(tmp_path, text.replace('start = "2005"', 'start = "2006"'))
    cohorts = planned_cohorts(plan_file.plan, panel, "murder")
    assert cohorts.skipped == 0 and "2005" in cohorts.periods
    assert any("2005 counts as before" in note for note in cohorts.notes)


def test_one_city_whose_series_ends_with_its_program_ends_the_window(tmp_path):
    text = ONE.replace('"Ash"', '"Holly"').replace("2012", "2007")
    text = text.replace('.csv"\n[window]', '.csv"\nends = "cut"\n[window]')
    root = project(tmp_path, text)
    evidence = run("cities", root)
    assert (evidence.data.first, evidence.data.last) == ("2000", "2005")
    headline = evidence.outcomes[0].headline.effect
    assert headline is not None and headline.path[-1].period == "2005"
    assert any(check.name == "who-is-in" for check in evidence.outcomes[0].checks)


def test_an_alternative_keeps_only_the_treated_it_names(tmp_path):
    text = EVERY + ALTERNATIVE + 'treated = ["Ash", "Jade"]\nunits = ["Control A", "Control C"]\n'
    plan_file, panel = read(tmp_path, text)
    plan = plan_file.plan
    found = cells(plan, panel, Change(plan.alternatives[0]))
    assert set(found) == {"Ash", "Jade", "Control A", "Control C"}


def test_an_alternative_may_leave_out_a_treated_unit_too(tmp_path):
    plan_file, panel = read(tmp_path, EVERY + ALTERNATIVE + 'leave_out = ["Ash", "Control A"]\n')
    plan = plan_file.plan
    found = cells(plan, panel, Change(plan.alternatives[0]))
    assert set(cells(plan, panel)) - set(found) == {"Ash", "Control A"}


def test_an_alternative_may_bring_the_whole_table_to_a_plan_without_one(tmp_path):
    plain = ONE.replace('[adoption]\ntable = "data/adoption.csv"\n', "").replace("2012", "2007")
    text = plain + ALTERNATIVE + 'adoption = { table = "data/adoption.csv" }\n'
    plan_file, panel = read(tmp_path, text)
    plan = plan_file.plan
    assert "Birch" in cells(plan, panel)
    # Kale begins after the window, to 2007, and is a control in it.
    assert set(cells(plan, panel, Change(plan.alternatives[0]))) == {"Ash", "Kale", *CONTROLS}


FAULTS = [
    # what is written, where the fault is, words of the message
    (
        EVERY.replace('"2004"', '"2005"'),
        "start",
        "the first of those treated starts, 2004",
    ),
    (
        ONE.replace('"2004"', '"2003"'),
        "start",
        "2003 is before the table of adoption has Ash",
    ),
    (ONE.replace('"Ash"', '"Dogwood"'), "unit", "not treated by the table of adoption: "),
    (ONE.replace('"Ash"', '"Control A"'), "unit", "searched, nothing found"),
    (
        ONE.replace('start = "2004"', 'start = "2004"\ntreatment = "on"'),
        "treatment",
        "the table of adoption says who is treated",
    ),
    (ONE + '[[sites]]\nunit = "Birch"\nstart = "2006"\n', "sites", "says who is treated"),
    (
        ONE + '[[contaminated]]\nunit = "Birch"\nwhy = "x"\n',
        "contaminated.unit",
        "has 'Birch' already",
    ),
    (EVERY + ALTERNATIVE + 'start = "2005"\n', "alternatives.start", "when each unit starts"),
    (EVERY + ALTERNATIVE + "adoption = {}\n", "alternatives.adoption", "changes nothing"),
    (
        EVERY + ALTERNATIVE + 'adoption = { adopters = "left out" }\n',
        "adopters",
        "names its unit",
    ),
    (EVERY + ALTERNATIVE + 'treated = ["Elm"]\n', "alternatives.treated", "not treated here"),
    (EVERY + ALTERNATIVE + 'treated = ["Ahs"]\n', "alternatives.treated", "Did you mean 'Ash'?"),
    (EVERY + ALTERNATIVE + 'units = ["Contrl A"]\n', "alternatives.units", "Did you mean"),
    (
        EVERY + ALTERNATIVE + 'units = ["Ash", "Control A"]\n',
        "alternatives.units",
        "'Ash' is treated, and cannot be a control",
    ),
    (
        EVERY + '[controls]\nunits = ["Birch", "Control A", "Control C"]\n',
        "controls.units",
        "'Birch' is treated, and cannot be a control",
    ),
    (EVERY + ALTERNATIVE + "treated = []\n", "alternatives.treated", "names no units"),
    (ONE + ALTERNATIVE + 'start = "2003"\n', "alternatives", "before the table of adoption"),
    (EVERY.replace('.csv"\n[window]', '.csv"\nwashout = 1\n[window]'), "adoption", "as written"),
    (EVERY.replace('.csv"\n[window]', '.csv"\nlevel = "cty"\n[window]'), "level", "'city'"),
    (EVERY.replace('.csv"\n[window]', '.csv"\nroles = []\n[window]'), "adoption", "one or more"),
    (EVERY.replace("adoption.csv", "adoptions.csv"), "adoption.table", "Did you mean"),
    (EVERY.replace('"missing"', '"mising"'), "window.gaps", "'missing'"),
    (EVERY.replace('gaps = "missing"\n', ""), "outcomes.column", "gaps"),
    (
        EVERY.replace('"poisson-imputation"', '"callaway-santanna"'),
        "model",
        "needs every period of every unit",
    ),
]


@pytest.mark.parametrize(("text", "where", "words"), FAULTS)
def test_a_fault_is_told_at_its_key_with_what_to_do(text, where, words, tmp_path):
    with pytest.raises(PlanError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)
    assert f"{where}: " in str(caught.value)
    assert "plan.toml:" in str(caught.value)


def test_a_fault_of_the_table_itself_is_told_at_its_line(tmp_path):
    root = project(tmp_path, EVERY)
    table = root / "data" / "adoption.csv"
    table.write_text(table.read_text().replace("2005-06", "2005-66"))
    with pytest.raises(DataError, match=r"data/adoption\.csv:3:\d+: first_month"):
        read_plan("cities", root)


def test_a_changed_table_of_adoption_is_a_changed_input(tmp_path):
    root = project(tmp_path, EVERY)
    before = inputs_of("cities", root)
    assert {"data/cities.csv", "data/adoption.csv"} == set(before.tables)
    assert "data/adoption.dataset.toml" in before.descriptions
    table = root / "data" / "adoption.csv"
    table.write_text(table.read_text().replace("2008-01", "2009-01"))
    after = inputs_of("cities", root)
    assert before.tables["data/adoption.csv"] != after.tables["data/adoption.csv"]
    assert before.tables["data/cities.csv"] == after.tables["data/cities.csv"]


def test_the_plan_tells_before_freezing_who_is_in_and_who_is_out(tmp_path):
    plan_file, panel = read(tmp_path, EVERY)
    said = "\n".join(plan_words(plan_file.plan, panel))
    assert "is read from data/adoption.csv; of its programs the certain ones count" in said
    assert "Cedar, from 2006, known to the year" in said
    assert "Unread (the table of adoption has no row of it)" in said
    assert "Controls: 16 units." in said
    assert "periods that were not reported are missing, and their units stay" in said


def test_units_that_the_plan_does_not_name_as_controls_are_told_apart(tmp_path):
    text = EVERY + '[controls]\nunits = ["Control A", "Control B", "Control C", "Elm"]\n'
    plan_file, panel = read(tmp_path, text)
    said = "\n".join(plan_words(plan_file.plan, panel))
    assert "Not among the controls that the plan names: Control D; Control E" in said
    assert "Controls: 3 units." in said
    # A control that is named and had a program is left out by name.
    assert "Elm (Call-ins, 2006-01 (for a part of the city; narrower than what counts here)" in said


def test_the_committed_table_treats_whom_its_page_names(tmp_path):
    for name in ("adoption.csv", "adoption.dataset.toml", "cities_ucr.csv"):
        (tmp_path / "data").mkdir(exist_ok=True)
        shutil.copy(PROJECT / "data/public" / name, tmp_path / "data" / name)
    shutil.copy(PROJECT / "data/public/cities_ucr.dataset.toml", tmp_path / "data")
    (tmp_path / "analyses" / "x").mkdir(parents=True)
    text = EVERY.replace("data/cities.csv", "data/cities_ucr.csv").replace("murder", "homicide")
    text = text.replace("2004", "1996").replace("[window]", '[window]\nfirst = "1995"')
    (tmp_path / "analyses/x/plan.toml").write_text(text)
    plan_file = read_plan("x", tmp_path)
    panel = check_data_of(plan_file, tmp_path)
    assert panel is not None
    who = planned_who(plan_file.plan, panel, "homicide")
    # public_data.md: cities whose program for the city began after 1995 and by 2019.
    assert [one.unit for one in who.standings if one.what == "treated"] == [
        "Boston",
        "Cincinnati",
        "Indianapolis",
        "Jacksonville, Fla.",
        "Kansas City, Mo.",
        "Minneapolis",
        "New Orleans",
        "Oakland, Calif.",
        "Pittsburgh",
    ]
    assert who.of("Detroit").what == "left out" and "part of the city" in who.of("Detroit").why
    assert who.of("Memphis, Tenn.").what == "left out"
    # A program that begins after the window leaves its city a control.
    assert who.of("Dallas").what == "control" and "after the window" in who.of("Dallas").why
    assert len(who.standings) == len(read_panel(tmp_path / "data/cities_ucr.csv").units)
