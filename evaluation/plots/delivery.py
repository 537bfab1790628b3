"""What was delivered in each period beside what was planned, one strip an activity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.plots.canvas import BLUE, INK, QUIET, VERMILLION, blank, shortened, year_ticks
from evaluation.plots.kept import drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Heights in inches: of one strip with its title, and of what stands under the last.
_STRIP, _UNDER = 0.95, 0.75
_LONGEST = 70
_DASHED = (0, (4, 1.6))


@dataclass(frozen=True, slots=True)
class Strip:
    """One activity: (T,) delivered, and (T,) planned or nothing."""

    label: str
    delivered: tuple[float, ...]
    planned: tuple[float, ...] = ()


def delivery_height(strips: int) -> float:
    """Height in inches of a figure of so many activities."""
    return _UNDER + _STRIP * strips


@drawing
def delivery(
    strips: Sequence[Strip],
    periods: Sequence[str],
    figure: Figure | None = None,
    *,
    start: str = "",
) -> Figure:
    """Filled steps of what was delivered under a dashed line of what was planned, by period.

    Parameters
    ----------
    strips : one or more. periods : (T,) written. figure : made by `blank(delivery_height(n))`; None
        makes one. start : the period in which the program starts, marked where it is among them.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    count = len(strips)
    figure = figure or blank(delivery_height(count))
    height = delivery_height(count)
    for place, strip in enumerate(strips):
        axes = figure.axes[0] if place == 0 else figure.add_axes((0, 0, 1, 1))
        bottom = _UNDER + _STRIP * (count - 1 - place)
        axes.set_position((0.08, bottom / height, 0.9, (_STRIP - 0.36) / height))
        edges = [place - 0.5 for place in range(len(periods) + 1)]
        # One path a strip: a bar each would be most of the bytes of a page.
        axes.stairs(strip.delivered, edges, fill=True, color=BLUE, linewidth=0)
        if strip.planned:
            axes.stairs(
                strip.planned,
                edges,
                baseline=None,
                color=VERMILLION,
                linewidth=1.3,
                linestyle=_DASHED,
            )
        if start in periods:
            axes.axvline(periods.index(start) - 0.5, color=QUIET, linewidth=1.0)
        top = max((*strip.delivered, *strip.planned, 1.0))
        axes.set_ylim(0, 1.1 * top)
        axes.set_yticks([0, round(top)] if top >= 1 else [0])
        axes.set_xlim(-0.7, len(periods) - 0.3)
        ticks = year_ticks(periods)
        last = place == count - 1
        axes.set_xticks([i for i, _ in ticks], [name if last else "" for _, name in ticks])
        axes.set_title(shortened(strip.label, _LONGEST), loc="left", fontsize=9, color=INK, pad=4)
    figure.legend(
        [
            Patch(color=BLUE, linewidth=0),
            Line2D([], [], color=VERMILLION, linewidth=1.3, linestyle=_DASHED),
        ],
        ["Delivered", "Planned"],
        loc="lower left",
        bbox_to_anchor=(0.07, 0.0),
        ncols=2,
        frameon=False,
        fontsize=8.5,
    )
    return figure
