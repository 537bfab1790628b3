"""Who paid, and who has a stake in the answer."""

from __future__ import annotations

from evaluation.report import words
from evaluation.report.blocks import Block, BulletList, Code, Heading, Strong, Text
from evaluation.report.sections import equity
from evaluation.study.evidence import Evidence


def conflicts(evidence: Evidence) -> list[Block]:
    """The role of the funder and the stakes of the authors, or that the plan is silent."""
    items: tuple[Text, ...] = (
        _told(evidence, "funder", "Who paid, and what part they had: "),
        _told(evidence, "conflicts", "Who has a stake in the answer: "),
    )
    return [Heading(2, "Funding and conflicts", "conflicts"), BulletList(items)]


def not_here(evidence: Evidence) -> str:
    """What the answer does not say, of why and for whom, with what the study has left out of it."""
    missing = []
    if not (equity.subgroups(evidence) or equity.of_a_group(evidence)):
        missing.append("results by group")
    if not equity.enforcement(evidence):
        missing.append("stops and arrests")
    if evidence.delivery is None:
        missing.append("delivery")
    if not evidence.plan.content.get("cost"):
        missing.append("cost")
    said = "It says whether an outcome changed, not why."
    if not missing:
        return said
    *most, last = missing
    names = f"{', '.join(most)} and {last}" if most else last
    return f"{said} Not in these data, or not declared: {names}."


def _told(evidence: Evidence, key: str, label: str) -> Text:
    told = evidence.plan.content.get(key)
    if told:
        return (Strong(label), words.sentence(str(told)))
    return (Strong(label), "the plan does not say. Its author can, under ", Code(key), ".")
