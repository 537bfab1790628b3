"""A private study whose small numbers are known: what was found, and what was released of it."""

from __future__ import annotations

import csv
import importlib
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluation.data.project import Disclosure
from evaluation.report import layers
from evaluation.report.write import write_report, write_site
from evaluation.study.evidence import Evidence, dumps
from evaluation.study.release.release import released
from evaluation.study.run import run
from evaluation.synthesis.elsewhere import for_site

PROJECT = Path(__file__).parents[3]
sys.path.insert(0, str(PROJECT / "tests/report"))

from pdf_structure import alts, opened, text  # noqa: E402  it lies beside the tests of pages

SLUG = "private"
# Treated and other people with the trait.
HAVE = (3, 17)
# People between two planned horizons, by their days after entry.
BETWEEN = 7
FIRST = 182
PLAN = """
title = "People"
question = "Fewer arrests?"
goal = 2
data = "data/private.csv"
design = "individual"

[[outcomes]]
column = "arrest_days"
better = "lower"
primary = true
horizon = {second}

[intervention]
name = "the call-in"
start = "2013-02"

[[alternatives]]
label = "sooner"
horizon = {first}

[[alternatives]]
label = "crump"
trim = "crump"

[[alternatives]]
label = "tenth"
trim = [0.1, 0.9]

[[alternatives]]
label = "near"
trim = [0.104, 0.896]

[[alternatives]]
label = "iptw"
model = "iptw"
"""


@dataclass(frozen=True)
class Study:
    """The project's folder, the numbers of people, and the evidence before and after release."""

    root: Path
    treated: int
    others: int
    by_first: int
    by_second: int
    exact: Evidence
    told: Evidence

    def files(self, evidence: Evidence) -> dict[str, str]:
        """All that is written of it as text, by its name: of a PDF file its words and those for who
        cannot see its figures, of the picture that a message shows what is drawn on it."""
        folder = self.root / "reports" / SLUG
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results.json").write_text(dumps(evidence), "utf-8")
        on_pictures: list[object] = []
        real = layers.drawn
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                layers,
                "drawn",
                lambda *words, **marks: on_pictures.append((words, marks)) or real(*words, **marks),
            )
            write_report(evidence, self.root, pdf=True)
        write_site((evidence,), self.root, for_site((evidence,), self.root))
        written = (path for path in (self.root / "reports").rglob("*") if path.is_file())
        found = {path.relative_to(self.root).as_posix(): told(path) for path in written}
        assert len(on_pictures) == 1
        found[f"reports/{SLUG}/share.png"] = str(on_pictures)
        effect = evidence.outcomes[0].effect
        found["notebook"] = f"{effect._repr_html_()}\n{effect.summary()}\n{evidence.effects}"
        return found


def told(path: Path) -> str:
    """A file as text; nothing of a picture."""
    if path.suffix == ".pdf":
        data = path.read_bytes()
        return "\n".join((text(data), *alts(opened(data))))
    return "" if path.suffix == ".png" else path.read_text("utf-8")


def table(root: Path) -> tuple[list[dict[str, str]], int]:
    """The people, of whom so few have the trait, and the day by which so few more had the event."""
    path = PROJECT / "data/synthetic/participants.csv"
    with path.open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if int(row["followed"]) >= 730]
    left = {"1": HAVE[0], "0": HAVE[1]}
    for row in rows:
        side = row["invited"]
        row["shot_before"] = "1" if left[side] > 0 else "0"
        left[side] -= 1
    days = sorted(
        int(row["arrest_days"])
        for row in rows
        if row["invited"] == "1" and row["arrest_cause"] == "1"
    )
    by_first = sum(day <= FIRST for day in days)
    # The first day by which 7 more had it, if it is one of its own.
    second = next(d for d in days[by_first:] if sum(x <= d for x in days) >= by_first + BETWEEN)
    return rows, second


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    root = tmp_path_factory.mktemp("release")
    rows, second = table(root)
    (root / "data").mkdir()
    with (root / "data/private.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    words = (PROJECT / "data/synthetic/participants.dataset.toml").read_text("utf-8")
    words = words.replace('"participants.csv"', '"private.csv"')
    words = words.replace('sensitivity = "synthetic"', 'sensitivity = "private"')
    (root / "data/private.dataset.toml").write_text(words, "utf-8")
    (root / "analyses" / SLUG).mkdir(parents=True)
    plan = PLAN.format(first=FIRST, second=second)
    (root / "analyses" / SLUG / "plan.toml").write_text(plan, "utf-8")
    kept: list[Evidence] = []

    def keeping(evidence: Evidence, rule: Disclosure, *, of_people: bool) -> Evidence:
        kept.append(evidence)
        return released(evidence, rule, of_people=of_people)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.import_module("evaluation.study.run"), "released", keeping)
        told = run(SLUG, root)
    treated = [row for row in rows if row["invited"] == "1"]
    had = [int(row["arrest_days"]) for row in treated if row["arrest_cause"] == "1"]
    return Study(
        root,
        len(treated),
        len(rows) - len(treated),
        sum(day <= FIRST for day in had),
        sum(day <= second for day in had),
        kept[0],
        told,
    )
