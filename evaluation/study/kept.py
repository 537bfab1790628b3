"""The last results of each study as this machine calculated them, with the inputs they came from.

They lie in `build/`, which git ignores, and may be deleted at any time. What is unreadable,
incomplete or of other inputs counts as not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import DataError
from evaluation.files import write_atomically
from evaluation.study.inputs import Inputs, changes

FOLDER = Path("build") / "studies"
NEVER = ("not run here yet",)


@dataclass(frozen=True, slots=True)
class Kept:
    """Results kept for one study.

    Parameters
    ----------
    text : of `results.json`; "" when there is none that counts.
    stale : why a run is due, in words; empty when it is not.
    """

    text: str
    stale: tuple[str, ...]


def kept(slug: str, root: Path, now: Inputs) -> Kept:
    """The results kept for a study, when they come from the inputs as they are now."""
    try:
        content = json.loads((root / FOLDER / f"{slug}.json").read_bytes())
        text = content["results"]
        whole = hashlib.sha256(text.encode()).hexdigest() == content["sha256"]
        was = Inputs.from_json(content["inputs"])
        stale = changes(was, now) if whole else NEVER
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Kept("", NEVER)
    return Kept("" if stale else text, stale)


def keep(slug: str, root: Path, inputs: Inputs, text: str) -> None:
    """Keeps the results of a study; where nothing can be written, nothing is kept."""
    content = {
        "inputs": inputs.as_json(),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "results": text,
    }
    with contextlib.suppress(DataError):
        text = json.dumps(content, sort_keys=True)
        write_atomically(root / FOLDER / f"{slug}.json", text, root=root)
