"""What the author of a plan declares: the cost, who paid, and who has a stake in the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Callout,
    Code,
    Fact,
    Heading,
    Paragraph,
    Strong,
    Text,
)
from evaluation.report.sections import equity
from evaluation.report.spoken import inline
from evaluation.say import say
from evaluation.study.evidence import Evidence


def cost(evidence: Evidence) -> list[Block]:
    """The cost with its year and source, or that none was supplied."""
    heading, told = Heading(2, say("declared.title"), "cost"), _cost(evidence)
    if not told:
        return [
            heading,
            Callout(
                "empty",
                say("declared.not-supplied"),
                inline("declared.nobody-supplied-cost-and-none", code=Code("[cost]")),
            ),
        ]
    covers = (
        say("declared.for", covers=str(told["covers"]).rstrip(".")) if told.get("covers") else ""
    )
    return [
        heading,
        Paragraph(
            (
                Strong(f"{_amount(told)}{covers}"),
                say(
                    "declared.in-money-of-source-it",
                    year=told["year"],
                    source=words.sentence(str(told["source"])),
                ),
            )
        ),
    ]


def cost_fact(evidence: Evidence) -> Fact:
    """The box for the cost in the strip under an answer."""
    told = _cost(evidence)
    if not told:
        return Fact(
            say("declared.title"), say("declared.not-supplied"), say("declared.no-cost-is-in-data")
        )
    return Fact(
        say("declared.cost"),
        _amount(told),
        say("declared.money-of-as-supplied-not", year=told["year"]),
    )


def _cost(evidence: Evidence) -> Mapping[str, Any]:
    told: Mapping[str, Any] = evidence.plan.content.get("cost") or {}
    return told


def _amount(told: Mapping[str, Any]) -> str:
    return f"{words.number(float(told['amount']), 2)} {told['currency']}"


def conflicts(evidence: Evidence) -> list[Block]:
    """The role of the funder and the stakes of the authors, or that the plan is silent."""
    items: tuple[Text, ...] = (
        _told(evidence, "funder", say("declared.who-paid-and-what-part")),
        _told(evidence, "conflicts", say("declared.who-has-stake-in-answer")),
    )
    return [Heading(2, say("declared.ties"), "conflicts"), BulletList(items)]


def not_here(evidence: Evidence) -> str:
    """What the answer does not say, of why and for whom, with what the study has left out of it."""
    missing = []
    if not (equity.subgroups(evidence) or equity.of_a_group(evidence)):
        missing.append(say("declared.results-by-group"))
    if not equity.enforcement(evidence):
        missing.append(say("declared.stops-and-arrests"))
    if evidence.delivery is None:
        missing.append(say("declared.delivery"))
    if not evidence.plan.content.get("cost"):
        missing.append(say("declared.cost-missing"))
    said = say("declared.it-says-whether-outcome-changed")
    if not missing:
        return said
    return say("declared.not-in-these-data-or", said=said, names=tuple(missing))


def _told(evidence: Evidence, key: str, label: str) -> Text:
    told = evidence.plan.content.get(key)
    if told:
        return (Strong(label), words.sentence(str(told)))
    return inline("declared.plan-does-not-say-its", strong=Strong(label), code=Code(key))
