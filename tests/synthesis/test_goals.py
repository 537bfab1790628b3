"""Which study speaks for a goal: a comparison, then the surer, then the larger; never the sign."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from example_study import effect, oakland_study, outcome, study, synthetic_study

from evaluation.study.evidence import Evidence
from evaluation.synthesis.goals import by_goal, speaks

PLACE = "us-ca-oakland"


def made(slug: str, design: str = "its", grade: str = "very low", n: int = 100) -> Evidence:
    found = replace(effect((-20.0, -40.0, 5.0), (1.0, -1.0, 2.0)), n=n)
    base = oakland_study(slug=slug, outcomes=(outcome(found, grade=grade),))
    return replace(base, plan=replace(base.plan, content={**base.plan.content, "design": design}))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (made("b", "did"), made("a", "its", grade="low", n=900)),
        (made("b", "did", grade="low"), made("a", "did", n=900)),
        (made("b", "did", n=101), made("a", "did", n=100)),
        (made("a", "did"), made("b", "did")),
    ],
    ids=["comparison", "certainty", "size", "name"],
)
def test_each_rule_goes_before_the_next(first: Evidence, second: Evidence) -> None:
    for studies in permutations([first, second]):
        found = speaks(studies)
        assert found is not None and found.study == first.slug
        assert found.beside == ((second.slug, second.outcomes[0].column),)


def test_the_sign_of_an_answer_changes_nothing() -> None:
    def turned(one: Evidence) -> Evidence:
        shown = one.outcomes[0]
        assert shown.headline.effect is not None
        other = replace(effect((20.0, -5.0, 40.0), (1.0, -1.0, 2.0)), n=shown.headline.effect.n)
        headline = replace(shown.headline, effect=other)
        return replace(one, outcomes=(replace(shown, headline=headline),))

    studies = [made("a", "its", n=300), made("b", "did"), made("c", "did", n=120)]
    first = speaks(studies)
    for flip in range(8):
        mixed = [turned(one) if flip >> i & 1 else one for i, one in enumerate(studies)]
        again = speaks(mixed)
        assert first is not None and again is not None
        assert (again.study, again.compared) == (first.study, first.compared) == ("c", True)


def test_a_secondary_outcome_speaks_only_where_no_primary_one_does() -> None:
    base = made("a", "did")
    second = replace(base, slug="b", outcomes=(replace(base.outcomes[0], primary=False),))
    third = made("c", "its")
    found = speaks([second, third])
    assert found is not None and found.study == "c"
    alone = speaks([second])
    assert alone is not None and alone.study == "b"


def test_what_is_invented_or_elsewhere_speaks_for_nothing_here() -> None:
    elsewhere = study()
    assert by_goal([synthetic_study(), elsewhere], PLACE) == {}
    found = by_goal([oakland_study(), elsewhere, synthetic_study()], PLACE)
    assert {goal: one.study for goal, one in found.items()} == {1: "oakland"}
    # Another project, with no id of its place, is answered by all of its real studies.
    assert set(by_goal([elsewhere], "")) == {1}


def test_other_events_are_not_said_to_be_shared() -> None:
    one = made("a", "did")
    label = replace(one.outcomes[0], column="robbery", label="robberies")
    other = replace(made("b", "did"), outcomes=(label,))
    found = speaks([one, other])
    assert found is not None and found.beside == ()
