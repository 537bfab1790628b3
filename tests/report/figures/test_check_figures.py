from __future__ import annotations

from dataclasses import replace

import pytest
from example_checks import CHECKS, found, thorough
from example_study import effect, outcome, study

from evaluation.effect import Check
from evaluation.report.figures.check_figures import check_figure, has_figure
from evaluation.report.figures.estimates import CHOICES, verdict
from evaluation.report.words import signed_percent

FIGURED = [check for check in CHECKS if has_figure(check)]
OUTCOME = thorough()


@pytest.fixture(scope="module")
def figures():
    return {check.name: check_figure(study(), OUTCOME, check) for check in FIGURED}


def test_the_checks_with_a_figure_are_these(figures):
    assert sorted(figures) == [
        "base-period",
        "correlogram",
        "placebo-dates",
        "specification-curve",
        "start-date",
        "unaffected-outcomes",
    ]


def test_a_check_without_rows_has_no_figure():
    assert not has_figure(Check("base-period", None, "Not possible.", asked="Why?"))


@pytest.mark.parametrize("name", sorted(check.name for check in FIGURED))
def test_title_and_description_hold_the_finding_with_its_numbers(figures, name):
    figure = figures[name]
    assert figure.title.startswith("Gun homicides: ")
    wanted = "0.31" if name == "correlogram" else "−26%"
    assert wanted in figure.title
    assert wanted in figure.description


def test_titles_say_what_was_found(figures):
    assert figures["specification-curve"].title == (
        "Gun homicides: 10 of 12 specifications are clearly below what was expected, 0 clearly "
        "above, 2 leave it open; estimates go from −34% to +2.5%, and the headline is −26%"
    )
    assert figures["base-period"].title.startswith("Gun homicides: from −31% to −26%")
    assert "moved by up to 12 months" in figures["start-date"].title
    assert "at 3 of 12 earlier dates" in figures["placebo-dates"].title
    assert "of 2 outcomes that should not have moved, 0 did" in figures["unaffected-outcomes"].title
    assert "1 of 12 correlations" in figures["correlogram"].title
    assert "0.31, 4 months apart" in figures["correlogram"].title


@pytest.mark.parametrize("name", sorted(check.name for check in FIGURED))
def test_the_table_has_every_row_of_the_check(figures, name):
    check = next(check for check in FIGURED if check.name == name)
    assert len(figures[name].table.rows) == len(check.table)


def test_the_curve_is_sorted_and_its_headline_marked(figures):
    table = figures["specification-curve"].table
    change = next(i for i, header in enumerate(table.headers) if header.text == "Change")
    printed = [row[change][0] for row in table.rows]
    percents = sorted(
        row["percent"]
        for check in CHECKS
        if check.name == "specification-curve"
        for row in check.table
    )
    assert printed == [signed_percent(percent) for percent in percents]
    marked = [row for row in table.rows if row[0][-1] == " (headline)"]
    assert [row[change][0] for row in marked] == ["−26%"]


def test_the_curve_lists_only_the_choices_that_differ(figures):
    headers = [header.text for header in figures["specification-curve"].table.headers]
    assert {"Trend", "Season", "Series from"} <= set(headers)
    assert not {"Method", "Effect", "Phase-in", "Left out", "Start"} & set(headers)
    assert "Season: 1 wave, 2 waves" in figures["specification-curve"].description
    assert "Trend: straight line, curved, none" in figures["specification-curve"].description


def test_a_verdict_stands_under_the_figure_of_a_check_that_judges(figures):
    assert "Verdict: failed" in figures["placebo-dates"].note
    assert "Verdict: passed" in figures["base-period"].note
    assert "Verdict" not in figures["specification-curve"].note
    assert "Verdict" not in figures["start-date"].note


def test_a_cut_range_is_owned_up_to():
    (check,) = [check for check in CHECKS if check.name == "start-date"]
    wild = ({**check.table[0], "high": 900.0}, *check.table[1:])
    assert "arrow" in check_figure(study(), OUTCOME, replace(check, table=wild)).note
    assert "arrow" not in check_figure(study(), OUTCOME, check).note


def test_the_order_of_keys_in_the_file_changes_nothing(figures):
    for check in FIGURED:
        shuffled = tuple(dict(sorted(row.items(), reverse=True)) for row in check.table)
        again = check_figure(study(), OUTCOME, replace(check, table=shuffled))
        assert again == figures[check.name]


def test_harm_is_told_as_plainly_as_benefit():
    harm = outcome(effect((30.0, 10.0, 55.0), (-80.0, -140.0, -20.0)))
    (check,) = [check for check in CHECKS if check.name == "specification-curve"]
    rows = tuple(
        {**row, "percent": -row["percent"], "low": -row["high"], "high": -row["low"]}
        for row in check.table
    )
    title = check_figure(study(), harm, replace(check, table=rows)).title
    assert "0 of 12 specifications are clearly below what was expected, 10 clearly above" in title


def test_no_check_of_choices_passes_with_answers_on_both_sides_of_no_change():
    rows = (found(-26.4), found(7.3))
    for name in CHOICES:
        check = Check(name, True, "Between the two.", rows, asked="Does it depend?")
        assert verdict(check) == "Both sides of no change"
        assert verdict(replace(check, table=rows[:1])) == "Passed"
        assert verdict(replace(check, passed=False)) == "Failed"
    # Where nothing began, estimates lie on both sides if all is well.
    assert verdict(Check("placebo-dates", True, "0 of 2", rows, asked="?")) == "Passed"


@pytest.mark.parametrize(
    ("frequency", "periods", "start"),
    [
        ("quarter", ("2009-Q2", "2009-Q3", "2010-Q1"), "2012-Q1"),
        ("year", ("1999", "2000", "2001"), "2010"),
        ("month", ("2009-02", "2009-03", "2009-04"), "2009-06"),
    ],
)
def test_quarters_years_and_less_than_a_year_are_drawn(frequency, periods, start):
    check = Check(
        "placebo-dates",
        True,
        "None",
        tuple({"period": period, "percent": 1.0, "low": -9.0, "high": 9.0} for period in periods),
        asked="Why?",
    )
    base = study(start=start)
    evidence = replace(base, data=replace(base.data, frequency=frequency))
    assert f"at 0 of {len(periods)} earlier dates" in check_figure(evidence, OUTCOME, check).title


def test_cities_where_nothing_began_stand_under_the_headline():
    check = Check(
        "real-cities",
        None,
        "In 24 US cities a fall at least this large appeared in 12 of 100.",
        tuple(
            {**found(-2.0), "rise": rise, "cities": 24, "windows": 154, "as large, of 100": 12.0}
            for rise in (0, 30)
        ),
        asked="How often?",
    )
    figure = check_figure(study(), OUTCOME, check)
    low, high = (signed_percent(check.table[0][end]) for end in ("low", "high"))
    assert f"95 lay between {low} and {high}; the headline is −26%" in figure.title
    assert "The same, after a rise of 30 % or more" in figure.description
    assert figure.note.startswith("In 24 US cities a fall at least this large appeared in 12 of")
    assert len(figure.table.rows) == 2
