"""A new analysis begins with a plan that runs and a notebook that is the same each time."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest

from evaluation.data.read import read_panel
from evaluation.errors import DataError, PlanError
from evaluation.study.plan.adoption_keys import PlannedAdoption
from evaluation.study.plan.read import check_against_data, read_plan
from evaluation.study.plan.schema import SCHEMAS
from evaluation.study.plan.skeleton import new_analysis, notebook_text
from evaluation.study.plan.tables import CurveDid, WindowDid
from tests.study.plan.test_ignored import keys

ROOT = Path(__file__).parents[3]


def test_new_analysis_is_a_plan_and_a_notebook(tmp_path: Path) -> None:
    written = new_analysis("my-city-2", tmp_path)
    assert written == ["analyses/my-city-2/plan.toml", "analyses/my-city-2/notebook.ipynb"]
    assert sorted(path.name for path in (tmp_path / "analyses" / "my-city-2").iterdir()) == [
        "notebook.ipynb",
        "plan.toml",
    ]


def test_new_plan_answers_to_the_committed_data(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for path in sorted((ROOT / "data" / "synthetic").iterdir()):
        copy = tmp_path / "data" / "synthetic" / path.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    new_analysis("city", tmp_path)
    plan_file = read_plan("city", tmp_path)
    panel = read_panel(tmp_path / plan_file.plan.data, tmp_path)
    check_against_data(plan_file.plan, panel, plan_file.located)
    assert plan_file.plan.frozen is None
    assert plan_file.plan.intervention.phase_in == 3


def test_new_plan_shows_every_key_there_is(tmp_path: Path) -> None:
    new_analysis("city", tmp_path)
    new_analysis("groups", tmp_path, design="did")
    new_analysis("people", tmp_path, design="individual")
    new_analysis("views", tmp_path, design="survey")
    text = "\n".join(
        (tmp_path / "analyses" / slug / "plan.toml").read_text(encoding="utf-8")
        for slug in ("city", "groups", "people", "views")
    )
    shown = text.replace("# ", "")
    every = {key.split(".")[-1] for model in SCHEMAS.values() for key in keys(model)}
    assert [key for key in every if f"{key} = " not in shown and f"{key}]" not in shown] == []


PROJECT = Path(__file__).parents[3]
LATER, CONTROLS = r"\[\[later\]\]\n.*\n.*\n.*", r"\[controls\]\n.*\n.*\n.*"


@pytest.mark.parametrize("left_out", [LATER, CONTROLS])
def test_new_plan_with_every_comment_taken_away_is_read(tmp_path: Path, left_out: str) -> None:
    new_analysis("city", tmp_path)
    path = tmp_path / "analyses" / "city" / "plan.toml"
    (tmp_path / "data" / "synthetic").mkdir(parents=True)
    (tmp_path / "data" / "synthetic" / "city_month.csv").write_text("")
    # A published result is looked up in its table.
    shutil.copytree(PROJECT / "data" / "public", tmp_path / "data" / "public")
    text = path.read_text(encoding="utf-8")
    # Lines that hold a key or a header, but for what cannot stand together.
    shown = re.sub(r"^# (\[|[a-z_]+ = )", r"\1", text, flags=re.MULTILINE)
    without = [left_out, r"outcome = .*", r"\[\[sites\]\]\n.*\n.*", r"dose = .*"]
    without += [r"end = .*", r"fade = .*"]
    if left_out == CONTROLS:
        without.append(r"controls = .*")
    for other in without:
        shown = re.sub(f"^{other}$", "", shown, flags=re.MULTILINE)
    path.write_text(shown, encoding="utf-8")
    plan = read_plan("city", tmp_path).plan
    if left_out == LATER:
        assert plan.controls is not None and plan.controls.weights == (2, 1)
        assert plan.alternatives[2].controls is False
    else:
        assert plan.later[0].name == "Dilution"
    assert plan.options == {"lag": 6} == plan.alternatives[2].options
    assert plan.curve is not None and plan.curve.start == ("2012-10", "2013-01")
    assert plan.unaffected[0].column == "property_crime"
    assert plan.events[0].periods == 2


@pytest.mark.parametrize(
    ("table", "model"), [("adoption", PlannedAdoption), ("curve", CurveDid), ("window", WindowDid)]
)
def test_a_commented_table_of_a_comparison_is_read(tmp_path: Path, table: str, model: Any) -> None:
    new_analysis("groups", tmp_path, design="did")
    text = (tmp_path / "analyses" / "groups" / "plan.toml").read_text(encoding="utf-8")
    block = text[text.index(f"# [{table}]") :].split("\n\n")[0]
    written = tomllib.loads(re.sub(r"^# ?", "", block, flags=re.MULTILINE))[table]
    model.model_validate(written)
    of_series = (
        {"trend", "season", "harmonics", "effect", "controls"} if table == "curve" else set()
    )
    assert set(written) == set(model.model_fields) - of_series


def test_new_plan_explains_in_comments(tmp_path: Path) -> None:
    new_analysis("city", tmp_path)
    lines = (tmp_path / "analyses" / "city" / "plan.toml").read_text(encoding="utf-8").split("\n")
    content = tomllib.loads("\n".join(lines))
    assert sum("#" in line for line in lines) > 2 * len(content)


@pytest.mark.parametrize("slug", ["../x", "City", "a b", "", "-x"])
def test_bad_slug_is_refused_and_nothing_written(tmp_path: Path, slug: str) -> None:
    with pytest.raises(PlanError, match="cannot name an analysis"):
        new_analysis(slug, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_existing_analysis_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "analyses" / "city"
    folder.mkdir(parents=True)
    (folder / "plan.toml").write_text("mine")
    with pytest.raises(PlanError, match="analyses/city: is already there"):
        new_analysis("city", tmp_path)
    assert [path.name for path in folder.iterdir()] == ["plan.toml"]
    assert (folder / "plan.toml").read_text() == "mine"


def test_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "analyses").write_text("a file where the folder should be")
    with pytest.raises(DataError, match="could not be written"):
        new_analysis("city", tmp_path)


def cells(slug: str, title: str) -> list[dict[str, Any]]:
    return [
        {**cell, "source": "".join(cell["source"])}
        for cell in json.loads(notebook_text(slug, title))["cells"]
    ]


def test_notebook_is_valid_and_the_same_bytes_each_time() -> None:
    title = 'Title with "quotes", {braces} and 50%'
    text = notebook_text("city", title)
    assert text == notebook_text("city", title)
    content = json.loads(text)
    nbformat.validate(content)
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert cells("city", title)[0]["source"].startswith(f"# {title}\n")
    assert text.endswith("}\n")


def test_notebook_loads_its_own_study() -> None:
    (load,) = [cell for cell in cells("my-city", "T") if cell["id"] == "load"]
    assert 'evaluation.load("my-city")' in load["source"]


def test_notebook_code_is_python_without_braces_left_over() -> None:
    for cell in cells("city", "T"):
        if cell["cell_type"] == "code":
            compile(cell["source"], cell["id"], "exec")
        assert "{{" not in cell["source"] and "{slug}" not in cell["source"]
