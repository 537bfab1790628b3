"""What a plan could find, as a page: the answer, the curve, the time it takes, what was assumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from evaluation import plots
from evaluation.plots.power import POWER_HEIGHT, Chance, power_curves
from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    CodeBlock,
    Contents,
    Document,
    Fact,
    Figure,
    Header,
    Heading,
    KeyFinding,
    Paragraph,
    Strong,
    Table,
    Text,
)
from evaluation.report.document import HOME, SYNTHETIC
from evaluation.report.figures.figures import anchor
from evaluation.report.html import render
from evaluation.report.sections import power_words

if TYPE_CHECKING:
    from evaluation.study.power.power_evidence import OutcomePower, PowerEvidence, PowerPoint


def power_html(power: PowerEvidence) -> str:
    """The page of one plan, from the numbers as power.json holds them."""
    return render(power_document(power))


def power_document(power: PowerEvidence) -> Document:
    """The page of one plan."""
    blocks: list[Block] = [
        *([SYNTHETIC] if power.sensitivity == "synthetic" else []),
        Heading(2, "The answer", "answer"),
        *(_finding(power, outcome) for outcome in power.outcomes),
        Paragraph((power_words.no_peeking(power),)),
        Paragraph(
            (
                Strong("Found"),
                " means that the planned analysis gives a p value below 5% in the right "
                "direction. A change is that of the total over the time the intervention is fully "
                "in place. When a change of some size is seldom found, a study that finds nothing "
                "says little about it.",
            )
        ),
        Contents(),
        Heading(2, "How large a change would be found", "curve"),
        *_each(power, "curve", _curve),
        Heading(2, "How long it would take", "time"),
        *_each(power, "time", _time),
        Heading(2, "What was assumed", "assumed"),
        Paragraph((power_words.how_made(power),)),
        *(_assumed(power, outcome) for outcome in power.outcomes),
        *_limits(power),
        Heading(2, "Do it again", "again"),
        Paragraph(
            (
                f"The plan has the fingerprint {power.plan_sha256[:12]}; the outcomes are in "
                f"{power.data}. The same plan and outcomes give this page to the byte.",
            )
        ),
        CodeBlock((f"ceasefire power {power.slug}",)),
    ]
    return Document(
        title=f"What could this study find? {power.question}",
        window_title=f"Power: {power.title}",
        over=f"Goal {power.goal}: {words.GOALS[power.goal]}",
        blocks=tuple(blocks),
        home=HOME,
    )


def _finding(power: PowerEvidence, outcome: OutcomePower) -> KeyFinding:
    way = "fall" if outcome.better == "lower" else "rise"
    found, largest = outcome.detectable, words.size(outcome.curve[-1].percent)
    facts = [
        Fact(
            f"{words.capital(way)} found 4 times in 5",
            f"More than {largest}" if found is None else f"{words.size(found.estimate)} or more",
            "The largest looked at" if found is None else _by_simulation(outcome),
        )
    ]
    if outcome.worthwhile is not None:
        point = outcome.at(outcome.worthwhile)
        facts.append(
            Fact(
                "Worth having",
                f"{words.capital(way)} of {words.planned(outcome.worthwhile)}",
                "" if point is None else f"Found {power_words.times(point.power)}",
            )
        )
        if outcome.after:
            longest = power_words.amount(outcome.after[-1].periods, power)
            facts.append(
                Fact(
                    "Time to find that",
                    f"More than {longest}"
                    if outcome.needed is None
                    else power_words.amount(round(outcome.needed), power),
                    "After the start",
                )
            )
    facts.append(
        Fact("False alarms", _share(outcome.false_alarms), "With no change; 5% is asked for")
    )
    return KeyFinding(
        label=words.capital(outcome.label) + ("" if outcome.primary else " (secondary outcome)"),
        sentence=power_words.what_can_be_found(outcome),
        facts=tuple(facts),
        tone="unclear",
    )


def _by_simulation(outcome: OutcomePower) -> str:
    assert outcome.detectable is not None
    low, high = sorted((abs(outcome.detectable.low), abs(outcome.detectable.high)))
    return f"Range {words.size(low)} to {words.size(high)} by simulation"


def _each(
    power: PowerEvidence, section: str, part: Callable[[PowerEvidence, OutcomePower], list[Block]]
) -> list[Block]:
    """The part of every outcome, under its own heading when there is more than one."""
    blocks: list[Block] = []
    for outcome in power.outcomes:
        if len(power.outcomes) > 1:
            key = f"{section}-{anchor(outcome.column)}"
            blocks.append(Heading(3, words.capital(outcome.label), key))
        blocks.extend(part(power, outcome))
    return blocks


def _curve(power: PowerEvidence, outcome: OutcomePower) -> list[Block]:
    key = f"power-{anchor(outcome.column)}"
    with plots.style():
        figure = plots.blank(POWER_HEIGHT)
        power_curves(
            [_chance(point) for point in outcome.curve],
            figure.axes[0],
            persistent=[_chance(point) for point in outcome.persistent],
            worthwhile=outcome.worthwhile,
        )
        svg = plots.svg_text(figure, key)
    shown = Figure(
        key=key,
        svg=svg,
        title=power_words.curve_title(outcome),
        description=_description(outcome),
        table=_curve_table(key, outcome),
        note=power_words.simulation_error(outcome),
    )
    return [shown, Paragraph((_persistent(outcome),))]


def _chance(point: PowerPoint) -> Chance:
    """A point in percent, with its range by simulation."""
    half = 1.96 * point.error
    low, high = max(point.power - half, 0.0), min(point.power + half, 1.0)
    return Chance(point.percent, 100 * point.power, 100 * low, 100 * high)


def _persistent(outcome: OutcomePower) -> str:
    """What the second world says, or why there is none."""
    if outcome.pool:
        return f"No second world was made up: {outcome.persistent_reason}."
    if outcome.persistent_reason:
        return (
            "Only a world in which the outcomes themselves are correlated was simulated: "
            f"{outcome.persistent_reason}."
        )
    found = outcome.persistent_detectable
    size = (
        f"no change up to {words.size(outcome.persistent[-1].percent)} would be found four times "
        "in five"
        if found is None
        else f"about {words.size(found.estimate)} or more would be found four times in five"
    )
    return (
        "Correlation can arise in two ways. In the planned model good and bad periods follow one "
        "another; in the second world a slowly moving rate lies under the noise of counting, with "
        f"the same variance and the same correlation. There {size}."
    )


def _description(outcome: OutcomePower) -> str:
    listed = "; ".join(
        f"{words.signed_percent(point.percent)}: {_share(point.power)}" for point in outcome.curve
    )
    second = ""
    if outcome.persistent:
        second = " With a rate that persists: " + "; ".join(
            f"{words.signed_percent(point.percent)}: {_share(point.power)}"
            for point in outcome.persistent
        )
        second += "."
    return (
        f"Line chart of the chance to find a true change in {outcome.label}, by its size, with a "
        f"dashed line at four times in five. {listed}.{second}"
    )


def _curve_table(key: str, outcome: OutcomePower) -> Table:
    second = {point.percent: point for point in outcome.persistent}
    headers = [
        Header("True change"),
        Header("Found", numeric=True),
        Header("95% range by simulation", numeric=True),
        Header("Not estimated", numeric=True),
    ]
    if second:
        headers.append(Header("Found when a rate persists", numeric=True))
    rows = []
    for point in outcome.curve:
        name = words.signed_percent(point.percent) if point.percent else "None (wrongly found)"
        chance = _chance(point)
        row: list[Text] = [
            (name,),
            (_share(point.power),),
            (f"{_share(chance.low / 100)} to {_share(chance.high / 100)}",),
            (_share(point.failed),),
        ]
        if second:
            other = second.get(point.percent)
            row.append(("–" if other is None else _share(other.power),))
        rows.append(tuple(row))
    return Table(
        key=f"{key}-table",
        caption=f"{words.capital(outcome.label)}: how often a true change would be found",
        headers=tuple(headers),
        rows=tuple(rows),
    )


def _time(power: PowerEvidence, outcome: OutcomePower) -> list[Block]:
    blocks: list[Block] = [Paragraph((power_words.time_needed(outcome, power),))]
    if outcome.after and outcome.worthwhile is not None:
        way = "fall" if outcome.better == "lower" else "rise"
        blocks.append(
            Table(
                key=f"time-{anchor(outcome.column)}-table",
                caption=(
                    f"{words.capital(outcome.label)}: how often a {way} of "
                    f"{words.planned(outcome.worthwhile)} would be found, by the time watched"
                ),
                headers=(
                    Header(f"{words.capital(power.frequency)}s after the start"),
                    Header("Last of them"),
                    Header("Found", numeric=True),
                    Header("Give or take, by simulation", numeric=True),
                ),
                rows=tuple(
                    (
                        (str(row.periods),),
                        (row.last,),
                        (_share(row.power),),
                        (f"{words.number(196 * row.error, 1)} points",),
                    )
                    for row in outcome.after
                ),
            )
        )
    return blocks


def _assumed(power: PowerEvidence, outcome: OutcomePower) -> Table:
    world = outcome.assumed
    if outcome.pool:
        return _stood_in(power, outcome)
    rows: list[tuple[Text, ...]] = [
        (
            ("Periods before the start",),
            (f"{world.first} to {world.last} ({power_words.amount(world.periods, power)})",),
        ),
        (("Recorded in them",), (f"{words.number(world.total)} ({outcome.measure})",)),
        (
            (f"Expected a {power.frequency}, last two years before the start",),
            (words.number(world.before),),
        ),
        (
            (f"Expected a {power.frequency}, last year of the window, without the program",),
            (words.number(world.end) + _trend_words(outcome),),
        ),
    ]
    if world.dispersion is not None:
        rows.append(
            (
                ("Variance of a count over its mean",),
                (
                    words.number(world.dispersion, 2)
                    + _raised(world.dispersion, world.dispersion_found, "no less than by chance"),
                ),
            )
        )
    if world.deviation is not None:
        rows.append((("Standard deviation of the errors",), (words.number(world.deviation, 3),)))
    rows += [
        (
            ("Correlation of one period with the next",),
            (
                words.number(world.correlation, 2)
                + _raised(world.correlation, world.correlation_found, "none below nought"),
            ),
        ),
        (("Analyzed by",), (outcome.method_label,)),
        (("Simulated series for each size",), (f"{outcome.draws:,}",)),
    ]
    return Table(
        key=f"assumed-{anchor(outcome.column)}-table",
        caption=f"{words.capital(outcome.label)}: the world that was simulated",
        headers=(Header("What"), Header("Value")),
        rows=tuple(rows),
    )


def _stood_in(power: PowerEvidence, outcome: OutcomePower) -> Table:
    """What a comparison was made up from."""
    world = outcome.assumed
    rows = (
        ("Periods", f"{world.first} to {world.last} ({power_words.amount(world.periods, power)})"),
        ("Units without a program", words.number(outcome.pool)),
        ("Of them taken for treated each time", words.number(outcome.stand_ins)),
        ("Recorded of them all", f"{words.number(world.total)} ({outcome.measure})"),
        (f"Recorded a unit and {power.frequency}, on average", words.number(world.before)),
        ("Analyzed by", outcome.method_label),
        ("Comparisons for each size", f"{outcome.draws:,}"),
    )
    return Table(
        key=f"assumed-{anchor(outcome.column)}-table",
        caption=f"{words.capital(outcome.label)}: what was made up",
        headers=(Header("What"), Header("Value")),
        rows=tuple(((what,), (value,)) for what, value in rows),
    )


def _trend_words(outcome: OutcomePower) -> str:
    if not outcome.assumed.trend_limited:
        return ", by the trend before the start"
    return (
        "; the trend before the start was flattened, because carried on for ten years it would "
        "more than double or halve outcomes"
    )


def _raised(value: float, found: float | None, rule: str) -> str:
    """Says so when a value is not the fitted one."""
    if found is None or abs(value - found) < 1e-6:
        return ""
    return f" (fitted: {words.number(found, 2)}; {rule} is assumed)"


def _limits(power: PowerEvidence) -> list[Block]:
    items: list[Text] = [(one,) for one in power_words.limits(power)]
    return [Heading(2, "Limits", "limits"), BulletList(tuple(items))]


def _share(share: float) -> str:
    """A chance for a table, in percent.

    Examples
    --------
    >>> _share(0.024), _share(0.5), _share(0.9996)
    ('2.4%', '50.0%', '100.0%')
    """
    return f"{100 * share:.1f}%"
