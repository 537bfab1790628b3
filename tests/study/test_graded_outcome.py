"""Every answer that is printed passes the same gate, whatever its path."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_city import PLAN, project

from evaluation import did, its
from evaluation.effect import Effect, Interval
from evaluation.errors import FitError
from evaluation.study.design import Ask
from evaluation.study.evidence import NOT_VALID, Alternative
from evaluation.study.graded_outcome import answered, once
from evaluation.study.run import run
from tests.study.grade.test_grade import effect

ENTRY = Alternative("Other", "poisson", True, "", "", None)
ALTERNATIVES = """\
[[alternatives]]
label = "Plain"
model = "{model}"
"""
DID = PLAN.replace('"its"', '"did"').replace("[specification]\nharmonics = 1\n", "")
GOOD = effect(-20, -30, -8)


def shown(study) -> list[Alternative]:
    return [one for o in study.outcomes for one in (o.headline, *o.alternatives)]


@pytest.mark.parametrize(
    ("plan", "methods", "model"),
    [(PLAN, its.Method, "poisson"), (DID, did.Method, "placebo-t")],
    ids=["its", "did"],
)
def test_an_objection_bars_the_headline_the_planned_and_the_standing_ones(
    plan, methods, model, tmp_path: Path, monkeypatch
):
    fit = methods.fit

    def barred(self, data) -> Effect:
        return replace(fit(self, data), objection="the test objects")

    monkeypatch.setattr(methods, "fit", barred)
    root = project(tmp_path, plan + ALTERNATIVES.format(model=model))
    if methods is did.Method:
        # One place has a shorter record, which a comparison cannot use.
        others = '[controls]\nunits = ["Stockton", "Salinas", "Fresno", "Modesto"]\n'
        root = project(tmp_path, plan + others + ALTERNATIVES.format(model=model))
    found = shown(run("city", root))
    assert len(found) > 3
    for one in found:
        assert one.effect is None, one.label
        assert one.reason and one.barred == (str(one.reason) == f"{NOT_VALID}: the test objects")
    assert sum(one.barred for one in found) > 2


@pytest.mark.parametrize(
    "wild",
    [
        replace(GOOD, std_error=float("nan")),
        replace(GOOD, high=float("inf")),
        replace(GOOD, percent=Interval(1e15, -1e15, 1e15)),
        replace(GOOD, averted=Interval(1.0, float("-inf"), 2.0)),
    ],
)
def test_an_estimate_that_runs_away_is_not_valid(wild):
    found = answered(Ask(ENTRY, lambda: wild))
    assert found.effect is None and found.shown.effect is None
    assert found.shown.barred and str(found.shown.reason).startswith(NOT_VALID)


def test_what_cannot_be_estimated_keeps_its_reason_and_notes_are_added_to_what_can():
    def fails() -> Effect:
        raise FitError("no event after the start")

    assert str(answered(Ask(ENTRY, fails)).shown.reason) == "no event after the start"
    made = replace(GOOD, notes=("first",))
    told = answered(Ask(ENTRY, lambda: made, ("why",), ("poverty is not used",)))
    assert told.shown.effect is not None
    assert told.shown.effect.notes == ("why", "first", "poverty is not used")


def test_the_same_answer_is_printed_once_or_says_of_which_it_is_the_same():
    head = Alternative("Headline", "averaged-reml", True, "", "", GOOD)
    planned = replace(ENTRY, label="Planned", effect=GOOD, assumes="a trend")
    standing = replace(ENTRY, label="Standing", planned=False, effect=GOOD)
    other = replace(ENTRY, label="Else", planned=False, effect=effect(-10, -30, 15))
    found = once(head, (planned, standing, other))
    assert [one.label for one in found] == ["Planned", "Else"]
    assert found[0].assumes == (
        "a trend; comes to the same numbers as the headline, and is no further evidence"
    )
    assert once(head, (replace(planned, assumes=""),))[0].assumes.startswith("comes to the same")
