"""A published number beside a result of this project, with what differs between the two."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BesidePublished:
    """One published result that a plan sets beside its own.

    Parameters
    ----------
    column : the outcome of the study that stands beside it, or "" for the primary one.
    differences : what differs, each as the aspect and the words of the plan.
    place_id : of the published result, or "". The rest as in `data.published`.
    """

    study: str
    outcome: str
    site: str
    place_id: str
    years: str
    design: str
    measure: str
    effect: float | None
    low: float | None
    high: float | None
    level: float | None
    p_value: float | None
    found: str
    source: str
    read_in: str
    certainty: str
    column: str
    differences: tuple[tuple[str, str], ...]
