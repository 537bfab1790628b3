"""A figure drawn twice: for a page, and for a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evaluation import plots


def for_page_and_phone(
    key: str, draw: Callable[[Any], object], height: float, narrow: float
) -> tuple[str, str]:
    """The picture and its narrow one, as `Figure` takes them.

    Parameters
    ----------
    draw : onto a blank figure. height, narrow : inches of the two.
    """
    pictures = []
    for name, tall, width in ((key, height, plots.WIDTH), (f"{key}-narrow", narrow, plots.NARROW)):
        with plots.style():
            figure = plots.blank(tall, width)
            draw(figure)
            pictures.append(plots.svg_text(figure, name))
    return pictures[0], pictures[1]
