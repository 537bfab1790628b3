"""What a plan tells beside its method, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from evaluation.study.plan_phrases import closed, day, listed, plain, unclosed
from evaluation.study.planned import Plan

_LISTS = {"epoc": "EPOC", "trend": "TREND", "strobe": "STROBE"}


def told_sentences(plan: Plan) -> Iterator[str]:
    """One sentence for each thing told; none where the plan tells nothing."""
    if plan.about is not None:
        sources = f" Source: {closed(listed(plan.about.sources))}" if plan.about.sources else ""
        yield f"What the program is: {closed(plan.about.what)}"
        yield f"Whom it is for: {closed(plan.about.whom)}{sources}"
    if plan.delivery is not None:
        yield f"What was delivered: the file {plan.delivery}."
    if plan.cost is not None:
        cost = plan.cost
        covers = "" if cost.covers is None else f", for {unclosed(cost.covers)}"
        yield (
            f"Cost: {cost.amount:,.10g} {cost.currency} in money of {cost.year}{covers}. "
            f"Source: {closed(cost.source)}"
        )
    if plan.next_look is not None:
        yield f"The next look at the data is on {day(plan.next_look)}."
    if plan.funder is not None:
        yield f"Who paid, and what part they had: {closed(plan.funder)}"
    for entry in plan.lower:
        yield (
            f"The evaluator lowers the grade of {plain(entry.column)} to {entry.to}: "
            f"{closed(entry.reason)}"
        )
    if plan.checklist is not None:
        written = plan.checklist.model_dump(mode="json")
        answered = [f"{_LISTS[name]} ({len(answers)})" for name, answers in written.items()]
        if answered:
            yield f"Answers of the evaluator to checklists: {listed(answered)}."
    for beside in plan.published:
        named = ", ".join(part for part in (beside.study, beside.outcome) if part)
        differs: dict[str, str] = {}
        if beside.differences is not None:
            differs = beside.differences.model_dump()
        said = "; ".join(f"{aspect}: {unclosed(words)}" for aspect, words in differs.items())
        differing = f" What differs: {said}." if said else ""
        yield f"Beside the published result {closed(named)}{differing}"
    if plan.es is not None:
        yield "The first page has words in Spanish."
