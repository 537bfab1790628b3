"""A file that no calculation could have given is told at its place; those that are here all are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.errors import DataError
from evaluation.study.possible import impossible
from evaluation.study.power.power_evidence import loads

PROJECT = Path(__file__).parents[2]
WRITTEN = ("results.json", "power.json", "economics.json")


def test_every_committed_file_is_possible():
    paths = [one for name in WRITTEN for one in (PROJECT / "reports").glob(f"*/{name}")]
    assert len(paths) > 20
    assert [one for one in paths if impossible(json.loads(one.read_bytes()))] == []


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ({"a": [{"low": 2.0, "high": 1.0}]}, ("a", 0, "low"), "2.0 is above the other end, 1.0"),
        ({"band_low": 2, "band_high": 1}, ("band_low",), "2 is above the other end, 1"),
        ({"p_value": 1.2}, ("p_value",), "1.2 is not from 0 to 1"),
        ({"power": -0.1}, ("power",), "-0.1 is not from 0 to 1"),
        ({"std_error": -1.0}, ("std_error",), "-1.0 is negative"),
        ({"period": "2019-13"}, ("period",), "'2019-13' is no period"),
        ({"first": "2019-02-32"}, ("first",), "'2019-02-32' is no period"),
        ({"first": "2019-03", "last": "2019-02"}, ("last",), "2019-02 is before 2019-03"),
        (
            {"path": [{"period": "2019"}, {"period": "2018"}]},
            ("path", 1),
            "is not after the one before",
        ),
    ],
)
def test_what_no_calculation_gives_is_found(content, place, words):
    assert impossible(content) == (place, words)


@pytest.mark.parametrize(
    "content",
    [
        {"low": 1.0, "high": 1.0},
        {"low": None, "high": 1.0},
        {"p_value": None},
        {"first": "2019-02", "last": "2019-02"},
        {"first": "low", "last": "high"},
        {"period": "2019-Q4"},
        {"period": "2019-W53"},
        # A place or a column may be called anything, and a person may write anything.
        {"fact": "a.b", "numbers": {"p_value": 3, "low": 2, "high": 1}},
        {"content": {"power": 80}},
    ],
)
def test_what_may_be_is_left_alone(content):
    assert impossible(content) is None


def test_it_is_told_at_its_line_with_what_makes_the_file_again():
    text = (PROJECT / "reports/boston/power.json").read_text("utf-8")
    line = text[: text.index('"false_alarms": ')].count("\n") + 1
    spoiled = text.replace('"false_alarms": ', '"false_alarms": 1', 1)
    with pytest.raises(DataError) as refused:
        loads(spoiled, "reports/boston/power.json", "power boston")
    told = str(refused.value)
    assert told.startswith(f"reports/boston/power.json:{line}:")
    assert "is not from 0 to 1. Made by the program; make it again with `ceasefire power" in told
