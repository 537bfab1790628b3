"""The tables of published studies, in the format of this project, for analyses/replication-*.

python -m benchmarks.replications                  from the packages that are installed
python -m benchmarks.replications --from FOLDER    from a folder with castle.csv, mpdta.csv,
                                                   prop99.csv, seattledmi.csv

Without --from, a folder that the variable CEASEFIRE_REFERENCE_DATA names is looked into first. The
tables are written to data/replication and are not committed; README.md there says whose they are.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parents[1] / "data" / "replication"
VARIABLE = "CEASEFIRE_REFERENCE_DATA"

# The table of castle laws numbers the states in the order of their names, the District of Columbia
# counted (as 9) but left out.
# fmt: off
STATES = (
    "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut",
    "Delaware", "District of Columbia", "Florida", "Georgia", "Hawaii", "Idaho", "Illinois",
    "Indiana", "Iowa", "Kansas", "Kentucky", "Louisiana", "Maine", "Maryland", "Massachusetts",
    "Michigan", "Minnesota", "Mississippi", "Missouri", "Montana", "Nebraska", "Nevada",
    "New Hampshire", "New Jersey", "New Mexico", "New York", "North Carolina", "North Dakota",
    "Ohio", "Oklahoma", "Oregon", "Pennsylvania", "Rhode Island", "South Carolina",
    "South Dakota", "Tennessee", "Texas", "Utah", "Vermont", "Virginia", "Washington",
    "West Virginia", "Wisconsin", "Wyoming",
)
# fmt: on
FLORIDA, ADOPTED_IN_FLORIDA = 10, 2005
SEATTLE_OUTCOMES = {
    "any_crime": "any_crime",
    "i_felony": "felonies",
    "i_misdemea": "misdemeanors",
    "i_drugs": "drug_crimes",
}
SEATTLE_CENSUS = {
    "TotalPop": "population",
    "BLACK": "black",
    "HISPANIC": "hispanic",
    "Males_1521": "males_15_to_21",
    "HOUSEHOLDS": "households",
    "FAMILYHOUS": "family_households",
    "FEMALE_HOU": "female_households",
    "RENTER_HOU": "renter_households",
    "VACANT_HOU": "vacant_homes",
}
# Sources differ in the last digits of a float; this many are the same in all, and more than enough.
DIGITS = 10
# The source numbers the quarters and dates none: the first is written as this year's first.
SEATTLE_YEAR, SEATTLE_QUARTERS, SEATTLE_START = 2001, 16, 13


@dataclass(frozen=True, slots=True)
class Source:
    """One table: its name here and there, the package that may hold it, and how to turn it round.

    files : names that it may have in a folder, the first one that is there is read.

    Parameters
    ----------
    package : as `pip install` names it, or "" where none has it. load : its table as a frame.
    written : from the source's frame to that of this project.
    """

    name: str
    files: tuple[str, ...]
    package: str
    load: Callable[[], pd.DataFrame]
    written: Callable[[pd.DataFrame], pd.DataFrame]


def castle(source: pd.DataFrame) -> pd.DataFrame:
    """State and year; the law is 1 from the year of its adoption.

    In causaldata `post` turns 1 in the year after adoption, elsewhere perhaps in that year itself:
    Florida, where the law was adopted in 2005, tells.
    """
    table = source.sort_values(["sid", "year"], ignore_index=True)
    first_post = table["year"].where(table["post"] > 0).groupby(table["sid"]).transform("min")
    late = first_post[table["sid"] == FLORIDA].min() - ADOPTED_IN_FLORIDA
    if late not in (0, 1):
        raise ValueError("castle: `post` of Florida (sid 10) turns 1 neither in 2005 nor in 2006")
    return pd.DataFrame(
        {
            "state": [STATES[int(number) - 1] for number in table["sid"]],
            "year": table["year"].astype(int),
            "log_homicide_rate": table["l_homicide"].astype(float),
            "population": table["popwt"].round().astype(int),
            "castle_law": (table["year"] >= first_post - late).astype(int),
        }
    )


def minimum_wage(source: pd.DataFrame) -> pd.DataFrame:
    """County (its FIPS number) and year; raised is 1 from the first year of a higher wage."""
    table = source.sort_values(["countyreal", "year"], ignore_index=True)
    first = table["first.treat"]
    return pd.DataFrame(
        {
            "county": [f"{int(number):05d}" for number in table["countyreal"]],
            "year": table["year"].astype(int),
            "log_teen_employment": table["lemp"].astype(float),
            "log_population": table["lpop"].astype(float),
            "raised": ((first > 0) & (table["year"] >= first)).astype(int),
        }
    )


def proposition_99(source: pd.DataFrame) -> pd.DataFrame:
    """State and year."""
    table = source.sort_values(["State", "Year"], ignore_index=True)
    return pd.DataFrame(
        {
            "state": table["State"],
            "year": table["Year"].astype(int),
            "packs": table["PacksPerCapita"].astype(float),
            "proposition": table["treated"].astype(int),
        }
    )


def seattle(source: pd.DataFrame) -> pd.DataFrame:
    """Block and quarter: four outcomes, and the census of the block in every row.

    Parameters
    ----------
    source : `seattledmi` as the R package has it, a row for each block and quarter (`time`), or
        one row for each block with outcomes like any_crime_q01.
    """
    if "time" in source:
        source = _wide(source)
    block = [str(name).removesuffix(".0") for name in source["ID"]]
    parts = []
    for quarter in range(1, SEATTLE_QUARTERS + 1):
        year, part = divmod(quarter - 1, 4)
        columns: dict[str, object] = {
            "block": block,
            "quarter": f"{SEATTLE_YEAR + year}-Q{part + 1}",
        }
        for name, own in SEATTLE_OUTCOMES.items():
            columns[own] = source[f"{name}_q{quarter:02d}"].astype(int)
        columns |= {own: source[name].astype(int) for name, own in SEATTLE_CENSUS.items()}
        columns["treated"] = source["treated"].astype(int) * int(quarter >= SEATTLE_START)
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts).sort_values(["block", "quarter"], ignore_index=True)


def _wide(source: pd.DataFrame) -> pd.DataFrame:
    """One row a block: its outcomes by quarter, its census, and treated if it ever was."""
    blocks = source.groupby("ID")
    columns = {name: blocks[name].first() for name in SEATTLE_CENSUS}
    columns["treated"] = blocks["Intervention"].max()
    for name in SEATTLE_OUTCOMES:
        for quarter, values in source.pivot(index="ID", columns="time", values=name).items():
            columns[f"{name}_q{quarter:02d}"] = values
    return pd.DataFrame(columns).reset_index()


def _castle_package() -> pd.DataFrame:
    from causaldata import castle as module

    return pd.DataFrame(module.load_pandas().data)


def _wage_package() -> pd.DataFrame:
    from moderndid import load_mpdta

    return pd.DataFrame(load_mpdta().to_pandas())


def _proposition_package() -> pd.DataFrame:
    from synthdid import load_california_prop99

    return pd.DataFrame(load_california_prop99())


def _no_package() -> pd.DataFrame:
    raise ImportError


SOURCES = (
    Source("castle", ("castle.csv",), "causaldata", _castle_package, castle),
    Source("minimum_wage", ("mpdta.csv",), "moderndid", _wage_package, minimum_wage),
    Source("proposition_99", ("prop99.csv",), "synthdid-py", _proposition_package, proposition_99),
    Source("seattle", ("seattledmi.csv", "seattle_dmi_blocks_wide.csv"), "", _no_package, seattle),
)


def found(source: Source, folder: Path | None) -> tuple[pd.DataFrame, str] | None:
    """The source's own table and where it was, a folder before a package; None when nowhere."""
    for name in source.files if folder is not None else ():
        path = folder / name
        if path.is_file():
            with path.open(encoding="utf-8") as file:
                separator = ";" if ";" in file.readline() else ","  # synthdid has semicolons
            # Block numbers are names.
            return pd.read_csv(path, sep=separator, dtype={"ID": str}), name
    try:
        return source.load(), f"the package {source.package}"
    except ImportError:
        return None


def write(folder: Path | None, to: Path = DATA) -> tuple[list[str], list[str]]:
    """What was written, and what was not found, each a line."""
    done, absent = [], []
    for source in SOURCES:
        given = found(source, folder)
        if given is None:
            package = f"install the package {source.package}, or " if source.package else ""
            absent.append(
                f"{source.name}.csv not written: {package}name a folder that holds "
                f"{source.files[0]} by --from or {VARIABLE}."
            )
            continue
        frame, where = given
        table = source.written(frame).round(DIGITS)
        to.mkdir(parents=True, exist_ok=True)
        table.to_csv(to / f"{source.name}.csv", index=False, lineterminator="\n")
        done.append(f"wrote {source.name}.csv ({len(table):,} rows) from {where}")
    return done, absent


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when something was written."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--from", dest="folder", type=Path, help="a folder with the sources")
    parser.add_argument("--to", type=Path, default=DATA, help="where to (data/replication)")
    options = parser.parse_args(arguments)
    folder = options.folder
    if folder is None and os.environ.get(VARIABLE):
        folder = Path(os.environ[VARIABLE])
    if folder is not None and not folder.is_dir():
        print(f"{folder}: no such folder", file=sys.stderr)
        return 2
    done, absent = write(folder, options.to)
    for line in done:
        print(line)
    for line in absent:
        print(line, file=sys.stderr)
    return 0 if done else 2


if __name__ == "__main__":
    sys.exit(main())
