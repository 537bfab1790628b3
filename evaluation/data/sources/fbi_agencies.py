"""Police agencies as the FBI lists them by state, and which of them a user means."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from evaluation.data.labels import normal
from evaluation.data.sources.fbi_cde import Answer, shape
from evaluation.errors import DataError
from evaluation.fact import Fact, fact

_NAMES: Final = """
AL=Alabama AK=Alaska AZ=Arizona AR=Arkansas CA=California CO=Colorado CT=Connecticut
DE=Delaware DC=District_of_Columbia FL=Florida GA=Georgia HI=Hawaii ID=Idaho IL=Illinois
IN=Indiana IA=Iowa KS=Kansas KY=Kentucky LA=Louisiana ME=Maine MD=Maryland
MA=Massachusetts MI=Michigan MN=Minnesota MS=Mississippi MO=Missouri MT=Montana
NE=Nebraska NV=Nevada NH=New_Hampshire NJ=New_Jersey NM=New_Mexico NY=New_York
NC=North_Carolina ND=North_Dakota OH=Ohio OK=Oklahoma OR=Oregon PA=Pennsylvania
RI=Rhode_Island SC=South_Carolina SD=South_Dakota TN=Tennessee TX=Texas UT=Utah
VT=Vermont VA=Virginia WA=Washington WV=West_Virginia WI=Wisconsin WY=Wyoming
"""
STATES: Final[Mapping[str, str]] = {
    code: name.replace("_", " ") for code, name in re.findall(r"(\w\w)=(\w+)", _NAMES)
}
# ORIs begin with the letters of the state; Nebraska's are older than those of the post.
_OF_ORI: Final = {"NB": "NE"}
ORI: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{7}")
# What stands behind the name of a city in that of its police.
_POLICE: Final = re.compile(
    r"\s+(?:police (?:department|dept\.?|bureau|division)|(?:department|division|bureau) of police"
    r"|department of public safety|pd)$",
    re.IGNORECASE,
)
_CITY: Final = "City"
MOST_NEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency. ori : its identifier, nine places. kind : as the FBI says, "City" or "County".
    nibrs : the day from which on it reported incident by incident, "2021-01-01", or ""."""

    ori: str
    name: str
    state: str
    kind: str
    county: str
    nibrs: str

    @property
    def city(self) -> str:
        """The name without the words for police."""
        return _POLICE.sub("", self.name)

    @property
    def place(self) -> str:
        """The id of the city, or of the state for an agency of another kind."""
        state = f"us-{self.state.lower()}"
        name = re.sub(r"[^a-z0-9]+", "-", _compared(self.city)).strip("-")
        return f"{state}-{name}" if self.kind == _CITY and name else state

    def told(self) -> str:
        """The agency in a list to choose from."""
        return f"{self.ori} {self.name}, {self.state} ({self.kind}, {self.county})"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user asked for: an ORI, or a city with its state, which may be "" (any)."""

    text: str
    ori: str
    city: str
    state: str


def wanted(text: str) -> Wanted:
    """An ORI, a city, or a city with its state after a comma.

    Raises
    ------
    DataError : for anything else.

    Examples
    --------
    >>> wanted("Oakland, California").state, wanted("ca0010900").ori
    ('CA', 'CA0010900')
    """
    (one, *others) = _each(_tokens(text), text, named_states=True) or (None,)
    if one is None or others:
        raise DataError(fact("data.fbi.wanted", text=text))
    return one


def beside(text: str, state: str) -> tuple[Wanted, ...]:
    """Cities and ORIs as a list has them: "Fresno, Newark, NJ, CA0380100".

    Parameters
    ----------
    state : of a city without one, two letters.
    """
    found = _each(_tokens(text), text, named_states=False)
    if not found:
        raise DataError(fact("data.fbi.wanted", text=text))
    return tuple(
        one if one.ori or one.state else Wanted(one.text, "", one.city, state) for one in found
    )


def state_of_ori(ori: str) -> str:
    """The two letters of the state that an ORI begins with.

    Raises
    ------
    DataError : when no state has them.
    """
    state = _OF_ORI.get(ori[:2], ori[:2])
    if state not in STATES:
        raise DataError(fact("data.fbi.no-state", text=ori[:2]))
    return state


def listed(answer: Answer, state: str) -> tuple[Agency, ...]:
    """The agencies of a state, by ORI; one that lies in several counties is there once."""
    content = answer.content
    if not isinstance(content, Mapping):
        shape(answer.path, "of counties")
    found: dict[str, Agency] = {}
    for county, entries in content.items():
        if not isinstance(entries, Sequence) or isinstance(entries, str):
            shape(answer.path, f"{county}")
        for entry in entries:
            agency = _agency(entry, str(county), state)
            if agency is None:
                shape(answer.path, f"{county}: ori, agency_name")
            found.setdefault(agency.ori, agency)
    return tuple(found[ori] for ori in sorted(found))


def chosen(one: Wanted, agencies: Sequence[Agency]) -> Agency:
    """The agency that is meant.

    Raises
    ------
    DataError : when none or several are; it lists their ORIs. Nothing is guessed: a name that only
        holds the city's, such as North Las Vegas, is told and not taken.
    """
    if one.ori:
        for agency in agencies:
            if agency.ori == one.ori:
                return agency
        raise DataError(fact("data.fbi.no-ori", ori=one.ori))
    asked = _compared(one.city)
    exact = [agency for agency in agencies if _compared(agency.city) == asked]
    if len(exact) == 1:
        return exact[0]
    if exact:
        raise DataError(fact("data.fbi.several", text=one.text, n=len(exact), list=_told(exact)))
    near = [agency for agency in agencies if f" {asked} " in f" {_compared(agency.name)} "]
    near.sort(key=lambda agency: (agency.kind != _CITY, agency.ori))
    if near:
        raise DataError(fact("data.fbi.near", text=one.text, list=_told(near)))
    cities = sorted({agency.city for agency in agencies if agency.kind == _CITY})
    alike = get_close_matches(one.city, cities, n=1)
    hint = f" Did you mean {alike[0]!r}?" if alike else ""
    raise DataError(fact("data.fbi.no-city", text=one.text, hint=hint))


def _told(agencies: Iterable[Agency]) -> Fact:
    lines = [agency.told() for agency in agencies]
    more = len(lines) - MOST_NEAR
    return fact("data.fbi.list", lines=tuple(lines[:MOST_NEAR]), more=max(more, 0))


def _agency(entry: Any, county: str, state: str) -> Agency | None:
    """An entry of the list; None when it is none."""
    if not isinstance(entry, Mapping):
        return None
    ori, name = entry.get("ori"), entry.get("agency_name")
    if not (isinstance(ori, str) and ORI.fullmatch(ori) and isinstance(name, str) and name.strip()):
        return None
    kind, nibrs = entry.get("agency_type_name"), str(entry.get("nibrs_start_date") or "")[:10]
    return Agency(
        ori,
        " ".join(name.split()),
        state,
        kind if isinstance(kind, str) and kind.strip() else "other",
        " ".join(county.split()),
        nibrs if _day(nibrs) else "",
    )


def _day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _compared(name: str) -> str:
    """A name without case, marks and the two spellings of Saint."""
    words = re.sub(r"[^\w]+", " ", normal(name)).split()
    return " ".join("st" if word == "saint" else word for word in words)


def _tokens(text: str) -> list[str]:
    return [token for token in (" ".join(one.split()) for one in re.split("[,;]", text)) if token]


def _each(tokens: Sequence[str], text: str, *, named_states: bool) -> list[Wanted]:
    """ORIs and cities, each city with the state that follows it.

    Parameters
    ----------
    named_states : whether a state may be written out; in a list, New York may be a city.
    """
    codes = {name.casefold(): code for code, name in STATES.items()} if named_states else {}
    found: list[Wanted] = []
    for token in tokens:
        state = token if token in STATES else codes.get(token.casefold(), "")
        state = state or (token.upper() if named_states and token.upper() in STATES else "")
        if state and found and found[-1].city and not found[-1].state:
            city = found[-1].city
            found[-1] = Wanted(f"{city}, {state}", "", city, state)
        elif ORI.fullmatch(token.upper()) and any(char.isdigit() for char in token):
            found.append(Wanted(token.upper(), token.upper(), "", ""))
        elif token in STATES or not any(char.isalpha() for char in token):
            raise DataError(fact("data.fbi.wanted", text=text))
        else:
            found.append(Wanted(token, "", token, ""))
    return found
