"""What the program cost and what it saved, from each perspective, or why that cannot be told."""

from __future__ import annotations

from evaluation.economics.result import Balance, BreakEven, CostBenefit, CostPer, Priced
from evaluation.effect import Interval
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures import economics_figures
from evaluation.report.sections.power_words import chance, money, money_range
from evaluation.say import ENGLISH, say

ANCHOR = "economics"


def economics_section(found: CostBenefit) -> list[page.Block]:
    """Heading, the balance of each perspective, the amounts, and what is not counted."""
    blocks: list[page.Block] = [page.heading("costs.title", ANCHOR)]
    if any(amount.certainty == "invented" for amount in found.amounts):
        blocks.append(
            page.callout("warning", "costs.invented-amounts", "costs.some-amounts-were-made-up")
        )
    blocks.append(page.Paragraph((_frame(found),)))
    for balance in found.balances:
        blocks += _perspective(found, balance)
    blocks.append(page.Details(say("costs.every-amount-its-range-and"), (_amounts(found),)))
    blocks.append(page.heading("costs.what-is-not-counted", f"{ANCHOR}-not-counted", level=3))
    blocks.append(page.bullets(words.sentence(str(item)) for item in found.not_counted))
    return blocks


def cost_words(found: CostBenefit) -> str:
    """The cost at its best estimate, or that none was supplied."""
    costs = next((one.costs for one in found.balances if one.costs is not None), None)
    if costs is None:
        return say("costs.not-supplied")
    return money(costs.estimate, found.currency)


def _frame(found: CostBenefit) -> str:
    if found.first:
        time = say("costs.from-to-years", first=found.first, last=found.last, years=found.years)
    else:
        time = say("costs.over-years", years=found.years)
    return say(
        "costs.counted-in-at-prices-of",
        time=time,
        currency=found.currency,
        price_year=found.price_year,
        index=found.index,
        rate=found.rate,
    )


def _perspective(found: CostBenefit, balance: Balance) -> list[page.Block]:
    anchor = f"{ANCHOR}-{balance.perspective.replace(' ', '-')}"
    blocks: list[page.Block] = [
        page.heading(f"perspective.title-{balance.perspective}", anchor, level=3)
    ]
    if _unknown(found, balance):
        return [*blocks, *_cannot_be_judged(found, balance, anchor)]
    blocks.append(page.Paragraph(_answer(found, balance)))
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


def _cannot_be_judged(found: CostBenefit, balance: Balance, anchor: str) -> list[page.Block]:
    columns = balance.outcomes or tuple(outcome.column for outcome in found.outcomes)
    doubted = [
        outcome.label
        for outcome in found.outcomes
        if outcome.column in columns and outcome.grade == "very low"
    ]
    said = say(
        "costs.how-many-averted-is-not", doubted=_listed(doubted), intervention=found.intervention
    )
    said += (
        say("costs.what-can-be-told-is", break_even=_break_even(found, balance))
        if balance.break_even is not None
        else say("costs.even-what-fall-would-pay")
    )
    blocks: list[page.Block] = [
        page.Callout("warning", say("costs.money-cannot-be-judged"), (said,))
    ]
    rows: list[tuple[page.Text, ...]] = [
        ((say("costs.cost"),), *_amount_cells(balance.costs, found.currency)),
        (
            (say("costs.fall-at-which-benefits-equal"),),
            *_break_even_cells(balance.break_even, _lacking(balance)),
        ),
    ]
    blocks.append(
        _rows(
            f"{anchor}-table",
            say("costs.what-is-known", titles=say(f"perspective.title-{balance.perspective}")),
            rows,
        )
    )
    return blocks


def _answer(found: CostBenefit, balance: Balance) -> page.Text:
    seen = say(f"perspective.{balance.perspective}")
    currency = found.currency
    if balance.benefits is None:
        return page.inline(
            "costs.seen-from", seen=seen, strong=page.strong("costs.no-value-of-outcomes-was")
        )
    if balance.costs is None or balance.net is None or balance.grade is None:
        return page.inline(
            "costs.seen-from-so-there-is",
            seen=seen,
            strong=page.strong("costs.cost-not-supplied-2"),
            estimate=money(balance.benefits.estimate, currency),
            benefits=money_range(balance.benefits, currency),
        )
    net = balance.net
    spread = say("costs.range", net=money_range(net, currency))
    if net.low > 0 or net.high < 0:
        way = say(f"costs.{'exceed' if net.low > 0 else 'short'}-{balance.grade}")
        said = say("costs.by", way=way, estimate=money(abs(net.estimate), currency))
    else:
        said = say("costs.we-cannot-tell-whether-benefits", estimate=money(net.estimate, currency))
    more = f" ({spread})."
    if balance.chance is not None:
        more += say("costs.if-method-of-study-is", chance=chance(balance.chance))
    return (
        say("costs.seen-from-2", seen=seen),
        page.Strong(said),
        f"{more} {_break_even(found, balance)}".rstrip(),
    )


def _break_even(found: CostBenefit, balance: Balance) -> str:
    even = balance.break_even
    if even is None:
        return ""
    named = [outcome.label for outcome in found.outcomes if outcome.column in balance.outcomes]
    if even.estimate is None:
        return say("costs.not-even-ending-all-would", named=_listed(named))
    estimate, spread = _break_even_cells(even, "")
    each = say("costs.each") if len(named) > 1 else ""
    return say(
        "costs.benefits-equal-cost-when-fall",
        named=_listed(named),
        estimate=_plain(estimate),
        each=each,
        spread=_plain(spread),
    )


def _plain(text: page.Text) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in text)


def _table(found: CostBenefit, balance: Balance, anchor: str) -> page.Table:
    currency, lacking = found.currency, _lacking(balance)
    rows: list[tuple[page.Text, ...]] = [
        ((say("costs.benefits"),), *_amount_cells(balance.benefits, currency)),
        ((say("costs.cost"),), *_amount_cells(balance.costs, currency)),
        ((say("costs.net-benefit"),), *_amount_cells(balance.net, currency, lacking)),
        ((say("costs.benefit-for-each-1-spent"),), *_ratio_cells(balance.ratio, lacking)),
        (
            (say("costs.chance-that-benefits-exceed-cost"),),
            (
                lacking
                if balance.chance is None
                else say("costs.draws", chance=chance(balance.chance)),
            ),
            ("",),
        ),
        (
            (say("costs.fall-at-which-benefits-equal"),),
            *_break_even_cells(balance.break_even, lacking),
        ),
        *(
            (
                (say("costs.cost-of-one-averted-not", label=row.label),),
                *_cost_per_cells(row, currency),
            )
            for row in balance.cost_per
        ),
    ]
    caption = say("costs.balance", titles=say(f"perspective.title-{balance.perspective}"))
    if len(balance.cost_per) > 1:
        caption += say("costs.cost-of-one-averted-puts")
    return _rows(f"{anchor}-table", caption, rows)


def _lacking(balance: Balance) -> str:
    """Why what follows from both sides is not there."""
    if balance.costs is None:
        return say("costs.cost-not-supplied")
    if balance.benefits is None:
        return say("costs.no-value-supplied")
    return say("costs.cannot-be-told")


def _rows(key: str, caption: str, rows: list[tuple[page.Text, ...]]) -> page.Table:
    return page.table(key, caption, ("what", "#best-estimate", "#95-range"), rows)


def _amount_cells(
    amount: Interval | None, currency: str, lacking: str = say("costs.not-supplied")
) -> tuple[page.Text, page.Text]:
    if amount is None:
        return (lacking,), ("",)
    return (money(amount.estimate, currency),), (money_range(amount, currency),)


def _ratio_cells(ratio: Interval | None, lacking: str) -> tuple[page.Text, page.Text]:
    if ratio is None:
        return (lacking,), ("",)
    low, high = words.number(ratio.low, 2), words.number(ratio.high, 2)
    return (words.number(ratio.estimate, 2),), (words.ends(low, high),)


def _break_even_cells(even: BreakEven | None, lacking: str) -> tuple[page.Text, page.Text]:
    if even is None:
        return (lacking,), ("",)

    def percent(value: float | None) -> str:
        return say("costs.more-than-100") if value is None else f"{words.number(value, 1)}%"

    return (percent(even.estimate),), (words.ends(percent(even.low), percent(even.high)),)


def _cost_per_cells(row: CostPer, currency: str) -> tuple[page.Text, page.Text]:
    best = say("costs.none-averted") if row.estimate is None else money(row.estimate, currency)
    if row.kind == "none" or row.low is None:
        return (best,), (say("costs.none-averted"),)
    if row.high is None:
        return (best,), (say("costs.from-upward-or-none-averted", low=money(row.low, currency)),)
    return (best,), (words.ends(money(row.low, currency), money(row.high, currency)),)


def _amounts(found: CostBenefit) -> page.Table:
    return page.table(
        f"{ANCHOR}-amounts",
        say("costs.amounts-as-given-and-in", currency=found.currency, price_year=found.price_year),
        (
            "what",
            "for",
            "#as-given",
            page.Header(say("costs.in-2", price_year=found.price_year), numeric=True),
            "#range",
            "covers",
            "how-it-is-known",
        ),
        (_amount_row(found, amount) for amount in found.amounts),
    )


def _amount_row(found: CostBenefit, amount: Priced) -> tuple[page.Text, ...]:
    currency = found.currency
    ends = words.ends(money(amount.low, currency), money(amount.high, currency))
    shape = say("costs.no-range") if amount.low == amount.high else f"{ends}, {amount.distribution}"
    return (
        (f"{words.capital(amount.what)} ({say(f'costs.kind-{amount.kind}')})",),
        (", ".join(amount.perspectives),),
        (say("costs.in", given=money(amount.given, currency), year=amount.year),),
        (money(amount.amount, currency),),
        (shape,),
        (words.sentence(amount.covers),),
        (
            say(
                "costs.range-2",
                say=say(f"costs.certainty-{amount.certainty}"),
                source=words.sentence(amount.source),
                range_source=words.sentence(amount.range_source),
            ),
        ),
    )


def _listed(labels: list[str]) -> str:
    return ENGLISH.listed(labels or [say("costs.outcomes")])
