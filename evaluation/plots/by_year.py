"""Counts by calendar year as bars, with what was expected in the years after the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import (
    BLUE,
    INK,
    QUIET,
    RUST,
    VERMILLION,
    notebook_axes,
    text_width,
)
from evaluation.plots.figure_cache import drawing
from evaluation.plots.layout import LINE, heading, name_dates

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# In inches: what lies right of the bars, below and above them, and a line of words.
_RIGHT, _BELOW, _ABOVE = 0.08, 0.3, 0.32
_BARS = 2.3
_TYPE = 8.5
# A range may reach so far above every bar and line, in units of the highest; the rest is cut.
_REACH = 1.6


@dataclass(frozen=True, slots=True)
class Bar:
    """The count of one year. start : whether something began within it, so that it is of neither
    side. expected : without the program, with the ends of its range, or None."""

    year: int
    recorded: float
    start: bool = False
    expected: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """The name of a moment, in years: 2012.75 is the beginning of October 2012."""

    moment: float
    name: str


@drawing
def recorded_by_year(
    bars: Sequence[Bar],
    flags: Sequence[Flag] = (),
    ax: Axes | None = None,
    *,
    measure: str,
    expected: str,
) -> Axes:
    """A bar a year; a line with its band over the years for which something was expected.

    The bar of a year in which something began is hatched.

    Parameters
    ----------
    bars : in order; years may be missing. flags : in order, named above the bars. ax : of a figure
        of `by_year_height`; None makes new axes that a notebook shows. measure : what is counted,
        above all. expected : the name of the line.
    """
    if ax is None:
        ax = notebook_axes(by_year_height(len(flags)))
    figure: Any = ax.figure
    width, height = figure.get_size_inches()
    highest = _highest(bars)
    left = text_width(f"{highest:,.0f}", 9.0) + 11
    inside = 72 * (width - _RIGHT) - left
    first, last = bars[0].year - 0.6, bars[-1].year + 0.6
    a_year = inside / (last - first)

    for bar in bars:
        look: dict[str, Any] = {"facecolor": (*_rgb(BLUE), 0.3), "edgecolor": BLUE}
        if bar.start:
            look = {"facecolor": "none", "edgecolor": QUIET, "hatch": "////"}
        ax.bar(bar.year, bar.recorded, width=0.76, linewidth=0.9, zorder=2, **look)
    _expected(ax, bars, highest)

    # A bar stands around the number of its year, half of it to each side.
    places = [(flag.moment - 0.5 - first) / (last - first) for flag in flags]
    names = [(place, flag.name) for place, flag in zip(places, flags, strict=True)]
    above = heading(ax, measure, over=name_dates(ax, names, inside / 72, color=INK, dashed=True))
    tall = 72 * (height - _BELOW - above)
    top = 1.04 * max(bar.recorded for bar in bars)
    judged = [bar for bar in bars if bar.expected is not None]
    if judged:
        top = max(top, 1.04 * min(highest, max(bar.expected[2] for bar in judged if bar.expected)))
        # The name of the line ends with it, above all that stands there.
        end = judged[-1].year + 0.5
        begin = max(end - text_width(expected, _TYPE) / a_year, first)
        under = max(
            max(bar.recorded, min(highest, bar.expected[2]) if bar.expected else 0.0)
            for bar in bars
            if bar.year + 0.5 > begin and bar.year - 0.5 < end
        )
        top = max(top, under / (1 - 14 / tall))
        centered = end - text_width(expected, _TYPE) / a_year < first
        ax.annotate(
            expected,
            ((first + last) / 2 if centered else end, under),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center" if centered else "right",
            va="bottom",
            color=RUST,
            fontsize=_TYPE,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            zorder=5,
        )
    ax.set_ylim(0, top or 1.0)
    ax.set_xlim(first, last)
    _counts(ax, bars, a_year)
    for flag in flags:
        place = flag.moment - 0.5
        ax.axvline(place, color=INK, linewidth=1.0, dashes=(2, 1.5), zorder=4)
    _years(ax, bars, a_year)
    ax.locator_params(axis="y", integer=True, nbins=5)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(bottom=False)
    ax.set_position((left / 72 / width, _BELOW / height, inside / 72 / width, tall / 72 / height))
    return ax


def by_year_height(flags: int) -> float:
    """Inches that a figure by year with so many names needs."""
    return _BELOW + _BARS + _ABOVE + LINE / 72 * flags


def _expected(ax: Axes, bars: Sequence[Bar], highest: float) -> None:
    """A step a year: the line of what was expected, and its band; what lies above is cut."""

    def known(numbered: tuple[int, Bar]) -> tuple[bool, int]:
        place, bar = numbered
        return bar.expected is not None, bar.year - place

    for (there, _), run in groupby(enumerate(bars), known):
        if not there:
            continue
        steps = [(bar.year, bar.expected) for _, bar in run if bar.expected is not None]
        edges = [steps[0][0] - 0.5, *(year + 0.5 for year, _ in steps)]
        middle, low, high = (
            [found[place] for _, found in steps] + [steps[-1][1][place]] for place in range(3)
        )
        ax.fill_between(
            edges,
            [max(value, 0.0) for value in low],
            [min(value, highest) for value in high],
            step="post",
            color=VERMILLION,
            alpha=0.22,
            linewidth=0,
            zorder=3,
        )
        ax.step(
            edges, middle, where="post", color=VERMILLION, linewidth=1.8, dashes=(4, 1.4), zorder=4
        )
        cut = [year for year, found in steps if found[2] > highest]
        if cut:
            ax.plot(
                cut,
                [highest] * len(cut),
                linestyle="",
                marker="^",
                markersize=4,
                color=VERMILLION,
                zorder=4,
            )


def _counts(ax: Axes, bars: Sequence[Bar], a_year: float) -> None:
    """Every count at the foot of its bar, where all of them have room."""
    told = [f"{bar.recorded:,.0f}" for bar in bars]
    if max(text_width(text, _TYPE) for text in told) > 0.92 * a_year:
        return
    for bar, text in zip(bars, told, strict=True):
        look: dict[str, Any] = {}
        if bar.start:
            look["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        ax.annotate(
            text,
            (bar.year, 0.0),
            xytext=(0, 3.5),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=INK,
            fontsize=_TYPE,
            zorder=5,
            **look,
        )


def _years(ax: Axes, bars: Sequence[Bar], a_year: float) -> None:
    """Names of years, as many as have room, at round ones."""
    needed = text_width("2000", 9.0) + 7
    step = next((one for one in (1, 2, 5, 10, 20, 50) if one * a_year >= needed), 100)
    shown = [year for year in range(bars[0].year, bars[-1].year + 1) if year % step == 0]
    if not shown:
        shown = [bars[0].year]
    ax.set_xticks(shown, [str(year) for year in shown])


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def cut(bars: Sequence[Bar]) -> bool:
    """Whether a range is too high for the figure and ends in an arrow."""
    highest = _highest(bars)
    return any(bar.expected is not None and bar.expected[2] > highest for bar in bars)


def _highest(bars: Sequence[Bar]) -> float:
    """Up to where ranges are drawn."""
    known = [bar.expected[0] for bar in bars if bar.expected is not None]
    return _REACH * (max([*known, *(bar.recorded for bar in bars)]) or 1.0)
