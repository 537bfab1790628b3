"""Page 1 and the front page can be read at US grade 8 to 10.

Measured by the Flesch-Kincaid grade, with the syllables that `tests/report/syllables.py` counts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from example_study import OAKLAND, outcome, study, synthetic_study, together
from syllables import grade_level

from evaluation.report.blocks import (
    BulletList,
    Callout,
    Columns,
    Document,
    KeyFinding,
    Paragraph,
    Table,
)
from evaluation.report.document import banners, expected_and_range, key_finding
from evaluation.report.front_page import front_document
from evaluation.report.layers import report_document
from evaluation.report.site import site_document
from evaluation.report.words import GRADES
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[2]
SLUGS = sorted(path.parent.name for path in (PROJECT / "reports").glob("*/results.json"))
STUDIES = [load_evidence(slug, PROJECT) for slug in SLUGS if not slug.startswith("replication")]
LOWEST, HIGHEST = 7.0, 10.0


def plain(text) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in text)


def flat(blocks):
    """The blocks, with those that stand beside one another in turn."""
    for block in blocks:
        if isinstance(block, Columns):
            for side in block.sides:
                yield from flat(side)
        else:
            yield block


def prose(document: Document, *, until: str = "Contents") -> list[str]:
    """Title and text before the list of contents, or of the whole page when there is none."""
    said = [document.title]
    for block in flat(document.blocks):
        if type(block).__name__ == until:
            break
        if isinstance(block, Callout):
            said += [f"{block.title}.", plain(block.text)]
        elif isinstance(block, KeyFinding):
            said.append(block.sentence)
        elif isinstance(block, Paragraph):
            said.append(plain(block.text))
        elif isinstance(block, BulletList):
            said += [plain(item) for item in block.items]
        elif isinstance(block, Table):
            said += [plain(row[1]) for row in block.rows]
    # A link to the same page in Spanish is for readers of Spanish.
    return [one for one in said if "español" not in one]


def level(said: list[str]) -> float:
    # An item of a list is read by itself, with a full stop or without.
    ended = (one if one.endswith((".", "!", "?")) else f"{one}." for one in said)
    return grade_level(" ".join(ended))


@pytest.mark.parametrize("evidence", STUDIES, ids=lambda one: one.slug)
def test_page_1_of_every_study_can_be_read_at_grade_8_to_10(evidence):
    blocks = (
        *banners(evidence),
        *(key_finding(evidence, one) for one in evidence.outcomes),
        expected_and_range(evidence),
    )
    said = prose(Document(evidence.question, "", "", blocks))
    assert LOWEST <= level(said) <= HIGHEST, said


def test_what_is_measured_is_what_stands_before_the_contents():
    evidence = study()
    said = prose(report_document(evidence))
    assert said[0] == evidence.question
    assert [one for one in said if one.startswith("Gun homicides")]
    assert any(one.startswith("What the range leaves open") for one in said)


@pytest.mark.parametrize("grade", GRADES)
@pytest.mark.parametrize("made", [study, synthetic_study])
def test_no_grade_makes_page_1_hard_to_read(grade, made):
    evidence = made(outcomes=(outcome(grade=grade),))
    plan = replace(evidence.plan, changes=("trend",))
    said = prose(report_document(replace(evidence, plan=plan)))
    assert level(said) <= HIGHEST, said


def test_the_front_page_can_be_read_at_grade_8_to_10():
    said = prose(front_document(STUDIES, together(STUDIES, OAKLAND), project=OAKLAND))
    assert len(said) > 12
    assert LOWEST <= level(said) <= HIGHEST


def test_the_front_page_without_a_study_too():
    assert level(prose(front_document([], together([])))) <= HIGHEST


def test_the_page_of_every_study_too():
    assert LOWEST <= level(prose(site_document(STUDIES))) <= HIGHEST


def test_no_sentence_of_page_1_is_longer_than_forty_words():
    for evidence in STUDIES:
        blocks = (
            *(key_finding(evidence, one) for one in evidence.outcomes),
            expected_and_range(evidence),
        )
        for said in prose(Document(evidence.question, "", "", blocks)):
            for sentence in re.split(r"(?<=[.?!]) ", said):
                assert len(sentence.split()) <= 40, sentence
