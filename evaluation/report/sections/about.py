"""What the program is and whom it is for, what is on record of it, and who was compared with whom.

Whose page it is: the names that it prints, and which studies answer for its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluation.data.project import Names, Project
from evaluation.fact import Fact, said
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.other_language import own_words
from evaluation.report.sections import comparison
from evaluation.report.study_words import span
from evaluation.say import ENGLISH, LANGUAGES, Language
from evaluation.study.evidence import Evidence, OutcomeEvidence


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record about a program: each a sentence and where it is written, by the ends of
    their keys under "on-record". programs : its names, in full, in small letters."""

    programs: tuple[str, ...]
    what: tuple[tuple[str, str], ...]
    whom: tuple[tuple[str, str], ...]
    found: tuple[tuple[str, str], ...]


_REVIEW = ("braga-weisburd-and-turchan-2018", "criminology-public-policy-17-205")
_OAKLAND = Known(
    programs=("ceasefire", "oakland ceasefire"),
    what=(
        ("in-weekly-meetings-officers-find", "east-bay-times-october-27"),
        ("audit-of-gangs-and-map", "crimesolutions-ceasefire-oakland-calif"),
        ("it-was-fully-in-place", "braga-and-others-2019-final"),
    ),
    whom=(
        ("it-is-for-people-in", "california-partnership-for-safe-communities"),
        ("members-of-gangs-were-involved", "crimesolutions-ceasefire-oakland-calif"),
    ),
    found=(("published-evaluation-of-oakland-compared", "braga-and-others-2019-journal"), _REVIEW),
)
_BOSTON = Known(
    programs=("operation ceasefire", "boston's operation ceasefire"),
    what=(("bostons-operation-ceasefire-is-judged", "piehl-and-others-2003-review"),),
    whom=(),
    found=(
        ("its-first-evaluation-compared-monthly", "braga-kennedy-waring-and-piehl"),
        ("search-for-break-at-any", "piehl-and-others-2003-review"),
        ("later-comparison-with-95-cities", "rosenfeld-fornango-and-baumer-2005"),
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


def about(evidence: Evidence, language: Language = ENGLISH) -> list[page.Block]:
    """What the program is and whom it is for, from the plan or else from what is on record; nothing
    where neither says it.

    Parameters
    ----------
    evidence : with the names of that language.
    """
    heading = page.heading("about.title", "about", language, intervention=evidence.intervention)
    told: Mapping[str, Any] = evidence.plan.content.get("about") or {}
    if told:
        own = own_words(evidence, language)
        items: list[page.Text] = [
            (page.strong(f"about.{label}", language), words.sentence(own(str(told[key]), key)))
            for key, label in (("what", "what-it-is"), ("whom", "whom-it-is-for"))
        ]
        sources = "; ".join(str(source) for source in told.get("sources") or ())
        if sources:
            items.append((page.strong("about.written-in", language), words.sentence(sources)))
        return [heading, page.bullets(items)]
    known = on_record(evidence)
    if known is None:
        return []
    imitated = (
        (page.paragraph("about.this-is-on-record-about", language),) if _invented(evidence) else ()
    )
    return [heading, *imitated, page.BulletList(records((*known.what, *known.whom), language))]


def records(
    facts: Sequence[tuple[str, str]], language: Language = ENGLISH
) -> tuple[page.Text, ...]:
    """Each fact on record with where it is written."""
    say = language.say
    return tuple(
        (f"{say(f'on-record.{said}')} ", f"({say(f'on-record.{source}')})")
        for said, source in facts
    )


def what_was_compared(evidence: Evidence, language: Language = ENGLISH) -> list[page.Block]:
    """Who, with whom, over which time and by which outcome."""
    say, data = language.say, evidence.data
    main = next((one for one in evidence.outcomes if one.primary), evidence.outcomes[0])
    start = words.period_words(evidence.start, language.code)
    left = comparison.left_out(evidence, language)
    time = span(evidence, "about.to", language)
    time += say("about.with-left-out", left=left) if left else "."
    items = (
        (
            page.strong("about.who-had-program", language),
            say("about.from", unit=data.unit, start=start),
        ),
        (
            page.strong("about.compared-with", language),
            words.sentence(_compared_with(evidence, start, language)),
        ),
        (page.strong("about.time", language), time + _effect_of(main, language)),
        (page.strong("about.outcome", language), _outcome(main, language)),
    )
    return [
        page.heading("about.what-was-compared", "what-compared", language),
        page.BulletList(items),
    ]


def _effect_of(outcome: OutcomeEvidence, language: Language) -> str:
    """Over which part of the time the effect is, where it is not over all of it; or ""."""
    if not outcome.estimated or len(outcome.effect.covered) == len(outcome.effect.path):
        return ""
    after = [point.period for point in outcome.effect.covered if point.phase == "after"]
    first, last = (words.period_words(after[end], language.code) for end in (0, -1))
    return language.say("about.effect-of", first=first, last=last)


def _compared_with(evidence: Evidence, start: str, language: Language) -> str:
    """The comparison in a few words, or the finding of the check that says who it is."""
    found = next(
        (
            check.found
            for outcome in evidence.outcomes
            for check in outcome.checks
            if check.name in _GROUPS and check.found
        ),
        None,
    )
    if found is not None:
        return said(found, language.code) if isinstance(found, Fact) else found
    if comparison.sites(evidence):
        return language.say("about.earlier-time-of-each-place")
    controls = comparison.controls(evidence, language)
    own = language.say("about.time-before", start=start)
    key = "about.and" if controls else "about.in-same-place-and-nothing"
    return language.say(key, controls=controls, own=own)


def _outcome(outcome: OutcomeEvidence, language: Language) -> str:
    known = language.labels.get(outcome.measure) if language.labels else outcome.measure
    measure = f" ({known})" if known else ""
    better = language.say(f"about.better-{outcome.better}")
    return f"{language.bare(outcome.label)}{measure}; {better}."


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
        return study.answers_for(self.place_id)

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


def _places_of(study: Evidence) -> set[str]:
    """The declared ids of the place of a study and of its units."""
    names = (study.data.unit, *study.data.units)
    return {study.data.provenance.place_of(name) for name in names} - {""}


def _invented(study: Evidence) -> bool:
    return study.data.provenance.sensitivity == "synthetic"
