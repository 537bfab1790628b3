"""The study of Oakland by itself: its plan, what is refused in its data, its committed answer."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.data.panel import Panel
from evaluation.data.read import read_panel
from evaluation.errors import PlanError
from evaluation.its.break_checks import DetectedBreak, detected_break
from evaluation.study.build.change import Change
from evaluation.study.build.series import planned_series, planned_window
from evaluation.study.evidence import Evidence, OutcomeEvidence, load_evidence
from evaluation.study.plan.read import PlanFile, check_data_of, read_plan
from evaluation.study.table_checks import inside_changes, moved_cases

PROJECT = Path(__file__).parents[2]
TABLE = "data/public/oakland_ucr.csv"
SEED = 20121018


def copied(root: Path) -> Path:
    """A project with this study and its table."""
    (root / "data/public").mkdir(parents=True)
    found = "data/public/focused_deterrence"
    tables = (
        TABLE,
        TABLE.replace(".csv", ".dataset.toml"),
        f"{found}.csv",
        f"{found}.dataset.toml",
    )
    for name in tables:
        shutil.copy(PROJECT / name, root / name)
    shutil.copytree(PROJECT / "analyses/oakland", root / "analyses/oakland")
    return root


def edited(root: Path, old: str, new: str) -> PlanFile:
    path = root / "analyses/oakland/plan.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_plan("oakland", root)


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


def unmoved(panel: Panel) -> Panel:
    """The same with invented assaults, whose categories nobody touched."""
    rng = np.random.default_rng(SEED)
    shape = panel.values["murder"].shape
    drawn = {"gun_assault": rng.poisson(100.0, shape), "knife_assault": rng.poisson(6.0, shape)}
    values = {**panel.values, **{name: one.astype(float) for name, one in drawn.items()}}
    return replace(panel, values=values)


def test_the_plan_is_frozen_as_it_is_and_says_that_outcomes_were_known() -> None:
    folder = PROJECT / "analyses/oakland"
    assert (folder / "plan.frozen.toml").read_bytes() == (folder / "plan.toml").read_bytes()
    plan = read_plan("oakland", PROJECT).plan
    assert str(plan.frozen) == "2026-11-29"
    assert (plan.notes or "").startswith("Planned after the outcomes were known.")


def test_the_months_in_which_the_program_came_are_neither_before_nor_after() -> None:
    plan = read_plan("oakland", PROJECT).plan
    head = plan.specification()
    assert (plan.intervention.start, head.washout, head.phase_in) == ("2012-10", 3, 0)
    others = {
        one.label: (
            one.start or "2012-10",
            plan.alternative_specification(one).washout,
            plan.alternative_specification(one).phase_in,
        )
        for one in plan.alternatives
        if (one.start, one.washout, one.phase_in) != (None, None, None)
    }
    assert others == {
        "Effect at once, from January 2013": ("2013-01", 0, 0),
        "Effect at once, from October 2012": ("2012-10", 0, 0),
        "Phase-in of three months, from October 2012": ("2012-10", 0, 3),
    }


def test_earlier_programs_and_dilution_are_in_the_plan() -> None:
    plan = read_plan("oakland", PROJECT).plan
    dates = {event.date[:7] for event in plan.events}
    assert {"2007-01", "2009-01", "2015-02", "2016-01", "2019-12"} <= dates
    assert any(entry.covariates == ("earlier_programs",) for entry in plan.alternatives)
    assert any(entry.half_life for entry in plan.alternatives)
    # The year in which the program had stopped and a pandemic came is not in the window.
    assert plan.window.last == "2019-12"


def test_the_planned_outcomes_can_be_answered_and_rape_is_refused(tmp_path: Path) -> None:
    root = copied(tmp_path)
    check_data_of(read_plan("oakland", root), root)
    plan_file = edited(root, 'column = "robbery"', 'column = "rape"')
    with pytest.raises(PlanError) as found:
        check_data_of(plan_file, root)
    (line,) = str(found.value).splitlines()
    assert line.startswith("analyses/oakland/plan.toml:")
    assert "'rape' was redefined in 2013-01 (the FBI widened its definition" in line
    assert "inside the window, 2005-01 to 2019-12" in line
    assert line.endswith("Leave it out, or end the window before")


def test_rape_is_refused_as_an_outcome_that_should_not_move_too(tmp_path: Path) -> None:
    root = copied(tmp_path)
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
    root = copied(tmp_path)
    start = "2009-01" if last < "2014" else "2016-01"
    text = (
        f'question = "Did it?"\ngoal = 1\ndata = "{TABLE}"\nunit = "Oakland"\n'
        f'design = "its"\n[[outcomes]]\ncolumn = "rape"\nbetter = "lower"\n[intervention]\n'
        f'name = "It"\nstart = "{start}"\n[window]\nfirst = "{first}"\nlast = "{last}"\n'
    )
    (root / "analyses/oakland/plan.toml").write_text(text, encoding="utf-8")
    plan_file = read_plan("oakland", root)
    if refused:
        with pytest.raises(PlanError, match="redefined"):
            check_data_of(plan_file, root)
    else:
        check_data_of(plan_file, root)


@pytest.mark.parametrize("moved", [True, False])
def test_reclassified_gun_assaults_are_known_and_found(moved: bool) -> None:
    plan_file = read_plan("oakland", PROJECT)
    panel = read_panel(PROJECT / TABLE, PROJECT)
    panel = panel if moved else unmoved(panel)
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
def committed() -> Evidence:
    """`ceasefire check` says whether these results come out again."""
    return load_evidence("oakland", PROJECT)


def curve(outcome: OutcomeEvidence) -> list[float]:
    """The rate ratios of the specification curve, in order."""
    (check,) = [check for check in outcome.checks if check.name == "specification-curve"]
    return [1 + row["percent"] / 100 for row in check.table]


def poisson_ratio(
    y: np.ndarray, people: np.ndarray, months: list[str], start: str, washout: int, trend: str
) -> float:
    """By statsmodels: a Poisson regression with step, trend and two waves a year."""
    at = months.index(start)
    t = np.arange(len(months))
    angle = 2 * np.pi * np.array([int(month[5:]) for month in months]) / 12
    columns = [np.ones(len(t)), (t >= at).astype(float)]
    columns += [f(k * angle) for k in (1, 2) for f in (np.sin, np.cos)]
    centered = (t - t.mean()) / 12
    columns += {"none": [], "linear": [centered], "quadratic": [centered, centered**2]}[trend]
    kept = (t < at) | (t >= at + washout)
    fitted = sm.GLM(
        y[kept],
        np.column_stack(columns)[kept],
        family=sm.families.Poisson(),
        offset=np.log(people[kept]),
    ).fit()
    return float(np.exp(fitted.params[1]))


def test_the_murder_ratio_is_shown_over_its_whole_range(committed: Evidence) -> None:
    """The ends are those that statsmodels finds with plain Poisson regressions over start, months
    left out, window and trend, to within .05: the planned method weighs months otherwise, and the
    curve has two forms of season."""
    ratios = curve(committed.outcome("murder"))
    assert len(ratios) == 120
    panel = read_panel(PROJECT / TABLE, PROJECT)
    (counts,), (people,) = panel.values["murder"], panel.values["population"]
    plain = []
    for first in ("2005-01", "2006-01", "2007-01", "2008-01", "2010-01"):
        low, high = panel.periods.index(first), panel.periods.index("2019-12")
        here = slice(low, high + 1)
        plain += [
            poisson_ratio(
                counts[here], people[here], list(panel.periods[here]), start, washout, trend
            )
            for start in ("2012-10", "2013-01")
            for washout in (0, 3)
            for trend in ("none", "linear", "quadratic")
        ]
    assert min(ratios) == pytest.approx(min(plain), abs=0.05)
    assert max(ratios) == pytest.approx(max(plain), abs=0.05)
    assert min(ratios) < 0.68 and max(ratios) > 1.07


def test_start_window_and_trend_each_move_the_murder_ratio(committed: Evidence) -> None:
    outcome = committed.outcome("murder")
    (check,) = [check for check in outcome.checks if check.name == "specification-curve"]
    choices = ("start", "first", "trend", "season", "washout")
    for key in ("start", "first", "trend"):
        # The largest range among specifications that differ in this choice alone.
        others = [name for name in choices if name != key]
        alike: dict[tuple[object, ...], list[float]] = {}
        for row in check.table:
            alike.setdefault(tuple(row[name] for name in others), []).append(row["percent"])
        assert max(max(group) - min(group) for group in alike.values()) > 15, key


def test_the_answer_about_every_outcome_is_that_it_cannot_be_told(committed: Evidence) -> None:
    assert [outcome.column for outcome in committed.outcomes] == [
        *("murder", "robbery", "aggravated_assault", "gun_assault"),
    ]
    for outcome in committed.outcomes:
        if outcome.column != "gun_assault":
            assert outcome.effect.percent.low < 0 < outcome.effect.percent.high
        assert outcome.grade.level == "very low"
        assert any("already known" in str(reason) for reason in outcome.grade.reasons)


def test_no_outcome_of_the_study_was_recorded_in_two_ways(committed: Evidence) -> None:
    for outcome in committed.outcomes:
        assert "recording-in-window" not in {check.name for check in outcome.checks}
        (check,) = [check for check in outcome.checks if check.name == "recording-change"]
        assert check.passed is True
        # Rape was redefined three months after the start; of gun assaults a change is known, after
        # the end of their own periods.
        assert "No change of this outcome is known within 1 year of the start" in check.says
        own = int(outcome.column == "gun_assault")
        assert f"{own} known in the dataset, and {3 - own} of other columns" in check.says


def whole(percent: float) -> str:
    """A percentage as oakland.md writes it: −18, +13."""
    return f"{'−' if percent < 0 else '+'}{abs(percent):.0f}"


def test_the_page_on_oakland_tells_the_committed_numbers(committed: Evidence) -> None:
    said = " ".join((PROJECT / "docs/evidence/oakland.md").read_text(encoding="utf-8").split())
    murder = committed.outcome("murder")
    percent, averted = murder.effect.percent, murder.effect.averted
    told = [
        f"came out {-percent.estimate:.0f} % below what the years before led to expect, with a "
        f"range from {-percent.low:.0f} % below to {percent.high:.0f} % above",
        f"{averted.estimate:.0f} fewer from 2013 to 2019, with a range from {-averted.low:.0f} "
        f"more to {averted.high:.0f} fewer",
        f"from {whole(100 * (min(curve(murder)) - 1))} %, with the start in January 2013",
        f"to {whole(100 * (max(curve(murder)) - 1))} %, with the start in October 2012",
    ]
    for column, words in (
        ("robbery", "Robberies"),
        ("aggravated_assault", "aggravated assaults of all kinds"),
    ):
        one = committed.outcome(column).effect.percent
        low, high = whole(one.low), whole(one.high)
        told.append(f"{words} ({whole(one.estimate)} %, {low} to {high})")
    effects = {one.label: one.effect for one in murder.alternatives}
    for label, words in (
        ("Effect at once, from October 2012", "October 2012 at once: {} % ({} to {})"),
        ("Quadratic trend", "quadratic: {} % ({} to {})"),
        ("No trend", "none: {} % ({} to {})"),
        (
            "Earlier programs (2007, 2009 to 2011) as a term of their own",
            "one alternative has a term for them ({} %, {} to {})",
        ),
    ):
        effect = effects[label]
        assert effect is not None
        one = effect.percent
        told.append(words.format(whole(one.estimate), whole(one.low), whole(one.high)))
    later = effects["Effect at once, from January 2013"]
    assert later is not None and -0.5 < later.percent.high < 0
    told.append(
        f"January 2013 at once: {whole(later.percent.estimate)} % ({whole(later.percent.low)} to "
        "just below 0)"
    )
    for sentence in told:
        assert sentence in said, sentence
    panel = read_panel(PROJECT / TABLE, PROJECT)
    (counts,) = panel.values["murder"]
    three = {
        first: counts[at : at + 3].sum()
        for at, first in enumerate(panel.periods)
        if "2007-10" <= first <= "2019-10"
    }
    assert "October to December 2012 had 42 murders" in said
    assert [first for first, sum_ in three.items() if sum_ >= 42] == ["2012-10"]
