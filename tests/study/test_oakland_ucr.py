"""The two studies of real Oakland: skipped without their data, right about their traps with them.

What needs no real numbers is tested on invented ones in the same layout; the rest runs where the
variable CEASEFIRE_REFERENCE_DATA names a folder with the two files.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.cli import main
from evaluation.cli.data_add import add_data
from evaluation.data.panel import Panel
from evaluation.data.read import read_panel
from evaluation.data.sources.adapted import Adapted
from evaluation.data.sources.fbi_monthly import COUNTS
from evaluation.data.sources.place import _csv, _described, _with_history
from evaluation.errors import PlanError
from evaluation.its.break_checks import DetectedBreak, detected_break
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.moved_cases import inside_changes, moved_cases
from evaluation.study.plan import PlanFile, absent_data, check_data_of, read_plan
from evaluation.study.planned_series import Change, planned_series, planned_window
from evaluation.study.run import run

PROJECT = Path(__file__).parents[2]
SLUGS = ("oakland-ucr", "oakland-ucr-compared")
FILES = {
    "oakland-ucr": "oakland_ucr_monthly_2005_2020.csv",
    "cities-ucr": "marshall_ucr_annual_1975_2015.csv",
}
SEED = 20121018
# Invented means a month; gun assaults halve and knife assaults triple in February 2015.
MEANS = {
    "murder": 9.0,
    "gun_assault": 100.0,
    "knife_assault": 6.0,
    "other_weapon_assault": 120.0,
    "unarmed_assault": 30.0,
    "robbery": 250.0,
    "gun_robbery": 120.0,
    "rape": 25.0,
}


def copied(root: Path) -> Path:
    """A project with the two studies and the descriptions of their data, and no data."""
    (root / "data/real").mkdir(parents=True)
    for path in (PROJECT / "data/real").glob("*.dataset.toml"):
        shutil.copy(path, root / "data/real")
    for slug in SLUGS:
        shutil.copytree(PROJECT / "analyses" / slug, root / "analyses" / slug)
    return root


def with_invented(root: Path, *, moved: bool = True) -> Path:
    """The same with an invented table of Oakland, as `ceasefire data add` writes it."""
    rng = np.random.default_rng(SEED)
    months = [f"{2005 + t // 12}-{t % 12 + 1:02d}" for t in range(191)]
    after = np.array([month >= "2015-02" for month in months]) & moved
    drawn = {}
    for name, mean in MEANS.items():
        factor = {"gun_assault": 0.5, "knife_assault": 3.0}.get(name, 1.0)
        drawn[name] = rng.poisson(mean * np.where(after, factor, 1.0))
    kinds = ("gun_assault", "knife_assault", "other_weapon_assault", "unarmed_assault")
    drawn["aggravated_assault"] = sum(drawn[name] for name in kinds)
    rows = tuple(
        ("Oakland", month, *(str(int(drawn[name][t])) for name in COUNTS.values()))
        for t, month in enumerate(months)
    )
    _, description, original = _described("oakland-ucr", root)
    table = Adapted(("city", "month", *COUNTS.values()), "month", rows)
    text = _csv(_with_history(table, original, description.frequency))
    (root / "data/real/oakland-ucr.csv").write_text(text, encoding="utf-8")
    return root


def edited(root: Path, old: str, new: str) -> PlanFile:
    path = root / "analyses/oakland-ucr/plan.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_plan("oakland-ucr", root)


def breaks_of(plan_file: PlanFile, panel: Panel) -> dict[str, DetectedBreak]:
    """What a search finds in every outcome of the table, with the plan's model and window."""
    plan = plan_file.plan
    window = planned_window(plan, panel)
    found = {}
    for column in panel.named("outcome"):
        series = planned_series(plan, panel, column.name, window, Change(controls=False))
        seen = detected_break(series)
        if seen is not None:
            found[column.name] = seen
    return found


def test_without_the_data_it_is_said_exactly_what_to_get(tmp_path: Path) -> None:
    root = copied(tmp_path)
    monthly, annual = (absent_data(slug, root) or "" for slug in SLUGS)
    assert monthly.startswith("data/real/oakland-ucr.csv is not here. Get the FBI's monthly")
    for word in ("CA00109", "January 2005 to November 2020", "cde.ucr.cjis.gov", "191 rows"):
        assert word in monthly
    # Every column of the layout is named.
    for name in ("city", "month", *COUNTS, "violent_index"):
        assert name in monthly
    assert "ceasefire data add oakland-ucr FILE" in monthly
    assert "github.com/themarshallproject" in annual
    assert "ceasefire data add cities-ucr FILE" in annual
    assert "\n" not in monthly + annual


def test_without_the_data_both_are_skipped_with_one_line_each(tmp_path: Path, capsys) -> None:
    root = copied(tmp_path)
    (root / "reports").mkdir()
    for verb in ("run", "report", "check"):
        main(["--root", str(root), verb])
        captured = capsys.readouterr()
        lines = [line for line in captured.out.splitlines() if "oakland-ucr" in line]
        assert [line.split(":")[0] for line in lines] == list(SLUGS)
        assert all(": skipped: data/real/" in line for line in lines)
        assert captured.err == ""
    assert not any((root / "reports" / slug).exists() for slug in SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_plans_are_frozen_as_they_are(slug: str) -> None:
    folder = PROJECT / "analyses" / slug
    frozen = (folder / "plan.frozen.toml").read_bytes()
    assert frozen == (folder / "plan.toml").read_bytes() and b"frozen = 2026-11-25" in frozen


def test_earlier_programs_and_dilution_are_in_the_plan(tmp_path: Path) -> None:
    plan = read_plan("oakland-ucr", with_invented(copied(tmp_path))).plan
    dates = {event.date[:7] for event in plan.events}
    assert {"2007-01", "2009-01", "2015-02", "2016-01", "2019-12"} <= dates
    assert any(entry.covariates == ("earlier_programs",) for entry in plan.alternatives)
    assert any(entry.half_life for entry in plan.alternatives)
    # The year in which the program had stopped and a pandemic came is not in the window.
    assert plan.window.last == "2019-12"


def test_the_planned_outcomes_can_be_answered_and_rape_is_refused(tmp_path: Path) -> None:
    root = with_invented(copied(tmp_path))
    check_data_of(read_plan("oakland-ucr", root), root)
    plan_file = edited(root, 'column = "gun_assault"', 'column = "rape"')
    with pytest.raises(PlanError) as found:
        check_data_of(plan_file, root)
    (line,) = str(found.value).splitlines()
    assert line.startswith("analyses/oakland-ucr/plan.toml:")
    assert "'rape' was redefined in 2013-01 (the FBI widened its definition" in line
    assert "inside the window, 2005-01 to 2019-12" in line
    assert line.endswith("Leave it out, or end the window before")


def test_rape_is_refused_as_an_outcome_that_should_not_move_too(tmp_path: Path) -> None:
    root = with_invented(copied(tmp_path))
    plan_file = edited(
        root, "[[events]]", '[[unaffected]]\ncolumn = "rape"\nwhy = "No reason."\n\n[[events]]'
    )
    with pytest.raises(PlanError, match="'rape' was redefined in 2013-01"):
        check_data_of(plan_file, root)


@pytest.mark.parametrize(
    ("first", "last", "refused"),
    [
        ("2005-01", "2012-12", False),
        ("2005-01", "2013-01", True),
        ("2013-01", "2019-12", False),
        ("2012-12", "2019-12", True),
    ],
)
def test_rape_is_an_outcome_only_where_it_means_one_thing(
    tmp_path: Path, first: str, last: str, refused: bool
) -> None:
    root = with_invented(copied(tmp_path))
    start = "2009-01" if last < "2014" else "2016-01"
    text = (
        f'question = "Did it?"\ngoal = 1\ndata = "data/real/oakland-ucr.csv"\nunit = "Oakland"\n'
        f'design = "its"\n[[outcomes]]\ncolumn = "rape"\nbetter = "lower"\n[intervention]\n'
        f'name = "It"\nstart = "{start}"\n[window]\nfirst = "{first}"\nlast = "{last}"\n'
    )
    (root / "analyses/oakland-ucr/plan.toml").write_text(text, encoding="utf-8")
    plan_file = read_plan("oakland-ucr", root)
    if refused:
        with pytest.raises(PlanError, match="redefined"):
            check_data_of(plan_file, root)
    else:
        check_data_of(plan_file, root)


@pytest.mark.parametrize("moved", [True, False])
def test_reclassified_gun_assaults_are_known_and_found(tmp_path: Path, moved: bool) -> None:
    root = with_invented(copied(tmp_path), moved=moved)
    plan_file = read_plan("oakland-ucr", root)
    panel = read_panel(root / "data/real/oakland-ucr.csv", root)
    window = planned_window(plan_file.plan, panel)
    (known,) = inside_changes(plan_file.plan, "gun_assault", panel, window)
    assert known.date == "2015-02" and "knife assaults triple" in known.what
    assert inside_changes(plan_file.plan, "murder", panel, window) == ()
    breaks = breaks_of(plan_file, panel)
    found = moved_cases("gun_assault", breaks, panel, "Oakland")
    assert moved_cases("murder", breaks, panel, "Oakland") == ()
    assert [(one.date, one.column) for one in found] == (
        [("2015-02", "knife_assault")] if moved else []
    )


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with both real tables, where they are at hand."""
    folder = os.environ.get("CEASEFIRE_REFERENCE_DATA")
    if not folder or not all((Path(folder) / file).is_file() for file in FILES.values()):
        pytest.skip("CEASEFIRE_REFERENCE_DATA names no folder with the data of Oakland")
    root = copied(tmp_path_factory.mktemp("oakland"))
    for name, file in FILES.items():
        assert add_data(name, Path(folder) / file, root) == 0
    return root


@pytest.fixture(scope="module")
def monthly(real: Path) -> Evidence:
    return run("oakland-ucr", real)


@pytest.fixture(scope="module")
def compared(real: Path) -> Evidence:
    return run("oakland-ucr-compared", real)


def curve(outcome: OutcomeEvidence) -> list[float]:
    """The rate ratios of the specification curve, in order."""
    (check,) = [check for check in outcome.checks if check.name == "specification-curve"]
    return [1 + row["percent"] / 100 for row in check.table]


def poisson_ratio(y: np.ndarray, months: list[str], start: str, phase_in: int, trend: str) -> float:
    """By statsmodels: a Poisson regression with step or ramp, trend and two waves a year."""
    at = months.index(start)
    t = np.arange(len(months))
    step = np.clip((t - at + 1) / (phase_in + 1), 0, 1)
    angle = 2 * np.pi * np.array([int(month[5:]) for month in months]) / 12
    columns = [np.ones(len(t)), step]
    columns += [f(k * angle) for k in (1, 2) for f in (np.sin, np.cos)]
    centered = (t - t.mean()) / 12
    columns += {"none": [], "linear": [centered], "quadratic": [centered, centered**2]}[trend]
    fitted = sm.GLM(y, np.column_stack(columns), family=sm.families.Poisson()).fit()
    return float(np.exp(fitted.params[1]))


def test_the_murder_ratio_is_shown_over_its_whole_range(real: Path, monthly: Evidence) -> None:
    """From about 0.68 to 1.07 and beyond, since the window of the published evaluation (2010 on)
    and a term for each month are among the choices too. The ends are those that statsmodels finds
    with plain Poisson regressions over start, phase-in, window and trend, to within .05: the
    planned method weighs months otherwise, and the curve has two forms of season."""
    ratios = curve(monthly.outcome("murder"))
    assert len(ratios) == 120
    assert min(ratios) == pytest.approx(0.628, abs=0.005)
    assert max(ratios) == pytest.approx(1.118, abs=0.005)
    panel = read_panel(real / "data/real/oakland-ucr.csv", real)
    (counts,) = panel.values["murder"]
    plain = []
    for first in ("2005-01", "2006-01", "2007-01", "2008-01", "2010-01"):
        low, high = panel.periods.index(first), panel.periods.index("2019-12")
        months = list(panel.periods[low : high + 1])
        plain += [
            poisson_ratio(counts[low : high + 1], months, start, phase_in, trend)
            for start in ("2012-10", "2013-01")
            for phase_in in (0, 3)
            for trend in ("none", "linear", "quadratic")
        ]
    assert min(ratios) == pytest.approx(min(plain), abs=0.05)
    assert max(ratios) == pytest.approx(max(plain), abs=0.05)
    assert min(ratios) < 0.68 and max(ratios) > 1.07


def test_start_window_and_trend_each_move_the_murder_ratio(monthly: Evidence) -> None:
    outcome = monthly.outcome("murder")
    (check,) = [check for check in outcome.checks if check.name == "specification-curve"]
    choices = ("start", "first", "trend", "season", "phase_in")
    for key in ("start", "first", "trend"):
        # The largest range among specifications that differ in this choice alone.
        others = [name for name in choices if name != key]
        alike: dict[tuple[object, ...], list[float]] = {}
        for row in check.table:
            alike.setdefault(tuple(row[name] for name in others), []).append(row["percent"])
        assert max(max(group) - min(group) for group in alike.values()) > 15, key


def test_the_answer_about_murder_is_that_it_cannot_be_told(monthly: Evidence) -> None:
    outcome = monthly.outcome("murder")
    assert outcome.effect.percent.estimate == pytest.approx(-15.5, abs=0.2)
    assert outcome.effect.percent.low < 0 < outcome.effect.percent.high
    assert outcome.grade.level == "very low"


def test_the_real_reclassification_is_found_by_a_search(real: Path) -> None:
    plan_file = read_plan("oakland-ucr", real)
    panel = read_panel(real / "data/real/oakland-ucr.csv", real)
    found = moved_cases("gun_assault", breaks_of(plan_file, panel), panel, "Oakland")
    assert [(one.date, one.column) for one in found] == [("2015-02", "knife_assault")]


def test_the_report_says_that_gun_assaults_were_recorded_in_two_ways(monthly: Evidence) -> None:
    checks = {
        outcome.column: [one for one in outcome.checks if one.name == "recording-in-window"]
        for outcome in monthly.outcomes
    }
    (check,) = checks["gun_assault"]
    assert check.passed is False and check.says.count("2015-02: gun assaults") == 2
    assert checks["murder"] == [] and checks["aggravated_assault"] == []
    reasons = monthly.outcome("gun_assault").grade.reasons
    assert any("recorded in two ways" in reason for reason in reasons)


def test_beside_66_other_agencies_no_change_can_be_told(compared: Evidence) -> None:
    outcome = compared.outcome("homicide")
    assert len(compared.data.units) == 67
    assert not {"National", "Louisville, Ky."} & set(compared.data.units)
    assert compared.data.last == "2014"
    assert outcome.effect.percent.low < -30 and outcome.effect.percent.high > 30
    assert outcome.grade.level == "very low"
    labels = {entry.label: entry for entry in outcome.alternatives}
    assert labels["Synthetic control"].effect is not None
    assert labels["California only, 8 agencies"].effect is not None
