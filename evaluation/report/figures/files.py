"""A figure as files (until the figures' branch brings its own)."""

from __future__ import annotations

import csv
import io

from evaluation.report.blocks import Figure


def figure_svg(figure: Figure) -> str:
    return figure.svg


def figure_csv(figure: Figure) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([header.text for header in figure.table.headers])
    for row in figure.table.rows:
        writer.writerow(["".join(p if isinstance(p, str) else p.text for p in c) for c in row])
    return stream.getvalue()
