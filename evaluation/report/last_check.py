"""What came out when every study was last run again, as the front page tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluation.report.blocks import (
    Block,
    BulletList,
    Callout,
    Code,
    Heading,
    Link,
    Paragraph,
    Strong,
    Text,
)
from evaluation.say import Language
from evaluation.study.evidence import Evidence

State = Literal["reproduces", "differs", "failed", "accepted since", "not accepted", "new"]
COMMAND = "ceasefire check --record"
# A reader must not miss these; the others only say that nobody has looked yet.
_WRONG: tuple[State, ...] = ("differs", "failed")


@dataclass(frozen=True, slots=True)
class LastCheck:
    """What the last recorded check says about the studies as they are now.

    Parameters
    ----------
    package : version of the program that ran it. states : by study; one that is not here is new.
    """

    package: str
    states: Mapping[str, State]

    def state(self, slug: str) -> State:
        return self.states.get(slug, "new")


def last_check_blocks(
    found: LastCheck | None, studies: Sequence[Evidence], language: Language
) -> list[Block]:
    """How many studies came out again, and what is to be said of each of the others.

    Parameters
    ----------
    found : None when no check was recorded yet. studies : of the page, in that language.
    """
    if not studies:
        return []
    say = language.say
    heading = Heading(2, say("last-check.title"), "last-check")
    if found is None:
        how: Text = (say("last-check.none-text"), Code(COMMAND), ".")
        return [heading, Callout("empty", say("last-check.none"), how)]
    others = [study for study in studies if found.state(study.slug) != "reproduces"]
    good = len(studies) - len(others)
    last = say("last-check.last", good=good, studies=len(studies))
    means: Text = (say("last-check.means", package=found.package),)
    if not others:
        return [heading, Paragraph((Strong(last), *means))]
    wrong = any(found.state(study.slug) in _WRONG for study in others)
    return [
        heading,
        Callout("warning" if wrong else "note", last, means),
        BulletList(
            tuple(
                (
                    Link(study.title, f"{study.slug}/{language.page}"),
                    say(f"last-check.{found.state(study.slug)}"),
                )
                for study in others
            )
        ),
    ]


def as_content(found: LastCheck | None, slugs: Sequence[str]) -> dict[str, object] | None:
    """The same for a program: version and state by study; None when none was recorded."""
    if found is None:
        return None
    return {
        "package": found.package,
        "studies": {slug: found.state(slug) for slug in sorted(slugs)},
    }
