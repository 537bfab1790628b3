"""The verbs that `benchmarks.faults` disturbs, each on the smallest project that it needs.

Projects are made once and copied. What a verb calculates is remembered in the process that forks,
so that a trial costs what the verb does to files, and not the estimates that it comes from.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import importlib.util
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from evaluation.cli import main as ceasefire

ROOT: Final = Path(__file__).parents[1]


@functools.cache
def _of_tests(path: str) -> Any:
    """A module of the tests: other packages may be called `tests` too."""
    name = Path(path).stem
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLE: Final = "unit;month;shootings\n" + "".join(
    f"Town;{year}-{month:02d};{12 + (year + month) % 5}\n"
    for year in range(2012, 2020)
    for month in range(1, 13)
)
ROWS: Final = "case,day,beat,offense\n" + "".join(
    f"{number},{2012 + number % 8}-{1 + number % 12:02d}-{1 + number % 28:02d},beat {number % 3},"
    f"{('THEFT', 'HOMICIDE')[number % 2]}\n"
    for number in range(400)
)
RECIPE: Final = """
name = "Invented incidents"
period = "year"
source = "benchmarks/faults.py"
licence = "MIT"
sensitivity = "private"
incidents = { files = "rows.csv", id = "case", occurred = "day" }
time = { zone = "America/Los_Angeles", naive = "local" }
units = { column = "beat", which = "found" }
coverage = { first = "2012", last = "2019" }
duplicates = { keep = "refuse" }
[outcomes.homicides]
measure = "victims a year"
where.offense = ["HOMICIDE"]
"""
TOWN: Final = TABLE.replace(";", ",")
DESCRIPTION: Final = f"""
name = "Town"
file = "town.csv"
frequency = "month"
key = ["unit", "month"]
source = "Invented"
licence = "Of others"
sensitivity = "public"
obtain = "Ask the town."
[original]
sha256 = "{hashlib.sha256(TOWN.encode()).hexdigest()}"
[columns.unit]
role = "unit"
type = "text"
[columns.month]
role = "period"
type = "period"
[columns.shootings]
role = "outcome"
type = "count"
measure = "victims a month"
"""
COSTS: Final = """
currency = "USD"
price_year = 2023
[discount]
rate = 3
low = 0
high = 7
[[cost]]
name = "staff"
amount = 2_000_000
low = 1_500_000
high = 3_000_000
year = 2018
currency = "USD"
per = "year"
perspectives = ["public budget"]
covers = "invented"
source = "invented"
range_source = "invented"
certainty = "invented"
"""
SLUG: Final = "example"
POWER: Final = ("--draws", "100", "--effects", "20")
FIRST: Final = ("accept", SLUG, "--reason", "first", "--on", "2026-01-01")
_MINE: Final = "PROJECT/data/mine"
_FROZEN: Final = f"analyses/{SLUG}/plan.frozen"


@dataclass(frozen=True, slots=True)
class Case:
    """A verb on a project. words : after `--root`, PROJECT standing for its folder; base : the
    project it begins with; before : what is done to a copy of it."""

    name: str
    words: tuple[str, ...]
    base: Callable[[Path], None]
    before: Callable[[Path], None]

    def called(self, root: Path) -> list[str]:
        """The words for a project in this folder."""
        return [word.replace("PROJECT", str(root)) for word in self.words]


@functools.cache
def _ours() -> Any:
    """An authority that signs times."""
    return _of_tests("study/plan/authority.py").authority()


def _called(root: Path, *words: str) -> None:
    with redirect_stdout(io.StringIO()), redirect_stderr(said := io.StringIO()):
        code = ceasefire([word.replace("PROJECT", str(root)) for word in words])
    if code:
        raise SystemExit(f"{' '.join(words)}: exit {code}: {said.getvalue()}")


# Projects to begin with.


def empty(root: Path) -> None:
    root.mkdir()


def project(root: Path) -> None:
    """A study, and all that the verbs about data need."""
    _called(root, "init", "PROJECT", "--example")
    for name in ("mine", "replication"):
        (root / "data" / name).mkdir()
    mine = root / "data/mine"
    for name, text in (("rows.csv", ROWS), ("beats.toml", RECIPE), ("town.csv", TABLE)):
        (mine / name).write_text(text, encoding="utf-8")
    (root / "data/replication/town.dataset.toml").write_text(DESCRIPTION, encoding="utf-8")
    (root / "town.csv").write_text(TOWN, encoding="utf-8")


def ran(root: Path) -> None:
    project(root)
    _called(root, "--root", "PROJECT", "run")


def reported(root: Path) -> None:
    ran(root)
    for verb in (("power", SLUG, *POWER), ("report", "-j", "1")):
        _called(root, "--root", "PROJECT", *verb)


def accepted(root: Path) -> None:
    project(root)
    _dated(root)
    for verb in (
        *(("plan", SLUG), ("run",), ("power", SLUG, *POWER), ("report", "-j", "1")),
        FIRST,
    ):
        _called(root, "--root", "PROJECT", *verb)


# What is done to a copy.


def nothing(root: Path) -> None:
    pass


def _counted(root: Path) -> None:
    _called(root, "panel", "PROJECT/data/mine/beats.toml")
    with (root / "data/mine/rows.csv").open("a", encoding="utf-8") as rows:
        rows.write("900,2019-12-30,beat 7,HOMICIDE\n")


def _dated(root: Path) -> None:
    path = root / "analyses" / SLUG / "plan.toml"
    head, tail = path.read_text("utf-8").split("\n[", 1)
    path.write_text(f"{head}\nfrozen = 2026-01-01\n\n[{tail}", encoding="utf-8")


def _stale(root: Path) -> None:
    for path in (root / "data/synthetic").iterdir():
        path.write_text("of another time\n", encoding="utf-8")


def _other_results(root: Path) -> None:
    (root / f"reports/{SLUG}/results.json").write_text("of another time\n", encoding="utf-8")


def _other_record(root: Path) -> None:
    """The first numbers of others and of the last check, and a look at the front page."""
    for name in ("index.html", "studies.html"):
        (root / "reports" / name).write_text("of another time\n", encoding="utf-8")


def _priced(root: Path) -> None:
    (root / "analyses" / SLUG / "costs.toml").write_text(COSTS, encoding="utf-8")
    (root / "data/public").mkdir(parents=True, exist_ok=True)
    for path in (ROOT / "data/public").glob("inflation.*"):
        shutil.copy(path, root / "data/public")


def _other_authors(root: Path) -> None:
    with (root / "ceasefire.toml").open("a", encoding="utf-8") as settings:
        settings.write('\nauthors = ["Another"]\n')


def _asked(root: Path) -> None:
    _called(root, "--root", "PROJECT", "stamp", SLUG, "--request")
    request = (root / f"{_FROZEN}.tsq").read_bytes()
    nonce = _of_tests("study/plan/authority.py").nonce_of(request)
    answer = _ours().answer((root / f"{_FROZEN}.toml").read_bytes(), nonce=nonce)
    (root / "reply.tsr").write_bytes(answer)


def within(*words: str) -> tuple[str, ...]:
    return ("--root", "PROJECT", *words)


CASES: Final = (
    Case("init", ("init", "PROJECT"), empty, nothing),
    Case("init --example", ("init", "PROJECT", "--example"), empty, nothing),
    Case("new", within("new", "second"), project, nothing),
    Case("data --new", ("data", "--new", f"{_MINE}/town.csv"), project, nothing),
    Case("data add", within("data", "add", "town", "PROJECT/town.csv"), project, nothing),
    Case(
        "data fbi",
        within("data", "fbi", "Exampleton, CA", "--from", "2019-01", "--to", "2019-12"),
        project,
        nothing,
    ),
    Case("panel --new", ("panel", "--new", f"{_MINE}/rows.csv"), project, nothing),
    Case("panel", ("panel", f"{_MINE}/beats.toml"), project, nothing),
    Case("panel again", ("panel", f"{_MINE}/beats.toml"), project, _counted),
    Case("plan", within("plan", SLUG), project, _dated),
    Case("stamp --request", within("stamp", SLUG, "--request"), accepted, nothing),
    Case("stamp --token", within("stamp", SLUG, "--token", "PROJECT/reply.tsr"), accepted, _asked),
    Case("stamp --accepted", within("stamp", SLUG, "--accepted", "--request"), accepted, nothing),
    Case("simulate", within("simulate", "city_month"), project, _stale),
    Case("run", within("run", "--force"), ran, _other_results),
    Case("run of costs", within("run"), ran, _priced),
    Case("power", within("power", SLUG, *POWER), reported, _other_authors),
    Case("screen", within("screen", SLUG), project, nothing),
    Case("report", within("report", "-j", "1"), reported, _other_authors),
    Case("check --markdown", within("check", "--markdown", "PROJECT/c.md"), accepted, nothing),
    Case("check --record", within("check", "--record", "-j", "1"), accepted, nothing),
    Case("check --record again", within("check", "--record", "-j", "1"), accepted, _other_record),
    Case("accept", within(*FIRST), reported, nothing),
)
# Verbs that have no row, and why.
WITHOUT: Final = {
    "diff": "writes nothing",
    "doctor": "writes nothing",
    "help": "writes nothing, and needs no project",
    "completion": "writes nothing, and needs no project",
}


def ready(case: Case, root: Path, made: Path) -> None:
    """The project of a case, made in this folder.

    Parameters
    ----------
    made : a folder that keeps the projects that cases begin with.
    """
    kept = made / case.base.__name__
    if not kept.exists():
        case.base(root)
        root.rename(kept)
    shutil.copytree(kept, root, symlinks=True)
    case.before(root)


@contextlib.contextmanager
def surroundings(folder: Path, cases: Sequence[Case]) -> Iterator[None]:
    """In here the FBI and an authority that signs times are of this machine, and what was
    calculated once is remembered, as far as these cases need it."""
    names = {case.name for case in cases}
    with contextlib.ExitStack() as stack:
        if "data fbi" in names:
            stack.enter_context(_fbi())
        if any("stamp" in name for name in names):
            stack.enter_context(_trusted(folder / "trusted"))
        if any(case.base not in (empty, project) or case.name == "screen" for case in cases):
            for module, name in REMEMBERED:
                stack.enter_context(_remembered(module, name))
        yield


@contextlib.contextmanager
def _fbi() -> Iterator[None]:
    fbi = _of_tests("data/sources/fbi_server.py")
    counts = {
        code: {month: 1 + at % 7 for at, month in enumerate(fbi.months("01-2018", "12-2020"))}
        for code in ("HOM", "ROB", "ASS", "MVT")
    }
    police = fbi.Police("CA0010900", "Exampleton Police Department", counts=counts)
    environment = dict(os.environ)
    with fbi.serving(fbi.World({"CA": [police]})) as base:
        os.environ.update(FBI_API_KEY=fbi.KEY, FBI_API_BASE=base, no_proxy="*")
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(environment)


@contextlib.contextmanager
def _trusted(folder: Path) -> Iterator[None]:
    from evaluation.study.plan import stamp

    folder.mkdir()
    (folder / "ours.pem").write_bytes(_ours().pem())
    trusted, stamp.TRUSTED = stamp.TRUSTED, folder  # type: ignore[misc]
    try:
        yield
    finally:
        stamp.TRUSTED = trusted  # type: ignore[misc]


# What they calculate of a study: the slug and the project come first.
REMEMBERED: Final = (
    ("evaluation.study.run", "run"),
    ("evaluation.study.power.power", "power"),
    ("evaluation.study.screen", "screen"),
)


@contextlib.contextmanager
def _remembered(module: str, name: str) -> Iterator[None]:
    """In here a calculation on the same inputs is made once."""
    from evaluation.study.run_cache import inputs_of

    place = importlib.import_module(module)
    real = getattr(place, name)
    known: dict[str, Any] = {}

    @functools.wraps(real)
    def once(slug: str, root: Path, **options: Any) -> Any:
        plain = {key: value for key, value in options.items() if key != "progress"}
        key = repr((slug, inputs_of(slug, root), sorted(plain.items())))
        if key not in known:
            known[key] = real(slug, root, **options)
        return known[key]

    setattr(place, name, once)
    try:
        yield
    finally:
        setattr(place, name, real)
