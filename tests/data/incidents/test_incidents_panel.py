"""Panels beside a slow twin that counts row by row, and what must not change them."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.data.incidents.build import build_panel
from evaluation.data.read import read_panel
from evaluation.errors import DataError
from tests.data.incidents.drawn import COLUMNS, ZONE, Rows, outputs, recipe, written
from tests.data.incidents.twin import panel

Project = Callable[..., Path]

MONTHS = [f"2012-{month:02d}" for month in range(1, 13)]
# Around both changes of the clock of 2012 in that zone, and around midnight in it and in UTC.
TIMES = (
    *("2012-03-11 01:59:59", "2012-03-11 02:30", "2012-03-11T10:00:00Z", "2012-11-04 01:30:00"),
    *("2012-11-04T08:30:00Z", "2012-11-04T09:30:00Z", "2012-11-04T01:30:00-08:00", "2012-05-31"),
    *("2012-06-01T06:59:59Z", "2012-06-01T07:00:00Z", "2012-05-31 23:59:59.999999", "2012-12-31"),
    *("2012-02-29T23:30:00-0800", "2012-03-01T09:00:00+0130", "2011-12-31T23:59:59-08", ""),
)
REPORTS = (
    *("2012-03-12", "2012-06-01 00:00", "2012-06-30 23:59", "2012-07-30T06:59:59Z", "2012-12-30"),
    *("2012-07-30T07:00:00Z", "2012-11-05 09:00:00", "2013-01-15", "2012-03-20", ""),
)
BEATS = ("A", "B", "=1+1", "@cmd", "-b", 'q"u,o', "Ünit", "")
OFFENSES = ("HOMICIDE", "ASSAULT", "THEFT", "=HYPERLINK()", "")

row_strategy = st.fixed_dictionaries(
    {
        "case": st.sampled_from([f"+{k}" for k in range(12)]),
        "when": st.sampled_from(TIMES),
        "told": st.sampled_from(REPORTS),
        "updated": st.sampled_from(REPORTS),
        "beat": st.sampled_from(BEATS),
        "offense": st.sampled_from(OFFENSES),
    }
)


CASES = list(
    itertools.product(
        ("local", "utc"), ("first reported", "last updated"), (None, 45), (None, ("A", "=1+1"))
    )
)


@pytest.mark.parametrize(("naive", "keep", "late", "units"), CASES)
def test_panel_is_that_of_the_twin(
    tmp_path: Path,
    naive: str,
    keep: str,
    late: int | None,
    units: tuple[str, ...] | None,
) -> None:
    draw = random.Random(str((naive, keep, late, units)))
    rows = [
        {
            "case": f"+{draw.randrange(300)}",
            "when": draw.choice(TIMES),
            "told": draw.choice(REPORTS),
            "updated": draw.choice(REPORTS),
            "beat": draw.choice(BEATS),
            "offense": draw.choice(OFFENSES),
        }
        for _ in range(600)
    ]
    text = recipe(naive=naive, keep=keep, late=late, units=units)
    path = written(tmp_path, text, rows, ("csv", "parquet", "csv.gz"))
    built = build_panel(path)
    # 2013-01-15 less 45 days is 2012-12-01, so November is complete.
    counts, dropped = panel(
        rows,
        zone=ZONE,
        naive=naive,
        keep=keep,
        late=late,
        counted=("HOMICIDE", "ASSAULT"),
        units=units,
        windows={"A": ("2012-03", "2012-06")} if units else {},
        window=("2012-02", "2012-11"),
    )
    assert {k: n for k, n in built.dropped.items() if n} == dropped
    assert built.read == len(rows) == built.kept + sum(built.dropped.values())
    found = read_panel(path.with_name("panel.csv"))
    values = found.values["serious"]
    for i, unit in enumerate(found.units):
        for t, month in enumerate(found.periods):
            covered = not units or unit != "A" or "2012-03" <= month <= "2012-06"
            if covered:
                assert values[i, t] == counts.pop((unit, month), 0), (unit, month)
            else:
                assert values[i, t] != values[i, t]
    assert counts == {}
    assert found.periods == (*MONTHS[1:11],)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rows=st.lists(row_strategy, min_size=1, max_size=30),
    keep=st.sampled_from(["first reported", "last updated"]),
    late=st.sampled_from([None, 0, 45]),
    broken=st.integers(0, 3),
    seed=st.randoms(use_true_random=False),
)
def test_rows_read_are_those_kept_and_dropped_in_any_order(
    tmp_path_factory: pytest.TempPathFactory,
    rows: Rows,
    keep: str,
    late: int | None,
    broken: int,
    seed: random.Random,
) -> None:
    fault = {**rows[0], "when": "2012-02-30"}
    rows = [*rows, *[fault] * broken, {**rows[0], "offense": "HOMICIDE", "case": "last"}]
    text = 'on_fault = "count"\n' + recipe(naive="local", keep=keep, late=late, units=None)
    folder = tmp_path_factory.mktemp("any")
    other = rows.copy()
    seed.shuffle(other)
    results = []
    for number, (given_rows, kinds) in enumerate(((rows, ("csv",)), (other, ("csv.gz", "csv")))):
        path = written(folder / str(number), text, given_rows, kinds)
        try:
            built = build_panel(path, threads=1 + number)
        except DataError as refused:
            results.append((str(refused),))
            continue
        account = json.loads(path.with_name("panel.panel.json").read_bytes())["rows"]
        assert built.read == len(rows) == built.kept + sum(built.dropped.values())
        assert account["read"] == account["kept"] + sum(account["dropped"].values()) == len(rows)
        assert built.dropped["unreadable"] == broken
        results.append((outputs(path)[:2], built.dropped))
    assert results[0] == results[1]


def test_same_bytes_twice_on_any_number_of_threads(tmp_path: Path) -> None:
    draw = random.Random(7)
    rows = [
        {
            "case": str(draw.randrange(20_000)),
            "when": draw.choice(TIMES),
            "told": draw.choice(REPORTS),
            "updated": "",
            "beat": draw.choice(BEATS),
            "offense": draw.choice(OFFENSES),
        }
        for _ in range(30_000)
    ]
    text = recipe(naive="local", keep="first reported", late=45, units=None)
    path = written(tmp_path, text, rows, ("csv", "parquet", "csv.gz"))
    build_panel(path)
    first = outputs(path)
    build_panel(path, threads=2)
    assert outputs(path) == first


def _repeated() -> Rows:
    """1,000 rows of 500 cases, some of them alone with their case."""
    draw = random.Random(8)
    return [
        {
            "case": str(draw.randrange(500)),
            "when": "2012-03-01",
            "told": draw.choice(REPORTS),
            "updated": draw.choice(REPORTS),
            "beat": draw.choice("AB"),
            "offense": "HOMICIDE",
        }
        for _ in range(1_000)
    ]


def test_ids_are_kept_once_over_several_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evaluation.data.incidents import store

    rows = _repeated()
    text = recipe(naive="local", keep="first reported", late=None, units=None)
    path = written(tmp_path, text, rows)
    built = build_panel(path)
    assert built.kept == len({row["case"] for row in rows})
    whole = outputs(path)
    monkeypatch.setattr(store, "ROWS_A_PASS", 90)
    assert build_panel(path).dropped == built.dropped
    assert outputs(path) == whole


@pytest.mark.parametrize("keep", ["first reported", "last updated"])
@pytest.mark.parametrize("hashed", ["0::UBIGINT", "hash(id) % 7", "hash(id) % 400"])
def test_ids_with_the_same_hash_are_still_different_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str, hashed: str
) -> None:
    from evaluation.data.incidents import store

    rows = _repeated()
    text = recipe(naive="local", keep=keep, late=45, units=None)
    path = written(tmp_path, text, rows)
    built = build_panel(path)
    assert built.dropped["duplicate"] == len(rows) - len({row["case"] for row in rows})
    whole = outputs(path)
    monkeypatch.setattr(store, "HASH", hashed)
    assert build_panel(path).dropped == built.dropped
    assert outputs(path) == whole


def test_both_hours_of_the_repeated_hour_are_one_day(tmp_path: Path) -> None:
    """09:00 UTC ends the first 01:xx in Los Angeles on 2012-11-04; both are in that day."""
    row = dict.fromkeys(COLUMNS, "2012-11-10") | {"beat": "A", "offense": "HOMICIDE"}
    moments = ["2012-11-04T08:30:00Z", "2012-11-04T09:30:00Z", "2012-11-04 01:30", "2012-11-01"]
    moments += ["2012-11-01T06:59:59Z", "2012-11-01T07:00:00Z", "2012-03-11 02:30"]
    rows = [{**row, "case": str(k), "when": when} for k, when in enumerate(moments)]
    text = recipe(naive="local", keep="first reported", late=None, units=None)
    path = written(tmp_path, text, rows)
    build_panel(path)
    found = read_panel(path.with_name("panel.csv"))
    months = dict(zip(found.periods, found.values["serious"][0].tolist(), strict=True))
    assert {month: count for month, count in months.items() if count} == {
        "2012-03": 1,
        "2012-10": 1,
        "2012-11": 5,
    }


def test_typed_parquet_means_what_text_means(tmp_path: Path) -> None:
    import datetime

    import pyarrow
    from pyarrow import parquet

    day = datetime.date(2012, 6, 1)
    edge = datetime.datetime(2012, 6, 1, 6, 59, tzinfo=datetime.UTC)
    table = pyarrow.table(
        {
            "case": pyarrow.array([1, 2, 3], pyarrow.int64()),
            "when": pyarrow.array([edge, edge + datetime.timedelta(minutes=1), None]),
            "told": pyarrow.array([day, day, day]),
            "beat": pyarrow.array([7, 7, 7], pyarrow.int32()),
            "offense": pyarrow.array(["HOMICIDE"] * 3).dictionary_encode(),
        }
    )
    text = recipe(naive="local", keep="first reported", late=None, units=None)
    path = written(tmp_path, text, [], ())
    parquet.write_table(table, tmp_path / "raw" / "typed.parquet")
    built = build_panel(path)
    assert (built.kept, built.dropped["no_date"]) == (2, 1)
    found = read_panel(path.with_name("panel.csv"))
    assert found.units == ("7",)
    assert found.values["serious"][0, 3:5].tolist() == [1, 1]  # May and June
