"""The page on other places: nulls by name, nothing filled in, no average that is not allowed."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from math import exp
from pathlib import Path

import pytest
from report_page import Page, faults
from section_words import text

from evaluation.data.project import read_project
from evaluation.data.published import read_published
from evaluation.effect import Interval
from evaluation.report import words
from evaluation.report.blocks import Figure, KeyFinding, Table
from evaluation.report.sections.elsewhere import elsewhere_document, elsewhere_html
from evaluation.say import say
from evaluation.synthesis.elsewhere import TABLE, computed, dumps, elsewhere, loads
from tests.report.test_reading_level import HIGHEST, level, prose

sys.path.insert(0, str(Path(__file__).parents[2] / "synthesis"))
from described import described
from published_table import number, table

PROJECT = Path(__file__).parents[3]
TEXT = computed([described("boston")], PROJECT)
FOUND = loads(TEXT)
OWNER = read_project(PROJECT)
PAGE = elsewhere_document(FOUND, OWNER)
# R 4.2.2, metafor 3.8-1; script: tests/reference/meta.R.
BCG = json.loads((PROJECT / "tests" / "reference" / "meta.json").read_text("utf-8"))["bcg"]
with (PROJECT / TABLE).open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream))
# What is counted among the falls: of focused deterrence, elsewhere, where a fall is hoped for.
AWAY = [
    row
    for row in ROWS
    if row["approach"] == "focused deterrence"
    and row["site"] != "Oakland"
    and row["family"] != "trust"
]


def figures(page=PAGE) -> dict[str, Figure]:
    return {block.key: block for block in page.blocks if isinstance(block, Figure)}


def first_screen() -> str:
    return " ".join(prose(PAGE))


def pooled_page(folder: Path, *more: dict[str, str]):
    rows = [
        number(i, y, v**0.5) for i, (y, v) in enumerate(zip(BCG["y"], BCG["v"], strict=True), 1)
    ]
    return elsewhere_document(loads(dumps(elsewhere(table(folder, *rows, *more)))))


def test_the_page_is_sound_and_the_same_on_every_run():
    html = elsewhere_html(FOUND)
    assert faults(html) == []
    assert html == elsewhere_html(loads(TEXT))
    assert str(PROJECT) not in html


def test_the_first_screen_can_be_read_at_grade_10_or_below():
    assert len(prose(PAGE)) > 5
    assert level(prose(PAGE)) <= HIGHEST


@pytest.mark.parametrize("place", ["Kansas City", "Detroit", "Philadelphia", "Newark"])
def test_where_it_did_not_work_is_named_on_the_first_screen(place):
    assert place in first_screen()


def test_every_result_without_a_lasting_fall_is_named_there():
    for row in AWAY:
        if row["found"] != "fell":
            # Brackets do not stand in brackets.
            what = row["outcome"].replace(" (", ", ").replace(")", "")
            assert row["site"] in first_screen() and what in first_screen()


def test_counting_is_said_not_to_be_weighing_before_any_picture():
    kinds = [type(block).__name__ for block in PAGE.blocks]
    titles = [getattr(block, "title", "") for block in PAGE.blocks]
    assert titles.index("Counting is not weighing") < kinds.index("Figure")


def test_the_first_screen_counts_what_the_table_holds():
    (finding,) = [block for block in PAGE.blocks if isinstance(block, KeyFinding)]
    away = AWAY
    fell = [row for row in away if row["found"] == "fell"]
    numbers = sum(row["effect"] != "" for row in fell)
    others = sum(row["effect"] != "" for row in away) - numbers
    values = {fact.term: fact.value for fact in finding.facts}
    assert values["Found a fall"] == f"{len(fell)} of {len(away)}"
    assert values["Average effect"] == "Cannot be given"
    assert (
        f"a number for {numbers} of the {len(fell)} results that found a fall, and for {others} of "
        f"the other {len(away) - len(fell)}. So the numbers alone look better" in first_screen()
    )


def test_every_published_result_is_in_a_table_with_where_its_error_comes_from():
    rows = [
        row
        for block in PAGE.blocks
        if isinstance(block, Table) and block.key.startswith("results-")
        for row in block.rows
    ]
    assert len(rows) == len(ROWS)
    for told, row in zip(FOUND.results, rows, strict=True):
        (source,) = [
            one for one in ROWS if (one["study"], one["outcome"]) == (told.study, told.outcome)
        ]
        assert row[0][0].text == source["site"] and source["outcome"] in row[0][1]
        assert row[3] == (say(f"elsewhere-table.error-{source['se_source']}"),)
        assert source["read_in"] in row[4][0] and source["source"] in row[4][0]
        if not source["effect"]:
            assert row[2][0].partition(";")[0].endswith("no number")
        assert row[5][0].startswith({"unknown": "Not known.", "yes": "Yes."}[told.evaluators_part])
        assert source["part_why"] in row[5][0]


def test_hollow_is_what_has_no_range_and_what_has_no_number_is_named():
    for key, figure in figures().items():
        family = [
            one
            for one in FOUND.results
            if f"forest-{one.family}" == key.replace("-20-", " ") and not one.another
        ]
        assert family
        for one in family:
            label = f"{one.site}: {one.outcome}"
            assert label in figure.description
            if one.shown is not None and one.span is None:
                told = words.signed_percent(one.shown)
                if one.measure == "percentage points":
                    told = f"{told.removesuffix('%')} point{'s' * (abs(one.shown) != 1)}"
                assert f"{label} {told}, no range published" in figure.description


def test_a_missing_range_is_a_dash_and_never_a_number():
    for figure in figures().values():
        for row in figure.table.rows:
            assert (row[4] == ("Missing",)) <= (row[3] == ("–",))


def test_no_average_is_given_and_the_reason_is():
    said = text(PAGE.blocks)
    assert said.count("No average. ") == len(FOUND.families)
    assert "All results with a range are from one place, Seattle." in said
    assert "None of the 4 results comes with a number." in said
    assert "Average. The average" not in said


def test_what_would_be_needed_names_the_places():
    said = text(PAGE.blocks)
    bare = {row["site"] for row in AWAY if row["effect"] and row["se_source"] == "missing"}
    needed = said[said.index("A range or standard error") :]
    assert bare and all(site in needed for site in bare)


def test_oakland_and_our_own_result_stand_beside():
    figure = figures()["forest-homicide"]
    assert "Oakland, as published by others: Oakland: gun homicide −32%" in figure.description
    assert "This project's own results: Boston: youth homicides −67%" in figure.description
    said = text(PAGE.blocks)
    assert "this is not a second piece of evidence" in said
    assert "with very low certainty" in said


def test_own_results_that_must_not_be_used_are_not_drawn():
    (own,) = FOUND.own
    barred = replace(own, reason="too few clusters", percent=Interval(-90.0, -95.0, -85.0))
    page = elsewhere_document(replace(FOUND, own=(barred,)))
    assert "no answer that may be used" in figures(page)["forest-homicide"].description
    assert "no answer that may be used. Too few clusters." in text(page.blocks)
    assert "90%" not in figures(page)["forest-homicide"].description


def test_without_own_results_it_says_so():
    page = elsewhere_document(replace(FOUND, own=()))
    assert any(getattr(block, "title", "") == "Not there yet" for block in page.blocks)


def test_where_an_average_is_allowed_it_is_that_of_metafor(tmp_path):
    page = pooled_page(tmp_path)
    reference = BCG["fits"]["REML/adhoc"]
    mean, low, high = (
        words.signed_percent(100 * (exp(reference[name]) - 1)) for name in ("beta", "lb", "ub")
    )
    said = text(page.blocks)
    assert f"The average of 13 results from 13 places is {mean} (95% range {low} to {high})" in said
    assert "One more place like these could see" in said
    figure = figures(page)["forest-gun-20-violence"]
    assert f"Average of 13 results {mean} ({low} to {high})" in figure.description
    assert "cannot be told" not in next(
        block.sentence for block in page.blocks if isinstance(block, KeyFinding)
    )
    assert any(
        isinstance(block, Table) and block.key == "ways-gun-20-violence" for block in page.blocks
    )


def test_two_places_are_averaged_with_a_warning(tmp_path):
    rows = [number(1, -0.4, 0.1), number(2, -0.1, 0.1)]
    page = elsewhere_document(loads(dumps(elsewhere(table(tmp_path, *rows)))))
    assert "2 studies, under 5" in text(page.blocks)


def test_several_results_of_places_are_said_to_depend_on_one_another(tmp_path):
    again = [number(i, -0.3, 0.2, outcome="homicide") for i in (1, 2)]
    page = pooled_page(tmp_path, *again)
    assert "Some places have several results, which are not independent" in text(page.blocks)


def test_effects_that_are_no_ratios_have_no_percent_sign(tmp_path):
    rows = [number(i, -0.2, 0.1, measure="standardized difference", family="trust") for i in (1, 2)]
    page = elsewhere_document(loads(dumps(elsewhere(table(tmp_path, *rows)))))
    (figure,) = figures(page).values()
    assert "−0.20" in figure.description and "%)" not in figure.description


def test_the_published_table_of_the_project_is_what_is_shown():
    assert FOUND.sha256 == read_published(PROJECT / TABLE, PROJECT).provenance.sha256
    links = {node.attributes["href"] for node in Page(elsewhere_html(FOUND)).all("a")}
    assert {"index.html", "elsewhere.json", "boston/index.html"} <= links


def goal_section(goal: int, page=PAGE) -> list[object]:
    """The blocks about a goal."""
    anchors = [getattr(block, "anchor", "") for block in page.blocks]
    start = anchors.index(f"goal-{goal}")
    end = next(i for i in range(start + 1, len(anchors)) if anchors[i])
    return list(page.blocks[start:end])


def test_for_trust_it_says_that_no_evaluation_of_oakland_was_found():
    said = text(goal_section(3))
    assert "No evaluation was found.  Nobody whose work we found has estimated what" in said
    assert "None of it is a result, and none of it tells why anything changed." in said
    for goal in (1, 2):
        assert "No evaluation was found" not in text(goal_section(goal))
    assert "11 results about Oakland, 9 of them about services beside Oakland Ceasefire." in text(
        goal_section(2)
    )


def test_what_is_on_record_stands_in_tables_of_its_own_with_what_speaks_against_it():
    for goal in (1, 2, 3):
        (shown,) = [block for block in goal_section(goal) if isinstance(block, Table)]
        assert shown.caption.endswith("none is a result")
        rows = FOUND.on_record(goal)
        assert len(shown.rows) == len(rows) > 0
        for row, cells in zip(rows, shown.rows, strict=True):
            assert row.what in cells[0][0].text
            assert row.doubt in cells[4][0] and row.source in cells[5][0]
    cells = [cell for block in goal_section(3) if isinstance(block, Table) for cell in block.rows]
    numbers = [row[2][0] for row in cells]
    assert "\u221277%" in numbers and "17 of 47 sampled uses of force" in numbers
    assert "38% of voters (±4 points)" in numbers and "About 50% of the number in 2012" in numbers
    assert [row[1][0] for row in cells][1] == (
        "January 2012 to June 2012, and January 2017 to June 2017"
    )


def test_what_is_on_record_enters_no_count_and_no_picture():
    bare = elsewhere_document(replace(FOUND, records=None), OWNER)
    assert not [b for b in bare.blocks if getattr(b, "key", "").startswith("on-record")]
    assert [b for b in bare.blocks if isinstance(b, Figure)] == [
        b for b in PAGE.blocks if isinstance(b, Figure)
    ]
    assert [b for b in bare.blocks if isinstance(b, KeyFinding)] == [
        b for b in PAGE.blocks if isinstance(b, KeyFinding)
    ]


def test_no_sentence_about_what_is_on_record_names_a_cause():
    for row in FOUND.records.rows:
        said = f" {row.what} {row.note} ".casefold()
        for word in ("because of", "thanks to", "due to", "led to", "caused", "result of"):
            assert word not in said


def test_programs_with_another_idea_are_named_apart_and_drawn_nowhere():
    said = text(PAGE.blocks)
    apart = said[said.index("Programs with another idea") :]
    rows = [{row[0] for row in figure.table.rows} for figure in figures().values()]
    for row in ROWS:
        if row["approach"] == "another idea":
            assert row["program"] in apart
            label = f"{row['site']}: {row['outcome']}"
            assert all((label,) not in drawn for drawn in rows)


def test_own_results_of_other_years_are_not_said_to_count_the_same_events():
    (own,) = FOUND.own
    for first, last, said in (
        ("1992-01", "1998-05", "They count the same events in part or all."),
        ("2010-01", "2012-12", "They are of other years."),
    ):
        page = elsewhere_document(replace(FOUND, own=(replace(own, first=first, last=last),)))
        assert said in text(page.blocks)


def test_the_part_of_evaluators_is_counted_as_the_table_has_it():
    unknown = sum(row["evaluators_part"] == "unknown" for row in ROWS)
    yes = len(ROWS) - unknown
    assert {row["study"] for row in ROWS if row["evaluators_part"] == "yes"} == {
        row["study"] for row in ROWS if row["study"].startswith("oakland-2019")
    }
    said = text(PAGE.blocks)
    assert f"For {yes} of these results the evaluators had part in the program or have ties" in said
    assert f"for {unknown} nothing about it was read" in said


def test_a_result_of_many_cities_names_those_that_others_wrote_about():
    (own,) = FOUND.own
    many = replace(own, place_id="", places=("us-ma-boston", "us-mi-detroit", "us-nv-reno"))
    said = text(elsewhere_document(replace(FOUND, own=(many,))).blocks)
    assert "results of this kind are published: Boston. They may count the same events" in said
    assert "do not say by an id" not in said
    said = text(
        elsewhere_document(replace(FOUND, own=(replace(many, places=("us-nv-reno",)),))).blocks
    )
    assert "Nothing is published here about the places in its data" in said


def test_without_a_home_no_place_is_called_another_one():
    found = elsewhere(read_published(PROJECT / TABLE, PROJECT))
    said = text(goal_section(3, elsewhere_document(found)))
    assert "2 results of focused deterrence in all places." in said
    assert "No evaluation was found" not in said and "other places" not in said
