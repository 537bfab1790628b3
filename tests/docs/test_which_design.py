"""The table of designs and methods says what the program chooses."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from doc_pages import ROOT

from evaluation.did.choice import chosen
from evaluation.errors import FitError
from evaluation.its.design import Kind
from evaluation.its.methods import default

PAGE = (ROOT / "docs/start/which-design.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+) \| `(\w+)` \| `?([\w -]+?)`? \|$", PAGE, re.MULTILINE)


def its_default(kind: Kind, **how: object) -> set[str]:
    frequencies = how.pop("of", ("month",))
    return {default(kind, frequency=one, **how).name for one in frequencies}  # type: ignore[attr-defined, arg-type]


def did_default(
    treated: int, controls: tuple[int, ...], kind: str = "count", **how: object
) -> set[str]:
    found = [chosen(kind=kind, treated=treated, controls=n, **how) for n in controls]  # type: ignore[arg-type]
    return {"none is valid" if one.never_valid_remedy else one.method for one in found}


SITUATIONS: dict[str, Callable[[], set[str]]] = {
    "one city, counts by month, quarter or year": lambda: its_default(
        "count", of=("month", "quarter", "year")
    ),
    "one city, counts by week or day": lambda: its_default("count", of=("week", "day")),
    "one city and an outcome that should not move": lambda: its_default("count", alone=False),
    "one place, a rate or a score in place of counts": lambda: its_default("continuous"),
    "one city, 4 others or more, 3 events a month or more, two years before": lambda: did_default(
        1, (4, 13), events=3.0
    ),
    "one city, 8 others or more, fewer events or one year before": lambda: did_default(1, (8, 13)),
    "one city, 1 to 7 others, fewer events or one year before": lambda: did_default(1, (1, 7)),
    "one city, 3 others or fewer": lambda: did_default(1, (1, 3), events=9.0),
    "one place beside 2 others or more, a rate or a score": lambda: did_default(
        1, (2, 13), "continuous"
    ),
    "6 places or groups with and 6 without, counts": lambda: did_default(6, (6,)),
    "6 places or groups with and 6 without, rates or scores": lambda: did_default(
        6, (6,), "continuous"
    ),
    "all of them with, at several starts, counts": lambda: did_default(12, (0,), starts=3),
    "2 to 5 with or without, counts and residents": lambda: (
        did_default(2, (12,), exposure=True) | did_default(12, (5,), exposure=True)
    ),
    "2 to 5 with or without, counts and no residents": lambda: (
        did_default(5, (12,)) | did_default(12, (2,))
    ),
}


@pytest.mark.parametrize(
    ("situation", "design", "method"), [row for row in ROWS if row[1] in ("its", "did")]
)
def test_what_follows_is_what_is_chosen(situation: str, design: str, method: str) -> None:
    if method == "refused":
        with pytest.raises(FitError):
            chosen(kind="count", treated=8, controls=0)
        return
    assert SITUATIONS[situation]() == {method}


def test_every_situation_stands_in_the_table() -> None:
    assert SITUATIONS.keys() <= {row[0] for row in ROWS}
