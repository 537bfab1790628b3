"""A document as one PDF file, tagged by the rules of PDF/UA-1 (ISO 14289-1), by typst.

Words and numbers reach the template as JSON, so that nothing in them is ever read as markup. Fonts
are those inside typst: the bytes depend on the document and the version of typst alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from evaluation import plots
from evaluation.errors import EnvironmentFault
from evaluation.report.blocks import Document
from evaluation.report.pdf_content import pdf_content

if TYPE_CHECKING:
    from typst import Compiler

STANDARD: Final = "ua-1"


def pdf_bytes(document: Document) -> bytes:
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
        absent = _undrawable("".join(_strings(content)))
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


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _translated(value: Any, codes: dict[int, str]) -> Any:
    if isinstance(value, str):
        return value.translate(codes)
    if isinstance(value, dict):
        return {name: _translated(inner, codes) for name, inner in value.items()}
    if isinstance(value, list):
        return [_translated(inner, codes) for inner in value]
    return value
