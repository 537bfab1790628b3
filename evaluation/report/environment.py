"""On which software the numbers were made."""

from __future__ import annotations

from evaluation.report.blocks import Block, Code, Heading, Paragraph
from evaluation.study.evidence import Evidence


def environment(evidence: Evidence) -> list[Block]:
    """Where the versions stand. They are not printed: a page must be the same on every machine."""
    return [
        Heading(2, "Software", "environment"),
        Paragraph(
            (
                "Python 3.11 or later and the packages in ",
                Code("requirements.lock"),
                ", each with its version and a hash. The versions on which these results were "
                "accepted are in ",
                Code(f"reports/{evidence.slug}/lock.json"),
                ". No version is printed here, so that this page has the same bytes on every "
                "machine; when numbers differ, compare the versions first.",
            )
        ),
    ]
