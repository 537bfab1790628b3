"""A page of the site in a browser: what it asked for, what axe finds, what does not fit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

Mode = Literal["light", "dark", "320 px"]
WIDE, NARROW = {"width": 1000, "height": 800}, {"width": 320, "height": 800}
# US Letter less the margins of the style sheet, in CSS pixels: what a sheet has room for.
SHEET = {"width": round((8.5 - 4 / 2.54) * 96), "height": round((11 - 4 / 2.54) * 96)}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

WIDER = "document.documentElement.scrollWidth - innerWidth"

# What is folded is on the page too: axe passes over it unless it is open.
_OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true; })"

# The contrast of a text follows from its color, size, weight and what is behind it. One text of
# each such combination is marked, one that is in view where there is one, and asked in its place.
_MARK = """() => {
  document.querySelectorAll('[data-contrast]').forEach(one => delete one.dataset.contrast);
  const behind = new Map(), found = new Map();
  const under = one => {
    if (!one) return '';
    if (!behind.has(one)) {
      const style = getComputedStyle(one);
      behind.set(one, [style.backgroundColor, style.backgroundImage, style.opacity,
        under(one.parentElement)].join(';'));
    }
    return behind.get(one);
  };
  const inView = one => {
    const box = one.getBoundingClientRect(), frame = one.closest('.scroll');
    const right = frame ? frame.getBoundingClientRect().right : innerWidth;
    return box.width > 0 && box.left >= 0 && box.right <= right + 1;
  };
  for (const one of document.querySelectorAll('body *:not(svg *)')) {
    if (![...one.childNodes].some(part => part.nodeType === 3 && part.data.trim())) continue;
    const style = getComputedStyle(one);
    const key = [style.color, style.fontSize, style.fontWeight, under(one)].join(';');
    if (!found.has(key) || (!found.get(key).seen && inView(one)))
      found.set(key, { one, seen: inView(one) });
  }
  for (const { one } of found.values()) one.dataset.contrast = one.dataset.kept = '';
  return found.size;
}"""

# What a picture draws is behind its role "img" and reaches nobody; tests of figures ask of it. Left
# in, it takes most of the time of every layout.
_EMPTY = """() => {
  document.querySelectorAll('svg[role="img"] > :not(title, desc)').forEach(one => one.remove());
}"""

# Rows of a table are of one pattern, which tests/report asks of every row. Left in, they take most
# of the time of every rule.
_THIN = """() => {
  for (const body of document.querySelectorAll('tbody'))
    for (const row of [...body.rows].slice(2, -1))
      if (!row.querySelector('[data-kept]')) row.remove();
}"""

_FRAMES = """value => {
  document.querySelectorAll('.scroll').forEach(one => { one.style.overflow = value; });
}"""

_AXE = """async ([where, options]) => {
  // A selector is made for what is told only: of what passes, one node is enough.
  const resultTypes = ['violations', 'incomplete'];
  // Of pages on a disk it cannot fetch style sheets, and would try for each.
  const found = await axe.run(where || document, { ...options, resultTypes, preload: false });
  const said = list => list.flatMap(rule => rule.nodes.map(node =>
    `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary || rule.help}`));
  return { violations: said(found.violations), incomplete: said(found.incomplete),
    passes: found.passes.map(rule => rule.id) };
}"""

# Elements with words of their own that a sheet of paper would not show, or not whole.
_CUT = """() => {
  const cut = [];
  const name = one => `${one.tagName.toLowerCase()} "${one.textContent.trim().slice(0, 40)}"`;
  for (const one of document.querySelectorAll('body *')) {
    if (one.closest('svg') && one.tagName !== 'svg') continue;
    const words = [...one.childNodes].some(part => part.nodeType === 3 && part.data.trim());
    if (!words && one.tagName !== 'svg') continue;
    // Ways around a screen, and pictures for a small one; paper has none.
    if (one.closest('.skip, nav, svg.narrow, svg[aria-hidden]')) continue;
    if (!one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }))
      cut.push(`not printed: ${name(one)}`);
    else {
      const box = one.getBoundingClientRect();
      if (box.right > innerWidth + 1 || box.left < -1) cut.push(`over the edge: ${name(one)}`);
      if (one.tagName === 'svg' && box.height > innerHeight) cut.push(`too tall: ${name(one)}`);
    }
    const frame = one.closest('.scroll') || one;
    if (getComputedStyle(frame).overflowX !== 'visible'
        && getComputedStyle(one).display !== 'inline' && frame.tagName !== 'svg'
        && frame.scrollWidth > frame.clientWidth + 1)
      cut.push(`cut by its frame: ${name(one)}`);
  }
  return [...new Set(cut)];
}"""


def missing(says: str) -> NoReturn:
    """A skip on someone's own machine; a failure where every test must run."""
    if os.environ.get("CEASEFIRE_CI") == "1":
        pytest.fail(says, pytrace=False)
    pytest.skip(says)


@contextmanager
def opened(browser: Browser, path: Path) -> Iterator[tuple[Page, list[str]]]:
    """The page at that path, and the addresses it asks for; all but itself are refused."""
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")
    asked: list[str] = []

    def answer(route: Route) -> None:
        if route.request.url == path.as_uri():
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", answer)
    page = context.new_page()
    page.goto(path.as_uri())
    page.evaluate(_EMPTY)
    page.evaluate(_OPEN)
    try:
        yield page, asked
    finally:
        context.close()


def show(page: Page, mode: Mode) -> None:
    """The page as a reader with that screen has it."""
    page.emulate_media(media="screen", color_scheme="dark" if mode == "dark" else "light")
    page.set_viewport_size(NARROW if mode == "320 px" else WIDE)


def sideways(page: Page) -> int:
    """Pixels that the page is wider than the screen."""
    return page.evaluate(WIDER)


def cut_on_paper(page: Page) -> list[str]:
    """What a printed page lacks."""
    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size(SHEET)
    return page.evaluate(_CUT)


def violations(page: Page, modes: tuple[Mode, ...]) -> list[str]:
    """What axe finds wrong in those modes. The page is thinned: ask everything else before."""
    for mode in modes:
        # Every mode marks its own, so that none is thinned away for another.
        show(page, mode)
        page.evaluate(_MARK)
    page.evaluate(_THIN)
    page.evaluate(_axe())
    found: list[str] = []
    for mode in modes:
        show(page, mode)
        assert page.evaluate(_MARK) > 0
        rules = {"color-contrast": {"enabled": False}}
        whole = page.evaluate(_AXE, [None, {"runOnly": TAGS, "rules": rules}])
        # A cell that is moved out of view has the contrast it has in view; axe wants to see it.
        page.evaluate(_FRAMES, "visible")
        contrast = page.evaluate(_AXE, ["[data-contrast]", {"runOnly": ["color-contrast"]}])
        page.evaluate(_FRAMES, "")
        assert "region" in whole["passes"] or whole["violations"], "axe asked nothing"
        found += [f"{mode}: {one}" for part in (whole, contrast) for one in part["violations"]]
        # A contrast that axe could not see is not known to be good.
        found += [f"{mode}: not known: {one}" for one in contrast["incomplete"]]
    return found


@cache
def _axe() -> str:
    from axe_playwright_python.base import AXE_SCRIPT

    return AXE_SCRIPT
