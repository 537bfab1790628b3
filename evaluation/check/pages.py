"""Pages and figures against what the committed results give, and against what was accepted."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from evaluation import plots
from evaluation.check.against_lock import Difference
from evaluation.check.lock import Lock, figures, pages_of, results_sha256, same_drawings, sha256
from evaluation.economics.compute import FILE as ECONOMICS
from evaluation.economics.compute import computed, has_costs, supplied
from evaluation.errors import DataError, EvaluationError
from evaluation.files import content_of, write_atomically
from evaluation.report.sections.power_page import power_html
from evaluation.report.write import MADE, around, has_power, study_files
from evaluation.study.evidence import Evidence
from evaluation.study.power.power_evidence import load_power
from evaluation.study.run_cache import (
    FOLDER,
    OF_PAGES,
    code_sha256,
    pages_sha256,
    sha256_of,
    version_of,
)

Render = Callable[[], str | bytes]
# Whose bytes another matplotlib would not write.
DRAWINGS = (".svg", ".png")
_PICTURE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


def page_differences(
    committed: Evidence, root: Path, lock: Lock | None, *, force: bool
) -> Iterator[Difference]:
    """Pages that are not what the committed results render to, or not those accepted.

    Parameters
    ----------
    force : render them even where the same code did so here before from the same results.
    """
    slug = committed.slug
    drawn = lock is None or same_drawings(lock)
    wrong = set()
    # Pages of results in the former form were rendered by the version that wrote these.
    former = bool(committed.former_sha256)
    kept = contextlib.nullcontext if force else partial(plots.kept_in, root / MADE, root=root)
    with kept():
        pages = {} if former else renders(committed, root)
    hashes = {} if force or not drawn else _kept(committed, root)
    for name, render in pages.items():
        path, shown_as = root / "reports" / slug / name, f"reports/{slug}/{name}"
        if hashes.get(name) == sha256_of(path) != "":
            continue
        with kept():
            differences = list(against(path, shown_as, render, drawings=drawn))
        if differences:
            wrong.add(name)
            yield from differences
    if not wrong and drawn and not hashes:
        _keep(committed, root, {name: sha256_of(root / "reports" / slug / name) for name in pages})
    if lock is None:
        return
    accepted, here = lock.content["report"], pages_of(slug, root)
    for file in sorted(accepted.keys() | here.keys()):
        if accepted.get(file) != here.get(file) and file not in wrong:
            what = "is not what was accepted" if file in here else "was accepted and is not there"
            yield Difference("page", f"reports/{slug}/{file} {what}")
    if not drawn and not former:
        yield from _figure_data(lock, committed, root)


def against(
    path: Path, shown_as: str, render: Render, *, drawings: bool = True
) -> Iterator[Difference]:
    """Where a page differs from what it should be.

    Parameters
    ----------
    shown_as : how messages name it. render : gives what it should be. drawings : False to compare
        all but the pictures, whose bytes another matplotlib would not write.

    Raises
    ------
    DataError : when it is not there, or cannot be read.
    """
    found = content_of(path, shown_as, missing="not there yet. Run `ceasefire report` first.")
    if path.suffix in DRAWINGS and not drawings:
        return
    made = render()
    expected = made if isinstance(made, bytes) else made.encode("utf-8")
    if found == expected or (path.suffix == ".png" and _same_dots(found, expected)):
        return
    texts = [one.decode("utf-8", errors="replace") for one in (found, expected)]
    if not drawings:
        texts = [_PICTURE.sub("<svg/>", text) for text in texts]
        if texts[0] == texts[1]:
            return
    lines = zip(*(text.split("\n") for text in texts), strict=False)
    number = next((i for i, (a, b) in enumerate(lines, 1) if a != b), None)
    place = f"line {number}" if number else "its length"
    words = f"{shown_as} is not what its results render to (first difference: {place})"
    yield Difference("page", words)


def _same_dots(one: bytes, other: bytes) -> bool:
    """Whether two PNG files hold the same dots, whatever wrote them: how tightly a file is packed
    is a matter of the machine."""
    from matplotlib.image import imread

    try:
        first, second = (imread(io.BytesIO(data), format="png") for data in (one, other))
    except Exception:
        # What cannot be read is not the picture, whoever says so and how.
        return False
    return first.shape == second.shape and bool((first == second).all())


def renders(committed: Evidence, root: Path) -> dict[str, Render]:
    """What gives each page of one study, by its name in `reports/<slug>/`.

    A file that is not here is not made again by a check; it must only be as it was accepted.
    """
    slug = committed.slug
    found: dict[str, Render] = {
        **study_files(committed, around(slug, root, economics=supplied(slug, root)))
    }
    if has_costs(slug, root):
        found[ECONOMICS] = partial(computed, committed, root)
    if has_power(slug, root):
        # The page against its numbers; these take a minute and are not simulated again.
        found["power.html"] = lambda: power_html(load_power(committed.slug, root))
    return found


def _figure_data(lock: Lock, committed: Evidence, root: Path) -> Iterator[Difference]:
    """Where drawings cannot be compared, the numbers behind them."""
    was, here = lock.content["figures"], figures(committed, root)
    for key in sorted(was.keys() | here.keys()):
        if was.get(key, {}).get("data_sha256") != here.get(key, {}).get("data_sha256"):
            yield Difference("page", f"figure {key}: other numbers than accepted")


def _key(committed: Evidence, root: Path) -> str:
    """Of everything that a page depends on."""
    power = sha256_of(root / "reports" / committed.slug / "power.json")
    versions = [version_of(name) for name in OF_PAGES]
    costs = sha256_of(root / "analyses" / committed.slug / "costs.toml")
    parts = [results_sha256(committed), power, costs, code_sha256(), pages_sha256(), *versions]
    return sha256("\n".join(parts))


def _kept(committed: Evidence, root: Path) -> Mapping[str, str]:
    """sha256 of the pages as rendered here before from the same; nothing when they were not."""
    try:
        content = json.loads(content_of(root / FOLDER / f"{committed.slug}.pages.json", "build"))
        same = content["key"] == _key(committed, root)
        return {str(name): str(value) for name, value in content["pages"].items()} if same else {}
    except (DataError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _keep(committed: Evidence, root: Path, hashes: Mapping[str, str]) -> None:
    content = {"key": _key(committed, root), "pages": dict(hashes)}
    with contextlib.suppress(EvaluationError):
        path = root / FOLDER / f"{committed.slug}.pages.json"
        write_atomically(path, json.dumps(content, sort_keys=True), root=root)
