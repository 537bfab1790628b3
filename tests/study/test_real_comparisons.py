"""The real comparisons: planned after the outcomes were known, and told in oakland.md as they
were found."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.effect import Interval
from evaluation.study.evidence import Evidence, load_evidence
from evaluation.study.outcome_kinds import moves
from evaluation.study.plan.read import check_data_of, read_plan

PROJECT = Path(__file__).parents[2]
SLUGS = ("oakland-california", "oakland-cities", "ceasefire-cities", "boston-cities")
PAGE = " ".join((PROJECT / "docs/evidence/oakland.md").read_text(encoding="utf-8").split())


def signed(percent: float, digits: int = 0) -> str:
    return f"{'−' if percent < 0 else '+'}{abs(percent):.{digits}f}"


def ranged(percent: Interval) -> str:
    return f"{signed(percent.low)} to {signed(percent.high)}"


def answer(slug: str, label: str | None = None, column: str | None = None) -> Interval:
    """The percent change of the headline of an outcome, or of an alternative."""
    found = load_evidence(slug, PROJECT)
    outcome = found.outcomes[0] if column is None else found.outcome(column)
    entries = {one.label: one for one in outcome.alternatives}
    entry = outcome.headline if label is None else entries[label]
    assert entry.effect is not None
    return entry.effect.percent


@pytest.mark.parametrize("slug", SLUGS)
def test_a_plan_is_frozen_as_it_is_fits_its_data_and_says_that_outcomes_were_known(
    slug: str,
) -> None:
    folder = PROJECT / "analyses" / slug
    assert (folder / "plan.frozen.toml").read_bytes() == (folder / "plan.toml").read_bytes()
    plan_file = read_plan(slug, PROJECT)
    assert "known before this plan was written" in (plan_file.plan.notes or "")
    assert check_data_of(plan_file, PROJECT) is not None
    found = load_evidence(slug, PROJECT)
    reasons = " ".join(str(one) for one in found.outcomes[0].grade.reasons)
    assert "the plan was frozen when the outcomes were already known" in reasons


@pytest.mark.parametrize("slug", SLUGS[:2])
def test_in_the_comparisons_of_oakland_the_partly_covered_time_is_on_neither_side(
    slug: str,
) -> None:
    effect = load_evidence(slug, PROJECT).outcomes[0].headline.effect
    assert effect is not None
    periods = [point.period for point in effect.path]
    assert not {"2012-10", "2012-11", "2012-12", "2012"} & set(periods)
    first = next(point.period for point in effect.path if point.phase == "after")
    assert first in ("2013-01", "2013")


@pytest.mark.parametrize(
    ("slug", "column", "label", "written"),
    [
        ("oakland-california", "robbery", None, "Robberies: {} % ({})"),
        ("oakland-california", "gun_assault", None, "beside 15 cities: {} % ({})"),
        (
            "oakland-california",
            "murder",
            "Window of the published evaluation, 2010 to 2017",
            "murders are at {} % ({})",
        ),
        (
            "oakland-california",
            "murder",
            "Only cities with no sign of a program",
            "eight cities are left: {} % ({})",
        ),
        (
            "oakland-california",
            "murder",
            "Synthetic difference-in-differences",
            "without no change ({} %, {})",
        ),
        (
            "oakland-cities",
            None,
            "To 2014, with the agencies whose counts end in 2015",
            "the estimate is {} % ({})",
        ),
        ("oakland-cities", None, "From 2000 on", "From 2000 on it is {} % ({})"),
        ("ceasefire-cities", None, None, "then pooled: {} % ({})"),
        (
            "ceasefire-cities",
            None,
            "All years on either side of each start",
            "With all years it is {} % ({})",
        ),
        (
            "ceasefire-cities",
            None,
            "Five years on either side of each start",
            "with five on either side {} % ({})",
        ),
        ("ceasefire-cities", None, "Partial adopters too", "begins in 2007, it is {} % ({})"),
        (
            "ceasefire-cities",
            None,
            "Ends and new starts as written, two years after an end left out",
            "new starts as written {} % ({})",
        ),
        (
            "ceasefire-cities",
            None,
            "The balanced panel: only cities with a number in every year",
            "on the balanced panel {} % ({})",
        ),
        (
            "boston-cities",
            None,
            "From 1996, the year of the first meeting",
            "as after ({} %, {})",
        ),
        ("boston-cities", None, "To 1998, as the published evaluation", "to 1998 ({} %, {})"),
    ],
)
def test_the_page_tells_the_committed_numbers(
    slug: str, column: str | None, label: str | None, written: str
) -> None:
    percent = answer(slug, label, column)
    sentence = written.format(signed(percent.estimate), ranged(percent))
    assert sentence in PAGE, sentence


def test_the_headlines_stand_in_the_page_in_words() -> None:
    for slug, words in (
        ("oakland-california", "is {} % below what 13 other cities make expected, with a range "
         "from {} % below to {} % above"),
        ("oakland-cities", "came out {} % below what 27 large agencies with no sign of such a "
         "program make expected, with a range from {} % below to {} % above"),
    ):  # fmt: skip
        one = answer(slug)
        told = words.format(f"{-one.estimate:.0f}", f"{-one.low:.0f}", f"{one.high:.0f}")
        assert told in PAGE, told
    boston = answer("boston-cities")
    assert f"came out {-boston.estimate:.0f} % below what 50 large agencies" in PAGE
    assert f"({-boston.low:.0f} to {-boston.high:.0f} % below)" in PAGE


def _curve(found: Evidence) -> tuple:
    (check,) = (one for one in found.outcomes[0].checks if one.name == "specification-curve")
    return check.table


def test_what_moves_the_answer_stands_in_the_page() -> None:
    rows = _curve(load_evidence("oakland-california", PROJECT))
    assert f"The curve crosses {len(rows)} combinations" in PAGE
    clear = sum(row["low"] > 0 or row["high"] < 0 for row in rows)
    assert f"{clear} have a range without no change" in PAGE
    ends = [row["percent"] for row in rows]
    assert f"they reach from {signed(min(ends))} to {signed(max(ends))} %" in PAGE
    found = {(one.choice, str(one.other)): one.change for one in moves(rows)}
    for choice, other, words in (
        ("method", "ratio-series", "the ratio to the other cities as a series"),
        ("start", "2013-01", "January 2013"),
        ("method", "random-effects-drift", "with drift learned from every month"),
        ("washout", "0", "none"),
        ("adopters", "left out", "left out"),
        ("first", "2010-01", "2010"),
        ("last", "2017-12", "2017"),
    ):
        assert f"| {words} | {signed(found[choice, other], 1)} |" in PAGE
    largest = moves(_curve(load_evidence("ceasefire-cities", PROJECT)))[0]
    assert largest.choice == "periods before"


def test_every_city_by_itself_stands_in_the_page() -> None:
    found = load_evidence("ceasefire-cities", PROJECT)
    (check,) = (one for one in found.outcomes[0].checks if one.name == "each-treated-unit")
    alone = [row for row in check.table if row["role"] == "alone"]
    assert len(alone) == 9
    for row in alone:
        name = str(row["unit"]).split(",")[0]
        told = (
            f"| {name} | {row['start']} | {signed(row['percent'])} % | "
            f"{signed(row['low'])} to {signed(row['high'])} |"
        )
        assert told in PAGE, told
    whole = check.table[-1]
    between = f"between {signed(whole['ahead low'])} and {signed(whole['ahead high'])} %"
    assert f"A next city like these would lie {between}" in PAGE
