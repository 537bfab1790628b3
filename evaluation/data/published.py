"""Results that others published, as a table: every number as printed, and where it was read.

What a source did not print stays empty. An error may follow from a printed interval or p value and
then says so; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final, Literal

from evaluation.data.findings import Findings
from evaluation.data.labels import drawn, normal, quoted
from evaluation.data.panel import Provenance
from evaluation.data.published_cells import (
    ABOUT,
    APPROACHES,
    BETTER,
    COUNTED,
    DESIGNS,
    MAY_BE_EMPTY,
    MAY_LACK,
    NUMBERS,
    RATIOS,
    RISE_HOPED,
    WORDS,
    alone,
    to_scale,
    together,
)
from evaluation.data.told_table import Kind, PlacedDescription, read_told
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError

# The table of a project, from its folder.
PUBLISHED: Final = "data/public/focused_deterrence.csv"


class _Description(PlacedDescription):
    kind: Literal["published results"]


@dataclass(frozen=True, slots=True)
class Published:
    """One published result.

    Parameters
    ----------
    study, outcome : together its key. site : where; results of one place share people, and sites
        are one place by the ids that the description gives them. goal : 1, 2 or 3. program : what
        was tried. approach, design, unit, family, measure, found : words of `published_cells`.
    better : "less" or "more", whichever is hoped for.
    evaluators_part : whether the evaluators had part in the program or ties to the strategy: "yes",
        "no" or "unknown". part_why : how that is known, or "".
    years : of the data, or "".
    follow_up : what was found by month, as written, or "".
    effect, low, high : as printed, in the measure; None where nothing certain was printed.
        level : of the interval, in percent.
    standard_error : as printed, of the log for a ratio or percent; p_value : as printed.
    se_source : "published", "from interval", "from p" or "missing".
    source : what was published. read_in : where the number was read. page, note : or "".
    certainty : how. line : in the table.
    """

    study: str
    site: str
    goal: int
    program: str
    approach: str
    evaluators_part: str
    part_why: str
    years: str
    design: str
    unit: str
    outcome: str
    family: str
    better: str
    measure: str
    effect: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    level: float | None
    p_value: float | None
    se_source: str
    found: str
    follow_up: str
    source: str
    read_in: str
    page: str
    certainty: str
    note: str
    line: int

    @property
    def scale(self) -> str:
        """The scale on which results can be pooled: logs for ratios, or the measure itself."""
        return RATIOS.get(self.measure, self.measure)

    @property
    def estimate(self) -> float | None:
        """The effect on `scale`; None where none was printed."""
        return None if self.effect is None else to_scale(self.effect, self.measure)

    @property
    def std_error(self) -> float | None:
        """Standard error on `scale`, printed or implied by what was printed; None when missing.

        An interval is taken to be the estimate plus and minus normal quantiles, a p value to be
        two-sided and normal.
        """
        normal = NormalDist()
        if self.se_source == "published":
            return self.standard_error
        if self.se_source == "from interval" and self.level is not None:
            assert self.low is not None and self.high is not None
            half = normal.inv_cdf(0.5 + self.level / 200)
            return (to_scale(self.high, self.measure) - to_scale(self.low, self.measure)) / 2 / half
        if self.se_source == "from p" and self.p_value is not None and self.estimate is not None:
            return abs(self.estimate) / normal.inv_cdf(1 - self.p_value / 2)
        return None

    @property
    def percent(self) -> float | None:
        """The effect in percent, for a ratio or percent change; None for others or when missing."""
        if self.estimate is None or self.measure not in RATIOS:
            return None
        return 100 * (exp(self.estimate) - 1)

    @property
    def counted(self) -> bool:
        """Whether it is a result of focused deterrence, which alone is counted and averaged."""
        return self.approach == COUNTED

    @property
    def strength(self) -> int | None:
        """Rank of the design, 1 the strongest; None when the design is not certain."""
        return DESIGNS[self.design]

    @property
    def obstacle(self) -> str:
        """Why the result cannot enter a synthesis; empty when it can."""
        if not self.counted:
            return f"the program is one of {self.approach}, not averaged with focused deterrence"
        if self.effect is None:
            return "no number was published, or none that is certain"
        if self.std_error is None:
            return "no standard error, interval or exact p value was published"
        return ""


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """The results of a table, in its order, and where it comes from."""

    results: tuple[Published, ...]
    provenance: Provenance

    def of(self, family: str) -> tuple[Published, ...]:
        """The results of one family of outcomes.

        Raises
        ------
        DataError : when there is none; it names the families there are.
        """
        found = tuple(result for result in self.results if result.family == family)
        if not found:
            families = sorted({result.family for result in self.results})
            raise DataError(
                f"{self.provenance.file}: no results of {family!r}.{did_you_mean(family, families)}"
            )
        return found


def read_published(path: Path | str, root: Path | None = None) -> PublishedTable:
    """The published results in a CSV file, read by `read_told`."""
    return PublishedTable(*read_told(RESULTS, path, root))


def published_summary(table: PublishedTable) -> str:
    """What a table of published results holds, for the command line."""
    results = table.results
    origin = table.provenance
    # One place in two spellings is one, where the description gives both its id.
    sites = {origin.place_of(result.site) or drawn(result.site) for result in results}
    numbers = sum(result.effect is not None for result in results)
    errors = sum(result.std_error is not None for result in results)
    lines = [
        f"{table.provenance.file}: {len(results)} published results from {len(sites)} sites",
        f"  {numbers} with a number, {errors} with a standard error or what gives one",
    ]
    for goal in sorted({result.goal for result in results}):
        lines.append(f"  goal {goal}: {sum(result.goal == goal for result in results)} results")
    for approach in APPROACHES[1:]:
        if apart := sum(result.approach == approach for result in results):
            lines.append(f"  {approach}: {apart} results, which are not counted")
    for family in sorted({result.family for result in results}):
        part = table.of(family)
        usable = sum(not result.obstacle for result in part)
        lines.append(f"  {family}: {len(part)} results, {usable} that can enter a synthesis")
    return "\n".join(lines)


def _row(cells: Mapping[str, Any], line: int) -> Published:
    usual = BETTER[cells["family"] == RISE_HOPED]
    own = {"goal": int(cells["goal"]), "better": cells["better"] or usual}
    return Published(**{**cells, **own}, line=line)


def _rows(rows: Sequence[Published], places: Mapping[str, int], findings: Findings) -> None:
    """What only several rows show: a result twice, and scales that cannot be pooled."""
    seen: dict[tuple[str, str], int] = {}
    scales: dict[str, tuple[str, int]] = {}
    spelled: dict[tuple[str, str], tuple[str, int]] = {}
    for row in rows:
        line = row.line
        for name in ("study", "site"):
            # Results of one site are not independent, so a site in two spellings would count twice.
            written = getattr(row, name)
            known, where = spelled.setdefault((name, drawn(written)), (written, line))
            if known != written:
                message = (
                    f"{name}: {quoted(written)} is written {quoted(known)} on line {where}. Write "
                    "one name in one way."
                )
                findings.add("two spellings", line, message, cell=places[name], column=name)
        key = (normal(row.study), normal(row.outcome))
        first = seen.setdefault(key, line)
        if first != line:
            message = (
                f"{row.study}, {row.outcome} is on line {first} already. Keep "
                "one of the two, or say in `outcome` how they differ."
            )
            findings.add("duplicate", line, message, cell=places["study"])
        # What is never averaged may have a scale of its own.
        if row.effect is not None and row.approach in APPROACHES[:2]:
            scale, family = row.scale, row.family
            known, where = scales.setdefault(family, (scale, line))
            if known != scale:
                message = (
                    f"{row.measure} gives a {scale}, but {family!r} has a {known} on line "
                    f"{where}. One synthesis has one scale: convert it, or give it a family of "
                    "its own."
                )
                findings.add("mixed scales", line, message, cell=places["measure"])


RESULTS: Final = Kind(
    name="published results",
    model=_Description,
    about=ABOUT,
    words=WORDS,
    numbers=NUMBERS,
    may_be_empty=MAY_BE_EMPTY,
    may_lack=MAY_LACK,
    without_number="Leave the cell empty where nothing was published.",
    not_enough=(
        "A number stands here only when it was read",
        " Leave the effect out otherwise.",
    ),
    alone=alone,
    together=together,
    row=_row,
    rows=_rows,
    placed=("site", "site"),
)
