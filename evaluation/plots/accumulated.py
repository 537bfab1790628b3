"""What the difference from expected comes to, added up period by period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import BLUE, INK, QUIET, legend_below, notebook_axes, year_ticks
from evaluation.plots.effects import runs
from evaluation.plots.kept import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from evaluation.effect import Phase

ACCUMULATED_HEIGHT = 3.2


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of observed less expected up to the end of a period, negative where there were fewer,
    with its 95 % range where one is known."""

    period: str
    total: float
    phase: Phase
    low: float | None = None
    high: float | None = None


@drawing
def running_total(
    totals: Sequence[Total],
    ax: Axes | None = None,
    *,
    measure: str,
    phase_in: str = "Phase-in",
) -> Axes:
    """The running total from the start on, with its range as a band or, where only that of the end
    is known, as a bar there.

    Parameters
    ----------
    totals : a period each, in order, from the start on; the last one has a range. ax : where to
        draw; None makes new axes that a notebook shows. measure : printed above the axis.
    phase_in : the name of the phase between.
    """
    if ax is None:
        ax = notebook_axes(ACCUMULATED_HEIGHT)
    x = list(range(len(totals)))
    handles: list[Any] = []
    labels = []
    for place, (first, last) in enumerate(runs([one.phase == "phase-in" for one in totals])):
        span = ax.axvspan(
            first - 0.5, last + 0.5, facecolor="#e3e3e3", edgecolor="none", linewidth=0, zorder=0
        )
        if place == 0:
            handles.append(span)
            labels.append(phase_in)
    ax.axhline(0.0, color=QUIET, linewidth=1.0)
    (line,) = ax.plot(
        [-0.5, *x], [0.0, *(one.total for one in totals)], color=BLUE, linewidth=1.8, zorder=3
    )
    ends = [(one.low, one.high) for one in totals if one.low is not None and one.high is not None]
    if len(ends) == len(totals):
        ribbon = ax.fill_between(
            [-0.5, *x],
            [0.0, *(low for low, _ in ends)],
            [0.0, *(high for _, high in ends)],
            color=BLUE,
            alpha=0.18,
            linewidth=0,
        )
        handles.insert(0, (ribbon, line))
        labels.insert(0, "Total so far, with range")
    else:
        handles.insert(0, line)
        labels.insert(0, "Total so far")
        low, high = ends[-1]
        bar = ax.errorbar(
            [x[-1]],
            [totals[-1].total],
            yerr=[[totals[-1].total - low], [high - totals[-1].total]],
            fmt="D",
            color=INK,
            markersize=5,
            capsize=4,
            linewidth=1.4,
            clip_on=False,
            zorder=4,
        )
        handles.insert(1, bar)
        labels.insert(1, "Total at the end, with range")
    values = [0.0, *(one.total for one in totals), *(end for pair in ends for end in pair)]
    room = 0.08 * ((max(values) - min(values)) or 1.0)
    ax.set_ylim(min(values) - room, max(values) + room)
    ax.set_xlim(-0.5, len(totals) - 0.5 + 0.02 * len(totals))
    ticks = year_ticks([one.period for one in totals]) or [(0, totals[0].period)]
    ax.set_xticks([place for place, _ in ticks], [name for _, name in ticks])
    ax.yaxis.set_major_formatter(lambda value, _: _whole(value))
    ax.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_title(measure, loc="left", fontsize=9, color=INK, pad=8)
    legend_below(ax, handles, labels, at=(-0.1, -0.12))
    # Fixed margins: a computed layout moves by a hair between versions.
    ax.set_position((0.11, 0.21, 0.87, 0.69))
    return ax


def _whole(value: float) -> str:
    """A count with its sign, a true minus, as few digits as it has."""
    text = f"{abs(value):,.10g}" if abs(value) < 1000 else f"{abs(value):,.0f}"
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{text}"
