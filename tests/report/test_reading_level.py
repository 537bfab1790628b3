"""Page 1 and the front page can be read at US grade 8 to 10.

Measured with textstat 0.7.8: the Flesch-Kincaid grade, 0.39 words a sentence + 11.8 syllables a
word - 15.59 (Kincaid and others, 1975, Navy Research Branch Report 8-75). Its syllables are those
of the CMU Pronouncing Dictionary. Older releases guess them by hyphenation, which gave 140 where
there are 146; newer ones ask the network.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import textstat
from example_study import OAKLAND, outcome, study, synthetic_study, together

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
# Lincoln (1863), the first half of the Gettysburg Address.
LINCOLN = (
    "Four score and seven years ago our fathers brought forth on this continent, a new nation, "
    "conceived in Liberty, and dedicated to the proposition that all men are created equal. Now we "
    "are engaged in a great civil war, testing whether that nation, or any nation so conceived and "
    "so dedicated, can long endure. We are met on a great battle-field of that war. We have come "
    "to dedicate a portion of that field, as a final resting place for those who here gave their "
    "lives that that nation might live. It is altogether fitting and proper that we should do this."
)


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
    # The library takes the point in 5.5 for the end of a sentence.
    return textstat.flesch_kincaid_grade(re.sub(r"(?<=\d)\.(?=\d)", "", " ".join(said)))


def test_the_library_counts_as_the_formula_says():
    # Counted by hand: 6 words of one syllable in 1 sentence.
    assert textstat.flesch_kincaid_grade("The cat sat on the mat.") == pytest.approx(-1.45)
    # Counted by hand with the CMU dictionary: 102 words, 5 sentences, 146 syllables.
    by_hand = 0.39 * 102 / 5 + 11.8 * 146 / 102 - 15.59
    assert textstat.flesch_kincaid_grade(LINCOLN) == pytest.approx(by_hand, abs=0.01)


def test_the_library_tells_hard_from_plain():
    hard = (
        "Notwithstanding considerable heterogeneity, the counterfactual specification "
        "substantiates an appreciable attenuation of victimization attributable to the "
        "intervention."
    )
    assert level([hard]) > 20
    assert level(["We do not know if the program made a change. The data do not tell us."]) < 4


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
