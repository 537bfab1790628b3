"""The balance as pictures: what each input alone does to it, and the chance that it pays."""

from __future__ import annotations

from evaluation import plots
from evaluation.economics.result import Balance, Bar, CostBenefit
from evaluation.plots.economics import (
    CHANCE_HEIGHT,
    Swing,
    chance_curve,
    tornado_height,
)
from evaluation.plots.economics import tornado as draw_tornado
from evaluation.report import words
from evaluation.report.blocks import Figure, Header, Table
from evaluation.report.sections.power_words import SEEN_FROM, TITLES, chance, money, scale

# Points of the curve that its table tells.
_TOLD = 10


def tornado(found: CostBenefit, balance: Balance, anchor: str) -> Figure:
    """Each input at its low and its high end, all others at their best; the widest first."""
    currency, bars = found.currency, balance.tornado
    what = "Net benefit" if balance.net is not None else "Benefit"
    middle = balance.net or balance.benefits
    best = 0.0 if middle is None else middle.estimate
    unit, name = scale(max(abs(end) for bar in bars for end in (bar.at_low, bar.at_high, best)))
    key = f"{anchor}-tornado"
    with plots.style():
        figure = plots.blank(tornado_height(len(bars)))
        draw_tornado(
            [Swing(words.capital(bar.what), bar.at_low / unit, bar.at_high / unit) for bar in bars],
            best / unit,
            figure.axes[0],
            measure=f"{what}, {name}{currency} of {found.price_year}",
        )
        svg = plots.svg_text(figure, key)
    crossing = [bar.what for bar in bars if (bar.at_low > 0) != (bar.at_high > 0)]
    most = f"{words.capital(bars[0].what)} matters most"
    verdict = (
        f"{most}; alone enough to change the sign: {', '.join(crossing)}"
        if crossing
        else f"{most}; no input alone changes the sign"
    )
    listed = "; ".join(
        f"{bar.what}: {money(bar.at_low, currency)} at its low end, "
        f"{money(bar.at_high, currency)} at its high end"
        for bar in bars
    )
    return Figure(
        key=key,
        svg=svg,
        title=f"{TITLES[balance.perspective]}: {verdict}",
        description=(
            f"Tornado chart of the {what.lower()} seen from {SEEN_FROM[balance.perspective]}: each "
            f"input alone moved from its low to its high end, from the best estimate of "
            f"{money(best, currency)}. {listed}."
        ),
        table=Table(
            key=f"{key}-table",
            caption=f"{TITLES[balance.perspective]}: {what.lower()} with one input moved at a time",
            headers=(
                Header("Input"),
                Header("Low end", numeric=True),
                Header("High end", numeric=True),
                Header(f"{what} at low", numeric=True),
                Header(f"{what} at high", numeric=True),
            ),
            rows=tuple(
                (
                    (words.capital(bar.what),),
                    (_end(bar, bar.low, currency),),
                    (_end(bar, bar.high, currency),),
                    (money(bar.at_low, currency),),
                    (money(bar.at_high, currency),),
                )
                for bar in bars
            ),
        ),
        note=(
            "The effect and lognormal amounts are moved over their 95% range, other amounts over "
            "their whole range. The solid line is the best estimate, the dashed one is nought. "
            "Moved together, inputs can do more than any one of them."
        ),
    )


def curve(found: CostBenefit, balance: Balance, anchor: str) -> Figure:
    """The chance that benefits exceed cost, by what the program might have cost."""
    currency, points = found.currency, balance.curve
    cost = None if balance.costs is None else balance.costs.estimate
    unit, name = scale(points[-1].cost)
    key = f"{anchor}-chance"
    with plots.style():
        figure = plots.blank(CHANCE_HEIGHT)
        chance_curve(
            [point.cost / unit for point in points],
            [100 * point.chance for point in points],
            figure.axes[0],
            cost=None if cost is None else cost / unit,
            measure=f"If the program cost, {name}{currency} of {found.price_year}",
        )
        svg = plots.svg_text(figure, key)
    even = [point.cost for point in points if point.chance >= 0.5]
    title = (
        f"as likely as not to pay at a cost of about {money(even[-1], currency)}"
        if even
        else "less likely than not to pay at any cost"
    )
    told = points[:: max(1, (len(points) - 1) // _TOLD)]
    listed = "; ".join(f"{money(point.cost, currency)}: {chance(point.chance)}" for point in told)
    return Figure(
        key=key,
        svg=svg,
        title=f"{TITLES[balance.perspective]}: {title}",
        description=(
            "Line chart of the chance that benefits exceed cost, falling as the cost rises. "
            f"{listed}."
        ),
        table=Table(
            key=f"{key}-table",
            caption=f"{TITLES[balance.perspective]}: chance that benefits exceed cost, by cost",
            headers=(Header("Cost", numeric=True), Header("Draws", numeric=True)),
            rows=tuple(((money(point.cost, currency),), (chance(point.chance),)) for point in told),
        ),
        note=(
            "A chance here is a share of draws from the ranges of the effect and of the amounts. "
            "It takes the method of the study to be right."
        ),
    )


def _end(bar: Bar, value: float, currency: str) -> str:
    if bar.unit == "money":
        return money(value, currency)
    if bar.unit == "outcomes":
        return f"{words.number(value, 0)} averted"
    return f"{words.number(value, 1)}% a year"
