from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from every_block import every_block, figure, table
from example_checks import thorough
from example_study import study, synthetic_study
from pdf_structure import alts, elements, faults, opened, page_text, pages, tags, text
from pypdf import PdfReader
from report_page import Page

from evaluation.errors import EnvironmentFault
from evaluation.report import pdf
from evaluation.report.blocks import (
    Document,
    Fact,
    Figure,
    Header,
    Heading,
    KeyFinding,
    Link,
    PageBreak,
    Paragraph,
    Table,
    every,
)
from evaluation.report.html import render
from evaluation.report.layers import report_document
from evaluation.report.pdf import pdf_bytes
from evaluation.report.site import site_document

HERE = Path(__file__).parent
# Points.
LETTER_WIDTH, MARGIN = 612, 72
# Whole words of every kind of markup that typst has, of no markup, and of no word at all.
HOSTILE = (
    '#eval("1+1") #panic() $x^2$ \\alpha \\ ] [ *bold* _slanted_ `raw` @label <tag> = - + / '
    "// comment /* never */ ~ -- ... \"quoted\" 'so' #{1 + 1} #let x = 2 &amp; {{ 7 * 7 }}"
)


@pytest.fixture(scope="module")
def report() -> tuple[Document, bytes]:
    document = report_document(study(outcomes=(thorough(),)))
    return document, pdf_bytes(document)


def test_a_report_has_no_fault_of_structure(report):
    assert faults(report[1]) == []


def test_every_kind_of_block_has_no_fault_of_structure():
    assert faults(pdf_bytes(every_block("Words of 12.5% and more"))) == []


def test_the_site_has_no_fault_of_structure():
    assert faults(pdf_bytes(site_document([study(), synthetic_study()]))) == []


@pytest.mark.parametrize(
    ("breaks", "fault"),
    [
        (lambda file: file.Root.__delitem__("/Lang"), "no language"),
        (lambda file: file.Root.__delitem__("/MarkInfo"), "not marked"),
        (lambda file: file.Root.__delitem__("/ViewerPreferences"), "file name"),
        (lambda file: file.Root.__delitem__("/Outlines"), "no outline"),
        (lambda file: file.Root.Metadata.write(b"<x/>"), "PDF/UA-1"),
        (lambda file: file.pages[0].obj.__delitem__("/Tabs"), "tab order"),
        (lambda file: _first(file, "/Figure").__delitem__("/Alt"), "without words"),
        (lambda file: _first(file, "/TH").__delitem__("/A"), "header cell of nothing"),
        (lambda file: _set_kind(file, "/H2", "/H3"), "level is skipped"),
        (lambda file: _set_kind(file, "/Caption", "/P"), "without header or caption"),
    ],
)
def test_the_lint_finds_a_fault_put_in(tmp_path, report, breaks, fault):
    with opened(report[1]) as file:
        breaks(file)
        file.save(tmp_path / "broken.pdf")
    assert any(fault in found for found in faults((tmp_path / "broken.pdf").read_bytes()))


def _first(file, kind):
    return next(element for element in elements(file) if kind == element.S)


def _set_kind(file, old, new):
    for element in list(elements(file)):
        if old == element.S:
            element.S = pikepdf.Name(new)


def test_every_number_of_the_page_is_in_the_file(report):
    document, data = report
    page = Page(render(document))
    main = page.all("main")[0]
    said = {id(n): n for n in main.inside if n.tag in ("p", "li", "td", "th", "dd", "dt", "h2")}
    shown = " ".join(node.text for node in said.values())
    described = " ".join(node.text for node in main.inside if node.tag in ("title", "desc"))
    number = r"[−+]?\d[\d,]*(?:\.\d+)?%?"
    expected = set(re.findall(number, shown)) | set(re.findall(number, described))
    assert len(expected) > 300
    told = text(data) + " ".join(alts(opened(data)))
    assert sorted(expected - set(re.findall(number, told))) == []


def test_each_picture_is_told_by_its_title_and_description(report):
    document, data = report
    figures = [block for block in every(document.blocks) if isinstance(block, Figure)]
    told = alts(opened(data))
    assert len(told) == len(figures) > 3
    spoken = Page(render(document))
    for said, shown in zip(told, figures, strict=True):
        described = spoken.by_id()[f"{shown.key}-desc"].text
        assert said.endswith(described)
        assert said.startswith(spoken.by_id()[f"{shown.key}-title"].text.rstrip("."))


def test_a_figure_without_words_is_an_error():
    wordless = figure("wordless", "A finding", folded=True)
    object.__setattr__(wordless, "description", " ")
    with pytest.raises(ValueError, match="no words"):
        pdf_bytes(Document("Why?", "Why", "", (wordless,)))


def test_typst_refuses_a_picture_without_alternative_text(monkeypatch):
    from typst import TypstError

    template = pdf._template().replace(b"alt: picture.alt,", b"")
    assert template != pdf._template()
    monkeypatch.setattr(pdf, "_template", lambda: template)
    with pytest.raises(TypstError, match="alt"):
        pdf_bytes(Document("Why?", "Why", "", (figure("f", "A finding", folded=True),)))


def test_the_numbers_of_a_folded_figure_stand_at_the_end_and_are_linked(report):
    data = pdf_bytes(every_block("Words", rows=80))
    said = text(data)
    number, page = re.search(
        r"The numbers in this figure: table (\d+), page (\d+)\.", said
    ).groups()
    shown = page_text(data, int(page))
    assert f"Table {number}." in shown
    assert shown.index("The numbers in the figures") < shown.index(f"Table {number}.")


def test_a_long_table_repeats_its_header_on_every_page_and_keeps_every_row():
    rows = tuple(((f"Row-{n:03d}",), (f"{n}.5",)) for n in range(150))
    heads = (Header("Name of row"), Header("Worth", numeric=True))
    data = pdf_bytes(Document("T", "T", "", (Table("long", "Long", heads, rows),)))
    said, file = text(data), opened(data)
    assert len(file.pages) >= 4
    assert said.count("Name of row") == len(file.pages)
    assert [f"Row-{n:03d}" in said for n in range(150)] == [True] * 150
    # To a screen reader it is one table with one head.
    assert tags(file).count("Table") == 1
    assert tags(file).count("TH") == 2
    assert tags(file).count("TR") == 151


def test_a_page_break_begins_a_page():
    words = (Paragraph(("First",)), PageBreak(), Paragraph(("Second",)))
    data = pdf_bytes(Document("T", "T", "", words))
    assert "First" in page_text(data, 1) and "Second" not in page_text(data, 1)
    assert "Second" in page_text(data, 2)


def test_two_renders_give_the_same_bytes(report):
    document, data = report
    pdf_bytes(every_block("Something else in between"))
    assert pdf_bytes(document) == data


def test_other_surroundings_give_the_same_bytes(report):
    surroundings = {
        "PYTHONHASHSEED": "3",
        "TZ": "Asia/Tokyo",
        "SOURCE_DATE_EPOCH": "86400",
        "LC_ALL": "C",
        "HOME": "/",
        "TYPST_FONT_PATHS": "/usr/share",
    }
    script = (
        "import hashlib; from example_checks import thorough; from example_study import study; "
        "from evaluation.report.layers import report_document; "
        "from evaluation.report.pdf import pdf_bytes; "
        "data = pdf_bytes(report_document(study(outcomes=(thorough(),)))); "
        "print(hashlib.sha256(data).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=HERE,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(report[1]).hexdigest()


def test_markup_is_shown_and_not_obeyed():
    data = pdf_bytes(every_block(HOSTILE))
    assert faults(data) == []
    # As often as harmless words in the same places. The title at the foot of every page does not
    # count; a header that a longer table repeats may add to it.
    assert _places(data, HOSTILE) >= _places(pdf_bytes(every_block("Plainword")), "Plainword") > 80
    assert alts(opened(data)) == [f"{HOSTILE}. Line chart: {HOSTILE}"] * 2


def _places(data, words):
    return _squeezed(text(data)).count(_squeezed(words)) - len(pages(data))


def _squeezed(words: str) -> str:
    return re.sub(r"\s", "", words)


def test_a_character_no_font_has_is_told_by_its_code():
    data = pdf_bytes(every_block("Caf\u00e9 \U0001f600 \u6f22 \u0001 \u2212 end"))
    assert faults(data) == []
    assert "Caf\u00e9 [U+1F600] [U+6F22] [U+0001] \u2212 end" in text(data)


def test_a_word_longer_than_a_line_stays_on_the_paper_and_in_one_piece():
    word = "".join(f"{n:03d}x" for n in range(60))
    facts = tuple(Fact("Size", word) for _ in range(5))
    blocks = (Paragraph((word,)), KeyFinding("Label", word, facts, "good"), table("t", word))
    data = pdf_bytes(Document("T", "T", "", blocks))
    assert _squeezed(text(data)).count(word) == 12
    # Nothing is put in between that would be copied with a hash or a command.
    assert "\u200b" not in text(data)
    assert 400 < _rightmost(data) < LETTER_WIDTH - MARGIN


def test_a_table_of_many_long_numbers_stays_on_the_paper():
    heads = tuple(Header(f"Column {n} of many", numeric=True) for n in range(12))
    rows = tuple(tuple((f"−{1000 + n},234.5 to 1,234.5",) for n in range(12)) for _ in range(9))
    data = pdf_bytes(Document("T", "T", "", (Table("t", "Wide", heads, rows),)))
    assert _squeezed(text(data)).count("−1011,234.5to1,234.5") == 9
    assert 400 < _rightmost(data) < LETTER_WIDTH - MARGIN


def _rightmost(data):
    """Where the last piece of text on any page begins, in points from the left."""
    found = [0.0]

    def visit(said, moved, matrix, _font, _size):
        if said.strip():
            found.append(matrix[4] * moved[0] + matrix[5] * moved[2] + moved[4])

    for page in pages(data):
        page.extract_text(visitor_text=visit)
    return max(found)


def test_a_link_to_another_page_is_printed_with_its_file_name():
    blocks = (Paragraph((Link("the power", "power.html"), " and ", Link("A", "https://a.org/b"))),)
    data = pdf_bytes(Document("T", "T", "", blocks))
    assert "the power (power.html) and A (https://a.org/b)" in text(data)
    goals = [str(note.A.URI) for page in opened(data).pages for note in page.obj.get("/Annots", [])]
    assert goals == ["https://a.org/b"]


def test_a_link_to_a_place_that_is_not_there_is_an_error():
    blocks = (Heading(2, "Here", "here"), Paragraph((Link("x", "#there"),)))
    with pytest.raises(ValueError, match="not in the document: there"):
        pdf_bytes(Document("T", "T", "", blocks))


def test_a_block_the_template_does_not_know_is_refused():
    with pytest.raises(TypeError, match="no template"):
        pdf_bytes(Document("Why?", "Why", "", ("not a block",)))


def test_the_outline_has_title_sections_and_parts(report):
    outline = PdfReader(io.BytesIO(report[1])).outline
    assert outline[0].title == report[0].title
    sections = [entry.title for entry in outline[1] if not isinstance(entry, list)]
    headings = [b.text for b in report[0].blocks if isinstance(b, Heading) and b.level == 2]
    assert sections == [*headings, "The numbers in the figures"]


def test_a_spanish_document_says_so_and_has_spanish_words_around_it():
    data = pdf_bytes(every_block("Palabras", lang="es-US"))
    assert faults(data) == []
    assert str(opened(data).Root.Lang) == "es-US"
    said = text(data)
    assert "Página 1 de" in said and "Tabla 1." in said and "Page" not in said


def test_without_typst_the_fault_says_what_to_install(monkeypatch):
    pdf._compiler.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(
        EnvironmentFault, match=r'pip install "ceasefire-evaluation\[pdf\]"'
    ) as caught:
        pdf_bytes(every_block("Words"))
    assert caught.value.exit_code == 4
