"""What the program cost, when the plan says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.report import words
from evaluation.report.blocks import Block, Callout, Code, Fact, Heading, Paragraph, Strong
from evaluation.report.spoken import inline
from evaluation.say import say
from evaluation.study.evidence import Evidence


def cost(evidence: Evidence) -> list[Block]:
    """The cost with its year and source, or that none was supplied."""
    heading, told = Heading(2, say("cost-a-case.title"), "cost"), _told(evidence)
    if not told:
        return [
            heading,
            Callout(
                "empty",
                say("cost-a-case.not-supplied"),
                inline("cost-a-case.nobody-supplied-cost-and-none", code=Code("[cost]")),
            ),
        ]
    covers = (
        say("cost-a-case.for", covers=str(told["covers"]).rstrip(".")) if told.get("covers") else ""
    )
    return [
        heading,
        Paragraph(
            (
                Strong(f"{_amount(told)}{covers}"),
                say(
                    "cost-a-case.in-money-of-source-it",
                    year=told["year"],
                    source=words.sentence(str(told["source"])),
                ),
            )
        ),
    ]


def cost_fact(evidence: Evidence) -> Fact:
    """The box for the cost in the strip under an answer."""
    told = _told(evidence)
    if not told:
        return Fact(
            say("cost-a-case.title"),
            say("cost-a-case.not-supplied"),
            say("cost-a-case.no-cost-is-in-data"),
        )
    return Fact(
        say("cost-a-case.cost"),
        _amount(told),
        say("cost-a-case.money-of-as-supplied-not", year=told["year"]),
    )


def _told(evidence: Evidence) -> Mapping[str, Any]:
    told: Mapping[str, Any] = evidence.plan.content.get("cost") or {}
    return told


def _amount(told: Mapping[str, Any]) -> str:
    return f"{words.number(float(told['amount']), 2)} {told['currency']}"
