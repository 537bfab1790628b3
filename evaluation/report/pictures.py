"""Pictures as parts of a page: colors that follow it into the dark, and letters drawn once a page.

The picture of a figure stands alone, with its own colors and the outlines of its letters. On a page
its colors become those of the style sheet, each with its own behind it, and the outlines that all
pictures share are put at the end of the page once: they are half of the bytes of a picture.
"""

from __future__ import annotations

import re

# What each color of `evaluation.plots` is called in the style sheet.
COLORS = {
    "#222222": "ink",
    "#666666": "soft",
    "#0072b2": "blue",
    "#d55e00": "red",
    "#a84300": "rust",
    "#8a8a8a": "mid",
    "#dcdcdc": "shade",
    "#e3e3e3": "shade",
    "#e6e6e6": "grid",
    "#eeeeee": "grid",
    "#f3f3f3": "pale",
    "#ffffff": "card",
}
_COLOR = re.compile(r"(fill|stroke): (#[0-9a-f]{6})")
_ID = re.compile(r' id="([^"]*)"')
_USED = re.compile(r'(?:href="|url\()#([^")]*)')
_NAMESPACE = re.compile(r' (?:xmlns(?::xlink)?|version)="[^"]*"')
# An outline of a letter, a place where it is used, and what is left when outlines are gone.
_OUTLINE = re.compile(
    r'<path id="[^"]*?(DejaVu[\w-]*-[0-9a-f]+)" (d="[^"]*" )?(transform="scale\(0\.015625\)"/>)\n?'
)
_LETTER = re.compile(
    r'<use (?:xlink:)?href="#[^"]*?(DejaVu[\w-]*-[0-9a-f]+)"'
    r'(?: transform="translate\(([\d.-]+) 0\)")?/>\n?'
)
_EMPTY = re.compile(r"<defs>\s*</defs>\s*")


def on_a_page(svg: str) -> str:
    """The picture with the colors of the page, and without what only a file needs.

    Examples
    --------
    >>> on_a_page('<svg><g id="a"><path id="b" style="fill: #222222"/><use href="#b"/></g></svg>')
    '<svg><g><path id="b" style="fill: var(--ink, #222222)"/><use href="#b"/></g></svg>'
    """
    used = set(_USED.findall(svg))
    svg = _ID.sub(lambda match: match[0] if match[1] in used else "", _NAMESPACE.sub("", svg))
    return _COLOR.sub(_named, svg)


def with_letters_once(page: str) -> str:
    """The page with the outlines of letters in one place, at its end.

    Parameters
    ----------
    page : of HTML, whose words are escaped, so that what looks like an outline is one.
    """
    names: dict[str, str] = {}
    outlines = []

    def taken(match: re.Match[str]) -> str:
        letter, outline, rest = match.groups()
        if letter not in names:
            # A tilde, which no key and no anchor has; nothing for a space.
            names[letter] = f"~{len(names)}" if outline else ""
            if outline:
                outlines.append(f'<path id="{names[letter]}" {outline}{rest}')
        return ""

    def used(match: re.Match[str]) -> str:
        name = names[match[1]]
        at = f' x="{match[2]}"' if match[2] else ""
        return f'<use href="#{name}"{at}/>' if name else ""

    page = _EMPTY.sub("", _OUTLINE.sub(taken, page))
    if not outlines:
        return page
    page = _LETTER.sub(used, page)
    body, end = page.rsplit("</body>", 1)
    letters = "\n".join(outlines)
    return f'{body}<svg aria-hidden="true" style="display:none">\n{letters}\n</svg>\n</body>{end}'


def _named(match: re.Match[str]) -> str:
    color = match[2]
    return f"{match[1]}: var(--{COLORS[color]}, {color})" if color in COLORS else match[0]
