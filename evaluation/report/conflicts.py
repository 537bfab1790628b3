"""Who paid, and who has a stake in the answer."""

from __future__ import annotations

from evaluation.report import words
from evaluation.report.blocks import Block, BulletList, Code, Heading, Strong, Text
from evaluation.report.sections import equity
from evaluation.report.spoken import inline
from evaluation.say import say
from evaluation.study.evidence import Evidence


def conflicts(evidence: Evidence) -> list[Block]:
    """The role of the funder and the stakes of the authors, or that the plan is silent."""
    items: tuple[Text, ...] = (
        _told(evidence, "funder", say("conflicts.who-paid-and-what-part")),
        _told(evidence, "conflicts", say("conflicts.who-has-stake-in-answer")),
    )
    return [Heading(2, say("conflicts.title"), "conflicts"), BulletList(items)]


def not_here(evidence: Evidence) -> str:
    """What the answer does not say, of why and for whom, with what the study has left out of it."""
    missing = []
    if not (equity.subgroups(evidence) or equity.of_a_group(evidence)):
        missing.append(say("conflicts.results-by-group"))
    if not equity.enforcement(evidence):
        missing.append(say("conflicts.stops-and-arrests"))
    if evidence.delivery is None:
        missing.append("delivery")
    if not evidence.plan.content.get("cost"):
        missing.append("cost")
    said = say("conflicts.it-says-whether-outcome-changed")
    if not missing:
        return said
    *most, last = missing
    names = say("conflicts.and", most=tuple(most), last=last) if most else last
    return say("conflicts.not-in-these-data-or", said=said, names=names)


def _told(evidence: Evidence, key: str, label: str) -> Text:
    told = evidence.plan.content.get(key)
    if told:
        return (Strong(label), words.sentence(str(told)))
    return inline("conflicts.plan-does-not-say-its", strong=Strong(label), code=Code(key))
