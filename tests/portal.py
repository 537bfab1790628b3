"""A file as a city's portal gives it, drawn from a seed: right rows, and all that goes wrong."""

from __future__ import annotations

import csv
import datetime
import io
import random

ROWS = 30_000
FIRST, LAST = datetime.date(2010, 1, 1), datetime.date(2024, 11, 17)
# Fewer from the start of the program on.
START, FALL = datetime.date(2018, 4, 1), 0.75
HEADER = (
    *("objectid", "year", "dc_key", "code", "date_", "time", "race", "sex", "age", "wound"),
    *("location", "dist", "fatal", "lat", "lng"),
)


def counted() -> str:
    """Homicides of a city by month, as a spreadsheet of another country saves them."""
    draw = random.Random(19)
    lines = ["Police department;;", ";;", "Month;Homicides;Residents"]
    total = 0
    for number in range(120):
        year, month = 2012 + number // 12, number % 12 + 1
        homicides = sum(draw.random() < (0.5 if number >= 75 else 0.7) for _ in range(20))
        total += homicides
        lines.append(
            f"{month}/{year};{homicides};{401_300 + 900 * number // 12:,}".replace(",", ".")
        )
    lines.append(f"Total;{total};")
    return "\n".join(lines) + "\n"


def rows(seed: int = 19, number: int = ROWS) -> list[list[str]]:
    """Victims of shootings, a row each: an incident may have several."""
    draw = random.Random(seed)
    days = (LAST - FIRST).days + 1
    found: list[list[str]] = []
    case = 0
    while len(found) < number:
        day = FIRST + datetime.timedelta(days=draw.randrange(days))
        season = 1 + 0.25 * (day.month in (6, 7, 8)) - 0.2 * (day.month in (1, 2))
        if draw.random() > 0.75 * season * (FALL if day >= START else 1.0):
            continue
        case += 1
        for _ in range(1 + (draw.random() < 0.1) + (draw.random() < 0.02)):
            found.append(_row(draw, day, case))
    found = found[:number]
    for place, year in ((number // 3, 2201), (number // 2, 1899)):
        found[place][4] = f"{year}-03-01 00:00:00+00"
    for line, row in enumerate(found, start=1):
        row[0] = str(line)
    return found


def _row(draw: random.Random, day: datetime.date, case: int) -> list[str]:
    fatal = draw.random() < 0.2
    told = {True: ("1", "1", "1", "Y"), False: ("0", "0", "0", "N")}[fatal]
    street = draw.choice(("500 N 52ND ST", "Café Row", "1900 S 7TH ST", "PEÑA PLAZA"))
    return [
        "",
        str(day.year),
        f"{day.year}{case:08d}",
        draw.choice(("100", "0100")) if fatal else "400",
        f"{day.isoformat()} 00:00:00+00",
        f"{draw.randrange(24):02d}:{draw.randrange(60):02d}:00",
        draw.choice(("B", "W", "A", "")),
        draw.choice(("M", "M", "M", "F")),
        draw.choice(("", str(draw.randrange(14, 70)))),
        draw.choice(("Leg", "chest", "CHEST", "multiple", "")),
        street,
        draw.choice(("12", "22", "24", "25", "35", "39", "")),
        draw.choice(told),
        f"{39.9 + draw.random() / 5:.5f}",
        f"{-75.25 + draw.random() / 5:.5f}",
    ]


def text(seed: int = 19, number: int = ROWS) -> bytes:
    """The file, in the encoding of Windows."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(HEADER)
    lines.writerows(rows(seed, number))
    return out.getvalue().encode("windows-1252")


def residents(first: int = 2010, last: int = 2024) -> str:
    """Residents of the city by year."""
    lines = (f"{year},{1_526_000 + 4_000 * (year - first)}" for year in range(first, last + 1))
    return "year,population\n" + "\n".join(lines) + "\n"
