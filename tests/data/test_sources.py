"""Files of the FBI and of The Marshall Project in their layouts, with invented numbers."""

from __future__ import annotations

import pytest

from evaluation.data.sources import ADAPTERS, COMBINERS
from evaluation.data.sources.adapted import Adapted, Bounds
from evaluation.data.table import read_csv
from evaluation.errors import DataError

FBI = (
    "city,month,murder,rape,robbery,robbery_gun,assault_gun,assault_knife,assault_other_weapon,"
    "assault_unarmed,assault_aggravated,violent_index\n"
    "Oakland,2005-02,4,5,60,20,10,3,6,1,20,89\n"
    "Oakland,2005-01,1,2,30,10,7,2,4,3,16,49\n"
)


def adapted(name: str, text: str, bounds: Bounds | None = None) -> Adapted:
    table, findings = read_csv(text.encode("utf-8"), "file.csv")
    return ADAPTERS[name](table, findings, bounds or Bounds())


def refused(name: str, text: str) -> list[str]:
    with pytest.raises(DataError) as found:
        adapted(name, text)
    return str(found.value).splitlines()


def test_fbi_months_are_renamed_and_in_order() -> None:
    found = adapted("fbi-monthly", FBI)
    assert found.header[:4] == ("city", "month", "murder", "gun_assault")
    assert found.header[-1] == "rape" and "violent_index" not in found.header
    # murder, gun, knife, other, unarmed, all assaults, robberies, with guns, rape.
    assert found.rows == (
        ("Oakland", "2005-01", "1", "7", "2", "4", "3", "16", "30", "10", "2"),
        ("Oakland", "2005-02", "4", "10", "3", "6", "1", "20", "60", "20", "5"),
    )


def test_other_columns_and_fractions_of_nought_change_nothing() -> None:
    wider = "\n".join(
        line + (",note" if index == 0 else ",x")
        for index, line in enumerate(FBI.replace(",4,5,60,", ",4.0,5.00,60,").splitlines())
    )
    assert adapted("fbi-monthly", wider).rows == adapted("fbi-monthly", FBI).rows


def test_months_outside_the_bounds_are_left_out() -> None:
    (row,) = adapted("fbi-monthly", FBI, Bounds("2005-02")).rows
    assert row[1] == "2005-02"
    assert adapted("fbi-monthly", FBI, Bounds(None, "2004-12")).rows == ()


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        (",20,89", ",21,90", "file.csv:2", "assault_aggravated is 21, but assault_gun"),
        (",20,89", ",20,88", "file.csv:2", "violent_index is 88, but murder, rape, robbery"),
        ("2005-02,4,", "2005-02,-4,", "file.csv:2", "violent_index is 89, but murder, rape"),
        ("2005-02,4,", "2005-02,4.5,", "file.csv:2:17", "murder is '4.5'"),
        ("2005-02,4,", "2005-02,,", "file.csv:2:17", "murder is ''"),
        ("2005-02", "2005-13", "file.csv:2:9", "not a city and a month like 2012-10"),
        ("2005-02", "2/2005", "file.csv:2:9", "not a city and a month like 2012-10"),
        ("2005-01", "2005-02", "file.csv:3:9", "Oakland has 2005-02 twice"),
        ("assault_gun,", "assault_guns,", "file.csv:1", "no column 'assault_gun'. Did you mean"),
        ("city,", "month,", "file.csv:1", "no column 'city'"),
    ],
)
def test_what_is_wrong_in_a_month_has_its_line(old: str, new: str, where: str, words: str) -> None:
    lines = refused("fbi-monthly", FBI.replace(old, new, 1))
    assert any(line.startswith(f"{where}: ") and words in line for line in lines), lines


def test_every_fault_of_a_file_is_told_at_once() -> None:
    text = FBI.replace(",20,89", ",21,89").replace("2005-01,1,", "2005-01,one,")
    lines = refused("fbi-monthly", text)
    # A sum with a cell that is no count is not judged; the other line has both sums wrong.
    assert len(lines) == 3 and [line[:10] for line in lines] == ["file.csv:2"] * 2 + ["file.csv:3"]


def test_a_month_without_any_number_was_not_reported() -> None:
    empty = FBI.replace("Oakland,2005-02,4,5,60,20,10,3,6,1,20,89", "Oakland,2005-02,,,,,,,,,,")
    found = adapted("fbi-monthly", empty)
    assert found.rows[1] == ("Oakland", "2005-02", *[""] * 9)
    assert found.notes == ("Oakland 2005-02 is empty: not reported.",)
    # One number is missing, and that is a mistake.
    (line,) = refused("fbi-monthly", FBI.replace("2005-02,4,5,", "2005-02,4,,", 1))
    assert line == "file.csv:2:19: rape is '', which is no count."


def test_a_count_below_nought_is_kept_and_noted_when_the_sums_hold() -> None:
    lower = FBI.replace("4,5,60,20,10,3,6,1,20,89", "4,5,60,20,10,-1,6,1,16,85")
    found = adapted("fbi-monthly", lower)
    assert found.rows[1][4] == "-1"
    assert found.notes == ("Oakland 2005-02: knife_assault is -1, a correction.",)


def test_residents_of_a_month_are_kept_where_the_file_has_them() -> None:
    head, *lines = FBI.splitlines()
    wider = "\n".join([head + ",population", *(f"{line},400000.0" for line in lines)])
    found = adapted("fbi-monthly", wider)
    assert found.header[:4] == ("city", "month", "population", "murder")
    assert found.rows[0][2] == "400000"
    (one, _) = refused("fbi-monthly", wider.replace("400000.0", "0"))
    assert "population is '0', which is no number of people" in one


LATER = (
    "agency,ori,year,homicides,population,commit\n"
    '"Oakland, Calif.",CA1,2014,90,410000,x\n'
    '"Oakland, Calif.",CA1,2015,93,415000,x\n'
    '"Oakland, Calif.",CA1,2017,95,425000,x\n'
    '"Oakland, Calif.",CA1,2020,99,430000,x\n'
)
YEARLY = (
    "ORI,year,department_name,total_pop,homs_sum,months_reported,source\n"
    'CA1,2012,"Oakland, Calif.",400000.0,8.0,11.0,\n'
    'CA1,2013,"Oakland, Calif.",405000.0,80.0,12.0,\n'
    'CA1,2014,"Oakland, Calif.",410000.0,90.0,0.0,State police\n'
    'CA1,2015,"Oakland, Calif.",415000.0,92.0,,FBI\n'
    "X1,2013,Aurora,300000.0,20.0,12.0,\n"
    "X1,2014,Aurora,300000.0,21.0,6.0,\n"
    "X1,2015,Aurora,310000.0,22.0,,FBI\n"
    "X2,2013,Louisville,,,,\n"
    ",2013,National,,15000,,\n"
)


def combined(name: str, *texts: str, bounds: Bounds | None = None) -> Adapted:
    files = [
        read_csv(text.encode("utf-8"), f"{number}.csv") for number, text in enumerate(texts, 1)
    ]
    return COMBINERS[name][0](files, bounds or Bounds())


def test_yearly_files_are_joined_and_gaps_stay_empty() -> None:
    found = combined("fbi-annual", YEARLY, LATER)
    assert found.header == ("city", "year", "homicide", "population")
    assert found.rows == (
        ("Aurora", "2013", "20", "300000"),
        ("Aurora", "2014", "", "300000"),
        ("Aurora", "2015", "22", "310000"),
        ("Oakland, Calif.", "2013", "80", "405000"),
        ("Oakland, Calif.", "2014", "90", "410000"),
        # The later release where it has the year, and nothing after 2019.
        ("Oakland, Calif.", "2015", "93", "415000"),
        ("Oakland, Calif.", "2016", "", ""),
        ("Oakland, Calif.", "2017", "95", "425000"),
    )
    assert found.notes == (
        "National is left out, a sum and no city.",
        "Aurora 2014 is empty: 6 of 12 months reported (21 homicides) and no other source.",
        "Louisville is left out: no year has a count.",
        "Oakland, Calif. 2012 is left out: 11 of 12 months reported (8 homicides) and no other "
        "source.",
        "Oakland, Calif. 2016 is empty: neither file has it.",
    )
    assert combined("fbi-annual", YEARLY, LATER, bounds=Bounds("2015", "2015")).rows == (
        ("Aurora", "2015", "22", "310000"),
        ("Oakland, Calif.", "2015", "93", "415000"),
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (",2014,90,", ",2014,91,", "2.csv:2: Oakland, Calif. has 91 homicides in 2014, but 90 in"),
        ("CA1,2017", "CA2,2017", "2.csv:4:19: Oakland, Calif. is 'CA2' here, but 'CA1' in"),
        ("2017,95,", "2017,,", "2.csv:4:28: homicides is '', which is no count"),
        ("2017,95,", "2015,95,", "2.csv:4:23: Oakland, Calif. has 2015 twice"),
        ("2017,95,", "17,95,", "2.csv:4:23: 'Oakland, Calif.', '17' is not an agency and a year"),
        ("homicides,", "murders,", "2.csv:1: no column 'homicides'"),
    ],
)
def test_what_is_wrong_in_a_later_file_has_its_line(old: str, new: str, words: str) -> None:
    with pytest.raises(DataError) as found:
        combined("fbi-annual", YEARLY, LATER.replace(old, new, 1))
    assert words in str(found.value), str(found.value)


def test_months_have_the_residents_of_their_year() -> None:
    text = FBI.replace("2005-01", "2013-12").replace("2005-02", "2016-01")
    found = combined("fbi-monthly-residents", text, YEARLY, LATER)
    assert found.header[:4] == ("city", "month", "population", "murder")
    assert [row[:4] for row in found.rows] == [
        ("Oakland", "2013-12", "405000", "1"),
        ("Oakland", "2016-01", "", "4"),
    ]
    assert found.notes == ("Oakland has no residents in 2016: neither yearly file has them.",)
    with pytest.raises(DataError, match="Fresno is no agency in the yearly files"):
        combined("fbi-monthly-residents", text.replace("Oakland", "Fresno"), YEARLY, LATER)


def test_months_that_do_not_make_their_year_are_refused() -> None:
    head, row = FBI.splitlines()[:2]
    year = [head, *(row.replace("2005-02", f"2013-{month:02d}") for month in range(1, 13))]
    with pytest.raises(
        DataError, match=r"months of 2013 make 48 murders, but Oakland, Calif\. has"
    ):
        combined("fbi-monthly-residents", "\n".join(year), YEARLY, LATER)
    fits = YEARLY.replace("405000.0,80.0", "405000.0,48.0")
    assert len(combined("fbi-monthly-residents", "\n".join(year), fits, LATER).rows) == 12


def test_no_rows_are_said() -> None:
    assert refused("fbi-monthly", FBI.splitlines()[0] + "\n") == [
        "file.csv:1: no rows follow the header."
    ]
