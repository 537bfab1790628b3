"""The pages of the documentation and their blocks of code."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Pages that stand elsewhere, since they are read there too.
ELSEWHERE = ("README.md", "CONTRIBUTING.md", "data/replication/README.md")
PAGES = tuple(
    sorted(
        path.relative_to(ROOT).as_posix()
        for path in [*(ROOT / "docs").rglob("*.md"), *(ROOT / name for name in ELSEWHERE)]
    )
)
_FENCE = re.compile(r"^( *)```([^`\n]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code: its page, its line, its language, what stands after it, and its text."""

    page: str
    line: int
    language: str
    how: str
    text: str

    @property
    def why_not(self) -> str:
        """Why it is not run; "" when it is."""
        return self.how.partition("not-run: ")[2]


def blocks_of(page: str) -> list[Block]:
    """The blocks of a page in order; directives of the site, `{...}`, are none."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        language, _, how = fence[2].strip().partition(" ")
        if not language.startswith("{"):
            line = text.count("\n", 0, fence.start()) + 1
            found.append(Block(page, line, language, how, textwrap.dedent(fence[3])))
    return found


BLOCKS = tuple(block for page in PAGES for block in blocks_of(page))
