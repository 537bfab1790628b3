"""Every study on one page, goal by goal and outcome by outcome, and what the last check found.

The front page says what they come to; tests of the method have a page of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from evaluation.data.project import Project
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.document import is_synthetic, key_finding
from evaluation.report.other_language import quoted, translated
from evaluation.report.sections.about import Whose, front_page, in_its_words, whose
from evaluation.report.sections.agreement import agreement_blocks
from evaluation.say import ENGLISH, LANGUAGES, Language
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import same_outcome, window_of

if TYPE_CHECKING:
    from evaluation.synthesis.result import Agreement


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
) -> list[page.Block]:
    """How many studies came out again, and what is to be said of each of the others.

    Parameters
    ----------
    found : None when no check was recorded yet. studies : of the page, in that language.
    """
    if not studies:
        return []
    say = language.say
    heading = page.heading("last-check.title", "last-check", language)
    if found is None:
        how: page.Text = (say("last-check.none-text"), page.Code(COMMAND), ".")
        return [heading, page.Callout("empty", say("last-check.none"), how)]
    others = [study for study in studies if found.state(study.slug) != "reproduces"]
    good = len(studies) - len(others)
    last = say("last-check.last", good=good, studies=len(studies))
    means: page.Text = (say("last-check.means", package=found.package),)
    if not others:
        return [heading, page.Paragraph((page.Strong(last), *means))]
    wrong = any(found.state(study.slug) in _WRONG for study in others)
    return [
        heading,
        page.Callout("warning" if wrong else "note", last, means),
        page.bullets(
            (
                page.Link(study.title, f"{study.slug}/{language.page}"),
                say(f"last-check.{found.state(study.slug)}"),
            )
            for study in others
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


# The goal of the programs whose published results have a page of their own, and that page.
PUBLISHED_GOAL, PUBLISHED = 1, "elsewhere.html"


def all_page(language: Language) -> str:
    """The file in `reports/` with every study, in a language."""
    return "studies.html" if language is ENGLISH else f"studies.{language.code}.html"


def site_document(
    evidences: Sequence[Evidence],
    language: Language = ENGLISH,
    *,
    project: Project | None = None,
    agreements: Sequence[Agreement] = (),
    published: bool = False,
) -> page.Document:
    """Every real study goal by goal, with those of other places apart.

    Parameters
    ----------
    project : whose page it is; None for what the plans say. agreements : of the same studies.
        published : whether there is a page on what others published, to be linked.
    """
    say = language.say
    project = project or Project()
    studies = [
        in_its_words(translated(evidence, language), project, language)
        for evidence in sorted(evidences, key=lambda evidence: evidence.slug)
    ]
    names = whose(project, studies, language)
    aims = say("site.aims", program=names.program)
    blocks: list[page.Block] = [
        page.Paragraph((aims if names.program else say("site.aims-nobody"),))
    ]
    if names.authors:
        authors = language.listed(list(names.authors))
        blocks.append(page.Paragraph((words.sentence(say("site.authors", authors=authors)),)))
    for goal in words.GOALS:
        name = say(f"goal.{goal}")
        blocks.append(page.heading("study.goal", f"goal-{goal}", language, goal=goal, name=name))
        beside = [found for found in agreements if found.goal == goal]
        of_goal = [study for study in studies if study.goal == goal]
        linked = published and goal == PUBLISHED_GOAL
        blocks.extend(_goal(goal, of_goal, names, language, agreements=beside, published=linked))
    # Very low certainty on every outcome is "we cannot tell", which is not an answer.
    answered = {
        study.goal
        for study in studies
        for outcome in study.outcomes
        if names.own(study) and outcome.estimated and outcome.grade.level != "very low"
    }
    studied = {study.goal for study in studies}
    goals = len(words.GOALS)
    ready = "site.ready"
    if any(names.own(study) or names.undeclared(study) for study in studies):
        ready = "site.studied"
    blocks.append(
        page.Paragraph(
            (
                page.strong("site.answered", language, answered=len(answered), goals=goals),
                say(ready, studied=len(studied), goals=goals, city=names.place),
            )
        )
    )
    blocks += [*_reading(studies, language), *_downloads(names, language)]
    return page.Document(
        other=next(
            page.Link(say("site.other"), all_page(other), lang=other.lang)
            for other in LANGUAGES
            if other is not language
        ),
        home=page.Link(say("site.front"), front_page(project, language)),
        title=say("site.every-study"),
        window_title=say("site.every-study"),
        over=names.over,
        blocks=tuple(blocks),
        lang=language.lang,
    )


def _reading(studies: Sequence[Evidence], language: Language) -> list[page.Block]:
    """What the words of the page mean."""
    say = language.say
    items: list[page.Text] = [
        (page.strong("expected.term", language), say("expected.site")),
        (page.strong("range.term", language), say("range.means")),
        *(
            (
                page.Strong(words.capital(say("certainty.named", grade=say(f"grade.{level}")))),
                words.how_sure(level, language),
            )
            for level in words.GRADES
        ),
    ]
    if any(quoted(study) for study in studies):
        items.append((say("study.quoted"),))
    return [page.heading("site.reading", "reading", language), page.bullets(items)]


def _downloads(names: Whose, language: Language) -> list[page.Block]:
    """All numbers as files, and how to cite the page."""
    say = language.say
    cite = ""
    if names.authors:
        authors = language.listed(list(names.authors))
        cite = say("site.cite", authors=authors, title=names.title, over=names.over)
    return [
        page.heading("site.download", "download", language),
        page.Paragraph(
            (
                say("site.download-text"),
                page.Link(say("site.download-csv"), "results.csv"),
                say("site.download-and"),
                page.Link(say("site.download-json"), "results.json"),
                ".",
            )
        ),
        *([page.Paragraph((cite,))] if cite else []),
    ]


def _goal(
    goal: int,
    studies: Sequence[Evidence],
    names: Whose,
    language: Language,
    *,
    agreements: Sequence[Agreement],
    published: bool,
) -> list[page.Block]:
    """The place's own studies of a goal, then those that bear on it without answering it."""
    say = language.say
    needed = say("site.needed", needed=say(f"goal.{goal}-needed", place=names.place))
    link = [page.Paragraph((page.Link(say("site.published"), PUBLISHED),))] if published else []
    studies = [study for study in studies if not is_synthetic(study)]
    if not studies:
        return [page.Callout("empty", say("site.not-yet"), (needed,)), *link]
    own = [study for study in studies if names.own(study)]
    undeclared = [study for study in studies if names.undeclared(study)]
    elsewhere = [study for study in studies if names.elsewhere(study)]
    by_slug = {study.slug: study for study in studies}
    blocks: list[page.Block] = []
    for study in own:
        blocks.extend(_cards(study, own, language))
    if not own:
        blocks.append(page.Callout("empty", say("site.not-answered", city=names.place), (needed,)))
    if undeclared:
        blocks.append(page.heading("site.undeclared", f"undeclared-{goal}", language, level=3))
        said = say("site.undeclared-text", city=names.place)
        blocks.append(page.Paragraph((said, page.Code("place"), ".")))
        for study in undeclared:
            blocks.extend(_cards(study, (study,), language))
    if elsewhere or link:
        blocks.append(page.heading("site.elsewhere", f"elsewhere-{goal}", language, level=3))
        blocks.append(page.paragraph("site.elsewhere-text", language, city=names.place))
        for study in elsewhere:
            blocks.extend(_cards(study, (study,), language))
        blocks.extend(link)
    for found in agreements:
        if not found.synthetic:
            blocks.extend(agreement_blocks(found, by_slug, language))
    return blocks


def _cards(
    study: Evidence, beside: Sequence[Evidence], language: Language
) -> list[page.KeyFinding]:
    return [_card(study, outcome, beside, language) for outcome in study.outcomes]


def _card(
    study: Evidence, outcome: OutcomeEvidence, beside: Sequence[Evidence], language: Language
) -> page.KeyFinding:
    say, full = language.say, key_finding(study, outcome, language)
    # How many are about this outcome too; others of the goal say nothing of it.
    studies = sum(
        any(same_outcome(study, outcome, other, its) for its in other.outcomes) for other in beside
    )
    last = say("strip.undated")
    if not study.data.undated:
        last = words.period_words(window_of(study, outcome)[1], language.code)
    read = say("site.read", title=study.title, label=outcome.label)
    return replace(
        full,
        label=say("label.place", label=language.heading(outcome.label), place=study.data.unit),
        facts=(
            *full.facts,
            page.Fact(
                say("strip.studies"), str(studies), say("strip.single") if studies == 1 else ""
            ),
            page.Fact(say("strip.data-to"), last),
        ),
        link=page.Link(read, f"{study.slug}/{language.page}"),
    )
