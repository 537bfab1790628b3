"""How unlike two groups are before and after weighting: the love plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.plots.canvas import BLUE, INK, QUIET, notebook_axes, shortened
from evaluation.plots.kept import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
