"""Texts of a document as values for the template of the PDF file."""

from __future__ import annotations

import re
from typing import Any

from evaluation.report.blocks import Code, Link, Marks, Strong, Text
from evaluation.report.html import typeset


def inline_parts(text: Text) -> list[dict[str, Any]]:
    """Parts of a text; a link to another page of the site becomes words and a file name."""
    parts: list[dict[str, Any]] = []
    for part in text:
        match part:
            case str():
                parts.append({"kind": "text", "text": prose(part)})
            case Marks():
                parts.append({"kind": "text", "text": f"{part.signs} ({prose(part.text)})"})
            case Strong():
                parts.append({"kind": "strong", "text": prose(part.text)})
            case Code():
                parts.append({"kind": "code", "text": plain(part.text)})
            case Link(words, href) if href.startswith("#"):
                parts.append({"kind": "link", "text": prose(words), "place": href[1:]})
            case Link(words, href):
                web = href.startswith(("https://", "http://"))
                said = {"kind": "link" if web else "text", "text": prose(words)}
                parts.append({**said, "url": href} if web else said)
                # On paper nothing can be followed, so the address is printed.
                if words != href:
                    parts.append({"kind": "text", "text": " ("})
                    parts.append({"kind": "code", "text": href})
                    parts.append({"kind": "text", "text": ")"})
    return parts


def prose(text: str) -> str:
    """A text as it is printed, on one line."""
    return typeset(plain(text))


def plain(text: str) -> str:
    """The text with line breaks and tabs as single spaces, as a browser shows it."""
    return re.sub(r"[ \t\r\n\f]+", " ", text)
