"""The design of a study on the Maryland Scientific Methods Scale, from 1 to 5.

Farrington, Gottfredson, Sherman, and Welsh (2002), The Maryland Scientific Methods Scale, in
Evidence-Based Crime Prevention, pages 13-21. Where a design lies between two levels the lower one
is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.report import comparison
from evaluation.report.blocks import Block, Paragraph, Strong
from evaluation.study.evidence import Evidence, OutcomeEvidence

_NAMES = {
    2: "before and after, with nothing comparable",
    3: "before and after, beside something comparable",
    4: "before and after in several units on each side, with other causes held apart",
}
_CAVEAT = (
    "That is about the design only. How well the study was done and how sure the answer is, the "
    "scale does not say; the grade does."
)
# Checks by which what is compared shows that it is comparable.
_ALIKE = ("control-trend", "pre-trends", "pre-period-splits", "balance")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the scale, and why it is no higher."""

    number: int
    why: str


def level(evidence: Evidence, outcome: OutcomeEvidence) -> Level:
    """The level of the design behind one outcome; never 5, which takes a drawing by lot."""
    design = str(evidence.plan.content.get("design", "its"))
    if design == "its" and comparison.sites(evidence):
        return Level(3, "no place is without the program, and each is compared with the others")
    compared = design in ("did", "individual") or bool(comparison.controls(evidence))
    if design == "survey":
        # A survey starts at moderate only when it has areas to compare.
        compared = outcome.grade.start == "moderate"
    if not compared:
        return Level(2, "nothing is compared with the treated but their own past")
    verdicts = {check.name: check.passed for check in outcome.checks if check.name in _ALIKE}
    if False in verdicts.values():
        return Level(2, "what is compared was not shown to be comparable before the start")
    if design == "its" and verdicts.get("control-trend") is not True:
        return Level(2, "what is compared was not shown to be comparable before the start")
    if design != "did":
        return Level(3, "who had the program was not drawn by lot, and only one comparison is made")
    if not comparison.many(evidence):
        return Level(3, "only one unit has the program")
    adjusted = (evidence.plan.content.get("specification") or {}).get("covariates")
    if not (adjusted or evidence.plan.content.get("matched")):
        return Level(3, "the units are not adjusted for other causes")
    return Level(4, "the units with the program were not drawn by lot")


def maryland_scale(evidence: Evidence) -> list[Block]:
    """A sentence for the levels of all outcomes, with what the scale does not say."""
    found = {outcome.label: level(evidence, outcome) for outcome in evidence.outcomes}
    if not found:
        return []
    blocks: list[Block] = []
    for one in dict.fromkeys(found.values()):
        labels = [label for label, other in found.items() if other == one]
        of = "" if len(labels) == len(found) else f" for {', '.join(labels)}"
        blocks.append(
            Paragraph(
                (
                    Strong(f"Maryland scale: level {one.number} of 5{of}"),
                    f" ({_NAMES[one.number]}), because {one.why}. {_CAVEAT}",
                )
            )
        )
    return blocks
