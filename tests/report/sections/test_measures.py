from __future__ import annotations

from dataclasses import replace

from example_checks import QUANTITIES, failing, thorough
from example_study import effect, outcome, study

from evaluation.data.panel import Column
from evaluation.effect import Quantity
from evaluation.report.blocks import Details, Heading, Paragraph, Table, every
from evaluation.report.sections.measures import measures
from evaluation.report.words import amount, count_range


def rows_of(evidence) -> list[list[str]]:
    (table,) = [block for block in measures(evidence) if isinstance(block, Table)]
    return [[cell[0] for cell in row] for row in table.rows]


def with_quantities(*quantities: Quantity, **changes):
    found = effect((-20.0, -30.0, -9.0), (60.0, 20.0, 100.0), quantities=quantities)
    return study(outcomes=(outcome(found, **changes),))


def said(evidence) -> str:
    return " ".join(
        "".join(str(getattr(part, "text", part)) for part in block.text)
        for block in measures(evidence)
        if isinstance(block, Paragraph)
    )


def test_every_measure_has_a_row_with_its_range_and_how_it_was_made():
    rows = rows_of(study(outcomes=(thorough(),)))
    # A total stands there once, with the range that it has everywhere else on the page.
    assert len(rows) == len(QUANTITIES) - 3
    assert rows[0] == [
        "Step at the start (change of level)",
        "−26%",
        "−38% to −12%",
        "The model's own range, converted",
    ]
    assert rows[1][0] == "Dilution: step (change of level)"
    # The change in the last period is the step again, and stands there once.
    assert rows[2][0] == "Average change from the start to the end"
    averted = thorough().effect.averted
    own = [f"{amount(averted.estimate)} fewer", count_range(averted)]
    assert rows[3][1:] == [*own, "The model's own range, converted"]
    assert rows[5][0] == "A year, per 100,000 (exposure)"
    assert rows[6][1:3] == ["2.04 times", "1.53 to 2.61 times"]


def test_a_range_of_counts_names_both_sides():
    assert rows_of(study(outcomes=(thorough(),)))[4][2] == "3.1 more to 149 fewer"


def test_outcomes_added_are_more_in_the_same_words():
    quantity = Quantity("outcomes a place", "outcomes", -5.25, -9.0, -1.5, "delta method")
    assert rows_of(with_quantities(quantity))[0][1:3] == ["5.2 more", "1.5 to 9 more"]


def test_what_is_no_count_is_lower_or_higher():
    quantity = Quantity("outcomes a place", "outcomes", 0.52, -0.1, 1.2, "delta method")
    evidence = with_quantities(quantity, column="trust", label="trust")
    assert rows_of(evidence)[0][1:3] == ["0.5 lower", "0.1 higher to 1.2 lower"]


def test_means_of_periods_are_not_added_up():
    """Minutes until police come, summed over 48 months, are nothing; their change is."""
    totals = [one for one in QUANTITIES if str(one.name).startswith("averted, ")]
    change = Quantity("average change", "%", -4.6, -7.7, -1.5, "delta method")
    assert totals
    evidence = with_quantities(change, *totals, column="response", label="minutes")
    assert [row[0] for row in rows_of(evidence)] == ["Average change from the start to the end"]
    assert "As it happened" not in str(measures(evidence))
    assert measures(with_quantities(*totals, column="response", label="minutes")) == []


def test_the_rate_names_what_it_is_a_rate_of():
    base = study(outcomes=(thorough(),))
    column = Column("people", "exposure", "count", "people", "residents")
    named = replace(base, data=replace(base.data, columns=(*base.data.columns, column)))
    assert rows_of(named)[5][0] == "A year, per 100,000 (residents)"


def test_the_strength_of_a_confounder_is_explained_with_its_numbers():
    told = said(study(outcomes=(thorough(),)))
    assert "by a factor of 2.04 or more" in told
    assert "A factor of 1.53 would do to bring the range to no change." in told


def test_a_range_that_holds_no_change_needs_no_confounder():
    name = "confounder strength that would explain it (E-value)"
    told = said(with_quantities(Quantity(name, "times", 1.4, 1.0, 2.2, "transformed")))
    assert "The range holds no change already" in told
    assert "would do" not in told


def test_the_two_senses_are_explained_once_for_all_outcomes():
    two = study(outcomes=(thorough(), thorough(column="nonfatal", label="nonfatal shootings")))
    explained = [
        block
        for block in every(measures(two))
        if "As it happened" in str(getattr(block, "items", ""))
    ]
    assert len(explained) == 1
    heads = [
        block.text if isinstance(block, Heading) else block.summary
        for block in measures(two)
        if isinstance(block, (Details, Heading))
    ]
    assert heads == [
        "The effect in other measures",
        "Gun homicides",
        "Nonfatal shootings",
    ]


def test_a_change_that_is_the_same_in_several_measures_stands_there_once():
    names = ("change of level", "change in the last period", "average change")
    same = [Quantity(name, "%", -67.2, -83.6, -34.25, "delta method") for name in names]
    assert [row[0] for row in rows_of(with_quantities(*same))] == [
        "Step at the start (change of level)"
    ]


def test_without_measures_there_is_no_heading():
    assert measures(study()) == []
    assert measures(study(outcomes=(failing(),))) == []


def test_a_measure_that_is_not_known_is_printed_as_it_is():
    unknown = Quantity("half of it gone after", "periods", 12.0, 6.0, 30.0, "bootstrap")
    assert rows_of(with_quantities(unknown))[0][0] == "Half of it gone after"
    assert rows_of(with_quantities(unknown))[0][3] == "Bootstrap"
