"""One draw of an invented world, what the first page of each study of it would say, and whether
that is so."""

from __future__ import annotations

import inspect
import re
import tempfile
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.true_effects import TrueEffect, true_effect
from evaluation.effect import Effect, Interval
from evaluation.errors import FitError
from evaluation.numeric.shared.draws import stream
from evaluation.report import words
from evaluation.say import LANGUAGES, Language
from evaluation.study.evidence import Grade, OutcomeEvidence
from evaluation.study.grade.grade import LADDER
from evaluation.study.plan.read import read_plan
from evaluation.study.plan.schema import Plan
from evaluation.study.run import headlines
from evaluation.synthetic import DATASETS

ROOT = Path(__file__).parents[1]
# Fixed before anything was drawn; the seed of a draw is the first word of its own stream.
SEED = 20261129
# Worlds that no study of `analyses/` has, and the study whose plan is asked of them.
OTHER_WORLDS = {"place_month": "places-synthetic", "place_month_null": "places-synthetic"}
# Lives drawn again for the truth of a draw of people: 8,000 of them are known to half a point of
# risk, and their differences, with one set of uniforms, to less.
REPEATS = 20
# The line of a plan that names its table; the same where the world is its own.
DATA = re.compile(r'^data = ".*"$', re.MULTILINE)
# A direction told with its number: "12% fewer", "34 to 84 % below", "3% por debajo", "0.03 points
# (1%) above".
POINTS = r"(?:\s(?:percentage\s)?points|\spuntos(?:\sporcentuales)?)?(?:\s\([\d.,]+\s?%\))?"
NUMBER = rf"\d[\d.,]*\s?%?{POINTS}"
WITH_NUMBER = re.compile(rf"{NUMBER}(?:\s\w{{1,3}}\s{NUMBER})?\s(?:\w{{1,3}}\s)?[^\W\d]+")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said about one outcome in one draw.

    Parameters
    ----------
    true : -1, 0 or 1, the direction that was built in. answered : False where there is no answer,
        or none that is valid. claimed : -1, 0 or 1, the direction that the sentence tells; 0 for
        none. held : the range holds the built-in effect. odd : the printed sentence tells of a
        direction when there is none to tell, or hides the one that there is.
    """

    world: str
    study: str
    outcome: str
    true: int
    answered: bool
    claimed: int
    held: bool
    odd: bool

    @property
    def wrong(self) -> bool:
        """A direction is told that is not that of the truth."""
        return self.claimed not in (0, self.true)


def studies() -> dict[str, tuple[str, ...]]:
    """The studies asked of each invented world, by its name in `DATASETS`.

    They are those of `analyses/` that name its table, and those of `OTHER_WORLDS`.
    """
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "analyses").glob("*/plan.toml")):
        # Unchecked: the data of other studies may not be here.
        named = tomllib.loads(path.read_text(encoding="utf-8")).get("data", "")
        dataset = named.removeprefix("data/synthetic/").removesuffix(".csv")
        if dataset in DATASETS:
            found.setdefault(dataset, []).append(path.parent.name)
    for dataset, slug in OTHER_WORLDS.items():
        found.setdefault(dataset, []).append(slug)
    return {dataset: tuple(slugs) for dataset, slugs in found.items()}


def drawn(world: str, number: int) -> dict[str, str]:
    """The files of one draw of a world, by path."""
    seed = int(stream(SEED, f"sentences/{world}/{number}").random_raw()) >> 33
    maker = DATASETS[world]
    fewer = {"repeats": REPEATS} if "repeats" in inspect.signature(maker).parameters else {}
    return maker(seed=seed, **fewer)  # type: ignore[call-arg]


def said_of(task: tuple[str, int]) -> list[Said]:
    """What every study of a world says about each of its outcomes in one draw.

    Parameters
    ----------
    task : name of the world, and number of the draw.
    """
    world, number = task
    files = drawn(world, number)
    found = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in files.items():
            _write(root / path, text)
        for slug in studies()[world]:
            for path in (ROOT / "analyses" / slug).glob("*.toml"):
                text = DATA.sub(f'data = "data/synthetic/{world}.csv"', path.read_text("utf-8"))
                _write(root / "analyses" / slug / path.name, text)
            found += _said(world, slug, root, files)
    return found


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _said(world: str, slug: str, root: Path, files: Mapping[str, str]) -> list[Said]:
    plan = read_plan(slug, root).plan
    try:
        outcomes = {one.column: one for one in headlines(slug, root)}
    except FitError:
        outcomes = {}
    return [
        judged((world, slug, column), plan, true_effect(plan, files, column), outcomes.get(column))
        for column in (planned.column for planned in plan.outcomes)
    ]


def judged(
    place: tuple[str, str, str], plan: Plan, true: TrueEffect, outcome: OutcomeEvidence | None
) -> Said:
    """What is said of one outcome, beside the truth.

    Parameters
    ----------
    place : world, study and column. outcome : None where the study could not be made.
    """
    if outcome is None or not outcome.estimated or outcome.refused:
        return Said(*place, true.sign, False, 0, False, False)
    effect = outcome.effect
    claimed = {"fall": -1, "rise": 1, "unclear": 0}[words.direction(effect)]
    odd = any(
        tells(replace(outcome, grade=Grade(level, level, ())), plan, language) != (claimed != 0)
        for level in LADDER
        for language in LANGUAGES
    )
    return Said(*place, true.sign, True, claimed, true.within(effect), odd)


def tells(outcome: OutcomeEvidence, plan: Plan, language: Language) -> bool:
    """Whether the printed sentence tells of a direction, whatever its words are.

    It does when the same answer with all signs turned is told in other words. Where the range holds
    no change, the words that stand with a number ("12% fewer to 4% more") are only the number.
    """
    percent = outcome.effect.percent
    turned = replace(outcome, headline=replace(outcome.headline, effect=mirrored(outcome.effect)))
    texts = [
        words.answer(one, plan.intervention.name, margin=plan.margin, language=language)
        for one in (outcome, turned)
    ]
    if percent.low <= 0 <= percent.high:
        texts = [WITH_NUMBER.sub("", text) for text in texts]
    one, other = (Counter(re.findall(r"[^\W\d]+", text)) for text in texts)
    return one != other


def mirrored(effect: Effect) -> Effect:
    """The same answer with every sign turned."""
    return replace(
        effect,
        estimate=-effect.estimate,
        low=-effect.high,
        high=-effect.low,
        percent=_turned(effect.percent),
        averted=_turned(effect.averted),
    )


def _turned(interval: Interval) -> Interval:
    return Interval(-interval.estimate, -interval.high, -interval.low)
