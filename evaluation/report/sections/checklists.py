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
from evaluation.report.spoken import inline
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence

Fact = Callable[[Evidence], str]


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its key in the plan, what it asks, and what plan and results say about it."""

    key: str
    asks: str
    fact: Fact


EPOC: tuple[Item, ...] = (
    Item("independent", say("checklists.was-program-independent-of-other"), facts.nothing),
    Item("shape", say("checklists.was-form-of-effect-chosen"), epoc_facts.shape),
    Item("collection", say("checklists.could-program-not-touch-how"), epoc_facts.collection),
    Item("knowledge", say("checklists.did-those-who-recorded-outcomes"), epoc_facts.knowledge),
    Item("incomplete", say("checklists.were-missing-outcomes-dealt-with"), epoc_facts.incomplete),
    Item("selective", say("checklists.is-all-that-was-planned"), epoc_facts.selective),
    Item("other", say("checklists.is-it-free-of-other"), epoc_facts.other),
)
TREND: tuple[Item, ...] = (
    Item("title", say("checklists.title-and-summary"), facts.question),
    Item("background", say("checklists.background"), facts.background),
    Item("participants", say("checklists.participants-and-settings"), facts.studied),
    Item("interventions", say("checklists.program-as-planned-and-as"), facts.intervention),
    Item("objectives", say("checklists.objectives"), facts.objectives),
    Item("outcomes", say("checklists.outcomes-and-how-they-are"), facts.measured),
    Item("sample_size", say("checklists.how-size-of-study-was"), facts.nothing),
    Item("assignment", say("checklists.how-units-came-to-have"), facts.assignment),
    Item("blinding", say("checklists.whether-those-who-rated-outcomes"), facts.assessed),
    Item("unit_of_analysis", say("checklists.unit-of-analysis"), facts.analyzed),
    Item("statistics", say("checklists.statistical-methods"), facts.statistics),
    Item("flow", say("checklists.flow-of-participants"), facts.followed),
    Item("recruitment", say("checklists.dates-of-recruitment-and-follow"), facts.dates),
    Item("baseline", say("checklists.state-before-start"), facts.baseline),
    Item("equivalence", say("checklists.likeness-of-groups-before-start"), facts.equivalence),
    Item("numbers", say("checklists.numbers-analyzed"), facts.analyzed),
    Item("estimation", say("checklists.estimates-and-their-precision"), facts.estimated),
    Item("ancillary", say("checklists.further-analyses"), facts.further),
    Item("adverse", say("checklists.harms"), facts.harms),
    Item("interpretation", say("checklists.interpretation"), facts.certainty),
    Item("generalizability", say("checklists.how-far-it-carries-over"), facts.nothing),
    Item("evidence", say("checklists.place-in-evidence-as-whole"), facts.nothing),
)
STROBE: tuple[Item, ...] = (
    Item("title", say("checklists.title-and-summary"), facts.question),
    Item("background", say("checklists.background"), facts.background),
    Item("objectives", say("checklists.objectives"), facts.objectives),
    Item("design", say("checklists.design"), facts.cohort),
    Item("setting", say("checklists.setting-and-dates"), facts.dates),
    Item("participants", say("checklists.who-could-take-part"), facts.nothing),
    Item("variables", say("checklists.variables"), facts.variables),
    Item("sources", say("checklists.sources-of-data"), facts.source),
    Item("bias", say("checklists.efforts-against-bias"), facts.unmeasured),
    Item("size", say("checklists.how-size-of-study-was"), facts.nothing),
    Item("quantitative", say("checklists.how-quantities-were-handled"), facts.nothing),
    Item("statistics", say("checklists.statistical-methods"), facts.statistics),
    Item("flow", say("checklists.participants-at-each-stage"), facts.followed),
    Item("descriptive", say("checklists.participants-described"), facts.baseline),
    Item("outcome_data", say("checklists.events-over-time"), facts.outcome_data),
    Item("main_results", say("checklists.main-results"), facts.estimated),
    Item("other_analyses", say("checklists.other-analyses"), facts.further),
    Item("key_results", say("checklists.key-results"), facts.question),
    Item("limitations", say("checklists.limitations"), facts.limitations),
    Item("interpretation", say("checklists.interpretation"), facts.certainty),
    Item("generalizability", say("checklists.how-far-it-carries-over"), facts.nothing),
    Item("funding", say("checklists.funding"), facts.funding),
)
LISTS: Mapping[str, tuple[str, tuple[Item, ...]]] = {
    "trend": (say("checklists.trend-evaluations-without-randomization"), TREND),
    "epoc": (say("checklists.epoc-risk-of-bias-of"), EPOC),
    "strobe": (say("checklists.strobe-studies-of-people-who"), STROBE),
}
# Which lists are for a design, beside TREND, which is for all.
_OF_DESIGN = {"its": ("epoc",), "individual": ("strobe",)}


def checklists(evidence: Evidence) -> list[Block]:
    """The lists for the design of a study, each with the number of its blanks."""
    names = ("trend", *_OF_DESIGN.get(facts.design(evidence), ()))
    blocks: list[Block] = [
        Heading(2, say("checklists.title"), "checklists"),
        Paragraph(inline("checklists.what-such-study-must-tell", code=Code("[checklist]"))),
    ]
    for name in names:
        found = checklist(evidence, name)
        blocks.append(Paragraph((counts(found),)))
        blocks.append(
            Details(say("checklists.item-by-item", title=found.title), (found, *_keys(name, found)))
        )
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
    return say(
        "checklists.items-filled-from-plan-and",
        partition=found.title.partition(":")[0],
        n_items=len(found.items),
        filled=states["filled"],
        from_evaluator=states["from evaluator"],
        not_applicable=states["not applicable"],
        blank=states["blank"],
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
    return [Paragraph((say("checklists.blank-items-are-answered-in"), table, f": {_list(keys)}."))]


def _list(keys: list[str]) -> str:
    *most, last = keys
    return say("checklists.and", most=tuple(most), last=last) if most else last


def _answered(number: str, item: Item, fact: str, told: str) -> ChecklistItem:
    """What plan and results say comes first; what the evaluator says beside it is added."""
    answer = fact or told
    if not answer:
        return ChecklistItem(number, item.asks, "blank")
    state: State = "filled" if fact else say("checklists.from-evaluator")
    if answer.startswith(facts.NOT_APPLICABLE):
        state, answer = say("checklists.not-applicable"), answer.removeprefix(facts.NOT_APPLICABLE)
    added = say("checklists.evaluator", told=words.sentence(told)) if fact and told else ""
    return ChecklistItem(number, item.asks, state, (f"{words.sentence(answer)}{added}",))


_CAVEAT = say("checklists.that-is-about-design-only")
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
        return Level(3, say("checklists.no-place-is-without-program"))
    compared = design in ("did", "individual") or bool(comparison.controls(evidence))
    if design == "survey":
        # A survey starts at moderate only when it has areas to compare.
        compared = outcome.grade.start == "moderate"
    if not compared:
        return Level(2, say("checklists.nothing-is-compared-with-treated"))
    verdicts = {check.name: check.passed for check in outcome.checks if check.name in _ALIKE}
    if False in verdicts.values():
        return Level(2, say("checklists.what-is-compared-was-not"))
    if design == "its" and verdicts.get("control-trend") is not True:
        return Level(2, say("checklists.what-is-compared-was-not"))
    if design != "did":
        return Level(3, say("checklists.who-had-program-was-not"))
    if not comparison.many(evidence):
        return Level(3, say("checklists.only-one-unit-has-program"))
    adjusted = (evidence.plan.content.get("specification") or {}).get("covariates")
    if not (adjusted or evidence.plan.content.get("matched")):
        return Level(3, say("checklists.units-are-not-adjusted-for"))
    return Level(4, say("checklists.units-with-program-were-not"))


def maryland_scale(evidence: Evidence) -> list[Block]:
    """A sentence for the levels of all outcomes, with what the scale does not say."""
    found = {outcome.label: level(evidence, outcome) for outcome in evidence.outcomes}
    if not found:
        return []
    blocks: list[Block] = []
    for one in dict.fromkeys(found.values()):
        labels = [label for label, other in found.items() if other == one]
        of = "" if len(labels) == len(found) else say("checklists.for", labels=tuple(labels))
        blocks.append(
            Paragraph(
                (
                    Strong(say("checklists.maryland-scale-level-of-5", number=one.number, of=of)),
                    say(
                        "checklists.because",
                        say=say(f"checklists.names-{one.number}"),
                        why=one.why,
                        caveat=_CAVEAT,
                    ),
                )
            )
        )
    return blocks
