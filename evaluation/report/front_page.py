"""The front page: what happened, what the comparison found, whether it was the program, and what
is known goal by goal. All of it from evidence; no cause is named with a raw change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.data.project import Project
from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Columns,
    Document,
    Header,
    Heading,
    Link,
    Marks,
    Paragraph,
    Strong,
    Table,
    Text,
    inline,
)
from evaluation.report.document import basis, is_synthetic
from evaluation.report.doubts import doubts
from evaluation.report.figures.by_year import by_year_figure
from evaluation.report.figures.cities import cities_forest
from evaluation.report.other_language import translated
from evaluation.report.sections.about import Whose, front_page, in_its_words, whose
from evaluation.report.sections.others_found import concluded, others_found
from evaluation.report.site import LastCheck, all_page, last_check_blocks
from evaluation.report.tests_page import caught
from evaluation.say import ENGLISH, LANGUAGES, Language
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import family_of

if TYPE_CHECKING:
    from evaluation.synthesis.elsewhere import Together
    from evaluation.synthesis.goals import Speaks
    from evaluation.synthesis.result import Elsewhere

TESTS = "tests.html"


@dataclass(frozen=True, slots=True)
class _Answer:
    """What speaks for a goal, in the language of the page."""

    study: Evidence
    outcome: OutcomeEvidence
    compared: bool
    beside: tuple[OutcomeEvidence, ...]


def front_document(
    evidences: Sequence[Evidence],
    together: Together,
    language: Language = ENGLISH,
    *,
    project: Project | None = None,
    last_check: LastCheck | None = None,
    paper: str = "",
) -> Document:
    """The page that answers for the project's place on one screen.

    Parameters
    ----------
    together : what was made of the same studies. project : whose page it is; None for what the
        plans say. last_check : what came out when all studies were last run again; None when that
        was not recorded. paper : the file with the same page for paper, beside it; "" without one.
    """
    say, owner = language.say, project or Project()
    studies = [
        in_its_words(translated(evidence, language), owner, language)
        for evidence in sorted(evidences, key=lambda evidence: evidence.slug)
    ]
    page, elsewhere = whose(owner, studies, language), together.elsewhere
    by_slug = {study.slug: study for study in studies}
    rows = {
        goal: _spoken(together.speaks[goal], by_slug) if goal in together.speaks else None
        for goal in words.GOALS
    }
    first = next((row for row in rows.values() if row is not None), None)
    sides: dict[str, Sequence[Block]] = {
        "told": _answer(first, page, language),
        "years": _years(first, language),
        "goals": [_goals(rows, page, elsewhere, language)],
        "others": _others(studies, elsewhere, language),
    }
    shown = {name: tuple(side) for name, side in sides.items() if side}
    blocks: list[Block] = [
        Columns(tuple(shown.values()), tuple(shown)),
        *_reports(studies, page, caught(together.tests), language),
        *last_check_blocks(last_check, studies, language),
        Heading(2, say("front.cite"), "cite"),
        _cite(studies, page, first, last_check, language),
    ]
    data = Link(say("front.data"), "results.csv")
    return Document(
        title=page.title,
        window_title=page.title,
        over=page.over,
        blocks=tuple(blocks),
        other=next(
            Link(say("site.other"), front_page(owner, other), lang=other.lang)
            for other in LANGUAGES
            if other is not language
        ),
        lang=language.lang,
        links=(
            Link(say("front.every-study"), all_page(language)),
            *((Link("PDF", paper),) if paper else ()),
            data,
            Link(say("front.cite"), "#cite"),
        ),
        layer="front",
    )


def _spoken(found: Speaks, studies: Mapping[str, Evidence]) -> _Answer:
    return _Answer(
        studies[found.study],
        studies[found.study].outcome(found.outcome),
        found.compared,
        tuple(studies[slug].outcome(column) for slug, column in found.beside),
    )


def _answer(found: _Answer | None, page: Whose, language: Language) -> list[Block]:
    """What happened, what was found and whether it was the program."""
    say = language.say
    if found is None:
        needed = say("site.needed", needed=say("goal.1-needed", place=page.place))
        return [
            Paragraph((say("front.nothing", place=page.place),), lead=True),
            Paragraph((needed,)),
        ]
    study, outcome = found.study, found.outcome
    link = Link(say("front.read"), f"{study.slug}/{language.page}")
    return [
        *_happened(found, page, language),
        Paragraph(_found(found, language)),
        Paragraph((*_whether(study, outcome, language), " ", link, ".")),
    ]


def _years(found: _Answer | None, language: Language) -> list[Block]:
    figure = None if found is None else by_year_figure(found.study, found.outcome, language)
    return [] if figure is None else [replace(figure, note=language.say("front.figure-note"))]


def _happened(found: _Answer, page: Whose, language: Language) -> Iterator[Block]:
    """What was recorded before and after, there and beside it, over the same years."""
    years = found.outcome.by_year
    if years is None or years.change is None or not (years.before and years.after):
        return
    say = language.say
    change = years.change
    said = say(
        "front.happened",
        subject=found.outcome.label,
        place=page.place,
        before=_about(years.before.recorded),
        after=_about(years.after.recorded),
        first=years.before.first,
        last=years.before.last,
        first2=years.after.first,
        last2=years.after.last,
        way=_way(change, language),
    )
    beside = years.change_beside
    if beside is not None:
        n, way = years.beside, _way(beside, language)
        places = say(f"front.place-{_kind_of_place(found.study)}", n=n)
        said += " " + say("front.beside", n=n, places=places, way=way)
    yield Paragraph((said,), lead=True)


def _way(change: float, language: Language) -> str:
    """How a count moved, as recorded: no word of it says why."""
    key = "fell" if change < -0.5 else "rose" if change > 0.5 else "stayed"
    return language.say(f"front.{key}", size=words.size(change, language))


def _kind_of_place(study: Evidence) -> str:
    """What its units are, by the name of the column of units."""
    called = next((one.name for one in study.data.columns if one.role == "unit"), "")
    return called if ENGLISH.has(f"front.place-{called}") else "other"


def _about(value: float) -> str:
    """A mean of a year: whole where it is large."""
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}"


def _found(found: _Answer, language: Language) -> Text:
    """What the study found, as its own page says it, and what others of the same events did."""
    study, outcome = found.study, found.outcome
    margin = words.planned_margin(study)
    said = words.changed(
        outcome, study.intervention, margin=margin, basis=basis(study), language=language
    )
    if found.beside:
        others = [brief(its, language) for its in found.beside]
        said += language.say("front.same-events", n=len(others), changes="; ".join(others))
    return (Strong(language.say("front.found")), said)


def sureness(outcome: OutcomeEvidence, language: Language) -> Marks:
    """The level of an answer as four signs."""
    step = words.GRADE_STEPS[outcome.grade.level]
    return Marks("●" * step + "○" * (4 - step), language.say("front.level", step=step))


def _whether(study: Evidence, outcome: OutcomeEvidence, language: Language) -> Text:
    """Whether it was the program, as the study's own page says it, under the level of its grade."""
    margin = words.planned_margin(study)
    said = words.was_it(outcome, study.intervention, margin=margin, language=language)
    return (
        Strong(language.say("front.was-it", program=study.intervention)),
        sureness(outcome, language),
        f" {said}",
    )


def _goals(
    rows: dict[int, _Answer | None], page: Whose, elsewhere: Elsewhere | None, language: Language
) -> Table:
    """A row a goal: what we found, what others found, whether it was the program, and
    what is missing."""
    say = language.say
    spoken = next((row.study.intervention for row in rows.values() if row), "")
    program = spoken or page.program or say("front.program")
    heads = ("goal", "found", *(("others",) if elsewhere else ()), "was-it", "settle")
    return Table(
        key="goals",
        caption=say("front.goals"),
        headers=tuple(Header(say(f"front.{head}-head", program=program)) for head in heads),
        rows=tuple(
            (
                (Strong(f"{goal} "), say(f"goal.{goal}")),
                _cell(row, language),
                *(
                    (others_found(elsewhere, goal, _family(row), program, language),)
                    if elsewhere
                    else ()
                ),
                _sure(row, language),
                (words.sentence(words.capital(say(f"goal.{goal}-needed", place=page.place))),),
            )
            for goal, row in rows.items()
        ),
        stacked=True,
    )


def _family(row: _Answer | None) -> str:
    return "" if row is None else family_of(row.study, row.outcome)


def _cell(row: _Answer | None, language: Language) -> Text:
    if row is None:
        return (language.say("front.no-data"),)
    label = language.heading(words.subject(row.outcome, language))
    return (f"{label}: ", brief(row.outcome, language))


def brief(outcome: OutcomeEvidence, language: Language) -> str:
    """The change with its range in few words."""
    effect = outcome.effect
    way = "unclear"
    parts: dict[str, object] = {}
    if words.way_of(outcome) != "unclear":
        # In words: no color says it to everybody.
        way = "better" if words.good(outcome, effect) else "worse"
    if outcome.lost and outcome.family is not None:
        way = "family"
        parts = {"outcomes": outcome.family.outcomes, "p": words.p_value(outcome.family.p_value)}
    return language.say(
        f"front.brief-{way}",
        **parts,
        change=words.change(effect.percent.estimate, language),
        between=words.between(effect, language),
    )


def _sure(row: _Answer | None, language: Language) -> Text:
    if row is None:
        return ("–",)
    found = doubts(row.outcome.grade.reasons, language)
    level = language.say(f"grade.{row.outcome.grade.level}")
    said = language.say("front.sure", level=level, doubts=", ".join(found))
    return (sureness(row.outcome, language), f" {said}")


def _others(
    studies: Sequence[Evidence], elsewhere: Elsewhere | None, language: Language
) -> list[Block]:
    """The places that tried it, and what evaluations of others concluded."""
    figures = (
        (study, cities_forest(study, outcome, language))
        for study in studies
        for outcome in study.outcomes
        if outcome.primary and not is_synthetic(study)
    )
    blocks: list[Block] = []
    for study, figure in figures:
        if figure is not None:
            tried = "cities" if _kind_of_place(study) == "city" else "places"
            blocks += [Heading(2, language.say(f"front.{tried}"), "cities"), figure]
            break
    if elsewhere is not None and elsewhere.tally.results:
        blocks += concluded(elsewhere, language)
    return blocks


def _reports(
    studies: Sequence[Evidence], page: Whose, held_of: tuple[int, int] | None, language: Language
) -> list[Block]:
    """A line a report, those of the place first; tests of the method are one line."""
    say = language.say
    real = [study for study in studies if not is_synthetic(study)]
    items: list[Text] = [
        _line(study, language) for study in sorted(real, key=lambda one: not page.own(one))
    ]
    if held_of is not None:
        held, tests = held_of
        link = Link(say("front.tests"), TESTS)
        items.append(inline("front.tests-line", language, link=link, held=held, tests=tests))
    heading = Heading(2, say("front.reports"), "reports")
    return [heading, BulletList(tuple(items))] if items else []


def _line(study: Evidence, language: Language) -> Text:
    outcome = next((one for one in study.outcomes if one.primary), study.outcomes[0])
    link = Link(study.title, f"{study.slug}/{language.page}")
    if not outcome.estimated or outcome.refused:
        return (link, f": {language.say('front.no-answer')}")
    label = language.bare(outcome.label)
    said = inline("front.line", language, link=link, label=label, found=brief(outcome, language))
    return (*said, sureness(outcome, language))


def _cite(
    studies: Sequence[Evidence],
    page: Whose,
    found: _Answer | None,
    last_check: LastCheck | None,
    language: Language,
) -> Block:
    """How to cite the page: whose it is, to when its data go, and by which version."""
    version = "" if last_check is None else last_check.package
    said = language.say(
        "front.cite-text",
        by=f"{language.listed(list(page.authors))}. " if page.authors else "",
        title=page.title,
        over=page.over,
        last=words.period_words(found.study.data.last, language.code) if found else "–",
        studies=len(studies),
        by_version=language.say("front.cite-version", version=version) if version else "",
    )
    return Paragraph((said,))
