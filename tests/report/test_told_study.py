"""The committed study that shows what a plan may tell: delivery, Spanish words, a lowered grade."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest
from section_words import text

from evaluation.report.blocks import BulletList, Table
from evaluation.report.layers import first_page
from evaluation.report.other_language import quoted, translated
from evaluation.report.sections.delivery import delivery
from evaluation.say import SPANISH
from evaluation.study.evidence import load_evidence
from evaluation.study.grade.grade import LADDER

PROJECT = Path(__file__).parents[2]
SLUG = "oakland-synthetic-compared"
PLAN = PROJECT / "analyses" / SLUG / "plan.toml"
EVIDENCE = load_evidence(SLUG, PROJECT)
TRIED = ("call_ins", "custom_notifications", "in_life_coaching")


def written() -> dict:
    return tomllib.loads(PLAN.read_text(encoding="utf-8"))


def rows() -> list[dict[str, str]]:
    with (PROJECT / written()["delivery"]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_year() -> dict[str, dict[str, str]]:
    (table,) = [
        block
        for block in delivery(EVIDENCE)
        if isinstance(block, Table) and block.key == "delivery-years"
    ]
    years = [header.text for header in table.headers[1:]]
    return {
        row[0][0].lower(): dict(zip(years, (cell[0] for cell in row[1:]), strict=True))
        for row in table.rows
    }


@pytest.mark.parametrize("column", TRIED)
def test_share_of_the_plan_in_each_year_is_that_of_the_table(column):
    """Against sums over the rows of the CSV, read as text."""
    label = next(one.label for one in EVIDENCE.delivery.activities if one.name == column)
    shown = by_year()[label]
    assert list(shown) == [str(year) for year in range(2012, 2020)]
    for year, told in shown.items():
        own = [row for row in rows() if row["month"].startswith(year)]
        delivered, planned = (
            sum(int(row[name]) for row in own) for name in (column, f"{column}_planned")
        )
        assert told == f"{100 * delivered / planned:.0f}%"


def test_delivery_over_time_goes_the_way_it_was_made():
    """Built in: half while setting up, nine tenths while kept, under half from 2018 on."""
    shown = {
        year: int(share.removesuffix("%"))
        for year, share in by_year()["people in life coaching"].items()
    }
    assert shown["2012"] < 65 and shown["2015"] > 80 and shown["2019"] < 55
    said = text(delivery(EVIDENCE))
    assert "Call-ins held: 79%" in said and "delivery_month.py, seed 20121020" in said


def test_record_is_called_invented():
    assert EVIDENCE.delivery.provenance.sensitivity == "synthetic"
    assert delivery(EVIDENCE)[1].title == "Invented record"


def test_grade_is_lowered_once_by_the_evaluator_with_the_written_reason():
    (entry,) = written()["lower"]
    outcome = EVIDENCE.outcome(entry["column"])
    reasons = [str(one) for one in outcome.grade.reasons]
    by_rules = [one for one in reasons if one.startswith("one down: ")]
    own = [one for one in reasons if one.startswith("one down by the evaluator")]
    assert own == [f"one down by the evaluator, to {entry['to']}: {entry['reason'].strip()}"]
    start = LADDER.index(outcome.grade.start)
    assert outcome.grade.level == entry["to"] == LADDER[start - len(by_rules) - 1]
    assert not any("by the evaluator" in str(one) for one in EVIDENCE.outcomes[0].grade.reasons)


def test_spanish_page_has_the_words_of_the_plan_and_quotes_nothing():
    own = written()["es"]
    document = first_page(EVIDENCE, SPANISH)
    assert document.title == own["question"].strip()
    assert translated(EVIDENCE, SPANISH).title == own["title"]
    assert not quoted(translated(EVIDENCE, SPANISH))
    (further,) = [
        item
        for block in document.blocks
        if isinstance(block, BulletList)
        for item in block.items
        if getattr(item[-2:][0], "href", "").startswith("appendix.html#observed-")
    ]
    assert own["outcomes"]["nonfatal_shootings"] in further[1]


def test_plan_says_that_it_was_frozen_when_results_were_known():
    assert EVIDENCE.plan.changes == ()
    assert "frozen a second time when its results were known" in written()["notes"]
    log = (PLAN.parent / "changes.toml").read_text(encoding="utf-8")
    assert "frozen a second time, with its results known" in log
