"""Do the committed results and pages reproduce? Every difference in words, with its likely cause.

Numbers must agree within tolerance, because another machine's arithmetic differs in the last
digits; everything else, and the pages rendered from the committed numbers, must agree exactly.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import DataError
from evaluation.report.power_page import power_html
from evaluation.report.words import answer
from evaluation.report.write import has_power, report_html, site_html
from evaluation.study.evidence import Evidence, OutcomeEvidence, dumps, load_evidence, loads
from evaluation.study.power_evidence import load_power

RELATIVE, ABSOLUTE = 1e-6, 1e-9
# results.json holds 6 significant digits: two values that round to neighbors still agree.
LAST_DIGIT = 1.01e-5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `ceasefire check` found about one study: no differences means it reproduces."""

    slug: str
    differences: tuple[str, ...]

    @property
    def reproduces(self) -> bool:
        return not self.differences

    def __str__(self) -> str:
        if self.reproduces:
            return f"{self.slug}: reproduces"
        return "\n".join(f"{self.slug}: {difference}" for difference in self.differences)


def check_study(slug: str, root: Path, fresh: Evidence) -> Verdict:
    """One study's committed results and pages against a fresh run.

    Parameters
    ----------
    fresh : what `evaluation.study.run.run` finds now from data and plan.

    Raises
    ------
    DataError : when there are no committed results to compare with.
    """
    committed = load_evidence(slug, root)
    now = loads(dumps(fresh))
    differences = list(_results(committed, now))
    page = root / "reports" / slug / "index.html"
    with_power = has_power(slug, root)
    expected = report_html(committed, power_page=with_power)
    differences += _page(page, f"reports/{slug}/index.html", expected)
    if with_power:
        # The page against its numbers; these take a minute and are not simulated again.
        shown = f"reports/{slug}/power.html"
        differences += _page(root / shown, shown, power_html(load_power(slug, root)))
    return Verdict(slug, tuple(differences))


def check_site(root: Path, slugs: Sequence[str]) -> Verdict:
    """The front page against one rendered from the committed results."""
    committed = [load_evidence(slug, root) for slug in slugs]
    page = root / "reports" / "index.html"
    return Verdict("index", tuple(_page(page, "reports/index.html", site_html(committed))))


def likely_cause(committed: Evidence, now: Evidence) -> str:
    """The first of data, plan, code and versions that can explain a difference."""
    was, here = committed.data.provenance, now.data.provenance
    if was.sha256 != here.sha256:
        rows = here.rows - was.rows
        return f"data file {here.file}" + (f" ({rows:+d} rows)" if rows else "")
    if was.description_sha256 != here.description_sha256:
        return f"data description {here.description_file}"
    if committed.plan.sha256 != now.plan.sha256:
        return "plan.toml"
    if committed.plan.frozen_sha256 != now.plan.frozen_sha256:
        return "plan.frozen.toml"
    return "the code, or the versions it runs on"


def _results(committed: Evidence, now: Evidence) -> Iterator[str]:
    before, after = json.loads(dumps(committed)), json.loads(dumps(now))
    moved = list(_moved(before, after, ""))
    if not moved:
        return
    cause = likely_cause(committed, now)
    told = False
    columns = [outcome.column for outcome in now.outcomes]
    for outcome in committed.outcomes:
        if outcome.column not in columns:
            yield f"{outcome.label}: no longer evaluated; cause: {cause}"
            told = True
            continue
        words = _outcome_words(committed, now, outcome, now.outcome(outcome.column))
        if words:
            yield f"{words}; cause: {cause}"
            told = True
    if not told:
        shown = ", ".join(moved[:3]) + (f" and {len(moved) - 3} more" if len(moved) > 3 else "")
        yield f"results differ at {shown}; sentence and grade unchanged; cause: {cause}"


def _outcome_words(
    committed: Evidence, now: Evidence, was: OutcomeEvidence, here: OutcomeEvidence
) -> str:
    """How an outcome's answer moved, in report units, or nothing when its headline did not."""
    if not (was.estimated and here.estimated):
        return _estimation_words(was, here)
    old, new = was.effect, here.effect
    same_sentence = answer(was, committed.intervention) == answer(here, now.intervention)
    same_grade = was.grade.level == here.grade.level
    if _close(old.estimate, new.estimate) and same_sentence and same_grade:
        return ""
    shift = abs(new.estimate - old.estimate) / old.std_error if old.std_error else math.inf
    sentence = "unchanged" if same_sentence else "changed"
    grade = "unchanged" if same_grade else f"{was.grade.level} → {here.grade.level}"
    return (
        f"{was.label} effect {_percent(old.percent.estimate)} → {_percent(new.percent.estimate)} "
        f"({shift:.1f} standard errors), sentence {sentence}, grade {grade}"
    )


def _estimation_words(was: OutcomeEvidence, here: OutcomeEvidence) -> str:
    """How an outcome that could not be estimated, then or now, differs."""
    before, now = (
        f"effect {_percent(one.effect.percent.estimate)}"
        if one.estimated
        else f"not estimated ({one.headline.reason})"
        for one in (was, here)
    )
    grade = f", grade {was.grade.level} → {here.grade.level}"
    return "" if before == now else f"{was.label} {before} → {now}{grade}"


def _percent(value: float) -> str:
    return f"{value:.1f} %".replace("-", "−")


def _moved(before: Any, after: Any, where: str) -> Iterator[str]:
    """The places at which two results differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            place = f"{where}.{key}" if where else key
            if key not in before or key not in after:
                yield f"{place} ({'gone' if key in before else 'new'})"
            else:
                yield from _moved(before[key], after[key], place)
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            yield f"{where} ({len(before)} → {len(after)} items)"
            return
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from _moved(left, right, f"{where}[{index}]")
    elif isinstance(before, float) or isinstance(after, float):
        numbers = all(isinstance(value, (int, float)) for value in (before, after))
        if not numbers or not _close(before, after):
            yield where
    elif before != after:
        yield where


def _close(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=max(RELATIVE, LAST_DIGIT), abs_tol=ABSOLUTE)


def _page(path: Path, shown: str, expected: str) -> list[str]:
    try:
        found = path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        raise DataError(f"{shown}: not there yet. Run `ceasefire report` first.") from None
    if found == expected:
        return []
    lines = zip(found.split("\n"), expected.split("\n"), strict=False)
    number = next((i for i, (a, b) in enumerate(lines, 1) if a != b), None)
    place = f"line {number}" if number else "its length"
    return [f"{shown} is not what its results render to (first difference: {place})"]
