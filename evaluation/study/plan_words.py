"""A plan in plain words, for a reader who pays for the program and does not read TOML."""

from __future__ import annotations

import datetime

from evaluation.data import period
from evaluation.its import METHODS
from evaluation.its.series import Specification
from evaluation.study.plan_values import frequency_of, is_day
from evaluation.study.planned import Plan, PlannedAlternative, PlannedOutcome

GOALS = {
    1: "fewer gang- and group-related shootings and homicides",
    2: "less recidivism and incarceration of participants",
    3: "stronger relations between police and community",
}
_QUARTERS = ("first", "second", "third", "fourth")
_EFFECT = {
    "level": "one lasting change of level",
    "level+slope": "a change of level and a change of slope",
}
_TREND = {
    "linear": "a straight-line trend",
    "quadratic": "a curved (quadratic) trend",
    "none": "no trend",
}


def plan_words(plan: Plan) -> tuple[str, ...]:
    """The plan as sentences, one fact each, in the order a reader asks for them.

    Examples
    --------
    >>> from evaluation.study.planned import Plan
    >>> plan = Plan.model_validate(
    ...     {
    ...         "question": "Did it help?",
    ...         "goal": 1,
    ...         "data": "data/city.csv",
    ...         "unit": "City",
    ...         "design": "its",
    ...         "outcomes": [{"column": "gun_homicides", "better": "lower"}],
    ...         "intervention": {"name": "Ceasefire", "start": "2012-10", "phase_in": 3},
    ...     }
    ... )
    >>> print(plan_words(plan)[5])
    Intervention: Ceasefire, from October 2012, with an effect that builds up in equal steps and \
is whole from January 2013.
    """
    sentences = [
        f"Question: {plan.question}",
        f"Goal {plan.goal}: {GOALS[plan.goal]}.",
        f"Data: the file {plan.data}.",
        f"Studied unit: {plan.unit}.",
        *(_outcome(outcome) for outcome in plan.outcomes),
        *_intervention(plan),
        _window(plan),
        _model(plan),
        *(_alternative(alternative, plan) for alternative in plan.alternatives),
    ]
    if not plan.alternatives:
        sentences.append("No alternative of its own is planned beside the standard ones.")
    if plan.margin is not None:
        sentences.append(f"A change smaller than {plan.margin:g}% counts as no useful effect.")
    sentences += [
        f"Also happening, {_when(event.date)}: {_closed(event.what)}" for event in plan.events
    ]
    if not plan.events:
        sentences.append("The plan lists no other event that could explain a change.")
    if plan.conflicts is not None:
        sentences.append(f"Conflicts of interest: {_closed(plan.conflicts)}")
    if plan.notes is not None:
        sentences.append(f"Note: {_closed(plan.notes)}")
    sentences.append(
        "The plan is not frozen: it can still change without a trace."
        if plan.frozen is None
        else f"Its author froze the plan on {_day(plan.frozen)}; later changes are listed."
    )
    return tuple(sentences)


def _outcome(outcome: PlannedOutcome) -> str:
    which = "Main outcome" if outcome.primary else "Further outcome"
    if outcome.worthwhile is None:
        worth = "the plan names no smallest effect worth having"
    else:
        change = "fall" if outcome.better == "lower" else "rise"
        worth = f"the smallest effect worth having is a {change} of {outcome.worthwhile:g}%"
    return f"{which}: {_plain(outcome.column)}; {outcome.better} is better; {worth}."


def _intervention(plan: Plan) -> list[str]:
    intervention = plan.intervention
    effect = _settling(plan, intervention.washout, intervention.phase_in)
    start = _when(intervention.start)
    sentences = [f"Intervention: {intervention.name}, from {start}, with {effect}."]
    if intervention.half_life is not None:
        periods = f"{intervention.half_life:g} {frequency_of(intervention.start)}s"
        sentences.append(f"Half of the effect is expected to be gone {periods} after it is whole.")
    if intervention.end is not None:
        sentences.append(f"The last period with an effect is {_when(intervention.end)}.")
    if intervention.fade is not None:
        sentences.append(f"How the effect is expected to fade: {_closed(intervention.fade)}")
    return sentences


def _settling(plan: Plan, washout: int, phase_in: int) -> str:
    """How the effect sets in, to follow "with"."""
    start = plan.intervention.start
    frequency = frequency_of(start)
    whole = period.text(period.ordinal(start, frequency) + washout + phase_in, frequency)
    effect = "the whole effect at once"
    if phase_in:
        effect = f"an effect that builds up in equal steps and is whole from {_when(whole)}"
    if washout:
        periods = frequency if washout == 1 else f"{washout} {frequency}s"
        return f"the first {periods} left out and {effect}"
    return effect


def _window(plan: Plan) -> str:
    first, last = plan.window.first, plan.window.last
    if first and last:
        return f"Analyzed: {_when(first)} to {_when(last)}."
    if first:
        return f"Analyzed: {_when(first)} to the end of the data."
    if last:
        return f"Analyzed: the beginning of the data to {_when(last)}."
    return "Analyzed: all periods in the data."


def _model(plan: Plan) -> str:
    if plan.model is None:
        method = "the default method for its kind of outcome"
    else:
        method = f"the method {plan.model} ({METHODS[plan.model].label})"
    *terms, last = _terms(plan.specification(), plan).values()
    return (
        f"Model: an interrupted time series (the {frequency_of(plan.intervention.start)}s before "
        f"the start say what to expect after it), by {method}, with {', '.join(terms)}, and {last}."
    )


def _alternative(alternative: PlannedAlternative, plan: Plan) -> str:
    headline = _terms(plan.specification(), plan)
    terms = _terms(plan.alternative_specification(alternative), plan)
    changes = [words for name, words in terms.items() if words != headline[name]]
    washout, phase_in = alternative.washout, alternative.phase_in
    if (washout, phase_in) != (None, None):
        planned = plan.intervention
        changes.append(
            _settling(
                plan,
                planned.washout if washout is None else washout,
                planned.phase_in if phase_in is None else phase_in,
            )
        )
    if alternative.model is not None and alternative.model != plan.model:
        changes.insert(0, f"the method {alternative.model} ({METHODS[alternative.model].label})")
    but = f", but with {', '.join(changes)}" if changes else " again"
    words = f"Planned alternative, {alternative.label}: as the model{but}"
    if alternative.assumes is not None:
        return f"{words}; it assumes {_closed(alternative.assumes)}"
    return f"{words}."


def _terms(specification: Specification, plan: Plan) -> dict[str, str]:
    """Each term of a model in words, by what it is about."""
    frequency = frequency_of(plan.intervention.start)
    waves = "1 wave" if specification.harmonics == 1 else f"{specification.harmonics} waves"
    season = {
        "fourier": f"a yearly season of {waves}",
        "periods": f"a level of its own for each {frequency} of the year",
        "none": "no season",
    }
    covariates = ", ".join(_plain(name) for name in specification.covariates)
    return {
        "effect": _EFFECT[specification.effect],
        "trend": _TREND[specification.trend],
        "season": season[specification.season],
        "offset": (
            "allowance for the size of the population where the data give it"
            if specification.offset
            else "no allowance for the size of the population"
        ),
        "covariates": f"adjustment for {covariates}" if covariates else "no other adjustment",
    }


def _when(text: str) -> str:
    """A period or day of the plan as an American reader writes it."""
    if is_day(text):
        return _day(datetime.date.fromisoformat(text))
    frequency = frequency_of(text)
    if frequency == "month":
        return f"{_month(int(text[5:]))} {text[:4]}"
    if frequency == "quarter":
        return f"the {_QUARTERS[int(text[-1]) - 1]} quarter of {text[:4]}"
    return text


def _day(date: datetime.date) -> str:
    return f"{_month(date.month)} {date.day}, {date.year}"


def _month(number: int) -> str:
    # Not strftime: the language of the machine must not reach a report.
    names = "January February March April May June July August September October November December"
    return names.split()[number - 1]


def _plain(column: str) -> str:
    return column.replace("_", " ")


def _closed(text: str) -> str:
    """The text as the end of a sentence."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
