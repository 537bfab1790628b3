"""From a study and a ledger to benefits, costs and their balance, one perspective at a time.

The analysis that belongs to a study has `costs.toml` beside its plan and its one written form,
`economics.json`, beside its results.
"""

from __future__ import annotations

from pathlib import Path

from evaluation.economics.averted import Averted, Window, averted, unfit, window_of
from evaluation.economics.balance import Part, balance
from evaluation.economics.input_quantiles import read_price_index, stratified
from evaluation.economics.ledger import Ledger, Money, Per, read_ledger, unknown_outcomes
from evaluation.economics.result import (
    PERSPECTIVES,
    CostBenefit,
    Counted,
    Perspective,
    Priced,
    PricedKind,
)
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.shared.draws import stream
from evaluation.study.evidence import Evidence
from evaluation.study.read_back import bytes_of, of_study, read_versioned
from evaluation.study.written import versioned

SEED = 1
# Each input alone is spread exactly (see `spread.stratified`); what is left to chance moves the
# ends of a range by less than 1 % of its width.
DRAWS = 40_000
EFFECT_STREAM = "effect"
_KINDS: dict[Per, PricedKind] = {"year": "cost a year", "once": "cost once"}


def cost_benefit(
    evidence: Evidence, ledger: Ledger, *, seed: int = SEED, draws: int = DRAWS
) -> CostBenefit:
    """Benefits, costs and their balance from every perspective that has any.

    The number averted is drawn from the study's own interval (`averted.Averted.at`), amounts from
    their distributions. Outcomes of one study move together in the draws (all from one uniform),
    since their errors are not independent and how much they go together is not known: the range
    of a sum is then the widest that positive dependence allows. Amounts are independent. Nothing
    after the last period of the study is counted.

    Parameters
    ----------
    seed : of the named streams. draws : how many.

    Raises
    ------
    DataError : for an outcome the study does not have, or a horizon that is missing or not needed.
    FitError : for an outcome without an estimate or an interval.
    """
    columns = [outcome.column for outcome in evidence.outcomes]
    if faults := unknown_outcomes(ledger, columns):
        raise DataError(faults)
    named = {value.outcome for value in ledger.values}
    wanted = sorted(named) or _countable(evidence)
    window = _window(evidence, ledger, wanted)
    found = {
        column: averted(evidence.outcome(column), window, mean=_mean(evidence, column))
        for column in wanted
    }
    u = stratified(stream(seed, EFFECT_STREAM), draws)
    balances = []
    for perspective in PERSPECTIVES:
        values = {
            value.outcome: value.money
            for value in ledger.values
            if value.perspective == perspective
        }
        costs = {
            cost.name: (cost.per, cost.money)
            for cost in ledger.costs
            if perspective in cost.perspectives
        }
        if values or costs:
            part = Part(
                perspective=perspective,
                averted=found,
                values=values,
                costs=costs,
                window=window,
                rates=(ledger.rate_low, ledger.rate, ledger.rate_high),
            )
            balances.append(balance(part, u, seed))
    return CostBenefit(
        slug=evidence.slug,
        intervention=evidence.intervention,
        currency=ledger.currency,
        price_year=ledger.price_year,
        years=window.years,
        first=window.first,
        last=window.last,
        rate=ledger.rate,
        rate_low=ledger.rate_low,
        rate_high=ledger.rate_high,
        draws=draws,
        seed=seed,
        synthetic=evidence.data.provenance.sensitivity == "synthetic",
        index=ledger.index.provenance.name,
        index_sha256=ledger.index.provenance.sha256,
        ledger_sha256=ledger.sha256,
        outcomes=tuple(
            Counted(each.column, each.label, each.number, each.percent, each.estimand, each.grade)
            for each in found.values()
        ),
        amounts=_amounts(ledger, found),
        balances=tuple(balances),
        not_counted=(*ledger.not_counted, *_not_counted(evidence, ledger, found)),
    )


def _countable(evidence: Evidence) -> list[str]:
    """With no unit value at all: the outcomes whose cost each can be told."""
    found = [
        outcome.column
        for outcome in evidence.outcomes
        if outcome.estimated and not unfit(outcome, mean=_mean(evidence, outcome.column))
    ]
    if not found:
        raise FitError(fact("economics.compute.no-outcome-was-estimated-which", slug=evidence.slug))
    return sorted(found)


def _mean(evidence: Evidence, column: str) -> bool:
    """Whether an outcome of places is a mean or a rate; the numbers of people are sums."""
    return evidence.plan.content.get("design") in ("its", "did") and any(
        one.name == column and one.type == "number" for one in evidence.data.columns
    )


def _window(evidence: Evidence, ledger: Ledger, columns: list[str]) -> Window:
    """The time counted: that of the study where it has one, else that of the ledger."""
    windows = {
        window
        for column in columns
        if (window := window_of(evidence.outcome(column).effect, evidence.data.frequency))
    }
    given = ledger.horizon_years
    if windows:
        # Outcomes of one study can end at different times; the program cost all of it.
        longest = max(windows, key=lambda window: (window.years, window.last))
        if given is not None:
            message = (
                f"the study counts {longest.years:g} years itself. Remove it: nothing is counted "
                "beyond the data."
            )
            raise DataError(ledger.located.fault(("horizon_years",), message))
        return longest
    if given is None:
        message = (
            "horizon_years: is missing. The study does not say over how long outcomes were "
            "counted; give the years that its number averted and the costs span."
        )
        raise DataError(ledger.located.fault((), message))
    return Window(given, "", "", max(1, round(12 * given)))


def _amounts(ledger: Ledger, found: dict[str, Averted]) -> tuple[Priced, ...]:
    costs = (
        _priced(cost.name, _KINDS[cost.per], cost.perspectives, cost.money) for cost in ledger.costs
    )
    values = (
        _priced(found[value.outcome].label, "value", (value.perspective,), value.money)
        for value in ledger.values
    )
    return (*costs, *values)


def _priced(
    what: str, kind: PricedKind, perspectives: tuple[Perspective, ...], money: Money
) -> Priced:
    return Priced(
        what=what,
        kind=kind,
        perspectives=perspectives,
        given=money.given,
        year=money.year,
        amount=money.best,
        low=money.low,
        high=money.high,
        distribution=money.distribution,
        covers=money.covers,
        source=money.source,
        range_source=money.range_source,
        certainty=money.certainty,
    )


def _not_counted(evidence: Evidence, ledger: Ledger, found: dict[str, Averted]) -> list[Fact]:
    """What the analysis leaves out by itself."""
    said = []
    others = [outcome.label for outcome in evidence.outcomes if outcome.column not in found]
    if others:
        said.append(fact("economics.compute.other-outcomes-study", others=tuple(others)))
    valued = {value.perspective for value in ledger.values}
    costed = {perspective for cost in ledger.costs for perspective in cost.perspectives}
    for perspective in PERSPECTIVES:
        if perspective in costed and perspective not in valued:
            said.append(
                fact("economics.compute.what-outcomes-cost-no-value", perspective=perspective)
            )
        if perspective in valued and perspective not in costed:
            said.append(
                fact("economics.compute.what-program-cost-no-cost", perspective=perspective)
            )
    said.append(fact("economics.compute.anything-after-last-period-study"))
    return said


COSTS, FILE, INDEX = "costs.toml", "economics.json", "data/public/inflation.csv"


def has_costs(slug: str, root: Path) -> bool:
    """Whether costs were supplied for this study."""
    return (root / "analyses" / slug / COSTS).is_file()


def computed(evidence: Evidence, root: Path) -> str:
    """The text of `economics.json` for a study with costs.

    Parameters
    ----------
    evidence : as results.json holds it, so that the money rests on the numbers shown.

    Raises
    ------
    DataError : for faults in the costs or the price index.
    FitError : for an outcome that cannot be valued.
    """
    shown = f"analyses/{evidence.slug}/{COSTS}"
    index = read_price_index(root / INDEX, root)
    ledger = read_ledger(root / shown, index=index, shown_as=shown)
    try:
        return dumps(cost_benefit(evidence, ledger))
    except FitError as fault:
        raise FitError(fact("economics.costs-on-disk.text", shown=shown, fault=fault)) from None


def supplied(slug: str, root: Path) -> CostBenefit | None:
    """What was computed for a study, or None where no costs were supplied.

    Raises
    ------
    DataError : when costs were supplied and nothing was computed from them yet.
    """
    if not has_costs(slug, root):
        return None
    shown, again = f"reports/{slug}/{FILE}", f"run {slug}"
    content = bytes_of(root / shown, shown, again)
    return of_study(loads(content, shown, again), content, slug, file=shown, again=again)


SCHEMA = 1


def dumps(found: CostBenefit) -> str:
    """The canonical text: sorted keys, 6 significant digits, no NaN, one final newline."""
    return versioned(found, SCHEMA)


def loads(text: str | bytes, shown: str = FILE, again: str = "run") -> CostBenefit:
    """The same from its canonical text; `dumps(loads(text)) == text`.

    Raises
    ------
    DataError : when the text is not one that this version wrote.
    """
    return read_versioned(CostBenefit, text, schema=SCHEMA, file=shown, again=again)
