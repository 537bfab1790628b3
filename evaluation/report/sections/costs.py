"""What the program cost and what it saved, from each perspective, or why that cannot be told."""

from __future__ import annotations

from evaluation.economics.result import Balance, BreakEven, CostBenefit, CostPer, Priced
from evaluation.effect import Interval
from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Callout,
    Details,
    Fact,
    Header,
    Heading,
    Paragraph,
    Strong,
    Table,
    Text,
)
from evaluation.report.figures import economics_figures
from evaluation.report.messages.language import ENGLISH
from evaluation.report.sections.power_words import SEEN_FROM, TITLES, chance, money, money_range
from evaluation.study.evidence import GradeLevel

ANCHOR = "economics"
NOT_SUPPLIED = "Not supplied"
_EXCEED: dict[GradeLevel, str] = {
    "high": "benefits exceed costs",
    "moderate": "benefits probably exceed costs",
    "low": "benefits may exceed costs",
}
_SHORT: dict[GradeLevel, str] = {
    "high": "benefits fall short of costs",
    "moderate": "benefits probably fall short of costs",
    "low": "benefits may fall short of costs",
}
_KINDS = {"cost once": "cost, once", "cost a year": "cost, a year", "value": "one averted"}
_CERTAINTY = {
    "published": "Published",
    "own records": "Records of the program",
    "assumed": "Assumed by the evaluator",
    "invented": "Invented",
}


def economics_section(found: CostBenefit) -> list[Block]:
    """Heading, the balance of each perspective, the amounts, and what is not counted."""
    blocks: list[Block] = [Heading(2, "What it cost and what it saved", ANCHOR)]
    if any(amount.certainty == "invented" for amount in found.amounts):
        blocks.append(
            Callout(
                "warning",
                "Invented amounts",
                ("Some amounts were made up to try the method. No balance here is real.",),
            )
        )
    blocks.append(Paragraph((_frame(found),)))
    for balance in found.balances:
        blocks += _perspective(found, balance)
    blocks.append(Details("Every amount, its range and its source", (_amounts(found),)))
    blocks.append(Heading(3, "What is not counted", f"{ANCHOR}-not-counted"))
    blocks.append(BulletList(tuple((words.sentence(str(item)),) for item in found.not_counted)))
    return blocks


def cost_fact(found: CostBenefit | None) -> Fact:
    """The box of the strip under an answer."""
    if found is None:
        return Fact("Cost", NOT_SUPPLIED, "No cost is in the data")
    costs = next((b.costs for b in found.balances if b.costs is not None), None)
    if costs is None:
        return Fact("Cost", NOT_SUPPLIED, "Only values of outcomes were given")
    over = f"Over {words.number(found.years, 2)} years; range {money_range(costs, found.currency)}"
    if any(amount.certainty == "invented" for amount in found.amounts):
        over = f"Invented, to try the method. {over}"
    return Fact("Cost", money(costs.estimate, found.currency), over)


def _frame(found: CostBenefit) -> str:
    if found.first:
        time = (
            f"from {words.period_words(found.first)} to {words.period_words(found.last)} "
            f"({words.number(found.years, 2)} years)"
        )
    else:
        time = f"over {words.number(found.years, 2)} years"
    return (
        f"Counted {time}, in {found.currency} at prices of {found.price_year} ({found.index}), "
        f"discounted at {words.number(found.rate, 1)}% a year to the start. Perspectives are kept "
        "apart and must not be added: society's share holds what the public pays. Ranges are 95% "
        "ranges; they carry the uncertainty of the effect and of every amount."
    )


def _perspective(found: CostBenefit, balance: Balance) -> list[Block]:
    anchor = f"{ANCHOR}-{balance.perspective.replace(' ', '-')}"
    blocks: list[Block] = [Heading(3, TITLES[balance.perspective], anchor)]
    if _unknown(found, balance):
        return [*blocks, *_cannot_be_judged(found, balance, anchor)]
    blocks.append(Paragraph(_answer(found, balance)))
    blocks.append(_table(found, balance, anchor))
    if balance.tornado:
        blocks.append(economics_figures.tornado(found, balance, anchor))
    if balance.curve:
        blocks.append(economics_figures.curve(found, balance, anchor))
    return blocks


def _unknown(found: CostBenefit, balance: Balance) -> bool:
    """Whether the evidence is too weak to put money on it."""
    if balance.grade is not None:
        return balance.grade == "very low"
    return any(outcome.grade == "very low" for outcome in found.outcomes)


def _cannot_be_judged(found: CostBenefit, balance: Balance, anchor: str) -> list[Block]:
    columns = balance.outcomes or tuple(outcome.column for outcome in found.outcomes)
    doubted = [
        outcome.label
        for outcome in found.outcomes
        if outcome.column in columns and outcome.grade == "very low"
    ]
    said = (
        f"How many {_listed(doubted)} {found.intervention} averted is not known: that evidence is "
        "graded very low. Benefits, net benefit and their chances would look like knowledge, so "
        "they are not given. "
    )
    said += (
        f"What can be told is how large a fall would pay. {_break_even(found, balance)}"
        if balance.break_even is not None
        else "Even what fall would pay cannot be told without both costs and values."
    )
    blocks: list[Block] = [Callout("warning", "Money cannot be judged", (said,))]
    rows: list[tuple[Text, ...]] = [
        (("Cost",), *_amount_cells(balance.costs, found.currency)),
        (
            ("Fall at which benefits equal cost",),
            *_break_even_cells(balance.break_even, _lacking(balance)),
        ),
    ]
    blocks.append(_rows(f"{anchor}-table", f"{TITLES[balance.perspective]}: what is known", rows))
    return blocks


def _answer(found: CostBenefit, balance: Balance) -> Text:
    seen = SEEN_FROM[balance.perspective]
    currency = found.currency
    if balance.benefits is None:
        return (f"Seen from {seen}, ", Strong("no value of outcomes was supplied"), ".")
    if balance.costs is None or balance.net is None or balance.grade is None:
        return (
            f"Seen from {seen}, ",
            Strong("cost not supplied"),
            f", so there is no balance. Benefits are {money(balance.benefits.estimate, currency)} "
            f"(range {money_range(balance.benefits, currency)}).",
        )
    net = balance.net
    spread = f"range {money_range(net, currency)}"
    if net.low > 0 or net.high < 0:
        way = (_EXCEED if net.low > 0 else _SHORT)[balance.grade]
        said = f"{way}, by {money(abs(net.estimate), currency)}"
    else:
        said = (
            "we cannot tell whether benefits exceed costs: the best estimate of what is left is "
            f"{money(net.estimate, currency)}"
        )
    more = f" ({spread})."
    if balance.chance is not None:
        more += (
            " If the method of the study is right, benefits exceed costs in "
            f"{chance(balance.chance)} draws of all that is uncertain."
        )
    return (f"Seen from {seen}, ", Strong(said), f"{more} {_break_even(found, balance)}".rstrip())


def _break_even(found: CostBenefit, balance: Balance) -> str:
    even = balance.break_even
    if even is None:
        return ""
    named = [outcome.label for outcome in found.outcomes if outcome.column in balance.outcomes]
    if even.estimate is None:
        return f"Not even ending all {_listed(named)} would pay for the program."
    estimate, spread = _break_even_cells(even, "")
    each = " each" if len(named) > 1 else ""
    return (
        f"Benefits equal cost when {_listed(named)} fall by {_plain(estimate)}{each} "
        f"(range {_plain(spread)})."
    )


def _plain(text: Text) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in text)


def _table(found: CostBenefit, balance: Balance, anchor: str) -> Table:
    currency, lacking = found.currency, _lacking(balance)
    rows: list[tuple[Text, ...]] = [
        (("Benefits",), *_amount_cells(balance.benefits, currency)),
        (("Cost",), *_amount_cells(balance.costs, currency)),
        (("Net benefit",), *_amount_cells(balance.net, currency, lacking)),
        (
            ("Benefit for each 1 spent (benefit-cost ratio)",),
            *_ratio_cells(balance.ratio, lacking),
        ),
        (
            ("Chance that benefits exceed cost",),
            (lacking if balance.chance is None else f"{chance(balance.chance)} draws",),
            ("",),
        ),
        (
            ("Fall at which benefits equal cost",),
            *_break_even_cells(balance.break_even, lacking),
        ),
        *(
            (
                (f"Cost of one averted: {row.label}, not discounted",),
                *_cost_per_cells(row, currency),
            )
            for row in balance.cost_per
        ),
    ]
    caption = f"{TITLES[balance.perspective]}: the balance"
    if len(balance.cost_per) > 1:
        caption += ". A cost of one averted puts all of the cost on that outcome alone"
    return _rows(f"{anchor}-table", caption, rows)


def _lacking(balance: Balance) -> str:
    """Why what follows from both sides is not there."""
    if balance.costs is None:
        return "Cost not supplied"
    if balance.benefits is None:
        return "No value supplied"
    return "Cannot be told"


def _rows(key: str, caption: str, rows: list[tuple[Text, ...]]) -> Table:
    return Table(
        key=key,
        caption=caption,
        headers=(
            Header("What"),
            Header("Best estimate", numeric=True),
            Header("95% range", numeric=True),
        ),
        rows=tuple(rows),
    )


def _amount_cells(
    amount: Interval | None, currency: str, lacking: str = NOT_SUPPLIED
) -> tuple[Text, Text]:
    if amount is None:
        return (lacking,), ("",)
    return (money(amount.estimate, currency),), (money_range(amount, currency),)


def _ratio_cells(ratio: Interval | None, lacking: str) -> tuple[Text, Text]:
    if ratio is None:
        return (lacking,), ("",)
    low, high = words.number(ratio.low, 2), words.number(ratio.high, 2)
    return (words.number(ratio.estimate, 2),), (f"{low} to {high}",)


def _break_even_cells(even: BreakEven | None, lacking: str) -> tuple[Text, Text]:
    if even is None:
        return (lacking,), ("",)

    def percent(value: float | None) -> str:
        return "more than 100%" if value is None else f"{words.number(value, 1)}%"

    return (percent(even.estimate),), (f"{percent(even.low)} to {percent(even.high)}",)


def _cost_per_cells(row: CostPer, currency: str) -> tuple[Text, Text]:
    best = "None averted" if row.estimate is None else money(row.estimate, currency)
    if row.kind == "none" or row.low is None:
        return (best,), ("None averted",)
    if row.high is None:
        return (best,), (f"From {money(row.low, currency)} upward, or none averted",)
    return (best,), (f"{money(row.low, currency)} to {money(row.high, currency)}",)


def _amounts(found: CostBenefit) -> Table:
    return Table(
        key=f"{ANCHOR}-amounts",
        caption=f"Amounts, as given and in {found.currency} at prices of {found.price_year}",
        headers=(
            Header("What"),
            Header("For"),
            Header("As given", numeric=True),
            Header(f"In {found.price_year}", numeric=True),
            Header("Range", numeric=True),
            Header("Covers"),
            Header("How it is known"),
        ),
        rows=tuple(_amount_row(found, amount) for amount in found.amounts),
    )


def _amount_row(found: CostBenefit, amount: Priced) -> tuple[Text, ...]:
    currency = found.currency
    ends = f"{money(amount.low, currency)} to {money(amount.high, currency)}"
    shape = "no range" if amount.low == amount.high else f"{ends}, {amount.distribution}"
    return (
        (f"{words.capital(amount.what)} ({_KINDS[amount.kind]})",),
        (", ".join(amount.perspectives),),
        (f"{money(amount.given, currency)} in {amount.year}",),
        (money(amount.amount, currency),),
        (shape,),
        (words.sentence(amount.covers),),
        (
            f"{_CERTAINTY[amount.certainty]}: {words.sentence(amount.source)} Range: "
            f"{words.sentence(amount.range_source)}",
        ),
    )


def _listed(labels: list[str]) -> str:
    return ENGLISH.listed(labels or ["outcomes"])
