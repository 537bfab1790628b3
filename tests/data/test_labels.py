"""The normal form of labels: what is one, what stays two, and what only looks alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.data.labels import alike, chosen, drawn, lost_digits, normal, quoted, scripts, tidy

ONE = [
    ("HOMICIDE", "Homicide"),
    ("HOMICIDE", " homicide\t"),
    ("North Side", "North\u00a0 Side"),
    ("12", "12.0"),
    ("12", "12.00"),
    ("12", "１２"),
    ("12X", "12x"),
    ("19001", "19001.0"),
    ("6001400100", "6.001400100E+09"),
    ("Oakland", "Oak\u200bland"),
    ("Oakland", "Oak\u00adland"),
    ("Oakland", "\ufeffOakland"),
    ("Oakland", "Oak\u200dland"),
    ("ﬁre", "FIRE"),
    ("Straße", "STRASSE"),
    ("José", "Jose\u0301"),
    ("O'Brien", "O\u2019Brien"),
    ("A-1", "A\u20111"),
]
TWO = [
    ("012", "12"),
    ("007", "7"),
    ("012.0", "12"),
    ("1e3", "1000"),
    ("2E15", "2000000000000000"),
    ("12.5", "12"),
    ("José", "Jose"),
    ("A1", "A 1"),
    ("12X", "12"),
    ("-1", "1"),
]


@pytest.mark.parametrize(("one", "other"), ONE)
def test_two_spellings_are_one_label(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(("one", "other"), TWO)
def test_two_labels_stay_two(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@given(st.text(max_size=12))
def test_normal_form_is_its_own_normal_form_and_that_of_what_is_printed(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    assert normal(tidy(text)) == normal(text)


@given(st.from_regex(r"[0-9]{1,20}", fullmatch=True))
def test_no_digit_of_a_code_is_ever_lost(code: str) -> None:
    assert normal(code) == tidy(code) == normal(f"{code}.0") == tidy(f"{code}.0") == code


@pytest.mark.parametrize("code", ["6.0014E+09", "1e+16", "19001234567890123.0", "6E+09"])
def test_codes_that_lost_digits_are_known(code: str) -> None:
    assert lost_digits(code)


@pytest.mark.parametrize("code", ["3E1", "12.0", "9007199254740992.0", "2E15", "A+B", "1.5"])
def test_codes_that_lost_none_are_not_suspected(code: str) -> None:
    assert not lost_digits(code)


@pytest.mark.parametrize("other", ["НОМІСІDЕ", "HOMIСIDE", "ΗΟΜΙCΙDΕ"])
def test_letters_of_another_alphabet_look_alike_and_are_named(other: str) -> None:
    assert normal(other) != normal("HOMICIDE")
    assert drawn(other) == drawn("homicide")
    assert "Latin" in scripts(other)
    assert alike(["HOMICIDE", other, "THEFT"]) == [("HOMICIDE", other)]


def test_a_name_in_one_alphabet_mixes_none() -> None:
    assert scripts("Київ") == scripts("Αθήνα") == scripts("San José 東京") == ()


def test_most_rows_choose_the_spelling_and_no_order_does() -> None:
    assert chosen({"12x": 3, "12X": 2}) == "12x"
    assert chosen({"b": 1, "B": 1}) == chosen({"B": 1, "b": 1}) == "B"
    assert chosen({"12.0": 9, "12": 1}) == "12"


def test_what_cannot_be_seen_is_shown_between_quotes() -> None:
    assert quoted("a\u200bb\x1b\n") == "'a\\u200bb\\u001b\\n'"
    assert quoted("it's") == '"it\'s"'
    assert len(quoted("x" * 99)) == 42
