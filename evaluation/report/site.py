"""All studies on one page: three goals, each answered or not, and no overall score."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Callout,
    Document,
    Fact,
    Header,
    Heading,
    KeyFinding,
    Link,
    Paragraph,
    Strong,
    Table,
)
from evaluation.report.document import SYNTHETIC, is_synthetic, key_finding
from evaluation.study.evidence import Evidence, OutcomeEvidence

CITY = "Oakland"
# What someone would have to bring before a goal can be evaluated.
NEEDED: dict[int, str] = {
    1: (
        "monthly counts of shootings and homicides in Oakland, best with a mark for those that are "
        "gang- or group-related"
    ),
    2: (
        "arrests, convictions and time in custody of participants, and of people like them who "
        "did not take part"
    ),
    3: "repeated surveys of residents about trust in the police, and complaints over the same time",
}


def site_document(evidences: Sequence[Evidence]) -> Document:
    """The page that answers for Oakland, goal by goal, and keeps all other studies apart."""
    studies = sorted(evidences, key=lambda evidence: evidence.slug)
    blocks: list[Block] = [
        Paragraph(
            (
                f"{CITY} Ceasefire aims at three things. Each is judged on its own, from studies "
                "whose plan, data and code can be read and run again. There is no overall score.",
            )
        )
    ]
    for goal, name in words.GOALS.items():
        blocks.append(Heading(2, f"Goal {goal}: {name}", f"goal-{goal}"))
        blocks.extend(_goal(goal, [study for study in studies if study.goal == goal]))
    answered = {study.goal for study in studies if _of_city(study) and _answers(study)}
    blocks.append(
        Paragraph(
            (
                Strong(f"Answered for {len(answered)} of {len(words.GOALS)} goals."),
                f" Studies that anyone can run again, of other cities or of synthetic data, are "
                f"here for {len({study.goal for study in studies})} of {len(words.GOALS)} goals: "
                f"the methods are ready and wait for {CITY}'s data.",
            )
        )
    )
    blocks.append(Heading(2, "How to read this page", "reading"))
    blocks.append(
        BulletList(
            (
                (
                    Strong("Expected"),
                    " means what a model says would have happened without the program.",
                ),
                (
                    Strong("Range"),
                    " means the 95% interval: values outside it fit the data poorly.",
                ),
                *(
                    (Strong(f"{words.capital(level)} certainty. "), words.how_sure(level))
                    for level in words.GRADE_WORDS
                ),
            )
        )
    )
    return Document(
        title="Does Ceasefire work?",
        window_title="Does Ceasefire work?",
        over="Evaluation of Oakland Ceasefire",
        blocks=tuple(blocks),
    )


def _goal(goal: int, studies: Sequence[Evidence]) -> list[Block]:
    """The city's own studies of a goal, then those that bear on it without answering it."""
    needed = f"What is needed: {NEEDED[goal]}."
    if not studies:
        return [Callout("empty", "Not yet evaluated", (needed,))]
    own = [study for study in studies if _of_city(study)]
    elsewhere = [study for study in studies if not (_of_city(study) or is_synthetic(study))]
    tests = [study for study in studies if is_synthetic(study)]
    blocks: list[Block] = []
    for study in own:
        blocks.extend(_cards(study, len(own)))
    if not own:
        blocks.append(Callout("empty", f"Not yet answered for {CITY}", (needed,)))
    if elsewhere:
        blocks.append(Heading(3, "Evidence from elsewhere", f"elsewhere-{goal}"))
        blocks.append(
            Paragraph(
                (
                    f"These programs are forerunners or relatives of {CITY}'s. What happened there "
                    f"does not answer for {CITY}.",
                )
            )
        )
        for study in elsewhere:
            blocks.extend(_cards(study, 1))
    if tests:
        blocks.append(Heading(3, "Tests of the method on synthetic data", f"synthetic-{goal}"))
        blocks.append(SYNTHETIC)
        blocks.append(_tests(goal, tests))
    return blocks


def _tests(goal: int, studies: Sequence[Evidence]) -> Table:
    """Tests of the method, a row an outcome: they must not look like answers."""
    return Table(
        key=f"tests-{goal}",
        caption=f"Tests of the method for goal {goal}",
        headers=(
            Header("Outcome"),
            Header("What was found"),
            Header("Certainty"),
            Header("Report"),
        ),
        rows=tuple(
            (
                (f"{words.capital(outcome.label)}, {study.data.unit}",),
                (key_finding(study, outcome).sentence,),
                (words.capital(outcome.grade.level),),
                (Link(study.title, f"{study.slug}/index.html"),),
            )
            for study in studies
            for outcome in study.outcomes
        ),
    )


def _of_city(study: Evidence) -> bool:
    return CITY.lower() in study.data.unit.lower() and not is_synthetic(study)


def _answers(study: Evidence) -> bool:
    """Very low certainty on every outcome is "we cannot tell", which is not an answer."""
    return any(
        outcome.estimated and outcome.grade.level != "very low" for outcome in study.outcomes
    )


def _cards(study: Evidence, studies: int) -> list[KeyFinding]:
    return [_card(study, outcome, studies) for outcome in study.outcomes]


def _card(study: Evidence, outcome: OutcomeEvidence, studies: int) -> KeyFinding:
    full = key_finding(
        study,
        outcome,
        link=Link(f"Read the report: {study.title} ({outcome.label})", f"{study.slug}/index.html"),
    )
    return KeyFinding(
        label=f"{words.capital(outcome.label)}, {study.data.unit}",
        sentence=full.sentence,
        facts=(
            *(fact for fact in full.facts if fact.term in ("Direction", "Size", "Certainty")),
            Fact("Studies", str(studies), "Single study" if studies == 1 else ""),
            Fact("Data to", words.period_words(study.data.last)),
        ),
        tone=full.tone,
        link=full.link,
    )
