"""A figure drawn twice: for a page, and for a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evaluation import plots
from evaluation.report.blocks import Figure, Table


def as_figure(
    key: str,
    draw: Callable[[Any], object],
    height: float,
    narrow: float | None = None,
    *,
    title: str,
    description: str,
    table: Table,
    note: str = "",
    folded: bool = True,
) -> Figure:
    """The drawing with its words and its table.

    Parameters
    ----------
    draw : onto a blank figure. height, narrow : inches of the two; the same where not said. others
        are those of a `Figure`.
    """

    def picture(name: str, tall: float, width: float) -> str:
        with plots.style():
            figure = plots.blank(tall, width)
            draw(figure)
            return plots.svg_text(figure, name)

    return Figure(
        key=key,
        svg=picture(key, height, plots.WIDTH),
        title=title,
        description=description,
        table=table,
        note=note,
        folded=folded,
        narrow=picture(f"{key}-narrow", height if narrow is None else narrow, plots.NARROW),
    )
