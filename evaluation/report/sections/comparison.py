"""What the plan compares with what, in words: controls, sister sites, later phases, dose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.report import conflicts, people_and_survey_words, words
from evaluation.report.blocks import Block, BulletList, Heading, Link, Text
from evaluation.report.messages.language import ENGLISH
from evaluation.study.evidence import Evidence

# Units that a sentence lists by name.
NAMED = 12
# The name of the check whose rows are shown: one a unit of the data.
WHO_IS_IN = "who-is-in"


def limits(evidence: Evidence) -> list[Block]:
    """What the answer rests on and does not say."""
    other = people_and_survey_words.speaks_for(evidence)
    items: list[Text] = [
        (f"The answer rests on this: {assumption(evidence)} No test can confirm it.",),
        *(people_and_survey_words.limits(evidence) if other else _comparison(evidence)),
        (people_and_survey_words.places(evidence) if other else _places(evidence),),
        (conflicts.not_here(evidence),),
    ]
    if _recorded_anew(evidence):
        items.append(
            (
                "The way the outcome was recorded changed; see ",
                Link("the data", "#data"),
                ". A change near the start can look like an effect.",
            )
        )
    return [Heading(2, "Limits", "limits"), BulletList(tuple(items))]


def _recorded_anew(evidence: Evidence) -> bool:
    """Whether the recording of an outcome of the study is known to have changed, at any time."""
    outcomes = {None, *(outcome.column for outcome in evidence.outcomes)}
    return any(change.column in outcomes for change in evidence.data.recording_changes)


def left_out(evidence: Evidence) -> str:
    """The periods from the start on that no answer rests on, or ""."""
    for outcome in evidence.outcomes:
        if outcome.estimated:
            path = outcome.effect.path
            left = [words.period_words(one.period) for one in path if one.phase == "left out"]
            return "" if not left else left[0] if len(left) == 1 else f"{left[0]} to {left[-1]}"
    return ""


def is_did(evidence: Evidence) -> bool:
    """Whether treated units are compared with untreated ones, unit by unit."""
    return evidence.about.of_units


def many(evidence: Evidence) -> bool:
    """Whether more than one unit is treated."""
    return not evidence.plan.content.get("unit") or bool(sites(evidence))


def assumption(evidence: Evidence) -> str:
    """What the design takes for granted and no method can check, to stand inside a sentence."""
    if people_and_survey_words.speaks_for(evidence):
        return people_and_survey_words.assumption(evidence)
    if not evidence.about.in_words:
        return words.sentence(evidence.outcomes[0].headline.assumes)
    design = str(evidence.plan.content.get("design", "its"))
    if is_did(evidence):
        design = "did"
    elif sites(evidence):
        design = "sites"
    elif controls(evidence):
        design = "controlled"
    return words.DESIGN_ASSUMPTIONS[design].format(
        intervention=evidence.intervention,
        place=treated(evidence),
        controls=controls(evidence),
    )


def treated(evidence: Evidence) -> str:
    """Who is treated, as it stands in a sentence."""
    if is_did(evidence) and many(evidence):
        return "the treated units" if not sites(evidence) else evidence.data.unit
    return evidence.data.unit


def controls(evidence: Evidence) -> str:
    """What the treated place is compared with, as it stands in a sentence; "" for nothing."""
    planned = _table(evidence, "controls")
    units = [str(unit) for unit in planned.get("units") or ()]
    if units:
        return ENGLISH.listed(units)
    return _label(evidence, str(planned["outcome"])) if planned.get("outcome") else ""


def sites(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """Unit and start of every further treated place."""
    return tuple((str(site["unit"]), str(site["start"])) for site in _tables(evidence, "sites"))


def later(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """Start and name of what became of the program later."""
    return tuple((str(step["start"]), str(step["name"])) for step in _tables(evidence, "later"))


def approach(evidence: Evidence) -> str:
    """How the effect is estimated, for a reader without statistics."""
    if people_and_survey_words.speaks_for(evidence):
        return people_and_survey_words.approach(evidence)
    start = words.period_words(evidence.start)
    left = left_out(evidence)
    if is_did(evidence):
        return (
            f"What {treated(evidence)} changed from the start on is compared with what "
            f"{_untreated(evidence)} changed over the same time. The difference is the effect."
        )
    if sites(evidence):
        begun = ENGLISH.listed(
            [f"{unit} ({words.period_words(when)})" for unit, when in sites(evidence)]
        )
        return (
            f"A model of several places together, {evidence.data.unit} from {start} and {begun}, "
            "estimates how far each place lies, from its own start on, from where its earlier "
            "periods would have led. The effect is the one distance that all share."
        )
    said = (
        "A model of the whole series, with the terms the plan names, estimates how far the "
        f"periods from {start} on lie from where the earlier ones would have led. That distance "
        "is the effect."
    )
    without = f" It leaves out {left}." if left else ""
    compared = controls(evidence)
    if compared:
        said = (
            f"A model of {evidence.data.unit} beside {compared} estimates how far the periods from "
            f"{start} on lie from where the earlier ones would have led. What {evidence.data.unit} "
            f"changed beyond {compared} is the effect."
        )
    dose = _table(evidence, "intervention").get("dose")
    if dose:
        said += (
            f" The program enters by its amount in each period ({_label(evidence, str(dose))}), "
            "not as present or absent."
        )
    return f"{said}{without}"


def _comparison(evidence: Evidence) -> list[Text]:
    """The limit that comes with what is, or is not, compared."""
    planned = _table(evidence, "controls")
    if is_did(evidence):
        return _untreated_limits(evidence)
    if sites(evidence):
        return [
            (
                "Every place compared got the program, each at its own time. Something that came "
                "with it to all of them would look like an effect here.",
            )
        ]
    if planned.get("units"):
        return [
            (
                f"The answer is relative to {controls(evidence)}. If the program, or violence that "
                "it displaced, reached there too, the answer is off.",
            )
        ]
    if planned.get("outcome"):
        return [
            (
                f"The comparison is with {controls(evidence)} in the same place. If the program "
                "moved that too, the answer is off; no other place is compared.",
            )
        ]
    return [
        (
            "No other place is compared. A change that reached every city at the same time "
            "would look like an effect here.",
        )
    ]


def _untreated(evidence: Evidence) -> str:
    """The units compared with, as they stand in a sentence."""
    units = [str(unit) for unit in _table(evidence, "controls").get("units") or ()]
    told = {str(row["unit"]) for row in rows_of(evidence, "control", "contaminated")}
    units = [unit for unit in units if unit in told] if told else units
    if not units or len(units) > NAMED:
        return "the untreated units" if not units else f"{len(units)} untreated units"
    return ENGLISH.listed(units)


def _untreated_limits(evidence: Evidence) -> list[Text]:
    """What a comparison of units cannot rule out."""
    items: list[Text] = [
        (
            "The answer is relative to the untreated units. If the program, or violence that it "
            "displaced, reached them too, the answer is off"
            + (
                "; the plan says who may be exposed, and what happened to them is shown."
                if _table(evidence, "spillover")
                else "."
            ),
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
            (
                "Not every control went without a program of its own: "
                f"{ENGLISH.listed(programs)}. The checks show the answer without them.",
            )
        )
    return items


def _places(evidence: Evidence) -> str:
    if is_did(evidence) and many(evidence):
        return (
            f"This is one study, in which {evidence.data.unit} are treated. It does not say what "
            "would happen elsewhere."
        )
    others = [unit for unit, _ in sites(evidence)]
    if others:
        named = ENGLISH.listed([evidence.data.unit, *others])
        return (
            f"This is one study of {len(others) + 1} places, {named}. It does not say what would "
            "happen elsewhere."
        )
    return (
        f"This is one study of one place, {evidence.data.unit}. It does not say what would "
        "happen elsewhere."
    )


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
