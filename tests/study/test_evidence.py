"""results.json: canonical, exact in both directions, and never half written."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from evaluation.errors import DataError, EnvironmentFault
from evaluation.files import write_atomically
from evaluation.study.evidence import dumps, find_root, load_evidence, loads
from evaluation.study.run import run


@pytest.fixture(scope="module")
def evidence():
    return run("boston", find_root())


def test_reading_back_gives_the_same_text(evidence):
    text = dumps(evidence)
    assert dumps(loads(text)) == text


def test_text_is_canonical(evidence):
    text = dumps(evidence)
    content = json.loads(text)
    assert text == json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    assert "NaN" not in text and "Infinity" not in text and "\r" not in text


def test_numbers_have_at_most_six_significant_digits(evidence):
    def numbers(value):
        if isinstance(value, float):
            yield value
        elif isinstance(value, dict):
            for item in value.values():
                yield from numbers(item)
        elif isinstance(value, list):
            for item in value:
                yield from numbers(item)

    found = list(numbers(json.loads(dumps(evidence))))
    assert len(found) > 500
    assert all(float(f"{number:.6g}") == number for number in found)


def test_a_number_that_is_not_finite_is_never_written(evidence):
    headline = evidence.outcomes[0].headline
    broken = replace(headline, effect=replace(headline.effect, std_error=float("nan")))
    with pytest.raises(ValueError, match="std_error is nan"):
        dumps(replace(evidence, outcomes=(replace(evidence.outcomes[0], headline=broken),)))


def test_a_difference_that_is_nought_is_written_as_nought(evidence):
    headline = evidence.outcomes[0].headline
    tiny = replace(headline, effect=replace(headline.effect, nugget=3e-17))
    text = dumps(replace(evidence, outcomes=(replace(evidence.outcomes[0], headline=tiny),)))
    assert json.loads(text)["outcomes"][0]["headline"]["effect"]["nugget"] == 0


def test_effects_are_one_row_an_estimate(evidence):
    frame = evidence.effects
    estimated = [e for e in evidence.outcomes[0].alternatives if e.effect is not None]
    assert len(frame) == 1 + len(estimated)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 99}', '{"schema": 1}'])
def test_what_is_not_results_is_refused_without_a_traceback(project, text):
    (project / "reports" / "boston" / "results.json").write_text(text)
    with pytest.raises(DataError, match="results"):
        load_evidence("boston", project)


def test_results_not_made_yet_say_how_to_make_them(project):
    with pytest.raises(DataError, match="ceasefire run elsewhere"):
        load_evidence("elsewhere", project)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    write_atomically(path, "old", root=None)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(EnvironmentFault, match="No space left"):
        write_atomically(path, "new", root=None)
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["results.json"]


def test_outside_a_project_it_says_so(tmp_path):
    with pytest.raises(DataError, match="analyses"):
        find_root(tmp_path)


def test_in_a_notebook_a_study_is_a_short_table():
    found = load_evidence("boston", find_root())
    page = found._repr_html_()
    assert page.count("<tr>") == 1 + len(found.outcomes) and len(page) < 1000
    assert f"{found.outcomes[0].effect.percent.estimate:.1f} (95% range" in page
    refused = load_evidence("groups-synthetic-triggered", find_root())
    assert "no answer: " in refused._repr_html_()
