"""Counts of people as a sentence may tell them: never fewer than 10, nor all but so few."""

from __future__ import annotations

SMALLEST = 10
FEW = f"fewer than {SMALLEST}"


def words_of(count: int) -> str:
    """A count of people as a sentence may tell it.

    Examples
    --------
    >>> words_of(1200), words_of(9)
    ('1,200', 'fewer than 10')
    """
    return f"{count:,}" if count >= SMALLEST else FEW


def part_of(count: int, whole: int, the: str = "") -> str:
    """How many people of how many, so that neither they nor the rest are told when they are few.

    Parameters
    ----------
    the : what stands before the whole, such as "the ".

    Examples
    --------
    >>> part_of(30, 1200), part_of(3, 1200), part_of(1194, 1200), part_of(2, 7)
    ('30 of 1,200', 'fewer than 10 of 1,200', 'all but fewer than 10 of 1,200', 'fewer than 10')
    """
    if whole < SMALLEST:
        return FEW
    if 0 < whole - count < SMALLEST <= count:
        return f"all but {FEW} of {the}{whole:,}"
    return f"{words_of(count)} of {the}{whole:,}"


def share_of(percent: float, people: int) -> str:
    """A share of so many people in whole percents, so that it tells neither of few nor of all but
    few of them.

    Examples
    --------
    >>> share_of(30.2, 1200), share_of(0.4, 1200), share_of(99.6, 1200), share_of(100, 1200)
    ('30 %', 'under 1 %', 'over 99 %', '100 %')
    """
    edge = 100 * SMALLEST // people + 1
    if percent * people < 100 * SMALLEST:
        return f"under {edge} %"
    if 0 < round((100 - percent) * people, 6) < 100 * SMALLEST:
        return f"over {max(100 - edge, 0)} %"
    return f"{percent:.0f} %"


def and_more(count: int) -> str:
    """The end of a message about one person, where so many others have the same fault.

    Examples
    --------
    >>> and_more(0), and_more(3), and_more(12)
    ('', ' (and of fewer than 10 more)', ' (and of 12 more)')
    """
    return f" (and of {words_of(count)} more)" if count > 0 else ""
