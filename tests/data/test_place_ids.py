"""One city has one id in every table of the project, however each table spells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.data.adoption import read_adoption
from evaluation.data.on_record import read_on_record
from evaluation.data.published import read_published
from evaluation.data.read import read_panel
from evaluation.errors import DataError

PUBLIC = Path(__file__).parents[2] / "data" / "public"


def ids(name: str) -> dict[str, str]:
    """The id of each unit of a table."""
    if name == "focused_deterrence":
        table = read_published(PUBLIC / f"{name}.csv")
        return {row.site: table.provenance.place_of(row.site) for row in table.results}
    if name == "adoption":
        adopted = read_adoption(PUBLIC / f"{name}.csv")
        return {one.agency: adopted.provenance.place_of(one.agency) for one in adopted.episodes}
    panel = read_panel(PUBLIC / f"{name}.csv")
    return {unit: panel.provenance.place_of(unit) for unit in panel.units}


PANELS = ("oakland_ucr", "california_ucr", "cities_ucr")


@pytest.mark.parametrize("name", [*PANELS, "adoption"])
def test_every_unit_has_an_id_of_its_own(name: str) -> None:
    found = ids(name)
    assert all(found.values())
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize("name", PANELS)
def test_units_of_one_agency_have_one_id(name: str) -> None:
    """The FBI's identifiers say which units are one, and the ids of places agree."""
    adopted = {one.ori: one.agency for one in read_adoption(PUBLIC / "adoption.csv").episodes}
    places, panel = ids("adoption"), read_panel(PUBLIC / f"{name}.csv")
    matched = {unit: adopted[ori] for unit, ori in panel.agencies.items() if ori in adopted}
    assert matched
    for unit, agency in matched.items():
        assert panel.provenance.place_of(unit) == places[agency], unit


def test_oakland_and_boston_are_one_each_everywhere() -> None:
    assert ids("cities_ucr")["Oakland, Calif."] == ids("oakland_ucr")["Oakland"]
    assert ids("adoption")["Oakland, Calif."] == ids("focused_deterrence")["Oakland"]
    assert ids("cities_ucr")["Boston"] == ids("focused_deterrence")["Boston"] == "us-ma-boston"
    assert {row.place for row in read_on_record(PUBLIC / "on_record.csv").rows} == {
        ids("oakland_ucr")["Oakland"]
    }


def test_published_sites_have_the_ids_of_the_table_of_adoption() -> None:
    by_id = set(ids("adoption").values())
    # Not police agencies that were looked up for adoption.
    others = {"gb-sct-glasgow", ""}
    assert set(ids("focused_deterrence").values()) - others <= by_id


def test_murders_are_of_one_family_in_every_table() -> None:
    for name, column in (("oakland_ucr", "murder"), ("cities_ucr", "homicide")):
        assert read_panel(PUBLIC / f"{name}.csv").column(column).family == "homicide"


def test_the_id_of_an_agency_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for ending in ("csv", "dataset.toml"):
        text = (PUBLIC / f"adoption.{ending}").read_text("utf-8")
        if ending == "dataset.toml":
            text = text.replace('"Oakland, Calif." =', '"Oakland, Cal." =')
        (tmp_path / f"adoption.{ending}").write_text(text, encoding="utf-8")
    with pytest.raises(
        DataError, match=r"no such agency.*Did you mean 'Oakland, Calif\.'"
    ) as found:
        read_adoption(tmp_path / "adoption.csv")
    assert "adoption.dataset.toml:" in str(found.value)
