"""What remains of an effect when trends may have differed by more and more.

How unlike two groups are before and after weighting: the love plot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.plots.canvas import BLUE, INK, QUIET, blank
from evaluation.plots.figure_cache import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


from evaluation.plots.canvas import notebook_axes, shortened

TRENDS_HEIGHT = 3.3
# A range beyond this many times the range with equal trends is cut.
_FARTHEST = 3.0


@dataclass(frozen=True, slots=True)
class Allowed:
    """The 95 % range of an effect when trends may differ by so much."""

    bound: float
    low: float
    high: float


@drawing
def differing_trends(
    panels: Sequence[tuple[str, Sequence[Allowed]]], figure: Figure | None = None, *, measure: str
) -> Figure:
    """Ranges by how much trends may differ, one panel for each way in which they may.

    A range that leaves out nought is thick and colored, one that holds it is thin and dark; one too
    long for the panel ends in an arrow.

    Parameters
    ----------
    panels : one or two, each what its horizontal axis is and its ranges by rising bound, the first
        with equal trends. figure : made by `blank(TRENDS_HEIGHT)`; None makes one. measure : the
        unit of the vertical axis, printed above the first panel.
    """
    figure = figure or blank(TRENDS_HEIGHT)
    low, high = _frame([row for _, rows in panels for row in rows])
    room = 0.07 * (high - low)
    width = (0.98 - 0.09 * len(panels)) / len(panels)
    for place, (across, rows) in enumerate(panels):
        axes = figure.axes[0] if place == 0 else figure.add_axes((0, 0, 1, 1))
        axes.axhline(0.0, color=QUIET, linewidth=1.0)
        for row in rows:
            clear = row.low > 0 or row.high < 0
            color, thick = (BLUE, 3.0) if clear else (INK, 1.2)
            ends = [max(row.low, low), min(row.high, high)]
            axes.plot([row.bound] * 2, ends, color=color, linewidth=thick, solid_capstyle="butt")
            for value, end, arrow in ((row.low, ends[0], "v"), (row.high, ends[1], "^")):
                marker = "_" if value == end else arrow
                axes.plot([row.bound], [end], color=color, marker=marker, markersize=6)
        axes.set_ylim(low - room, high + room)
        last = max(row.bound for row in rows) or 1.0
        axes.set_xlim(-0.08 * last, 1.08 * last)
        axes.set_xticks([row.bound for row in rows], [f"{row.bound:.2g}" for row in rows])
        axes.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(across, labelpad=5)
        if place == 0:
            axes.set_title(measure, loc="left", fontsize=9, color=INK, pad=8)
        axes.set_position((0.09 + place * (width + 0.09), 0.17, width, 0.71))
    return figure


def trends_cut(rows: Sequence[Allowed]) -> bool:
    """Whether a range is too long for the figure and ends in an arrow."""
    low, high = _frame(rows)
    return any(row.low < low or row.high > high for row in rows)


def _frame(rows: Sequence[Allowed]) -> tuple[float, float]:
    """Ends of the vertical axis: nought and the shortest range, and of longer ones so much as does
    not press that flat."""
    least = min(rows, key=lambda row: row.high - row.low)
    reach = _FARTHEST * ((least.high - least.low) or 1.0)
    low = max(min(row.low for row in rows), least.low - reach)
    high = min(max(row.high for row in rows), least.high + reach)
    return min(low, 0.0), max(high, 0.0)


# Differences up to this are called alike.
ALIKE = 0.1


@dataclass(frozen=True, slots=True)
class Gap:
    """A covariate with the difference of its means in standard deviations; `after` None when
    nothing was weighted."""

    label: str
    before: float
    after: float | None


@drawing
def love(gaps: Sequence[Gap], ax: Axes | None = None) -> Axes:
    """Differences before (hollow) and after weighting (filled), a row a covariate.

    Parameters
    ----------
    gaps : top to bottom. ax : where to draw; None makes new axes that a notebook shows.
    """
    if ax is None:
        ax = notebook_axes(love_height(len(gaps)))
    values = [value for gap in gaps for value in (gap.before, gap.after) if value is not None]
    farthest = 1.12 * max([2 * ALIKE, *(abs(value) for value in values)])
    ax.axvspan(-ALIKE, ALIKE, color="#eeeeee", linewidth=0, zorder=0)
    ax.axvline(0.0, color=QUIET, linewidth=1.0)
    for place, gap in enumerate(gaps):
        if gap.after is not None:
            ax.plot([gap.before, gap.after], [place, place], color="#9a9a9a", linewidth=0.8)
        for value, face in ((gap.before, "white"), (gap.after, BLUE)):
            if value is not None:
                ax.plot(
                    [value],
                    [place],
                    marker="o",
                    markersize=5.0,
                    markerfacecolor=face,
                    markeredgecolor=INK if face == "white" else BLUE,
                    linestyle="none",
                )
    ax.set_ylim(len(gaps) - 0.4, -0.6)
    ax.set_xlim(-farthest, farthest)
    ax.set_yticks(range(len(gaps)), [shortened(gap.label, 26) for gap in gaps])
    ax.xaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlabel("Difference of means, in standard deviations", labelpad=5)
    below = 0.5 / love_height(len(gaps))
    ax.set_position((0.33, below, 0.65, 0.97 - below))
    return ax


def love_height(rows: int) -> float:
    """Inches a love plot of so many covariates needs."""
    return 0.7 + 0.24 * max(rows, 2)
