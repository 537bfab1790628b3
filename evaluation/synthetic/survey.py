"""Two waves of an invented survey of residents in which the effect on every scale is known.

Twelve invented neighborhoods, six with the program; ten block groups of each, twelve residents of
each block group in 2012 and again in 2016. Twelve items from 1 to 5 on procedural justice,
legitimacy, trust and cooperation, two of them worded the other way round. Before the start 42.5 %
call the police legitimate and 32 % say they respect rights, as residents of six cities did (Urban
Institute 2017); the other baselines and the effect are chosen. Nothing here is a record of anyone.

Answers are ordinal cuts of

    loading * (group, age, household, neighborhood, block group, block group by wave, person,
               wave and effect) + noise

Both groups have the same neighborhoods but for the program, so that scores on 1 to 5 would have
changed alike. The truth is exact: the mean change of a score that these cuts imply, weighted over
residents. In the attrition variant the same people are asked twice, and those with little trust
leave, more of them where the program works: the change of those who stayed is not the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from typing import Any

import numpy as np

from evaluation.numeric.shared import draws
from evaluation.synthetic.files import FOLDER, column, csv_text, described, six, written

SEED = 20121019
WAVES = (2012, 2016)

NEIGHBOURHOODS, BLOCKS, ASKED = 12, 10, 12
# Both groups of neighborhoods have these differences in trust, and these numbers of adults.
OFFSETS = (-0.25, -0.15, -0.05, 0.05, 0.15, 0.25)
ADULTS = (9_000, 6_000, 12_000, 8_000, 10_000, 7_000)

RACES = {"Black": (0.42, -0.20), "Latino": (0.33, 0.05), "White": (0.25, 0.25)}
AGES = {"18-34": (0.38, -0.15), "35-54": (0.36, 0.05), "55+": (0.26, 0.20)}
# Households by adults: share of residents who live in one, and their trust.
HOUSEHOLDS = {1: (0.25, -0.05), 2: (0.45, 0.05), 3: (0.20, 0.0), 4: (0.10, -0.05)}
# How likely a person of this age is to answer, which the weights undo.
ANSWERS = {"18-34": 0.5, "35-54": 0.7, "55+": 0.9}

# Variances of what persons, scales of a person and a person's moment add; they sum to one.
PERSON, OWN_SCALE, MOMENT = 0.6, 0.3, 0.1
# Standard deviations of block groups, and of their change between waves.
BLOCK_DEVIATION, BLOCK_CHANGE = 0.20, 0.10
LOADING = 0.8
# Change between the waves in every neighborhood.
CHANGE = 0.10
# An answer is missing, whoever the person is and whatever the item.
MISSING = 0.03


@dataclass(frozen=True, slots=True)
class Item:
    """One item: shares of residents by answer before the start, from the worst view of the police
    to the best; reverse says that 1 is the best."""

    name: str
    scale: str
    shares: tuple[float, float, float, float, float]
    reverse: bool = False


ITEMS = (
    Item("respects_rights", "procedural justice", (0.18, 0.25, 0.25, 0.23, 0.09)),
    Item("treats_with_dignity", "procedural justice", (0.15, 0.22, 0.26, 0.27, 0.10)),
    Item("judges_by_bias", "procedural justice", (0.27, 0.28, 0.22, 0.16, 0.07), True),
    Item("legitimate", "legitimacy", (0.12, 0.18, 0.275, 0.30, 0.125)),
    Item("acts_lawfully", "legitimacy", (0.22, 0.27, 0.26, 0.19, 0.06)),
    Item("should_obey", "legitimacy", (0.06, 0.12, 0.22, 0.38, 0.22)),
    Item("trusts", "trust", (0.19, 0.23, 0.22, 0.27, 0.09)),
    Item("honest", "trust", (0.17, 0.24, 0.27, 0.24, 0.08)),
    Item("abuses_power", "trust", (0.22, 0.28, 0.22, 0.20, 0.08), True),
    Item("would_report", "cooperation", (0.08, 0.12, 0.18, 0.37, 0.25)),
    Item("would_testify", "cooperation", (0.17, 0.22, 0.25, 0.25, 0.11)),
    Item("would_meet", "cooperation", (0.13, 0.20, 0.27, 0.28, 0.12)),
)
# How a sentence names each.
LABELS = {
    "respects_rights": "police respect people's rights",
    "treats_with_dignity": "police treat people with dignity",
    "judges_by_bias": "police judge people by bias",
    "legitimate": "police are legitimate authorities",
    "acts_lawfully": "police act according to the law",
    "should_obey": "people should do what police say",
    "trusts": "I trust the police",
    "honest": "police are honest",
    "abuses_power": "police abuse their power",
    "would_report": "I would report a crime",
    "would_testify": "I would say what I saw",
    "would_meet": "I would come to a meeting with police",
}
SCALES = tuple(dict.fromkeys(item.scale for item in ITEMS))


@dataclass(frozen=True, slots=True)
class World:
    """What is true: effects by scale in standard deviations of the view behind the answers, and
    whether the same people are asked twice, with some leaving."""

    effects: tuple[float, ...] = (0.35, 0.30, 0.30, 0.20)
    panel: bool = False


STANDARD = World()
NULL = World(effects=(0.0,) * 4)
ATTRITION = World(panel=True)


@dataclass(frozen=True, slots=True)
class Simulated:
    """One draw, n respondents; those who left are not among them.

    answers : (n, 12) as they were written down, NaN where missing. wave : (n,) 0 or 1. area, block,
    person : (n,) numbers from 0; block is unique over neighborhoods. treated : (n,). weight : (n,)
    residents spoken for. race, age, household : (n,) places in the tables above.
    """

    answers: np.ndarray
    wave: np.ndarray
    area: np.ndarray
    block: np.ndarray
    person: np.ndarray
    treated: np.ndarray
    weight: np.ndarray
    race: np.ndarray
    age: np.ndarray
    household: np.ndarray


def names() -> tuple[str, ...]:
    """The neighborhoods; the first six have the program."""
    return tuple(f"Neighborhood {letter} (synthetic)" for letter in "ABCDEFGHIJKL")


def simulated(world: World = STANDARD, seed: int = SEED) -> Simulated:
    """Who was asked, with which weight, and what they answered."""
    size = NEIGHBOURHOODS * BLOCKS * ASKED
    first = _people(seed, "first", size)
    second = first if world.panel else _people(seed, "second", size)
    block = np.repeat(np.arange(NEIGHBOURHOODS * BLOCKS), ASKED)
    area = block // BLOCKS
    treated = area < NEIGHBOURHOODS // 2
    spots = NEIGHBOURHOODS * BLOCKS
    blocks = BLOCK_DEVIATION * draws.normals(draws.stream(seed, "blocks"), spots)
    answers, weights = [], []
    for wave, people in enumerate((first, second)):
        moves = BLOCK_CHANGE * draws.normals(draws.stream(seed, f"blocks/{wave}"), spots)
        level = np.array(OFFSETS)[area % 6] + (blocks + moves)[block] + CHANGE * wave
        for place, shifts in enumerate(_shifts()):
            level = level + shifts[people[place]]
        view = {
            scale: level + wave * treated * shift
            for scale, shift in zip(SCALES, world.effects, strict=True)
        }
        answers.append(_answers(view, seed, wave, same=world.panel))
        weights.append(_weights(area, people))
    here = np.ones((2, size), bool)
    if world.panel:
        here[1] = _stays(answers[0], treated, first[1], seed)
    keep = here.ravel()
    person = np.tile(np.arange(size), 2) if world.panel else np.arange(2 * size)

    def stacked(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.asarray(np.concatenate([one, other])[keep])

    return Simulated(
        stacked(*answers),
        np.repeat([0, 1], size)[keep],
        stacked(area, area),
        stacked(block, block),
        person[keep],
        stacked(treated, treated),
        stacked(*weights),
        *(stacked(first[place], second[place]) for place in range(3)),
    )


def truth(world: World = STANDARD) -> dict[str, Any]:
    """The exact effects and baselines, by scale and item, on the answers turned the good way."""
    items: dict[str, Any] = {}
    for item in ITEMS:
        without = _chances(item, CHANGE)
        effect = world.effects[SCALES.index(item.scale)]
        with_ = _chances(item, CHANGE + effect)
        levels = np.arange(1, 6)
        before = _chances(item, 0.0)
        items[item.name] = {
            "agree_before": six(before[3:].sum()),
            "agree_effect": six((with_ - without)[3:].sum()),
            "effect": six(float((with_ - without) @ levels)),
            "mean_before": six(float(before @ levels)),
        }
    scales = {
        scale: {
            what: six(np.mean([items[i.name][what] for i in ITEMS if i.scale == scale]))
            for what in ("effect", "mean_before")
        }
        for scale in SCALES
    }
    return {"items": items, "scales": scales}


def files(name: str = "survey", world: World = STANDARD, seed: int = SEED) -> dict[str, str]:
    """The text of every file of this dataset, by its path in the project."""
    known = {
        **truth(world),
        "asked": {"block_groups": BLOCKS, "neighborhoods": NEIGHBOURHOODS, "residents": ASKED},
        "bit_generator": draws.BitGenerator.__name__,
        "effects_on_views": dict(zip(SCALES, world.effects, strict=True)),
        "panel": world.panel,
        "seed": seed,
    }
    about = NOTES["panel" if world.panel else "standard" if any(world.effects) else "null"]
    description = _description(name, seed, about)
    return {
        **written(name, _csv(simulated(world, seed)), description, known),
        f"{FOLDER}/{name}.margins.csv": _margins(),
    }


null_files = partial(files, "survey_null", NULL)
attrition_files = partial(files, "survey_attrition", ATTRITION)


@cache
def thresholds(item: Item) -> tuple[float, ...]:
    """The 4 cuts of the view, to four decimals, that give the item's shares before the start."""
    cuts = []
    for below in np.cumsum(item.shares)[:4]:
        low, high = -8.0, 8.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if _below(middle, 0.0) > below else (middle, high)
        cuts.append(round((low + high) / 2, 4))
    return tuple(cuts)


def _shifts() -> tuple[np.ndarray, ...]:
    """Views of races, ages and households, less that of all."""
    tables = (RACES.values(), AGES.values(), HOUSEHOLDS.values())
    return tuple(np.array([shift for _, shift in table]) for table in tables)


@cache
def _mixture() -> tuple[np.ndarray, np.ndarray]:
    """Shares of residents by neighborhood, race, age and household, and their mean view."""
    parts = [list(zip(np.array(ADULTS) / sum(ADULTS), OFFSETS, strict=True))]
    parts += [list(RACES.values()), list(AGES.values()), list(HOUSEHOLDS.values())]
    kinds = list(product(*parts))
    shares = np.array([np.prod([share for share, _ in kind]) for kind in kinds])
    return shares, np.array([sum(move for _, move in kind) for kind in kinds])


def _below(cut: float, shift: float) -> float:
    """Share of residents whose view, moved by `shift`, is below a cut."""
    from scipy.special import ndtr

    spread = np.sqrt(LOADING**2 * (1 + BLOCK_DEVIATION**2 + BLOCK_CHANGE**2) + 1 - LOADING**2)
    shares, moves = _mixture()
    return float(shares @ ndtr((cut - LOADING * (moves + shift)) / spread))


def _chances(item: Item, shift: float) -> np.ndarray:
    """(5,) shares of residents by answer turned the good way."""
    return np.diff(np.array([0.0, *(_below(cut, shift) for cut in thresholds(item)), 1.0]))


def _people(seed: int, name: str, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Race, age and household of those who answer: one adult a household, the young less often."""
    answer = np.array([share * ANSWERS[age] for age, (share, _) in AGES.items()])
    chosen = np.array([share / number for number, (share, _) in HOUSEHOLDS.items()])
    shares = (np.array([share for share, _ in RACES.values()]), answer, chosen)
    found = []
    for what, share in zip(("race", "age", "household"), shares, strict=True):
        edges = np.cumsum(share / share.sum())[:-1]
        uniform = draws.uniforms(draws.stream(seed, f"{what}/{name}"), size)
        found.append(np.searchsorted(edges, uniform))
    return found[0], found[1], found[2]


def _weights(area: np.ndarray, people: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """(n,) residents spoken for: adults of the household over the chance to answer, to two
    decimals, in the scale of the neighborhood's adults."""
    size = np.array(list(HOUSEHOLDS))[people[2]]
    answer = np.array(list(ANSWERS.values()))[people[1]]
    each = 1 / sum(share / number for number, (share, _) in HOUSEHOLDS.items())
    usual = sum(share * ANSWERS[age] for age, (share, _) in AGES.items())
    adults = np.array(ADULTS)[area % 6] / (BLOCKS * ASKED)
    return np.asarray((adults * size / each * usual / answer).round(2))


def _answers(view: dict[str, np.ndarray], seed: int, wave: int, *, same: bool) -> np.ndarray:
    """(n, 12) answers of these people; `same` people keep what persons bring to both waves."""
    size = len(next(iter(view.values())))
    who = "both" if same else str(wave)

    def drawn(name: str) -> np.ndarray:
        return draws.normals(draws.stream(seed, name), size)

    person = np.sqrt(PERSON) * drawn(f"person/{who}") + np.sqrt(MOMENT) * drawn(f"moment/{wave}")
    own = {scale: np.sqrt(OWN_SCALE) * drawn(f"{scale}/{who}") for scale in SCALES}
    columns = []
    for item in ITEMS:
        noise = np.sqrt(1 - LOADING**2) * drawn(f"item/{item.name}/{wave}")
        latent = LOADING * (view[item.scale] + person + own[item.scale]) + noise
        answer = 1.0 + np.searchsorted(thresholds(item), latent)
        answer = 6 - answer if item.reverse else answer
        gone = draws.uniforms(draws.stream(seed, f"missing/{item.name}/{wave}"), size) < MISSING
        columns.append(np.where(gone, np.nan, answer))
    return np.column_stack(columns)


def _stays(answers: np.ndarray, treated: np.ndarray, age: np.ndarray, seed: int) -> np.ndarray:
    """(n,) who is asked again: those with little trust leave, more of them where treated."""
    places = [place for place, item in enumerate(ITEMS) if item.scale == "trust"]
    turned = np.column_stack(
        [6 - answers[:, p] if ITEMS[p].reverse else answers[:, p] for p in places]
    )
    known = np.isfinite(turned)
    trust = np.where(known, turned, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    trust = np.where(known.any(axis=1), trust, 3.0)
    odds = 0.9 + 0.2 * (trust - 3) + treated * (-0.4 + 0.5 * (trust - 3)) + 0.3 * (age - 1)
    chance = 1 / (1 + np.exp(-odds))
    return np.asarray(draws.uniforms(draws.stream(seed, "stays"), len(odds)) < chance)


def _csv(table: Simulated) -> str:
    header = ["person", "wave", "neighborhood", "block_group", "program", "weight"]
    header += ["race", "age", "adults", *(item.name for item in ITEMS)]
    rows = []
    races, ages, adults = (list(kind) for kind in (RACES, AGES, HOUSEHOLDS))
    for i in range(len(table.wave)):
        known = [
            f"P{table.person[i] + 1:04d}",
            WAVES[table.wave[i]],
            names()[table.area[i]],
            f"B{table.block[i] + 1:03d}",
            int(table.treated[i]),
            f"{table.weight[i]:.2f}",
            races[table.race[i]],
            ages[table.age[i]],
            adults[table.household[i]],
        ]
        answers = ("" if np.isnan(answer) else f"{answer:.0f}" for answer in table.answers[i])
        rows.append((*known, *answers))
    return csv_text(header, rows)


def _margins() -> str:
    """Residents of the neighborhoods together, by trait and level."""
    total = 2 * sum(ADULTS)
    rows = (
        (trait, level, f"{total * share:.0f}")
        for trait, table in (("race", RACES), ("age", AGES))
        for level, (share, _) in table.items()
    )
    return csv_text(("trait", "level", "residents"), rows)


def _description(name: str, seed: int, about: str) -> str:
    area = "neighborhood, also the stratum of the sample"
    program = "1 where the program works from 2013 on, else 0"
    columns = [
        column("person", "person", "text"),
        column("wave", "wave", "period", "year of the interview"),
        column("neighborhood", "stratum", "text", area),
        column("block_group", "cluster", "text", "block group, the primary sampling unit"),
        column("program", "treatment", "flag", program),
        column("weight", "weight", "number", "residents spoken for"),
        column("race", "trait", "text"),
        column("age", "trait", "text"),
        column("adults", "trait", "count", "adults in the household"),
    ]
    for item in ITEMS:
        said = {"scale": item.scale, "reverse": item.reverse, "label": LABELS[item.name]}
        columns.append(column(item.name, "item", "", "", low=1, high=5, **said, about="trust"))
    title, notes = f"Synthetic survey of residents ({name})", f"{_INVENTED}{about}"
    more = f" Residents by race and age are in {name}.margins.csv."
    keys = {"kind": "survey", "key": ["person", "wave"]}
    return described(name, title, "survey", seed, keys, columns, notes=notes, more=more)


_INVENTED = (
    "Invented data with a known effect, for testing methods; not evidence about any real place.\n"
)
NOTES = {
    "standard": "Other people answer in each wave; the program raises every scale.",
    "null": "Other people answer in each wave; the program changes nothing.",
    "panel": (
        "The same people are asked twice. Those with little trust leave, more of them where the\n"
        "program works, so that the change of those who stayed is not the effect."
    ),
}
