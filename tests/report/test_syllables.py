"""Syllables by rules of spelling come near to counts by hand, and so does the grade."""

from __future__ import annotations

import pytest
from syllables import grade_level, syllables

# Lincoln (1863), the first half of the Gettysburg Address.
LINCOLN = (
    "Four score and seven years ago our fathers brought forth on this continent, a new nation, "
    "conceived in Liberty, and dedicated to the proposition that all men are created equal. Now we "
    "are engaged in a great civil war, testing whether that nation, or any nation so conceived and "
    "so dedicated, can long endure. We are met on a great battle-field of that war. We have come "
    "to dedicate a portion of that field, as a final resting place for those who here gave their "
    "lives that that nation might live. It is altogether fitting and proper that we should do this."
)
# Words of the pages and of reports like them, counted by hand.
BY_HAND = {
    1: "cat made times named year years youth shot rate came through whole week change range add",
    2: "table ages changes wanted study being data murders people hopeful nation cities trial",
    3: "created homicide evidence estimate period example general policies policing repeated",
    4: "evaluate comparison community estimated geography available differences",
    5: "evaluation cooperation opportunity victimization",
}


@pytest.mark.parametrize(("count", "words"), BY_HAND.items())
def test_syllables_of_common_words_are_those_of_a_count_by_hand(count, words):
    assert {word: syllables(word) for word in words.split()} == dict.fromkeys(words.split(), count)


def test_numbers_are_one_word_and_parts_of_a_compound_are_counted_apart():
    assert [syllables(one) for one in ("2012", "5.5", "self-report", "battle-field")] == [
        1,
        1,
        3,
        3,
    ]


def test_the_grade_is_what_the_formula_gives():
    # Counted by hand: 6 words of one syllable in 1 sentence.
    assert grade_level("The cat sat on the mat.") == pytest.approx(-1.45)
    # Counted by hand with the CMU dictionary: 102 words, 5 sentences, 146 syllables. The rules
    # miss one of these ("our"), which is 0.12 of a grade.
    by_hand = 0.39 * 102 / 5 + 11.8 * 146 / 102 - 15.59
    assert grade_level(LINCOLN) == pytest.approx(by_hand, abs=0.15)


def test_a_point_in_a_number_and_a_quoted_question_are_read_as_written():
    sentence = "There were 5.5 fewer murders in the city."
    assert grade_level(sentence) == grade_level(sentence.replace("5.5", "5"))
    assert grade_level("“Does the program work?” That is asked.") < grade_level(
        "“Does the program work” that is asked."
    )


def test_hard_prose_is_told_from_plain():
    hard = (
        "Notwithstanding considerable heterogeneity, the counterfactual specification "
        "substantiates an appreciable attenuation of victimization attributable to the "
        "intervention."
    )
    assert grade_level(hard) > 20
    assert grade_level("We do not know if the program made a change. The data do not tell us.") < 4
