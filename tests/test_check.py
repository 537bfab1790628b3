"""`ceasefire check`: says nothing when all is as committed, and what and why when it is not.

Here without a lock, as a study is before anyone accepted it; with one: tests/test_mutations.py.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from evaluation.check import check_site, check_study
from evaluation.check.lock import links_in, pages_of, says_nothing, sha256
from evaluation.check.pages import links_out, notebook_outputs
from evaluation.check.site import strays
from evaluation.errors import DataError
from evaluation.report.write import write_report
from evaluation.study.evidence import dumps, load_evidence
from evaluation.study.run import run

pytestmark = pytest.mark.usefixtures("run_once")
PROJECT = Path(__file__).parents[1]


APPENDIX = "reports/boston/appendix.html"
# As it is rendered where nothing was accepted: it tells of the chain that it goes on from.
RENDERED: list[bytes] = []


@pytest.fixture
def project(project):
    for path in [*project.glob("reports/*/lock.json"), *project.glob("analyses/*/changes.toml")]:
        path.unlink()
    if not RENDERED:
        write_report(load_evidence("boston", project), project)
        RENDERED.append((project / APPENDIX).read_bytes())
    (project / APPENDIX).write_bytes(RENDERED[0])
    return project


@pytest.fixture(scope="module")
def fresh():
    """What a run of the first study finds, for tests that change neither data nor plan."""
    return run("boston", PROJECT)


def studies(project):
    return sorted(path.parent.name for path in (project / "analyses").glob("*/plan.toml"))


def verdict(project, fresh=None, slug="boston"):
    return check_study(slug, project, fresh or run(slug, project))


@pytest.mark.usefixtures("same_figures")
def test_committed_studies_reproduce(project, fresh):
    words = 'not accepted yet: ceasefire accept boston --reason "First results"'
    assert str(verdict(project, fresh)) == f"boston: reproduces\n  {words}"
    # The others are run again by `ceasefire check`, which .ci/run calls after the tests.
    assert check_site(project, studies(project)).reproduces


def test_one_changed_data_cell_is_found_and_the_data_file_named(project):
    data = project / "data/public/boston_homicide.csv"
    lines = data.read_text().splitlines(keepends=True)
    cells = lines[60].split(",")
    column = lines[0].split(",").index("homicides")
    cells[column] = str(int(cells[column]) + 3)
    lines[60] = ",".join(cells)
    data.write_text("".join(lines))
    found = verdict(project)
    assert not found.reproduces
    assert "youth homicides effect −" in str(found)
    assert "→" in str(found)
    assert "cause: data file data/public/boston_homicide.csv" in str(found)


def test_one_digit_of_html_is_found_with_its_line(project, fresh):
    page = project / "reports/boston/index.html"
    text = page.read_text()
    place = text.index("%</")
    page.write_text(f"{text[: place - 1]}9{text[place:]}" if text[place - 1] != "9" else text[1:])
    found = verdict(project, fresh)
    assert "reports/boston/index.html is not what its results render to" in str(found)
    assert "line" in str(found)


def test_one_digit_of_the_page_on_power_is_found(project):
    page = project / "reports/oakland-synthetic/power.html"
    page.write_text(page.read_text().replace("34%", "24%", 1))
    found = verdict(project, slug="oakland-synthetic")
    assert "oakland-synthetic/power.html is not what its results render to" in str(found)


def test_one_digit_of_the_front_page_is_found(project):
    page = project / "reports/index.html"
    text = page.read_text()
    assert "No data yet" in text
    page.write_text(text.replace("No data yet", "No data jet", 1))
    assert not check_site(project, studies(project)).reproduces


def change_result(project, change):
    path = project / "reports/boston/results.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n")


def test_noise_in_the_third_digit_does_not(project, fresh):
    def noise(content):
        effect = content["outcomes"][0]["headline"]["effect"]
        effect["estimate"] = float(f"{effect['estimate'] * 1.001:.6g}")

    change_result(project, noise)
    found = str(verdict(project, fresh))
    assert "cause: the code, or the versions it runs on" in found


def test_a_number_below_the_headline_is_named_by_its_place(project, fresh):
    def change(content):
        content["outcomes"][0]["headline"]["effect"]["dispersion"] *= 1.01

    change_result(project, change)
    assert "outcomes[0].headline.effect.dispersion" in str(verdict(project, fresh))


def test_a_changed_plan_is_named_as_the_cause(project):
    plan = project / "analyses/boston/plan.toml"
    plan.write_text(plan.read_text() + "\n# a remark\n")
    assert "cause: plan.toml" in str(verdict(project))


def test_a_dropped_alternative_is_found(project, fresh):
    def drop(content):
        del content["outcomes"][0]["alternatives"][0]

    change_result(project, drop)
    assert "alternatives" in str(verdict(project, fresh))


def test_an_outcome_that_was_not_estimated_and_now_is_is_named(project, fresh):
    def empty(content):
        headline = content["outcomes"][0]["headline"]
        headline["effect"], headline["reason"] = None, "no event after the start"

    change_result(project, empty)
    words = "youth homicides not estimated (no event after the start) → effect −"
    assert words in str(verdict(project, fresh))


def test_a_sentence_that_would_change_is_said_to(project, fresh):
    def harm(content):
        effect = content["outcomes"][0]["headline"]["effect"]
        effect["estimate"] = 0.4
        effect["percent"] = {"estimate": 49.2, "low": 10.0, "high": 80.0}

    change_result(project, harm)
    found = str(verdict(project, fresh))
    assert "sentence changed" in found
    assert "49.2 %" in found


def test_nothing_committed_says_what_to_do(project, fresh):
    (project / "reports/boston/results.json").unlink()
    with pytest.raises(DataError, match="ceasefire run boston"):
        verdict(project, fresh)


def test_checking_changes_nothing_that_is_committed(project, fresh):
    def committed():
        files = (path for path in project.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in files if "build" not in path.parts}

    before = committed()
    verdict(project, fresh)
    assert committed() == before


def test_committed_results_are_what_a_run_writes(project):
    committed = (project / "reports/boston/results.json").read_text()
    assert dumps(load_evidence("boston", project)) == committed


NOTHING = {".nojekyll": b"", ".gitkeep": b"", ".DS_Store": b"\0\0\0\1Bud1\0"}


def test_a_file_that_says_nothing_is_one_without_a_word(tmp_path):
    folder = tmp_path / "reports/a"
    folder.mkdir(parents=True)
    for name, content in NOTHING.items():
        (folder / name).write_bytes(content)
        assert says_nothing(folder / name)
    (folder / ".a.html.0123456789abcdef.ceasefire-part").write_bytes(b"<p>hal")
    assert pages_of("a", tmp_path) == {}
    # The same names over a page, a folder, or a link to either.
    for name in NOTHING:
        (folder / name).write_bytes(b"<p>It works.</p>")
        (tmp_path / "reports" / name).mkdir()
    (folder / ".b.html.0123456789abcdef.ceasefire-part").symlink_to("../../else.html")
    assert {*NOTHING, ".b.html.0123456789abcdef.ceasefire-part"} == set(pages_of("a", tmp_path))
    found = {*strays(tmp_path, ())}
    assert found == {"a/", *(f"{name}/" for name in NOTHING)}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links and pipes")
def test_whatever_lies_among_the_pages_of_a_study_is_listed(tmp_path):
    folder, real = tmp_path / "reports/a", tmp_path / "else"
    folder.mkdir(parents=True)
    real.mkdir()
    (real / "index.html").write_text("<p>It works.</p>", encoding="utf-8")
    (folder / "more").symlink_to(real)
    (folder / "gone.html").symlink_to("nothing.html")
    (folder / "index.html").symlink_to(real / "index.html")
    os.mkfifo(folder / "pipe.html")
    found = pages_of("a", tmp_path)
    assert found == {
        "more": "",
        "gone.html": "",
        "pipe.html": "",
        "index.html": sha256((real / "index.html").read_bytes()),
    }
    names = ("gone.html", "index.html", "more")
    assert links_in(folder, tmp_path) == tuple(f"reports/a/{name}" for name in names)
    (tmp_path / "reports/b").symlink_to("a")
    assert links_in(tmp_path / "reports/b", tmp_path)[0] == "reports/b"


def test_what_of_an_analysis_leads_out_of_the_project_is_named(tmp_path):
    folder = tmp_path / "project/analyses/a"
    folder.mkdir(parents=True)
    (tmp_path / "else.toml").write_text("goal = 1", encoding="utf-8")
    (folder / "plan.toml").symlink_to(tmp_path / "else.toml")
    (folder / "notes.toml").symlink_to("plan.frozen.toml")
    assert links_out("a", tmp_path / "project") == ("analyses/a/plan.toml",)


@pytest.mark.parametrize("name", ["n.ipynb", "deep/n.ipynb", "n.IPYNB"])
def test_outputs_are_found_in_every_notebook_of_a_study(tmp_path, name):
    path = tmp_path / "analyses/a" / name
    path.parent.mkdir(parents=True)
    shown, widget = {"outputs": [{"text": "-91 %"}]}, {"state": {"value": "-91 %"}}
    for content, seen in (
        ({"cells": [{"source": "1 + 1", "outputs": [], "execution_count": None}]}, False),
        ({"cells": [shown]}, True),
        ({"cells": [], "metadata": {"widgets": widget}}, True),
    ):
        path.write_text(json.dumps(content), encoding="utf-8")
        assert bool(list(notebook_outputs("a", tmp_path))) is seen
        # What git ignores is not committed.
        aside = tmp_path / "analyses/b/.ipynb_checkpoints/n.ipynb"
        aside.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(content), encoding="utf-8")
        assert not list(notebook_outputs("b", tmp_path))
