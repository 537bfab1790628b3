"""Published lists of what a study must tell, filled from plan and results as far as they say it.

TREND: Des Jarlais, Lyles, and Crepaz (2004), American Journal of Public Health 94:361-366. STROBE:
von Elm and others (2007), Annals of Internal Medicine 147:573-577. EPOC: its suggested risk of bias
criteria for interrupted time series. Items are in our words.

The design of a study on the Maryland Scientific Methods Scale, from 1 to 5.

Farrington, Gottfredson, Sherman, and Welsh (2002), The Maryland Scientific Methods Scale, in
Evidence-Based Crime Prevention, pages 13-21. Where a design lies between two levels the lower one
is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.sections import checklist_facts as facts
from evaluation.report.sections import comparison
from evaluation.say import ENGLISH, say
from evaluation.study.evidence import Evidence, OutcomeEvidence

NOT_APPLICABLE = "not applicable: "
Fact = Callable[[Evidence], facts.Answer]


EPOC: Mapping[str, Fact] = {
    "independent": facts.nothing,
    "shape": facts.shape,
    "collection": facts.collection,
    "knowledge": facts.knowledge,
    "incomplete": facts.incomplete,
    "selective": facts.selective,
    "other": facts.other,
}
TREND: Mapping[str, Fact] = {
    "title": facts.question,
    "background": facts.background,
    "participants": facts.studied,
    "interventions": facts.intervention,
    "objectives": facts.objectives,
    "outcomes": facts.measured,
    "sample_size": facts.nothing,
    "assignment": facts.assignment,
    "blinding": facts.assessed,
    "unit_of_analysis": facts.analyzed,
    "statistics": facts.statistics,
    "flow": facts.followed,
    "recruitment": facts.dates,
    "baseline": facts.baseline,
    "equivalence": facts.equivalence,
    "numbers": facts.analyzed,
    "estimation": facts.estimated,
    "ancillary": facts.further,
    "adverse": facts.harms,
    "interpretation": facts.certainty,
    "generalizability": facts.nothing,
    "evidence": facts.nothing,
}
STROBE: Mapping[str, Fact] = {
    "title": facts.question,
    "background": facts.background,
    "objectives": facts.objectives,
    "design": facts.cohort,
    "setting": facts.dates,
    "participants": facts.nothing,
    "variables": facts.variables,
    "sources": facts.source,
    "bias": facts.unmeasured,
    "size": facts.nothing,
    "quantitative": facts.nothing,
    "statistics": facts.statistics,
    "flow": facts.followed,
    "descriptive": facts.baseline,
    "outcome_data": facts.outcome_data,
    "main_results": facts.estimated,
    "other_analyses": facts.further,
    "key_results": facts.question,
    "limitations": facts.limitations,
    "interpretation": facts.certainty,
    "generalizability": facts.nothing,
    "funding": facts.funding,
}
LISTS: Mapping[str, Mapping[str, Fact]] = {"trend": TREND, "epoc": EPOC, "strobe": STROBE}
# Which lists are for a design, beside TREND, which is for all.
_OF_ROW: Mapping[str, tuple[str, ...]] = {"period": ("epoc",), "person": ("strobe",)}


def checklists(evidence: Evidence) -> list[page.Block]:
    """The lists for the design of a study, each with the number of its blanks."""
    names = ("trend", *(_OF_ROW.get(evidence.about.row, ()) if facts.named(evidence) else ()))
    blocks: list[page.Block] = [
        page.heading("checklists.title", "checklists"),
        page.paragraph("checklists.what-such-study-must-tell", code=page.Code("[checklist]")),
    ]
    for name in names:
        found = checklist(evidence, name)
        blocks.append(page.Paragraph((counts(found),)))
        blocks.append(
            page.Details(
                say("checklists.item-by-item", title=found.title), (found, *_keys(name, found))
            )
        )
    return blocks


def checklist(evidence: Evidence, name: str) -> page.Checklist:
    """One list of `LISTS`, filled as far as plan, results and evaluator say it."""
    told: Mapping[str, Any] = (evidence.plan.content.get("checklist") or {}).get(name) or {}
    return page.Checklist(
        key=f"checklist-{name}",
        title=say(f"checklists.title-{name}"),
        items=tuple(
            _answered(
                (str(number), say(f"checklists.{name}-{item}")),
                answer(evidence),
                str(told.get(item) or ""),
            )
            for number, (item, answer) in enumerate(LISTS[name].items(), start=1)
        ),
    )


def counts(found: page.Checklist) -> str:
    """How many items are filled, answered by the evaluator, not applicable and blank."""
    states = Counter(item.state for item in found.items)
    return say(
        "checklists.items-filled-from-plan-and",
        partition=found.title.partition(":")[0],
        n_items=len(found.items),
        filled=states["filled"],
        from_evaluator=states["from evaluator"],
        not_applicable=states["not applicable"],
        blank=states["blank"],
    )


def _keys(name: str, found: page.Checklist) -> list[page.Block]:
    """The keys of the plan under which the blank items can be answered."""
    keys = [
        item
        for item, answered in zip(LISTS[name], found.items, strict=True)
        if answered.state == "blank"
    ]
    if not keys:
        return []
    table = page.Code(f"[checklist.{name}]")
    return [
        page.Paragraph((say("checklists.blank-items-are-answered-in"), table, f": {_list(keys)}."))
    ]


def _list(keys: list[str]) -> str:
    return ENGLISH.listed(keys)


def _answered(asked: tuple[str, str], fact: facts.Answer, told: str) -> page.ChecklistItem:
    """What plan and results say comes first; what the evaluator says beside it is added."""
    answer = fact or told
    if not answer:
        return page.ChecklistItem(*asked, "blank")
    state: page.State = "filled" if fact else "from evaluator"
    if isinstance(answer, facts.NotApplicable):
        state, answer = "not applicable", answer.why
    elif answer.startswith(NOT_APPLICABLE):
        # So an evaluator says it, in the plan.
        state, answer = "not applicable", answer.removeprefix(NOT_APPLICABLE)
    added = say("checklists.evaluator", told=words.sentence(told)) if fact and told else ""
    return page.ChecklistItem(*asked, state, (f"{words.sentence(answer)}{added}",))


# Checks by which what is compared shows that it is comparable.
_ALIKE = ("control-trend", "pre-trends", "pre-period-splits", "balance")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the scale, and why it is no higher."""

    number: int
    why: str


def level(evidence: Evidence, outcome: OutcomeEvidence) -> Level:
    """The level of the design behind one outcome; never 5, which takes a drawing by lot."""
    about = evidence.about
    if about.of_series and comparison.sites(evidence):
        return Level(3, say("checklists.no-place-is-without-program"))
    compared = about.of_units or about.of_people or bool(comparison.controls(evidence))
    if about.of_persons and not about.of_people:
        # A survey starts at moderate only when it has areas to compare.
        compared = outcome.grade.start == "moderate"
    if not compared:
        return Level(2, say("checklists.nothing-is-compared-with-treated"))
    verdicts = {check.name: check.passed for check in outcome.checks if check.name in _ALIKE}
    if False in verdicts.values():
        return Level(2, say("checklists.what-is-compared-was-not"))
    if about.of_series and verdicts.get("control-trend") is not True:
        return Level(2, say("checklists.what-is-compared-was-not"))
    if not about.of_units:
        return Level(3, say("checklists.who-had-program-was-not"))
    if not comparison.many(evidence):
        return Level(3, say("checklists.only-one-unit-has-program"))
    adjusted = (evidence.plan.content.get("specification") or {}).get("covariates")
    if not (adjusted or evidence.plan.content.get("matched")):
        return Level(3, say("checklists.units-are-not-adjusted-for"))
    return Level(4, say("checklists.units-with-program-were-not"))


def maryland_scale(evidence: Evidence) -> list[page.Block]:
    """A sentence for the levels of all outcomes, with what the scale does not say."""
    found = {outcome.label: level(evidence, outcome) for outcome in evidence.outcomes}
    if not found:
        return []
    blocks: list[page.Block] = []
    for one in dict.fromkeys(found.values()):
        labels = [label for label, other in found.items() if other == one]
        of = "" if len(labels) == len(found) else say("checklists.for", labels=tuple(labels))
        blocks.append(
            page.Paragraph(
                (
                    page.strong("checklists.maryland-scale-level-of-5", number=one.number, of=of),
                    say(
                        "checklists.because",
                        say=say(f"checklists.names-{one.number}"),
                        why=one.why,
                        caveat=say("checklists.that-is-about-design-only"),
                    ),
                )
            )
        )
    return blocks
