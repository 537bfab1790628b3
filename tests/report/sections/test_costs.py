"""Money in words: as sure as the evidence and no surer, and nothing where nothing was supplied."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "economics"))
from example_study import synthetic_study
from invented import COST, EXAMPLE, HEAD, VALUE, changed, evidence, ledger, ratio

from evaluation.economics import cost_benefit
from evaluation.economics.result import CostBenefit
from evaluation.report.blocks import Block, Callout, Details, Document, Figure, Heading, Paragraph
from evaluation.report.blocks import Table as TableBlock
from evaluation.report.html import render
from evaluation.report.sections.costs import cost_words, economics_section

# The largest words a reader must never meet.
BANNED = ("significant", "proved", "proves", "nan", "inf ")


def _found(folder: Path, text: str = EXAMPLE, *, grade: str = "moderate", **effect: float):
    theta, error = effect.get("theta", -0.3), effect.get("error", 0.1)
    return cost_benefit(evidence(ratio(theta, error), grade=grade), ledger(folder, text))


def _words(blocks: list[Block]) -> str:
    said = []
    for block in blocks:
        if isinstance(block, (Paragraph, Callout)):
            said.append("".join(p if isinstance(p, str) else p.text for p in block.text))
    return " ".join(said)


def _cells(blocks: list[Block], key: str) -> dict[str, tuple[str, ...]]:
    (table,) = (b for b in blocks if isinstance(b, TableBlock) and b.key == key)
    return {
        str(row[0][0]): tuple("".join(map(str, cell)) for cell in row[1:]) for row in table.rows
    }


def test_sentence_is_as_sure_as_the_grade(tmp_path: Path) -> None:
    said = {
        grade: _words(economics_section(_found(tmp_path, grade=grade)))
        for grade in ("low", "moderate", "high")
    }
    assert "benefits may exceed costs, by $" in said["low"]
    assert "benefits probably exceed costs, by $" in said["moderate"]
    assert "public budgets, benefits exceed costs, by $" in said["high"]


def test_range_that_holds_nought_tells_nothing_of_the_sign(tmp_path: Path) -> None:
    said = _words(economics_section(_found(tmp_path, theta=-0.05, error=0.2)))
    assert "we cannot tell whether benefits exceed costs" in said
    assert "probably" not in said


def test_loss_is_told_as_readily_as_gain(tmp_path: Path) -> None:
    said = _words(economics_section(_found(tmp_path, theta=0.4)))
    assert "benefits probably fall short of costs, by $" in said
    assert "fewer than 1 of 100 draws" in said


def test_very_low_grade_shows_break_even_and_no_balance(tmp_path: Path) -> None:
    found = _found(tmp_path, grade="very low")
    blocks = economics_section(found)
    said = _words(blocks)
    assert "Money cannot be judged" in [b.title for b in blocks if isinstance(b, Callout)]
    assert "graded very low" in said
    even = found.balance("public budget").break_even
    assert even is not None
    assert even.estimate is not None
    assert f"fall by {even.estimate:.1f}%" in said
    assert not [block for block in blocks if isinstance(block, Figure)]
    cells = _cells(blocks, "economics-public-budget-table")
    assert list(cells) == ["Cost", "Fall at which benefits equal cost"]
    assert "exceed costs" not in said
    net = found.balance("public budget").net
    assert net is not None
    assert f"${net.estimate / 1e6:.3g} million" not in render(_page(blocks))


def test_numbers_of_the_table_are_those_found(tmp_path: Path) -> None:
    found = _found(tmp_path)
    cells = _cells(economics_section(found), "economics-public-budget-table")
    balance = found.balance("public budget")
    assert balance.net is not None
    assert balance.ratio is not None
    assert cells["Net benefit"][0] == f"${balance.net.estimate / 1e6:.3g} million"
    assert cells["Benefit for each 1 spent (benefit-cost ratio)"] == (
        f"{balance.ratio.estimate:.2f}",
        f"{balance.ratio.low:.2f} to {balance.ratio.high:.2f}",
    )


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        ({"theta": -0.1, "error": 0.2}, "upward, or none averted"),
        ({"theta": 0.5, "error": 0.1}, "None averted"),
    ],
)
def test_cost_of_one_averted_says_when_none_may_have_been(
    tmp_path: Path, effect: dict[str, float], words: str
) -> None:
    cells = _cells(economics_section(_found(tmp_path, **effect)), "economics-public-budget-table")
    assert words in cells["Cost of one averted: gun homicides, not discounted"][1]


def test_cost_that_was_not_supplied_is_said_and_never_nought(tmp_path: Path) -> None:
    blocks = economics_section(_found(tmp_path, HEAD + VALUE))
    cells = _cells(blocks, "economics-public-budget-table")
    assert cells["Cost"] == ("Not supplied", "")
    assert cells["Net benefit"] == ("Cost not supplied", "")
    assert "cost not supplied" in _words(blocks)
    assert "$0" not in _words(blocks)
    assert cost_words(_found(tmp_path, HEAD + VALUE)) == "Not supplied"


def test_value_that_was_not_supplied_is_said(tmp_path: Path) -> None:
    blocks = economics_section(_found(tmp_path, HEAD + COST))
    assert "no value of outcomes was supplied" in _words(blocks)
    assert not [block for block in blocks if isinstance(block, Figure)]


def test_frame_names_time_prices_and_discount(tmp_path: Path) -> None:
    said = _words(economics_section(_found(tmp_path)))
    for words in ("January 2014 to December 2016 (3 years)", "prices of 2023", "3% a year"):
        assert words in said


def test_invented_amounts_are_flagged_and_published_ones_are_not(tmp_path: Path) -> None:
    real = {"certainty": '"published"'}
    text = HEAD + changed(COST, **real) + changed(VALUE, **real)
    warned = [b.title for b in economics_section(_found(tmp_path)) if isinstance(b, Callout)]
    calm = [b.title for b in economics_section(_found(tmp_path, text)) if isinstance(b, Callout)]
    assert warned == ["Invented amounts"]
    assert calm == []


def test_every_amount_has_its_source_and_year(tmp_path: Path) -> None:
    blocks = economics_section(_found(tmp_path, HEAD + changed(COST, year="2008") + VALUE))
    (details,) = (block for block in blocks if isinstance(block, Details))
    (table,) = details.blocks
    assert isinstance(table, TableBlock)
    rows = [" | ".join("".join(map(str, cell)) for cell in row) for row in table.rows]
    assert len(rows) == 2
    assert "$1 million in 2008 | $1.42 million" in rows[0]
    assert all("Invented" in row for row in rows)


def test_what_is_not_counted_is_listed(tmp_path: Path) -> None:
    text = 'not_counted = ["fear in the neighborhood"]\n' + EXAMPLE
    page = render(_page(economics_section(_found(tmp_path, text))))
    assert "Fear in the neighborhood." in page
    assert "Anything after the last period of the study." in page


def test_page_is_whole_and_the_same_each_time(tmp_path: Path) -> None:
    victims = changed(VALUE, perspective='"victims"')
    found = _found(tmp_path, EXAMPLE + victims)
    page = render(_page(economics_section(found)))
    assert page == render(_page(economics_section(found)))
    assert not [word for word in BANNED if word in page.lower()]
    figures = [block for block in economics_section(found) if isinstance(block, Figure)]
    assert [figure.key for figure in figures] == [
        "economics-public-budget-tornado",
        "economics-public-budget-chance",
        "economics-victims-tornado",
        "economics-victims-chance",
    ]
    for figure in figures:
        assert ElementTree.fromstring(figure.svg).tag.endswith("svg")
        assert figure.table.rows


def test_keys_and_anchors_are_unique(tmp_path: Path) -> None:
    found = _found(tmp_path, EXAMPLE + changed(VALUE, perspective='"society"'))
    blocks = economics_section(found)
    keys = [b.key for b in blocks if isinstance(b, (TableBlock, Figure))]
    anchors = [b.anchor for b in blocks if isinstance(b, Heading)]
    assert len(set(keys + anchors)) == len(keys) + len(anchors)


def test_bars_of_the_tornado_are_drawn_where_the_numbers_are() -> None:
    from matplotlib.patches import Rectangle

    from evaluation import plots
    from evaluation.plots.economics import Swing, tornado, tornado_height

    with plots.style():
        figure = plots.blank(tornado_height(2))
        axes = tornado([Swing("one", -2.0, 5.0), Swing("two", 1.0, 3.0)], 2.0, figure.axes[0])
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    reached = [bar.get_x() + bar.get_width() for bar in bars]
    assert reached == pytest.approx([-2.0, 5.0, 1.0, 3.0])
    assert {bar.get_x() for bar in bars} == {2.0}
    low, high = axes.get_xlim()
    assert low < -2.0
    assert high > 5.0


def test_invented_study_keeps_its_mark(tmp_path: Path) -> None:
    study = synthetic_study()
    plain = replace(study, outcomes=evidence(ratio(-0.3, 0.1)).outcomes)
    found: CostBenefit = cost_benefit(plain, ledger(tmp_path))
    assert found.synthetic


def _page(blocks: list[Block]) -> Document:
    return Document("Cost", "Cost", "", tuple(blocks))
