"""What the plan compares with what, in words: controls, sister sites, later phases, dose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.report import blocks as page
from evaluation.report import study_words, words
from evaluation.report.sections import equity
from evaluation.say import ENGLISH, Language, say
from evaluation.study.evidence import Evidence

# Units that a sentence lists by name.
NAMED = 12
# The name of the check whose rows are shown: one a unit of the data.
WHO_IS_IN = "who-is-in"


def limits(evidence: Evidence) -> list[page.Block]:
    """What the answer rests on and does not say."""
    other = study_words.speaks_for(evidence)
    items: list[page.Text] = [
        (say("comparison.answer-rests-on-this-no", assumption=assumption(evidence)),),
        *(_of_people_or_answers(evidence) if other else _comparison(evidence)),
        (study_words.places(evidence) if other else _places(evidence),),
        (equity.not_here(evidence),),
    ]
    if _recorded_anew(evidence):
        items.append(
            page.inline(
                "comparison.way-outcome-was-recorded-changed",
                link=page.Link(say("comparison.data"), "#data"),
            )
        )
    return [page.heading("comparison.title", "limits"), page.bullets(items)]


def _recorded_anew(evidence: Evidence) -> bool:
    """Whether the recording of an outcome of the study is known to have changed, at any time."""
    outcomes = {None, *(outcome.column for outcome in evidence.outcomes)}
    return any(change.column in outcomes for change in evidence.data.recording_changes)


def left_out(evidence: Evidence, language: Language = ENGLISH) -> str:
    """The periods from the start on that no answer rests on, or ""."""
    for outcome in evidence.outcomes:
        if outcome.estimated:
            path = outcome.effect.path
            left = [
                words.period_words(one.period, language.code)
                for one in path
                if one.phase == "left out"
            ]
            return (
                ""
                if not left
                else left[0]
                if len(left) == 1
                else language.say("comparison.to", left=left[0], left2=left[-1])
            )
    return ""


def is_did(evidence: Evidence) -> bool:
    """Whether treated units are compared with untreated ones, unit by unit."""
    return evidence.about.of_units


def many(evidence: Evidence) -> bool:
    """Whether more than one unit is treated."""
    return not evidence.plan.content.get("unit") or bool(sites(evidence))


def assumption(evidence: Evidence, language: Language = ENGLISH) -> str:
    """What the design takes for granted and no method can check, to stand inside a sentence."""
    if study_words.speaks_for(evidence):
        return study_words.assumption(evidence, language)
    if not evidence.about.in_words:
        return words.sentence(evidence.outcomes[0].headline.assumes)
    design = str(evidence.plan.content.get("design", "its"))
    if is_did(evidence):
        design = "did"
    elif sites(evidence):
        design = "sites"
    elif controls(evidence):
        design = "controlled"
    return language.say(
        f"words.assumed-{design}",
        intervention=evidence.intervention,
        place=treated(evidence, language),
        controls=controls(evidence, language),
    )


def treated(evidence: Evidence, language: Language = ENGLISH) -> str:
    """Who is treated, as it stands in a sentence."""
    if is_did(evidence) and many(evidence):
        named = bool(sites(evidence))
        return evidence.data.unit if named else language.say("comparison.treated-units")
    return evidence.data.unit


def controls(evidence: Evidence, language: Language = ENGLISH) -> str:
    """What the treated place is compared with, as it stands in a sentence; "" for nothing."""
    planned = _table(evidence, "controls")
    units = [str(unit) for unit in planned.get("units") or ()]
    if units:
        return language.listed(units)
    return _label(evidence, str(planned["outcome"])) if planned.get("outcome") else ""


def sites(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """Unit and start of every further treated place."""
    return tuple((str(site["unit"]), str(site["start"])) for site in _tables(evidence, "sites"))


def later(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """Start and name of what became of the program later."""
    return tuple((str(step["start"]), str(step["name"])) for step in _tables(evidence, "later"))


def approach(evidence: Evidence) -> str:
    """How the effect is estimated, for a reader without statistics."""
    if study_words.speaks_for(evidence):
        return study_words.approach(evidence)
    start = words.period_words(evidence.start)
    left = left_out(evidence)
    if is_did(evidence):
        return say(
            "comparison.what-changed-from-start-on",
            treated=treated(evidence),
            untreated=_untreated(evidence),
        )
    if sites(evidence):
        begun = ENGLISH.listed(
            [f"{unit} ({words.period_words(when)})" for unit, when in sites(evidence)]
        )
        return say(
            "comparison.model-of-several-places-together",
            unit=evidence.data.unit,
            start=start,
            begun=begun,
        )
    said = say("comparison.model-of-whole-series-with", start=start)
    without = say("comparison.it-leaves-out", left=left) if left else ""
    compared = controls(evidence)
    if compared:
        said = say(
            "comparison.model-of-beside-estimates-how",
            unit=evidence.data.unit,
            compared=compared,
            start=start,
        )
    dose = _table(evidence, "intervention").get("dose")
    if dose:
        said += say("comparison.program-enters-by-its-amount", label=_label(evidence, str(dose)))
    return f"{said}{without}"


def _comparison(evidence: Evidence) -> list[page.Text]:
    """The limit that comes with what is, or is not, compared."""
    planned = _table(evidence, "controls")
    if is_did(evidence):
        return _untreated_limits(evidence)
    if sites(evidence):
        return [(say("comparison.every-place-compared-got-program"),)]
    if planned.get("units"):
        return [(say("comparison.answer-is-relative-to-if", controls=controls(evidence)),)]
    if planned.get("outcome"):
        return [(say("comparison.comparison-is-with-in-same", controls=controls(evidence)),)]
    return [(say("comparison.no-other-place-is-compared"),)]


def _untreated(evidence: Evidence) -> str:
    """The units compared with, as they stand in a sentence."""
    units = [str(unit) for unit in _table(evidence, "controls").get("units") or ()]
    told = {str(row["unit"]) for row in rows_of(evidence, "control", "contaminated")}
    units = [unit for unit in units if unit in told] if told else units
    if not units or len(units) > NAMED:
        return (
            say("comparison.untreated-units")
            if not units
            else say("comparison.untreated-units-2", n_units=len(units))
        )
    return ENGLISH.listed(units)


def _untreated_limits(evidence: Evidence) -> list[page.Text]:
    """What a comparison of units cannot rule out."""
    items: list[page.Text] = [
        (
            say("comparison.answer-is-relative-to-untreated")
            + (say("comparison.plan-says-who-may-be") if _table(evidence, "spillover") else "."),
        )
    ]
    programs = [
        f"{entry['unit']} ({str(entry['why']).rstrip('.')})"
        for entry in _tables(evidence, "contaminated")
    ]
    planned = {str(entry["unit"]) for entry in _tables(evidence, "contaminated")}
    programs += [
        f"{row['unit']} ({str(row['why']).removeprefix('Its own program: ').rstrip('.')})"
        for row in rows_of(evidence, "contaminated")
        if row["unit"] not in planned
    ]
    if programs:
        items.append(
            (say("comparison.not-every-control-went-without", programs=ENGLISH.listed(programs)),)
        )
    return items


def _places(evidence: Evidence) -> str:
    if is_did(evidence) and many(evidence):
        return say("comparison.this-is-one-study-in", unit=evidence.data.unit)
    others = [unit for unit, _ in sites(evidence)]
    if others:
        named = ENGLISH.listed([evidence.data.unit, *others])
        return say(
            "comparison.this-is-one-study-of-places-it-does", n_others=len(others) + 1, named=named
        )
    return say("comparison.this-is-one-study-of", unit=evidence.data.unit)


def _table(evidence: Evidence, key: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = evidence.plan.content.get(key) or {}
    return found


def _tables(evidence: Evidence, key: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(evidence.plan.content.get(key) or ())


def _label(evidence: Evidence, column: str) -> str:
    found = next((entry for entry in evidence.data.columns if entry.name == column), None)
    return column.replace("_", " ") if found is None else found.label


def rows_of(evidence: Evidence, *whats: str) -> tuple[Mapping[str, Any], ...]:
    """The units of the first outcome that are any of these, where the results tell them."""
    tables = (
        check.table
        for outcome in evidence.outcomes
        for check in outcome.checks
        if check.name == WHO_IS_IN
    )
    return tuple(row for row in next(tables, ()) if row["what"] in whats)


def _of_people_or_answers(evidence: Evidence) -> list[page.Text]:
    """What the answer does not say."""
    if study_words.of_people(evidence):
        police: list[page.Text] = [(say("study-words.arrest-is-what-police-record"),)]
        return [
            *(police if equity.enforcement(evidence) else []),
            (say("study-words.counts-below-10-people-are"),),
        ]
    if not equity.about(evidence, "trust"):
        return [(say("study-words.what-people-say-in-interview"),)]
    return [(say("study-words.trust-in-interview-is-not"),)]
