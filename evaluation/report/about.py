"""What the program is and whom it is for, and who was compared with whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.report import comparison, words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Callout,
    Code,
    Heading,
    Link,
    Paragraph,
    Strong,
    Text,
)
from evaluation.study.evidence import Evidence, OutcomeEvidence

# Checks that say in words who is compared.
_GROUPS = ("comparison-groups", "who-is-compared")
_HOW = "how it was done"


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record about a program that the plan does not describe: each a sentence and where
    it is written."""

    what: tuple[tuple[str, str], ...]
    whom: tuple[tuple[str, str], ...]
    found: tuple[tuple[str, str], ...]


_REVIEW = (
    "Braga, Weisburd, and Turchan (2018) reviewed 24 evaluations of programs of this kind, none a "
    "randomized trial. Together they show a moderate fall in crime, which is smaller where the "
    "design is stronger.",
    "Criminology & Public Policy 17:205–250",
)
_OAKLAND = Known(
    what=(
        (
            "In weekly meetings, officers find out which people and groups commit gun violence. At "
            "meetings named call-ins, police, clergy, and service providers talk with the young "
            "men most likely to take part in shootings. Outreach workers follow up, with services "
            "such as job training and housing.",
            "East Bay Times, October 27, 2014",
        ),
        (
            "An audit of gangs and a map of who is linked with whom guide the work. Five police "
            "units of eight officers and a unit that investigates gangs belong to it.",
            "CrimeSolutions, Ceasefire (Oakland, Calif.)",
        ),
        (
            "It was fully in place in early 2013. Two earlier programs of the same name ran in "
            "2007 and from 2009 to 2011, so the years before are not free of it.",
            "Braga and others (2019), final report to the city; East Bay Times, October 27, 2014",
        ),
    ),
    whom=(
        (
            "It is for people in violent groups at the highest risk of violence: about 300 people. "
            "About 50 such groups have 1,000 to 1,200 members, 0.3% of the population.",
            "California Partnership for Safe Communities, on 171 homicides from January 2012 to "
            "June 2013, in Oak Talk, 2016",
        ),
        (
            "Members of gangs were involved in about two of three gun homicides in 2012 and 2013.",
            "CrimeSolutions, Ceasefire (Oakland, Calif.)",
        ),
    ),
    found=(
        (
            "The published evaluation of Oakland compared gangs and blocks with the program with "
            "others like them, and found effects on both. It also found effects on gangs linked to "
            "the treated ones, of varying size. This report does not rest on it.",
            "Braga and others (2019), Journal of Research in Crime and Delinquency 56(4):524–562",
        ),
        _REVIEW,
    ),
)
_BOSTON = Known(
    what=(
        (
            "Boston's Operation Ceasefire is judged here by homicides in which the victim was 24 "
            "or younger. What it consisted of is not in the data.",
            "Piehl and others (2003), Review of Economics and Statistics 85:550–558",
        ),
    ),
    whom=(),
    found=(
        (
            "Its first evaluation compared monthly counts before and after the start, and Boston "
            "with 39 other cities; youth homicides were 63% lower after the start.",
            "Braga, Kennedy, Waring, and Piehl (2001)",
        ),
        (
            "A search for a break at any date found one shortly after the start, of about 60%.",
            "Piehl and others (2003), Review of Economics and Statistics 85:550–558",
        ),
        (
            "A later comparison with 95 cities found some sign of a sharper fall, and too few "
            "homicides to be sure.",
            "Rosenfeld, Fornango, and Baumer (2005)",
        ),
        _REVIEW,
    ),
)


def about(evidence: Evidence) -> list[Block]:
    """What the program is and whom it is for, from the plan or else from what is on record."""
    heading = Heading(2, f"What {evidence.intervention} is, and whom it is for", "about")
    told: Mapping[str, Any] = evidence.plan.content.get("about") or {}
    if told:
        sources = [str(source) for source in told.get("sources") or ()]
        blocks: list[Block] = [
            heading,
            BulletList(
                (
                    (Strong("What it is: "), words.sentence(str(told["what"]))),
                    (Strong("Whom it is for: "), words.sentence(str(told["whom"]))),
                )
            ),
        ]
        if sources:
            blocks.append(Paragraph((Strong("Written in: "), words.sentence("; ".join(sources)))))
        return blocks
    known = on_record(evidence)
    if known is None:
        return [
            heading,
            Callout(
                "empty",
                "Not told",
                (
                    f"The plan does not say what {evidence.intervention} is, nor whom it is for. "
                    "Its author can: in a table ",
                    Code("[about]"),
                    " of the plan.",
                ),
            ),
        ]
    invented = evidence.data.provenance.sensitivity == "synthetic"
    imitated = "This is on record about the real program, which the invented data imitate."
    return [
        heading,
        *([Paragraph((imitated,))] if invented else []),
        BulletList(tuple(_fact(*fact) for fact in (*known.what, *known.whom))),
        Paragraph((Strong("What others found: "), "their answers, not the answer of this report.")),
        BulletList(tuple(_fact(*fact) for fact in known.found)),
    ]


def on_record(evidence: Evidence) -> Known | None:
    """What is on record about the Ceasefire of Oakland or of Boston; None for other programs."""
    if "Ceasefire" not in evidence.intervention:
        return None
    place = f"{evidence.data.unit} {evidence.data.provenance.name}"
    if "Oakland" in place:
        return _OAKLAND
    return _BOSTON if "Boston" in place else None


def what_was_compared(evidence: Evidence) -> list[Block]:
    """Who, with whom, over which time and by which outcomes."""
    data, start = evidence.data, words.period_words(evidence.start)
    items: list[Text] = [
        (Strong("Who had the program: "), f"{data.unit}, from {start}."),
        (Strong("Compared with: "), words.sentence(_compared_with(evidence))),
        (
            Strong("Time: "),
            f"{words.period_words(data.first)} to {words.period_words(data.last)}.",
        ),
    ]
    items += [(Strong("Outcome: "), _outcome(outcome)) for outcome in evidence.outcomes]
    return [
        Heading(2, "What was compared", "what-compared"),
        BulletList(tuple(items)),
        Paragraph(("How the two are compared is told under ", Link(_HOW, "#methods"), ".")),
    ]


def _fact(sentence: str, source: str) -> Text:
    return (f"{sentence} ", f"({source})")


def _compared_with(evidence: Evidence) -> str:
    """The comparison in a few words, or the finding of the check that says who it is."""
    said = next(
        (
            check.says
            for outcome in evidence.outcomes
            for check in outcome.checks
            if check.name in _GROUPS
        ),
        "",
    )
    if said:
        return said
    if comparison.sites(evidence):
        return "the earlier time of each place; each began at its own date"
    controls = comparison.controls(evidence)
    own = f"the time before {words.period_words(evidence.start)}"
    return f"{controls}, and {own}" if controls else f"{own} in the same place, and nothing else"


def _outcome(outcome: OutcomeEvidence) -> str:
    which = "the main one" if outcome.primary else "a further one"
    measure = f" ({outcome.measure})" if outcome.measure else ""
    return f"{outcome.label}{measure}, {which}; {outcome.better} is better."
