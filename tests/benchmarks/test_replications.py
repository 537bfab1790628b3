"""Published tables in this project's format, and the published numbers found again from them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from evaluation import did
from evaluation.data.read import read_panel
from evaluation.effect import Effect
from evaluation.study.build.change import AS_PLANNED, Change
from evaluation.study.build.cohorts import planned_cohorts
from evaluation.study.plan.read import check_against_data, read_plan
from evaluation.study.run import run

PROJECT = Path(__file__).parents[2]
NAMES = ("castle", "minimum_wage", "proposition_99", "seattle")


@pytest.fixture
def module(benchmark_module, monkeypatch: pytest.MonkeyPatch):
    """The script where none of the packages is installed and no folder is named."""
    for name in ("causaldata", "moderndid", "synthdid"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delenv("CEASEFIRE_REFERENCE_DATA", raising=False)
    return benchmark_module("replications")


def castle_source() -> pd.DataFrame:
    """Florida (10) with `post` from 2006 on and Hawaii (12) without, the later first."""
    return pd.DataFrame(
        {
            "sid": [12, 12, 12, 10, 10, 10],
            "year": [2004, 2005, 2006] * 2,
            "post": [0, 0, 0, 0, 0, 1],
            "l_homicide": [1.0, 1.1, 1.2, 2.0, 2.1, 2.2],
            "popwt": [5.0] * 3 + [9.0] * 3,
        }
    )


def sources(folder: Path) -> Path:
    """Small tables as the sources have them."""
    folder.mkdir()
    castle_source().to_csv(folder / "castle.csv", index=False)
    wage = {
        "year": [2003, 2004] * 2,
        "countyreal": [8001, 8001, 36005, 36005],
        "lpop": [5.9, 5.9, 7.1, 7.1],
        "lemp": [8.4, 8.3, 9.1, 9.2],
        "first.treat": [2004, 2004, 0, 0],
        "treat": [1, 1, 0, 0],
    }
    pd.DataFrame(wage).to_csv(folder / "mpdta.csv", index=False)
    # Semicolons, as in the R package synthdid.
    (folder / "prop99.csv").write_text(
        "State;Year;PacksPerCapita;treated\nCalifornia;1988;90.1;0\nCalifornia;1989;82.4;1\n"
        "Utah;1988;66.5;0\nUtah;1989;65.5;0\n",
        encoding="utf-8",
    )
    census = ["TotalPop", "BLACK", "HISPANIC", "Males_1521", "HOUSEHOLDS", "FAMILYHOUS"]
    census += ["FEMALE_HOU", "RENTER_HOU", "VACANT_HOU"]
    counted = [
        f"{name}_q{q:02d}"
        for name in ("any_crime", "i_felony", "i_misdemea", "i_drugs", "i_robbery")
        for q in range(1, 17)
    ]
    blocks = pd.DataFrame({"ID": ["530330001001006.0", "530330001001002.0"], "treated": [1, 0]})
    for number, name in enumerate(census + counted):
        blocks[name] = [number, 1000 + number]
    blocks.to_csv(folder / "seattle_dmi_blocks_wide.csv", index=False)
    return folder


def described(root: Path) -> Path:
    """A project folder with the descriptions and plans of the replications, and no tables."""
    to = root / "data" / "replication"
    to.mkdir(parents=True)
    for name in NAMES:
        shutil.copy(PROJECT / "data" / "replication" / f"{name}.dataset.toml", to)
    for folder in (PROJECT / "analyses").glob("replication-*"):
        shutil.copytree(folder, root / "analyses" / folder.name)
    return root


def test_the_tables_are_what_their_descriptions_say(module, tmp_path: Path, capsys) -> None:
    root = described(tmp_path / "project")
    to = root / "data" / "replication"
    folder = sources(tmp_path / "sources")
    assert module.main(["--from", str(folder), "--to", str(to)]) == 0
    captured = capsys.readouterr()
    assert "wrote castle.csv (6 rows) from castle.csv" in captured.out and captured.err == ""
    panels = {name: read_panel(to / f"{name}.csv", root) for name in NAMES}
    # The year of adoption is the one before `post` is 1 (2005), which .0818 counts.
    assert panels["castle"].units == ("Florida", "Hawaii")
    assert panels["castle"].values["castle_law"].tolist() == [[0, 1, 1], [0, 0, 0]]
    assert panels["castle"].values["log_homicide_rate"][0].tolist() == [2.0, 2.1, 2.2]
    assert panels["minimum_wage"].units == ("08001", "36005")
    assert panels["minimum_wage"].values["raised"].tolist() == [[0, 1], [0, 0]]
    assert panels["proposition_99"].values["packs"].tolist() == [[90.1, 82.4], [66.5, 65.5]]
    assert panels["proposition_99"].values["proposition"].tolist() == [[0, 1], [0, 0]]
    seattle = panels["seattle"]
    assert seattle.units == ("530330001001002", "530330001001006")
    assert (seattle.periods[12], len(seattle.periods)) == ("2004-Q1", 16)
    assert seattle.values["treated"].tolist() == [[0] * 16, [0] * 12 + [1] * 4]
    # Any crime follows 9 census columns, felonies follow 16 quarters of any crime.
    assert seattle.values["any_crime"][1].tolist() == list(range(9, 25))
    assert seattle.values["felonies"][0].tolist() == list(range(1025, 1041))


@pytest.mark.parametrize("post", [[0, 1, 1], [0, 0, 1]])
def test_castle_laws_count_from_adoption_however_the_source_counts(module, post) -> None:
    source = castle_source()
    source["post"] = [0, 0, 0, *post]
    assert module.castle(source)["castle_law"].tolist() == [0, 1, 1, 0, 0, 0]
    source["post"] = [0, 0, 0, 1, 1, 1]
    with pytest.raises(ValueError, match="neither in 2005 nor in 2006"):
        module.castle(source)


def test_seattle_as_the_r_package_has_it_is_the_same_table(module, tmp_path: Path) -> None:
    wide = pd.read_csv(sources(tmp_path / "s") / "seattle_dmi_blocks_wide.csv", dtype={"ID": str})
    rows = []
    for quarter in (16, *range(1, 16)):
        for _, block in wide.iterrows():
            row = {"ID": block["ID"].removesuffix(".0"), "time": quarter}
            row["Intervention"] = int(block["treated"] and quarter > 12)
            row |= {name: block[name] for name in module.SEATTLE_CENSUS}
            row |= {name: block[f"{name}_q{quarter:02d}"] for name in module.SEATTLE_OUTCOMES}
            rows.append(row)
    folder = tmp_path / "long"
    folder.mkdir()
    pd.DataFrame(rows).to_csv(folder / "seattledmi.csv", index=False)
    done, _ = module.write(folder, tmp_path / "to")
    assert done == ["wrote seattle.csv (32 rows) from seattledmi.csv"]
    module.write(tmp_path / "s", tmp_path / "other")
    assert (tmp_path / "to" / "seattle.csv").read_text(encoding="utf-8") == (
        tmp_path / "other" / "seattle.csv"
    ).read_text(encoding="utf-8")


def test_a_package_is_used_where_no_folder_has_the_table(
    module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    data = SimpleNamespace(load_pandas=lambda: SimpleNamespace(data=castle_source()))
    monkeypatch.setitem(sys.modules, "causaldata", SimpleNamespace(castle=data))
    assert module.main(["--to", str(tmp_path / "to")]) == 0
    captured = capsys.readouterr()
    assert captured.out == "wrote castle.csv (6 rows) from the package causaldata\n"
    assert "minimum_wage.csv not written: install the package moderndid, or name" in captured.err
    assert "seattle.csv not written: name a folder that holds" in captured.err
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["castle.csv"]


def test_neither_package_nor_folder_is_said_and_exit_2(module, tmp_path: Path, capsys) -> None:
    assert module.main(["--to", str(tmp_path / "to")]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and len(captured.err.splitlines()) == 4
    assert module.main(["--from", str(tmp_path / "gone"), "--to", str(tmp_path / "to")]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert not (tmp_path / "to").exists()


def test_the_variable_names_a_folder(module, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("CEASEFIRE_REFERENCE_DATA", str(sources(tmp_path / "sources")))
    assert module.main(["--to", str(tmp_path / "to")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_no_table_of_others_is_committed() -> None:
    ignored = (PROJECT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "data/replication/*.csv" in ignored


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with the published tables, where they are at hand."""
    folder = os.environ.get("CEASEFIRE_REFERENCE_DATA")
    if not folder:
        pytest.skip("CEASEFIRE_REFERENCE_DATA names no folder with the published tables")
    sys.path.insert(0, str(PROJECT))
    try:
        from benchmarks import replications
    finally:
        sys.path.remove(str(PROJECT))
    root = described(tmp_path_factory.mktemp("published"))
    replications.write(Path(folder), root / "data" / "replication")
    return root


def found(root: Path, name: str) -> dict[str, tuple[float, float]]:
    """Estimate and standard error of every answer of one replication, by its label."""
    if not (root / "data" / "replication" / f"{name}.csv").is_file():
        pytest.skip(f"the table of {name} is not at hand")
    (outcome,) = run(f"replication-{name.replace('_', '-')}", root).outcomes
    answers = {"main": outcome.headline.effect}
    answers |= {entry.label: entry.effect for entry in outcome.alternatives}
    return {
        label: (effect.estimate, effect.std_error)
        for label, effect in answers.items()
        if effect is not None
    }


def test_castle_laws_are_the_published_coefficient(published: Path) -> None:
    # bacondecomp (R): lm(l_homicide ~ post + state and year effects) gives 0.0818.
    assert found(published, "castle")["main"][0] == pytest.approx(0.0818, abs=5e-5)


def test_minimum_wages_are_the_published_means(published: Path) -> None:
    # did 2.1.2 (R): aggte type "simple" -0.0400 (0.0120), "dynamic" -0.0772 (0.0200).
    answers = found(published, "minimum_wage")
    assert answers["main"] == pytest.approx((-0.0400, 0.0120), abs=6e-5)
    dynamic = answers["Mean over years since the start (dynamic)"]
    assert dynamic == pytest.approx((-0.0772, 0.0200), abs=6e-5)


def test_proposition_99_is_the_published_table(published: Path) -> None:
    # Arkhangelsky et al. (2021), table 1: -15.6, -19.6, -27.3; their errors are of random placebos.
    answers = found(published, "proposition_99")
    assert answers["main"][0] == pytest.approx(-15.6, abs=0.05)
    assert answers["Synthetic control"][0] == pytest.approx(-19.6, abs=0.05)
    plain = answers["Plain difference-in-differences, by randomization"]
    assert plain[0] == pytest.approx(-27.3, abs=0.05)


def test_seattle_is_the_published_percentage_with_an_honest_range(published: Path) -> None:
    path = published / "data" / "replication" / "seattle.csv"
    if not path.is_file():
        pytest.skip("the table of seattle is not at hand")
    # The headline only: the checks fit it 140 times.
    plan_file = read_plan("replication-seattle", published)
    plan, panel = plan_file.plan, read_panel(path, published)
    check_against_data(plan, panel, plan_file.located)

    def fitted(change: Change = AS_PLANNED) -> Effect:
        cohorts = planned_cohorts(plan, panel, "any_crime", change)
        method = did.METHODS[change.model(plan) or ""].set_to(dict(change.options(plan)))
        return method.fit(cohorts)

    # microsynth 2.0.51 (R), vignette: -20.1 %, 90 % range -32.9 to -4.9.
    effect = fitted()
    assert effect.percent.estimate == pytest.approx(-20.1, abs=0.05)
    assert effect.percent.low < -32.9 and effect.percent.high > -4.9 and effect.objection is None
    (entry,) = (one for one in plan.alternatives if one.label == "Errors as published")
    printed = fitted(Change(alternative=entry))
    assert printed.objection is not None
    half = 1.6448536269514722 * printed.std_error
    ends = 100 * np.expm1([printed.estimate - half, printed.estimate + half])
    # The last digit, as in tests/did/test_calibration.py.
    assert ends == pytest.approx([-32.9, -4.9], abs=0.11)
