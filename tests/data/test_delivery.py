"""A record of delivery: pairs of delivered and planned, one place, every fault at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.data.delivery import Activity, Delivery, read_delivery
from evaluation.errors import DataError

HEAD = """\
name = "Done"
frequency = "quarter"
key = ["quarter"]
source = "tests"
licence = "MIT"
sensitivity = "synthetic"
unit = "City"
[columns.quarter]
role = "period"
type = "period"
"""


def column(name: str, measure: str = "a quarter") -> str:
    return (
        f'[columns.{name}]\nrole = "outcome"\ntype = "count"\nmeasure = "{measure}"\n'
        f'label = "{name.replace("_", " ")}"\n'
    )


def read(root: Path, table: str, *columns: str, head: str = HEAD) -> Delivery:
    (root / "done.csv").write_text(table, "utf-8")
    (root / "done.dataset.toml").write_text(head + "".join(columns), "utf-8")
    return read_delivery(root / "done.csv", root)


CALLS = (column("calls"), column("calls_planned"), column("visits"))
TABLE = "quarter,calls,calls_planned,visits\n2012-Q4,1,2,30\n2013-Q1,2,2,41\n"


def test_delivered_and_planned_are_paired_by_name(tmp_path):
    found = read(tmp_path, TABLE, *CALLS)
    assert found.activities == (
        Activity("calls", "calls", "a quarter", (1.0, 2.0), (2.0, 2.0)),
        Activity("visits", "visits", "a quarter", (30.0, 41.0), ()),
    )
    assert (found.place, found.frequency) == ("City", "quarter")
    assert found.periods == ("2012-Q4", "2013-Q1")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2012-Q4,1", "2012-Q4,-1", "done.csv:2:9: calls is -1"),
        ("2013-Q1,2", "2013-Q1,2.5", "done.csv:3:9: calls is 2.5"),
        (",41", ",", "done.csv:3:13: visits is blank"),
        ("2013-Q1", "2013-Q2", "2013-Q1"),
        ("2013-Q1", "2012-Q4", "done.csv:3:1: City 2012-Q4 is on line 2 already"),
        ("visits\n", "visit\n", "does not describe column 'visit'"),
    ],
)
def test_a_bad_cell_is_told_at_its_line_and_column(tmp_path, old, new, said):
    with pytest.raises(DataError) as caught:
        read(tmp_path, TABLE.replace(old, new), *CALLS)
    assert said in str(caught.value)


def test_a_plan_for_what_no_column_counts_is_refused_with_a_near_name(tmp_path):
    table = "quarter,calls,call_planned\n2012-Q4,1,2\n"
    with pytest.raises(DataError) as caught:
        read(tmp_path, table, column("calls"), column("call_planned"))
    assert str(caught.value) == (
        "done.dataset.toml:16:1: columns.call_planned: is the plan for 'call', which no column "
        "with the role outcome counts. Add it, or rename this one. Did you mean 'calls'?"
    )


def test_a_plan_in_another_unit_is_refused(tmp_path):
    columns = (column("calls"), column("calls_planned", "a year"), column("visits"))
    with pytest.raises(DataError, match=r"toml:19:1: .*'a year' is not the unit of 'calls'"):
        read(tmp_path, TABLE, *columns)


def test_a_record_of_two_places_is_refused(tmp_path):
    head = HEAD.replace('unit = "City"\n', "").replace('["quarter"]', '["place", "quarter"]')
    head += '[columns.place]\nrole = "unit"\ntype = "text"\n'
    table = "place,quarter,calls\nA,2012-Q4,1\nB,2012-Q4,1\n"
    with pytest.raises(DataError, match=r"done\.csv: is of 2 places"):
        read(tmp_path, table, column("calls"), head=head)
