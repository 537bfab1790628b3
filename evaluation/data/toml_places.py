"""TOML that people write, read into strict pydantic models, with every fault as file:line:column.

pydantic knows which key is wrong but not where it stands; a scan of the text for headers and keys
tells where. Values are read by the standard library only.
"""

from __future__ import annotations

import codecs
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from evaluation.data.labels import drawn
from evaluation.errors import DataError, EvaluationError, Fault
from evaluation.files import content_of, decoded

Model = TypeVar("Model", bound=BaseModel)
KeyPath = tuple[str | int, ...]

_KEY = r'(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|\'[^\']*\')'
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*\]\]?\s*(?:#.*)?$")
_ASSIGN = re.compile(rf"^(\s*)({_KEY}(?:\s*\.\s*{_KEY})*)\s*=")
_ONE_KEY = re.compile(_KEY)

# What people write has some kilobytes, and keys of three parts. The standard library needs time,
# and the places below memory, that grow with the square of the parts.
LARGEST = 1024**2
_TOO_DEEP = re.compile(rf"(?<![\w.-])(?:{_KEY}[ \t]*\.[ \t]*){{100}}")


@dataclass(frozen=True, slots=True)
class Union:
    """Models of which a file is one, by the value of its key `tag`.

    Parameters
    ----------
    misplaced : what to say of a key that is not of the model of this tag, or "" to say that it is
        not known.
    """

    tag: str
    models: Mapping[str, type[BaseModel]]
    misplaced: Callable[[str, KeyPath], str]


class Located:
    """A parsed TOML file that can say where each key stands."""

    def __init__(
        self, file: str, text: str, error: type[EvaluationError], written: bytes = b""
    ) -> None:
        self.file = file
        self.error = error
        # The bytes of the file, for its hash.
        self.written = written or text.encode("utf-8")
        if deep := _TOO_DEEP.search(text):
            line = text.count("\n", 0, deep.end()) + 1
            raise error(Fault(file, line, None, "nested too deeply to be read"))
        try:
            self.content: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as fault:
            place = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", str(fault))
            what = str(fault).split(" (at ")[0]
            line = int(place[1]) if place and place[1] else text.count("\n") + 1
            column = int(place[2]) if place and place[2] else None
            raise error(Fault(file, line, column, f"not valid TOML: {what}")) from None
        except RecursionError:
            raise error(Fault(file, None, None, "nested too deeply to be read")) from None
        self.places = _places(text)

    def where(self, path: Sequence[str | int]) -> tuple[int | None, int | None]:
        """Line and column of a key, or of the nearest table around it."""
        path = tuple(path)
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return (None, None)

    def fault(self, path: Sequence[str | int], message: str) -> Fault:
        """A fault at a key, its message opened by the key's dotted name."""
        line, column = self.where(path)
        name = ".".join(str(part) for part in path if not isinstance(part, int))
        return Fault(self.file, line, column, f"{name}: {message}" if name else message)

    def parse(
        self,
        model: type[Model],
        beside: Sequence[Fault] = (),
        told_better: Callable[[Fault], bool] = lambda fault: False,
        union: Union | None = None,
        context: Mapping[str, object] | None = None,
    ) -> Model:
        """The file as `model`.

        Parameters
        ----------
        beside : faults that the model cannot see, to be raised with its own. told_better : of a
            fault of the model, whether one of those says it better. union : where a key of the file
        says which of several models it is. context : what the checks of values may ask for.

        Raises
        ------
        EvaluationError : of the type given to `read`, with all faults, in the order of the file.
        """
        faults = []
        try:
            parsed = model.model_validate(self.content, context=context)
        except ValidationError as problem:
            faults = [
                self._fault_of(item, model, union) for item in problem.errors(include_url=False)
            ]
            if union is not None and str(self.content.get(union.tag)) not in union.models:
                faults += self._of_each(union, context)
            faults = [fault for fault in faults if not told_better(fault)]
        else:
            if not beside:
                return parsed
        unique = {str(fault): fault for fault in (*faults, *beside)}
        raise self.error(sorted(unique.values(), key=lambda f: (f.line or 0, f.column or 0)))

    def _of_each(self, union: Union, context: Mapping[str, object] | None) -> list[Fault]:
        """The faults that a file has whichever model it is of."""
        told: list[dict[str, Fault]] = []
        for tag, model in union.models.items():
            try:
                model.model_validate({**self.content, union.tag: tag}, context=context)
            except ValidationError as problem:
                items = [{**one, "loc": (tag, *one["loc"])} for one in problem.errors()]
                faults = [self._fault_of(one, model, union) for one in items]
                told.append({str(fault): fault for fault in faults})
            else:
                return []
        return [fault for text, fault in told[0].items() if all(text in one for one in told)]

    def _fault_of(self, item: Any, model: type[BaseModel], union: Union | None) -> Fault:
        if union is None:
            return self.fault(_clean(item["loc"], self.content), _explain(item, model))
        if not item["loc"]:
            return self.fault((union.tag,), _explain(item, model))
        tag, *inside = item["loc"]
        path = _clean(tuple(inside), self.content)
        if item["type"] == "extra_forbidden" and (misplaced := union.misplaced(str(tag), path)):
            return self.fault(path, misplaced)
        inner = {**item, "loc": tuple(inside)}
        return self.fault(path, _explain(inner, union.models.get(str(tag), model)))


def read(path: Path, shown_as: str, error: type[EvaluationError]) -> Located:
    """A TOML file with the places of its keys.

    Parameters
    ----------
    path : where it is. shown_as : how messages name it. error : what to raise for a fault.
    """
    written = content_of(path, shown_as, most=LARGEST, error=error)
    # Some programs put a mark in front.
    text = decoded(written.removeprefix(codecs.BOM_UTF8), shown_as, error)
    return Located(shown_as, text.replace("\r\n", "\n"), error, written)


def shown_in(path: Path, root: Path | None) -> str:
    """How messages name a file: relative to the root, or as the user gave it.

    Raises
    ------
    DataError : when it is outside the root, also by a link.
    """
    if root is None:
        return path.as_posix()
    try:
        inside = Path(os.path.realpath(path)).relative_to(os.path.realpath(root))
    except ValueError:
        message = "leads out of the project. Put the dataset inside it, under data/."
        raise DataError(Fault(path.as_posix(), None, None, message)) from None
    return inside.as_posix()


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A suggestion to end a message with, or the list of what is known, or nothing.

    Examples
    --------
    >>> did_you_mean("itss", ["its", "did"])
    " Did you mean 'its'?"
    """
    names = [str(name) for name in known]
    alike = [name for name in names if drawn(name) == drawn(str(word))]
    near = alike[:1] or get_close_matches(str(word), names, n=1, cutoff=0.6)
    if near:
        return f" Did you mean {near[0]!r}?"
    return f" Known: {', '.join(map(str, known))}." if known else ""


def _places(text: str) -> dict[KeyPath, tuple[int, int]]:
    """(line, column) of every header and key, counted from 1."""
    places: dict[KeyPath, tuple[int, int]] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    closing: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if closing is not None:  # inside a multi-line string or array
            if closing in _without_strings(line) if closing == "]" else closing in line:
                closing = None
            continue
        if header := _HEADER.match(line):
            names = _names(header[2])
            table = _resolved(names, counts, array=header[1] == "[[")
            place = (number, line.index("[") + 1)
            places.setdefault(table, place)
            if header[1] == "[[":  # the list stands where its first table does
                places.setdefault(table[:-1], place)
        elif assign := _ASSIGN.match(line):
            path = table + _names(assign[2])
            column = len(assign[1]) + 1
            for depth in range(len(table) + 1, len(path) + 1):
                places.setdefault(path[:depth], (number, column))
            value = line[assign.end() :].strip()
            for inner in re.finditer(rf"[{{,]\s*({_KEY})\s*=", line[assign.end() :]):
                places.setdefault(
                    (*path, *_names(inner[1])), (number, assign.end() + inner.start(1) + 1)
                )
            for quotes in ('"""', "'''"):
                if value.startswith(quotes) and value.count(quotes) == 1:
                    closing = quotes
            if value.startswith("[") and "]" not in _without_strings(value):
                closing = "]"
    return places


def _names(dotted: str) -> KeyPath:
    return tuple(name.strip("\"'") for name in _ONE_KEY.findall(dotted))


def _resolved(names: KeyPath, counts: dict[KeyPath, int], *, array: bool) -> KeyPath:
    """The key path of a header, with an index after every array of tables on the way."""
    path: KeyPath = ()
    for position, name in enumerate(names):
        path = (*path, name)
        last = position == len(names) - 1
        if last and array:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _without_strings(line: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*$', "", line)


def _clean(location: tuple[str | int, ...], content: Any) -> KeyPath:
    """A pydantic location without the parts it adds for unions and mapping keys."""
    path: KeyPath = ()
    here: Any = content
    for part in location:
        known = range(len(here)) if isinstance(here, list) else here
        if isinstance(known, (range, Mapping)) and part in known:
            here = here[part]
        elif isinstance(here, Mapping) and part != "[key]" and part == location[-1]:
            here = None  # a key that is missing: keep its name
        else:
            continue
        path = (*path, part)
    return path


def _explain(item: Any, model: type[BaseModel]) -> str:
    """What is wrong with one key, in words."""
    kind, given = item["type"], item.get("input")
    context = item.get("ctx", {})
    if kind in ("missing", "union_tag_not_found"):
        return "is missing. Add it."
    if kind == "union_tag_invalid":
        kind, given = "literal_error", context["tag"]
        context = {"expected": context["expected_tags"]}
    if kind == "extra_forbidden":
        return f"is not known here.{did_you_mean(str(item['loc'][-1]), _known(model, item['loc']))}"
    if kind in ("literal_error", "enum"):
        allowed = re.findall(r"'([^']*)'|(-?\d+)", str(context.get("expected", "")))
        return f"{given!r} is not known.{did_you_mean(str(given), [a or b for a, b in allowed])}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", item["msg"]))
    words = {
        "string_type": "must be text in quotes",
        "int_type": "must be a whole number",
        "int_from_float": "must be a whole number",
        "float_type": "must be a number",
        "bool_type": "must be true or false",
        "date_type": "must be a date such as 2012-10-18, without quotes",
        "list_type": "must be a list in [ ]",
        "tuple_type": "must be a list in [ ]",
        "dict_type": "must be a table",
        "model_type": "must be a table",
        "model_attributes_type": "must be a table",
        "string_too_short": "must not be empty",
        "too_short": "must not be empty",
        "finite_number": "must be a finite number",
    }
    if kind in words:
        return f"{words[kind]}; it is {_shown(given)}."
    return f"{item['msg'][0].lower()}{item['msg'][1:]}; it is {_shown(given)}."


def _shown(value: Any) -> str:
    words = repr(value) if not isinstance(value, bool) else str(value).lower()
    return words if len(words) <= 40 else f"{words[:37]}..."


def _known(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """The field names of the model in which an unknown key stands."""
    here = model
    for part in location[:-1]:
        here = _under(here, part) or here
    return _keys(here)


def is_key(model: type[BaseModel], path: KeyPath) -> bool:
    """Whether a model has a key at this path, through tables and lists of tables."""
    here: type[BaseModel] | None = model
    names = [part for part in path if isinstance(part, str)]
    for part in names[:-1]:
        here = None if here is None else _under(here, part)
    return here is not None and names[-1] in _keys(here)


def _keys(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def _under(model: type[BaseModel], key: str | int) -> type[BaseModel] | None:
    """The model of the tables under a key, or None."""
    found = [info for name, info in model.model_fields.items() if (info.alias or name) == key]
    inner = _models_in(found[0].annotation) if found else []
    return inner[0] if inner else None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
