"""A page read with the standard library, to be asked what axe does not ask."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

from evaluation.report.html import render
from evaluation.report.layers import first_page, report_document
from evaluation.say import SPANISH, Language
from evaluation.study.evidence import Evidence, dumps, loads

VOID = {"meta", "link", "br", "hr", "img", "input"}


def report_html(evidence: Evidence) -> str:
    """Both layers of a study as one page, from the numbers as results.json holds them."""
    return render(report_document(loads(dumps(evidence))))


def first_page_html(evidence: Evidence, language: Language = SPANISH) -> str:
    """The first layer in that language."""
    return render(first_page(loads(dumps(evidence)), language))


@dataclass
class Node:
    tag: str
    attributes: dict[str, str]
    # Left out of the repr: a failing test would print the page once for every element in it.
    parents: tuple[Node, ...] = field(repr=False)
    text: str = ""
    inside: list[Node] = field(default_factory=list, repr=False)


class Page(HTMLParser):
    """All elements of a page, in order, each with its parents and the text inside it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[Node] = []
        self.open: list[Node] = []
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {[node.tag for node in self.open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, tuple(self.open))
        assert len(node.attributes) == len(attrs), f"an attribute twice in <{tag}>"
        self.nodes.append(node)
        for parent in self.open:
            parent.inside.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for node in self.open:
            node.text += data

    def all(self, tag: str) -> list[Node]:
        return [node for node in self.nodes if node.tag == tag]

    def by_id(self) -> dict[str, Node]:
        return {node.attributes["id"]: node for node in self.nodes if "id" in node.attributes}


def faults(html: str, *, at: Path | None = None) -> list[str]:
    """What is wrong with a page for a reader who cannot see it or is not on line.

    Parameters
    ----------
    at : where the page lies, to ask whether what it leads to lies beside it.
    """
    page = Page(html)
    found: list[str] = []
    ids = [node.attributes["id"] for node in page.nodes if "id" in node.attributes]
    known = page.by_id()
    found += [f"id {name} twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for node in page.nodes:
        for name, value in node.attributes.items():
            targets: list[str] = []
            if name in ("aria-labelledby", "aria-describedby", "aria-controls"):
                targets = value.split()
            elif name in ("href", "xlink:href") and value.startswith("#"):
                targets = [value[1:]]
            targets += re.findall(r"url\(#([^)]*)\)", value)
            found += [
                f"{name} names {target}, not there" for target in targets if target not in known
            ]
            if re.search(r"(?:https?:)?//", value) and not name.startswith("xmlns"):
                found.append(f"{name} reaches out: {value}")
            if name.startswith("on"):
                found.append(f"{name} is a script")
    if "@import" in html or re.search(r"url\((?!#)", html):
        found.append("a style reaches out")
    if page.all("script"):
        found.append("a script")
    for svg in page.all("svg"):
        if svg.attributes.get("aria-hidden") == "true":
            continue  # letters of the others
        named = svg.attributes.get("aria-labelledby", "").split()
        texts = [known[name].text.strip() for name in named if name in known]
        if svg.attributes.get("role") != "img" or len(texts) < 2 or not all(texts):
            found.append("a picture without role, title or description")
    for figure in page.all("figure"):
        tags = [node.tag for node in figure.inside]
        if "table" not in tags or "figcaption" not in tags:
            found.append("a figure without its table or caption")
    levels = [int(node.tag[1]) for node in page.nodes if re.fullmatch("h[1-6]", node.tag)]
    if levels.count(1) != 1 or levels[0] != 1:
        found.append("not one h1, first")
    if any(after - before > 1 for before, after in pairwise(levels)):
        found.append("a heading level is skipped")
    for cell in page.all("th"):
        if cell.attributes.get("scope") not in ("row", "col") or not cell.text.strip():
            found.append("a header cell without scope or words")
    for table in page.all("table"):
        if "caption" not in [node.tag for node in table.inside]:
            found.append("a table without a caption")
        widths = {
            sum(cell.tag in ("th", "td") for cell in row.inside)
            for row in table.inside
            if row.tag == "tr"
        }
        if len(widths) != 1:
            found.append("rows of unlike width")
    for frame in page.nodes:
        # What a reader may have to move sideways to see.
        if "scroll" in frame.attributes.get("class", "").split() and (
            frame.attributes.get("role") != "group"
            or "aria-labelledby" not in frame.attributes
            or frame.attributes.get("tabindex") != "0"
        ):
            found.append("a frame that scrolls without name or keyboard access")
    for tag in ("header", "main", "footer", "title"):
        if len([node for node in page.all(tag) if "svg" not in [p.tag for p in node.parents]]) != 1:
            found.append(f"not one {tag}")
    lang = page.all("html")[0].attributes.get("lang", "")
    if lang not in ("en-US", "es-US"):
        found.append("no language")
    if lang == "es-US":
        found += [f"English not declared: {words}" for words in _undeclared(html)]
    return found + (_lost(page, lang, at) if at else [])


def repeated(html: str) -> list[str]:
    """Names that two tables, or two figures, of a page share: who cannot see it goes by a list."""
    page = Page(html)
    found: list[str] = []
    for tag in ("caption", "figcaption"):
        names = [" ".join(node.text.split()) for node in page.all(tag)]
        found += [f"{tag} {n!r}" for n in sorted({n for n in names if names.count(n) > 1})]
    return found


def _undeclared(html: str) -> list[str]:
    """Words between « », which are English on a page in Spanish, that do not say so."""
    body = re.split(r"<body[^>]*>", html, maxsplit=1)[-1]
    # An attribute cannot say the language of a part of it.
    body = re.sub(r' (?:aria-label|data-head)="[^"]*"', "", body)
    return re.findall(r'«(?!<span lang="en">[^<]+</span>»)\s*([^\s»<][^»<]*)', body)


def _lost(page: Page, lang: str, at: Path) -> list[str]:
    """Links to what does not exist, or to another language without a word of it."""
    found: list[str] = []
    for node in page.all("a"):
        name, _, place = node.attributes["href"].partition("#")
        if not name or name.startswith("data:"):
            continue
        target = at.parent / name
        if not target.is_file():
            found.append(f"leads to {name}, not there")
        elif target.suffix == ".html":
            html = target.read_text(encoding="utf-8")
            if place and f' id="{place}"' not in html:
                found.append(f"leads to {name}#{place}, not there")
            other = re.search('<html lang="([^"]*)"', html)
            told = node.attributes.get("hreflang", lang)
            if other and other[1] != told and "inglés" not in node.text:
                found.append(f"leads to {name} in another language and does not say so")
    return found
