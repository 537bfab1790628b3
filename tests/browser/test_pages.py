"""Every committed page in a browser: nothing asked, nothing wrong by axe, nothing cut."""

from __future__ import annotations

import os
import re
from functools import cache
from html.parser import HTMLParser
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
# axe takes most of the time. Its rules ask of elements what they are, so that it is asked of pages
# which have every kind of element between them; of all where CEASEFIRE_EVERY_PAGE=1.
ALL = os.environ.get("CEASEFIRE_EVERY_PAGE") == "1"


class Elements(HTMLParser):
    """The kinds of element of a page: what each is, what it is in and what is said of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: set[tuple[object, ...]] = set()
        # What a picture draws reaches nobody: see `open_page`.
        self.feed(re.sub(r"(<svg[^>]*>).*?</svg>", r"\1</svg>", html, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        kind = sorted((said.get("class") or "").split())
        within = self.open[-1] if self.open else ""
        self.found.add((within, tag, *kind, "", *sorted(said), said.get("role")))
        if tag not in ("br", "col", "hr", "img", "input", "link", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass


@cache
def for_axe() -> frozenset[str]:
    """The pages of each kind, and as few others as have what these do not."""
    found = {name: Elements((REPORTS / name).read_text(encoding="utf-8")).found for name in PAGES}
    left = set[tuple[object, ...]]().union(*found.values())
    chosen = list(KINDS)
    for name in KINDS:
        left -= found[name]
    while left:
        chosen.append(max(PAGES, key=lambda name: len(found[name] & left)))
        left -= found[chosen[-1]]
    return frozenset(PAGES if ALL else chosen)


def test_one_page_of_each_kind_is_there():
    assert set(KINDS) <= set(PAGES)
    assert len(PAGES) > 30
    assert set(KINDS) < for_axe() <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_page_asks_nothing_fits_a_phone_and_axe_finds_nothing(browser, name):
    with opened(browser, REPORTS / name) as (page, asked):
        show(page, "320 px")
        assert sideways(page) == 0
        assert cut_on_paper(page) == []
        if name in for_axe():
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


# What is heard at once; on a phone a text would else have the contrast it has in the light.
TOGETHER: dict[tuple[Mode, ...], tuple[str, ...]] = {
    ("light", "dark"): tuple(one for one in BROKEN if one != "phone contrast"),
    ("320 px",): ("phone contrast",),
}


@pytest.mark.parametrize("modes", TOGETHER, ids=" and ".join)
def test_axe_hears_what_is_broken(browser, tmp_path, modes):
    html = (REPORTS / "boston/es.html").read_text(encoding="utf-8")
    html = html.replace('lang="es-US"', 'lang="en-US"')
    for broken in TOGETHER[modes]:
        old, new, _ = BROKEN[broken]
        assert old in html
        html = html.replace(old, new, 1)
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    with opened(browser, tmp_path / "page.html") as (page, _):
        heard = violations(page, modes)
    rules = [BROKEN[broken][2] for broken in TOGETHER[modes]]
    assert [rule for rule in rules if not any(rule in one for one in heard)] == []


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
