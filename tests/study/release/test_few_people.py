"""No message about people tells of fewer than 10 of them, nor names one in a report."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.data.counted import part, share_told, words_of
from evaluation.errors import EvaluationError
from evaluation.individual import METHODS, incidence, survival
from evaluation.individual.not_yet_called import Calls
from evaluation.individual.people import Outcome, People
from evaluation.study.release.rounding import safe_words
from evaluation.survey import METHODS as SURVEY
from evaluation.survey import Sample, Scale, by_subgroup, reliability

ROOMS = Path(__file__).parents[3] / "evaluation"
# What makes a count out of people. A fact may hold it only as a count, or inside one that is.
COUNTS = re.compile(r"\blen\(|\.sum\(|\bint\(|\.n\b|\bn\b|\bshape\b|\bsize\[|\bjoined\b|\bunits\b")
# Counts of other things than people, each with what it counts; and rows, which name a place.
OTHERS = {
    "len(days)": "days on which people were called in",
    "len(sample.waves)": "waves",
    "len(waves)": "waves",
    "len(levels)": "values of a score",
    "len(rows)": "rows of a table of a check",
    "len(areas)": "neighborhoods",
    "x.shape[1]": "coefficients",
    "int(np.argmax(gone)) + 1": "the place of a row",
    "units[number]": "the name of a sampling unit",
}


def told(room: str) -> Iterator[tuple[str, ast.expr]]:
    """Every value that is put into a fact in a room, by a keyword or a dictionary of them."""
    for path in sorted((ROOMS / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            values: list[ast.expr] = []
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("fact", "_fault"):
                values = [one.value for one in node.keywords if one.arg not in (None, "counts")]
                values += [one for one in node.args if isinstance(one, ast.JoinedStr)]
            elif isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Dict):
                # Whether something was given is no count.
                values = [one for one in node.value.values if not isinstance(one, ast.BoolOp)]
            for value in values:
                yield f"{path.name}:{node.lineno}", value


@pytest.mark.parametrize("room", ["individual", "survey"])
def test_every_count_of_people_in_a_sentence_is_marked_as_one(room: str) -> None:
    bad, seen = [], 0
    for place, value in told(room):
        words = ast.unparse(value)
        seen += 1
        if not words.startswith("counted.") and words not in OTHERS and COUNTS.search(words):
            bad.append(f"{place}: {words}")
    assert seen > 50 and not bad


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_neither_a_part_nor_the_rest_can_be_read_from_the_words(count: int, rest: int) -> None:
    said = str(part(count, count + rest))
    numbers = [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", said)]
    exact = [one for one in numbers if one not in (10, count + rest)]
    assert all(one >= 10 for one in numbers)
    if 0 < count < 10 or 0 < rest < 10:
        assert not exact or exact == [count] == [10]
    assert words_of(count) == ("fewer than 10" if count < 10 else str(count))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 400), st.integers(0, 400))
def test_a_share_tells_neither_of_few_nor_of_all_but_few(count: int, rest: int) -> None:
    whole = max(count + rest, 1)
    said = share_told(100 * count / whole, whole)
    told = int(re.findall(r"\d+", said)[0])
    if count < 10:
        assert said.startswith("under") and told * whole >= 1000
    elif 0 < rest < 10:
        assert said.startswith("over") and (100 - told) * whole >= 1000
    else:
        # As exact as steps of five people allow.
        off = abs(told - 100 * count / whole)
        assert said == f"{told} %" and off <= max(0.5, 250 / whole + 0.5)


@pytest.mark.parametrize("room", ["individual", "survey"])
def test_every_share_of_people_in_a_sentence_passes_one_function(room: str) -> None:
    """ "2 % of all people" of 300 are 6."""
    bare = re.compile(r":\.\df\} % of (?!what|the variance)")
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted((ROOMS / room).glob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if bare.search(line)
    ]
    assert not found


def counts_in(message: str) -> list[int]:
    """Whole numbers below 10 that stand alone, but for names in quotes and rows."""
    text = re.sub(r"'[^']*'|\brow \d+|respondents? \d+:|0 or 1|0, 1, 2", "", message)
    text = re.sub(r"0 censored, 1 the event, 2 competing|answers go from \d to \d|item\d", "", text)
    found = re.findall(r"(?<![\d.,\w-])\d+(?![\d.,]*\d|\w|\s?%)", text)
    return [int(one) for one in found if int(one) < 10]


def people(few: int, n: int = 60, **change: Any) -> dict[str, Any]:
    """So many people with a fault, of both sides."""
    ill = np.arange(n) % (n // few) == 0
    draw = np.random.default_rng(few)
    base = {
        "treated": np.tile([1.0, 0.0], n // 2),
        "covariates": {"age": draw.normal(30, 5, n)},
        "outcomes": {"rearrest": (draw.random(n) < 0.5).astype(float)},
    }
    put = {
        "missing": {"covariates": {"age": np.where(ill, np.nan, 30.0)}},
        "weight": {"weight": np.where(ill, -1.0, 1.0)},
        "flag": {"treated": np.where(ill, 3.0, base["treated"])},
        "treated": {"treated": (np.arange(n) < few).astype(float)},
        "ids": {"ids": [str(i) for i in range(few)]},
        "late": {"outcomes": {"days": Outcome.of(np.where(ill, -1.0, 1.0), "days")}},
        "": {},
    }
    return base | put[change.get("fault", "")]


def by_day(few: int) -> None:
    n = 60
    gone = np.arange(n) < few
    time = Outcome.of_time(np.where(gone, 5.0, 900.0), np.where(gone, 0.0, 1.0))
    People.from_arrays(
        np.tile([1.0, 0.0], n // 2), covariates={}, outcomes={"arrest": time}
    ).by_day("arrest", 100)


def calls(few: int) -> None:
    Calls.from_arrays(
        np.zeros(20), [[]] * 20, start=np.arange(20) < few, end=np.full(20, 5.0), covariates=None
    )


def survey(few: int, **change: Any) -> Sample:
    n = 80
    base: dict[str, Any] = {
        "items": np.random.default_rng(1).integers(1, 6, (n, 2)).astype(float),
        "wave": np.tile([2012, 2016], n // 2),
        "treated": np.repeat([1, 0], n // 2),
        "weight": np.ones(n),
    }
    base |= change
    return Sample.from_arrays(base.pop("items"), **base)


def unanswered(few: int) -> None:
    items = np.full((80, 2), np.nan)
    items[:few] = 3.0
    reliability(survey(few, items=items), Scale("s", ("item1", "item2")))


def subgroups(few: int) -> None:
    trait = np.where(np.arange(80) < few, "a", "b")
    found = by_subgroup(survey(few, traits={"t": trait}), Scale("s", ("item1",)), "t")
    raise EvaluationError("; ".join(map(str, found.left_out.values())) or "none left out")


def notes_of_a_survey(few: int) -> None:
    items = np.random.default_rng(1).integers(1, 6, (80, 1)).astype(float)
    items[:few] = np.nan
    trait = np.arange(80.0)
    trait[-few:] = np.nan
    method = SURVEY["survey-did"].set_to({"covariates": ["t"]})
    found = method.fit(survey(few, items=items, traits={"t": trait}), Scale("s", ("item1",)))
    assert any("fewer than 10" in str(note) for note in found.notes)
    raise EvaluationError("; ".join(map(str, (*found.notes, found.objection or ""))))


def units(few: int) -> None:
    cluster = np.repeat(np.arange(8), 10)
    found = SURVEY["survey-did"].fit(survey(few, cluster=cluster), Scale("s", ("item1",)))
    raise EvaluationError(str(found.objection or ""))


def drawn(few: int) -> None:
    survey(few, cluster=np.repeat(np.arange(8), 10), fpc=np.full(80, 2.0))


def matched(few: int) -> None:
    n, draw = 60, np.random.default_rng(7)
    treated = np.tile([1.0, 0.0], n // 2)
    age = draw.normal(0, 1, n) + 3.0 * (np.arange(n) < 2 * few) * treated
    given = People.from_arrays(treated, covariates={"age": age}, outcomes={"y": draw.random(n)})
    found = METHODS["matching"].fit(given, "y")
    raise EvaluationError("; ".join(map(str, (*found.notes, found.objection or ""))))


def trimmed(few: int) -> None:
    n, draw = 60, np.random.default_rng(7)
    treated = np.tile([1.0, 0.0], n // 2)
    age = draw.normal(0, 1, n) + 1.5 * treated
    given = People.from_arrays(treated, covariates={"age": age}, outcomes={"y": draw.random(n)})
    bounds = [0.5 - few / 60, 0.5 + few / 60]
    found = METHODS["iptw"].set_to({"trim": bounds}).fit(given, "y")
    raise EvaluationError("; ".join(map(str, (*found.notes, found.objection or ""))))


def rare(few: int) -> None:
    y = np.zeros(60)
    y[: 2 * few : 2] = 1
    y[1:40:2] = 1
    given = People.from_arrays(np.tile([1.0, 0.0], 30), covariates={}, outcomes={"y": y})
    found = METHODS["iptw"].fit(given, "y")
    raise EvaluationError(str(found.objection or found.averted_estimand))


def repeated(few: int) -> None:
    given = People.from_arrays(**people(few), follow_up=np.full(60, 100.0))
    survival.andersen_gill(given, [[]] * few, name="arrest")


def short(few: int) -> None:
    n = 60
    time = Outcome.of_time(np.full(n, 40.0), (np.arange(n) < 2 * few).astype(float))
    given = People.from_arrays(np.tile([1.0, 0.0], 30), covariates={}, outcomes={"arrest": time})
    incidence.risk(given, "arrest", day=100)


FAULTS: dict[str, Callable[[int], object]] = {
    **{
        fault: lambda few, fault=fault: People.from_arrays(**people(few, fault=fault))
        for fault in ("missing", "weight", "flag", "treated", "ids", "late")
    },
    **{
        one.__name__: one
        for one in (
            by_day,
            calls,
            unanswered,
            subgroups,
            notes_of_a_survey,
            units,
            drawn,
            matched,
            trimmed,
            rare,
            repeated,
            short,
        )
    },
}


@pytest.mark.parametrize("few", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("name", list(FAULTS))
def test_no_message_carries_a_count_below_ten(name: str, few: int) -> None:
    try:
        FAULTS[name](few)
    except EvaluationError as fault:
        assert counts_in(str(fault)) == [], str(fault)


def test_how_many_left_early_is_not_told_by_what_is_left_of_them() -> None:
    """Of 12 who left early 3 were treated: neither these nor the others are told as a number."""
    n = 400
    gone = np.zeros(n, bool)
    gone[:6:2], gone[1:19:2] = True, True
    time = Outcome.of_time(np.where(gone, 5.0, 900.0), np.where(gone, 0.0, 1.0))
    given = People.from_arrays(np.tile([1.0, 0.0], n // 2), covariates={}, outcomes={"a": time})
    with pytest.raises(EvaluationError) as fault:
        given.by_day("a", 100)
    said = str(fault.value)
    assert "12 of 400 people" in said and "fewer than 10 of 12 treated" in said
    assert counts_in(said) == []


@pytest.mark.parametrize(
    "text",
    [
        "of person 'P-17' age is missing",
        'of person "O\'Brien" (and of 12 more) age is missing',
        "of person 'a\\'b' (and of fewer than 10 more) age is missing",
        "person 'P-17' is there twice; keep one row a person",
        "respondent 1,204: weight is missing",
    ],
)
def test_nobody_is_named_in_a_report(text: str) -> None:
    said = safe_words(text, (1200, 400, 800))
    assert not any(word in said for word in ("P-17", "Brien", "a\\'b", "1,204", "more)"))
    assert "somebody" in said or "a respondent" in said
