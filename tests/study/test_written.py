"""The written form: what equals its default leaves no trace, and the former form is still read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, is_dataclass, make_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from evaluation.effect import Check, Effect
from evaluation.fact import Fact
from evaluation.study.evidence import Evidence, dumps, loads, spoken
from evaluation.study.read_back import read_as
from evaluation.study.written import canonical, rounded

PROJECT = Path(__file__).parents[2]
WRITTEN = sorted(PROJECT.glob("reports/*/results.json"))


@dataclass(frozen=True, slots=True)
class Inner:
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outer:
    name: str
    inner: tuple[Inner, ...] = ()
    least: Inner | None = None


def test_what_equals_its_default_is_not_written_and_is_read_back():
    outer = Outer("a", (Inner(1.0), Inner(2.0, "b")))
    content = rounded(outer, "")
    assert content == {"name": "a", "inner": [{"value": 1.0}, {"value": 2.0, "note": "b"}]}
    assert read_as(Outer, content) == outer


def test_a_new_field_with_a_default_moves_nothing_that_is_written():
    now = Outer("a", (Inner(1.0),), Inner(3.0))
    later = make_dataclass(
        "Later", [("new", float | None, field(default=None))], bases=(Outer,), frozen=True
    )
    assert rounded(later("a", (Inner(1.0),), Inner(3.0)), "") == rounded(now, "")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({"name": "a", "other": 1}, "other"),
        ({"name": "a", "inner": [{"value": 1.0, "x": None}]}, "inner.0.x"),
        ({"inner": []}, "name"),
        ({"name": "a", "inner": {}}, "inner"),
        ({"name": 3}, "name"),
        ([], "the whole"),
        (None, "the whole"),
        ({"name": "a", "least": {"value": "many"}}, "least.value"),
    ],
)
def test_what_is_not_as_it_was_written_is_refused_at_its_place(content, place):
    with pytest.raises(ValueError, match=rf"^{place.replace('.', '[.]')}: "):
        read_as(Outer, content)


def dataclasses_of(kind: Any, seen: set[Any]) -> set[Any]:
    """A dataclass and all that its fields are of."""
    for part in get_args(kind):
        dataclasses_of(part, seen)
    if is_dataclass(kind) and kind not in seen:
        seen.add(kind)
        for hint in get_type_hints(kind).values():
            dataclasses_of(hint, seen)
    return seen


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parent.name)
def test_committed_results_hold_no_key_that_equals_its_default(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["schema"] == 3
    evidence = loads(path.read_text(encoding="utf-8"))
    assert dumps(evidence) == path.read_text(encoding="utf-8")
    assert None not in leaves(content["plan"]["content"])


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def former(evidence: Evidence) -> str:
    """The text of the results as the former version wrote them: every field, and the plan with all
    its keys, null where no author wrote them."""

    def whole(value: Any) -> Any:
        if isinstance(value, Fact):
            return str(value)
        if isinstance(value, Check):
            columns = {"name": value.name, "passed": value.passed, "table": whole(value.table)}
            return {**columns, "says": str(value.says), "question": str(value.question)}
        if is_dataclass(value):
            return {
                one.name: whole(getattr(value, one.name))
                for one in fields(value)
                if one.name != "former_sha256"
                and not (isinstance(value, Effect) and one.name in NEW_IN_EFFECT)
            }
        if isinstance(value, (list, tuple)):
            return [whole(item) for item in value]
        if isinstance(value, dict):
            return {key: whole(item) for key, item in value.items()}
        return value

    content = whole(evidence)
    if content["delivery"] is None:
        del content["delivery"]
    plan = content["plan"]["content"]
    plan["cluster"] = plan["margin"] = None
    for alternative in plan.get("alternatives", []):
        alternative.setdefault("phase_in", None)
    return canonical({"schema": 1, **rounded(content, "")})


NEW_IN_EFFECT = ("percent_of", "horizon", "better")


def test_the_former_form_is_read_and_remembers_its_own_hash():
    import hashlib

    evidence = loads(WRITTEN[0].read_text(encoding="utf-8"))
    content = spoken(evidence)
    for outcome in content["outcomes"]:
        for check, one in zip(
            outcome["checks"], evidence.outcome(outcome["column"]).checks, strict=True
        ):
            check["says"], check["question"] = check.pop("found"), str(one.question)
            check.pop("asked", None)
    text = canonical({"schema": 2, **content})
    read = loads(text)
    assert read.former_sha256 == hashlib.sha256(text.encode()).hexdigest()
    told, now = read.outcomes[0].checks[0], evidence.outcomes[0].checks[0]
    assert (told.says, str(told.question)) == (now.says, str(now.question))
    assert read.outcomes[0].effect.percent == evidence.outcomes[0].effect.percent


def test_results_that_the_former_version_wrote_are_read(tmp_path):
    text = (Path(__file__).parent / "former_results.json").read_text(encoding="utf-8")
    read = loads(text)
    assert read.former_sha256 and read.outcomes[0].estimated
    assert json.loads(dumps(read))["schema"] == 3
    assert len(dumps(read)) < len(text)


@pytest.fixture(scope="module")
def fresh():
    from evaluation.study.run import run

    return run("boston", PROJECT)


def test_check_says_that_numbers_are_the_same_in_an_older_form(project, fresh):
    from evaluation.check import check_study

    (project / "reports/boston/lock.json").unlink()
    (project / "analyses/boston/changes.toml").unlink()
    results = project / "reports/boston/results.json"
    results.write_text(former(fresh), encoding="utf-8")
    verdict = check_study("boston", project, fresh)
    assert verdict.reproduces
    assert any(note.startswith("same numbers, older form") for note in verdict.notes)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("outcomes", 0, "headline", "effect", "percent", "low"), -12.0),
        (("outcomes", 0, "alternatives", 0, "effect", "p_value"), 0.5),
        (("outcomes", 0, "headline", "effect", "terms", 1, "estimate"), None),
        (("outcomes", 0, "checks"), []),
        (("outcomes", 0, "grade", "level"), "high"),
    ],
)
def test_another_number_or_grade_in_the_older_form_is_found(project, fresh, path, value):
    from evaluation.check import check_study

    content = json.loads(former(fresh))
    place = content
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = 0.0 if value is None else value
    results = project / "reports/boston/results.json"
    results.write_text(canonical(content), encoding="utf-8")
    verdict = check_study("boston", project, fresh)
    assert not verdict.reproduces
    assert not any("older form" in note for note in verdict.notes)
    assert any(difference.kind == "results" for difference in verdict.differences)
