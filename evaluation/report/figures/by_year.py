"""Counts by whole calendar year: the figure that comes before every other."""

from __future__ import annotations

from evaluation.data.period import span
from evaluation.plots.by_year import Bar, Flag, by_year_height, cut, recorded_by_year
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.figures import anchor
from evaluation.report.sections import comparison
from evaluation.say import ENGLISH, Language
from evaluation.study.by_year import ByYear, Year
from evaluation.study.evidence import Evidence, OutcomeEvidence


def by_year_figure(
    evidence: Evidence, outcome: OutcomeEvidence, language: Language = ENGLISH, *, key: str = ""
) -> page.Figure | None:
    """The counts of one outcome by year, beside what was expected; None without such counts.

    Parameters
    ----------
    evidence, outcome : in that language. key : of the figure, where a page has it twice.
    """
    found = outcome.by_year
    if found is None:
        return None
    key = key or f"years-{anchor(outcome.column)}"
    label = language.heading(outcome.label)
    bars, flags = [_bar(year) for year in found.years], _flags(evidence, outcome, language)
    measure = language.say(
        "by-year.measure-many" if found.units > 1 else "by-year.measure",
        label=label,
        units=found.units,
    )
    height = by_year_height(len(flags))
    return as_figure(
        key,
        lambda figure: recorded_by_year(
            bars, flags, figure.axes[0], measure=measure, expected=language.say("by-year.expected")
        ),
        height,
        height,
        title=words.finding(outcome, language)
        if outcome.estimated
        else language.say("by-year.title", label=label),
        description=language.say(
            "by-year.description",
            label=outcome.label,
            unit=evidence.data.unit,
            first=found.years[0].year,
            last=found.years[-1].year,
            flags=tuple(flag.name for flag in flags),
            listed=tuple(_listed(year, language) for year in found.years),
        ),
        table=_table(key, label, found, language),
        note=_note(evidence, found, bars, language),
    )


def _bar(year: Year) -> Bar:
    expected = None
    if year.expected is not None and year.low is not None and year.high is not None:
        expected = year.expected, year.low, year.high
    return Bar(int(year.year), year.recorded, year.phase == "start", expected)


def _flags(evidence: Evidence, outcome: OutcomeEvidence, language: Language) -> list[Flag]:
    """The program's own dates that fall into the years shown, by time."""
    found = outcome.by_year
    assert found is not None
    named = []
    if all(year.phase for year in found.years):
        named.append((evidence.start, 0, "begins", ""))
    named += [(start, 0, "later", name) for start, name in comparison.later(evidence)]
    intervention = evidence.plan.content.get("intervention")
    if isinstance(intervention, dict) and intervention.get("end"):
        named.append((str(intervention["end"]), 1, "ends", ""))
    flags = [
        Flag(
            _moment(when)[after],
            language.say(
                f"by-year.{kind}",
                intervention=evidence.intervention,
                start=when,
                end=when,
                name=name if language is ENGLISH else language.labels.get(name, f"«{name}»"),
            ),
        )
        for when, after, kind, name in named
    ]
    first, last = (int(found.years[end].year) for end in (0, -1))
    inside = [flag for flag in flags if first <= flag.moment <= last + 1]
    return sorted(inside, key=lambda flag: flag.moment)


def _moment(when: str) -> tuple[float, float]:
    """Beginning and end of a period, in years: "2012-10" is 2012.75 to 2012.83."""
    if "-W" in when:
        first, _ = span(when)
        begin = first.year + (first.timetuple().tm_yday - 1) / 365
        return begin, begin + 7 / 365
    year, _, part = when.partition("-")
    if not part:
        return float(year), float(year) + 1
    if part.startswith("Q"):
        begin = int(year) + (int(part[1:]) - 1) / 4
        return begin, begin + 1 / 4
    month, _, day = part.partition("-")
    begin = int(year) + (int(month) - 1) / 12
    return (
        (begin + (int(day) - 1) / 365, begin + int(day) / 365) if day else (begin, begin + 1 / 12)
    )


def _listed(year: Year, language: Language) -> str:
    known = year.expected is not None and year.low is not None and year.high is not None
    return language.say(
        "by-year.year-expected" if known else "by-year.year",
        year=year.year,
        **{
            name: words.number(value, 0)
            for name, value in (
                ("recorded", year.recorded),
                ("expected", year.expected),
                ("low", year.low),
                ("high", year.high),
            )
            if value is not None
        },
    )


def _note(evidence: Evidence, found: ByYear, bars: list[Bar], language: Language) -> str:
    known = any(bar.expected is not None for bar in bars)
    told = {
        "bars": True,
        "hatched": any(bar.start for bar in bars),
        "starts": not all(year.phase for year in found.years),
        "line": known,
        "added": known and evidence.data.frequency != "year",
        "cut": cut(bars),
    }
    keys = {f"by-year.{part}": there for part, there in told.items()}
    intervention = evidence.intervention
    return words.joined(keys, between=" ", language=language, intervention=intervention)


def _table(key: str, label: str, found: ByYear, language: Language) -> page.Table:
    beside = any(year.beside is not None for year in found.years)
    known = any(year.expected is not None for year in found.years)
    say = language.say

    def cells(year: Year) -> tuple[page.Text, ...]:
        ends = ("–",)
        if year.low is not None and year.high is not None:
            low, high = words.number(year.low), words.number(year.high)
            ends = (words.ends(low, high, language),)
        return (
            (year.year,),
            (words.number(year.recorded),),
            *((_number(year.beside),) if beside else ()),
            *((_number(year.expected), ends) if known else ()),
        )

    return page.table(
        f"{key}-table",
        say("by-year.caption", label=label),
        (
            "year",
            "#by-year.recorded",
            *(
                (page.Header(say("by-year.beside", beside=found.beside), numeric=True),)
                if beside
                else ()
            ),
            *(
                (
                    page.Header(say("by-year.expected-without"), numeric=True),
                    page.Header(say("head.95-range"), numeric=True),
                )
                if known
                else ()
            ),
        ),
        map(cells, found.years),
        language,
    )


def _number(value: float | None) -> page.Text:
    return ("–" if value is None else words.number(value),)
