"""Fits side by side: a table of great-tables where it is there, else of pandas, which says so."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from evaluation import example, its, table
from evaluation.errors import EnvironmentFault, FitError
from evaluation.fitted import Fit, compared


@pytest.fixture(scope="module")
def fits() -> list[Fit]:
    boston = example("boston")
    asked: dict[str, Any] = {"outcome": "homicides", "time": "month", "start": "1996-06"}
    return [its.fit(boston, **asked, method=one) for one in ("newey-west", "quasi-poisson")]


def test_a_column_a_fit_and_a_row_a_thing(fits: list[Fit]) -> None:
    found = table(fits, terms=["level"], form="frame")
    assert list(found.columns) == ["(1)", "(2)"]
    assert found.loc["Outcome"].tolist() == ["homicides", "homicides"]
    assert found.loc["Percent change", "(1)"] == f"{fits[0].percent.estimate:.1f}"
    assert found.loc["level", "(2)"] == found.loc["Estimate (standard error)", "(2)"]
    assert found.loc["AIC", "(1)"] == f"{fits[0].aic:.2f}" and found.loc["AIC", "(2)"] == ""
    # Nobody has an alpha or an objection.
    assert not {"alpha", "Not a headline"} & set(found.index)


def test_columns_may_be_named(fits: list[Fit]) -> None:
    found = table({"HAC": fits[0], "quasi": fits[1]}, form="frame")
    assert list(found.columns) == ["HAC", "quasi"]


def test_without_the_library_it_is_a_plain_table_that_says_so(
    fits: list[Fit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compared, "find_spec", lambda name: None)
    found = table(fits)
    assert isinstance(found, pd.DataFrame)
    assert "pip install 'ceasefire-evaluation[tables]'" in found.attrs["note"]
    with pytest.raises(EnvironmentFault, match="great-tables is not installed"):
        table(fits, form="great-tables")


def test_with_it_the_table_can_be_published(fits: list[Fit]) -> None:
    great_tables = pytest.importorskip("great_tables")
    found = table(fits)
    assert isinstance(found, great_tables.GT)
    assert "Percent change" in found.as_raw_html()


@pytest.mark.parametrize(
    ("given", "more", "words"),
    [
        ([], {}, "give a list of what its.fit"),
        ("fits", {}, "give a list of what its.fit, .* not str"),
        ([1], {}, "not int"),
        (None, {"form": "latex"}, "form: 'latex' is not known"),
        (None, {"terms": ["slope"]}, "there is no coefficient 'slope'"),
    ],
)
def test_what_is_no_table_is_refused(
    fits: list[Fit], given: Any, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(FitError, match=words):
        table(fits if given is None else given, **more)
