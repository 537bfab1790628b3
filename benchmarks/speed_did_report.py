"""What `speed_did` found as a page: seconds, ratios, and how far the answers are apart."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
SCRIPT = Path(__file__).with_name("speed_did_peers.py")
# A run of another package that takes longer is not repeated.
LONG = 10.0
AGREEMENT = 1e-6
# What differs by more, how far it may, and why: (estimate, standard error).
ALLOWED: dict[str, tuple[float, float, str]] = {
    "gardner-fewer:pyfixest": (
        1e-4,
        1e-4,
        "it takes unit and period effects from `fixef()` at that solver's tolerance of 1e-6, which"
        " `did2s` does not let one set; diff-diff and this package agree",
    ),
    "twfe:diff-diff": (
        AGREEMENT,
        5e-5,
        "its factor for few clusters counts the two sides of the date, not the 40 periods",
    ),
    "weights:pysyncon": (
        0.2,
        0.0,
        "its solver stops early at its own settings; told to go on (the line below) it comes here",
    ),
    "placebos:pysyncon": (
        0.2,
        0.2,
        "the same solver; the spread of the placebos' effects stands for a standard error",
    ),
    "importance:pysyncon": (
        np.inf,
        0.0,
        "importances have several local minima; the gaps before the start are compared in the text",
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One package in one case; `fault` says why there is no time, `version` is "" for ours."""

    case: str
    package: str
    version: str = ""
    seconds: float = np.nan
    answer: Mapping[str, float | None] | None = None
    fault: str = ""


def apart(one: Line, other: Line) -> tuple[float, float]:
    """Differences of estimates and standard errors, over the larger; NaN where there is none."""

    def relative(key: str) -> float:
        a, b = ((line.answer or {}).get(key) for line in (one, other))
        return np.nan if a is None or b is None else abs(a - b) / max(abs(a), abs(b))

    return relative("estimate"), relative("std_error")


def disagreements(lines: Sequence[Line]) -> list[str]:
    """Cases in which another package's answer is further away than allowed, in words."""
    own = {line.case: line for line in lines if line.package == "evaluation"}
    found = []
    for line in lines:
        if line.fault or line.package == "evaluation":
            continue
        allowed = ALLOWED.get(f"{line.case}:{line.package}", (AGREEMENT, AGREEMENT, ""))
        far = apart(own[line.case], line)
        if any(value > limit for value, limit in zip(far, allowed[:2], strict=True)):
            found.append(f"{line.case}: {line.package} is {far[0]:.2g} and {far[1]:.2g} away")
    return found


@dataclass(frozen=True, slots=True)
class Permuted:
    """Seconds an assignment: all of them by this package, and one refit of each kind by name.
    largest : largest difference of the effects that were refitted. design : what is treated where.
    looped : how many assignments the loops are timed on, in words."""

    assignments: int
    seconds: float
    refits: Mapping[str, float]
    largest: float
    design: str
    looped: str


def installed(python: str) -> dict[str, tuple[float, float]]:
    """Megabytes of diff-diff and pyfixest with all they need, and of that what this project does
    not need anyway."""

    def asked(interpreter: str, packages: Sequence[str]) -> dict[str, int]:
        done = subprocess.run(
            [interpreter, str(SCRIPT), "sizes", ",".join(packages), "0"],
            capture_output=True,
            text=True,
            check=True,
        )
        found: dict[str, int] = json.loads(done.stdout)
        return found

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [re.split(r"[<>=!~ ;\[]", text)[0] for text in project["dependencies"]]
    own = asked(sys.executable, needed)
    sizes = {}
    for package in ("diff-diff", "pyfixest"):
        parts = asked(python, [package])
        more = sum(size for name, size in parts.items() if name not in own)
        sizes[package] = (sum(parts.values()) / 1e6, more / 1e6)
    sizes["this project"] = (sum(own.values()) / 1e6, 0.0)
    return sizes


def _table(lines: Sequence[Line], names: Mapping[str, str]) -> list[str]:
    own = {line.case: line for line in lines if line.package == "evaluation"}
    found = [
        "| what | package | seconds | times as long | estimate apart | standard error apart |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for line in lines:
        if line.package == "evaluation":
            found.append(f"| {names[line.case]} | this package | {line.seconds:.3g} | 1 | | |")
            continue
        who = f"{line.package} {line.version}".strip()
        if line.fault:
            found.append(f"| | {who} | {line.fault} | | | |")
            continue
        far = ("–" if np.isnan(value) else f"{value:.0e}" for value in apart(own[line.case], line))
        times = line.seconds / own[line.case].seconds
        found.append(f"| | {who} | {line.seconds:.3g} | {times:.3g} | {' | '.join(far)} |")
    return found


def page(
    lines: Sequence[Line],
    shuffled: Permuted,
    sizes: Mapping[str, tuple[float, float]],
    names: Mapping[str, str],
) -> str:
    """`benchmarks_did.md`.

    Parameters
    ----------
    sizes : as `installed` gives them; empty leaves the paragraph out. names : what a case is, by
        its short name.
    """
    text = [
        "# How fast the difference-in-differences methods are",
        "",
        "Made by `python -m benchmarks.speed_did` in one run, on one thread, by processor time, the"
        " least of a few runs (one, where a run takes more than"
        f" {LONG:g} seconds). Seconds belong to the machine of that run; the ratios travel better."
        " Each package begins with the panel as it likes it: arrays here, a data frame there, made"
        " before the clock starts. Other packages are at their own settings, without bootstraps, in"
        " an environment of their own (the extra `peers` of `pyproject.toml`). Where they give"
        " effects by event time, this one does too, with a simultaneous band of 1,000 draws in"
        " the same time."
        " Differences are relative; a dash: nothing to compare. The million rows are 25,000 units"
        " by 40 periods. pyfixest's `did2s` is timed on fewer units because it makes a dense column"
        " of every unit: at 5,000 units 8 GB and copies of it.",
        "",
        *_table(lines, names),
    ]
    reasons = [
        f"- {name.replace(':', ', ')}: {reason}."
        for name, (_, _, reason) in ALLOWED.items()
        if any(f"{line.case}:{line.package}" == name and not line.fault for line in lines)
    ]
    if reasons:
        text += [
            "",
            f"The run fails when an answer is further than {AGREEMENT:g} away, except:",
            "",
            *reasons,
        ]
    gaps = {line.package: (line.answer or {}).get("before") for line in lines
            if line.case == "importance"}  # fmt: skip
    if gaps.get("pysyncon") and gaps.get("evaluation"):
        text += [
            "",
            "Importances chosen: the mean squared gap before the start is"
            f" {gaps['evaluation']:.4g} here and {gaps['pysyncon']:.4g} there (less is better; both"
            " are local minima).",
        ]
    text += [
        "",
        "## Exact permutation",
        "",
        f"{shuffled.design}, all"
        f" {shuffled.assignments:,} assignments, listing them included:"
        f" {1e6 * shuffled.seconds:.2g} microseconds each. A refit takes",
        "",
        *(
            f"- by {name}: {1000 * seconds:.3g} ms, {seconds / shuffled.seconds:,.0f} times as long"
            for name, seconds in shuffled.refits.items()
        ),
        "",
        f"with the same coefficients (largest difference {shuffled.largest:.0e}). The loops are"
        f" timed on {shuffled.looped} and carried up in proportion.",
    ]
    if sizes:
        total = {name: f"{size[0]:.0f} MB" for name, size in sizes.items()}
        more = {name: f"{size[1]:.0f} MB" for name, size in sizes.items()}
        text += [
            "",
            "## Why neither diff-diff nor pyfixest is a dependency",
            "",
            "Both install beside numpy 2 and pandas 3, and where they and this package estimate"
            " the same thing they agree, as the table shows: nothing here is a reason to distrust"
            f" them. But diff-diff takes {total['diff-diff']} with all it needs, of which"
            f" {more['diff-diff']} would be added to what this project needs anyway"
            f" ({total['this project']}); pyfixest takes {total['pyfixest']}, of which"
            f" {more['pyfixest']} would be added (sizes of the installed files). In this"
            " run neither was faster at anything that both can do. And they would"
            " replace little: the default for one treated city, the jackknife over groups behind"
            " Poisson imputation, and the rule by which an interval from too few clusters is"
            ' printed as "not valid here" are this project\'s own either way. They are better used'
            " for what they do on this page: a second opinion, in an environment of its own.",
        ]
    missing = sorted({f"{line.package}: {line.fault}" for line in lines if line.fault})
    if missing:
        text += ["", "Without a time in that run:", "", *(f"- {words}" for words in missing)]
    return "\n".join(text) + "\n"
