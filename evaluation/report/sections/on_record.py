"""What is on record about programs that others described, by the id of the place where they ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.study.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record about a program that the plan does not describe: each a sentence and where
    it is written. programs : its names, in full, in small letters."""

    programs: tuple[str, ...]
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
    programs=("ceasefire", "oakland ceasefire"),
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
    programs=("operation ceasefire", "boston's operation ceasefire"),
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
ON_RECORD: Mapping[str, Known] = {"us-ca-oakland": _OAKLAND, "us-ma-boston": _BOSTON}


def on_record(evidence: Evidence) -> Known | None:
    """What is on record about the program of a study; None when nothing is.

    The place is known by the id that the description of the data declares, for a part of a name
    says nothing: Oakland Park is not Oakland. In that place another program is another program, so
    its name is one of those on record, in full.
    """
    known = ON_RECORD.get(evidence.data.provenance.place_of(evidence.data.unit))
    program = " ".join(evidence.intervention.casefold().split())
    return known if known is not None and program in known.programs else None
