"""What could be found, before it is looked for: `reports/<slug>/power.json`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.data import period as calendar
from evaluation.data.panel import Panel, Sensitivity
from evaluation.effect import Better, Check, Interval, Told
from evaluation.errors import DataError
from evaluation.fact import fact
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.schema import PlannedOutcome
from evaluation.study.read_back import bytes_of, of_study, read_versioned
from evaluation.study.written import versioned

POWER_SCHEMA = 1
SEED = 4


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """How often a change of this size would be found.

    Parameters
    ----------
    percent : true percent change; negative is a fall. power : share of simulated series, 0 to 1,
        in which it is found: p below 5 % and in its direction. error : standard error of that
        share by simulation. failed : share of series that could not be estimated (not found).
    """

    percent: float
    power: float
    error: float
    failed: float


@dataclass(frozen=True, slots=True)
class PowerAfter:
    """How often the worthwhile change would be found by the end of so many periods.

    periods : from the start on. last : the last of them. power, error : as in `PowerPoint`.
    """

    periods: int
    last: str
    power: float
    error: float


@dataclass(frozen=True, slots=True)
class Assumed:
    """The world that was simulated, as the outcomes before the start describe it.

    Parameters
    ----------
    first, last : of the periods before the start that were used, `periods` of them. total : the
        outcomes recorded in them. before : expected outcomes a period in the last two years before
        the start; end : in the last year of the window, without the intervention.
    trend_limited : True when the fitted trend was flattened so as not to more than double or
        halve outcomes over the years looked at.
    dispersion : variance of a count over its mean; None for other outcomes. deviation : standard
        deviation of the errors of other outcomes; None for counts. correlation : lag-1
        correlation of the errors. dispersion_found, correlation_found : as fitted, before they
        were kept inside what can be simulated.
    """

    first: str
    last: str
    periods: int
    total: float
    before: float
    end: float
    trend_limited: bool
    dispersion: float | None
    deviation: float | None
    correlation: float
    dispersion_found: float | None
    correlation_found: float


@dataclass(frozen=True, slots=True)
class Sides:
    """People, or answers, with the program beside those without it, as they may be told.

    Parameters
    ----------
    row : "person" or "answer". treated, others : how many, in steps. expected : the mean of the
        outcome without the program, among those who stand in for the treated. shared : correlation
        of the outcome within clusters that was put in. refused : why the planned method gives no
        valid answer on these two sides, or None.
    """

    row: Literal["person", "answer"]
    treated: int
    others: int
    expected: float
    shared: float = 0.0
    refused: Told | None = None


@dataclass(frozen=True, slots=True)
class OutcomePower:
    """What could be found about one outcome.

    Parameters
    ----------
    column, label, measure, better, primary, worthwhile : as in `OutcomeEvidence`.
    method, method_label : of the planned headline. draws : simulated series a point.
    curve : by size of the change, from none. false_alarms : share of series without a change in
        which one is found, in either direction; 5 % is what is asked for.
    detectable : smallest percent change found four times in five, with the 95 % range left by
        simulation; None when no size looked at is.
    persistent : the curve when the rate itself persists, not the counts; empty with
        `persistent_reason` when that was not simulated. persistent_detectable : as `detectable`.
    after : power for the worthwhile change as the periods after the start grow. needed : periods
        after which it reaches four in five; None with `needed_reason`.
    stand_ins, pool : of a comparison, how many units without a program stand in for the treated,
        and among how many they are drawn; 0 for a series. `assumed` is then about the pool.
    sides : of people and of a survey, who is compared; `assumed` is then None. checks : of people,
        how alike both sides are and where they overlap.
    """

    column: str
    label: str
    measure: str
    better: Better
    primary: bool
    worthwhile: float | None
    method: str
    method_label: str
    draws: int
    assumed: Assumed | None
    curve: tuple[PowerPoint, ...]
    false_alarms: float
    detectable: Interval | None
    persistent: tuple[PowerPoint, ...]
    persistent_detectable: Interval | None
    persistent_reason: Told
    after: tuple[PowerAfter, ...]
    needed: float | None
    needed_reason: Told
    stand_ins: int = 0
    pool: int = 0
    sides: Sides | None = None
    checks: tuple[Check, ...] = ()

    def at(self, size: float) -> PowerPoint | None:
        """The point of the curve for a change of this size in the good direction."""
        for point in self.curve:
            if abs(abs(point.percent) - size) < 1e-9:
                return point
        return None


@dataclass(frozen=True, slots=True)
class PowerEvidence:
    """One plan, and what it could find; nothing in it depends on outcomes from the start on.

    frequency : of the periods; of people and answers what a row is. first, last : of the planned
        window. periods_after : from the start to its end.
    """

    slug: str
    title: str
    question: str
    goal: int
    intervention: str
    start: str
    plan_sha256: str
    data: str
    sensitivity: Sensitivity
    unit: str
    frequency: str
    first: str
    last: str
    periods_after: int
    seed: int
    outcomes: tuple[OutcomePower, ...]


def evidence_of(
    plan_file: PlanFile,
    panel: Panel,
    unit: str,
    window: tuple[str, str],
    outcomes: tuple[OutcomePower, ...],
) -> PowerEvidence:
    """The evidence about one plan, whatever its design.

    Parameters
    ----------
    unit : who is treated, in words. window : first and last period.
    """
    plan = plan_file.plan
    start = calendar.ordinal(plan.intervention.start, panel.frequency)
    return PowerEvidence(
        slug=plan_file.slug,
        title=plan.title,
        question=plan.question,
        goal=plan.goal,
        intervention=plan.intervention.name,
        start=plan.intervention.start,
        plan_sha256=plan_file.sha256,
        data=panel.provenance.file,
        sensitivity=panel.provenance.sensitivity,
        unit=unit,
        frequency=panel.frequency,
        first=window[0],
        last=window[1],
        periods_after=calendar.ordinal(window[1], panel.frequency) - start + 1,
        seed=SEED,
        outcomes=outcomes,
    )


def refuse_falls(outcome: PlannedOutcome, label: str, effects: Sequence[float]) -> None:
    """Refuse sizes by which an outcome cannot fall.

    Raises
    ------
    DataError : when one is 100 % or more.
    """
    if outcome.better == "lower" and any(size >= 100 for size in effects):
        raise DataError(fact("study.power.cannot-fall-so-far", size=max(effects), label=label))


def dumps(power: PowerEvidence) -> str:
    """The canonical text, rounded and ordered as results are.

    Raises
    ------
    ValueError : when a number is not finite.
    """
    return versioned(power, POWER_SCHEMA)


def loads(text: str | bytes, shown: str = "power.json", again: str = "power") -> PowerEvidence:
    """The evidence from its canonical text; `dumps(loads(text)) == text`.

    Raises
    ------
    DataError : when the text is not one that this version wrote.
    """
    return read_versioned(PowerEvidence, text, schema=POWER_SCHEMA, file=shown, again=again)


def load_power(slug: str, root: Path) -> PowerEvidence:
    """What `ceasefire power <slug>` wrote.

    Raises
    ------
    DataError : when it is not there, cannot be read, or is of another study.
    """
    shown, again = f"reports/{slug}/power.json", f"power {slug}"
    content = bytes_of(root / shown, shown, again)
    return of_study(loads(content, shown, again), content, slug, file=shown, again=again)
