"""Every committed page in a browser: nothing asked, nothing wrong by axe, nothing cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from open_page import Mode, cut_on_paper, opened, show, sideways, violations

pytestmark = pytest.mark.browser

REPORTS = Path(__file__).parents[2] / "reports"
# Pages of replications are not committed.
PAGES = tuple(
    path.relative_to(REPORTS).as_posix()
    for path in sorted(REPORTS.rglob("*.html"))
    if not path.relative_to(REPORTS).as_posix().startswith("replication-")
)
# One of each kind, for what takes longer: the pages over all studies, the answer in Spanish, an
# appendix, a page on power, and a report of one series, of a comparison with its costs, of people
# and of a survey.
KINDS = (
    "index.html",
    "es.html",
    "studies.html",
    "tests.html",
    "boston/es.html",
    "boston/appendix.html",
    "boston/power.html",
    "boston/index.html",
    "oakland-synthetic-cities/index.html",
    "participants-synthetic/index.html",
    "survey-synthetic/index.html",
)
EVERY: tuple[Mode, ...] = ("light", "dark", "320 px")


def test_one_page_of_each_kind_is_there():
    assert set(KINDS) <= set(PAGES)
    assert len(PAGES) > 30


@pytest.mark.parametrize("name", PAGES)
def test_page_asks_nothing_fits_a_phone_and_axe_finds_nothing(browser, name):
    with opened(browser, REPORTS / name) as (page, asked):
        show(page, "320 px")
        assert sideways(page) == 0
        assert cut_on_paper(page) == []
        assert violations(page, EVERY if name in KINDS else ("light",)) == []
        assert asked == []


BROKEN = {
    "lang=": ('<html lang="en-US">', "<html>", "html-has-lang"),
    "contrast": ("</style>", ".over { color: #aaa; } </style>", "light: color-contrast"),
    "dark contrast": (
        "</style>",
        "@media (prefers-color-scheme: dark) { .over { color: #333; } } </style>",
        "dark: color-contrast",
    ),
    "phone contrast": (
        "</style>",
        "@media (max-width: 30rem) { .over { color: #ccc; } } </style>",
        "320 px: color-contrast",
    ),
    "landmark": ("<main ", "<main role='none' ", "landmark-one-main"),
    "small target": (
        "</main>",
        "<p><a style='font-size:8px' href='#main'>1</a><br><a style='font-size:8px' "
        "href='#main'>2</a></p><p style='line-height:.4'><button style='width:9px;height:9px;"
        "padding:0'>1</button><button style='width:9px;height:9px;padding:0'>2</button></p></main>",
        "target-size",
    ),
    "folded": (
        "</main>",
        "<details><summary>More</summary><img src='data:,'></details></main>",
        "image-alt",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_axe_hears_what_is_broken(browser, tmp_path, broken):
    old, new, rule = BROKEN[broken]
    html = (REPORTS / "boston/es.html").read_text(encoding="utf-8")
    html = html.replace('lang="es-US"', 'lang="en-US"').replace(old, new, 1)
    assert new in html
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    with opened(browser, tmp_path / "page.html") as (page, _):
        assert any(rule in one for one in violations(page, EVERY))


def test_what_is_asked_too_wide_or_cut_is_heard(browser, tmp_path):
    html = (REPORTS / "boston/es.html").read_text(encoding="utf-8")
    wide = (
        "<p style='width:900px'>wide</p><p class='too-narrow'>longer than its frame</p>"
        "<p class='gone'>gone</p><img alt='' src='picture.png'>"
        "<style>.too-narrow { overflow: hidden; width: 9px; white-space: nowrap }"
        "@media print { .gone { display: none } }</style></main>"
    )
    (tmp_path / "page.html").write_text(html.replace("</main>", wide), encoding="utf-8")
    with opened(browser, tmp_path / "page.html") as (page, asked):
        show(page, "320 px")
        assert sideways(page) > 500
        cut = cut_on_paper(page)
    assert {'not printed: p "gone"', 'over the edge: p "wide"'} <= set(cut)
    assert any(one.startswith("cut by its frame: p") for one in cut)
    assert [address.rsplit("/", 1)[1] for address in asked] == ["picture.png"]
