"""The doubts that a grade names, in a few words each, for the sentence of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.fact import Fact
from evaluation.say import ENGLISH, Language

# More would hide what the sentence says; all of them stand under "How sure are we, and why".
MOST = 3
# How the reason of a step, or of a start, begins in results of the former form, and its name:
# "doubt.<name>" says it in a few words, "lift.<name>" what data would lift it. A test goes through
# every rule and every start.
DOUBTS: tuple[tuple[str, str], ...] = tuple(
    (opening, name) for name, opening in ENGLISH.table("doubt-opens").items()
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
