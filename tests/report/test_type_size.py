"""Type in every figure of every committed page, as a phone shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPORTS = Path(__file__).parents[2] / "reports"
PAGES = [
    path
    for path in sorted(REPORTS.rglob("*.html"))
    # Pages of replications are not committed.
    if not path.parent.name.startswith("replication-")
]
# CSS pixels: a phone, less what lies beside a drawing in its card; and what can be read.
PHONE, BESIDE, READABLE = 390, 8, 12.0


def smallest(svg: str) -> float:
    """The smallest type of a drawing on a phone, in pixels; letters are drawn at a hundredth."""
    width = re.search(r'viewBox="0 0 ([\d.]+) ', svg)
    assert width is not None
    sizes = [100 * float(one) for one in re.findall(r"scale\(([\d.]+) -", svg)]
    return min(sizes) * (PHONE - BESIDE) / float(width[1])


def too_small(html: str) -> list[str]:
    """The figures whose type cannot be read on a phone, or that have no drawing for one."""
    found = []
    for figure in re.findall(r"<figure.*?</figure>", html, re.DOTALL):
        name = re.search(r"<figcaption[^>]*>(.*?)</figcaption>", figure, re.DOTALL)
        drawn = re.findall(r"<svg\b[^>]* role=\"img\".*?</svg>", figure, re.DOTALL)
        narrow = [one for one in drawn if 'class="narrow"' in one.partition(">")[0]]
        shown = narrow or drawn
        if min(map(smallest, shown)) < READABLE:
            found.append(name[1].strip() if name else figure[:80])
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_type_can_be_read_on_a_phone(path):
    assert too_small(path.read_text(encoding="utf-8")) == []


def test_a_figure_without_a_drawing_for_a_phone_is_found():
    html = (REPORTS / "boston/index.html").read_text(encoding="utf-8")
    assert too_small(html.replace('class="narrow"', 'class="other"', 1)) != []
