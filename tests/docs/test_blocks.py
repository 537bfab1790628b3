"""Every block of code in the documentation runs, or says why not.

The name of its language is followed by how: a fragment of TOML by the file that it is a part of
("plan oakland": of the plan of that study), any other by nothing, or by "not-run: " and the reason.
Blocks of Python of a page run one after another; commands of `your-city.md` run in
`tests/test_your_city.py`.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from doc_pages import BLOCKS, ROOT, Block, blocks_of

from evaluation.cli import _parser, main
from evaluation.data.description import read_description
from evaluation.data.incidents.recipe import read_recipe
from evaluation.data.project import read_project
from evaluation.data.record_description import read_record_description
from evaluation.economics import read_ledger, read_price_index
from evaluation.fact import ENGLISH, grammar, texts
from evaluation.study.plan.read import read_plan

YOUR_CITY = "docs/start/your-city.md"
# What pages print, in part.
PRINTED = {
    "docs/how-to/python.md": ("homicides: Poisson, Newey-West", "level = 0, slope = 0 together"),
    "docs/how-to/own-method.md": ("-63 % (-77 to -41)", "of 100 ranges leave out the truth"),
}
RUN = {"python", "sh", "toml", "diff", "r"}


def runs(language: str) -> list[Any]:
    """The blocks of that language that run, named for a person."""
    return [
        pytest.param(block, id=f"{block.page}:{block.line}")
        for block in BLOCKS
        if block.language == language and not block.why_not
    ]


def toml(content: dict[str, Any], at: str = "") -> str:
    """What TOML says it in: single values, then tables."""

    def value(one: Any) -> str:
        if isinstance(one, dict):
            return "{" + ", ".join(f"{json.dumps(k)} = {value(v)}" for k, v in one.items()) + "}"
        if isinstance(one, list):
            return "[" + ", ".join(map(value, one)) + "]"
        return one.isoformat() if isinstance(one, datetime.date) else json.dumps(one)

    lines, tables = [], []
    for key, one in content.items():
        name = f"{at}{json.dumps(key)}"
        if isinstance(one, dict):
            tables.append(f"[{name}]\n{toml(one, f'{name}.')}")
        elif isinstance(one, list) and one and all(isinstance(each, dict) for each in one):
            tables += [f"[[{name}]]\n{toml(each, f'{name}.')}" for each in one]
        else:
            lines.append(f"{json.dumps(key)} = {value(one)}")
    return "\n".join([*lines, *tables]) + "\n"


def merged(base: Any, part: Any) -> Any:
    """The base with what a part of it says; of lists of tables as many as the part has."""
    if isinstance(base, dict) and isinstance(part, dict):
        return {**base, **{key: merged(base.get(key), one) for key, one in part.items()}}
    if isinstance(base, list) and isinstance(part, list) and all(isinstance(p, dict) for p in part):
        pairs = [merged(one, other) for one, other in zip(base, part, strict=False)]
        return pairs + part[len(base) :]
    return part


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the tables of this one, and those that a reader would have of their own."""
    root = tmp_path_factory.mktemp("project")
    for kind in ("public", "synthetic"):
        shutil.copytree(ROOT / "data" / kind, root / "data" / kind)
    mine = root / "data" / "mine"
    mine.mkdir()
    for name, of in (("participants", "participants"), ("survey", "survey")):
        for end in ("csv", "dataset.toml"):
            shutil.copy(root / f"data/synthetic/{of}.{end}", mine / f"{name}.{end}")
    for end in ("csv", "dataset.toml"):
        shutil.copy(root / f"data/synthetic/participants_events.{end}", mine / f"events.{end}")
    (mine / "margins.csv").write_text("race,residents\n", encoding="utf-8")
    return root


def plan(root: Path, part: dict[str, Any], study: str) -> None:
    (whole,) = (one for one in blocks_of("docs/reference/plans.md") if one.how == "plan")
    base = (ROOT / f"analyses/{study}/plan.toml").read_text("utf-8") if study else whole.text
    folder = root / "analyses" / "shown"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.toml").write_text(toml(merged(tomllib.loads(base), part)), encoding="utf-8")
    read_plan("shown", root)


def dataset(root: Path, part: dict[str, Any], of: str) -> None:
    (whole,) = (one for one in blocks_of("docs/reference/data.md") if one.how == "dataset")
    base = (ROOT / f"data/public/{of}.dataset.toml").read_text("utf-8") if of else whole.text
    base = re.sub(r"^file = .*\n", "", base, flags=re.MULTILINE)
    path = root / "shown.dataset.toml"
    path.write_text(toml(merged(tomllib.loads(base), part)), encoding="utf-8")
    read_description(path, path.name, "shown.csv")


def people(root: Path, part: dict[str, Any], _: str) -> None:
    base = tomllib.loads((ROOT / "data/synthetic/participants.dataset.toml").read_text("utf-8"))
    base.pop("file", None)
    dated = {"entry", "time", "cause", "follow_up"}
    base["columns"] = {
        name: one
        for name, one in base["columns"].items()
        if one["role"] not in dated and one["type"] != "date"
    }
    path = root / "people.dataset.toml"
    path.write_text(toml(merged(base, part)), encoding="utf-8")
    read_record_description(path, path.name, "people.csv")


def costs(root: Path, part: dict[str, Any], _: str) -> None:
    index = read_price_index("data/public/inflation.csv", ROOT)
    path = root / "costs.toml"
    path.write_text(toml(part), encoding="utf-8")
    read_ledger(path, index=index)


def recipe(root: Path, part: dict[str, Any], _: str) -> None:
    path = root / "homicides.recipe.toml"
    path.write_text(toml(part), encoding="utf-8")
    read_recipe(path, path.name)


def project_file(root: Path, part: dict[str, Any], _: str) -> None:
    (root / "ceasefire.toml").write_text(toml(part), encoding="utf-8")
    try:
        assert read_project(root).names.place == part["place"]
    finally:
        (root / "ceasefire.toml").unlink()


def language(_: Path, part: dict[str, Any], __: str) -> None:
    assert part.pop("language").keys() <= grammar(ENGLISH).keys() | grammar("es").keys()
    said = {f"{table}.{key}" for table, keys in part.items() for key in keys}
    assert said and said <= texts(ENGLISH).keys()


READERS: dict[str, Callable[[Path, dict[str, Any], str], None]] = {
    "plan": plan,
    "dataset": dataset,
    "people": people,
    "costs": costs,
    "recipe": recipe,
    "project": project_file,
    "language": language,
}


@pytest.mark.parametrize("block", runs("toml"))
def test_every_file_and_every_part_of_one_is_read_without_a_fault(
    block: Block, project: Path
) -> None:
    kind, _, of = block.how.partition(" ")
    READERS[kind](project, tomllib.loads(block.text), of)


@pytest.mark.parametrize(
    "page", list(dict.fromkeys(one.page for one in BLOCKS if one.language == "python"))
)
def test_every_block_of_python_runs(
    page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {"__name__": "shown"}
    for block in blocks_of(page):
        if block.language == "python":
            code = compile(block.text, f"{page}:{block.line}", "exec")
            if not block.why_not:
                exec(code, names)
            plt.close("all")
    told = capsys.readouterr().out
    assert [words for words in PRINTED.get(page, ()) if words not in told] == []


def commands(block: Block) -> list[list[str]]:
    """The words of the lines that call `ceasefire`, without comments."""
    lines = (shlex.split(line, comments=True) for line in block.text.splitlines())
    return [words[1:] for words in lines if words[:1] == ["ceasefire"]]


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language == "sh"], ids=lambda b: b.page)
def test_every_command_is_one(block: Block, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    given = commands(block)
    for words in given:
        with contextlib.redirect_stderr(io.StringIO()):
            _parser().parse_args(words)
    if not block.why_not and block.page != YOUR_CITY:
        assert given and len(given) == len(block.text.splitlines())
        for words in given:
            assert main(words) == 0


@pytest.mark.slow
@pytest.mark.parametrize("block", runs("r"))
def test_every_block_of_r_runs(block: Block, tmp_path: Path, monkeypatch: Any) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    assert main(["init", str(tmp_path / "shown"), "--example"]) == 0
    (tmp_path / "ceasefire").write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m evaluation.cli "$@"\n', encoding="utf-8"
    )
    (tmp_path / "ceasefire").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = subprocess.run(
        ["Rscript", "-e", block.text], cwd=tmp_path / "shown", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_block_says_its_language_and_how_it_runs() -> None:
    for block in BLOCKS:
        where = f"{block.page}:{block.line}"
        assert block.language in RUN | {"text"}, where
        if block.language == "toml":
            assert block.how.partition(" ")[0] in READERS, where
        else:
            assert not block.how or block.why_not, where
        if block.language == "diff":
            assert block.page == YOUR_CITY, where


def test_blocks_that_do_not_run_are_listed_with_the_reason() -> None:
    table = (ROOT / "docs/reference/not-run.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \S+ \| `(.*?)` \| (.*?) \|$", table, re.MULTILINE)
    pages = re.findall(r"^\| (?:\[\S+\]\(\S+\)|`(\S+)`) \|", table, re.MULTILINE)
    held = [block for block in BLOCKS if block.why_not]
    assert rows == [(block.text.split("\n")[0].strip(), block.why_not) for block in held]
    assert len(pages) == len(held)
