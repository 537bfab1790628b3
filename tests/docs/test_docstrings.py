"""Sections of parameters as this project writes them become lists, and what follows stays."""

from __future__ import annotations

import importlib.util
from pathlib import Path

PLACE = Path(__file__).parents[2] / "docs" / "_ext" / "house_docstrings.py"
_spec = importlib.util.spec_from_file_location("house_docstrings", PLACE)
assert _spec is not None and _spec.loader is not None
house = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(house)


def test_several_parameters_in_a_paragraph_are_several_entries():
    text = "y : (S, n) counts. x : (n, k) shared,\n    or its own. grid, prior : pairs.\nz : no."
    assert house.entries(text, {"y", "x", "grid", "prior", "z"}) == [
        ("y", "(S, n) counts."),
        ("x", "(n, k) shared, or its own."),
        ("grid, prior", "pairs."),
        ("z", "no."),
    ]


def test_a_word_before_a_colon_that_is_no_parameter_begins_nothing():
    assert house.entries("y : counts. Note : of months.", {"y"}) == [
        ("y", "counts. Note : of months.")
    ]


def test_other_sections_stay():
    lines = [
        "Says.",
        "",
        "Parameters",
        "----------",
        "y : counts.",
        "",
        "Raises",
        "------",
        "E : x.",
    ]
    assert house.told(lines, {"y"}) == [
        *("Says.", "", ":Parameters:", "", "   * **y**: counts.", "", "Raises", "------", "E : x.")
    ]
