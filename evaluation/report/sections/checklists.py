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

from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    Checklist,
    ChecklistItem,
    Code,
    Details,
    Heading,
    Paragraph,
    State,
    Strong,
)
from evaluation.report.sections import checklist_epoc as epoc_facts
from evaluation.report.sections import checklist_facts as facts
from evaluation.report.sections import comparison
from evaluation.study.evidence import Evidence, OutcomeEvidence

Fact = Callable[[Evidence], str]


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its key in the plan, what it asks, and what plan and results say about it."""

    key: str
    asks: str
    fact: Fact


EPOC: tuple[Item, ...] = (
    Item("independent", "Was the program independent of other changes?", facts.nothing),
    Item("shape", "Was the form of the effect chosen beforehand?", epoc_facts.shape),
    Item(
        "collection", "Could the program not touch how data are collected?", epoc_facts.collection
    ),
    Item("knowledge", "Did those who recorded outcomes not know of it?", epoc_facts.knowledge),
    Item("incomplete", "Were missing outcomes dealt with?", epoc_facts.incomplete),
    Item("selective", "Is all that was planned reported?", epoc_facts.selective),
    Item("other", "Is it free of other risks, such as season?", epoc_facts.other),
)
TREND: tuple[Item, ...] = (
    Item("title", "Title and summary", facts.question),
    Item("background", "Background", facts.background),
    Item("participants", "Participants and settings", facts.studied),
    Item("interventions", "Program as planned and as given", facts.intervention),
    Item("objectives", "Objectives", facts.objectives),
    Item("outcomes", "Outcomes and how they are measured", facts.measured),
    Item("sample_size", "How the size of the study was chosen", facts.nothing),
    Item("assignment", "How units came to have the program", facts.assignment),
    Item("blinding", "Whether those who rated outcomes knew", facts.assessed),
    Item("unit_of_analysis", "Unit of analysis", facts.analyzed),
    Item("statistics", "Statistical methods", facts.statistics),
    Item("flow", "Flow of participants", facts.followed),
    Item("recruitment", "Dates of recruitment and follow-up", facts.dates),
    Item("baseline", "State before the start", facts.baseline),
    Item("equivalence", "Likeness of groups before the start", facts.equivalence),
    Item("numbers", "Numbers analyzed", facts.analyzed),
    Item("estimation", "Estimates and their precision", facts.estimated),
    Item("ancillary", "Further analyses", facts.further),
    Item("adverse", "Harms", facts.harms),
    Item("interpretation", "Interpretation", facts.certainty),
    Item("generalizability", "How far it carries over", facts.nothing),
    Item("evidence", "Place in the evidence as a whole", facts.nothing),
)
STROBE: tuple[Item, ...] = (
    Item("title", "Title and summary", facts.question),
    Item("background", "Background", facts.background),
    Item("objectives", "Objectives", facts.objectives),
    Item("design", "Design", facts.cohort),
    Item("setting", "Setting and dates", facts.dates),
    Item("participants", "Who could take part", facts.nothing),
    Item("variables", "Variables", facts.variables),
    Item("sources", "Sources of data", facts.source),
    Item("bias", "Efforts against bias", facts.unmeasured),
    Item("size", "How the size of the study was chosen", facts.nothing),
    Item("quantitative", "How quantities were handled", facts.nothing),
    Item("statistics", "Statistical methods", facts.statistics),
    Item("flow", "Participants at each stage", facts.followed),
    Item("descriptive", "Participants described", facts.baseline),
    Item("outcome_data", "Events over time", facts.outcome_data),
    Item("main_results", "Main results", facts.estimated),
    Item("other_analyses", "Other analyses", facts.further),
    Item("key_results", "Key results", facts.question),
    Item("limitations", "Limitations", facts.limitations),
    Item("interpretation", "Interpretation", facts.certainty),
    Item("generalizability", "How far it carries over", facts.nothing),
    Item("funding", "Funding", facts.funding),
)
LISTS: Mapping[str, tuple[str, tuple[Item, ...]]] = {
    "trend": ("TREND: evaluations without randomization", TREND),
    "epoc": ("EPOC: risk of bias of an interrupted time series", EPOC),
    "strobe": ("STROBE: studies of people who are followed", STROBE),
}
# Which lists are for a design, beside TREND, which is for all.
_OF_DESIGN = {"its": ("epoc",), "individual": ("strobe",)}


def checklists(evidence: Evidence) -> list[Block]:
    """The lists for the design of a study, each with the number of its blanks."""
    names = ("trend", *_OF_DESIGN.get(facts.design(evidence), ()))
    blocks: list[Block] = [
        Heading(2, "Checklists", "checklists"),
        Paragraph(
            (
                "What such a study must tell, after lists that others published. An item is filled "
                "only where plan or results say it; the rest the evaluator answers in the plan, "
                "under ",
                Code("[checklist]"),
                ", or it stays blank. A filled item says where to look; it does not say that all "
                "that its list asks there is told.",
            )
        ),
    ]
    for name in names:
        found = checklist(evidence, name)
        blocks.append(Paragraph((counts(found),)))
        blocks.append(Details(f"{found.title}, item by item", (found, *_keys(name, found))))
    return blocks


def checklist(evidence: Evidence, name: str) -> Checklist:
    """One list of `LISTS`, filled as far as plan, results and evaluator say it."""
    title, items = LISTS[name]
    told: Mapping[str, Any] = (evidence.plan.content.get("checklist") or {}).get(name) or {}
    return Checklist(
        key=f"checklist-{name}",
        title=title,
        items=tuple(
            _answered(str(number), item, item.fact(evidence), str(told.get(item.key) or ""))
            for number, item in enumerate(items, start=1)
        ),
    )


def counts(found: Checklist) -> str:
    """How many items are filled, answered by the evaluator, not applicable and blank."""
    states = Counter(item.state for item in found.items)
    return (
        f"{found.title.partition(':')[0]}, {len(found.items)} items: {states['filled']} filled "
        f"from plan and results, {states['from evaluator']} answered by the evaluator, "
        f"{states['not applicable']} not applicable, {states['blank']} blank."
    )


def _keys(name: str, found: Checklist) -> list[Block]:
    """The keys of the plan under which the blank items can be answered."""
    keys = [
        item.key
        for item, answered in zip(LISTS[name][1], found.items, strict=True)
        if answered.state == "blank"
    ]
    if not keys:
        return []
    table = Code(f"[checklist.{name}]")
    return [Paragraph(("Blank items are answered in the plan, under ", table, f": {_list(keys)}."))]


def _list(keys: list[str]) -> str:
    *most, last = keys
    return f"{', '.join(most)} and {last}" if most else last


def _answered(number: str, item: Item, fact: str, told: str) -> ChecklistItem:
    """What plan and results say comes first; what the evaluator says beside it is added."""
    answer = fact or told
    if not answer:
        return ChecklistItem(number, item.asks, "blank")
    state: State = "filled" if fact else "from evaluator"
    if answer.startswith(facts.NOT_APPLICABLE):
        state, answer = "not applicable", answer.removeprefix(facts.NOT_APPLICABLE)
    added = f" The evaluator: {words.sentence(told)}" if fact and told else ""
    return ChecklistItem(number, item.asks, state, (f"{words.sentence(answer)}{added}",))


_NAMES = {
    2: "before and after, with nothing comparable",
    3: "before and after, beside something comparable",
    4: "before and after in several units on each side, with other causes held apart",
}
_CAVEAT = (
    "That is about the design only. How well the study was done and how sure the answer is, the "
    "scale does not say; the grade does."
)
# Checks by which what is compared shows that it is comparable.
_ALIKE = ("control-trend", "pre-trends", "pre-period-splits", "balance")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the scale, and why it is no higher."""

    number: int
    why: str


def level(evidence: Evidence, outcome: OutcomeEvidence) -> Level:
    """The level of the design behind one outcome; never 5, which takes a drawing by lot."""
    design = str(evidence.plan.content.get("design", "its"))
    if design == "its" and comparison.sites(evidence):
        return Level(3, "no place is without the program, and each is compared with the others")
    compared = design in ("did", "individual") or bool(comparison.controls(evidence))
    if design == "survey":
        # A survey starts at moderate only when it has areas to compare.
        compared = outcome.grade.start == "moderate"
    if not compared:
        return Level(2, "nothing is compared with the treated but their own past")
    verdicts = {check.name: check.passed for check in outcome.checks if check.name in _ALIKE}
    if False in verdicts.values():
        return Level(2, "what is compared was not shown to be comparable before the start")
    if design == "its" and verdicts.get("control-trend") is not True:
        return Level(2, "what is compared was not shown to be comparable before the start")
    if design != "did":
        return Level(3, "who had the program was not drawn by lot, and only one comparison is made")
    if not comparison.many(evidence):
        return Level(3, "only one unit has the program")
    adjusted = (evidence.plan.content.get("specification") or {}).get("covariates")
    if not (adjusted or evidence.plan.content.get("matched")):
        return Level(3, "the units are not adjusted for other causes")
    return Level(4, "the units with the program were not drawn by lot")


def maryland_scale(evidence: Evidence) -> list[Block]:
    """A sentence for the levels of all outcomes, with what the scale does not say."""
    found = {outcome.label: level(evidence, outcome) for outcome in evidence.outcomes}
    if not found:
        return []
    blocks: list[Block] = []
    for one in dict.fromkeys(found.values()):
        labels = [label for label, other in found.items() if other == one]
        of = "" if len(labels) == len(found) else f" for {', '.join(labels)}"
        blocks.append(
            Paragraph(
                (
                    Strong(f"Maryland scale: level {one.number} of 5{of}"),
                    f" ({_NAMES[one.number]}), because {one.why}. {_CAVEAT}",
                )
            )
        )
    return blocks
