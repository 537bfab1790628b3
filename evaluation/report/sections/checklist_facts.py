"""What plan and results say by themselves about the items of checklists.

Each function gives the answer to one item, or "" where the evidence does not hold it: then only the
evaluator can answer. `NotApplicable` with a reason is an answer too. Nothing is answered that
the program did not look at. The questions on risk of bias are those of EPOC (Cochrane Effective
Practice and Organisation of Care); such an answer begins with the risk: low, high or unclear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.effect import Check, Effect
from evaluation.report import words
from evaluation.report.sections import comparison, equity
from evaluation.report.sections.about import on_record
from evaluation.report.study_words import span
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import again


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """That an item is not for such a study, and why."""

    why: str


Answer = str | NotApplicable


def question(evidence: Evidence) -> str:
    """Title, and the answer as a summary."""
    told = evidence.question.strip() and evidence.outcomes
    return say("checklist-facts.question-is-title-and-answer") if told else ""


def background(evidence: Evidence) -> str:
    """What the program is."""
    if not (evidence.plan.content.get("about") or on_record(evidence)):
        return ""
    return say("checklist-facts.see-what-is-and-whom-it-is-for", intervention=evidence.intervention)


def studied(evidence: Evidence) -> str:
    """The places and their time."""
    unit = evidence.data.unit
    if not _places(evidence) or not unit.strip():
        return ""
    return say("checklist-facts.see-what-was-compared", unit=unit, span=_span(evidence))


def intervention(evidence: Evidence) -> str:
    """What the program is, and what of it was delivered."""
    if evidence.delivery is None or not background(evidence):
        return ""
    return say("checklist-facts.see-what-is-and-whom", intervention=evidence.intervention)


def objectives(evidence: Evidence) -> str:
    """What was planned to be found out."""
    outcomes = planned(evidence, "outcomes")
    if not outcomes:
        return ""
    many = _count(len(outcomes), "outcome")
    return say("checklist-facts.planned-each-with-direction-that", n_outcomes=many)


def measured(evidence: Evidence) -> str:
    """How each outcome is measured."""
    described = any(column.label.strip() for column in evidence.data.columns)
    known = all(outcome.measure.strip() for outcome in evidence.outcomes)
    told = evidence.outcomes and known and described
    return say("checklist-facts.see-data-for-source-unit") if told else ""


def assessed(evidence: Evidence) -> Answer:
    """Whether anyone rated the outcomes."""
    said = NotApplicable(say("checklist-facts.outcomes-are-counts-from-records"))
    return said if counted(evidence) else ""


def analyzed(evidence: Evidence) -> str:
    """Unit of analysis, and how many."""
    found = _estimated(evidence)
    if not found or not (named(evidence) and evidence.about.in_words):
        return ""
    units = say(f"checklist-facts.row-{evidence.about.row}", frequency=evidence.data.frequency)
    numbers = "; ".join(f"{one.label} {words.number(one.effect.n)}" for one in found)
    return f"{words.capital(units)}: {numbers}."


def statistics(evidence: Evidence) -> str:
    """Methods of the main answers."""
    labels = tuple(dict.fromkeys(one.headline.label for one in _estimated(evidence)))
    return say("checklist-facts.see-how-it-was-done", labels=labels) if labels else ""


def followed(evidence: Evidence) -> Answer:
    """Who stayed to the end."""
    if _places(evidence) and evidence.outcomes:
        return NotApplicable(say("checklist-facts.no-people-are-followed-data"))
    return _says(evidence, ("left-early", "attrition"))


def dates(evidence: Evidence) -> str:
    """Time covered, and the start."""
    if not _estimated(evidence) or not evidence.start:
        return ""
    return say("checklist-facts.start-is", span=_span(evidence), start=evidence.start)


def baseline(evidence: Evidence) -> str:
    """The state before the start."""
    found = _estimated(evidence)
    before = [sum(point.phase == "before" for point in one.effect.path) for one in found]
    if _places(evidence) and before and min(before) > 0:
        periods = _count(min(before), evidence.data.frequency)
        return say("checklist-facts.figures-show-before-start", periods=periods)
    return _says(evidence, ("balance",))


def equivalence(evidence: Evidence) -> Answer:
    """Whether those compared were alike before the start."""
    alone = not (comparison.controls(evidence) or comparison.sites(evidence))
    if _series(evidence) and alone and evidence.outcomes:
        return NotApplicable(say("checklist-facts.nothing-is-compared-but-place"))
    names = ("control-trend", "pre-trends", "pre-period-splits", "balance")
    return _says(evidence, names, judged=True)


def estimated(evidence: Evidence) -> str:
    """Estimates with their ranges."""
    found, every = len(_estimated(evidence)), len(evidence.outcomes)
    if not found:
        return ""
    rest = "" if found == every else say("checklist-facts.rest-say-why-there-is")
    every_one = _count(every, "outcome")
    return say(
        "checklist-facts.of-with-estimate-and-its", n_found=found, every=every_one, rest=rest
    )


def further(evidence: Evidence) -> str:
    """Other estimates and checks."""
    if not any(one.alternatives for one in evidence.outcomes):
        return ""
    others = sum(len(_others(one)) for one in evidence.outcomes)
    checks = sum(len(one.checks) for one in evidence.outcomes)
    return say(
        "checklist-facts.and-shown-whether-they-agree",
        others=_count(others, say("checklist-facts.other-estimate")),
        checks=_count(checks, "check"),
    )


def harms(evidence: Evidence) -> str:
    """Outcomes that say what police and courts did to people."""
    found = tuple(one.label for one in equity.enforcement(evidence))
    return say("checklist-facts.see-who-bears-it", found=found) if found else ""


def certainty(evidence: Evidence) -> str:
    """How sure the answers are, and why."""
    graded = evidence.outcomes and all(one.grade.reasons for one in evidence.outcomes)
    return say("checklist-facts.see-how-sure-are-we") if graded else ""


def cohort(evidence: Evidence) -> str:
    """The design, of people who are followed."""
    people = named(evidence) and evidence.about.of_people and _estimated(evidence)
    return say("checklist-facts.cohort-people-who-took-part") if people else ""


def variables(evidence: Evidence) -> str:
    """Outcomes and covariates."""
    columns = sum(one.role == "covariate" for one in evidence.data.columns)
    if not measured(evidence) or not columns:
        return ""
    return say("checklist-facts.and-outcomes-see-data", n_columns=_count(columns, "covariate"))


def source(evidence: Evidence) -> str:
    """Where the data come from."""
    tables = (evidence.data.provenance, *evidence.data.provenance.beside)
    said = "; ".join(one.source.strip() for one in tables if one.source.strip())
    if not said or not evidence.outcomes:
        return ""
    return words.sentence(say("checklist-facts.source", said=said))


def unmeasured(evidence: Evidence) -> str:
    """How strong something unmeasured would have to be."""
    return _says(evidence, ("e-value",))


def outcome_data(evidence: Evidence) -> str:
    """Events over time."""
    drawn = any(check.table for check in checks_named(evidence, ("risk-curves",)))
    return say("checklist-facts.figures-show-risk-by-time") if drawn else ""


def funding(evidence: Evidence) -> str:
    """Who paid."""
    told = evidence.plan.content.get("funder")
    return words.sentence(str(told)) if told else ""


def limitations(evidence: Evidence) -> str:
    """The limits told on the page."""
    return say("checklist-facts.see-limits") if evidence.outcomes and named(evidence) else ""


def assignment(evidence: Evidence) -> str:
    """That lots decided, by whose word and from which source; else only the evaluator can say."""
    content = evidence.plan.content
    if content.get("assignment") != "lottery":
        return ""
    told = content.get("assignment_source")
    return say("checklist-facts.by-lottery-by-authors-word", content=told)


def nothing(evidence: Evidence) -> str:
    """Only the evaluator can answer."""
    return ""


def named(evidence: Evidence) -> bool:
    """Whether the plan names its design; of one that does not, nothing is said here."""
    return bool(evidence.plan.content.get("design"))


def _places(evidence: Evidence) -> bool:
    return named(evidence) and evidence.about.of_places


def _series(evidence: Evidence) -> bool:
    return named(evidence) and evidence.about.of_series


def checks_named(evidence: Evidence, names: Sequence[str]) -> list[Check]:
    """The checks with one of these names, of every outcome."""
    return [
        check for outcome in evidence.outcomes for check in outcome.checks if check.name in names
    ]


def planned(evidence: Evidence, key: str) -> tuple[Mapping[str, Any], ...]:
    """The tables of the plan under a key."""
    return tuple(evidence.plan.content.get(key) or ())


def counted(evidence: Evidence) -> bool:
    """Whether every outcome is a count from records of places."""
    types = {column.name: column.type for column in evidence.data.columns}
    return (
        _places(evidence)
        and bool(evidence.outcomes)
        and all(types.get(outcome.column) == "count" for outcome in evidence.outcomes)
    )


def _others(outcome: OutcomeEvidence) -> list[Effect]:
    """The other estimates of an outcome, without the headline or an earlier one over again."""
    effects = (outcome.headline.effect, *(entry.effect for entry in outcome.alternatives))
    seen: list[Effect] = []
    for effect in effects:
        if effect is not None and not any(again(effect, other) for other in seen):
            seen.append(effect)
    return seen[0 if outcome.headline.effect is None else 1 :]


def _estimated(evidence: Evidence) -> list[OutcomeEvidence]:
    return [outcome for outcome in evidence.outcomes if outcome.estimated]


def _says(evidence: Evidence, names: Sequence[str], *, judged: bool = False) -> str:
    """What the first of these checks found, in words; only one with a verdict when `judged`."""
    found = checks_named(evidence, names)
    said = [
        str(one.says)
        for one in found
        if str(one.says).strip() and not (judged and one.passed is None)
    ]
    return words.sentence(said[0]) if said else ""


def _span(evidence: Evidence) -> str:
    return span(evidence, "checklist-facts.to")


def _count(number: int, noun: str) -> str:
    return f"{words.number(number)} {noun}{'' if number == 1 else 's'}"


def shape(evidence: Evidence) -> str:
    """Whether the form of the effect was chosen beforehand; "" without a frozen plan."""
    plan = evidence.plan
    frozen = plan.frozen_on is not None and plan.frozen_sha256 is not None
    answered = any(outcome.estimated for outcome in evidence.outcomes)
    if not frozen or not answered or not _series(evidence):
        return ""
    day = words.period_words(str(plan.frozen_on))
    if plan.changes:
        return say("epoc.unclear-plan-was-frozen-on", day=day)
    return say("epoc.unclear-plan-names-it-and", day=day)


def collection(evidence: Evidence) -> str:
    """A sign that recording changed; that there is none, the data cannot say."""
    found = checks_named(evidence, ("recording-change",))
    failed = [check.says for check in found if check.passed is False]
    return say("epoc.high", failed=failed[0]) if failed else ""


def knowledge(evidence: Evidence) -> str:
    """Whether anyone who knew of the program rated the outcome."""
    if not counted(evidence):
        return ""
    return say("epoc.low-outcomes-are-counts-from")


def incomplete(evidence: Evidence) -> str:
    """Whether a period is missing from what was analyzed."""
    lengths = [outcome.effect.n for outcome in evidence.outcomes if outcome.estimated]
    if not lengths or not _series(evidence) or evidence.data.provenance.rows == 0:
        return ""
    lost = {one.period for each in evidence.outcomes if each.estimated for one in each.effect.gaps}
    if lost:
        told = [words.period_words(one) for one in sorted(lost)]
        return say("epoc.unclear-periods-missing", n=len(lost), periods=told, lengths=min(lengths))
    return say("epoc.low-periods-analyzed-reader-refuses", lengths=min(lengths))


def selective(evidence: Evidence) -> str:
    """Whether all that was planned is shown."""
    outcomes = {str(one["column"]) for one in planned(evidence, "outcomes")}
    labels = {str(one["label"]) for one in planned(evidence, "alternatives")}
    if not outcomes or evidence.plan.frozen_sha256 is None:
        return ""
    lost = outcomes - {one.column for one in evidence.outcomes}
    for outcome in evidence.outcomes:
        lost |= labels - {one.label for one in outcome.alternatives}
    if lost:
        return say("epoc.high-planned-and-not-shown", lost=tuple(sorted(lost)))
    if evidence.plan.changes:
        return say("epoc.unclear-all-of-plan-is")
    return say(
        "epoc.low-all-outcomes-and-alternatives", n_outcomes=len(outcomes), n_labels=len(labels)
    )


def other(evidence: Evidence) -> str:
    """Season and autocorrelation, as far as the model allows for them."""
    terms = evidence.plan.content.get("specification") or {}
    season = terms.get("season")
    checks = checks_named(evidence, ("residual-autocorrelation",))
    if not _series(evidence) or season is None or not checks:
        return ""
    left = [check for check in checks if check.passed is False]
    if left:
        return say("epoc.high-autocorrelation-is-left-over", says=left[0].says)
    yearly = evidence.data.frequency == "year"
    if season == "none" and not yearly:
        return say("epoc.unclear-model-has-no-season")
    if any(check.passed is None for check in checks):
        return say("epoc.unclear-whether-autocorrelation-is-left")
    seasons = say("epoc.data-by-year-have-no" if yearly else "epoc.model-has-season")
    return say("epoc.low-and-check-finds-no", seasons=seasons)
