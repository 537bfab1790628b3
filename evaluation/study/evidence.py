"""What a study found, and its one written form, `reports/<slug>/results.json`.

Everything a report needs is here, and rounding to 6 significant digits happens here alone.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

from evaluation.data.delivery import Delivery
from evaluation.data.panel import Column, Provenance, RecordingChange
from evaluation.effect import Better, Check, Effect, EventTime, Interval, Point, Quantity, Term
from evaluation.errors import DataError, FitError

SCHEMA = 1
DIGITS = 6
# How the reason begins when there is an answer that must not be used.
NOT_VALID = "not valid here"
GradeLevel = Literal["high", "moderate", "low", "very low"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One planned alternative beside the headline.

    Parameters
    ----------
    label : as the table of alternatives prints it. planned : True when the plan names it, False
        when it is one of those always printed.
    assumes : what it takes for granted, in words. coverage : measured coverage of its nominal
        95 % interval, in words, or "".
    effect : the answer (its path empty but for the headline), or None with `reason` saying why
        it could not be estimated.
    """

    label: str
    method: str
    planned: bool
    assumes: str
    coverage: str
    effect: Effect | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """How sure the evidence about one outcome is, with the reason of every step."""

    level: GradeLevel
    start: GradeLevel
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutcomeEvidence:
    """All that was found about one outcome.

    Parameters
    ----------
    column : in the dataset. label : in sentences ("gun homicides"). measure : unit of measure.
    better : which direction is good.
    worthwhile : percent change (its size, positive) that would be worth having; None when the
        plan names none.
    headline : the planned main answer, with what its method assumes and its measured coverage; its
        effect is None, with the reason, when the outcome could not be estimated.
    """

    column: str
    label: str
    measure: str
    better: Better
    primary: bool
    worthwhile: float | None
    headline: Alternative
    alternatives: tuple[Alternative, ...]
    checks: tuple[Check, ...]
    grade: Grade

    @property
    def estimated(self) -> bool:
        """False when the headline could not be estimated."""
        return self.headline.effect is not None

    @property
    def refused(self) -> bool:
        """True when there was an answer but it is not valid here; that is a finding, not a
        failure."""
        return (self.headline.reason or "").startswith(NOT_VALID)

    @property
    def effect(self) -> Effect:
        """The headline's effect, of an outcome that is `estimated`.

        Raises
        ------
        FitError : when it is not; the message is the reason.
        """
        if self.headline.effect is None:
            raise FitError(f"{self.label}: not estimated: {self.headline.reason}")
        return self.headline.effect


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """The plan as the report prints it.

    Parameters
    ----------
    content : the plan's keys as validated, JSON-safe (dates as text), defaults filled in.
    words : the plan in plain words, one sentence an item.
    sha256 : of `plan.toml` as it is now. frozen_on : the date its author froze it, or None.
    frozen_sha256 : of the frozen copy, or None when there is no frozen copy.
    changes : differences from the frozen copy in words; empty when there are none.
    """

    content: Mapping[str, Any]
    words: tuple[str, ...]
    sha256: str
    frozen_on: str | None
    frozen_sha256: str | None
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataRecord:
    """The dataset as the report prints it; `first` and `last` bound the window analysed."""

    provenance: Provenance
    frequency: str
    unit: str
    units: tuple[str, ...]
    first: str
    last: str
    columns: tuple[Column, ...]
    recording_changes: tuple[RecordingChange, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One study: question, plan, data and what was found about each outcome; `delivery` is what was
    delivered of the program, where the plan names a record of it."""

    slug: str
    title: str
    question: str
    goal: Literal[1, 2, 3]
    intervention: str
    start: str
    plan: PlanRecord
    data: DataRecord
    outcomes: tuple[OutcomeEvidence, ...]
    delivery: Delivery | None = None

    def outcome(self, column: str) -> OutcomeEvidence:
        """What was found about one outcome column.

        Raises
        ------
        DataError : when the study has no such outcome.
        """
        for outcome in self.outcomes:
            if outcome.column == column:
                return outcome
        known = ", ".join(outcome.column for outcome in self.outcomes)
        raise DataError(f"{self.slug}: no outcome {column!r}; it has {known}")

    @property
    def effects(self) -> Any:
        """Headline and alternatives of every outcome, one row each (a pandas DataFrame); what could
        not be estimated has no row."""
        import pandas as pd

        rows = [
            {
                **entry.effect.to_frame().to_dict("records")[0],
                "outcome": outcome.column,
                "label": entry.label,
            }
            for outcome in self.outcomes
            for entry in (outcome.headline, *outcome.alternatives)
            if entry.effect is not None
        ]
        if not rows:
            return pd.DataFrame(index=pd.MultiIndex.from_tuples([], names=["outcome", "label"]))
        return pd.DataFrame(rows).set_index(["outcome", "label"])


def dumps(evidence: Evidence) -> str:
    """The canonical text: sorted keys, 6 significant digits, no NaN, one final newline.

    Raises
    ------
    ValueError : when a number is not finite; null with a reason is the way to say "none".
    """
    content = {"schema": SCHEMA, **rounded(evidence, "")}
    if evidence.delivery is None:
        del content["delivery"]
    return canonical(content)


def canonical(content: Any) -> str:
    """The one form in which the program writes JSON that is committed: sorted keys, one final
    newline, so that the same content has the same bytes."""
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def loads(text: str) -> Evidence:
    """The evidence from its canonical text; `dumps(loads(text)) == text`."""
    content = json.loads(text)
    if content.pop("schema", None) != SCHEMA:
        raise DataError("results.json: written by another version; run `ceasefire run` again")
    plan, data = content.pop("plan"), content.pop("data")
    delivery = content.pop("delivery", None)
    return Evidence(
        **{**content, "outcomes": tuple(_outcome(row) for row in content["outcomes"])},
        plan=PlanRecord(
            **{**plan, "words": tuple(plan["words"]), "changes": tuple(plan["changes"])}
        ),
        data=DataRecord(
            **{
                **data,
                "units": tuple(data["units"]),
                "provenance": Provenance(**data["provenance"]),
                "columns": tuple(Column(**row) for row in data["columns"]),
                "recording_changes": tuple(
                    RecordingChange(**row) for row in data["recording_changes"]
                ),
            }
        ),
        delivery=None if delivery is None else Delivery.from_json(delivery),
    )


def find_root(start: Path | None = None) -> Path:
    """The project folder: the nearest one upward that holds `analyses/`.

    Raises
    ------
    DataError : when there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "analyses").is_dir():
            return folder
    raise DataError(
        "no folder `analyses/` here or above. Run the command inside the project, or name it "
        "with --root."
    )


def load_evidence(slug: str, root: str | Path | None = None) -> Evidence:
    """What `ceasefire run <slug>` wrote.

    Raises
    ------
    DataError : when the results are not there, or cannot be read as results.
    """
    folder = Path(root) if root is not None else find_root()
    path = folder / "reports" / slug / "results.json"
    shown = f"reports/{slug}/results.json"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(f"{shown}: not there yet. Run `ceasefire run {slug}` first.") from None
    try:
        return loads(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise DataError(f"{shown}: not results as written by this version ({fault})") from None


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that it is at any time the old one or the new one, never half.

    Raises
    ------
    DataError : when the folder cannot be written to.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content.encode("utf-8") if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as fault:
        raise DataError(f"{path.name}: could not be written ({fault.strerror})") from None
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)


def _outcome(row: dict[str, Any]) -> OutcomeEvidence:
    return OutcomeEvidence(
        **{
            **row,
            "headline": _alternative(row["headline"]),
            "alternatives": tuple(_alternative(item) for item in row["alternatives"]),
            "checks": tuple(
                Check(**{**item, "table": tuple(item["table"])}) for item in row["checks"]
            ),
            "grade": Grade(**{**row["grade"], "reasons": tuple(row["grade"]["reasons"])}),
        }
    )


def _alternative(row: dict[str, Any]) -> Alternative:
    effect = row["effect"]
    return Alternative(**{**row, "effect": _effect(effect) if effect is not None else None})


def _effect(row: dict[str, Any]) -> Effect:
    return Effect(
        **{
            **row,
            "percent": Interval(**row["percent"]),
            "averted": Interval(**row["averted"]),
            "terms": tuple(Term(**item) for item in row["terms"]),
            "path": tuple(Point(**item) for item in row["path"]),
            "notes": tuple(row["notes"]),
            "quantities": tuple(Quantity(**item) for item in row["quantities"]),
            "dynamic": tuple(EventTime(**item) for item in row["dynamic"]),
        }
    )


def rounded(value: Any, where: str) -> Any:
    """The value as results hold it: 6 significant digits; lists, mappings and dataclasses gone
    through.

    Raises
    ------
    ValueError : when a number is not finite; `where` begins the place that the message names.
    """
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where} is {value}; results hold finite numbers only")
        number = float(f"{value:.{DIGITS}g}")
        # Below 1e-9 a number here is what is left of a difference that is nought.
        return 0.0 if abs(number) < 1e-9 else number
    if isinstance(value, Mapping):
        return {str(key): rounded(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if is_dataclass(value):
        return {
            field.name: rounded(getattr(value, field.name), f"{where}.{field.name}")
            for field in fields(value)
        }
    if hasattr(value, "item"):  # a numpy scalar
        return rounded(value.item(), where)
    raise TypeError(f"{where} is a {type(value).__name__}, which results cannot hold")
