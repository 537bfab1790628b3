"""The last check on the front page: what came out, in both languages, and no more than that."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from example_study import oakland_study, study, synthetic_study, together
from report_page import Page, faults

from evaluation.report.blocks import BulletList, Callout, Heading, Link, Paragraph, Strong
from evaluation.report.front_page import front_document
from evaluation.report.html import render
from evaluation.report.site import LastCheck, last_check_blocks
from evaluation.report.write import as_json
from evaluation.say import ENGLISH, LANGUAGES, SPANISH

STUDIES = [oakland_study(), study(), synthetic_study()]
SLUGS = [one.slug for one in STUDIES]
ALL = LastCheck("1.2", dict.fromkeys(SLUGS, "reproduces"))
OTHERS = ("differs", "failed", "accepted since", "not accepted", "new")


def blocks_of(found, language=ENGLISH, studies=STUDIES):
    return last_check_blocks(found, studies, language)


def with_state(state):
    return replace(ALL, states={**ALL.states, SLUGS[0]: state})


def test_all_that_came_out_again_is_one_sentence():
    heading, told = blocks_of(ALL)
    assert isinstance(heading, Heading) and isinstance(told, Paragraph)
    assert told.text[0] == Strong(
        "Last check: 3 of 3 studies were run again and gave the results shown here."
    )
    assert "by version 1.2 of the program" in told.text[1]


@pytest.mark.parametrize("state", OTHERS)
@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_each_study_that_did_not_is_named_once_and_led_to(state, language):
    _, callout, named = blocks_of(with_state(state), language)
    assert isinstance(callout, Callout) and isinstance(named, BulletList)
    assert re.findall(r"\d+", callout.title) == ["2", "3"]
    ((link, words),) = named.items
    assert link == Link(STUDIES[0].title, f"{SLUGS[0]}/{language.page}")
    assert words == language.say(f"last-check.{state}")


def test_only_what_went_wrong_is_a_warning():
    tones = {state: blocks_of(with_state(state))[1].tone for state in OTHERS}
    assert {state for state, tone in tones.items() if tone == "warning"} == {"differs", "failed"}


def test_a_study_the_check_did_not_know_is_not_counted_as_checked():
    _, callout, named = blocks_of(LastCheck("1", {SLUGS[0]: "reproduces"}))
    assert "1 of 3 studies" in callout.title and len(named.items) == 2


def test_without_a_record_it_says_so_and_names_the_command():
    _, callout = blocks_of(None)
    assert callout.title == "Not checked yet"
    assert callout.text[1].text == "ceasefire check --record"


def test_without_studies_nothing_is_said():
    assert blocks_of(ALL, studies=[]) == blocks_of(None, studies=[]) == []


@pytest.mark.parametrize("found", [None, ALL, *map(with_state, OTHERS)])
def test_pages_are_sound_in_both_languages(found):
    for language in LANGUAGES:
        html = render(front_document(STUDIES, together(STUDIES), language, last_check=found))
        assert faults(html.replace('lang="es-US"', 'lang="en-US"')) == []
    text = " ".join(Page(html).all("main")[0].text.split())
    text = re.sub(r"«[^»]*»", "", text).replace("ceasefire check --record", "")
    assert re.findall(r"\b(?:the|of|and|is|are|not|checked|again|accepted)\b", text) == []


def test_a_title_with_signs_of_html_is_text():
    bad = replace(study(), title="<b>x</b>")
    checked = LastCheck("<i>1</i>", {})
    html = render(front_document([bad], together([bad]), SPANISH, last_check=checked))
    assert "<b>x" not in html and "<i>1" not in html and "&lt;i&gt;1" in html


def test_programs_read_the_same_states():
    content = json.loads(as_json(STUDIES, last_check=with_state("failed")))
    states = {slug: "reproduces" for slug in SLUGS} | {SLUGS[0]: "failed"}
    assert content["last_check"] == {"package": "1.2", "studies": states}
    assert json.loads(as_json(STUDIES))["last_check"] is None
