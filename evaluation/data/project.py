"""Whose pages these are: the `ceasefire.toml` in the folder of a project."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from evaluation.data.labels import PlaceId
from evaluation.data.toml_places import Located, read
from evaluation.errors import DataError, Fault

FILE: Final = "ceasefire.toml"
# The place and its id say the same thing, to a reader and to the program.
_PAIR: Final = ("place", "place_id")
LanguageCode = Literal["en", "es"]


def _one_line(written: str) -> str:
    """A name as a page can print it."""
    if not written.strip():
        raise ValueError("is blank. Write it, or remove the key.")
    # Controls, line breaks, and signs that turn the direction of what follows.
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in written):
        raise ValueError("has a line break or a sign that cannot be seen. Write one line of text.")
    return written.strip()


Name = Annotated[str, AfterValidator(_one_line)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Names(_Table):
    """`[es]`: the names in Spanish."""

    place: Name | None = None
    program: Name | None = None
    title: Name | None = None


def _at_least(least: int) -> AfterValidator:
    """A setting that may only be stricter than what the program does anyway."""

    def strict(written: int) -> int:
        if written < least:
            raise ValueError(f"is {written}; it may only be stricter: {least} or more.")
        return written

    return AfterValidator(strict)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How numbers of people may leave the house.

    Parameters
    ----------
    fewest : fewer people than this are not told. step : other counts are told in multiples of it.
    """

    fewest: int = 10
    step: int = 5


class _Disclosure(_Table):
    """`[disclosure]`: stricter rules for numbers of people."""

    fewest: Annotated[int, _at_least(Disclosure().fewest)] = Disclosure().fewest
    round: Annotated[int, _at_least(Disclosure().step)] = Disclosure().step


class _Project(_Names):
    """The whole `ceasefire.toml`; its own names are English."""

    place_id: PlaceId | None = None
    language: LanguageCode = "en"
    authors: list[Name] = []
    es: _Names = _Names()
    disclosure: _Disclosure = _Disclosure()


@dataclass(frozen=True, slots=True)
class Names:
    """What a language calls the place, the program, and the front page; "" where nobody said."""

    place: str = ""
    program: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """Whose pages these are. Everything is "" or empty where `ceasefire.toml` does not say it.

    Parameters
    ----------
    names : in English. spanish : in Spanish; where it has none, place and program keep their
        English names. place_id : id of the place; studies of data with this id answer for it.
    language : code of the language of `index.html`. authors : in the order given.
    disclosure : how numbers of people may be told.
    """

    names: Names = Names()
    spanish: Names = Names()
    place_id: str = ""
    language: LanguageCode = "en"
    authors: tuple[str, ...] = ()
    disclosure: Disclosure = Disclosure()

    def named(self, code: str) -> Names:
        """The names in the language of this code.

        Examples
        --------
        >>> Project(Names("Reno", "Reno's program", "Does it work?")).named("es")
        Names(place='Reno', program="Reno's program", title='')
        """
        if code != "es":
            return self.names
        # A proper name is better in English than not there; a question is not.
        return Names(
            self.spanish.place or self.names.place,
            self.spanish.program or self.names.program,
            self.spanish.title,
        )


def read_project(root: Path) -> Project:
    """What `ceasefire.toml` in the project's folder says; an empty project without one.

    Raises
    ------
    DataError : with every fault found, in the order of the file; for a link that leads out of the
        project too.
    """
    path = root / FILE
    if not os.path.lexists(path):
        return Project()
    if path.is_symlink():
        _stays_inside(path, root)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise DataError(Fault(FILE, None, None, "is no ordinary file. Write it as text."))
    located = read(path, FILE, DataError)
    table = located.parse(_Project, _faults(located))
    return Project(
        _names(table),
        _names(table.es),
        table.place_id or "",
        table.language,
        tuple(table.authors),
        Disclosure(table.disclosure.fewest, table.disclosure.round),
    )


def _stays_inside(path: Path, root: Path) -> None:
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        message = "is a link that leads out of the project. Put the file itself there."
        raise DataError(Fault(FILE, None, None, message))


def _faults(located: Located) -> list[Fault]:
    """A place without its id, or an id without its name; an author twice."""
    content, found = located.content, []
    for one, other in (_PAIR, _PAIR[::-1]):
        if one in content and other not in content:
            found.append(
                located.fault(
                    (one,),
                    f"needs {other} beside it: pages print the place, and studies are matched by "
                    'its id, such as "us-ca-oakland", which the descriptions of their data have.',
                )
            )
    authors = content.get("authors")
    seen: set[str] = set()
    for name in authors if isinstance(authors, list) else []:
        if isinstance(name, str) and name.strip() in seen:
            found.append(located.fault(("authors",), f"names {name.strip()!r} twice."))
        seen |= {name.strip()} if isinstance(name, str) else set()
    spanish = content.get("es")
    if isinstance(spanish, dict) and "place" in spanish and "place" not in content:
        found.append(located.fault(("es", "place"), "needs place and place_id in English too."))
    return found


def _names(table: _Names) -> Names:
    return Names(table.place or "", table.program or "", table.title or "")
