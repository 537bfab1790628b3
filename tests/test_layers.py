"""Arrows run one way: a module imports only from rooms before its own."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Rooms on one floor never import each other. `evaluation/__init__.py` stands above them all.
FLOORS = (
    {"fact", "version"},
    {"say"},
    {"errors"},
    {"files"},
    {"numeric", "plots"},
    {"data", "effect"},
    {"method", "fitted"},
    {"its", "did", "individual", "survey"},
    {"study"},
    {"synthetic", "synthesis", "economics"},
    {"report"},
    {"check"},
    {"cli"},
)
# Doors of the whole house: what a notebook imports, and `python -m evaluation`.
ABOVE = ("__init__", "__main__")
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# A fact and its words are for everybody; languages for those who write pages.
EVERYWHERE = ("fact",)
SAYS = {"say", "report", "check", "cli"}

# Rooms that see less than their floor allows. A report computes nothing: it knows what was found
# and the types that hold it. The synthetic data know no estimator.
SEES = {
    "report": (
        "evaluation.say",
        "evaluation.errors",
        "evaluation.files",
        "evaluation.plots",
        "evaluation.effect",
        "evaluation.data.panel",
        "evaluation.data.period",
        "evaluation.data.project",
        "evaluation.study.acceptances",
        "evaluation.study.by_year",
        "evaluation.study.outcome_kinds",
        "evaluation.study.evidence",
        "evaluation.study.totals",
        "evaluation.study.written",
        "evaluation.study.power.power_evidence",
        "evaluation.economics.result",
    ),
    "synthesis": (
        "evaluation.errors",
        "evaluation.files",
        "evaluation.numeric",
        "evaluation.effect",
        "evaluation.data",
        "evaluation.study.evidence",
        "evaluation.study.outcome_kinds",
        "evaluation.study.read_back",
        "evaluation.study.written",
    ),
    "economics": (
        "evaluation.errors",
        "evaluation.files",
        "evaluation.numeric",
        "evaluation.effect",
        "evaluation.data",
        "evaluation.study.evidence",
        "evaluation.study.read_back",
        "evaluation.study.written",
    ),
    "synthetic": (
        "evaluation.errors",
        "evaluation.files",
        "evaluation.numeric",
        "evaluation.data",
        "evaluation.study.evidence",
        "evaluation.study.written",
    ),
}

# What `ceasefire --help` must not wait for.
HEAVY = (
    "statsmodels",
    "linearmodels",
    "pandas",
    "pyarrow",
    "scipy",
    "matplotlib",
    "jinja2",
    "duckdb",
    "shapely",
    "joblib",
    "distributed",
    "typst",
    "narwhals",
    "formulaic",
    "polars",
    "great_tables",
)


def faults(package: Path) -> list[str]:
    """Every import that breaks a rule, as `file:line: what`."""
    found = []
    for path in sorted(package.rglob("*.py")):
        shown = path.relative_to(package.parent).as_posix()
        for line, message in _module_faults(path, package):
            found.append(f"{shown}:{line}: {message}")
    return found


def _module_faults(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    parts = path.relative_to(package).with_suffix("").parts
    room = parts[0]
    if room not in FLOOR and room not in ABOVE:
        yield 1, f"{room} is no room; put it in FLOORS or into a room"
        return
    for node, checked_only in _imports(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "relative import"
            continue
        if any(alias.name == "*" for alias in node.names):
            yield node.lineno, "star import"
        if checked_only:
            continue
        for target in _targets(node, package):
            message = _verdict(room, target)
            if message:
                yield node.lineno, message


def _imports(tree: ast.AST) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Import statements at any depth; True for those that only a type checker runs."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node, False
        elif isinstance(node, ast.If) and ast.unparse(node.test) in (
            "TYPE_CHECKING",
            "typing.TYPE_CHECKING",
        ):
            for statement in node.body:
                for inner in ast.walk(statement):
                    if isinstance(inner, (ast.Import, ast.ImportFrom)):
                        yield inner, True
            for statement in node.orelse:
                yield from _imports(ast.Module([statement], []))
        else:
            yield from _imports(node)


def _targets(node: ast.Import | ast.ImportFrom, package: Path) -> Iterator[str]:
    """Dotted names of the modules of ours that a statement imports."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        module = node.module or ""
        names = [
            f"{module}.{alias.name}" if _is_module(module, alias.name, package) else module
            for alias in node.names
        ]
    for name in names:
        if name.split(".")[0] == package.name:
            yield name.replace(package.name, "evaluation", 1)


def _is_module(module: str, name: str, package: Path) -> bool:
    path = package.parent.joinpath(*module.split("."), name)
    return path.is_dir() or path.with_suffix(".py").is_file()


def _verdict(room: str, target: str) -> str:
    """What is wrong with a room importing this module, or nothing."""
    if room in ABOVE:
        return ""
    if target == "evaluation":
        # The root holds the version, and `load`, which is for notebooks.
        return "" if room == "cli" else f"{room} may not import evaluation itself"
    other = target.split(".")[1]
    if other == room:
        return ""
    if other not in FLOOR:
        return f"{room} imports {other}, which is no room"
    if other == "say" and room not in SAYS:
        return f"{room} may not say anything; it returns facts"
    if FLOOR[other] >= FLOOR[room]:
        return f"{room} may not import {other}"
    if other in ("fact", "say", "version"):
        return ""
    allowed = SEES.get(room)
    outside = allowed and not any(target == one or target.startswith(f"{one}.") for one in allowed)
    if outside and other not in EVERYWHERE:
        return f"{room} may not import {target}"
    return ""


def test_every_module_imports_only_from_rooms_before_its_own() -> None:
    assert faults(ROOT / "evaluation") == []


def test_no_room_and_another_know_each_other_even_for_types() -> None:
    knows: dict[str, set[str]] = {}
    for path in (ROOT / "evaluation").rglob("*.py"):
        room = path.relative_to(ROOT / "evaluation").with_suffix("").parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for target in _targets(node, ROOT / "evaluation"):
                    if target.count("."):
                        knows.setdefault(room, set()).add(target.split(".")[1])
    mutual = {
        (one, other)
        for one, others in knows.items()
        for other in others
        if one != other and one in knows.get(other, ())
    }
    assert not {pair for pair in mutual if not {*ABOVE} & {*pair}}


@pytest.mark.parametrize(
    ("file", "code", "expected"),
    [
        (
            "numeric/a.py",
            "from evaluation.data.panel import Panel",
            ":1: numeric may not import data",
        ),
        ("numeric/a.py", "import evaluation.its", ":1: numeric may not import its"),
        ("its/a.py", "from evaluation import did", ":1: its may not import did"),
        (
            "its/a.py",
            "x = 1\ndef f():\n    import evaluation.study",
            ":3: its may not import study",
        ),
        ("plots.py", "import evaluation.numeric", ":1: plots may not import numeric"),
        ("report/a.py", "import evaluation.its", ":1: report may not import evaluation.its"),
        ("report/a.py", "from evaluation.study import run", "not import evaluation.study.run"),
        ("report/a.py", "from evaluation.study.run import run", "not import evaluation.study.run"),
        ("synthetic/a.py", "from evaluation import its", "not import evaluation.its"),
        ("study/a.py", "import evaluation.cli as c", ":1: study may not import cli"),
        ("study/a.py", "from evaluation import load", "may not import evaluation itself"),
        ("data/a.py", "from . import panel", ":1: relative import"),
        ("data/a.py", "from evaluation.errors import *", ":1: star import"),
        ("data/a.py", "try:\n    import evaluation.its\nexcept E:\n    pass", ":2: data may not"),
        (
            "data/a.py",
            "if TYPE_CHECKING:\n    pass\nelse:\n    import evaluation.its",
            ":4: data may not import its",
        ),
        ("its/a.py", "from evaluation.say import say", ":1: its may not say anything"),
        ("utils/a.py", "x = 1", ":1: utils is no room"),
        ("study/a.py", "import evaluation.utils", ":1: study imports utils, which is no room"),
    ],
)
def test_checker_refuses(tmp_path: Path, file: str, code: str, expected: str) -> None:
    package = _package(tmp_path)
    (package / file).parent.mkdir(exist_ok=True)
    (package / file).write_text(code, encoding="utf-8")
    (found,) = faults(package)
    assert found.startswith(f"evaluation/{file}:")
    assert expected in found


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("cli.py", "from evaluation import __version__\nimport evaluation.report"),
        (
            "study/a.py",
            "from evaluation import its\nimport numpy\nfrom evaluation.study import run",
        ),
        ("report/a.py", "from evaluation.study.evidence import Evidence\nimport evaluation.plots"),
        ("plots.py", "if TYPE_CHECKING:\n    from evaluation.effect import Point"),
        ("__init__.py", "def load():\n    from evaluation.study.evidence import load_evidence"),
    ],
)
def test_checker_lets_pass(tmp_path: Path, file: str, code: str) -> None:
    package = _package(tmp_path)
    (package / file).parent.mkdir(exist_ok=True)
    (package / file).write_text(code, encoding="utf-8")
    assert faults(package) == []


def _package(tmp_path: Path) -> Path:
    """Empty rooms to put one module into."""
    package = tmp_path / "evaluation"
    for room in ("numeric", "data", "its", "did", "study", "report", "utils"):
        (package / room).mkdir(parents=True)
    (package / "study" / "run.py").touch()
    (package / "study" / "evidence.py").touch()
    return package


@pytest.mark.parametrize("module", ["evaluation", "evaluation.cli"])
def test_heavy_libraries_are_not_loaded_by(module: str) -> None:
    script = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_every_module_of_the_report_can_be_imported_first() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "evaluation/report").glob("*.py"))
        if path.stem != "__init__"
    ]
    # One interpreter, in which each finds none of the others loaded.
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    for known in [one for one in sys.modules if one.startswith('evaluation.report')]:\n"
        "        del sys.modules[known]\n"
        "    importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *names], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
