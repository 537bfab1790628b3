"""Counts of seven years, with a start in the fifth, that the tests of figures share."""

from __future__ import annotations

from evaluation.study.by_year import ByYear, Year

YEARS = ByYear(
    (
        *(Year(str(year), "before", 120.0, 1300.0) for year in range(2009, 2013)),
        Year("2013", "start", 127.0, 1310.0),
        Year("2014", "after", 80.0, 1250.0, 101.4, 64.2, 152.0),
        Year("2015", "after", 84.0, None, 99.0, 63.0, 149.0),
    ),
    units=1,
    beside=27,
)
