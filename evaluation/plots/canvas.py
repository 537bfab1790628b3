"""What every figure is drawn on: colors, type, size, and the bytes of an SVG that never change."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito (2008): the two that reach 3:1 against white and stay apart in all three
# color-vision deficiencies, beside a near-black.
INK = "#222222"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
QUIET = "#666666"

# Narrow, with text of 9 pt: it can still be read when a page shrinks the figure to a phone.
WIDTH = 5.6
_STYLE: dict[str, Any] = {
    "svg.hashsalt": "evaluation",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.parse_math": False,  # a "$" in a label is money
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.6,
    "figure.constrained_layout.use": False,
    "figure.autolayout": False,
}


def style() -> AbstractContextManager[None]:
    """A context in which figures are drawn, and saved, the same way on every machine."""
    import matplotlib.style

    context: AbstractContextManager[None] = matplotlib.style.context(["default", _STYLE])
    return context


def blank(height: float) -> Figure:
    """A new figure of fixed width, with empty axes, that no global state knows.

    Parameters
    ----------
    height : in inches.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    figure.add_axes((0, 0, 1, 1))
    return figure


def svg_text(figure: Figure, prefix: str) -> str:
    """The figure as an `<svg>` element to put into a page, the same bytes on every run.

    No prolog, comments, metadata, size or style sheet; ids are prefixed so that many fit one page.
    Call it inside `style()`.

    Parameters
    ----------
    prefix : letters, digits and hyphens, unique on the page.
    """
    stream = io.StringIO()
    with warnings.catch_warnings():
        # A label in a script the bundled font lacks prints boxes; the page has it as text.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(
            stream,
            format="svg",
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    # matplotlib's style sheet would reach every figure of the page; its rule is put on the root.
    text = re.sub(r"<style[^>]*>.*?</style>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*</defs>\s*", "", text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = text.replace("<svg", '<svg stroke-linejoin="round" stroke-linecap="butt"', 1)
    # A hundredth of a point is finer than any screen; more digits are a third of the bytes.
    text = re.sub(r"(scale\([^)]*\))|\d+\.\d{3,}", _shorter_number, text)
    text = re.sub(r"^ +| +$", "", text, flags=re.MULTILINE)
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = text.replace("url(#", f"url(#{prefix}-").replace('href="#', f'href="#{prefix}-')
    return text.strip() + "\n"


def _shorter_number(match: re.Match[str]) -> str:
    return match[1] or f"{float(match[0]):.2f}".rstrip("0").rstrip(".")


def notebook_axes(height: float) -> Axes:
    """New axes that a notebook shows.

    height : in inches.
    """
    # Notebooks show figures that pyplot knows; reports never come here.
    from matplotlib import pyplot

    _, axes = pyplot.subplots(figsize=(WIDTH, height))
    drawn: Axes = axes
    return drawn


def year_ticks(periods: Sequence[str]) -> list[tuple[int, str]]:
    """Place and name of the first period of each year, thinned to at most ten."""
    firsts = [(0, periods[0][:4])] if periods[0][4:] in ("", "-01", "-Q1") else []
    firsts += [
        (i, periods[i][:4]) for i in range(1, len(periods)) if periods[i][:4] != periods[i - 1][:4]
    ]
    step = -(-len(firsts) // 10) or 1
    return firsts[::step]


def signed(value: float, digits: int) -> str:
    """A percent change with its sign, a true minus."""
    text = f"{abs(value):,.{digits}f}"
    sign = "" if float(text.replace(",", "")) == 0 else "−" if value < 0 else "+"
    return f"{sign}{text}%"


def shortened(text: str, longest: int) -> str:
    """The text, cut with an ellipsis when it is longer than that."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
