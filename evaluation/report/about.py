"""What the program is and whom it is for, and who was compared with whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.report import comparison, words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Callout,
    Code,
    Heading,
    Link,
    Paragraph,
    Strong,
    Text,
)
from evaluation.report.on_record import on_record
from evaluation.report.own_window import own_window_words
from evaluation.study.evidence import Evidence, OutcomeEvidence

# Checks that say in words who is compared.
_GROUPS = ("comparison-groups", "who-is-compared")
_HOW = "how it was done"


def about(evidence: Evidence) -> list[Block]:
    """What the program is and whom it is for, from the plan or else from what is on record."""
    heading = Heading(2, f"What {evidence.intervention} is, and whom it is for", "about")
    told: Mapping[str, Any] = evidence.plan.content.get("about") or {}
    if told:
        sources = [str(source) for source in told.get("sources") or ()]
        blocks: list[Block] = [
            heading,
            BulletList(
                (
                    (Strong("What it is: "), words.sentence(str(told["what"]))),
                    (Strong("Whom it is for: "), words.sentence(str(told["whom"]))),
                )
            ),
        ]
        if sources:
            blocks.append(Paragraph((Strong("Written in: "), words.sentence("; ".join(sources)))))
        return blocks
    known = on_record(evidence)
    if known is None:
        return [
            heading,
            Callout(
                "empty",
                "Not told",
                (
                    f"The plan does not say what {evidence.intervention} is, nor whom it is for. "
                    "Its author can: in a table ",
                    Code("[about]"),
                    " of the plan.",
                ),
            ),
        ]
    invented = evidence.data.provenance.sensitivity == "synthetic"
    imitated = "This is on record about the real program, which the invented data imitate."
    return [
        heading,
        *([Paragraph((imitated,))] if invented else []),
        BulletList(tuple(_fact(*fact) for fact in (*known.what, *known.whom))),
        Paragraph((Strong("What others found: "), "their answers, not the answer of this report.")),
        BulletList(tuple(_fact(*fact) for fact in known.found)),
    ]


def what_was_compared(evidence: Evidence) -> list[Block]:
    """Who, with whom, over which time and by which outcomes."""
    data, start = evidence.data, words.period_words(evidence.start)
    left = comparison.left_out(evidence)
    items: list[Text] = [
        (Strong("Who had the program: "), f"{data.unit}, from {start}."),
        (Strong("Compared with: "), words.sentence(_compared_with(evidence))),
        (
            Strong("Time: "),
            f"{words.period_words(data.first)} to {words.period_words(data.last)}"
            + (f", with {left} left out." if left else "."),
        ),
    ]
    items += [(Strong("Outcome: "), _outcome(evidence, outcome)) for outcome in evidence.outcomes]
    return [
        Heading(2, "What was compared", "what-compared"),
        BulletList(tuple(items)),
        Paragraph(("How the two are compared is told under ", Link(_HOW, "#methods"), ".")),
    ]


def _fact(sentence: str, source: str) -> Text:
    return (f"{sentence} ", f"({source})")


def _compared_with(evidence: Evidence) -> str:
    """The comparison in a few words, or the finding of the check that says who it is."""
    said = next(
        (
            check.says
            for outcome in evidence.outcomes
            for check in outcome.checks
            if check.name in _GROUPS
        ),
        "",
    )
    if said:
        return said
    if comparison.sites(evidence):
        return "the earlier time of each place; each began at its own date"
    controls = comparison.controls(evidence)
    own = f"the time before {words.period_words(evidence.start)}"
    return f"{controls}, and {own}" if controls else f"{own} in the same place, and nothing else"


def _outcome(evidence: Evidence, outcome: OutcomeEvidence) -> str:
    which = "the main one" if outcome.primary else "a further one"
    measure = f" ({outcome.measure})" if outcome.measure else ""
    own = own_window_words(evidence, outcome)
    better = f"{outcome.better} is better{f'; {own}' if own else ''}"
    return f"{outcome.label}{measure}, {which}; {better}."
