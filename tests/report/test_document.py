from __future__ import annotations

from dataclasses import replace

import pytest
from example_checks import failing
from example_study import OAKLAND, effect, every, oakland_study, outcome, study, synthetic_study
from report_page import Page, faults, report_html

from evaluation.report.blocks import (
    Callout,
    Columns,
    Contents,
    Details,
    Figure,
    KeyFinding,
    Table,
)
from evaluation.report.blocks import every as every_block
from evaluation.report.document import gone_on
from evaluation.report.layers import report_document
from evaluation.report.site import site_document
from evaluation.report.words import GRADE_STEPS


def words_of(html: str) -> str:
    return " ".join(Page(html).all("main")[0].text.split())


def figures_of(evidence) -> list[Figure]:
    return [
        block
        for block in every_block(report_document(evidence).blocks)
        if isinstance(block, Figure)
    ]


def test_the_two_answers_come_before_everything_but_the_banners(evidence):
    answers, figure, *rest = report_document(evidence).blocks[1:]
    assert isinstance(answers, Columns) and isinstance(figure, Columns)
    asked = [block.label for block in every_block((answers,)) if isinstance(block, KeyFinding)]
    assert asked == ["Did it change?", "Was it Ceasefire?"]
    assert any(isinstance(block, Figure) for block in every_block((figure,)))
    assert isinstance(rest[0], Contents)


def test_words_for_each_picture_hold_the_headline_number(evidence):
    found = figures_of(evidence)
    assert len(found) == 4
    for figure, headline in zip(found, ("26%", "−26%", "8.2%", "−8.2%"), strict=True):
        assert headline in figure.title
        assert headline in figure.description


def test_words_for_the_picture_hold_what_was_seen_first_and_last(evidence):
    last = evidence.outcomes[0].effect.path[-1]
    described = figures_of(evidence)[0].description
    assert f"{last.observed:.0f} observed" in described
    assert f"{last.expected:.1f} expected" in described


def test_the_table_behind_the_picture_has_every_period(evidence):
    assert len(figures_of(evidence)[0].table.rows) == 96


def test_every_planned_estimate_is_in_the_table_with_what_it_assumes(evidence):
    said = words_of(report_html(evidence))
    for entry in (evidence.outcomes[0].headline, *evidence.outcomes[0].alternatives):
        assert entry.label in said
    assert "Not estimated: The likelihood has no inner maximum" in said
    assert "Not fit to be the headline: Errors are correlated here" in said


def test_all_checks_and_reasons_are_printed_with_their_verdict(evidence):
    said = words_of(report_html(evidence))
    for text in (
        "Passed",
        "Failed",
        "Informs",
        "A single series starts low.",
        "Dispersion is 1.16.",
    ):
        assert text in said


def test_hashes_source_and_recording_changes_are_printed(evidence):
    said = words_of(report_html(evidence))
    for text in ("a" * 64, "b" * 64, "c" * 64, "CC0", "June 2012", "A new records system."):
        assert text in said


def test_commands_that_make_it_again_are_printed(evidence):
    said = words_of(report_html(evidence))
    for command in ("make reports", "make test", "ceasefire check testville"):
        assert command in said


def test_synthetic_data_are_named_before_the_answer_and_in_it():
    document = report_document(synthetic_study())
    assert isinstance(document.blocks[0], Callout)
    assert document.blocks[0].title == "Synthetic data"
    first = next(block for block in every_block(document.blocks) if isinstance(block, KeyFinding))
    assert first.sentence.startswith("In synthetic data: ")


def test_real_data_carry_no_such_banner(evidence):
    blocks = report_document(evidence).blocks
    assert not any(isinstance(block, Callout) and block.tone != "empty" for block in blocks)


def test_a_plan_changed_after_freezing_is_said_on_top_and_listed(evidence):
    plan = replace(evidence.plan, changes=("specification.trend: 'linear' -> 'none'",))
    said = words_of(report_html(study(plan=plan)))
    assert said.index("The plan was changed after it was frozen") < said.index("The answer")
    assert "Specification.trend: 'linear' -> 'none'." in said


def test_a_plan_never_frozen_is_said_on_top(evidence):
    plan = replace(evidence.plan, frozen_on=None, frozen_sha256=None)
    said = words_of(report_html(study(plan=plan)))
    assert said.index("The plan was not frozen") < said.index("The answer")


def test_a_planned_margin_reaches_the_sentence(evidence):
    small = outcome(effect((-1.0, -3.0, 1.0), (3.0, -3.0, 9.0)), grade="moderate")
    plan = replace(evidence.plan, content={**evidence.plan.content, "margin": 5})
    said = words_of(report_html(study(outcomes=(small,), plan=plan)))
    assert "Gun homicides came out within 5% of what the years before led us to expect" in said


def test_a_plan_that_names_no_event_is_a_claim_and_not_a_finding(evidence):
    plan = replace(evidence.plan, content={"design": "its"})
    assert "The plan lists no other event" in words_of(report_html(study(plan=plan)))


def test_a_count_is_not_summed_for_an_outcome_that_is_no_count(evidence):
    columns = tuple(replace(column, type="number") for column in evidence.data.columns)
    numbers = study(data=replace(evidence.data, columns=columns))
    assert "than expected (range" in words_of(report_html(evidence))
    assert "than expected (range" not in words_of(report_html(numbers))


def test_numbers_behind_a_check_fold_away(evidence):
    folded = [b for b in every_block(report_document(evidence).blocks) if isinstance(b, Details)]
    assert any("correlation left" in block.summary for block in folded)
    tables = [block for details in folded for block in details.blocks if isinstance(block, Table)]
    (table,) = [table for table in tables if table.key.startswith("check-gun_homicides-")]
    assert ("–",) in table.rows[1]


def test_the_page_knows_no_more_digits_than_the_file(evidence):
    sharper = replace(
        evidence.outcomes[0],
        headline=replace(
            evidence.outcomes[0].headline,
            effect=replace(evidence.outcomes[0].effect, estimate=-0.30300000001),
        ),
    )
    blunter = replace(
        evidence.outcomes[0],
        headline=replace(
            evidence.outcomes[0].headline,
            effect=replace(evidence.outcomes[0].effect, estimate=-0.303),
        ),
    )
    assert report_html(study(outcomes=(sharper,))) == report_html(study(outcomes=(blunter,)))


def test_the_site_leaves_goals_without_a_study_open():
    said = words_of(every([], project=OAKLAND))
    assert said.count("Not yet evaluated") == 3
    assert "Answered for 0 of 3 goals." in said


def test_synthetic_and_foreign_studies_never_answer_for_oakland():
    said = words_of(every([study(), synthetic_study()], project=OAKLAND))
    assert said.count("Not yet evaluated") == 2
    assert said.count("Not yet answered for Oakland") == 1
    assert "Answered for 0 of 3 goals." in said
    assert "Evidence from elsewhere" in said and "Tests of the method" not in said


def test_a_study_of_oakland_answers_its_goal():
    said = words_of(every([oakland_study(), study()], project=OAKLAND))
    assert said.count("Not yet evaluated") == 2
    assert "Answered for 1 of 3 goals." in said
    assert "Data to December 2016" in said


def test_a_study_that_cannot_tell_is_shown_but_answers_nothing():
    unsure = oakland_study(outcomes=(outcome(grade="very low"),))
    said = words_of(every([unsure], project=OAKLAND))
    assert said.count("Not yet evaluated") == 2
    assert "We are not sure that it was Ceasefire" in said
    assert "Answered for 0 of 3 goals." in said


def test_the_site_counts_the_studies_of_an_outcome_and_links_each():
    page = Page(every([oakland_study(), oakland_study(slug="oakland-places")], project=OAKLAND))
    links = {node.attributes["href"] for node in page.all("a")}
    assert {"oakland/index.html", "oakland-places/index.html"} <= links
    assert "Studies 2" in " ".join(page.all("main")[0].text.split())
    # A study of murders adds nothing to what is known of gun homicides.
    murders = oakland_study(slug="oakland-murders", outcomes=(outcome(label="murders"),))
    page = Page(every([oakland_study(outcomes=(outcome(),)), murders], project=OAKLAND))
    said = " ".join(page.all("main")[0].text.split())
    assert said.count("Studies 1 Single study") == 2


def test_the_site_gives_no_overall_score():
    assert not any(isinstance(block, Contents) for block in site_document([study()]).blocks)
    assert "There is no overall score." in words_of(every([study()]))


@pytest.mark.parametrize("grade", ["high", "moderate", "low", "very low"])
def test_the_rating_fills_as_many_steps_as_it_says(grade):
    page = Page(report_html(study(outcomes=(outcome(grade=grade),))))
    filled = [node for node in page.all("i") if node.attributes.get("class") == "on"]
    assert len(filled) == GRADE_STEPS[grade]
    said = " ".join(page.all("main")[0].text.split())
    assert f"level {len(filled)} of 4. It answers this question only" in said


@pytest.mark.parametrize(
    ("percent", "tone"),
    [((-26.0, -38.0, -12.0), "good"), ((26.0, 12.0, 38.0), "bad"), ((-5.0, -20.0, 9.0), "unclear")],
)
def test_what_is_painted_is_whether_it_changed_and_never_whether_it_was_the_program(percent, tone):
    estimate, low, high = percent
    found = effect(percent, (-3 * estimate, -3 * high, -3 * low))
    document = report_document(study(outcomes=(outcome(found, grade="very low"),)))
    tones = [block.tone for block in every_block(document.blocks) if isinstance(block, KeyFinding)]
    assert tones == [tone, "unclear"]


NOT_ESTIMATED = (
    "Not estimated: No event after the start: the percent change has no finite estimate. What "
    "would be needed: at least one event on each side of the start"
)


@pytest.mark.parametrize("others", [(), (outcome(),)])
def test_an_outcome_without_an_estimate_is_said_to_have_none_and_why(others):
    evidence = study(outcomes=(failing(), *others))
    assert NOT_ESTIMATED in words_of(report_html(evidence))
    keys = [figure.key for figure in figures_of(evidence)]
    assert len(keys) == 2 * len(others)
    assert not any(key.endswith("rare") for key in keys)
    assert faults(report_html(evidence)) == []


def test_the_site_shows_an_outcome_without_an_estimate_and_counts_no_answer():
    said = words_of(every([oakland_study(outcomes=(failing(),))], project=OAKLAND))
    assert NOT_ESTIMATED in said
    assert "Answered for 0 of 3 goals." in said


def test_no_estimate_is_no_answer_whatever_its_grade():
    odd = failing()
    odd = replace(odd, grade=replace(odd.grade, level="low"))
    assert "Answered for 0 of 3 goals." in words_of(
        every([oakland_study(outcomes=(odd,))], project=OAKLAND)
    )


def test_what_could_be_estimated_beside_a_failed_headline_is_in_the_table():
    evidence = study(outcomes=(failing(alternatives=outcome().alternatives),))
    text = report_html(evidence)
    assert "Quadratic trend" in words_of(text)
    assert faults(text) == []


def test_a_model_of_too_many_terms_needs_a_longer_series():
    short = failing()
    headline = replace(short.headline, reason="12 periods are too few for 14 coefficients")
    said = words_of(report_html(study(outcomes=(replace(short, headline=headline),))))
    assert "a longer series with events on both sides of the start" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"design": "its"}, "had the earlier pattern gone on"),
        ({"controls": {"units": ["A"]}}, "had it gone on beside A as before"),
        ({"controls": {"units": ["A", "B", "C"]}}, "had it gone on beside A, B and C as before"),
        (
            {"controls": {"units": ["A", "B", "C", "D"]}},
            "had it gone on beside 4 other places as before",
        ),
        (
            {"controls": {"outcome": "nonfatal"}},
            "had it gone on beside nonfatal shootings as before",
        ),
        ({"design": "did", "unit": "x"}, "had Testville changed as the untreated did"),
        ({"design": "did"}, "had the treated units changed as the untreated did"),
        ({"design": "individual"}, "had the same people not taken part"),
        ({"design": "survey"}, "had answers changed there as they did elsewhere"),
    ],
)
def test_what_expected_supposes_is_said_for_every_design_and_stays_short(evidence, content, said):
    plan = replace(evidence.plan, content=content)
    assert gone_on(study(plan=plan)) == said
