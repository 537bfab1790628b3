"""Who is treated from when, who is a control and who is left out, read from a table of adoption.

Pure functions of the table and of choices that a plan makes before the results are seen: which
programs count, what becomes of a program that stops or starts again, and of one that a lesser one
came before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evaluation.data import period
from evaluation.data.adoption import OF_NOTHING, AdoptionTable, Choices, Episode
from evaluation.errors import DataError

# A program for the city is one for its parts too.
# What keeps a program from counting, by its role in the table.
_AS: Final[Mapping[str, str]] = {
    "adopter": "narrower than what counts here",
    "partial": "partial or doubtful",
    "left out": "set aside by the table",
}
WIDTH: Final[Mapping[str, int]] = {"city": 3, "part": 2, "small": 1, "none": 0, "unknown": 0}


@dataclass(frozen=True, slots=True)
class Treated:
    """One agency that is treated inside the window.

    Parameters
    ----------
    start : the first period with a program, also when it began late in it. whole : the first
        period that is under it from beginning to end. spans : first and last treated period of
        each program, the last None when it goes on past the window. unclear : first and last period
        of each stretch after an end that is a washout or has a program that does not count.
        until : the last period that may be used, or None for the window's.
    program, certainty : of the first counted one, and how well its start is known.
    passed_over : programs that did not count and came before, in words.
    """

    agency: str
    ori: str
    start: str
    whole: str
    spans: tuple[tuple[str, str | None], ...]
    unclear: tuple[tuple[str, str], ...]
    until: str | None
    program: str
    certainty: str
    passed_over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """One agency with no program up to the end of the window; `why` says how that is known."""

    agency: str
    ori: str
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One agency that is neither; `since` is the first period of the program in question, or ""."""

    agency: str
    ori: str
    why: str
    since: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Everyone in a table of adoption, each agency once and in order of names."""

    treated: tuple[Treated, ...]
    controls: tuple[Control, ...]
    left_out: tuple[LeftOut, ...]

    def of(self, agency: str, ori: str = "") -> Treated | Control | LeftOut | None:
        """What an agency is, by its ORI or, where the table has none for it, by its name."""
        everyone: tuple[Treated | Control | LeftOut, ...]
        everyone = (*self.treated, *self.controls, *self.left_out)
        for one in everyone:
            if one.ori == ori if one.ori and ori else one.agency == agency and not one.ori:
                return one
        return None


@dataclass(frozen=True, slots=True)
class _Window:
    """The window as ordinals, and what a date is in it."""

    first: int
    last: int
    frequency: period.Frequency

    def text(self, ordinal: int) -> str:
        return period.text(ordinal, self.frequency)

    def begins(self, written: str) -> int:
        """The period that holds a date; of a year alone its first."""
        return self._holding(written, 1)

    def ends(self, written: str) -> int:
        """The period that holds a date; of a year alone its last."""
        return self._holding(written, 12)

    def exact(self, written: str) -> bool:
        """Whether a date names one period."""
        return len(written) == 7 or self.frequency == "year"

    def whole_from(self, written: str) -> int:
        """The first period that is wholly after the beginning of a date."""
        begins = self.begins(written)
        months = period.MONTHS[self.frequency]
        at_once = len(written) == 7 and (int(written[5:]) - 1) % months == 0
        return begins if at_once else begins + 1

    def _holding(self, written: str, otherwise: int) -> int:
        year, month = int(written[:4]), int(written[5:] or otherwise)
        per_year = period.PER_YEAR[self.frequency]
        return year * per_year + (month - 1) * per_year // 12


def who_is_treated(
    table: AdoptionTable,
    *,
    first: str,
    last: str,
    frequency: period.Frequency,
    choices: Choices | None = None,
) -> Assignment:
    """Who is treated from when, who is a control, and who is left out and why.

    Programs that begin after the window are not looked at: until then their city is untreated. A
    city whose program began at or before the first period is left out, since nothing before it is
    known; so is one with any program that does not count, before or in the window.

    Parameters
    ----------
    first, last : of the window, as written in the frequency. choices : None takes the defaults.

    Raises
    ------
    DataError : for a window that is none, or weeks and days: programs are dated by months.
    """
    choices = choices or Choices()
    if frequency in ("week", "day"):
        words = f"programs are dated by months, which do not say in which {frequency} one began"
        raise DataError(f"adoption: {words}. Count by month, quarter or year.")
    try:
        window = _Window(
            period.ordinal(first, frequency), period.ordinal(last, frequency), frequency
        )
    except (ValueError, KeyError, TypeError) as fault:
        raise DataError(f"adoption: the window, {first} to {last}: {fault}") from None
    if window.first >= window.last:
        raise DataError(f"adoption: the window, {first} to {last}, does not end after it begins")
    agencies = table.agencies()
    found = [_one(agencies[name], window, choices) for name in sorted(agencies)]
    return Assignment(
        tuple(one for one in found if isinstance(one, Treated)),
        tuple(one for one in found if isinstance(one, Control)),
        tuple(one for one in found if isinstance(one, LeftOut)),
    )


def of_units(
    assignment: Assignment, units: Sequence[str], agencies: Mapping[str, str]
) -> dict[str, Treated | Control | LeftOut]:
    """What each unit of a table of outcomes is.

    Parameters
    ----------
    agencies : the ORI of units that have one (`Panel.agencies`); the others are found by name, and
        only among agencies without an ORI. A unit that the table of adoption does not have is left
        out.
    """
    found: dict[str, Treated | Control | LeftOut] = {}
    for unit in units:
        ori = agencies.get(unit, "")
        why = "the table of adoption has no row of it"
        found[unit] = assignment.of(unit, ori) or LeftOut(unit, ori, why, "")
    return found


def _one(
    episodes: Sequence[Episode], window: _Window, choices: Choices
) -> Treated | Control | LeftOut:
    agency, ori = episodes[0].agency, episodes[0].ori
    if episodes[0].role == "control":
        return _control(episodes[0], choices)
    undated = next((one for one in episodes if not one.first_month), None)
    if undated is not None:
        return LeftOut(agency, ori, f"{undated.program} (no date; {_AS[undated.role]})", "")
    seen = [one for one in episodes if window.begins(one.first_month) <= window.last]
    if not seen:
        program = f"{episodes[0].program}, {episodes[0].first_month}"
        return Control(agency, ori, f"its program begins after the window ({program})")
    counted = [one for one in seen if _counts(one, choices)]
    if not counted:
        one = seen[0]
        why = f"{_words(one)} ({_level(one)}; {_AS[one.role]})"
        return LeftOut(agency, ori, why, window.text(window.begins(one.first_month)))
    return _treated(seen, counted, window, choices)


def _control(one: Episode, choices: Choices) -> Control | LeftOut:
    if choices.controls == "searched" and one.certainty == OF_NOTHING[1]:
        return LeftOut(one.agency, one.ori, "nobody searched for a program", "")
    program = f"; {_words(one)}, {one.scope or 'small'}" if one.first_month else ""
    return Control(one.agency, one.ori, f"{one.certainty}{program}")


def _treated(
    seen: Sequence[Episode], counted: Sequence[Episode], window: _Window, choices: Choices
) -> Treated | LeftOut:
    """An agency with a program that counts."""
    agency, ori = seen[0].agency, seen[0].ori

    def left_out(one: Episode, why: str) -> LeftOut:
        since = window.text(window.begins(one.first_month))
        return LeftOut(agency, ori, f"{_words(one)}: {why}", since)

    over: list[Episode] = []
    if choices.ends == "as written":
        over = [one for one in counted if _over(one, window, choices.washout)]
        counted = [one for one in counted if one not in over]
        if not counted:
            return left_out(over[-1], "it was over before the window, so the city is no control")
    begins = counted[0]
    if begins.first_certainty not in choices.dates:
        known = begins.first_certainty
        how = "uncertain" if known == "uncertain" else f"known to the {known} only"
        return left_out(begins, f"its start is {how}")
    if not window.exact(begins.first_month):
        return left_out(begins, f"only the year of its start is known, not the {window.frequency}")
    start = window.begins(begins.first_month)
    if start <= window.first:
        return left_out(begins, "it began at or before the first period of the window")
    lesser = [
        one
        for one in seen
        if one not in (*counted, *over) and window.begins(one.first_month) <= start
    ]
    inside = [one for one in lesser if not one.last_month or not _over(one, window, 0)]
    if choices.earlier == "leave out" and inside:
        return left_out(inside[0], f"{inside[0].role}, {_level(inside[0])}, and came first")
    spans = _spans(counted, window, choices)
    later = [one for one in seen if one not in (*counted, *over, *lesser)]
    unclear = _unclear(spans, later, window, choices)
    until = None
    if choices.ends == "cut" and spans[0][1] is not None:
        until = window.text(spans[0][1])
    return Treated(
        agency,
        ori,
        window.text(start),
        window.text(window.whole_from(begins.first_month)),
        tuple(
            (window.text(low), None if high is None else window.text(high)) for low, high in spans
        ),
        tuple((window.text(low), window.text(high)) for low, high in unclear),
        until,
        begins.program,
        begins.first_certainty,
        tuple(f"{_words(one)} ({one.role}, {_level(one)})" for one in [*over, *lesser]),
    )


def _spans(
    counted: Sequence[Episode], window: _Window, choices: Choices
) -> list[tuple[int, int | None]]:
    """Treated stretches of the window."""
    if choices.ends == "absorbing":
        return [(window.begins(counted[0].first_month), None)]
    written = list(_joined(counted, window))
    return written[:1] if choices.ends == "cut" else written


def _unclear(
    spans: Sequence[tuple[int, int | None]],
    later: Sequence[Episode],
    window: _Window,
    choices: Choices,
) -> list[tuple[int, int]]:
    """Stretches after an end that are neither treated nor surely untreated."""
    if choices.ends != "as written":
        return []
    unclear = set[int]()
    for _, high in spans:
        if high is not None:
            unclear.update(range(high + 1, high + choices.washout + 1))
    for one in later:
        ends = window.ends(one.last_month) if one.last_month else window.last
        unclear.update(range(window.begins(one.first_month), ends + 1))
    for low, high in spans:
        unclear.difference_update(range(low, (window.last if high is None else high) + 1))
    runs: list[tuple[int, int]] = []
    for when in sorted(when for when in unclear if when <= window.last):
        if runs and runs[-1][1] == when - 1:
            runs[-1] = (runs[-1][0], when)
        else:
            runs.append((when, when))
    return runs


def _joined(counted: Sequence[Episode], window: _Window) -> Iterator[tuple[int, int | None]]:
    """First and last period of each run of programs; one that begins before another ends is the
    same run, and an end after the window is none."""
    low: int | None = None
    high: int | None = None
    for one in counted:
        begins = window.begins(one.first_month)
        ends = window.ends(one.last_month) if one.last_month else None
        ends = None if ends is not None and ends >= window.last else ends
        if low is None:
            low, high = begins, ends
        elif high is None or begins <= high + 1:
            high = None if high is None or ends is None else max(high, ends)
        else:
            yield low, high
            low, high = begins, ends
    if low is not None:
        yield low, high


def _over(one: Episode, window: _Window, washout: int) -> bool:
    """Whether a program ended so long before the window that its washout is over too."""
    return bool(one.last_month) and window.ends(one.last_month) + washout < window.first


def _counts(one: Episode, choices: Choices) -> bool:
    return one.role in choices.roles and WIDTH[one.level] >= WIDTH[choices.level]


def _words(one: Episode) -> str:
    return f"{one.program}, {one.first_month}{f' to {one.last_month}' if one.last_month else ''}"


def _level(one: Episode) -> str:
    return {
        "city": "for the city",
        "part": "for a part of the city",
        "small": "small",
        "none": "not against this violence",
        "unknown": "of unknown width",
    }[one.level]
