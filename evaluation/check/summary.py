"""Verdicts for a program, and for the summary of a run on a server."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from evaluation.check.verdict import Verdict

# Every sign that Markdown or HTML could take for its own.
_SIGNS = re.compile(r"([\\`*_{}\[\]()#+!|<>&~$@:=-])")


def as_json(verdicts: Sequence[Verdict]) -> str:
    """All verdicts as one JSON object, with its final newline."""
    content = {
        "reproduces": all(verdict.reproduces for verdict in verdicts),
        "studies": [
            {
                "slug": verdict.slug,
                "reproduces": verdict.reproduces,
                "sentence_changes": verdict.sentence_changes,
                "grade_changes": verdict.grade_changes,
                "cause": verdict.cause,
                "differences": [
                    {"kind": one.kind, "words": one.words} for one in verdict.differences
                ],
                "notes": list(verdict.notes),
            }
            for verdict in verdicts
        ],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def as_markdown(verdicts: Sequence[Verdict]) -> str:
    """All verdicts as a table, and under it every difference, with its final newline."""
    failed = [verdict for verdict in verdicts if not verdict.reproduces]
    lines = ["## Do the committed results reproduce?", ""]
    if failed:
        lines.append(f"**{len(failed)} of {len(verdicts)} do not.**")
    else:
        lines.append(f"All {len(verdicts)} do.")
    lines += [
        "",
        "| Study | Reproduces | Sentence | Grade | Likely cause |",
        "|---|---|---|---|---|",
    ]
    for verdict in verdicts:
        cells = [
            verdict.slug,
            "yes" if verdict.reproduces else "**no**",
            "changes" if verdict.sentence_changes else "unchanged",
            "changes" if verdict.grade_changes else "unchanged",
            escaped(verdict.cause) or "none",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    for verdict in failed:
        lines += ["", f"### {verdict.slug}", ""]
        lines += [f"- {escaped(one.words)}" for one in verdict.differences]
    return "\n".join(lines) + "\n"


def escaped(words: str) -> str:
    """Words from a plan or a table as plain text: nothing in them is a link, a tag or a cell.

    Examples
    --------
    >>> escaped("a|b <b>")
    'a\\\\|b \\\\<b\\\\>'
    """
    return _SIGNS.sub(r"\\\1", " ".join(words.split()))
