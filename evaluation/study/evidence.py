"""What a study found, what its design is about, and the one written form, `results.json`.

Everything a report needs is here, in `reports/<slug>/results.json`. What equals its default is not
written, so that a new key with a default moves no file that is there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, Literal

from evaluation.data.delivery import BesidePublished, Delivery
from evaluation.data.panel import Column, Provenance, RecordingChange
from evaluation.effect import Better, Check, Effect, Family, Told
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact, as_told, fact
from evaluation.files import followed
from evaluation.study.by_year import ByYear
from evaluation.study.read_back import Misread, bytes_of, of_study, read_as, read_back
from evaluation.study.written import canonical, rounded

Row = Literal["period", "unit", "person", "answer"]


@dataclass(frozen=True, slots=True)
class About:
    """What the data of a design are.

    Parameters
    ----------
    design : its name in a plan. row : what one observation is: a period of one series, a unit in a
        period beside other units, a person, or a respondent's answer.
    in_words : whether a report has sentences of its own for it; for others the method says what it
        takes for granted.
    """

    design: str
    row: Row
    in_words: bool = True

    @property
    def of_persons(self) -> bool:
        """Whether observations are persons, who took part or who were asked."""
        return self.row in ("person", "answer")

    @property
    def of_people(self) -> bool:
        """Whether they are the people whom a program treats, and not answers to a survey."""
        return self.row == "person"

    @property
    def of_series(self) -> bool:
        """Whether they are periods of one series, compared with its own past."""
        return self.row == "period"

    @property
    def of_places(self) -> bool:
        """Whether events are counted, period by period, where a program runs or not."""
        return self.row in ("period", "unit")

    @property
    def called(self) -> Fact:
        """What the kind of study is called at the head of a row."""
        return fact(f"study.about.{self.design}") if self.in_words else as_told(self.design)

    @property
    def of_units(self) -> bool:
        """Whether treated units are compared with untreated ones, unit by unit."""
        return self.row == "unit"


ABOUT = {
    one.design: one
    for one in (
        About("its", "period"),
        About("did", "unit"),
        About("individual", "person"),
        About("survey", "answer"),
    )
}


def about(design: str) -> About:
    """What a design is about; of one that nobody described, periods."""
    return ABOUT.get(design) or About(design, "period", in_words=False)


# The form of the file. In the former ones sentences stood where facts are, and in the first of
# them each key that no author wrote as null.
SCHEMA, FORMER = 3, (2, 1)
# The reason when there is an answer that must not be used: as a fact, and as one whose own words
# say it; and how it begins in results, which hold sentences.
BARRED, BARRED_ITSELF = "study.evidence.not-valid", "study.evidence.not-valid-itself"
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
    reason: Told | None = None

    @property
    def barred(self) -> bool:
        """True when there was an answer but it is not valid here; that is a finding, not a
        failure."""
        if isinstance(self.reason, Fact):
            return self.reason.key in (BARRED, BARRED_ITSELF)
        return (self.reason or "").startswith(NOT_VALID)


@dataclass(frozen=True, slots=True)
class Grade:
    """How sure the evidence about one outcome is, with the reason of every step."""

    level: GradeLevel
    start: GradeLevel
    reasons: tuple[Told, ...]


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
    by_year : the whole years of a count of events; None for what is no such count. family : where
        the plan looks at it together with others.
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
    by_year: ByYear | None = None
    family: Family | None = None

    @property
    def estimated(self) -> bool:
        """False when the headline could not be estimated."""
        return self.headline.effect is not None

    @property
    def lost(self) -> bool:
        """True when the range by itself leaves no change out, but over the outcomes that the plan
        looks at together it could be chance."""
        effect = self.headline.effect
        clear = effect is not None and effect.percent.excludes_zero
        return clear and self.family is not None and not self.family.holds

    @property
    def refused(self) -> bool:
        """True when there was an answer but it is not valid here."""
        return self.headline.barred

    @property
    def effect(self) -> Effect:
        """The headline's effect, of an outcome that is `estimated`.

        Raises
        ------
        FitError : when it is not; the message is the reason.
        """
        if self.headline.effect is None:
            raise FitError(
                fact("study.evidence.not-estimated", label=self.label, reason=self.headline.reason)
            )
        return self.headline.effect


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """The plan as the report prints it.

    Parameters
    ----------
    content : the keys that its author wrote, JSON-safe (dates as text), and choices of the model
        that hold where nothing was written. words : in plain words. sha256 : of `plan.toml` now.
    frozen_on : the date its author froze it, or None. frozen_sha256 : of the frozen copy, or None.
    changes : differences from it in words; told_only : none of them can move an estimate.
    stamped_at, stamped_by : when (UTC) and who signed that the frozen copy was there, or "".
    """

    content: Mapping[str, Any]
    words: tuple[str, ...]
    sha256: str
    frozen_on: str | None
    frozen_sha256: str | None
    changes: tuple[str, ...]
    told_only: bool = False
    stamped_at: str = ""
    stamped_by: str = ""


@dataclass(frozen=True, slots=True)
class DataRecord:
    """The dataset as the report prints it; `first` and `last` bound the window analysed, and are
    both the start where it is `undated`: people are followed by days, and no day is in it."""

    provenance: Provenance
    frequency: str
    unit: str
    units: tuple[str, ...]
    first: str
    last: str
    columns: tuple[Column, ...]
    recording_changes: tuple[RecordingChange, ...]
    undated: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """One study: question, plan, data and what was found about each outcome; `delivery` is what was
    delivered of the program, where the plan names a record of it, and `published` the published
    results that the plan sets beside its own. `former_sha256` is the hash of the canonical text it
    was read from, when that was in the former form; it is not written."""

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
    published: tuple[BesidePublished, ...] = ()
    former_sha256: str = ""

    @property
    def about(self) -> About:
        """What its design is about."""
        return about(str(self.plan.content.get("design", "its")))

    def answers_for(self, place_id: str) -> bool:
        """Whether it is real and of the place of this id; without an id every real study is."""
        provenance = self.data.provenance
        here = provenance.place_of(self.data.unit)
        return provenance.sensitivity != "synthetic" and place_id in ("", here)

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

    def _repr_html_(self) -> str:
        names = ("outcome", "change", "certainty")
        head = "".join(f"<th>{fact(f'study.evidence.{name}')}</th>" for name in names)
        rows = "".join(
            f"<tr><td>{escape(one.label)}</td><td>{escape(_change(one))}</td>"
            f"<td>{one.grade.level}</td></tr>"
            for one in self.outcomes
        )
        caption = f"<caption>{escape(self.title)}</caption>"
        return f"<table>{caption}<tr>{head}</tr>{rows}</table>"


def _change(outcome: OutcomeEvidence) -> str:
    """The change in percent with its range, or why there is none."""
    effect, reason = outcome.headline.effect, outcome.headline.reason
    if effect is None or reason is not None:
        return str(fact("study.evidence.no-answer", reason=reason))
    low, high = (f"{end:.1f}" for end in (effect.percent.low, effect.percent.high))
    best = f"{effect.percent.estimate:.1f}"
    return str(fact("study.evidence.span", best=best, low=low, high=high))


def dumps(evidence: Evidence) -> str:
    """The canonical text: sorted keys, 6 significant digits, one final newline; ValueError when a
    number is not finite, since null with a reason is the way to say "none"."""
    return canonical({"schema": SCHEMA, **rounded(replace(evidence, former_sha256=""), "")})


def loads(text: str) -> Evidence:
    """The evidence from the text that this program just wrote, `dumps(loads(text)) == text`;
    ValueError for other text. What lies in a file, `read_results` reads."""
    return _formed(json.loads(text))


@lru_cache(maxsize=64)  # a page over all studies asks for each again and again
def read_results(text: str | bytes, *, file: str, again: str) -> Evidence:
    """The evidence from a file that anyone may have written; `file` and `again` as in `read_back`.

    Raises
    ------
    DataError : at a line, when it is not as this version, or a former one, wrote it.
    """
    return read_back(text, _formed, _written, file=file, again=again)


def _written(found: Evidence, content: Mapping[str, Any]) -> str:
    return canonical(content) if found.former_sha256 else dumps(found)


def _formed(content: dict[str, Any]) -> Evidence:
    form = content.pop("schema", None)
    if form == SCHEMA:
        return read_as(Evidence, content)
    if form not in FORMER:
        raise Misread(("schema",), "written by another version")
    was = hashlib.sha256(canonical({"schema": form, **content}).encode("utf-8"))
    for outcome in content["outcomes"]:
        for check in outcome["checks"]:
            check["found"], check["asked"] = check.pop("says"), check.pop("question")
    return replace(read_as(Evidence, content), former_sha256=was.hexdigest())


def spoken(evidence: Evidence) -> Any:
    """The content of the evidence with sentences in place of facts, to set beside a former one."""
    return rounded(replace(evidence, former_sha256=""), "", spoken=True)


def find_root(start: Path | None = None) -> Path:
    """The project folder: the nearest one upward with `analyses/`; DataError without one."""
    here = followed(start or Path.cwd())
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
    DataError : when they are not there, are none, or are of another study.
    """
    folder = Path(root) if root is not None else find_root()
    file, again = f"reports/{slug}/results.json", f"run {slug}"
    found = read_results(content := bytes_of(folder / file, file, again), file=file, again=again)
    return of_study(found, content, slug, file=file, again=again)
