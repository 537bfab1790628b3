"""Many small pictures on shared axes: a panel for each place, and an icon for each one averted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import (
    BLUE,
    INK,
    NARROW,
    QUIET,
    VERMILLION,
    WIDTH,
    blank,
    fitted,
    notebook_axes,
    wrapped,
)
from evaluation.plots.figure_cache import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_COLUMNS, _FEW = 4, 2
# Inches: a panel with the gap below it, and what lies above and below all panels.
_PANEL, _GAP, _ABOVE, _BELOW = 0.78, 0.27, 0.5, 0.75
_LEFT, _RIGHT, _BETWEEN = 0.075, 0.01, 0.025


@dataclass(frozen=True, slots=True)
class Place:
    """One place by years since its own start (0 is the first, -1 the last before it): what was
    observed, and what is expected without the program, before the start what the model fits."""

    name: str
    year: tuple[int, ...]
    observed: tuple[float, ...]
    expected: tuple[float | None, ...]


@drawing
def small_multiples(
    places: Sequence[Place], figure: Figure | None = None, *, measure: str, across: str
) -> Figure:
    """A panel a place, row by row, all with the same two axes.

    Parameters
    ----------
    places : one or more, in the order of the panels. figure : made by
        `blank(multiples_height(len(places)))`; None makes one. measure : the unit of the vertical
        axes, printed above. across : the name of the horizontal axes.
    """
    figure = figure or blank(multiples_height(len(places)))
    wide, height = figure.get_size_inches()
    narrow = wide <= NARROW
    columns = min(_FEW if narrow else _COLUMNS, len(places))
    beside = _LEFT * WIDTH / wide
    rows = -(-len(places) // columns)
    width = (1.0 - beside - _RIGHT - (columns - 1) * _BETWEEN) / columns
    under = _BELOW + (_LINE if narrow else 0.0)
    values = [value for place in places for value in (*place.observed, *place.expected)]
    top = 1.06 * (max(value for value in values if value is not None) or 1.0)
    low = min(0.0, *(value for value in values if value is not None))
    first = min(year for place in places for year in place.year)
    last = max(year for place in places for year in place.year)
    step = next((s for s in (1, 2, 5) if (last - first) / s <= 5), 10)
    handles: list[Any] = []
    for number, place in enumerate(places):
        axes = figure.axes[0] if number == 0 else figure.add_axes((0, 0, 1, 1))
        row, column = divmod(number, columns)
        drawn = _panel(axes, place)
        handles = handles or drawn
        axes.set_xlim(first - 0.2, last + 1.2)
        axes.set_ylim(1.06 * low, top)
        axes.yaxis.set_major_locator(_few())
        # None at the ends, where the numbers of two panels would touch.
        ticks = [year for year in range(first + 1, last + 1) if year % step == 0]
        axes.set_xticks(ticks, [f"{'−' if year < 0 else ''}{abs(year)}" for year in ticks])
        # Marks only where numbers stand: of many panels they would be most of the picture.
        lowest, first_column = number + columns >= len(places), column == 0
        axes.tick_params(axis="x", bottom=lowest, labelbottom=lowest, labelsize=8, length=2.0)
        axes.tick_params(
            axis="y", left=first_column, labelleft=first_column, labelsize=8, length=2.0
        )
        axes.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_title(
            fitted(place.name, 8.0, 72 * width * wide),
            loc="left",
            fontsize=8.0,
            color=INK,
            pad=2.5,
        )
        bottom = under + (rows - 1 - row) * (_PANEL + _GAP)
        left = beside + column * (width + _BETWEEN)
        axes.set_position((left, bottom / height, width, _PANEL / height))
    title = fitted(measure, 9.0, 72 * wide - 8)
    figure.text(0.005, 1 - 0.06 / height, title, fontsize=9, color=INK, va="top")
    figure.text(
        (1 + beside - _RIGHT) / 2,
        (under - 0.36) / height,
        across,
        fontsize=9,
        color=INK,
        ha="center",
    )
    figure.legend(
        handles,
        ["Observed", "Model fit", "Expected without it"],
        loc="lower left",
        bbox_to_anchor=(0.0, 0.04 / height),
        ncols=2 if narrow else 3,
        frameon=False,
        fontsize=8.5,
        handlelength=2.4,
        columnspacing=1.6,
        borderaxespad=0.0,
    )
    return figure


def multiples_height(places: int, *, narrow: bool = False) -> float:
    """Inches that so many panels need."""
    rows = -(-places // min(_FEW if narrow else _COLUMNS, max(places, 1)))
    return _ABOVE + rows * (_PANEL + _GAP) - _GAP + _BELOW + (_LINE if narrow else 0.0)


def _panel(axes: Any, place: Place) -> list[Any]:
    """Draws one place; its three lines. A year is drawn at its middle."""
    middle = [year + 0.5 for year in place.year]
    axes.axvline(0.0, color=QUIET, linewidth=1.0)
    (observed,) = axes.plot(
        middle,
        place.observed,
        color="#8a8a8a",
        linewidth=0.7,
        marker="o",
        markersize=3.0,
        markerfacecolor=INK,
        markeredgewidth=0.0,
        clip_on=False,
        zorder=3,
    )
    lines = [observed]
    sides: tuple[tuple[str, bool, dict[str, Any]], ...] = (
        (BLUE, False, {}),
        (VERMILLION, True, {"dashes": (3, 1.4)}),
    )
    for color, after, look in sides:
        here = [
            (year + 0.5, float("nan") if value is None else value)
            for year, value in zip(place.year, place.expected, strict=True)
            if (year >= 0) == after
        ]
        if len(here) == 1:
            # A single year would have no line to see.
            ((year, value),) = here
            here = [(year - 0.4, value), (year + 0.4, value)]
        (line,) = axes.plot(
            [x for x, _ in here], [y for _, y in here], color=color, linewidth=1.6, **look
        )
        lines.append(line)
    return lines


def _few() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(3)


A_ROW = 20
# Inches of a row of icons, of what lies above and below all rows, and of a line of the legend.
_ROW, _OVER_ICONS, _UNDER_ICONS, _LINE = 0.27, 0.06, 0.14, 0.2
_FIELD = "#dcdcdc"
# Points that a name in a legend has beside its sign on a phone.
_NAME_ROOM = 72 * NARROW - 26


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
    figure: Any = ax.figure
    width, height = figure.get_size_inches()
    narrow = width <= NARROW
    if narrow:
        names = ["\n".join(wrapped(name, 8.5, _NAME_ROOM)) for name in names]
    ax.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(-0.012, -0.07 / (_ROW * _rows(icons))),
        ncols=1 if narrow else 2 if icons.others else 3,
        frameon=False,
        fontsize=8.5,
        handlelength=1.4,
        columnspacing=1.8,
        borderaxespad=0.0,
    )
    top = 1.0 - _OVER_ICONS / height
    ax.set_position((0.01, top - _ROW * _rows(icons) / height, 0.98, _ROW * _rows(icons) / height))
    return ax


def icons_height(icons: Icons, labels: Sequence[str] = ()) -> float:
    """Inches that so many icons need.

    labels : in the legend, which has a line or more for each of them where it is narrow.
    """
    lines = sum(len(wrapped(label, 8.5, _NAME_ROOM)) for label in labels)
    lines = lines or (2 if icons.others else 1)
    return _OVER_ICONS + _ROW * _rows(icons) + _UNDER_ICONS + lines * _LINE


def _rows(icons: Icons) -> int:
    return max(-(-icons.places // A_ROW), 1)
