"""A document as one PDF file, tagged by the rules of PDF/UA-1 (ISO 14289-1), by typst.

Words and numbers reach templates/report.typ as JSON, in the order of the pages, so that nothing in
them is ever read as markup. Fonts are those inside typst: the bytes depend on the document and the
version of typst alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from evaluation import plots
from evaluation.errors import EnvironmentFault
from evaluation.report import blocks as page
from evaluation.report.html import typeset
from evaluation.report.pdf_text import inline_parts, plain, prose

if TYPE_CHECKING:
    from typst import Compiler


# Points: what a figure may take of a US Letter page, with room for its caption and notes. Smaller
# ones keep the size they were drawn at, so that their text is no larger than the report's.
WIDEST, HIGHEST = 6.5 * 72, 7.2 * 72
# report.typ cuts longer words anywhere: nothing may run off the paper.
LONGEST_WORD = 20
# A cell this long may be cut by the end of a page; a shorter one stays whole.
LONGEST_CELL = 900
# A table of so few lines stays on one page; a line of a cell is about so many characters.
FEW_LINES, CELL_LINE = 16, 40
# Longest text of a column that never has to wrap, of words and of numbers; and about how many
# characters all such columns of a table may take together before they must wrap after all.
SHORT_WORDS, SHORT_NUMBERS, LINE = 16, 30, 90


def pdf_content(document: page.Document) -> dict[str, Any]:
    """The document as JSON-safe values, with the tables behind its figures moved to the end.

    Raises
    ------
    ValueError : when a figure has no words, or a link leads to no place in the document.
    """
    words = page.frame_words(document.lang)
    lang, _, region = document.lang.partition("-")
    inside = list(page.every(document.blocks))
    anchors = {one.anchor for one in inside if isinstance(one, (page.Heading, page.Details))}
    content = {
        "title": prose(document.title),
        "window_title": plain(document.window_title),
        "over": prose(document.over),
        "lang": lang,
        "region": region or None,
        "words": dict(words),
        "brief": document.layer == "brief",
        "blocks": [_block(block, words) for block in _bare(document)],
        "folded": [
            _table(block.table)
            for block in inside
            if isinstance(block, page.Figure) and block.folded and document.layer != "brief"
        ],
    }
    # Places are the anchors that links lead to.
    lost = sorted({leaf for name, leaf in _leaves(content) if name == "place"} - anchors)
    if lost:
        raise ValueError(f"links to places that are not in the document: {', '.join(lost)}")
    return content


def _bare(document: page.Document) -> Sequence[page.Block]:
    """The blocks; on two sheets of paper without the numbers behind the figures."""
    brief = document.layer == "brief"
    return tuple(map(_numberless, document.blocks)) if brief else document.blocks


def _numberless(block: page.Block) -> page.Block:
    match block:
        case page.Figure():
            return replace(block, table=replace(block.table, rows=()), folded=False)
        case page.Columns():
            return page.Columns(tuple(tuple(map(_numberless, side)) for side in block.sides))
    return block


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """All that is no list and no table in the content, with the name it has there."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value


def _block(block: page.Block, words: Mapping[str, str]) -> dict[str, Any]:
    return {"kind": type(block).__name__, **_fields(block, words)}


def _fields(block: page.Block, words: Mapping[str, str]) -> dict[str, Any]:
    """What report.typ needs to know of a block."""
    match block:
        case page.Heading():
            return {"level": block.level, "text": prose(block.text), "anchor": block.anchor}
        case page.Paragraph():
            return {"text": inline_parts(block.text)}
        case page.BulletList():
            return {"items": [inline_parts(item) for item in block.items]}
        case page.CodeBlock():
            return {"lines": list(block.lines)}
        case page.KeyFinding():
            return _finding(block, words)
        case page.Callout():
            return {
                "tone": block.tone,
                "title": prose(block.title),
                "text": inline_parts(block.text),
            }
        case page.Table():
            return _table(block)
        case page.Figure():
            return _figure(block)
        case page.Checklist():
            return _checklist(block, words)
        case page.Contents() | page.PageBreak():
            return {}
        case page.Details():
            return {
                "summary": prose(block.summary),
                "anchor": block.anchor,
                "blocks": [_block(inner, words) for inner in block.blocks],
            }
        case page.Columns():
            sides = zip(("left", "right"), block.sides, strict=True)
            return {name: [_block(inner, words) for inner in side] for name, side in sides}
    # A block that has no place in the template must not vanish from a report.
    raise TypeError(f"no template for a block of the kind {type(block).__name__}")


def _finding(finding: page.KeyFinding, words: Mapping[str, str]) -> dict[str, Any]:
    facts = [
        {
            "term": prose(fact.term),
            "value": prose(fact.value),
            "note": prose(fact.note) if fact.steps is None else _rated(fact, words),
            "steps": fact.steps,
        }
        for fact in finding.facts
    ]
    return {
        "label": prose(finding.label),
        "sentence": prose(finding.sentence),
        "tone": finding.tone,
        "facts": facts,
        "link": [] if finding.link is None else inline_parts((finding.link,)),
    }


def _rated(fact: page.Fact, words: Mapping[str, str]) -> str:
    rated = words["steps"].format(steps=fact.steps)
    return f"{rated}. {prose(fact.note)}" if fact.note else rated


def _figure(figure: page.Figure) -> dict[str, Any]:
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', figure.svg)
    if box is None:
        raise ValueError(f"figure {figure.key!r} has no viewBox, so no size")
    width, height = float(box[1]), float(box[2])
    alt = f"{typeset(figure.title).rstrip('.')}. {typeset(figure.description)}"
    if not figure.title.strip() or not figure.description.strip():
        raise ValueError(f"figure {figure.key!r} has no words for who cannot see it")
    return {
        "svg": figure.svg,
        "width": round(width * min(1, WIDEST / width, HIGHEST / height), 2),
        "alt": plain(alt),
        "title": prose(figure.title),
        "note": prose(figure.note),
        "folded": figure.folded,
        "table": None if figure.folded or not figure.table.rows else _table(figure.table),
        "numbers": f"table:{figure.table.key}",
    }


def _checklist(checklist: page.Checklist, words: Mapping[str, str]) -> dict[str, Any]:
    """The items as a table, a drawn mark and words for the state of each."""
    rows = [
        [
            _cell((f"{item.number}. {item.text}",)),
            _cell((words[item.state],), {"kind": "mark", "state": item.state}),
            _cell(item.says or ("–",)),
        ]
        for item in checklist.items
    ]
    return {
        "table": {
            "key": f"table:{checklist.key}",
            "caption": prose(checklist.title),
            "headers": [
                {"text": words[name], "numeric": False} for name in ("item", "state", "says")
            ],
            "columns": [3, 2, 4],
            "whole": False,
            "rows": rows,
        }
    }


def _cell(text: page.Text, *before: dict[str, Any]) -> dict[str, Any]:
    return {"parts": [*before, *inline_parts(text)], "long": len(_words_of(text)) > LONGEST_CELL}


def _table(table: page.Table) -> dict[str, Any]:
    heads = tuple((header.text,) for header in table.headers)
    return {
        "key": f"table:{table.key}",
        "caption": prose(table.caption),
        "headers": [
            {"text": prose(header.text), "numeric": header.numeric} for header in table.headers
        ],
        "columns": _columns(table),
        "whole": sum(map(_lines, (heads, *table.rows))) <= FEW_LINES,
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
    }


def _lines(row: tuple[page.Text, ...]) -> int:
    """About how many lines a row of a table takes."""
    return max(-(-len(_words_of(cell)) // CELL_LINE) for cell in row)


def _columns(table: page.Table) -> list[int]:
    """Shares of the width that columns take; 0 for one that is as wide as it needs."""
    shares, needed = [], []
    for number, header in enumerate(table.headers):
        texts = [_words_of(row[number]) for row in table.rows]
        longest = max(map(len, texts), default=0)
        widest = max((len(word) for text in texts for word in text.split()), default=0)
        # The square root: a column ten times as long gets three times the width, and more lines.
        share = max(10 * min(longest, 400) ** 0.5, 6 * min(widest, LONGEST_WORD), 10)
        shares.append(round(share))
        fits = longest <= (SHORT_NUMBERS if header.numeric else SHORT_WORDS)
        needed.append(max(longest, len(header.text) // 2) if fits else 0)
    if sum(needed) > LINE:
        return shares
    return [0 if width else share for share, width in zip(shares, needed, strict=True)]


def _words_of(text: page.Text) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in text)


STANDARD: Final = "ua-1"


def pdf_bytes(document: page.Document) -> bytes:
    """The document as a PDF file, the same bytes for the same document.

    Raises
    ------
    EnvironmentFault : when typst is not installed.
    ValueError : when a figure has no words, or a link leads to no place in the document.
    """
    content = pdf_content(document)
    try:
        version = metadata.version("typst")
    except metadata.PackageNotFoundError:
        version = "none"
    code = hashlib.sha256(_template() + Path(__file__).read_bytes()).hexdigest()
    text = json.dumps([code, version, content])
    key = hashlib.sha256(text.encode()).hexdigest()
    return plots.kept_or_made(key, "pdf", lambda: _made(content))


def _made(content: dict[str, Any]) -> bytes:
    compiler = _compiler()
    from typst import TypstError

    try:
        return _compiled(compiler, content)
    except TypstError:
        # PDF/UA forbids a character that no font can draw. Its code stands in for it.
        absent = _undrawable("".join(leaf for _, leaf in _leaves(content) if isinstance(leaf, str)))
        if not absent:
            raise
    codes = {ord(character): f"[U+{ord(character):04X}]" for character in absent}
    return _compiled(compiler, _translated(content, codes))


def _compiled(compiler: Compiler, content: Any) -> bytes:
    made = compiler.compile(
        input=_template(),
        format="pdf",
        pdf_standards=STANDARD,
        sys_inputs={"document": json.dumps(content, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made


@cache
def _template() -> bytes:
    return files("evaluation.report").joinpath("templates/report.typ").read_bytes()


@cache
def _compiler() -> Compiler:
    try:
        import typst
    except ImportError as missing:
        raise EnvironmentFault(
            'PDF reports need typst, which is not installed. Run: pip install "ceasefire-evaluation'
            '[pdf]"'
        ) from missing
    # Fonts of the machine would make the bytes a property of the machine.
    return typst.Compiler(ignore_system_fonts=True)


def _undrawable(text: str) -> list[str]:
    """The characters of a text that no font inside typst can draw."""
    return sorted(character for character in set(text) if not _drawable(character))


@cache
def _drawable(character: str) -> bool:
    from typst import TypstError

    if " " <= character <= "~" or character == "\n":
        return True
    probe = b'#set document(title: "probe")\n= Probe\n#sys.inputs.text'
    try:
        _compiler().compile(
            input=probe, format="pdf", pdf_standards=STANDARD, sys_inputs={"text": character}
        )
    except TypstError:
        return False
    return True


def _translated(value: Any, codes: dict[int, str]) -> Any:
    if isinstance(value, str):
        return value.translate(codes)
    if isinstance(value, dict):
        return {name: _translated(inner, codes) for name, inner in value.items()}
    if isinstance(value, list):
        return [_translated(inner, codes) for inner in value]
    return value
