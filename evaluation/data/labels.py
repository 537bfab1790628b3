"""Labels as people and programs write them: which are one, and which only look alike.

Names of places, categories and case numbers come out of many hands. `12` and `12.0`, `Homicide`
and `HOMICIDE `, a name with a character that nobody sees: compared as they stand, each splits one
thing in two, and a panel fills the other half with zeros. So labels are compared in their normal
form, and whoever compares says which spellings met.

Names do not tell places apart: Oakland Park is not Oakland, and there are several Oaklands.
Studies, recorded facts and published results are matched by the id of a place: the code of the
country (ISO 3166-1), that of the state or province (ISO 3166-2 without the country), and the name,
all in small letters and with hyphens: us-ca-oakland, gb-sct-glasgow. Of two places of one name in a
state the id has the county too: us-pa-washington-greene.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Final

from pydantic import AfterValidator

from evaluation.errors import plain

# Above this a float no longer holds every whole number.
LARGEST_EXACT: Final = 2**53
# Whole numbers up to here are exact, by the bits of a floating-point number.
EXACT: Final = {16: 2**11, 32: 2**24, 64: LARGEST_EXACT}

_DECIMAL: Final = re.compile(r"([+-]?[0-9]+)\.0*")
_SHORTENED: Final = re.compile(r"([+-]?[0-9])(?:\.([0-9]+))?[eE]\+?([0-9]{2,3})")
_BLANKS: Final = re.compile(r"\s+")
# Joiners are invisible, but scripts from Hebrew on need them.
JOINERS: Final = "\u200c\u200d"
_FIRST_JOINED: Final = "\u0590"
# Invisible, though Unicode does not count them among the format characters.
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
# What typesetting programs put in the place of what a keyboard has.
_TYPESET: Final = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4\u0060\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
    }
)
# Letters of Cyrillic and Greek whose capitals, or small letters, are drawn like Latin ones.
_LOOK_ALIKE: Final = str.maketrans(
    "авекмнорстух" "іјѕԁԛԝһѵӏё" "αβεζηικμνορτυχϲϳ",
    "abekmhopctyx" "ijsdqwhvle" "abezhikmnoptyxcj",
)  # fmt: skip
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")
NO_VALUE: Final = frozenset(
    {"na", "n/a", "#n/a", "n.a.", "nan", "null", "none", "nil", "missing", "unknown", "unk"}
    | {"not available", "not known", "-", "--", ".", "?", "<na>", "(null)"}
)


def hidden(char: str) -> bool:
    """Whether a character shows nothing and is no blank, nor one that commands a terminal."""
    return (
        unicodedata.category(char) in ("Cf", "Cs")
        or char in _FILLERS
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
    )


def commands(text: str) -> bool:
    """Whether a text holds a control character that is no blank, such as ESC."""
    return any(unicodedata.category(char) == "Cc" and not char.isspace() for char in text)


def tidy(text: str) -> str:
    """A label as it may be printed: without what nobody sees, and no code as a decimal number.

    Examples
    --------
    >>> tidy(" North\\u200b  Side "), tidy("012.0"), tidy("12.5"), tidy("6.001400100E+09")
    ('North Side', '012', '12.5', '6001400100')
    """
    if not (text.isascii() and text.isprintable()):
        joined = any(char >= _FIRST_JOINED and char.isalpha() for char in text)
        text = "".join(
            char
            for char in text
            if char.isspace() or not hidden(char) or (joined and char in JOINERS)
        )
    if text and ("  " in text or text[0] == " " or text[-1] == " " or not text.isprintable()):
        text = _BLANKS.sub(" ", text).strip()
    return whole(text)


@lru_cache(maxsize=65_536)
def _normal_of_any(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKC", text)
    seen = "".join(char for char in text if char.isspace() or not hidden(char))
    return whole(_BLANKS.sub(" ", seen).strip().translate(_TYPESET))


def normal(text: str) -> str:
    """The form in which labels are compared; two labels of one form are one label.

    Compatible characters are one (NFKC), characters that nobody sees are removed, blanks trimmed
    and inner runs folded, case folded, dashes and quotes as a keyboard has them, and whole numbers
    without their decimals. Leading zeros are never dropped.

    Examples
    --------
    >>> normal("HOMICIDE\\u00a0") == normal("Homicide"), normal("12.0") == normal("１２")
    (True, True)
    >>> normal("012") == normal("12"), normal("1e3") == normal("1000")
    (False, False)
    """
    if text.isascii() and text.isprintable() and "  " not in text and "`" not in text:
        text = text.strip().lower()
        return whole(text) if "." in text else text
    return _normal_of_any(text)


def whole(text: str) -> str:
    """A whole number without the decimals that a program added; all else as it is.

    Examples
    --------
    >>> whole("19001.0"), whole("012.00"), whole("12.5"), whole("1e3")
    ('19001', '012', '12.5', '1e3')
    """
    if "." not in text:
        return text
    if found := _DECIMAL.fullmatch(text):
        return found[1]
    # A spreadsheet's 6.001400100E+09 still holds all ten digits.
    if (found := _SHORTENED.fullmatch(text)) and found[2] and len(found[2]) >= int(found[3]):
        digits, rest = found[2][: int(found[3])], found[2][int(found[3]) :]
        if not rest.strip("0"):
            return f"{found[1]}{digits}"
    return text


def lost_digits(text: str) -> bool:
    """Whether a code went through a number that could not hold it, so that digits are lost.

    Examples
    --------
    >>> lost_digits("6.0014E+09"), lost_digits("19001234567890123.0"), lost_digits("3E1")
    (True, True, False)
    >>> lost_digits("6.001400100E+09"), lost_digits("1.8014398509481984e+16")
    (False, True)
    """
    if "." not in text and "+" not in text:
        return False
    text = text.strip()
    if found := _SHORTENED.fullmatch(text):
        # "2E15" may be the name of a beat; a number shortened by a program has a sign.
        held = whole(text)
        return "+" in text and (held == text or abs(int(held)) > LARGEST_EXACT)
    found = _DECIMAL.fullmatch(text)
    return found is not None and abs(int(found[1])) > LARGEST_EXACT


def drawn(text: str) -> str:
    """What a label looks like: its normal form with look-alikes of other scripts as Latin."""
    form = normal(text)
    return form if form.isascii() else form.translate(_LOOK_ALIKE)


def scripts(text: str) -> tuple[str, ...]:
    """The scripts with letters that look alike which a label mixes; empty when it mixes none.

    Examples
    --------
    >>> scripts("HOMIСIDE"), scripts("HOMICIDE")
    (('Cyrillic', 'Latin'), ())
    """
    if text.isascii():
        return ()
    found = {
        script
        for char in unicodedata.normalize("NFKC", text)
        if char.isalpha() and (script := unicodedata.name(char, "").split(" ")[0]) in _SCRIPTS
    }
    return tuple(sorted(script.capitalize() for script in found)) if len(found) > 1 else ()


def chosen(spellings: Mapping[str, int]) -> str:
    """The one spelling by which to call what several mean, given how often each was met.

    The one met most often; of those the first by name. What `tidy` makes one is one.
    """
    counts: dict[str, int] = {}
    for spelling, number in spellings.items():
        name = tidy(spelling)
        counts[name] = counts.get(name, 0) + number
    return min(counts, key=lambda name: (-counts[name], name))


def alike(labels: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of different labels that are one in their normal form or that look alike."""
    groups: dict[str, list[str]] = {}
    for label in dict.fromkeys(labels):
        groups.setdefault(drawn(label), []).append(label)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def quoted(label: str) -> str:
    """A label between quotes, what cannot be seen as \\u200b, cut after 40 characters."""
    shown = label if len(label) <= 40 else f"{label[:37]}..."
    shown = plain(shown).replace("\n", "\\n")
    return f'"{shown}"' if "'" in shown else f"'{shown}'"


_PLACE_ID: Final = re.compile(r"[a-z]{2}-[a-z0-9]{1,3}-[a-z0-9]+(?:-[a-z0-9]+)*")


def place_fault(written: str) -> str:
    """Why this is no id of a place; "" when it is one.

    Examples
    --------
    >>> place_fault("us-ca-oakland"), place_fault("Oakland")[:28]
    ('', "'Oakland' is no id of a plac")
    """
    if _PLACE_ID.fullmatch(written):
        return ""
    return (
        f"{written[:60]!r} is no id of a place. Write country, state and name in small "
        'letters a to z and digits, with hyphens between them, such as "us-ca-oakland".'
    )


def _checked_place(written: str) -> str:
    if message := place_fault(written):
        raise ValueError(message)
    return written


PlaceId = Annotated[str, AfterValidator(_checked_place)]
