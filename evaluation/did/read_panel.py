"""A panel of the data room as the plain numbers that `Cohorts.from_arrays` takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.panel import Panel
from evaluation.did import dates
from evaluation.did.gaps import first_of, stretches
from evaluation.errors import DataError
from evaluation.fact import Fact, fact

Gaps = Literal["refuse", "leave out", "missing"]
Spans = Mapping[str, Sequence[tuple[str, str | None]]]
# Differences below this share of the size of the values are rounding.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class _Window:
    """The part of a panel that is used. rows : (n,) of the units. begin : ordinal of the first
    period used. low, high : its index, and that of the last."""

    panel: Panel
    units: tuple[str, ...]
    rows: np.ndarray
    begin: int
    low: int
    high: int

    @property
    def length(self) -> int:
        return self.high - self.low + 1

    @property
    def periods(self) -> tuple[str, ...]:
        return tuple(self.panel.periods[self.low : self.high + 1])

    def values(self, name: str) -> np.ndarray:
        """(n, T) of a column."""
        column = self.panel.values[self.panel.column(name).name]
        return np.asarray(column[self.rows, self.low : self.high + 1])

    def without(self, dropped: np.ndarray) -> _Window:
        units = tuple(unit for unit, out in zip(self.units, dropped, strict=True) if not out)
        return _Window(self.panel, units, self.rows[~dropped], self.begin, self.low, self.high)


def read(
    panel: Panel,
    *,
    outcome: str,
    starts: Mapping[str, str] | None,
    treatment: str | None,
    spans: Spans | None,
    left_out: Mapping[str, Sequence[tuple[str, str]]] | None,
    units: Sequence[str] | None,
    window: tuple[str, str] | None,
    covariates: Sequence[str],
    cluster: str | None,
    weight: str | None,
    offset: bool | None,
    gaps: object,
) -> tuple[dict[str, Any], tuple[Fact, ...]]:
    """The arguments of `Cohorts.from_arrays`, and notes; parameters as in `Cohorts.from_panel`.

    Raises
    ------
    DataError : as `Cohorts.from_panel`.
    """
    column = panel.column(outcome)
    if column.role != "outcome":
        raise _refused(panel, "role", outcome=outcome, role=column.role)
    if sum(given is not None for given in (starts, treatment, spans)) != 1:
        raise _refused(panel, "either")
    if not isinstance(gaps, str) or gaps not in get_args(Gaps):
        raise _refused(panel, "gaps", gaps=gaps)
    inside = _window(panel, units, window)
    for what, named in (("a-start", starts), ("a-program", spans), ("periods-out", left_out)):
        for unit in named or {}:
            if unit not in inside.units:
                has = fact(f"did.read-panel.{what}")
                raise _refused(panel, "no-such-unit", unit=unit, has=has)
    exposures = panel.named("exposure")
    used = [outcome, *(one.name for one in exposures)]
    notes: list[Fact] = []
    skipped = _left_out(inside, left_out or {})
    if gaps == "refuse":
        _refuse_gaps(inside, outcome, used, skipped)
    elif gaps == "leave out":
        divided = column.type == "count" if offset is None else offset
        inside, skipped, words = _complete(inside, used if divided else [outcome], skipped)
        notes += words
    of_units = (*covariates, *filter(None, (cluster, weight)))
    panel.refuse_gaps(of_units, inside.units, inside.low, inside.low)
    on: np.ndarray | None = None
    if treatment is not None:
        on = _flags(inside, treatment)
        first = first_of(on)
    elif spans is not None:
        on = _spans(inside, spans)
        first = first_of(on)
    else:
        first = np.full(len(inside.units), np.inf)
        for unit, text in (starts or {}).items():
            if unit in inside.units:
                at = (
                    dates.written(text, panel, fact("did.read-panel.start-of", unit=unit))
                    - inside.begin
                )
                # Before the window: treated throughout.
                first[inside.units.index(unit)] = max(at, 0)
    notes += [
        fact("did.read-panel.changes", name=name, first=inside.periods[0])
        for name in of_units
        if _changes(inside.values(name))
    ]
    arguments: dict[str, Any] = {
        "y": inside.values(outcome),
        "start": first,
        "exposure": inside.values(exposures[0].name) if exposures else None,
        "covariates": {name: inside.values(name)[:, 0] for name in covariates},
        "cluster": inside.values(cluster)[:, 0] if cluster is not None else None,
        "weight": inside.values(weight)[:, 0] if weight is not None else None,
        "units": inside.units,
        "first": inside.periods[0],
        "frequency": panel.frequency,
        "kind": "count" if column.type == "count" else "continuous",
        "gaps": "missing" if gaps == "missing" else "refuse",
        "left_out": skipped if skipped.any() else None,
        "on": on,
    }
    return arguments, tuple(notes)


def _window(panel: Panel, units: Sequence[str] | None, window: tuple[str, str] | None) -> _Window:
    chosen = tuple(panel.units if units is None else units)
    # The search of a panel for a unit takes its time with thousands of them.
    row_of = {unit: row for row, unit in enumerate(panel.units)}
    rows = [row_of[unit] if unit in row_of else panel.unit_index(unit) for unit in chosen]
    begin = calendar.ordinal(panel.periods[0], panel.frequency)
    low, high = 0, len(panel.periods) - 1
    if window is not None:
        low, high = (
            dates.written(text, panel, fact("did.read-panel.window")) - begin for text in window
        )
    if not 0 <= low < high < len(panel.periods):
        raise _refused(panel, "not-inside", first=panel.periods[0], last=panel.periods[-1])
    return _Window(panel, chosen, np.array(rows, dtype=int), begin + low, low, high)


def _refuse_gaps(inside: _Window, outcome: str, used: Sequence[str], skipped: np.ndarray) -> None:
    """Refuse the first cell without a number that is not left out anyway."""
    panel = inside.panel
    holes = np.isnan(inside.values(outcome)) & ~skipped
    if holes.any():
        unit, at = (int(place) for place in np.argwhere(holes)[0])
        why = panel.declared.why(inside.units[unit], inside.begin + at, outcome)
        raise DataError(
            fact(
                "did.read-panel.unbalanced",
                file=panel.file_of(inside.units[unit]),
                unit=inside.units[unit],
                outcome=outcome,
                period=inside.periods[at],
                why=fact("did.read-panel.why", why=why) if why else fact("nothing"),
                units=holes.any(axis=1).sum(),
            )
        )
    if not skipped.any():
        panel.refuse_gaps(used, inside.units, inside.low, inside.high)
        return
    # Cells that are left out anyway may have no exposure.
    for name in used:
        for row, at in np.argwhere(np.isnan(inside.values(name)) & ~skipped).tolist():
            panel.refuse_gaps([name], [inside.units[row]], inside.low + at, inside.low + at)


def _complete(
    inside: _Window, used: Sequence[str], skipped: np.ndarray
) -> tuple[_Window, np.ndarray, list[Fact]]:
    """The units without a gap, and a note that names the others and why."""
    holes = np.zeros(skipped.shape, dtype=bool)
    why: dict[int, str] = {}
    for name in used:
        own = np.isnan(inside.values(name)) & ~skipped
        for row in np.flatnonzero(own.any(axis=1)).tolist():
            at = int(np.flatnonzero(own[row])[0])
            why.setdefault(
                row, inside.panel.declared.why(inside.units[row], inside.begin + at, name)
            )
        holes |= own
    dropped = np.asarray(holes.any(axis=1))
    if not dropped.any():
        return inside, skipped, []
    if dropped.all():
        first, last = inside.periods[0], inside.periods[-1]
        raise _refused(inside.panel, "none-left", first=first, last=last)
    listed = [
        fact(
            "did.read-panel.gap-because" if why[row] else "did.read-panel.gap",
            unit=inside.units[row],
            periods=stretches(holes[row], inside.periods),
            why=why[row],
        )
        for row in np.flatnonzero(dropped).tolist()
    ]
    note = fact("did.read-panel.left-out", n=dropped.sum(), of=len(dropped), listed=listed)
    return inside.without(dropped), skipped[~dropped], [note]


def _left_out(inside: _Window, left_out: Mapping[str, Sequence[tuple[str, str]]]) -> np.ndarray:
    """(N, T) cells left out as neither treated nor untreated."""
    found = np.zeros((len(inside.units), inside.length), dtype=bool)
    for unit, stretches_out in left_out.items():
        row = inside.units.index(unit)
        for low, high in _stretches(inside, unit, stretches_out, "a-stretch"):
            found[row, max(low, 0) : max(high + 1, 0)] = True
    return found


def _spans(inside: _Window, spans: Spans) -> np.ndarray:
    """(N, T) cells under treatment."""
    found = np.zeros((len(inside.units), inside.length), dtype=bool)
    for unit, programs in spans.items():
        if unit not in inside.units:
            continue
        row, until = inside.units.index(unit), None
        for low, high in _stretches(inside, unit, programs, "a-program"):
            if until is not None and low <= until:
                raise _refused(inside.panel, "overlap", unit=unit)
            if high < 0:
                raise _refused(inside.panel, "ended", unit=unit, first=inside.periods[0])
            until = high
            found[row, max(low, 0) : high + 1] = True
    return found


def _stretches(
    inside: _Window, unit: str, given: Sequence[tuple[str, str | None]], what: str
) -> list[tuple[int, int]]:
    """First and last column of stretches of a unit, which may lie outside the window."""
    of = fact("did.read-panel.of", what=fact(f"did.read-panel.{what}"), unit=unit)
    found = []
    for one in given:
        if isinstance(one, str) or len(one) != 2:
            raise _refused(inside.panel, "no-pair", what=of, one=repr(one))
        first, last = one
        low = dates.written(first, inside.panel, of) - inside.begin
        high = inside.length - 1
        if last is not None:
            high = dates.written(last, inside.panel, of) - inside.begin
        if last is not None and high < low:
            raise _refused(inside.panel, "backward", what=of, first=first, last=last)
        found.append((low, high))
    return found


def _flags(inside: _Window, treatment: str) -> np.ndarray:
    """(N, T) cells under treatment by a column of 0 and 1."""
    values = inside.values(treatment)
    if not np.isin(values, (0, 1)).all():
        raise _refused(inside.panel, "no-flag", treatment=treatment)
    back = (np.diff(values, axis=1) < 0).any(axis=1)
    if back.any():
        # A slip of the pen looks the same as a program that ended, so an end has to be written.
        unit = inside.units[int(np.flatnonzero(back)[0])]
        file = inside.panel.file_of(unit)
        raise DataError(fact("did.read-panel.back", file=file, treatment=treatment, unit=unit))
    return np.asarray(values > 0)


def _changes(values: np.ndarray) -> bool:
    """Whether a unit's value differs between periods by more than rounding."""
    spread = np.ptp(values, axis=1)
    return bool((spread > ROUNDING * np.abs(values).max(initial=0)).any())


def _refused(panel: Panel, key: str, **numbers: Any) -> DataError:
    return DataError(fact(f"did.read-panel.{key}", file=panel.provenance.file, **numbers))
