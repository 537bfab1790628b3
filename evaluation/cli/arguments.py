"""What the verbs of `ceasefire` share: how one is added, and numbers it takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable

Verb = Callable[[argparse.Namespace], int]
# Makes a parser from a name, a function and a sentence.
Add = Callable[[str, Verb, str], argparse.ArgumentParser]

# Of processes, and of threads.
MOST = 512


def number_of(what: str) -> Callable[[str], int]:
    """A reader of a whole number from 1 to `MOST` of these things."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number of {what}")
        return int(text)

    return read
