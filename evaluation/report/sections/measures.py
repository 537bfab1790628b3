"""The effect in other measures: percent, slope, count, rate, and the strength of a confounder.

The choices behind a specification, in words.

Who is in a comparison and who is out, by name and with the reason; controls in one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.effect import Effect, Quantity
from evaluation.plots import Choice
from evaluation.report import words
from evaluation.report.averted_counts import is_count
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
from evaluation.report.figures import figures
from evaluation.report.figures.figures import anchor
from evaluation.report.sections.comparison import WHO_IS_IN
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
    if any(str(quantity.name) == _OBSERVED for o in counts for quantity in o.effect.quantities):
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
    own = _FITTED if effect.averted_of == "fitted" else _OBSERVED
    totals: dict[str, Quantity] = {}
    percents: set[tuple[float, float, float]] = set()
    shown: list[Quantity] = []
    for quantity in effect.quantities:
        name = str(quantity.name)
        if name in (_FITTED, _OBSERVED):
            if not count:
                continue
            if name == own:
                averted = effect.averted
                ends = (averted.estimate, averted.low, averted.high)
                quantity = Quantity(own, quantity.unit, *ends, "transformed")
            if name in totals:
                continue
            totals[name] = quantity
        elif quantity.unit == "%" and ": " not in name:
            told = (quantity.estimate, quantity.low, quantity.high)
            if told in percents:
                continue
            percents.add(told)
        shown.append(quantity)
    return shown


def _row(evidence: Evidence, outcome: OutcomeEvidence, quantity: Quantity) -> tuple[Text, ...]:
    name = str(quantity.name)
    if name in ("risk difference", "difference a person"):
        # With the program less without it, where every other count here is of outcomes averted.
        unit = "percentage points" if name == "risk difference" else quantity.unit
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
    name = str(quantity.name)
    kind, colon, of = name.partition(": ")
    if name == "change in the last period":
        last = words.period_words(outcome.effect.path[-1].period)
        return (f"{_NAMES[name]}, {last}",)
    if name.startswith(_RATE):
        return (f"A year, per {name.removeprefix(_RATE)} ({_exposure(evidence)})",)
    if name.startswith(_CONFOUNDER):
        return ("Strength of another cause that could explain it (E-value)",)
    if colon and kind in _LATER:
        return (f"{of}: {_LATER[kind]}",)
    return (_NAMES.get(name, words.capital(name)),)


def _confounder(evidence: Evidence, outcome: OutcomeEvidence) -> list[Block]:
    """The E-value in a sentence."""
    found = next(
        (each for each in outcome.effect.quantities if str(each.name).startswith(_CONFOUNDER)), None
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


_choices_NAMES = {
    "start": "Start",
    "first": "Series from",
    "last": "Series to",
    "periods before": "Before each start",
    "periods after": "From each start on",
    "effect": "Effect",
    "trend": "Trend",
    "season": "Season",
    "phase_in": "Phase-in",
    "washout": "Left out",
    "method": "Method",
    "controls": "Comparison",
    "adopters": "Adopters",
    "gaps": "Gaps",
    "leave_out": "Without",
}
_WORDS: dict[str, dict[str, str]] = {
    "trend": {"linear": "straight line", "quadratic": "curved", "none": "none"},
    "effect": {"level": "one step", "level+slope": "step and slope"},
    "controls": {"True": "with", "False": "without"},
}


def varied(rows: Sequence[Mapping[str, Any]], frequency: str) -> list[Choice]:
    """The choices in which the specifications differ, in a fixed order.

    Parameters
    ----------
    rows : of the specification curve. frequency : "month", "quarter" or "year".
    """
    made = []
    for column, name in _choices_NAMES.items():
        values = [row.get(column) for row in rows]
        kinds = [_kind(column, value, frequency) for value in values]
        if len(set(kinds)) > 1:
            ranked = sorted(zip(values, kinds, strict=True), key=lambda pair: _rank(column, *pair))
            made.append(Choice(name, tuple(kinds), tuple(dict.fromkeys(k for _, k in ranked))))
    return made


def name_of(column: str) -> str:
    """What a choice is called."""
    return _choices_NAMES.get(column, column.replace("_", " "))


def kind_of(column: str, value: Any, frequency: str) -> str:
    """What was chosen, in words."""
    return _kind(column, value, frequency)


def _rank(column: str, value: Any, kind: str) -> tuple[float, float, str]:
    """Numbers by size, known words in the order of the table, the rest by the alphabet."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (0.0, float(value), kind)
    known = list(_WORDS.get(column, {}))
    return (1.0, float(known.index(str(value))) if str(value) in known else len(known), kind)


def _kind(column: str, value: Any, frequency: str) -> str:
    text = str(value)
    if column in ("phase_in", "washout"):
        return "none" if not value else f"{value} {frequency}{'' if value == 1 else 's'}"
    if column in ("periods before", "periods after") and value != "all":
        return f"{value} {frequency}{'' if value == 1 else 's'}"
    if column == "season":
        return _season(text, frequency)
    if column == "start" and isinstance(value, int) and not isinstance(value, bool):
        return "as planned" if value == 0 else f"{value:+d} {frequency}s".replace("-", "−")
    return _WORDS.get(column, {}).get(text, text)


def _season(text: str, frequency: str) -> str:
    """How the season is drawn: "none", "each month", "2 waves"."""
    if text.startswith("fourier"):
        waves = text.removeprefix("fourier").strip(" -()")
        return f"{waves} wave{'' if waves == '1' else 's'}" if waves else "waves"
    return f"each {frequency}" if text == "periods" else text


_SHOWN = ("treated", "contaminated", "left out")
_KNOWN = {"month": "to the month", "year": "to the year", "uncertain": "with doubt", "": ""}

Row = Mapping[str, Any]


def who_is_in(evidence: Evidence) -> list[Block]:
    """A table of those treated and left out, and a line of the controls; once where all outcomes
    have the same, nothing where that was not asked."""
    found = [
        (outcome, check)
        for outcome in evidence.outcomes
        for check in outcome.checks
        if check.name == WHO_IS_IN and check.table
    ]
    if all(check.table == found[0][1].table for _, check in found):
        found = found[:1]
    return [
        block
        for outcome, check in found
        for block in _of_outcome(outcome, check.table, one=len(found) == 1)
    ]


def _of_outcome(outcome: OutcomeEvidence, rows: Sequence[Row], *, one: bool) -> list[Block]:
    asked = "who is in, who is out, and why"
    unnamed = [row for row in rows if row["what"] == "not named"]
    shown = [row for what in _SHOWN for row in rows if row["what"] == what]
    controls = [row for row in rows if row["what"] == "control"]
    return [
        Table(
            key=f"who-{anchor(outcome.column)}",
            caption=words.capital(asked if one else f"{outcome.label}: {asked}"),
            headers=(
                Header("Unit"),
                Header("What it is"),
                Header("Since"),
                Header("Start known"),
                Header("Why"),
                Header("Periods used", numeric=True),
                Header("Not reported", numeric=True),
            ),
            rows=tuple(_cells(row) for row in shown),
        ),
        Paragraph((_line(controls) + _unnamed(unnamed),)),
    ]


def _cells(row: Row) -> tuple[Text, ...]:
    since = str(row["since"])
    texts = (
        str(row["unit"]),
        words.capital(str(row["what"])),
        words.period_words(since) if since else "",
        _KNOWN.get(str(row["certainty"]), str(row["certainty"])),
        str(row["why"]),
        words.number(int(row["used"])),
        words.number(int(row["missing"])),
    )
    return tuple((text,) for text in texts)


def _unnamed(rows: Sequence[Row]) -> str:
    """The units that the plan could have named as controls and did not."""
    names = "; ".join(str(row["unit"]) for row in rows)
    return f" Not among the controls that the plan names: {names}." if rows else ""


def _line(controls: Sequence[Row]) -> str:
    """The controls in one sentence, with those that lack periods."""
    if not controls:
        return "No other unit is a control."
    names = "; ".join(
        f"{row['unit']} ({words.number(int(row['missing']))} not reported)"
        if row["missing"]
        else str(row["unit"])
        for row in controls
    )
    return f"Controls ({words.number(len(controls))}): {names}."
