"""The answer as a picture: observed against expected, and one method beside the others.

What the difference from expected comes to, added up period by period.
"""

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
    fitted,
    notebook_axes,
    percent_tick,
    signed,
    signed_percent,
    text_width,
    year_ticks,
)
from evaluation.plots.figure_cache import drawing
from evaluation.plots.layout import (
    axis_below,
    heading,
    left_of,
    legend_below,
    name_dates,
    ticks_inside,
)
from evaluation.plots.periods import Gap, Hole, Point, runs
from evaluation.plots.sevens import by_sevens, crowded

if TYPE_CHECKING:
    from matplotlib.axes import Axes


PATH_HEIGHT = 3.6
# Percent changes beyond these are drawn as an arrow: one wild interval must not flatten the rest.
LOWEST, HIGHEST = -150.0, 150.0


@dataclass(frozen=True, slots=True)
class Whisker:
    """One row of the plot of alternatives: a percent change with its 95 % interval."""

    label: str
    estimate: float
    low: float
    high: float
    headline: bool = False


@drawing
def observed_against_expected(
    path: Sequence[Point],
    ax: Axes | None = None,
    *,
    measure: str = "Observed a period",
    begins: str = "Start",
    later: Sequence[tuple[str, str]] = (),
    phase_in: str = "Phase-in",
    fit_after: bool = True,
    whole: bool = False,
    gaps: Sequence[Gap] = (),
) -> Axes:
    """What was observed, what the model fits, and what it expects without the intervention.

    Parameters
    ----------
    path : every period, in order; many days are drawn as means of seven. ax : where to draw; None
        makes new axes that a notebook shows. measure : the unit of the vertical axis, printed above
        it. begins : the name of the start. later : period and name of what happened to the program
        after its start; periods outside the path are not drawn. phase_in : the name of the phase
        between. fit_after : whether the model fits the time from the start on, and does not only
        expect something for it. whole : whether what is observed are counts, whose axis has whole
        numbers. gaps : periods between those of the path of which nothing is known.
    """
    if ax is None:
        ax = notebook_axes(PATH_HEIGHT)
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    narrow = width <= NARROW
    recorded = path
    if gaps:
        holes = [Hole(one.period, one.phase) for one in gaps]
        # Periods of one calendar are written so that their order is that of the text.
        path = sorted([*path, *holes], key=lambda one: one.period)
    every = [point.period for point in path]
    path = by_sevens(path) if crowded(path) else path
    # Of every period the place of the dot that has it.
    firsts = {point.period: i for i, point in enumerate(path)}
    place, places = 0, dict[str, int]()
    for period in every:
        places[period] = place = firsts.get(period, place)
    x = list(range(len(path)))
    start = next((i for i, point in enumerate(path) if point.phase != "before"), len(path))
    silent = ("left out", "later")
    expected = [i for i in x[start:] if path[i].phase not in silent]
    nan = float("nan")

    # Every handle has its place in the legend; the ribbon shares one with its line.
    ribbon = ax.fill_between(
        expected,
        [path[i].low for i in expected],
        [path[i].high for i in expected],
        color=VERMILLION,
        alpha=0.18,
        linewidth=0,
    )
    (observed,) = ax.plot(
        x,
        [point.observed for point in path],
        color="#8a8a8a",
        linewidth=0.6,
        marker="o",
        markersize=2.6,
        markerfacecolor=INK,
        markeredgecolor=INK,
        markeredgewidth=0.0,
        clip_on=False,
    )
    (fitted,) = ax.plot(
        x,
        [
            nan if point.phase in silent or (i >= start and not fit_after) else point.fitted
            for i, point in enumerate(path)
        ],
        color=BLUE,
        linewidth=1.7,
    )
    (counterfactual,) = ax.plot(
        expected,
        [path[i].expected for i in expected],
        color=VERMILLION,
        linewidth=1.7,
        dashes=(4, 1.8),
    )
    handles: list[Any] = [observed, fitted, (ribbon, counterfactual)]
    labels = ["Observed", "Model fit", "Expected without it, with range"]
    ranged = [(path[i].new_low, path[i].new_high) for i in expected]
    new = [(nan if low is None else low, nan if high is None else high) for low, high in ranged]
    if any(high == high for _, high in new):
        wide = ax.fill_between(
            expected,
            [low for low, _ in new],
            [high for _, high in new],
            color=VERMILLION,
            alpha=0.08,
            linewidth=0,
            zorder=0,
        )
        handles.append(wide)
        labels.append("Range of a single number without it")
    phases: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("phase-in", phase_in, {"facecolor": "#e3e3e3", "edgecolor": "none"}),
        ("left out", "Left out", {"facecolor": "none", "edgecolor": "#8a8a8a", "hatch": "////"}),
    )
    for phase, label, look in phases:
        for place, (first, last) in enumerate(runs([point.phase == phase for point in path])):
            span = ax.axvspan(first - 0.5, last + 0.5, linewidth=0, zorder=0, **look)
            if place == 0:
                handles.append(span)
                labels.append(label)
    for place, (first, last) in enumerate(runs([isinstance(point, Hole) for point in path])):
        look = {"facecolor": "none", "edgecolor": "#8a8a8a", "hatch": "...."}
        span = ax.axvspan(first - 0.5, last + 0.5, linewidth=0, zorder=0, **look)
        if place == 0:
            handles.append(span)
            labels.append("Not recorded")
    if start < len(path):
        ax.axvline(start - 0.5, color=QUIET, linewidth=1.0)

    top = max(max(point.observed, point.fitted, point.expected) for point in recorded)
    bottom = min(min(point.observed, point.fitted, point.expected) for point in recorded)
    ends = [path[i] for i in expected if not isinstance(path[i], Hole)]
    # A ribbon far above all data would press the data flat; it is then cut, and the table has it.
    tops = [point.high if point.new_high is None else point.new_high for point in ends]
    highest = max([top, *(min(end, 2 * top) for end in tops)])
    lowest = min([bottom, *(max(point.low, bottom - (top - bottom)) for point in ends)], default=0)
    height = (highest - min(lowest, 0.0)) or 1.0
    room = 0.08 * height
    ax.set_ylim(0.0 if lowest >= 0 else lowest - room, highest + room)
    ax.set_xlim(-1, len(path))
    ticks = year_ticks([point.period for point in path], 6 if narrow else 10)
    ax.set_xticks([i for i, _ in ticks], [year for _, year in ticks])
    if whole:
        ax.locator_params(axis="y", integer=True)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", "−"))
    ax.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    left = left_of(ax)
    inside = width - left - 0.1
    named = [(start, begins)] if start < len(path) else []
    named += [(places[period], name) for period, name in later if period in places]
    # Names of dates have a strip of their own above the data.
    strip = name_dates(
        ax, [((place + 0.5) / (len(path) + 1), name) for place, name in named], inside
    )
    for place, _ in named[1:]:
        ax.axvline(place - 0.5, color=QUIET, linewidth=0.8, dashes=(1.5, 1.5))
    above = heading(ax, measure, over=strip)
    below = 0.32 + 0.17 * (len(handles) if narrow else -(-len(handles) // 3))
    ax.set_position((left / width, below / tall, inside / width, 1 - (below + above) / tall))
    legend_below(
        ax,
        handles,
        labels,
        at=(-left / inside, -0.3 / (tall - below - above)),
        ncols=1 if narrow else 3,
    )
    return ax


@drawing
def planned_alternatives(
    rows: Sequence[Whisker],
    ax: Axes | None = None,
    *,
    axis: str = "Percent change against expected; left of the line is below",
    percent: bool = True,
) -> Axes:
    """Changes by all methods as dots with their 95 % intervals, the headline marked.

    Parameters
    ----------
    rows : top to bottom. ax : where to draw; None makes new axes that a notebook shows. axis : what
        is under the horizontal axis. percent : False for changes in units of the outcome.
    """

    if ax is None:
        ax = notebook_axes(whiskers_height(len(rows)))
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    told = [signed_percent(row.estimate) if percent else signed(row.estimate, 2) for row in rows]
    right = max(text_width(text, 8.5, "bold") for text in told) / 72 + 0.14
    ends = [bound for row in rows for bound in (row.low, row.high, row.estimate)]
    low = max(min([*ends, 0.0]), LOWEST)
    high = min(max([*ends, 0.0]), HIGHEST)
    edge = 0.06 * ((high - low) or 1.0)
    ax.axvline(0.0, color=QUIET, linewidth=1.0)
    for place, (row, number) in enumerate(zip(rows, told, strict=True)):
        color, marker, size = (BLUE, "D", 6.5) if row.headline else (INK, "o", 5.0)
        seen = [min(max(value, low), high) for value in (row.low, row.estimate, row.high)]
        ax.plot([seen[0], seen[2]], [place, place], color=color, linewidth=1.6)
        for cut, at, arrow in (
            (row.low < low, low, "<"),
            (row.high > high, high, ">"),
        ):
            if cut:
                ax.plot([at], [place], marker=arrow, color=color, markersize=5)
        if row.estimate == seen[1]:
            ax.plot([seen[1]], [place], marker=marker, color=color, markersize=size)
        weight = "bold" if row.headline else "normal"
        words: dict[str, Any] = {
            "va": "center",
            "fontsize": 8.5,
            "fontweight": weight,
            "color": INK,
            "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        }
        across = ax.get_yaxis_transform()
        name = f"{row.label} (headline)" if row.headline else row.label
        # Bold type is an eighth wider than what `fitted` measures.
        room = 72 * (width - right - 0.15) / (1.15 if row.headline else 1)
        name = fitted(name, 8.5, room)
        ax.text(0.0, place - 0.42, name, transform=across, ha="left", **words)
        beside = 1.0 + (right - 0.04) / (width - right - 0.06)
        ax.text(beside, place - 0.42, number, transform=across, ha="right", **words)
    ax.set_ylim(len(rows) - 0.55, -0.85)
    ax.set_xlim(low - edge, high + edge)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.locator_params(axis="x", nbins=5 if width <= NARROW else 8)
    ax.xaxis.set_major_formatter(percent_tick if percent else lambda value, _: signed(value, 1))
    below = axis_below(ax, axis, middle=(0.06 + (width - right - 0.06) / 2) / width)
    ax.set_position((0.06 / width, below / tall, 1 - (0.06 + right) / width, 0.98 - below / tall))
    ticks_inside(ax)
    return ax


def whiskers_height(rows: int) -> float:
    """Inches a plot of so many alternatives needs."""
    return 0.65 + 0.44 * max(rows, 1)


ACCUMULATED_HEIGHT = 3.2


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of observed less expected up to the end of a period, negative where there were fewer,
    with its 95 % range where one is known."""

    period: str
    total: float
    phase: str
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
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    columns = 1 if width <= NARROW else 3
    left, above = left_of(ax), heading(ax, measure)
    below = 0.49 + 0.17 * -(-len(handles) // columns)
    inside = width - left - 0.12
    ax.set_position((left / width, below / tall, inside / width, 1 - (above + below) / tall))
    at = (-left / inside, -0.3 / (tall - above - below))
    legend_below(ax, handles, labels, at=at, ncols=columns)
    return ax


def _whole(value: float) -> str:
    """A count with its sign, a true minus, as few digits as it has."""
    text = f"{abs(value):,.10g}" if abs(value) < 1000 else f"{abs(value):,.0f}"
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{text}"
