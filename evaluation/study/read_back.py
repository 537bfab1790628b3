"""What the program wrote, read back through its schema, to the byte: results, power, costs.

Anyone may have edited such a file. Whatever the program would not have written there is told at its
line, with the command that makes the file again.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast, get_args, get_type_hints

from evaluation.data.json_places import LocatedJson, first_difference
from evaluation.data.toml_places import KeyPath
from evaluation.errors import DataError, Fault
from evaluation.fact import Fact
from evaluation.files import content_of, decoded
from evaluation.files.reading import LARGEST
from evaluation.study.possible import impossible
from evaluation.study.written import is_fact, revived, versioned

Written = TypeVar("Written")


class Misread(ValueError):
    """The first place of parsed JSON that is not as the program writes it: its keys, and why."""

    def __init__(self, path: KeyPath, why: str) -> None:
        super().__init__(f"{'.'.join(map(str, path)) or 'the whole'}: {why}")
        self.path, self.why = path, why


def read_as(kind: type[Written], content: Any) -> Written:
    """What was written, as the frozen dataclass it was made from; defaults fill what is not there.

    Parameters
    ----------
    kind : the dataclass. content : parsed JSON, without its version.

    Raises
    ------
    Misread : naming the first place that is not as the dataclass has it.
    """
    from pydantic import ValidationError

    try:
        return cast("Written", _adapter(cast("Any", kind)).validate_python(revived(content)))
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        raise Misread(tuple(first["loc"]), first["msg"]) from None


def read_versioned(
    kind: type[Written], text: str | bytes, *, schema: int, file: str, again: str
) -> Written:
    """What `versioned` wrote; `versioned(read_versioned(kind, text, ...), schema) == text`.

    Parameters
    ----------
    file : how a message names it. again : the command that writes it anew.

    Raises
    ------
    DataError : at a line, when the text is not, to the byte, one that this version wrote.
    """

    def formed(content: dict[str, Any]) -> Written:
        if content.pop("schema", None) != schema:
            raise Misread(("schema",), "written by another version")
        return read_as(kind, content)

    return read_back(
        text, formed, lambda found, _: versioned(found, schema), file=file, again=again
    )


def read_back(
    text: str | bytes,
    formed: Callable[[dict[str, Any]], Written],
    written: Callable[[Written, Mapping[str, Any]], str],
    *,
    file: str,
    again: str,
) -> Written:
    """What the program wrote, read through its schema and held against its one written form.

    Parameters
    ----------
    formed : makes it of the parsed content. written : its canonical text, from that and the parsed
        content. file : how a message names it. again : the command that makes it anew.

    Raises
    ------
    DataError : at file:line:column, for whatever the program would not have written there.
    """
    try:
        whole = text if isinstance(text, str) else decoded(text, file, advice="")
        located = LocatedJson(file, whole, DataError)
        found, expected = _formed(located, whole, formed, written)
        if other := first_difference(file, whole, expected):
            raise DataError(other)
        return found
    except DataError as problem:
        raise DataError([mended(fault, again) for fault in problem.faults]) from None


def _formed(
    located: LocatedJson,
    text: str,
    formed: Callable[[dict[str, Any]], Written],
    written: Callable[[Written, Mapping[str, Any]], str],
) -> tuple[Written, str]:
    """What a parsed file holds, and the text that the program would write for it."""
    try:
        unsaid(located.content)
        if found_there := impossible(located.content):
            raise Misread(*found_there)
        # Parsed again, since what forms it may take keys out.
        found = formed(json.loads(text))
        return found, written(found, located.content)
    except Misread as fault:
        place = located.fault(_standing(fault.path, located.content), fault.why)
    except RecursionError:
        place = Fault(located.file, 1, 1, "nested too deeply to be read")
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as fault:
        place = Fault(located.file, 1, 1, f"not as this version writes it ({fault})")
    raise DataError(place)


def mended(fault: Fault, again: str) -> Fault:
    """A fault in a file that the program made, with the command that makes it anew."""
    return ended(fault, f"Made by the program; make it again with `ceasefire {again}`.")


def ended(fault: Fault, words: str) -> Fault:
    """A fault with one more sentence."""
    message = fault.message if fault.message.endswith((".", "?")) else f"{fault.message}."
    return replace(fault, message=f"{message} {words}")


class OfStudy(Protocol):
    """What the program wrote for one study."""

    @property
    def slug(self) -> str: ...


Held = TypeVar("Held", bound=OfStudy)


def of_study(found: Held, content: bytes, slug: str, *, file: str, again: str) -> Held:
    """What was found in a study's folder, when it is of that study.

    Parameters
    ----------
    content : what it was read from, to name the line.

    Raises
    ------
    DataError : when it is of another, whose answers would be told as those of this one.
    """
    if found.slug != slug:
        located = LocatedJson(file, decoded(content, file), DataError)
        fault = located.fault(("slug",), f"is of the study {found.slug!r}")
        raise DataError(mended(fault, again))
    return found


def bytes_of(path: Path, file: str, again: str, *, most: int = LARGEST) -> bytes:
    """The bytes of a file that the program made.

    Parameters
    ----------
    file : how a message names it. again : the command that makes it. most : bytes that it may have.

    Raises
    ------
    DataError : when it is not there, is no ordinary file, cannot be read or is too large.
    """
    missing = f"not there yet. Run `ceasefire {again}` first."
    try:
        return content_of(path, file, most=most, missing=missing)
    except DataError as problem:
        found = [one if one.message == missing else mended(one, again) for one in problem.faults]
        raise DataError(found) from None


def unsaid(content: Any) -> None:
    """Finds a fact whose sentence nobody wrote, or without a name that its sentence needs.

    Raises
    ------
    Misread : at the first of them.
    """
    for path, told in _facts(content, ()):
        try:
            str(told)
        except Exception as fault:
            # Whatever a sentence makes of a number that it was not written for.
            raise Misread(path, f"no sentence says this ({fault})") from None


def _facts(content: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Fact]]:
    """Every outermost fact of parsed JSON, with where it stands."""
    waiting: list[tuple[KeyPath, Any]] = [(path, content)]
    while waiting:
        here, value = waiting.pop()
        if isinstance(value, list):
            waiting += [((*here, index), one) for index, one in enumerate(value)]
        elif isinstance(value, dict) and is_fact(value):
            for name in ("numbers", "counts"):
                if not isinstance(value.get(name, {}), dict):
                    raise Misread((*here, name), "must be an object in { }")
            yield here, revived(value)
        elif isinstance(value, dict):
            waiting += [((*here, name), one) for name, one in value.items()]


def _standing(path: KeyPath, content: Any) -> KeyPath:
    """The path without the parts that a schema adds for its unions; the last key is kept, since it
    may be the one that is missing."""
    found: KeyPath = ()
    for part in path:
        known = range(len(content)) if isinstance(content, list) else content
        if isinstance(known, (range, dict)) and part in known:
            content = content[part]
            found = (*found, part)
        elif isinstance(content, dict) and part == path[-1] and "[" not in str(part):
            found = (*found, part)
    return found


@functools.cache
def _adapter(kind: type[Any]) -> Any:
    """What reads a dataclass and those inside it, and takes no key that they do not have."""
    from pydantic import ConfigDict, TypeAdapter

    waiting: list[Any] = [kind]
    seen: set[Any] = set()
    while waiting:
        one = waiting.pop()
        waiting += get_args(one)
        if is_dataclass(one) and one not in seen:
            seen.add(one)
            waiting += get_type_hints(one).values()
            setattr(one, "__pydantic_config__", ConfigDict(extra="forbid"))  # noqa: B010
    return TypeAdapter(kind)
