"""Of those expected, how many did not happen: icons, and only where the answer credits a change.

Where the range holds no change, or the answer is that we cannot tell, such a picture would say more
than is known, and there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from evaluation import plots
from evaluation.report import blocks as page
from evaluation.report import study_words, words
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.figures import anchor
from evaluation.report.sections import comparison
from evaluation.report.sections.people_and_survey_results import of_100_people
from evaluation.report.study_words import is_count
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.totals import averted_share

# Icons at most for those expected; of more, each stands for several.
MOST = 100
# Places at most; where a harm needs more, fewer of those expected are drawn.
_FARTHEST = 3 * MOST
_FEWER = (MOST, 50, 20, 10)


@dataclass(frozen=True, slots=True)
class _Tally:
    """What is drawn, in icons, and told, in words.

    expected, changed, low, high : in icons, not rounded; changed is the size of the change.
    among : "of every 100 expected", for example. each : outcomes that an icon stands for.
    """

    expected: float
    changed: float
    low: float
    high: float
    added: bool
    among: str
    each: float
    people: bool = False

    @property
    def kind(self) -> str:
        """Whose icons they are and which way they go, as keys of texts begin."""
        return f"{'people' if self.people else 'events'}-{'added' if self.added else 'averted'}"


def icon_array(evidence: Evidence, outcome: OutcomeEvidence) -> list[page.Figure]:
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
    labels = _labels(outcome, tally)
    return [
        as_figure(
            key,
            lambda figure: plots.icon_array(icons, figure.axes[0], labels=labels),
            plots.icons_height(icons),
            plots.icons_height(icons, labels),
            title=_title(outcome, tally),
            description=_description(evidence, outcome, tally, icons),
            table=_table(key, outcome, tally, icons),
            note=_note(evidence, outcome, tally, cut=_last(tally) > icons.places),
        )
    ]


def _of_events(evidence: Evidence, outcome: OutcomeEvidence) -> _Tally | None:
    """Of the events expected; None where they were not counted, or too many would be drawn."""
    persons = study_words.speaks_for(evidence)
    if persons or not is_count(evidence, outcome) or outcome.effect.percent_of:
        return None
    found = averted_share(outcome, from_own_start=comparison.is_did(evidence))
    if found is None:
        return None
    whole = round(found.expected)
    fitting = [
        one
        for one in (*((whole,) if whole <= MOST else ()), *_FEWER)
        if not found.added or one * (1 + found.share) <= _FARTHEST
    ]
    if not fitting:
        return None
    shown = fitting[0]
    among = f"icon-array.among-{'about' if shown == whole else 'every'}"
    return _Tally(
        expected=shown,
        changed=shown * found.share,
        low=shown * found.low,
        high=shown * found.high,
        added=found.added,
        among=say(among, shown=shown, added=found.added),
        each=1.0 if shown == whole else found.expected / shown,
    )


def _of_people(evidence: Evidence, outcome: OutcomeEvidence) -> _Tally | None:
    """Of 100 people: how many more, or fewer, had it."""
    # A rate, or days, are no number of people.
    told = study_words.of_people(evidence) and outcome.effect.percent_of in ("", "risk")
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
        among=say("icon-array.among-people"),
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
    return (
        say(f"icon-array.{tally.kind}-kept"),
        words.capital(say(f"icon-array.{tally.kind}-label-{outcome.grade.level}")),
        say("icon-array.either-within-95-range"),
        say("icon-array.did-not-have-it-either") if tally.people else "",
    )


def _title(outcome: OutcomeEvidence, tally: _Tally) -> str:
    return say(
        "icon-array.about-range-to",
        label=outcome.label,
        tally=tally.among,
        changed=words.amount(tally.changed),
        verb=say(f"icon-array.{tally.kind}-verb-{outcome.grade.level}"),
        low=words.amount(tally.low),
        high=words.amount(tally.high),
    )


def _description(
    evidence: Evidence, outcome: OutcomeEvidence, tally: _Tally, icons: plots.Icons
) -> str:
    happened, changed, field, others = _labels(outcome, tally)
    shape = say("icon-array.filled-triangles" if tally.added else "icon-array.hollow-diamonds")
    listed = [say("icon-array.filled-dots", happened=icons.happened, happened2=happened.lower())]
    listed.append(f"{icons.changed} {shape}: {changed.lower()}")
    if icons.others:
        listed.append(say("icon-array.small-dots", others=icons.others, others2=others.lower()))
    if len(icons.field):
        listed.append(
            say(
                "icon-array.places-on-gray-field",
                n_field=len(icons.field),
                field=field[:1].lower(),
                field2=field[1:],
            )
        )
    return say(
        "icon-array.array-of-icons-row-for",
        a_row=plots.A_ROW,
        label=outcome.label,
        unit=evidence.data.unit,
        listed=tuple(listed),
        estimate=words.change(outcome.effect.percent.estimate),
        effect=words.spread(outcome.effect),
    )


def _note(evidence: Evidence, outcome: OutcomeEvidence, tally: _Tally, *, cut: bool) -> str:
    units = comparison.is_did(evidence) and comparison.many(evidence)
    keys = {
        "icon-array.expected-is-what-would-have": tally.people,
        "icon-array.counted-are-treated-units-each": units and not tally.people,
        "icon-array.range-here-is-of-those": not tally.people,
        "icon-array.on-gray-field-range-leaves": True,
        "icon-array.range-goes-on-beyond-figure": cut,
    }
    said = words.joined(keys, between=" ", intervention=evidence.intervention)
    return f"{_stands_for(outcome, tally)} {said}"


def _stands_for(outcome: OutcomeEvidence, tally: _Tally) -> str:
    if tally.people:
        return say("icon-array.one-icon-stands-for-one")
    if tally.each == 1.0:
        return say("icon-array.one-icon-stands-for-one-of", label=outcome.label)
    total = words.number(tally.each * tally.expected, 0)
    each = words.number(tally.each)
    return say("icon-array.one-icon-stands-for-about", each=each, total=total, label=outcome.label)


def _table(key: str, outcome: OutcomeEvidence, tally: _Tally, icons: plots.Icons) -> page.Table:
    happened, changed, _, others = _labels(outcome, tally)
    kept = tally.expected if tally.added else tally.expected - tally.changed
    rows = [
        (happened, kept, "–", icons.happened),
        (
            changed,
            tally.changed,
            words.ends(words.amount(tally.low), words.amount(tally.high)),
            icons.changed,
        ),
    ]
    if icons.others:
        rows.append((others, MOST - kept - tally.changed, "–", icons.others))
    return page.table(
        f"{key}-table",
        say("icon-array.numbers-in-figure", label=outcome.label, tally=tally.among),
        ("what", "#number", "#95-range", "#icons"),
        (
            (what, words.amount(number), spread, words.number(count))
            for what, number, spread, count in rows
        ),
    )
