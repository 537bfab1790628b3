"""What a synthesis hands on: frozen types that hold what was found and compute nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluation.data.on_record import Recorded
from evaluation.data.published_cells import APPROACHES, BETTER, COUNTED, POINTS, follow_up
from evaluation.effect import Interval
from evaluation.fact import Fact, fact
from evaluation.study.evidence import GradeLevel
from evaluation.synthesis.same import common_months, months, of_years

CommonKind = Literal["file", "place", "units", "start", "months", "events", "assumption"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a forest plot of our own studies.

    Parameters
    ----------
    study, title, design, place, outcome : in words; column : the outcome's name in the data.
    percent : effect in percent with its 95 % interval, None when the headline gave none. scale,
        estimate, low, high : as the method has it. grade : how sure. better : which direction is
        good. reason : why there is no answer, or why it must not be used; "" otherwise. family : of
        published outcomes, with which the description of the data says that it belongs, or "".
        lost : it could be chance over the outcomes that its plan looks at together.
    """

    study: str
    title: str
    design: str
    place: str
    outcome: str
    column: str
    percent: Interval | None
    scale: str
    estimate: float | None
    low: float | None
    high: float | None
    grade: GradeLevel
    better: str
    reason: Fact | str
    family: str = ""
    lost: bool = False

    @property
    def clear(self) -> bool:
        """Whether its range leaves no change out, and it is not lost."""
        return self.percent is not None and self.percent.excludes_zero and not self.lost

    @property
    def counts(self) -> bool:
        """Whether the line is an answer that may be compared with others."""
        return self.percent is not None and not self.reason


@dataclass(frozen=True, slots=True)
class Common:
    """One thing that studies have in common.

    parts : of a file or place its name; of units all their names; of a start the intervention and
    the period; of months the first and the last; of events the family or label of the outcome, the
    first and last month, and the place or the units; of an assumption its words.
    """

    kind: CommonKind
    parts: tuple[str, ...]

    @property
    def clause(self) -> Fact:
        """The thing as a clause after "both"."""
        first = self.parts[0]
        if self.kind == "file":
            return fact("synthesis.result.use-same-file", first=first)
        if self.kind == "place":
            return fact("synthesis.result.about", first=first)
        if self.kind == "units":
            more = max(len(self.parts) - 2, 0)
            return fact("synthesis.result.hold-data", parts=tuple(self.parts[:2]), more=more)
        if self.kind == "start":
            return fact(
                "synthesis.result.date-start-rightly-wrongly", first=first, parts=self.parts[1]
            )
        if self.kind == "months":
            return fact(
                "synthesis.result.cover-whatever-else-happened-then",
                first=first,
                parts=self.parts[1],
            )
        if self.kind == "events":
            return fact(
                "synthesis.result.count-same-events-part-all",
                first=first,
                units=self.parts[3:5],
                more=max(len(self.parts) - 5, 0),
                start=self.parts[1],
                end=self.parts[2],
            )
        return fact("synthesis.result.take-granted", first=first)


@dataclass(frozen=True, slots=True)
class Shared:
    """What two studies have in common; empty when nothing was found."""

    one: str
    other: str
    common: tuple[Common, ...]

    @property
    def things(self) -> tuple[Fact, ...]:
        """One clause a thing, as it follows "both"."""
        return tuple(one.clause for one in self.common)


@dataclass(frozen=True, slots=True)
class Together:
    """A thing with all the studies that share it."""

    common: Common
    studies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The studies of one goal beside one another.

    Parameters
    ----------
    lines : one a study and outcome, for one plot. shared : every pair of studies; together : the
        same by thing. independent : True when every place is known and no pair shares anything
        that was looked for. unplaced : studies that name units or people and no city. undeclared :
        those that name a place without its id, beside others with one.
    same_direction : whether all ranges lie on the side that is good, or all on the other; None with
        fewer than two answers. overlap : whether one value lies in all ranges; None with fewer than
        two, or when more of one outcome is good and less of another. apart : pairs of lines whose
        ranges do not meet, as words; apart_lines : their places in `lines`.
    says : the sentences that belong under the plot.
    """

    goal: int
    synthetic: bool
    lines: tuple[Line, ...]
    shared: tuple[Shared, ...]
    together: tuple[Together, ...]
    independent: bool
    unplaced: tuple[str, ...]
    same_direction: bool | None
    overlap: bool | None
    apart: tuple[tuple[str, str], ...]
    apart_lines: tuple[tuple[int, int], ...]
    says: tuple[Fact | str, ...]
    undeclared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One published result as a page shows it.

    Parameters
    ----------
    effect, low, high, level, p_value : as printed, in `measure`. shown : the effect as it is drawn,
        in percent for a ratio; span : its 95 % range, where an error was printed or follows from
        what was. obstacle : why it cannot be pooled, or "". place_id : of the site, or "".
    The rest as in `data.published`.
    """

    study: str
    site: str
    program: str
    years: str
    design: str
    unit: str
    outcome: str
    family: str
    measure: str
    effect: float | None
    low: float | None
    high: float | None
    level: float | None
    p_value: float | None
    shown: float | None
    span: Interval | None
    se_source: str
    found: str
    source: str
    read_in: str
    page: str
    certainty: str
    note: str
    obstacle: Fact | str
    place_id: str = ""
    goal: int = 1
    approach: str = "focused deterrence"
    evaluators_part: str = "unknown"
    part_why: str = ""
    follow_up: str = ""
    better: str = BETTER[0]

    @property
    def focused(self) -> bool:
        """Whether it is a result of focused deterrence, and not of services beside it or of a
        program with another idea."""
        return self.approach == COUNTED

    @property
    def another(self) -> bool:
        """Whether the program has another idea."""
        return self.approach == APPROACHES[-1]

    @property
    def fall_hoped(self) -> bool:
        """Whether a fall is what is hoped for."""
        return self.better == BETTER[0]

    @property
    def for_the_better(self) -> bool:
        """Whether it was found to have moved the way that is hoped for, and stayed there."""
        return self.found == ("fell" if self.fall_hoped else "rose")

    @property
    def by_month(self) -> tuple[tuple[int, str], ...]:
        """What was found so many months after the start, or after people entered."""
        return follow_up(self.follow_up)

    def events(self, own: Own) -> Literal["same", "unknown", "other"]:
        """Whether it counts the same events as a result of ours of the same place and family: by
        the months that both cover, where its years are known."""
        if not self.years or months(own.first, own.last) is None:
            return "unknown"
        both = common_months(of_years(self.years), (own.first, own.last))
        return "other" if both is None else "same"


@dataclass(frozen=True, slots=True)
class Records:
    """What is on record, and the table that holds it. None of it is a result: nothing here is
    counted among results, compared with one, or averaged."""

    file: str
    sha256: str
    source: str
    rows: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many results concluded what. It weighs nothing.

    numbered, with_error : results with a number, and with an error too. falls_numbered : falls with
    a number. error_sites : the sites of results with an error.
    """

    results: int
    sites: int
    fell: int
    rose: int
    no_effect: int
    short_lived: int
    unclear: int
    numbered: int
    falls_numbered: int
    with_error: int
    error_sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mean:
    """The pooled effect of a family.

    several : whether sites give several results each, so that the error is robust to that.
    effect : in percent for ratios. prediction : of one more place like these; None for several.
    tau2, tau2_low, tau2_high : variance between sites, on the scale of logs for ratios. i2 : share
    of variance between sites, in percent. beside : the same pooled in other ways. notes : what a
    reader of the numbers must know.
    """

    k: int
    sites: int
    several: bool
    effect: Interval
    prediction: Interval | None
    tau2: float
    tau2_low: float
    tau2_high: float
    i2: float
    words: str
    beside: tuple[tuple[str, Interval], ...]
    notes: tuple[Fact | str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """The results of one kind of outcome from other places: counted, and pooled or not and why.

    scale : on which they would be pooled; "" without a number. percent : whether effects are drawn
    in percent. reason : of the engine, when nothing is pooled.
    """

    name: str
    scale: str
    percent: bool
    tally: Tally
    mean: Mean | None
    reason: Fact | str

    @property
    def points(self) -> bool:
        """Whether effects are in percentage points."""
        return self.scale == POINTS


@dataclass(frozen=True, slots=True)
class Own:
    """The headline of one outcome of a study of this project, beside the published ones.

    reason : why it must not be used, or why there is none; "" otherwise. place_id : as the
    description of its data declares it, or "". places : the ids of the places in its data, when it
    is about many of them and not about one.
    """

    study: str
    title: str
    place: str
    outcome: str
    family: str
    percent: Interval | None
    grade: GradeLevel
    first: str
    last: str
    reason: Fact | str
    place_id: str = ""
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What is published about programs of this kind, in other places and at home.

    home, home_id : name and id of the place whose program the project is about, or ""; results of
    sites with that id are shown and enter neither counts nor means. file, sha256, source, licence :
    of the table. records : what is on record, or None without such a table.
    """

    home: str
    file: str
    sha256: str
    source: str
    licence: str
    tally: Tally
    families: tuple[Family, ...]
    results: tuple[Told, ...]
    own: tuple[Own, ...]
    home_id: str = ""
    records: Records | None = None

    def at_home(self, row: Told) -> bool:
        """Whether a published result is about the project's own place."""
        return bool(self.home_id) and row.place_id == self.home_id

    def counted(self, row: Told) -> bool:
        """Whether a published result may enter counts and means: of focused deterrence, and of
        another place."""
        return row.focused and not self.at_home(row)

    def apart(self) -> tuple[tuple[str, tuple[Told, ...]], ...]:
        """The results that are never counted, by what their programs are."""
        found = (
            (approach, tuple(row for row in self.results if row.approach == approach))
            for approach in APPROACHES[1:]
        )
        return tuple((approach, rows) for approach, rows in found if rows)

    def on_record(self, goal: int) -> tuple[Recorded, ...]:
        """What is on record about the project's own place for a goal; without a home, about all
        places."""
        rows = () if self.records is None else self.records.rows
        return tuple(row for row in rows if row.goal == goal and self.home_id in ("", row.place))
