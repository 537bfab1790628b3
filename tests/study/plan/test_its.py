"""Controls, sites, dose and later phases in a plan: every fault at its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_city import PLAN, project, read

from evaluation.errors import PlanError
from evaluation.its import METHODS
from evaluation.study.plan.read import read_plan

WHOLE = PLAN.replace("[specification]\nharmonics = 1\n", "")  # 12 lines
CONTROLS = '[controls]\nunits = ["Fresno", "Modesto"]\n'
SITE = '[[sites]]\nunit = "Stockton"\nstart = "2013-01"\n'
LATER = '[[later]]\nname = "Dilution"\nstart = "2014-01"\n'
DOSE = 'dose = "call_ins"\n'
OTHER = '[[alternatives]]\nlabel = "Other"\n'
THEFT = '[[unaffected]]\ncolumn = "theft"\nwhy = "Not about guns"\n'
SLOPE = '[specification]\neffect = "slope"\n'


MALFORMED = [
    # what is written, where the fault is, words of the message
    (WHOLE + "[controls]\n", ":13:1: ", "controls: names nothing to compare with"),
    (WHOLE + "[controls]\nunits = []\n", ":13:1: ", "names nothing to compare with"),
    (WHOLE + '[controls]\nunits = "Fresno"\n', ":14:1: ", "must be a list"),
    (WHOLE + '[[controls]]\nunits = ["Fresno"]\n', ":13:1: ", "must be a table"),
    (WHOLE + '[controls]\nunit = ["Fresno"]\n', ":14:1: ", "Did you mean 'units'?"),
    (WHOLE + CONTROLS + 'outcome = "theft"\n', ":15:1: ", "units are named too"),
    (WHOLE + CONTROLS.replace("Fresno", "Oakland"), ":14:1: ", "cannot be its own control"),
    (WHOLE + CONTROLS.replace("Fresno", "Modesto"), ":14:1: ", "'Modesto' is named twice"),
    (WHOLE + '[controls]\noutcome = "gun"\n', ":14:1: ", "an outcome cannot be its own control"),
    (WHOLE + CONTROLS + "weights = [1]\n", ":15:1: ", "1 for 2 units; write one for each"),
    (WHOLE + CONTROLS + "weights = [1, -2]\n", ":15:1: ", "greater than 0"),
    (WHOLE + CONTROLS + "weights = [1, 2]\npooled = false\n", ":15:1: ", "that are pooled"),
    (WHOLE + '[controls]\nunits = ["Fresno"]\nweights = [2]\n', ":15:1: ", "several units"),
    (WHOLE + CONTROLS + 'pooled = "no"\n', ":15:1: ", "must be true or false"),
    (WHOLE + '[controls]\noutcome = "theft"\npooled = true\n', ":15:1: ", "is for units"),
    (WHOLE + CONTROLS + SITE, ":13:1: ", "drop [controls] or [[sites]]"),
    (
        WHOLE + CONTROLS + '[specification]\ncovariates = ["jobless"]\n',
        ":16:1: ",
        "write pooled = false in [controls]",
    ),
    (WHOLE + "[sites]\n", ":13:1: ", "double brackets"),
    (WHOLE + '[[sites]]\nunit = "Stockton"\n', ":13:1: ", "sites.start: is missing"),
    (WHOLE + SITE.replace("Stockton", "Oakland"), ":14:1: ", "is the unit of the plan already"),
    (WHOLE + SITE + SITE, ":17:1: ", "'Stockton' is named twice"),
    (WHOLE + SITE.replace("2013-01", "2013-Q1"), ":15:1: ", "is a quarter, but the start is a mon"),
    (WHOLE + SITE + OTHER + 'start = "2012-02"\n', ":18:1: ", "a start of its own"),
    (WHOLE + LATER.replace("2014-01", "2012-01"), ":15:1: ", "must be after 2012-01"),
    (
        WHOLE + "phase_in = 3\n" + LATER.replace("2014-01", "2012-04"),
        ":16:1: ",
        "must be after 2012-04, when the effect of the program is whole",
    ),
    (
        WHOLE + LATER + '[[later]]\nname = "Relaunch"\nstart = "2013-01"\n',
        ":18:1: ",
        "must be after 2014-01, when Dilution began",
    ),
    (
        WHOLE + LATER + LATER.replace("2014", "2015"),
        ":17:1: ",
        "later.name: 'Dilution' names an earlier change too",
    ),
    (WHOLE + LATER + "half_life = 0\n", ":16:1: ", "greater than 0"),
    (WHOLE + LATER + "washout = 3\n", ":16:1: ", "is not known here"),
    (WHOLE + LATER.replace("2014-01", "2014"), ":15:1: ", "is a year, but the start is a month"),
    (WHOLE + DOSE + CONTROLS, ":13:1: ", "drop it, or [controls]"),
    (WHOLE + DOSE + SITE, ":13:1: ", "drop it, or [[sites]]"),
    (WHOLE + DOSE + "half_life = 6\n", ":14:1: ", "no half-life"),
    (WHOLE + DOSE + "phase_in = 6\n", ":14:1: ", "no phase-in"),
    (WHOLE + DOSE + '[specification]\neffect = "level+slope"\n', ":15:1: ", "no slope"),
    (WHOLE + DOSE + OTHER + 'effect = "level+slope"\n', ":16:1: ", "alternatives.effect: "),
    (WHOLE + DOSE + OTHER + 'start = "2012-02"\n', ":16:1: ", "says by itself when it began"),
    (
        WHOLE + DOSE + '[specification]\ncovariates = ["call_ins"]\n',
        ":15:1: ",
        "is the dose already",
    ),
    (WHOLE + DOSE + "[curve]\nphase_in = [0, 2]\n", ":15:1: ", "no phase-in"),
    (WHOLE + "phase_in = 3\n" + SLOPE, ":13:1: ", "no level that could come in steps"),
    (WHOLE + "half_life = 3\n" + SLOPE, ":13:1: ", "no level that could come in steps"),
    (WHOLE + LATER + "phase_in = 3\n" + SLOPE, ":16:1: ", "no level that could come in steps"),
    (
        WHOLE + "phase_in = 3\n" + OTHER + 'effect = "slope"\n',
        ":16:1: ",
        "no level that could come in steps",
    ),
    (
        WHOLE + '[curve]\neffect = ["level", "slope"]\nphase_in = [0, 2]\n',
        ":14:1: ",
        "no level that could come in steps",
    ),
    (WHOLE + OTHER + "controls = false\n", ":15:1: ", "has no [controls] to leave out"),
    (WHOLE + CONTROLS + OTHER + "controls = true\n", ":17:1: ", "write false"),
    (WHOLE + OTHER + "options = { lag = [{}] }\n", ":15:", "or a list of these"),
    (WHOLE + "[options]\nlag = 2012-01-01\n", ":14:1: ", "must be a number, text"),
    (WHOLE + "[options]\nlag = inf\n", ":14:1: ", "must be a finite number"),
    (WHOLE + THEFT.replace("theft", "gun"), ":14:1: ", "is a planned outcome"),
    (WHOLE + THEFT + THEFT, ":17:1: ", "'theft' is named twice"),
    (WHOLE + '[[unaffected]]\ncolumn = "theft"\n', ":13:1: ", "unaffected.why: is missing"),
    (WHOLE + '[controls]\noutcome = "theft"\n' + THEFT, ":16:1: ", "is the control"),
    (WHOLE + '[[events]]\ndate = "2014-02"\nwhat = "x"\nperiods = 0\n', ":16:1: ", "or equal to 1"),
    (
        WHOLE + '[[events]]\ndate = "2014-Q1"\nwhat = "x"\nperiods = 1\n',
        ":14:1: ",
        "is a quarter, but the start is a month",
    ),
    (
        WHOLE + '[[events]]\ndate = "2014-02"\nwhat = "x"\nperiods = 1\n' * 2,
        ":20:1: ",
        "only one of them can",
    ),
    (WHOLE + '[curve]\ntrend = ["lineer"]\n', ":14:1: ", "Did you mean 'linear'?"),
    (WHOLE + '[curve]\nmethods = ["poison"]\n', ":14:1: ", "Did you mean 'poisson'?"),
    (WHOLE + '[curve]\nstart = ["2012-Q1"]\n', ":14:1: ", "is a quarter, but the start is a month"),
    (WHOLE + "[curve]\nharmonics = [1, 1]\n", ":14:1: ", "'1' is named twice"),
    (WHOLE + "[curve]\ncontrols = [true, false]\n", ":14:1: ", "has no [controls]"),
    (
        WHOLE
        + "[curve]\nphase_in = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
        + "washout = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\nharmonics = [1, 2, 3, 4, 5, 6]\n"
        + 'trend = ["linear", "quadratic", "none"]\nseason = ["fourier", "periods"]\n',
        ":13:1: ",
        "crosses to 3600 specifications; at most 2000",
    ),
]


@pytest.mark.parametrize(("content", "place", "words"), MALFORMED)
def test_design_that_does_not_fit_together_is_refused_with_its_place(
    tmp_path: Path, content: str, place: str, words: str
) -> None:
    with pytest.raises(PlanError) as caught:
        read_plan("city", project(tmp_path, content))
    lines = [line for line in str(caught.value).splitlines() if words.lower() in line.lower()]
    assert lines, str(caught.value)
    assert lines[0].startswith(f"analyses/city/plan.toml{place}"), lines[0]
    assert caught.value.exit_code == 2


AGAINST_DATA = [
    (WHOLE + CONTROLS.replace("Fresno", "Frensno"), ":14:1: ", "Did you mean 'Fresno'?"),
    (WHOLE + CONTROLS.replace("Fresno", "Oaklnd"), ":14:1: ", "no unit 'Oaklnd'"),
    (WHOLE + CONTROLS.replace("Fresno", "Late"), ":14:1: ", "Late has gun from 2010-01 to 2015-12"),
    (WHOLE + '[controls]\noutcome = "thefts"\n', ":14:1: ", "Did you mean 'theft'?"),
    (WHOLE + '[controls]\noutcome = "jobless"\n', ":14:1: ", "has the role covariate"),
    (WHOLE + '[controls]\noutcome = "trust"\n', ":14:1: ", "is a number, 'gun' a count"),
    (WHOLE + SITE.replace("Stockton", "Stokton"), ":14:1: ", "Did you mean 'Stockton'?"),
    (WHOLE + SITE.replace("Stockton", "Late"), ":14:1: ", "which does not cover the window"),
    (WHOLE + SITE.replace("2013-01", "2016-01"), ":15:1: ", "outside the window"),
    (WHOLE + SITE.replace("2013-01", "2008-06"), ":15:1: ", "5 months before the start"),
    (WHOLE + SITE.replace("2013-01", "2015-06"), ":15:1: ", "7 months of effect"),
    (WHOLE + LATER.replace("2014-01", "2016-06"), ":15:1: ", "outside the window"),
    (WHOLE + LATER + "phase_in = 30\n", ":16:1: ", "no month with the full effect"),
    (
        WHOLE + LATER.replace("2014-01", "2012-06"),
        ":12:1: ",
        "the time before the later change in 2012-06, has 5 months of effect",
    ),
    (WHOLE + LATER + OTHER + "washout = 20\n", ":18:1: ", "4 months of effect"),
    (WHOLE + OTHER + 'start = "2007-06"\n', ":15:1: ", "outside the window"),
    (WHOLE + OTHER + 'start = "2008-06"\n', ":15:1: ", "5 months before the start"),
    (WHOLE + DOSE.replace("call_ins", "calls_in"), ":13:1: ", "Did you mean 'call_ins'?"),
    (WHOLE + DOSE.replace("call_ins", "theft"), ":13:1: ", "has the role outcome"),
    (WHOLE + DOSE.replace("call_ins", "active"), ":13:1: ", "is a flag"),
    (
        WHOLE.replace("2012-01", "2012-03") + DOSE,
        ":13:1: ",
        "is above nought in 2012-01, before the start",
    ),
    (WHOLE.replace('"Oakland"', '"Fresno"') + DOSE, ":13:1: ", "is nought in every period"),
    (WHOLE + THEFT.replace("theft", "thefft"), ":14:1: ", "Did you mean 'theft'?"),
    (WHOLE + THEFT.replace("theft", "people"), ":14:1: ", "has the role exposure"),
    (
        WHOLE.replace('design = "its"', 'design = "its"\nmodel = "poisson"')
        + THEFT.replace("theft", "trust"),
        ":6:1: ",
        "'poisson' is not for trust, a number",
    ),
    (WHOLE + "[options]\nlag = 6\n", ":14:1: ", "options.lag: is no setting of learned."),
    (
        WHOLE + OTHER + 'model = "newey-west"\noptions = { lags = 6 }\n',
        ":16:13: ",
        "is no setting of newey-west. Did you mean 'lag'?",
    ),
    (
        WHOLE + OTHER + 'model = "newey-west"\noptions = { lag = 6.5 }\n',
        ":16:13: ",
        "options.lag: must be a whole number; it is 6.5",
    ),
    (
        WHOLE + OTHER + 'model = "negative-binomial-newey-west"\noptions = { lag = "long" }\n',
        ":16:13: ",
        "options.lag: must be a whole number; it is 'long'",
    ),
    (
        WHOLE.replace('"gun"', '"trust"') + '[curve]\nmethods = ["poisson"]\n',
        ":14:1: ",
        "'poisson' is not for trust, a number",
    ),
    (WHOLE + '[curve]\nstart = ["2008-04"]\n', ":14:1: ", "3 months before the start"),
    (WHOLE + '[curve]\nfirst = ["2007-01"]\n', ":14:1: ", "2007-01 is not in the window"),
    (WHOLE + '[curve]\nfirst = ["2011-06"]\n', ":14:1: ", "too few periods before the start"),
    (WHOLE + "[curve]\nwashout = [40]\n", ":14:1: ", "40 leaves 8 months of effect"),
    (
        WHOLE + '[[events]]\ndate = "2016-02"\nwhat = "x"\nperiods = 1\n',
        ":14:1: ",
        "2016-02 is outside the window",
    ),
]


@pytest.mark.parametrize(("content", "place", "words"), AGAINST_DATA)
def test_design_the_data_cannot_hold_is_refused_with_its_place(
    tmp_path: Path, content: str, place: str, words: str
) -> None:
    with pytest.raises(PlanError) as caught:
        read(tmp_path, content)
    lines = [line for line in str(caught.value).splitlines() if words in line]
    assert lines, str(caught.value)
    assert lines[0].startswith(f"analyses/city/plan.toml{place}"), lines[0]


@pytest.mark.parametrize(
    ("name", "setting"),
    [(method.name, setting) for method in METHODS.values() for setting in method.options],
)
def test_every_setting_of_every_method_refuses_a_value_of_another_type(
    tmp_path: Path, name: str, setting: str
) -> None:
    content = WHOLE.replace('design = "its"', f'design = "its"\nmodel = "{name}"')
    # No whole number or word can be a half; no number can be below nought.
    other = "-0.5" if name == "learned" else "0.5"
    with pytest.raises(PlanError, match=rf"plan\.toml:15:1: options\.{setting}: must be .*{other}"):
        read(tmp_path, content + f"[options]\n{setting} = {other}\n")


def test_all_faults_of_a_design_are_told_in_one_pass(tmp_path: Path) -> None:
    content = WHOLE + CONTROLS.replace("Fresno", "Frensno") + "weights = [2, 1]\n" + OTHER
    content += 'start = "2007-06"\n' + THEFT.replace("theft", "thft")
    with pytest.raises(PlanError) as caught:
        read(tmp_path, content)
    assert [fault.line for fault in caught.value.faults] == [14, 18, 20]


@pytest.mark.parametrize(
    "content",
    [
        WHOLE + CONTROLS + "weights = [2, 1.5]\n" + OTHER + "controls = false\n" + THEFT,
        WHOLE + CONTROLS + 'pooled = false\n[specification]\ncovariates = ["jobless"]\n',
        WHOLE + '[controls]\nunits = ["Late"]\n[window]\nfirst = "2010-01"\n',
        WHOLE + '[controls]\noutcome = "theft"\n',
        WHOLE + SITE + SITE.replace("Stockton", "Salinas").replace("2013-01", "2013-07"),
        WHOLE + LATER + '[[later]]\nname = "Relaunch"\nstart = "2015-06"\nphase_in = 2\n',
        WHOLE + 'end = "2013-12"\n' + LATER,
        WHOLE + DOSE + "washout = 2\n",
        WHOLE + OTHER + 'model = "newey-west"\noptions = { lag = 6 }\n',
        WHOLE + '[curve]\ntrend = ["none"]\nstart = ["2011-12"]\nfirst = ["2009-01"]\n',
        WHOLE + '[[events]]\ndate = "2010-02-03"\nwhat = "x"\nperiods = 2\n',
    ],
)
def test_design_that_fits_is_accepted(tmp_path: Path, content: str) -> None:
    plan_file, _ = read(tmp_path, content)
    assert plan_file.plan.unit == "Oakland"
