"""Tests of the method: what was built into invented data, what the study found, and how often its
range holds the truth when the world is drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evaluation.data.project import Project
from evaluation.effect import Interval
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.document import synthetic_banner
from evaluation.report.sections.about import front_page
from evaluation.report.sections.agreement import agreement_blocks
from evaluation.say import ENGLISH, say

if TYPE_CHECKING:
    from evaluation.synthesis.built_in import Tested, Unit
    from evaluation.synthesis.elsewhere import Together


def caught(found: Sequence[Tested]) -> tuple[int, int] | None:
    """Of how many tests the range holds what was built in, and how many can be told; None without
    any."""
    told = [one.caught for one in found if one.caught is not None]
    return (sum(told), len(told)) if told else None


def truth_document(together: Together, *, project: Project | None = None) -> page.Document:
    """The page, of the studies of invented data among those that were put together."""
    found = together.tests
    blocks: list[page.Block] = [synthetic_banner()]
    held = caught(found)
    if held is not None:
        blocks.append(page.Paragraph((page.strong("tests.caught", held=held[0], tests=held[1]),)))
    blocks.append(page.paragraph("tests.how"))
    by_slug = {one.study.slug: one.study for one in found}
    for goal in words.GOALS:
        some = [one for one in found if one.study.goal == goal]
        beside = [one for one in together.agreements if one.goal == goal and one.synthetic]
        if not some:
            continue
        name = say(f"goal.{goal}")
        blocks.append(page.heading("study.goal", f"goal-{goal}", goal=goal, name=name))
        blocks.append(_table(goal, some))
        for one in beside:
            blocks.extend(agreement_blocks(one, by_slug, ENGLISH))
    return page.Document(
        title=say("tests.title"),
        window_title=say("tests.title"),
        over=say("tests.over"),
        blocks=tuple(blocks),
        home=page.Link(say("site.home"), front_page(project or Project(), ENGLISH)),
    )


def _table(goal: int, found: Sequence[Tested]) -> page.Table:
    return page.table(
        f"tests-{goal}",
        say("tests.caption", goal=goal),
        ("tests.outcome", "#tests.built-in", "#tests.found", "tests.verdict", "#tests.drawn"),
        (_row(one) for one in found),
    )


def _row(one: Tested) -> tuple[page.Text, ...]:
    label = words.capital(one.outcome.label)
    return (
        (page.Link(label, f"{one.study.slug}/index.html"), f": {one.study.title}"),
        ("–" if one.truth is None else _number(one.truth, one.unit),),
        ("–" if one.found is None else _found(one.found, one.unit),),
        (page.strong(f"tests.{_verdict(one)}"),),
        (_drawn(one),),
    )


def _verdict(one: Tested) -> str:
    if one.found is None:
        return "refused" if one.outcome.refused else "no-answer"
    if one.caught is None:
        return "no-truth"
    return "held" if one.caught else "missed"


def _drawn(one: Tested) -> str:
    """How often the range held it, over the draws with an answer."""
    built_in = one.built_in
    if built_in is None:
        return "–"
    if not built_in.answered:
        return say("tests.none-answered", draws=built_in.draws)
    return say("tests.of-draws", held=built_in.held, answered=built_in.answered)


def _number(value: float, unit: Unit) -> str:
    if unit == "percent":
        return words.signed_percent(value)
    if unit == "points":
        return say("tests.points", points=words.number(value))
    return words.number(value, 2)


def _found(found: Interval, unit: Unit) -> str:
    low = words.number(found.low) if unit == "points" else _number(found.low, unit)
    ends = words.ends(low, _number(found.high, unit))
    return f"{_number(found.estimate, unit)} ({ends})"
