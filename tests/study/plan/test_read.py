"""A plan is read strictly, and every fault is told at its line and column."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from evaluation.data.panel import Column, Panel, Provenance
from evaluation.data.period import Frequency, holding, text
from evaluation.errors import PlanError
from evaluation.its.series import Specification
from evaluation.study.plan.its import written_periods
from evaluation.study.plan.read import PlanFile, check_against_data, read_plan
from evaluation.study.plan.tables import TermsIts

HEAD = """\
question = "Did it help?"
goal = 1
data = "data/city.csv"
unit = "City"
design = "its"
model = "averaged-reml"
"""
OUTCOME = """\
[[outcomes]]
column = "deaths"
better = "lower"
worthwhile = 10
"""
START = """\
[intervention]
name = "Ceasefire"
start = "2012-10"
"""
WHOLE = HEAD + OUTCOME + START  # 13 lines
PERIODS = '[specification]\nseason = "periods"\n'
SECOND = '[[outcomes]]\ncolumn = "injuries"\nbetter = "lower"\n'


def written(root: Path, content: str | bytes) -> Path:
    """A project with this plan as analyses/city/plan.toml, and an empty data file."""
    (root / "analyses" / "city").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "data" / "city.csv").write_text("", encoding="utf-8")
    data = content if isinstance(content, bytes) else content.encode()
    (root / "analyses" / "city" / "plan.toml").write_bytes(data)
    return root


def read(root: Path, content: str | bytes) -> PlanFile:
    return read_plan("city", written(root, content))


def panel(
    *,
    type_: str = "count",
    periods: int = 96,
    covered: tuple[int, int] | None = None,
    frequency: Frequency = "month",
) -> Panel:
    """City and Town by month, January 2008 to December 2015; by week or day from 2012 on."""
    first = 2008 * 12 if frequency == "month" else holding(date(2012, 1, 2), frequency)
    periods = periods if frequency == "month" else 400
    covered = covered or (0, periods)
    shape = (2, periods)
    deaths = np.full(shape, 5.0)
    deaths[0, : covered[0]] = deaths[0, covered[1] :] = np.nan
    return Panel(
        units=("City", "Town"),
        periods=tuple(text(first + index, frequency) for index in range(periods)),
        frequency=frequency,
        values={
            "deaths": deaths,
            "injuries": np.full(shape, 20.0),
            "jobless": np.full(shape, 6.5),
            "residents": np.full(shape, 1e5),
        },
        columns=(
            Column("city", "unit", "text", "", "city"),
            Column("month", "period", "period", "", "month"),
            Column("deaths", "outcome", type_, "victims a month", "deaths"),  # type: ignore[arg-type]
            Column("injuries", "outcome", "count", "victims a month", "injuries"),
            Column("jobless", "covariate", "number", "percent", "jobless"),
            Column("residents", "exposure", "count", "residents", "residents"),
        ),
        recording_changes=(),
        provenance=Provenance(
            "City", "data/city.csv", "0", "data/city.dataset.toml", "0", 192, "", "", "synthetic"
        ),
    )


MALFORMED = [
    # what is written, where the fault is, words of the message
    (HEAD.replace("question", "quesstion") + OUTCOME + START, ":1:1: ", "Did you mean 'question'?"),
    (WHOLE.replace('question = "Did it help?"\n', ""), ": ", "question: is missing"),
    (WHOLE.replace('"Did it help?"', '"  "'), ":1:1: ", "question: must not be empty"),
    (WHOLE.replace("Did it", r"Did\u0007 it"), ":1:1: ", "U+0007"),
    (WHOLE.replace("goal = 1", "goal = 4"), ":2:1: ", "goal: 4 is not known"),
    (WHOLE.replace("goal = 1", 'goal = "1"'), ":2:1: ", "goal: '1' is not known"),
    (WHOLE.replace("data/city.csv", "/etc/passwd"), ":3:1: ", "inside the project"),
    (WHOLE.replace("data/city.csv", "data/../../x.csv"), ":3:1: ", "inside the project"),
    (WHOLE.replace("data/city.csv", r"data\\city.csv"), ":3:1: ", "forward slashes"),
    (WHOLE.replace("data/city.csv", "data/citi.csv"), ":3:1: ", "Did you mean 'data/city.csv'?"),
    (WHOLE.replace('unit = "City"', "unit = 7"), ":4:1: ", "unit: must be text in quotes"),
    (WHOLE.replace('unit = "City"\n', ""), ": ", "name the place in the data"),
    (WHOLE.replace('"its"', '"did"'), ":6:1: ", "'averaged-reml' is a method of design"),
    (WHOLE.replace('"averaged-reml"', '"twfe"'), ":6:1: ", "'twfe' is a method of design"),
    (WHOLE.replace('"its"', '"itss"'), ":5:1: ", "Did you mean 'its'?"),
    (
        WHOLE.replace("averaged-reml", "averged-reml"),
        ":6:1: ",
        "model: 'averged-reml' is not known. Did you mean 'averaged-reml'?",
    ),
    (HEAD + 'frozen = "2026-11-24"\n' + OUTCOME + START, ":7:1: ", "frozen: must be a date"),
    (HEAD + "margin = nan\n" + OUTCOME + START, ":7:1: ", "margin: must be a finite number"),
    (HEAD + "margin = -5\n" + OUTCOME + START, ":7:1: ", "greater than 0"),
    (HEAD + "margin = 20\n" + OUTCOME + START, ":7:1: ", "smallest effect worth having"),
    (HEAD + "outcomes = []\n" + START, ":7:1: ", "outcomes: must not be empty"),
    (HEAD + OUTCOME.replace("[[outcomes]]", "[outcomes]") + START, ":7:1: ", "double brackets"),
    (HEAD + "[[outcomes]]\n" + START, ":7:1: ", "outcomes.column: is missing"),
    (WHOLE.replace('"lower"', '"down"'), ":9:1: ", "better: 'down' is not known"),
    (WHOLE.replace("worthwhile = 10", "worthwhile = -10"), ":10:1: ", "greater than 0"),
    (WHOLE.replace("worthwhile = 10", "  worthwhile = 130"), ":10:3: ", "more than 100"),
    (WHOLE.replace("worthwhile = 10", "primary = false"), ":7:1: ", "primary = true"),
    (HEAD + OUTCOME + SECOND + START, ":7:1: ", "no outcome is the primary one"),
    (
        HEAD + OUTCOME + "primary = true\n" + SECOND + "primary = true\n" + START,
        ":15:1: ",
        "one primary outcome",
    ),
    (HEAD + OUTCOME + "primary = true\n" + OUTCOME + START, ":13:1: ", "planned twice"),
    (WHOLE.replace('"2012-10"', '"2012-13"'), ":13:1: ", "it must be 1 to 12"),
    (WHOLE.replace('"2012-10"', '"Oct 2012"'), ":13:1: ", "write it like '2012-10'"),
    (WHOLE.replace('"2012-10"', "2012"), ":13:1: ", "in quotes"),
    (WHOLE.replace('"2012-10"', "2012-10"), ":13:", "not valid TOML"),
    (WHOLE + "phase_in = 1.5\n", ":14:1: ", "phase_in: must be a whole number"),
    (WHOLE + "phase_in = -1\n", ":14:1: ", "greater than or equal to 0"),
    (WHOLE + 'end = "2012-01"\n', ":14:1: ", "before the start"),
    (WHOLE + 'end = "2014-Q1"\n', ":14:1: ", "is a quarter, but the start is a month"),
    (WHOLE + '[window]\nfirst = "2014-01"\nlast = "2013-01"\n', ":16:1: ", "after the first"),
    (WHOLE + '[window]\nfrist = "2014-01"\n', ":15:1: ", "Did you mean 'first'?"),
    (WHOLE + '[specification]\ntrend = "linaer"\n', ":15:1: ", "Did you mean 'linear'?"),
    (WHOLE + "[specification]\nharmonics = 7\n", ":15:1: ", "less than or equal to 6"),
    (WHOLE + '[specification]\noffset = "yes"\n', ":15:1: ", "must be true or false"),
    (WHOLE + '[specification]\ncovariates = "x"\n', ":15:1: ", "must be a list"),
    (WHOLE + '[specification]\nseasonallity = "none"\n', ":15:1: ", "Did you mean 'season'?"),
    (WHOLE + '[[alternatives]]\nlabel = "Same"\n', ":14:1: ", "changes nothing"),
    (
        WHOLE + '[[alternatives]]\nlabel = "Same"\nassumes = "nothing else"\n',
        ":14:1: ",
        "changes nothing",
    ),
    (WHOLE + '[[alternatives]]\ntrend = "none"\n', ":14:1: ", "label: is missing"),
    (
        WHOLE + '[[alternatives]]\nlabel = "A"\ntrend = "none"\n' * 2,
        ":18:1: ",
        "labels an earlier alternative",
    ),
    (
        WHOLE + '[[alternatives]]\nlabel = "A"\nmodel = "poison"\n',
        ":16:1: ",
        "alternatives.model: 'poison' is not known. Did you mean 'poisson'?",
    ),
    (WHOLE + '[[events]]\ndate = "2014-02-30"\nwhat = "x"\n', ":15:1: ", "not a day of the cal"),
    (WHOLE + '[[events]]\ndate = "spring"\nwhat = "x"\n', ":15:1: ", "is not a period"),
    (WHOLE + '[[events]]\ndate = "2014-02"\n', ":14:1: ", "events.what: is missing"),
    (WHOLE + "[[events]\n", ":14:", "not valid TOML"),
    (HEAD + HEAD, ":7:", "not valid TOML"),
    (WHOLE.replace("it help", "it h\xe9lp").encode("latin-1"), ":1: ", "UTF-8"),
    ("", ": ", "question: is missing"),
]


@pytest.mark.parametrize(("content", "place", "words"), MALFORMED)
def test_malformed_plan_is_refused_with_its_place(
    tmp_path: Path, content: str | bytes, place: str, words: str
) -> None:
    with pytest.raises(PlanError) as caught:
        read(tmp_path, content)
    lines = [line for line in str(caught.value).splitlines() if words.lower() in line.lower()]
    assert lines, str(caught.value)
    assert lines[0].startswith(f"analyses/city/plan.toml{place}"), lines[0]
    assert caught.value.exit_code == 2
    assert str(tmp_path) not in str(caught.value)


AGAINST_DATA = [
    (
        WHOLE.replace('"deaths"', '"deths"'),
        ":8:1: ",
        "outcomes.column: no column 'deths'",
        "deaths",
    ),
    (WHOLE.replace('"deaths"', '"jobless"'), ":8:1: ", "has the role covariate", "deaths"),
    (WHOLE.replace('"City"', '"Ctiy"'), ":4:1: ", "no unit 'Ctiy'", "'City'?"),
    (WHOLE.replace('"2012-10"', '"2012-Q4"'), ":13:1: ", "is a quarter", "month"),
    (WHOLE.replace('"2012-10"', '"2017-10"'), ":13:1: ", "outside the window", "2015-12"),
    (WHOLE.replace('"2012-10"', '"2008-12"'), ":13:1: ", "11 months before the start", "12"),
    (WHOLE.replace('"2012-10"', '"2015-02"'), ":13:1: ", "11 months of effect", "12"),
    (WHOLE + "washout = 28\n", ":14:1: ", "11 months of effect", "12"),
    (WHOLE + "phase_in = 40\n", ":14:1: ", "no month with the full effect", "40"),
    (WHOLE + '[window]\nfirst = "2007-01"\n', ":15:1: ", "outside the data", "2008-01 to 2015-12"),
    (WHOLE + '[window]\nlast = "2016-01"\n', ":15:1: ", "outside the data", "2008-01 to 2015-12"),
    (
        WHOLE + 'end = "2014-12"\n[window]\nlast = "2015-06"\n',
        ":14:1: ",
        "goes on after it",
        "2015-06",
    ),
    (
        WHOLE + '[specification]\ncovariates = ["joblss"]\n',
        ":15:1: ",
        "no covariate 'joblss'",
        "'jobless'?",
    ),
    (
        WHOLE + '[[alternatives]]\nlabel = "Late"\nwashout = 30\n',
        ":16:1: ",
        "alternatives.washout",
        "9 months of effect",
    ),
]


@pytest.mark.parametrize(("content", "place", "words", "hint"), AGAINST_DATA)
def test_plan_the_data_cannot_answer_is_refused_with_its_place(
    tmp_path: Path, content: str, place: str, words: str, hint: str
) -> None:
    plan_file = read(tmp_path, content)
    with pytest.raises(PlanError) as caught:
        check_against_data(plan_file.plan, panel(), plan_file.located)
    lines = [line for line in str(caught.value).splitlines() if words in line]
    assert lines, str(caught.value)
    assert lines[0].startswith(f"analyses/city/plan.toml{place}"), lines[0]
    assert hint in lines[0]
    assert caught.value.exit_code == 2


def test_count_method_on_a_number_is_refused(tmp_path: Path) -> None:
    plan_file = read(tmp_path, WHOLE)
    with pytest.raises(PlanError, match=r":6:1: model: 'averaged-reml' is not for deaths"):
        check_against_data(plan_file.plan, panel(type_="number"), plan_file.located)


def test_unplanned_method_follows_the_kind_of_outcome(tmp_path: Path) -> None:
    plan = read(tmp_path, WHOLE.replace('model = "averaged-reml"\n', "")).plan
    assert plan.method("count") == "learned"
    assert plan.method("continuous") == "linear-reml-ar1"


def test_window_outside_the_coverage_of_the_unit_is_refused(tmp_path: Path) -> None:
    plan_file = read(tmp_path, WHOLE + '[window]\nfirst = "2008-01"\n')
    with pytest.raises(PlanError, match=r":15:1: window\.first: .*2008-04 to 2015-12"):
        check_against_data(plan_file.plan, panel(covered=(3, 96)), plan_file.located)


def test_yearly_data_have_no_season(tmp_path: Path) -> None:
    content = WHOLE.replace('"2012-10"', '"1990"')
    plan_file = read(tmp_path, content + '[specification]\nseason = "fourier"\n')
    years = tuple(str(year) for year in range(1960, 2020))
    values = {"deaths": np.full((2, 60), 5.0)}
    yearly = replace(panel(), frequency="year", periods=years, values=values)
    with pytest.raises(PlanError, match=r":15:1: specification\.season: .*no season") as caught:
        check_against_data(plan_file.plan, yearly, plan_file.located)
    assert len(caught.value.faults) == 1


def test_third_wave_of_quarterly_data_is_refused(tmp_path: Path) -> None:
    content = WHOLE.replace('"2012-10"', '"2012-Q4"')
    plan_file = read(tmp_path, content + "[specification]\nharmonics = 3\n")
    quarters = tuple(text(2000 * 4 + index, "quarter") for index in range(80))
    values = {"deaths": np.full((2, 80), 5.0)}
    quarterly = replace(panel(), frequency="quarter", periods=quarters, values=values)
    with pytest.raises(PlanError, match=r":15:1: specification\.harmonics: 3 is too many"):
        check_against_data(plan_file.plan, quarterly, plan_file.located)


def test_window_may_outlast_an_effect_whose_fade_is_described(tmp_path: Path) -> None:
    end = 'end = "2014-12"\nfade = "Half as large each year."\n'
    plan_file = read(tmp_path, WHOLE + end + '[window]\nlast = "2015-06"\n')
    check_against_data(plan_file.plan, panel(), plan_file.located)
    assert plan_file.plan.intervention.fade == "Half as large each year."


def test_good_plan_with_twelve_months_on_each_side_is_accepted(tmp_path: Path) -> None:
    window = '[window]\nfirst = "2011-10"\nlast = "2013-09"\n'
    plan_file = read(tmp_path, WHOLE + window)
    check_against_data(plan_file.plan, panel(), plan_file.located)
    assert plan_file.plan.window.first == "2011-10"


def test_all_faults_are_told_in_one_pass_in_the_order_of_the_file(tmp_path: Path) -> None:
    content = WHOLE.replace("goal = 1", "goal = 9").replace("lower", "lwer").replace("its", "x")
    with pytest.raises(PlanError) as caught:
        read(tmp_path, content)
    assert [fault.line for fault in caught.value.faults] == [2, 5, 9]


def test_all_faults_against_the_data_are_told_in_one_pass(tmp_path: Path) -> None:
    content = WHOLE.replace('"deaths"', '"deths"').replace('"City"', '"Cty"')
    plan_file = read(tmp_path, content + '[specification]\ncovariates = ["none"]\n')
    with pytest.raises(PlanError) as caught:
        check_against_data(plan_file.plan, panel(), plan_file.located)
    assert [fault.line for fault in caught.value.faults] == [4, 8, 15]


def test_single_outcome_is_the_primary_one(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE).plan.outcomes[0].primary


def test_title_is_the_question_when_none_is_given(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE).plan.title == "Did it help?"


def test_given_title_is_kept(tmp_path: Path) -> None:
    assert read(tmp_path, 'title = "Short"\n' + WHOLE).plan.title == "Short"


def read_by(root: Path, frequency: Frequency, content: str) -> PlanFile:
    """A plan for a table whose description says this frequency."""
    written(root, content)
    (root / "data/city.dataset.toml").write_text(f'frequency = "{frequency}"\n', encoding="utf-8")
    return read_plan("city", root)


@pytest.mark.parametrize("start", ['"2012-10-18"', '"2012-10-01"', "2012-10-01"])
def test_a_day_is_a_start_where_the_data_are_by_day(tmp_path: Path, start: str) -> None:
    plan_file = read_by(tmp_path, "day", WHOLE.replace('"2012-10"', start))
    assert plan_file.plan.intervention.start == start.strip('"')
    check_against_data(plan_file.plan, panel(frequency="day"), plan_file.located)


DATED = (
    WHOLE.replace('"2012-10"', '"{0}-10-01"\nend = 2016-10-01')
    + '[window]\nfirst = 2008-01-01\nlast = "2016-10-01"\n[[alternatives]]\nlabel = "Later"\n'
    "start = 2013-01-01\n[curve]\nstart = [2012-10-01, 2013-04-01]\n"
)


@pytest.mark.parametrize(
    ("frequency", "shown"),
    [
        ("month", ["2012-10", "2016-10", "2008-01", "2016-10", "2013-01", "2012-10", "2013-04"]),
        ("quarter", ["2012-Q4", "2016-Q4", "2008-Q1", "2016-Q4", "2013-Q1", "2012-Q4", "2013-Q2"]),
        ("day", ["2012-10-01", "2016-10-01", "2008-01-01", "2016-10-01", "2013-01-01",
                 "2012-10-01", "2013-04-01"]),
    ],
)  # fmt: skip
def test_the_date_on_which_a_period_begins_is_that_period(
    tmp_path: Path, frequency: Frequency, shown: list[str]
) -> None:
    plan = read_by(tmp_path, frequency, DATED.format("2012")).plan
    assert [text for _, text in written_periods(plan)] == shown


def test_the_date_on_which_a_week_begins_is_that_week(tmp_path: Path) -> None:
    plan_file = read_by(tmp_path, "week", WHOLE.replace("2012-10", "2012-10-15"))
    assert plan_file.plan.intervention.start == "2012-W42"
    check_against_data(plan_file.plan, panel(frequency="week"), plan_file.located)


@pytest.mark.parametrize(
    ("frequency", "start", "words"),
    [
        ("month", "2012-10-18", "inside a month; write '2012-10' for the month that holds it, or "
         "'2012-11' for the first that begins after it"),
        ("quarter", "2012-11-01", "inside a quarter; write '2012-Q4'"),
        ("year", "2012-10-01", "inside a year; write '2012'"),
        ("month", "2012-10-32", "'2012-10-32' is not a day of the calendar"),
    ],
)  # fmt: skip
def test_a_date_inside_a_period_is_refused_with_the_two_that_may_be_meant(
    tmp_path: Path, frequency: Frequency, start: str, words: str
) -> None:
    with pytest.raises(PlanError, match=f"plan.toml:13:1: intervention.start: .*{words}"):
        read_by(tmp_path, frequency, WHOLE.replace("2012-10", start))


def test_the_date_of_a_week_that_begins_on_another_day_is_refused(tmp_path: Path) -> None:
    plan_file = read_by(tmp_path, "week", WHOLE.replace("2012-10", "2012-10-18"))
    with pytest.raises(PlanError, match="its first day, 2012-10-18, is in 2012-W42"):
        check_against_data(plan_file.plan, panel(frequency="week"), plan_file.located)


@pytest.mark.parametrize(
    ("start", "frequency", "words"),
    [
        ("2012-W40", "month", "'2012-W40' is a week, but the frequency is month"),
        ("2012-10", "week", "'2012-10' is a month, but the frequency is week"),
        ("2012-10", "day", "'2012-10' is a month, but the frequency is day"),
        ("2012-W40", "day", "'2012-W40' is a week, but the frequency is day"),
        ("2012-10-18", "week", "is a day, but the frequency is week; write it like 2012-W42-4"),
        ("2012-W42-4", "week", "a week from a Thursday, but weeks begin on a Monday here"),
    ],
)
def test_a_plan_by_another_period_than_its_table_is_refused(
    tmp_path: Path, start: str, frequency: Frequency, words: str
) -> None:
    plan_file = read(tmp_path, WHOLE.replace("2012-10", start))
    with pytest.raises(PlanError) as caught:
        check_against_data(plan_file.plan, panel(frequency=frequency), plan_file.located)
    assert words in str(caught.value)
    assert "plan.toml:13:" in str(caught.value)


def test_a_plan_of_weeks_takes_them_but_no_term_for_each(tmp_path: Path) -> None:
    plan_file = read(tmp_path, WHOLE.replace("2012-10", "2012-W40"))
    assert plan_file.plan.default("count") == "averaged-reml-wide"
    check_against_data(plan_file.plan, panel(frequency="week"), plan_file.located)
    each = read(tmp_path / "x", WHOLE.replace("2012-10", "2012-W40") + PERIODS)
    with pytest.raises(PlanError, match="a term for each week of the year is too many"):
        check_against_data(each.plan, panel(frequency="week"), each.located)


def test_weeks_and_months_in_one_plan_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="'2015-W40' is a week, but the start is a month"):
        read(tmp_path, WHOLE + '[window]\nlast = "2015-W40"\n')


def test_text_over_several_lines_becomes_one_line(tmp_path: Path) -> None:
    plan = read(tmp_path, 'notes = """\nFirst.\n  Second."""\n' + WHOLE).plan
    assert plan.notes == "First. Second."


def test_plan_cannot_be_changed_after_reading(tmp_path: Path) -> None:
    plan = read(tmp_path, WHOLE).plan
    with pytest.raises(ValidationError, match="frozen"):
        plan.goal = 2  # type: ignore[misc]


def test_a_covariate_that_is_named_twice_is_refused_where_it_stands(tmp_path: Path) -> None:
    twice = WHOLE + '[specification]\ncovariates = ["jobless", "jobless"]\n'
    with pytest.raises(PlanError, match=r":15:1: .*'jobless' is named twice"):
        read(tmp_path, twice)


def test_specification_takes_terms_and_settling_from_the_plan(tmp_path: Path) -> None:
    extra = 'phase_in = 3\nwashout = 1\n[specification]\ntrend = "none"\ncovariates = ["jobless"]\n'
    plan = read(tmp_path, WHOLE + extra).plan
    expected = Specification(
        trend="none", phase_in=3, washout=1, covariates=("jobless",), offset=None
    )
    assert plan.specification() == expected


def test_alternative_differs_from_the_headline_only_where_it_says(tmp_path: Path) -> None:
    extra = 'phase_in = 3\n[[alternatives]]\nlabel = "A"\nphase_in = 0\nseason = "none"\n'
    plan = read(tmp_path, WHOLE + extra).plan
    expected = replace(plan.specification(), phase_in=0, season="none")
    assert plan.alternative_specification(plan.alternatives[0]) == expected
    assert plan.alternative_method(plan.alternatives[0], "count") == "averaged-reml"


def test_terms_are_those_the_estimators_know_with_the_same_defaults() -> None:
    known = {field.name: field.default for field in fields(Specification)}
    del known["phase_in"], known["washout"], known["half_life"]
    # The plan leaves it to the kind of outcome, which it does not know.
    assert TermsIts().model_dump() == {**known, "offset": None}


def test_byte_order_mark_and_crlf_are_accepted_and_hashed_as_they_are(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode()
    plan_file = read(tmp_path, content)
    assert plan_file.plan.goal == 1
    assert plan_file.text.encode() == content


@pytest.mark.parametrize("slug", ["../city", "City", "", "a/b", "-a", "a" * 65, "city\n", "."])
def test_slug_that_could_leave_the_folder_is_refused(tmp_path: Path, slug: str) -> None:
    written(tmp_path, WHOLE)
    with pytest.raises(PlanError, match="cannot name an analysis"):
        read_plan(slug, tmp_path)


def test_unknown_analysis_is_answered_with_the_nearest(tmp_path: Path) -> None:
    written(tmp_path, WHOLE)
    with pytest.raises(PlanError, match=r"no such analysis\. Did you mean 'city'\?"):
        read_plan("ctiy", tmp_path)


def test_folder_without_a_plan_is_said_to_have_none(tmp_path: Path) -> None:
    (tmp_path / "analyses" / "city").mkdir(parents=True)
    with pytest.raises(PlanError, match=r"analyses/city/plan\.toml: no such file"):
        read_plan("city", tmp_path)


def test_data_reached_through_a_link_out_of_the_project_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("")
    root = written(tmp_path / "project", WHOLE.replace("city.csv", "link.csv"))
    (root / "data" / "link.csv").symlink_to(outside)
    with pytest.raises(PlanError, match=r":3:1: data: .* leads out of the project"):
        read_plan("city", root)
