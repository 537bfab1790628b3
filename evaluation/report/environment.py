"""On which software the numbers were made."""

from __future__ import annotations

from evaluation.report.blocks import Block, Code, Heading, Paragraph
from evaluation.report.spoken import inline
from evaluation.say import say
from evaluation.study.evidence import Evidence


def environment(evidence: Evidence) -> list[Block]:
    """Where the versions stand. They are not printed: a page must be the same on every machine."""
    return [
        Heading(2, say("environment.title"), "environment"),
        Paragraph(
            inline(
                "environment.python-3-11-or-later",
                code=Code("requirements.lock"),
                code2=Code(f"reports/{evidence.slug}/lock.json"),
            )
        ),
    ]
