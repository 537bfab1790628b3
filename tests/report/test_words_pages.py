"""Every number on page 1 of the committed reports, and in titles of figures, is in results.json.

The results are read as JSON, so that what the program makes of them cannot hide a mistake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from claims import NUMBER, claims, rounds

from evaluation.report.blocks import Details, Document, Figure, KeyFinding
from evaluation.report.document import key_finding
from evaluation.report.layers import report_document
from evaluation.report.other_language import translated
from evaluation.report.site import site_document
from evaluation.say import ENGLISH, SPANISH
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[2]
SLUGS = sorted(
    path.parent.name
    for path in (PROJECT / "reports").glob("*/results.json")
    if not path.parent.name.startswith("replication")
)
# One of each design: their figures take seconds.
DRAWN = ("boston", "groups-synthetic", "participants-synthetic-null", "survey-synthetic-null")


def content_of(slug: str) -> Any:
    text = (PROJECT / "reports" / slug / "results.json").read_text(encoding="utf-8")
    return json.loads(text)


def all_numbers(value: Any) -> Iterator[float]:
    """Every number of a JSON value, those written inside texts too."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, (int, float)):
        yield float(value)
    elif isinstance(value, str):
        for found in re.findall(NUMBER, value):
            yield float(found.replace(",", ""))
    else:
        for item in value.values() if isinstance(value, dict) else value:
            yield from all_numbers(item)


def known_of(content: Any, outcome: Any) -> list[float]:
    """What page 1 may say about an outcome: its headline, its names and a count a year."""
    named = [content["question"], content["title"], content["intervention"]]
    known = list(all_numbers([*named, content["data"]["unit"], outcome["label"]]))
    known += all_numbers([content["plan"]["content"].get("margin")])
    effect = outcome["headline"]["effect"]
    if effect is None:
        return [*known, *all_numbers(outcome["headline"]["reason"] or "")]
    told = [*effect["percent"].values(), *effect["averted"].values()]
    points = [effect["estimate"], effect["low"], effect["high"]]
    terms = [term["estimate"] for term in effect["terms"] if term["name"].startswith("mean with")]
    after = [row["period"] for row in effect["path"] if row["phase"] in ("phase-in", "after")]
    if after:
        in_a_year = 4 if "Q" in after[0] else 12 if "-" in after[0] else 1
        known.append(effect["averted"]["estimate"] * in_a_year / len(after))
    # Shares are told of 100.
    return [*known, *told, *points, *terms, *(100 * value for value in [*points, *terms])]


def is_known(number: str, known: list[float]) -> bool:
    digits = len(number.partition(".")[2])
    value = float(number.replace(",", ""))
    return any(abs(abs(one) - value) <= 0.5 * 10**-digits + 1e-9 for one in known)


def findings_of(document: Document) -> list[KeyFinding]:
    return [block for block in document.blocks if isinstance(block, KeyFinding)]


def figures_of(blocks: Any) -> Iterator[Figure]:
    for block in blocks:
        if isinstance(block, Figure):
            yield block
        elif isinstance(block, Details):
            yield from figures_of(block.blocks)


@pytest.mark.parametrize("page", ["en", "es"])
@pytest.mark.parametrize("slug", SLUGS)
def test_numbers_of_page_1_are_in_results_json(slug, page):
    evidence, content = load_evidence(slug, PROJECT), content_of(slug)
    language = SPANISH if page == "es" else ENGLISH
    told = translated(evidence, language)
    found = [key_finding(told, outcome, language) for outcome in told.outcomes]
    assert len(found) == len(content["outcomes"])
    for finding, outcome in zip(found, content["outcomes"], strict=True):
        known = known_of(content, outcome)
        direction, size, certainty = finding.facts
        # 100 is that of "of 100 people".
        texts = [finding.label, finding.sentence, direction.value, direction.note]
        texts += [size.value, re.sub(r"\b100 (?=people|personas)", "", size.note)]
        texts += [certainty.value]
        for text in texts:
            for number in re.findall(NUMBER, text):
                assert is_known(number, known), (number, text)
        if outcome["headline"]["effect"] is not None:
            percent = outcome["headline"]["effect"]["percent"]
            for text in (finding.sentence, size.value, size.note):
                for claimed in claims(text).percents:
                    assert any(rounds(value, claimed) for value in percent.values()), text


def test_a_number_that_is_nowhere_would_be_seen():
    content = content_of("boston")
    known = known_of(content, content["outcomes"][0])
    assert not is_known("68", known)
    assert is_known("67", known)
    assert not is_known("67.3", known)


@pytest.mark.parametrize("slug", DRAWN)
def test_numbers_in_titles_of_figures_are_in_results_json(slug):
    evidence, content = load_evidence(slug, PROJECT), content_of(slug)
    figures = list(figures_of(report_document(evidence).blocks))
    assert len(figures) >= 6
    labels = {outcome["label"].lower(): outcome for outcome in content["outcomes"]}
    for figure in figures:
        label = max(
            (one for one in labels if figure.title.lower().startswith(one)), key=len, default=None
        )
        assert label is not None, figure.title
        outcome = labels[label]
        known = [*all_numbers(outcome), *all_numbers(content["plan"]["content"])]
        known += [100 * value for value in known if abs(value) <= 1]
        title = figure.title[len(label) :]
        # Tallies ("4 of 12"): the whole is a number of rows or units, and no part exceeds it.
        for part, whole in re.findall(r"\b(\d+) of (\d+)\b(?! with)", title):
            assert int(part) <= int(whole)
        tallies = r"\b\d+ of \d+\b(?! with)|\b\d+ (?:of the )?controls|of 100"
        for sign, number in re.findall(rf"([−+]?)({NUMBER})", re.sub(tallies, "", title)):
            assert is_known(number, known), figure.title
            if sign:
                signed = [one for one in known if (one < 0) == (sign == "−")]
                assert is_known(number, signed), figure.title
        percent = outcome["headline"]["effect"]["percent"]
        headline = re.search(rf"the headline is ([−+])({NUMBER})%", title)
        if headline:
            assert is_known(headline[2], [percent["estimate"]])
            assert (headline[1] == "−") == (percent["estimate"] < 0)
        clear = percent["low"] > 0 or percent["high"] < 0
        assert ("no clear difference" in title) <= (not clear)
        assert ("% below what was" in title) <= (percent["high"] < 0)
        assert ("% above what was" in title) <= (percent["low"] > 0)
        assert not re.search(r"signific|prove[dns]?\b", title, re.I)


def test_counts_of_the_page_of_every_study_are_counts_of_studies():
    studies = [load_evidence(slug, PROJECT) for slug in SLUGS]
    real = [one for one in studies if one.data.provenance.sensitivity != "synthetic"]
    document = site_document(studies)
    text = " ".join(
        part if isinstance(part, str) else part.text
        for block in document.blocks
        for part in (getattr(block, "text", "") or ())
        if not isinstance(getattr(block, "text", ""), str)
    )
    goals = {content_of(slug)["goal"] for slug in SLUGS}
    assert f"for {len(goals)} of 3 goals" in text
    assert len(findings_of(document)) == sum(len(one.outcomes) for one in real)
