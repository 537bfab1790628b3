"""The effect in other measures: percent, slope, count, rate, and the strength of a confounder."""

from __future__ import annotations

from evaluation.effect import Effect, Quantity
from evaluation.report import figures, words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Header,
    Heading,
    Paragraph,
    Strong,
    Table,
    Text,
)
from evaluation.report.counts import is_count
from evaluation.study.evidence import Evidence, OutcomeEvidence

_HOW = {
    "delta method": "A formula (delta method)",
    "simulation": "Simulation from the model",
    "transformed": "The model's own range, converted",
}
_FITTED, _OBSERVED = "averted, fitted against expected", "averted, observed against expected"
# The names of `Effect.quantities`, for a reader who pays for the program.
_NAMES = {
    "change of level": "Step at the start (change of level)",
    "change of slope a year": "Change of the trend, a year (change of slope)",
    "change in the last period": "Change in the last period",
    "average change": "Average change from the start to the end",
    _FITTED: "Total, on average (fitted against expected)",
    _OBSERVED: "Total, as it happened (recorded against expected)",
}
# Of a later phase, told from the phase before it.
_LATER = {
    "change of level": "step (change of level)",
    "change of slope a year": "change of the trend, a year (change of slope)",
}
_RATE, _CONFOUNDER = "averted a year per ", "confounder strength"


def measures(evidence: Evidence) -> list[Block]:
    """One table an outcome, with what its rows mean said once above them."""
    shown = [
        outcome
        for outcome in evidence.outcomes
        if outcome.estimated and _shown(outcome.effect, is_count(evidence, outcome))
    ]
    if not shown:
        return []
    blocks: list[Block] = [
        Heading(2, "The effect in other measures", "measures"),
        Paragraph(
            (
                "The same answer in other units. None of them is a further finding, and each is as "
                "sure, or as unsure, as the answer above.",
            )
        ),
    ]
    counts = [outcome for outcome in shown if is_count(evidence, outcome)]
    if any(quantity.name == _OBSERVED for o in counts for quantity in o.effect.quantities):
        blocks.append(_two_senses(evidence))
    for outcome in shown:
        if len(evidence.outcomes) > 1:
            anchor = f"measures-{figures.anchor(outcome.column)}"
            blocks.append(Heading(3, words.capital(outcome.label), anchor))
        blocks.append(_table(evidence, outcome))
        blocks += _confounder(evidence, outcome)
    return blocks


def _two_senses(evidence: Evidence) -> Block:
    return BulletList(
        (
            (
                Strong("On average: "),
                "what the model expects without ",
                f"{evidence.intervention}, less what it fits with it. This leaves the luck of "
                "single periods out, and is what to plan with.",
            ),
            (
                Strong("As it happened: "),
                "what the model expects without it, less what was recorded. This counts the luck "
                "of what happened, and its range that of what did not.",
            ),
        )
    )


def _table(evidence: Evidence, outcome: OutcomeEvidence) -> Table:
    return Table(
        key=f"measures-{figures.anchor(outcome.column)}-table",
        caption=f"{words.capital(outcome.label)}: the effect in other measures",
        headers=(
            Header("Measure"),
            Header("Best estimate", numeric=True),
            Header("95% range", numeric=True),
            Header("How the range was made"),
        ),
        rows=tuple(
            _row(evidence, outcome, quantity)
            for quantity in _shown(outcome.effect, is_count(evidence, outcome))
        ),
    )


def _shown(effect: Effect, count: bool) -> list[Quantity]:
    """The measures, each change and each total once, and the total of the headline with the range
    that it has everywhere else; a further range of a total is in the results alone.

    Parameters
    ----------
    count : whether the outcome is a count; means and shares of periods add up to nothing.
    """
    own = _FITTED if effect.averted_estimand.startswith("fitted") else _OBSERVED
    totals: dict[str, Quantity] = {}
    percents: set[tuple[float, float, float]] = set()
    shown: list[Quantity] = []
    for quantity in effect.quantities:
        if quantity.name in (_FITTED, _OBSERVED):
            if not count:
                continue
            if quantity.name == own:
                averted = effect.averted
                ends = (averted.estimate, averted.low, averted.high)
                quantity = Quantity(own, quantity.unit, *ends, "transformed")
            if quantity.name in totals:
                continue
            totals[quantity.name] = quantity
        elif quantity.unit == "%" and ": " not in quantity.name:
            told = (quantity.estimate, quantity.low, quantity.high)
            if told in percents:
                continue
            percents.add(told)
        shown.append(quantity)
    return shown


def _row(evidence: Evidence, outcome: OutcomeEvidence, quantity: Quantity) -> tuple[Text, ...]:
    if quantity.name in ("risk difference", "difference a person"):
        # With the program less without it, where every other count here is of outcomes averted.
        unit = "percentage points" if quantity.name == "risk difference" else quantity.unit
        estimate = f"{_signed(quantity.estimate)} {unit}"
        spread = f"{_signed(quantity.low)} to {_signed(quantity.high)}"
    elif quantity.unit == "%":
        estimate = words.signed_percent(quantity.estimate)
        spread = f"{words.signed_percent(quantity.low)} to {words.signed_percent(quantity.high)}"
    elif quantity.unit == "times":
        estimate = f"{words.number(quantity.estimate, 2)} times"
        spread = f"{words.number(quantity.low, 2)} to {words.number(quantity.high, 2)} times"
    else:
        count = is_count(evidence, outcome)
        down, up = ("fewer", "more") if count else ("lower", "higher")
        side = down if quantity.estimate >= 0 else up
        estimate = f"{words.amount(quantity.estimate)} {side}"
        spread = words.count_range(quantity, down=down, up=up)
    how = _HOW.get(quantity.how, words.capital(quantity.how))
    return (_name(evidence, outcome, quantity), (estimate,), (spread,), (how,))


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{words.signed_amount(value)}"


def _name(evidence: Evidence, outcome: OutcomeEvidence, quantity: Quantity) -> Text:
    kind, colon, of = quantity.name.partition(": ")
    if quantity.name == "change in the last period":
        last = words.period_words(outcome.effect.path[-1].period)
        return (f"{_NAMES[quantity.name]}, {last}",)
    if quantity.name.startswith(_RATE):
        return (f"A year, per {quantity.name.removeprefix(_RATE)} ({_exposure(evidence)})",)
    if quantity.name.startswith(_CONFOUNDER):
        return ("Strength of another cause that could explain it (E-value)",)
    if colon and kind in _LATER:
        return (f"{of}: {_LATER[kind]}",)
    return (_NAMES.get(quantity.name, words.capital(quantity.name)),)


def _confounder(evidence: Evidence, outcome: OutcomeEvidence) -> list[Block]:
    """The E-value in a sentence."""
    found = next(
        (each for each in outcome.effect.quantities if each.name.startswith(_CONFOUNDER)), None
    )
    if found is None:
        return []
    said = (
        f"The E-value says how strong another cause would have to be. To explain the whole change "
        f"in {outcome.label} away, something that the model does not know would have to go with "
        f"the start of {evidence.intervention} and with {outcome.label}, each by a factor of "
        f"{words.number(found.estimate, 2)} or more. "
    )
    if found.low <= 1:
        said += "The range holds no change already, so nothing at all is needed to explain that."
    else:
        said += (
            f"A factor of {words.number(found.low, 2)} would do to bring the range to no change."
        )
    return [Paragraph((said,))]


def _exposure(evidence: Evidence) -> str:
    return next(
        (column.label for column in evidence.data.columns if column.role == "exposure"),
        "exposure",
    )
