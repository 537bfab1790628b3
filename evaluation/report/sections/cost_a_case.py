"""What the program cost, when the plan says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.report import words
from evaluation.report.blocks import Block, Callout, Code, Fact, Heading, Paragraph, Strong
from evaluation.study.evidence import Evidence


def cost(evidence: Evidence) -> list[Block]:
    """The cost with its year and source, or that none was supplied."""
    heading, told = Heading(2, "Cost", "cost"), _told(evidence)
    if not told:
        return [
            heading,
            Callout(
                "empty",
                "Not supplied",
                (
                    "Nobody supplied a cost, and none is guessed here. The plan can give one in a "
                    "table ",
                    Code("[cost]"),
                    ": amount, currency, year, and source.",
                ),
            ),
        ]
    covers = f" for {str(told['covers']).rstrip('.')}" if told.get("covers") else ""
    return [
        heading,
        Paragraph(
            (
                Strong(f"{_amount(told)}{covers}"),
                f", in money of {told['year']}. Source: {words.sentence(str(told['source']))} It "
                "is what was spent, not net of what fewer shootings save, and this report did not "
                "check it.",
            )
        ),
    ]


def cost_fact(evidence: Evidence) -> Fact:
    """The box for the cost in the strip under an answer."""
    told = _told(evidence)
    if not told:
        return Fact("Cost", "Not supplied", "No cost is in the data")
    return Fact("Cost", _amount(told), f"Money of {told['year']}; as supplied, not checked")


def _told(evidence: Evidence) -> Mapping[str, Any]:
    told: Mapping[str, Any] = evidence.plan.content.get("cost") or {}
    return told


def _amount(told: Mapping[str, Any]) -> str:
    return f"{words.number(float(told['amount']), 2)} {told['currency']}"
