"""A copy of the project's own data, plans and reports, to break and mend in a temporary folder, and
tables of three libraries."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[1]
# What runs found, by study and inputs: see `run_once`.
RUNS: dict[Any, Any] = {}

# Small fits on many threads wait for one another, up to fifty times as long on a busy machine.
# Read when numpy is loaded, so it is set here, and passed on to the commands that tests start.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_name] = "1"

# Files whose tests start programs or a browser: first, so that no core waits for another at the end
# (with --no-loadscope-reorder, which `make test` gives).
SLOWEST = (
    *("browser/test_pages.py", "browser/test_docs.py", "test_your_city.py", "test_interrupted.py"),
    *("test_lock_cache.py", "test_promises.py", "test_lock.py", "files/test_places.py"),
    *("test_cli.py", "test_notebooks.py", "test_check_record.py", "report/test_pdf.py"),
    *("test_distributed.py", "study/power/test_power.py", "test_hostile.py", "test_check.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files first; the order within a file, and of the others, stays."""
    place = {PROJECT / "tests" / name: number for number, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The same inputs are run once, and the same picture is drawn once, for tests of what is around
    a run: `accept` and `check` themselves never read what was kept."""
    from evaluation import plots
    from evaluation.study import run as module
    from evaluation.study.run_cache import inputs_of

    real = module.run

    def once(slug: str, root: Path, **options: Any) -> Any:
        key = slug, repr(inputs_of(slug, root))
        if key not in RUNS:
            RUNS[key] = real(slug, root, **options)
        return RUNS[key]

    folder = tmp_path_factory.getbasetemp() / "drawn"
    with pytest.MonkeyPatch.context() as patched, plots.kept_in(folder, root=folder.parent):
        patched.setattr(module, "run", once)
        yield


# Studies that tests run again and again: one of each kind, and the quickest of it.
STUDIES = ("boston", "oakland-synthetic", "oakland-synthetic-cities")


@pytest.fixture(params=["pandas", "polars", "pyarrow"])
def held(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """Makes of a pandas table one of each library, its rows in another order."""
    library = pytest.importorskip(request.param)

    def make(frame: Any) -> Any:
        shuffled = frame.sample(frac=1.0, random_state=7).reset_index(drop=True)
        if request.param == "pandas":
            return shuffled
        if request.param == "polars":
            # Missing text is no number there, as it is in pandas.
            return library.DataFrame(
                {
                    name: shuffled[name].astype(object).where(shuffled[name].notna(), None).tolist()
                    for name in shuffled
                }
            )
        return library.Table.from_pandas(shuffled, preserve_index=False)

    return make


@pytest.fixture
def told() -> Callable[[Any], str]:
    """All that a fit tells, every digit of it."""

    def all_of(fit: Any) -> str:
        parts = [fit.summary(), fit._repr_html_(), repr(fit.effect), repr(fit.likelihood)]
        parts += [fit.to_frame(part).to_csv() for part in ("terms", "events", "path")]
        if fit.covariance is not None:
            parts.append(fit.cov.to_csv())
        return "\n".join(parts)

    return all_of


def copied(root: Path, slugs: tuple[str, ...] = ()) -> None:
    """Copies everything people and the program wrote; of some studies where they are named."""

    def others(folder: str, names: list[str]) -> list[str]:
        # What is not committed, where someone has it.
        here = Path(folder)
        left = [one for one in names if one == "report.pdf"]
        if here == PROJECT / "reports":
            left += [one for one in names if one.startswith("replication-")]
        if here == PROJECT / "data/replication":
            left += [one for one in names if one.endswith(".csv")]
        if slugs and here in (PROJECT / "analyses", PROJECT / "reports"):
            left += [one for one in names if (here / one).is_dir() and one not in slugs]
        return left

    for name in ("data", "analyses", "reports"):
        shutil.copytree(PROJECT / name, root / name, ignore=others)
    shutil.copy(PROJECT / "ceasefire.toml", root)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A project folder with everything people and the program wrote, free to change."""
    copied(tmp_path)
    return tmp_path


@pytest.fixture
def same_figures() -> None:
    """For tests that draw committed figures again: another matplotlib writes other bytes."""
    from evaluation.check.lock import load_lock, same_drawings

    lock = load_lock("boston", PROJECT)
    assert lock is not None
    if not same_drawings(lock):
        pytest.skip("the figures were accepted with another matplotlib")


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with a few of the studies, and the front page of these, to be copied."""
    from evaluation.report.write import write_site
    from evaluation.study.evidence import load_evidence
    from evaluation.synthesis.elsewhere import for_site

    whole = tmp_path_factory.mktemp("few")
    copied(whole, STUDIES)
    # It is of all studies, and the front page is not of all any more.
    (whole / "reports/check.json").unlink(missing_ok=True)
    studies = [load_evidence(slug, whole) for slug in STUDIES]
    together = for_site(studies, whole)
    for name, text in together.numbers.items():
        (whole / "reports" / name).write_text(text, encoding="utf-8")
    write_site(studies, whole, together)
    return whole


@pytest.fixture
def project(few: Path, tmp_path: Path) -> Path:
    """A project folder with a few of the studies, free to change."""
    shutil.copytree(few, tmp_path, dirs_exist_ok=True)
    return tmp_path
