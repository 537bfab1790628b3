"""Money: what each input alone does to the balance, and the chance that benefits exceed a cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import BLUE, INK, NARROW, QUIET, VERMILLION, fitted, notebook_axes
from evaluation.plots.figure_cache import drawing
from evaluation.plots.layout import axis_below, heading, left_of, ticks_inside

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHANCE_HEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class Swing:
    """One input: the balance with it at its low and at its high end, all others at their best."""

    label: str
    at_low: float
    at_high: float


@drawing
def tornado(
    swings: Sequence[Swing], best: float, ax: Axes | None = None, *, measure: str = ""
) -> Axes:
    """A row an input: how far the balance moves from the best estimate when it alone is changed.

    Parameters
    ----------
    swings : top to bottom, as ordered. best : the balance with all inputs at their best, where
        every bar begins. measure : what the axis shows. ax : where to draw; None makes new axes
        that a notebook shows.
    """
    if ax is None:
        ax = notebook_axes(tornado_height(len(swings)))
    for place, swing in enumerate(swings):
        for end, color, hatch, offset in (
            (swing.at_low, VERMILLION, "////", -0.17),
            (swing.at_high, BLUE, "", 0.17),
        ):
            # Two half rows, since both ends can lie on the same side.
            ax.barh(
                place + offset,
                end - best,
                height=0.3,
                left=best,
                color="white" if hatch else color,
                edgecolor=color,
                hatch=hatch,
                linewidth=0.8,
                zorder=2,
            )
    ax.axvline(best, color=INK, linewidth=1.0, zorder=3)
    ends = [best, 0.0, *(end for swing in swings for end in (swing.at_low, swing.at_high))]
    margin = 0.05 * (max(ends) - min(ends) or 1.0)
    ax.set_xlim(min(ends) - margin, max(ends) + margin)
    ax.axvline(0.0, color=QUIET, linewidth=1.0, dashes=(4, 2.5), zorder=1)
    ax.set_ylim(len(swings) - 0.4, -0.6)
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    left = 0.37 if width > NARROW else 0.44
    names = [fitted(swing.label, 9.0, 72 * left * width - 10) for swing in swings]
    ax.set_yticks(range(len(swings)), names)
    ax.tick_params(axis="y", length=0)
    ax.locator_params(axis="x", nbins=6)
    ax.xaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    below = axis_below(ax, measure, middle=(0.97 + left) / 2)
    # On a phone the legend begins at the edge of the figure.
    _legend(ax, begins=0.0 if width > NARROW else -left / (0.97 - left))
    ax.set_position((left, below / tall, 0.97 - left, 1 - (below + 0.3) / tall))
    ticks_inside(ax)
    return ax


def tornado_height(rows: int) -> float:
    """Inches a tornado of so many rows needs."""
    return 1.0 + 0.36 * max(rows, 2)


@drawing
def chance_curve(
    costs: Sequence[float],
    chances: Sequence[float],
    ax: Axes | None = None,
    *,
    cost: float | None = None,
    measure: str = "",
) -> Axes:
    """The chance, in percent, that benefits exceed each cost.

    Parameters
    ----------
    costs : rising, from 0. chances : percent. cost : what the program cost, marked; None when not
        supplied. measure : what the axis of costs shows.
    """
    if ax is None:
        ax = notebook_axes(CHANCE_HEIGHT)
    ax.plot(costs, chances, color=BLUE, linewidth=1.8, clip_on=False, zorder=3)
    ax.axhline(50, color=QUIET, linewidth=0.9, dashes=(5, 2.5), zorder=1)
    if cost is not None:
        ax.axvline(cost, color=VERMILLION, linewidth=1.3, dashes=(1.5, 1.5), zorder=2)
        late = cost > 0.6 * max(costs)
        ax.annotate(
            "What it cost",
            (cost, 0.02),
            xycoords=("data", "axes fraction"),
            xytext=(-4 if late else 4, 0),
            textcoords="offset points",
            ha="right" if late else "left",
            va="bottom",
            color=INK,
            fontsize=8.5,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0},
        )
    ax.set_xlim(0.0, max(costs))
    ax.set_ylim(0.0, 100.0)
    ax.locator_params(axis="x", nbins=6)
    ax.set_yticks([0, 25, 50, 75, 100], [f"{share}%" for share in (0, 25, 50, 75, 100)])
    ax.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    left, above = left_of(ax), heading(ax, "Chance that benefits exceed cost")
    inside = width - left - 0.2
    below = axis_below(ax, measure, middle=(left + inside / 2) / width)
    ax.set_position((left / width, below / tall, inside / width, 1 - (above + below) / tall))
    ticks_inside(ax)
    return ax


def _legend(ax: Axes, *, begins: float) -> None:
    from matplotlib.patches import Patch

    ax.legend(
        handles=[
            Patch(facecolor="white", edgecolor=VERMILLION, hatch="////", label="At its low end"),
            Patch(facecolor=BLUE, edgecolor=BLUE, label="At its high end"),
        ],
        loc="lower left",
        bbox_to_anchor=(begins, 1.0),
        ncols=2,
        frameon=False,
        fontsize=8.5,
        handlelength=1.8,
        columnspacing=1.6,
        borderaxespad=0.0,
    )
