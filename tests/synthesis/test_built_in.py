"""What was built in beside what was found: true to the truth files, and to the draws."""

from __future__ import annotations

import csv
import math
from math import expm1
from pathlib import Path

import pytest

from benchmarks.sentences import built_in
from benchmarks.true_effects import true_effect
from evaluation.errors import DataError
from evaluation.study.evidence import load_evidence
from evaluation.study.plan.read import read_plan
from evaluation.synthesis.built_in import TABLE, against_truth, read_built_in

ROOT = Path(__file__).parents[2]
ROWS = read_built_in(ROOT)
SLUGS = sorted({row.study for row in ROWS})


def test_the_table_is_made_of_the_truth_files_and_the_draws() -> None:
    with (ROOT / "docs/evidence/sentences.csv").open(encoding="utf-8", newline="") as file:
        assert built_in(csv.DictReader(file)) == (ROOT / TABLE).read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", SLUGS)
def test_truth_and_verdict_of_each_outcome(slug: str) -> None:
    evidence = load_evidence(slug, ROOT)
    plan = read_plan(slug, ROOT).plan
    stem = Path(plan.data).stem
    files = {
        f"data/synthetic/{path.name}": path.read_text(encoding="utf-8")
        for path in (ROOT / "data/synthetic").glob(f"{stem}.*")
    }
    found = against_truth([evidence], ROWS)
    assert [one.outcome.column for one in found] == [o.column for o in evidence.outcomes]
    for one in found:
        true = true_effect(plan, files, one.outcome.column)
        if one.found is None:
            assert one.caught is None
            assert one.outcome.refused or not one.outcome.estimated
            continue
        effect = one.outcome.effect
        number = true.log_ratio if effect.scale == "log ratio" else true.difference
        points = 100 * number if effect.percent_of == "risk" else number
        shown = 100 * expm1(number) if effect.scale == "log ratio" else points
        assert one.truth == pytest.approx(shown, rel=1e-5, abs=1e-9)
        assert one.caught is (effect.low - 1e-6 <= number <= effect.high + 1e-6)


def test_a_study_without_a_truth_is_shown_without_a_verdict() -> None:
    (one, *_) = against_truth([load_evidence("oakland-synthetic", ROOT)], ())
    assert one.truth is None and one.caught is None and one.found is not None


def test_studies_of_real_data_are_no_tests() -> None:
    assert against_truth([load_evidence("boston", ROOT)], ROWS) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "study,outcome\n",
        "{head}\na,b,x,,1,1,1,1\n",
        "{head}\na,b,,,1\n",
        "{head}\na,b,1,2,,,,\n",
    ],
)
def test_a_damaged_table_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    head = (ROOT / TABLE).read_text(encoding="utf-8").splitlines()[0]
    path = tmp_path / TABLE
    path.parent.mkdir(parents=True)
    path.write_text(text.replace("{head}", head), encoding="utf-8")
    with pytest.raises(DataError, match=r"built_in\.csv.*make sentences"):
        read_built_in(tmp_path)


def test_without_a_table_there_is_none(tmp_path: Path) -> None:
    assert read_built_in(tmp_path) == ()
    assert all(math.isfinite(row.log_ratio) for row in ROWS if row.log_ratio is not None)
