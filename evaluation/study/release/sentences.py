"""Sentences that are no facts yet: their counts of people and known numbers, by their form.

A net under what estimators still say in words; it goes when the last of them is a fact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evaluation.data.counted import FEW, share_told
from evaluation.data.project import Disclosure
from evaluation.study.release.rounding import Seen, count, fewer

_PEOPLE = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+) "
    r"(?=(?:of (?:the )?[\d,]+ )?(?:[a-z-]+ ){0,2}"
    r"(?:people|persons?|respondents|residents|pairs|others|participants|"
    r"treated and [\d,]+ untreated people)\b)"
)
_OF_THEM = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+) (?=of them\b)")
_SHARE = re.compile(
    r"(?<!under )(?<!over )(?<![\d.,])(\d+) % of (?=(?:the )?(treated|untreated|others))"
)
# A name as messages write it, in quotes of either kind, with what follows of how many more.
_WHOM = re.compile(
    r"([Oo]f )?\b[Pp]erson (?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?: \(and of [^)]* more\))?"
)
_RESPONDENT = re.compile(r"\b([Rr])espondent \d[\d,]*")
_DECIMAL = re.compile(r"(?<![\d.,])[-+]?\d[\d,]*\.(\d+)(?= (?:among|points|each)\b)")


def safe_words(
    text: str, wholes: Sequence[int] = (), rule: Disclosure | None = None, seen: Seen | None = None
) -> str:
    """A sentence without counts of few people, other counts in steps, nobody named, and numbers
    that are told elsewhere as they are told there.

    Parameters
    ----------
    wholes : of people all, the treated and the others, in this order; then whole percents of a
        side that tell of few become "under".
    """
    rules = rule or Disclosure()

    def share(match: re.Match[str]) -> str:
        if len(wholes) != 3 or not (whole := wholes[1 if match[2] == "treated" else 2]):
            return match[0]
        # The percent was rounded: as few as there may be, and as few others.
        percent = int(match[1])
        if (percent - 0.5) * whole / 100 < rules.fewest:
            return f"{share_told(0, whole)} of "
        rest = (99.5 - percent) * whole / 100
        return (
            match[0] if percent == 100 or rest >= rules.fewest else f"{share_told(99.9, whole)} of "
        )

    def told(match: re.Match[str]) -> str:
        people = count(int(match[1].replace(",", "")), rules)
        comma = "," if "," in match[1] or (isinstance(people, int) and people > 9999) else ""
        return f"{people:{comma}} " if isinstance(people, int) else f"{people} "

    def known(match: re.Match[str]) -> str:
        return match[0] if seen is None else _decimal(match[0], len(match[1]), seen)

    text = text.replace(FEW, str(fewer(rules)))
    text = _WHOM.sub(lambda match: "of somebody" if match[1] else "somebody", text)
    text = _RESPONDENT.sub(lambda match: f"a {match[1].lower()}espondent", text)
    text = _OF_THEM.sub(told, _PEOPLE.sub(told, text))
    return _SHARE.sub(share, _DECIMAL.sub(known, text))


def _decimal(written: str, digits: int, seen: Seen) -> str:
    """A number with decimals as it is told elsewhere, where one that is told rounds to it."""
    value = float(written.replace(",", ""))
    found = {
        f"{told:.{digits}f}"
        for exact, told in seen.numbers.items()
        if abs(float(exact) - value) <= 0.5000001 * 10.0**-digits
        and f"{float(exact):.{digits}f}" == f"{value:.{digits}f}"
    }
    if len(found) != 1 or not value:
        return written
    made = found.pop()
    return f"+{made}" if written.startswith("+") and not made.startswith("-") else made
