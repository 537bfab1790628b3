"""The first layer of a study: two answers, a figure and three facts on one screen, then about a
thousand words and two figures more. The rest is in the appendix.

It is said in every language; names that a plan has in English only stand between « ».
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from evaluation.effect import Told
from evaluation.report import blocks as page
from evaluation.report import study_words, words
from evaluation.report.document import banners, basis, expected_and_range, is_synthetic
from evaluation.report.doubts import EVALUATOR, doubt
from evaluation.report.figures import figures
from evaluation.report.figures.at_a_glance import alternatives_lines, curve_strip
from evaluation.report.figures.by_year import by_year_figure
from evaluation.report.figures.icon_array import icon_array
from evaluation.report.other_language import translated
from evaluation.report.sections import comparison, people_and_survey_results
from evaluation.report.sections.about import about, on_record, records, what_was_compared
from evaluation.report.sections.beside_published import ours, published
from evaluation.report.sections.more import APPENDIX, Around, asked, more
from evaluation.report.sections.sensitivity import lift
from evaluation.report.words import capital, sentence
from evaluation.say import ENGLISH, QUOTES, Language
from evaluation.study.by_year import ByYear, Span
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.totals import affected


def primary(evidence: Evidence) -> OutcomeEvidence:
    """The outcome that carries the page."""
    return next((one for one in evidence.outcomes if one.primary), evidence.outcomes[0])


def first_layer(
    evidence: Evidence,
    language: Language = ENGLISH,
    *,
    around: Around | None = None,
    appendix: str = APPENDIX,
) -> tuple[page.Block, ...]:
    """The blocks of the first layer.

    Parameters
    ----------
    appendix : the file that links to the rest lead to; "" where it follows in the same document.
    """
    around, told = around or Around(), translated(evidence, language)
    main = primary(told)
    lead, ways, choices = drawn = study_figures(told, language)
    facts = page.bullets(_facts(told, main, language))
    shown: page.Block = facts if lead is None else page.Columns(((lead,), (facts,)))
    return (
        *banners(told, language, plan=f"{appendix}#plan"),
        page.heading("study.answer", "answer", language),
        page.Columns(((_changed(told, main, language),), (_program(told, main, language),))),
        shown,
        page.Contents(),
        expected_and_range(told, language),
        *about(told, language),
        *what_was_compared(told, language),
        page.Paragraph((_rests_on(told, language),)),
        *_ways(ways, language),
        *_choices(choices, language),
        *_certainty(main, language, appendix),
        *_others_found(told, main, language, appendix),
        *_further(told, language, appendix),
        *more(told, drawn, around, language, appendix),
        *asked(evidence, told, language),
    )


def study_figures(
    evidence: Evidence, language: Language = ENGLISH
) -> tuple[page.Figure | None, page.Figure | None, page.Figure | None]:
    """The figures of the first layer: what happened, other ways to ask, and other choices."""
    main = primary(evidence)
    if not main.estimated:
        return _recorded_figure(evidence, main, language), None, None
    lead = _lead(evidence, main, language)
    ways = alternatives_lines(main, language) if main.alternatives or lead is None else None
    # A page begins with a figure, if only with that of its estimates.
    lead, ways = (lead, ways) if lead is not None else (ways, None)
    return lead, ways, curve_strip(main, language)


def _lead(evidence: Evidence, outcome: OutcomeEvidence, language: Language) -> page.Figure | None:
    """What was recorded, of a count by year; of people and answers beside what was expected."""
    shown = _recorded_figure(evidence, outcome, language)
    if shown is not None:
        return shown
    if study_words.speaks_for(evidence):
        # The words of icons, and of a path, are English.
        icons = icon_array(evidence, outcome) if language is ENGLISH else []
        drawn = people_and_survey_results.lead_figure(evidence, outcome, language)
        return next(iter(icons), drawn)
    path = bool(outcome.effect.path) and language is ENGLISH
    return figures.observed_against_expected(evidence, outcome) if path else None


def _recorded_figure(
    evidence: Evidence, outcome: OutcomeEvidence, language: Language
) -> page.Figure | None:
    shown = by_year_figure(evidence, outcome, language)
    # What was found stands above it already.
    title = language.say("by-year.title", label=language.heading(outcome.label))
    return None if shown is None else replace(shown, title=title)


def _changed(evidence: Evidence, outcome: OutcomeEvidence, language: Language) -> page.KeyFinding:
    """Did it change?"""
    said = changed(evidence, outcome, language)
    if is_synthetic(evidence):
        said = language.say("answer.synthetic", said=said)
    clear = outcome.estimated and words.way_of(outcome) != "unclear"
    better = clear and words.good(outcome, outcome.effect)
    tone: page.Tone = "unclear" if not clear else "good" if better else "bad"
    return page.KeyFinding(language.say("first.changed"), said, (), tone)


def changed(evidence: Evidence, outcome: OutcomeEvidence, language: Language) -> str:
    """The first of the two answers about an outcome."""
    return words.changed(
        outcome,
        evidence.intervention,
        margin=words.planned_margin(evidence),
        basis=basis(evidence),
        language=language,
    )


def _program(evidence: Evidence, outcome: OutcomeEvidence, language: Language) -> page.KeyFinding:
    """Was it the program? The grade answers this question and no other."""
    say, grade = language.say, outcome.grade.level
    said = words.was_it(
        outcome, evidence.intervention, margin=words.planned_margin(evidence), language=language
    )
    fact = page.Fact(
        say("first.sure", intervention=evidence.intervention),
        capital(say(f"grade.{grade}")),
        say("first.second-only", label=outcome.label),
        steps=words.GRADE_STEPS[grade],
    )
    question = say("first.was-it", intervention=evidence.intervention)
    return page.KeyFinding(question, said, (fact,) if outcome.estimated else (), "unclear")


def _facts(evidence: Evidence, outcome: OutcomeEvidence, language: Language) -> Iterator[page.Text]:
    """What was recorded, what the range leaves open, and the doubt that weighs most."""
    if outcome.by_year is not None and outcome.by_year.before and outcome.by_year.after:
        yield page.strong("first.recorded", language), recorded(outcome, outcome.by_year, language)
    elif outcome.estimated and study_words.speaks_for(evidence):
        size = people_and_survey_results.size(evidence, outcome, language)
        if size:
            yield page.strong("first.found", language), sentence(size)
    if outcome.estimated:
        yield page.strong("first.open", language), _open(evidence, outcome, language)
    reason = weighs_most(outcome)
    if reason:
        yield page.strong("first.against", language), " ".join(_doubted(reason, language))


def recorded(outcome: OutcomeEvidence, by_year: ByYear, language: Language) -> str:
    """Counts a year before and after, and the same of the units compared with, as recorded."""
    before, after = by_year.before, by_year.after
    assert before is not None and after is not None and by_year.change is not None

    def told(span: Span, count: float) -> Mapping[str, object]:
        key = "first.year" if span.first == span.last else "first.years"
        years = language.say(key, first=span.first, last=span.last)
        return {"count": words.amount(count, language), "years": years}

    def pair(one: float, other: float, change: float) -> Mapping[str, object]:
        start, end = told(before, one), told(after, other)
        way = "same" if not change else "down" if change < 0 else "up"
        size = words.size(change, language)
        return {
            **start,
            "count2": end["count"],
            "years2": end["years"],
            "change": language.say(f"first.{way}", size=size),
        }

    own = pair(before.recorded, after.recorded, by_year.change)
    said = language.say("first.went", label=outcome.label, **own)
    if before.beside is not None and after.beside is not None and by_year.change_beside is not None:
        beside = pair(before.beside, after.beside, by_year.change_beside)
        said += language.say("first.beside", places=by_year.beside, **beside)
    return said


def _open(evidence: Evidence, outcome: OutcomeEvidence, language: Language) -> str:
    """The range as a count, and whether it is as large as what the plan calls worth having."""
    effect = outcome.effect
    if study_words.is_count(evidence, outcome) and effect.path:
        averted = effect.averted
        said = language.say(
            "first.open-count",
            first=words.period_words(affected(effect)[0].period, language.code),
            last=words.period_words(effect.covered[-1].period, language.code),
            range=words.count_range(averted, language=language),
            best=study_words.fewer(averted.estimate, language),
        )
    else:
        said = language.say("first.open-percent", between=words.between(effect, language))
    return f"{said} {words.worth(outcome, language)}".strip()


# Doubts about when a plan was written, which no data of the past can lift, and the range, which
# the fact before tells: what a check found, and how the units were chosen, comes first.
_LATER = ("planned-after", "typed", "not-frozen", "changed", "wide")


def weighs_most(outcome: OutcomeEvidence) -> Told | None:
    """The reason of the grade that weighs most, or None: where the design starts low it, which
    costs more steps than any other; else the first that a check found, else the design."""
    reasons = [one for one in outcome.grade.reasons if doubt(one)]
    if outcome.grade.start in ("low", "very low"):
        return next(iter(reasons), None)
    found = [one for one in reasons[1:] if doubt(one) not in _LATER]
    return next(iter((*found, *reasons)), None)


def _doubted(reason: Told, language: Language) -> Iterator[str]:
    """A doubt in a few words, or another reason as it is; and the data that would lift it."""
    key, by_evaluator = f"doubt.{doubt(reason)}", doubt(reason) == EVALUATOR
    if language.has(key) and not by_evaluator:
        yield sentence(language.say(key))
    else:
        yield sentence(_quoted(str(reason), language))
    if by_evaluator:
        yield language.say("would-change.it-would-take-answer-to").strip()
    lifts = lift(reason, language)
    if lifts:
        yield language.say("would-change.it-would-take", lifts=lifts)


def _quoted(text: str, language: Language) -> str:
    return text if language is ENGLISH else QUOTES.format(text.rstrip("."))


def _rests_on(evidence: Evidence, language: Language) -> str:
    assumed = comparison.assumption(evidence, language)
    return language.say("comparison.answer-rests-on-this-no", assumption=assumed)


def _ways(figure: page.Figure | None, language: Language) -> list[page.Block]:
    if figure is None:
        return []
    return [
        page.heading("document.what-other-methods-say", "ways", language),
        page.paragraph("document.one-method-is-headline-others", language),
        figure,
    ]


def _choices(figure: page.Figure | None, language: Language) -> list[page.Block]:
    if figure is None:
        return []
    return [
        page.heading("sensitivity.title", "strip", language),
        page.paragraph("sensitivity.someone-else-could-have-modeled", language),
        figure,
    ]


def _certainty(outcome: OutcomeEvidence, language: Language, appendix: str) -> list[page.Block]:
    """What the grade means, every doubt with what would lift it, and how many checks there were."""
    say = language.say
    named = say("certainty.named", grade=say(f"grade.{outcome.grade.level}"))
    close = words.how_sure(outcome.grade.level, language) if outcome.estimated else ""
    verdicts = [check.passed for check in outcome.checks]
    items: list[page.Text] = []
    for reason in outcome.grade.reasons:
        short, *rest = _doubted(reason, language)
        items.append((page.Strong(short), *(f" {one}" for one in rest)))
    questions = page.inline(
        "first.checks",
        language,
        asked=len(verdicts),
        passed=verdicts.count(True),
        failed=verdicts.count(False),
        link=page.Link(say("first.checks-link"), f"{appendix}#certainty"),
    )
    return [
        page.heading("document.how-sure-are-we-and", "sure", language),
        page.Paragraph((page.Strong(capital(named)), close)),
        *([page.bullets(items)] if items else []),
        *([page.Paragraph(questions)] if verdicts else []),
    ]


def _others_found(
    evidence: Evidence, outcome: OutcomeEvidence, language: Language, appendix: str
) -> list[page.Block]:
    """Published results beside ours, and what is on record of the program's evaluations."""
    say = language.say
    items: list[page.Text] = [
        page.inline(
            "first.published",
            language,
            strong=page.Strong(f"{row.site}, {_name(row.outcome, language)}: "),
            published=published(row, language),
            source=row.source,
            label=one.label,
            ours=ours(one, language),
            link=page.Link(say("first.differs"), f"{appendix}#published"),
        )
        for row in evidence.published
        for one in (evidence.outcome(row.column) if row.column else outcome,)
    ]
    known = None if is_synthetic(evidence) else on_record(evidence)
    if known is not None:
        items += records(known.found, language)
    return (
        [page.heading("first.others-found", "found", language), page.bullets(items)]
        if items
        else []
    )


def _name(text: str, language: Language) -> str:
    return language.usual(text)


def _further(evidence: Evidence, language: Language, appendix: str) -> list[page.Block]:
    """The other outcomes, a line each."""
    main = primary(evidence)
    items = []
    for one in evidence.outcomes:
        if one is main:
            continue
        own = study_words.own_window_words(evidence, one, language)
        named = language.say("certainty.named", grade=language.say(f"grade.{one.grade.level}"))
        items.append(
            (
                page.Strong(f"{language.heading(one.label)}. "),
                changed(evidence, one, language),
                f" {capital(named)}" if one.estimated else " ",
                f"{sentence(own)} " if own else "",
                page.Link(
                    language.say("first.more-of", label=one.label),
                    f"{appendix}#observed-{figures.anchor(one.column)}",
                ),
                ".",
            )
        )
    heading = page.heading("first.further", "further", language)
    return [heading, page.bullets(items)] if items else []
