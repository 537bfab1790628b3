"""The page about power says what was simulated, in words, picture and table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from report_page import Page, faults

from evaluation import plots
from evaluation.effect import Interval
from evaluation.plots.curves import POWER_HEIGHT, Chance, power_curves
from evaluation.report.sections import power_words
from evaluation.report.sections.power_page import power_html
from evaluation.study.power.power_evidence import (
    Assumed,
    OutcomePower,
    PowerAfter,
    PowerEvidence,
    PowerPoint,
    dumps,
    loads,
)


def outcome(**changes: object) -> OutcomePower:
    points = zip((0, 10, 20, 30, 40, 50), (0.01, 0.11, 0.3, 0.6, 0.84, 0.97), strict=True)
    curve = tuple(PowerPoint(-float(size), share, 0.013, 0.0) for size, share in points)
    made = OutcomePower(
        column="gun_homicides",
        label="gun homicides",
        measure="victims a month",
        better="lower",
        primary=True,
        worthwhile=10.0,
        method="averaged-reml",
        method_label="Averaged REML, AR(1) and nugget",
        draws=1000,
        assumed=Assumed(
            first="2009-01",
            last="2013-12",
            periods=60,
            total=512.0,
            before=8.4,
            end=7.9,
            trend_limited=False,
            dispersion=1.31,
            deviation=None,
            correlation=0.22,
            dispersion_found=1.31,
            correlation_found=0.22,
        ),
        curve=curve,
        false_alarms=0.024,
        detectable=Interval(-38.3, -39.5, -37.1),
        persistent=(
            PowerPoint(0.0, 0.02, 0.013, 0.0),
            PowerPoint(-20.0, 0.28, 0.013, 0.0),
            PowerPoint(-40.0, 0.81, 0.013, 0.0),
        ),
        persistent_detectable=Interval(-39.6, -41.0, -38.2),
        persistent_reason="",
        after=(
            PowerAfter(12, "2014-12", 0.06, 0.013),
            PowerAfter(24, "2015-12", 0.09, 0.013),
        ),
        needed=None,
        needed_reason="not within 10 years",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def study(*outcomes: OutcomePower, **changes: object) -> PowerEvidence:
    made = PowerEvidence(
        slug="testville",
        title="Ceasefire and gun homicide in Testville",
        question="Did Ceasefire reduce gun homicide in Testville?",
        goal=1,
        intervention="Ceasefire",
        start="2014-01",
        plan_sha256="a" * 64,
        data="data/public/testville.csv",
        sensitivity="public",
        unit="Testville",
        frequency="month",
        first="2009-01",
        last="2016-12",
        periods_after=36,
        seed=4,
        outcomes=outcomes or (outcome(),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


RISES = outcome(
    column="trust score (0–100)",
    label="trust <in> the police & others",
    better="higher",
    primary=False,
    curve=tuple(PowerPoint(size, size / 300, 0.02, 0.1) for size in (0.0, 50.0, 200.0)),
    detectable=None,
    worthwhile=None,
    persistent=(),
    persistent_detectable=None,
    persistent_reason="only counts have a rate under their noise",
    after=(),
    needed_reason="the plan names no smallest change worth having",
)


def test_the_first_sentence_gives_both_changes_in_plain_words() -> None:
    assert power_words.what_can_be_found(outcome()) == (
        "With these data a fall in gun homicides of about 38% or more would be found four times in "
        "five; a fall of 10%, the smallest worth having, would be found 1 time in 10."
    )
    assert "not even a rise in trust <in> the police & others of 200% would be found" in (
        power_words.what_can_be_found(RISES)
    )


def test_time_needed_is_said_for_every_case() -> None:
    base = study()
    assert "would take more than 24 months after the start" in power_words.time_needed(
        outcome(), base
    )
    assert "takes about 19 months" in power_words.time_needed(outcome(needed=18.6), base)
    assert "takes 12 months or less" in power_words.time_needed(outcome(needed=12.0), base)
    assert "names no smallest change" in power_words.time_needed(RISES, base)


@pytest.mark.parametrize(
    "power",
    [study(), study(outcome(), RISES, sensitivity="synthetic")],
    ids=["one outcome", "two, synthetic"],
)
def test_the_page_can_be_read_heard_and_kept(power: PowerEvidence) -> None:
    written = dumps(power)
    html = power_html(loads(written))
    assert faults(html) == []
    assert html == power_html(loads(written))
    page = Page(html)
    pictures = [one for one in page.all("svg") if one.attributes.get("role") == "img"]
    # Each once more for a phone.
    assert len(pictures) == 2 * len(power.outcomes)
    heard = page.all("desc")[0].text
    assert "−40%: 84.0%" in heard
    assert "With a rate that persists" in heard
    assert ("Synthetic data" in html) is (power.sensitivity == "synthetic")


def test_names_from_the_data_are_escaped() -> None:
    html = power_html(study(RISES))
    assert "<in>" not in html
    assert "trust &lt;in&gt; the police &amp; others" in html.replace("Trust", "trust")


def test_the_table_holds_every_number_of_the_curve() -> None:
    page = Page(power_html(study()))
    table = next(node for node in page.all("table") if "how often a true change" in node.text)
    for share in ("1.0%", "11.0%", "30.0%", "60.0%", "84.0%", "97.0%", "28.0%", "81.0%"):
        assert share in table.text


def test_what_was_set_and_not_found_is_said() -> None:
    world = replace(
        outcome().assumed,
        trend_limited=True,
        dispersion=1.0,
        dispersion_found=0.84,
        correlation=0.0,
        correlation_found=-0.12,
    )
    html = power_html(study(outcome(assumed=world)))
    assert "trend before the start was flattened" in html
    assert "fitted: 0.84" in html
    assert "fitted: −0.12" in html


def test_nothing_is_said_to_be_significant_or_proved() -> None:
    html = power_html(study(outcome(), RISES)).lower()
    assert "significan" not in html
    assert "proved" not in html


def test_the_figure_keeps_its_words_inside_and_apart() -> None:
    rows = [Chance(-float(size), size, size - 1, size + 1) for size in range(0, 75, 5)]
    with plots.style():
        for worthwhile in (-10.0, -65.0):
            figure = plots.blank(POWER_HEIGHT)
            ax = power_curves(rows, figure.axes[0], persistent=rows[::2], worthwhile=worthwhile)
            renderer = FigureCanvasAgg(figure).get_renderer()
            figure.draw(renderer)
            boxes = [label.get_window_extent(renderer) for label in ax.get_xticklabels()]
            boxes.append(ax.xaxis.label.get_window_extent(renderer))
            boxes.append(ax.get_legend().get_window_extent(renderer))
            page = figure.bbox
            assert all(box.x0 >= page.x0 and box.x1 <= page.x1 for box in boxes)
            assert all(box.y0 >= page.y0 and box.y1 <= page.y1 for box in boxes)
            assert not any(
                one.overlaps(other)
                for number, one in enumerate(boxes)
                for other in boxes[number + 1 :]
            )
