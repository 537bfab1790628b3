"""Numbers that pages tell of tables beside them are those of the tables."""

from __future__ import annotations

import csv

from doc_pages import ROOT

TRAPS = " ".join((ROOT / "docs/methods/traps.md").read_text(encoding="utf-8").split())


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / f"docs/evidence/{name}.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def spread(shares: list[float]) -> str:
    low, high = f"{min(shares):.0f}", f"{max(shares):.0f}"
    return low if low == high else f"{low} to {high}"


def median(scenario: str, method: str) -> str:
    (row,) = (
        row for row in rows("did_groups") if (row["scenario"], row["method"]) == (scenario, method)
    )
    return f"{abs(float(row['median'])):.0f}"


def test_traps_tell_how_often_newey_west_holds_the_truth() -> None:
    held = [
        100 * float(row["coverage"])
        for row in rows("coverage_its")
        if (row["world"], row["method"], float(row["effect"])) == ("counts", "newey-west", 0)
    ]
    assert f"held the truth in {spread(held)} %" in TRAPS


def test_traps_tell_how_often_clustered_errors_of_one_city_are_wrong() -> None:
    wrong: dict[str, list[float]] = {}
    for row in rows("did_clusters"):
        if row["treated"] == "1" and row["rejected"]:
            wrong.setdefault(row["method"], []).append(100 * float(row["rejected"]))
    clustered = [
        share for method, shares in wrong.items() if method.endswith("CR1") for share in shares
    ]
    assert f"| {spread(clustered)} % wrong at 5 % in simulation" in TRAPS
    assert f"unrestricted {spread(wrong['twfe WCU'])} % wrong" in TRAPS


def test_traps_tell_what_groups_showed() -> None:
    fall = median("S4", "poisson-imputation")
    rise = median("S4", "poisson-imputation, two-quarter donut")
    assert f"a fall of {fall} % by imputation, and as a rise of {rise} % when two" in TRAPS
    assert f"a bias of {median('S2 null', 'imputation')} points" in TRAPS
    assert f"a fall of 31.5 % looks like {median('S3', 'poisson-imputation')} |" in TRAPS
