"""No text about an effect has an empty slot, a doubled mark or a number that is none, whatever the
numbers: nought, next to nothing, huge, on either side."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from claims import marks, unsound
from example_study import effect, outcome, study

from evaluation.effect import Interval, Quantity
from evaluation.report import words
from evaluation.report.document import key_finding
from evaluation.report.figures.figures import agreement, alternatives_table
from evaluation.report.sections.equity import harm
from evaluation.report.sections.measures import measures
from evaluation.report.study_words import fewer
from evaluation.say import LANGUAGES
from evaluation.study.evidence import Alternative

NUMBERS = (-100.0, -63.8, -9.96, -0.51, -0.04, -1e-9, -0.0, 0.0, 0.0004, 0.3, 9.94, 31.5, 1e6)
SPANS = [
    (middle, low, high)
    for low, middle, high in itertools.combinations_with_replacement(NUMBERS, 3)
    if (NUMBERS.index(low) + 2 * NUMBERS.index(middle) + NUMBERS.index(high)) % 3 == 0
]
OPTIONS = list(
    itertools.product(words.GRADES, (None, 12.5), ("", "rate", "days"), (None, "higher"))
)


def made(span, options, label="gun homicides"):
    """An outcome with these numbers wherever there are numbers, and others like it beside it."""
    grade, _, percent_of, better = options
    averted = Interval(-span[0], -span[2], -span[1])
    found = replace(
        effect(span, (0.0, -1.0, 1.0), percent_of=percent_of, better=better),
        averted=averted,
        quantities=tuple(
            Quantity(name, unit, *span, "delta method")
            for name, unit in (
                ("change of level", "%"),
                ("risk difference", "%"),
                ("difference a person", "days"),
                ("averted, fitted against expected", "outcomes"),
                ("averted, observed against expected", "outcomes"),
                ("ratio", "times"),
            )
        ),
    )
    base = outcome(found, grade=grade, label=label)
    common = base.headline.assumes
    again = Alternative("The same", "averaged-reml", True, common, "", found)
    more = Alternative("More", "poisson", True, f"{common}, which is estimated", "", found)
    reason = "not valid here: no comparison; a sum of 3"
    none = Alternative("Barred", "poisson", True, f"{common}; ", "", None, reason)
    return replace(base, alternatives=(*base.alternatives, again, more, none))


def texts(found, language, margin) -> Iterator[str]:
    """Every text that a page has about the effect of an outcome."""
    evidence = study(outcomes=(found,))
    finding = key_finding(evidence, found, language)
    yield finding.label
    for fact in finding.facts:
        yield from (fact.value, fact.note)
    yield words.finding(found)
    yield words.worth(found)
    yield agreement(found)
    yield harm(found, rise_harms=True)
    yield fewer(found.effect.averted.estimate)
    yield words.count_range(found.effect.averted)
    tables = [alternatives_table("key", found), *measures(evidence)]
    for table in tables:
        for row in getattr(table, "rows", ()):
            for cell in row:
                yield "".join(part if isinstance(part, str) else part.text for part in cell)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_no_text_about_an_effect_has_an_empty_slot_or_a_doubled_mark(language):
    for number, span in enumerate(SPANS):
        options = OPTIONS[number % len(OPTIONS)]
        found = made(span, options)
        said = words.answer(found, "Ceasefire", margin=options[1], language=language)
        assert unsound(said) == [], said
        for text in texts(found, language, options[1]):
            assert marks(text) == [], (span, options, text)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
@pytest.mark.parametrize("reason", ["no event after the start", "the fit stopped. It was short."])
def test_no_answer_has_no_doubled_mark_either(language, reason):
    base = outcome()
    none = replace(base, headline=replace(base.headline, effect=None, reason=reason))
    said = words.answer(none, "Ceasefire", language=language)
    assert unsound(said) == [], said


@pytest.mark.parametrize("span", [(-0.51, -38.0, 59.0), (-0.04, -3.0, 2.0), (-67.2, -83.6, -34.3)])
def test_one_change_has_one_number_wherever_it_stands(span):
    found = made(span, ("low", None, "", None))
    size = {-0.51: "0.5%", -0.04: "0.1%", -67.2: "67%"}[span[0]]
    (row, *_) = alternatives_table("key", found).rows
    (measure, *_) = next(
        one for one in measures(study(outcomes=(found,))) if hasattr(one, "rows")
    ).rows
    told = [
        words.answer(found, "Ceasefire"),
        words.answer(found, "Ceasefire", language=LANGUAGES[1]),
        words.finding(found),
        agreement(found),
        str(row[1][0]),
        str(measure[1][0]),
    ]
    assert [text for text in told if size not in text] == []


def test_the_same_estimate_is_listed_once_and_counted_once():
    found = made((-67.2, -83.6, -34.3), ("low", None, "", None))
    names = [str(row[0]) for row in alternatives_table("key", found).rows]
    assert not [name for name in names if name.startswith("('The same'")]
    assert "; the same again: The same, More" in names[0]
    one = agreement(replace(found, alternatives=found.alternatives[:1]))
    assert "0 of 1 other estimate is clear" in one
    assert agreement(found) == agreement(outcome(found.effect, grade="low"))


def test_what_a_row_assumes_beyond_the_headline_is_a_sentence():
    found = made((-20.0, -30.0, -10.0), ("low", None, "", None))
    other = replace(found.alternatives[-2], effect=effect((-9.0, -20.0, 4.0), (1.0, -2.0, 3.0)))
    table = alternatives_table("key", replace(found, alternatives=(other,)))
    assert table.rows[1][4] == ("As the headline; which is estimated.",)


def test_an_estimate_of_something_else_is_named_so_and_not_compared():
    found = made((-13.3, -20.4, -5.6), ("low", None, "", None), label="arrest within 24 months")
    main = replace(found.effect, percent_of="risk", horizon=730.0)
    days = effect((17.0, 5.0, 31.0), (-9.0, -20.0, -1.0), percent_of="days", better="higher")
    rate = effect((-44.0, -60.0, -20.0), (9.0, 1.0, 20.0), percent_of="rate")
    others = tuple(
        Alternative(label, "any", True, "", "", one)
        for label, one in (("Time free", days), ("Cox", rate))
    )
    mixed = replace(found, headline=replace(found.headline, effect=main), alternatives=others)
    names = [str(row[0][0]) for row in alternatives_table("key", mixed).rows[1:]]
    assert names == ["Time free (of the days)", "Cox (of the rate)"]
    assert "there is no other estimate to compare" in agreement(mixed)
