"""No withheld count can be worked out from what is told: all tables that agree are made."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.data.counted import FEW
from evaluation.data.project import Disclosure
from evaluation.effect import Check
from evaluation.study.release.rounding import Grid, Seen, safe_words
from evaluation.study.release.tables import WITHHELD, shown, suppressed, told_check

SEED = 20121019


def agreeing(table: np.ndarray, told: list[list[int | str]], row_totals: bool) -> list[np.ndarray]:
    """By brute force: every table of whole numbers that a reader could not rule out."""
    places = [
        (r, c)
        for r, row in enumerate(told)
        for c, cell in enumerate(row)
        if cell in (FEW, WITHHELD)
    ]
    choices = []
    for r, c in places:
        # A reader knows that a withheld cell is no more than its column, and what it is called.
        most = int(table[:, c].sum())
        choices.append(range(min(most, 9) + 1 if told[r][c] == FEW else most + 1))
    # All at once, (tables, cells), column by column of the table.
    trials = np.repeat(
        table.reshape(1, -1), max(np.prod([len(c) for c in choices], dtype=int), 1), 0
    )
    for place, values in zip(places, np.meshgrid(*choices, indexing="ij"), strict=True):
        trials[:, np.ravel_multi_index(place, table.shape)] = values.ravel()
    trials = trials.reshape(-1, *table.shape)
    same = (trials.sum(axis=1) == table.sum(axis=0)).all(axis=1)
    if row_totals:
        same &= (trials.sum(axis=2) == table.sum(axis=1)).all(axis=1)
    return list(trials[same])


@pytest.mark.parametrize("row_totals", [False, True])
def test_no_small_count_can_be_recovered_from_totals(row_totals: bool) -> None:
    draw = np.random.default_rng(SEED)
    seen = 0
    for _ in range(60):
        table = draw.integers(0, 24, (2, 2) if row_totals else (3, 1))
        # A column (or row) that is small itself must not be told at all, which callers see to.
        totals = [*table.sum(axis=0), *(table.sum(axis=1) if row_totals else [])]
        if min(totals) < 20:
            continue
        told = shown(table, row_totals=row_totals)
        tables = agreeing(table, told, row_totals)
        for place, cell in np.ndenumerate(np.array(told, dtype=object)):
            if cell in (FEW, WITHHELD):
                seen += 1
                assert len({int(one[place]) for one in tables}) >= 5, (table, told)
            else:
                assert table[place] >= 10 and abs(int(cell) - table[place]) <= 2
    assert seen > 20


def test_a_lone_small_count_is_not_the_total_less_the_rest() -> None:
    assert shown([[5], [100], [201]]) == [[WITHHELD], [WITHHELD], [200]]
    assert shown([[5], [3], [200]]) == [[FEW], [FEW], [200]]


def test_nothing_is_withheld_where_nothing_is_small() -> None:
    assert not suppressed([[10, 11], [12, 400]]).any()


def test_label_alone_gives_nothing_away() -> None:
    # Two cells called "fewer than 10" with a sum of 18 could only be 9 and 9.
    told = shown([[9], [9], [200], [13]])
    assert told == [[WITHHELD], [WITHHELD], [200], [WITHHELD]]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("3 of 400 people were left out", "fewer than 10 of 400 people were left out"),
        ("among 1,194 people", "among 1,195 people"),
        ("58 of 1200 people", "60 of 1200 people"),
        ("Of person 'P0001' (and of 2 more) age is missing", "of somebody age is missing"),
        ("1 % of treated people left", "under 3 % of treated people left"),
        ("5 % of treated people left", "5 % of treated people left"),
        ("98 % of treated people left", "over 97 % of treated people left"),
        ("under 3 % of treated people left", "under 3 % of treated people left"),
        ("over 97 % of the others left", "over 97 % of the others left"),
        ("only 6 treated and 6 comparison areas", "only 6 treated and 6 comparison areas"),
    ],
)
def test_sentences_tell_of_no_few_people(text: str, safe: str) -> None:
    assert safe in safe_words(text, (1200, 400, 800))


def told(check: Check) -> Check:
    return told_check(check, Disclosure(), Grid(5, 400), Seen())


def test_tables_of_checks_are_made_safe() -> None:
    rows = (
        {"from": 0.0, "treated": 3, "untreated": 502},
        {"from": 0.5, "treated": 397, "untreated": 298},
    )
    made = told(Check("overlap", True, "", rows, asked="?"))
    assert [row["treated"] for row in made.table] == [WITHHELD, WITHHELD]
    assert [row["untreated"] for row in made.table] == [500, 300]


def test_people_within_one_another_are_not_told_by_what_lies_between() -> None:
    """Of 251 and 247 people, those left out by the narrower rule are 4; of 1,151 and 1,142, 9."""
    rows = tuple({"rule": "a", "people": n} for n in (251, 247, 1151, 1142, 7))
    made = told(Check("trimming", None, "", rows, asked="?"))
    assert [row["people"] for row in made.table] == [250, 245, 1150, 1140, FEW]


def test_columns_that_a_check_says_count_people_are_told_in_steps() -> None:
    made = told(Check("of-its-own", None, "", ({"n": 63, "areas": 7},), counts=("n",), asked="?"))
    assert made.table == ({"n": 65, "areas": 7},)
