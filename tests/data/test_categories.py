"""Categories of people: the base, the rare ones, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.data.categories import categories
from evaluation.errors import DataError


def people(**sizes: int) -> tuple[np.ndarray, np.ndarray]:
    """So many people of each category on each side."""
    text = np.repeat(np.array(list(sizes), dtype=object), list(sizes.values()))
    return np.concatenate([text, text]), np.arange(2 * len(text)) < len(text)


def test_the_base_is_the_most_common_or_the_first_that_is_listed():
    text, treated = people(black=30, white=20, asian=15)
    found = categories("race", text, treated)
    assert found.base == "race: black"
    assert list(found.columns) == ["race: asian", "race: white"]
    assert found.columns["race: white"].sum() == 40
    listed = categories("race", text, treated, ("white", "black", "asian", "unseen"))
    assert listed.base == "race: white"
    assert list(listed.columns) == ["race: black", "race: asian"]


def test_categories_that_are_rare_on_a_side_are_one():
    text, treated = people(black=30, white=20, asian=6, islander=9)
    found = categories("race", text, treated)
    assert list(found.columns) == ["race: white", "race: other"]
    assert found.columns["race: other"].sum() == 30
    # One side alone is enough: of 3 treated people nothing may be told.
    fewer = (text != "asian") & (~treated | (text != "white") | (np.cumsum(text == "white") <= 3))
    found = categories("race", text[fewer], treated[fewer])
    assert list(found.columns) == ["race: other"]


def test_a_rare_category_takes_the_next_smallest_with_it():
    text, treated = people(black=40, white=30, asian=12, islander=2)
    found = categories("race", text, treated)
    assert list(found.columns) == ["race: white", "race: other"]
    assert found.columns["race: other"].sum() == 28


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"black": 30, "white": 4}, "no two categories"),
        ({"black": 30}, "no two categories"),
        ({"black": 30, "": 12}, "race is empty for somebody"),
    ],
)
def test_what_nobody_can_be_made_alike_in_is_refused(sizes, words):
    with pytest.raises(DataError, match=words):
        categories("race", *people(**sizes))
