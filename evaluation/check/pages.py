"""Pages and figures against what the committed results give, and against what was accepted."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from evaluation.check.against_lock import Difference
from evaluation.check.lock import Lock, figures, links_in, pages_of, same_drawings
from evaluation.economics.compute import FILE as ECONOMICS
from evaluation.economics.compute import computed, has_costs, supplied
from evaluation.errors import DataError
from evaluation.files import content_of
from evaluation.files.places import stays
from evaluation.report.blocks import Document
from evaluation.report.layers import brief_document, report_document
from evaluation.report.pdf import pdf_bytes
from evaluation.report.sections.more import Around
from evaluation.report.sections.power_page import power_html
from evaluation.report.write import BRIEF, PDF, around, has_power, study_files
from evaluation.study.acceptances import Chain
from evaluation.study.evidence import Evidence, dumps, loads
from evaluation.study.power.power_evidence import load_power

Render = Callable[[], str | bytes]
# Whose bytes another matplotlib would not write.
DRAWINGS = (".svg", ".png", ".pdf")
POWER, SCREEN = "power.json", "screen.csv"
_PICTURE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


def page_differences(committed: Evidence, root: Path, lock: Lock | None) -> Iterator[Difference]:
    """Pages that are not what the committed results render to, or not those accepted; files that
    the program does not make; notebooks that hold what no check makes again.

    Every one of them is rendered, whatever was kept of an earlier rendering.
    """
    slug = committed.slug
    drawn = lock is None or same_drawings(lock)
    wrong = set()
    # Pages of results in the former form were rendered by the version that wrote these.
    former = bool(committed.former_sha256)
    pages = {} if former else {**renders(committed, root), **_papers(committed, root)}
    for name, render in pages.items():
        path, shown_as = root / "reports" / slug / name, f"reports/{slug}/{name}"
        differences = list(against(path, shown_as, render, drawings=drawn))
        if differences:
            wrong.add(name)
            yield from differences
    here = pages_of(slug, root)
    yield from (Difference("page", words) for words in notebook_outputs(slug, root))
    for name in (*links_in(root / "reports" / slug, root), *links_out(slug, root)):
        yield Difference("page", f"{name} is a link. Put what it leads to in its place.")
    strange = () if former else strays(here, pages)
    for name in strange:
        yield Difference("page", f"reports/{slug}/{name} is no file of the program. Take it away.")
    if lock is None:
        return
    accepted = lock.content["report"]
    for file in sorted({*accepted, *here} - wrong - {*strange}):
        if accepted.get(file) != here.get(file):
            what = "is not what was accepted" if file in here else "was accepted and is not there"
            yield Difference("page", f"reports/{slug}/{file} {what}")
    if not drawn and not former:
        yield from _figure_data(lock, committed, root)


def strays(here: Iterable[str], pages: Iterable[str]) -> tuple[str, ...]:
    """Files in the folder of a study that no verb of the program writes.

    Parameters
    ----------
    here : what is there, by name. pages : what is rendered.
    """
    return tuple(sorted({*here} - {*pages, POWER, SCREEN}))


def links_out(slug: str, root: Path) -> tuple[str, ...]:
    """What of a study's analysis leads out of the project, so that others have something else."""
    found = links_in(root / "analyses" / slug, root)
    return tuple(name for name in found if not stays(root / name, root))


def notebook_outputs(slug: str, root: Path) -> Iterator[str]:
    """The notebooks of a study, in whatever folder of it, that hold outputs, or cannot be read, in
    words."""
    for path in sorted((root / "analyses" / slug).rglob("*")):
        if path.suffix.lower() != ".ipynb" or ".ipynb_checkpoints" in path.parts:
            continue  # git ignores the second
        shown = path.relative_to(root).as_posix()
        try:
            content = json.loads(content_of(path, shown))
            held = bool(content.get("metadata", {}).get("widgets")) or any(
                cell.get("outputs") or cell.get("execution_count") for cell in content["cells"]
            )
        except (DataError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            yield f"{shown} is no notebook"
            continue
        if held:
            yield f"{shown} holds outputs, which no check makes again. Clear them and save it."


def _papers(committed: Evidence, root: Path) -> dict[str, Render]:
    """What gives each PDF file that is there; nothing where typst, which makes them, is not."""
    if find_spec("typst") is None:
        return {}
    beside = around(committed.slug, root, economics=supplied(committed.slug, root))
    made = {BRIEF: brief_document, PDF: report_document}
    return {
        name: partial(_paper, document, committed, beside)
        for name, document in made.items()
        if (root / "reports" / committed.slug / name).is_file()
    }


def _paper(document: Callable[..., Document], committed: Evidence, beside: Around) -> bytes:
    return pdf_bytes(document(loads(dumps(committed)), around=beside))


def unread_papers(slug: str, root: Path) -> Iterator[str]:
    """The PDF files that cannot be made again here, in words."""
    if find_spec("typst") is None:
        for name in (BRIEF, PDF):
            if (root / "reports" / slug / name).is_file():
                yield f"reports/{slug}/{name} is not compared: the extra [pdf] is not installed"


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


def renders(committed: Evidence, root: Path, *, chain: Chain | None = None) -> dict[str, Render]:
    """What gives each page of one study, by its name in `reports/<slug>/`.

    A file that is not here is not made again by a check; it must only be as it was accepted.

    Parameters
    ----------
    chain : that the page says it goes on; None for `continued`.
    """
    slug = committed.slug
    beside = around(slug, root, economics=supplied(slug, root))
    if chain is not None:
        beside = replace(beside, chain=chain)
    found: dict[str, Render] = {**study_files(committed, beside)}
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
