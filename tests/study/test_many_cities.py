"""The headline of every unit: what a plan of that unit alone finds, whoever does the work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation import its
from evaluation.data.partitioned import partitioned
from evaluation.data.read import read_panel
from evaluation.errors import DataError, PlanError
from evaluation.numeric.shared.permutation import holm
from evaluation.study import screen
from evaluation.study.batch_runs import workers
from evaluation.study.build.series import planned_series, planned_window
from evaluation.study.evidence import find_root
from evaluation.study.plan.read import read_plan
from evaluation.study.screen import each_unit, write_units

ROOT = find_root()
UNIT = "Oakland (synthetic)"


@pytest.fixture(scope="module")
def plan():
    return read_plan("oakland-synthetic", ROOT).plan


@pytest.fixture(scope="module")
def panel():
    return read_panel(ROOT / "data/synthetic/city_month.csv", ROOT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The same table as Parquet files of a few cities each, one file a partition."""
    import pandas

    made = tmp_path_factory.mktemp("cities")
    table = pandas.read_csv(ROOT / "data/synthetic/city_month.csv")
    cut = sorted(table["city"].unique())
    for number, names in enumerate((cut[:5], cut[5:])):
        inside = made / f"part={number}"
        inside.mkdir()
        table[table["city"].isin(names)].to_parquet(inside / "a.parquet", index=False)
    described = (ROOT / "data/synthetic/city_month.dataset.toml").read_text(encoding="utf-8")
    described = described.replace('file = "city_month.csv"\n', "")
    (made / "dataset.toml").write_text(described, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def rows(plan, panel):
    return each_unit(plan, panel)


def test_each_row_is_the_method_on_that_unit_alone(plan, panel, rows):
    assert [(row.unit, row.outcome) for row in rows] == [
        (unit, one.column) for unit in panel.units for one in plan.outcomes
    ]
    method = its.METHODS[plan.method("count")].set_to(plan.options)
    for row in rows[::5]:
        own = plan.model_copy(update={"unit": row.unit})
        effect = method.fit(planned_series(own, panel, row.outcome, planned_window(own, panel)))
        # `judge_many` promises 1e-8 of the method one at a time.
        found = [row.estimate, row.std_error, row.low, row.high, row.p_value]
        alone = [effect.estimate, effect.std_error, effect.low, effect.high, effect.p_value]
        np.testing.assert_allclose(found, alone, rtol=1e-6, atol=1e-8)


def test_p_values_are_adjusted_over_the_units_of_an_outcome(plan, rows):
    for outcome in plan.outcomes:
        own = [row for row in rows if row.outcome == outcome.column]
        p_values = np.array([row.p_value for row in own])
        assert [row.p_holm for row in own] == holm(p_values).tolist()
        # R 4.2.2: stats::p.adjust(p, "BH") is rev(cummin(rev(sort(p) * n / 1:n))), capped at 1.
        order = np.argsort(p_values, kind="stable")
        steps = p_values[order] * len(own) / np.arange(1, len(own) + 1)
        by_hand = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1)
        np.testing.assert_allclose(np.array([row.p_bh for row in own])[order], by_hand, rtol=1e-12)


def test_files_are_the_same_from_memory_from_a_folder_and_from_two_processes(
    plan, panel, folder, tmp_path, monkeypatch
):
    # Batches small enough that there are several; the same ones each time.
    monkeypatch.setattr(screen, "UNITS_TOGETHER", 4)
    table = partitioned(folder)
    ordered = replace(
        panel,
        units=table.units,
        values={
            name: values[[panel.units.index(unit) for unit in table.units]]
            for name, values in panel.values.items()
        },
    )
    told = []
    for ending in ("csv", "parquet"):
        write_units(each_unit(plan, ordered), tmp_path / f"memory.{ending}")
        write_units(each_unit(plan, table), tmp_path / f"folder.{ending}")
        with workers(jobs=2):
            found = each_unit(plan, table, progress=lambda *step: told.append(step))
        write_units(found, tmp_path / f"spread.{ending}")
        texts = [(tmp_path / f"{name}.{ending}").read_bytes() for name in ("memory", "folder")]
        assert texts == [(tmp_path / f"spread.{ending}").read_bytes()] * 2
        assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] == ".") == []
    assert told[:4] == [(4, 13), (8, 13), (12, 13), (13, 13)]
    text = (tmp_path / "memory.csv").read_text(encoding="utf-8").splitlines()
    assert text[0].startswith("unit,outcome,estimate,std_error,low,high,p_value,percent")
    assert len(text) == 1 + 13 * 2


def test_a_unit_that_cannot_be_estimated_has_a_reason_and_the_others_go_on(plan, panel, rows):
    values = dict(panel.values)
    column = plan.outcomes[0].column
    values[column] = values[column].copy()
    values[column][3] = 0.0
    found = each_unit(plan, replace(panel, values=values))
    bad = [row for row in found if row.reason]
    assert [(row.unit, row.outcome) for row in bad] == [(panel.units[3], column)]
    assert bad[0].p_value is None and bad[0].p_holm is None
    same = [row for row in found if row.unit != panel.units[3]]
    before = [row for row in rows if row.unit != panel.units[3]]
    np.testing.assert_allclose(
        [row.estimate for row in same], [row.estimate for row in before], rtol=1e-8, atol=1e-10
    )


def test_starts_of_their_own_choose_the_units_and_move_the_estimate(plan, panel, rows):
    other = panel.units[-1]
    found = each_unit(plan, panel, starts={UNIT: "2012-10", other: "2015-01"})
    assert {row.unit for row in found} == {UNIT, other}
    by = {(row.unit, row.outcome): row.estimate for row in rows}
    for row in found:
        same = by[row.unit, row.outcome]
        assert (abs(row.estimate - same) < 1e-8) is (row.unit == UNIT)


def test_refused_in_words(plan, panel, folder, tmp_path):
    compared = read_plan("oakland-synthetic-compared", ROOT).plan
    with pytest.raises(PlanError, match='design = "its"'):
        each_unit(compared, panel)
    other = plan.model_copy(
        update={"outcomes": (plan.outcomes[0].model_copy(update={"column": "thefts"}),)}
    )
    for table in (panel, partitioned(folder)):
        with pytest.raises(DataError, match="no outcome 'thefts'"):
            each_unit(other, table)
    with pytest.raises(DataError, match="'Nowhere'"):
        each_unit(plan, panel, starts={"Nowhere": "2012-10"})
    with pytest.raises(DataError, match="ends in none of"):
        write_units((), tmp_path / "rows.xlsx")
    assert list(tmp_path.iterdir()) == []
