"""Nothing reads meaning out of prose: a key or a field says what a sentence is about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1] / "evaluation"
# What holds words that the program made.
WORDS = {"says", "reason", "objection", "notes", "estimand", "averted_estimand", "measure", "label"}
STARTS = {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "split"}
PATTERNS = {"match", "search", "fullmatch", "sub", "split", "findall", "finditer"}
# Module, what is read there, and why it is not ours to key.
EXCEPTIONS = {
    ("report/words.py", "reason"): "of results of the former form, which hold sentences alone",
    ("report/doubts.py", "reason"): "of results of the former form, which hold sentences alone",
    ("study/evidence.py", "reason"): "of results of the former form, which hold sentences alone",
    (
        "economics/averted.py",
        "averted_estimand",
    ): "that a survey counts nothing is no field",
    ("study/outcome_kinds.py", "label"): "an alternative of the former form that names no method",
    ("report/figures/figures.py", "reason"): "said shorter; nothing hangs on it",
    ("data/adoption.py", "notes"): "words of a person, in a table",
    ("study/acceptances.py", "reason"): "words of a person, in the log of what was accepted",
    ("report/scale.py", "measure"): "the kind of a scale is not kept",
}


def _words_of(node: ast.AST) -> str:
    """The field of words that an expression reads, through `str(...)`, `or` and brackets; ""."""
    match node:
        case ast.Attribute(attr=name) if name in WORDS:
            return name
        case ast.Name(id=name) if name in WORDS - {"label", "measure"}:
            return name
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            return _words_of(inner)
        case ast.BoolOp(values=values):
            return next(filter(None, map(_words_of, values)), "")
        case ast.Call(func=ast.Attribute(value=inner, attr="lower" | "strip" | "rstrip")):
            return _words_of(inner)
    return ""


def _reads(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        found = ""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name), args=args):
                found = next(filter(None, map(_words_of, args)), "") if name in PATTERNS else ""
            case ast.Call(func=ast.Attribute(value=inner, attr=name), args=args):
                found = _words_of(inner) if name in STARTS else ""
                if name in PATTERNS and not found:
                    found = next(filter(None, map(_words_of, args)), "")
            case ast.Compare(
                left=ast.Constant(value=str()), ops=[ast.In() | ast.NotIn()], comparators=[right]
            ):
                found = _words_of(right)
        if found:
            yield node.lineno, found


def _modules() -> list[str]:
    return sorted(path.relative_to(HOME).as_posix() for path in HOME.rglob("*.py"))


def test_no_module_reads_meaning_out_of_words_of_ours() -> None:
    found = {
        f"{module}:{line} {what}"
        for module in _modules()
        for line, what in _reads(ast.parse((HOME / module).read_text("utf-8")))
        if (module, what) not in EXCEPTIONS
    }
    assert not found


def test_every_exception_still_has_its_place() -> None:
    used = {
        (module, what)
        for module in {module for module, _ in EXCEPTIONS}
        for _, what in _reads(ast.parse((HOME / module).read_text("utf-8")))
    }
    assert used == EXCEPTIONS.keys()


@pytest.mark.parametrize(
    "line",
    [
        "check.says.startswith('x')",
        "str(entry.reason).removeprefix('x')",
        "'x' in str(effect.averted_estimand)",
        "re.split('x', effect.objection)",
        "_PATTERN.fullmatch(outcome.label)",
    ],
)
def test_a_reader_of_prose_is_found(line: str) -> None:
    assert list(_reads(ast.parse(line)))
