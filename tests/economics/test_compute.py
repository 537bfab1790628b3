"""What is written can be read again, and is written the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from invented import COST, EXAMPLE, HEAD, VALUE, changed, evidence, ledger, ratio

from evaluation.economics import cost_benefit
from evaluation.economics.compute import dumps, loads
from evaluation.errors import DataError


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE,
        HEAD + COST,
        HEAD + VALUE,
        EXAMPLE + changed(VALUE, perspective='"victims"'),
    ],
)
@pytest.mark.parametrize("theta", [-0.3, 0.5])
def test_record_is_the_same_after_reading(tmp_path: Path, text: str, theta: float) -> None:
    found = cost_benefit(evidence(ratio(theta, 0.1)), ledger(tmp_path, text))
    written = dumps(found)
    read = loads(written)
    assert dumps(read) == written
    assert [b.perspective for b in read.balances] == [b.perspective for b in found.balances]
    assert loads(dumps(read)) == read


def test_record_holds_no_machine_and_no_path(tmp_path: Path) -> None:
    written = dumps(cost_benefit(evidence(ratio(-0.3, 0.1)), ledger(tmp_path)))
    assert str(tmp_path) not in written
    assert written.endswith("}\n")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 9}', '{"schema": 1}'])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(DataError, match=r"economics\.json:(\d+:\d+:)? "):
        loads(text)


def test_record_with_a_strange_key_is_refused(tmp_path: Path) -> None:
    content = json.loads(dumps(cost_benefit(evidence(ratio(-0.3, 0.1)), ledger(tmp_path))))
    content["opinion"] = "good"
    with pytest.raises(DataError, match=r"economics\.json:\d+:\d+: opinion: "):
        loads(json.dumps(content))
