"""A slow and obvious twin: one row after the other, with the standard library alone."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, str]


def local(text: str, zone: str, naive: str) -> datetime.datetime | None:
    """The local date and time of an ISO text; a date alone is a local day."""
    if not text:
        return None
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        if naive == "local" or len(text) == 10:
            return moment
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def instant(text: str, zone: str, naive: str) -> datetime.datetime | None:
    """The moment of an ISO text, in UTC."""
    if not text:
        return None
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        utc = naive == "utc" and len(text) > 10
        moment = moment.replace(tzinfo=datetime.UTC if utc else ZoneInfo(zone))
    return moment.astimezone(datetime.UTC)


def panel(
    rows: Sequence[Row],
    *,
    zone: str,
    naive: str,
    keep: str,
    late: int | None,
    counted: Sequence[str],
    units: Sequence[str] | None,
    windows: Mapping[str, tuple[str, str]],
    window: tuple[str, str],
    cut: str | None = None,
) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    """Counts by unit and month without zeros, and rows dropped by reason."""
    dropped: dict[str, int] = defaultdict(int)
    names = sorted({row["beat"] for row in rows} - {""}) if units is None else sorted(units)
    by_id: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_id[row["case"]].append(row)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for same in by_id.values():
        dropped["duplicate"] += len(same) - 1

        def judged(row: Row) -> tuple[str, tuple[Any, ...]]:
            """Why a row is dropped, or nothing; and what decides between rows of one moment."""
            day, told = local(row["when"], zone, naive), local(row["told"], zone, naive)
            unit = names.index(row["beat"]) + 2 if row["beat"] in names else int(row["beat"] != "")
            of_interest = row["offense"] in counted
            delay = 0
            if late is not None and told is None:
                delay = 2
            elif late is not None and told is not None and day is not None:
                days = (told.date() - day.date()).days
                delay = 1 if days > late else 3 if days < 0 else 0
            order = (day.date() if day else datetime.date.min, unit, of_interest, delay)
            if day is None:
                return "no_date", order
            month = f"{day:%Y-%m}"
            first, last = windows.get(row["beat"], window)
            last = min(last, cut) if cut else last
            for reason, applies in (
                ("other_category", not of_interest),
                ("no_unit", row["beat"] == ""),
                ("unknown_unit", row["beat"] not in names),
                ("outside_coverage", not first <= month <= last),
                ("no_report_date", delay == 2),
                ("late", delay == 1),
            ):
                if applies:
                    return reason, order
            return "", order

        column = "updated" if keep == "last updated" else "told"

        def rank(row: Row, column: str = column) -> tuple[Any, ...]:
            moment = instant(row[column], zone, naive)
            absent = datetime.datetime.max if keep == "first reported" else datetime.datetime.min
            return (moment or absent.replace(tzinfo=datetime.UTC), judged(row)[1])

        one = (max if keep == "last updated" else min)(same, key=rank)
        reason, _ = judged(one)
        if reason:
            dropped[reason] += 1
        else:
            day = local(one["when"], zone, naive)
            counts[one["beat"], f"{day:%Y-%m}"] += 1
    return dict(counts), {reason: number for reason, number in dropped.items() if number}
