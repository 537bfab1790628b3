"""What a plan could find, as a page: the answer, the curve, the time it takes, what was assumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from evaluation.plots.curves import POWER_HEIGHT, Chance, power_curves
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.document import HOME, SYNTHETIC
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.estimates import rows_table
from evaluation.report.figures.figures import anchor
from evaluation.report.html import render
from evaluation.report.sections import power_words
from evaluation.say import say

if TYPE_CHECKING:
    from evaluation.study.power.power_evidence import OutcomePower, PowerEvidence, PowerPoint


def power_html(power: PowerEvidence) -> str:
    """The page of one plan, from the numbers as power.json holds them."""
    return render(power_document(power))


def power_document(power: PowerEvidence) -> page.Document:
    """The page of one plan."""
    blocks: list[page.Block] = [
        *([SYNTHETIC] if power.sensitivity == "synthetic" else []),
        page.heading("power-page.title", "answer"),
        *(_finding(power, outcome) for outcome in power.outcomes),
        page.Paragraph((power_words.no_peeking(power),)),
        page.Paragraph(
            (page.strong("power-page.found"), say("power-page.means-that-planned-analysis-gives"))
        ),
        page.Contents(),
        *_alike(power),
        page.heading("power-page.how-large-change-would-be", "curve"),
        *_each(power, "curve", _curve),
        page.heading("power-page.how-long-it-would-take", "time"),
        *_each(power, "time", _time),
        page.heading("power-page.what-was-assumed", "assumed"),
        page.Paragraph((power_words.how_made(power),)),
        *(_assumed(power, outcome) for outcome in power.outcomes),
        *_limits(power),
        page.heading("power-page.do-it-again", "again"),
        page.paragraph(
            "power-page.plan-has-fingerprint-outcomes-are",
            plan_sha256=power.plan_sha256[:12],
            data=power.data,
        ),
        page.CodeBlock((f"ceasefire power {power.slug}",)),
    ]
    return page.Document(
        title=say("power-page.what-could-this-study-find", question=power.question),
        window_title=say("power-page.power", title=power.title),
        over=say("power-page.goal", goal=power.goal, goals=words.GOALS[power.goal]),
        blocks=tuple(blocks),
        home=HOME,
    )


def _alike(power: PowerEvidence) -> list[page.Block]:
    """How alike both sides of people are and where they overlap; of others nothing."""
    checks = power_words.alike(power)
    if not checks:
        return []
    blocks: list[page.Block] = [page.heading("power-page.alike", "alike")]
    for check in checks:
        question = words.capital(str(check.question))
        blocks.append(
            page.Paragraph((page.Strong(question), f" {words.sentence(str(check.says))}"))
        )
        if check.table:
            blocks.append(rows_table(f"alike-{anchor(check.name)}", question, check.table))
    return blocks


def _finding(power: PowerEvidence, outcome: OutcomePower) -> page.KeyFinding:
    label = words.capital(outcome.label)
    label += "" if outcome.primary else say("power-page.secondary-outcome")
    sentence = power_words.what_can_be_found(outcome)
    facts = _facts(power, outcome) if outcome.curve else ()
    return page.KeyFinding(label=label, sentence=sentence, facts=facts, tone="unclear")


def _facts(power: PowerEvidence, outcome: OutcomePower) -> tuple[page.Fact, ...]:
    """The numbers of the answer."""
    way = words.capital(say("way.fall" if outcome.better == "lower" else "way.rise"))
    found, largest = outcome.detectable, words.size(outcome.curve[-1].percent)
    first = say("power-page.found-4-times-in-5", way=way)
    facts = [
        page.Fact(
            first, say("power-page.more-than", largest=largest), say("power-page.largest-looked-at")
        )
        if found is None
        else page.Fact(
            first,
            say("power-page.or-more", estimate=words.size(found.estimate)),
            _by_simulation(outcome),
        )
    ]
    if outcome.worthwhile is not None:
        point = outcome.at(outcome.worthwhile)
        chance = "" if point is None else power_words.times(point.power)
        size = say("power-page.of", way=way, worthwhile=words.planned(outcome.worthwhile))
        note = say("power-page.found-2", power=chance) if chance else ""
        facts.append(page.Fact(say("power-page.worth-having"), size, note))
        if outcome.after:
            longest = power_words.amount(outcome.after[-1].periods, power)
            needed = (
                say("power-page.more-than-2", longest=longest)
                if outcome.needed is None
                else power_words.amount(round(outcome.needed), power)
            )
            after = say("power-page.after-start")
            facts.append(page.Fact(say("power-page.time-to-find-that"), needed, after))
    alarms = _share(outcome.false_alarms)
    facts.append(
        page.Fact(say("power-page.false-alarms"), alarms, say("power-page.with-no-change-5-is"))
    )
    return tuple(facts)


def _by_simulation(outcome: OutcomePower) -> str:
    assert outcome.detectable is not None
    low, high = sorted((abs(outcome.detectable.low), abs(outcome.detectable.high)))
    return say("power-page.range-to-by-simulation", low=words.size(low), high=words.size(high))


def _each(
    power: PowerEvidence,
    section: str,
    part: Callable[[PowerEvidence, OutcomePower], list[page.Block]],
) -> list[page.Block]:
    """The part of every outcome, under its own heading when there is more than one."""
    blocks: list[page.Block] = []
    for outcome in power.outcomes:
        if len(power.outcomes) > 1:
            key = f"{section}-{anchor(outcome.column)}"
            blocks.append(page.Heading(3, words.capital(outcome.label), key))
        blocks.extend(part(power, outcome))
    return blocks


def _curve(power: PowerEvidence, outcome: OutcomePower) -> list[page.Block]:
    if not outcome.curve:
        return [page.Paragraph((power_words.what_can_be_found(outcome),))]
    key = f"power-{anchor(outcome.column)}"
    shown = as_figure(
        key,
        lambda figure: power_curves(
            [_chance(point) for point in outcome.curve],
            figure.axes[0],
            persistent=[_chance(point) for point in outcome.persistent],
            worthwhile=outcome.worthwhile,
        ),
        POWER_HEIGHT,
        POWER_HEIGHT + 0.34,
        title=power_words.curve_title(outcome),
        description=_description(outcome),
        table=_curve_table(key, outcome),
        note=power_words.simulation_error(outcome),
    )
    return [shown, page.Paragraph((_persistent(outcome),))]


def _chance(point: PowerPoint) -> Chance:
    """A point in percent, with its range by simulation."""
    half = 1.96 * point.error
    low, high = max(point.power - half, 0.0), min(point.power + half, 1.0)
    return Chance(point.percent, 100 * point.power, 100 * low, 100 * high)


def _persistent(outcome: OutcomePower) -> str:
    """What the second world says, or why there is none."""
    if outcome.pool or outcome.sides is not None:
        return say(
            "power-page.no-second-world-was-made", persistent_reason=outcome.persistent_reason
        )
    if outcome.persistent_reason:
        return say(
            "power-page.only-world-in-which-outcomes", persistent_reason=outcome.persistent_reason
        )
    found = outcome.persistent_detectable
    size = (
        say("power-page.no-change-up-to-would", percent=words.size(outcome.persistent[-1].percent))
        if found is None
        else say("power-page.about-or-more-would-be", estimate=words.size(found.estimate))
    )
    return say("power-page.correlation-can-arise-in-two", size=size)


def _description(outcome: OutcomePower) -> str:
    listed = "; ".join(
        f"{words.signed_percent(point.percent)}: {_share(point.power)}" for point in outcome.curve
    )
    second = ""
    if outcome.persistent:
        second = say("power-page.with-rate-that-persists") + "; ".join(
            f"{words.signed_percent(point.percent)}: {_share(point.power)}"
            for point in outcome.persistent
        )
        second += "."
    return say(
        "power-page.line-chart-of-chance-to", label=outcome.label, listed=listed, second=second
    )


def _curve_table(key: str, outcome: OutcomePower) -> page.Table:
    second = {point.percent: point for point in outcome.persistent}
    headers = [
        page.Header(say("head.true-change")),
        page.Header(say("head.found"), numeric=True),
        page.Header(say("head.95-range-by-simulation"), numeric=True),
        page.Header(say("head.not-estimated"), numeric=True),
    ]
    if second:
        headers.append(page.Header(say("head.found-when-rate-persists"), numeric=True))
    rows = []
    for point in outcome.curve:
        name = (
            words.signed_percent(point.percent)
            if point.percent
            else say("power-page.none-wrongly-found")
        )
        chance = _chance(point)
        row: list[page.Text] = [
            (name,),
            (_share(point.power),),
            (words.ends(_share(chance.low / 100), _share(chance.high / 100)),),
            (_share(point.failed),),
        ]
        if second:
            other = second.get(point.percent)
            row.append(("–" if other is None else _share(other.power),))
        rows.append(tuple(row))
    return page.table(
        f"{key}-table",
        say("power-page.how-often-true-change-would", label=outcome.label),
        tuple(headers),
        rows,
    )


def _time(power: PowerEvidence, outcome: OutcomePower) -> list[page.Block]:
    blocks: list[page.Block] = [page.Paragraph((power_words.time_needed(outcome, power),))]
    if outcome.after and outcome.worthwhile is not None:
        way = say("way.fall" if outcome.better == "lower" else "way.rise")
        blocks.append(
            page.table(
                f"time-{anchor(outcome.column)}-table",
                say(
                    "power-page.how-often-of-would-be",
                    label=outcome.label,
                    way=way,
                    worthwhile=words.planned(outcome.worthwhile),
                ),
                (
                    page.Header(say("power-page.s-after-start", frequency=power.frequency)),
                    "last-of-them",
                    "#found",
                    "#give-or-take-by-simulation",
                ),
                (
                    (
                        str(row.periods),
                        row.last,
                        _share(row.power),
                        say("power-page.points", error=196 * row.error),
                    )
                    for row in outcome.after
                ),
            )
        )
    return blocks


def _assumed(power: PowerEvidence, outcome: OutcomePower) -> page.Table:
    """What was simulated, or what a comparison was made up from."""
    world, sides, rows = outcome.assumed, outcome.sides, list[tuple[str, str]]()

    def row(key: str, value: str) -> None:
        rows.append((say(f"power-page.{key}", frequency=power.frequency), value))

    if world is None or sides is not None:
        assert sides is not None
        row(f"with-{sides.row}", words.number(sides.treated))
        row(f"without-{sides.row}", words.number(sides.others))
        row("expected-without", f"{words.number(sides.expected, 3)} ({outcome.measure})")
        if sides.shared:
            row("shared-in-cluster", words.number(sides.shared, 2))
        row("analyzed-by", outcome.method_label)
        row("comparisons-for-each-size", f"{outcome.draws:,}")
        return _world(outcome, "what-was-made-up", rows)
    periods = say(
        "power-page.to",
        first=world.first,
        last=world.last,
        periods=power_words.amount(world.periods, power),
    )
    recorded = f"{words.number(world.total)} ({outcome.measure})"
    if outcome.pool:
        row("periods", periods)
        row("units-without-program", words.number(outcome.pool))
        row("of-them-taken-for-treated", words.number(outcome.stand_ins))
        row("recorded-of-them-all", recorded)
        row("recorded-unit-and-on-average", words.number(world.before))
        row("analyzed-by", outcome.method_label)
        row("comparisons-for-each-size", f"{outcome.draws:,}")
    else:
        row("periods-before-start", periods)
        row("recorded-in-them", recorded)
        row("expected-last-two-years-before", words.number(world.before))
        row("expected-last-year-of-window", words.number(world.end) + _trend_words(outcome))
        if world.dispersion is not None:
            rule = say("power-page.no-less-than-by-chance")
            row(
                "variance-of-count-over-its", _taken(world.dispersion, world.dispersion_found, rule)
            )
        if world.deviation is not None:
            row("standard-deviation-of-errors", words.number(world.deviation, 3))
        rule = say("power-page.none-below-nought")
        correlation = _taken(world.correlation, world.correlation_found, rule)
        row("correlation-of-one-period-with", correlation)
        row("analyzed-by", outcome.method_label)
        row("simulated-series-for-each-size", f"{outcome.draws:,}")
    return _world(outcome, "what-was-made-up" if outcome.pool else "world-that-was-simulated", rows)


def _world(outcome: OutcomePower, caption: str, rows: list[tuple[str, str]]) -> page.Table:
    return page.table(
        f"assumed-{anchor(outcome.column)}-table",
        say(f"power-page.{caption}", label=words.capital(outcome.label)),
        ("what", "value"),
        ((what, value) for what, value in rows),
    )


def _trend_words(outcome: OutcomePower) -> str:
    if outcome.assumed is None or not outcome.assumed.trend_limited:
        return say("power-page.by-trend-before-start")
    return say("power-page.trend-before-start-was-flattened")


def _taken(value: float, found: float | None, rule: str) -> str:
    """A value of the world; it is said when it is not the fitted one."""
    taken = words.number(value, 2)
    if found is None or abs(value - found) < 1e-6:
        return taken
    return taken + say("power-page.fitted-is-assumed", number=found, rule=rule)


def _limits(power: PowerEvidence) -> list[page.Block]:
    items: list[page.Text] = [(one,) for one in power_words.limits(power)]
    return [page.heading("power-page.limits", "limits"), page.bullets(items)]


def _share(share: float) -> str:
    """A chance for a table, in percent.

    Examples
    --------
    >>> _share(0.024), _share(0.5), _share(0.9996)
    ('2.4%', '50.0%', '100.0%')
    """
    return f"{100 * share:.1f}%"
