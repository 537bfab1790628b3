"""Figures of who is compared: their numbers against those of the results, counted anew here."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from pathlib import Path

from report_page import Page, faults, report_html

from evaluation.effect import Check
from evaluation.report.figures.check_figures import check_figure
from evaluation.report.words import signed_percent
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[3]
CITIES, GROUPS, SPIKES = (
    load_evidence(slug, PROJECT)
    for slug in ("oakland-synthetic-cities", "groups-synthetic", "groups-synthetic-triggered")
)
TRENDS = (
    ("change in trend, times the largest before", 0.0, -3.0, -1.0),
    ("change in trend, times the largest before", 1.0, -4.0, 0.5),
    ("change of slope a period", 0.0, -3.5, -0.5),
)


@cache
def page_of(slug):
    return Page(report_html(load_evidence(slug, PROJECT)))


def check_of(evidence, name):
    (check,) = (c for c in evidence.outcomes[0].checks if c.name == name)
    return check


def figure_of(evidence, name):
    return check_figure(evidence, evidence.outcomes[0], check_of(evidence, name))


def with_checks(evidence, *checks):
    first, *others = evidence.outcomes
    return replace(evidence, outcomes=(replace(first, checks=(*first.checks, *checks)), *others))


def row(estimate, low, high, **more):
    return {
        **more,
        "estimate": estimate,
        "low": 100 * math.expm1(low),
        "high": 100 * math.expm1(high),
        "p_value": 0.04,
        "percent": 100 * math.expm1(estimate),
    }


def test_committed_ranges_lie_around_their_change():
    for evidence in (CITIES, GROUPS):
        for outcome in evidence.outcomes:
            for check in outcome.checks:
                for one in check.table:
                    if {"percent", "low", "high"} <= set(one):
                        assert one["low"] <= one["percent"] <= one["high"]


def test_leaving_out_each_control_has_its_ends_in_the_title():
    figure, rows = (
        figure_of(GROUPS, "leave-one-control-out"),
        check_of(GROUPS, "leave-one-control-out").table,
    )
    ends = [min(one["percent"] for one in rows), max(one["percent"] for one in rows)]
    low, high = (signed_percent(end) for end in ends)
    assert f"from {low} to {high}, whichever one of 25 controls is left out" in figure.title
    assert len(figure.table.rows) == len(rows)
    assert "The diamond" not in figure.title


def test_placebos_that_cry_wolf_are_counted():
    rows = check_of(GROUPS, "placebo-units").table
    clear = sum(one["low"] > 0 or one["high"] < 0 for one in rows)
    figure = figure_of(GROUPS, "placebo-units")
    assert f"in {clear} of {len(rows)} placebos the method finds a change" in figure.title
    assert f"{len(rows) + 1} estimates" in figure.description


def test_trends_that_differ_are_told_with_and_without_a_clear_effect():
    unclear = figure_of(GROUPS, "differing-trends")
    assert "is not clear even with equal trends" in unclear.title
    table = tuple(
        {"allowed": kind, "bound": bound, "low": low, "high": high}
        for kind, bound, low, high in TRENDS
    )
    check = Check(
        "differing-trends", None, "Nought stays out until 0.7", table, asked="How different?"
    )
    clear = check_figure(GROUPS, GROUPS.outcomes[0], check)
    assert "is clear with equal trends (−3 to −1), and no longer so" in clear.title
    assert "(−4 to 0.50)" in clear.title
    assert "Nought stays out until 0.7." in clear.note
    assert len(clear.table.rows) == len(TRENDS)
    still = (*table[:1], {**table[1], "high": -0.2}, *table[2:])
    held = check_figure(GROUPS, GROUPS.outcomes[0], replace(check, table=still))
    assert "still so when they change as much" in held.title


def test_the_other_questions_have_figures_too_and_the_page_stays_sound():
    changed = with_checks(
        CITIES,
        Check(
            "contaminated-controls",
            True,
            "It does not",
            (
                row(-0.29, -0.55, -0.02, controls="all", reason=""),
                row(-0.35, -0.6, -0.1, controls="without those named", reason=""),
            ),
            asked="Does the result depend on controls that had a program?",
        ),
        Check(
            "placebo-outcomes",
            True,
            "It does not",
            (row(0.1, -0.2, 0.4, outcome="burglaries"),),
            asked="Does anything move that should not?",
        ),
    )
    html = report_html(changed)
    assert faults(html) == []
    text = " ".join(Page(html).all("main")[0].text.split())
    assert "a program of their own the change is −30%; the headline is −25%" in text
    assert "of 1 outcomes that should not have moved, 0 did" in text
    assert "burglaries +11% (−18% to +49%)".lower() in text.lower()


def test_who_is_compared_stands_once_with_every_start():
    for evidence, starts in ((CITIES, 2), (GROUPS, 6), (SPIKES, 6)):
        page = page_of(evidence.slug)
        tables = [
            table
            for table in page.all("table")
            if any(n.tag == "caption" and n.text.strip() == "Who is compared" for n in table.inside)
        ]
        assert len(tables) == 1
        assert sum(node.tag == "tr" for node in tables[0].inside) == 1 + starts
        assert "Never" in tables[0].text


def test_an_answer_that_is_not_valid_has_no_figures_of_what_it_would_be():
    headings = [node.text for node in page_of(SPIKES.slug).all("h2")]
    assert not any("depend" in text or "wolf" in text for text in headings)
    assert any(
        "Does the answer depend on who is compared?" in node.text
        for node in page_of(GROUPS.slug).all("h2")
    )
