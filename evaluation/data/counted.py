"""Numbers of people as sentences hold them: facts with the number marked as a count.

Their words never tell of fewer than 10 people, nor of all but so few; who they are is said to the
author alone. A release makes them anew from the counts, and takes out whatever names a `person`.
"""

from __future__ import annotations

import numpy as np

from evaluation.fact import Fact, fact

SMALLEST = 10
# Shares are told in steps of so many.
STEP = 5
FEW = f"fewer than {SMALLEST}"


def words_of(count: int) -> str:
    """A count of people as a sentence may tell it.

    Examples
    --------
    >>> words_of(1200), words_of(9)
    ('1,200', 'fewer than 10')
    """
    return f"{count:,}" if count >= SMALLEST else FEW


def share_told(percent: float, people: int) -> str:
    """A share of so many people in whole percents, so that it tells neither of few nor of all but
    few of them.

    Examples
    --------
    >>> share_told(30.2, 1200), share_told(0.4, 1200), share_told(99.6, 1200), share_told(100, 1200)
    ('30 %', 'under 1 %', 'over 99 %', '100 %')
    """
    edge = 100 * SMALLEST // people + 1
    if percent * people < 100 * SMALLEST:
        return f"under {edge} %"
    if 0 < round((100 - percent) * people, 6) < 100 * SMALLEST:
        return f"over {max(100 - edge, 0)} %"
    # Five people at least, where a percent is fewer.
    step = max(-(-100 * STEP // people), 1)
    return f"{min(step * round(percent / step), 100)} %"


def people(count: float) -> Fact:
    """So many people.

    Examples
    --------
    >>> print(people(1200), people(9), sep="; ")
    1,200; fewer than 10
    """
    key = "people.number" if count >= SMALLEST else "people.few"
    return fact(key, counts={"n": int(count)}, least=SMALLEST)


def part(count: float, whole: float, *, the: bool = False) -> Fact:
    """So many people of so many, so that neither they nor the rest are told when they are few.

    Parameters
    ----------
    the : the whole is named with an article.

    Examples
    --------
    >>> print(part(30, 1200), part(3, 1200), part(1194, 1200), part(2, 7), sep="; ")
    30 of 1,200; fewer than 10 of 1,200; all but fewer than 10 of 1,200; fewer than 10
    """
    if whole < SMALLEST:
        key = "few"
    elif 0 < whole - count < SMALLEST <= count:
        key = "all-but-few"
    else:
        key = "part" if count >= SMALLEST else "few-of"
    counts = {"n": int(count), "of": int(whole)}
    return fact(f"people.{key}", counts=counts, least=SMALLEST, the=the)


def share(percent: float, whole: float, had: float | None = None) -> Fact:
    """A share of so many people in whole percents, so that it tells neither of few nor of all but
    few of them.

    Parameters
    ----------
    had : how many they are; where weights make the share another one, so many as it would be.

    Examples
    --------
    >>> print(share(30.2, 1200), share(0.4, 1200), share(99.6, 1200), share(100, 1200), sep="; ")
    30 %; under 1 %; over 99 %; 100 %
    """
    counts = {"of": int(whole), "n": round(percent * whole / 100) if had is None else int(had)}
    edge = 100 * SMALLEST // int(whole) + 1
    if percent * whole < 100 * SMALLEST:
        return fact("people.share-under", counts=counts, percent=edge)
    if 0 < round((100 - percent) * whole, 6) < 100 * SMALLEST:
        return fact("people.share-over", counts=counts, percent=max(100 - edge, 0))
    return fact("people.share", counts=counts, percent=round(percent))


def share_of(who: np.ndarray) -> Fact:
    """The share of those of (n,) bool who are."""
    return share(100 * float(who.mean()), len(who), int(who.sum()))


def more(count: int) -> Fact:
    """The end of a message about one person, where so many others have the same fault."""
    return fact("people.more", more=people(count)) if count > 0 else fact("people.nothing")


def person(name: object) -> Fact:
    """One person by name."""
    return fact("people.person", person=str(name))


def of_person(name: object, what: Fact, others: Fact | None = None) -> Fact:
    """What is wrong with one person, and with how many `others`."""
    after = fact("people.nothing") if others is None else others
    return fact("people.of-person", who=person(name), more=after, what=what)


def respondent(row: int) -> Fact:
    """One respondent by the row of the table."""
    return fact("people.respondent", person=int(row))


def person_id(name: object) -> Fact:
    """One person by an identity of the table, without quotes."""
    return fact("people.person-id", person=str(name))
