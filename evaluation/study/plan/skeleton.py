"""What a new analysis begins with: a commented plan that runs, and a notebook that shows."""

from __future__ import annotations

import json
import os
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from evaluation.data.toml_places import Located
from evaluation.errors import PlanError
from evaluation.files import draft_of, inside, turn, unwritten, write_atomically
from evaluation.study.plan.read import checked_slug
from evaluation.study.plan.schema import OF_DESIGNS, SCHEMAS, Plan
from evaluation.study.plan.values import Said

Design = Literal["its", "did", "individual", "survey"]
_TEMPLATES: dict[Design, str] = {
    "its": "plan.toml",
    "did": "plan_did.toml",
    "individual": "plan_people.toml",
    "survey": "plan_survey.toml",
}
_OPENING = """\
# {title}

This notebook shows what `ceasefire run {slug}` found. It only reads: every number of the report \
comes from the plan and the data through that command, and none from here. Run the cells from top \
to bottom.
"""

# Stable id, kind and text of every cell after the first.
_CELLS = (
    (
        "load",
        "code",
        """\
import pandas as pd

import evaluation

study = evaluation.load("{slug}")
""",
    ),
    (
        "plan-about",
        "markdown",
        """\
## The plan

What was decided beforehand, in plain words, and what changed after the plan was frozen.
""",
    ),
    (
        "plan",
        "code",
        """\
for sentence in study.plan.words:
    print("-", sentence)
for change in study.plan.changes:
    print("- Changed after freezing:", change)
""",
    ),
    (
        "answer-about",
        "markdown",
        """\
## The answer

One row for the main answer of each outcome and one for every alternative. `percent` is the change \
against what was expected without the program, `percent_low` to `percent_high` its 95% range; \
`averted` counts outcomes that did not happen.
""",
    ),
    ("answer", "code", "study.effects\n"),
    (
        "figure-about",
        "markdown",
        """\
## Observed against expected

What was counted, and what the model expects without the program. The gap after the start is the \
estimated effect.
""",
    ),
    (
        "figure",
        "code",
        """\
for outcome in study.outcomes:
    if outcome.estimated and outcome.effect.path:
        outcome.effect.plot().set_title(outcome.label)
""",
    ),
    (
        "checks-about",
        "markdown",
        """\
## Checks and grade

Questions put to the design and the model. Where `passed` is empty a check informs and does not \
judge. The grade says how sure the answer is, and why.
""",
    ),
    (
        "checks",
        "code",
        """\
pd.DataFrame(
    [
        (outcome.label, check.question, check.passed, check.says)
        for outcome in study.outcomes
        for check in outcome.checks
    ],
    columns=["outcome", "question", "passed", "finding"],
)
""",
    ),
    (
        "grade",
        "code",
        """\
for outcome in study.outcomes:
    print(f"{{outcome.label}}: {{outcome.grade.level}}")
    for reason in outcome.grade.reasons:
        print("-", reason)
""",
    ),
)


def new_analysis(
    slug: str, root: Path, *, design: Design = "its", plan: str = "", title: str = ""
) -> list[str]:
    """The files written for a new analysis, relative to the project, with forward slashes.

    Parameters
    ----------
    slug : name of the new folder under `analyses/`. root : the project folder. design : which of
        the commented plans it begins with. plan, title : a plan in place of that, and its title.

    Raises
    ------
    PlanError : when the slug cannot name an analysis, or there already is one of that name.
    DataError : when a file cannot be written.
    """
    folder = root / "analyses" / checked_slug(slug)
    _refuse_there(folder, slug)
    written = analysis_files(slug, design=design, plan=plan, title=title)
    with turn("new", root):
        # Again, now that nobody else writes here.
        _refuse_there(folder, slug)
        draft = draft_of(inside(folder, root))
        try:
            # One folder deeper, where nobody takes it for an analysis.
            for path, text in written.items():
                write_atomically(draft / slug / Path(path).name, text, root=root)
            os.rename(draft / slug, folder)
        except OSError as fault:
            raise unwritten(f"analyses/{slug}", fault) from None
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return list(written)


def _refuse_there(folder: Path, slug: str) -> None:
    if os.path.lexists(folder):
        raise PlanError(
            f"analyses/{slug}: is already there; nothing was written. Choose another name."
        )


def analysis_files(
    slug: str, *, design: Design = "its", plan: str = "", title: str = ""
) -> dict[str, str]:
    """The texts of a new analysis by path, as `new_analysis` writes them."""
    if not plan:
        plan = template_text(design, SCHEMAS[design])
        title = Located(_TEMPLATES[design], plan, PlanError).parse(Plan, union=OF_DESIGNS).title
    written = {"plan.toml": plan, "notebook.ipynb": notebook_text(slug, title)}
    return {f"analyses/{slug}/{name}": text for name, text in written.items()}


def template_text(design: Design, schema: type[Plan]) -> str:
    """The commented plan of a design, with the lines of keys that have their own in the schema."""
    name = _TEMPLATES[design]
    text = files("evaluation.study").joinpath("templates", name).read_text("utf-8")
    said = (one for info in schema.model_fields.values() for one in info.metadata)
    lines = [f"# {one.template}\n" for one in said if isinstance(one, Said) and one.template]
    if not lines:
        return text
    # Keys of the whole stand above the first table.
    above, below = text.split("\n[[", 1)
    return f"{above}\n{''.join(lines)}\n[[{below}"


def notebook_text(slug: str, title: str) -> str:
    """The notebook of one analysis, the same bytes for the same slug and title.

    Version 4.5 of the Jupyter notebook format, without outputs, with the same cell ids each time.
    """
    cells = [_cell("title", "markdown", _OPENING.format(slug=slug, title=title))]
    cells += [_cell(name, kind, text.format(slug=slug)) for name, kind, text in _CELLS]
    content = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def _cell(name: str, kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": name,
        "metadata": {},
        "source": text.rstrip("\n").splitlines(keepends=True),
    }
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell
