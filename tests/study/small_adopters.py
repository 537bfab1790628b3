"""A project with invented cities by year and an invented table of who adopted a program when."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluation.data.adoption import ABOUT
from evaluation.data.panel import Panel
from evaluation.data.read import read_panel
from evaluation.numeric.shared.draws import overdispersed_counts, stream, uniforms
from evaluation.study.plan.read import PlanFile, check_against_data, read_plan

YEARS = tuple(str(year) for year in range(2000, 2014))
CONTROLS = tuple(f"Control {letter}" for letter in "ABCDEFGHIJKLMNOP")
# agency, first month, how known, last month, level, role
PROGRAMS = (
    ("Ash", "2004-01", "month", "", "city", "adopter"),
    ("Birch", "2005-06", "month", "", "city", "adopter"),
    ("Cedar", "2006", "year", "2009", "city", "adopter"),
    ("Dogwood", "2005-01", "month", "", "city", "partial"),
    ("Elm", "2006-01", "uncertain", "", "part", "adopter"),
    ("Fir", "2002-01", "month", "2003", "small", "left out"),
    ("Fir", "2007-01", "month", "", "city", "adopter"),
    ("Gum", "", "", "", "city", "left out"),
    ("Holly", "2004-01", "month", "2005", "city", "adopter"),
    ("Holly", "2009-01", "month", "", "city", "adopter"),
    ("Ivy", "1999-01", "month", "", "city", "adopter"),
    ("Jade", "2006-01", "month", "", "city", "adopter"),
    ("Kale", "2008-01", "month", "", "city", "adopter"),
)
ADOPTERS = tuple(dict.fromkeys(row[0] for row in PROGRAMS))
CITIES = (*ADOPTERS, *CONTROLS, "Unread")
# Not reported: a treated city in the middle, and a control at the end.
MISSING = {("Birch", "2008"), ("Birch", "2009"), ("Control B", "2013")}
# Nobody searched these for a program.
UNSEARCHED = ("Control O", "Control P")

DESCRIPTION = """\
name = "Invented cities by year"
file = "cities.csv"
frequency = "year"
key = ["city", "year"]
source = "tests"
licence = "MIT"
sensitivity = "synthetic"
[columns.city]
role = "unit"
type = "text"
[columns.year]
role = "period"
type = "period"
[columns.murder]
role = "outcome"
type = "count"
measure = "a year"
label = "murders"
[columns.robbery]
role = "outcome"
type = "count"
measure = "a year"
label = "robberies"
[columns.people]
role = "exposure"
type = "count"
measure = "residents"
"""
ADOPTION = """\
name = "Invented programs"
file = "adoption.csv"
kind = "adoption of programs"
key = ["agency", "program", "first_month"]
source = "tests"
licence = "MIT"
sensitivity = "synthetic"
"""

# Everyone whom the table has begin is treated.
EVERY = """\
question = "Did it help?"
goal = 1
data = "data/cities.csv"
design = "did"
model = "poisson-imputation"
[[outcomes]]
column = "murder"
better = "lower"
worthwhile = 10
[intervention]
name = "Program"
start = "2004"
[adoption]
table = "data/adoption.csv"
[window]
gaps = "missing"
"""
# One city beside the others, by the method that suits it.
ONE = EVERY.replace('model = "poisson-imputation"', 'unit = "Ash"').replace(
    'gaps = "missing"', 'last = "2012"'
)


def adoption_table() -> str:
    """The table of adoption as CSV."""
    lines = [",".join(ABOUT)]

    def row(**cells: str) -> None:
        lines.append(",".join(cells.get(name, "") for name in ABOUT))

    for agency, first, known, last, level, role in PROGRAMS:
        row(
            agency=agency,
            program="Call-ins",
            first_month=first,
            first_certainty=known,
            last_month=last,
            level=level,
            role=role,
            certainty="read",
            source="tests",
        )
    for agency in CONTROLS:
        searched = agency not in UNSEARCHED
        row(
            agency=agency,
            program="none found",
            level="none",
            role="control",
            certainty=_known(searched),
            source="tests" if searched else "",
        )
    return "\n".join(lines) + "\n"


def _known(searched: bool) -> str:
    return '"searched, nothing found"' if searched else "not searched"


def outcome_table() -> str:
    """Murders that fall by a third under a program, in step with a common wave; so do robberies."""
    lines = ["city,year,murder,robbery,people"]
    year = np.arange(len(YEARS))
    wave = np.exp(0.15 * np.sin(year / 2.0))
    for number, city in enumerate(CITIES):
        source = stream(11, f"adopters/{city}")
        first = next((int(row[1][:4]) for row in PROGRAMS if row[0] == city and row[1]), 9999)
        after = np.array([int(text) >= first for text in YEARS])
        people = 200_000 + 20_000 * number + 1_000 * year
        mean = (25 + 2.5 * number) * wave * np.where(after, 0.67, 1.0)
        murder = overdispersed_counts(uniforms(source, len(year)), mean, 1.3)
        robbery = overdispersed_counts(uniforms(source, len(year)), 4 * mean, 1.3)
        for t, text in enumerate(YEARS):
            cells = f"{murder[t]:.0f},{robbery[t]:.0f}"
            if (city, text) in MISSING:
                cells = ","
            lines.append(f"{city},{text},{cells},{people[t]}")
    return "\n".join(lines) + "\n"


def project(root: Path, plan: str) -> Path:
    """A project folder with this plan as analyses/cities/plan.toml."""
    (root / "analyses" / "cities").mkdir(parents=True, exist_ok=True)
    (root / "data").mkdir(exist_ok=True)
    missing = "".join(
        f'[[missing]]\nunit = "{city}"\nfirst = "{year}"\nwhy = "the police sent nothing"\n'
        for city, year in sorted(MISSING)
    )
    texts = {
        "data/cities.csv": outcome_table(),
        "data/cities.dataset.toml": DESCRIPTION + missing,
        "data/adoption.csv": adoption_table(),
        "data/adoption.dataset.toml": ADOPTION,
        "analyses/cities/plan.toml": plan,
    }
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


def read(root: Path, plan: str) -> tuple[PlanFile, Panel]:
    """The plan and its data, each checked against the other."""
    folder = project(root, plan)
    plan_file = read_plan("cities", folder)
    panel = read_panel(folder / plan_file.plan.data, folder)
    check_against_data(plan_file.plan, panel, plan_file.located)
    return plan_file, panel
