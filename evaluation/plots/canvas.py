"""What every figure is drawn on: colors, type, size, and the bytes of an SVG that never change."""

from __future__ import annotations

import gc
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from evaluation.plots.figure_cache import Sheet, keeps, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.textpath import TextToPath

# Okabe and Ito (2008): the two that reach 3:1 against white and stay apart in all three
# color-vision deficiencies, beside a near-black.
INK = "#222222"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
QUIET = "#666666"
# Vermillion as the color of words, 4.5:1 and more.
RUST = "#A84300"

# Texts remembered at most; the figures of one study have some hundreds.
_TEXTS = 10_000
# In inches. A page 728 px wide shows text of 9 pt on the first as 16 px; a phone of 390 px shows
# text of 8 pt, the smallest there is, on the second as 12 px.
WIDTH, NARROW = 5.6, 3.5
_FONT = "DejaVu Sans"
_STYLE: dict[str, Any] = {
    "svg.hashsalt": "evaluation",
    "svg.fonttype": "path",
    "font.family": _FONT,
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
    # Where figures are kept, nothing is drawn before `svg_text` knows that it must be.
    return nullcontext() if keeps() else _style()


def blank(height: float, width: float = WIDTH) -> Figure:
    """A new figure with empty axes, that no global state knows.

    Parameters
    ----------
    height : in inches. width : `WIDTH`, or `NARROW` for a phone.
    """
    return cast("Figure", Sheet(height, width)) if keeps() else _blank(height, width)


def svg_text(figure: Figure, prefix: str) -> str:
    """The figure as an `<svg>` element to put into a page, the same bytes on every run.

    No prolog, comments, metadata, size or style sheet; ids are prefixed so that many fit one page.
    Call it inside `style()`.

    Parameters
    ----------
    prefix : letters, digits and hyphens, unique on the page.
    """
    sheet: object = figure
    if not isinstance(sheet, Sheet):
        return _svg_text(figure, prefix)

    def drawn() -> str:
        with _style(), _uncollected():
            real = _blank(sheet.height, sheet.width)
            sheet.draw_on(real)
            return _svg_text(real, prefix)

    return picture(sheet, prefix, drawn)


def _style() -> AbstractContextManager[None]:
    import matplotlib.style

    context: AbstractContextManager[None] = matplotlib.style.context(["default", _STYLE])
    return context


@contextmanager
def _uncollected() -> Iterator[None]:
    """In here nobody looks for garbage: among the many parts of a figure there is none yet, and
    the looking takes a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _blank(height: float, width: float) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    figure.add_axes((0, 0, 1, 1))
    return figure


def _svg_text(figure: Figure, prefix: str) -> str:
    from matplotlib.backends import backend_svg

    stream = io.StringIO()
    # In points, as `savefig` does it; that takes longer, and forgets all text after each figure.
    figure.dpi = 72
    width, height = figure.get_size_inches() * 72
    renderer: Any = backend_svg.RendererSVG(  # type: ignore[no-untyped-call]
        width,
        height,
        stream,
        metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
    )
    renderer._text2path = _text_paths()
    with warnings.catch_warnings():
        # A label in a script the bundled font lacks prints boxes; the page has it as text.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.draw(renderer)
    renderer.finalize()
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
    text = "\n".join(line.strip(" ") for line in text.split("\n"))
    # Names made from the last digits of places differ from one version of numpy to the next.
    known: dict[str, str] = {}
    text = re.sub(
        r'(?<=["#_])([a-z]?)[0-9a-f]{10}(?=[")])',
        lambda match: known.setdefault(match[0], f"{match[1]}{len(known) + 1}"),
        text,
    )
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = text.replace("url(#", f"url(#{prefix}-").replace('href="#', f'href="#{prefix}-')
    return text.strip() + "\n"


def _shorter_number(match: re.Match[str]) -> str:
    return match[1] or f"{float(match[0]):.2f}".rstrip("0").rstrip(".")


@cache
def _text_paths() -> TextToPath:
    """Sizes and outlines of text, remembered from one figure to the next: most of it is the same
    digits and words, and one figure asks for each several times."""
    from matplotlib.textpath import TextToPath

    class Remembered(TextToPath):
        def __init__(self) -> None:
            super().__init__()
            self.sizes: dict[Any, Any] = {}
            self.outlines: dict[Any, Any] = {}

        def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> Any:
            # Font properties are equal when their hashes are; they may change later.
            key = (s, hash(prop), ismath)
            if key not in self.sizes:
                found = super().get_text_width_height_descent(s, prop, ismath)
                _remember(self.sizes, key, found)
            return self.sizes[key]

        def get_glyphs_with_font(
            self,
            font: Any,
            s: str,
            glyph_map: Any = None,
            return_new_glyphs_only: bool = False,
            **options: Any,
        ) -> Any:
            plain = return_new_glyphs_only and not any(options.values())
            if not plain:
                return super().get_glyphs_with_font(
                    font, s, glyph_map, return_new_glyphs_only, **options
                )
            key = (font.fname, s)
            if key not in self.outlines:
                _remember(self.outlines, key, super().get_glyphs_with_font(font, s))
            places, outlines, lines = self.outlines[key]
            known = glyph_map or {}
            new = {name: shape for name, shape in outlines.items() if name not in known}
            return places, new, lines

    return Remembered()


def _remember(known: dict[Any, Any], key: Any, value: Any) -> None:
    if len(known) >= _TEXTS:
        known.clear()
    known[key] = value


def notebook_axes(height: float) -> Axes:
    """New axes that a notebook shows.

    height : in inches.
    """
    # Notebooks show figures that pyplot knows; reports never come here.
    from matplotlib import pyplot

    _, axes = pyplot.subplots(figsize=(WIDTH, height))
    drawn: Axes = axes
    return drawn


def text_width(text: str, points: float, weight: str = "normal") -> float:
    """How long a text is in that size of type, in points."""
    from matplotlib.font_manager import FontProperties

    type_ = FontProperties(family=_FONT, size=points, weight=weight)
    width, _, _ = _text_paths().get_text_width_height_descent(text, type_, False)
    return float(width)


def wrapped(text: str, points: float, width: float) -> list[str]:
    """The text in lines no longer than so many points; a word that is longer is cut."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, points) <= width:
            lines[-1] = longer
            continue
        lines.append(fitted(word, points, width))
    return lines


def fitted(text: str, points: float, width: float) -> str:
    """The text, cut with an ellipsis when it is longer than so many points."""
    shown = len(text)
    while shown > 1 and text_width(shortened(text, shown), points) > width:
        shown -= 1
    return shortened(text, shown)


def year_ticks(periods: Sequence[str], most: int = 10) -> list[tuple[int, str]]:
    """Place and name of the first period of each year, thinned to at most so many."""
    begins = ("", "-01", "-Q1", "-W01", "-01-01")
    firsts = [(0, periods[0][:4])] if periods[0][4:] in begins else []
    firsts += [
        (i, periods[i][:4]) for i in range(1, len(periods)) if periods[i][:4] != periods[i - 1][:4]
    ]
    step = -(-len(firsts) // most) or 1
    return firsts[::step]


def digits(value: float) -> str:
    """The size of a percent change, or of a count of outcomes, as it is written everywhere: whole
    from 10 on, and to one decimal below where it is not whole.

    Examples
    --------
    >>> digits(-26.14), digits(8.27), digits(9.96), digits(3.0), digits(0.01), digits(-0.0)
    ('26', '8.3', '10', '3', '<0.1', '0')
    """
    value = abs(value)
    shown = round(value, 1)
    if shown >= 10:
        return f"{value:,.0f}"
    return f"{shown:.1f}".removesuffix(".0") if shown or not value else "<0.1"


def signed_percent(value: float) -> str:
    """A percent change with its sign, a true minus.

    Examples
    --------
    >>> signed_percent(-26.14), signed_percent(3.2), signed_percent(-0.01), signed_percent(-0.0)
    ('−26%', '+3.2%', '−<0.1%', '0%')
    """
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{digits(value)}%"


def percent_tick(value: float, _: object = None) -> str:
    """The name of a place on an axis of percent changes; its last bits are no number."""
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{abs(round(value, 6)):,g}%"


def signed(value: float, decimals: int) -> str:
    """A change in units of the outcome with its sign, a true minus."""
    text = f"{abs(value):,.{decimals}f}"
    sign = "" if float(text.replace(",", "")) == 0 else "−" if value < 0 else "+"
    return f"{sign}{text}"


def shortened(text: str, longest: int) -> str:
    """The text, cut with an ellipsis when it is longer than that."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
