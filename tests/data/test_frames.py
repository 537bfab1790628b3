"""Columns of a table are read alike from every library, and faults name the row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation.data import frames
from evaluation.errors import DataError

FRAME = pd.DataFrame(
    {
        "n": [3, 1, 2, 5, 4],
        "x": [0.5, np.nan, 1.5, 2.5, -1.0],
        "flag": [True, False, True, True, False],
        "race": ["b", "a", None, "c", "a"],
        "code": [12.0, 7.0, 7.0, 12.0, 3.0],
    }
)


def read(frame: Any = FRAME) -> frames.Table:
    return frames.table(frame)


def test_every_library_gives_the_same_columns(held: Any) -> None:
    plain, other = read().by_content(), read(held(FRAME)).by_content()
    assert plain.names == other.names and plain.n == other.n
    for name in ("n", "x", "flag", "code"):
        found = (one.numbers(name, "outcome") for one in (plain, other))
        np.testing.assert_array_equal(*found)
    for name in ("race", "code"):
        asked = ("covariates", True)
        assert plain.labels(name, asked[0], missing=True) == other.labels(
            name, asked[0], missing=True
        )


def test_numbers_that_are_missing_in_any_library_are_nan() -> None:
    for column in (
        pd.array([1, None, 3, 4, 5], dtype="Int64"),
        [1, None, 3, 4, 5],
        np.array([1, np.nan, 3, 4, 5]),
    ):
        values = read(FRAME.assign(n=column)).numbers("n", "outcome")
        assert np.isnan(values).tolist() == [False, True, False, False, False]
        assert values[[0, 2]].tolist() == [1, 3]


def test_labels_keep_every_digit() -> None:
    assert read().labels("code", "unit") == ["12", "7", "7", "12", "3"]


def test_categories_are_dummies_beside_the_first_of_the_alphabet() -> None:
    found = frames.covariates(read(), ["x", "race", "flag"])
    assert list(found.columns) == ["x", "race[T.b]", "race[T.c]", "flag"]
    assert found.bases == {"race": "a"}
    np.testing.assert_array_equal(found.columns["race[T.b]"], [1, 0, np.nan, 0, 0])
    np.testing.assert_array_equal(found.columns["flag"], [1, 0, 1, 1, 0])


def test_a_formula_names_them_and_chooses_the_base() -> None:
    found = frames.covariates(read(), "~ x + race")
    listed = frames.covariates(read(), ["x", "race"])
    assert set(found.columns) == set(listed.columns) and found.bases == listed.bases
    np.testing.assert_array_equal(found.columns["race[T.b]"], [1, np.nan, np.nan, 0, 0])
    other = frames.covariates(read(), "C(race, contr.treatment('c')) + n:x")
    assert other.bases == {"race": "c"}
    np.testing.assert_array_equal(other.columns["n:x"], [1.5, np.nan, np.nan, 12.5, -4.0])


def test_a_text_that_is_a_column_is_that_column() -> None:
    frame = FRAME.rename(columns={"n": "a + b"})
    assert list(frames.covariates(read(frame), "a + b").columns) == ["a + b"]


def test_each_once_is_by_name_and_refuses_a_change() -> None:
    assert frames.each_once(["b", "a", "b"], [2, 1, None], "weights") == [1, 2]
    with pytest.raises(DataError, match=r"weights: .* of a it is 1 and 2"):
        frames.each_once(["a", "a"], [1, 2], "weights")


def test_a_lazy_table_is_collected() -> None:
    polars = pytest.importorskip("polars")
    lazy = polars.DataFrame({"n": [1, 2]}).lazy()
    assert read(lazy).numbers("n", "outcome").tolist() == [1, 2]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: read({"n": [1]}), "give a table of pandas, polars or pyarrow, not dict"),
        (lambda: read(FRAME["n"]), "not Series"),
        (lambda: read(None), "not NoneType"),
        (lambda: read(FRAME.iloc[:0]), "no rows"),
        (lambda: read().values(3, "unit"), "unit: 3 is no name of a column"),
        (lambda: read().values("m", "unit"), "unit: there is no column 'm'"),
        (lambda: read().numbers("race", "outcome"), r"outcome \(race\): row 1 holds 'b'"),
        (lambda: read().numbers("x", "dose", missing=False), r"dose \(x\): row 2 has no value"),
        (lambda: read().flags("n", "treated"), r"treated \(n\): row 1 holds 3; it must be 0 or 1"),
        (lambda: read().labels("race", "unit"), r"unit \(race\): row 3 has no value"),
        (lambda: frames.covariates(read(), ["n", "n"]), "'n' is named twice"),
        (lambda: frames.covariates(read(), [3]), "covariates must be names of columns"),
        (lambda: frames.covariates(read(), "race ~ n"), "'race ~ n' has an outcome"),
        (lambda: frames.covariates(read(), "race + ("), "cannot be read"),
        (lambda: frames.covariates(read(), "nowhere(n)"), "nowhere"),
        (lambda: frames.covariates(read(), "n + m"), "there is no column 'm'"),
        (lambda: frames.kind_of(np.ones(2), "counts"), "kind: 'counts' is not known"),
    ],
)
def test_faults_are_told_in_words(ask: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        ask()


def test_categories_that_are_none_are_refused() -> None:
    with pytest.raises(DataError, match="there must be two or more, and there are: a"):
        frames.covariates(read(FRAME.assign(race="a")), ["race"])
    many = pd.DataFrame({"name": [f"person {i}" for i in range(80)]})
    with pytest.raises(DataError, match="80 categories, too many to be groups"):
        frames.covariates(read(many), ["name"])
    with pytest.raises(DataError, match="two spellings of one label"):
        frames.covariates(read(FRAME.assign(race=["a", "A ", "b", "b", "b"])), ["race"])


def test_rows_are_named_as_they_stood_whatever_their_order() -> None:
    table = read().by_content()
    with pytest.raises(DataError, match=r"dose \(x\): row 2 has no value"):
        table.numbers("x", "dose", missing=False)
