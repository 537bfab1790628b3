"""The chance to find a change, by its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import (
    BLUE,
    INK,
    QUIET,
    VERMILLION,
    legend_below,
    notebook_axes,
    percent_tick,
)
from evaluation.plots.figure_cache import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POWER_HEIGHT = 3.4
_TICKS = 8


@dataclass(frozen=True, slots=True)
class Chance:
    """One point of a power curve: a true percent change, and how often it is found, in percent,
    with the 95 % range that simulation leaves."""

    change: float
    found: float
    low: float
    high: float


@drawing
def power_curves(
    counts: Sequence[Chance],
    ax: Axes | None = None,
    *,
    persistent: Sequence[Chance] = (),
    enough: float = 80.0,
    worthwhile: float | None = None,
) -> Axes:
    """How often a change is found, against its size, with the line of often enough.

    Parameters
    ----------
    counts : the planned curve, from no change. persistent : the same in the second world, dashed.
    enough : percent. worthwhile : true change worth having, marked. ax : where to draw; None makes
        new axes that a notebook shows.
    """
    if ax is None:
        ax = notebook_axes(POWER_HEIGHT)
    sizes = [abs(point.change) for point in counts]
    handles: list[Any] = []
    labels = []
    if persistent:
        (line,) = ax.plot(
            [abs(point.change) for point in persistent],
            [point.found for point in persistent],
            color=VERMILLION,
            linewidth=1.6,
            dashes=(4, 1.8),
            marker="s",
            markersize=3.6,
            clip_on=False,
            zorder=3,
        )
        handles.append(line)
        labels.append("A rate that persists")
    ribbon = ax.fill_between(
        sizes,
        [point.low for point in counts],
        [point.high for point in counts],
        color=BLUE,
        alpha=0.18,
        linewidth=0,
    )
    (line,) = ax.plot(
        sizes,
        [point.found for point in counts],
        color=BLUE,
        linewidth=1.8,
        marker="o",
        markersize=3.8,
        clip_on=False,
        zorder=4,
    )
    handles.insert(0, (ribbon, line))
    labels.insert(0, "Planned model")
    handles.append(ax.axhline(enough, color=QUIET, linewidth=1.0, dashes=(5, 2.5), zorder=1))
    labels.append("Four times in five")
    if worthwhile is not None and abs(worthwhile) <= max(sizes):
        ax.axvline(abs(worthwhile), color=INK, linewidth=1.0, dashes=(1.5, 1.5), zorder=1)
        late = abs(worthwhile) > 0.6 * max(sizes)
        ax.annotate(
            "Worth having",
            (abs(worthwhile), 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-4 if late else 4, -2),
            textcoords="offset points",
            ha="right" if late else "left",
            va="top",
            color=INK,
            fontsize=8.5,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0},
        )
    falls = counts[-1].change < 0
    ax.set_xlim(0.0, max(sizes))
    ax.set_ylim(0.0, 100.0)
    shown = [0.0, *_thinned([point.change for point in counts if point.change != 0])]
    ax.set_xticks([abs(change) for change in shown], [percent_tick(change) for change in shown])
    ax.set_yticks([0, 20, 40, 60, 80, 100], [f"{share}%" for share in (0, 20, 40, 60, 80, 100)])
    ax.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlabel(f"True {'fall' if falls else 'rise'}, in percent of expected", labelpad=4)
    ax.set_title("How often it would be found", loc="left", fontsize=9, color=INK, pad=8)
    legend_below(ax, handles, labels, at=(-0.1, -0.24), handlelength=2.6, columnspacing=1.6)
    ax.set_position((0.1, 0.26, 0.86, 0.64))
    return ax


def _thinned(changes: Sequence[float]) -> list[float]:
    """Changes to name on the axis: at most so many, and none so near another that they touch."""
    apart = max(abs(change) for change in changes) / _TICKS
    shown: list[float] = []
    for change in sorted(changes, key=abs, reverse=True):
        if abs(change) >= apart * 0.95 and all(
            abs(abs(change) - abs(other)) >= apart * 0.95 for other in shown
        ):
            shown.append(change)
    return sorted(shown, key=abs)
