"""A figure as files of its own: its numbers as CSV, and its picture as an SVG that stands alone."""

from __future__ import annotations

import csv
import io
import re
from xml.sax.saxutils import escape

from evaluation.report.blocks import Figure, Text

# A number as tables write it, with its sign and what may stand before a small one.
_NUMBER = re.compile(r"[−+]?<?\d[\d,]*(?:\.\d+)?%?")
_NONE = "–"
# What the head of a column of ranges has in every language.
_RANGE = "95%"
_PIXELS = 1000


def figure_csv(figure: Figure) -> str:
    """The table of a figure as CSV: numbers without separators, the ends of a range apart.

    A number of percents is bare, and its head says "%". What is not there is an empty cell.
    """
    columns: list[list[str]] = []
    for place, header in enumerate(figure.table.headers):
        cells = [_plain(row[place]) for row in figure.table.rows]
        found = [_NUMBER.findall(cell) for cell in cells]
        many = {len(numbers) for numbers in found if numbers}
        percent = any(number.endswith("%") for numbers in found for number in numbers)
        head = f"{header.text}, %" if percent else header.text
        if header.numeric and many == {1}:
            columns.append([head, *map(_one, cells, found)])
        elif header.numeric and many == {2} and _RANGE in header.text:
            for end, name in enumerate(("low", "high")):
                bare = [_bare(numbers[end]) if numbers else "" for numbers in found]
                columns.append([f"{head}, {name}", *bare])
        else:
            columns.append([header.text, *cells])
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(zip(*columns, strict=True))
    return written.getvalue()


def figure_svg(figure: Figure) -> str:
    """The picture of a figure as a file: with its size, a white ground, its title and words."""
    opening, rest = figure.svg.split(">", 1)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', opening)
    if box is None:
        raise ValueError(f"figure {figure.key!r} has no size")
    width, height = float(box[1]), float(box[2])
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'{opening} width="{_PIXELS}" height="{_PIXELS * height / width:.0f}">\n'
        f"<title>{escape(figure.title)}</title>\n<desc>{escape(figure.description)}</desc>\n"
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{rest.strip()}\n'
    )


def _plain(cell: Text) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in cell).strip()


def _one(cell: str, numbers: list[str]) -> str:
    """A cell of at most one number: the number, or the words that stand in its place."""
    return _bare(numbers[0]) if numbers else cell.replace(_NONE, "")


def _bare(number: str) -> str:
    bare = number.removesuffix("%").replace(",", "").replace("−", "-")
    return bare.removeprefix("+")
