"""What every method and every check does with a panel that is not whole."""

from __future__ import annotations

import csv
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from partial import ending, holes, with_gaps
from worlds import places

from evaluation import did
from evaluation.did import METHODS, spillover, standing_checks, timing
from evaluation.did.cohorts import Cohorts
from evaluation.effect import Effect
from evaluation.errors import FitError


def light(name: str) -> did.Method:
    return METHODS[name].lighter(99)


def numbers(effect: Effect) -> np.ndarray:
    found = [effect.estimate, effect.std_error, effect.low, effect.high, effect.p_value]
    parts = (effect.percent, effect.averted)
    found += [end for part in parts for end in (part.estimate, part.low, part.high)]
    found += [end for term in effect.terms for end in (term.estimate, term.low, term.high)]
    found += [end for one in effect.dynamic for end in (one.estimate, one.band_low, one.band_high)]
    found += [end for one in effect.path for end in (one.observed, one.expected, one.low, one.high)]
    return np.array(found)


def panels(kind: did.cohorts.Kind, one: bool) -> dict[str, Cohorts]:
    base = places(kind, treated=1 if one else 8, starts=(6,) if one else (5, 7))
    on = base.treated.copy()
    on[0, 9:] = False
    exposure = base.exposure
    return {
        "gaps": with_gaps(base, holes(base.y.shape)),
        "a gap of a control": with_gaps(base, np.arange(base.y.size).reshape(base.y.shape) == 195),
        "left out": Cohorts.from_arrays(
            base.y, base.first, exposure=exposure, kind=kind, left_out=holes(base.y.shape)
        ),
        "ends": Cohorts.from_arrays(base.y, None, on=on, exposure=exposure, kind=kind),
        "ends and gaps": Cohorts.from_arrays(
            np.where(holes(base.y.shape), np.nan, base.y),
            None,
            on=on,
            exposure=exposure,
            kind=kind,
            gaps="missing",
        ),
    }


CASES = [
    (name, kind, panel)
    for name, method in METHODS.items()
    for kind in sorted(method.kinds)
    for panel in panels(kind, method.treated == "one unit")
    if name != "spillover"  # needs links; below
]


@pytest.mark.parametrize(("name", "kind", "panel"), CASES)
def test_every_method_uses_a_partial_panel_or_refuses_it_and_says_what_to_do(name, kind, panel):
    method = light(name)
    cohorts = panels(kind, method.treated == "one unit")[panel]
    if not method.unbalanced:
        with pytest.raises(FitError, match=r"Take a method that allows it .*imputation"):
            method.fit(cohorts)
        with pytest.raises(FitError):
            method.solve(cohorts)
        return
    effect = method.fit(cohorts)
    assert np.isfinite(numbers(effect)).all()
    assert effect.n == int(cohorts.known.sum())
    assert set(map(str, cohorts.notes)) <= set(map(str, effect.notes))


ABLE = [
    (name, kind)
    for name, method in METHODS.items()
    for kind in sorted(method.kinds)
    if method.unbalanced and name != "spillover"
]


@pytest.mark.parametrize(("name", "kind"), ABLE)
def test_what_stands_in_a_cell_that_is_not_used_moves_nothing(name, kind):
    base, out = places(kind, starts=(5, 7)), holes((24, 12))
    build = partial(Cohorts.from_arrays, start=base.first, kind=kind, left_out=out)
    people = np.ones(out.shape) if base.exposure is None else base.exposure
    plain = build(base.y, exposure=people)
    for value in (np.nan, 0.0, 1e6):
        other = build(np.where(out, value, base.y), exposure=np.where(out, max(value, 1.0), people))
        assert light(name).fit(other) == light(name).fit(plain)


@pytest.mark.parametrize(("name", "kind"), ABLE)
def test_a_unit_without_any_cell_that_is_used_is_as_if_it_were_not_there(name, kind):
    base = places(kind, starts=(5, 7))
    cells = holes(base.y.shape)
    cells[[3, 20]] = True
    marked = with_gaps(base, cells)
    rest = np.setdiff1d(np.arange(base.n), [3, 20])
    without = with_gaps(base.keeping(rest), cells[rest])
    assert marked.units == without.units
    assert any("no cell is used of unit 4, unit 21" in note for note in map(str, marked.notes))
    found = numbers(light(name).fit(marked))
    assert (found == numbers(light(name).fit(without))).all()


@pytest.mark.parametrize("kind", ["count", "continuous"])
def test_marks_that_leave_every_cell_in_give_the_whole_panel(kind):
    base = places(kind, starts=(5, 7))
    marked = Cohorts.from_arrays(
        base.y,
        None,
        on=base.treated,
        exposure=base.exposure,
        kind=kind,
        gaps="missing",
        left_out=np.zeros(base.y.shape, dtype=bool),
    )
    assert marked.whole and marked.notes == base.notes
    for field in fields(Cohorts):
        one, other = getattr(marked, field.name), getattr(base, field.name)
        assert np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other
    for name in ("twfe", "imputation", "callaway-santanna", "randomization"):
        assert light(name).fit(marked) == light(name).fit(base)


@pytest.mark.parametrize(("name", "kind"), ABLE)
def test_gaps_after_the_window_change_nothing_within_it(name, kind):
    base = places(kind, starts=(5, 7))
    late = np.arange(base.length) >= 10
    cut = with_gaps(base, holes(base.y.shape) | late).between(0, 10)
    rest = with_gaps(base.between(0, 10), holes(base.y.shape)[:, :10])
    assert (numbers(light(name).fit(cut)) == numbers(light(name).fit(rest))).all()


@pytest.mark.parametrize(("name", "kind"), ABLE)
def test_order_of_units_is_nothing(name, kind):
    base = with_gaps(places(kind, starts=(5, 7)), holes((24, 12)))
    order = np.random.default_rng(2).permutation(base.n)
    one, other = light(name).fit(base), light(name).fit(base.keeping(order))
    assert other.estimate == pytest.approx(one.estimate, rel=1e-9)
    assert other.std_error == pytest.approx(one.std_error, rel=1e-8)


@pytest.mark.parametrize("kind", ["count", "continuous"])
@pytest.mark.parametrize("panel", ["gaps", "ends", "ends and gaps"])
def test_every_check_of_a_partial_panel_answers_or_says_why_not(kind, panel, monkeypatch):
    monkeypatch.setattr(standing_checks, "PLACEBOS", 10)
    cohorts = panels(kind, False)[panel].keeping(np.r_[0:6, 8:15])
    method = did.default(cohorts).lighter(49)
    effect = method.fit(cohorts)
    links = {"near": np.eye(cohorts.n, k=7, dtype=bool) | np.eye(cohorts.n, k=-7, dtype=bool)}
    found = did.run_checks(
        cohorts,
        method,
        effect,
        outcomes={"other": cohorts},
        contaminated={cohorts.units[-1]: "its own program, 2001"},
        links=links,
    )
    names = [check.name for check in found]
    assert ("carry-over" in names) == (cohorts.on is not None)
    for check in found:
        assert "nan" not in str(check.says).lower(), check.says
        for row in check.table:
            held = [value for value in row.values() if isinstance(value, float)]
            assert np.isfinite(held).all(), (check.name, row)
    by_name = {check.name: check for check in found}
    for name in ("differing-trends", "smallest-p"):
        assert by_name[name].passed is None and str(by_name[name].says).startswith("Not possible: ")
    assert "from the untreated cells that are used" in str(by_name["pre-trends"].says)


@pytest.mark.parametrize("kind", ["count", "continuous"])
@pytest.mark.parametrize("panel", ["gaps", "ends"])
def test_default_of_a_partial_panel_takes_it_and_says_what_cannot(kind, panel):
    cohorts = panels(kind, False)[panel]
    expected = "poisson-imputation" if kind == "count" else "imputation"
    assert did.default(cohorts).name == expected
    assert np.isfinite(did.estimate(cohorts).estimate)
    beside = did.always_beside(cohorts, expected)
    assert beside and all(method.unbalanced for method in beside)
    assert "they cannot take this panel: " in str(did.choice(cohorts).why)
    assert "callaway-santanna" in str(did.choice(cohorts).why)


def test_default_with_few_clusters_says_beforehand_that_nothing_will_be_valid():
    cohorts = panels("count", False)["gaps"].keeping(np.r_[0:3, 8:20])
    found = did.choice(cohorts)
    assert found.method == "poisson-imputation" and found.never_valid_remedy is not None
    assert "no interval is valid here" in str(found.why)
    assert did.estimate(cohorts).objection is not None


def test_one_treated_unit_with_gaps_has_no_default():
    with pytest.raises(FitError, match='gaps="leave out"'):
        did.default(panels("count", True)["gaps"])


def test_lost_cells_of_treated_units_are_counted():
    base = places(starts=(5, 7))
    cells = np.zeros(base.y.shape, dtype=bool)
    cells[0, :5] = True  # no history at all
    for name in ("poisson-imputation", "imputation", "gardner"):
        effect = light(name).fit(with_gaps(base, cells))
        lost = 12 - int(base.first[0])
        words = f"{lost} of {int(base.treated.sum())} treated cells have no untreated unit"
        assert any(note.startswith(words) for note in map(str, effect.notes))
        # The other units still have a path.
        assert len(effect.path) == base.length


def test_path_of_a_panel_with_gaps_sums_those_who_report():
    base = with_gaps(places(starts=(6,)), holes((24, 12)))
    effect = light("poisson-imputation").fit(base)
    rows = base.ever
    for t, point in enumerate(effect.path):
        assert point.observed == pytest.approx(base.y[rows, t][base.known[rows, t]].sum())
    assert "the path sums, in each period, the treated units with a number in it" in map(
        str, effect.notes
    )


def test_averted_of_programs_that_end_are_those_under_treatment():
    cohorts = ending(effect=-0.4)
    effect = light("poisson-imputation").fit(cohorts)
    seen = cohorts.y[cohorts.treated].sum()
    assert effect.averted.estimate == pytest.approx(seen * np.expm1(-effect.estimate))
    assert {point.phase for point in effect.path} >= {"before", "after", "phase-in"}


def test_true_effects_are_found_when_programs_end_and_cells_are_missing():
    cohorts = ending(effect=-0.4, treated=40, controls=80)
    cells = holes(cohorts.y.shape)
    partial_panel = cohorts.leaving_out(cells)
    for name in ("poisson-imputation", "poisson-twfe", "poisson-imputation-donut"):
        effect = light(name).fit(partial_panel)
        assert effect.low < -0.4 < effect.high
        assert effect.estimate == pytest.approx(-0.4, abs=0.05)


def test_spillover_of_a_partial_panel_is_that_of_the_cells_that_are_used():
    base = places(starts=(5, 7))
    cells = holes(base.y.shape)
    link = {"near": np.eye(24, k=8, dtype=bool) | np.eye(24, k=-8, dtype=bool)}
    found = [
        spillover.with_links(
            Cohorts.from_arrays(
                np.where(cells, value, base.y),
                base.first,
                exposure=base.exposure,
                kind="count",
                left_out=cells,
            ),
            link,
        ).estimate
        for value in (0.0, 1e5)
    ]
    assert np.isfinite(found).all() and found[0] == found[1]
    assert found[0] != spillover.with_links(base, link).estimate


def test_page_says_what_each_method_takes():
    page = (Path(__file__).parents[2] / "docs/methods/did_methods.md").read_text(encoding="utf-8")
    table = page[page.index("| method | gaps and ends | phase-in |") :]
    told = {}
    for line in table.splitlines()[2:]:
        if not line.startswith("| `"):
            break
        names, gaps, phases = (cell.strip() for cell in line.strip("|").split("|"))
        for name in names.split(", "):
            told[name.strip("`")] = (gaps.startswith("yes"), phases.startswith("yes"))
    assert told == {
        name: (method.unbalanced, method.phases)
        for name, method in METHODS.items()
        if method.unbalanced or method.phases
    }


def test_starts_after_a_spike_are_seen_in_what_was_reported():
    base = places(starts=(6, 8), treated=12, controls=16, effect=0.0)
    y = base.y.copy()
    for unit in range(12):
        start = int(base.first[unit])
        y[unit, start - 2 : start] *= 3
    spiked = Cohorts.from_arrays(y, base.first, exposure=base.exposure, kind="count")
    early = np.zeros(y.shape, dtype=bool)
    early[:, 1] = early[12:20, 9] = True
    effect = light("poisson-imputation").fit(with_gaps(spiked, early))
    assert effect.objection is not None and "followed more events than usual" in str(
        str(effect.objection)
    )
    # Nobody saw the spikes: a unit without a number in the last periods says nothing of them.
    unseen = np.zeros(y.shape, dtype=bool)
    for unit in range(12):
        start = int(base.first[unit])
        unseen[unit, start - 2 : start] = True
    with pytest.raises(FitError, match="0 clusters start with 4 periods before them"):
        timing.timing(with_gaps(spiked, unseen))
    some = unseen.copy()
    some[:6] = False
    found = timing.timing(with_gaps(spiked, some))
    assert (found.starters, found.skipped, found.passed) == (6, 6, False)


def test_timing_is_that_of_the_units_that_reported():
    base = places(starts=(6, 8), treated=12, controls=16)
    cells = np.zeros(base.y.shape, dtype=bool)
    cells[15] = True
    rest = base.keeping(np.delete(np.arange(base.n), 15))
    assert timing.timing(with_gaps(base, cells)) == timing.timing(rest)


def test_reason_says_which_of_gaps_and_ends_there_are():
    by_panel = {name: str(did.choice(one).why) for name, one in panels("count", False).items()}
    assert by_panel["gaps"].startswith("Some cells are not used: imputation takes")
    assert by_panel["ends"].startswith("Programs end inside the window: imputation")
    both = "Some cells are not used and programs end inside the window: imputation takes"
    assert by_panel["ends and gaps"].startswith(both)


def test_linear_imputation_is_barred_where_most_cells_are_alone_in_their_cohort():
    base = places("continuous", treated=12, controls=16, starts=(5, 7), length=24)
    # Of each start one unit goes on alone after a while.
    out = base.treated & (np.arange(24) >= base.first[:, None] + 2) & (np.arange(28) >= 2)[:, None]
    cohorts = Cohorts.from_arrays(base.y, base.first, kind="continuous", left_out=out)
    objection = light("imputation").fit(cohorts).objection
    assert objection is not None and "are the only cluster of their cohort" in str(objection)
    few = with_gaps(base, holes(base.y.shape))
    assert light("imputation").fit(few).objection is None


def test_default_of_numbers_with_gaps_takes_means_by_event_time():
    cohorts = panels("continuous", False)["gaps"]
    by_event = METHODS["imputation"].set_to({"average": "event-time"})
    assert did.estimate(cohorts) == by_event.fit(cohorts)
    assert did.always_beside(cohorts, "twfe")[0].fit(cohorts) == by_event.fit(cohorts)


@pytest.mark.parametrize("name", ["imputation", "gardner", "twfe", "poisson-imputation"])
def test_treated_units_without_a_history_are_not_counted_as_treated_clusters(name):
    base = places(starts=(5, 7))
    cells = np.zeros(base.y.shape, dtype=bool)
    cells[:3, :7] = True
    objection = light(name).fit(with_gaps(base, cells)).objection
    assert objection is not None and str(objection).startswith("not valid here")
    assert light(name).fit(with_gaps(base, np.roll(cells, 20, axis=0))).objection is None


def test_page_tells_the_coverage_that_was_measured():
    docs = Path(__file__).parents[2] / "docs"
    page = " ".join((docs / "methods" / "did_methods.md").read_text(encoding="utf-8").split())
    with (docs / "evidence" / "did_partial.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))

    def spread(what: str, of: str, setting: str = "") -> str:
        shares = [
            100 * float(row["share"])
            for row in rows
            if (row["what"], row["of"], row["setting"]) == (what, of, setting)
        ]
        return f"{min(shares):.0f} to {max(shares):.0f} %"

    assert f"the first held the truth in {spread('coverage', 'poisson-imputation')}" in page
    assert f"of the second in {spread('coverage', 'imputation', 'event-time')}" in page
    assert f"(by cohort and period in {spread('coverage', 'imputation', 'cohort-period')})" in page
    assert f"of `gardner` in {spread('coverage', 'gardner')}" in page
    assert f"Where nothing lasted it failed in {spread('alarms', 'carry-over')}" in page
