"""A document with every kind of block, made of the words one gives it."""

from __future__ import annotations

from evaluation.report.blocks import (
    BulletList,
    Callout,
    Checklist,
    ChecklistItem,
    Code,
    CodeBlock,
    Contents,
    Details,
    Document,
    Fact,
    Figure,
    Header,
    Heading,
    KeyFinding,
    Link,
    PageBreak,
    Paragraph,
    Strong,
    Table,
)

PICTURE = (
    '<svg viewBox="0 0 403.2 237.6" xmlns="http://www.w3.org/2000/svg">'
    '<g id="{key}-line"><path d="M 0 200 L 400 20" style="stroke: #000000"/></g></svg>'
)


def table(key: str, words: str, rows: int = 1) -> Table:
    cells = tuple(((words, Code(words)), ("–1,234.5",)) for _ in range(rows))
    return Table(key, words, (Header(words), Header(words, numeric=True)), cells)


def figure(key: str, words: str, *, folded: bool, rows: int = 3) -> Figure:
    return Figure(
        key=key,
        svg=PICTURE.format(key=key),
        title=words,
        description=f"Line chart: {words}",
        table=table(f"{key}-table", words, rows),
        note=words,
        folded=folded,
    )


def every_block(words: str, *, rows: int = 3, lang: str = "en-US") -> Document:
    """The document; `rows` are those of its long tables."""
    items = (
        ChecklistItem("1", words, "filled", (words, Strong(words))),
        ChecklistItem("2a", words, "from evaluator", (words,)),
        ChecklistItem("2b", words, "not applicable", (words,)),
        ChecklistItem("3", words, "blank"),
    )
    facts = (Fact(words, words, words), Fact("Certainty", words, steps=2))
    return Document(
        title=words,
        window_title=words,
        over=words,
        home=Link(words, "../index.html"),
        lang=lang,
        blocks=(
            Callout("warning", words, (words,)),
            Heading(2, words, "first"),
            KeyFinding(words, words, facts, "good", Link(words, "there/index.html")),
            KeyFinding(words, words, facts, "bad"),
            KeyFinding(words, words, facts[:1], "unclear", Link(words, "#second")),
            Contents(),
            Paragraph((words, Strong(words), " ", Code(words), Link(words, "#second"))),
            Paragraph((Link(words, "https://example.org/data"),)),
            Callout("note", words, (words,)),
            Callout("empty", words, (words,)),
            Heading(3, words, "under"),
            BulletList(((words,), (Strong(words), words))),
            CodeBlock((words, f"  {words}")),
            figure("folded", words, folded=True, rows=rows),
            figure("shown", words, folded=False, rows=rows),
            PageBreak(),
            Heading(2, words, "second"),
            Details(words, (Heading(3, words, "inner"), table("hidden", words))),
            Checklist("checklist", words, items),
            table("last", words, rows),
        ),
    )
