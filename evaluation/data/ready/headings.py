"""Tables that the names of their columns refuse already: wide ones, and weeks by number."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.data import period
from evaluation.data.ready.columns import TIME, Column
from evaluation.data.ready.form import Form
from evaluation.data.ready.periods_read import month_number, readings
from evaluation.errors import DataError

# So many columns that are periods, or places, make a table that is wide.
_WIDE = 3


def refuse_wide(form: Form, columns: Sequence[Column]) -> None:
    """Refuses a table with a column a period, and one whose first line is data.

    Raises
    ------
    DataError : with what to do.
    """
    wide = [one for one in columns if _is_period(one.name)]
    months = [one for one in columns if month_number(one.name) and not one.name.isdigit()]
    of = wide if len(wide) >= _WIDE else months if len(months) >= 6 else []
    if of:
        rest = [one for one in columns if one not in of]
        message = (
            f"columns {of[0].name!r} to {of[-1].name!r} are periods: the table is wide, a column a "
            f"period. {_long(form, rest, 'month' if of is months else 'period')}"
        )
        raise DataError(form.fault(form.header_line, of[0].at, message))
    odd = next((one for one in columns if _is_datum(one.name)), None)
    if odd is not None:
        message = (
            f"{odd.name!r} is no name of a column: the first line must name the columns. Write a "
            "line of names above the data."
        )
        raise DataError(form.fault(form.header_line, odd.at, message))


def _is_period(name: str) -> bool:
    return any(one.frequency in (*period.MONTHS, "week") for one in readings([name]))


def _is_datum(name: str) -> bool:
    return bool(readings([name])) or name.replace(".", "", 1).lstrip("+-").isdigit()


def _long(form: Form, kept: Sequence[Column], named: str) -> str:
    ids = ", ".join(repr(one.name) for one in kept[:4])
    return (
        "Make it long, a row a unit and period: in a spreadsheet by 'unpivot' (Power Query), or in "
        f"Python: pandas.read_csv({form.path.name!r}).melt(id_vars=[{ids}], var_name={named!r}, "
        "value_name='number')."
    )


def refuse_numbered_weeks(form: Form, columns: Sequence[Column]) -> None:
    """Refuses weeks that are a number beside a year: which days the first one has nobody can tell.

    Raises
    ------
    DataError : with its place.
    """
    names = {one.name.casefold().strip(): one for one in columns}
    week = next((names[name] for name in ("week", "wk", "semana") if name in names), None)
    if week is None or not {"year", "yr", "año"} & set(names) or not week.whole:
        return
    if any(one.periods and one.says(TIME) and one.day is not None for one in columns):
        return
    message = (
        f"{week.name!r} numbers the weeks of a year, and the first one differs between ISO 8601, "
        "public health (MMWR) and counting from January 1. Write the first day of each week "
        "(2015-01-04), or 2015-W01 where they are ISO weeks."
    )
    raise DataError(form.fault(form.header_line, week.at, message))
