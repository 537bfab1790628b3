"""The back of a report: methods, plan, data and how to make it all again."""

from __future__ import annotations

from evaluation.data.panel import Provenance
from evaluation.effect import Effect
from evaluation.report import study_words, words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Code,
    CodeBlock,
    Details,
    Heading,
    Paragraph,
    Strong,
    Table,
    Text,
    heads,
    inline,
)
from evaluation.report.figures import figures
from evaluation.report.sections import comparison
from evaluation.report.sections.folded import folded
from evaluation.report.study_words import is_count
from evaluation.say import say
from evaluation.study.acceptances import Chain
from evaluation.study.evidence import Evidence, OutcomeEvidence


def methods(evidence: Evidence) -> list[Block]:
    """What was estimated, how, and what the method takes for granted."""
    blocks: list[Block] = [
        Heading(2, say("appendix.title"), "methods"),
        Paragraph((comparison.approach(evidence),)),
    ]
    for outcome in evidence.outcomes:
        told: list[Block] = [BulletList(_method_items(evidence, outcome))]
        if outcome.estimated and outcome.effect.terms:
            told.append(_coefficients(outcome))
        blocks += folded(evidence, outcome, "methods", told)
    return blocks


def plan(evidence: Evidence) -> list[Block]:
    """The plan in words, whether it was frozen, and every change since."""
    record = evidence.plan
    blocks: list[Block] = [
        Heading(2, say("appendix.plan"), "plan"),
        BulletList(tuple((words.sentence(str(item)),) for item in record.words)),
    ]
    if record.frozen_sha256 is None:
        blocks.append(Paragraph((say("appendix.no-frozen-copy-of-this"),)))
    elif not record.changes:
        blocks.append(
            Paragraph(
                (
                    Strong(say("appendix.frozen")),
                    _on(record.frozen_on),
                    say("appendix.and-not-changed-since-copy"),
                )
            )
        )
    else:
        blocks.append(
            Paragraph(
                (
                    Strong(say("appendix.frozen")),
                    _on(record.frozen_on),
                    ". ",
                    Strong(say("appendix.changed-since-then")),
                )
            )
        )
        blocks.append(BulletList(tuple((words.sentence(change),) for change in record.changes)))
    return blocks


def data(evidence: Evidence) -> list[Block]:
    """Where the numbers come from, the hashes that pin them, and what each column holds."""
    record, source = evidence.data, evidence.data.provenance
    rows: list[tuple[Text, ...]] = [
        ((say("appendix.dataset"),), (source.name,)),
        ((say("appendix.source"),), (source.source,)),
        ((say("appendix.license"),), (source.licence,)),
        ((say("appendix.sensitivity"),), (words.capital(source.sensitivity),)),
        ((_studied(evidence),), (record.unit,)),
        _time(evidence),
        ((say("appendix.rows-in-file"),), (words.number(source.rows),)),
        ((say("appendix.data-file"),), (Code(source.file),)),
        ((say("appendix.sha-256-of-data"),), (Code(source.sha256),)),
        ((say("appendix.description"),), (Code(source.description_file),)),
        ((say("appendix.sha-256-of-description"),), (Code(source.description_sha256),)),
        *_beside(source),
        ((say("appendix.sha-256-of-plan"),), (Code(evidence.plan.sha256),)),
    ]
    if evidence.plan.frozen_sha256 is not None:
        rows.append(
            ((say("appendix.sha-256-of-frozen-plan"),), (Code(evidence.plan.frozen_sha256),))
        )
    blocks: list[Block] = [Heading(2, say("appendix.data"), "data")]
    blocks += [
        Paragraph((words.sentence(one.notes),))
        for one in (source, *source.beside)
        if one.notes.strip()
    ]
    blocks.append(
        Table(
            key="provenance",
            caption=say("appendix.where-numbers-come-from"),
            headers=heads("item", "value"),
            rows=tuple(rows),
        )
    )
    blocks.append(_recording_changes(evidence))
    blocks.append(
        Table(
            key="dictionary",
            caption=say("appendix.what-each-column-holds"),
            headers=heads("column", "meaning", "role", "measured-in"),
            rows=tuple(
                (
                    (Code(column.name),),
                    (words.capital(column.label),),
                    (say(f"appendix.roles-{column.role}"),),
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
            ((say("appendix.dataset-read-with-it"),), (one.name,)),
            ((say("appendix.its-source"),), (one.source,)),
            ((say("appendix.its-license"),), (one.licence,)),
            ((say("appendix.rows-in-its-file"),), (words.number(one.rows),)),
            ((say("appendix.its-file"),), (Code(one.file),)),
            ((say("appendix.sha-256-of-its-file"),), (Code(one.sha256),)),
            ((say("appendix.sha-256-of-its-description"),), (Code(one.description_sha256),)),
        )
    ]


def reproduce(evidence: Evidence, chain: Chain | None) -> list[Block]:
    """The commands that make the report again and compare, and what vouches for what was accepted.

    Parameters
    ----------
    chain : of acceptances before this page; None to leave it out.
    """
    chained: list[Block] = []
    if chain is not None:
        key = "appendix.chain" if chain.entries else "appendix.chain-begins"
        log, head = Code(f"analyses/{evidence.slug}/changes.toml"), Code(chain.head)
        chained = [Paragraph(inline(key, n=chain.entries, log=log, code=head))]
    return [
        Heading(2, say("appendix.make-it-again"), "reproduce"),
        Paragraph((say("appendix.two-commands-in-project-folder"),)),
        CodeBlock(("make reports", "make test")),
        Paragraph((say("appendix.first-makes-every-number-and"),)),
        CodeBlock((f"ceasefire check {evidence.slug}",)),
        Paragraph(
            inline(
                "appendix.all-numbers-on-this-page",
                code=Code(f"reports/{evidence.slug}/results.json"),
                code2=Code(f"analyses/{evidence.slug}/plan.toml"),
            )
        ),
        *chained,
    ]


def _on(date: str | None) -> str:
    return "" if date is None else say("appendix.by-its-authors-word-on", date=date)


def _recording_changes(evidence: Evidence) -> Block:
    changes = evidence.data.recording_changes
    if not changes:
        return Paragraph((say("appendix.description-of-data-names-no"),))
    return Table(
        key="recording",
        caption=say("appendix.known-changes-in-how-data"),
        headers=heads("when", "what", "column", "place"),
        rows=tuple(
            (
                (words.period_words(change.date),),
                (words.sentence(change.what),),
                (Code(change.column) if change.column else say("appendix.all"),),
                (change.unit or say("appendix.all"),),
            )
            for change in changes
        ),
    )


def _time(evidence: Evidence) -> tuple[Text, ...]:
    """The row about the time that the data cover."""
    record = evidence.data
    said = study_words.span(evidence, "appendix.to")
    if study_words.speaks_for(evidence):
        return ((say("appendix.time-covered"),), (said,))
    return (
        (say("appendix.periods-used"),),
        (say("appendix.one-row", said=said, frequency=record.frequency),),
    )


def _studied(evidence: Evidence) -> str:
    if study_words.speaks_for(evidence):
        return say("appendix.studied")
    return say("appendix.treated") if comparison.is_did(evidence) else say("appendix.place-studied")


def _counted(evidence: Evidence) -> str:
    """What the observations of a fit are."""
    if study_words.speaks_for(evidence):
        return study_words.counted(evidence)
    return (
        say("appendix.units-times-periods")
        if comparison.is_did(evidence)
        else say("appendix.periods")
    )


def _of_months(evidence: Evidence) -> str:
    """That the tests of a method were of months, where the data are of weeks or days."""
    frequency = evidence.data.frequency
    if study_words.speaks_for(evidence) or frequency not in ("week", "day"):
        return ""
    key = "did" if comparison.is_did(evidence) else "its"
    return " " + say(f"appendix.tests-of-months-{key}", frequency=frequency)


def _method_items(evidence: Evidence, outcome: OutcomeEvidence) -> tuple[Text, ...]:
    entry = outcome.headline
    items: list[Text] = [
        (
            Strong(say("appendix.headline-method")),
            words.sentence(f"{entry.label}{figures.by_library(entry)}"),
        ),
        (Strong(say("appendix.it-assumes")), words.assumption(entry)),
        (
            Strong(say("appendix.how-often-its-95-range")),
            words.sentence(entry.coverage or say("appendix.not-measured")) + _of_months(evidence),
        ),
    ]
    if not outcome.estimated:
        return (
            *items,
            (
                Strong(say("appendix.not-estimated")),
                words.sentence(str(entry.reason or say("appendix.no-answer"))),
            ),
        )
    effect = outcome.effect
    items.insert(
        0, (Strong(say("appendix.question-in-numbers")), words.sentence(str(effect.estimand)))
    )
    if study_words.speaks_for(evidence) or is_count(evidence, outcome):
        items.append(
            (
                Strong(say("appendix.count-of-outcomes")),
                words.sentence(str(effect.averted_estimand)),
            )
        )
    items.append(
        (Strong(say("appendix.used", counted=_counted(evidence))), f"{words.number(effect.n)}.")
    )
    measured = _error_words(effect)
    if measured:
        items.append((Strong(say("appendix.what-errors-look-like")), measured))
    items.extend((Strong(say("appendix.note")), words.sentence(str(note))) for note in effect.notes)
    return tuple(items)


def _error_words(effect: Effect) -> str:
    parts = []
    if effect.rho is not None:
        parts.append(say("appendix.correlation-from-one-period-to", rho=effect.rho))
    if effect.nugget is not None:
        parts.append(say("appendix.share-of-it-that-is", nugget=effect.nugget))
    if effect.dispersion is not None:
        parts.append(say("appendix.variance-times-what-pure-chance", dispersion=effect.dispersion))
    return words.sentence("; ".join(parts)) if parts else ""


def _coefficients(outcome: OutcomeEvidence) -> Details:
    table = Table(
        key=f"terms-{figures.anchor(outcome.column)}",
        caption=say("appendix.coefficients-of-headline-model-2", label=outcome.label),
        headers=heads(
            "term", numeric=("estimate", "standard-error", "95-range", "degrees-of-freedom", "p")
        ),
        rows=tuple(
            (
                (term.name,),
                (words.number(term.estimate, 4),),
                (words.number(term.std_error, 4),),
                (
                    say(
                        "between.mixed",
                        low=words.number(term.low, 4),
                        high=words.number(term.high, 4),
                    ),
                ),
                (say("appendix.none-normal") if term.df is None else words.number(term.df),),
                (words.p_value(term.p_value),),
            )
            for term in outcome.effect.terms
        ),
    )
    return Details(say("appendix.coefficients-of-headline-model"), (table,))


def environment(evidence: Evidence) -> list[Block]:
    """Where the versions stand. They are not printed: a page must be the same on every machine."""
    return [
        Heading(2, say("appendix.software"), "environment"),
        Paragraph(
            inline(
                "appendix.python-3-11-or-later",
                code=Code("requirements.lock"),
                code2=Code(f"reports/{evidence.slug}/lock.json"),
            )
        ),
    ]
