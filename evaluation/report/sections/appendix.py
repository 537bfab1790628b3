"""The back of a report: methods, plan, data and how to make it all again."""

from __future__ import annotations

from evaluation.data.panel import Provenance
from evaluation.effect import Effect
from evaluation.report import people_and_survey_words, words
from evaluation.report.averted_counts import is_count
from evaluation.report.blocks import (
    Block,
    BulletList,
    Code,
    CodeBlock,
    Details,
    Header,
    Heading,
    Paragraph,
    Strong,
    Table,
    Text,
)
from evaluation.report.figures import figures
from evaluation.report.sections import comparison
from evaluation.study.evidence import Evidence, OutcomeEvidence

_ROLES = {
    "unit": "Place",
    "period": "Time",
    "outcome": "Outcome",
    "exposure": "Exposure",
    "treatment": "Treatment",
    "covariate": "Covariate",
}


def methods(evidence: Evidence) -> list[Block]:
    """What was estimated, how, and what the method takes for granted."""
    blocks: list[Block] = [
        Heading(2, "How it was done", "methods"),
        Paragraph((comparison.approach(evidence),)),
    ]
    for outcome in evidence.outcomes:
        if len(evidence.outcomes) > 1:
            anchor = f"methods-{figures.anchor(outcome.column)}"
            blocks.append(Heading(3, words.capital(outcome.label), anchor))
        blocks.append(BulletList(_method_items(evidence, outcome)))
        if outcome.estimated and outcome.effect.terms:
            blocks.append(_coefficients(outcome))
    return blocks


def plan(evidence: Evidence) -> list[Block]:
    """The plan in words, whether it was frozen, and every change since."""
    record = evidence.plan
    blocks: list[Block] = [
        Heading(2, "The plan", "plan"),
        BulletList(tuple((words.sentence(item),) for item in record.words)),
    ]
    if record.frozen_sha256 is None:
        blocks.append(
            Paragraph(("No frozen copy of this plan exists, so changes to it cannot be shown.",))
        )
    elif not record.changes:
        blocks.append(
            Paragraph(
                (
                    Strong("Frozen"),
                    _on(record.frozen_on),
                    ", and not changed since the copy was made.",
                )
            )
        )
    else:
        blocks.append(
            Paragraph(
                (Strong("Frozen"), _on(record.frozen_on), ". ", Strong("Changed since then:"))
            )
        )
        blocks.append(BulletList(tuple((words.sentence(change),) for change in record.changes)))
    return blocks


def data(evidence: Evidence) -> list[Block]:
    """Where the numbers come from, the hashes that pin them, and what each column holds."""
    record, source = evidence.data, evidence.data.provenance
    rows: list[tuple[Text, ...]] = [
        (("Dataset",), (source.name,)),
        (("Source",), (source.source,)),
        (("License",), (source.licence,)),
        (("Sensitivity",), (words.capital(source.sensitivity),)),
        ((_studied(evidence),), (record.unit,)),
        _time(evidence),
        (("Rows in the file",), (words.number(source.rows),)),
        (("Data file",), (Code(source.file),)),
        (("SHA-256 of the data",), (Code(source.sha256),)),
        (("Description",), (Code(source.description_file),)),
        (("SHA-256 of the description",), (Code(source.description_sha256),)),
        *_beside(source),
        (("SHA-256 of the plan",), (Code(evidence.plan.sha256),)),
    ]
    if evidence.plan.frozen_sha256 is not None:
        rows.append((("SHA-256 of the frozen plan",), (Code(evidence.plan.frozen_sha256),)))
    blocks: list[Block] = [Heading(2, "The data", "data")]
    blocks += [
        Paragraph((words.sentence(one.notes),))
        for one in (source, *source.beside)
        if one.notes.strip()
    ]
    blocks.append(
        Table(
            key="provenance",
            caption="Where the numbers come from",
            headers=(Header("Item"), Header("Value")),
            rows=tuple(rows),
        )
    )
    blocks.append(_recording_changes(evidence))
    blocks.append(
        Table(
            key="dictionary",
            caption="What each column holds",
            headers=(Header("Column"), Header("Meaning"), Header("Role"), Header("Measured in")),
            rows=tuple(
                (
                    (Code(column.name),),
                    (words.capital(column.label),),
                    (_ROLES[column.role],),
                    (column.measure or "–",),
                )
                for column in record.columns
            ),
        )
    )
    return blocks


def _beside(source: Provenance) -> list[tuple[Text, ...]]:
    """The further tables that were read with this one."""
    return [
        row
        for one in source.beside
        for row in (
            (("Dataset read with it",), (one.name,)),
            (("Its source",), (one.source,)),
            (("Its license",), (one.licence,)),
            (("Rows in its file",), (words.number(one.rows),)),
            (("Its file",), (Code(one.file),)),
            (("SHA-256 of its file",), (Code(one.sha256),)),
            (("SHA-256 of its description",), (Code(one.description_sha256),)),
        )
    ]


def reproduce(evidence: Evidence) -> list[Block]:
    """The commands that make the report again and compare."""
    return [
        Heading(2, "Make it again", "reproduce"),
        Paragraph(("Two commands, in the project folder, with Python 3.11 or later:",)),
        CodeBlock(("make reports", "make test")),
        Paragraph(
            (
                "The first makes every number and this page from the data and the plan; the second "
                "tests the methods. To compare this report with a fresh run:",
            )
        ),
        CodeBlock((f"ceasefire check {evidence.slug}",)),
        Paragraph(
            (
                "All numbers on this page, with six digits, are in ",
                Code(f"reports/{evidence.slug}/results.json"),
                "; the plan is ",
                Code(f"analyses/{evidence.slug}/plan.toml"),
                ".",
            )
        ),
    ]


def _on(date: str | None) -> str:
    return "" if date is None else f", by its author's word on {words.period_words(date)}"


def _recording_changes(evidence: Evidence) -> Block:
    changes = evidence.data.recording_changes
    if not changes:
        return Paragraph(
            ("The description of the data names no change in how the outcome was recorded.",)
        )
    return Table(
        key="recording",
        caption="Known changes in how the data were recorded",
        headers=(Header("When"), Header("What"), Header("Column"), Header("Place")),
        rows=tuple(
            (
                (words.period_words(change.date),),
                (words.sentence(change.what),),
                (Code(change.column) if change.column else "All",),
                (change.unit or "All",),
            )
            for change in changes
        ),
    )


def _time(evidence: Evidence) -> tuple[Text, ...]:
    """The row about the time that the data cover."""
    record = evidence.data
    said = f"{words.period_words(record.first)} to {words.period_words(record.last)}"
    if people_and_survey_words.speaks_for(evidence):
        return (("Time covered",), (said,))
    return (("Periods used",), (f"{said}, one row a {record.frequency}",))


def _studied(evidence: Evidence) -> str:
    if people_and_survey_words.speaks_for(evidence):
        return "Studied"
    return "Treated" if comparison.is_did(evidence) else "Place studied"


def _counted(evidence: Evidence) -> str:
    """What the observations of a fit are."""
    if people_and_survey_words.speaks_for(evidence):
        return people_and_survey_words.counted(evidence)
    return "Units times periods" if comparison.is_did(evidence) else "Periods"


def _method_items(evidence: Evidence, outcome: OutcomeEvidence) -> tuple[Text, ...]:
    entry = outcome.headline
    items: list[Text] = [
        (Strong("Headline method: "), words.sentence(entry.label)),
        (Strong("It assumes: "), words.assumption(entry)),
        (
            Strong("How often its 95% range was right in tests: "),
            words.sentence(entry.coverage or "not measured"),
        ),
    ]
    if not outcome.estimated:
        return (
            *items,
            (Strong("Not estimated: "), words.sentence(str(entry.reason or "no answer"))),
        )
    effect = outcome.effect
    items.insert(0, (Strong("Question in numbers: "), words.sentence(str(effect.estimand))))
    if people_and_survey_words.speaks_for(evidence) or is_count(evidence, outcome):
        items.append(
            (Strong("The count of outcomes: "), words.sentence(str(effect.averted_estimand)))
        )
    items.append((Strong(f"{_counted(evidence)} used: "), f"{words.number(effect.n)}."))
    measured = _error_words(effect)
    if measured:
        items.append((Strong("What the errors look like: "), measured))
    items.extend((Strong("Note: "), words.sentence(str(note))) for note in effect.notes)
    return tuple(items)


def _error_words(effect: Effect) -> str:
    parts = []
    if effect.rho is not None:
        parts.append(f"correlation from one period to the next {words.number(effect.rho, 2)}")
    if effect.nugget is not None:
        parts.append(f"share of it that is unlinked noise {words.number(effect.nugget, 2)}")
    if effect.dispersion is not None:
        parts.append(f"variance {words.number(effect.dispersion, 2)} times what pure chance gives")
    return words.sentence("; ".join(parts)) if parts else ""


def _coefficients(outcome: OutcomeEvidence) -> Details:
    table = Table(
        key=f"terms-{figures.anchor(outcome.column)}",
        caption=f"{words.capital(outcome.label)}: coefficients of the headline model",
        headers=(
            Header("Term"),
            Header("Estimate", numeric=True),
            Header("Standard error", numeric=True),
            Header("95% range", numeric=True),
            Header("Degrees of freedom", numeric=True),
            Header("p", numeric=True),
        ),
        rows=tuple(
            (
                (term.name,),
                (words.number(term.estimate, 4),),
                (words.number(term.std_error, 4),),
                (f"{words.number(term.low, 4)} to {words.number(term.high, 4)}",),
                ("none (normal)" if term.df is None else words.number(term.df),),
                (words.p_value(term.p_value),),
            )
            for term in outcome.effect.terms
        ),
    )
    return Details("Coefficients of the headline model", (table,))
