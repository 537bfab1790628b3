"""Money and chances as a reader says them."""

from __future__ import annotations

from evaluation.economics.result import Perspective
from evaluation.effect import Interval

TITLES: dict[Perspective, str] = {
    "public budget": "Public budgets",
    "society": "Society as a whole",
    "victims": "Victims and their families",
}
SEEN_FROM: dict[Perspective, str] = {
    "public budget": "public budgets",
    "society": "society as a whole",
    "victims": "victims and their families",
}
_SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def money(amount: float, currency: str) -> str:
    """An amount to three digits, with a true minus sign.

    Examples
    --------
    >>> money(131_266_088, "USD"), money(-1_500.4, "USD"), money(8_999_999, "EUR"), money(0, "USD")
    ('$131 million', '−$1,500', 'EUR 9 million', '$0')
    """
    size = float(f"{abs(amount):.3g}")
    unit, name = next(((unit, name) for unit, name in _SIZES if size >= unit), (1.0, ""))
    digits = f"{size / unit:,.2f}".rstrip("0").rstrip(".")
    text = f"{digits} {name}".rstrip()
    sign = "−" if amount < 0 and size > 0 else ""
    return f"{sign}${text}" if currency == "USD" else f"{sign}{currency} {text}"


def money_range(amount: Interval, currency: str) -> str:
    """The two ends of a range.

    Examples
    --------
    >>> money_range(Interval(1, -2e6, 3e6), "USD")
    '−$2 million to $3 million'
    """
    return f"{money(amount.low, currency)} to {money(amount.high, currency)}"


def scale(largest: float) -> tuple[float, str]:
    """By what to divide amounts for an axis, and its name.

    Examples
    --------
    >>> scale(2.5e7), scale(900)
    ((1000000.0, 'million '), (1.0, ''))
    """
    unit, name = next(((unit, name) for unit, name in _SIZES if largest >= unit), (1.0, ""))
    return unit, f"{name} " if name else ""


def chance(share: float) -> str:
    """A chance by draws, never as none or all.

    Examples
    --------
    >>> chance(0.874), chance(1.0), chance(0.0)
    ('87 of 100', 'more than 99 of 100', 'fewer than 1 of 100')
    """
    if share > 0.99:
        return "more than 99 of 100"
    if share < 0.01:
        return "fewer than 1 of 100"
    return f"{100 * share:.0f} of 100"
