"""A project with a small invented table: six units, 96 months, everything a design can name."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluation.data.panel import Panel
from evaluation.data.period import text
from evaluation.data.read import read_panel
from evaluation.numeric.shared.draws import BitGenerator, overdispersed_counts, stream, uniforms
from evaluation.study.plan.read import PlanFile, check_against_data, read_plan

MONTHS = 96
UNITS = ("Oakland", "Stockton", "Salinas", "Fresno", "Modesto", "Late")
FIRST = 2008 * 12
START = "2012-01"

DESCRIPTION = """\
name = "Six invented cities"
file = "city.csv"
frequency = "month"
key = ["city", "month"]
source = "tests"
licence = "MIT"
sensitivity = "synthetic"
[columns.city]
role = "unit"
type = "text"
[columns.month]
role = "period"
type = "period"
[columns.gun]
role = "outcome"
type = "count"
measure = "a month"
label = "gun assaults"
[columns.knife]
role = "outcome"
type = "count"
measure = "a month"
label = "knife assaults"
[columns.theft]
role = "outcome"
type = "count"
measure = "a month"
label = "thefts"
[columns.trust]
role = "outcome"
type = "number"
measure = "a month"
label = "trust"
[columns.people]
role = "exposure"
type = "count"
measure = "residents"
[columns.call_ins]
role = "covariate"
type = "count"
[columns.active]
role = "treatment"
type = "flag"
[columns.jobless]
role = "covariate"
type = "number"
"""

FIRST_MONTH = {unit: "2010-01" if unit == "Late" else "2008-01" for unit in UNITS}
DESCRIPTION += "".join(
    f'[coverage.{unit}]\nfirst = "{first}"\nlast = "2015-12"\n'
    for unit, first in FIRST_MONTH.items()
)

PLAN = """\
question = "Did it help?"
goal = 1
data = "data/city.csv"
unit = "Oakland"
design = "its"
[[outcomes]]
column = "gun"
better = "lower"
worthwhile = 10
[intervention]
name = "Ceasefire"
start = "2012-01"
[specification]
harmonics = 1
"""


def counts(source: BitGenerator, mean: np.ndarray) -> np.ndarray:
    return overdispersed_counts(uniforms(source, len(mean)), mean, 1.2)


def table(*, knife_break: float = 1.0, theft_change: float = 1.0) -> str:
    """The table as CSV: gun assaults fall by 40 % in Oakland from the start, by as much in
    Stockton and Salinas a year and two years later, and everywhere in step with a common wave.

    Parameters
    ----------
    knife_break, theft_change : factor on these outcomes in Oakland from the start on.
    """
    lines = ["city,month,gun,knife,theft,trust,people,call_ins,active,jobless"]
    month = np.arange(MONTHS)
    season = np.exp(0.2 * np.cos(2 * np.pi * month / 12))
    starts = {"Oakland": 48, "Stockton": 60, "Salinas": 66}
    for number, unit in enumerate(UNITS):
        source = stream(7, f"small city/{unit}")
        after = month >= starts.get(unit, MONTHS)
        here = np.where((month >= 48) & (unit == "Oakland"), 1.0, 0.0)
        gun = counts(source, (20 + 4 * number) * season * np.where(after, 0.6, 1.0))
        knife = counts(source, 25 * season * knife_break**here)
        theft = counts(source, 60 * season * theft_change**here)
        trust = 50 + counts(source, np.full(MONTHS, 10.0)) / 10
        jobless = 6 + np.sin(month / 9 + number)
        for t in range(24 if unit == "Late" else 0, MONTHS):
            calls = int(3 + t % 4) if after[t] and unit == "Oakland" else 0
            lines.append(
                f"{unit},{text(FIRST + t, 'month')},{gun[t]:.0f},{knife[t]:.0f},{theft[t]:.0f},"
                f"{trust[t]:.1f},{400000 + 1000 * number},{calls},{int(after[t])},{jobless[t]:.4f}"
            )
    return "\n".join(lines) + "\n"


def project(root: Path, plan: str, **changes: float) -> Path:
    """A project folder with this plan as analyses/city/plan.toml."""
    (root / "analyses" / "city").mkdir(parents=True, exist_ok=True)
    (root / "data").mkdir(exist_ok=True)
    (root / "data" / "city.csv").write_text(table(**changes), encoding="utf-8")
    (root / "data" / "city.dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    (root / "analyses" / "city" / "plan.toml").write_text(plan, encoding="utf-8")
    return root


def read(root: Path, plan: str) -> tuple[PlanFile, Panel]:
    """The plan and its data, each checked against the other."""
    folder = project(root, plan)
    plan_file = read_plan("city", folder)
    panel = read_panel(folder / plan_file.plan.data, folder)
    check_against_data(plan_file.plan, panel, plan_file.located)
    return plan_file, panel
