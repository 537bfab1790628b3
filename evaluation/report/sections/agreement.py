"""Our own studies of one goal side by side: one picture, how far they agree, and what they share.

They are never averaged, and tests on invented data stand apart and folded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evaluation.plots.forest import Band, Mark, forest, forest_height
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.drawn import as_figure
from evaluation.say import ENGLISH, QUOTES, Language
from evaluation.study.evidence import Evidence

if TYPE_CHECKING:
    from evaluation.synthesis.result import Agreement, Common, Line, Together


def agreement_blocks(
    found: Agreement, studies: Mapping[str, Evidence], language: Language
) -> list[page.Block]:
    """The section on real studies, or the folded one on tests of the method.

    Parameters
    ----------
    studies : by slug, with their names in that language.
    """
    say = language.say
    usable = sum(line.counts for line in found.lines)
    if not found.synthetic:
        title = page.heading("agree.title", f"agree-{found.goal}", language, level=3)
        if usable < 2:
            return [title, page.paragraph("agree.few", language)]
        return [title, *_compared(found, studies, language)]
    if usable < 2:
        return []
    blocks = (
        page.paragraph("agree.synthetic-text", language),
        *_compared(found, studies, language),
    )
    return [page.Details(say("agree.synthetic"), blocks)]


def _compared(
    found: Agreement, studies: Mapping[str, Evidence], language: Language
) -> tuple[page.Block, ...]:
    items = tuple((one,) for one in _statements(found, studies, language))
    shared = [_shared(found, studies, language)] if found.together else []
    return (_figure(found, studies, language), page.BulletList(items), *shared)


def _figure(found: Agreement, studies: Mapping[str, Evidence], language: Language) -> page.Figure:
    say = language.say
    key = f"agreement-{found.goal}{'-synthetic' if found.synthetic else ''}"
    marks = []
    for line in found.lines:
        label = say(
            "agree.row",
            number=_number(found, line.study),
            design=_design(studies[line.study], language),
            place=studies[line.study].data.unit,
            label=_label(line, studies, language),
        )
        if line.percent is None or line.reason:
            marks.append(Mark(label, None, note=say("agree.no-answer")))
        else:
            span = line.percent
            marks.append(Mark(label, span.estimate, span.low, span.high))
    bands = [Band("", tuple(marks))]
    height = forest_height(bands)
    spoken = "; ".join(
        f"{mark.label}, {mark.note}"
        if mark.estimate is None
        else f"{mark.label}, {words.signed_percent(mark.estimate)} "
        f"({_ends(mark.low, mark.high, language)})"
        for mark in marks
    )
    return as_figure(
        key,
        lambda figure: forest(bands, figure.axes[0], axis=say("agree.axis")),
        height,
        height,
        title=_title(found, language),
        description=say("agree.description", listed=spoken),
        table=_table(key, found, studies, language),
        note=say("agree.note"),
        folded=False,
    )


def _title(found: Agreement, language: Language) -> str:
    """On which side of what was expected the answers lie, and how many leave it open; by what is
    hoped for when that differs."""
    answers = [line for line in found.lines if line.counts]
    sides = [_side(line) for line in answers]
    below, above = sides.count(-1), sides.count(1)
    good = sum(_side(line) == (-1 if line.better == "lower" else 1) for line in answers)
    numbers = {
        "answers": len(answers),
        "falls": below,
        "rises": above,
        "good": good,
        "bad": below + above - good,
        "unclear": sides.count(0),
    }
    hopes = len({line.better for line in answers}) > 1
    one, other = ("good", "bad") if hopes else ("falls", "rises")
    if not below + above:
        key = "open"
    elif len(answers) in (numbers[one], numbers[other]):
        key = f"same-{(one if numbers[one] else other).removesuffix('s')}"
    else:
        key = "mixed-hopes" if hopes else "mixed"
    return language.say(f"agree.{key}", **numbers)


def _statements(found: Agreement, studies: Mapping[str, Evidence], language: Language) -> list[str]:
    """The sentences under the picture."""
    say = language.say
    answers = [line for line in found.lines if line.counts]
    unused = [line for line in found.lines if not line.counts]
    said = []
    if unused:
        lines = language.listed([_short(found, line, studies, language) for line in unused])
        said.append(say("agree.unused", lines=lines))
    clear = sum(line.clear for line in answers)
    said.append(say("agree.clear", clear=clear, answers=len(answers)))
    if found.overlap:
        said.append(say("agree.overlap"))
    if found.apart_lines:
        pairs = "; ".join(
            language.listed([_short(found, found.lines[i], studies, language) for i in pair])
            for pair in found.apart_lines
        )
        said.append(say("agree.apart", pairs=pairs))
    hopes = {
        better: sorted({_label(one, studies, language) for one in answers if one.better == better})
        for better in ("lower", "higher")
    }
    if all(hopes.values()):
        named = {way: ", ".join(hopes[way]) for way in hopes}
        said.append(say("agree.hopes", falls=named["lower"], rises=named["higher"]))
    outcomes = sorted({*hopes["lower"], *hopes["higher"]})
    if len(outcomes) > 1:
        said.append(say("agree.measure", outcomes=", ".join(outcomes)))
    if found.together:
        said.append(say("agree.tied"))
    elif not (found.unplaced or found.undeclared) and len({line.study for line in found.lines}) > 1:
        said.append(say("agree.free"))
    if found.unplaced:
        names = [str(_number(found, slug)) for slug in found.unplaced]
        said.append(say("agree.unplaced", studies=language.listed(names)))
    if found.undeclared:
        names = [str(_number(found, slug)) for slug in found.undeclared]
        said.append(say("agree.undeclared", studies=language.listed(names)))
    said.append(say("agree.apart-kept"))
    return said


def _table(
    key: str, found: Agreement, studies: Mapping[str, Evidence], language: Language
) -> page.Table:
    say = language.say
    caption = "agree.caption-synthetic" if found.synthetic else "agree.caption"
    rows = []
    for line in found.lines:
        study = studies[line.study]
        name: tuple[page.Inline, ...] = page.inline(
            "agreement.text",
            number=_number(found, line.study),
            link=page.Link(study.title, f"{line.study}/{language.page}"),
        )
        numbers: tuple[page.Text, page.Text] = ((words.capital(say("agree.no-answer")),), ("–",))
        if line.percent is not None and not line.reason:
            span = line.percent
            numbers = (
                (words.signed_percent(span.estimate),),
                (_ends(span.low, span.high, language),),
            )
        what = f"{words.capital(_design(study, language))}: {_label(line, studies, language)}"
        grade = words.capital(say(f"grade.{line.grade}"))
        rows.append((name, (what,), *numbers, (grade,)))
    return page.table(
        f"{key}-table",
        say(caption, goal=found.goal),
        (
            "agree.head-study",
            "agree.head-design",
            "#agree.head-change",
            "#agree.head-range",
            "strip.certainty",
        ),
        rows,
        language,
    )


def _shared(found: Agreement, studies: Mapping[str, Evidence], language: Language) -> page.Table:
    """Every thing that studies share, with their numbers."""
    say = language.say
    kind = "-synthetic" if found.synthetic else ""
    caption = "agree.shared-synthetic" if found.synthetic else "agree.shared"
    return page.table(
        f"shared-{found.goal}{kind}",
        say(caption, goal=found.goal),
        ("agree.head-shared", "agree.head-studies"),
        (
            (
                _thing(together.common, _named_in(together, studies), language),
                language.listed([str(_number(found, slug)) for slug in together.studies]),
            )
            for together in found.together
        ),
        language,
    )


def _thing(common: Common, study: Evidence, language: Language) -> str:
    """A shared thing in words; `study` is one that has it, for its names in that language."""
    say, parts = language.say, common.parts
    if common.kind == "file":
        return say("shared.file", file=parts[0])
    if common.kind == "place":
        return say("shared.place", place=study.data.unit)
    if common.kind == "units":
        return say("shared.units", units=_units(parts, language))
    if common.kind == "events":
        first, last = (words.period_words(period, language.code) for period in parts[1:3])
        where = _units(parts[3:], language)
        label = language.bare(_of_kind(parts[0], study, language))
        return say("shared.events", label=label, where=where, first=first, last=last)
    if common.kind == "start":
        period = words.period_words(parts[1], language.code)
        return say("shared.start", intervention=study.intervention, period=period)
    if common.kind == "months":
        first, last = (words.period_words(period, language.code) for period in parts)
        return say("shared.months", first=first, last=last)
    return say("shared.assumption", words=_quoted(parts[0], language))


def _units(names: Sequence[str], language: Language) -> str:
    """The names as a sentence lists them, the first two of many."""
    names = [_quoted(name, language) for name in names]
    if len(names) > 3:
        return language.say("shared.more", first=names[0], second=names[1], more=len(names) - 2)
    return language.listed(names)


def _of_kind(what: str, study: Evidence, language: Language) -> str:
    """What a kind of events is called: the label, in its language, of the first outcome of a study
    of this family; of a kind that is a name, what the language has for it."""
    families = {column.name: column.family for column in study.data.columns}
    labels = [one.label for one in study.outcomes if families.get(one.column) == what]
    return labels[0] if labels else language.labels.get(what) or _quoted(what, language)


def _named_in(together: Together, studies: Mapping[str, Evidence]) -> Evidence:
    """The study whose words name what is shared: of a place one that calls it by its name."""
    sharing = [studies[slug] for slug in together.studies]
    return next((one for one in sharing if one.data.unit in together.common.parts), sharing[0])


def _quoted(text: str, language: Language) -> str:
    """Words that only English has, marked as such elsewhere."""
    return text if language.code == ENGLISH.code else QUOTES.format(text)


def _number(found: Agreement, slug: str) -> int:
    """By which picture and table name a study."""
    return sorted({line.study for line in found.lines}).index(slug) + 1


def _short(
    found: Agreement, line: Line, studies: Mapping[str, Evidence], language: Language
) -> str:
    label = _label(line, studies, language)
    return language.say("agree.row-short", number=_number(found, line.study), label=label)


def _label(line: Line, studies: Mapping[str, Evidence], language: Language) -> str:
    """The outcome in that language, as it stands inside a row."""
    return language.bare(studies[line.study].outcome(line.column).label)


def _design(study: Evidence, language: Language) -> str:
    about = study.about
    return language.say(f"design.{about.design}") if about.in_words else about.design


def _ends(low: float | None, high: float | None, language: Language) -> str:
    assert low is not None and high is not None
    ends = {"low": words.signed_percent(low), "high": words.signed_percent(high)}
    return language.say("agree.to", **ends)


def _side(line: Line) -> int:
    """1 or -1 where the range lies above or below no change, 0 where it includes it."""
    if line.percent is None or not line.clear:
        return 0
    return 1 if line.percent.low > 0 else -1
