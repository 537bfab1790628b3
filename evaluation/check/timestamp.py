"""A third party signs when a plan was frozen or results were accepted: asked, checked, then kept.

The token of a lock stands in `analyses/<slug>/`, since `reports/<slug>/` holds only what a machine
can make again. A request is kept only while there is no answer to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import DataError
from evaluation.files import content_of, inside, write_atomically
from evaluation.study.plan.freeze import COPY
from evaluation.study.plan.read import checked_slug
from evaluation.study.plan.stamp import (
    ANSWER,
    REQUEST,
    Stamp,
    answer_in,
    request_for,
    stamp_of,
    verified,
)

# The token of a lock, without its ending.
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Signable:
    """A file that can be signed, and where its token is; both relative to the project."""

    root: Path
    file: str
    token: str

    @property
    def answer(self) -> str:
        """The answer of the authority."""
        return self.token + ANSWER

    @property
    def request(self) -> str:
        """What it is asked."""
        return self.token + REQUEST

    @property
    def stamp(self) -> Stamp | None:
        """What the answer shows; None where there is none; PlanError when it shows nothing."""
        path, answer = self.root / self.file, self.root / self.answer
        return stamp_of(path, answer, shown_as=self.file, answer_as=self.answer)

    @property
    def content(self) -> bytes:
        """What is to be signed; DataError when it is not there yet."""
        what = "freeze the plan" if self.file.endswith(COPY) else "accept the results"
        missing = f"is not there, so nothing can be signed; {what} first."
        content = content_of(self.root / self.file, self.file, missing=missing)
        if not content:
            raise DataError(f"{self.file}: is empty, so nothing can be signed; {what} again.")
        return content


def plan_of(slug: str, root: Path) -> Signable:
    """The frozen plan of a study."""
    folder = f"analyses/{checked_slug(slug)}"
    return Signable(root, f"{folder}/{COPY}", f"{folder}/{COPY.removesuffix('.toml')}")


def lock_of(slug: str, root: Path) -> Signable:
    """What was accepted of a study."""
    folder = f"analyses/{checked_slug(slug)}"
    return Signable(root, f"reports/{slug}/lock.json", f"{folder}/{ACCEPTED}")


def accepted_stamp(slug: str, root: Path) -> Stamp | None:
    """What the token of the accepted lock shows; None where there is none.

    Raises
    ------
    PlanError : when there is a token that shows nothing.
    """
    return lock_of(slug, root).stamp


def write_request(one: Signable) -> None:
    """Writes what an authority is to be asked, for a person to send."""
    write_atomically(one.root / one.request, request_for(one.content), root=one.root)


def keep(one: Signable, answer: bytes, *, shown_as: str) -> Stamp:
    """Keeps an answer that was had elsewhere, when it holds; otherwise nothing is changed.

    Parameters
    ----------
    shown_as : where the answer is from, for messages.

    Raises
    ------
    PlanError : when it does not hold, or answers another request than is kept.
    """
    request = inside(one.root / one.request, one.root)
    asked = answer_in(request, one.request) if request.exists() else b""
    stamp = verified(answer, one.content, asked=asked, shown_as=shown_as, of=one.file)
    write_atomically(one.root / one.answer, answer, root=one.root)
    request.unlink(missing_ok=True)
    return stamp


def ask(one: Signable, post: Callable[[bytes], bytes], *, host: str) -> Stamp:
    """Has a file signed and keeps the answer, when it holds; otherwise nothing is changed.

    Parameters
    ----------
    post : gives the answer of the authority to a request. host : the authority, for messages.

    Raises
    ------
    PlanError : when the answer does not hold.
    """
    content = one.content
    asked = request_for(content)
    answer = post(asked)
    stamp = verified(answer, content, asked=asked, shown_as=host, of=one.file)
    write_atomically(one.root / one.answer, answer, root=one.root)
    inside(one.root / one.request, one.root).unlink(missing_ok=True)
    return stamp
