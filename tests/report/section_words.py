"""Sections of a report as words, and a study whose plan says more: what their tests share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evaluation.report.blocks import Block
from evaluation.study.evidence import Evidence

# The facts that set off each rule of the grade stand beside the tests of the grade.
sys.path.insert(0, str(Path(__file__).parents[1] / "study"))


def text(blocks: Sequence[Block]) -> str:
    """All words of the paragraphs and lists among the blocks, one after another."""
    said = []
    for block in blocks:
        for items in getattr(block, "items", (getattr(block, "text", ""),)):
            parts = (items,) if isinstance(items, str) else items
            said += [part if isinstance(part, str) else part.text for part in parts]
    return " ".join(said)


def with_plan(evidence: Evidence, **content: Any) -> Evidence:
    """The evidence with more in the content of its plan."""
    plan = replace(evidence.plan, content={**evidence.plan.content, **content})
    return replace(evidence, plan=plan)
