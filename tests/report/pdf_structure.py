"""A PDF file read by its tags, to be asked what PDF/UA-1 asks; a lint, not a certificate."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise

import pikepdf
from pypdf import PageObject, PdfReader


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def elements(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Every element of the tag tree, in reading order."""
    yield from _inside(pdf.Root.StructTreeRoot)


def _inside(parent: pikepdf.Dictionary) -> Iterator[pikepdf.Dictionary]:
    kids = parent.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _inside(kid)


def tags(pdf: pikepdf.Pdf) -> list[str]:
    return [str(element.S).removeprefix("/") for element in elements(pdf)]


def alts(pdf: pikepdf.Pdf) -> list[str]:
    return [str(e.get("/Alt", "")) for e in elements(pdf) if e.S == "/Figure"]


def pages(data: bytes) -> list[PageObject]:
    return list(PdfReader(io.BytesIO(data)).pages)


def text(data: bytes) -> str:
    """What stands on the pages, for who copies it."""
    return "\n".join(page.extract_text() for page in pages(data))


def page_text(data: bytes, number: int) -> str:
    """What stands on one page, counted from 1."""
    return pages(data)[number - 1].extract_text()


def faults(data: bytes) -> list[str]:
    """What is wrong with a file for a reader who cannot see it."""
    pdf, found = opened(data), []
    root = pdf.Root
    if not root.get("/MarkInfo", {}).get("/Marked", False):
        found.append("not marked as tagged")
    if str(root.get("/Lang", "")) not in ("en-US", "es-US"):
        found.append("no language")
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False):
        found.append("the window shows the file name")
    if "/Outlines" not in root:
        found.append("no outline")
    metadata = root.Metadata.read_bytes().decode()
    if not re.search(r"pdfuaid:part\W+1\b", metadata):
        found.append("does not say that it is PDF/UA-1")
    if re.search("Date", metadata) or any("Date" in key for key in pdf.docinfo):
        found.append("a date")
    if not str(pdf.docinfo.get("/Title", "")).strip():
        found.append("no title")
    for element in elements(pdf):
        kind = str(element.S)
        if kind == "/Figure" and not str(element.get("/Alt", "")).strip():
            found.append("a picture without words")
        if kind == "/TH" and not _is_header(element):
            found.append("a header cell of nothing")
        if kind == "/Table":
            inside = [str(inner.S) for inner in _inside(element)]
            if not {"/TH", "/Caption"} <= set(inside):
                found.append("a table without header or caption")
            rows = [
                sum(cell.S in ("/TH", "/TD") for cell in _inside(row))
                for row in _inside(element)
                if row.S == "/TR"
            ]
            if len(set(rows)) != 1:
                found.append("rows of unlike width")
    levels = [int(tag[1]) for tag in tags(pdf) if re.fullmatch("H[1-6]", tag)]
    if levels.count(1) != 1 or levels[0] != 1:
        found.append("not one H1, first")
    if any(after - before > 1 for before, after in pairwise(levels)):
        found.append("a heading level is skipped")
    for page in pdf.pages:
        if page.obj.get("/Tabs") != "/S":
            found.append("tab order is not that of the tags")
        for note in page.obj.get("/Annots", []):
            if not str(note.get("/Contents", "")).strip():
                found.append("a link without words")
        found += [f"font {name} is not in the file" for name in _foreign_fonts(page)]
    return found


def _is_header(cell: pikepdf.Dictionary) -> bool:
    own = cell.get("/A", [])
    own = list(own) if isinstance(own, pikepdf.Array) else [own]
    table = [part for part in own if isinstance(part, pikepdf.Dictionary) and part.O == "/Table"]
    scoped = any("/Scope" in part for part in table)
    return scoped or ("/ID" in cell and any("/Headers" in part for part in table))


def _foreign_fonts(page: pikepdf.Page) -> Iterator[str]:
    for name, font in page.resources.get("/Font", {}).items():
        for inner in font.get("/DescendantFonts", [font]):
            described = inner.get("/FontDescriptor", {})
            if not any(f"/FontFile{kind}" in described for kind in ("", "2", "3")):
                yield str(name)
