"""Words and pictures of studies about people and about answers in surveys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report_page import Page, faults, report_html

from evaluation.effect import Check
from evaluation.report.figures.check_figures import check_figure
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[2]
BASE = load_evidence("oakland-synthetic-cities", PROJECT)
ROWS = (
    {"covariate": "prior arrests", "before": 0.61, "after": 0.02, "variance ratio": 1.1},
    {"covariate": "age", "before": -0.4, "after": -0.14, "variance ratio": 0.9},
)
ALIKE = Check("balance", False, "Differ by up to 0.14.", ROWS, asked="Are they alike?")


def of_design(design: str):
    outcome = replace(BASE.outcomes[0], checks=(ALIKE,))
    about = {"individual": ("enforcement",), "survey": ("trust",)}[design]
    columns = tuple(
        replace(column, about=about if column.name == outcome.column else ())
        for column in BASE.data.columns
    )
    plan = replace(BASE.plan, content={**BASE.plan.content, "design": design, "unit": ""})
    data = replace(BASE.data, columns=columns)
    return replace(BASE, plan=plan, data=data, outcomes=(outcome,))


def said(evidence) -> str:
    return " ".join(Page(report_html(evidence)).all("main")[0].text.split())


@pytest.mark.parametrize(
    ("design", "texts"),
    [
        (
            "individual",
            (
                "had the same people not taken part",
                "alike in what the data hold",
                "Fewer arrests can be less crime or less enforcement",
                "Counts below 10 people are not shown",
                "People used:",
            ),
        ),
        (
            "survey",
            (
                "had answers changed there as they did elsewhere",
                "those who answered speak for those who did not",
                "Complaints may rise when people trust",
                "Answers used:",
            ),
        ),
    ],
)
def test_page_says_what_the_design_supposes_and_does_not_see(design, texts):
    evidence = of_design(design)
    words = said(evidence)
    for text in texts:
        assert text in words, text
    for text in ("the earlier pattern", "as the untreated did", "Periods used"):
        assert text not in words
    assert faults(report_html(evidence)) == []


def test_love_plot_counts_who_is_far_apart_and_has_every_covariate():
    figure = check_figure(BASE, BASE.outcomes[0], ALIKE)
    assert "1 of 2 covariates differ by more than 0.1" in figure.title
    assert "prior arrests 0.61, then 0.02; age −0.40, then −0.14" in figure.description
    assert len(figure.table.rows) == 2


def test_love_plot_without_weighting_shows_what_was_there_before():
    bare = Check(
        "balance", None, "", tuple({"covariate": "age", "before": 0.3} for _ in "a"), asked="?"
    )
    figure = check_figure(BASE, BASE.outcomes[0], bare)
    assert "1 covariates, before any weighting" in figure.title
    assert "then" not in figure.description
