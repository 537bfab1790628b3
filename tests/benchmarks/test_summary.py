"""The one table of speeds says who is slower, how far answers are apart, and what is left out."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs/evidence"


@pytest.fixture
def summary(benchmark_module):
    return benchmark_module("summary")


@pytest.fixture
def found(summary, benchmark_module):
    its, told = benchmark_module("speed_its"), benchmark_module("speed_did_report")
    panel, peers = benchmark_module("panel"), benchmark_module("peers")
    series = [
        its.Line("batched", 1.0, 1000),
        its.Line("loop", 0.5, 10, 2e-11),
        its.Line("robust", 0.6, 10),
        its.Line("carried forward", 3.0, 100),
        its.Line("default", 2.0, 100),
        its.Line("alone", 0.3, 20),
        its.Line("power, carried forward", 0.2, 1000),
        its.Line("power", 0.3, 1000),
    ]
    exact = {"estimate": 2.0, "std_error": 1.0}
    close = {"estimate": 2.0 * (1 + 3e-9), "std_error": None}
    lines = [
        told.Line("twfe", "evaluation", seconds=0.1, answer=exact),
        told.Line("twfe", "pyfixest", "0.1", 0.4, close),
        told.Line("cs", "evaluation", seconds=0.1, answer=exact),
        told.Line("cs", "csdid", fault="not done after 600 seconds"),
    ]
    shuffled = told.Permuted(
        4368, 4e-7, {"linearmodels `PanelOLS`": 0.04, "this package's own `twfe.fit`": 1.0},
        1e-16, "Five cities", "20",
    )  # fmt: skip
    incidents = [
        panel.Taken(5_000_000, panel.OWN, seconds=8.0, gib=0.5, panel="x"),
        panel.Taken(5_000_000, "pandas", "9", 6.0, 2.0, "x"),
    ]
    rival = {"version": "0.9", "linear": 0.02, "bayes": 5.0}
    known = peers.Peers("python")
    return summary.Found(series, (2.0, 2), rival, lines, shuffled, incidents, known)


def _row(text: str, start: str) -> list[str]:
    (line,) = (line for line in text.splitlines() if line.startswith(f"| {start}"))
    return line.strip("| ").split(" | ")


def test_row_has_times_ratio_and_agreement(summary, found):
    text = summary.page(found)
    assert _row(text, "two-way fixed effects |")[2:] == [
        *("pyfixest 0.1", "100 ms", "400 ms", "4", "estimate, 3e-09"),
    ]
    kernel = _row(text, "time series: Poisson")
    assert kernel[3:] == ["1 ms", "50 ms", "50", "coefficients, 2e-11"]
    assert _row(text, "power: whether the default")[3:6] == ["300 µs", "60 ms", "200"]
    permutation = _row(text, "exact permutation")
    assert permutation[3:6] == ["0.4 µs", "40 ms", "100,000"]
    assert "this package's own" not in text
    assert _row(text, "a whole study")[3:6] == ["1 s", "5 s", "5"]
    assert _row(text, "panel of incidents, memory")[3:6] == ["0.50 GiB", "2.00 GiB", "4"]


def test_a_peer_that_is_faster_is_said_to_be(summary, found):
    text = summary.page(found)
    assert (
        "**Where the peer needs less**: panel of incidents (5,000,000 incidents), beside pandas 9:"
        " 0.75 of this package's time.\n"
    ) in text
    quick = [replace(found.incidents[0], seconds=2.0), found.incidents[1]]
    text = summary.page(replace(found, incidents=quick))
    assert "the peer needs less" not in text
    assert "In no row of that run" in text


def test_what_is_left_out_has_no_row_and_a_reason(summary, found):
    text = summary.page(found)
    assert "| Callaway" not in text
    assert "- csdid: not done after 600 seconds" in text
    assert summary.WHAT_TO_DO in text
    missing = summary.Peers("python", {"csdid==0.4.3": "No matching distribution"})
    text = summary.page(replace(found, peers=missing))
    assert "- csdid==0.4.3: No matching distribution" in text
    assert "not done after" not in text
    why = {"polars==2": "No matching distribution"}
    alone = replace(
        found,
        rival={"fault": "no environment with it"},
        lines=[line for line in found.lines if line.package == "evaluation"],
        incidents=found.incidents[:1],
        peers=summary.Peers(None, why),
    )
    text = summary.page(alone)
    assert "- polars==2: No matching distribution" in text
    # What is in this package's own environment is still compared.
    compared = [line for line in text.splitlines() if line.startswith("| ")]
    assert len([line for line in compared if "statsmodels" in line or "linearmodels" in line]) == 4
    assert len(compared) == 2 + 4


def test_cases_of_the_table_are_cases_that_are_timed(summary, benchmark_module):
    cases = {case.name for case in benchmark_module("speed_did").CASES}
    assert set(summary.SHOWN) <= cases


def test_small_sizes_do_not_replace_the_committed_pages(benchmark_module, capsys):
    driver = benchmark_module("__main__")
    before = {path: path.read_bytes() for path in DOCS.glob("benchmarks*.md")}
    with pytest.raises(SystemExit) as ended:
        driver.main(["--small"])
    assert ended.value.code == 2
    assert "--docs" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in DOCS.glob("benchmarks*.md")} == before


def test_pages_of_a_run_keep_what_other_runs_wrote(found, benchmark_module, tmp_path):
    driver, jobs = benchmark_module("__main__"), benchmark_module("jobs")
    shutil.copy(DOCS.parent / "how-to" / "panels.md", tmp_path)
    section = jobs.section([jobs.Spread("run", 15, 30.0, 18.0)], 2)
    (tmp_path / "benchmarks.md").write_text("# Before\n" + section, encoding="utf-8")
    printed = driver.write(found, tmp_path)
    written = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert written == printed + section
    assert "is 50 times as fast" in (tmp_path / "benchmarks_its.md").read_text(encoding="utf-8")
    assert "| pyfixest 0.1 | 0.4 |" in (tmp_path / "benchmarks_did.md").read_text(encoding="utf-8")
    rows = (tmp_path / "panels.md").read_text(encoding="utf-8").splitlines()
    assert "| 5,000,000 | pandas 9 | 6.0 | 0.75 | 2.00 | 4.00 |" in rows
    assert any(row.startswith("| 50,000,000 ") for row in rows)


def test_section_of_processes_survives_another_table(benchmark_module):
    jobs = benchmark_module("jobs")
    section = jobs.section([jobs.Spread("run", 15, 30.0, 18.0)], 2)
    assert "| `ceasefire run`, 15 studies | 30.0 s | 18.0 s | 1.67 |" in section
    page = jobs.with_section("# Old\n", section)
    assert page.startswith("# Old\n") and jobs.section_of(page) == section
    assert jobs.with_section("# New\n", jobs.section_of(page)) == "# New\n" + section
    assert jobs.with_section(page, section) == page
    assert jobs.section_of("# Old\n") == ""


def test_committed_table_has_every_row_that_was_asked_for():
    text = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    for start in (
        "time series: Poisson",
        "exact permutation",
        "Callaway-Sant'Anna | 1,000,000",
        "two-way fixed effects | 1,000,000",
        "synthetic control with 38 placebos",
        "panel of incidents | 5,000,000",
        "panel of incidents, memory at most | 5,000,000",
        "a whole study",
    ):
        assert any(row.startswith(f"| {start}") for row in rows), start
    for name in ("statsmodels", "linearmodels", "diff-diff", "pyfixest", "pysyncon", "polars"):
        assert re.search(rf"\| {name} \d", text), name
    assert "Left out" not in text


def test_committed_kernel_keeps_its_ratio():
    text = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    assert float(_row(text, "time series: Poisson")[5]) >= 50
