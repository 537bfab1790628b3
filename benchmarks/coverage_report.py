"""Tables and figure of the coverage study, from the rows of its CSV alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.its import METHODS
from evaluation.plots import BLUE, INK, QUIET, VERMILLION, WIDTH, blank, style, svg_text

if TYPE_CHECKING:
    from benchmarks.coverage_its import Row

HONEST = 93.0
BAND = (93.0, 97.0)
# Inches: a row of the figure, and what is above and below the rows.
ROW, MARGIN = 0.19, 1.25
# What every other is set beside: the trend of the time before carried forward in full.
CARRIED, INFORMED = "averaged-reml", "averaged-reml-informed"
NOTES = Path(__file__).with_name("coverage_its_notes.md")
FULL_COUNTS, FULL_RATE = 108, 54
SHOWN = 8
LAST = ("cells at 93 or more", "failures")


def write_report(rows: Sequence[Row], folder: Path) -> None:
    """`coverage_its.md` and `coverage_its.svg` in the folder."""
    (folder / "coverage_its.md").write_text(report(rows), encoding="utf-8")
    (folder / "coverage_its.svg").write_text(figure(rows), encoding="utf-8")


def report(rows: Sequence[Row]) -> str:
    """The page, in Markdown."""
    counts, rate, drift, power = _worlds(rows)
    lines = [
        "# How often the 95 % ranges of the time-series methods hold the truth",
        "",
        "Made by `python -m benchmarks.coverage_its`; every cell and method is in"
        " [coverage_its.csv](coverage_its.csv). Nominal coverage is 95 %; 93 to 97 % is called"
        " honest here. The design is the package's default: intercept, trend, two harmonics, a step"
        " halfway, no exposure, no effect. Series that a method could not estimate are left out of"
        " its coverage and counted under failures. The Monte-Carlo error of one cell is 0.5 points"
        " at 2,000 series and 1.1 at 400.",
        "",
        "![Coverage by autocorrelation](coverage_its.svg)",
        "",
        "## Counts that are autocorrelated themselves",
        "",
        "Negative binomial counts joined by a Gaussian copula with AR(1) correlation: 48, 84 and"
        " 132 months; means 2, 8 and 30; variance mean + alpha mean², alpha 0, .1 and .3. Coverage"
        " in percent, averaged over cells. Methods that are fitted one series at a time have the"
        " middle of the grid only (mean 8, alpha .1).",
        "",
        *_table(
            ["method", "cells", "series a cell", *_heads(counts), "mean", "lowest", *LAST],
            [_line(name, own, _rhos(counts)) for name, own in _methods(counts)],
        ),
        "",
        *_verdict(counts, FULL_COUNTS),
        "",
        "## A persistent rate under counting noise",
        "",
        "Poisson counts about a log-normal AR(1) rate, so that all excess variance persists: alpha"
        " .1 and .3, the same lengths and means.",
        "",
        *_table(
            ["method", "cells", "series a cell", *_heads(rate), "mean", "lowest", *LAST],
            [_line(name, own, _rhos(rate)) for name, own in _methods(rate)],
        ),
        "",
        *_verdict(rate, FULL_RATE),
        "",
        "## A rate that drifts",
        "",
        "The log of the rate is a random walk whose change over a year has the standard deviation"
        " of the column; 84 and 132 months, means 8 and 30, alpha 0 and .1 about it. Lowest and"
        " mean coverage.",
        "",
        *_drift(drift),
        "",
        f"## Power for a change of {_effect(power):g} %",
        "",
        "132 months, mean 8, alpha .1: the share of series with p below .05, and the coverage of"
        " the true effect. Power that comes with coverage far below 95 % is bought with false"
        " findings.",
        "",
        *_power(power),
    ]
    if NOTES.exists():
        lines += ["", NOTES.read_text(encoding="utf-8").strip()]
    return "\n".join(lines) + "\n"


def _worlds(rows: Iterable[Row]) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    rows = list(rows)
    null = [row for row in rows if row.effect == 0]
    one, two, three = ([row for row in null if row.world == w] for w in ("counts", "rate", "drift"))
    return one, two, three, [row for row in rows if row.effect]


def _effect(rows: Sequence[Row]) -> float:
    return rows[0].effect if rows else float("nan")


def _rhos(rows: Sequence[Row]) -> list[float]:
    return sorted({row.rho for row in rows})


def _heads(rows: Sequence[Row]) -> list[str]:
    return [f"rho {rho:g}" for rho in _rhos(rows)]


def _methods(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Rows by method, in the order of the METHODS table."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.method, []).append(row)
    order = {name: place for place, name in enumerate(METHODS)}
    return sorted(found.items(), key=lambda item: order.get(item[0], len(order)))


def _percent(rows: Sequence[Row], of: Callable[[Sequence[float]], Any] = np.mean) -> float:
    return 100 * float(of([row.coverage for row in rows]))


def _line(name: str, rows: Sequence[Row], rhos: Sequence[float]) -> list[str]:
    by_rho = [[row for row in rows if row.rho == rho] for rho in rhos]
    high = sum(100 * row.coverage >= HONEST for row in rows)
    failures, reps = sum(row.failures for row in rows), sum(row.reps for row in rows)
    return [
        f"`{name}`",
        str(len(rows)),
        _range(sorted({row.reps for row in rows})),
        *(f"{_percent(own):.1f}" if own else "" for own in by_rho),
        f"{_percent(rows):.1f}",
        f"{_percent(rows, min):.1f}",
        f"{high} of {len(rows)}",
        f"{100 * failures / reps:.2g} %" if failures else "none",
    ]


def _verdict(rows: Sequence[Row], full: int) -> list[str]:
    """What carrying the trend forward reaches, with the cells below the band named."""
    own = [row for row in rows if row.method == CARRIED]
    low = sorted((row for row in own if 100 * row.coverage < HONEST), key=lambda row: row.coverage)
    if not own:
        return [f"`{CARRIED}` has not been run."]
    mark = "" if len(own) == full else f" (of {full} in the full grid)"
    text = (
        f"With `{CARRIED}`, {len(own) - len(low)} of {len(own)} cells{mark} at {HONEST:g} %"
        f" or more, mean {_percent(own):.2f} %, lowest {_percent(own, min):.2f} %."
    )
    if low:
        text += f" {'The lowest' if len(low) > SHOWN else 'Below'}: " + "; ".join(
            f"{row.n} months, mean {row.mean:g}, alpha {row.alpha:g}, rho {row.rho:g}:"
            f" {100 * row.coverage:.1f} ± {_error(row):.1f}"
            for row in low[:SHOWN]
        )
        text += " (± one Monte-Carlo standard error)."
    return [text]


def _error(row: Row) -> float:
    return 100 * float(np.sqrt(row.coverage * (1 - row.coverage) / (row.reps - row.failures)))


def _drift(rows: Sequence[Row]) -> list[str]:
    drifts = sorted({row.drift for row in rows})
    lines = []
    for name, own in _methods(rows):
        cells = [[row for row in own if row.drift == drift] for drift in drifts]
        words = [f"{_percent(c, min):.1f}, mean {_percent(c):.1f}" if c else "" for c in cells]
        lines.append([f"`{name}`", _range(sorted({row.reps for row in own})), *words])
    heads = [f"{100 * drift:g} % a year" for drift in drifts]
    return _table(["method", "series a cell", *heads], lines)


def _power(rows: Sequence[Row]) -> list[str]:
    rhos = _rhos(rows)
    lines = []
    for name, own in _methods(rows):
        at = {row.rho: row for row in own}
        words = [
            f"{100 * at[rho].rejected:.0f} % (coverage {100 * at[rho].coverage:.1f})"
            for rho in rhos
            if rho in at
        ]
        lines.append([f"`{name}`", *words])
    return _table(["method", *_heads(rows)], lines)


def _range(numbers: Sequence[int]) -> str:
    low, high = f"{numbers[0]:,}", f"{numbers[-1]:,}"
    return low if low == high else f"{low} to {high}"


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    rows = [heads, ["---"] * len(heads), *lines]
    return ["| " + " | ".join(row) + " |" for row in rows]


def figure(rows: Sequence[Row]) -> str:
    """Coverage in the two worlds, a row a method and a dot an autocorrelation, as an SVG."""
    counts, rate, _, _ = _worlds(rows)
    names = [name for name, _ in _methods([*counts, *rate])]
    height = MARGIN + ROW * max(len(names), 1)
    ends = [at for world in (counts, rate) for _, own in _methods(world) for _, at in _means(own)]
    low = min([*ends, 90.0]) - 4
    with style():
        drawn = blank(height)
        drawn.axes[0].remove()
        bottom, tall = 0.95 / height, ROW * max(len(names), 1) / height
        for left, own, title in (
            (0.32, counts, "Autocorrelated counts"),
            (0.68, rate, "Persistent rate"),
        ):
            axes = drawn.add_axes((left, bottom, 0.29, tall))
            _panel(axes, own, names, low)
            axes.set_title(title, loc="left", fontsize=9, color=INK)
            axes.set_xlabel("Ranges that hold truth, %")
            axes.set_yticks(range(len(names)), names if own is counts else [""] * len(names))
            if own is counts:
                for label, name in zip(axes.get_yticklabels(), names, strict=True):
                    label.set_color(_color(name))
                    label.set_fontweight("bold" if name == CARRIED else "normal")
        drawn.text(
            0.02,
            0.14 / height,
            "Dots grow with the autocorrelation: 0, .2, .4, .6 (left); .4, .6, .8 (right).\n"
            "Shaded: 93 to 97 %, called honest here.",
            fontsize=8.5,
            color=INK,
        )
        text = svg_text(drawn, "coverage-its")
    title = (
        "Coverage of nominal 95 % ranges by method and autocorrelation: averaged REML stays at or "
        "near the honest band, methods that assume no autocorrelation fall far below it"
    )
    head, rest = text.split(">", 1)
    size = f'width="{72 * WIDTH:g}pt" height="{72 * height:g}pt"'
    head = head.replace("<svg", f'<svg role="img" {size}', 1)
    return f"{head}><title>{title}</title>{rest}"


def _panel(axes: Any, rows: Sequence[Row], names: Sequence[str], low: float) -> None:
    """One world; the honest band behind."""
    axes.axvspan(*BAND, color="#dfe9f2", linewidth=0, zorder=0)
    axes.axvline(95.0, color=QUIET, linewidth=0.8)
    for name, own in _methods(rows):
        place = names.index(name)
        means = _means(own)
        at = [mean for _, mean in means]
        axes.plot([min(at), max(at)], [place, place], color=_color(name), linewidth=0.9)
        for rho, mean in means:
            size = 2.5 + 5.5 * rho
            axes.plot([mean], [place], marker="o", markersize=size, color=_color(name), alpha=0.75)
    axes.set_xlim(low, 100.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.yaxis.grid(True, color="#ececec", linewidth=0.6)
    axes.set_axisbelow(True)


def _means(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Each autocorrelation with the coverage in percent, averaged over its cells."""
    return [(rho, _percent([row for row in rows if row.rho == rho])) for rho in _rhos(rows)]


def _color(name: str) -> str:
    return {CARRIED: BLUE, INFORMED: VERMILLION}.get(name, INK)
