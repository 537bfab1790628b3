"""The balance as pictures: what each input alone does to it, and the chance that it pays."""

from __future__ import annotations

from evaluation.economics.result import Balance, Bar, CostBenefit
from evaluation.plots.economics import CHANCE_HEIGHT, Swing, chance_curve, tornado_height
from evaluation.plots.economics import tornado as draw_tornado
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.drawn import as_figure
from evaluation.report.sections.power_words import chance, money, scale
from evaluation.say import say

# Points of the curve that its table tells.
_TOLD = 10


def tornado(found: CostBenefit, balance: Balance, anchor: str) -> page.Figure:
    """Each input at its low and its high end, all others at their best; the widest first."""
    currency, bars = found.currency, balance.tornado
    what = say(
        "economics-figures.net-benefit" if balance.net is not None else "economics-figures.benefit"
    )
    middle = balance.net or balance.benefits
    best = 0.0 if middle is None else middle.estimate
    unit, name = scale(max(abs(end) for bar in bars for end in (bar.at_low, bar.at_high, best)))
    key = f"{anchor}-tornado"
    crossing = [bar.what for bar in bars if (bar.at_low > 0) != (bar.at_high > 0)]
    most = say("economics-figures.matters-most", what=bars[0].what)
    verdict = (
        say("economics-figures.alone-enough-to-change-sign", most=most, crossing=tuple(crossing))
        if crossing
        else say("economics-figures.no-input-alone-changes-sign", most=most)
    )
    listed = "; ".join(
        say(
            "economics-figures.at-its-low-end-at",
            what=bar.what,
            at_low=money(bar.at_low, currency),
            at_high=money(bar.at_high, currency),
        )
        for bar in bars
    )
    return as_figure(
        key,
        lambda figure: draw_tornado(
            [Swing(words.capital(bar.what), bar.at_low / unit, bar.at_high / unit) for bar in bars],
            best / unit,
            figure.axes[0],
            measure=say(
                "economics-figures.of",
                what=what,
                name=name,
                currency=currency,
                price_year=found.price_year,
            ),
        ),
        tornado_height(len(bars)),
        title=f"{say(f'perspective.title-{balance.perspective}')}: {verdict}",
        description=say(
            "economics-figures.tornado-chart-of-seen-from",
            what=what.lower(),
            seen_from=say(f"perspective.{balance.perspective}"),
            best=money(best, currency),
            listed=listed,
        ),
        table=page.table(
            f"{key}-table",
            say(
                "economics-figures.with-one-input-moved-at",
                titles=say(f"perspective.title-{balance.perspective}"),
                what=what.lower(),
            ),
            (
                "input",
                "#low-end",
                "#high-end",
                page.Header(say("economics-figures.at-low", what=what), numeric=True),
                page.Header(say("economics-figures.at-high", what=what), numeric=True),
            ),
            (
                (
                    words.capital(bar.what),
                    _end(bar, bar.low, currency),
                    _end(bar, bar.high, currency),
                    money(bar.at_low, currency),
                    money(bar.at_high, currency),
                )
                for bar in bars
            ),
        ),
        note=say("economics-figures.effect-and-lognormal-amounts-are"),
    )


def curve(found: CostBenefit, balance: Balance, anchor: str) -> page.Figure:
    """The chance that benefits exceed cost, by what the program might have cost."""
    currency, points = found.currency, balance.curve
    cost = None if balance.costs is None else balance.costs.estimate
    unit, name = scale(points[-1].cost)
    key = f"{anchor}-chance"
    even = [point.cost for point in points if point.chance >= 0.5]
    title = (
        say("economics-figures.as-likely-as-not-to", even=money(even[-1], currency))
        if even
        else say("economics-figures.less-likely-than-not-to")
    )
    told = points[:: max(1, (len(points) - 1) // _TOLD)]
    listed = "; ".join(f"{money(point.cost, currency)}: {chance(point.chance)}" for point in told)
    return as_figure(
        key,
        lambda figure: chance_curve(
            [point.cost / unit for point in points],
            [100 * point.chance for point in points],
            figure.axes[0],
            cost=None if cost is None else cost / unit,
            measure=say(
                "economics-figures.if-program-cost-of",
                name=name,
                currency=currency,
                price_year=found.price_year,
            ),
        ),
        CHANCE_HEIGHT,
        title=f"{say(f'perspective.title-{balance.perspective}')}: {title}",
        description=say("economics-figures.line-chart-of-chance-that", listed=listed),
        table=page.table(
            f"{key}-table",
            say(
                "economics-figures.chance-that-benefits-exceed-cost",
                titles=say(f"perspective.title-{balance.perspective}"),
            ),
            ("#cost", "#draws"),
            ((money(point.cost, currency), chance(point.chance)) for point in told),
        ),
        note=say("economics-figures.chance-here-is-share-of"),
    )


def _end(bar: Bar, value: float, currency: str) -> str:
    if bar.unit == "money":
        return money(value, currency)
    if bar.unit == "outcomes":
        return say("economics-figures.averted", value=value)
    return say("economics-figures.year", value=value)
