"""What is on record about programs that others described, by the id of the place where they ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.say import say
from evaluation.study.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record about a program that the plan does not describe: each a sentence and where
    it is written. programs : its names, in full, in small letters."""

    programs: tuple[str, ...]
    what: tuple[tuple[str, str], ...]
    whom: tuple[tuple[str, str], ...]
    found: tuple[tuple[str, str], ...]


_REVIEW = (
    say("on-record.braga-weisburd-and-turchan-2018"),
    say("on-record.criminology-public-policy-17-205"),
)
_OAKLAND = Known(
    programs=("ceasefire", "oakland ceasefire"),
    what=(
        (
            say("on-record.in-weekly-meetings-officers-find"),
            say("on-record.east-bay-times-october-27"),
        ),
        (
            say("on-record.audit-of-gangs-and-map"),
            say("on-record.crimesolutions-ceasefire-oakland-calif"),
        ),
        (say("on-record.it-was-fully-in-place"), say("on-record.braga-and-others-2019-final")),
    ),
    whom=(
        (
            say("on-record.it-is-for-people-in"),
            say("on-record.california-partnership-for-safe-communities"),
        ),
        (
            say("on-record.members-of-gangs-were-involved"),
            say("on-record.crimesolutions-ceasefire-oakland-calif"),
        ),
    ),
    found=(
        (
            say("on-record.published-evaluation-of-oakland-compared"),
            say("on-record.braga-and-others-2019-journal"),
        ),
        _REVIEW,
    ),
)
_BOSTON = Known(
    programs=("operation ceasefire", "boston's operation ceasefire"),
    what=(
        (
            say("on-record.bostons-operation-ceasefire-is-judged"),
            say("on-record.piehl-and-others-2003-review"),
        ),
    ),
    whom=(),
    found=(
        (
            say("on-record.its-first-evaluation-compared-monthly"),
            say("on-record.braga-kennedy-waring-and-piehl"),
        ),
        (say("on-record.search-for-break-at-any"), say("on-record.piehl-and-others-2003-review")),
        (
            say("on-record.later-comparison-with-95-cities"),
            say("on-record.rosenfeld-fornango-and-baumer-2005"),
        ),
        _REVIEW,
    ),
)
ON_RECORD: Mapping[str, Known] = {"us-ca-oakland": _OAKLAND, "us-ma-boston": _BOSTON}


def on_record(evidence: Evidence) -> Known | None:
    """What is on record about the program of a study; None when nothing is.

    The place is known by the id that the description of the data declares, for a part of a name
    says nothing: Oakland Park is not Oakland. In that place another program is another program, so
    its name is one of those on record, in full.
    """
    known = ON_RECORD.get(evidence.data.provenance.place_of(evidence.data.unit))
    program = " ".join(evidence.intervention.casefold().split())
    return known if known is not None and program in known.programs else None
