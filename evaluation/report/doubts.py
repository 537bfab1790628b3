"""The doubts that a grade names, in a few words each, for the sentence of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.fact import Fact
from evaluation.say import ENGLISH, Language

# More would hide what the sentence says; all of them stand under "How sure are we, and why".
MOST = 3
# How the reason of a step, or of a start, begins, and its name: "doubt.<name>" says it in a few
# words, "lift.<name>" what data would lift it. A test goes through every rule and every start.
DOUBTS: tuple[tuple[str, str], ...] = (
    ("a single series with no comparison place", "alone"),
    ("a comparison that was not shown to go along", "loose"),
    ("people who took part beside people who did not", "chosen"),
    ("a survey of residents starts", "no-elsewhere"),
    ("treated units beside untreated ones", "units-not-drawn"),
    ("a series with a comparison that was not seen", "series-not-drawn"),
    ("a change looked for at three or more places", "places-not-drawn"),
    ("a survey before and after the start", "waves-not-drawn"),
    ("people called in one after another", "order"),
    ("the outcome was recorded in two ways within the window", "two-ways"),
    ("the method finds changes at dates when nothing started", "no-start"),
    ("the model leaves autocorrelation over", "swings"),
    ("treated and untreated went different ways", "other-way"),
    ("the treated unit was not one of a kind", "other-kind"),
    ("the method finds effects in units where nothing started", "no-program"),
    ("treated and untreated people differ", "unlike"),
    ("who counts as treated was decided after entry", "afterward"),
    ("the items of the scale do not measure one thing", "scale"),
    ("there are too few sampling units", "few-sampled"),
    ("refusals to answer changed differently", "refusals"),
    ("other kinds of people answered", "other-people"),
    ("different people left the panel", "left-panel"),
    ("the answer depends on choices", "choices"),
    ("the start follows an unusual stretch", "stretch"),
    ("people entered after a spike", "spike"),
    ("those who took up services differ", "uptake"),
    ("treated and untreated people were not followed equally long", "left-early"),
    ("outcomes that the program should not move changed too", "unaffected"),
    ("those beside the treated changed too", "neighbors"),
    ("the plan was not frozen", "not-frozen"),
    ("the plan was changed after it was frozen", "changed"),
    ("the plan was frozen when the outcomes were already known", "planned-after"),
    ("only its author's word dates the plan before the outcomes were known", "typed"),
    ("the outcome's recording changed near the start", "recording"),
    ("a related outcome breaks near the start", "related"),
    ("the range holds both no change and a change that would matter", "wide"),
    ("over the outcomes that the plan looks at together", "family"),
    ("a planned alternative points the other way", "contradiction"),
    ("only ", "short"),
    ("it could not be estimated", "no-estimate"),
)
EVALUATOR = "evaluator"
_DOWN, _BY_EVALUATOR = "one down: ", "by the evaluator, to "


def doubts(reasons: Sequence[Fact | str], language: Language = ENGLISH) -> list[str]:
    """The doubts behind a grade in few words, the first ones, each once."""
    keys = (key for key in map(doubt, reasons) if language.has(f"doubt.{key}"))
    found = list(dict.fromkeys(language.say(f"doubt.{key}") for key in keys))
    return [*found[:MOST], language.say("doubt.more")] if len(found) > MOST else found


def step_of(reason: Fact | str) -> Fact | str:
    """Why a step was made, without how far."""
    if isinstance(reason, Fact):
        inner = reason.numbers.get("reason")
        return inner if isinstance(inner, Fact) else reason
    return reason.removeprefix(_DOWN)


def doubt(reason: Fact | str) -> str:
    """The name of the doubt that a reason is; "" for a step up.

    A reason that is a fact has it at the end of its key, or of that of the reason inside it.
    """
    if isinstance(reason, Fact):
        name, inner = reason.key.rpartition(".")[2], reason.numbers.get("reason")
        return doubt(inner) if name != EVALUATOR and isinstance(inner, Fact) else name
    if _BY_EVALUATOR in reason:
        return EVALUATOR
    bare = reason.removeprefix(_DOWN)
    return next((key for opening, key in DOUBTS if bare.startswith(opening)), "")
