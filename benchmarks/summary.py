"""The one table of speeds beside other packages: benchmarks.md, from what the parts found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np

from benchmarks import panel, speed_did_report, speed_its
from benchmarks.peers import WHAT_TO_DO, Peers

# Cases of `speed_did` that stand in this table, and their sizes; all are in their own.
SHOWN = {
    "cs": ("Callaway-Sant'Anna", "5,000 units × 40"),
    "cs-million": ("Callaway-Sant'Anna", "1,000,000 rows"),
    "twfe": ("two-way fixed effects", "1,000,000 rows"),
    "gaps": ("two-way fixed effects, gaps", "about 900,000 rows"),
    "event": ("event study", "1,000,000 rows"),
    "poisson": ("Poisson two-way effects", "1,000,000 rows"),
    "imputation-million": ("linear imputation", "1,000,000 rows"),
    "sun": ("Sun-Abraham", "5,000 units × 40"),
    "gardner": ("Gardner's two stages", "5,000 units × 40"),
    "placebos": ("synthetic control with 38 placebos", "39 units × 31"),
    "placebos-tight": (
        "synthetic control with 38 placebos, the peer's solver told to go on",
        "39 units × 31",
    ),
    "sdid": ("synthetic difference-in-differences with placebos", "39 units × 31"),
}
OTHER_MODEL = "not compared: another model"
GIB = "GiB"


@dataclass(frozen=True, slots=True)
class Row:
    """This package and another one at the same thing.

    Parameters
    ----------
    own, theirs : seconds, or GiB where `unit` says so. answers : what agrees, and how closely.
    """

    what: str
    size: str
    peer: str
    own: float
    theirs: float
    answers: str
    unit: str = "s"

    @property
    def ratio(self) -> float:
        return self.theirs / self.own


@dataclass(frozen=True, slots=True)
class Found:
    """What the parts measured in one run. Parameters as `speed_its.page`, `speed_did_report.page`
    and `panel.compared` have them; incidents : rows of the panel's table."""

    series: Sequence[speed_its.Line]
    study: tuple[float, int]
    rival: Mapping[str, object]
    lines: Sequence[speed_did_report.Line]
    shuffled: speed_did_report.Permuted
    incidents: Sequence[panel.Taken]
    peers: Peers = field(default_factory=lambda: Peers(None))


def rows(found: Found) -> list[Row]:
    """Every row whose peer has a time."""
    return [*_series(found), *_permutation(found), *_did(found), *_panel(found), *_study(found)]


def _series(found: Found) -> list[Row]:
    kernel, loop, robust, _, default, alone, *_, power = found.series
    statsmodels = f"statsmodels {version('statsmodels')} `GLM`"
    length = f"of {speed_its.MONTHS} months"
    made = [
        Row(
            "time series: Poisson regression, many at once",
            f"{kernel.each:,} series {length}",
            f"{statsmodels}, a loop",
            kernel.per_series,
            loop.per_series,
            f"coefficients, {_digits(loop.apart)}",
        ),
        Row(
            "time series: the default method with its range, many at once",
            f"{default.each:,} series {length}",
            f"{statsmodels}, Newey-West, a loop",
            default.per_series,
            robust.per_series,
            OTHER_MODEL,
        ),
    ]
    made.append(
        Row(
            "power: whether the default method finds a change in each of many series",
            f"{power.each:,} series {length}",
            f"{statsmodels}, Newey-West, a loop",
            power.per_series,
            robust.per_series,
            OTHER_MODEL,
        )
    )
    if "linear" in found.rival:
        made.append(
            Row(
                "time series: the default method, one series, with its path",
                f"1 series {length}",
                f"CausalPy {found.rival['version']}, least squares, no range",
                alone.per_series,
                float(str(found.rival["linear"])),
                OTHER_MODEL,
            )
        )
    return made


def _permutation(found: Found) -> list[Row]:
    shuffled = found.shuffled
    return [
        Row(
            "exact permutation of the treated, an assignment",
            f"{shuffled.assignments:,} assignments",
            # linearmodels is named without a version there: it is in this package's own stack.
            name.replace("linearmodels", f"linearmodels {version('linearmodels')}") + ", a loop",
            shuffled.seconds,
            seconds,
            f"effects, {_digits(shuffled.largest)}",
        )
        for name, seconds in shuffled.refits.items()
        if "this package" not in name
    ]


def _did(found: Found) -> list[Row]:
    own = {line.case: line for line in found.lines if line.package == "evaluation"}
    made = []
    for case, (what, size) in SHOWN.items():
        for line in found.lines:
            if line.case != case or line.package == "evaluation" or line.fault:
                continue
            estimate, error = speed_did_report.apart(own[case], line)
            answers = f"estimate, {_digits(estimate)}"
            if not np.isnan(error):
                # Of placebos there is a spread in its place.
                name = "spread" if case.startswith("placebos") else "standard error"
                answers += f"; {name}, {_digits(error)}"
            peer = f"{line.package} {line.version}"
            made.append(Row(what, size, peer, own[case].seconds, line.seconds, answers))
    return made


def _panel(found: Found) -> list[Row]:
    own = next(taken for taken in found.incidents if taken.package == panel.OWN)
    size = f"{own.rows:,} incidents"
    others = [taken for taken in found.incidents if taken.package != panel.OWN and not taken.fault]
    made = []
    for taken in others:
        peer = f"{taken.package} {taken.version}"
        same = "the panel, to the byte"
        made.append(Row("panel of incidents", size, peer, own.seconds, taken.seconds, same))
        made.append(
            Row("panel of incidents, memory at most", size, peer, own.gib, taken.gib, same, GIB)
        )
    return made


def _study(found: Found) -> list[Row]:
    if "bayes" not in found.rival:
        return []
    seconds, outcomes = found.study
    return [
        Row(
            "a whole study, an outcome: headline, alternatives, checks, sensitivity",
            f"1 series of `{speed_its.STUDY}`",
            f"CausalPy {found.rival['version']}, its Bayesian model alone, 4 chains",
            seconds / outcomes,
            float(str(found.rival["bayes"])),
            OTHER_MODEL,
        )
    ]


def left_out(found: Found) -> list[str]:
    """Why a package has no time, in words; each said once."""
    why = [f"{name}: {fault}" for name, fault in found.peers.missing.items()]
    if found.peers.python is None:
        return why
    faults = [(line.package, line.fault) for line in (*found.lines, *found.incidents) if line.fault]
    faults += [
        ("CausalPy", str(found.rival[key]))
        for key in ("fault", "bayes fault")
        if key in found.rival
    ]
    # What was not installed cannot be imported either, which is no second reason.
    known = {re.split(r"[=<>]", name)[0].lower() for name in found.peers.missing}
    why += [f"{name}: {fault}" for name, fault in faults if name.lower() not in known]
    return list(dict.fromkeys(why))


def page(found: Found) -> str:
    """`benchmarks.md`."""
    made = rows(found)
    head = ["what", "size", "peer", "this package", "peer's", "times as much", "answers apart"]
    seconds, outcomes = found.study
    text = [
        "# How fast it is, beside other packages",
        "",
        "Made by `make bench` in one run. Times are of the processor, on one thread, the least of a"
        " few runs; of many alike (series, assignments) the time of one. They belong to the machine"
        " of that run, and the ratio, the peer's time (or memory) over this package's, travels"
        " better: above 1 this package needs less. Where both compute the same thing, the last"
        " column says how far the answers are apart: relative differences, of coefficients and"
        " permuted effects absolute ones. Peers are at their own settings unless the row says"
        " otherwise, in an environment of their own; the package needs none of them.",
        "",
        *_table([head, *([*_cells(row)] for row in made)]),
        "",
        _slower(made),
        "",
        f"A whole study (`{speed_its.STUDY}`: {outcomes} outcomes) takes {seconds:.1f} seconds. No"
        " package known here does the same, so one model of one outcome stands beside it.",
        "",
        "More rows, and why some answers differ: [time series](benchmarks_its.md),"
        " [difference-in-differences](benchmarks_did.md), [panels](../how-to/panels.md),"
        " [many agencies](../how-to/scale.md).",
    ]
    if why := left_out(found):
        text += ["", "Left out in that run:", "", *(f"- {words}" for words in why), "", WHAT_TO_DO]
    return "\n".join(text) + "\n"


def _slower(made: Sequence[Row]) -> str:
    slower = [row for row in made if row.ratio < 1]
    if not slower:
        return "In no row of that run was this package slower, or larger, than the peer."
    told = [
        f"{row.what} ({row.size}), beside {row.peer}: {row.ratio:.2f} of this package's"
        f" {'memory' if row.unit == GIB else 'time'}"
        for row in slower
    ]
    return f"**Where the peer needs less**: {'; '.join(told)}."


def _cells(row: Row) -> list[str]:
    show = _gib if row.unit == GIB else _time
    ratio = f"{row.ratio:,.0f}" if row.ratio >= 100 else f"{row.ratio:.3g}"
    return [row.what, row.size, row.peer, show(row.own), show(row.theirs), ratio, row.answers]


def _table(lines: Sequence[Sequence[str]]) -> list[str]:
    head, *body = lines
    return [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *body)]


def _time(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e3)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def _gib(size: float) -> str:
    return f"{size:.2f} GiB"


def _digits(apart: float) -> str:
    return f"{apart:.0e}"
