"""Every estimate of every study as two files with the same numbers: CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.data.project import Project
from evaluation.report import study_words
from evaluation.report.document import answer
from evaluation.report.last_check import LastCheck, as_content
from evaluation.report.study_words import is_count
from evaluation.report.words import good_way
from evaluation.say import ENGLISH
from evaluation.study.evidence import Alternative, Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import window_of
from evaluation.study.written import rounded

SCHEMA = 1
# What a spreadsheet may take for a formula when a cell begins with it (OWASP, "CSV Injection"),
# with the wide forms of the same signs.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")

Row = dict[str, Any]


def columns() -> Mapping[str, str]:
    """Column by column, what it holds; the order is that of the CSV."""
    return ENGLISH.table("download")


def rows(evidences: Sequence[Evidence]) -> list[Row]:
    """One row an estimate: of every study by name, every outcome, headline and alternatives."""
    return [
        _row(evidence, outcome, entry, kind)
        for evidence in sorted(evidences, key=lambda evidence: evidence.slug)
        for outcome in evidence.outcomes
        for entry, kind in (
            (outcome.headline, "headline"),
            *(
                (entry, "planned" if entry.planned else "always shown")
                for entry in outcome.alternatives
            ),
        )
    ]


def as_csv(evidences: Sequence[Evidence]) -> str:
    """The rows for a spreadsheet: text in quotes, numbers bare, nothing that runs as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(columns())
    for row in rows(evidences):
        writer.writerow([cell(value) for value in row.values()])
    return stream.getvalue()


def as_json(
    evidences: Sequence[Evidence],
    *,
    project: Project | None = None,
    last_check: LastCheck | None = None,
) -> str:
    """The rows for a program, with what each column holds, whose page it is, and what came out when
    the studies were last run again; what is missing is null."""
    slugs = [evidence.slug for evidence in evidences]
    content = {
        "schema": SCHEMA,
        "project": _project(project or Project()),
        "last_check": as_content(last_check, slugs),
        "columns": dict(columns()),
        "rows": rows(evidences),
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _project(project: Project) -> dict[str, object]:
    """What `ceasefire.toml` says of place, program, page and authors."""
    names = project.names
    return {
        "place": names.place or None,
        "place_id": project.place_id or None,
        "program": names.program or None,
        "title": names.title or None,
        "authors": list(project.authors),
    }


def cell(value: object) -> object:
    """A value as a cell: numbers stay numbers, text is never a formula.

    Examples
    --------
    >>> cell(-26.1), cell("-26.1"), cell(" =1+1"), cell(True), cell(None), cell("a-b")
    (-26.1, "'-26.1", "' =1+1", 'true', '', 'a-b')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = str(value)
    # A spreadsheet may skip blanks before the sign; a line break would begin a cell in some.
    risky = text[:1] in FORMULA or text.lstrip()[:1] in FORMULA
    return f"'{text}" if text and risky else text


def _row(evidence: Evidence, outcome: OutcomeEvidence, entry: Alternative, kind: str) -> Row:
    effect = entry.effect
    first, last = window_of(evidence, outcome)
    found: Row = {
        "study": evidence.slug,
        "title": evidence.title,
        "goal": evidence.goal,
        "replicates": evidence.plan.content.get("replicates"),
        "synthetic": evidence.data.provenance.sensitivity == "synthetic",
        "place": evidence.data.unit,
        "intervention": evidence.intervention,
        "first_period": first,
        "last_period": last,
        "start": evidence.start,
        "outcome": outcome.column,
        "label": outcome.label,
        "measure": outcome.measure,
        "better": outcome.better if effect is None else good_way(outcome, effect),
        "primary": outcome.primary,
        "kind": kind,
        "estimate_label": entry.label,
        "method": entry.method,
        "not_estimated": entry.reason if effect is None else None,
        "certainty": outcome.grade.level,
        "answer": answer(evidence, outcome) if kind == "headline" else None,
    }
    if effect is not None:
        # A mean or a share has no sum over periods.
        summed = study_words.speaks_for(evidence) or is_count(evidence, outcome)
        for name in ("percent", "averted") if summed else ("percent",):
            interval = getattr(effect, name)
            found[name] = interval.estimate
            found[f"{name}_low"], found[f"{name}_high"] = interval.low, interval.high
        found["percent_of"] = effect.percent_of or None
        for name in (
            "horizon",
            "averted_estimand",
            "scale",
            "estimate",
            "std_error",
            "low",
            "high",
            "df",
            "p_value",
            "estimand",
            "n",
            "objection",
        ):
            found[name] = getattr(effect, name)
    # Rows are read by people and spreadsheets: sentences, and no facts.
    return {name: rounded(found.get(name), name, spoken=True) for name in columns()}
