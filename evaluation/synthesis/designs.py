"""Our own studies of one goal side by side: what each found, what they share, how far they agree.

They are never averaged. Studies of one city share its people, its months and often its very file,
so that their errors are one another's; a mean of them would look surer than any of them is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final, get_args

from evaluation.data.labels import drawn
from evaluation.data.panel import Provenance
from evaluation.effect import Interval
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import family_of
from evaluation.synthesis.result import Agreement, Common, CommonKind, Line, Shared, Together
from evaluation.synthesis.same import (
    common_events,
    common_months,
    common_units,
    own_id,
    place_ids,
    undeclared,
)
from evaluation.synthesis.studies import place_name, placed

NOT_AVERAGED: Final = fact("synthesis.designs.these-answers-not-averaged-studies")


def agreement(studies: Sequence[Evidence], *, every_outcome: bool = False) -> Agreement:
    """How far our studies of one goal agree, with what they share. Nothing is averaged.

    Parameters
    ----------
    studies : of one goal. every_outcome : secondary outcomes too; by default the primary ones.

    Raises
    ------
    FitError : for no studies, several goals, a study twice, or real beside invented data.
    """
    _checked(studies)
    ordered = sorted(studies, key=lambda study: study.slug)
    lines = tuple(
        _line(study, outcome)
        for study in ordered
        for outcome in study.outcomes
        if outcome.primary or every_outcome
    )
    called = _called(ordered)
    shared = tuple(
        Shared(one.slug, other.slug, tuple(_things(one, other, called)))
        for one, other in combinations(ordered, 2)
    )
    # A study of many cities names none as its place, but its data do.
    nowhere = [one.slug for one in ordered if not (placed(one) or place_ids(one))]
    unplaced = nowhere if shared else []
    unknown = [slug for slug in undeclared(ordered) if slug not in unplaced]
    answers = [line for line in lines if line.counts]
    same = overlap = None
    if len(answers) > 1:
        ways = {_way(line) for line in answers}
        same = len(ways) == 1 and 0 not in ways
    if len(answers) > 1 and len({line.better for line in answers}) == 1:
        spans = [line.percent for line in answers if line.percent is not None]
        overlap = max(span.low for span in spans) <= min(span.high for span in spans)
    places = tuple(_apart(lines))
    apart = tuple((_name(lines[i]), _name(lines[j])) for i, j in places)
    return Agreement(
        goal=ordered[0].goal,
        synthetic=_synthetic(ordered[0]),
        lines=lines,
        shared=shared,
        together=tuple(_together(shared)),
        independent=not any(pair.common for pair in shared) and not unplaced and not unknown,
        unplaced=tuple(unplaced),
        undeclared=tuple(unknown),
        same_direction=same,
        overlap=overlap,
        apart=apart,
        apart_lines=places,
        says=tuple(_says(lines, answers, shared, unplaced, unknown, same, overlap, apart)),
    )


def agreements(studies: Sequence[Evidence]) -> tuple[Agreement, ...]:
    """The studies of every goal side by side, real ones first and invented ones apart."""
    kinds = sorted({(study.goal, _synthetic(study)) for study in studies})
    return tuple(
        agreement([study for study in studies if (study.goal, _synthetic(study)) == kind])
        for kind in kinds
    )


def _checked(studies: Sequence[Evidence]) -> None:
    if not studies:
        raise FitError(fact("synthesis.designs.no-studies-goal-run-one"))
    goals = sorted({study.goal for study in studies})
    if len(goals) > 1:
        raise FitError(
            fact(
                "synthesis.designs.studies-goals-ask-different-questions",
                map=tuple(map(str, goals)),
            )
        )
    slugs = [study.slug for study in studies]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise FitError(fact("synthesis.designs.there-twice-name-every-study", slug=slug))
    kinds = {_synthetic(study) for study in studies}
    if len(kinds) > 1:
        invented = ", ".join(study.slug for study in studies if _synthetic(study))
        raise FitError(fact("synthesis.designs.invented-data-not-set-beside", invented=invented))


def _line(study: Evidence, outcome: OutcomeEvidence) -> Line:
    effect = outcome.headline.effect
    reason = str((outcome.headline.reason if effect is None else effect.objection) or "")
    return Line(
        study=study.slug,
        title=study.title,
        design=str(study.about.called),
        place=study.data.unit,
        outcome=outcome.label,
        column=outcome.column,
        percent=None if effect is None else effect.percent,
        scale="" if effect is None else effect.scale,
        estimate=None if effect is None else effect.estimate,
        low=None if effect is None else effect.low,
        high=None if effect is None else effect.high,
        grade=outcome.grade.level,
        better=outcome.better if effect is None else effect.better or outcome.better,
        reason=reason,
        family=family_of(study, outcome),
        lost=outcome.lost,
    )


def _called(studies: Sequence[Evidence]) -> dict[str, str]:
    """One name for each id of a place, whatever the studies call it: what the first of them that is
    about the place, or else has data of it, calls it."""
    about = [(_place(study, study.data.unit), place_name(study)) for study in studies]
    units = [(own_id(study, unit), unit) for study in studies for unit in study.data.units]
    named: dict[str, str] = {}
    for place, name in (*about, *units):
        if place and name != place:
            named.setdefault(place, name)
    return named


def _things(one: Evidence, other: Evidence, called: Mapping[str, str]) -> Iterator[Common]:
    """What two studies share."""
    theirs = {table.sha256 for table in _tables(other)}
    for table in _tables(one):
        if table.sha256 in theirs:
            yield Common("file", (table.file,))
    where = {called.get(own_id(one, unit), unit) for unit in common_units(one, other)}
    if not where:
        ids = set(place_ids(one)) & set(place_ids(other))
        where = {called.get(place, place) for place in ids}
    same_place = _same_place(one, other)
    if same_place:
        where = {called.get(_place(one, one.data.unit)) or place_name(one)}
    if where:
        yield Common("place" if same_place else "units", tuple(sorted(where)))
    if drawn(one.intervention) == drawn(other.intervention) and one.start == other.start:
        yield Common("start", (one.intervention, one.start))
    covered = common_months((one.data.first, one.data.last), (other.data.first, other.data.last))
    if covered is not None and where:
        yield Common("months", covered)
        for kind, (first, last) in common_events(one, other):
            yield Common("events", (kind, first, last, *sorted(where)))
    if _assumes(one) & _assumes(other):
        yield Common("assumption", (sorted(_assumes(one) & _assumes(other))[0],))


def _same_place(one: Evidence, other: Evidence) -> bool:
    """Whether two studies are about one place: of the same id, or, where neither has one, of the
    same name in full."""
    here, there = _place(one, one.data.unit), _place(other, other.data.unit)
    if here or there:
        return here == there
    return placed(one) and drawn(one.data.unit) == drawn(other.data.unit)


def _tables(study: Evidence) -> tuple[Provenance, ...]:
    return (study.data.provenance, *study.data.provenance.beside)


def _place(study: Evidence, unit: str) -> str:
    return study.data.provenance.place_of(unit)


def _together(shared: Sequence[Shared]) -> Iterator[Together]:
    """By thing, the studies that share it. Pairs with the same thing are one set of studies: what
    two pairs both cover, all four cover."""
    kinds = get_args(CommonKind)
    found: dict[Common, set[str]] = {}
    for pair in shared:
        for common in pair.common:
            found.setdefault(common, set()).update((pair.one, pair.other))
    for common in sorted(found, key=lambda one: (kinds.index(one.kind), one.parts)):
        yield Together(common, tuple(sorted(found[common])))


def _apart(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Places of answers to the same hope about the same outcome whose ranges do not meet. What a
    program does to murders and to shootings may differ, and needs no chance to explain it."""
    for (i, one), (j, other) in combinations(enumerate(lines), 2):
        same = one.better == other.better and drawn(one.outcome) == drawn(other.outcome)
        # Of one name, and not of two kinds.
        same = same and len({line.family for line in (one, other) if line.family}) < 2
        if not (same and one.counts and other.counts and one.percent and other.percent):
            continue
        if not _meet(one.percent, other.percent):
            yield i, j


def _assumes(study: Evidence) -> set[str]:
    return {
        outcome.headline.assumes
        for outcome in study.outcomes
        if outcome.primary and outcome.headline.assumes
    }


def _synthetic(study: Evidence) -> bool:
    return study.data.provenance.sensitivity == "synthetic"


def _sign(line: Line) -> int:
    """1 or -1 where the range lies above or below no change, 0 where it includes it."""
    if line.percent is None or not line.clear:
        return 0
    return 1 if line.percent.low > 0 else -1


def _way(line: Line) -> int:
    """1 for the way that is good, -1 for the other."""
    return _sign(line) * (1 if line.better == "higher" else -1)


def _meet(one: Interval, other: Interval) -> bool:
    return max(one.low, other.low) <= min(one.high, other.high)


def _name(line: Line) -> str:
    return f"{line.study} ({line.outcome})"


def _says(
    lines: Sequence[Line],
    answers: Sequence[Line],
    shared: Sequence[Shared],
    unplaced: Sequence[str],
    unknown: Sequence[str],
    same: bool | None,
    overlap: bool | None,
    apart: Sequence[tuple[str, str]],
) -> Iterator[Fact]:
    if len(answers) < len(lines):
        missing = ", ".join(_name(line) for line in lines if not line.counts)
        yield fact("synthesis.designs.without-answer-may-be-used", missing=missing)
    if len(answers) < 2:
        yield fact("synthesis.designs.answer-there-nothing-compare", n_answers=len(answers))
    else:
        clear = sum(line.clear for line in answers)
        falls = sum(_sign(line) < 0 for line in answers)
        rises = sum(_sign(line) > 0 for line in answers)
        if same and falls and rises:
            good = _way(answers[0]) > 0
            yield fact("synthesis.designs.all-on-side", n_answers=len(answers), good=good)
        elif same:
            side = "below" if falls else "above"
            yield fact(
                "synthesis.designs.all-answers-lie-what-was", n_answers=len(answers), side=side
            )
        elif clear:
            open_ = len(answers) - clear
            yield (
                fact(
                    "synthesis.designs.answers-below-what-was-expected",
                    n_answers=len(answers),
                    falls=falls,
                    rises=rises,
                    open=open_,
                )
            )
        else:
            yield fact("synthesis.designs.none-answers-can-tell-change", n_answers=len(answers))
        yield fact(
            "synthesis.designs.ranges-leave-no-change-out", clear=clear, n_answers=len(answers)
        )
        if overlap:
            yield fact("synthesis.designs.all-ranges-overlap-one-effect")
        elif apart:
            pairs = "; ".join(f"{one} and {other}" for one, other in apart)
            yield fact("synthesis.designs.ranges-do-not-meet-chance", pairs=pairs)
        outcomes = sorted({line.outcome for line in answers})
        if len(outcomes) > 1:
            yield fact("synthesis.designs.they-measure-different-things", outcomes=tuple(outcomes))
    tied = [pair for pair in shared if pair.common]
    for pair in tied:
        yield fact(
            "synthesis.designs.both", one=pair.one, other=pair.other, things=tuple(pair.things)
        )
    if tied:
        yield fact("synthesis.designs.agreement-between-them-therefore-weaker")
    elif len(lines) > 1 and not unplaced and not unknown:
        yield fact("synthesis.designs.nothing-was-looked-file-place")
    if unplaced:
        yield fact("synthesis.designs.results-name-units-no-city", unplaced=tuple(unplaced))
    if unknown:
        yield fact("synthesis.designs.data-do-not-say-by", unknown=tuple(unknown))
    if len(lines) > 1:
        yield NOT_AVERAGED
