"""How many of those expected did not happen, or were added: one icon each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import BLUE, INK, QUIET, VERMILLION, notebook_axes
from evaluation.plots.figure_cache import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

A_ROW = 20
# Inches of a row of icons, of what lies above and below all rows, and of a line of the legend.
_ROW, _ABOVE, _BELOW, _LINE = 0.27, 0.06, 0.14, 0.2
_FIELD = "#dcdcdc"


@dataclass(frozen=True, slots=True)
class Icons:
    """Numbers of icons of each kind.

    Parameters
    ----------
    happened : those that happened and, where `added`, were expected too. changed : those that were
        expected and did not happen or, where `added`, that came on top. low, high : ends of the
        95 % range of `changed`. others : those whom it did not concern either way.
    """

    happened: int
    changed: int
    low: int
    high: int
    added: bool = False
    others: int = 0

    @property
    def field(self) -> range:
        """Places, from 0, where the range leaves open what belongs there."""
        if self.added:
            return range(self.happened + self.low, self.happened + self.high)
        expected = self.happened + self.changed
        return range(max(expected - self.high, 0), expected - self.low)

    @property
    def places(self) -> int:
        """Places of the array, empty ones that the range reaches included."""
        return max(self.happened + self.changed + self.others, self.field.stop)


@drawing
def icon_array(icons: Icons, ax: Axes | None = None, *, labels: tuple[str, str, str, str]) -> Axes:
    """Rows of icons, each kind with a shape and a color of its own, over the field of the range.

    Parameters
    ----------
    icons : how many of each. ax : where to draw; None makes new axes that a notebook shows.
    labels : in the legend, of what happened, what changed, the field and the others.
    """
    if ax is None:
        ax = notebook_axes(icons_height(icons))
    for row in range(_rows(icons)):
        inside = [place % A_ROW for place in icons.field if place // A_ROW == row]
        if inside:
            across = [inside[0] - 0.5, inside[-1] + 0.5]
            ax.fill_between(across, row - 0.48, row + 0.48, color=_FIELD, linewidth=0, zorder=1)
    changed: dict[str, Any] = (
        {"marker": "^", "markersize": 8.0, "markerfacecolor": VERMILLION}
        if icons.added
        else {"marker": "D", "markersize": 6.2, "markerfacecolor": "white"}
    )
    changed["markeredgecolor"] = VERMILLION if icons.added else BLUE
    kinds: tuple[tuple[str, int, dict[str, Any]], ...] = (
        ("happened", icons.happened, {"marker": "o", "markersize": 7.4, "color": INK}),
        ("changed", icons.changed, {"markeredgewidth": 1.5, **changed}),
        ("others", icons.others, {"marker": "o", "markersize": 2.6, "color": QUIET}),
    )
    handles: list[Any] = []
    names = []
    begin = 0
    for (kind, count, look), label in zip(kinds, (labels[0], labels[1], labels[3]), strict=True):
        if not count:
            continue
        places = range(begin, begin + count)
        begin += count
        (line,) = ax.plot(
            [place % A_ROW for place in places],
            [place // A_ROW for place in places],
            linestyle="none",
            zorder=3,
            clip_on=False,
            **look,
        )
        line.set_gid(f"icons-{kind}")
        handles.append(line)
        names.append(label)
    if len(icons.field):
        handles.append(ax.fill_between([], [], [], color=_FIELD, linewidth=0))
        names.append(labels[2])
    ax.set_xlim(-0.55, A_ROW - 0.45)
    ax.set_ylim(_rows(icons) - 0.5, -0.5)
    ax.set_axis_off()
    ax.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(-0.012, -0.07 / (_ROW * _rows(icons))),
        ncols=2 if icons.others else 3,
        frameon=False,
        fontsize=8.5,
        handlelength=1.4,
        columnspacing=1.8,
        borderaxespad=0.0,
    )
    height = icons_height(icons)
    top = 1.0 - _ABOVE / height
    ax.set_position((0.01, top - _ROW * _rows(icons) / height, 0.98, _ROW * _rows(icons) / height))
    return ax


def icons_height(icons: Icons) -> float:
    """Inches that so many icons need."""
    return _ABOVE + _ROW * _rows(icons) + _BELOW + (2 if icons.others else 1) * _LINE


def _rows(icons: Icons) -> int:
    return max(-(-icons.places // A_ROW), 1)
