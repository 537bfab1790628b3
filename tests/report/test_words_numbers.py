"""Every number and every word of direction, against the numbers they are made from.

Hypothesis makes the effects; `claims.py` reads the sentences back, in both languages.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from claims import claims, rounds
from example_study import effect, outcome, study
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.effect import Interval
from evaluation.report import words
from evaluation.report.document import key_finding
from evaluation.report.messages.language import ENGLISH, LANGUAGES, SPANISH

GRADES = ("high", "moderate", "low", "very low")
# Singular and plural, and in Spanish of both genders; and one that is not translated.
LABELS = {
    "en": ("gun homicides", "trust in the police", "use of force"),
    "es": ("los homicidios", "la confianza", "el uso de la fuerza", "«gun homicides»"),
}
INTERVENTIONS = {
    "en": ("Ceasefire", "the program", "call-ins"),
    "es": ("Ceasefire", "el programa", "las reuniones de aviso", "«call-ins»"),
}
percents = st.one_of(
    st.floats(-99.4, 99.4),
    st.floats(-2, 2),
    st.floats(100, 5000),
    st.sampled_from([0.0, -0.0001, 0.0004, -0.004, 0.5, -0.5, -9.5, 10.0]),
)
intervals = st.lists(percents, min_size=3, max_size=3).map(sorted).map(lambda v: (v[1], v[0], v[2]))
counts = st.floats(-2000, 2000)
FORBIDDEN = re.compile(
    r"signific|\bprove[ndrs]*\b|proof|confirm|demostr|demuestr|prueba que|comprob|comprueb", re.I
)


BASE = effect((-26.1, -38.0, -11.9), (82.3, 33.2, 131.4))
STUDY = study()


def changed(percent, averted, scale="log ratio"):
    """The same effect with other numbers; its 96 months are made only once."""
    return replace(BASE, percent=Interval(*percent), averted=Interval(*averted), scale=scale)


def of_study(found):
    return replace(STUDY, outcomes=(found,))


@st.composite
def answers(draw, grades=GRADES):
    language = draw(st.sampled_from(LANGUAGES))
    averted = draw(counts)
    found = outcome(
        changed(
            draw(intervals),
            (averted, averted - 10, averted + 10),
            scale=draw(st.sampled_from(["log ratio", "difference"])),
        ),
        grade=draw(st.sampled_from(grades)),
        better=draw(st.sampled_from(["lower", "higher"])),
        label=draw(st.sampled_from(LABELS[language.code])),
    )
    margin = draw(st.sampled_from([None, 5.0]))
    intervention = draw(st.sampled_from(INTERVENTIONS[language.code]))
    said = words.answer(found, intervention, margin=margin, language=language)
    return found, said, margin, language


def yearly(found) -> float:
    """Outcomes more a year, from the results alone: 36 of the 96 months are after the start."""
    return -found.effect.averted.estimate * 12 / 36


@settings(max_examples=150, deadline=None)
@given(answers())
def test_every_number_of_an_answer_is_one_of_the_effect_with_its_sign(told):
    found, said, margin, _ = told
    percent = found.effect.percent
    read = claims(said)
    known = (percent.estimate, percent.low, percent.high)
    for claimed in read.percents:
        assert any(rounds(value, claimed) for value in known), (said, claimed)
    assert len(read.percents) <= 3
    left = [number for number in read.left if margin is None or float(number) != margin]
    assert left == [], said
    # Both ends of the range are told, unless they are no change at all.
    for end in (percent.low, percent.high):
        told_end = any(rounds(end, claimed) for claimed in read.percents)
        assert told_end or abs(end) < 0.0005, (said, end)
    if percent.low > 0 or percent.high < 0:
        # The nearer end of a range comes first; "about x% (range ..." says it after the estimate.
        firm = found.grade.level in ("high", "moderate") and not re.search("best|mejor", said)
        near, far = (abs(value) for value, _ in read.percents[1 if firm else 0 :][:2])
        assert near <= far, said
    if read.yearly is not None:
        assert rounds(yearly(found), read.yearly), said


@settings(max_examples=150, deadline=None)
@given(answers())
def test_an_answer_claims_a_direction_only_when_range_and_grade_allow(told):
    found, said, _, language = told
    percent, grade = found.effect.percent, found.grade.level
    firm = {
        "en": ("reduced", "increased"),
        "es": ("hubo una baja de", "hubo un aumento de"),
    }[language.code]
    maybe = {
        "en": ("may have fallen", "may have risen"),
        "es": ("haya habido una baja", "haya habido un aumento"),
    }[language.code]
    unknown = {"en": "We cannot tell", "es": "No podemos saber"}[language.code]
    doubt = {"en": "but no change is possible", "es": "también es posible que no haya"}
    clear = percent.low > 0 or percent.high < 0
    for fall, rise in (firm, maybe):
        assert (fall in said) <= (percent.estimate < 0)
        assert (rise in said) <= (percent.estimate > 0)
    assert any(word in said for word in firm) <= (clear and grade in ("high", "moderate"))
    assert any(word in said for word in maybe) <= (grade == "low")
    assert (unknown in said) == (grade == "very low")
    probable = {"en": "probably", "es": "probablemente"}[language.code]
    assert (probable in said) == (grade == "moderate" and any(word in said for word in firm))
    if any(word in said for word in maybe):
        assert (doubt[language.code] in said) == (not clear)


@settings(max_examples=150, deadline=None)
@given(answers())
def test_no_answer_is_significant_or_proved_and_each_is_a_sentence(told):
    _, said, _, language = told
    assert not FORBIDDEN.search(said)
    assert said.endswith(".")
    assert said[0].isupper() or said[0] == "«"
    assert "  " not in said and "{" not in said
    if language is SPANISH:
        assert not re.search(r"\b(?:de|a) el\b", said)


SWAPS = {
    "en": (("reduced", "increased"), ("fallen", "risen"), ("fewer", "more"), ("lower", "higher")),
    "es": (("una baja", "un aumento"), ("menos", "más"), ("por debajo", "por encima")),
}


def mirrored(said: str, code: str) -> str:
    for index, pair in enumerate(SWAPS[code]):
        said = said.replace(pair[0], f"<{index}>").replace(pair[1], pair[0])
        said = said.replace(f"<{index}>", pair[1])
    return said


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0.6, 99.0), min_size=3, max_size=3).map(sorted),
    st.floats(1, 2000),
    st.sampled_from(GRADES),
    st.sampled_from(["log ratio", "difference"]),
    st.sampled_from(LANGUAGES),
)
def test_harm_is_said_in_the_words_of_benefit(sizes, averted, grade, scale, language):
    low, mid, high = sizes
    fall = outcome(changed((-mid, -high, -low), (averted, 0, averted), scale=scale), grade=grade)
    rise = outcome(changed((mid, low, high), (-averted, -averted, 0), scale=scale), grade=grade)
    said = words.answer(fall, "Ceasefire", language=language)
    assert words.answer(rise, "Ceasefire", language=language) == mirrored(said, language.code)
    good, bad = (key_finding(of_study(one), one, language) for one in (fall, rise))
    assert {good.tone, bad.tone} == ({"unclear"} if grade == "very low" else {"good", "bad"})
    assert good.facts[2:] == bad.facts[2:]
    for fact, other in zip(good.facts[:2], bad.facts[:2], strict=True):
        swapped = mirrored(fact.value.lower(), language.code)
        assert other.value.lower() == swapped


@settings(max_examples=100, deadline=None)
@given(answers())
def test_the_strip_agrees_with_the_effect(told):
    found, _, _, language = told
    facts = key_finding(of_study(found), found, language).facts
    percent = found.effect.percent
    direction, size = facts[0], facts[1]
    clear = percent.low > 0 or percent.high < 0
    unclear = language.say("direction.unclear")
    assert (direction.value == unclear) == (not clear)
    if clear:
        side = "fewer" if percent.estimate < 0 else "more"
        if found.effect.scale == "difference":
            side = "lower" if percent.estimate < 0 else "higher"
        assert direction.value == language.say(f"direction.{side}")
        good = (percent.estimate < 0) == (found.better == "lower")
        which = "why" if found.grade.level == "very low" else "good" if good else "bad"
        assert direction.note == language.say(f"direction.{which}")
    for claimed in claims(size.value).percents:
        assert rounds(percent.estimate, claimed)
    for claimed in claims(size.note).percents:
        assert rounds(percent.low, claimed) or rounds(percent.high, claimed)
    assert claims(size.value).left == claims(size.note).left == ()


@settings(max_examples=100, deadline=None)
@given(answers())
def test_the_title_of_a_figure_has_the_numbers_and_the_side_of_the_effect(told):
    found = told[0]
    title, percent = words.finding(found), found.effect.percent
    read = claims(title)
    for claimed in read.percents:
        assert any(
            rounds(value, claimed) for value in (percent.estimate, percent.low, percent.high)
        ), title
    assert read.left == ()
    clear = percent.low > 0 or percent.high < 0
    assert ("went below" in title) == (clear and percent.estimate < 0)
    assert ("went above" in title) == (clear and percent.estimate > 0)
    assert not FORBIDDEN.search(title)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_a_wrong_sign_or_number_would_be_seen(language):
    found = outcome(BASE, grade="moderate")
    said = words.answer(found, "Ceasefire", language=language)
    read = claims(said)
    assert [value for value, _ in read.percents] == [-26, -12, -38]
    assert read.yearly == (-27.0, 0)
    wrong = claims(mirrored(said, language.code))
    assert not any(rounds(-26.1, claimed) for claimed in wrong.percents)
    assert claims(said.replace("26%", "27%")).percents[0] == (-27.0, 0)
    assert not rounds(-26.1, (-27.0, 0))


def test_messages_of_no_language_claim_more_than_a_study_can_show():
    for language in LANGUAGES:
        for key, message in language.messages.items():
            assert not FORBIDDEN.search(message), (language.code, key)


def test_english_is_what_is_said_unless_another_language_is_asked_for():
    found = outcome(grade="moderate")
    assert words.answer(found, "Ceasefire") == words.answer(found, "Ceasefire", language=ENGLISH)
