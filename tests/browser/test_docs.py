"""The documentation as a site: no warning, no broken link, no network, nothing that axe finds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest
from open_page import WIDER, Mode, missing, show, sideways, violations

pytestmark = [pytest.mark.slow]

ROOT = Path(__file__).parents[2]
NEEDED = ("sphinx", "myst_parser", "pydata_sphinx_theme")
# One of each kind: the front, a list, a drawing, equations, docstrings, commands.
KINDS = (
    "index.html",
    "how-to/index.html",
    "start/which-design.html",
    "methods/equations.html",
    "reference/python/evaluation_fitted.html",
    "start/your-city.html",
)
# What axe is asked of each: all rules take seconds, and pages share their template.
MODES: dict[str, tuple[Mode, ...]] = {
    "index.html": ("light", "dark", "320 px"),
    "methods/equations.html": ("light",),
    "reference/python/evaluation_fitted.html": ("dark",),
    "start/which-design.html": ("320 px",),
}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, of which every warning is an error."""
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        missing(f"{', '.join(lacking)}: not installed. pip install 'ceasefire-evaluation[docs]'")
    made = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"),
            *("-d", str(made / "doctrees"), str(ROOT / "docs"), str(made / "html")),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=600,
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return made / "html"


class Addresses(HTMLParser):
    """Ids of a page, where it leads, and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif "src" in given:
            self.loaded.append(given["src"])
        elif tag == "link" and given.get("rel") not in (
            "index",
            "search",
            "next",
            "prev",
            "author",
        ):
            self.loaded.append(given.get("href", ""))


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Addresses]:
    # The theme has a template among its files.
    made = (path for path in site.rglob("*.html") if "_static" not in path.parts)
    return {path: Addresses(path) for path in made}


def test_every_page_of_the_folder_is_a_page_of_the_site(site: Path, pages: Any) -> None:
    sources = {p.relative_to(ROOT / "docs").with_suffix(".html") for p in ROOT.glob("docs/**/*.md")}
    assert sources <= {path.relative_to(site) for path in pages}


def test_no_link_within_the_site_is_broken(pages: dict[Path, Addresses]) -> None:
    broken = []
    for path, page in pages.items():
        for link in (*page.links, *page.loaded):
            where, name = urldefrag(unquote(link.partition("?")[0]))
            if re.match(r"(https?|mailto|data):", link):
                continue
            target = (path.parent / where).resolve() if where else path
            if not target.is_file() or (name and target in pages and name not in pages[target].ids):
                broken.append(f"{path.name}: {link}")
    assert broken == []


def test_every_column_of_a_table_has_a_name(pages: dict[Path, Addresses]) -> None:
    blank = re.compile(r"<th[^>]*>(?:<p>)?\s*(?:</p>)?</th>")
    assert [path.name for path, page in pages.items() if blank.search(page.text)] == []


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Addresses]) -> None:
    outside = re.compile(r"(?:https?:)?//")
    assert [one for page in pages.values() for one in page.loaded if outside.match(one)] == []
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", text), sheet.name


@contextmanager
def opened(browser: Any, site: Path, name: str) -> Iterator[tuple[Any, list[str]]]:
    """A page of the site, and what it asks for beyond the site, which is refused."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    # What lies in the site is not asked about here one by one, which took most of a page's time.
    context.route(re.compile(f"^(?!{re.escape(site.as_uri())})"), answer)
    page = context.new_page()
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(f"{site.as_uri()}/{name}")
    try:
        yield page, asked
        assert not failed, failed
    finally:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", KINDS)
def test_page_asks_nothing_fits_two_screens_and_axe_finds_nothing(
    browser: Any, site: Path, name: str
) -> None:
    with opened(browser, site, name) as (page, asked):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert sideways(page) == 0, width
        assert asked == []
        ground = "getComputedStyle(document.body).backgroundColor"
        modes = MODES.get(name, ())
        if "dark" in modes:
            show(page, "light")
            light = page.evaluate(ground)
            show(page, "dark")
            # The theme hears of it a moment later.
            page.wait_for_function(f"{ground} !== {light!r}", timeout=30_000)
        # What axe could not see is a single letter of an equation, or a word half out of view.
        found = violations(page, modes)
        assert [one for one in found if ": not known: " not in one] == []


# What is wider than a phone and does not scroll by itself: a reader cannot get at it, also where
# the page hides what hangs over its edge.
LOST = """() => [
  ...document.querySelectorAll('article :is(table, pre, img, svg, math)')
].filter(one => {
    if (one.getBoundingClientRect().right <= innerWidth + 1) return false;
    for (let box = one; box && box.tagName !== 'ARTICLE'; box = box.parentElement)
      if (['auto', 'scroll'].includes(getComputedStyle(box).overflowX)) return false;
    return true;
  }).map(one => `${one.tagName} ${one.textContent.trim().slice(0, 30)}`)"""


@pytest.mark.browser
def test_every_page_fits_a_phone(browser: Any, pages: dict[Path, Addresses]) -> None:
    # Widths are those of the style sheets; scripts would take most of the time.
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    page, wide = context.new_page(), {}
    for path in sorted(pages):
        # All of it: before the style sheets are there, tables are as wide as they like.
        page.goto(path.as_uri(), wait_until="load")
        wide["/".join(path.parts[-2:])] = page.evaluate(f"[{WIDER}, ({LOST})()]")
    context.close()
    assert {name: by for name, by in wide.items() if by != [0, []]} == {}


# Words that readers look for, and the pages of which one comes first.
FIRST = {
    "backlash": ("reference/glossary",),
    "confidence interval": ("reference/glossary",),
    "call-in": ("reference/glossary",),
    "spillover": ("reference/glossary",),
    "placebo": ("reference/glossary",),
    "missing months": ("reference/glossary", "how-to/python"),
    "polars": ("how-to/python",),
    "CSV": ("reference/data",),
    "Spanish": ("how-to/own-language", "reference/glossary"),
    "intervalo": ("reference/glossary",),
    "recidivism": ("reference/glossary",),
    "control group": ("reference/glossary",),
    "p value": ("reference/glossary",),
    "jackknife": ("methods/equations", "methods/alternatives", "methods/did_methods"),
}
ASKED = """all => all.map(one => {
  const found = Search._performSearch(...Search._parseQuery(one));
  return found.length ? found.at(-1)[0] : '';
})"""


@pytest.mark.browser
def test_search_finds_first_what_a_reader_looks_for(browser: Any, site: Path) -> None:
    with opened(browser, site, "search.html?q=jackknife") as (page, asked):
        page.wait_for_selector("#search-results li a", timeout=30_000)
        shown = page.eval_on_selector_all("#search-results li a", "all => all.map(one => one.href)")
        assert any("did_methods.html" in one or "equations.html" in one for one in shown)
        first = dict(zip(FIRST, page.evaluate(ASKED, list(FIRST)), strict=True))
        assert {word: at for word, at in first.items() if at not in FIRST[word]} == {}
        assert page.evaluate(ASKED, ["zzzznothing"]) == [""]
        assert asked == []


@pytest.mark.browser
def test_a_block_of_code_is_copied_by_its_button(browser: Any, site: Path) -> None:
    with opened(browser, site, "start/your-city.html") as (page, _):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.click(".copy >> nth=1")
        page.wait_for_selector(".copy:text('Copied')")
        assert page.evaluate("navigator.clipboard.readText()").startswith("ceasefire panel --new")
