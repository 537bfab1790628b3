"""The files of a figure: every number of its table as a machine reads it, and a picture alone."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from example_checks import thorough
from example_study import study

from evaluation.report.blocks import Header, Strong, Table
from evaluation.report.figure_files import figure_csv, figure_svg
from evaluation.report.figures.figures import observed_against_expected, planned_alternatives

EVIDENCE = study()
FOUND = EVIDENCE.outcomes[0]


def read(figure):
    return list(csv.DictReader(io.StringIO(figure_csv(figure))))


def test_numbers_are_those_of_the_path():
    rows = read(observed_against_expected(EVIDENCE, FOUND))
    path = FOUND.effect.path
    assert len(rows) == len(path)
    assert rows[-1]["Period"] == path[-1].period
    assert float(rows[-1]["Observed"]) == path[-1].observed
    assert float(rows[-1]["95% range, low"]) == pytest.approx(path[-1].low, abs=0.051)
    assert float(rows[-1]["95% range, high"]) == pytest.approx(path[-1].high, abs=0.051)
    assert rows[0]["Expected"] == rows[0]["95% range, high"] == ""


def test_a_fall_has_a_minus_that_a_machine_knows_and_no_percent_sign():
    rows = read(planned_alternatives(thorough()))
    assert float(rows[0]["Change, %"]) == -26
    assert float(rows[0]["95% range, %, low"]) < float(rows[0]["95% range, %, high"]) < 0
    assert "−" not in "".join(rows[0][name] for name in rows[0] if "%" in name)


def test_thousands_quotes_and_lines_with_words_are_as_a_spreadsheet_reads_them():
    figure = observed_against_expected(EVIDENCE, FOUND)
    table = Table(
        "t",
        "c",
        (Header('Who, "where"'), Header("Count", numeric=True), Header("Mixed", numeric=True)),
        (
            ((Strong("A, B"), " (headline)"), ("1,234",), ("3 of 12",)),
            (("C",), ("–",), ("–",)),
            (("D",), ("<0.1",), ("7",)),
        ),
    )
    rows = read(replace(figure, table=table))
    assert [row['Who, "where"'] for row in rows] == ["A, B (headline)", "C", "D"]
    assert [row["Count"] for row in rows] == ["1234", "", "<0.1"]
    assert [row["Mixed"] for row in rows] == ["3 of 12", "–", "7"]


def test_the_picture_stands_alone():
    figure = replace(observed_against_expected(EVIDENCE, FOUND), title="A < B & C")
    root = ElementTree.fromstring(figure_svg(figure).encode())
    svg = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{svg}svg" and float(root.attrib["width"]) == 1000
    box = [float(side) for side in root.attrib["viewBox"].split()]
    assert float(root.attrib["height"]) == pytest.approx(1000 * box[3] / box[2], abs=1)
    assert root.find(f"{svg}title").text == "A < B & C"
    assert root.find(f"{svg}rect").attrib["fill"] == "#ffffff"
    assert "var(" not in figure_svg(figure)
