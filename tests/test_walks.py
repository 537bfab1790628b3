"""The walks of CONTRIBUTING.md are true: what they name exists, and is called in that order."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import FrameType, ModuleType

import pytest

from evaluation.report.html import render
from evaluation.report.layers import report_document
from evaluation.study.evidence import dumps, loads
from evaluation.study.run import run

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MOST = 12


def walk(name: str) -> list[str]:
    """The stops of a walk, `file:function` each."""
    (section,) = re.findall(rf"^### The walk of one {name}\n(.*?)^##", TEXT, re.DOTALL | re.M)
    return re.findall(r"^\d+\. `([a-z_/]+\.py:[\w.]+)`", section, re.M)


def defined(path: Path) -> set[str]:
    """The functions of a file, and the methods of its classes as Class.method."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{one.name}" for one in node.body if hasattr(one, "name")}
    return found


@contextmanager
def called(stops: list[str]) -> Iterator[list[str]]:
    """Fills the list with those of the stops that are called within it, in order."""
    inside, seen = f"{ROOT / 'evaluation'}/", []
    asked = {stop.split(":")[1].split(".")[-1] for stop in stops}

    def look(frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if code.co_name in asked and code.co_filename.startswith(inside):
            seen.append(f"{code.co_filename.removeprefix(inside)}:{code.co_qualname}")

    before = sys.gettrace()
    sys.settrace(look)
    try:
        yield seen
    finally:
        sys.settrace(before)


def follows(stops: list[str], seen: list[str]) -> str:
    """The first stop that was not called after the one before it; "" where all were."""
    after = iter(seen)
    return next((stop for stop in stops if stop not in after), "")


def small(name: str) -> ModuleType:
    """A helper of the tests of studies."""
    spec = spec_from_file_location(name, ROOT / "tests" / "study" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["count", "person"])
def test_every_stop_of_a_walk_exists_and_they_are_at_most_twelve(name):
    stops = walk(name)
    assert 1 < len(stops) <= MOST
    for stop in stops:
        file, function = stop.split(":")
        assert function in defined(ROOT / "evaluation" / file), stop


@pytest.mark.slow
def test_a_count_takes_the_walk_from_its_cell_to_a_sentence(tmp_path):
    city = small("small_city")
    # The usual method is beside the headline too; as the headline it would be asked at every date.
    plan = city.PLAN.replace('design = "its"', 'design = "its"\nmodel = "poisson"')
    folder = city.project(tmp_path, plan)
    with called(walk("count")) as seen:
        page = render(report_document(loads(dumps(run("city", folder)))))
    assert "Gun assaults" in page
    assert follows(walk("count"), seen) == ""


@pytest.mark.slow
def test_a_person_takes_the_walk_from_a_row_to_a_released_count(tmp_path):
    slug = "participants-synthetic"
    for path in ("participants.csv", "participants.dataset.toml"):
        target = tmp_path / "data" / "synthetic" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / "data" / "synthetic" / path).read_bytes())
    folder = tmp_path / "analyses" / slug
    folder.mkdir(parents=True)
    (folder / "plan.toml").write_text(PEOPLE, encoding="utf-8")
    with called(walk("person")) as seen:
        page = render(report_document(loads(dumps(run(slug, tmp_path)))))
    assert "arrest" in page
    assert follows(walk("person"), seen) == ""


PEOPLE = """\
question = "Were they arrested less often?"
goal = 2
data = "data/synthetic/participants.csv"
design = "individual"
[[outcomes]]
column = "arrest_days"
better = "lower"
horizon = 730
[intervention]
name = "the call-in"
start = "2013-02"
"""
