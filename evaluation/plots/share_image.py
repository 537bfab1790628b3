"""The picture that a message shows of a study: its question, its two answers and its years."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evaluation.plots.canvas import BLUE, INK, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Rectangle

# Pixels, as the sites that show such pictures ask for them.
SIZE = (1200, 630)
_DPI = 100
# Characters of a line in each size of type, in points, and how many lines there may be.
_QUESTION, _ANSWER = (27, 50, 3), (17, 82, 4)


def share_image(
    question: str,
    answers: Sequence[str],
    *,
    steps: int,
    years: Sequence[float] = (),
    foot: str = "",
) -> bytes:
    """A PNG file of 1200 by 630 pixels.

    Parameters
    ----------
    answers : sentences, the last with its rating. steps : of four, filled. years : counts by year,
        drawn as bars. foot : whose page it is.
    """
    import matplotlib.style
    from matplotlib.figure import Figure

    # Its font is in matplotlib itself, so that the picture is the same on every machine.
    with matplotlib.style.context(["default", {"text.parse_math": False}]):
        width, height = SIZE
        figure = Figure((width / _DPI, height / _DPI), dpi=_DPI, facecolor="white")
        paper = figure.add_axes((0, 0, 1, 1))
        paper.set(xlim=(0, SIZE[0]), ylim=(SIZE[1], 0))
        paper.axis("off")

        def write(top: float, text: str, kind: tuple[int, int, int], weight: str) -> float:
            points, length, most = kind
            lines = textwrap.wrap(text, length, max_lines=most, placeholder=" …")
            for line in lines:
                paper.text(60, top, line, size=points, color=INK, weight=weight, va="top")
                top += points * _DPI / 72 * 1.3
            return top

        top = write(50, question, _QUESTION, "bold") + 24
        for said in answers:
            top = write(top, said, _ANSWER, "normal") + 16
        for step in range(4):
            box = (60 + 46 * step, top + 4), 38, 16
            color = INK if step < steps else "none"
            paper.add_patch(_rectangle(*box, color))
        _bars(paper, years, low=SIZE[1] - 64, high=max(top + 60, SIZE[1] - 190))
        paper.text(60, SIZE[1] - 26, foot, size=13, color=QUIET, va="center")
        stream = io.BytesIO()
        # Neither a version nor a date: the bytes are those of the picture.
        figure.savefig(stream, format="png", dpi=_DPI, metadata={"Software": None})
    return stream.getvalue()


def _bars(paper: Axes, years: Sequence[float], *, low: float, high: float) -> None:
    if not years or max(years) <= 0 or low - high < 40:
        return
    width = (SIZE[0] - 120) / len(years)
    for place, count in enumerate(years):
        tall = (low - high) * count / max(years)
        corner = (60 + place * width, low - tall)
        paper.add_patch(_rectangle(corner, 0.82 * width, tall, BLUE, "none"))


def _rectangle(
    corner: tuple[float, float], width: float, height: float, color: str, edge: str = INK
) -> Rectangle:
    from matplotlib.patches import Rectangle

    return Rectangle(corner, width, height, facecolor=color, edgecolor=edge, linewidth=1.2)
