"""What the program is and whom it is for, what is on record of it, and who was compared with whom.

Whose page it is: the names that it prints, and which studies answer for its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluation.data.project import Names, Project
from evaluation.report import words
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
    inline,
)
from evaluation.report.sections import comparison
from evaluation.report.study_words import own_window_words, span
from evaluation.say import ENGLISH, LANGUAGES, Language, say
from evaluation.study.evidence import Evidence, OutcomeEvidence


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


# Checks that say in words who is compared.
_GROUPS = ("comparison-groups", "who-is-compared")


def about(evidence: Evidence) -> list[Block]:
    """What the program is and whom it is for, from the plan or else from what is on record."""
    heading = Heading(2, say("about.title", intervention=evidence.intervention), "about")
    told: Mapping[str, Any] = evidence.plan.content.get("about") or {}
    if told:
        sources = [str(source) for source in told.get("sources") or ()]
        blocks: list[Block] = [
            heading,
            BulletList(
                (
                    (Strong(say("about.what-it-is")), words.sentence(str(told["what"]))),
                    (Strong(say("about.whom-it-is-for")), words.sentence(str(told["whom"]))),
                )
            ),
        ]
        if sources:
            blocks.append(
                Paragraph((Strong(say("about.written-in")), words.sentence("; ".join(sources))))
            )
        return blocks
    known = on_record(evidence)
    if known is None:
        return [
            heading,
            Callout(
                "empty",
                say("about.not-told"),
                inline(
                    "about.plan-does-not-say-what",
                    intervention=evidence.intervention,
                    code=Code("[about]"),
                ),
            ),
        ]
    invented = evidence.data.provenance.sensitivity == "synthetic"
    imitated = say("about.this-is-on-record-about")
    return [
        heading,
        *([Paragraph((imitated,))] if invented else []),
        BulletList(tuple(_fact(*fact) for fact in (*known.what, *known.whom))),
        Paragraph(
            (Strong(say("about.what-others-found")), say("about.their-answers-not-answer-of"))
        ),
        BulletList(tuple(_fact(*fact) for fact in known.found)),
    ]


def what_was_compared(evidence: Evidence) -> list[Block]:
    """Who, with whom, over which time and by which outcomes."""
    data, start = evidence.data, words.period_words(evidence.start)
    left = comparison.left_out(evidence)
    items: list[Text] = [
        (Strong(say("about.who-had-program")), say("about.from", unit=data.unit, start=start)),
        (Strong(say("about.compared-with")), words.sentence(_compared_with(evidence))),
        (
            Strong(say("about.time")),
            span(evidence, "about.to")
            + (say("about.with-left-out", left=left) if left else ".")
            + _effect_of(evidence),
        ),
    ]
    items += [
        (Strong(say("about.outcome")), _outcome(evidence, outcome)) for outcome in evidence.outcomes
    ]
    return [
        Heading(2, say("about.what-was-compared"), "what-compared"),
        BulletList(tuple(items)),
        Paragraph(
            inline(
                "about.how-two-are-compared-is", link=Link(say("about.how-it-was-done"), "#methods")
            )
        ),
    ]


def _effect_of(evidence: Evidence) -> str:
    """Over which part of the time the effect is, where it is not over all of it; or ""."""
    for outcome in evidence.outcomes:
        if outcome.estimated and len(outcome.effect.covered) < len(outcome.effect.path):
            after = [point.period for point in outcome.effect.covered if point.phase == "after"]
            first, last = (words.period_words(after[end]) for end in (0, -1))
            return say("about.effect-of", first=first, last=last)
    return ""


def _fact(sentence: str, source: str) -> Text:
    return (f"{sentence} ", f"({source})")


def _compared_with(evidence: Evidence) -> str:
    """The comparison in a few words, or the finding of the check that says who it is."""
    said = next(
        (
            str(check.says)
            for outcome in evidence.outcomes
            for check in outcome.checks
            if check.name in _GROUPS
        ),
        "",
    )
    if said:
        return said
    if comparison.sites(evidence):
        return say("about.earlier-time-of-each-place")
    controls = comparison.controls(evidence)
    own = say("about.time-before", start=evidence.start)
    return (
        say("about.and", controls=controls, own=own)
        if controls
        else say("about.in-same-place-and-nothing", own=own)
    )


def _outcome(evidence: Evidence, outcome: OutcomeEvidence) -> str:
    which = say("about.main-one") if outcome.primary else say("about.further-one")
    measure = f" ({outcome.measure})" if outcome.measure else ""
    own = own_window_words(evidence, outcome)
    better = say("about.is-better", better=outcome.better, words=f"; {own}" if own else "")
    return f"{outcome.label}{measure}, {which}; {better}."


INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Whose:
    """What the front page calls things, in its language.

    Parameters
    ----------
    title : of the page. over : what stands above it. program : as `ceasefire.toml` names it, or "".
    place : in a sentence. place_id : of the place, or "" where nobody said it. authors : in order.
    """

    title: str
    over: str
    program: str
    place: str
    place_id: str
    authors: tuple[str, ...]

    def own(self, study: Evidence) -> bool:
        """Whether a study answers for the place: real, and of the same id. Without an id in
        `ceasefire.toml` the page is that of all its real studies."""
        return not _invented(study) and (not self.place_id or _place(study) == self.place_id)

    def undeclared(self, study: Evidence) -> bool:
        """Whether a real study does not say where it is, so that nobody knows if it answers; one of
        several places says it of its units."""
        return bool(self.place_id) and not _invented(study) and not _places_of(study)

    def elsewhere(self, study: Evidence) -> bool:
        """Whether a real study is of another place, or of several together."""
        return not (_invented(study) or self.own(study) or self.undeclared(study))


def whose(project: Project, studies: Sequence[Evidence], language: Language) -> Whose:
    """The names of the front page: those of `ceasefire.toml`, or else of the plans.

    Parameters
    ----------
    studies : of the page, in that language.
    """
    say, names = language.say, project.named(language.code)
    real = [study for study in studies if not _invented(study)]
    programs = list(dict.fromkeys(study.intervention for study in real or studies))
    places = _places(real)
    program = names.program or (language.listed(programs) if programs else "")
    place = names.place or (language.listed(places) if places else "")
    over = program
    if program and not names.program and place:
        over = say("label.place", label=program, place=place)
    return Whose(
        title=names.title or _title(names, program, language),
        over=say("site.over", program=over) if over else say("site.over-nobody"),
        program=names.program,
        place=place or say("site.here"),
        place_id=project.place_id,
        authors=project.authors,
    )


def in_its_words(study: Evidence, project: Project, language: Language) -> Evidence:
    """A translated study with the names that `ceasefire.toml` gives the program and the place in
    that language, where it still has the English ones in full."""
    english, own = project.names, project.named(language.code)
    program, place = study.intervention, study.data.unit
    return replace(
        study,
        intervention=own.program if program and program == english.program else program,
        data=replace(study.data, unit=own.place if place and place == english.place else place),
    )


def front_page(project: Project, language: Language) -> str:
    """The file in `reports/` that is the front page in a language: `index.html` in that of the
    project, else one named after the language."""
    return INDEX if language.code == project.language else f"{language.code}.html"


def front_pages(project: Project) -> dict[str, Language]:
    """Every front page by its file. `es.html` is always there, for studies link to it."""
    pages = {front_page(project, language): language for language in LANGUAGES}
    # The project's own language first: the page that leads to the others is written last.
    return {
        INDEX: pages[INDEX],
        **pages,
        **{one.page: one for one in LANGUAGES if one is not ENGLISH},
    }


def _title(names: Names, program: str, language: Language) -> str:
    if names.program:
        return language.say("site.title-declared", program=program)
    if program:
        return language.say("site.title-found", program=program)
    return language.say("site.title-nobody")


def _places(studies: Sequence[Evidence]) -> list[str]:
    """The units that plans name as the place of the program, each once."""
    named = [study for study in studies if study.plan.content.get("unit")]
    return list(dict.fromkeys(study.data.unit for study in named))


def _place(study: Evidence) -> str:
    return study.data.provenance.place_of(study.data.unit)


def _places_of(study: Evidence) -> set[str]:
    """The declared ids of the place of a study and of its units."""
    names = (study.data.unit, *study.data.units)
    return {study.data.provenance.place_of(name) for name in names} - {""}


def _invented(study: Evidence) -> bool:
    return study.data.provenance.sensitivity == "synthetic"
