"""Plain numbers and pandas tables as the fields of a panel of cohorts."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluation.data import period as calendar
from evaluation.did import arrays, dates
from evaluation.did import gaps as masks
from evaluation.errors import FitError
from evaluation.fact import fact


def read(
    y: Any,
    start: Any,
    *,
    exposure: Any,
    offset: bool | None,
    covariates: Any,
    cluster: Any,
    weight: Any,
    units: Any,
    first: str | None,
    frequency: Any,
    kind: Any,
    gaps: object,
    left_out: Any,
    on: Any,
    washout: object,
    phase_in: object,
) -> dict[str, Any]:
    """The fields of `Cohorts`; parameters as in `Cohorts.from_arrays`.

    Raises
    ------
    FitError : as `Cohorts.from_arrays`.
    """
    arrays.known_kind(kind)
    frequency = arrays.known_frequency(frequency)
    arrays.refuse_unread(y, fact("did.arrays.the-outcomes"))
    arrays.refuse_unread(exposure, fact("did.arrays.the-exposure"))
    own = arrays.labels(y)
    begin, columns = dates.begin(first, arrays.labels(y, "columns"), frequency)
    outcomes = arrays.numbers(arrays.ordered(y, columns, "y"), fact("did.arrays.outcomes"))
    if outcomes.ndim != 2:
        raise FitError(fact("did.read-arrays.outcomes-must-be-table-one"))
    n, length = outcomes.shape
    if not n:
        raise FitError(fact("did.read-arrays.there-no-unit"))
    if units is not None:
        names = arrays.names(units, n)
        arrays.refuse_moved(names, own)
    else:
        names = arrays.names(own or [f"unit {i + 1}" for i in range(n)], n)
    # Names given for a table without labels are what other tables are matched by.
    wanted = own if own is not None or units is None else names
    parts: dict[str, Any] = {
        "start": start,
        "exposure": exposure,
        "cluster": cluster,
        "weight": weight,
    }
    parts = {name: arrays.aligned(part, wanted, name, n) for name, part in parts.items()}
    table = parts["exposure"]
    if table is not None:
        table = arrays.numbers(
            arrays.ordered(table, columns, "exposure"), fact("did.arrays.exposures")
        )
        if table.shape != outcomes.shape:
            raise FitError(fact("did.read-arrays.exposure-must-be-positive-as"))
    table, notes = arrays.used_exposure(table, offset, kind)
    marks = {
        name: masks.flags(arrays.aligned(mark, wanted, name, n), columns, name, outcomes.shape)
        for name, mark in (("on", on), ("left_out", left_out))
    }
    begins = dates.first_periods(
        _or_of(marks["on"], parts["start"]),
        n,
        length,
        None if first is None and columns is None else begin,
        frequency,
    )
    if marks["on"] is not None and (begins != masks.first_of(marks["on"])).any():
        raise FitError(fact("did.read-arrays.first-treated-periods-not-those"))
    by_name = arrays.covariate_columns(covariates, wanted, names)
    periods = tuple(calendar.text(begin + t, frequency) for t in range(length))
    cells = masks.cells(
        outcomes,
        table,
        begins,
        on=marks["on"],
        left_out=marks["left_out"],
        gaps=gaps,
        washout=washout,
        units=names,
        periods=periods,
    )
    rising = masks.whole_number(phase_in, "phase_in")
    if rising and washout and not cells.skipped:
        raise FitError(fact("did.read-arrays.phase-after-washout-needs-one"))
    return {
        "y": cells.y,
        "exposure": cells.exposure,
        "first": begins,
        "covariates": np.column_stack(list(by_name.values())) if by_name else np.empty((n, 0)),
        "covariate_names": tuple(by_name),
        "cluster": arrays.cluster_numbers(parts["cluster"], names),
        "weight": arrays.weights(parts["weight"], n),
        "units": names,
        "periods": tuple(periods[column] for column in cells.columns),
        "frequency": frequency,
        "kind": kind,
        "notes": (*notes, *cells.notes),
        "used": cells.used,
        "on": cells.on,
        "skipped": cells.skipped,
        "phase_in": rising,
    }


def _or_of(on: np.ndarray | None, start: Any) -> Any:
    """The first treated periods, which `on` says when they are not given."""
    return masks.first_of(on) if on is not None and start is None else start
