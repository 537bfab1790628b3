"""Every number and every word of direction, against the numbers they are made from.

Hypothesis makes the effects; `claims.py` reads the sentences back, in both languages.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest
from claims import NUMBER, claims, rounds, unsound
from example_study import effect, outcome, study
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.effect import Interval
from evaluation.report import words
from evaluation.report.document import key_finding
from evaluation.report.doubts import DOUBTS
from evaluation.report.figures.figures import alternatives_table
from evaluation.say import ENGLISH, LANGUAGES, SPANISH, texts

GRADES = ("high", "moderate", "low", "very low")
# Singular and plural, and in Spanish of both genders; and one that is not translated.
LABELS = {
    "en": ("gun homicides", "trust in the police", "use of force", "arrest within 24 months"),
    "es": (
        "los homicidios",
        "la confianza",
        "el uso de la fuerza",
        "«gun homicides»",
        "el riesgo de arresto en un plazo de 24 meses",
    ),
}
REASONS = [f"one down: {opening} 3" for opening, _ in DOUBTS]
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
    r"signific(?!a que)|\bprove[ndrs]*\b|proof|confirm|demostr|demuestr|prueba que|compr(?:ob|ueb)",
    re.I,
)


BASE = effect((-26.1, -38.0, -11.9), (82.3, 33.2, 131.4))
STUDY = study()


def changed(percent, averted, scale="log ratio"):
    """The same effect with other numbers; its 96 months are made only once."""
    return replace(BASE, percent=Interval(*percent), averted=Interval(*averted), scale=scale)


def clear(percent: Interval) -> bool:
    return percent.low > 0 or percent.high < 0


def small(percent: Interval, margin: float) -> bool:
    return max(abs(percent.low), abs(percent.high)) < margin


def of_study(found):
    return replace(STUDY, outcomes=(found,))


@st.composite
def answers(draw, grades=GRADES):
    language = draw(st.sampled_from(LANGUAGES))
    averted = draw(counts)
    percent_of = draw(st.sampled_from(["", "", "risk", "rate", "days"]))
    found = outcome(
        replace(
            changed(
                draw(intervals),
                (averted, averted - 10, averted + 10),
                scale=draw(st.sampled_from(["log ratio", "difference"])),
            ),
            percent_of=percent_of,
            better=draw(st.sampled_from([None, "lower", "higher"])),
            horizon=draw(st.sampled_from([None, 730.0])),
        ),
        better=draw(st.sampled_from(["lower", "higher"])),
        label=draw(st.sampled_from(LABELS[language.code])),
    )
    reasons = draw(st.lists(st.sampled_from(REASONS), max_size=5))
    grade = replace(found.grade, level=draw(st.sampled_from(grades)), reasons=tuple(reasons))
    found = replace(found, grade=grade)
    margin = draw(st.sampled_from([None, 5.0, 12.5]))
    intervention = draw(st.sampled_from(INTERVENTIONS[language.code]))
    basis = draw(st.sampled_from(get_args(words.Basis)))
    said = words.answer(found, intervention, margin=margin, basis=basis, language=language)
    return found, said, margin, language


@settings(max_examples=200, deadline=None)
@given(answers())
def test_every_number_of_an_answer_is_one_of_the_effect_with_its_sign(told):
    found, said, margin, _ = told
    percent = found.effect.percent
    read = claims(said)
    known = (percent.estimate, percent.low, percent.high)
    for claimed in read.percents:
        assert any(rounds(value, claimed) for value in known), (said, claimed)
    assert len(read.percents) <= 3
    # A day is the label's own, and a change that is of no use the plan's.
    days = [float(one) for one in re.findall(NUMBER, found.label)]
    left = [one for one in map(float, read.left) if one not in (margin, *days)]
    assert left == [], said
    # Both ends of the range are told, unless they are no change at all.
    for end in (percent.low, percent.high):
        told_end = any(rounds(end, claimed) for claimed in read.percents)
        assert told_end or end == 0, (said, end)
    if clear(percent) and "mejor estim" not in said and "best estim" not in said:
        # The nearer end of a range comes first; the estimate before it.
        near, far = (abs(value) for value, _ in read.percents[1:3])
        assert near <= far, said


# What would say that the program did something, or that something went one way.
CAUSAL = {
    "en": ("It was ", "It may have been", "that it was", "which is", "came out {}"),
    "es": ("se deba a", "se debe a", "lo cual es"),
}
MOVED = re.compile(
    r"\b(?:fell|fallen|rose|risen|fall|rise|reduced|increased|dropped|cut|"
    r"baja|bajó|bajaron|aumento|aumentó|aumentaron|subió|redujo)\b"
)
SIDES = {"en": ("below", "above"), "es": ("por debajo", "por encima")}
JUDGED = {"en": ("which is better", "which is worse"), "es": ("es mejor", "es peor")}


@settings(max_examples=300, deadline=None)
@given(answers())
def test_a_range_across_no_change_has_no_cause_and_no_direction(told):
    found, said, margin, language = told
    if clear(found.effect.percent):
        return
    code = language.code
    assert not MOVED.search(said), said
    assert not any(word in said for word in JUDGED[code]), said
    inside = margin is not None and small(found.effect.percent, margin)
    assert any(word in said for word in CAUSAL[code]) <= inside, said
    # Outside the brackets with the numbers no side stands alone.
    bare = re.sub(r"\([^)]*\)", "", said)
    below, above = (word in bare for word in SIDES[code])
    assert below == above == (not inside), said


@settings(max_examples=300, deadline=None)
@given(answers())
def test_a_direction_is_that_of_the_range_and_harm_is_said_to_be_worse(told):
    found, said, margin, language = told
    percent, code = found.effect.percent, language.code
    if not clear(percent) or (margin is not None and small(percent, margin)):
        return
    bare = re.sub(r"\([^)]*\)", "", said)
    below, above = (word in bare for word in SIDES[code])
    assert (below, above) == (percent.high < 0, percent.low > 0), said
    way = found.effect.better or found.better
    good = (percent.high < 0) == (way == "lower")
    assert [word in said for word in JUDGED[code]] == [good, not good], said
    assert not MOVED.search(said), said


@settings(max_examples=200, deadline=None)
@given(answers())
def test_the_program_is_credited_or_blamed_as_surely_as_the_grade_allows(told):
    found, said, margin, language = told
    percent = found.effect.percent
    told_apart = clear(percent) and not (margin is not None and small(percent, margin))
    for grade in GRADES:
        program = language.say(f"program.{grade}", intervention="Ceasefire", why="").split(" Cea")
        here = program[0] in said
        assert here == (told_apart and found.grade.level == grade), (grade, said)


@settings(max_examples=200, deadline=None)
@given(answers())
def test_no_answer_is_significant_or_proved_and_each_is_a_sentence(told):
    _, said, _, language = told
    assert not FORBIDDEN.search(said)
    assert unsound(said) == []
    assert said[0].isupper() or said[0] in "«9"
    if language is SPANISH:
        assert not re.search(r"\b(?:de|a) el\b", said)


SWAPS = {
    "en": (("below", "above"), ("better", "worse")),
    "es": (("por debajo", "por encima"), ("es mejor", "es peor"), ("más baja", "más alta")),
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
    percent, say = found.effect.percent, language.say
    direction, size = facts[0], facts[1]
    assert (direction.value == say("direction.unclear")) == (not clear(percent))
    best, spread = (size.value, size.note)
    if clear(percent):
        side = "below" if percent.high < 0 else "above"
        assert direction.value == say(f"direction.{side}")
        way = found.effect.better or found.better
        judged = say("direction.good" if (side == "below") == (way == "lower") else "direction.bad")
        if found.grade.level == "very low":
            judged = say("direction.why", judged=judged)
        assert direction.note == judged
    else:
        # With a range on both sides no number on one of them stands first.
        best, spread = (size.note, size.value)
    for claimed in claims(best).percents:
        assert rounds(percent.estimate, claimed)
    for claimed in claims(spread).percents:
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
    assert ("no clear difference" in title) == (not clear(percent))
    assert not FORBIDDEN.search(title) and not MOVED.search(title)


@settings(max_examples=200, deadline=None)
@given(answers())
def test_an_estimate_has_the_same_digits_in_sentence_strip_title_and_table(told):
    found, said, _, language = told
    evidence = of_study(found)
    strip = key_finding(evidence, found, language).facts[1]
    row = alternatives_table("key", found).rows[0]
    table = [str(cell) for column in (1, 2) for cell in row[column]]
    written = {
        name: digits_of(text)
        for name, text in (
            ("sentence", re.sub(r"(?:within|a menos de) [\d.]+% ", "", said)),
            ("strip", f"{strip.value} {strip.note.split(';')[0]}"),
            ("title", words.finding(found)),
            ("table", " ".join(table)),
        )
    }
    # What is no change at all is said in words and has its nought in the table.
    for name, shown in written.items():
        assert shown - {"0"} == written["table"] - {"0"}, (name, said, shown, table)


def digits_of(text: str) -> set[str]:
    """Percentages as written; what is less than 0.1 by its mark."""
    marked = re.sub(r"(?i)(?:less than|menos de) (?=\d)", "<", text)
    return set(re.findall(rf"<?{NUMBER}(?=%)", marked))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_a_wrong_sign_or_number_would_be_seen(language):
    found = outcome(BASE, grade="moderate")
    said = words.answer(found, "Ceasefire", language=language)
    read = claims(said)
    assert [value for value, _ in read.percents] == [-26, -12, -38]
    wrong = claims(mirrored(said, language.code))
    assert not any(rounds(-26.1, claimed) for claimed in wrong.percents)
    assert claims(said.replace("26%", "27%")).percents[0] == (-27.0, 0)
    assert not rounds(-26.1, (-27.0, 0))


def test_messages_of_no_language_claim_more_than_a_study_can_show():
    for language in LANGUAGES:
        for key, message in texts(language.code).items():
            # To deny it is no claim.
            told = message.replace("No test can confirm it.", "")
            told = told.replace("que otros puedan confirmar", "")
            told = told.replace("Ninguna prueba puede confirmarlo.", "")
            assert not FORBIDDEN.search(told), (language.code, key)


def test_english_is_what_is_said_unless_another_language_is_asked_for():
    found = outcome(grade="moderate")
    assert words.answer(found, "Ceasefire") == words.answer(found, "Ceasefire", language=ENGLISH)
