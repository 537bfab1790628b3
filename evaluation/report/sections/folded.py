"""What a section of an appendix says about one outcome, folded where there is more than one."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.report import words
from evaluation.report.blocks import Block, Details
from evaluation.report.figures.figures import anchor
from evaluation.study.evidence import Evidence, OutcomeEvidence


def folded(
    evidence: Evidence, outcome: OutcomeEvidence, section: str, blocks: Sequence[Block]
) -> list[Block]:
    """The blocks under the outcome's name, or as they are in a study of one outcome; none of none.

    Parameters
    ----------
    section : the anchor of the section; the outcome's own is made of it.
    """
    if len(evidence.outcomes) == 1 or not blocks:
        return list(blocks)
    place = f"{section}-{anchor(outcome.column)}"
    return [Details(words.capital(outcome.label), tuple(blocks), place)]
