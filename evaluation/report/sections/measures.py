"""The effect in other measures: percent, slope, count, rate, and the strength of a confounder.

The choices behind a specification, in words.

Who is in a comparison and who is out, by name and with the reason; controls in one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from evaluation.effect import Effect, Quantity
from evaluation.fact import Fact
from evaluation.plots import Choice
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures import figures
from evaluation.report.figures.figures import anchor
from evaluation.report.sections.comparison import WHO_IS_IN
from evaluation.report.sections.folded import folded
from evaluation.report.study_words import (
    A_PERSON,
    CONFOUNDER,
    FITTED,
    LAST,
    OBSERVED,
    PER,
    RATE,
    RISK,
    is_count,
    measure_of,
)
from evaluation.say import ENGLISH, say
from evaluation.study.evidence import Evidence, OutcomeEvidence


def measures(evidence: Evidence) -> list[page.Block]:
    """One table an outcome, with what its rows mean said once above them."""
    shown = [
        outcome
        for outcome in evidence.outcomes
        if outcome.estimated and _shown(outcome.effect, is_count(evidence, outcome))
    ]
    if not shown:
        return []
    blocks: list[page.Block] = [
        page.heading("measures.title", "measures"),
        page.paragraph("measures.same-answer-in-other-units"),
    ]
    counts = [outcome for outcome in shown if is_count(evidence, outcome)]
    if any(measure_of(quantity) == OBSERVED for o in counts for quantity in o.effect.quantities):
        blocks.append(_two_senses(evidence))
    for outcome in shown:
        told = [_table(evidence, outcome), *_confounder(evidence, outcome)]
        blocks += folded(evidence, outcome, "measures", told)
    return blocks


def _two_senses(evidence: Evidence) -> page.Block:
    return page.BulletList(
        (
            (
                page.strong("measures.on-average"),
                say("measures.what-model-expects-without"),
                say("measures.less-what-it-fits-with", intervention=evidence.intervention),
            ),
            (page.strong("measures.as-it-happened"), say("measures.what-model-expects-without-it")),
        )
    )


def _table(evidence: Evidence, outcome: OutcomeEvidence) -> page.Table:
    return page.table(
        f"measures-{figures.anchor(outcome.column)}-table",
        say("measures.effect-in-other-measures", label=outcome.label),
        ("measure", "#best-estimate", "#95-range", "how-range-was-made"),
        (
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
    own = FITTED if effect.averted_of == "fitted" else OBSERVED
    totals: dict[str, Quantity] = {}
    percents: set[tuple[float, float, float]] = set()
    shown: list[Quantity] = []
    for quantity in effect.quantities:
        name = measure_of(quantity)
        if name in (FITTED, OBSERVED):
            if not count:
                continue
            if name == own:
                averted = effect.averted
                ends = (averted.estimate, averted.low, averted.high)
                quantity = Quantity(quantity.name, quantity.unit, *ends, "transformed")
            if name in totals:
                continue
            totals[name] = quantity
        elif quantity.unit == "%" and not _later(quantity):
            told = (quantity.estimate, quantity.low, quantity.high)
            if told in percents:
                continue
            percents.add(told)
        shown.append(quantity)
    return shown


def _row(evidence: Evidence, outcome: OutcomeEvidence, quantity: Quantity) -> tuple[page.Text, ...]:
    name = measure_of(quantity)
    if name in (RISK, A_PERSON):
        # With the program less without it, where every other count here is of outcomes averted.
        points = _signed(quantity.estimate)
        of_risk = name == RISK
        estimate = (
            say("size.percentage-points", points=points) if of_risk else f"{points} {quantity.unit}"
        )
        spread = words.ends(_signed(quantity.low), _signed(quantity.high))
    elif quantity.unit == "%":
        estimate = words.signed_percent(quantity.estimate)
        spread = words.ends(words.signed_percent(quantity.low), words.signed_percent(quantity.high))
    elif quantity.unit == "times":
        estimate = say("measures.times", estimate=quantity.estimate)
        spread = say("measures.to-times", low=quantity.low, high=quantity.high)
    else:
        of: Literal["count", "size"] = "count" if is_count(evidence, outcome) else "size"
        side = "down" if quantity.estimate >= 0 else "up"
        estimate = say(f"measures.{of}-{side}", amount=words.amount(quantity.estimate))
        spread = words.count_range(quantity, of=of)
    how = _said(f"measures.how-{quantity.how}", words.capital(quantity.how))
    return (_name(evidence, outcome, quantity), (estimate,), (spread,), (how,))


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{words.signed_amount(value)}"


def _name(evidence: Evidence, outcome: OutcomeEvidence, quantity: Quantity) -> page.Text:
    name, later = measure_of(quantity), _later(quantity)
    kind = name.rpartition(".")[2]
    if name == LAST:
        last = words.period_words(outcome.effect.covered[-1].period)
        return (f"{say(f'measures.name-{kind}')}, {last}",)
    if name == RATE:
        return (say("measures.year-per", name=f"{PER:,}", exposure=_exposure(evidence)),)
    if name == CONFOUNDER:
        return (say("measures.strength-of-another-cause-that"),)
    if later and ENGLISH.has(f"measures.later-{kind}"):
        # Of a later phase, told from the phase before it.
        return (f"{later}: {say(f'measures.later-{kind}')}",)
    return (_said(f"measures.name-{kind}", words.capital(str(quantity.name))),)


def _later(quantity: Quantity) -> str:
    """The later phase that a measure is of, or ""."""
    name = quantity.name
    return str(name.numbers.get("later") or "") if isinstance(name, Fact) else ""


def _said(key: str, otherwise: str) -> str:
    """The text of a key, where anybody wrote one."""
    return say(key) if ENGLISH.has(key) else otherwise


def _confounder(evidence: Evidence, outcome: OutcomeEvidence) -> list[page.Block]:
    """The E-value in a sentence."""
    found = next(
        (each for each in outcome.effect.quantities if measure_of(each) == CONFOUNDER), None
    )
    if found is None:
        return []
    said = say(
        "measures.e-value-says-how-strong",
        label=outcome.label,
        intervention=evidence.intervention,
        estimate=found.estimate,
    )
    if found.low <= 1:
        said += say("measures.range-holds-no-change-already")
    else:
        said += say("measures.factor-of-would-do-to", low=found.low)
    return [page.Paragraph((said,))]


def _exposure(evidence: Evidence) -> str:
    return next(
        (column.label for column in evidence.data.columns if column.role == "exposure"), "exposure"
    )


# In the order in which they are shown.
_VARIED = (
    "start", "first", "last", "periods before", "periods after", "effect", "trend", "season",
    "phase_in", "washout", "method", "controls", "adopters", "gaps", "leave_out",
)  # fmt: skip
_RANKED = {
    "trend": ("linear", "quadratic", "none"),
    "effect": ("level", "level+slope", "slope"),
    "controls": ("True", "False"),
}


def varied(rows: Sequence[Mapping[str, Any]], frequency: str) -> list[Choice]:
    """The choices in which the specifications differ, in a fixed order.

    Parameters
    ----------
    rows : of the specification curve. frequency : "month", "quarter" or "year".
    """
    made = []
    for column in _VARIED:
        values = [row.get(column) for row in rows]
        kinds = [_kind(column, value, frequency) for value in values]
        if len(set(kinds)) > 1:
            ranked = sorted(zip(values, kinds, strict=True), key=lambda pair: _rank(column, *pair))
            made.append(
                Choice(name_of(column), tuple(kinds), tuple(dict.fromkeys(k for _, k in ranked)))
            )
    return made


def name_of(column: str) -> str:
    """What a choice is called."""
    return _said(f"measures.choice-{column}", column.replace("_", " "))


def kind_of(column: str, value: Any, frequency: str) -> str:
    """What was chosen, in words."""
    return _kind(column, value, frequency)


def _rank(column: str, value: Any, kind: str) -> tuple[float, float, str]:
    """Numbers by size, known words in the order of the table, the rest by the alphabet."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (0.0, float(value), kind)
    known = _RANKED.get(column, ())
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
        return (
            say("measures.as-planned")
            if value == 0
            else f"{value:+d} {frequency}s".replace("-", "−")
        )
    return _said(f"measures.{column}-{text}", text)


def _season(text: str, frequency: str) -> str:
    """How the season is drawn: "none", "each month", "2 waves"."""
    if text.startswith("fourier"):
        waves = text.removeprefix("fourier").strip(" -()")
        return say("measures.wave", waves=int(waves)) if waves else say("measures.waves")
    return say("measures.each", frequency=frequency) if text == "periods" else text


_SHOWN = ("treated", "contaminated", "left out")

Row = Mapping[str, Any]


def who_is_in(evidence: Evidence) -> list[page.Block]:
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


def _of_outcome(outcome: OutcomeEvidence, rows: Sequence[Row], *, one: bool) -> list[page.Block]:
    asked = say("measures.who-is-in-who-is")
    unnamed = [row for row in rows if row["what"] == "not named"]
    shown = [row for what in _SHOWN for row in rows if row["what"] == what]
    controls = [row for row in rows if row["what"] == "control"]
    return [
        page.table(
            f"who-{anchor(outcome.column)}",
            words.capital(asked if one else f"{outcome.label}: {asked}"),
            ("unit", "what-it-is", "since", "start-known", "why", "#periods-used", "#not-reported"),
            (_cells(row) for row in shown),
        ),
        page.Paragraph((_line(controls) + _unnamed(unnamed),)),
    ]


def _cells(row: Row) -> tuple[page.Text, ...]:
    since = str(row["since"])
    texts = (
        str(row["unit"]),
        words.capital(str(row["what"])),
        words.period_words(since) if since else "",
        _said(f"measures.known-{row['certainty']}", str(row["certainty"])),
        str(row["why"]),
        words.number(int(row["used"])),
        words.number(int(row["missing"])),
    )
    return tuple((text,) for text in texts)


def _unnamed(rows: Sequence[Row]) -> str:
    """The units that the plan could have named as controls and did not."""
    names = "; ".join(str(row["unit"]) for row in rows)
    return say("measures.not-among-controls-that-plan", names=names) if rows else ""


def _line(controls: Sequence[Row]) -> str:
    """The controls in one sentence, with those that lack periods."""
    if not controls:
        return say("measures.no-other-unit-is-control")
    names = "; ".join(
        say("measures.not-reported", unit=row["unit"], missing=int(row["missing"]))
        if row["missing"]
        else str(row["unit"])
        for row in controls
    )
    return say("measures.controls", n_controls=len(controls), names=names)
