"""A document as one HTML file that needs nothing else: no script, no request, no clock."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NoReturn

from evaluation.report.blocks import Document, Figure, frame_words
from evaluation.report.figure_files import figure_csv
from evaluation.report.pictures import on_a_page, with_letters_once

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def render(document: Document) -> str:
    """The page, the same bytes for the same document."""
    words = frame_words(document.lang)
    page = environment().get_template("page.html").render(document=document, words=words)
    if not document.lang.startswith("en"):
        head, opening, body = re.split(r"(<body[^>]*>)", page, maxsplit=1)
        page = f"{head}{opening}{english_marked(body)}"
    return with_letters_once(page).rstrip() + "\n"


@cache
def environment() -> Environment:
    """Templates that escape every text and refuse every name they do not know."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("evaluation.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters["kind"] = lambda block: "text" if isinstance(block, str) else type(block).__name__
    made.filters["typeset"] = typeset
    made.filters["named_svg"] = named_svg
    made.filters["as_csv"] = figure_csv
    made.filters["narrow_svg"] = narrow_svg
    made.globals["refuse"] = _refuse
    return made


def english_marked(body: str) -> str:
    """A body in another language, where what stands between « » is declared English; an attribute
    is left as it is.

    Examples
    --------
    >>> english_marked("<p>en «gun crime», entre « »</p>")
    '<p>en «<span lang="en">gun crime</span>», entre « »</p>'
    """

    def marked(found: re.Match[str]) -> str:
        return found[0] if found[1] is None else f'«<span lang="en">{found[1]}</span>»'

    return re.sub(r"<[^>]*>|«(\s*[^\s«»<][^«»<]*)»", marked, body)


def typeset(text: str) -> str:
    """The text with percent signs close to their number and true minus signs.

    Examples
    --------
    >>> typeset("-64.3 % in 1995-09, 93 to 98 %")
    '−64.3% in 1995-09, 93 to 98%'
    """
    text = re.sub(r"(?<=\d)[ \u00a0\u202f]%", "%", text)
    return re.sub(r"(?<![\w\-])-(?=\d)", "−", text)


def named_svg(figure: Figure) -> Markup:
    """The picture with the role, title and description that a screen reader speaks."""
    from markupsafe import Markup, escape

    opening, rest = on_a_page(figure.svg).split(">", 1)
    # The picture is ours, made by matplotlib; the words are not, so they are escaped.
    return (
        Markup(opening)
        + _role(figure, "wide" if figure.narrow else "")
        + Markup('<title id="{}-title">').format(figure.key)
        + escape(typeset(figure.title))
        + Markup('</title><desc id="{}-desc">').format(figure.key)
        + escape(typeset(figure.description))
        + Markup("</desc>")
        + Markup(rest.strip())
    )


def narrow_svg(figure: Figure) -> Markup:
    """The picture as drawn for a phone. A page shows one of the two and hides the other, also from
    a screen reader; both have the words that stand in the first."""
    from markupsafe import Markup

    opening, rest = on_a_page(figure.narrow).split(">", 1)
    return Markup(opening) + _role(figure, "narrow") + Markup(rest.strip())


def _role(figure: Figure, shown: str) -> Markup:
    from markupsafe import Markup

    names = f"{figure.key}-title {figure.key}-desc"
    kind = Markup(' class="{}"').format(shown) if shown else Markup("")
    return kind + Markup(' role="img" aria-labelledby="{}">').format(names)


def _refuse(kind: str) -> NoReturn:
    # A block that has no template must not vanish from a report.
    raise TypeError(f"no template for a block of the kind {kind}")
