"""Counts of the FBI as a dataset, against a server on this machine in the shape of the real one.

Nothing here was ever asked of the live service: what is tested is what the shape says.
"""

from __future__ import annotations

import csv
import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fbi_server import KEY, Police, World, body, hang_up, months, refusal, serving

from evaluation.cli import main
from evaluation.data import period
from evaluation.data.read import read_panel
from evaluation.data.sources import fbi_cde
from evaluation.data.sources.fbi_agencies import STATES, beside, wanted
from evaluation.data.sources.fbi_cde import explorer
from evaluation.errors import DataError, EnvironmentFault

CODES = {"HOM": "murder", "ROB": "robbery", "ASS": "aggravated_assault", "MVT": "vehicle_theft"}
WINDOW = ("01-2019", "12-2022")
ASKED = ("--from", "2019-01", "--to", "2022-12")
NAMES = ("ca-exampleton.csv", "ca-exampleton.dataset.toml", "ca-exampleton.fbi.json")


def police(ori: str, name: str, seed: int = 1, **more: Any) -> Police:
    rng = random.Random(seed)
    counts = {code: {month: rng.randint(1, 9) for month in months(*WINDOW)} for code in CODES}
    return Police(ori, name, counts=counts, **more)


@pytest.fixture
def world() -> World:
    return World(
        {
            "CA": [
                police("CA0010900", "Exampleton Police Department", 1),
                police("CA0100700", "Otherville Police Department", 2, county="OTHER"),
                Police("CA0190000", "North Otherville Police Department", county="OTHER"),
                Police("CA0010000", "Example County Sheriff's Office", kind="County"),
                Police("CA0200100", "Twinford Police Department", county="A"),
                Police("CA0200200", "Twinford Police Dept.", county="B"),
            ],
            "NJ": [police("NJ0071400", "St. Mary Police Department", 3)],
        }
    )


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that were waited for, without the wait."""
    found: list[float] = []
    monkeypatch.setattr(fbi_cde.time, "sleep", found.append)
    return found


@pytest.fixture
def root(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, naps: list[float]
) -> Iterator[Path]:
    """An empty project whose environment has the key and the address of the server."""
    (tmp_path / "analyses").mkdir()
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("FBI_API_KEY", KEY)
    with serving(world) as base:
        monkeypatch.setenv("FBI_API_BASE", base)
        yield tmp_path


def fbi(root: Path, *words: str, window: tuple[str, ...] = ASKED) -> int:
    return main(["--root", str(root), "data", "fbi", *words, *window])


def table(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return {(row["city"], row["month"]): row for row in csv.DictReader(stream)}


def refused(root: Path, capsys: pytest.CaptureFixture[str], code: int, *said: str) -> str:
    """What was said, when that is the exit code and nothing was written."""
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err and KEY not in told.err
    for words in said:
        assert words in told.err
    assert code in (2, 4)
    assert not list(root.glob("data/fbi/*")) and not list(root.glob("data/fbi/.*"))
    return told.err


def test_every_count_and_resident_of_the_server_stands_in_the_table(root, world, capsys):
    assert fbi(root, "Exampleton, CA", "--beside", "Otherville, St Mary, NJ") == 0
    rows = table(root / "data/fbi/ca-exampleton-and-others.csv")
    assert len(rows) == 3 * 48
    known = {one.ori: one for agencies in world.states.values() for one in agencies}
    for unit, ori in (
        ("Exampleton", "CA0010900"),
        ("Otherville", "CA0100700"),
        ("St. Mary", "NJ0071400"),
    ):
        for code, column in CODES.items():
            told = {f"{m[3:]}-{m[:2]}": str(n) for m, n in known[ori].counts[code].items()}
            assert {month: rows[unit, month][column] for month in told} == told
        assert {rows[key]["population"] for key in rows} == {"409000"}
    said = capsys.readouterr()
    assert "wrote data/fbi/ca-exampleton-and-others.csv" in said.out and said.err == ""
    assert "--unit Exampleton" in said.out.splitlines()[-1]


def test_the_dataset_says_places_agencies_offenses_and_where_it_comes_from(root):
    assert fbi(root, "CA0010900") == 0
    panel = read_panel(root / "data/fbi/ca-exampleton.csv", root)
    assert panel.units == ("Exampleton",)
    assert panel.provenance.place_of("Exampleton") == "us-ca-exampleton"
    assert panel.agencies == {"Exampleton": "CA00109"}
    assert {one.offense for one in panel.named("outcome")} == {
        "murder",
        "robbery",
        "aggravated assault",
        "vehicle theft",
    }
    assert [one.name for one in panel.named("exposure")] == ["population"]
    assert "data to 2024-12, refreshed 04/15/2025" in panel.provenance.source
    assert panel.provenance.sensitivity == "public"


def test_the_account_has_what_was_asked_and_answered_and_no_key_nor_address(root):
    assert fbi(root, "Exampleton, CA") == 0
    text = (root / "data/fbi" / NAMES[2]).read_text("utf-8")
    account = json.loads(text)
    assert account["asked"] == {"agency": "Exampleton, CA", "from": "2019-01", "to": "2022-12"}
    assert [one["path"] for one in account["answers"]] == [
        "/agency/byStateAbbr/CA",
        *(f"/summarized/agency/CA0010900/{code}?from=01-2019&to=12-2022" for code in CODES),
    ]
    assert account["rows"] == 48 and account["months"] == ["2019-01", "2022-12"]
    for name in NAMES:
        written = (root / "data/fbi" / name).read_text("utf-8")
        assert KEY not in written and "127.0.0.1" not in written


def test_the_key_goes_in_the_header_and_in_no_address(root, world):
    assert fbi(root, "Exampleton, CA") == 0
    assert set(world.keys) == {KEY}
    assert not [path for path in world.asked if KEY in path or "key" in path.lower()]
    assert KEY not in repr(explorer())


def test_an_absent_month_and_null_are_missing_and_a_zero_is_zero(root, world, capsys):
    own = world.states["CA"][0]
    del own.counts["HOM"]["03-2020"]
    own.counts["HOM"]["04-2020"] = None
    own.counts["HOM"]["05-2020"] = 0
    assert fbi(root, "Exampleton, CA") == 0
    rows = table(root / "data/fbi/ca-exampleton.csv")
    murders = {month: rows["Exampleton", month]["murder"] for month in ("2020-03", "2020-04")}
    assert set(murders.values()) == {""} and rows["Exampleton", "2020-05"]["murder"] == "0"
    panel = read_panel(root / "data/fbi/ca-exampleton.csv", root)
    (gap,) = panel.declared.missing
    assert (period.text(gap.first, "month"), period.text(gap.last, "month"), gap.columns) == (
        "2020-03",
        "2020-04",
        ("murder",),
    )
    assert "did not report" in gap.why
    assert "Exampleton 2020: 10 of 12 months have every offense" in capsys.readouterr().out


def test_a_zero_without_participation_is_missing_and_a_count_without_it_stays(root, world):
    own = world.states["CA"][0]
    own.idle = {"05-2020", "06-2020"}
    for code in CODES:
        own.counts[code]["05-2020"] = 0
    assert fbi(root, "Exampleton, CA") == 0
    rows = table(root / "data/fbi/ca-exampleton.csv")
    assert {rows["Exampleton", "2020-05"][column] for column in CODES.values()} == {""}
    assert rows["Exampleton", "2020-06"]["murder"] == str(own.counts["HOM"]["06-2020"])
    (gap,) = read_panel(root / "data/fbi/ca-exampleton.csv", root).declared.missing
    assert "does not count as participating" in gap.why and len(gap.columns) == 4


def test_a_count_below_zero_is_a_correction(root, world):
    world.states["CA"][0].counts["ROB"]["07-2020"] = -2
    assert fbi(root, "Exampleton, CA") == 0
    panel = read_panel(root / "data/fbi/ca-exampleton.csv", root)
    (one,) = panel.declared.corrections
    assert (one.column, period.text(one.period, "month")) == ("robbery", "2020-07")


def test_months_that_the_fbi_does_not_have_yet_end_the_table_and_are_told(root, world, capsys):
    world.until = "03/2022"
    assert fbi(root, "Exampleton, CA") == 0
    assert max(month for _, month in table(root / "data/fbi/ca-exampleton.csv")) == "2022-03"
    assert "The FBI has data until 2022-03, and 2022-12 was asked for" in capsys.readouterr().out


def test_a_year_handed_in_by_the_quarter_is_told(root, world, capsys):
    counts = world.states["CA"][0].counts["ROB"]
    for month in months("01-2020", "12-2020"):
        counts[month] = 30 if month[:2] in ("06", "12") else 0
    assert fbi(root, "Exampleton, CA") == 0
    said = capsys.readouterr().out
    assert "Exampleton: all robberies of 2020 stand in the last months of quarters" in said
    assert said.count("stand in the last months") == 1


def test_the_month_from_which_an_agency_reports_by_incident_is_a_change_of_recording(
    root, world, capsys
):
    world.states["CA"][0].nibrs = "2021-07-01"
    world.states["CA"][1].nibrs = "2018-01-01"
    assert fbi(root, "Exampleton, CA", "--beside", "Otherville") == 0
    path = root / "data/fbi/ca-exampleton-and-others.csv"
    (change,) = read_panel(path, root).recording_changes
    assert (change.unit, change.date[:7]) == ("Exampleton", "2021-07")
    assert "NIBRS" in capsys.readouterr().out


def test_an_offense_that_nobody_reported_is_no_column(root, world, capsys):
    world.states["CA"][0].counts["MVT"] = {}
    assert fbi(root, "Exampleton, CA") == 0
    panel = read_panel(root / "data/fbi/ca-exampleton.csv", root)
    assert "vehicle_theft" not in [one.name for one in panel.named("outcome")]
    assert "No agency has vehicle_theft" in capsys.readouterr().out


def test_two_agencies_of_one_name_are_told_apart_by_their_states(root, world):
    world.states["NJ"][0].name = "Exampleton Police Department"
    assert fbi(root, "Exampleton, CA", "--beside", "Exampleton, NJ") == 0
    units = {unit for unit, _ in table(root / "data/fbi/ca-exampleton-and-others.csv")}
    assert units == {"Exampleton, CA", "Exampleton, NJ"}


def test_the_same_command_writes_the_same_bytes_and_tells_what_was_revised(root, world, capsys):
    assert fbi(root, "Exampleton, CA") == 0
    before = {name: (root / "data/fbi" / name).read_bytes() for name in NAMES}
    assert fbi(root, "Exampleton, CA") == 0
    assert {name: (root / "data/fbi" / name).read_bytes() for name in NAMES} == before
    assert "differ" not in capsys.readouterr().out
    was = world.states["CA"][0].counts["HOM"]["02-2019"]
    world.states["CA"][0].counts["HOM"]["02-2019"] = 77
    assert fbi(root, "Exampleton, CA") == 0
    said = capsys.readouterr().out
    assert "1 cell differs from the table of the last time" in said
    assert f"the first: Exampleton, 2019-02, murder was {was} and is 77" in said


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_somebody_changed_or_put_there_is_left_alone(root, capsys, name):
    assert fbi(root, "Exampleton, CA") == 0
    path = root / "data/fbi" / name
    path.write_text("mine\n", encoding="utf-8")
    before = {one: (root / "data/fbi" / one).read_bytes() for one in NAMES}
    capsys.readouterr()
    assert fbi(root, "Exampleton, CA") == 2
    assert "is not as `ceasefire data fbi` wrote it" in capsys.readouterr().err
    assert {one: (root / "data/fbi" / one).read_bytes() for one in NAMES} == before


def test_a_link_out_of_the_project_is_not_followed(root, tmp_path_factory, capsys):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (root / "data").symlink_to(elsewhere)
    assert fbi(root, "Exampleton, CA") == 2
    assert "leads out of the project" in capsys.readouterr().err
    assert not list(elsewhere.iterdir())


def test_json_is_the_account_with_the_files(root, capsys):
    assert fbi(root, "Exampleton, CA", "--json", "-q") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["wrote"] == [f"data/fbi/{name}" for name in NAMES]
    assert told["agencies"][0]["ori"] == "CA0010900"


# What the network does.


def test_a_busy_server_is_asked_again_with_longer_and_longer_pauses(root, world, naps):
    world.faults = [refusal(503), hang_up, body(b"{", promised=100), refusal(502)]
    assert fbi(root, "Exampleton, CA") == 0
    assert naps == [1.0, 2.0, 4.0, 8.0]


def test_a_server_that_stays_broken_is_told_after_five_tries(root, world, naps, capsys):
    world.faults = [refusal(503)] * 9
    assert fbi(root, "Exampleton, CA") == 4
    refused(root, capsys, 4, "answers 503, 5 times in a row")
    assert len(naps) == 4 and len(world.asked) == 5


def test_a_server_that_hangs_up_is_told(root, world, capsys):
    world.faults = [hang_up] * 9
    assert fbi(root, "Exampleton, CA") == 4
    refused(root, capsys, 4, "cannot be reached", "5 tries")


def test_a_limit_with_a_short_wait_is_waited_for(root, world, naps):
    world.faults = [refusal(429, code="OVER_RATE_LIMIT", headers={"Retry-After": "7"})]
    assert fbi(root, "Exampleton, CA") == 0
    assert naps == [7.0]


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Retry-After": "1800"}, "it says to wait 30 minutes"),
        ({"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}, "it says to wait"),
        ({"Retry-After": "soon"}, "about 1 minute"),
        ({}, "about 1 minute"),
    ],
)
def test_a_limit_that_lasts_is_told_with_its_minutes(root, world, capsys, headers, said):
    world.faults = [refusal(429, code="OVER_RATE_LIMIT", headers=headers)] * 9
    assert fbi(root, "Exampleton, CA") == 4
    refused(root, capsys, 4, "as often as it may", said)


def test_a_fault_in_the_middle_of_many_cities_writes_nothing(root, world, capsys):
    def later(path: str, content: Any) -> Any:
        if "CA0100700/ASS" in path:
            world.faults = [refusal(500)] * 9
        return content

    world.change = later
    assert fbi(root, "Exampleton, CA", "--beside", "Otherville") == 4
    refused(root, capsys, 4, "answers 500")


def test_a_key_that_is_not_taken_is_told_by_its_code(root, monkeypatch, naps, capsys):
    monkeypatch.setenv("FBI_API_KEY", "anotherKey")
    assert fbi(root, "Exampleton, CA") == 4
    refused(root, capsys, 4, "does not take the key in FBI_API_KEY (403 API_KEY_INVALID)")
    assert naps == []


@pytest.mark.parametrize(
    ("key", "said"), [("", "no key in FBI_API_KEY"), ("a b", "can be no key"), ("ä", "can be no")]
)
def test_without_a_key_nothing_is_asked(root, world, monkeypatch, capsys, key, said):
    monkeypatch.setenv("FBI_API_KEY", key)
    assert fbi(root, "Exampleton, CA") == 4
    refused(root, capsys, 4, said)
    assert world.asked == []


@pytest.mark.parametrize(
    "base",
    [
        "http://example.org/cde",
        "ftp://localhost/cde",
        "localhost",
        "https://",
        "https://a@b.example",
        "https://[",
        "https://b.example/?key=1",
    ],
)
def test_an_address_that_would_show_the_key_is_refused(root, monkeypatch, capsys, base):
    monkeypatch.setenv("FBI_API_BASE", base)
    assert fbi(root, "Exampleton, CA") == 4
    refused(root, capsys, 4, "no address to send a key to")


def test_a_redirection_is_not_followed_with_the_key(root, world, capsys):
    with serving(World()) as elsewhere:
        world.faults = [refusal(302, headers={"Location": f"{elsewhere}/agency/byStateAbbr/CA"})]
        assert fbi(root, "Exampleton, CA") == 2
        refused(root, capsys, 2, "refuses this (302)")


def test_the_address_of_the_service_is_that_of_the_fbi_unless_told(monkeypatch):
    assert explorer({"FBI_API_KEY": "DEMO_KEY"}).base == "https://api.usa.gov/crime/fbi/cde"
    with pytest.raises(EnvironmentFault):
        explorer({})


# A shape that changed.


def without(*keys: str) -> Any:
    def change(path: str, content: Any) -> Any:
        place = content
        if "summarized" in path:
            for key in keys[:-1]:
                place = place[key]
            del place[keys[-1]]
        return content

    return change


def put(value: Any, *keys: str) -> Any:
    def change(path: str, content: Any) -> Any:
        place = content
        if "summarized" in path:
            for key in keys[:-1]:
                place = place[key]
            place[keys[-1]] = value
        return content

    return change


OWN = "Exampleton Police Department"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("offenses"), "at: offenses"),
        (without("offenses", "actuals"), "at: offenses.actuals"),
        (without("offenses", "actuals", f"{OWN} Offenses"), f'"{OWN} Offenses"'),
        (without("populations", "participated_population"), "populations.participated_population"),
        (without("populations", "population", OWN), f'populations.population: "{OWN}"'),
        (without("cde_properties"), "at: cde_properties"),
        (put("soon", "cde_properties", "max_data_date", "UCR"), "cde_properties.max_data_date"),
        (put({"2019": 4}, "offenses", "actuals", f"{OWN} Offenses"), "'2019'"),
        (put({"01-2019": "4"}, "offenses", "actuals", f"{OWN} Offenses"), "01-2019: '4'"),
        (put({"01-2019": 4.5}, "offenses", "actuals", f"{OWN} Offenses"), "01-2019: '4.5'"),
        (put({"01-2019": True}, "offenses", "actuals", f"{OWN} Offenses"), "01-2019: 'True'"),
        (put(float("inf"), "offenses", "actuals", f"{OWN} Offenses", "01-2019"), "'inf'"),
        (put([], "offenses", "actuals", f"{OWN} Offenses"), "offenses.actuals"),
        (lambda path, content: [], "at: "),
        (lambda path, content: None, "at: "),
        (lambda path, content: {"CA": 3}, "at: CA"),
        (lambda path, content: {"CA": [{"ori": "CA1"}]}, "ori, agency_name"),
        (lambda path, content: {"CA": [7]}, "ori, agency_name"),
    ],
)
def test_another_shape_is_told_with_its_place_and_nothing_is_written(
    root, world, capsys, change, said
):
    world.change = change
    assert fbi(root, "Exampleton, CA") == 2
    refused(root, capsys, 2, "another form than is known", said)


@pytest.mark.parametrize("text", [b"<html>down</html>", b"", b"\xff\xfe", b"[" * 100_000])
def test_an_answer_that_is_no_json_is_told(root, world, capsys, text):
    world.faults = [body(text)]
    assert fbi(root, "Exampleton, CA") == 2
    refused(root, capsys, 2, "is no JSON")


def test_an_agency_without_a_page_is_told(root, world, capsys):
    def gone(path: str, content: Any) -> Any:
        world.faults = [refusal(404)]
        return content

    world.change = gone
    assert fbi(root, "Exampleton, CA") == 2
    refused(root, capsys, 2, "knows no such page (404)")


# What a user may get wrong.


@pytest.mark.parametrize(
    ("words", "window", "said"),
    [
        (["Exampleton, CA"], (), "needs --from and --to"),
        (["Exampleton, CA"], ("--from", "2019-01"), "needs --to"),
        (["Exampleton, CA"], ("--from", "2019", "--to", "2020-12"), "--from '2019': is no month"),
        (["Exampleton, CA"], ("--from", "2019-01", "--to", "2020-13"), "--to '2020-13'"),
        (["Exampleton, CA"], ("--from", "2022-01", "--to", "2020-12"), "after --to"),
        ([], ASKED, "give one city or ORI, in quotes"),
        (["Exampleton", "CA"], ASKED, "give one city or ORI, in quotes"),
        (["Exampleton"], ASKED, "in which state?"),
        ([" , "], ASKED, "is no city such as"),
        (["Exampleton, CA, Otherville"], ASKED, "is no city such as"),
        (["Exampletown, CA"], ASKED, "Did you mean 'Exampleton'?"),
        (["Exampleton, NJ"], ASKED, "no agency of that state has that name"),
        (["North, CA"], ASKED, "CA0190000 North Otherville Police Department, CA (City, OTHER)"),
        (["Twinford, CA"], ASKED, "2 agencies have that name:\n  CA0200100"),
        (["CA0010901"], ASKED, "CA0010901: its state has no agency"),
        (["XX0010901"], ASKED, "'XX' is no state"),
        (["Example County Sheriff's Office, CA"], ASKED, "reported none of these offenses"),
        (["Exampleton, CA", "--beside", "Exampleton"], ASKED, "asked for twice"),
        (["Exampleton, CA", "--beside", "CA0010900"], ASKED, "asked for twice"),
        (["Exampleton, CA", "--beside", "Nowhere"], ASKED, "Nowhere: no agency of that"),
        (["Exampleton, CA", "--beside", ","], ASKED, "is no city such as"),
        (["Exampleton, CA", "--beside", "NJ"], ASKED, "is no city such as"),
        (["Exampleton, CA"], ("--from", "2025-01", "--to", "2025-12"), "has data until 2024-12"),
    ],
)
def test_wrong_words_are_told_and_nothing_is_written(root, capsys, words, window, said):
    assert fbi(root, *words, window=window) == 2
    refused(root, capsys, 2, said)


@pytest.mark.parametrize("option", [("--from", "2019-01"), ("--to", "2019-01"), ("--beside", "A")])
def test_its_options_are_refused_elsewhere(root, capsys, option):
    assert main(["--root", str(root), "data", "some.csv", *option]) == 2
    refused(root, capsys, 2, f"{option[0]}: is for `ceasefire data fbi")


def test_the_states_are_fifty_and_the_district():
    assert len(STATES) == 51
    assert STATES["DC"] == "District of Columbia" and STATES["NH"] == "New Hampshire"


@pytest.mark.parametrize(
    ("text", "city", "state", "ori"),
    [
        ("Oakland, CA", "Oakland", "CA", ""),
        ("oakland, california", "oakland", "CA", ""),
        ("New York, New York", "New York", "NY", ""),
        ("Washington, dc", "Washington", "DC", ""),
        ("nb0280200", "", "", "NB0280200"),
        ("Allentown", "Allentown", "", ""),
    ],
)
def test_a_city_and_its_state_are_told_apart(text, city, state, ori):
    one = wanted(text)
    assert (one.city, one.state, one.ori) == (city, state, ori)


def test_a_list_of_cities_takes_the_state_of_the_first_where_none_stands():
    found = beside("Fresno, New York, NY; CA0380100, Washington", "CA")
    assert [(one.city, one.state, one.ori) for one in found] == [
        ("Fresno", "CA", ""),
        ("New York", "NY", ""),
        ("", "", "CA0380100"),
        ("Washington", "CA", ""),
    ]
    with pytest.raises(DataError):
        beside(" ; ", "CA")


def renamed(name: str) -> Any:
    def change(path: str, content: Any) -> Any:
        if "summarized" in path:
            actuals = content["offenses"]["actuals"]
            actuals[f"{name} Offenses"] = actuals.pop(f"{OWN} Offenses")
            for people in content["populations"].values():
                people[name] = people.pop(OWN)
        return content

    return change


def test_an_agency_that_the_counts_know_by_another_name_is_taken_and_told(root, world, capsys):
    world.change = renamed("City of Exampleton PD")
    assert fbi(root, "Exampleton, CA") == 0
    assert "the counts call it 'City of Exampleton PD'" in capsys.readouterr().out
    rows = table(root / "data/fbi/ca-exampleton.csv")
    own = world.states["CA"][0].counts["HOM"]["01-2019"]
    assert rows["Exampleton", "2019-01"]["murder"] == str(own)


@pytest.mark.parametrize("name", ["United States", "California"])
def test_the_counts_of_a_state_or_the_country_are_never_taken_for_an_agency(
    root, world, capsys, name
):
    world.change = renamed(name)
    assert fbi(root, "Exampleton, CA") == 2
    refused(root, capsys, 2, f'offenses.actuals: "{OWN} Offenses"')


def test_the_description_is_toml_whatever_an_agency_is_called(root, world):
    world.states["CA"][0].name = 'Exampleton "[x]" \\ Police Department'
    assert fbi(root, "CA0010900") == 0
    (path,) = (root / "data/fbi").glob("*.dataset.toml")
    assert tomllib.loads(path.read_text("utf-8"))["agencies"] == {'Exampleton "[x]" \\': "CA00109"}


def test_a_study_of_the_table_runs(root, world):
    assert fbi(root, "Exampleton, CA") == 0
    assert main(["--root", str(root), "new", "my-city"]) == 0
    plan = root / "analyses/my-city/plan.toml"
    plan.write_text(
        'question = "Did murders fall?"\ngoal = 1\ndata = "data/fbi/ca-exampleton.csv"\n'
        'unit = "Exampleton"\ndesign = "its"\n[[outcomes]]\ncolumn = "murder"\nbetter = "lower"\n'
        '[intervention]\nname = "It"\nstart = "2021-01"\n',
        encoding="utf-8",
    )
    assert main(["--root", str(root), "run", "my-city"]) == 0
