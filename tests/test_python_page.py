"""The page on Python names what is there; its blocks run in `docs/test_blocks.py`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from evaluation import did, individual, its, survey

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/how-to/python.md").read_text(encoding="utf-8")


def test_what_a_fit_is_said_to_give_is_there() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    assert named and not {name for name in named if not hasattr(its.Fit, name)}


@pytest.mark.parametrize("design", [its, did, individual, survey])
def test_public_names_of_a_design_are_there_and_documented(design: Any) -> None:
    assert {"fit", "Fit", "estimate", "run_checks", "METHODS"} <= set(design.__all__)
    for name in design.__all__:
        one = getattr(design, name)
        if callable(one):
            assert (one.__doc__ or "").strip(), name
