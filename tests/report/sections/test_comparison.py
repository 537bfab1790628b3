from __future__ import annotations

from dataclasses import replace

from example_checks import planned
from example_study import study
from report_page import Page, report_html

from evaluation.data.panel import RecordingChange
from evaluation.report.blocks import BulletList, every
from evaluation.report.layers import report_document
from evaluation.report.sections import comparison


def page_words(evidence) -> str:
    return " ".join(Page(report_html(evidence)).all("body")[0].text.split())


def limits_of(evidence) -> str:
    (items,) = [block for block in comparison.limits(evidence) if isinstance(block, BulletList)]
    return " ".join(str(part) for item in items.items for part in item)


CONTROLS = {"units": ["Elsewhere", "Otherplace"], "outcome": None, "weights": [], "pooled": True}
SITES = [{"unit": "Stockton", "start": "2013-06"}]


def test_a_single_series_is_compared_with_no_other_place():
    assert "No other place is compared" in limits_of(study())


def test_controls_are_named_in_the_assumption_and_the_limits():
    evidence = planned(controls=CONTROLS)
    said = limits_of(evidence)
    assert "Testville would have gone on beside Elsewhere and Otherplace as before" in said
    assert "No other place is compared" not in said
    assert "reached there too" in said
    assert "What Testville changed beyond Elsewhere and Otherplace" in comparison.approach(evidence)


def test_another_outcome_as_control_is_named_by_its_label():
    evidence = planned(controls={**CONTROLS, "units": [], "outcome": "nonfatal"})
    assert comparison.controls(evidence) == "nonfatal shootings"
    assert "no other place is compared" in limits_of(evidence)


def test_several_sites_are_all_named_with_their_starts():
    evidence = planned(sites=SITES)
    assert "Stockton (June 2013)" in comparison.approach(evidence)
    said = limits_of(evidence)
    assert "This is one study of 2 places, Testville and Stockton." in said
    assert "No other place is compared" not in said


def test_a_dose_is_said_to_be_an_amount():
    evidence = planned(intervention={"name": "Ceasefire", "dose": "call_ins"})
    assert "by its amount in each period (call ins)" in comparison.approach(evidence)
    assert "amount" not in comparison.approach(study())


def test_empty_tables_of_a_plan_are_as_good_as_none():
    evidence = planned(controls=None, sites=[], later=[], intervention={"dose": None})
    assert limits_of(evidence) == limits_of(study())
    assert comparison.approach(evidence) == comparison.approach(study())


def test_later_phases_are_marked_and_described_in_the_figure():
    evidence = planned(later=[{"name": "Dilution", "start": "2015-07", "half_life": None}])
    figure = next(
        block
        for block in every(report_document(evidence).blocks)
        if getattr(block, "key", "") == "path-gun_homicides"
    )
    assert "A thin line marks Dilution, from July 2015." in figure.description
    assert "Dotted lines" in figure.note


def left_out(evidence, *periods):
    """The same with these periods in no answer, as after a washout."""

    def marked(outcome):
        path = tuple(
            replace(point, phase="left out") if point.period in periods else point
            for point in outcome.effect.path
        )
        effect = replace(outcome.effect, path=path)
        return replace(outcome, headline=replace(outcome.headline, effect=effect))

    return replace(evidence, outcomes=tuple(map(marked, evidence.outcomes)))


def test_months_left_out_are_named_and_not_counted_as_program():
    evidence = left_out(study(), "2014-01", "2014-02", "2014-03")
    words = page_words(evidence)
    assert "with January 2014 to March 2014 left out." in words
    assert "It leaves out January 2014 to March 2014." in words
    assert "From April 2014 to December 2016 the best estimate is" in words
    assert "From January 2014 to" not in words
    one = page_words(left_out(study(), "2014-01"))
    assert "with January 2014 left out." in one and "From February 2014 to" in one


def test_without_a_washout_the_count_begins_with_the_start():
    words = page_words(study())
    assert "left out." not in words and "It leaves out" not in words
    assert "From January 2014 to December 2016 the best estimate is" in words


def test_a_change_of_recording_is_a_limit_only_of_its_own_outcome():
    base = study()
    said = "The way the outcome was recorded changed"
    assert said in limits_of(base)
    for column, told in (("theft", False), (None, True), ("gun_homicides", True)):
        change = RecordingChange("2012-06", "a new form", column)
        data = replace(base.data, recording_changes=(change,))
        assert (said in limits_of(replace(base, data=data))) is told, column
