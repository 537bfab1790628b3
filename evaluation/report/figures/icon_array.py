"""Of those expected, how many did not happen: icons, and only where the answer credits a change.

Where the range holds no change, or the answer is that we cannot tell, such a picture would say more
than is known, and there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from evaluation import plots
from evaluation.report import people_and_survey_words, words
from evaluation.report.averted_counts import affected, is_count, met
from evaluation.report.blocks import Figure, Header, Table
from evaluation.report.figures.figures import anchor
from evaluation.report.sections import comparison
from evaluation.report.sections.people_and_survey_results import of_100_people
from evaluation.study.evidence import Evidence, GradeLevel, OutcomeEvidence

# Icons at most for those expected; of more, each stands for several.
MOST = 100
# As sure as the answer, and no surer.
_SURE: dict[GradeLevel, str] = {"high": "", "moderate": "probably ", "low": "may have "}
# Places at most; where a harm needs more, fewer of those expected are drawn.
_FARTHEST = 3 * MOST
_FEWER = (MOST, 50, 20, 10)


@dataclass(frozen=True, slots=True)
class _Tally:
    """What is drawn, in icons, and told, in words.

    expected, changed, low, high : in icons, not rounded; changed is the size of the change.
    of : "of every 100 expected", for example. each : outcomes that an icon stands for.
    """

    expected: float
    changed: float
    low: float
    high: float
    added: bool
    of: str
    each: float
    people: bool = False


def icon_array(evidence: Evidence, outcome: OutcomeEvidence) -> list[Figure]:
    """The icons of one outcome; none where the answer credits no change or nothing is counted."""
    if not words.credits_change(outcome, margin=words.planned_margin(evidence)):
        return []
    tally = _of_people(evidence, outcome) or _of_events(evidence, outcome)
    if tally is None:
        return []
    icons = _icons(tally)
    if not icons.changed:
        return []
    key = f"icons-{anchor(outcome.column)}"
    with plots.style():
        figure = plots.blank(plots.icons_height(icons))
        plots.icon_array(icons, figure.axes[0], labels=_labels(outcome, tally))
        svg = plots.svg_text(figure, key)
    return [
        Figure(
            key=key,
            svg=svg,
            title=_title(outcome, tally),
            description=_description(evidence, outcome, tally, icons),
            table=_table(key, outcome, tally, icons),
            note=_note(evidence, outcome, tally, cut=_last(tally) > icons.places),
        )
    ]


def _of_events(evidence: Evidence, outcome: OutcomeEvidence) -> _Tally | None:
    """Of the events expected; None where they were not counted, or the count and the percent of
    the answer do not go the same way."""
    if (
        people_and_survey_words.speaks_for(evidence)
        or not is_count(evidence, outcome)
        or outcome.effect.percent_of
    ):
        return None
    effect = outcome.effect
    averted, percent = effect.averted, effect.percent
    if not averted.excludes_zero or (averted.estimate > 0) != (percent.estimate < 0):
        return None
    if comparison.is_did(evidence):
        # Of treated units from their own start on, which is what the percent is of; the path also
        # has those that begin later.
        expected = averted.estimate / -(percent.estimate / 100)
    else:
        expected = sum(point.expected for point in affected(effect))
        counted = sum(met(point, effect) for point in affected(effect))
        if abs(expected - counted - averted.estimate) > max(0.5, 0.01 * abs(averted.estimate)):
            return None
    rest = expected - averted.estimate
    # What happened is known; at the ends of the range it is set against other expected numbers.
    if min(expected, *(rest + end for end in (averted.low, averted.high))) <= 0 or rest < 0:
        return None
    shares = [abs(end) / (rest + end) for end in (averted.low, averted.high)]
    share = abs(averted.estimate) / expected
    shown = round(expected)
    if shown > MOST or (averted.estimate < 0 and shown * (1 + share) > _FARTHEST):
        fitting = [one for one in _FEWER if averted.estimate > 0 or one * (1 + share) <= _FARTHEST]
        if not fitting:
            return None
        shown = fitting[0]
    return _Tally(
        expected=shown,
        changed=shown * share,
        low=shown * min(shares),
        high=shown * max(shares),
        added=averted.estimate < 0,
        of=f"about {shown} expected" if shown == round(expected) else f"every {shown} expected",
        each=1.0 if shown == round(expected) else expected / shown,
    )


def _of_people(evidence: Evidence, outcome: OutcomeEvidence) -> _Tally | None:
    """Of 100 people: how many more, or fewer, had it."""
    # A rate, or days, are no number of people.
    told = people_and_survey_words.of_people(evidence) and outcome.effect.percent_of in ("", "risk")
    found = of_100_people(outcome) if told else None
    if found is None:
        return None
    without, fewer = found
    if not fewer.excludes_zero or (fewer.estimate > 0) != (outcome.effect.percent.estimate < 0):
        return None
    near, far = sorted((abs(fewer.low), abs(fewer.high)))
    return _Tally(
        expected=without,
        changed=abs(fewer.estimate),
        low=near,
        high=far,
        added=fewer.estimate < 0,
        of="100 people",
        each=1.0,
        people=True,
    )


def _icons(tally: _Tally) -> plots.Icons:
    """Whole icons; those of the change and of the rest add up to those expected."""
    expected, changed = round(tally.expected), round(tally.changed)
    changed = changed if tally.added else min(changed, expected)
    happened = expected if tally.added else expected - changed
    low, high = min(round(tally.low), changed), max(round(tally.high), changed)
    farthest = expected
    if tally.added:
        farthest = (MOST if tally.people else _FARTHEST) - happened
    return plots.Icons(
        happened=happened,
        changed=changed,
        low=low,
        high=max(min(high, farthest), changed),
        added=tally.added,
        others=max(MOST - happened - changed, 0) if tally.people else 0,
    )


def _last(tally: _Tally) -> int:
    """Where the range ends, in icons."""
    return round(tally.expected) + round(tally.high) if tally.added else 0


def _labels(outcome: OutcomeEvidence, tally: _Tally) -> tuple[str, str, str, str]:
    """The legend: what happened, what changed, the field, the others; as sure as the answer."""
    grade = outcome.grade.level
    may, sure = grade == "low", _SURE[grade]
    if tally.people and tally.added:
        happened, changed = "Had it anyway", f"{sure}had it because of the program"
    elif tally.people:
        happened, changed = "Had it", "may have been spared it" if may else f"{sure}spared it"
    elif tally.added:
        happened, changed = "Expected", "may have been added" if may else f"{sure}added"
    else:
        happened = "Happened"
        changed = "may not have happened" if may else f"{sure}did not happen"
    others = "Did not have it either way" if tally.people else ""
    return happened, words.capital(changed), "Either, within the 95% range", others


def _verb(outcome: OutcomeEvidence, tally: _Tally) -> str:
    """What became of those that changed, as sure as the answer."""
    sure = _SURE[outcome.grade.level]
    may = outcome.grade.level == "low"
    if tally.people and tally.added:
        return f"more {sure}had it because of the program"
    if tally.people:
        return "may have been spared it" if may else f"were {sure}spared it"
    if tally.added:
        return "more may have been added" if may else f"more were {sure}added"
    return "may not have happened" if may else f"{sure}did not happen"


def _title(outcome: OutcomeEvidence, tally: _Tally) -> str:
    return (
        f"{words.capital(outcome.label)}: {_among(tally)}, about {words.amount(tally.changed)} "
        f"{_verb(outcome, tally)} (range {words.amount(tally.low)} to {words.amount(tally.high)})"
    )


def _among(tally: _Tally) -> str:
    """Out of whom the change is, or beside whom."""
    return f"{'for' if tally.added and not tally.people else 'of'} {tally.of}"


def _description(
    evidence: Evidence, outcome: OutcomeEvidence, tally: _Tally, icons: plots.Icons
) -> str:
    happened, changed, field, others = _labels(outcome, tally)
    shape = "filled triangles" if tally.added else "hollow diamonds"
    listed = [f"{icons.happened} filled dots: {happened.lower()}"]
    listed.append(f"{icons.changed} {shape}: {changed.lower()}")
    if icons.others:
        listed.append(f"{icons.others} small dots: {others.lower()}")
    if len(icons.field):
        listed.append(f"{len(icons.field)} places on a gray field: {field[:1].lower()}{field[1:]}")
    return (
        f"Array of icons, {plots.A_ROW} a row, for {outcome.label} in {evidence.data.unit}: "
        f"{'; '.join(listed)}. Headline: "
        f"{words.change(outcome.effect.percent.estimate)} "
        f"({words.spread(outcome.effect)}), against expected."
    )


def _note(evidence: Evidence, outcome: OutcomeEvidence, tally: _Tally, *, cut: bool) -> str:
    said = [_stands_for(outcome, tally)]
    if tally.people:
        said.append(
            f"Expected is what would have come of the same people without {evidence.intervention}."
        )
    elif comparison.is_did(evidence) and comparison.many(evidence):
        said.append("Counted are the treated units, each from its own start on.")
    if not tally.people:
        said.append(
            "The range here is of those expected; the range of the count itself stands below."
        )
    said.append("On the gray field the range leaves open which of the two it is.")
    if cut:
        said.append("The range goes on beyond the figure.")
    return " ".join(said)


def _stands_for(outcome: OutcomeEvidence, tally: _Tally) -> str:
    if tally.people:
        return "One icon stands for one of every 100 people."
    if tally.each == 1.0:
        return f"One icon stands for one of the {outcome.label}."
    total = words.number(tally.each * tally.expected, 0)
    each = words.number(tally.each)
    return f"One icon stands for about {each} of the {total} {outcome.label} expected."


def _table(key: str, outcome: OutcomeEvidence, tally: _Tally, icons: plots.Icons) -> Table:
    happened, changed, _, others = _labels(outcome, tally)
    kept = tally.expected if tally.added else tally.expected - tally.changed
    rows = [
        (happened, kept, "–", icons.happened),
        (
            changed,
            tally.changed,
            f"{words.amount(tally.low)} to {words.amount(tally.high)}",
            icons.changed,
        ),
    ]
    if icons.others:
        rows.append((others, MOST - kept - tally.changed, "–", icons.others))
    return Table(
        key=f"{key}-table",
        caption=f"{words.capital(outcome.label)}: the numbers in the figure, {_among(tally)}",
        headers=(
            Header("What"),
            Header("Number", numeric=True),
            Header("95% range", numeric=True),
            Header("Icons", numeric=True),
        ),
        rows=tuple(
            ((what,), (words.amount(number),), (spread,), (words.number(count),))
            for what, number, spread, count in rows
        ),
    )
