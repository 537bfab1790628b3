"""What a page is made of, before it is HTML or anything else, and texts with marks by their keys.

A renderer needs to know these and nothing of studies. Text is plain text; escaping is the
renderer's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from evaluation.say import ENGLISH, Language, language_of


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to another page of the site or a place on this one; `lang` is that of the
    words and of what they lead to, where the page has another."""

    text: str
    href: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Words for a machine: a command, a file name, a hash."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that carry the point."""

    text: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Signs that stand for a number, such as ●○○○, and the words that are read in their place."""

    signs: str
    text: str


Inline = str | Link | Code | Strong | Marks
Text = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """Level 2 or 3 (the title of the document is level 1); `anchor` is unique on the page."""

    level: Literal[2, 3]
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`lead` is set large: what a page says first."""

    text: Text
    lead: bool = False


@dataclass(frozen=True, slots=True)
class BulletList:
    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines to type."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One box of the strip under an answer; `steps` of 4 are filled when it is a rating."""

    term: str
    value: str
    note: str = ""
    steps: int | None = None


Tone = Literal["good", "bad", "unclear"]


@dataclass(frozen=True, slots=True)
class KeyFinding:
    """The answer about one outcome. `tone` follows the direction that was declared good."""

    label: str
    sentence: str
    facts: tuple[Fact, ...]
    tone: Tone
    link: Link | None = None


Urgency = Literal["warning", "note", "empty"]


@dataclass(frozen=True, slots=True)
class Callout:
    """Something no reader may miss. An "empty" one says what is not there yet."""

    tone: Urgency
    title: str
    text: Text


@dataclass(frozen=True, slots=True)
class Header:
    """The head of one column."""

    text: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; the first cell of a row names it. `key` is unique on the page.
    A `stacked` one is a list of cards on a small screen, each cell under the name of its column."""

    key: str
    caption: str
    headers: tuple[Header, ...]
    rows: tuple[tuple[Text, ...], ...]
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture that can also be heard and read.

    Parameters
    ----------
    key : unique on the page. svg : an `<svg>` element whose ids start with `key`.
    title : the finding, in words. description : kind of chart, axes, direction and numbers.
    table : the numbers behind the picture; `folded` when shown only on request.
    note : what a reader must know to read it. narrow : the same drawn for a phone, an `<svg>`
    element whose ids start with `key` and "-narrow", or "" where the first can be read on one.
    """

    key: str
    svg: str
    title: str
    description: str
    table: Table
    note: str = ""
    folded: bool = True
    narrow: str = ""

    def __post_init__(self) -> None:
        if not (self.title.strip() and self.description.strip()):
            raise ValueError(f"figure {self.key!r} has no words for who cannot see it")


State = Literal["filled", "from evaluator", "not applicable", "blank"]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One question of a checklist, and what was answered.

    Parameters
    ----------
    number : as the checklist counts it ("7", "2a"). text : what it asks.
    state : "filled" from plan and results by the program, "from evaluator", "not applicable", or
        "blank" when nobody answered.
    says : the answer, or the reason why the item does not apply; empty only when blank, so that
        no mark stands where nothing was answered.
    """

    number: str
    text: str
    state: State
    says: Text = ()

    def __post_init__(self) -> None:
        said = any((part if isinstance(part, str) else part.text).strip() for part in self.says)
        if said == (self.state == "blank"):
            wrong = "is blank but says something" if said else f"is {self.state} but says nothing"
            raise ValueError(f"checklist item {self.number!r} {wrong}")


@dataclass(frozen=True, slots=True)
class Checklist:
    """A published list of what a study must tell, item by item. `key` is unique on the page."""

    key: str
    title: str
    items: tuple[ChecklistItem, ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins a new sheet when printed; a screen shows nothing."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A list of the level-2 headings of the page, as links."""


@dataclass(frozen=True, slots=True)
class Details:
    """Blocks shown when a reader asks for them; `anchor` is where links lead, which opens them."""

    summary: str
    blocks: tuple[Block, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Blocks beside one another where the screen is wide enough, else one after the other. names :
    of the sides, for the style sheet, which may give each its place; without any, they are two."""

    sides: tuple[tuple[Block, ...], ...]
    names: tuple[str, ...] = ()


Block = (
    Heading
    | Paragraph
    | BulletList
    | CodeBlock
    | KeyFinding
    | Callout
    | Table
    | Figure
    | Checklist
    | PageBreak
    | Contents
    | Details
    | Columns
)


def every(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block in the order of reading, those inside others too."""
    for block in blocks:
        yield block
        if isinstance(block, Details):
            yield from every(block.blocks)
        elif isinstance(block, Columns):
            for side in block.sides:
                yield from every(side)


def narrowed(block: Block) -> Block:
    """A figure as it is drawn for a phone, where it has half a sheet; other blocks as they are."""
    if isinstance(block, Figure) and block.narrow:
        return replace(block, svg=block.narrow, narrow="")
    return block


Layer = Literal["", "front", "first", "appendix", "brief"]


@dataclass(frozen=True, slots=True)
class Document:
    """A page: `title` is its question and only level-1 heading; `over` stands small above it.

    `home` leads to the front page, `other` to the same in another language, `links` to what goes
    with the page. `description` is what a search and a message show of the page, `image` the file
    that a message shows. `layer` is how much it tells: of all studies on the "front" page; of one
    on one screen first, all behind it, or on two sheets of paper.
    """

    title: str
    window_title: str
    over: str
    blocks: tuple[Block, ...]
    home: Link | None = None
    other: Link | None = None
    lang: str = "en-US"
    links: tuple[Link, ...] = ()
    description: str = ""
    image: str = ""
    layer: Layer = ""


# Two characters that no text holds, around the number of a mark.
_MARK = re.compile("\ue000(\\d+)\ue001")


def inline(key: str, /, language: Language = ENGLISH, **parts: object) -> Text:
    """A text whose parts may be links, codes and strong words: the pieces of a paragraph.

    Examples
    --------
    >>> from evaluation.report.blocks import Code
    >>> inline("declared.plan-does-not-say-its", strong="Cost: ", code=Code("[cost]"))[1]
    Code(text='[cost]')
    """
    marks = [part for part in parts.values() if isinstance(part, (Code, Link, Marks, Strong))]
    plain = {
        name: f"\ue000{marks.index(part)}\ue001" if part in marks else part
        for name, part in parts.items()
    }
    pieces = _MARK.split(language.say(key, **plain))
    return tuple(
        marks[int(piece)] if place % 2 else piece
        for place, piece in enumerate(pieces)
        if place % 2 or piece
    )


def frame_words(lang: str) -> Mapping[str, str]:
    """The words around a document in a language such as "en-US".

    Raises
    ------
    ValueError : when there are none; half a page in another language helps nobody.
    """
    try:
        return language_of(lang.partition("-")[0]).table("frame")
    except FileNotFoundError:
        raise ValueError(f"no words around a page for the language {lang!r}") from None


def heading(
    key: str,
    anchor: str,
    /,
    language: Language = ENGLISH,
    *,
    level: Literal[2, 3] = 2,
    **parts: object,
) -> Heading:
    """The text of a key as a heading."""
    return Heading(level, language.say(key, **parts), anchor)


def paragraph(key: str, /, language: Language = ENGLISH, **parts: object) -> Paragraph:
    """The text of a key as a paragraph; its parts may be marks, as in `inline`."""
    return Paragraph(inline(key, language, **parts))


def strong(key: str, /, language: Language = ENGLISH, **parts: object) -> Strong:
    """The text of a key as words that carry the point."""
    return Strong(language.say(key, **parts))


def callout(
    tone: Urgency, title: str, key: str, /, language: Language = ENGLISH, **parts: object
) -> Callout:
    """The texts of two keys as a callout; the parts are of the second."""
    return Callout(tone, language.say(title), inline(key, language, **parts))


Cell = Inline | Text


def bullets(items: Iterable[Cell]) -> BulletList:
    """A list of words, or of texts of several parts."""
    return BulletList(tuple(map(_text, items)))


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, tuple) else (cell,)


def table(
    key: str,
    caption: str,
    columns: Sequence[Header | str],
    rows: Iterable[Sequence[Cell]],
    /,
    language: Language = ENGLISH,
    *,
    stacked: bool = False,
) -> Table:
    """The rows under heads that are told by their keys.

    Parameters
    ----------
    columns : a key under "head", or a whole key with its dot; "#" before it where the column has
        numbers. rows : cells of words, of one mark, or of several parts.
    """
    headers = []
    for column in columns:
        if isinstance(column, str):
            name = column.removeprefix("#")
            text = language.say(name if "." in name else f"head.{name}")
            column = Header(text, numeric=name != column)
        headers.append(column)
    return Table(
        key, caption, tuple(headers), tuple(tuple(map(_text, row)) for row in rows), stacked
    )
