"""The Flesch-Kincaid grade of a text, with syllables that are counted by rules of spelling.

The grade is 0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid and others, 1975, Navy
Research Branch Report 8-75). The rules count groups of vowels; `tests/report/test_syllables.py`
says how near they come to counts by hand.
"""

from __future__ import annotations

import re

# A word that a full stop does not end: 5.5, 1,234 and "self-report" are one word each.
WORD = re.compile(r"[\w'’]+(?:[-.,/–][\w'’]+)*")
VOWELS = re.compile(r"[aeiouy]+")
# Two vowels that are said apart: "cre-ate", "sci-ence", "peri-od", "usu-al", "ge-ography".
APART = re.compile(
    r"(?<!sh)(?<!t)(?<!c)(?<!g)i[ao](?!n$|ns$|r)|ie(?=nc|nt|ty)|[^q]u[ao](?!r)|eo(?=g|l)|(?<=cr)e(?=at)|(?<=^co)o(?=p)"
    r"|(?<!^)y[aeo](?=[a-z]*[aeiou])|ea(?=l[ios])|[aeiou]ing|(?<=i)um|(?<=e)um"
)
# An e that is not said: "made", "times", "named", "hopeful", but "table", "ages", "wanted".
SILENT = re.compile(
    r"(?<=[^aeiouylr])e$|(?<=[aeiouy]l)e$|(?<=[aeiouyl]r)e$|(?<=[rl]l)e$"
    r"|(?<=[^aeioucgsxzy])(?<!sh)(?<!ch)(?<![^aeiouy]l)es$|(?<=[^aeioutdy])(?<![^aeiouyl]l)ed$"
    r"|(?<=[^aeiouyl])e(?=ful|less|ly$|ment|s?where)|(?<=[aeiouy]l)e(?=ful|less|ly$|ment)"
)


def syllables(word: str) -> int:
    """How many syllables a word has; a number is one, as are letters without a vowel.

    Examples
    --------
    >>> [syllables(one) for one in ("made", "table", "homicide", "evaluation", "2012")]
    [1, 2, 3, 5, 1]
    """
    total = 0
    for part in re.split(r"[-–/.,]", word.lower()):
        letters = re.sub(r"[^a-z]", "", part)
        if not letters:
            continue
        groups = len(VOWELS.findall(letters))
        total += max(1, groups + len(APART.findall(letters)) - len(SILENT.findall(letters)))
    return max(1, total)


def grade_level(text: str) -> float:
    """The US school grade in which the text can be read (Kincaid and others, 1975)."""
    words = WORD.findall(text)
    # Two words are a label and no sentence.
    said = [one for one in re.split(r"[.!?]+[\"”’)]*(?:\s+|$)", text) if len(WORD.findall(one)) > 2]
    sentences = max(1, len(said))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
