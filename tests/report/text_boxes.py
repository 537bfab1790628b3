"""Where the words of a figure are: outside of it, or over one another."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any

import pytest

from evaluation.plots import canvas

# Points: what the edge of a letter may stick out, and by how much two boxes may meet. A box has
# room above and below most letters.
EDGE, MEET = 0.6, 2.4


def faults(figure: Any) -> list[str]:
    """Words that the figure cuts, and words that lie on others, of a figure as it is drawn."""
    from matplotlib.backends.backend_svg import RendererSVG
    from matplotlib.text import Text

    figure.dpi = 72
    width, height = figure.get_size_inches() * 72
    # Letters are as wide as the outlines that are written, and not as some screen would round them.
    renderer = RendererSVG(width, height, io.StringIO())
    renderer._text2path = canvas._text_paths()
    shown, hidden = [], _hidden(figure)
    for text in figure.findobj(Text):
        if not text.get_visible() or not text.get_text().strip() or id(text) in hidden:
            continue
        shown.append((text.get_text(), _box(text, renderer)))
    found = [
        f"cut: {words!r} {[round(float(side), 1) for side in box]} of {width:g} x {height:g}"
        for words, box in shown
        if box[0] < -EDGE or box[1] < -EDGE or box[2] > width + EDGE or box[3] > height + EDGE
    ]
    for (words, one), (others, other) in combinations(shown, 2):
        across = min(one[2], other[2]) - max(one[0], other[0])
        down = min(one[3], other[3]) - max(one[1], other[1])
        if across > 0.3 and down > MEET:
            found.append(f"on another: {words!r} and {others!r}, {across:.1f} by {down:.1f}")
    return found


def _hidden(figure: Any) -> set[int]:
    """Names of ticks outside of the axes they belong to, which nobody sees."""
    hidden: set[int] = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            ticks = axis.get_major_ticks() + axis.get_minor_ticks()
            shown = axis._update_ticks() if axes.axison and axes.get_visible() else []
            hidden |= {
                id(label)
                for tick in ticks
                if tick not in shown
                for label in (tick.label1, tick.label2)
            }
    return hidden


def _box(text: Any, renderer: Any) -> tuple[float, float, float, float]:
    box = text.get_window_extent(renderer)
    return (box.x0, box.y0, box.x1, box.y1)


@contextmanager
def watched() -> Iterator[list[str]]:
    """In here every figure that is drawn is looked at; what is wrong is in the list."""
    found: list[str] = []
    draw = canvas._svg_text

    def looked_at(figure: Any, prefix: str) -> str:
        svg = draw(figure, prefix)
        found.extend(f"{prefix}: {one}" for one in faults(figure))
        return svg

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas, "_svg_text", looked_at)
        yield found
